"""What orders ask of stock: to hold it for a while, for good, or no longer."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.commands.backorders import (
    allowance,
    cancel_waiting,
    make_backorders,
)
from backoffice_api.domain.orders.model.buffers import ChannelStockRule
from backoffice_api.domain.orders.model.kits import LineComponent, parts_of
from backoffice_api.domain.orders.model.lines import OrderLine
from backoffice_api.domain.orders.model.orders import Order
from backoffice_api.domain.orders.queries.channel_stock import rules_of_variants
from backoffice_api.domain.stock import queries as stock
from backoffice_api.domain.stock.commands.reservations import (
    extend,
    harden,
    hold_levels,
    release,
    reserve,
)
from backoffice_api.domain.stock.model.levels import QUANTITY_MAX
from backoffice_api.domain.stock.model.reservations import OPEN, Demand

# How many pieces of a variant are promised to a line, by both.
Held = Mapping[tuple[UUID, UUID], int]


def reserve_stock(
    uow: UnitOfWork,
    order: Order,
    lines: Sequence[OrderLine],
    *,
    expires_at: datetime | None,
    held: Held | None = None,
    is_final: bool = False,
    is_sold: bool = False,
) -> None:
    """Have what still has to be shipped promised to the lines, but for what is `held` already.

    Of a kit, its components are promised; what other lines want of the same is counted with them.
    What is kept from the channel is not promised to it. `is_final`: what the channel may sell
    beyond the stock becomes a backorder. `is_sold`: it has sold it already, so all that is not
    there becomes one, and nothing is kept from it; but kits wait for nothing.

    Raises:
        InsufficientStock: not all of it can be promised; then nothing is.
        ExpiryNotAhead: `expires_at` has passed.
    """
    components = queries.components_of(uow.db, lines)
    demands = [
        demand
        for line in lines
        for demand in _demands(order, line, components.get(line.id, ()), held or {})
    ]
    wanted = {demand.variant_id for demand in demands}
    if is_sold:
        plain = {demand.variant_id for demand in demands if demand.kit_sku is None}
        of_kits = {demand.variant_id for demand in demands if demand.kit_sku is not None}
        may_lack: Mapping[UUID, int] = dict.fromkeys(plain - of_kits, QUANTITY_MAX)
        missing = reserve(uow, demands, expires_at=expires_at, may_lack=may_lack)
        make_backorders(uow, order, missing, _variants_of(demands))
        return
    rules = rules_of_variants(uow.db, order.channel_id, wanted)
    withheld = {id: rule.withheld for id, rule in rules.items()}
    may_lack = _may_lack(uow, order, demands, rules) if is_final else {}
    missing = reserve(uow, demands, expires_at=expires_at, withheld=withheld, may_lack=may_lack)
    make_backorders(uow, order, missing, _variants_of(demands))


def allocate_stock(
    uow: UnitOfWork, order: Order, lines: Sequence[OrderLine], *, is_sold: bool = False
) -> None:
    """Have the lines of an order keep their stock for good, whether reserved before or not.

    `is_sold`: its channel has sold them already.

    Raises:
        InsufficientStock: not all of it can be promised; then nothing is.
    """
    held: Held = {}
    if order.reserved_until:
        goods = _goods(lines)
        allocated = harden(uow, goods)
        if any(line.is_kit for line in lines):
            held = _held(uow, goods)
        else:
            held = {
                (line.id, line.variant_id): allocated[line.id] for line in lines if line.variant_id
            }
    reserve_stock(uow, order, lines, expires_at=None, held=held, is_final=True, is_sold=is_sold)


def hold_until(uow: UnitOfWork, before: Order, lines: Sequence[OrderLine], until: datetime) -> None:
    """Hold stock for a draft until a moment, whether some is held or not.

    Raises:
        InsufficientStock: not all of it can be promised; then nothing is changed.
        ExpiryNotAhead: the moment has passed.
    """
    if before.reserved_until:
        extend_stock(uow, before, lines, until)
    else:
        reserve_stock(uow, before, lines, expires_at=until)


def extend_stock(
    uow: UnitOfWork, order: Order, lines: Sequence[OrderLine], until: datetime
) -> None:
    """Let what is reserved for a draft be held until another moment, and reserve what is not.

    Raises:
        InsufficientStock: not all of it can be promised; then nothing is changed.
        ExpiryNotAhead: the moment has passed.
    """
    goods = _goods(lines)
    extend(uow, goods, until)
    # Read only now that its levels are locked: until then some of it could expire.
    held = _held(uow, goods)
    reserve_stock(uow, order, lines, expires_at=until, held=held)


def release_stock(uow: UnitOfWork, lines: Sequence[OrderLine]) -> None:
    """Give back all that is promised to the lines."""
    release(uow, dict.fromkeys(_goods(lines)))


def change_stock(
    uow: UnitOfWork,
    order: Order,
    lines: Sequence[OrderLine],
    *,
    fewer: Mapping[UUID, int],
    more: Mapping[UUID, int],
    is_sold: bool = False,
) -> None:
    """Give back so many pieces of each line of an open order, and promise so many others, for good.

    Both at once: what is given back can be promised to another line. All levels are locked before,
    so that two who do this with the same goods do not wait for each other.

    Raises:
        InsufficientStock: not all of it can be promised; then nothing is changed.
    """
    growing = [
        # What it had before is promised to it or waited for; only what comes on top is asked for.
        replace(line, quantity=more[line.id], cancelled=0, shipped=0)
        for line in lines
        if line.variant_id and more.get(line.id)
    ]
    shrinking = [line for line in lines if line.variant_id and fewer.get(line.id)]
    if growing and shrinking:
        parts = queries.components_of(uow.db, growing)
        plain = {line.variant_id for line in growing if line.variant_id and not line.is_kit}
        wanted = plain | {each.variant_id for of_line in parts.values() for each in of_line}
        # The rules first, as everybody locks them who sells beyond the stock.
        if not is_sold:
            allowance(uow, order, sorted(wanted))
        hold_levels(uow, [line.id for line in shrinking], wanted)
    if shrinking:
        release_part(uow, shrinking, fewer)
    if growing:
        reserve_stock(uow, order, growing, expires_at=None, is_final=True, is_sold=is_sold)


def move_stock(
    uow: UnitOfWork,
    lines: Sequence[OrderLine],
    quantities: Mapping[UUID, int],
    order: Order,
    made: Sequence[OrderLine],
) -> None:
    """Give back so many pieces of each line, and promise them to the lines that were made of them.

    What waited for stock waits on. Nobody else can take what is given back in between.

    Raises:
        InsufficientStock: components of a kit are missing all the same; then nothing is changed.
    """
    goods = [line for line in lines if line.variant_id and line.id in quantities]
    if not goods:
        return
    parts = queries.components_of(uow.db, goods)
    plain = {line.variant_id for line in goods if line.variant_id and not line.is_kit}
    wanted = plain | {each.variant_id for of_line in parts.values() for each in of_line}
    hold_levels(uow, [line.id for line in goods], wanted)
    release_part(uow, goods, quantities)
    reserve_stock(uow, order, made, expires_at=None, is_final=True, is_sold=True)


def release_part(
    uow: UnitOfWork, lines: Sequence[OrderLine], quantities: Mapping[UUID, int]
) -> None:
    """Give back what is promised for so many pieces of each line; of kits, their components.

    Pieces that wait are called off first.
    """
    theirs = {line.id: quantities[line.id] for line in lines if line.id in quantities}
    quantities = cancel_waiting(uow, theirs)
    goods = [line for line in lines if line.variant_id and line.id in quantities]
    parts = parts_of(queries.components_of(uow.db, goods))
    release(uow, {line.id: quantities[line.id] for line in goods}, parts=parts)


def _variants_of(demands: Sequence[Demand]) -> Mapping[UUID, UUID]:
    """By line; what is missing is never of a kit, so a line has one variant."""
    return {demand.line_id: demand.variant_id for demand in demands}


def _may_lack(
    uow: UnitOfWork,
    order: Order,
    demands: Sequence[Demand],
    rules: Mapping[UUID, ChannelStockRule],
) -> Mapping[UUID, int]:
    """How many pieces of each variant may be sold that are not there. Kits wait for nothing."""
    if not any(rule.backorder_limit for rule in rules.values()):
        return {}
    of_kits = {demand.variant_id for demand in demands if demand.kit_sku is not None}
    return allowance(uow, order, [id for id in rules if id not in of_kits])


def _demands(
    order: Order, line: OrderLine, components: Sequence[LineComponent], held: Held
) -> Iterator[Demand]:
    """What has still to be promised to a line, by variant."""
    parts = {each.variant_id: each.quantity for each in components}
    if not parts and line.variant_id:
        parts = {line.variant_id: 1}
    for variant_id, pieces in parts.items():
        missing = line.unshipped * pieces - held.get((line.id, variant_id), 0)
        if missing > 0:
            yield Demand(
                line_id=line.id,
                owner_id=order.id,
                variant_id=variant_id,
                quantity=missing,
                kit_sku=line.sku if line.is_kit else None,
            )


def _held(uow: UnitOfWork, goods: Sequence[UUID]) -> Held:
    """What is promised to the lines now. Their levels are locked, so that it stays so."""
    found: Counter[tuple[UUID, UUID]] = Counter()
    for line_id, of_line in stock.reservations_by_lines(uow.db, goods).items():
        for each in of_line:
            if each.status in OPEN:
                found[line_id, each.variant_id] += each.quantity
    return found


def _goods(lines: Sequence[OrderLine]) -> Sequence[UUID]:
    return [line.id for line in lines if line.variant_id]
