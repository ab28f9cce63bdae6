"""Returns that were dealt with in another system: taken over in bulk, as they were.

They name no sale there; so each piece is matched with the latest earlier sale of the same thing to
the same customer (`model.matching`). What is not matched is a line without an order.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any
from uuid import UUID

from sqlalchemy import select

from backoffice_api.domain.kernel import external_ids as names
from backoffice_api.domain.kernel import search
from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.bulk import insert_columns
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import TooMany
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.orders.commands.returning import add_returned
from backoffice_api.domain.orders.tables import order_lines, orders
from backoffice_api.domain.returns.model.history import (
    RecordedCreditDraft,
    RecordedReturn,
    RecordedReturnLine,
    RecordedReturns,
    ReturnRecorded,
)
from backoffice_api.domain.returns.model.inspections import (
    Disposition,
    ItemCondition,
    ReceiptOutcome,
    Resolution,
)
from backoffice_api.domain.returns.model.matching import (
    Buyer,
    CameBack,
    Matched,
    Share,
    SoldLine,
    match,
)
from backoffice_api.domain.returns.model.policies import Rule, Verdict
from backoffice_api.domain.returns.model.returns import (
    LineOrigin,
    Return,
    ReturnKind,
    ReturnOrigin,
    ReturnState,
)
from backoffice_api.domain.returns.tables import (
    return_inspections,
    return_lines,
    return_orders,
    return_receipts,
    returns,
)
from backoffice_api.domain.returns.tables.credits import recorded_credits
from backoffice_api.domain.stock.commands.history import record_movements
from backoffice_api.domain.stock.model.locations import CUSTOMER_ID
from backoffice_api.domain.stock.model.movements import MovementKind, RecordedMovement

RETURNS_MAX = 5_000

# Columns of `return_lines` that are zero for history, and those that say how many came back.
_ZEROS = (
    "cancelled",
    "waived",
    "missing",
    "sent_back",
    "to_exchange",
    "to_repair",
    "rejected",
    "exchanged",
    "repaired",
    "tax_minor",
    "shipping_minor",
    "settled_tax_minor",
    "settled_shipping_minor",
    "fee_minor",
)
_PIECES = ("requested", "received", "inspected", "to_refund", "refunded")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line to be written: pieces of a recorded one that one sale, or none, is known of."""

    id: UUID
    row: Return
    recorded: RecordedReturnLine
    share: Share
    position: int

    @property
    def minor(self) -> int:
        return self.recorded.unit_price.times(self.share.quantity).money.minor


def record_returns(uow: UnitOfWork, recorded: Sequence[RecordedReturn]) -> RecordedReturns:
    """Take over returns of goods, at most `RETURNS_MAX`; the orders count what came back.

    Each was paid back and put on the shelf. Money of the past is not tracked, so none moves here.
    The number of statements does not depend on that of the returns.

    Raises:
        NotAllowed: the caller may not import.
        TooMany: more than `RETURNS_MAX` at once.
        ExternalIdTaken, InsufficientStock.
    """
    uow.require(Scope.IMPORTS_WRITE)
    if len(recorded) > RETURNS_MAX:
        raise TooMany(RETURNS_MAX)
    if not recorded:
        return RecordedReturns((), 0)
    came = [
        CameBack(each.customer_id, line.variant_id, each.returned_at, line.quantity)
        for each in recorded
        for line in each.lines
    ]
    found = match(came, _sold(uow, came))
    lines = _lines(uow, recorded, found)
    rows = [of_return[0].row for of_return in lines]
    flat = [line for of_return in lines for line in of_return]
    add(uow, returns, rows)
    _add_lines(uow, flat)
    _add_orders(uow, flat)
    _add_movements(uow, recorded, lines)
    _count_returned(uow, flat)
    names.add(
        uow.db,
        "ret",
        {row.id: each.external_ids for row, each in zip(rows, recorded, strict=True)},
    )
    search.add(
        uow.db, "ret", {row.id: _texts(row, of) for row, of in zip(rows, lines, strict=True)}
    )
    for row, of in zip(rows, lines, strict=True):
        pieces = sum(line.share.quantity for line in of)
        matched = sum(line.share.quantity for line in of if line.share.line)
        uow.emit(ReturnRecorded(row.id, row.version, row.number, pieces, matched))
    endings = iter(found)
    by_return = tuple(tuple(next(endings).ending for _ in each.lines) for each in recorded)
    return RecordedReturns(by_return, len(flat))


def record_credits(uow: UnitOfWork, drafts: Sequence[RecordedCreditDraft]) -> None:
    """Take over charges that were given back without goods.

    Raises:
        NotAllowed: the caller may not import.
    """
    uow.require(Scope.IMPORTS_WRITE)
    if drafts:
        uow.db.execute(
            recorded_credits.insert(),
            [
                {
                    "id": uow.new_id(),
                    "channel_id": each.channel_id,
                    "number": each.number,
                    "position": each.position,
                    "customer_id": each.customer_id,
                    "sku": each.sku,
                    "title": each.title,
                    "quantity": each.quantity,
                    "currency": each.unit_price.currency,
                    "unit_price_micro": each.unit_price.micro,
                    "amount_minor": each.unit_price.times(each.quantity).money.minor,
                    "credited_at": each.credited_at,
                }
                for each in drafts
            ],
        )


def _sold(uow: UnitOfWork, came: Sequence[CameBack]) -> Iterable[SoldLine]:
    """What the customers were sent of these variants and have not brought back, earliest first."""
    customers = {each.customer_id for each in came if each.customer_id}
    if not customers:
        return []
    left = order_lines.c.shipped - order_lines.c.returned
    statement = (
        select(
            order_lines.c.id,
            order_lines.c.order_id,
            orders.c.customer_id,
            order_lines.c.variant_id,
            orders.c.placed_at,
            left,
        )
        .join(orders, orders.c.id == order_lines.c.order_id)
        .where(
            among(orders.c.customer_id, customers),
            among(order_lines.c.variant_id, {each.variant_id for each in came}),
            left > 0,
            orders.c.placed_at <= max(each.returned_at for each in came),
        )
        .order_by(orders.c.placed_at, orders.c.id, order_lines.c.position)
    )
    return [
        SoldLine(line_id, order_id, Buyer(customer_id, variant_id), sold_at, pieces)
        for line_id, order_id, customer_id, variant_id, sold_at, pieces in uow.db.execute(statement)
    ]


def _lines(
    uow: UnitOfWork, recorded: Sequence[RecordedReturn], found: Sequence[Matched]
) -> Sequence[Sequence[_Line]]:
    """The lines of each return: one for each sale that pieces are of."""
    endings = iter(found)
    lines = []
    for each in recorded:
        shares = [(line, share) for line in each.lines for share in next(endings).shares]
        value = sum(line.unit_price.times(share.quantity).money.minor for line, share in shares)
        row = _return(uow, each, value)
        lines.append(
            [
                _Line(uow.new_id(), row, line, share, position)
                for position, (line, share) in enumerate(shares)
            ]
        )
    return lines


def _return(uow: UnitOfWork, each: RecordedReturn, value_minor: int) -> Return:
    return Return(
        id=uow.new_id(),
        version=1,
        created_at=each.returned_at,
        updated_at=each.returned_at,
        number=each.number,
        serial=0,
        recorded=True,
        kind=ReturnKind.RETURN,
        status=ReturnState.RESOLVED,
        origin=ReturnOrigin.RECORDED,
        customer_id=each.customer_id,
        channel_id=each.channel_id,
        location_id=each.location_id,
        currency=each.currency,
        reference=None,
        note="",
        verdict=Verdict.ALLOWED,
        rule=Rule.NO_POLICY,
        expires_at=None,
        closed_at=each.returned_at,
        value_minor=value_minor,
        refunded_minor=value_minor,
        fee_minor=0,
        goodwill_minor=0,
    )


def _add_lines(uow: UnitOfWork, lines: Sequence[_Line]) -> None:
    """Not by way of `ReturnLine`: there may be twenty thousand."""
    sales = [line.share.line for line in lines]
    pieces = [line.share.quantity for line in lines]
    minors = [line.minor for line in lines]
    unmatched = Rule.NO_ORDER, Rule.NO_POLICY
    columns: dict[str, Iterable[Any]] = {
        "id": [line.id for line in lines],
        "return_id": [line.row.id for line in lines],
        "position": [line.position for line in lines],
        "origin": repeat(LineOrigin.REQUESTED),
        "order_id": [sale.order_id if sale else None for sale in sales],
        "order_line_id": [sale.line_id if sale else None for sale in sales],
        "variant_id": [line.recorded.variant_id for line in lines],
        "sku": [line.recorded.sku for line in lines],
        "title": [line.recorded.title for line in lines],
        "note": repeat(""),
        "condition": repeat(ItemCondition.UNKNOWN),
        "verdict": repeat(Verdict.ALLOWED),
        "rule": [unmatched[sale is not None] for sale in sales],
        "currency": [line.row.currency for line in lines],
        "tax_included": repeat(True),
        "items_minor": minors,
        "settled_items_minor": minors,
        **dict.fromkeys(_PIECES, pieces),
        **dict.fromkeys(_ZEROS, repeat(0)),
    }
    insert_columns(uow.db, return_lines, columns)


def _add_orders(uow: UnitOfWork, lines: Sequence[_Line]) -> None:
    pairs = {(line.row.id, line.share.line.order_id): None for line in lines if line.share.line}
    if pairs:
        uow.db.execute(
            return_orders.insert(), [{"return_id": id, "order_id": order} for id, order in pairs]
        )


def _add_movements(
    uow: UnitOfWork, recorded: Sequence[RecordedReturn], lines: Sequence[Sequence[_Line]]
) -> None:
    """What came goes on the shelf: a receipt, an inspection and a movement for each line (R2)."""
    locations = [each.location_id for each, of in zip(recorded, lines, strict=True) for _ in of]
    flat = [line for of in lines for line in of]
    moved = record_movements(
        uow,
        [
            RecordedMovement(
                kind=MovementKind.RETURN,
                variant_id=line.recorded.variant_id,
                from_location_id=CUSTOMER_ID,
                to_location_id=location_id,
                quantity=line.share.quantity,
                cause_kind="ret",
                cause_id=line.row.id,
                occurred_at=line.row.created_at,
            )
            for line, location_id in zip(flat, locations, strict=True)
        ],
    )
    shared: dict[str, Iterable[Any]] = {
        "created_at": [line.row.created_at for line in flat],
        "return_id": [line.row.id for line in flat],
        "line_id": [line.id for line in flat],
        "location_id": locations,
        "quantity": [line.share.quantity for line in flat],
        "actor_kind": repeat(uow.caller.actor.kind.value),
        "actor_id": repeat(uow.caller.actor.id),
    }
    receipts = {"id": [uow.new_id() for _ in flat], "outcome": repeat(ReceiptOutcome.EXPECTED)}
    insert_columns(uow.db, return_receipts, {**receipts, **shared})
    inspections: dict[str, Iterable[Any]] = {
        "id": [uow.new_id() for _ in flat],
        "variant_id": [line.recorded.variant_id for line in flat],
        "condition": repeat(ItemCondition.UNKNOWN),
        "disposition": repeat(Disposition.RESTOCK),
        "resolution": repeat(Resolution.REFUND),
        "movement_id": moved,
        "note": repeat(""),
    }
    insert_columns(uow.db, return_inspections, {**inspections, **shared})


def _count_returned(uow: UnitOfWork, lines: Sequence[_Line]) -> None:
    more: defaultdict[UUID, Counter[UUID]] = defaultdict(Counter)
    for line in lines:
        if sale := line.share.line:
            more[sale.order_id][sale.line_id] += line.share.quantity
    add_returned(uow, more)


def _texts(row: Return, lines: Sequence[_Line]) -> Iterable[str]:
    """Under what a return is found. Each text once."""
    texts = [row.number]
    for line in lines:
        texts += (line.recorded.sku, line.recorded.title)
    return dict.fromkeys(texts)
