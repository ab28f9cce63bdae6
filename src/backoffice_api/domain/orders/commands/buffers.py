"""What can be done with buffers and caps of channels: set and removed, many at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import delete

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.aggregates import add, save_all
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.rows import among, fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import Duplicate, check_range, check_size
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.model.buffers import (
    STOCK_RULES_MAX,
    ChannelStockRule,
    ChannelStockRuleRemoved,
    ChannelStockRuleSet,
    StockRulesTouched,
    UnknownChannelStockRule,
)
from backoffice_api.domain.orders.model.channels import UnknownChannel
from backoffice_api.domain.orders.queries import channel_stock
from backoffice_api.domain.orders.tables import channel_stock_rules
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.model import UnknownVariant
from backoffice_api.domain.stock.model.levels import QUANTITY_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class StockRuleDraft:
    """Takes the place of the rule that was. `variant_id` None: variants without one of their own.

    `cap` None: none.
    """

    channel_id: UUID
    variant_id: UUID | None = None
    buffer: int = 0
    cap: int | None = None
    backorder_limit: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SetChannelStockRules(Command):
    """All of them or none. A channel and variant may be named once."""

    scope = Scope.ORDERS_WRITE
    rules: tuple[StockRuleDraft, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveChannelStockRule(Command):
    scope = Scope.ORDERS_WRITE
    table = channel_stock_rules
    id: UUID


def set_channel_stock_rules(uow: UnitOfWork, command: SetChannelStockRules) -> StockRulesTouched:
    """Say what channels may sell of the stock. What is promised already stays promised.

    A constant number of statements.

    Raises:
        UnknownChannel, UnknownVariant: a rule names these.
        Duplicate, OutOfRange, TooMany: the rules are wrong.
    """
    faults = Faults()
    check_size(command.rules, faults, "rules", maximum=STOCK_RULES_MAX)
    faults.check()
    _check(uow, command.rules, faults)
    faults.check()
    channel_ids = {each.channel_id for each in command.rules}
    statement = select_as(ChannelStockRule, channel_stock_rules)
    present = {
        (each.channel_id, each.variant_id): each
        for each in fetch(
            uow.db,
            ChannelStockRule,
            statement.where(among(channel_stock_rules.c.channel_id, channel_ids)),
        )
    }
    wanted = [
        _as_said(uow, each, present.get((each.channel_id, each.variant_id)))
        for each in command.rules
    ]
    known = {each.id: each for each in present.values()}
    fresh = [rule for rule in wanted if rule.id not in known]
    add(uow, channel_stock_rules, fresh)
    changed = [
        (known[rule.id], rule) for rule in wanted if rule.id in known and known[rule.id] != rule
    ]
    saved = save_all(uow, channel_stock_rules, changed)
    for rule in fresh:
        uow.emit(_set(rule), after=rule)
    for (before, _), after in zip(changed, saved, strict=True):
        uow.emit(_set(after), before=before, after=after)
    return StockRulesTouched(tuple(rule.id for rule in wanted))


def remove_channel_stock_rule(
    uow: UnitOfWork, command: RemoveChannelStockRule
) -> StockRulesTouched:
    """Let a channel sell without this buffer or cap.

    Raises:
        UnknownChannelStockRule: there is none.
    """
    before = channel_stock.stock_rules_by_ids(uow.db, [command.id]).get(command.id)
    if before is None:
        raise UnknownChannelStockRule(command.id).at("id")
    uow.db.execute(delete(channel_stock_rules).where(channel_stock_rules.c.id == before.id))
    event = ChannelStockRuleRemoved(before.id, before.version, before.channel_id)
    uow.emit(event, before=before)
    return StockRulesTouched(())


def _check(uow: UnitOfWork, drafts: Sequence[StockRuleDraft], faults: Faults) -> None:
    channels = queries.channels_by_ids(uow.db, {each.channel_id for each in drafts})
    named = {each.variant_id for each in drafts if each.variant_id}
    variants = products.variants_by_ids(uow.db, named)
    seen = set()
    for position, each in enumerate(drafts):
        here = ("rules", position)
        if each.channel_id not in channels:
            faults.add(UnknownChannel(each.channel_id.hex).at(*here, "channel_id"))
        if each.variant_id and each.variant_id not in variants:
            name = ids.text("sku", each.variant_id)
            faults.add(UnknownVariant(name).at(*here, "variant_id"))
        for name in ("buffer", "cap", "backorder_limit"):
            value = getattr(each, name)
            check_range(value, faults, *here, name, minimum=0, maximum=QUANTITY_MAX)
        if (key := (each.channel_id, each.variant_id)) in seen:
            faults.add(Duplicate(ids.text("chn", each.channel_id)).at(*here))
        seen.add(key)


def _as_said(
    uow: UnitOfWork, draft: StockRuleDraft, before: ChannelStockRule | None
) -> ChannelStockRule:
    if before:
        return replace(
            before,
            buffer=draft.buffer,
            cap=draft.cap,
            backorder_limit=draft.backorder_limit,
        )
    return ChannelStockRule(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        channel_id=draft.channel_id,
        variant_id=draft.variant_id,
        buffer=draft.buffer,
        cap=draft.cap,
        backorder_limit=draft.backorder_limit,
    )


def _set(rule: ChannelStockRule) -> ChannelStockRuleSet:
    return ChannelStockRuleSet(rule.id, rule.version, rule.channel_id, rule.buffer)
