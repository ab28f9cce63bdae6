"""What can be done with a transfer that is ready or under way: shipped, received, written off."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import Integer, update

from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.batches import UpdateEach
from backoffice_api.domain.kernel.errors import DomainError, Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import Id
from backoffice_api.domain.kernel.texts import check_range, check_size
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.stock.commands.moves import move
from backoffice_api.domain.stock.commands.reservations import consume, release
from backoffice_api.domain.stock.commands.shipping import INTO_TRANSIT, lose_in_transit
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.levels import QUANTITY_MAX, MoveLine
from backoffice_api.domain.stock.model.locations import IN_TRANSIT_ID
from backoffice_api.domain.stock.model.lots import InsufficientLot, LotPieces
from backoffice_api.domain.stock.model.movements import Cause
from backoffice_api.domain.stock.model.reservations import OwnerKind
from backoffice_api.domain.stock.queries.transit import in_transit_for
from backoffice_api.domain.transfers import queries
from backoffice_api.domain.transfers.model import (
    LINES_MAX,
    MACHINE,
    NothingToTransfer,
    ReceiveLine,
    ShipLine,
    ShippedTooMuch,
    Transfer,
    TransferLine,
    TransferPartReceived,
    TransferReceived,
    TransferShipped,
    TransferWrittenOff,
    UnknownTransferLine,
    received,
)
from backoffice_api.domain.transfers.tables import transfer_lines, transfers

_save_each = UpdateEach(
    lambda given: (
        update(transfer_lines)
        .where(transfer_lines.c.id == given("id"))
        .values(
            shipped=given("shipped"),
            received=given("received"),
            rejected=given("rejected"),
            lost=given("lost"),
        )
    ),
    id=Id(),
    shipped=Integer(),
    received=Integer(),
    rejected=Integer(),
    lost=Integer(),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipTransfer(Command):
    """Without lines, everything is shipped."""

    scope = Scope.STOCK_WRITE
    table = transfers
    id: UUID
    lines: tuple[ShipLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveTransfer(Command):
    """Without lines, everything that is on its way is accepted."""

    scope = Scope.STOCK_WRITE
    table = transfers
    id: UUID
    lines: tuple[ReceiveLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOffTransfer(Command):
    scope = Scope.STOCK_WRITE
    table = transfers
    id: UUID


def ship_transfer(uow: UnitOfWork, command: ShipTransfer) -> UUID:
    """Let the pieces of a transfer leave; what is not shipped now is held no more. Its id.

    Raises:
        UnknownTransfer, InvalidTransition, UnknownTransferLine.
        OutOfRange, TooMany, NothingToTransfer, ShippedTooMuch: the lines are wrong.
        UnknownLot, InsufficientLot, LotIsBlocked, NoLotToShip: the lots do not allow it.
    """
    before, lines = _transfer(uow, command.id)
    after = replace(before, status=MACHINE.check("ship", before.status), shipped_at=uow.now)
    wanted = command.lines or tuple(
        ShipLine(line_id=line.id, quantity=line.quantity) for line in lines.values()
    )
    shipped = _shipped(lines, wanted)
    after = save(uow, transfers, before, after)
    lots = {
        each.line_id: [LotPieces(lot.lot_id, lot.quantity) for lot in each.lots]
        for each in wanted
        if each.lots is not None
    }
    quantities = {line.id: line.shipped for line in shipped if line.shipped}
    consume(uow, quantities, cause=_cause(after), lots=lots, to=INTO_TRANSIT)
    release(uow, dict.fromkeys(lines))
    _save_lines(uow, shipped)
    event = TransferShipped(after.id, after.version, sum(quantities.values()))
    uow.emit(event, before=before, after=after)
    return after.id


def receive_transfer(uow: UnitOfWork, command: ReceiveTransfer) -> UUID:
    """Take in what has arrived: accepted pieces for sale, rejected ones into quarantine. Its id.

    Raises:
        UnknownTransfer, InvalidTransition, UnknownTransferLine.
        OutOfRange, TooMany, NothingToTransfer: the lines are wrong.
        MoreThanInTransit: more than is on its way.
        InsufficientLot: so many pieces of the lot are not on their way for this transfer.
    """
    before, lines = _transfer(uow, command.id)
    MACHINE.check("receive", before.status)
    arrived = command.lines or tuple(
        ReceiveLine(line_id=line.id, accepted=line.in_transit)
        for line in lines.values()
        if line.in_transit
    )
    changed = _received(lines, arrived)
    left = sum(line.in_transit for line in {**lines, **changed}.values())
    status = MACHINE.check("receive" if left else "complete", before.status)
    after = replace(before, status=status, received_at=None if left else uow.now)
    after = save(uow, transfers, before, after)
    there = in_transit_for(uow.db, after.id)
    moves = _moves(after, lines, arrived, there)
    move(uow, moves, cause=_cause(after))
    _save_lines(uow, list(changed.values()))
    accepted = sum(each.accepted for each in arrived)
    rejected = sum(each.rejected for each in arrived)
    event = (
        TransferPartReceived(after.id, after.version, accepted, rejected, left)
        if left
        else TransferReceived(after.id, after.version, accepted, rejected)
    )
    uow.emit(event, before=before, after=after)
    return after.id


def write_off_transfer(uow: UnitOfWork, command: WriteOffTransfer) -> UUID:
    """Take what is still on its way off the books: it will not arrive. Its id.

    Raises:
        UnknownTransfer, InvalidTransition.
    """
    before, lines = _transfer(uow, command.id)
    status = MACHINE.check("write_off", before.status)
    after = save(uow, transfers, before, replace(before, status=status, received_at=uow.now))
    lost = [
        replace(line, lost=line.lost + line.in_transit)
        for line in lines.values()
        if line.in_transit
    ]
    pieces = lose_in_transit(uow, in_transit_for(uow.db, after.id), _cause(after))
    _save_lines(uow, lost)
    uow.emit(TransferWrittenOff(after.id, after.version, pieces), before=before, after=after)
    return after.id


def _transfer(uow: UnitOfWork, id: UUID) -> tuple[Transfer, Mapping[UUID, TransferLine]]:
    found = queries.transfer(uow.db, id)
    lines = queries.lines_by_transfers(uow.db, [id])[id]
    return found, {line.id: line for line in lines}


def _cause(transfer: Transfer) -> Cause:
    return Cause(OwnerKind.TRANSFER.value, transfer.id)


def _shipped(
    lines: Mapping[UUID, TransferLine], wanted: Sequence[ShipLine]
) -> Sequence[TransferLine]:
    """The lines with what is shipped of them.

    Raises:
        UnknownTransferLine, OutOfRange, TooMany, NothingToTransfer, ShippedTooMuch.
    """
    faults = Faults()
    check_size(wanted, faults, "lines", maximum=LINES_MAX)
    faults.check()
    pieces: Counter[UUID] = Counter()
    for position, each in enumerate(wanted):
        here = ("lines", position)
        check_range(each.quantity, faults, *here, "quantity", minimum=0, maximum=QUANTITY_MAX)
        pieces[each.line_id] += each.quantity
        for number, lot in enumerate(each.lots or ()):
            at = (*here, "lots", number, "quantity")
            check_range(lot.quantity, faults, *at, minimum=1, maximum=QUANTITY_MAX)
        if (of_lots := sum(lot.quantity for lot in each.lots or ())) > each.quantity:
            faults.add(ShippedTooMuch(of_lots, each.quantity).at(*here, "lots"))
        if (line := lines.get(each.line_id)) is None:
            faults.add(UnknownTransferLine(each.line_id).at(*here, "line_id"))
        elif pieces[line.id] > line.quantity:
            fault = ShippedTooMuch(pieces[line.id], line.quantity)
            faults.add(fault.at(*here, "quantity"))
    faults.check()
    if not any(pieces.values()):
        raise NothingToTransfer().at("lines")
    return [replace(line, shipped=pieces[line.id]) for line in lines.values()]


def _received(
    lines: Mapping[UUID, TransferLine], arrived: Sequence[ReceiveLine]
) -> Mapping[UUID, TransferLine]:
    """The lines of which something has arrived, as they are then.

    Raises:
        UnknownTransferLine, OutOfRange, TooMany, NothingToTransfer, MoreThanInTransit.
    """
    faults = Faults()
    check_size(arrived, faults, "lines", maximum=LINES_MAX)
    faults.check()
    changed: dict[UUID, TransferLine] = {}
    for position, each in enumerate(arrived):
        here = ("lines", position)
        check_range(each.accepted, faults, *here, "accepted", minimum=0, maximum=QUANTITY_MAX)
        check_range(each.rejected, faults, *here, "rejected", minimum=0, maximum=QUANTITY_MAX)
        line = changed.get(each.line_id) or lines.get(each.line_id)
        if line is None:
            faults.add(UnknownTransferLine(each.line_id).at(*here, "line_id"))
            continue
        try:
            changed[line.id] = received(line, each.accepted, each.rejected)
        except DomainError as fault:
            faults.add(fault.at(*here))
    faults.check()
    if not any(each.accepted + each.rejected for each in arrived):
        raise NothingToTransfer().at("lines")
    return changed


def _moves(
    transfer: Transfer,
    lines: Mapping[UUID, TransferLine],
    arrived: Sequence[ReceiveLine],
    there: Mapping[UUID, Mapping[UUID | None, int]],
) -> Sequence[MoveLine]:
    """What has arrived as moves out of transit, lot by lot where pieces are tracked."""
    left = {variant_id: dict(by_lot) for variant_id, by_lot in there.items()}
    return [
        MoveLine(
            variant_id=variant_id,
            from_location_id=IN_TRANSIT_ID,
            from_bucket=Bucket.IN_TRANSIT,
            to_location_id=transfer.to_location_id,
            to_bucket=bucket,
            quantity=pieces,
            lot_id=lot_id,
        )
        for each in arrived
        for variant_id in [lines[each.line_id].variant_id]
        for bucket, quantity in (
            (Bucket.SELLABLE, each.accepted),
            (Bucket.QUARANTINE, each.rejected),
        )
        for lot_id, pieces in _of_lots(left.get(variant_id, {}), quantity, each.lot_id)
    ]


def _of_lots(
    left: dict[UUID | None, int], quantity: int, lot_id: UUID | None
) -> Iterator[tuple[UUID | None, int]]:
    """Take so many pieces of what is on its way: of one lot, or of any.

    Raises:
        InsufficientLot: there are not so many of the lot.
    """
    if lot_id is not None and left.get(lot_id, 0) < quantity:
        raise InsufficientLot(lot_id.hex, quantity, left.get(lot_id, 0))
    for each in [lot_id] if lot_id else list(left):
        if taken := min(quantity, left.get(each, 0)):
            left[each] -= taken
            quantity -= taken
            yield each, taken


def _save_lines(uow: UnitOfWork, lines: Sequence[TransferLine]) -> None:
    rows = [
        {
            "id": line.id,
            "shipped": line.shipped,
            "received": line.received,
            "rejected": line.rejected,
            "lost": line.lost,
        }
        for line in lines
    ]
    _save_each(uow.db, rows)
