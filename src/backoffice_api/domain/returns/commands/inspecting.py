"""Inspecting: where pieces go that came, and what their customer gets for them.

A line can be inspected in parts, each with a decision of its own. What stays in the house enters
the stock by one movement for each decision, at what a piece cost when it was sent (R2).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_size, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.media.commands.attaching import attach_files
from backoffice_api.domain.returns import queries
from backoffice_api.domain.returns.commands.writing import Opened, check_pieces, opened, save_told
from backoffice_api.domain.returns.model.drafts import InspectedDraft
from backoffice_api.domain.returns.model.events import (
    InspectedPieces,
    RestockedPieces,
    ReturnInspected,
    ReturnRepaired,
    ReturnRestocked,
    ReturnWaived,
)
from backoffice_api.domain.returns.model.inspections import (
    BUCKETS,
    MONEY,
    MOVED,
    NOTE_LENGTH_MAX,
    PHOTOS_MAX,
    RESOLUTIONS,
    Disposition,
    LocationNeeded,
    LotNotShipped,
    PhotoNeeded,
    Resolution,
    ResolutionNotPossible,
    ReturnInspection,
)
from backoffice_api.domain.returns.model.refusals import (
    NothingReturned,
    PiecesExceeded,
)
from backoffice_api.domain.returns.model.returns import (
    LinePieces,
    ReturnLine,
)
from backoffice_api.domain.returns.tables import return_inspections, returns
from backoffice_api.domain.stock.commands.returning import ComingBack, take_back
from backoffice_api.domain.stock.model.lots import LOT_CODE_LENGTH_MAX, LotDraft
from backoffice_api.domain.stock.model.movements import Cause
from backoffice_api.domain.stock.queries import movements_by_ids
from backoffice_api.domain.stock.queries.shipped import Shipped, shipped_costs, shipped_lots


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectReturn(Command):
    """All pieces or none. A line may be named more than once: pieces of it can fare differently."""

    scope = Scope.RETURNS_WRITE
    table = returns
    id: UUID
    pieces: tuple[InspectedDraft, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiveReturn(Command):
    """`lines` empty: all that has not come."""

    scope = Scope.RETURNS_APPROVE
    table = returns
    id: UUID
    lines: tuple[LinePieces, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairReturn(Command):
    scope = Scope.RETURNS_WRITE
    table = returns
    id: UUID
    lines: tuple[LinePieces, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is on record of what was sent: costs and lots, by order and variant."""

    costs: Mapping[Shipped, UnitPrice]
    lots: Mapping[Shipped, Mapping[str, UUID]]


def inspect_return(uow: UnitOfWork, command: InspectReturn) -> UUID:
    """Decide of pieces that came where they go and what becomes of them. Its id.

    Raises:
        UnknownReturn, InvalidTransition, UnknownReturnLine, UnknownMediaFile.
        PiecesExceeded: so many pieces of the line are not here, or were inspected already.
        ResolutionNotPossible: what becomes of them does not go with where they go.
        PhotoNeeded: the reason asks for evidence.
        LotNotShipped: what is to be sold again is not of a lot that was sent.
        LotNeeded, LotNotTracked, SerialElsewhere, LocationNeeded, DomainError: as `take_back`.
    """
    check_pieces(_pieces(command), path="pieces", several=True)
    _check(command)
    of = opened(uow, command.id, "inspect")
    _check_counts(of, command)
    _check_evidence(uow, of, command)
    known = _known(uow, of, command)
    moved = _take_back(uow, of, command, known)
    made = [
        _inspection(uow, of, draft, known, moved.get(position))
        for position, draft in enumerate(command.pieces)
    ]
    made = _with_lots(uow, made)
    add(uow, return_inspections, made)
    attach_files(
        uow,
        {each.id: draft.photo_ids for each, draft in zip(made, command.pieces, strict=True)},
    )
    lines = [_inspected(line, made) for line in of.lines]
    facts = tuple(
        InspectedPieces(
            each.id,
            each.line_id,
            each.variant_id,
            each.quantity,
            each.disposition,
            each.resolution,
            each.movement_id,
        )
        for each in made
    )
    after = save_told(uow, of, of.before, lines, ReturnInspected, pieces=facts)
    _tell_restocked(uow, of, after.version, made)
    return of.before.id


def waive_return(uow: UnitOfWork, command: WaiveReturn) -> UUID:
    """Say that pieces need not come back and are paid back all the same. Its id.

    Raises:
        UnknownReturn, InvalidTransition, UnknownReturnLine, Duplicate, OutOfRange.
        PiecesExceeded: so many are not waited for any more.
    """
    check_pieces(command.lines)
    of = opened(uow, command.id, "waive")
    waive(uow, of, command.lines or _awaited(of))
    return of.before.id


def waive(uow: UnitOfWork, of: Opened, pieces: Sequence[LinePieces]) -> None:
    """The same for claims: what was lost on its way cannot come back."""
    waived = Counter[UUID]()
    for position, each in enumerate(pieces):
        line = of.line(each.line_id, "lines", position, "line_id")
        if each.quantity > line.awaited:
            raise PiecesExceeded(line.awaited).at("lines", position, "quantity")
        waived[line.id] += each.quantity
    if not waived:
        raise PiecesExceeded(0).at("lines")
    lines = [replace(line, waived=line.waived + waived[line.id]) for line in of.lines]
    count = sum(waived.values())
    save_told(uow, of, of.before, lines, ReturnWaived, lines=tuple(pieces), pieces=count)


def repair_return(uow: UnitOfWork, command: RepairReturn) -> UUID:
    """Note that pieces were mended and went back to their customer. Its id.

    Raises:
        UnknownReturn, InvalidTransition, UnknownReturnLine, Duplicate, OutOfRange.
        PiecesExceeded: so many were not to be mended.
    """
    check_pieces(command.lines)
    of = opened(uow, command.id, "repair")
    done = Counter[UUID]()
    for position, each in enumerate(command.lines):
        line = of.line(each.line_id, "lines", position, "line_id")
        if each.quantity > (left := line.to_repair - line.repaired):
            raise PiecesExceeded(left).at("lines", position, "quantity")
        done[line.id] = each.quantity
    lines = [replace(line, repaired=line.repaired + done[line.id]) for line in of.lines]
    count = sum(done.values())
    save_told(uow, of, of.before, lines, ReturnRepaired, lines=command.lines, pieces=count)
    return of.before.id


def _awaited(of: Opened) -> Sequence[LinePieces]:
    return [LinePieces(line.id, line.awaited) for line in of.lines if line.awaited]


def _pieces(command: InspectReturn) -> Sequence[LinePieces]:
    return [LinePieces(each.line_id, each.quantity) for each in command.pieces]


def _check(command: InspectReturn) -> None:
    faults = Faults()
    if not command.pieces:
        faults.add(NothingReturned().at("pieces"))
    for position, each in enumerate(command.pieces):
        here = ("pieces", position)
        if each.resolution not in RESOLUTIONS[each.disposition]:
            fault = ResolutionNotPossible(each.disposition, each.resolution)
            faults.add(fault.at(*here, "resolution"))
        check_text(each.note, faults, *here, "note", minimum=0, maximum=NOTE_LENGTH_MAX)
        check_text(each.lot_code, faults, *here, "lot_code", maximum=LOT_CODE_LENGTH_MAX)
        check_size(each.photo_ids, faults, *here, "photo_ids", maximum=PHOTOS_MAX)
    faults.check()


def _check_counts(of: Opened, command: InspectReturn) -> None:
    """R1. Raises: UnknownReturnLine, PiecesExceeded."""
    left = {line.id: line.to_inspect for line in of.lines}
    faults = Faults()
    for position, each in enumerate(command.pieces):
        of.line(each.line_id, "pieces", position, "line_id")
        if each.quantity > left[each.line_id]:
            fault = PiecesExceeded(left[each.line_id])
            faults.add(fault.at("pieces", position, "quantity"))
        left[each.line_id] -= each.quantity
    faults.check()


def _check_evidence(uow: UnitOfWork, of: Opened, command: InspectReturn) -> None:
    """Raises: PhotoNeeded."""
    named = {line.reason_id for line in of.lines if line.reason_id}
    reasons = queries.reasons_by_ids(uow.db, named) if named else {}
    faults = Faults()
    for position, each in enumerate(command.pieces):
        reason_id = of.by_id[each.line_id].reason_id
        reason = reasons.get(reason_id) if reason_id else None
        if reason and reason.needs_photo and not each.photo_ids:
            faults.add(PhotoNeeded(reason.name).at("pieces", position, "photo_ids"))
    faults.check()


def _known(uow: UnitOfWork, of: Opened, command: InspectReturn) -> _Known:
    named = {each.line_id for each in command.pieces}
    lines = [line for line in of.lines if line.id in named and line.order_id]
    orders = {line.order_id for line in lines if line.order_id}
    variants = {line.variant_id for line in lines}
    if not orders:
        return _Known({}, {})
    has_lots = any(each.lot_code for each in command.pieces)
    return _Known(
        shipped_costs(uow.db, orders, variants),
        shipped_lots(uow.db, orders, variants) if has_lots else {},
    )


def _take_back(
    uow: UnitOfWork, of: Opened, command: InspectReturn, known: _Known
) -> Mapping[int, UUID]:
    """Let what stays in the house in. The movement of each, by its position in the command.

    Raises:
        LotNotShipped, LocationNeeded, and as `take_back`.
    """
    faults, coming = Faults(), dict[int, ComingBack]()
    for position, each in enumerate(command.pieces):
        line = of.by_id[each.line_id]
        matches = _lot_matches(line, each, known)
        if matches is False and each.disposition is Disposition.RESTOCK:
            fault = LotNotShipped(each.lot_code or "")
            faults.add(fault.at("pieces", position, "lot_code"))
        location_id = each.location_id or of.before.location_id
        if each.disposition not in MOVED:
            continue
        if location_id is None:
            faults.add(LocationNeeded().at("pieces", position, "location_id"))
            continue
        coming[position] = ComingBack(
            variant_id=line.variant_id,
            location_id=location_id,
            quantity=each.quantity,
            bucket=BUCKETS.get(each.disposition),
            lot=LotDraft(code=each.lot_code) if each.lot_code else None,
            unit_cost=_cost(line, known),
        )
    faults.check()
    posted = take_back(uow, list(coming.values()), Cause("ret", of.before.id)) if coming else ()
    return dict(zip(coming, posted, strict=True))


def _cost(line: ReturnLine, known: _Known) -> UnitPrice | None:
    return known.costs.get((line.order_id, line.variant_id)) if line.order_id else None


def _lot_matches(line: ReturnLine, each: InspectedDraft, known: _Known) -> bool | None:
    """Whether the lot was sent with the order. None: nothing is on record to compare with."""
    if each.lot_code is None or line.order_id is None:
        return None
    sent = known.lots.get((line.order_id, line.variant_id))
    return None if sent is None else each.lot_code in sent


def _inspection(
    uow: UnitOfWork, of: Opened, each: InspectedDraft, known: _Known, movement_id: UUID | None
) -> ReturnInspection:
    line, actor = of.by_id[each.line_id], uow.caller.actor
    cost = _cost(line, known) if movement_id else None
    return ReturnInspection(
        id=uow.new_id(),
        created_at=uow.now,
        return_id=of.before.id,
        line_id=line.id,
        variant_id=line.variant_id,
        quantity=each.quantity,
        condition=each.condition,
        disposition=each.disposition,
        resolution=each.resolution,
        location_id=(each.location_id or of.before.location_id) if movement_id else None,
        movement_id=movement_id,
        lot_id=None,
        lot_matches=_lot_matches(line, each, known),
        unit_cost_micro=cost.micro if cost else None,
        cost_currency=cost.currency if cost else None,
        note=each.note,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
    )


def _with_lots(uow: UnitOfWork, made: Sequence[ReturnInspection]) -> list[ReturnInspection]:
    """The inspections with the lots that their movements name."""
    moved = {each.movement_id for each in made if each.movement_id}
    found = movements_by_ids(uow.db, moved) if moved else {}
    return [
        replace(each, lot_id=found[each.movement_id].lot_id) if each.movement_id else each
        for each in made
    ]


def _inspected(line: ReturnLine, made: Sequence[ReturnInspection]) -> ReturnLine:
    """The line with what was decided of its pieces."""
    more = Counter[str]()
    for each in made:
        if each.line_id != line.id:
            continue
        more["inspected"] += each.quantity
        more[_COUNTED[each.resolution]] += each.quantity
        if each.disposition is Disposition.MISSING:
            more["missing"] += each.quantity
        if each.disposition is Disposition.BACK_TO_CUSTOMER:
            more["sent_back"] += each.quantity
    changes: Mapping[str, Any] = {name: getattr(line, name) + n for name, n in more.items()}
    return replace(line, **changes)


_COUNTED: Mapping[Resolution, str] = {
    **dict.fromkeys(MONEY, "to_refund"),
    Resolution.EXCHANGE: "to_exchange",
    Resolution.REPAIR: "to_repair",
    Resolution.REJECT: "rejected",
}


def _tell_restocked(
    uow: UnitOfWork, of: Opened, version: int, made: Sequence[ReturnInspection]
) -> None:
    pieces = tuple(
        RestockedPieces(
            each.movement_id,
            of.by_id[each.line_id].order_id,
            each.variant_id,
            each.quantity,
            each.disposition,
        )
        for each in made
        if each.movement_id and each.disposition in BUCKETS
    )
    if pieces:
        before = of.before
        uow.emit(
            ReturnRestocked(
                before.id,
                version,
                before.number,
                before.customer_id,
                tuple(sorted(of.orders)),
                pieces,
            )
        )
