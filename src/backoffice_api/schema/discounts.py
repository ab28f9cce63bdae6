"""Discount codes on the wire."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from backoffice_api.domain.customers import queries as customers
from backoffice_api.domain.discounts import model, queries
from backoffice_api.domain.discounts.model import DiscountCodeSortKey, DiscountCodeStatus
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.orders import queries as orders
from backoffice_api.schema.aggregates import ActionState, HasTimeline
from backoffice_api.schema.channels import READ, Channel
from backoffice_api.schema.customers import Customer
from backoffice_api.schema.directives import about
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import (
    DateTimeFilter,
    IdFilter,
    SortDirection,
    StringFilter,
    filter_input,
)
from backoffice_api.schema.links import one
from backoffice_api.schema.money import Money, MoneyInput
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, UserError, error, payload

for _choices in (DiscountCodeSortKey, DiscountCodeStatus):
    choice(_choices)


@node("dsc", model.CountedDiscountCode, queries.codes_by_ids, scope=READ)
class DiscountCode(Node, Versioned, HasTimeline):
    """What a buyer enters to pay less. It is counted when an order is placed with it."""

    code: str = about("What is entered, in capital letters; unique.")
    label: str = about("What the discount is called on the order.")
    percent_bp: int | None = about(
        "The share of what the lines come to, in hundredths of a percent; rounded half up. Null: "
        "an amount is taken off."
    )
    amount: Money | None = about("What is taken off. Null: a share is.")
    minimum_subtotal: Money | None = about(
        "What the lines have to come to, before discounts. Null: it does not matter."
    )
    valid_from: datetime | None = about("From when it can be used. Null: since it was made.")
    valid_until: datetime | None = about("Until when, exclusive. Null: without an end.")
    usage_limit: int | None = about("How many orders can use it. Null: as many as want to.")
    once_per_customer: bool = about("Each customer can use it once, and guests cannot.")
    used: int = about("How many placed orders use it, without those that were called off.")
    status: DiscountCodeStatus = about("Whether it can be used.")
    disabled_at: datetime | None = about("When it was put out of use. Null: it is not.")
    actions: list[ActionState] = about("What can be done with it now.")
    channel: Channel | None = one(
        orders.channels_by_ids, "channel_id", "The channel for which it is. Null: for all."
    )
    customer: Customer | None = one(
        customers.customers_by_ids,
        "customer_id",
        "The one who can use it. Null: everybody can.",
        scope=Scope.CUSTOMERS_READ,
    )


@filter_input
class DiscountCodeFilter:
    """Which discount codes. All words that are given must hold."""

    status: list[DiscountCodeStatus] | None = about("In one of these states.", default=UNSET)
    code: StringFilter | None = about("By code, as it is kept: in capital letters.", default=UNSET)
    channel_id: IdFilter | None = about("For such a channel.", default=UNSET)
    customer_id: IdFilter | None = about("For such a customer.", default=UNSET)
    valid_until: DateTimeFilter | None = about("That end at such a time.", default=UNSET)
    created_at: DateTimeFilter | None = about("Made at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of discount codes.")
class DiscountCodeSort:
    key: DiscountCodeSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(one_of=True, description="Names one discount code, in one of these ways.")
class DiscountCodeLookup:
    id: strawberry.ID | None = about("By its id.", default=UNSET)
    code: str | None = about("As it was entered, in letters of either case.", default=UNSET)


@strawberry.input(description="A discount code to be made. It takes off a share or an amount.")
class DiscountCodeCreateInput:
    code: str | None = about(
        "3 to 40 letters A to Z, digits, - and _; letters of either case. Null: one is made up "
        "that nobody guesses.",
        default=None,
    )
    label: str | None = about("What it is called on the order. Null: the code.", default=None)
    percent_bp: int | None = about(
        "The share in hundredths of a percent, 1 to 10,000: 1250 is 12.5 %.", default=None
    )
    amount: MoneyInput | None = about("What is taken off.", default=None)
    minimum_subtotal: MoneyInput | None = about(
        "What the lines have to come to, before discounts.", default=None
    )
    channel_id: strawberry.ID | None = about("For which channel. Null: for all.", default=None)
    customer_id: strawberry.ID | None = about("For whom. Null: for everybody.", default=None)
    valid_from: datetime | None = about("From when it can be used.", default=None)
    valid_until: datetime | None = about("Until when, exclusive.", default=None)
    usage_limit: int | None = about("How many orders can use it, at least 1.", default=None)
    once_per_customer: bool = about("Each customer can use it once.", default=False)


@strawberry.input(
    description="What is to change of a discount code. What is absent stays, as does what it "
    "takes off, where and for whom: that was promised."
)
class DiscountCodeUpdateInput:
    label: str | None = about("What it is called on orders from now on.", default=UNSET)
    valid_from: datetime | None = about("From when; null: at once.", default=UNSET)
    valid_until: datetime | None = about("Until when; null: without an end.", default=UNSET)
    usage_limit: int | None = about(
        "How many orders can use it, no less than do; null: as many as want to.", default=UNSET
    )
    once_per_customer: bool | None = about("Each customer can use it once.", default=UNSET)


@error(model.DiscountCodeExpired)
class DiscountCodeExpiredError(UserError):
    """The time of the code is over."""

    name: str = about("The code.")
    valid_until: datetime = about("When it ended.")


@error(model.DiscountCodeNotYetValid)
class DiscountCodeNotYetValidError(UserError):
    """The code can be used only later."""

    name: str = about("The code.")
    valid_from: datetime = about("From when it can be used.")


@error(model.DiscountCodeUsedUp)
class DiscountCodeUsedUpError(UserError):
    """As many orders use the code as may."""

    name: str = about("The code.")
    usage_limit: int = about("How many that is.")


@error(model.DiscountCodeBelowMinimum)
class DiscountCodeBelowMinimumError(UserError):
    """The order comes to less than the code asks for."""

    name: str = about("The code.")
    minimum: str = about("What it asks for, as 50.00 EUR.")


@payload
class DiscountCodePayload(MutationPayload):
    """What a mutation of a discount code answers."""

    discount_code: DiscountCode | None = one(
        queries.codes_by_ids, "value", "The code as it is now. Null if it was refused."
    )
