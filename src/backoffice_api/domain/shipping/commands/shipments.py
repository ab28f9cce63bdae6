"""What can be done with shipments before there is a label: made, changed, cancelled."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import func, select

from backoffice_api.domain.fulfillment.model.fulfillments import (
    Fulfillment,
    FulfillmentState,
    Parcel,
    UnknownParcel,
)
from backoffice_api.domain.fulfillment.queries import fulfillments_by_ids, parcels_by_ids
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import DomainError, Faults
from backoffice_api.domain.kernel.money import CurrencyMismatch, Money
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import Duplicate, check_size
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders.model.orders import Order, OrderAddress
from backoffice_api.domain.orders.queries import orders_by_ids, shipping_addresses_by_orders
from backoffice_api.domain.shipping import queries
from backoffice_api.domain.shipping.commands.quotes import check_piece
from backoffice_api.domain.shipping.model.carriers import (
    Carrier,
    CarrierNotActive,
    CarrierService,
    CarrierStatus,
    UnknownService,
)
from backoffice_api.domain.shipping.model.quotes import Candidate, UnknownRateQuote
from backoffice_api.domain.shipping.model.shipment_events import (
    ShipmentCancelled,
    ShipmentCreated,
    ShipmentUpdated,
)
from backoffice_api.domain.shipping.model.shipments import (
    MACHINE,
    SHIPMENTS_MAX,
    FulfillmentIsOver,
    NoDestination,
    NothingToSend,
    ParcelHasShipment,
    ParcelNotWeighed,
    ParcelTakenApart,
    ParcelToSend,
    Shipment,
)
from backoffice_api.domain.shipping.queries.rating import RateCard, rate_card
from backoffice_api.domain.shipping.tables import shipments

_OVER = {
    FulfillmentState.SHIPPED,
    FulfillmentState.DELIVERED,
    FulfillmentState.CANCELLED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateShipments(Command):
    """`quote_id`: whose price for the service is expected, where it is not known here."""

    scope = Scope.SHIPPING_WRITE
    service_id: UUID
    parcels: tuple[ParcelToSend, ...]
    quote_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateShipment(Command):
    scope = Scope.SHIPPING_WRITE
    table = shipments
    id: UUID
    service_id: UUID | Keep = KEEP
    value: Money | Keep | None = KEEP
    cash: Money | Keep | None = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelShipment(Command):
    scope = Scope.SHIPPING_WRITE
    table = shipments
    id: UUID


@dataclass(frozen=True, slots=True)
class _Around:
    """What shipments are made of, read once for all of them."""

    parcels: Mapping[UUID, Parcel]
    fulfillments: Mapping[UUID, Fulfillment]
    orders: Mapping[UUID, Order]
    addresses: Mapping[UUID, OrderAddress]
    live: Mapping[UUID, Shipment]
    made_before: Mapping[UUID, int]
    card: RateCard
    service: CarrierService
    carrier: Carrier
    candidate: Candidate | None


def create_shipments(uow: UnitOfWork, command: CreateShipments) -> tuple[UUID, ...]:
    """Make a shipment for each of some parcels, with one service. Their ids; no label
    is bought yet.

    Raises:
        UnknownService, CarrierNotActive, UnknownRateQuote, NothingToSend, TooMany, Duplicate.
        UnknownParcel, ParcelTakenApart, ParcelHasShipment, FulfillmentIsOver.
        ParcelNotWeighed, NoDestination.
        OutOfRange, CurrencyMismatch.
    """
    faults = Faults()
    check_size(command.parcels, faults, "parcels", maximum=SHIPMENTS_MAX)
    if not command.parcels:
        faults.add(NothingToSend().at("parcels"))
    faults.check()
    around = _around(uow, command)
    made: list[Shipment] = []
    seen: set[UUID] = set()
    for position, each in enumerate(command.parcels):
        here = ("parcels", position)
        try:
            if each.parcel_id in seen:
                raise Duplicate(each.parcel_id.hex)
            seen.add(each.parcel_id)
            made.append(_shipment(uow, each, around))
        except DomainError as fault:
            faults.extend(each.at(*here, *each.path) for each in fault.reasons())
    faults.check()
    add(uow, shipments, made)
    for shipment in made:
        event = ShipmentCreated(shipment.id, shipment.version, shipment.number, shipment.order_id)
        uow.emit(event, after=shipment)
    return tuple(each.id for each in made)


def update_shipment(uow: UnitOfWork, command: UpdateShipment) -> UUID:
    """Choose another service, or other values, while there is no label. Its id.

    Raises:
        UnknownShipment, InvalidTransition, UnknownService, CarrierNotActive.
        OutOfRange, CurrencyMismatch.
    """
    before = queries.shipment(uow.db, command.id)
    status = MACHINE.check("update", before.status)
    service_id = patched(command.service_id, before.service_id)
    card, service, carrier = chosen(uow, service_id)
    keeps = carrier.currency == before.currency
    value = before.value if command.value is KEEP and keeps else _given(command.value)
    cash = before.cash if command.cash is KEEP and keeps else _given(command.cash)
    after = replace(
        before,
        status=status,
        service_id=service.id,
        carrier_id=carrier.id,
        currency=carrier.currency,
        value_minor=_minor(value, carrier.currency, "value"),
        cash_minor=_minor(cash, carrier.currency, "cash"),
        trouble=None,
        tracking_number=None,
        cost_minor=None,
    )
    after = save(uow, shipments, before, _priced(uow, after, card, service, None))
    uow.emit(ShipmentUpdated(after.id, after.version, after.number), before=before, after=after)
    return after.id


def cancel_shipment(uow: UnitOfWork, command: CancelShipment) -> UUID:
    """Give a shipment up that has no label; its parcel is free for another one. Its id.

    Raises:
        UnknownShipment, InvalidTransition.
    """
    before = queries.shipment(uow.db, command.id)
    after = replace(before, status=MACHINE.check("cancel", before.status))
    after = save(uow, shipments, before, after)
    uow.emit(ShipmentCancelled(after.id, after.version, after.number), before=before, after=after)
    return after.id


def chosen(uow: UnitOfWork, service_id: UUID) -> tuple[RateCard, CarrierService, Carrier]:
    """An active service with its prices and its carrier.

    Raises:
        UnknownService, CarrierNotActive.
    """
    card = rate_card(uow.db, only=service_id)
    service = next(iter(card.services), None)
    if service is None:
        raise UnknownService(service_id).at("service_id")
    carrier = card.carriers[service.carrier_id]
    if {carrier.status, service.status} != {CarrierStatus.ACTIVE}:
        raise CarrierNotActive().at("service_id")
    return card, service, carrier


def _around(uow: UnitOfWork, command: CreateShipments) -> _Around:
    card, service, carrier = chosen(uow, command.service_id)
    candidate = None
    if command.quote_id is not None:
        if command.quote_id not in queries.quotes_by_ids(uow.db, [command.quote_id]):
            raise UnknownRateQuote(command.quote_id).at("quote_id")
        found = queries.candidates_by_quotes(uow.db, [command.quote_id])
        mine = (each for each in found.get(command.quote_id, ()) if each.service_id == service.id)
        candidate = next(mine, None)
    parcel_ids = [each.parcel_id for each in command.parcels]
    parcels = parcels_by_ids(uow.db, parcel_ids)
    order_ids = {each.order_id for each in parcels.values()}
    counted = (
        select(shipments.c.parcel_id, func.count())
        .where(among(shipments.c.parcel_id, parcel_ids))
        .group_by(shipments.c.parcel_id)
    )
    return _Around(
        parcels=parcels,
        fulfillments=fulfillments_by_ids(
            uow.db, {each.fulfillment_id for each in parcels.values()}
        ),
        orders=orders_by_ids(uow.db, order_ids),
        addresses=shipping_addresses_by_orders(uow.db, order_ids),
        live=queries.live_shipments_by_parcels(uow.db, parcel_ids),
        made_before={row[0]: row[1] for row in uow.db.execute(counted)},
        card=card,
        service=service,
        carrier=carrier,
        candidate=candidate,
    )


def _shipment(uow: UnitOfWork, given: ParcelToSend, around: _Around) -> Shipment:
    if (parcel := around.parcels.get(given.parcel_id)) is None:
        raise UnknownParcel(given.parcel_id).at("parcel_id")
    if parcel.removed_at is not None:
        raise ParcelTakenApart(parcel.code).at("parcel_id")
    if live := around.live.get(parcel.id):
        raise ParcelHasShipment(parcel.code, live.number).at("parcel_id")
    fulfillment = around.fulfillments[parcel.fulfillment_id]
    if fulfillment.status in _OVER:
        raise FulfillmentIsOver(fulfillment.number).at("parcel_id")
    if not parcel.weight_g:
        raise ParcelNotWeighed(parcel.code).at("parcel_id")
    if (address := around.addresses.get(parcel.order_id)) is None:
        raise NoDestination().at("parcel_id")
    currency, number = around.carrier.currency, around.made_before.get(parcel.id, 0)
    made = Shipment(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        number=f"{parcel.code}-S{number}" if number else parcel.code,
        parcel_id=parcel.id,
        fulfillment_id=parcel.fulfillment_id,
        order_id=parcel.order_id,
        carrier_id=around.carrier.id,
        service_id=around.service.id,
        status=MACHINE.start,
        weight_g=parcel.weight_g,
        length_mm=parcel.length_mm or None,
        width_mm=parcel.width_mm or None,
        height_mm=parcel.height_mm or None,
        currency=currency,
        value_minor=_minor(given.value, currency, "value"),
        cash_minor=_minor(given.cash, currency, "cash"),
        quoted_minor=None,
        promised_on=None,
        recipient=address.recipient,
        address_lines=list(address.lines),
        district=address.district,
        city=address.city,
        region=address.region,
        postal_code=address.postal_code,
        country=address.country,
        phone=around.orders[parcel.order_id].phone,
        attempts=0,
        purchase_key=None,
        called_at=None,
        trouble=None,
        tracking_number=None,
        carrier_reference=None,
        cost_minor=None,
        labelled_at=None,
        voided_at=None,
        manifest_id=None,
    )
    return _priced(uow, made, around.card, around.service, around.candidate)


def _priced(
    uow: UnitOfWork,
    shipment: Shipment,
    card: RateCard,
    service: CarrierService,
    candidate: Candidate | None,
) -> Shipment:
    """The shipment with what it should cost and when it should arrive, as far as that is known."""
    faults = Faults()
    check_piece(shipment.piece, faults)
    faults.check()
    offer = card.offer(service, shipment.piece, shipment.place, uow.now)
    quoted, day = offer.total_minor, offer.promised_on
    if candidate is not None and candidate.currency == shipment.currency:
        quoted, day = candidate.total_minor, candidate.promised_on or day
    return replace(shipment, quoted_minor=quoted, promised_on=day)


def _given(value: Money | Keep | None) -> Money | None:
    return None if value is KEEP else value


def _minor(money: Money | None, currency: str, name: str) -> int:
    if money is None:
        return 0
    if money.currency != currency:
        raise CurrencyMismatch(money.currency, currency).at(name)
    return money.minor
