"""Labels for goods that come back: bought, given back, shown.

What the carrier says comes back by `label_settling`.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.texts import check_range
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders.model.orders import OrderAddress
from backoffice_api.domain.orders.queries import shipping_addresses_by_orders
from backoffice_api.domain.returns.commands.shipping import AWAITED
from backoffice_api.domain.returns.commands.writing import Opened, opened
from backoffice_api.domain.returns.model.events import ReturnCancelled, ReturnExpired
from backoffice_api.domain.returns.model.labels import (
    WEIGHT_MAX_G,
    NoSenderAddress,
    ReturnHasLabel,
    ReturnLabel,
    ReturnLabelOrdered,
    ReturnLabelShown,
    ReturnLabelVoidAsked,
)
from backoffice_api.domain.returns.model.returns import ReturnState
from backoffice_api.domain.returns.model.shipments import NotAwaited
from backoffice_api.domain.returns.queries import labels as queries
from backoffice_api.domain.returns.queries import return_
from backoffice_api.domain.returns.tables.labels import return_labels
from backoffice_api.domain.shipping.commands.labels import check_typed, ticket_for
from backoffice_api.domain.shipping.commands.shipments import chosen
from backoffice_api.domain.shipping.model.carriers import CarrierService
from backoffice_api.domain.shipping.model.shipments import (
    MACHINE,
    WITH_LABEL,
    LabelFormat,
    ShipmentStatus,
)

BUY_JOB = "returns.buy_label"
VOID_JOB = "returns.void_label"
NOTHING_CAME = (ReturnState.CANCELLED, ReturnState.EXPIRED)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyReturnLabel(Command):
    """Number and cost only for a carrier of the kind MANUAL, whose label a person has got."""

    scope = Scope.SHIPPING_WRITE
    return_id: UUID
    service_id: UUID
    weight_g: int
    tracking_number: str | None = None
    cost: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidReturnLabel(Command):
    scope = Scope.SHIPPING_WRITE
    table = return_labels
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReprintReturnLabel(Command):
    scope = Scope.SHIPPING_WRITE
    table = return_labels
    id: UUID
    format: LabelFormat


@dataclass(frozen=True, slots=True)
class ReturnLabelTicket:
    """The right to fetch a label. The secret is None when the answer is given again."""

    return_label_id: UUID
    secret: Secret | None


def buy_return_label(uow: UnitOfWork, command: BuyReturnLabel) -> UUID:
    """Have a label bought by a worker, once, from the customer to us. Its id.

    One that the carrier did not sell is bought anew, under another key.

    Raises:
        UnknownReturn, NotAwaited, ReturnHasLabel, NoSenderAddress.
        UnknownService, CarrierNotActive, OutOfRange, InvalidText, CurrencyMismatch.
        TrackingNumberNeeded, NumberNotAsked.
    """
    faults = Faults()
    check_range(command.weight_g, faults, "weight_g", minimum=1, maximum=WEIGHT_MAX_G)
    faults.check()
    of = opened(uow, command.return_id)
    if of.before.status not in AWAITED:
        raise NotAwaited().at("return_id")
    live = queries.live_labels_by_returns(uow.db, [of.before.id]).get(of.before.id)
    if live and live.status is not ShipmentStatus.FAILED:
        raise ReturnHasLabel(live.number).at("return_id")
    card, service, carrier = chosen(uow, command.service_id)
    check_typed(command.tracking_number, command.cost, carrier)
    made = replace(live or _new(uow, of, service), weight_g=command.weight_g)
    attempt = made.attempts + 1
    after = replace(
        made,
        status=MACHINE.check("buy", made.status),
        carrier_id=carrier.id,
        service_id=service.id,
        currency=carrier.currency,
        quoted_minor=card.offer(service, made.piece, made.place, uow.now).total_minor,
        attempts=attempt,
        # A purchase that failed for certain is followed by another one, under another key.
        purchase_key=f"{made.id.hex}{attempt}",
        called_at=None,
        trouble=None,
        tracking_number=command.tracking_number and command.tracking_number.strip(),
        cost_minor=command.cost.minor if command.cost else None,
    )
    if live:
        after = save(uow, return_labels, live, after)
    else:
        add(uow, return_labels, [after])
    event = ReturnLabelOrdered(*facts_of(after))
    uow.emit(event, before=live, after=after)
    job = Job(BUY_JOB, {"id": ids.text("rlb", after.id)}, once_key=f"label {after.purchase_key}")
    uow.enqueue(job)
    return after.id


def void_return_label(uow: UnitOfWork, command: VoidReturnLabel) -> UUID:
    """Have a label given back by a worker. Its id.

    Raises:
        UnknownReturnLabel, InvalidTransition.
    """
    return give_back(uow, queries.label(uow.db, command.id)).id


def give_back(uow: UnitOfWork, before: ReturnLabel) -> ReturnLabel:
    """The same for whoever finds that it is not needed. Raises: InvalidTransition."""
    status = MACHINE.check("void", before.status)
    after = save(uow, return_labels, before, replace(before, status=status, trouble=None))
    job = Job(VOID_JOB, {"id": ids.text("rlb", after.id)}, once_key=f"void {after.id.hex}")
    uow.enqueue(job)
    uow.emit(ReturnLabelVoidAsked(*facts_of(after)), before=before, after=after)
    return after


def reprint_return_label(uow: UnitOfWork, command: ReprintReturnLabel) -> ReturnLabelTicket:
    """An address from which the label can be fetched once, within a quarter hour.

    Raises:
        UnknownReturnLabel.
        UnknownLabel: there is no label, none in this format, or it was given back.
        NotAllowed: a label names people, and the caller may not see personal data.
    """
    uow.require(Scope.PERSONAL_READ)
    found = queries.label(uow.db, command.id)
    files = queries.files_by_labels(uow.db, [found.id]).get(found.id, ())
    key = found.purchase_key if found.status in WITH_LABEL else None
    secret = ticket_for(uow, files, key, command.format)
    uow.emit(ReturnLabelShown(*facts_of(found)))
    return ReturnLabelTicket(found.id, secret)


def follow_ended(uow: UnitOfWork, event: ReturnCancelled | ReturnExpired) -> None:
    """Give the label of a return back that has ended with nothing here."""
    live = queries.live_labels_by_returns(uow.db, [event.id]).get(event.id)
    if live is None or live.status is not ShipmentStatus.LABELLED:
        return
    if return_(uow.db, event.id).status in NOTHING_CAME:
        give_back(uow, live)


def facts_of(label: ReturnLabel) -> tuple[UUID, int, str, UUID]:
    """What every event of a label begins with."""
    return label.id, label.version, label.number, label.return_id


def _new(uow: UnitOfWork, of: Opened, service: CarrierService) -> ReturnLabel:
    """Raises: NoSenderAddress."""
    order_id, address = _sender(uow, of)
    earlier = queries.labels_by_returns(uow.db, [of.before.id]).get(of.before.id, ())
    return ReturnLabel(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        number=f"{of.before.number}-L{len(earlier) + 1}",
        return_id=of.before.id,
        order_id=order_id,
        carrier_id=service.carrier_id,
        service_id=service.id,
        status=MACHINE.start,
        weight_g=0,
        currency=of.before.currency,
        quoted_minor=None,
        recipient=address.recipient,
        address_lines=list(address.lines),
        district=address.district,
        city=address.city,
        region=address.region,
        postal_code=address.postal_code,
        country=address.country,
        phone=of.orders[order_id].phone,
        attempts=0,
        purchase_key=None,
        called_at=None,
        trouble=None,
        tracking_number=None,
        carrier_reference=None,
        drop_off_code=None,
        cost_minor=None,
        labelled_at=None,
        voided_at=None,
        return_shipment_id=None,
    )


def _sender(uow: UnitOfWork, of: Opened) -> tuple[UUID, OrderAddress]:
    """Where the customer is: the first address to which goods of the return went."""
    addresses = shipping_addresses_by_orders(uow.db, of.orders)
    for order_id in sorted(of.orders):
        if found := addresses.get(order_id):
            return order_id, found
    raise NoSenderAddress().at("return_id")
