"""What channels are told of the stock, and what they say they have: kept, compared, told again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import Duplicate, check_range, check_size
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.model.channel_drift import (
    ChannelCompared,
    ChannelDrift,
    ChannelReport,
    ChannelStockDrifted,
    ChannelStockTold,
    ToldStock,
)
from backoffice_api.domain.orders.model.channels import Channel
from backoffice_api.domain.orders.queries.channel_stock import channel_stock
from backoffice_api.domain.orders.tables import channels, order_lines, orders
from backoffice_api.domain.orders.tables.channel_stock import channel_stock_told
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.model import UnknownVariant
from backoffice_api.domain.stock.model.levels import LINES_MAX, QUANTITY_MAX
from backoffice_api.domain.stock.model.reconciling import ReportedLater


@dataclass(frozen=True, slots=True, kw_only=True)
class TellChannelStock(Command):
    """Keep what the channel is told of these variants now."""

    scope = Scope.ORDERS_WRITE
    channel_id: UUID
    variant_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileChannelStock(Command):
    """What the channel had at `reported_at`, by its own books. None: now."""

    scope = Scope.ORDERS_WRITE
    channel_id: UUID
    lines: tuple[ChannelReport, ...]
    reported_at: datetime | None = None


def tell_channel_stock(uow: UnitOfWork, command: TellChannelStock) -> ChannelCompared:
    """Keep what a channel may sell of variants now: what it is told, and later compared with.

    Raises:
        UnknownChannel, UnknownVariant, TooMany, Duplicate.
    """
    lines = tuple((id, None) for id in command.variant_ids)
    channel = _checked(uow, command.channel_id, lines, "variant_ids")
    present = _present(uow, channel, command.variant_ids)
    found = tuple(ChannelDrift(id, None, None, present[id]) for id in command.variant_ids)
    _put(uow, channel, found, None)
    uow.emit(ChannelStockTold(channel.id, channel.version, channel.name, len(found)))
    return ChannelCompared(channel.id, found)


def reconcile_channel_stock(uow: UnitOfWork, command: ReconcileChannelStock) -> ChannelCompared:
    """Compare what a channel says with what it was told, less what it has sold since.

    What drifts, or was never told, is told again: as it is now. A constant number of statements.

    Raises:
        UnknownChannel, UnknownVariant, TooMany, Duplicate, OutOfRange, ReportedLater.
    """
    moment = command.reported_at or uow.now
    if moment > uow.now:
        raise ReportedLater().at("reported_at")
    lines = tuple((each.variant_id, each.quantity) for each in command.lines)
    channel = _checked(uow, command.channel_id, lines, "lines")
    wanted = [each.variant_id for each in command.lines]
    present = _present(uow, channel, wanted)
    told = _told(uow, channel, wanted)
    sold = _sold(uow, channel, wanted, moment)
    compared = tuple(
        ChannelDrift(
            each.variant_id,
            each.quantity,
            max(0, known.quantity - sold.get(each.variant_id, 0))
            if (known := told.get(each.variant_id))
            else None,
            present[each.variant_id],
        )
        for each in command.lines
    )
    off = tuple(each for each in compared if each.drift != 0)
    if off:
        _put(uow, channel, off, moment)
        uow.emit(ChannelStockDrifted(channel.id, channel.version, channel.name, len(off)))
    return ChannelCompared(channel.id, compared)


def _checked(
    uow: UnitOfWork, channel_id: UUID, lines: Sequence[tuple[UUID, int | None]], name: str
) -> Channel:
    """The channel, which is told one thing at a time."""
    faults = Faults()
    check_size(lines, faults, name, maximum=LINES_MAX)
    faults.check()
    uow.db.execute(select(channels.c.id).where(channels.c.id == channel_id).with_for_update())
    channel = queries.channel(uow.db, channel_id)
    known = products.variants_by_ids(uow.db, {id for id, _ in lines})
    seen: set[UUID] = set()
    for position, (id, quantity) in enumerate(lines):
        here = (name, position)
        check_range(quantity, faults, *here, "quantity", minimum=0, maximum=QUANTITY_MAX)
        if id not in known:
            faults.add(UnknownVariant(ids.text("sku", id)).at(*here))
        if id in seen:
            faults.add(Duplicate(ids.text("sku", id)).at(*here))
        seen.add(id)
    faults.check()
    return channel


def _present(uow: UnitOfWork, channel: Channel, variant_ids: Sequence[UUID]) -> Mapping[UUID, int]:
    found = channel_stock(uow.db, channel.id, variant_ids)
    return {each.variant_id: each.quantity for each in found}


def _told(
    uow: UnitOfWork, channel: Channel, variant_ids: Sequence[UUID]
) -> Mapping[UUID, ToldStock]:
    of = channel_stock_told.c
    statement = select(of.channel_id, of.variant_id, of.quantity, of.told_at).where(
        of.channel_id == channel.id, among(of.variant_id, variant_ids)
    )
    return {row[1]: ToldStock(*row) for row in uow.db.execute(statement)}


def _sold(
    uow: UnitOfWork, channel: Channel, variant_ids: Sequence[UUID], until: datetime
) -> Mapping[UUID, int]:
    """What the channel has sold of each variant since it was told."""
    of, told = order_lines.c, channel_stock_told.c
    statement = (
        select(of.variant_id, func.sum(of.quantity))
        .join(orders, orders.c.id == of.order_id)
        .join(
            channel_stock_told,
            (told.variant_id == of.variant_id) & (told.channel_id == orders.c.channel_id),
        )
        .where(
            orders.c.channel_id == channel.id,
            among(of.variant_id, variant_ids),
            orders.c.placed_at > told.told_at,
            orders.c.placed_at <= until,
        )
        .group_by(of.variant_id)
    )
    return {row[0]: int(row[1]) for row in uow.db.execute(statement)}


def _put(
    uow: UnitOfWork, channel: Channel, lines: Sequence[ChannelDrift], moment: datetime | None
) -> None:
    of = channel_stock_told.c
    named = [each.variant_id for each in lines]
    uow.db.execute(
        delete(channel_stock_told).where(of.channel_id == channel.id, among(of.variant_id, named))
    )
    rows = [
        {
            "channel_id": channel.id,
            "variant_id": each.variant_id,
            "quantity": each.quantity,
            "told_at": uow.now,
            "reported": each.reported,
            "drift": each.drift,
            "reported_at": moment,
        }
        for each in lines
    ]
    if rows:
        uow.db.execute(channel_stock_told.insert(), rows)
