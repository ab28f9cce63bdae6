"""How returns are written, by whichever command.

Whoever changes a return locks its orders first, in the order of their ids, then the return. So no
two returns of an order hold the same pieces, and what was read stays right.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Integer, func, literal, select, union_all, update

from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.batches import UpdateEach
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.rows import among, fetch, select_as
from backoffice_api.domain.kernel.tables import Id
from backoffice_api.domain.kernel.texts import Duplicate, check_range, check_size
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.orders import queries as on_orders
from backoffice_api.domain.orders.commands.returning import allow, put_returned
from backoffice_api.domain.orders.model.lines import OrderLine
from backoffice_api.domain.orders.model.orders import Order
from backoffice_api.domain.orders.tables import orders
from backoffice_api.domain.returns import queries
from backoffice_api.domain.returns.model.events import ReturnEvent
from backoffice_api.domain.returns.model.policies import Judgement
from backoffice_api.domain.returns.model.refunds import Worth
from backoffice_api.domain.returns.model.returns import (
    EXPIRING,
    LINES_MAX,
    MACHINE,
    OPEN,
    QUANTITY_MAX,
    LinePieces,
    Return,
    ReturnLine,
    ReturnState,
    UnknownReturn,
    UnknownReturnLine,
)
from backoffice_api.domain.returns.tables import return_lines, return_orders, returns
from backoffice_api.domain.returns.tables.money import return_refund_reversals, return_refunds

_COUNTS = (
    "cancelled",
    "waived",
    "received",
    "inspected",
    "missing",
    "sent_back",
    "to_refund",
    "to_exchange",
    "to_repair",
    "rejected",
    "refunded",
    "exchanged",
    "repaired",
)
_SETTLED = ("settled_items_minor", "settled_tax_minor", "settled_shipping_minor", "fee_minor")
_AMOUNTS = ("items_minor", "tax_minor", "shipping_minor", *_SETTLED)
_PUT_LINES = UpdateEach(
    lambda given: (
        update(return_lines)
        .where(return_lines.c.id == given("id"))
        .values({name: given(name) for name in (*_COUNTS, *_AMOUNTS)})
    ),
    id=Id(),
    **dict.fromkeys(_COUNTS, Integer()),
    **dict.fromkeys(_AMOUNTS, BigInteger()),
)

# These end a return for now.
_CLOSED = frozenset(ReturnState) - OPEN


@dataclass(frozen=True, slots=True)
class Opened:
    """A return that nobody else changes until the transaction ends, with its orders."""

    before: Return
    lines: Sequence[ReturnLine]
    orders: Mapping[UUID, Order]

    @property
    def by_id(self) -> Mapping[UUID, ReturnLine]:
        return {line.id: line for line in self.lines}

    def line(self, id: UUID, *path: str | int) -> ReturnLine:
        """Raises: UnknownReturnLine."""
        if found := self.by_id.get(id):
            return found
        raise UnknownReturnLine(id).at(*path)


# Makes an event of a return: `ReturnApproved` and its like.
Telling = Callable[..., ReturnEvent]


def opened(uow: UnitOfWork, id: UUID, action: str | None = None) -> Opened:
    """The return `id`, for an action that its state allows.

    Raises:
        UnknownReturn, InvalidTransition.
    """
    of = lock_orders(uow, queries.order_ids_of(uow.db, id))
    statement = select_as(Return, returns).where(returns.c.id == id).with_for_update()
    found = fetch(uow.db, Return, statement)
    if not found:
        raise UnknownReturn(id).at("id")
    if action:
        MACHINE.check(action, found[0].status)
    return Opened(found[0], queries.lines_of(uow.db, id), of)


def lock_orders(uow: UnitOfWork, ids: Collection[UUID]) -> Mapping[UUID, Order]:
    """The orders, locked in the order of their ids."""
    if not ids:
        return {}
    statement = select_as(Order, orders).where(among(orders.c.id, ids)).order_by(orders.c.id)
    return {each.id: each for each in fetch(uow.db, Order, statement.with_for_update())}


def check_pieces(
    pieces: Sequence[LinePieces], *, path: str = "lines", several: bool = False
) -> None:
    """Refuse numbers of pieces that make no sense. `several`: a line may be named more than once.

    Raises:
        OutOfRange, TooMany, Duplicate.
    """
    faults = Faults()
    check_size(pieces, faults, path, maximum=LINES_MAX)
    faults.check()
    seen: set[UUID] = set()
    for position, each in enumerate(pieces):
        check_range(
            each.quantity, faults, path, position, "quantity", minimum=1, maximum=QUANTITY_MAX
        )
        if each.line_id in seen and not several:
            faults.add(Duplicate(each.line_id.hex).at(path, position, "line_id"))
        seen.add(each.line_id)
    faults.check()


def put_lines(uow: UnitOfWork, before: Sequence[ReturnLine], after: Sequence[ReturnLine]) -> None:
    """Write the counts and amounts of those lines that changed, with one statement."""
    names = ("id", *_COUNTS, *_AMOUNTS)
    old = {line.id: line for line in before}
    rows = [
        {name: getattr(line, name) for name in names}
        for line in sorted(after, key=lambda each: each.id)
        if old.get(line.id) not in (None, line)
    ]
    if _PUT_LINES(uow.db, rows) != len(rows):
        raise RuntimeError("a line of a locked return has gone")


def save_told(
    uow: UnitOfWork,
    of: Opened,
    after: Return,
    lines: Sequence[ReturnLine],
    event: Telling,
    /,
    **facts: Any,
) -> Return:
    """Write a return with its lines, and tell what happened to it. The return as it is now.

    Its sums follow from its lines; orders count what came back.
    """
    put_lines(uow, of.lines, lines)
    after = with_sums(after, lines)
    if after.status is not of.before.status:
        after = replace(after, closed_at=uow.now if after.status in _CLOSED else None)
    if after.status not in EXPIRING:
        after = replace(after, expires_at=None)
    after = save(uow, returns, of.before, after)
    tell(uow, of.before, after, sorted(of.orders), event, **facts)
    follow_orders(uow, of.orders, lines)
    return after


def tell(
    uow: UnitOfWork,
    before: Return | None,
    after: Return,
    order_ids: Sequence[UUID],
    event: Telling,
    /,
    **facts: Any,
) -> None:
    """Tell what happened to a return, with what differs between its rows."""
    shared = (after.id, after.version, after.number, after.customer_id, tuple(order_ids))
    told = event(*shared, **facts)
    uow.emit(told, before=before, after=after)


def with_sums(of: Return, lines: Iterable[ReturnLine]) -> Return:
    """The return with what follows from its lines."""
    lines = tuple(lines)
    return replace(
        of,
        value_minor=sum(line.worth.total for line in lines),
        fee_minor=sum(line.fee_minor for line in lines),
    )


def follow_orders(uow: UnitOfWork, of: Collection[UUID], changed: Sequence[ReturnLine]) -> None:
    """Let locked orders count what came back, and say how far they are (O1, O4).

    A unit of a kit has come back when as many pieces of each component have as it is made of.
    """
    # Read again: whoever moves money of an order writes it, too.
    orders_now = lock_orders(uow, of)
    if not orders_now:
        return
    open_ones = _with_open_returns(uow, of)
    touched = {line.order_line_id for line in changed if line.order_line_id}
    lines = on_orders.lines_by_ids(uow.db, touched)
    returned = _returned(uow, lines)
    allowed = _allowances(uow, of)
    for order_id, order in sorted(orders_now.items()):
        theirs = {id: pieces for id, pieces in returned.items() if lines[id].order_id == order_id}
        now = put_returned(uow, order, theirs, is_open=order_id in open_ones)
        allow(uow, now, allowed.get(order_id, 0))


def _allowances(uow: UnitOfWork, of: Collection[UUID]) -> Mapping[UUID, int]:
    """What went back for each order in all its returns; what other systems paid does not count."""
    paid, gone = return_refunds.c, return_refund_reversals.c
    both = union_all(
        select(paid.order_id, paid.amount_minor)
        .join(returns, returns.c.id == paid.return_id)
        .where(among(paid.order_id, of), ~returns.c.recorded),
        select(gone.order_id, literal(0) - gone.amount_minor).where(among(gone.order_id, of)),
    ).subquery("both")
    statement = select(both.c.order_id, func.sum(both.c.amount_minor)).group_by(both.c.order_id)
    return {row[0]: int(row[1]) for row in uow.db.execute(statement)}


def _with_open_returns(uow: UnitOfWork, of: Collection[UUID]) -> frozenset[UUID]:
    statement = (
        select(return_orders.c.order_id)
        .join(returns, returns.c.id == return_orders.c.return_id)
        .where(among(return_orders.c.order_id, of), returns.c.status.in_(OPEN))
        .distinct()
    )
    return frozenset(uow.db.execute(statement).scalars())


def _returned(uow: UnitOfWork, lines: Mapping[UUID, OrderLine]) -> Mapping[UUID, int]:
    """How many units of each line came back and stayed, in all returns."""
    of = return_lines.c
    statement = (
        select(of.order_line_id, of.variant_id, func.sum(of.received - of.missing - of.sent_back))
        .where(among(of.order_line_id, lines))
        .group_by(of.order_line_id, of.variant_id)
    )
    back = {(row[0], row[1]): int(row[2]) for row in uow.db.execute(statement)}
    components = on_orders.components_of(uow.db, lines.values())
    found = {}
    for id, line in lines.items():
        if line.is_kit:
            parts = components.get(id, ())
            found[id] = min(back.get((id, each.variant_id), 0) // each.quantity for each in parts)
        else:
            found[id] = sum(pieces for key, pieces in back.items() if key[0] == id)
    return found


def new_line(
    uow: UnitOfWork, of: Return, position: int, worth: Worth, says: Judgement, **facts: Any
) -> ReturnLine:
    """A line of which nothing has happened yet. `facts`: what it is of, and how it came about."""
    return ReturnLine(
        id=uow.new_id(),
        return_id=of.id,
        position=position,
        verdict=says.verdict,
        rule=says.rule,
        policy_id=says.policy_id,
        currency=of.currency,
        tax_included=worth.tax_included,
        items_minor=worth.items,
        tax_minor=worth.tax,
        shipping_minor=worth.shipping,
        **{**dict.fromkeys((*_COUNTS, *_SETTLED), 0), **facts},
    )
