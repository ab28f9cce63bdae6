"""What can be done with a transfer before it is shipped: made, changed, held, cancelled."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import delete

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import Duplicate, check_range, check_size, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.model import UnknownVariant
from backoffice_api.domain.stock import queries as stock
from backoffice_api.domain.stock.commands.levels import unfit
from backoffice_api.domain.stock.commands.reservations import release, reserve
from backoffice_api.domain.stock.model.levels import QUANTITY_MAX
from backoffice_api.domain.stock.model.reservations import Demand, OwnerKind
from backoffice_api.domain.transfers import queries
from backoffice_api.domain.transfers.model import (
    LINES_MAX,
    MACHINE,
    LineDraft,
    NothingToTransfer,
    SameLocation,
    Transfer,
    TransferCancelled,
    TransferCreated,
    TransferLine,
    TransferReadied,
    TransferReopened,
    TransferStatus,
    TransferUpdated,
    pieces_of,
)
from backoffice_api.domain.transfers.tables import transfer_lines, transfers


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTransfer(Command):
    scope = Scope.STOCK_WRITE
    from_location_id: UUID
    to_location_id: UUID
    lines: tuple[LineDraft, ...]
    reference: str | None = None
    expected_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateTransfer(Command):
    """Lines take the place of all that there were."""

    scope = Scope.STOCK_WRITE
    table = transfers
    id: UUID
    lines: tuple[LineDraft, ...] | Keep = KEEP
    reference: str | Keep | None = KEEP
    expected_on: date | Keep | None = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyTransfer(Command):
    scope = Scope.STOCK_WRITE
    table = transfers
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenTransfer(Command):
    scope = Scope.STOCK_WRITE
    table = transfers
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelTransfer(Command):
    scope = Scope.STOCK_WRITE
    table = transfers
    id: UUID


def create_transfer(uow: UnitOfWork, command: CreateTransfer) -> UUID:
    """Make a draft. Its id.

    Raises:
        UnknownLocation, VirtualLocation, ArchivedLocation, SameLocation: it leads nowhere.
        UnknownVariant, Duplicate, OutOfRange, TooMany, NothingToTransfer: the lines are wrong.
        InvalidText.
    """
    faults = Faults()
    check_text(command.reference, faults, "reference")
    _check_locations(uow, faults, command.from_location_id, command.to_location_id)
    _check_lines(uow, faults, command.lines)
    faults.check()
    made = Transfer(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        from_location_id=command.from_location_id,
        to_location_id=command.to_location_id,
        status=MACHINE.start,
        reference=command.reference,
        expected_on=command.expected_on,
        shipped_at=None,
        received_at=None,
    )
    add(uow, transfers, [made])
    lines = _add_lines(uow, made.id, command.lines)
    uow.emit(TransferCreated(made.id, made.version, pieces_of(lines)), after=made)
    return made.id


def update_transfer(uow: UnitOfWork, command: UpdateTransfer) -> UUID:
    """Change what is given of a draft; what is absent stays. Its id.

    Raises:
        UnknownTransfer, InvalidTransition.
        UnknownVariant, Duplicate, OutOfRange, TooMany, NothingToTransfer, InvalidText.
    """
    before = queries.transfer(uow.db, command.id)
    MACHINE.check("update", before.status)
    after = replace(
        before,
        reference=patched(command.reference, before.reference),
        expected_on=patched(command.expected_on, before.expected_on),
    )
    faults = Faults()
    check_text(after.reference, faults, "reference")
    if command.lines is not KEEP:
        _check_lines(uow, faults, command.lines)
    faults.check()
    after = save(uow, transfers, before, after)
    if command.lines is KEEP:
        lines = queries.lines_by_transfers(uow.db, [after.id])[after.id]
    else:
        uow.db.execute(delete(transfer_lines).where(transfer_lines.c.transfer_id == after.id))
        lines = _add_lines(uow, after.id, command.lines)
    event = TransferUpdated(after.id, after.version, pieces_of(lines))
    uow.emit(event, before=before, after=after)
    return after.id


def ready_transfer(uow: UnitOfWork, command: ReadyTransfer) -> UUID:
    """Hold the pieces of a draft where they lie, in any part of the location. Its id.

    Raises:
        UnknownTransfer, InvalidTransition.
        ArchivedLocation: one of the locations is not in use any more.
        InsufficientStock: with every variant that falls short.
    """
    before = queries.transfer(uow.db, command.id)
    after = replace(before, status=MACHINE.check("ready", before.status))
    faults = Faults()
    _check_locations(uow, faults, before.from_location_id, before.to_location_id)
    faults.check()
    lines = queries.lines_by_transfers(uow.db, [before.id])[before.id]
    after = save(uow, transfers, before, after)
    demands = [
        Demand(line.id, before.id, line.variant_id, line.quantity, OwnerKind.TRANSFER)
        for line in lines
    ]
    origin = stock.location(uow.db, before.from_location_id)
    parts = [origin.id, *(each.id for each in stock.locations_below(uow.db, origin))]
    reserve(uow, demands, expires_at=None, location_ids=parts)
    event = TransferReadied(after.id, after.version, pieces_of(lines))
    uow.emit(event, before=before, after=after)
    return after.id


def reopen_transfer(uow: UnitOfWork, command: ReopenTransfer) -> UUID:
    """Make a transfer that is ready a draft again; its pieces are held no more. Its id.

    Raises:
        UnknownTransfer, InvalidTransition.
    """
    before = queries.transfer(uow.db, command.id)
    after = replace(before, status=MACHINE.check("reopen", before.status))
    after = save(uow, transfers, before, after)
    released = _release(uow, after)
    uow.emit(TransferReopened(after.id, after.version, released), before=before, after=after)
    return after.id


def cancel_transfer(uow: UnitOfWork, command: CancelTransfer) -> UUID:
    """Give a transfer up that was not shipped; its pieces are held no more. Its id.

    Raises:
        UnknownTransfer, InvalidTransition.
    """
    before = queries.transfer(uow.db, command.id)
    after = replace(before, status=MACHINE.check("cancel", before.status))
    after = save(uow, transfers, before, after)
    if before.status is TransferStatus.READY:
        _release(uow, after)
    uow.emit(TransferCancelled(after.id, after.version), before=before, after=after)
    return after.id


def _release(uow: UnitOfWork, transfer: Transfer) -> int:
    lines = queries.lines_by_transfers(uow.db, [transfer.id])[transfer.id]
    return sum(release(uow, {line.id: None for line in lines}).values())


def _check_locations(uow: UnitOfWork, faults: Faults, from_id: UUID, to_id: UUID) -> None:
    found = stock.locations_by_ids(uow.db, {from_id, to_id})
    for name, id in (("from_location_id", from_id), ("to_location_id", to_id)):
        faults.extend(fault.at(name) for fault in unfit(found.get(id), id))
    faults.check()
    origin, destination = found[from_id].path, found[to_id].path
    if origin.startswith(destination) or destination.startswith(origin):
        faults.add(SameLocation().at("to_location_id"))


def _check_lines(uow: UnitOfWork, faults: Faults, lines: Sequence[LineDraft]) -> None:
    check_size(lines, faults, "lines", maximum=LINES_MAX)
    faults.check()
    if not lines:
        faults.add(NothingToTransfer().at("lines"))
    known = products.variants_by_ids(uow.db, {line.variant_id for line in lines})
    seen: set[UUID] = set()
    for position, line in enumerate(lines):
        here = ("lines", position)
        check_range(line.quantity, faults, *here, "quantity", minimum=1, maximum=QUANTITY_MAX)
        name = ids.text("sku", line.variant_id)
        if line.variant_id not in known:
            faults.add(UnknownVariant(name).at(*here, "variant_id"))
        if line.variant_id in seen:
            faults.add(Duplicate(name).at(*here, "variant_id"))
        seen.add(line.variant_id)


def _add_lines(
    uow: UnitOfWork, transfer_id: UUID, drafts: Sequence[LineDraft]
) -> Sequence[TransferLine]:
    lines = [
        TransferLine(
            uow.new_id(), transfer_id, position, draft.variant_id, draft.quantity, 0, 0, 0, 0
        )
        for position, draft in enumerate(drafts)
    ]
    add(uow, transfer_lines, lines)
    return lines
