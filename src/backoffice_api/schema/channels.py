"""Channels on the wire."""

import strawberry
from strawberry import UNSET

from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.model import channels as model
from backoffice_api.domain.orders.model.channels import ChannelSortKey, ChannelStatus, UnknownSkus
from backoffice_api.domain.orders.model.payments import PaymentGate
from backoffice_api.domain.taxes.model.terms import TaxSource
from backoffice_api.schema.aggregates import ActionState, HasTimeline
from backoffice_api.schema.directives import about
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import SortDirection, StringFilter, filter_input
from backoffice_api.schema.links import one
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.scalars import BigInt, CurrencyCode

READ = Scope.ORDERS_READ

for _choices in (ChannelSortKey, ChannelStatus, PaymentGate, TaxSource, UnknownSkus):
    choice(_choices)


@node("chn", model.Channel, queries.channels_by_ids, scope=READ)
class Channel(Node, Versioned, HasTimeline):
    """Where orders come from: a web shop, a marketplace, a counter."""

    code: str = about("Short name for programs, unique.")
    name: str = about("Its name.")
    currency: CurrencyCode = about("The currency of orders that are made in it.")
    number_prefix: str = about("What its order numbers begin with. Empty if nothing.")
    status: ChannelStatus = about("Whether orders can be placed in it.")
    payment_gate: PaymentGate = about("What its orders wait for, on hold, before goods leave.")
    uncancel_minutes: int = about("For so long a cancelled order can be taken up again.")
    unknown_skus: UnknownSkus = about("What becomes of orders from outside with unknown SKUs.")
    tax_source: TaxSource = about("Where the taxes of its orders come from.")
    actions: list[ActionState] = about("What can be done with it now.")


@filter_input
class ChannelFilter:
    """Which channels. All words that are given must hold."""

    status: list[ChannelStatus] | None = about("In one of these states.", default=UNSET)
    code: StringFilter | None = about("By code.", default=UNSET)


@strawberry.input(description="The order of a list of channels.")
class ChannelSort:
    key: ChannelSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.ASC)


@strawberry.input(one_of=True, description="Names one channel, in one of these ways.")
class ChannelLookup:
    id: strawberry.ID | None = about("By its id.", default=UNSET)
    code: str | None = about("By its code.", default=UNSET)


@strawberry.input(description="A channel to be made.")
class ChannelCreateInput:
    code: str = about("Short name for programs, unique, at most 80 characters.")
    name: str = about("Its name, at most 250 characters.")
    currency: CurrencyCode = about("The currency of its orders; it cannot change later.")
    number_prefix: str = about(
        "What its order numbers begin with, at most 20 characters, not ending in a digit.",
        default="",
    )
    number_next: BigInt = about("The digits of its first order number.", default=BigInt(1))
    payment_gate: PaymentGate = about(
        "What its orders wait for before goods leave.", default=PaymentGate.NONE
    )
    uncancel_minutes: int = about(
        "For so long a cancelled order can be taken up again, 0 to 43,200.", default=30
    )
    unknown_skus: UnknownSkus = about(
        "What becomes of orders from outside with unknown SKUs.", default=UnknownSkus.HOLD
    )


@strawberry.input(description="What is to change of a channel. What is absent stays.")
class ChannelUpdateInput:
    code: str | None = about("Short name for programs.", default=UNSET)
    name: str | None = about("Its name.", default=UNSET)
    number_prefix: str | None = about(
        "What its order numbers begin with from now on.", default=UNSET
    )
    number_next: BigInt | None = about(
        "The digits of the next order number. It can only go up.", default=UNSET
    )
    payment_gate: PaymentGate | None = about(
        "What orders that are placed from now on wait for.", default=UNSET
    )
    uncancel_minutes: int | None = about(
        "For so long a cancelled order can be taken up again.", default=UNSET
    )
    unknown_skus: UnknownSkus | None = about(
        "What becomes of orders from outside with unknown SKUs.", default=UNSET
    )


@payload
class ChannelPayload(MutationPayload):
    """What a mutation of a channel answers."""

    channel: Channel | None = one(
        queries.channels_by_ids, "value", "The channel as it is now. Null if it was refused."
    )
