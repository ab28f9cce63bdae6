"""How goods come back: the number or code that a carrier gave, and what it tells of the parcel."""

from dataclasses import dataclass
from typing import TypeGuard
from uuid import UUID

from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import TooMany, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.returns import queries as on_returns
from backoffice_api.domain.returns.commands.deciding import await_items, send_off
from backoffice_api.domain.returns.commands.writing import Opened, opened
from backoffice_api.domain.returns.model.returns import ReturnState
from backoffice_api.domain.returns.model.shipments import (
    DROP_OFF_LENGTH_MAX,
    INSTRUCTIONS_LENGTH_MAX,
    PER_RETURN_MAX,
    UNDER_WAY,
    NotAwaited,
    NumberOfAnother,
    ReturnShipment,
    ReturnShipmentMade,
)
from backoffice_api.domain.returns.queries import shipments as queries
from backoffice_api.domain.returns.tables.shipments import return_shipments
from backoffice_api.domain.tracking.commands.registering import create_missing
from backoffice_api.domain.tracking.model.trackings import (
    CARRIER_LENGTH_MAX,
    NUMBER_LENGTH_MAX,
    CarrierNumber,
    TrackingUpdated,
)

AWAITED = frozenset(
    {
        ReturnState.APPROVED,
        ReturnState.AWAITING_ITEMS,
        ReturnState.IN_TRANSIT,
        ReturnState.PARTIALLY_RECEIVED,
    }
)
_NOT_SENT = frozenset({ReturnState.APPROVED, ReturnState.AWAITING_ITEMS})


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateReturnShipment(Command):
    """`number`: under which the carrier follows it. `instructions`: for the customer."""

    scope = Scope.RETURNS_WRITE
    return_id: UUID
    carrier: str
    number: str
    drop_off_code: str | None = None
    instructions: str = ""


def create_return_shipment(uow: UnitOfWork, command: CreateReturnShipment) -> UUID:
    """Note with what goods are to come back; their parcel is followed from now on. Its id.

    Raises:
        UnknownReturn, NotAwaited, NumberOfAnother, TooMany, InvalidText.
    """
    faults = Faults()
    check_text(command.carrier, faults, "carrier", maximum=CARRIER_LENGTH_MAX)
    check_text(command.number, faults, "number", maximum=NUMBER_LENGTH_MAX)
    check_text(command.drop_off_code, faults, "drop_off_code", maximum=DROP_OFF_LENGTH_MAX)
    check_text(
        command.instructions, faults, "instructions", minimum=0, maximum=INSTRUCTIONS_LENGTH_MAX
    )
    faults.check()
    of = opened(uow, command.return_id)
    if of.before.status not in AWAITED:
        raise NotAwaited().at("return_id")
    made = add_parcel(
        uow, of, command.carrier, command.number, command.drop_off_code, command.instructions
    )
    return made.id


def add_parcel(
    uow: UnitOfWork,
    of: Opened,
    carrier: str,
    number: str,
    drop_off_code: str | None,
    instructions: str,
) -> ReturnShipment:
    """The same for whoever has bought a label: follow a parcel in which goods are to come.

    Raises:
        NumberOfAnother, TooMany.
    """
    present = queries.shipments_by_returns(uow.db, [of.before.id]).get(of.before.id, ())
    if len(present) >= PER_RETURN_MAX:
        raise TooMany(PER_RETURN_MAX)
    name = CarrierNumber(
        carrier.strip().lower()[:CARRIER_LENGTH_MAX], "".join(number.split()).upper()
    )
    followed = create_missing(uow, [name])[name]
    if followed.parcel_id or queries.shipments_by_trackings(uow.db, [followed.id]):
        raise NumberOfAnother(name.carrier, name.number).at("number")
    made = ReturnShipment(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        return_id=of.before.id,
        tracking_id=followed.id,
        carrier=name.carrier,
        number=name.number,
        drop_off_code=drop_off_code,
        instructions=instructions,
    )
    add(uow, return_shipments, [made])
    event = ReturnShipmentMade(
        made.id, made.version, of.before.id, of.before.number, made.carrier, made.number
    )
    uow.emit(event, after=made)
    if of.before.status is ReturnState.APPROVED:
        await_items(uow, of, of.before.expires_at)
    if followed.state in UNDER_WAY:
        _send_off(uow, of.before.id)
    return made


def follow_coming_back(uow: UnitOfWork, event: TrackingUpdated) -> None:
    """Note that goods are on their way back once their carrier has them.

    A batch tells of many parcels at once: the first of them is looked up with all the others.
    """
    moved = [each for told in uow.told if _may_come_back(each := told.event)]
    if not moved or moved[0] is not event:
        return
    known = queries.shipments_by_trackings(uow.db, {each.id for each in moved})
    for return_id in sorted({each.return_id for each in known.values()}):
        _send_off(uow, return_id)


def _may_come_back(event: Event) -> TypeGuard[TrackingUpdated]:
    """Whether a parcel moves that none of ours left in."""
    return (
        isinstance(event, TrackingUpdated) and event.state in UNDER_WAY and event.parcel_id is None
    )


def _send_off(uow: UnitOfWork, return_id: UUID) -> None:
    if on_returns.return_(uow.db, return_id).status not in _NOT_SENT:
        return
    of = opened(uow, return_id)
    if of.before.status in _NOT_SENT:
        send_off(uow, of)
