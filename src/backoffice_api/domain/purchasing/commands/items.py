"""What can be done with supplier items: made, changed, taken out of use and into use again."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from uuid import UUID

from sqlalchemy import delete, select

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.currencies import exponent
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.model import UnknownVariant
from backoffice_api.domain.purchasing import queries
from backoffice_api.domain.purchasing.model.items import (
    MACHINE,
    PriceBreak,
    PricedItem,
    SupplierItem,
    SupplierItemArchived,
    SupplierItemCreated,
    SupplierItemRestored,
    SupplierItemUpdated,
    SupplierSkuTaken,
    UnknownSupplierItem,
    check_item,
)
from backoffice_api.domain.purchasing.model.suppliers import SupplierNotActive, SupplierStatus
from backoffice_api.domain.purchasing.tables.suppliers import (
    supplier_item_prices,
    supplier_items,
)


@dataclass(frozen=True, slots=True)
class BreakDraft:
    """From so many pieces on, one piece is to cost so much."""

    from_quantity: int
    unit_price: UnitPrice

    def value(self) -> PriceBreak:
        return PriceBreak(self.from_quantity, self.unit_price.currency, self.unit_price.micro)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateSupplierItem(Command):
    """`currency` None: that of the supplier."""

    scope = Scope.PURCHASING_WRITE
    supplier_id: UUID
    variant_id: UUID
    supplier_sku: str
    title: str | None = None
    currency: str | None = None
    prices: tuple[BreakDraft, ...] = ()
    pack_size: int = 1
    minimum_quantity: int = 1
    lead_time_days: int | None = None
    is_preferred: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateSupplierItem(Command):
    """Supplier, variant and currency stay. Prices take the place of those that were."""

    scope = Scope.PURCHASING_WRITE
    table = supplier_items
    id: UUID
    supplier_sku: str | Keep = KEEP
    title: str | Keep | None = KEEP
    prices: tuple[BreakDraft, ...] | Keep = KEEP
    pack_size: int | Keep = KEEP
    minimum_quantity: int | Keep = KEEP
    lead_time_days: int | Keep | None = KEEP
    is_preferred: bool | Keep = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveSupplierItem(Command):
    scope = Scope.PURCHASING_WRITE
    table = supplier_items
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreSupplierItem(Command):
    scope = Scope.PURCHASING_WRITE
    table = supplier_items
    id: UUID


def create_supplier_item(uow: UnitOfWork, command: CreateSupplierItem) -> UUID:
    """Say under which SKU and at which prices a supplier sells a variant. Id of the item.

    If it is preferred, it takes that from the item that was.

    Raises:
        UnknownSupplier, SupplierNotActive, UnknownVariant, UnknownCurrency.
        SupplierSkuTaken: the supplier has another item under the SKU.
        InvalidPriceBreaks, InvalidText, OutOfRange, TooMany: the input is wrong.
    """
    supplier = queries.supplier(uow.db, command.supplier_id, "supplier_id")
    if supplier.status is SupplierStatus.ARCHIVED:
        raise SupplierNotActive(supplier.code).at("supplier_id")
    if not products.variants_by_ids(uow.db, [command.variant_id]):
        raise UnknownVariant(ids.text("sku", command.variant_id)).at("variant_id")
    currency = command.currency or supplier.currency
    exponent(currency)
    made = PricedItem(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        supplier_id=supplier.id,
        variant_id=command.variant_id,
        supplier_sku=command.supplier_sku,
        title=command.title,
        currency=currency,
        pack_size=command.pack_size,
        minimum_quantity=command.minimum_quantity,
        lead_time_days=command.lead_time_days,
        is_preferred=command.is_preferred,
        status=MACHINE.start,
        prices=_sorted(command.prices),
    )
    _check(uow, made)
    _unprefer_others(uow, made)
    add(uow, supplier_items, [_row(made)])
    _put_prices(uow, (), made)
    uow.emit(SupplierItemCreated(made.id, made.version, made.supplier_sku), after=made)
    return made.id


def update_supplier_item(uow: UnitOfWork, command: UpdateSupplierItem) -> UUID:
    """Change what is given of an item; what is absent stays. Its id.

    Raises:
        UnknownSupplierItem, InvalidTransition, SupplierSkuTaken.
        InvalidPriceBreaks, InvalidText, OutOfRange, TooMany: the change is wrong.
    """
    before = _item(uow, command.id)
    MACHINE.check("update", before.status)
    prices = before.prices if command.prices is KEEP else _sorted(command.prices)
    after = replace(
        before,
        supplier_sku=patched(command.supplier_sku, before.supplier_sku),
        title=patched(command.title, before.title),
        pack_size=patched(command.pack_size, before.pack_size),
        minimum_quantity=patched(command.minimum_quantity, before.minimum_quantity),
        lead_time_days=patched(command.lead_time_days, before.lead_time_days),
        is_preferred=patched(command.is_preferred, before.is_preferred),
        prices=prices,
    )
    _check(uow, after)
    _unprefer_others(uow, after)
    saved = save(uow, supplier_items, _row(before), _row(after))
    _put_prices(uow, before.prices, after)
    event = SupplierItemUpdated(saved.id, saved.version, saved.supplier_sku)
    uow.emit(event, before=before, after=after)
    return saved.id


def archive_supplier_item(uow: UnitOfWork, command: ArchiveSupplierItem) -> UUID:
    """Take an item out of use; it is preferred no more. Its id.

    Raises:
        UnknownSupplierItem, InvalidTransition.
    """
    before = _row(_item(uow, command.id))
    status = MACHINE.check("archive", before.status)
    changed = replace(before, status=status, is_preferred=False)
    after = save(uow, supplier_items, before, changed)
    event = SupplierItemArchived(after.id, after.version, after.supplier_sku)
    uow.emit(event, before=before, after=after)
    return after.id


def restore_supplier_item(uow: UnitOfWork, command: RestoreSupplierItem) -> UUID:
    """Take an archived item into use again. Its id.

    Raises:
        UnknownSupplierItem, InvalidTransition.
    """
    before = _row(_item(uow, command.id))
    status = MACHINE.check("restore", before.status)
    after = save(uow, supplier_items, before, replace(before, status=status))
    event = SupplierItemRestored(after.id, after.version, after.supplier_sku)
    uow.emit(event, before=before, after=after)
    return after.id


def _item(uow: UnitOfWork, id: UUID) -> PricedItem:
    """Raises: UnknownSupplierItem."""
    found = queries.items_by_ids(uow.db, [id]).get(id)
    if found is None:
        raise UnknownSupplierItem(id).at("id")
    prices = queries.prices_by_items(uow.db, [id]).get(id, ())
    values = {each.name: getattr(found, each.name) for each in fields(SupplierItem)}
    return PricedItem(**values, prices=tuple(prices))


def _row(item: PricedItem) -> SupplierItem:
    return SupplierItem(*(getattr(item, each.name) for each in fields(SupplierItem)))


def _sorted(prices: Sequence[BreakDraft]) -> tuple[PriceBreak, ...]:
    return tuple(sorted((each.value() for each in prices), key=lambda each: each.from_quantity))


def _check(uow: UnitOfWork, item: PricedItem) -> None:
    faults = Faults()
    check_item(item, faults)
    faults.check()
    others = select(supplier_items.c.id).where(
        supplier_items.c.supplier_id == item.supplier_id,
        supplier_items.c.supplier_sku == item.supplier_sku,
        supplier_items.c.id != item.id,
    )
    if uow.db.execute(others).first():
        raise SupplierSkuTaken(item.supplier_sku).at("supplier_sku")


def _unprefer_others(uow: UnitOfWork, item: SupplierItem) -> None:
    """At most one item of a variant is preferred: the one that was said last."""
    if not item.is_preferred:
        return
    statement = select_as(SupplierItem, supplier_items).where(
        supplier_items.c.variant_id == item.variant_id,
        supplier_items.c.is_preferred,
        supplier_items.c.id != item.id,
    )
    for before in fetch(uow.db, SupplierItem, statement):
        after = save(uow, supplier_items, before, replace(before, is_preferred=False))
        event = SupplierItemUpdated(after.id, after.version, after.supplier_sku)
        uow.emit(event, before=before, after=after)


def _put_prices(uow: UnitOfWork, before: Sequence[PriceBreak], item: PricedItem) -> None:
    if item.prices == tuple(before):
        return
    prices = supplier_item_prices
    uow.db.execute(delete(prices).where(prices.c.item_id == item.id))
    rows = [
        {
            "item_id": item.id,
            "from_quantity": each.from_quantity,
            "currency": each.currency,
            "price_micro": each.price_micro,
        }
        for each in item.prices
    ]
    if rows:
        uow.db.execute(prices.insert(), rows)
