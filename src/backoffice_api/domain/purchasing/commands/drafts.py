"""Drafts of purchase orders: made and changed while nobody relies on them."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from uuid import UUID

from sqlalchemy import delete

from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.currencies import exponent
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import NAME_LENGTH_MAX
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.purchasing import queries
from backoffice_api.domain.purchasing.commands.lines import PurchaseLineDraft, make_lines
from backoffice_api.domain.purchasing.commands.writing import index_order, save_order
from backoffice_api.domain.purchasing.model.lines import (
    PurchaseLineFacts,
    PurchaseOrderLine,
    facts_of,
    with_lines,
)
from backoffice_api.domain.purchasing.model.orders import (
    MACHINE,
    NOTE_LENGTH_MAX,
    PurchaseOrder,
    PurchaseOrderCreated,
    PurchaseOrderUpdated,
)
from backoffice_api.domain.purchasing.model.suppliers import (
    Supplier,
    SupplierNotActive,
    SupplierStatus,
)
from backoffice_api.domain.purchasing.tables.orders import (
    purchase_order_lines,
    purchase_orders,
)
from backoffice_api.domain.stock import queries as stock
from backoffice_api.domain.stock.model.locations import (
    ArchivedLocation,
    LocationStatus,
    UnknownLocation,
    VirtualLocation,
)


@dataclass(frozen=True, slots=True)
class PurchaseOrderSheet(PurchaseOrder):
    """A purchase order with its lines: what is compared and logged."""

    lines: tuple[PurchaseLineFacts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePurchaseOrder(Command):
    """`currency` None: that of the supplier. `expected_on`: when lines without a date arrive."""

    scope = Scope.PURCHASING_WRITE
    supplier_id: UUID
    location_id: UUID
    lines: tuple[PurchaseLineDraft, ...] = ()
    currency: str | None = None
    note: str = ""
    supplier_reference: str | None = None
    expected_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePurchaseOrder(Command):
    """Supplier and currency stay. Lines take the place of those that were."""

    scope = Scope.PURCHASING_WRITE
    table = purchase_orders
    id: UUID
    location_id: UUID | Keep = KEEP
    lines: tuple[PurchaseLineDraft, ...] | Keep = KEEP
    note: str | Keep = KEEP
    supplier_reference: str | Keep | None = KEEP
    expected_on: date | Keep | None = KEEP


def create_purchase_order(uow: UnitOfWork, command: CreatePurchaseOrder) -> UUID:
    """Make a draft of a purchase order. Its id.

    Lines without a price get that of the supplier's item for their quantity.

    Raises:
        UnknownSupplier, SupplierNotActive.
        UnknownLocation, VirtualLocation, ArchivedLocation: goods cannot arrive there.
        PurchaseLineUnnamed, UnknownVariant, PriceNeeded, CurrencyMismatch, AmountBelowZero,
        AmountTooLarge, UnknownCurrency, InvalidText, OutOfRange, TooMany: the input is wrong.
    """
    supplier = _active_supplier(uow, command.supplier_id)
    currency = command.currency or supplier.currency
    exponent(currency)
    check_destination(uow, command.location_id)
    actor = uow.caller.actor
    draft = PurchaseOrder(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        number=None,
        serial=0,
        supplier_id=supplier.id,
        location_id=command.location_id,
        status=MACHINE.start,
        currency=currency,
        note=command.note,
        supplier_reference=command.supplier_reference,
        expected_on=command.expected_on,
        created_by_kind=actor.kind,
        created_by_id=actor.id,
        submitted_by_kind=None,
        submitted_by_id=None,
        approved_by_kind=None,
        approved_by_id=None,
        submitted_at=None,
        approved_at=None,
        sent_at=None,
        confirmed_at=None,
        closed_at=None,
        subtotal_minor=0,
        tax_minor=0,
        total_minor=0,
        current_subtotal_minor=0,
        current_tax_minor=0,
        current_total_minor=0,
    )
    faults = Faults()
    _check_texts(draft, faults)
    lines = make_lines(uow, faults, supplier, draft, command.lines)
    faults.check()
    made = with_lines(draft, lines)
    add(uow, purchase_orders, [made])
    add(uow, purchase_order_lines, lines)
    index_order(uow, made, supplier, lines)
    event = PurchaseOrderCreated(made.id, made.version, made.name)
    uow.emit(event, after=_sheet(made, lines))
    return made.id


def update_purchase_order(uow: UnitOfWork, command: UpdatePurchaseOrder) -> UUID:
    """Change what is given of a draft; what is absent stays. Its id.

    Raises:
        UnknownPurchaseOrder, InvalidTransition.
        The faults of `create_purchase_order`.
    """
    before = queries.locked_order(uow.db, command.id)
    MACHINE.check("update", before.status)
    supplier = queries.supplier(uow.db, before.supplier_id)
    present = queries.lines_of(uow.db, before.id)
    changed = replace(
        before,
        location_id=patched(command.location_id, before.location_id),
        note=patched(command.note, before.note),
        supplier_reference=patched(command.supplier_reference, before.supplier_reference),
        expected_on=patched(command.expected_on, before.expected_on),
    )
    if changed.location_id != before.location_id:
        check_destination(uow, changed.location_id)
    faults = Faults()
    _check_texts(changed, faults)
    lines = present
    if command.lines is not KEEP:
        lines = make_lines(uow, faults, supplier, changed, command.lines)
    faults.check()
    after = save_order(uow, before, with_lines(changed, lines))
    if lines is not present:
        of_order = purchase_order_lines.c.order_id == before.id
        uow.db.execute(delete(purchase_order_lines).where(of_order))
        add(uow, purchase_order_lines, lines)
    index_order(uow, after, supplier, lines)
    event = PurchaseOrderUpdated(after.id, after.version, after.name)
    uow.emit(event, before=_sheet(before, present), after=_sheet(after, lines))
    return after.id


def check_destination(uow: UnitOfWork, id: UUID) -> None:
    """Refuse a location where nothing can arrive.

    Raises:
        UnknownLocation, VirtualLocation, ArchivedLocation.
    """
    found = stock.locations_by_ids(uow.db, [id]).get(id)
    if found is None:
        raise UnknownLocation(id).at("location_id")
    if not found.kind.is_physical:
        raise VirtualLocation(found.kind).at("location_id")
    if found.status is LocationStatus.ARCHIVED:
        raise ArchivedLocation(id).at("location_id")


def _active_supplier(uow: UnitOfWork, id: UUID) -> Supplier:
    supplier = queries.supplier(uow.db, id, "supplier_id")
    if supplier.status is SupplierStatus.ARCHIVED:
        raise SupplierNotActive(supplier.code).at("supplier_id")
    return supplier


def _check_texts(order: PurchaseOrder, faults: Faults) -> None:
    check_text(order.note, faults, "note", minimum=0, maximum=NOTE_LENGTH_MAX)
    check_text(order.supplier_reference, faults, "supplier_reference", maximum=NAME_LENGTH_MAX)


def _sheet(order: PurchaseOrder, lines: Sequence[PurchaseOrderLine]) -> PurchaseOrderSheet:
    values = {each.name: getattr(order, each.name) for each in fields(PurchaseOrder)}
    return PurchaseOrderSheet(**values, lines=tuple(facts_of(line) for line in lines))
