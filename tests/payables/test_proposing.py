"""What a payment run proposes: sums hold whatever is owed. Pure functions."""

from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice_api.domain.payables.model.bills import BillKind, BillStatus, Instalment
from backoffice_api.domain.payables.model.proposing import Candidate, LeftOutReason, Wish, propose
from backoffice_api.domain.payables.model.runs import RunMethod

DAY = date(2025, 3, 1)
WISH = Wish(
    method=RunMethod.MANUAL,
    currency="EUR",
    pay_on=DAY,
    due_until=DAY + timedelta(days=30),
    cash_limit_minor=None,
    take_discounts=True,
    names_bills=False,
)


@st.composite
def candidates(draw: st.DrawFn) -> Candidate:
    """A bill with up to three instalments, of which some is settled."""
    id = UUID(int=draw(st.integers(1, 2**64)))
    amounts = draw(st.lists(st.integers(1, 10_000), min_size=1, max_size=3))
    parts = []
    for position, amount in enumerate(amounts):
        saves = draw(st.booleans()) and amount > 1
        parts.append(
            Instalment(
                bill_id=id,
                position=position,
                due_on=DAY + timedelta(days=draw(st.integers(-60, 60))),
                currency="EUR",
                amount_minor=amount,
                discount_minor=amount // 2 if saves else 0,
                discount_until=DAY + timedelta(days=draw(st.integers(-5, 5))) if saves else None,
            )
        )
    settled = draw(st.integers(0, sum(amounts)))
    bill: Any = SimpleNamespace(
        id=id,
        kind=BillKind.BILL,
        status=draw(st.sampled_from(BillStatus)),
        currency="EUR",
        due_on=parts[0].due_on,
        settled_minor=settled,
        open_minor=sum(amounts) - settled,
    )
    return Candidate(bill, parts, (), draw(st.booleans()))


@settings(max_examples=25)
@given(
    st.lists(candidates(), max_size=6, unique_by=lambda each: each.bill.id),
    st.none() | st.integers(1, 20_000),
    st.booleans(),
)
def test_sums_hold(owed: list[Candidate], limit: int | None, takes: bool) -> None:
    wish = replace(WISH, cash_limit_minor=limit, take_discounts=takes)

    found = propose(wish, owed)

    assert len(found.lines) + len(found.left_out) == len(owed)
    by_id = {each.bill.id: each for each in owed}
    for line in found.lines:
        share, candidate = line.share, by_id[line.bill.id]
        assert share.amount_minor > 0
        assert 0 <= share.amount_minor + share.discount_minor <= line.bill.open_minor
        assert line.bill.status in (BillStatus.APPROVED, BillStatus.PARTIALLY_PAID)
        assert not candidate.has_pending_change
    if limit is not None:
        assert sum(line.share.amount_minor for line in found.lines) <= limit
    else:
        assert LeftOutReason.CASH_LIMIT not in {each.reason for each in found.left_out}
