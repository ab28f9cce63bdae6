"""Pickups: a carrier is asked to come, says when, and is told not to."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import NAME_LENGTH_MAX
from backoffice_api.domain.kernel.texts import check_range, check_text, storable
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.shipping import queries
from backoffice_api.domain.shipping.commands.purchases import cut
from backoffice_api.domain.shipping.model.carriers import (
    LOCAL_KINDS,
    WEIGHT_MAX_G,
    CarrierNotActive,
    CarrierStatus,
    UnknownCarrier,
)
from backoffice_api.domain.shipping.model.handover import (
    PICKUP_MACHINE,
    PIECES_MAX,
    CarrierConfirms,
    InvalidWindow,
    Pickup,
    PickupCancelAsked,
    PickupCancelled,
    PickupConfirmed,
    PickupFailed,
    PickupKept,
    PickupRequested,
    PickupStatus,
)
from backoffice_api.domain.shipping.tables import pickups
from backoffice_api.domain.stock.model.locations import UnknownLocation
from backoffice_api.domain.stock.queries import locations_by_ids

PICKUP_JOB = "shipping.request_pickup"
CANCEL_PICKUP_JOB = "shipping.cancel_pickup"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPickup(Command):
    scope = Scope.SHIPPING_WRITE
    carrier_id: UUID
    location_id: UUID
    window_from: datetime
    window_until: datetime
    pieces: int
    weight_g: int
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmPickup(Command):
    """What a carrier said that we do not speak with over the net."""

    scope = Scope.SHIPPING_WRITE
    table = pickups
    id: UUID
    confirmation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelPickup(Command):
    scope = Scope.SHIPPING_WRITE
    table = pickups
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlePickup(Command):
    """The carrier will come, or not, for `trouble`. Run as the system."""

    scope = Scope.SHIPPING_WRITE
    table = pickups
    id: UUID
    confirmation: str | None = None
    trouble: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlePickupCancel(Command):
    """The carrier will not come, or comes all the same, for `trouble`. Run as the system."""

    scope = Scope.SHIPPING_WRITE
    table = pickups
    id: UUID
    trouble: str | None = None


def request_pickup(uow: UnitOfWork, command: RequestPickup) -> UUID:
    """Ask a carrier to come; one that we speak with is asked by a worker. Its id.

    Raises:
        UnknownCarrier, CarrierNotActive, UnknownLocation, InvalidWindow, OutOfRange, InvalidText.
    """
    faults = Faults()
    carrier = queries.carriers_by_ids(uow.db, [command.carrier_id]).get(command.carrier_id)
    if carrier is None:
        faults.add(UnknownCarrier(command.carrier_id).at("carrier_id"))
    elif carrier.status is not CarrierStatus.ACTIVE:
        faults.add(CarrierNotActive().at("carrier_id"))
    if command.location_id not in locations_by_ids(uow.db, [command.location_id]):
        faults.add(UnknownLocation(command.location_id).at("location_id"))
    if not command.window_from < command.window_until or command.window_until <= uow.now:
        faults.add(InvalidWindow().at("window_until"))
    check_range(command.pieces, faults, "pieces", minimum=1, maximum=PIECES_MAX)
    check_range(command.weight_g, faults, "weight_g", minimum=1, maximum=WEIGHT_MAX_G)
    check_text(command.note, faults, "note")
    faults.check()
    made = Pickup(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        carrier_id=command.carrier_id,
        location_id=command.location_id,
        status=PICKUP_MACHINE.start,
        window_from=command.window_from,
        window_until=command.window_until,
        pieces=command.pieces,
        weight_g=command.weight_g,
        note=command.note,
        confirmation=None,
        trouble=None,
    )
    add(uow, pickups, [made])
    if carrier is not None and carrier.kind not in LOCAL_KINDS:
        uow.enqueue(Job(PICKUP_JOB, {"id": ids.text("pup", made.id)}))
    uow.emit(PickupRequested(made.id, made.version, made.pieces), after=made)
    return made.id


def confirm_pickup(uow: UnitOfWork, command: ConfirmPickup) -> UUID:
    """Note that a carrier will come that we do not speak with over the net. Its id.

    Raises:
        UnknownPickup, InvalidTransition, InvalidText.
        CarrierConfirms: this carrier says so itself.
    """
    before = queries.pickup(uow.db, command.id)
    PICKUP_MACHINE.check("confirm", before.status)
    faults = Faults()
    check_text(command.confirmation, faults, "confirmation")
    faults.check()
    if queries.carrier(uow.db, before.carrier_id).kind not in LOCAL_KINDS:
        raise CarrierConfirms
    return _confirmed(uow, before, command.confirmation).id


def cancel_pickup(uow: UnitOfWork, command: CancelPickup) -> UUID:
    """Call a carrier off; one that has confirmed over the net is told by a worker. Its id.

    Raises:
        UnknownPickup, InvalidTransition.
    """
    before = queries.pickup(uow.db, command.id)
    local = queries.carrier(uow.db, before.carrier_id).kind in LOCAL_KINDS
    if before.status is PickupStatus.CONFIRMED and not local:
        return _call_off(uow, before, "cancel").id
    status = PICKUP_MACHINE.check("withdraw", before.status)
    after = save(uow, pickups, before, replace(before, status=status, trouble=None))
    uow.emit(PickupCancelled(after.id, after.version), before=before, after=after)
    return after.id


def settle_pickup(uow: UnitOfWork, command: SettlePickup) -> UUID:
    """Note what a carrier has answered; one that was called off meanwhile is told so. Its id.

    Raises:
        UnknownPickup.
    """
    before = queries.pickup(uow.db, command.id)
    if before.status is PickupStatus.CANCELLED and command.confirmation and not before.confirmation:
        noted = storable(command.confirmation)[:NAME_LENGTH_MAX]
        return _call_off(uow, before, "call_off", noted).id
    if before.status is not PickupStatus.REQUESTED:
        return before.id
    if command.trouble is None:
        return _confirmed(uow, before, command.confirmation or "-").id
    status = PICKUP_MACHINE.check("fail", before.status)
    after = replace(before, status=status, trouble=cut(command.trouble))
    after = save(uow, pickups, before, after)
    uow.emit(PickupFailed(after.id, after.version), before=before, after=after)
    return after.id


def settle_pickup_cancel(uow: UnitOfWork, command: SettlePickupCancel) -> UUID:
    """Note whether a carrier was called off. Its id.

    Raises:
        UnknownPickup.
    """
    before = queries.pickup(uow.db, command.id)
    if before.status is not PickupStatus.CANCELLING:
        return before.id
    action = "settle_cancel" if command.trouble is None else "keep"
    after = replace(
        before,
        status=PICKUP_MACHINE.check(action, before.status),
        trouble=None if command.trouble is None else cut(command.trouble),
    )
    after = save(uow, pickups, before, after)
    event = PickupCancelled if command.trouble is None else PickupKept
    uow.emit(event(after.id, after.version), before=before, after=after)
    return after.id


def _confirmed(uow: UnitOfWork, before: Pickup, confirmation: str) -> Pickup:
    after = replace(
        before,
        status=PICKUP_MACHINE.check("confirm", before.status),
        confirmation=storable(confirmation.strip())[:NAME_LENGTH_MAX],
        trouble=None,
    )
    after = save(uow, pickups, before, after)
    event = PickupConfirmed(after.id, after.version, after.confirmation or "")
    uow.emit(event, before=before, after=after)
    return after


def _call_off(
    uow: UnitOfWork, before: Pickup, action: str, confirmation: str | None = None
) -> Pickup:
    after = replace(
        before,
        status=PICKUP_MACHINE.check(action, before.status),
        confirmation=confirmation or before.confirmation,
    )
    after = save(uow, pickups, before, after)
    uow.enqueue(Job(CANCEL_PICKUP_JOB, {"id": ids.text("pup", after.id)}))
    uow.emit(PickupCancelAsked(after.id, after.version), before=before, after=after)
    return after
