"""What can be asked and done with what channels may sell of the stock."""

from collections.abc import Mapping
from inspect import Parameter
from typing import Annotated, Any

import strawberry
from sqlalchemy import Connection as Database

from backoffice_api.context import Context
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.pages import SIZE_MAX
from backoffice_api.domain.kernel.texts import TooMany
from backoffice_api.domain.orders.commands import buffers as on_buffers
from backoffice_api.domain.orders.queries import channel_stock as queries
from backoffice_api.schema.channel_stock import (
    ChannelStock,
    ChannelStockRule,
    ChannelStockRuleFilter,
    ChannelStockRuleInput,
    ChannelStockRulesPayload,
    ChannelStockRulesSetInput,
)
from backoffice_api.schema.channels import READ
from backoffice_api.schema.connections import Connection, asked, listed, parameter
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.mutations import mutation

_Channel = Annotated[strawberry.ID, strawberry.argument(description="Of which channel.")]
_Variants = Annotated[
    list[strawberry.ID], strawberry.argument(description="Of which variants, at most 250.")
]


def _channel_stock(db: Database, _: Context, arguments: Mapping[str, Any]) -> Any:
    wanted = arguments["variant_ids"]
    if len(wanted) > SIZE_MAX:
        raise TooMany(SIZE_MAX)
    channel_id = ids.parse("chn", arguments["channel_id"])
    return queries.channel_stock(db, channel_id, [ids.parse("sku", each) for each in wanted])


@strawberry.type
class ChannelStockQuery:
    channel_stock_rules: Connection[ChannelStockRule] = listed(
        queries.stock_rule_list,
        "How much of the stock is kept from channels, last come first.",
        scope=READ,
        filter=ChannelStockRuleFilter,
    )
    channel_stock: list[ChannelStock] = asked(
        _channel_stock,
        [
            parameter("channel_id", _Channel, Parameter.empty),
            parameter("variant_ids", _Variants, Parameter.empty),
        ],
        "What a channel may sell of variants now, in their order: what to tell a marketplace.",
        scope=READ,
        weight=1,
        multipliers=["variantIds"],
    )


@strawberry.type
class ChannelStockMutation:
    @mutation(on_buffers.set_channel_stock_rules, ChannelStockRulesPayload)
    def channel_stock_rules_set(
        input: ChannelStockRulesSetInput,
    ) -> on_buffers.SetChannelStockRules:
        """Say how much of the stock is kept from channels. What is promised stays promised."""
        return on_buffers.SetChannelStockRules(rules=tuple(map(_rule, input.rules)))

    @mutation(on_buffers.remove_channel_stock_rule, ChannelStockRulesPayload)
    def channel_stock_rule_remove(id: strawberry.ID) -> on_buffers.RemoveChannelStockRule:
        """Let a channel sell without a buffer or cap."""
        return on_buffers.RemoveChannelStockRule(id=ids.parse("csr", id))


def _rule(input: ChannelStockRuleInput) -> on_buffers.StockRuleDraft:
    return on_buffers.StockRuleDraft(
        channel_id=ids.parse("chn", input.channel_id),
        variant_id=given_id("sku", input.variant_id),
        buffer=input.buffer,
        cap=input.cap,
        backorder_limit=input.backorder_limit,
    )
