"""What became of what a carrier was asked: each repeats without doing anything twice.

A settlement names the key of the purchase. One that comes late, or again, finds that another key
is under way or that all is done, and changes nothing.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.fulfillment.commands.readying import mark_ready, unmark_ready
from backoffice_api.domain.fulfillment.model.fulfillments import FulfillmentState
from backoffice_api.domain.fulfillment.queries import (
    fulfillments_by_ids,
    parcels_by_fulfillments,
    parcels_by_ids,
)
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import CurrencyMismatch, Money
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_range, check_text, storable
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.shipping import queries
from backoffice_api.domain.shipping.commands.labels import give_back
from backoffice_api.domain.shipping.model.carriers import PRICE_MAX_MINOR
from backoffice_api.domain.shipping.model.shipment_events import (
    CarrierCalled,
    LabelBought,
    LabelFailed,
    LabelKept,
    LabelUnclear,
    LabelVoided,
)
from backoffice_api.domain.shipping.model.shipments import (
    MACHINE,
    TRACKING_LENGTH_MAX,
    TROUBLE_LENGTH_MAX,
    WITH_LABEL,
    Label,
    LabelFormat,
    PurchaseMoved,
    Shipment,
    ShipmentStatus,
    TrackingNumberNeeded,
    Turn,
)
from backoffice_api.domain.shipping.tables import shipments, shipping_labels

NOT_BOUGHT = "Somebody found out that no label was bought"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLabel:
    """A file of a label that lies in the storage under `key`."""

    format: LabelFormat
    key: str
    byte_size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginPurchase(Command):
    """The carrier is about to be called. Run as the system."""

    scope = Scope.SHIPPING_WRITE
    table = shipments
    id: UUID
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlePurchase(Command):
    """The carrier has sold a label under `key`. Run as the system."""

    scope = Scope.SHIPPING_WRITE
    table = shipments
    id: UUID
    key: str
    tracking_number: str
    reference: str | None
    cost_minor: int | None
    files: tuple[StoredLabel, ...]
    drop_off_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FailPurchase(Command):
    """The carrier has sold nothing under `key`, for certain. Run as the system."""

    scope = Scope.SHIPPING_WRITE
    table = shipments
    id: UUID
    key: str
    trouble: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtPurchase(Command):
    """Nobody knows what the carrier did, and it cannot be asked. Run as the system."""

    scope = Scope.SHIPPING_WRITE
    table = shipments
    id: UUID
    key: str
    trouble: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteTrouble(Command):
    """The carrier was not reached; it is tried again. Run as the system."""

    scope = Scope.SHIPPING_WRITE
    table = shipments
    id: UUID
    trouble: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvePurchase(Command):
    """What a person found out. Without a number: nothing was bought."""

    scope = Scope.SHIPPING_WRITE
    table = shipments
    id: UUID
    was_bought: bool
    tracking_number: str | None = None
    cost: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleVoid(Command):
    """The carrier has taken the label back, or not, for `trouble`. Run as the system."""

    scope = Scope.SHIPPING_WRITE
    table = shipments
    id: UUID
    trouble: str | None = None


def begin_purchase(uow: UnitOfWork, command: BeginPurchase) -> Turn:
    """Note that the carrier is about to be called, if it may be. Of two who ask, one may.

    Raises:
        UnknownShipment, PurchaseMoved.
    """
    before = _under_way(uow, command.id, command.key)
    turn = before.turn(uow.now)
    if turn is not Turn.BUSY:
        after = save(uow, shipments, before, replace(before, called_at=uow.now, trouble=None))
        uow.emit(CarrierCalled(after.id, after.version, after.number), before=before, after=after)
    return turn


def settle_purchase(uow: UnitOfWork, command: SettlePurchase) -> UUID:
    """Note the label that was bought; a fulfillment that has all its labels is ready then. Its id.

    Raises:
        UnknownShipment, PurchaseMoved.
    """
    before = queries.shipment(uow.db, command.id)
    if before.purchase_key == command.key and before.status in WITH_LABEL:
        return before.id
    before = _under_way(uow, command.id, command.key)
    after = _labelled(uow, before, command.tracking_number, command.cost_minor, command.reference)
    keep_files(uow, command, shipment_id=before.id)
    return after.id


def keep_files(
    uow: UnitOfWork,
    command: SettlePurchase,
    *,
    shipment_id: UUID | None = None,
    return_label_id: UUID | None = None,
) -> None:
    """Note the files of a label that lie in the storage, of a shipment or of a return."""
    files = [
        Label(
            id=uow.new_id(),
            created_at=uow.now,
            shipment_id=shipment_id,
            purchase_key=command.key,
            format=each.format,
            key=each.key,
            byte_size=each.byte_size,
            sha256=each.sha256,
            return_label_id=return_label_id,
        )
        for each in command.files
    ]
    add(uow, shipping_labels, files)


def fail_purchase(uow: UnitOfWork, command: FailPurchase) -> UUID:
    """Note that nothing was bought. Its id.

    Raises:
        UnknownShipment, PurchaseMoved.
    """
    before = _under_way(uow, command.id, command.key)
    return _failed(uow, before, command.trouble).id


def doubt_purchase(uow: UnitOfWork, command: DoubtPurchase) -> UUID:
    """Have a person find out what the carrier did. Its id.

    Raises:
        UnknownShipment, PurchaseMoved.
    """
    before = _under_way(uow, command.id, command.key)
    status = MACHINE.check("doubt", before.status)
    after = replace(before, status=status, trouble=cut(command.trouble))
    after = save(uow, shipments, before, after)
    uow.emit(LabelUnclear(after.id, after.version, after.number), before=before, after=after)
    return after.id


def note_trouble(uow: UnitOfWork, command: NoteTrouble) -> UUID:
    """Show on the shipment why it takes so long. Its id.

    Raises:
        UnknownShipment.
    """
    before = queries.shipment(uow.db, command.id)
    trouble = cut(command.trouble)
    if before.status is ShipmentStatus.PENDING and before.trouble != trouble:
        save(uow, shipments, before, replace(before, trouble=trouble))
    return before.id


def resolve_purchase(uow: UnitOfWork, command: ResolvePurchase) -> UUID:
    """Say what became of a purchase that is not clear. Its id.

    Raises:
        UnknownShipment, InvalidTransition.
        TrackingNumberNeeded, InvalidText, OutOfRange, CurrencyMismatch.
    """
    before = queries.shipment(uow.db, command.id)
    MACHINE.check("resolve", before.status)
    if not command.was_bought:
        return _failed(uow, before, NOT_BOUGHT).id
    number, cost_minor = found_out(command, before.currency)
    return _labelled(uow, before, number, cost_minor, None).id


def found_out(command: ResolvePurchase, currency: str) -> tuple[str, int | None]:
    """Number and cost of a label that somebody found to be bought.

    Raises:
        TrackingNumberNeeded, InvalidText, OutOfRange, CurrencyMismatch.
    """
    faults = Faults()
    if command.tracking_number is None:
        faults.add(TrackingNumberNeeded().at("tracking_number"))
    check_text(command.tracking_number, faults, "tracking_number", maximum=TRACKING_LENGTH_MAX)
    if command.cost is not None:
        check_range(command.cost.minor, faults, "cost", minimum=0, maximum=PRICE_MAX_MINOR)
        if command.cost.currency != currency:
            faults.add(CurrencyMismatch(command.cost.currency, currency).at("cost"))
    faults.check()
    number, cost = (command.tracking_number or "").strip(), command.cost
    return number, cost.minor if cost else None


def settle_void(uow: UnitOfWork, command: SettleVoid) -> UUID:
    """Note whether the carrier has taken a label back. Its id.

    Raises:
        UnknownShipment.
    """
    before = queries.shipment(uow.db, command.id)
    if before.status is not ShipmentStatus.VOIDING:
        return before.id
    if command.trouble is None:
        status = MACHINE.check("settle_void", before.status)
        after = replace(before, status=status, voided_at=uow.now, trouble=None)
        after = save(uow, shipments, before, after)
        event: LabelVoided | LabelKept = LabelVoided(after.id, after.version, after.number)
        # A parcel that was taken apart needs no label; the others have theirs.
        if parcels_by_ids(uow.db, [after.parcel_id])[after.parcel_id].removed_at is None:
            unmark_ready(uow, after.fulfillment_id)
    else:
        status = MACHINE.check("keep_label", before.status)
        after = replace(before, status=status, trouble=cut(command.trouble))
        after = save(uow, shipments, before, after)
        event = LabelKept(after.id, after.version, after.number)
    uow.emit(event, before=before, after=after)
    return after.id


def cut(trouble: str) -> str:
    """As much of what went wrong as there is room for."""
    return storable(trouble.strip() or "No reason was given")[:TROUBLE_LENGTH_MAX]


def _under_way(uow: UnitOfWork, id: UUID, key: str) -> Shipment:
    found = queries.shipment(uow.db, id)
    if found.status is not ShipmentStatus.PENDING or found.purchase_key != key:
        raise PurchaseMoved
    return found


def _labelled(
    uow: UnitOfWork, before: Shipment, number: str, cost_minor: int | None, reference: str | None
) -> Shipment:
    # Else two who settle two parcels of a fulfillment would each miss the other's label.
    orders.locked_order(uow.db, before.order_id)
    after = replace(
        before,
        status=MACHINE.check("settle", before.status),
        tracking_number=number,
        carrier_reference=reference,
        cost_minor=cost_minor,
        labelled_at=uow.now,
        called_at=None,
        trouble=None,
    )
    after = save(uow, shipments, before, after)
    event = LabelBought(
        after.id,
        after.version,
        after.number,
        number,
        after.carrier_id,
        after.order_id,
        after.fulfillment_id,
        after.parcel_id,
    )
    uow.emit(event, before=before, after=after)
    if _stays_here(uow, after):
        return give_back(uow, after)
    _ready_if_complete(uow, after.fulfillment_id)
    return after


def _failed(uow: UnitOfWork, before: Shipment, trouble: str) -> Shipment:
    after = replace(
        before,
        status=MACHINE.check("fail", before.status),
        called_at=None,
        trouble=cut(trouble),
        tracking_number=None,
        cost_minor=None,
    )
    after = save(uow, shipments, before, after)
    event = LabelFailed(after.id, after.version, after.number, cut(trouble).rstrip("."))
    uow.emit(event, before=before, after=after)
    return after


def _stays_here(uow: UnitOfWork, shipment: Shipment) -> bool:
    """Whether the goods were called off while the label was being bought."""
    parcel = parcels_by_ids(uow.db, [shipment.parcel_id])[shipment.parcel_id]
    of = fulfillments_by_ids(uow.db, [shipment.fulfillment_id])[shipment.fulfillment_id]
    return parcel.removed_at is not None or of.status is FulfillmentState.CANCELLED


def _ready_if_complete(uow: UnitOfWork, fulfillment_id: UUID) -> None:
    parcels = parcels_by_fulfillments(uow.db, [fulfillment_id]).get(fulfillment_id, ())
    made = queries.shipments_by_fulfillments(uow.db, [fulfillment_id]).get(fulfillment_id, ())
    labelled = {each.parcel_id for each in made if each.status in WITH_LABEL}
    if labelled >= {each.id for each in parcels}:
        mark_ready(uow, fulfillment_id)
