"""What can be asked about what channels may sell of the stock."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection, bindparam, or_

from backoffice_api.domain.kernel import made
from backoffice_api.domain.kernel.filters import On
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import one_per, select_as
from backoffice_api.domain.orders.model.buffers import (
    ChannelStock,
    ChannelStockRule,
    ChannelStockRuleSortKey,
    StockRulesTouched,
)
from backoffice_api.domain.orders.tables import channel_stock_rules
from backoffice_api.domain.stock.queries.positions import positions_of

stock_rules_by_ids = one_per(ChannelStockRule, channel_stock_rules, channel_stock_rules.c.id)

stock_rule_list = Listing(
    ChannelStockRule,
    channel_stock_rules,
    sorts={ChannelStockRuleSortKey.CREATED_AT: channel_stock_rules.c.created_at},
    words={
        "channel_id": On(channel_stock_rules.c.channel_id),
        "variant_id": On(channel_stock_rules.c.variant_id),
    },
)


# Made once: it is asked with every order.
_RULES = select_as(ChannelStockRule, channel_stock_rules).where(
    channel_stock_rules.c.channel_id == bindparam("of_channel"),
    or_(
        channel_stock_rules.c.variant_id.is_(None),
        channel_stock_rules.c.variant_id.in_(bindparam("of_variants", expanding=True)),
    ),
)


def rules_of_variants(
    db: Connection, channel_id: UUID, variant_ids: Iterable[UUID]
) -> Mapping[UUID, ChannelStockRule]:
    """What a channel may sell of each variant: by its own rule, or that of the channel.

    It lacks variants without any.
    """
    wanted = tuple(variant_ids)
    rows = made.read(db, _RULES, of_channel=channel_id, of_variants=wanted)
    found = {each.variant_id: each for each in (ChannelStockRule(*row) for row in rows)}
    of_all = found.get(None)
    every = {id: found.get(id, of_all) for id in wanted}
    return {id: each for id, each in every.items() if each is not None}


def channel_stock(
    db: Connection, channel_id: UUID, variant_ids: Sequence[UUID]
) -> Sequence[ChannelStock]:
    """What a channel may sell of variants now, in their order."""
    rules = rules_of_variants(db, channel_id, variant_ids)
    positions = positions_of(db, variant_ids)
    return [
        ChannelStock(
            channel_id=channel_id,
            variant_id=id,
            available=positions[id].available if id in positions else 0,
            buffer=rules[id].buffer if id in rules else 0,
            cap=rules[id].cap if id in rules else None,
        )
        for id in variant_ids
    ]


def rules_by_touched(
    db: Connection, keys: Iterable[StockRulesTouched]
) -> Mapping[StockRulesTouched, Sequence[ChannelStockRule]]:
    """The rules that commands were about, in the order of their input."""
    wanted = tuple(keys)
    found = stock_rules_by_ids(db, {id for each in wanted for id in each.rule_ids})
    return {each: [found[id] for id in each.rule_ids if id in found] for each in wanted}
