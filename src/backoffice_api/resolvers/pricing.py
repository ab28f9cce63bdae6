"""What can be asked and done with prices."""

from collections.abc import Mapping
from datetime import UTC, datetime
from inspect import Parameter
from typing import Annotated, Any

import strawberry
from sqlalchemy import Connection as Database

from backoffice_api.context import Context
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import OutOfRange
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.pricing import queries
from backoffice_api.domain.pricing.commands import lists as on_lists
from backoffice_api.domain.pricing.model import offers
from backoffice_api.domain.pricing.model.lists import MINIMUM_MAX
from backoffice_api.schema.connections import Connection, Count, asked, counted, listed, parameter
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.lookups import Way, by_id, lookup
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.payloads import keep
from backoffice_api.schema.pricing import (
    READ,
    PriceAnswer,
    PriceList,
    PriceListCreateInput,
    PriceListFilter,
    PriceListLookup,
    PriceListPayload,
    PriceListSetPricesInput,
    PriceListSort,
    PriceListUpdateInput,
)

_Variant = Annotated[strawberry.ID, strawberry.argument(description="What is bought.")]
_Channel = Annotated[strawberry.ID, strawberry.argument(description="Where, and so its currency.")]
_Customer = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="Who buys; takes customers:read. Null: somebody unknown."),
]
_Quantity = Annotated[int, strawberry.argument(description="How many pieces, at least 1.")]
_At = Annotated[datetime | None, strawberry.argument(description="When. Null: now.")]


def _price_for(
    db: Database, context: Context, arguments: Mapping[str, Any]
) -> offers.PriceAnswer | None:
    variant_id = ids.parse("sku", arguments["variant_id"])
    channel_id = ids.parse("chn", arguments["channel_id"])
    customer_id = arguments.get("customer_id")
    if customer_id:
        context.caller.require(Scope.CUSTOMERS_READ)
    quantity = arguments["quantity"]
    if not 1 <= quantity <= MINIMUM_MAX:
        raise OutOfRange(1, MINIMUM_MAX)
    channel = orders.channels_by_ids(db, [channel_id]).get(channel_id)
    if channel is None:
        return None
    given = given_id("cus", customer_id)
    tags = queries.tags_of_customer(db, given)
    groups = queries.groups_of_customer(db, given)
    at = arguments.get("at") or datetime.now(UTC)
    buyer = offers.Buyer(channel_id, tags, quantity, at, groups)
    return queries.price_for(db, variant_id, channel.currency, buyer)


@strawberry.type
class PricingQuery:
    price_for: PriceAnswer | None = asked(
        _price_for,
        [
            parameter("variant_id", _Variant, Parameter.empty),
            parameter("channel_id", _Channel, Parameter.empty),
            parameter("customer_id", _Customer),
            parameter("quantity", _Quantity, 1),
            parameter("at", _At),
        ],
        "What a variant costs, and why. Null if there is no such channel.",
        scope=READ,
        weight=5,
    )
    price_list: PriceList | None = lookup(
        PriceListLookup,
        "One price list. Null if there is none.",
        {
            "id": by_id("pls", queries.price_lists_by_ids),
            "code": Way(queries.price_lists_by_codes, str),
        },
        scope=READ,
    )
    price_lists: Connection[PriceList] = listed(
        queries.price_list_list,
        "Price lists, newest first.",
        scope=READ,
        filter=PriceListFilter,
        sort=PriceListSort,
    )
    price_lists_count: Count = counted(
        queries.price_list_list,
        "How many price lists there are.",
        scope=READ,
        filter=PriceListFilter,
    )


@strawberry.type
class PricingMutation:
    @mutation(on_lists.create_price_list, PriceListPayload)
    def price_list_create(input: PriceListCreateInput) -> on_lists.CreatePriceList:
        """Make a price list. It is a draft until it is activated."""
        return on_lists.CreatePriceList(
            code=input.code,
            name=input.name,
            currency=input.currency,
            channel_id=given_id("chn", input.channel_id),
            customer_tag=input.customer_tag,
            customer_group_id=given_id("cgr", input.customer_group_id),
            priority=input.priority,
            valid_from=input.valid_from,
            valid_to=input.valid_to,
        )

    @mutation(on_lists.update_price_list, PriceListPayload)
    def price_list_update(
        id: strawberry.ID, input: PriceListUpdateInput
    ) -> on_lists.UpdatePriceList:
        """Change a price list. What is absent stays; null clears."""
        return on_lists.UpdatePriceList(
            id=ids.parse("pls", id),
            code=keep(input.code),
            name=keep(input.name),
            priority=keep(input.priority),
            valid_from=keep(input.valid_from, nullable=True),
            valid_to=keep(input.valid_to, nullable=True),
        )

    @mutation(on_lists.activate_price_list, PriceListPayload)
    def price_list_activate(id: strawberry.ID) -> on_lists.ActivatePriceList:
        """Let the prices of a list apply."""
        return on_lists.ActivatePriceList(id=ids.parse("pls", id))

    @mutation(on_lists.archive_price_list, PriceListPayload)
    def price_list_archive(id: strawberry.ID) -> on_lists.ArchivePriceList:
        """Let the prices of a list apply no more."""
        return on_lists.ArchivePriceList(id=ids.parse("pls", id))

    @mutation(on_lists.set_list_prices, PriceListPayload)
    def price_list_set_prices(
        id: strawberry.ID, input: PriceListSetPricesInput
    ) -> on_lists.SetListPrices:
        """Give a list prices, from now on or from a later moment. What applied so far stays."""
        return on_lists.SetListPrices(
            id=ids.parse("pls", id), prices=tuple(each.value() for each in input.prices)
        )
