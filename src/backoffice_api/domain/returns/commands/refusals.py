"""Refusals at the door: parcels that nobody took come back by themselves.

What carriers tell of a parcel that turns round opens a return of all that is in it, approved and
on its way. It is received and inspected like any other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from backoffice_api.domain.fulfillment import queries as fulfillment
from backoffice_api.domain.fulfillment.model.fulfillments import Parcel, UnknownParcel
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries as on_orders
from backoffice_api.domain.returns.commands.deciding import (
    ApproveReturn,
    approve_return,
    send_off,
)
from backoffice_api.domain.returns.commands.requesting import RequestReturn, request_return
from backoffice_api.domain.returns.commands.writing import opened
from backoffice_api.domain.returns.model.claims import ParcelNotOnItsWay, ParcelRefusedBefore
from backoffice_api.domain.returns.model.drafts import ReturnLineDraft
from backoffice_api.domain.returns.model.returns import ReturnKind, ReturnOrigin
from backoffice_api.domain.returns.tables.claims import refused_parcels
from backoffice_api.domain.tracking.model.states import TrackingState
from backoffice_api.domain.tracking.model.trackings import TrackingUpdated

TURNED_ROUND = frozenset({TrackingState.RETURNING, TrackingState.RETURNED})


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRefusal(Command):
    """Where no carrier tells it."""

    scope = Scope.RETURNS_WRITE
    parcel_id: UUID
    note: str = ""


def open_refusal(uow: UnitOfWork, command: OpenRefusal) -> UUID:
    """Expect all that is in a parcel back, as nobody took it. Id of the return.

    Raises:
        UnknownParcel, ParcelNotOnItsWay, ParcelRefusedBefore, InvalidText.
        NotReturnable: some of it comes back, or came back, by another return.
    """
    parcel = fulfillment.parcels_by_ids(uow.db, [command.parcel_id]).get(command.parcel_id)
    if parcel is None:
        raise UnknownParcel(command.parcel_id).at("parcel_id")
    if _is_known(uow, parcel.id):
        raise ParcelRefusedBefore().at("parcel_id")
    lines = _lines(uow, parcel)
    if parcel.shipped_at is None or not lines:
        raise ParcelNotOnItsWay().at("parcel_id")
    request = RequestReturn(
        kind=ReturnKind.REFUSAL,
        origin=ReturnOrigin.STAFF,
        lines=tuple(lines),
        reference=parcel.code,
        note=command.note,
    )
    id = request_return(uow, request)
    approve_return(uow, ApproveReturn(id=id))
    send_off(uow, opened(uow, id))
    uow.db.execute(refused_parcels.insert(), {"parcel_id": parcel.id, "return_id": id})
    return id


def follow_turned_round(uow: UnitOfWork, event: TrackingUpdated) -> None:
    """Expect back what a carrier says it brings back. What comes back otherwise is left alone."""
    if event.state not in TURNED_ROUND or event.parcel_id is None:
        return
    if _is_known(uow, event.parcel_id):
        return
    try:
        open_refusal(uow, OpenRefusal(parcel_id=event.parcel_id))
    except DomainError:
        # All of its refusals come before the first write: there is nothing to take back.
        return


def _is_known(uow: UnitOfWork, parcel_id: UUID) -> bool:
    known = select(refused_parcels.c.return_id).where(refused_parcels.c.parcel_id == parcel_id)
    return uow.db.execute(known).first() is not None


def _lines(uow: UnitOfWork, parcel: Parcel) -> Sequence[ReturnLineDraft]:
    """What is in a parcel; of kits, their components."""
    packed = fulfillment.lines_by_parcels(uow.db, [parcel.id]).get(parcel.id, ())
    of = fulfillment.fulfillment_lines_by_ids(uow.db, {each.fulfillment_line_id for each in packed})
    ordered = on_orders.lines_by_ids(uow.db, {line.order_line_id for line in of.values()})
    drafts = []
    for each in packed:
        line = of[each.fulfillment_line_id]
        is_kit = ordered[line.order_line_id].is_kit
        drafts.append(
            ReturnLineDraft(
                order_line_id=line.order_line_id,
                variant_id=line.variant_id if is_kit else None,
                quantity=each.quantity,
            )
        )
    return drafts
