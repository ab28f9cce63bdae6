"""What the demo does with its orders: they are paid, picked, packed and sent."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from backoffice_api.demo.stage import Shop
from backoffice_api.domain.fulfillment.commands.packing import CreateParcel, create_parcel
from backoffice_api.domain.fulfillment.commands.picking import PickFulfillment, pick_fulfillment
from backoffice_api.domain.fulfillment.commands.planning import (
    PlanFulfillments,
    plan_fulfillments,
)
from backoffice_api.domain.fulfillment.commands.shipping import (
    ReleaseFulfillment,
    ShipFulfillment,
    release_fulfillment,
    ship_fulfillment,
)
from backoffice_api.domain.fulfillment.commands.waves import PlanWave, plan_wave
from backoffice_api.domain.fulfillment.model.picking import Picking
from backoffice_api.domain.fulfillment.queries import fulfillments_by_ids, lines_by_fulfillments
from backoffice_api.domain.payments.commands.creating import CreatePayment, create_payment
from backoffice_api.domain.payments.commands.moving import RecordIncoming, record_incoming
from backoffice_api.domain.payments.model.payments import PaymentMethod

# So many of the orders are looked after: those that come first have gone farthest.
HANDLED = 80


def payments(shop: Shop) -> Iterator[int]:
    """Most have paid by transfer; of some the money is still to come."""
    for number, (id, at) in enumerate(shop.placed[:HANDLED]):
        wanted = CreatePayment(order_id=id, method=PaymentMethod.BANK_TRANSFER)
        payment_id = shop.run(create_payment, wanted, at)
        if number % 8:
            came = RecordIncoming(id=payment_id, reference=f"TRANSFER-{number:05}")
            shop.run(record_incoming, came, at + timedelta(hours=6))
        yield 1


def fulfillments(shop: Shop) -> Iterator[int]:
    """Half of them are sent, some are in the hall, and the last wait for a wave."""
    waiting: list[UUID] = []
    for number, (id, at) in enumerate(shop.placed[:HANDLED]):
        later, quarter = at + timedelta(hours=8), 4 * number // HANDLED
        planned = shop.run(plan_fulfillments, PlanFulfillments(order_ids=(id,)), later)
        for fulfillment_id in planned.fulfillment_ids:
            _handle(shop, fulfillment_id, quarter, later)
        if quarter < 2 and planned.fulfillment_ids:
            shop.sent.append((id, later + timedelta(hours=1)))
        if quarter == 3:
            waiting += planned.fulfillment_ids
        yield 1
    found = shop.read(fulfillments_by_ids, waiting)
    for location_id in sorted({each.location_id for each in found.values()}):
        shop.run(plan_wave, PlanWave(location_id=location_id, name="Morning"), shop.now)


def _handle(shop: Shop, id: UUID, quarter: int, at: datetime) -> None:
    if quarter < 3:
        shop.run(release_fulfillment, ReleaseFulfillment(id=id), at)
    if quarter < 2:
        lines = shop.read(lines_by_fulfillments, [id])[id]
        picks = tuple(Picking(line_id=each.id, quantity=each.quantity) for each in lines)
        shop.run(pick_fulfillment, PickFulfillment(id=id, picks=picks), at)
        shop.run(create_parcel, CreateParcel(fulfillment_id=id, everything=True), at)
        shop.run(ship_fulfillment, ShipFulfillment(id=id), at + timedelta(hours=1))
