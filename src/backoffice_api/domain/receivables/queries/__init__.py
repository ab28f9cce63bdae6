"""What can be asked about receivables, payouts, dunning and write-offs."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from operator import ge, le
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, literal, null, select

from backoffice_api.domain.customers.tables import customers
from backoffice_api.domain.kernel.filters import On, OnMoney
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.rows import among, fetch, many_per, one_per, select_as
from backoffice_api.domain.orders.tables import orders
from backoffice_api.domain.receivables.model.dunning import (
    DunningNotice,
    DunningStep,
    NoticesMade,
    UnknownDunningStep,
)
from backoffice_api.domain.receivables.model.payouts import (
    Payout,
    PayoutLine,
    PayoutLineSortKey,
    PayoutSortKey,
    PayoutTerms,
    UnknownPayout,
)
from backoffice_api.domain.receivables.model.receivables import (
    OpenItem,
    Receivable,
    ReceivableKind,
    ReceivableSortKey,
    ReceivableState,
    Settlement,
    UnknownReceivable,
)
from backoffice_api.domain.receivables.model.write_offs import (
    UnknownWriteOff,
    WriteOff,
    WriteOffSortKey,
    WriteOffStatus,
)
from backoffice_api.domain.receivables.tables import (
    dunning_notices,
    dunning_steps,
    payout_lines,
    payout_terms,
    payouts,
    receivables,
    settlements,
    write_offs,
)

OPEN_ITEMS_MAX = 1_000

receivables_by_ids = one_per(Receivable, receivables, receivables.c.id)
receivables_by_orders = many_per(
    Receivable, receivables, receivables.c.order_id, receivables.c.due_on, receivables.c.id
)
receivables_by_payments = many_per(
    Receivable, receivables, receivables.c.payment_id, receivables.c.position
)
receivables_by_transactions = one_per(Receivable, receivables, receivables.c.transaction_id)
settlements_by_receivables = many_per(
    Settlement,
    settlements,
    settlements.c.receivable_id,
    settlements.c.created_at,
    settlements.c.id,
)
payouts_by_ids = one_per(Payout, payouts, payouts.c.id)
payout_lines_by_ids = one_per(PayoutLine, payout_lines, payout_lines.c.id)
lines_by_payouts = many_per(
    PayoutLine, payout_lines, payout_lines.c.payout_id, payout_lines.c.position
)
lines_by_transactions = one_per(PayoutLine, payout_lines, payout_lines.c.transaction_id)
terms_by_ids = one_per(PayoutTerms, payout_terms, payout_terms.c.id)
terms_by_providers = one_per(PayoutTerms, payout_terms, payout_terms.c.provider)
steps_by_ids = one_per(DunningStep, dunning_steps, dunning_steps.c.id)
notices_by_ids = one_per(DunningNotice, dunning_notices, dunning_notices.c.id)
notices_by_receivables = many_per(
    DunningNotice, dunning_notices, dunning_notices.c.receivable_id, dunning_notices.c.step_number
)
write_offs_by_ids = one_per(WriteOff, write_offs, write_offs.c.id)
write_offs_by_receivables = many_per(
    WriteOff, write_offs, write_offs.c.receivable_id, write_offs.c.created_at, write_offs.c.id
)

receivable_list = Listing(
    Receivable,
    receivables,
    sorts={
        ReceivableSortKey.DUE_ON: receivables.c.due_on,
        ReceivableSortKey.CREATED_AT: receivables.c.created_at,
        ReceivableSortKey.UPDATED_AT: receivables.c.updated_at,
        ReceivableSortKey.OPEN: receivables.c.open_minor,
    },
    words={
        "state": On(receivables.c.state),
        "kind": On(receivables.c.kind),
        "order_id": On(receivables.c.order_id),
        "customer_id": On(receivables.c.customer_id),
        "provider": On(receivables.c.provider),
        "due_on": On(receivables.c.due_on),
        "open": OnMoney(receivables.c.open_minor, receivables.c.currency),
    },
    descending=False,
)

payout_list = Listing(
    Payout,
    payouts,
    sorts={
        PayoutSortKey.ARRIVES_ON: payouts.c.arrives_on,
        PayoutSortKey.CREATED_AT: payouts.c.created_at,
        PayoutSortKey.UPDATED_AT: payouts.c.updated_at,
        PayoutSortKey.AMOUNT: payouts.c.amount_minor,
    },
    words={
        "state": On(payouts.c.state),
        "provider": On(payouts.c.provider),
        "reference": On(payouts.c.reference),
        "arrives_on": On(payouts.c.arrives_on),
        "amount": OnMoney(payouts.c.amount_minor, payouts.c.currency),
        "differences": On(payouts.c.differences),
    },
)

payout_line_list = Listing(
    PayoutLine,
    payout_lines,
    sorts={PayoutLineSortKey.POSITION: payout_lines.c.position},
    words={
        "finding": On(payout_lines.c.finding),
        "payout_id": On(payout_lines.c.payout_id),
    },
    descending=False,
)

write_off_list = Listing(
    WriteOff,
    write_offs,
    sorts={
        WriteOffSortKey.CREATED_AT: write_offs.c.created_at,
        WriteOffSortKey.UPDATED_AT: write_offs.c.updated_at,
    },
    words={
        "status": On(write_offs.c.status),
        "receivable_id": On(write_offs.c.receivable_id),
    },
)


def receivable(db: Connection, id: UUID) -> Receivable:
    """Raises: UnknownReceivable."""
    if found := receivables_by_ids(db, [id]).get(id):
        return found
    raise UnknownReceivable(id).at("id")


def payout(db: Connection, id: UUID) -> Payout:
    """Raises: UnknownPayout."""
    if found := payouts_by_ids(db, [id]).get(id):
        return found
    raise UnknownPayout(id).at("id")


def payout_at(db: Connection, provider: str, reference: str) -> Payout | None:
    """The payout that the provider calls so."""
    statement = select_as(Payout, payouts).where(
        payouts.c.provider == provider, payouts.c.reference == reference
    )
    return next(iter(fetch(db, Payout, statement)), None)


def write_off(db: Connection, id: UUID) -> WriteOff:
    """Raises: UnknownWriteOff."""
    if found := write_offs_by_ids(db, [id]).get(id):
        return found
    raise UnknownWriteOff(id).at("id")


def pending_write_off(db: Connection, receivable_id: UUID) -> WriteOff | None:
    """The write-off of a receivable that waits for approval."""
    statement = select_as(WriteOff, write_offs).where(
        write_offs.c.receivable_id == receivable_id,
        write_offs.c.status == WriteOffStatus.PENDING_APPROVAL,
    )
    return next(iter(fetch(db, WriteOff, statement)), None)


def all_terms(db: Connection) -> Sequence[PayoutTerms]:
    """What was agreed with each provider, by its name."""
    statement = select_as(PayoutTerms, payout_terms).order_by(payout_terms.c.provider)
    return fetch(db, PayoutTerms, statement)


def all_steps(db: Connection) -> Sequence[DunningStep]:
    """The steps of dunning that there are, in order."""
    statement = select_as(DunningStep, dunning_steps).where(dunning_steps.c.is_active)
    return fetch(db, DunningStep, statement.order_by(dunning_steps.c.number))


def dunning_step(db: Connection, id: UUID) -> DunningStep:
    """Raises: UnknownDunningStep."""
    found = steps_by_ids(db, [id]).get(id)
    if found is not None and found.is_active:
        return found
    raise UnknownDunningStep(id).at("id")


def notices_by_made(
    db: Connection, keys: Iterable[NoticesMade]
) -> Mapping[NoticesMade, Sequence[DunningNotice]]:
    """The notices that runs made."""
    wanted = tuple(keys)
    found = notices_by_ids(db, {id for each in wanted for id in each.notice_ids})
    return {each: [found[id] for id in each.notice_ids] for each in wanted}


def open_items(
    db: Connection,
    currency: str,
    amount_from: int | None = None,
    amount_to: int | None = None,
    *,
    due_from: date | None = None,
    due_to: date | None = None,
    ids: Iterable[UUID] | None = None,
    limit: int = OPEN_ITEMS_MAX,
) -> Sequence[OpenItem]:
    """What is open between two amounts in minor units, both included; the earliest due first.

    What was written off is among it, with nothing open. An amount that is None is no bound. `ids`:
    only these. At most `limit` receivables, as many written off and as many payouts, with one
    statement each. What a provider pays out is found by its payout alone.
    """
    given = None if ids is None else tuple(ids)
    owed = _owed(currency)
    is_open = receivables.c.open_minor > 0
    is_lost = receivables.c.state == ReceivableState.WRITTEN_OFF
    found: list[OpenItem] = []
    for prefix, statement, table, day in (
        ("rcv", owed.where(is_open), receivables, receivables.c.due_on),
        ("rcv", owed.where(is_lost), receivables, receivables.c.due_on),
        ("pyo", _paid_out(currency), payouts, payouts.c.arrives_on),
    ):
        bounds: Sequence[tuple[Any, Any, ColumnElement[Any]]] = (
            (given, among, table.c.id),
            (amount_from, ge, table.c.open_minor),
            (amount_to, le, table.c.open_minor),
            (due_from, ge, day),
            (due_to, le, day),
        )
        for value, compare, column in bounds:
            if value is not None:
                statement = statement.where(compare(column, value))
        statement = statement.limit(limit)
        found += [
            OpenItem(
                id, prefix, str(kind), Money(left, currency), due, party_id, party or "", name, lost
            )
            for id, kind, left, due, party_id, party, name, lost in db.execute(statement)
        ]
    return sorted(found, key=lambda each: (each.due_on, each.id))


def _owed(currency: str) -> Select[Any]:
    of = receivables.c
    return (
        select(
            *(of.id, of.kind, of.open_minor, of.due_on, of.customer_id),
            *(customers.c.name, orders.c.number, of.written_off_minor - of.recovered_minor),
        )
        .join_from(receivables, orders, orders.c.id == of.order_id)
        .outerjoin(customers, customers.c.id == of.customer_id)
        .where(of.currency == currency, of.kind != ReceivableKind.PAYOUT)
        .order_by(of.due_on, of.id)
    )


def _paid_out(currency: str) -> Select[Any]:
    of = payouts.c
    return (
        select(
            *(of.id, literal("payout"), of.open_minor, of.arrives_on, null()),
            *(of.provider, of.reference, literal(0)),
        )
        .where(of.currency == currency, of.open_minor != 0)
        .order_by(of.arrives_on, of.id)
    )
