"""What can be asked about pieces that go on to suppliers."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection, func, select

from backoffice_api.domain.kernel.rows import among, many_per
from backoffice_api.domain.purchasing import queries as purchasing
from backoffice_api.domain.purchasing.model.orders import MACHINE
from backoffice_api.domain.purchasing.model.receipts import PurchaseReturn
from backoffice_api.domain.purchasing.tables.orders import (
    purchase_order_lines,
    purchase_orders,
    purchase_returns,
)
from backoffice_api.domain.returns.model.inspections import Disposition
from backoffice_api.domain.returns.model.supplying import (
    BoughtLine,
    HeldForSupplier,
    SentToSupplier,
)
from backoffice_api.domain.returns.tables import return_inspections
from backoffice_api.domain.returns.tables.supplying import supplier_pieces

_of, _line, _order = return_inspections.c, purchase_order_lines.c, purchase_orders.c

_by_returns = (
    select(_of.return_id, *purchase_returns.c)
    .join(supplier_pieces, supplier_pieces.c.inspection_id == _of.id)
    .join(purchase_returns, purchase_returns.c.id == supplier_pieces.c.purchase_return_id)
    .distinct()
    .subquery("of_returns")
)
purchase_returns_by_returns = many_per(
    PurchaseReturn,
    _by_returns,
    _by_returns.c.return_id,
    _by_returns.c.created_at,
    _by_returns.c.id,
)


def held_for_supplier(db: Connection, return_id: UUID) -> Sequence[HeldForSupplier]:
    """What of a return was set aside for suppliers and is still here."""
    gone = (
        select(supplier_pieces.c.inspection_id, func.sum(supplier_pieces.c.quantity).label("gone"))
        .group_by(supplier_pieces.c.inspection_id)
        .subquery()
    )
    left = _of.quantity - func.coalesce(gone.c.gone, 0)
    statement = (
        select(_of.id, _of.variant_id, _of.location_id, _of.lot_id, left)
        .outerjoin(gone, gone.c.inspection_id == _of.id)
        .where(
            _of.return_id == return_id,
            _of.disposition == Disposition.TO_SUPPLIER,
            _of.location_id.is_not(None),
            left > 0,
        )
        .order_by(_of.id)
    )
    return [HeldForSupplier(*row[:4], int(row[4])) for row in db.execute(statement)]


def bought_lines(
    db: Connection, variant_ids: Iterable[UUID], supplier_id: UUID | None
) -> Sequence[BoughtLine]:
    """What was bought of variants, was received and has not gone back; the latest order first."""
    left = _line.received - _line.returned
    statement = (
        select(
            _line.id,
            _line.order_id,
            _order.supplier_id,
            _order.location_id,
            _line.variant_id,
            left,
        )
        .join(purchase_orders, _order.id == _line.order_id)
        .where(
            among(_line.variant_id, variant_ids),
            left > 0,
            _order.status.in_(MACHINE.moves["return"].present),
        )
        .order_by(_order.created_at.desc(), _order.id.desc(), _line.position)
    )
    if supplier_id is not None:
        statement = statement.where(_order.supplier_id == supplier_id)
    return [BoughtLine(*row) for row in db.execute(statement)]


def made_by(
    db: Connection, keys: Iterable[SentToSupplier]
) -> Mapping[SentToSupplier, Sequence[PurchaseReturn]]:
    """The returns to suppliers that commands made."""
    wanted = tuple(keys)
    found = purchasing.returns_by_ids(
        db, {id for each in wanted for id in each.purchase_return_ids}
    )
    return {each: [found[id] for id in each.purchase_return_ids] for each in wanted}
