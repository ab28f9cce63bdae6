"""Return to supplier: what was set aside for the supplier leaves, with a debit note."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.purchasing import queries as purchasing
from backoffice_api.domain.purchasing.commands.returning import (
    ReturnedLine,
    ReturnPurchase,
    return_purchase,
)
from backoffice_api.domain.returns.commands.writing import Opened, opened
from backoffice_api.domain.returns.model.inspections import BUCKETS, Disposition
from backoffice_api.domain.returns.model.supplying import (
    NotBoughtThere,
    NothingForSupplier,
    SentToSupplier,
    SupplierDebitNoted,
    ToSupplier,
    dealt_out,
)
from backoffice_api.domain.returns.queries import supplying as queries
from backoffice_api.domain.returns.tables import returns
from backoffice_api.domain.returns.tables.supplying import supplier_pieces
from backoffice_api.domain.stock.model.lots import LotDraft
from backoffice_api.domain.stock.queries.lots import lots_by_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnToSupplier(Command):
    """`supplier_id` None: whoever they were bought from last."""

    scope = Scope.PURCHASING_WRITE
    table = returns
    id: UUID
    reason: str
    supplier_id: UUID | None = None


def return_to_supplier(uow: UnitOfWork, command: ReturnToSupplier) -> SentToSupplier:
    """Send all pieces of a return to their suppliers that were set aside for them.

    They go back as pieces of the latest purchases that were received where they lie: one debit
    note for each. Its amount is what was paid for them.

    Raises:
        UnknownReturn, NothingForSupplier, NotBoughtThere, InvalidText.
        InsufficientStock: they are not there any more.
    """
    of = opened(uow, command.id)
    held = queries.held_for_supplier(uow.db, of.before.id)
    if not held:
        raise NothingForSupplier().at("id")
    wanted = {each.variant_id for each in held}
    bought = queries.bought_lines(uow.db, wanted, command.supplier_id)
    # In one order, as everybody locks them; then read again what may have gone back meanwhile.
    for order_id in sorted({each.order_id for each in bought}):
        purchasing.locked_order(uow.db, order_id)
    bought = queries.bought_lines(uow.db, wanted, command.supplier_id)
    shares, missing = dealt_out(held, bought)
    for variant_id, pieces in missing.items():
        sku = products.variants_by_ids(uow.db, [variant_id])[variant_id].sku
        raise NotBoughtThere(sku, pieces).at("id")
    by_order: defaultdict[UUID, list[ToSupplier]] = defaultdict(list)
    for each in shares:
        by_order[each.bought.order_id].append(each)
    made = [_send(uow, of, command.reason, theirs) for _, theirs in sorted(by_order.items())]
    return SentToSupplier(tuple(made))


def _send(uow: UnitOfWork, of: Opened, reason: str, shares: Sequence[ToSupplier]) -> UUID:
    lots = lots_by_ids(uow.db, {each.held.lot_id for each in shares if each.held.lot_id})
    lines = tuple(
        ReturnedLine(
            line_id=each.bought.line_id,
            quantity=each.quantity,
            bucket=BUCKETS[Disposition.TO_SUPPLIER],
            lot=LotDraft(code=lots[each.held.lot_id].code) if each.held.lot_id else None,
        )
        for each in shares
    )
    order_id = shares[0].bought.order_id
    id = return_purchase(uow, ReturnPurchase(id=order_id, lines=lines, reason=reason))
    uow.db.execute(
        supplier_pieces.insert(),
        [
            {
                "inspection_id": each.held.inspection_id,
                "purchase_return_id": id,
                "order_line_id": each.bought.line_id,
                "quantity": each.quantity,
            }
            for each in shares
        ],
    )
    made = purchasing.returns_by_ids(uow.db, [id])[id]
    event = SupplierDebitNoted(
        made.id,
        made.version,
        made.number,
        of.before.id,
        of.before.number,
        made.order_id,
        made.supplier_id,
        made.currency,
        made.amount_minor,
    )
    uow.emit(event)
    return id
