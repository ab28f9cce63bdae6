"""What can be asked and done with taxes."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from inspect import Parameter
from typing import Annotated, Any

import strawberry
from sqlalchemy import Connection as Database

from backoffice_api.context import Context
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.countries import UnknownCountry, check_country
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_size
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.orders.commands import tax_terms
from backoffice_api.domain.orders.model.amounts import check_given
from backoffice_api.domain.orders.model.lines import LINES_MAX
from backoffice_api.domain.orders.queries import calculating
from backoffice_api.domain.taxes import queries
from backoffice_api.domain.taxes.commands import rates as on_rates
from backoffice_api.domain.taxes.model.categories import rate_from
from backoffice_api.schema.channels import ChannelPayload
from backoffice_api.schema.connections import (
    Connection,
    Count,
    asked,
    counted,
    listed,
    parameter,
)
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.lookups import found_by_id
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.payloads import keep
from backoffice_api.schema.products import VariantPayload
from backoffice_api.schema.taxes import (
    READ,
    TaxCalculateInput,
    TaxCalculation,
    TaxRate,
    TaxRateCreateInput,
    TaxRateFilter,
    TaxRatePayload,
    TaxRateSort,
    TaxRateUpdateInput,
    TaxTermsSetInput,
    VariantSetTaxClassInput,
)

_Sale = Annotated[TaxCalculateInput, strawberry.argument(description="What would be sold.")]


def _calculation(db: Database, context: Context, arguments: Mapping[str, Any]) -> Any:
    given: TaxCalculateInput = arguments["input"]
    if given.customer_id:
        context.caller.require(Scope.CUSTOMERS_READ)
    channel_id = ids.parse("chn", given.channel_id)
    channel = orders.channels_by_ids(db, [channel_id]).get(channel_id)
    if channel is None:
        return None
    sale = calculating.Sale(
        channel_id=channel_id,
        currency=channel.currency,
        country=given.country,
        region=given.region,
        customer_id=given_id("cus", given.customer_id),
        is_business=given.is_business,
        prices_include_tax=given.prices_include_tax,
        on=given.on,
        lines=[
            calculating.SaleLine(
                each.amount.value(), given_id("sku", each.variant_id), each.tax_class, each.hs_code
            )
            for each in given.lines[: LINES_MAX + 1]
        ],
        shipping=given.shipping.value() if given.shipping else None,
    )
    _check(sale)
    return calculating.calculation_of(db, sale, datetime.now(UTC))


def _check(sale: calculating.Sale) -> None:
    faults = Faults()
    check_size(sale.lines, faults, "lines", maximum=LINES_MAX)
    if sale.country is not None:
        try:
            check_country(sale.country)
        except UnknownCountry as fault:
            faults.add(fault.at("country"))
    check_given(faults, sale.shipping, sale.currency, "shipping")
    for position, each in enumerate(sale.lines):
        check_given(faults, each.amount, sale.currency, "lines", position, "amount")
    faults.check()


@strawberry.type
class TaxQuery:
    tax_rate: TaxRate | None = found_by_id(
        "txr", queries.rates_by_ids, "Its id.", "One tax rate. Null if there is none.", scope=READ
    )
    tax_rates: Connection[TaxRate] = listed(
        queries.rate_list,
        "Tax rates by place; removed ones, too.",
        scope=READ,
        filter=TaxRateFilter,
        sort=TaxRateSort,
    )
    tax_rates_count: Count = counted(
        queries.rate_list, "How many tax rates there are.", scope=READ, filter=TaxRateFilter
    )
    tax_calculate: TaxCalculation | None = asked(
        _calculation,
        [parameter("input", _Sale, Parameter.empty)],
        "What tax a sale would bear by the shop's rates, and why. Null: the channel has no terms.",
        scope=READ,
        weight=5,
    )


@strawberry.type
class TaxMutation:
    @mutation(on_rates.create_tax_rate, TaxRatePayload)
    def tax_rate_create(input: TaxRateCreateInput) -> on_rates.CreateTaxRate:
        """Add a tax rate."""
        return on_rates.CreateTaxRate(
            name=input.name,
            country=input.country,
            region=input.region,
            tax_class=input.tax_class,
            hs_prefix=input.hs_prefix,
            buyers=input.buyers,
            category=input.category,
            rate_ppm=rate_from(input.rate),
            reason=input.reason,
            valid_from=input.valid_from,
            valid_until=input.valid_until,
        )

    @mutation(on_rates.update_tax_rate, TaxRatePayload)
    def tax_rate_update(id: strawberry.ID, input: TaxRateUpdateInput) -> on_rates.UpdateTaxRate:
        """Change a tax rate. Orders that are placed keep the rate that they froze."""
        rate = keep(input.rate)
        return on_rates.UpdateTaxRate(
            id=ids.parse("txr", id),
            name=keep(input.name),
            category=keep(input.category),
            rate_ppm=rate_from(rate) if isinstance(rate, Decimal) else rate,
            reason=keep(input.reason, nullable=True),
            valid_from=keep(input.valid_from),
            valid_until=keep(input.valid_until, nullable=True),
        )

    @mutation(on_rates.remove_tax_rate, TaxRatePayload)
    def tax_rate_remove(id: strawberry.ID) -> on_rates.RemoveTaxRate:
        """Take a tax rate away. Orders that are placed keep it."""
        return on_rates.RemoveTaxRate(id=ids.parse("txr", id))

    @mutation(on_rates.set_tax_class, VariantPayload)
    def variant_set_tax_class(
        id: strawberry.ID, input: VariantSetTaxClassInput
    ) -> on_rates.SetTaxClass:
        """Say of which tax class a variant is."""
        return on_rates.SetTaxClass(id=ids.parse("sku", id), tax_class=input.tax_class)

    @mutation(tax_terms.set_channel_taxes, ChannelPayload)
    def tax_terms_set(id: strawberry.ID, input: TaxTermsSetInput) -> tax_terms.SetChannelTaxes:
        """Say how the orders of a channel are taxed where nobody gives their tax."""
        return tax_terms.SetChannelTaxes(
            id=ids.parse("chn", id),
            source=input.source,
            prices_include_tax=input.prices_include_tax,
            country=input.country,
            region=input.region,
            time_zone=input.time_zone,
            shipping_class=input.shipping_class,
            rounding=input.rounding,
            provider=input.provider,
            needs_provider=input.needs_provider,
        )
