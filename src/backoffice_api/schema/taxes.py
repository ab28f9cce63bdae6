"""Taxes on the wire."""

from datetime import date
from decimal import Decimal

import strawberry
from strawberry import UNSET

from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.taxes import queries
from backoffice_api.domain.taxes.model import rates as model
from backoffice_api.domain.taxes.model.categories import TaxCategory
from backoffice_api.domain.taxes.model.questions import NoTaxRate, PlaceSource, TaxWhy
from backoffice_api.domain.taxes.model.rates import TaxBuyers, TaxRateOverlaps, TaxRateSortKey
from backoffice_api.domain.taxes.model.sheets import TaxAnswerStatus
from backoffice_api.domain.taxes.model.terms import TaxRounding, TaxSource
from backoffice_api.schema.aggregates import HasTimeline
from backoffice_api.schema.channels import Channel
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import (
    DateFilter,
    SortDirection,
    StringFilter,
    filter_input,
)
from backoffice_api.schema.links import attach, one
from backoffice_api.schema.money import Money, MoneyInput
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.orders import Order, OrderLine
from backoffice_api.schema.payloads import MutationPayload, UserError, error, payload
from backoffice_api.schema.products import Variant

READ = Scope.ORDERS_READ

for _choices in (PlaceSource, TaxAnswerStatus, TaxBuyers, TaxRateSortKey, TaxRounding, TaxWhy):
    choice(_choices)


@node("txr", model.TaxRate, queries.rates_by_ids, scope=READ)
class TaxRate(Node, Versioned, HasTimeline):
    """A rate of tax: where, for what, for whom and when it applies. The narrowest one counts."""

    name: str = about("What it is called.")
    country: str | None = about("By ISO 3166-1. Null: wherever no country has a rate of its own.")
    region: str | None = about("A region of the country. Null: all of it.")
    tax_class: str | None = about("Only for goods of this tax class. Null: for all.")
    hs_prefix: str | None = about("Only for goods whose HS code begins with it. Null: for all.")
    buyers: TaxBuyers = about("For which buyers.")
    category: TaxCategory = about("Why goods bear this tax, for invoices.")
    rate: Decimal = about("The rate in percent.")
    reason: str | None = about("Why no tax is due, for invoices. Null: the usual words.")
    valid_from: date = about("The first day on which it applies.")
    valid_until: date | None = about("The first day on which it does not any more.")
    is_active: bool = about("False: it was removed.")


@described
class ChannelTaxes:
    """How the orders of a channel are taxed where nobody gives their tax."""

    prices_include_tax: bool = about("Whether prices contain the tax, where an order says nothing.")
    country: str = about("Where goods are handed over if an order has no address.")
    region: str | None = about("In which region. Null: none in particular.")
    time_zone: str = about("By whose days rates apply.")
    shipping_class: str | None = about(
        "The tax class of deliveries. Null: as the goods of which there is most."
    )
    rounding: TaxRounding = about("What is rounded.")
    provider: str | None = about("Which provider outside is asked. Null: none.")
    needs_provider: bool = about("Orders are placed only with its answer.")


@described
class OrderTaxedPart:
    """By what a line of an order was taxed, or its delivery."""

    category: TaxCategory | None = about("Why it bears this tax. Null: no rate is known.")
    rate: Decimal = about("The rate in percent.")
    reason: str | None = about("Why no tax is due, in words. Null where some is.")
    why: list[TaxWhy] = about("Why this rate applies.")
    line: OrderLine | None = one(
        orders.lines_by_ids, "line_id", "The line. Null: it is the delivery."
    )
    tax_rate: TaxRate | None = one(
        queries.rates_by_ids, "rate_id", "The rate as it is now. Null: it is none of the shop's."
    )


@described
class OrderTaxes:
    """By what an order was taxed. Its lines that are missing here were given their tax."""

    status: TaxAnswerStatus = about("Whose word it is.")
    provider: str | None = about("Which provider is or was asked. Null: none.")
    message: str | None = about("Why its answer could not be used. Null: nothing is wrong.")
    country: str = about("Where it is taxed.")
    region: str | None = about("In which region, if one has a rate of its own for it.")
    place_source: PlaceSource = about("How that is known.")
    is_business: bool = about("Whether the buyer has the tax id of a business.")
    taxed: list[OrderTaxedPart] = about("Its lines and the delivery; at most 251.")


@described
class TaxCalculationLine:
    """What one line would bear, and why."""

    net: Money = about("What it comes to without tax.")
    tax: Money = about("Its tax.")
    total: Money = about("What it comes to with tax.")
    category: TaxCategory | None = about("Why it bears this tax. Null: no rate is known.")
    rate: Decimal = about("The rate in percent.")
    reason: str | None = about("Why no tax is due, in words. Null where some is.")
    why: list[TaxWhy] = about("Why this rate applies.")
    tax_rate: TaxRate | None = one(queries.rates_by_ids, "rate_id", "The rate. Null: none fits.")


@described
class TaxCalculation:
    """The taxes of a sale, by the rates of the shop."""

    country: str = about("Where it would be taxed.")
    region: str | None = about("In which region.")
    is_business: bool = about("Whether rates for businesses apply.")
    prices_include_tax: bool = about("Whether the amounts that were given contain the tax.")
    on: date = about("By the rates of which day.")
    tax: Money = about("All tax together.")
    lines: list[TaxCalculationLine] = about("As they were given; at most 250.")
    shipping: TaxCalculationLine | None = about("The delivery. Null: none was given.")


attach(
    Channel,
    "taxes",
    ChannelTaxes | None,
    one(queries.terms_by_channels, "id", "How its orders are taxed. Null: nobody has said."),
)
attach(
    Order,
    "taxes",
    OrderTaxes | None,
    one(queries.sheets_by_orders, "id", "By what it was taxed. Null: all its tax was given."),
)
attach(
    Variant,
    "tax_class",
    str | None,
    one(queries.tax_classes_by_variants, "id", "Its tax class. Null: as all other goods."),
)


@error(NoTaxRate)
class NoTaxRateError(UserError):
    """There is no tax rate for a line, so that what it comes to is not known."""

    country: str = about("Where the rate is missing.")


@error(TaxRateOverlaps)
class TaxRateOverlapsError(UserError):
    """Another rate is for the same place, goods and buyers at the same time."""

    other: str = about("The name of that rate.")


@filter_input
class TaxRateFilter:
    """Which tax rates. All words that are given must hold."""

    is_active: bool | None = about("In use, or removed.", default=UNSET)
    country: StringFilter | None = about("Of such a country.", default=UNSET)
    tax_class: StringFilter | None = about("For such a tax class.", default=UNSET)
    valid_from: DateFilter | None = about("Beginning on such a day.", default=UNSET)


@strawberry.input(description="The order of a list of tax rates.")
class TaxRateSort:
    key: TaxRateSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.ASC)


@strawberry.input(description="A tax rate to be added. What is not given is not narrowed down.")
class TaxRateCreateInput:
    name: str = about("What it is called, at most 120 characters.")
    country: str | None = about("By ISO 3166-1. Null: everywhere.", default=None)
    region: str | None = about(
        "A region of the country, as addresses write it. Null: all of it.", default=None
    )
    tax_class: str | None = about("Only for goods of this tax class.", default=None)
    hs_prefix: str | None = about(
        "Only for goods whose HS code (or NCM) begins with these 2 to 10 digits.", default=None
    )
    buyers: TaxBuyers = about("For which buyers.", default=TaxBuyers.ALL)
    category: TaxCategory = about(
        "Why goods bear this tax; all but `STANDARD` have a rate of zero.",
        default=TaxCategory.STANDARD,
    )
    rate: Decimal = about("The rate in percent, 0 to 100, at most 4 decimals.", default=Decimal(0))
    reason: str | None = about("Why no tax is due, at most 250 characters.", default=None)
    valid_from: date = about("The first day on which it applies.")
    valid_until: date | None = about(
        "The first day on which it does not any more. Null: for good.", default=None
    )


@strawberry.input(description="What is to change of a tax rate. What is absent stays.")
class TaxRateUpdateInput:
    name: str | None = about("What it is called.", default=UNSET)
    category: TaxCategory | None = about("Why goods bear this tax.", default=UNSET)
    rate: Decimal | None = about("The rate in percent.", default=UNSET)
    reason: str | None = about("Why no tax is due; null: the usual words.", default=UNSET)
    valid_from: date | None = about("The first day on which it applies.", default=UNSET)
    valid_until: date | None = about(
        "The first day on which it does not any more; null: for good.", default=UNSET
    )


@strawberry.input(description="The tax class of a variant.")
class VariantSetTaxClassInput:
    tax_class: str | None = about(
        "Its name, as tax rates have it; null: as all other goods.", default=None
    )


@strawberry.input(description="How the orders of a channel are taxed, as a whole.")
class TaxTermsSetInput:
    source: TaxSource = about("Where the taxes of orders made from now on come from.")
    prices_include_tax: bool = about("Whether prices contain the tax.")
    country: str = about("Where goods are handed over if an order has no address; ISO 3166-1.")
    region: str | None = about("In which region.", default=None)
    time_zone: str = about("By whose days rates apply, as in the IANA database.", default="UTC")
    shipping_class: str | None = about(
        "The tax class of deliveries. Null: as the goods of which there is most.", default=None
    )
    rounding: TaxRounding = about("What is rounded.", default=TaxRounding.LINE)
    provider: str | None = about("Which provider outside is asked. Null: none.", default=None)
    needs_provider: bool = about("Orders are placed only with its answer.", default=False)


@strawberry.input(description="Something that would be sold.")
class TaxCalculateLineInput:
    amount: MoneyInput = about("What is charged for it in all, after discounts.")
    variant_id: strawberry.ID | None = about("What it is, for its class and code.", default=None)
    tax_class: str | None = about("Its tax class. Null: that of the variant.", default=None)
    hs_code: str | None = about("Its HS code. Null: that of the variant.", default=None)


@strawberry.input(description="A sale of which the taxes are asked.")
class TaxCalculateInput:
    channel_id: strawberry.ID = about("Where it is sold.")
    lines: list[TaxCalculateLineInput] = about("What is sold, at most 250 lines.")
    shipping: MoneyInput | None = about("What the delivery costs.", default=None)
    country: str | None = about("Where it goes. Null: where the channel is.", default=None)
    region: str | None = about("In which region.", default=None)
    customer_id: strawberry.ID | None = about(
        "Who buys; takes customers:read. Null: somebody unknown.", default=None
    )
    is_business: bool | None = about(
        "Whether a business buys. Null: as the customer's tax ids say.", default=None
    )
    prices_include_tax: bool | None = about(
        "Whether the amounts contain the tax. Null: as the channel says.", default=None
    )
    on: date | None = about("By the rates of which day. Null: of today.", default=None)


@payload
class TaxRatePayload(MutationPayload):
    """What a mutation of a tax rate answers."""

    tax_rate: TaxRate | None = one(
        queries.rates_by_ids, "value", "The rate as it is now. Null if it was refused."
    )
