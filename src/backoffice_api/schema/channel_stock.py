"""What channels may sell of the stock: buffers and caps on the wire."""

import strawberry
from strawberry import UNSET

from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.orders.model import buffers as model
from backoffice_api.domain.orders.model.buffers import ChannelStockRuleSortKey
from backoffice_api.domain.orders.queries import channel_stock as queries
from backoffice_api.domain.products import queries as products
from backoffice_api.schema.aggregates import HasTimeline
from backoffice_api.schema.channels import READ, Channel
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import IdFilter, filter_input
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.products import Variant

choice(ChannelStockRuleSortKey)


@node("csr", model.ChannelStockRule, queries.stock_rules_by_ids, scope=READ)
class ChannelStockRule(Node, Versioned, HasTimeline):
    """How much of the stock is kept from a channel."""

    buffer: int = about("The last pieces, which it may not sell.")
    cap: int | None = about("It sees, and can order at once, at most so many. Null: any number.")
    backorder_limit: int = about("So many pieces of a variant may be sold that are not there.")
    channel: Channel = one(orders.channels_by_ids, "channel_id", "The channel.")
    variant: Variant | None = one(
        products.variants_by_ids,
        "variant_id",
        "Of which variant. Null: of all that have no rule of their own.",
    )


@described
class ChannelStock:
    """What a channel may sell of a variant now."""

    quantity: int = about("Pieces it may sell: available less the buffer, at most the cap.")
    available: int = about("Pieces that can be promised at all.")
    buffer: int = about("Pieces that are kept from the channel.")
    cap: int | None = about("The most that it may order at once. Null: any number.")
    variant: Variant | None = one(products.variants_by_ids, "variant_id", "The variant.")


attach(
    Channel,
    "stock_rules",
    Connection[ChannelStockRule],
    listed_under(
        queries.stock_rule_list,
        queries.stock_rule_list.table.c.channel_id,
        "How much of the stock is kept from it, last come first.",
    ),
)


@filter_input
class ChannelStockRuleFilter:
    """Which buffers and caps. All words that are given must hold."""

    channel_id: IdFilter | None = about("Of such a channel.", default=UNSET)
    variant_id: IdFilter | None = about("Of such a variant.", default=UNSET)


@strawberry.input(description="What is kept from a channel; takes the place of what was.")
class ChannelStockRuleInput:
    channel_id: strawberry.ID = about("The channel.")
    variant_id: strawberry.ID | None = about(
        "The variant. Null: all that have no rule of their own.", default=None
    )
    buffer: int = about("The last pieces, which it may not sell.", default=0)
    cap: int | None = about("The most that it sees and can order at once.", default=None)
    backorder_limit: int = about(
        "So many pieces of a variant may be sold that are not there; they wait for stock.",
        default=0,
    )


@strawberry.input(description="Buffers and caps of channels: all of them, or none.")
class ChannelStockRulesSetInput:
    rules: list[ChannelStockRuleInput] = about("At most 1,000, each channel and variant once.")


@payload
class ChannelStockRulesPayload(MutationPayload):
    """What a mutation of buffers and caps answers."""

    rules: list[ChannelStockRule] = many(
        queries.rules_by_touched,
        "value",
        "The rules as they are now, in the order of the input. Empty: refused, or removed.",
    )
