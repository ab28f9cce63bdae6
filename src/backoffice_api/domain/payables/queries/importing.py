"""What an imported bill is held against: suppliers by tax id, and what was ordered from them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, and_, or_, select, tuple_

from backoffice_api.domain.customers.model import TaxId
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.payables.model.bills import BillKind, BillStatus
from backoffice_api.domain.payables.tables.bills import bills
from backoffice_api.domain.payables.tables.matching import billed_lines
from backoffice_api.domain.payables.tables.runs import bill_sources
from backoffice_api.domain.purchasing.model.orders import PurchaseOrderStatus
from backoffice_api.domain.purchasing.tables.orders import purchase_order_lines, purchase_orders
from backoffice_api.domain.purchasing.tables.suppliers import supplier_tax_ids

ORDERED_MAX = 2_000
_NOT_ORDERED = (PurchaseOrderStatus.DRAFT, PurchaseOrderStatus.CANCELLED)


@dataclass(frozen=True, slots=True)
class Ordered:
    """A line of a purchase order that a bill may be for. `billable`: pieces not billed yet."""

    line_id: UUID
    order_number: str
    position: int
    variant_id: UUID
    supplier_sku: str
    sku: str
    quantity: int
    received: int
    billed: int

    @property
    def billable(self) -> int:
        return self.quantity - self.billed


def supplier_ids_by_tax_ids(db: Connection, ids: Collection[TaxId]) -> Sequence[UUID]:
    """The suppliers that have one of these tax ids."""
    if not ids:
        return ()
    named = tuple_(supplier_tax_ids.c.kind, supplier_tax_ids.c.value)
    wanted = [(each.kind.value, each.value) for each in ids]
    statement = select(supplier_tax_ids.c.supplier_id).where(named.in_(wanted)).distinct()
    return db.execute(statement.order_by(supplier_tax_ids.c.supplier_id)).scalars().all()


def bill_of_file(db: Connection, sha256: str, key: str | None) -> tuple[UUID, str] | None:
    """Id and number of the bill that was read from this file, or that has this key. None: none.

    A bill that was rejected still has its key: it can be opened again. One that was voided has not.
    """
    of_file = select(bill_sources.c.bill_id).where(bill_sources.c.sha256 == sha256)
    same = and_(
        bills.c.id.in_(of_file),
        bills.c.status.not_in([BillStatus.REJECTED, BillStatus.VOIDED]),
    )
    if key is not None:
        same = or_(same, bills.c.source_reference == key)
    statement = select(bills.c.id, bills.c.number).where(same).order_by(bills.c.id).limit(1)
    row = db.execute(statement).one_or_none()
    return None if row is None else (row.id, row.number)


def ordered_from(
    db: Connection,
    supplier_id: UUID,
    currency: str,
    *,
    numbers: Collection[str],
    skus: Collection[str],
    variant_ids: Collection[UUID],
) -> Sequence[Ordered]:
    """Lines of purchase orders that a bill may be for, those of the oldest order first."""
    line, order = purchase_order_lines.c, purchase_orders.c
    wanted = [
        among(column, keys)
        for column, keys in (
            (order.number, numbers),
            (line.supplier_sku, skus),
            (line.variant_id, variant_ids),
        )
        if keys
    ]
    if not wanted:
        return ()
    statement = (
        select(
            line.id,
            order.number,
            line.position,
            line.variant_id,
            line.supplier_sku,
            line.sku,
            line.quantity - line.cancelled,
            line.received,
        )
        .join(purchase_orders, order.id == line.order_id)
        .where(
            order.supplier_id == supplier_id,
            order.status.not_in(_NOT_ORDERED),
            order.number.is_not(None),
            line.currency == currency,
            or_(*wanted),
        )
        .order_by(order.created_at, order.id, line.position)
        .limit(ORDERED_MAX)
    )
    rows = db.execute(statement).all()
    billed = _billed(db, [row[0] for row in rows])
    return [Ordered(*row, billed.get(row[0], 0)) for row in rows]


def _billed(db: Connection, line_ids: Collection[UUID]) -> Mapping[UUID, int]:
    if not line_ids:
        return {}
    statement = select(billed_lines.c.order_line_id, billed_lines.c.quantity).where(
        billed_lines.c.kind == BillKind.BILL, among(billed_lines.c.order_line_id, line_ids)
    )
    return {row[0]: row[1] for row in db.execute(statement)}
