"""Manifests: put together, changed, closed at the end of the day."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.aggregates import add, save, save_all
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import TooMany, check_size, storable
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.shipping import queries
from backoffice_api.domain.shipping.commands.purchases import cut
from backoffice_api.domain.shipping.model.carriers import UnknownCarrier
from backoffice_api.domain.shipping.model.handover import (
    MANIFEST_MACHINE,
    MANIFEST_SHIPMENTS_MAX,
    Manifest,
    ManifestAsked,
    ManifestCancelled,
    ManifestClosed,
    ManifestCreated,
    ManifestRefused,
    ManifestStatus,
    ManifestUpdated,
    NothingToHandOver,
    NotOnManifest,
    NotToHandOver,
)
from backoffice_api.domain.shipping.model.shipment_events import (
    ShipmentHandedOver,
)
from backoffice_api.domain.shipping.model.shipments import (
    MACHINE,
    Shipment,
    ShipmentStatus,
    UnknownShipment,
)
from backoffice_api.domain.shipping.tables import carriers, manifests, shipments

MANIFEST_JOB = "shipping.close_manifest"
REFERENCE_LENGTH_MAX = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateManifest(Command):
    """`shipment_ids` None: all that wait to be handed over, oldest first, as many as fit."""

    scope = Scope.SHIPPING_WRITE
    carrier_id: UUID
    shipment_ids: tuple[UUID, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddToManifest(Command):
    scope = Scope.SHIPPING_WRITE
    table = manifests
    id: UUID
    shipment_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveFromManifest(Command):
    scope = Scope.SHIPPING_WRITE
    table = manifests
    id: UUID
    shipment_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseManifest(Command):
    scope = Scope.SHIPPING_WRITE
    table = manifests
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelManifest(Command):
    scope = Scope.SHIPPING_WRITE
    table = manifests
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleManifest(Command):
    """The carrier has taken it, or not, for `trouble`. Run as the system."""

    scope = Scope.SHIPPING_WRITE
    table = manifests
    id: UUID
    reference: str | None = None
    trouble: str | None = None


def create_manifest(uow: UnitOfWork, command: CreateManifest) -> UUID:
    """Put shipments with a label on a new manifest of their carrier. Its id.

    Raises:
        UnknownCarrier, UnknownShipment, NotToHandOver, NothingToHandOver, TooMany.
    """
    carrier = queries.carriers_by_ids(uow.db, [command.carrier_id]).get(command.carrier_id)
    if carrier is None:
        raise UnknownCarrier(command.carrier_id).at("carrier_id")
    if command.shipment_ids is None:
        wanted = queries.to_hand_over(uow.db, carrier.id, MANIFEST_SHIPMENTS_MAX)
    else:
        wanted = _wanted(uow, carrier.id, command.shipment_ids)
    if not wanted:
        raise NothingToHandOver
    # The count stands on the carrier's row: two who make one at once come one after the other.
    counted = save(
        uow, carriers, carrier, replace(carrier, manifests_made=carrier.manifests_made + 1)
    )
    made = Manifest(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        carrier_id=carrier.id,
        number=f"{carrier.code}-{counted.manifests_made}",
        status=MANIFEST_MACHINE.start,
        pieces=len(wanted),
        carrier_reference=None,
        trouble=None,
        closed_at=None,
    )
    add(uow, manifests, [made])
    save_all(uow, shipments, [(each, replace(each, manifest_id=made.id)) for each in wanted])
    uow.emit(ManifestCreated(made.id, made.version, made.number, made.pieces), after=made)
    return made.id


def add_to_manifest(uow: UnitOfWork, command: AddToManifest) -> UUID:
    """Put more shipments on an open manifest. Its id.

    Raises:
        UnknownManifest, InvalidTransition, UnknownShipment, NotToHandOver, TooMany.
    """
    before = queries.manifest(uow.db, command.id)
    MANIFEST_MACHINE.check("add", before.status)
    wanted = _wanted(uow, before.carrier_id, command.shipment_ids)
    if len(wanted) + before.pieces > MANIFEST_SHIPMENTS_MAX:
        raise TooMany(MANIFEST_SHIPMENTS_MAX).at("shipment_ids")
    save_all(uow, shipments, [(each, replace(each, manifest_id=before.id)) for each in wanted])
    return _counted(uow, before, before.pieces + len(wanted))


def remove_from_manifest(uow: UnitOfWork, command: RemoveFromManifest) -> UUID:
    """Take shipments off an open manifest; they are free for another one. Its id.

    Raises:
        UnknownManifest, InvalidTransition, UnknownShipment, NotOnManifest, TooMany.
    """
    before = queries.manifest(uow.db, command.id)
    MANIFEST_MACHINE.check("remove", before.status)
    named = _named(uow, command.shipment_ids)
    for position, each in enumerate(named):
        if each.manifest_id != before.id:
            raise NotOnManifest(each.number).at("shipment_ids", position)
    save_all(uow, shipments, [(each, replace(each, manifest_id=None)) for each in named])
    return _counted(uow, before, before.pieces - len(named))


def close_manifest(uow: UnitOfWork, command: CloseManifest) -> UUID:
    """Have the carrier told what is handed over, by a worker. Its id.

    Raises:
        UnknownManifest, InvalidTransition.
        NothingToHandOver: nothing stands on it.
    """
    before = queries.manifest(uow.db, command.id)
    status = MANIFEST_MACHINE.check("close", before.status)
    if before.pieces == 0:
        raise NothingToHandOver
    after = save(uow, manifests, before, replace(before, status=status, trouble=None))
    key = f"manifest {after.id.hex}"
    uow.enqueue(Job(MANIFEST_JOB, {"id": ids.text("man", after.id)}, once_key=key))
    uow.emit(ManifestAsked(after.id, after.version, after.number), before=before, after=after)
    return after.id


def cancel_manifest(uow: UnitOfWork, command: CancelManifest) -> UUID:
    """Give an open manifest up; what stood on it is free for another one. Its id.

    Raises:
        UnknownManifest, InvalidTransition.
    """
    before = queries.manifest(uow.db, command.id)
    status = MANIFEST_MACHINE.check("cancel", before.status)
    freed = queries.on_manifest(uow.db, before.id)
    save_all(uow, shipments, [(each, replace(each, manifest_id=None)) for each in freed])
    after = save(uow, manifests, before, replace(before, status=status, pieces=0))
    uow.emit(ManifestCancelled(after.id, after.version, after.number), before=before, after=after)
    return after.id


def settle_manifest(uow: UnitOfWork, command: SettleManifest) -> UUID:
    """Note whether the carrier has taken a manifest; with it, its shipments. Its id.

    Raises:
        UnknownManifest.
    """
    before = queries.manifest(uow.db, command.id)
    if before.status is not ManifestStatus.PENDING:
        return before.id
    if command.trouble is not None:
        status = MANIFEST_MACHINE.check("reopen", before.status)
        after = replace(before, status=status, trouble=cut(command.trouble))
        after = save(uow, manifests, before, after)
        refused = ManifestRefused(after.id, after.version, after.number)
        uow.emit(refused, before=before, after=after)
        return after.id
    old = queries.on_manifest(uow.db, before.id)
    handed = save_all(
        uow,
        shipments,
        [(each, replace(each, status=MACHINE.check("hand_over", each.status))) for each in old],
    )
    after = replace(
        before,
        status=MANIFEST_MACHINE.check("settle", before.status),
        carrier_reference=command.reference and storable(command.reference)[:REFERENCE_LENGTH_MAX],
        trouble=None,
        closed_at=uow.now,
    )
    after = save(uow, manifests, before, after)
    closed = ManifestClosed(after.id, after.version, after.number, after.pieces)
    uow.emit(closed, before=before, after=after)
    for was, now in zip(old, handed, strict=True):
        uow.emit(ShipmentHandedOver(now.id, now.version, now.number), before=was, after=now)
    return after.id


def _counted(uow: UnitOfWork, before: Manifest, pieces: int) -> UUID:
    after = save(uow, manifests, before, replace(before, pieces=pieces))
    event = ManifestUpdated(after.id, after.version, after.number, after.pieces)
    uow.emit(event, before=before, after=after)
    return after.id


def _named(uow: UnitOfWork, given: Sequence[UUID]) -> Sequence[Shipment]:
    faults = Faults()
    check_size(given, faults, "shipment_ids", maximum=MANIFEST_SHIPMENTS_MAX)
    faults.check()
    wanted = list(dict.fromkeys(given))
    found = queries.shipments_by_ids(uow.db, wanted)
    for position, each in enumerate(wanted):
        if each not in found:
            raise UnknownShipment(each).at("shipment_ids", position)
    return [found[each] for each in wanted]


def _wanted(uow: UnitOfWork, carrier_id: UUID, given: Sequence[UUID]) -> Sequence[Shipment]:
    named = _named(uow, given)
    for position, each in enumerate(named):
        free = each.status is ShipmentStatus.LABELLED and each.manifest_id is None
        if not free or each.carrier_id != carrier_id:
            raise NotToHandOver(each.number).at("shipment_ids", position)
    return named
