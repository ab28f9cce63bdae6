"""What is asked of whoever calculates the taxes of an order."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.model.lines import OrderLine
from backoffice_api.domain.orders.model.orders import AddressKind, Order
from backoffice_api.domain.orders.model.parts import Parts
from backoffice_api.domain.taxes import queries as taxes
from backoffice_api.domain.taxes.model.questions import (
    PlaceSource,
    TaxItem,
    TaxPlace,
    TaxQuestion,
)
from backoffice_api.domain.taxes.model.rates import canonical_region
from backoffice_api.domain.taxes.model.sheets import TaxSheet
from backoffice_api.domain.taxes.model.terms import TaxTerms


@dataclass(frozen=True, slots=True)
class GivenTaxes:
    """Lines, and whether the delivery, that have their tax from whoever made the order."""

    lines: frozenset[UUID]
    shipping: bool


def given_taxes(order: Order, lines: Collection[OrderLine], sheet: TaxSheet | None) -> GivenTaxes:
    """What of a draft was given, as far as its sheet tells: all that is not on it."""
    known = sheet.verdicts if sheet else {}
    shipping = sheet.shipping_given if sheet else order.shipping_tax_minor > 0
    return GivenTaxes(frozenset(line.id for line in lines if line.id not in known), shipping)


def question_of(
    db: Connection, terms: TaxTerms, order: Order, parts: Parts, given: GivenTaxes, on: date
) -> TaxQuestion:
    """What has to be found out about the taxes of an order: of all that was not given."""
    place = _place(terms, parts)
    lines = [line for line in parts.lines if line.id not in given.lines]
    goods = {line.variant_id for line in lines if line.variant_id}
    known = taxes.goods_of(db, goods, place.country) if goods else {}
    items: list[TaxItem] = []
    for line in lines:
        about = known.get(line.variant_id) if line.variant_id else None
        tax_class, hs_code = about or (None, None)
        amount = line.subtotal_minor - line.discount_minor
        items.append(TaxItem(line.id, amount, tax_class, hs_code, line.sku, line.quantity))
    if order.shipping_minor and not given.shipping:
        delivery = TaxItem(order.id, order.shipping_minor, terms.shipping_class, is_shipping=True)
        items.append(delivery)
    return TaxQuestion(
        order=order.id,
        on=on,
        currency=order.currency,
        place=place,
        is_business=taxes.is_business(db, order.customer_id),
        tax_included=order.tax_included,
        rounding=terms.rounding,
        items=tuple(items),
    )


def question_about(
    db: Connection, order_id: UUID, now: datetime
) -> tuple[TaxQuestion, TaxSheet] | None:
    """What a provider is asked about a draft, and its sheet. None: there is nothing to ask."""
    sheet = taxes.sheets_by_orders(db, [order_id]).get(order_id)
    if sheet is None:
        return None
    order = queries.orders_by_ids(db, [order_id])[order_id]
    terms = taxes.terms_by_channels(db, [order.channel_id])[order.channel_id]
    parts = queries.parts(db, order_id)
    given = given_taxes(order, parts.lines, sheet)
    return question_of(db, terms, order, parts, given, day_of(terms, now)), sheet


def day_of(terms: TaxTerms, now: datetime) -> date:
    """Whose rates count: those of the channel's day."""
    return now.astimezone(ZoneInfo(terms.time_zone)).date()


def _place(terms: TaxTerms, parts: Parts) -> TaxPlace:
    for kind, source in (
        (AddressKind.SHIPPING, PlaceSource.SHIPPING),
        (AddressKind.BILLING, PlaceSource.BILLING),
    ):
        if address := parts.address(kind):
            return TaxPlace(
                address.country,
                canonical_region(address.region, address.country),
                source,
                address.city,
                address.postal_code,
            )
    return TaxPlace(terms.country, terms.region, PlaceSource.CHANNEL)
