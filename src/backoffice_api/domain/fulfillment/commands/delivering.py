"""Saying by hand that goods have arrived: picked up, brought over, or told by telephone.

What carriers tell comes by `gates`; this is for what none of them follows, and for what somebody
knows better. Where a carrier has its parcels stays as the carrier told it.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.fulfillment import queries
from backoffice_api.domain.fulfillment.commands.gates import deliver
from backoffice_api.domain.fulfillment.model.fulfillments import MACHINE
from backoffice_api.domain.fulfillment.model.refusals import ArrivedAtNoSuchTime
from backoffice_api.domain.fulfillment.tables import fulfillments, parcels
from backoffice_api.domain.kernel.aggregates import save_all
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.events import REASON_LENGTH_MAX
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries as orders


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverFulfillment(Command):
    """`reason`: how one knows. `delivered_at` None: now."""

    scope = Scope.FULFILLMENT_WRITE
    table = fulfillments
    id: UUID
    reason: str
    delivered_at: datetime | None = None


def deliver_fulfillment(uow: UnitOfWork, command: DeliverFulfillment) -> UUID:
    """Note that what was shipped has arrived, all of it; the order counts it. Its id.

    Raises:
        UnknownFulfillment, InvalidTransition.
        InvalidText: nothing is said of how one knows.
        ArrivedAtNoSuchTime: that is before it left, or in the future.
    """
    faults = Faults()
    check_text(command.reason, faults, "reason", maximum=REASON_LENGTH_MAX)
    faults.check()
    # Also of an order that was closed meanwhile.
    order = orders.locked_order(uow.db, queries.fulfillment(uow.db, command.id).order_id)
    before = queries.fulfillment(uow.db, command.id)
    MACHINE.check("deliver", before.status)
    at = command.delivered_at or uow.now
    if before.shipped_at and not before.shipped_at <= at <= uow.now:
        raise ArrivedAtNoSuchTime(before.shipped_at).at("delivered_at")
    found = queries.parcels_by_fulfillments(uow.db, [before.id]).get(before.id, ())
    late = [(each, replace(each, delivered_at=at)) for each in found if not each.delivered_at]
    save_all(uow, parcels, late)
    deliver(uow, {order.id: order}, [before], {before.id: at}, command.reason)
    return before.id
