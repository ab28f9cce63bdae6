"""Publications and readiness on the wire."""

import inspect
from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import UNSET

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.orders import queries as of_orders
from backoffice_api.domain.products import queries as of_products
from backoffice_api.domain.publishing import queries
from backoffice_api.domain.publishing.model import publications as model
from backoffice_api.domain.publishing.model import readiness as of_readiness
from backoffice_api.domain.publishing.model.publications import (
    PublicationSortKey,
    PublicationStatus,
)
from backoffice_api.domain.publishing.model.readiness import NotReady, ReadinessKind
from backoffice_api.schema.aggregates import ActionState, HasTimeline
from backoffice_api.schema.channels import Channel
from backoffice_api.schema.connections import parameter
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import IdFilter, SortDirection, filter_input
from backoffice_api.schema.links import attach, linked_with, many, one
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import UserError, error
from backoffice_api.schema.products import READ, Product

choice(PublicationSortKey)
choice(PublicationStatus)
choice(ReadinessKind)


@node("pub", model.Publication, queries.publications_by_ids, scope=READ)
class Publication(Node, Versioned, HasTimeline):
    """A product in a channel: shown, to be shown, or not."""

    product: Product = one(of_products.products_by_ids, "product_id", "The product.")
    channel: Channel = one(of_orders.channels_by_ids, "channel_id", "The channel.")
    status: PublicationStatus = about("Whether the channel shows the product.")
    publish_at: datetime | None = about("When it is to be shown. Null unless it is scheduled.")
    unpublish_at: datetime | None = about("When it is to be hidden. Null if that is left open.")
    published_at: datetime | None = about("Since when it is shown. Null if it is not.")
    actions: list[ActionState] = about("What can be done with it now.")


@described
class ReadinessRule:
    """What a channel asks of products."""

    kind: ReadinessKind = about("What is asked for.")
    argument: str | None = about(
        "The country of a fiscal profile, the key of a custom field. Else null."
    )


@described
class ReadinessFix:
    """Something that a product lacks."""

    kind: ReadinessKind = about("The rule that it breaks.")
    message: str = about("What to do, in words.")
    path: list[str] = about("Where, by names of fields from the subject on.")

    @strawberry.field(description="Id of the product or the variant that lacks it.")
    def subject_id(parent: strawberry.Parent[of_readiness.Fix]) -> strawberry.ID:
        return strawberry.ID(ids.text(parent.subject_kind, parent.subject_id))


@described
class Readiness:
    """What a product lacks in a channel."""

    ready: bool = about("Whether it lacks nothing.")
    fixes: list[ReadinessFix] = about("What it lacks, by the channel's rules; at most 100.")


_Channel = Annotated[strawberry.ID, strawberry.argument(description="The channel.")]

attach(
    Product,
    "publications",
    list[Publication],
    many(
        queries.publications_by_products, "id", "In which channels it is shown, or was meant to be."
    ),
)
attach(
    Product,
    "readiness",
    Readiness | None,
    linked_with(
        queries.readiness_of,
        "id",
        [parameter("channel", _Channel, inspect.Parameter.empty)],
        "What it lacks to be shown in a channel.",
        weight=5,
    ),
)
attach(
    Channel,
    "readiness_rules",
    list[ReadinessRule],
    many(queries.rules_by_channels, "id", "What it asks of products, at most 30."),
)


@error(NotReady)
class NotReadyError(UserError):
    """The product lacks what the channel asks for."""

    fixes: list[ReadinessFix] = about("What it lacks, at most 100.")


@filter_input
class PublicationFilter:
    """Which publications. All words that are given must hold."""

    status: list[PublicationStatus] | None = about("In one of these states.", default=UNSET)
    channel_id: IdFilter | None = about("In such a channel.", default=UNSET)
    product_id: IdFilter | None = about("Of such a product.", default=UNSET)


@strawberry.input(description="The order of a list of publications.")
class PublicationSort:
    key: PublicationSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(description="Where and when a product is to be shown.")
class ProductPublishInput:
    channel_id: strawberry.ID = about("The channel.")
    at: datetime | None = about("From when on; null: now.", default=None)
    until: datetime | None = about("When it is to be hidden; null: left open.", default=None)


@strawberry.input(description="Where and when a product is to be hidden.")
class ProductUnpublishInput:
    channel_id: strawberry.ID = about("The channel.")
    at: datetime | None = about("When; null: now.", default=None)


@strawberry.input(description="What a channel asks of products.")
class ReadinessRuleInput:
    kind: ReadinessKind = about("What is asked for.")
    argument: str | None = about(
        "The country of a fiscal profile, the key of a custom field.", default=None
    )

    def value(self) -> of_readiness.ReadinessRule:
        return of_readiness.ReadinessRule(self.kind, self.argument)


@strawberry.input(description="All that a channel asks of products. What is shown already stays.")
class ChannelSetReadinessInput:
    rules: list[ReadinessRuleInput] = about("The rules, at most 30; empty: nothing is asked.")
