"""Price lists and the price that applies, on the wire."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from backoffice_api.domain.customers.queries import accounts
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.pricing import queries
from backoffice_api.domain.pricing.model import lists
from backoffice_api.domain.pricing.model.lists import (
    PRIORITY_DEFAULT,
    ListPriceSortKey,
    PriceListSortKey,
    PriceListStatus,
)
from backoffice_api.domain.pricing.model.offers import PriceVerdict
from backoffice_api.domain.pricing.tables import list_prices
from backoffice_api.domain.products import queries as products
from backoffice_api.schema.aggregates import ActionState, HasTimeline
from backoffice_api.schema.channels import Channel
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.customer_accounts import CustomerGroup
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import (
    DateTimeFilter,
    IdFilter,
    SortDirection,
    StringFilter,
    filter_input,
)
from backoffice_api.schema.links import one
from backoffice_api.schema.money import UnitPrice, UnitPriceInput
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.products import Variant
from backoffice_api.schema.scalars import CurrencyCode

READ = Scope.PRODUCTS_READ

for _choices in (ListPriceSortKey, PriceListSortKey, PriceListStatus, PriceVerdict):
    choice(_choices)


@described
class ListPrice:
    """The price of one piece in a list, for a time."""

    minimum_quantity: int = about("From how many pieces on.")
    unit_price: UnitPrice | None = about(
        "The price of one piece. Null: from then on the list has none."
    )
    valid_from: datetime = about("From when it applies.")
    valid_to: datetime | None = about("Until when. Null: until another one begins.")
    variant: Variant = one(products.variants_by_ids, "variant_id", "What it is the price of.")


@filter_input
class ListPriceFilter:
    """Which prices of a list. All words that are given must hold."""

    variant_id: IdFilter | None = about("Of such a variant.", default=UNSET)
    valid_from: DateTimeFilter | None = about("Beginning at such a time.", default=UNSET)


@node("pls", lists.PriceList, queries.price_lists_by_ids, scope=READ)
class PriceList(Node, Versioned, HasTimeline):
    """Prices that apply for some time, in some channel, to some customers."""

    code: str = about("Its short name, unique.")
    name: str = about("Its name.")
    currency: CurrencyCode = about("The currency of its prices.")
    customer_tag: str | None = about(
        "The tag of the customers for whom it is. Null: for everybody, or for a customer group."
    )
    priority: int = about("Of several lists with a price, the one with the smallest number counts.")
    valid_from: datetime | None = about("From when it applies. Null: since it was activated.")
    valid_to: datetime | None = about("Until when it applies. Null: until it is archived.")
    status: PriceListStatus = about("Whether its prices apply.")
    activated_at: datetime | None = about("When it was activated. Null if it was not.")
    archived_at: datetime | None = about("When it was archived. Null if it is not.")
    actions: list[ActionState] = about("What can be done with it now.")
    channel: Channel | None = one(
        orders.channels_by_ids,
        "channel_id",
        "The channel for which it is. Null: for all.",
        scope=Scope.ORDERS_READ,
    )
    customer_group: CustomerGroup | None = one(
        accounts.groups_by_ids,
        "customer_group_id",
        "The customer group for which it is. Null: for everybody, or for customers with a tag.",
        scope=Scope.CUSTOMERS_READ,
    )
    prices: Connection[ListPrice] = listed_under(
        queries.list_price_list,
        list_prices.c.price_list_id,
        "Its prices, past and future ones too, those that begin last first.",
        filter=ListPriceFilter,
    )


@described
class PriceCandidate:
    """A price, and why it applies or not."""

    verdict: PriceVerdict = about("Why it applies, or why not.")
    unit_price: UnitPrice | None = about("The price of one piece. Null: the list has none.")
    minimum_quantity: int = about("From how many pieces on.")
    valid_from: datetime | None = about("From when it applies. Null for the base price.")
    valid_to: datetime | None = about("Until when. Null: without an end.")
    price_list: PriceList | None = one(
        queries.price_lists_by_ids, "list_id", "The list it is in. Null: it is the base price."
    )


@described
class LowestPrice:
    """What a reduction has to be compared with in the European Union.

    Directive 98/6/EC, article 6a, as inserted by Directive (EU) 2019/2161: the lowest price of the
    30 days before the present one began, for everybody, in this channel.
    """

    current: UnitPrice = about("The price of now.")
    since: datetime | None = about("When it began. Null: it was always so, as far as is known.")
    lowest: UnitPrice | None = about("The lowest price of the 30 days before. Null: it had none.")


@described
class PriceAnswer:
    """What a variant costs somebody, and why."""

    unit_price: UnitPrice | None = about("The price that applies. Null: it has none.")
    candidates: list[PriceCandidate] = about(
        "All its prices in the currency of the channel, in the order in which they are asked; the "
        "newest 500 of lists, and the base price."
    )
    lowest: LowestPrice | None = about("What a reduction is compared with. Null: it has no price.")


@filter_input
class PriceListFilter:
    """Which price lists. All words that are given must hold."""

    status: list[PriceListStatus] | None = about("In one of these states.", default=UNSET)
    code: StringFilter | None = about("By code.", default=UNSET)
    channel_id: IdFilter | None = about("For such a channel.", default=UNSET)
    customer_tag: StringFilter | None = about("For customers with such a tag.", default=UNSET)
    customer_group_id: IdFilter | None = about("For such a customer group.", default=UNSET)
    variant_id: IdFilter | None = about("With a price of such a variant.", default=UNSET)
    created_at: DateTimeFilter | None = about("Made at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of price lists.")
class PriceListSort:
    key: PriceListSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(one_of=True, description="Names one price list, in one of these ways.")
class PriceListLookup:
    id: strawberry.ID | None = about("By its id.", default=UNSET)
    code: str | None = about("By its code.", default=UNSET)


@strawberry.input(description="A price list to be made.")
class PriceListCreateInput:
    code: str = about("Its short name, unique, at most 80 characters.")
    name: str = about("Its name, at most 250 characters.")
    currency: CurrencyCode = about("The currency of its prices.")
    channel_id: strawberry.ID | None = about("For which channel. Null: for all.", default=None)
    customer_tag: str | None = about(
        "For customers with this tag. Null: for everybody.", default=None
    )
    customer_group_id: strawberry.ID | None = about(
        "For this customer group; either this or a tag. Null: for everybody.", default=None
    )
    priority: int = about(
        "0 to 1,000,000: of several lists with a price, the smallest number counts.",
        default=PRIORITY_DEFAULT,
    )
    valid_from: datetime | None = about("From when it applies.", default=None)
    valid_to: datetime | None = about("Until when it applies.", default=None)


@strawberry.input(description="What is to change of a price list. What is absent stays.")
class PriceListUpdateInput:
    code: str | None = about("Its short name.", default=UNSET)
    name: str | None = about("Its name.", default=UNSET)
    priority: int | None = about("The smallest number counts.", default=UNSET)
    valid_from: datetime | None = about("From when; null: since it is active.", default=UNSET)
    valid_to: datetime | None = about("Until when; null: without an end.", default=UNSET)


@strawberry.input(description="A price that a list is to have, from now on or from later on.")
class ListPriceInput:
    variant_id: strawberry.ID = about("What it is the price of.")
    unit_price: UnitPriceInput | None = about("The price of one piece. Null: none from then on.")
    minimum_quantity: int = about("From how many pieces on, at least 1.", default=1)
    valid_from: datetime | None = about("From when. Null: from now on.", default=None)
    valid_to: datetime | None = about(
        "Until when; then what applied before does again. Null: for good.", default=None
    )

    def value(self) -> lists.PriceDraft:
        """Raises: MalformedId, TooPrecise, AmountTooLarge."""
        return lists.PriceDraft(
            variant_id=ids.parse("sku", self.variant_id),
            unit_price=self.unit_price.value() if self.unit_price else None,
            minimum_quantity=self.minimum_quantity,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
        )


@strawberry.input(description="Prices that a list is to have: all of them, or none.")
class PriceListSetPricesInput:
    prices: list[ListPriceInput] = about("At most 1,000.")


@payload
class PriceListPayload(MutationPayload):
    """What a mutation of a price list answers."""

    price_list: PriceList | None = one(
        queries.price_lists_by_ids, "value", "The list as it is now. Null if it was refused."
    )
