"""Documents of purchasing in the books: receipts, their charges, and returns to suppliers."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from backoffice_api.domain.bookkeeping import queries
from backoffice_api.domain.bookkeeping.commands.happened import Happened
from backoffice_api.domain.bookkeeping.commands.journal import Cause, Journal, parted
from backoffice_api.domain.bookkeeping.model import goods
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.purchasing.queries import (
    lines_by_receipts,
    receipts_by_ids,
    returns_by_ids,
)
from backoffice_api.domain.stock.model.costs import CostKind, ValueChanged


def keep_purchases(
    uow: UnitOfWork, journal: Journal, found: Happened, values: Sequence[ValueChanged]
) -> Sequence[ValueChanged]:
    """Post what came from suppliers and went back. The changes of value that are left."""
    left = _keep_receipts(uow, journal, found, values)
    return _keep_returns(uow, journal, found, left)


def _keep_receipts(
    uow: UnitOfWork, journal: Journal, found: Happened, values: Sequence[ValueChanged]
) -> Sequence[ValueChanged]:
    ids = {*found.receipts, *(each.id for each in found.charges)}
    if not ids:
        return values
    receipts, lines = receipts_by_ids(uow.db, ids), lines_by_receipts(uow.db, ids)
    variant_ids = {line.variant_id for of in lines.values() for line in of}
    products = queries.products_of(uow.db, variant_ids)

    def bought(id: UUID) -> Sequence[goods.Bought]:
        supplier_id = receipts[id].supplier_id
        return goods.merged(
            goods.Bought(
                line.variant_id,
                line.value,
                line.charges,
                replace(products[line.variant_id], supplier_id=supplier_id),
            )
            for line in lines[id]
        )

    for id in found.receipts:
        came, values = _parted(values, id, CostKind.ENTRY)
        cause = Cause(
            f"receipt:{id.hex}", f"Goods were received: {receipts[id].number}.", ("rcp", id)
        )
        journal.add(cause, goods.received(bought(id), came))
    for event in found.charges:
        cause = Cause(
            f"receipt_charges:{event.id.hex}:{event.version}",
            f"Charges of receipt {event.number} were set.",
            ("rcp", event.id),
        )
        posted = queries.charges_posted(uow.db, event.id)
        raised, values = _parted(values, event.id, CostKind.REVALUATION)
        journal.add(cause, goods.charged_later(bought(event.id), posted, raised))
    return values


def _keep_returns(
    uow: UnitOfWork, journal: Journal, found: Happened, values: Sequence[ValueChanged]
) -> Sequence[ValueChanged]:
    if not found.returns:
        return values
    returns = returns_by_ids(uow.db, found.returns)
    amounts = queries.returned_to_suppliers(uow.db, found.returns)
    products = queries.products_of(uow.db, {id for of in amounts.values() for id in of})
    for id in found.returns:
        went, values = _parted(values, id, CostKind.EXIT)
        supplier_id = returns[id].supplier_id
        lines = [
            goods.Bought(
                variant_id,
                amount,
                Money.zero(amount.currency),
                replace(products[variant_id], supplier_id=supplier_id),
            )
            for variant_id, amount in amounts[id].items()
        ]
        cause = Cause(
            f"supplier_return:{id.hex}", f"Goods went back: {returns[id].number}.", ("prt", id)
        )
        journal.add(cause, goods.sent_back(lines, went))
    return values


def _parted(
    values: Sequence[ValueChanged], cause_id: UUID, kind: CostKind
) -> tuple[Sequence[ValueChanged], Sequence[ValueChanged]]:
    """Changes of one kind by one document, and all others."""
    return parted(values, lambda each: each.cause_id == cause_id and each.kind is kind)
