"""Cash flow forecasts: exact figures, each document once. On both databases."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from backoffice_api.domain.banking.commands.recurring import (
    CreateRecurringItem,
    create_recurring_item,
)
from backoffice_api.domain.banking.model.forecast import (
    Flow,
    FlowKind,
    ForecastRange,
    ForecastStep,
    LatenessKind,
    Scenario,
    forecast,
    latenesses,
    parts,
    quantile,
    under,
)
from backoffice_api.domain.banking.model.recurring import (
    RecurrenceUnit,
    RecurringItem,
    RecurringKind,
    occurrences,
)
from backoffice_api.domain.banking.queries.forecast import cash_flow
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.payables.commands.paying import RecordBillPayment, record_bill_payment
from backoffice_api.domain.payables.model.settlements import BillPaymentMethod
from backoffice_api.domain.payments.commands.disputing import (
    AcceptDispute,
    CreateDispute,
    accept_dispute,
    create_dispute,
)
from backoffice_api.domain.receivables.commands.payouts import SetPayoutTerms, set_payout_terms
from backoffice_api.domain.receivables.model.payouts import PayoutLineKind
from tests.banking.desk import Desk, statement
from tests.banking.desk import line as booked
from tests.databases import count_statements
from tests.payables.paying import PayDesk
from tests.receivables.debts import TODAY, Debts, line
from tests.world import NOW, World, caller

START = date(2025, 3, 3)  # a Monday
DOCS = Path(__file__).parent.parent.parent / "docs" / "cash-flow.md"


def euros(minor: int) -> Money:
    return Money(minor, "EUR")


def flow(days: int, minor: int, kind: FlowKind = FlowKind.RECEIVABLE, **values: Any) -> Flow:
    return Flow(kind, START + timedelta(days=days), euros(minor), "", **values)


def item(**values: Any) -> RecurringItem:
    given: dict[str, Any] = {
        "name": "Rent",
        "kind": RecurringKind.RENT,
        "currency": "EUR",
        "amount_minor": -50_000,
        "starts_on": date(2025, 1, 31),
        "ends_on": None,
        "unit": RecurrenceUnit.MONTH,
        "interval": 1,
        "supplier_id": None,
        "is_active": True,
        **values,
    }
    return RecurringItem(UUID(int=1), 1, NOW, NOW, **given)


class TestModel:
    def test_parts_end_on_sundays(self):
        weeks = parts(date(2025, 3, 5), date(2025, 3, 18), ForecastStep.WEEK)
        assert weeks == [
            (date(2025, 3, 5), date(2025, 3, 9)),
            (date(2025, 3, 10), date(2025, 3, 16)),
            (date(2025, 3, 17), date(2025, 3, 18)),
        ]
        assert len(parts(START, START + timedelta(days=119), ForecastStep.DAY)) == 120
        for days in (-1, 120, 400):
            with pytest.raises(ForecastRange):
                parts(START, START + timedelta(days=days), ForecastStep.DAY)

    def test_recurs_on_the_last_day_of_short_months(self):
        found = occurrences(item(), date(2025, 2, 1), date(2025, 4, 30))
        assert found == [date(2025, 2, 28), date(2025, 3, 31), date(2025, 4, 30)]
        ending = item(ends_on=date(2025, 3, 30), interval=2, starts_on=date(2024, 11, 15))
        assert occurrences(ending, date(2025, 1, 1), date(2025, 12, 31)) == [
            date(2025, 1, 15),
            date(2025, 3, 15),
        ]
        weekly = item(unit=RecurrenceUnit.WEEK, interval=2, starts_on=START)
        assert occurrences(weekly, date(2025, 3, 10), date(2025, 4, 1)) == [
            date(2025, 3, 17),
            date(2025, 3, 31),
        ]

    def test_learns_of_eight_payments_or_more(self):
        own = [9, 0, 1, 2, 3, 4, 5, 6]
        found = latenesses({LatenessKind.TERMS: own, LatenessKind.PIX: [1] * 7})
        terms, pix, bill = (
            found[each] for each in (LatenessKind.TERMS, LatenessKind.PIX, LatenessKind.BILL)
        )
        assert (terms.sample, terms.p10_days, terms.p50_days, terms.p90_days) == (8, 0, 3, 9)
        # 15 in all: 0, eight times 1, 2, 3, 4, 5, 6, 9
        assert (pix.is_borrowed, pix.p10_days, pix.p50_days, pix.p90_days) == (True, 1, 1, 6)
        assert (bill.is_borrowed, bill.p90_days) == (True, 0)
        assert [quantile([1, 2, 3, 4], percent) for percent in (1, 25, 26, 100)] == [1, 1, 2, 4]

    def test_takes_what_comes_late_and_what_goes_early(self):
        known = latenesses({LatenessKind.TERMS: range(10), LatenessKind.BILL: [-3, *range(-1, 9)]})
        flows = [
            flow(0, 1_000, lateness=LatenessKind.TERMS),
            flow(2, -400, FlowKind.BILL, lateness=LatenessKind.BILL),
            flow(-9, 50),  # late already: it comes at once
            flow(9, 9_999),  # behind the end
        ]
        of = parts(START, START + timedelta(days=5), ForecastStep.DAY)
        found = forecast(euros(100), flows, of, known)
        closing = [each.closing.minor for each in found.buckets]
        assert closing == [1_150, 1_150, 750, 750, 750, 750]
        # Half of them come within 4 days, and are paid within 3.
        assert [each.p50.minor for each in found.buckets] == [150, 150, 150, 150, 1_150, 750]
        # Nine of ten come within 8 days; one of ten is paid a day before.
        assert [each.p90.minor for each in found.buckets] == [150, -250, -250, -250, -250, -250]
        assert [len(each.flows) for each in found.buckets] == [2, 0, 1, 0, 0, 0]

    def test_asks_what_if(self):
        what_if = Scenario(3, 9_050, ((START, euros(-70), "Machine"),))
        found = under(what_if, [flow(0, 999), flow(1, -10, FlowKind.BILL)])
        assert [(each.kind.value, (each.on - START).days, each.amount.minor) for each in found] == [
            ("receivable", 3, 904),
            ("bill", 1, -10),
            ("extra", 0, -70),
        ]


class Shop(Debts):
    """With a bank account that has 100.00 on it, and 20.00 more that came."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.bank = Desk(world)
        self.bank.account(10_000)
        self.bank.take(statement(booked(0, 2_000)))

    def forecast(self, days: int, **values: Any) -> Any:
        with self.world.database.reading.connect() as db:
            last = TODAY + timedelta(days=days)
            return cash_flow(db, "EUR", TODAY, last, ForecastStep.WEEK, **values)


def moves(found: Any) -> list[tuple[str, int, int]]:
    """Kind, days from now and amount of all flows."""
    return [
        (each.kind.value, (each.on - TODAY).days, each.amount.minor)
        for bucket in found.buckets
        for each in bucket.flows
    ]


class TestIncoming:
    def test_counts_each_document_once(self, world):
        shop = Shop(world)
        terms = SetPayoutTerms(provider="fake", delay_days=3, fee_bp=150, fee_fixed=euros(25))
        world.run(set_payout_terms, terms)
        _, payment = shop.on_terms(days=(10, 20))
        shop.captured(key="pi_1")
        _, disputed = shop.captured(5, key="pi_2")
        dispute = CreateDispute(payment_id=disputed, amount=euros(2_000))
        id = world.run(create_dispute, dispute).value
        world.run(accept_dispute, AcceptDispute(id=id))
        before = shop.forecast(30)
        assert moves(before) == [
            ("capture", 3, 9_825),
            ("capture", 3, 4_900),
            ("deduction", 3, -2_000),
            ("receivable", 10, 5_000),
            ("receivable", 20, 5_000),
        ]
        assert before.opening == euros(12_000)
        assert before.buckets[-1].closing.minor == 12_000 + 12_725 + 10_000

        payout = shop.pay_out(
            line(PayoutLineKind.CHARGE, "pi_1", 10_000, 175),
            line(PayoutLineKind.CHARGEBACK, "pi_2", -2_000, 0),
            arrives_on=TODAY + timedelta(days=5),
        )

        assert moves(shop.forecast(30)) == [
            ("capture", 3, 4_900),
            ("payout", 5, 7_825),
            ("receivable", 10, 5_000),
            ("receivable", 20, 5_000),
        ]
        shop.book("settle_payout", payout, 7_825)
        shop.record(payment, 5_000)
        after = shop.forecast(30, scenario=Scenario(delay_days=4, collected_bp=5_000))
        assert moves(after) == [("capture", 3, 4_900), ("receivable", 24, 2_500)]

    def test_learns_how_late_customers_pay(self, world):
        shop = Shop(world)
        order, _ = shop.on_terms(16, days=range(1, 17))
        for number, each in enumerate(shop.of(order)[:10]):
            late = each.due_on + timedelta(days=number)
            shop.book("settle_receivable", each.id, 1_000, booked_on=late)
        with shop.world.database.reading.connect() as db:
            found = cash_flow(
                db,
                "EUR",
                TODAY + timedelta(days=20),
                TODAY + timedelta(days=40),
                ForecastStep.DAY,
            )
        known = {each.kind: each for each in found.lateness}[LatenessKind.TERMS]
        assert (known.sample, known.p10_days, known.p50_days, known.p90_days) == (10, 0, 4, 8)
        # Due on days 11 to 16: all of them at once, half of them late by 4, or by 8 days.
        opening = found.opening.minor
        rises = [(each.closing.minor - opening) // 1_000 for each in found.buckets[:6]]
        assert rises == [6, 6, 6, 6, 6, 6]
        assert [(each.p90.minor - opening) // 1_000 for each in found.buckets[:6]] == [
            *(2, 3, 4, 5, 6, 6)
        ]

    def test_takes_a_constant_number_of_statements(self, world):
        shop = Shop(world)
        counts = []
        for number in (1, 3):
            for each in range(number):
                shop.on_terms(1)
                shop.captured(1, key=f"pi_{number}_{each}")
            with count_statements(world.database) as seen:
                shop.forecast(60)
            counts.append(len(seen))
        assert counts[0] == counts[1]


class TestOutgoing:
    def test_counts_each_document_once(self, world):
        desk = PayDesk(world)
        desk.payee()
        bank = desk.house_bank()

        def found() -> Any:
            with world.database.reading.connect() as db:
                return cash_flow(db, "EUR", TODAY, TODAY + timedelta(days=120), ForecastStep.WEEK)

        # 12 pieces at 1.25 are ordered, and not billed.
        (ordered,) = moves(found())
        assert (ordered[0], ordered[2]) == ("purchase_order", -1_500)
        desk.approved(desk.goods(8), due_on=date(2025, 3, 20))
        assert sorted(moves(found())) == [
            ("bill", 19, -1_000),
            (*ordered[:2], -500),
        ]
        rent = CreateRecurringItem(
            name="Rent",
            kind=RecurringKind.RENT,
            amount=euros(-8_000),
            starts_on=date(2025, 1, 15),
            supplier_id=desk.supplier,
        )
        world.run(create_recurring_item, rent)
        # The bill of 20 March is the one for the 15th.
        days = [each[1] for each in moves(found()) if each[0] == "recurring"]
        assert days == [45, 75, 106]

        desk.exported(bank)

        kinds = [each[::2] for each in moves(found()) if each[0] != "recurring"]
        assert ("payment_run", -1_000) in kinds
        assert not [each for each in kinds if each[0] == "bill"]

    def test_leaves_out_what_was_paid_in_cash(self, world):
        desk = PayDesk(world)
        for method in (BillPaymentMethod.CASH, BillPaymentMethod.CARD):
            command = RecordBillPayment(id=desk.owed("10.00"), method=method)
            world.run(record_bill_payment, command)

        with world.database.reading.connect() as db:
            found = cash_flow(db, "EUR", TODAY, TODAY + timedelta(days=9), ForecastStep.WEEK)

        assert [each[::2] for each in moves(found)] == [("payment", -1_000)]


FORECAST = """
query ($to: Date!, $from: Date, $scenario: ID) {
  cashFlowForecast(currency: "EUR", from: $from, to: $to, by: WEEK, scenarioId: $scenario) {
    opening { amount }
    buckets { startsOn endsOn incoming { amount } outgoing { amount } closing { amount }
      p50 { amount } p90 { amount }
      flows { kind on amount { amount } label subjectId subject { id } } }
    lateness { kind sample isBorrowed p50Days }
  }
}
"""
KEEP = """
mutation {
  recurringItemCreate(input: {
    name: "Wages", kind: PAYROLL, startsOn: "2025-03-25"
    amount: {amount: "-50.00", currency: "EUR"}
  }) { item { id } userErrors { code } }
  forecastScenarioSet(input: {
    name: "Crisis", delayDays: 7, collectedBp: 8000
    extras: [{on: "2025-03-04", label: "Fine", amount: {amount: "-10.00", currency: "EUR"}}]
  }) { scenario { id extraItems { on label } } userErrors { code } }
}
"""
CHANGE = """
mutation ($item: ID!, $scenario: ID!) {
  a: recurringItemUpdate(id: $item, input: {endsOn: "2024-01-01"}) { userErrors { code path } }
  b: recurringItemUpdate(id: $item, input: {name: "Pay"}) { item { name amount { amount } } }
  c: recurringItemRemove(id: $item) { item { isActive } }
  d: recurringItemRemove(id: $item) { userErrors { code } }
  e: forecastScenarioRemove(id: $scenario) { scenario { isActive } }
}
"""


class TestGraphQL:
    async def test_goes_the_whole_path(self, world):
        shop = Shop(world)
        order, _ = shop.on_terms(days=(2,))
        (one,) = shop.of(order)
        made = await world.graphql(KEEP)
        scenario = made["forecastScenarioSet"]["scenario"]["id"]
        span = {"from": "2025-03-01", "to": "2025-03-31"}

        plain = (await world.graphql(FORECAST, **span))["cashFlowForecast"]
        assert plain["opening"] == {"amount": "120.00"}
        assert [each["closing"]["amount"] for each in plain["buckets"]] == [
            *("120.00", "220.00", "220.00", "220.00", "170.00", "170.00")
        ]
        assert plain["buckets"][1]["flows"] == [
            {
                "kind": "RECEIVABLE",
                "on": "2025-03-03",
                "amount": {"amount": "100.00"},
                "label": "Order W-1",
                "subjectId": ids.text("rcv", one.id),
                "subject": {"id": ids.text("rcv", one.id)},
            }
        ]
        what_if = await world.graphql(FORECAST, **span, scenario=scenario)
        assert [each["closing"]["amount"] for each in what_if["cashFlowForecast"]["buckets"]] == [
            *("120.00", "110.00", "190.00", "190.00", "140.00", "140.00")
        ]

        item = made["recurringItemCreate"]["item"]["id"]
        changed = await world.graphql(CHANGE, item=item, scenario=scenario)
        assert changed["a"]["userErrors"] == [
            {"code": "LAST_DAY_BEFORE_FIRST", "path": ["input", "endsOn"]}
        ]
        assert changed["b"]["item"] == {"name": "Pay", "amount": {"amount": "-50.00"}}
        assert changed["d"]["userErrors"] == [{"code": "UNKNOWN_RECURRING_ITEM"}]
        lists = await world.graphql("{ recurringItems { id } forecastScenarios { id } }")
        assert lists == {"recurringItems": [], "forecastScenarios": []}

    async def test_needs_its_scope_and_a_range(self, world):
        who = caller(*(ALL_SCOPES - {Scope.BANKING_READ}))
        given = {"from": "2025-03-01", "to": "2025-03-31"}
        answer = await world.ask(FORECAST, caller=who, **given)
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        back = await world.ask(FORECAST, **{**given, "to": "2025-02-01"})
        assert back["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


class TestDocs:
    @pytest.mark.parametrize(
        "document",
        re.findall(r"^```graphql\n(.*?)^```$", DOCS.read_text(), re.DOTALL | re.MULTILINE),
    )
    async def test_can_be_asked(self, world, document):
        data = await world.graphql(document)
        for answer in data.values():
            assert answer is not None
            if isinstance(answer, dict):
                assert answer.get("userErrors", []) == []
