"""Receiving: what came is counted, by line or by what is scanned.

Nothing enters the stock yet: that is decided piece by piece when it is inspected.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_range, check_size, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.model import UnknownVariant, Variant
from backoffice_api.domain.returns.commands.writing import (
    Opened,
    check_pieces,
    new_line,
    opened,
    save_told,
)
from backoffice_api.domain.returns.model.drafts import ScannedPieces
from backoffice_api.domain.returns.model.events import ReturnReceived
from backoffice_api.domain.returns.model.inspections import (
    ItemCondition,
    LocationNeeded,
    ReceiptOutcome,
    ReturnReceipt,
)
from backoffice_api.domain.returns.model.policies import Judgement, Rule, Verdict
from backoffice_api.domain.returns.model.refunds import Worth
from backoffice_api.domain.returns.model.refusals import NothingReturned
from backoffice_api.domain.returns.model.returnable import SentOrder, SentPart, frozen
from backoffice_api.domain.returns.model.returns import (
    LINES_MAX,
    MACHINE,
    QUANTITY_MAX,
    LineOrigin,
    LinePieces,
    ReturnLine,
    ReturnState,
)
from backoffice_api.domain.returns.queries.returnable import sent_orders
from backoffice_api.domain.returns.tables import return_lines, return_receipts, returns
from backoffice_api.domain.stock.commands.ledger import hold_locations
from backoffice_api.domain.stock.commands.levels import unfit
from backoffice_api.domain.stock.model.lots import LOT_CODE_LENGTH_MAX
from backoffice_api.domain.stock.queries.shipped import Shipped, shipped_lots

_OUTCOMES: Mapping[LineOrigin, ReceiptOutcome] = {
    LineOrigin.REQUESTED: ReceiptOutcome.EXPECTED,
    LineOrigin.OVER: ReceiptOutcome.OVER,
    LineOrigin.WRONG_ITEM: ReceiptOutcome.WRONG_ITEM,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveReturn(Command):
    """`location_id` None: where the return is to be received."""

    scope = Scope.RETURNS_WRITE
    table = returns
    id: UUID
    lines: tuple[LinePieces, ...] = ()
    scans: tuple[ScannedPieces, ...] = ()
    location_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class _Arrival:
    """Pieces that came: on a line, or of a variant that no line waits for (any more)."""

    variant_id: UUID
    quantity: int
    line_id: UUID | None
    code: str | None
    lot_code: str | None = None


def receive_return(uow: UnitOfWork, command: ReceiveReturn) -> UUID:
    """Count goods that came. What nobody waits for becomes a line of its own. Its id.

    More of it than was asked for is worth what its order says, where it was sent and is in no
    other return; what was never sent is worth nothing. A lot or serial that is scanned is compared
    with those that were sent; what becomes of one that was not is for the inspection to say.

    Raises:
        UnknownReturn, InvalidTransition, UnknownReturnLine, UnknownVariant.
        UnknownLocation, VirtualLocation, ArchivedLocation, LocationNeeded.
        OutOfRange, TooMany, Duplicate, NothingReturned: the input is wrong.
    """
    scanned = _check(uow, command)
    of = opened(uow, command.id)
    is_all_here = of.before.status is ReturnState.RECEIVED
    MACHINE.check("receive_more" if is_all_here else "receive", of.before.status)
    location_id = _location(uow, command.location_id or of.before.location_id)
    expected, unexpected = _allotted(of, command, scanned)
    came = {id: sum(each.quantity for each in arrived) for id, arrived in expected.items()}
    lines = [replace(line, received=line.received + came.get(line.id, 0)) for line in of.lines]
    made = _unexpected_lines(uow, of, unexpected)
    add(uow, return_lines, [line for line, _ in made])
    arrivals = [(each, line) for line in lines for each in expected.get(line.id, ())]
    arrivals += [(each, line) for line, each in made]
    lots = _sent_lots(uow, of, arrivals)
    add(uow, return_receipts, [_receipt(uow, location_id, *each, lots) for each in arrivals])
    is_complete = not any(line.awaited for line in lines)
    action = "receive_more" if is_all_here else "receive_all" if is_complete else "receive"
    status = MACHINE.check(action, of.before.status)
    after = replace(of.before, status=status, location_id=location_id)
    save_told(
        uow,
        of,
        after,
        [*lines, *(line for line, _ in made)],
        ReturnReceived,
        location_id=location_id,
        lines=tuple(LinePieces(line.id, each.quantity) for each, line in arrivals),
        pieces=sum(each.quantity for each, _ in arrivals),
        unexpected=sum(each.quantity for _, each in made),
        is_complete=is_complete,
    )
    return of.before.id


def _check(uow: UnitOfWork, command: ReceiveReturn) -> Mapping[str, Variant]:
    """Refuse what cannot be. The variant of each code."""
    check_pieces(command.lines)
    faults = Faults()
    if not command.lines and not command.scans:
        faults.add(NothingReturned().at("lines"))
    check_size(command.scans, faults, "scans", maximum=LINES_MAX)
    faults.check()
    for position, each in enumerate(command.scans):
        check_range(
            each.quantity, faults, "scans", position, "quantity", minimum=1, maximum=QUANTITY_MAX
        )
        check_text(each.code, faults, "scans", position, "code")
        check_text(
            each.lot_code, faults, "scans", position, "lot_code", maximum=LOT_CODE_LENGTH_MAX
        )
    faults.check()
    codes = [each.code for each in command.scans]
    found = _variants(uow, codes)
    for position, code in enumerate(codes):
        if code not in found:
            faults.add(UnknownVariant(code).at("scans", position, "code"))
    faults.check()
    return found


def _variants(uow: UnitOfWork, codes: Sequence[str]) -> Mapping[str, Variant]:
    """The variant that each code is printed on, or whose SKU it is."""
    printed = products.variants_by_printed_codes(uow.db, codes) if codes else {}
    others = [code for code in codes if code not in printed]
    return {**printed, **(products.variants_by_skus(uow.db, others) if others else {})}


def _location(uow: UnitOfWork, id: UUID | None) -> UUID:
    if id is None:
        raise LocationNeeded().at("location_id")
    for fault in unfit(hold_locations(uow, [id]).get(id), id):
        raise fault.at("location_id")
    return id


def _allotted(
    of: Opened, command: ReceiveReturn, scanned: Mapping[str, Variant]
) -> tuple[Mapping[UUID, Sequence[_Arrival]], Sequence[_Arrival]]:
    """What came on which line, and what came besides."""
    left = {line.id: line.awaited for line in of.lines}
    expected: dict[UUID, list[_Arrival]] = {}
    unexpected: list[_Arrival] = []

    def take(line: ReturnLine, quantity: int, code: str | None, lot: str | None = None) -> int:
        pieces = min(quantity, left[line.id])
        if pieces:
            left[line.id] -= pieces
            arrival = _Arrival(line.variant_id, pieces, line.id, code, lot)
            expected.setdefault(line.id, []).append(arrival)
        return quantity - pieces

    for position, each in enumerate(command.lines):
        line = of.line(each.line_id, "lines", position, "line_id")
        if rest := take(line, each.quantity, None):
            unexpected.append(_Arrival(line.variant_id, rest, line.id, None))
    for scan in command.scans:
        rest, known = scan.quantity, None
        variant = scanned[scan.code]
        for line in of.lines:
            if line.variant_id == variant.id:
                known, rest = line, take(line, rest, scan.code, scan.lot_code)
        if rest:
            line_id = known.id if known else None
            unexpected.append(_Arrival(variant.id, rest, line_id, scan.code, scan.lot_code))
    return expected, unexpected


def _unexpected_lines(
    uow: UnitOfWork, of: Opened, arrivals: Sequence[_Arrival]
) -> Sequence[tuple[ReturnLine, _Arrival]]:
    """Lines for what came unasked: of what was sent, as far as it goes; else of no order."""
    if not arrivals:
        return ()
    sent = sent_orders(uow.db, list(of.orders.values()))
    ids = sorted({each.variant_id for each in arrivals})
    variants = products.variants_by_ids(uow.db, ids)
    titles = products.titles_by_variants(uow.db, ids)
    position = max((line.position for line in of.lines), default=-1)
    taken: dict[tuple[UUID, UUID], int] = {}
    made = []
    for each in arrivals:
        origin = LineOrigin.OVER if each.line_id else LineOrigin.WRONG_ITEM
        for part, pieces, worth in _parts(sent, each, taken):
            position += 1
            arrival = replace(each, quantity=pieces)
            facts = {
                "origin": origin,
                "order_id": part.order_id if part else None,
                "order_line_id": part.order_line_id if part else None,
                "variant_id": each.variant_id,
                "sku": variants[each.variant_id].sku,
                "title": titles.get(each.variant_id, variants[each.variant_id].sku),
                "reason_id": None,
                "note": "",
                "condition": ItemCondition.UNKNOWN,
                "lot_code": None,
                "requested": pieces,
                "received": pieces,
            }
            says = Judgement(Verdict.REVIEW, Rule.NO_ORDER if part is None else Rule.NO_POLICY)
            made.append((new_line(uow, of.before, position, worth, says, **facts), arrival))
    return made


def _parts(
    sent: Mapping[UUID, SentOrder], each: _Arrival, taken: dict[tuple[UUID, UUID], int]
) -> Sequence[tuple[SentPart | None, int, Worth]]:
    """What of the orders some pieces can be, with what that is worth; the rest is of none.

    Of each part only once: its worth would have to be shared out anew.
    """
    left, found = each.quantity, list[tuple[SentPart | None, int, Worth]]()
    for order in sent.values():
        for part in order.parts:
            if part.variant_id != each.variant_id or part.key in taken:
                continue
            if pieces := min(left, part.returnable):
                taken[part.key] = pieces
                worth = frozen(order, {part.key: pieces})[part.key]
                found.append((part, pieces, replace(worth, shipping=0)))
                left -= pieces
    if left:
        found.append((None, left, Worth()))
    return found


def _sent_lots(
    uow: UnitOfWork, of: Opened, arrivals: Sequence[tuple[_Arrival, ReturnLine]]
) -> Mapping[Shipped, Mapping[str, UUID]]:
    """The lots that were sent of what was scanned with one. No statement where none was."""
    scanned = {each.variant_id for each, _ in arrivals if each.lot_code}
    return shipped_lots(uow.db, of.orders, scanned) if scanned and of.orders else {}


def _receipt(
    uow: UnitOfWork,
    location_id: UUID,
    each: _Arrival,
    line: ReturnLine,
    lots: Mapping[Shipped, Mapping[str, UUID]],
) -> ReturnReceipt:
    actor = uow.caller.actor
    sent = lots.get((line.order_id, line.variant_id)) if line.order_id else None
    return ReturnReceipt(
        id=uow.new_id(),
        created_at=uow.now,
        return_id=line.return_id,
        line_id=line.id,
        location_id=location_id,
        quantity=each.quantity,
        outcome=_OUTCOMES[line.origin],
        code=each.code,
        lot_code=each.lot_code,
        lot_matches=None if each.lot_code is None or sent is None else each.lot_code in sent,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
    )
