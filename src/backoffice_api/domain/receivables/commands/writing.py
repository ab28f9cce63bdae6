"""How receivables are written, by whichever command.

The order is locked first, always, as payments do: so what was read stays right.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from backoffice_api.domain.kernel.aggregates import add, save_all
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.ledger.commands.posting import post
from backoffice_api.domain.ledger.model.accounts import AccountRole
from backoffice_api.domain.ledger.model.entries import EntryDraft, PostingDraft
from backoffice_api.domain.orders import queries as on_orders
from backoffice_api.domain.orders.commands.settling import note_written_off
from backoffice_api.domain.orders.model.orders import Order
from backoffice_api.domain.receivables import queries
from backoffice_api.domain.receivables.model.events import (
    ReceivableSettled,
    ReceivableUnsettled,
)
from backoffice_api.domain.receivables.model.receivables import (
    Receivable,
    Settlement,
    SettlementSource,
    with_sums,
)
from backoffice_api.domain.receivables.tables import receivables, settlements


@dataclass(frozen=True, slots=True)
class Came:
    """So much came of a receivable. Below zero: it had not come after all."""

    receivable: Receivable
    amount_minor: int
    source: SettlementSource
    booked_on: date


def locked(uow: UnitOfWork, id: UUID) -> tuple[Order, Receivable]:
    """A receivable and its order, which nobody else can change until the transaction ends.

    Raises:
        UnknownReceivable: there is none.
    """
    order_id = queries.receivable(uow.db, id).order_id
    order = on_orders.locked_order(uow.db, order_id)
    return order, queries.receivable(uow.db, id)


def settle(uow: UnitOfWork, came: Sequence[Came]) -> Mapping[UUID, Receivable]:
    """Write what came of receivables, each named once. Those, as they are now.

    What recovers a write-off takes it back in the books.
    """
    today = uow.now.date()
    changes = [
        (
            each.receivable,
            with_sums(each.receivable, today, settled=each.amount_minor, booked_on=each.booked_on),
        )
        for each in came
    ]
    saved = save_all(uow, receivables, changes)
    rows = [
        Settlement(
            uow.new_id(),
            uow.now,
            each.receivable.id,
            each.source,
            each.booked_on,
            each.receivable.currency,
            each.amount_minor,
        )
        for each in came
    ]
    add(uow, settlements, rows)
    drafts = []
    for (before, _), after, row in zip(changes, saved, rows, strict=True):
        _tell(uow, before, after, row)
        if recovered := after.recovered_minor - before.recovered_minor:
            drafts.append(_recovery(row, after, recovered))
    if drafts:
        post(uow, *drafts)
        tell_lost(uow, {each.order_id for each in saved})
    return {each.id: each for each in saved}


def tell_lost(uow: UnitOfWork, order_ids: Collection[UUID]) -> None:
    """Tell orders how much of what they owe is written off, and has not come since."""
    found = queries.receivables_by_orders(uow.db, order_ids)
    for id in sorted(order_ids):
        of = found.get(id, ())
        note_written_off(uow, id, sum(each.lost_minor for each in of))


def _tell(uow: UnitOfWork, before: Receivable, after: Receivable, row: Settlement) -> None:
    kind = ReceivableSettled if row.amount_minor > 0 else ReceivableUnsettled
    amount = str(abs(row.amount))
    event = kind(after.id, after.version, after.order_id, amount, str(after.open))
    uow.emit(event, before=before, after=after)


def _recovery(row: Settlement, after: Receivable, recovered_minor: int) -> EntryDraft:
    """What was written off is owed again, so that it can be paid; or the other way round."""
    debit, credit = AccountRole.RECEIVABLES, AccountRole.WRITE_OFFS
    if recovered_minor < 0:
        debit, credit = credit, debit
    amount = after.money(abs(recovered_minor))
    return EntryDraft(
        source=f"recovery:{row.id.hex}",
        booked_on=row.booked_on,
        description="Paid after it was written off",
        postings=[PostingDraft(debit=debit, credit=credit, amount=amount)],
        subject=("rcv", after.id),
    )
