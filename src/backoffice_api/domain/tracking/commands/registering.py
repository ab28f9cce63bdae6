"""Numbers that carriers gave to parcels: who is followed from now on."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.fulfillment import queries as fulfillment
from backoffice_api.domain.fulfillment.model.fulfillments import (
    FulfillmentShipped,
    Parcel,
    UnknownParcel,
)
from backoffice_api.domain.kernel.aggregates import save_all
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.rows import insert_or_ignore
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.tracking import queries
from backoffice_api.domain.tracking.commands.standing import arrive
from backoffice_api.domain.tracking.model.states import MACHINE
from backoffice_api.domain.tracking.model.trackings import (
    CARRIER_LENGTH_MAX,
    NUMBER_LENGTH_MAX,
    AlreadyTracked,
    CarrierNumber,
    Tracking,
    TrackingCreated,
    TrackingLinked,
)
from backoffice_api.domain.tracking.tables import tracking_polls, trackings


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTracking(Command):
    """`promised_at` None: what the fulfillment of the parcel was promised for, if anything."""

    scope = Scope.TRACKING_WRITE
    carrier: str
    number: str
    parcel_id: UUID | None = None
    promised_at: datetime | None = None


def create_tracking(uow: UnitOfWork, command: CreateTracking) -> UUID:
    """Follow a parcel under the number that its carrier gave it. The tracking's id.

    A number that was heard of already gets its parcel; a parcel that had another number is
    followed under this one.

    Raises:
        InvalidText, UnknownParcel.
        AlreadyTracked: the number belongs to another parcel.
    """
    faults = Faults()
    check_text(command.carrier, faults, "carrier", maximum=CARRIER_LENGTH_MAX)
    check_text(command.number, faults, "number", maximum=NUMBER_LENGTH_MAX)
    parcel = _parcel(uow, command.parcel_id, faults)
    faults.check()
    name = CarrierNumber(command.carrier.strip().lower(), "".join(command.number.split()).upper())
    found = create_missing(uow, [name])[name]
    return link(uow, found, parcel, command.promised_at).id


def create_missing(
    uow: UnitOfWork, names: Collection[CarrierNumber]
) -> Mapping[CarrierNumber, Tracking]:
    """The trackings of these numbers, locked; those that nobody has heard of are made."""
    if not names:
        return {}
    known = queries.locked_by_numbers(uow.db, names)
    made = [_new(uow, each) for each in sorted(set(names) - set(known), key=_sorted_by)]
    if not made:
        return known
    insert_or_ignore(uow.db, trackings, *map(_row, made))
    known = queries.locked_by_numbers(uow.db, names)
    mine = {each.id for each in made}
    fresh = [each for each in known.values() if each.id in mine]
    insert_or_ignore(
        uow.db,
        tracking_polls,
        *({"tracking_id": x.id, "carrier": x.carrier, "poll_at": uow.now} for x in fresh),
    )
    for each in fresh:
        uow.emit(
            TrackingCreated(each.id, each.version, each.carrier, each.number, None, None),
            after=each,
        )
    return known


def arrive_when_shipped(uow: UnitOfWork, event: FulfillmentShipped) -> None:
    """Note arrivals of which the carrier told before the shop had noted that they left."""
    parcels = fulfillment.parcels_by_fulfillments(uow.db, [event.id]).get(event.id, ())
    arrive(uow, list(queries.trackings_by_parcels(uow.db, [each.id for each in parcels]).values()))


def _parcel(uow: UnitOfWork, id: UUID | None, faults: Faults) -> Parcel | None:
    if id is None:
        return None
    if found := fulfillment.parcels_by_ids(uow.db, [id]).get(id):
        return found
    faults.add(UnknownParcel(id).at("parcel_id"))
    return None


def link(
    uow: UnitOfWork, found: Tracking, parcel: Parcel | None, promised_at: datetime | None
) -> Tracking:
    """Give a number its parcel, which may have had another one before.

    Raises:
        AlreadyTracked: the number belongs to another parcel.
    """
    if parcel is None:
        after = replace(found, promised_at=promised_at or found.promised_at)
        return found if after == found else save_all(uow, trackings, [(found, after)])[0]
    if found.parcel_id not in (None, parcel.id):
        raise AlreadyTracked(found.carrier, found.number).at("number")
    of = fulfillment.fulfillments_by_ids(uow.db, [parcel.fulfillment_id])[parcel.fulfillment_id]
    promised_at = promised_at or found.promised_at or of.deliver_by
    after = replace(found, parcel_id=parcel.id, order_id=parcel.order_id, promised_at=promised_at)
    if after == found:
        return found
    other = queries.trackings_by_parcels(uow.db, [parcel.id]).get(parcel.id)
    if other and other.id != found.id:
        save_all(uow, trackings, [(other, replace(other, parcel_id=None))])
    (after,) = save_all(uow, trackings, [(found, after)])
    uow.emit(
        TrackingLinked(
            after.id, after.version, after.carrier, after.number, parcel.id, parcel.order_id
        ),
        before=found,
        after=after,
    )
    arrive(uow, [after])
    return after


def _new(uow: UnitOfWork, name: CarrierNumber) -> Tracking:
    return Tracking(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        carrier=name.carrier,
        number=name.number,
        parcel_id=None,
        order_id=None,
        state=MACHINE.start,
        cause=None,
        party=None,
        state_at=None,
        state_key="",
        heard_at=uow.now,
        event_count=0,
        promised_at=None,
        delivered_at=None,
    )


def _row(tracking: Tracking) -> Mapping[str, object]:
    return {name: getattr(tracking, name) for name in Tracking.__dataclass_fields__}


def _sorted_by(name: CarrierNumber) -> tuple[str, str]:
    return name.carrier, name.number
