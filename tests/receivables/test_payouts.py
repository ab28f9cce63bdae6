"""Payouts: checked, compared, posted. On both databases."""

from datetime import timedelta

import pytest

from backoffice_api.domain.kernel.errors import DomainError, SeveralFaults
from backoffice_api.domain.payments.commands.disputing import (
    AcceptDispute,
    CreateDispute,
    accept_dispute,
    create_dispute,
)
from backoffice_api.domain.receivables import queries
from backoffice_api.domain.receivables.commands.payouts import (
    MatchPayout,
    SetPayoutTerms,
    match_payout,
    set_payout_terms,
)
from backoffice_api.domain.receivables.model.payouts import PayoutLineKind as Kind
from backoffice_api.domain.receivables.model.payouts import PayoutNotBalanced
from tests.databases import count_statements
from tests.payments.till import euros
from tests.receivables.debts import NOW, TODAY, line


def terms(debts, **values):
    given = {"provider": "fake", "delay_days": 3, "fee_bp": 150, "fee_fixed": euros(25), **values}
    debts.world.run(set_payout_terms, SetPayoutTerms(**given))


def findings(debts, payout):
    found = debts.world.read(queries.lines_by_payouts, [payout])[payout]
    return [(each.finding.value, each.expected_minor, each.expected_fee_minor) for each in found]


class TestImportPayout:
    def test_settles_what_a_provider_has_captured(self, debts):
        terms(debts)
        order, _ = debts.captured()
        (one,) = debts.of(order)
        assert (one.kind.value, one.due_on) == ("payout", TODAY + timedelta(days=3))

        charge = line(Kind.CHARGE, "pi_1", 10_000, 175)
        payout = debts.pay_out(charge, line(Kind.FEE, "", 0, 300))

        found = debts.world.read(queries.payout, payout)
        assert (found.amount_minor, found.fee_minor, found.differences) == (9_525, 475, 0)
        assert findings(debts, payout) == [("matched", 10_000, 175), ("not_compared", None, None)]
        assert debts.sums(order) == [("settled", 10_000, 0)]
        assert debts.posted("payout:") == [("provider_fees", "payments_in_transit", 475)]
        items = debts.world.read(queries.open_items, "EUR", 9_525, 9_525)
        assert [(each.prefix, each.id, each.party) for each in items] == [("pyo", payout, "fake")]
        # The same again is the same.
        assert debts.pay_out(charge, line(Kind.FEE, "", 0, 300)) == payout
        assert debts.broken() == []

    def test_names_what_differs(self, debts):
        terms(debts)
        first, _ = debts.captured(key="pi_1")
        debts.captured(5, key="pi_2")
        payout = debts.pay_out(
            line(Kind.CHARGE, "pi_1", 9_000, 160),
            line(Kind.CHARGE, "pi_2", 5_000, 200),
            line(Kind.CHARGE, "pi_1", 1_000, 40),
            line(Kind.CHARGE, "pi_3", 700, 36),
            line(Kind.ADJUSTMENT, "", 50),
        )
        assert findings(debts, payout) == [
            ("wrong_amount", 10_000, 160),
            ("wrong_fee", 5_000, 100),
            ("paid_before", None, None),
            ("unknown", None, None),
            ("not_compared", None, None),
        ]
        assert debts.sums(first) == [("partially_settled", 9_000, 1_000)]
        late, _ = debts.captured(7, key="pi_3")  # what was told late
        # 436 of fees, of which the provider gave 50 back
        assert debts.posted("payout:") == [("provider_fees", "payments_in_transit", 386)]

        # 7.00 of 70.00 are known by now.
        assert debts.world.run(match_payout, MatchPayout(id=payout)).value == payout

        assert debts.sums(late) == [("partially_settled", 700, 6_300)]
        assert debts.world.read(queries.payout, payout).differences == 4
        assert debts.sweep(NOW + timedelta(days=4)) == 3  # missing: two charges; and the payout
        assert debts.broken() == []

    def test_compares_what_went_back(self, debts):
        _, payment = debts.captured()
        dispute = debts.world.run(
            create_dispute, CreateDispute(payment_id=payment, amount=euros(2_000))
        ).value
        debts.world.run(accept_dispute, AcceptDispute(id=dispute))
        back = line(Kind.CHARGEBACK, "pi_1", -2_000, 1_500)
        payout = debts.pay_out(back)
        assert findings(debts, payout) == [("matched", -2_000, None)]
        # The provider takes money: the bank shows it going.
        debts.book("settle_payout", payout, -3_500)
        assert debts.world.read(queries.payout, payout).state.value == "settled"
        debts.book("unsettle_payout", payout, -3_500)
        assert debts.world.read(queries.payout, payout).open_minor == -3_500
        assert debts.broken() == []

    def test_is_refused_unless_it_balances(self, debts):
        charge = line(Kind.CHARGE, "pi_1", 10_000, 175)
        with pytest.raises(PayoutNotBalanced) as refusal:
            debts.pay_out(charge, amount=9_800)
        found = refusal.value
        assert [each.minor for each in (found.stated, found.lines, found.difference)] == [
            9_800,
            9_825,
            -25,
        ]
        with pytest.raises(SeveralFaults) as refusals:
            debts.pay_out(line(Kind.CHARGE, "pi_1", -100), provider=" ")
        codes = [each.code for each in refusals.value.reasons()]
        assert codes == ["INVALID_TEXT", "WRONG_SIGN"]
        assert debts.world.read(queries.payout_at, "fake", "po_1") is None

    def test_takes_a_constant_number_of_statements(self, debts):
        terms(debts)
        for number in range(6):
            debts.captured(1, key=f"pi_{number}")
        debts.pay_out(line(Kind.FEE, "", 0, 1))  # makes the accounts
        counts = []
        for keys in (("pi_0",), ("pi_1", "pi_2", "pi_3", "pi_4", "pi_5")):
            lines = [line(Kind.CHARGE, key, 1_000, 40) for key in keys]
            with count_statements(debts.world.database) as seen:
                debts.pay_out(*lines, reference=keys[0])
            # SQLite takes many rows one by one; what is asked is asked once.
            counts.append(len([each for each in seen if each.startswith("SELECT")]))
        assert counts[0] == counts[1]

    @pytest.mark.parametrize(
        "row",
        [
            "fee,x,NaN,0,0",
            "fee,x,1e999999,0,0",
            "fee," + "x" * 200_000 + ",1,0,1",
            'fee,"x\r"y,1,0',
        ],
    )
    def test_tells_what_is_wrong_with_a_file(self, debts, row):
        with pytest.raises(DomainError) as refusal:
            debts.pay_out(amount=0, csv=f"kind,reference,gross,fee,net\n{row}\n")
        assert refusal.value.path[-1] == "csv"

    def test_takes_a_file_with_line_ends_of_any_kind(self, debts):
        text = "kind,reference,gross,fee,net\rfee,x,-1.00,0,-1.00\r"
        payout = debts.pay_out(amount=-100, csv=text)
        assert findings(debts, payout) == [("not_compared", None, None)]
