"""From what a buyer wants to lines of a purchase order: variants found, prices known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import AmountTooLarge, CurrencyMismatch, Money, UnitPrice
from backoffice_api.domain.kernel.texts import check_range, check_size
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.model import UnknownVariant, Variant, VariantKind
from backoffice_api.domain.purchasing import queries
from backoffice_api.domain.purchasing.model.items import (
    PriceBreak,
    SupplierItem,
    SupplierItemStatus,
    price_for,
)
from backoffice_api.domain.purchasing.model.lines import (
    LINES_MAX,
    QUANTITY_MAX,
    PriceNeeded,
    PurchaseLineUnnamed,
    PurchaseOrderLine,
    at_quantities,
)
from backoffice_api.domain.purchasing.model.orders import PurchaseOrder
from backoffice_api.domain.purchasing.model.suppliers import AmountBelowZero, Supplier
from backoffice_api.domain.stock.model.levels import KitHasNoStock


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseLineDraft:
    """A line that is wanted. It names its variant in one of three ways.

    `unit_price` None: that of the supplier. `tax`: on the whole line. `expected_on` None: as the
    order says, or when it is sent, as long as the supplier takes.
    """

    variant_id: UUID | None = None
    sku: str | None = None
    supplier_sku: str | None = None
    quantity: int
    unit_price: UnitPrice | None = None
    tax: Money | None = None
    expected_on: date | None = None


@dataclass(frozen=True, slots=True)
class _Offers:
    """What the drafts may name: variants, and what the supplier says of them."""

    by_id: Mapping[UUID, Variant]
    by_sku: Mapping[str, Variant]
    by_supplier_sku: Mapping[str, SupplierItem]
    items: Mapping[UUID, SupplierItem]
    prices: Mapping[UUID, Sequence[PriceBreak]]
    titles: Mapping[UUID, str]

    def find(self, draft: PurchaseLineDraft) -> tuple[Variant | None, SupplierItem | None]:
        """The variant that is meant, and the supplier's item, where there are such."""
        if draft.supplier_sku is not None:
            item = self.by_supplier_sku.get(draft.supplier_sku)
            return (self.by_id[item.variant_id] if item else None), item
        variant = (
            self.by_id.get(draft.variant_id)
            if draft.variant_id
            else self.by_sku.get(draft.sku or "")
        )
        return variant, self.items.get(variant.id) if variant else None


def make_lines(
    uow: UnitOfWork,
    faults: Faults,
    supplier: Supplier,
    order: PurchaseOrder,
    drafts: Sequence[PurchaseLineDraft],
) -> Sequence[PurchaseOrderLine]:
    """Lines as wanted, with a constant number of statements.

    What is wrong is noted, and makes no line.
    """
    check_size(tuple(drafts), faults, "lines", maximum=LINES_MAX)
    offers = _offers(uow, supplier, drafts[:LINES_MAX])
    made = []
    for position, draft in enumerate(drafts[:LINES_MAX]):
        found = Faults()
        line = _line(uow, found, offers, supplier, order, draft, position)
        if line is not None:
            made.append(line)
        faults.extend(fault.at("lines", position, *fault.path) for fault in found)
    return made


def _offers(uow: UnitOfWork, supplier: Supplier, drafts: Sequence[PurchaseLineDraft]) -> _Offers:
    named = [
        queries.SupplierSku(supplier.code, each.supplier_sku)
        for each in drafts
        if each.supplier_sku is not None
    ]
    by_name = queries.items_by_supplier_skus(uow.db, named) if named else {}
    by_sku = products.variants_by_skus(uow.db, [each.sku for each in drafts if each.sku])
    wanted = {each.variant_id for each in drafts if each.variant_id}
    wanted |= {each.variant_id for each in by_name.values()}
    by_id = {
        **products.variants_by_ids(uow.db, wanted),
        **{each.id: each for each in by_sku.values()},
    }
    items = items_of(uow, supplier.id, list(by_id))
    everything = {*(each.id for each in items.values()), *(each.id for each in by_name.values())}
    return _Offers(
        by_id=by_id,
        by_sku=by_sku,
        by_supplier_sku={name.supplier_sku: each for name, each in by_name.items()},
        items=items,
        prices=queries.prices_by_items(uow.db, everything),
        titles=products.titles_by_variants(uow.db, list(by_id)),
    )


def items_of(
    uow: UnitOfWork, supplier_id: UUID, variant_ids: Sequence[UUID]
) -> Mapping[UUID, SupplierItem]:
    """The active item of a supplier by variant; the preferred one where there are several."""
    found: dict[UUID, SupplierItem] = {}
    for variant_id, items in queries.items_by_variants(uow.db, variant_ids).items():
        usable = [
            each
            for each in items
            if each.supplier_id == supplier_id and each.status is SupplierItemStatus.ACTIVE
        ]
        for each in sorted(usable, key=lambda item: not item.is_preferred)[:1]:
            found[variant_id] = each
    return found


def _line(
    uow: UnitOfWork,
    faults: Faults,
    offers: _Offers,
    supplier: Supplier,
    order: PurchaseOrder,
    draft: PurchaseLineDraft,
    position: int,
) -> PurchaseOrderLine | None:
    names = (draft.variant_id, draft.sku, draft.supplier_sku)
    if sum(name is not None for name in names) != 1:
        faults.add(PurchaseLineUnnamed())
        return None
    variant, item = offers.find(draft)
    if variant is None:
        name = draft.sku or draft.supplier_sku
        faults.add(UnknownVariant(name or ids.text("sku", draft.variant_id or order.id)))
        return None
    if variant.kind is VariantKind.KIT:
        faults.add(KitHasNoStock(variant.sku))
        return None
    check_range(draft.quantity, faults, "quantity", minimum=1, maximum=QUANTITY_MAX)
    price = draft.unit_price or _price_of(offers, item, draft.quantity, order.currency)
    tax = draft.tax or Money.zero(order.currency)
    if price is None:
        faults.add(PriceNeeded(variant.sku).at("unit_price"))
        return None
    for name, amount, number in (
        ("unit_price", price.currency, price.micro),
        ("tax", tax.currency, tax.minor),
    ):
        if amount != order.currency:
            faults.add(CurrencyMismatch(order.currency, amount).at(name))
        if number < 0:
            faults.add(AmountBelowZero().at(name))
    if tuple(faults):
        return None
    line = _made(uow, order, variant, item, draft, price, tax, position, offers, supplier)
    try:
        return at_quantities(line)
    except AmountTooLarge as fault:
        faults.add(fault.at("unit_price"))
        return None


def _price_of(
    offers: _Offers, item: SupplierItem | None, quantity: int, currency: str
) -> UnitPrice | None:
    if item is None or item.currency != currency:
        return None
    return price_for(offers.prices.get(item.id, ()), quantity)


def _made(
    uow: UnitOfWork,
    order: PurchaseOrder,
    variant: Variant,
    item: SupplierItem | None,
    draft: PurchaseLineDraft,
    price: UnitPrice,
    tax: Money,
    position: int,
    offers: _Offers,
    supplier: Supplier,
) -> PurchaseOrderLine:
    lead_time_days = item.lead_time_days if item else None
    return PurchaseOrderLine(
        id=uow.new_id(),
        order_id=order.id,
        position=position,
        variant_id=variant.id,
        supplier_item_id=item.id if item else None,
        supplier_sku=item.supplier_sku if item else "",
        sku=variant.sku,
        title=offers.titles[variant.id],
        quantity=draft.quantity,
        confirmed=None,
        received=0,
        rejected=0,
        cancelled=0,
        returned=0,
        currency=order.currency,
        unit_price_micro=price.micro,
        subtotal_minor=0,
        tax_minor=tax.minor,
        current_subtotal_minor=0,
        current_tax_minor=0,
        lead_time_days=supplier.lead_time_days if lead_time_days is None else lead_time_days,
        expected_on=draft.expected_on or order.expected_on,
    )
