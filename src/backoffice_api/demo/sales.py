"""What the demo has sold: long ago, and in the last weeks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from backoffice_api.demo.stage import FIRST, LAST, PAST_BATCH, PLACES, Shop
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.money import Money, UnitPrice
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders.commands.cancelling import CancelOrder, cancel_order
from backoffice_api.domain.orders.commands.drafts import CreateOrder, create_order
from backoffice_api.domain.orders.commands.history import (
    RecordedLine,
    RecordedOrder,
    record_orders,
)
from backoffice_api.domain.orders.commands.holds import HoldOrder, hold_order
from backoffice_api.domain.orders.commands.lines import LineDraft
from backoffice_api.domain.orders.model.holds import HoldKind
from backoffice_api.domain.orders.model.lines import LineKind, LineQuantity
from backoffice_api.domain.orders.model.orders import (
    AddressKind,
    CancelReason,
    OrderAddress,
    OrderDiscount,
)
from backoffice_api.domain.orders.queries import lines_by_orders
from backoffice_api.domain.stock.commands.history import record_movements
from backoffice_api.domain.stock.model.locations import CUSTOMER_ID
from backoffice_api.domain.stock.model.movements import MovementKind, RecordedMovement


@dataclass(frozen=True, slots=True, kw_only=True)
class _RecordPast(Command):
    """Orders that were delivered before the shop came here."""

    scope = Scope.IMPORTS_WRITE
    orders: tuple[RecordedOrder, ...]
    location_id: UUID


def past(shop: Shop, count: int) -> Iterator[int]:
    """Delivered orders, recorded as an import records them."""
    for begin in range(0, count, PAST_BATCH):
        size = min(PAST_BATCH, count - begin)
        recorded = tuple(_past_order(shop, begin + each, count) for each in range(size))
        command = _RecordPast(orders=recorded, location_id=shop.locations[0])
        shop.run(_record_past, command, shop.now - timedelta(days=30))
        yield size


def _past_order(shop: Shop, number: int, count: int) -> RecordedOrder:
    channel_id, currency, _ = shop.channels[0]
    return RecordedOrder(
        channel_id=channel_id,
        number=f"A{number:05}",
        customer_id=shop.chance.choice(shop.customers),
        currency=currency,
        placed_at=shop.now - timedelta(days=730 - 690 * number / max(count, 1)),
        external_ids=(ExternalId("archive", f"A{number:05}"),),
        lines=tuple(
            RecordedLine(
                kind=LineKind.GOODS,
                variant_id=id,
                sku=sku,
                title=title,
                quantity=1,
                unit_price=UnitPrice.of(Decimal(shop.chance.randint(490, 9_900)) / 100, currency),
            )
            for id, sku, title in shop.chance.sample(shop.variants, shop.chance.randint(1, 3))
        ),
    )


def _record_past(uow: UnitOfWork, command: _RecordPast) -> None:
    made = record_orders(uow, command.orders)
    record_movements(
        uow,
        [
            RecordedMovement(
                kind=MovementKind.SHIPMENT,
                variant_id=line.variant_id,
                from_location_id=command.location_id,
                to_location_id=CUSTOMER_ID,
                quantity=line.quantity,
                cause_kind="ord",
                cause_id=made[order.number].order_id,
                reason=None,
                occurred_at=order.placed_at,
            )
            for order in command.orders
            for line in order.lines
            if line.variant_id is not None
        ],
    )


def orders(shop: Shop, count: int) -> Iterator[int]:
    """The orders of the last weeks: drafts, reserved drafts, open, held, cancelled, in part too."""
    for number in range(count):
        at = shop.now - timedelta(days=29 - 29 * number / max(count, 1))
        fate = number % 20
        id = shop.run(create_order, _order(shop, at, number, is_draft=fate < 2), at)
        later = at + timedelta(minutes=30)
        if fate in (2, 3):
            command = CancelOrder(id=id, reason=shop.chance.choice(list(CancelReason)))
            shop.run(cancel_order, command, later)
        elif fate == 4:
            line = shop.read(lines_by_orders, [id])[id][0]
            part = CancelOrder(
                id=id, lines=(LineQuantity(line.id, 1),), reason=CancelReason.CUSTOMER
            )
            shop.run(cancel_order, part, later)
        elif fate in (5, 6):
            hold = HoldOrder(id=id, kind=shop.chance.choice(list(HoldKind)), note="Please check.")
            shop.run(hold_order, hold, later)
        elif fate > 6:
            shop.placed.append((id, at))
        yield 1


def _order(shop: Shop, at: datetime, number: int, *, is_draft: bool) -> CreateOrder:
    channel_id, currency, _ = shop.chance.choice(shop.channels)
    street, city, region, postal_code, country = shop.chance.choice(PLACES)
    address = OrderAddress(
        kind=AddressKind.SHIPPING,
        recipient=f"{shop.chance.choice(FIRST)} {shop.chance.choice(LAST)}",
        lines=(street,),
        district=None,
        city=city,
        region=region,
        postal_code=postal_code,
        country=country,
    )
    reserved = is_draft and number % 2 == 0
    return CreateOrder(
        channel=channel_id,
        customer_id=shop.chance.choice(shop.customers),
        lines=tuple(
            LineDraft(variant_id=id, quantity=shop.chance.randint(1, 3))
            for id, _, _ in shop.chance.sample(shop.variants, shop.chance.randint(1, 4))
        ),
        discounts=(OrderDiscount("Welcome", "WELCOME5", 500, currency),)
        if number % 10 == 7
        else (),
        shipping=Money(490, currency),
        tax_included=True,
        shipping_address=address,
        external_ids=(ExternalId("shop", f"{number:06}"),),
        place=not is_draft,
        reserve_until=shop.now + timedelta(days=7) if reserved else None,
    )
