"""From what a caller wants to lines of an order: variants found, prices known, amounts rounded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import AmountTooLarge, CurrencyMismatch, Money, UnitPrice
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX
from backoffice_api.domain.kernel.texts import check_range, check_size, check_text
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.orders.model.amounts import NegativeAmount, check_amount, check_given
from backoffice_api.domain.orders.model.kits import LineComponent, weights
from backoffice_api.domain.orders.model.lines import (
    LINES_MAX,
    QUANTITY_MAX,
    ChargeIncomplete,
    LineKind,
    OrderLine,
    UnknownPrice,
    VariantNeeded,
    VariantNotForSale,
    at_price,
)
from backoffice_api.domain.orders.model.orders import Order
from backoffice_api.domain.pricing import queries as pricing
from backoffice_api.domain.pricing.model.offers import Buyer, OfferedPrice, applying
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.model import (
    Product,
    ProductStatus,
    UnknownVariant,
    Variant,
    VariantKind,
)
from backoffice_api.domain.products.model.kits import KitComponent


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDraft:
    """A line that is wanted.

    Goods name their variant by `variant_id` or by `sku`, and take its title and list price where
    none is given. A charge has title and price of its own, and a `sku` only as a code.
    """

    kind: LineKind = LineKind.GOODS
    variant_id: UUID | None = None
    sku: str | None = None
    title: str | None = None
    quantity: int
    unit_price: UnitPrice | None = None
    tax: Money | None = None
    external_key: str | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms an order buys: in which currency, where, who, and when."""

    currency: str
    channel_id: UUID
    customer_id: UUID | None
    at: datetime


def terms_of(uow: UnitOfWork, order: Order) -> Terms:
    """The terms of an order now."""
    return Terms(order.currency, order.channel_id, order.customer_id, uow.now)


@dataclass(frozen=True, slots=True)
class Offer:
    """A variant as it can be sold now. `base` None: it has no price of its own in the currency.

    `listed` are the prices of lists that may apply.

    `components` of a kit, each with its weight for the sharing out of the price.
    """

    variant: Variant
    product: Product
    base: UnitPrice | None
    listed: Sequence[OfferedPrice]
    terms: Terms
    components: Sequence[KitComponent] = ()
    weights: Sequence[int] = ()

    @property
    def title(self) -> str:
        return " / ".join((self.product.title, *self.variant.option_values))

    @property
    def is_for_sale(self) -> bool:
        parts = (each.status for each in self.components)
        return all(
            status is ProductStatus.ACTIVE
            for status in (self.variant.status, self.product.status, *parts)
        )

    def price(self, quantity: int) -> UnitPrice | None:
        """What one piece of so many costs. None: there is no price."""
        # What is listed is for the customer already.
        tags = frozenset(each.customer_tag for each in self.listed if each.customer_tag)
        groups = frozenset(each.customer_group_id for each in self.listed if each.customer_group_id)
        buyer = Buyer(self.terms.channel_id, tags, quantity, self.terms.at, groups)
        found = applying(self.listed, buyer)
        return found.unit_price if found else self.base

    def components_of(self, line_id: UUID) -> Sequence[LineComponent]:
        """What a line of it is made of, if it is a kit."""
        return [
            LineComponent(
                line_id, each.position, each.component_id, each.sku, each.quantity, weight
            )
            for each, weight in zip(self.components, self.weights, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class MadeLines:
    """Lines, and what those of them are made of that are kits."""

    lines: tuple[OrderLine, ...] = ()
    components: tuple[LineComponent, ...] = ()


def make_lines(
    uow: UnitOfWork,
    faults: Faults,
    drafts: Sequence[LineDraft],
    *,
    order: Order,
    at: str = "lines",
    after: int = 0,
    sold: bool = False,
) -> MadeLines:
    """Lines as wanted, before discounts, with a constant number of statements.

    What is wrong is noted at `at`, and makes no line. `after`: so many lines are there before.
    `sold`: a channel has sold them already, so they may be archived, or of unknown SKUs.
    """
    check_size(drafts, faults, at, maximum=LINES_MAX - after)
    offers = _offers_for(uow.db, drafts, terms_of(uow, order))
    made: list[OrderLine] = []
    components: list[LineComponent] = []
    for position, draft in enumerate(drafts):
        found = Faults()
        _check_draft(found, draft, order.currency)
        offer = _offer_of(found, draft, offers, order.currency, sold=sold)
        if not tuple(found):
            try:
                line = _line(uow, draft, offer, order_id=order.id, position=after + position)
                check_amount(line.ordered.subtotal, found, "unit_price")
                made.append(line)
                components += offer.components_of(line.id) if offer else ()
            except AmountTooLarge as fault:
                found.add(fault.at("unit_price"))
        faults.extend(fault.at(at, position, *fault.path) for fault in found)
    return MadeLines(tuple(made), tuple(components))


def refreshed(
    uow: UnitOfWork,
    faults: Faults,
    lines: Sequence[OrderLine],
    order: Order,
    *,
    at_their_prices: bool = False,
) -> Sequence[OrderLine]:
    """The lines of a draft at the list prices of now, before discounts; prices given stay.

    `at_their_prices`: all prices stay.

    Notes variants that cannot be sold any more.
    """
    goods = [line.variant_id for line in lines if line.variant_id]
    found = products.variants_with_products(uow.db, ids=set(goods))
    offers = _offers(uow.db, found, terms_of(uow, order))
    fresh = []
    for position, line in enumerate(lines):
        if line.variant_id is None:
            fresh.append(line)
            continue
        offer = offers[line.variant_id]
        if not offer.is_for_sale:
            faults.add(VariantNotForSale(offer.variant.sku).at("lines", position))
        elif line.price_given or at_their_prices:
            fresh.append(line)
        elif (price := offer.price(line.quantity)) is None:
            faults.add(UnknownPrice(offer.variant.sku, order.currency).at("lines", position))
        else:
            fresh.append(at_price(line, price))
    return fresh


def _offers_for(
    db: Connection, drafts: Sequence[LineDraft], terms: Terms
) -> Mapping[UUID | str, Offer]:
    """What the drafts name, by id and by SKU."""
    goods = [draft for draft in drafts if draft.kind is LineKind.GOODS]
    ids = {draft.variant_id for draft in goods if draft.variant_id}
    skus = {draft.sku for draft in goods if draft.sku}
    found = products.variants_with_products(db, ids=ids, skus=skus)
    offers = _offers(db, found, terms)
    named: dict[UUID | str, Offer] = {each.variant.sku: each for each in offers.values()}
    return named | dict(offers)


def _offers(
    db: Connection, variants: Sequence[tuple[Variant, Product]], terms: Terms
) -> Mapping[UUID, Offer]:
    """What the variants can be sold at. One statement more if some of them are kits."""
    found = {variant.id: variant for variant, _ in variants}
    of_products = {product.id: product for _, product in variants}
    kits = [each.id for each in found.values() if each.kind is VariantKind.KIT]
    components = products.components_by_kits(db, kits)
    parts = {each.component_id for of_kit in components.values() for each in of_kit}
    prices = {
        id: price.unit_price
        for id, of_variant in products.prices_by_variants(db, found.keys() | parts).items()
        for price in of_variant
        if price.currency == terms.currency
    }
    listed = pricing.prices_of_lists(db, found.keys(), terms.currency, terms.at, terms.customer_id)
    return {
        id: Offer(
            variant,
            of_products[variant.product_id],
            prices.get(id),
            listed.get(id, ()),
            terms,
            components.get(id, ()),
            _weights(components.get(id, ()), prices),
        )
        for id, variant in found.items()
    }


def _weights(components: Sequence[KitComponent], prices: Mapping[UUID, UnitPrice]) -> Sequence[int]:
    return weights(
        [prices.get(each.component_id) for each in components],
        [each.quantity for each in components],
    )


def _check_draft(faults: Faults, draft: LineDraft, currency: str) -> None:
    check_range(draft.quantity, faults, "quantity", minimum=1, maximum=QUANTITY_MAX)
    check_text(draft.sku, faults, "sku", maximum=CODE_LENGTH_MAX)
    check_text(draft.title, faults, "title")
    if draft.unit_price and draft.unit_price.currency != currency:
        faults.add(CurrencyMismatch(currency, draft.unit_price.currency).at("unit_price"))
    if draft.unit_price and draft.unit_price.micro < 0:
        faults.add(NegativeAmount().at("unit_price"))
    check_given(faults, draft.tax, currency, "tax")


def _offer_of(
    faults: Faults,
    draft: LineDraft,
    offers: Mapping[UUID | str, Offer],
    currency: str,
    *,
    sold: bool,
) -> Offer | None:
    """What the draft offers. None for a charge, and where a fault was noted."""
    if draft.kind is LineKind.UNKNOWN:
        if not (sold and draft.sku and draft.unit_price):
            faults.add(VariantNeeded())
        return None
    if draft.kind is LineKind.CHARGE:
        if draft.variant_id or draft.title is None or draft.unit_price is None:
            faults.add(ChargeIncomplete())
        return None
    if (draft.variant_id is None) == (draft.sku is None):
        faults.add(VariantNeeded())
        return None
    field = "sku" if draft.variant_id is None else "variant_id"
    name = draft.variant_id or draft.sku or ""
    offer = offers.get(name)
    if offer is None:
        faults.add(UnknownVariant(name.hex if isinstance(name, UUID) else name).at(field))
    elif not (offer.is_for_sale or sold):
        faults.add(VariantNotForSale(offer.variant.sku).at(field))
    elif draft.unit_price is None and offer.price(draft.quantity) is None:
        faults.add(UnknownPrice(offer.variant.sku, currency).at("unit_price"))
    return offer


def _line(
    uow: UnitOfWork, draft: LineDraft, offer: Offer | None, *, order_id: UUID, position: int
) -> OrderLine:
    """The line at its price.

    Raises:
        AmountTooLarge: it comes to more than 64 bits hold.
    """
    price = draft.unit_price or (offer.price(draft.quantity) if offer else None)
    if price is None:
        raise ChargeIncomplete
    subtotal = price.times(draft.quantity)
    return OrderLine(
        id=uow.new_id(),
        order_id=order_id,
        position=position,
        kind=draft.kind,
        variant_id=offer.variant.id if offer else None,
        sku=offer.variant.sku if offer else draft.sku or "",
        title=draft.title or (offer.title if offer else draft.sku or ""),
        quantity=draft.quantity,
        cancelled=0,
        shipped=0,
        returned=0,
        currency=price.currency,
        unit_price_micro=price.micro,
        price_given=draft.unit_price is not None,
        subtotal_minor=subtotal.money.minor,
        rounding_micro=subtotal.remainder_micro,
        discount_minor=0,
        tax_minor=draft.tax.minor if draft.tax else 0,
        current_subtotal_minor=subtotal.money.minor,
        current_discount_minor=0,
        current_tax_minor=draft.tax.minor if draft.tax else 0,
        is_kit=bool(offer and offer.components),
        external_key=draft.external_key,
    )
