"""Labels: ordered, given back, shown again. What the carrier says comes back by `settling`."""

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import update

from backoffice_api.domain.fulfillment.model.fulfillments import FulfillmentState
from backoffice_api.domain.fulfillment.queries import fulfillments_by_ids
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.errors import Faults, Refused
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.money import CurrencyMismatch, Money
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.texts import check_range, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.shipping import queries
from backoffice_api.domain.shipping.model.carriers import PRICE_MAX_MINOR, Carrier, CarrierKind
from backoffice_api.domain.shipping.model.shipment_events import (
    LabelOrdered,
    LabelShown,
    LabelVoidAsked,
)
from backoffice_api.domain.shipping.model.shipments import (
    MACHINE,
    TRACKING_LENGTH_MAX,
    FulfillmentIsOver,
    Label,
    LabelFormat,
    NumberNotAsked,
    OnManifest,
    Shipment,
    TrackingNumberNeeded,
    UnknownLabel,
)
from backoffice_api.domain.shipping.tables import label_tickets, shipments

BUY_JOB = "shipping.buy_label"
VOID_JOB = "shipping.void_label"
TICKET_BYTES = 32
TICKET_GOOD_FOR = timedelta(minutes=15)
_OVER = {FulfillmentState.SHIPPED, FulfillmentState.DELIVERED, FulfillmentState.CANCELLED}


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyLabel(Command):
    """Number and cost only for a carrier of the kind MANUAL, whose label a person has got."""

    scope = Scope.SHIPPING_WRITE
    table = shipments
    id: UUID
    tracking_number: str | None = None
    cost: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidLabel(Command):
    scope = Scope.SHIPPING_WRITE
    table = shipments
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReprintLabel(Command):
    scope = Scope.SHIPPING_WRITE
    table = shipments
    id: UUID
    format: LabelFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLabel(Command):
    """The bearer of the ticket is about to be sent the file."""

    scope = None
    ticket: str


@dataclass(frozen=True, slots=True)
class LabelTicket:
    """The right to fetch a label. The secret is None when the answer is given again."""

    shipment_id: UUID
    secret: Secret | None


@dataclass(eq=False)
class LabelTicketSpent(Refused):
    """The address was used before, has expired, or was never given out."""

    message = "This address is not good, or not any more. Ask for another one."


def buy_label(uow: UnitOfWork, command: BuyLabel) -> UUID:
    """Have the label of a shipment bought, once, by a worker. Its id.

    Raises:
        UnknownShipment, InvalidTransition, FulfillmentIsOver.
        TrackingNumberNeeded, NumberNotAsked, InvalidText, OutOfRange, CurrencyMismatch.
    """
    before = queries.shipment(uow.db, command.id)
    status = MACHINE.check("buy", before.status)
    fulfillment = fulfillments_by_ids(uow.db, [before.fulfillment_id])[before.fulfillment_id]
    if fulfillment.status in _OVER:
        raise FulfillmentIsOver(fulfillment.number)
    carrier = queries.carrier(uow.db, before.carrier_id)
    check_typed(command.tracking_number, command.cost, carrier)
    attempt = before.attempts + 1
    after = replace(
        before,
        status=status,
        attempts=attempt,
        # A purchase that failed for certain is followed by another one, under another key.
        purchase_key=f"{before.id.hex}{attempt}",
        called_at=None,
        trouble=None,
        tracking_number=command.tracking_number and command.tracking_number.strip(),
        cost_minor=command.cost.minor if command.cost else None,
    )
    after = save(uow, shipments, before, after)
    job = Job(BUY_JOB, {"id": ids.text("shm", after.id)}, once_key=f"label {after.purchase_key}")
    uow.enqueue(job)
    uow.emit(LabelOrdered(after.id, after.version, after.number), before=before, after=after)
    return after.id


def void_label(uow: UnitOfWork, command: VoidLabel) -> UUID:
    """Have a label given back by a worker. Its id.

    Raises:
        UnknownShipment, InvalidTransition, OnManifest.
    """
    before = queries.shipment(uow.db, command.id)
    MACHINE.check("void", before.status)
    if before.manifest_id is not None:
        raise OnManifest
    return give_back(uow, before).id


def give_back(uow: UnitOfWork, before: Shipment) -> Shipment:
    """Have a label given back by a worker. The shipment as it is now.

    Raises:
        InvalidTransition.
    """
    status = MACHINE.check("void", before.status)
    after = save(uow, shipments, before, replace(before, status=status, trouble=None))
    uow.enqueue(Job(VOID_JOB, {"id": ids.text("shm", after.id)}, once_key=f"void {after.id.hex}"))
    uow.emit(LabelVoidAsked(after.id, after.version, after.number), before=before, after=after)
    return after


def reprint_label(uow: UnitOfWork, command: ReprintLabel) -> LabelTicket:
    """An address from which the label that counts can be fetched once, within a quarter hour.

    Raises:
        UnknownShipment.
        UnknownLabel: there is no label, none in this format, or it was given back.
        NotAllowed: a label names people, and the caller may not see personal data.
    """
    uow.require(Scope.PERSONAL_READ)
    found = queries.shipment(uow.db, command.id)
    labels = queries.labels_by_shipments(uow.db, [found.id]).get(found.id, ())
    key = found.purchase_key if found.voided_at is None else None
    secret = ticket_for(uow, labels, key, command.format)
    uow.emit(LabelShown(found.id, found.version, found.number))
    return LabelTicket(found.id, secret)


def ticket_for(
    uow: UnitOfWork, labels: Sequence[Label], purchase_key: str | None, format: LabelFormat
) -> Secret:
    """The right to fetch that of the files once which is of the purchase and in the format.

    Raises:
        UnknownLabel: there is none.
    """
    label = next(
        (each for each in labels if (each.purchase_key, each.format) == (purchase_key, format)),
        None,
    )
    if label is None:
        raise UnknownLabel().at("format")
    secret = Secret(urlsafe_b64encode(uow.random_bytes(TICKET_BYTES)).rstrip(b"=").decode())
    uow.db.execute(
        label_tickets.insert(),
        {
            "hash": ticket_hash(secret),
            "label_id": label.id,
            "expires_at": uow.now + TICKET_GOOD_FOR,
        },
    )
    return secret


def fetch_label(uow: UnitOfWork, command: FetchLabel) -> UUID:
    """Let the bearer of the ticket have the label, this once. The id of the label.

    Raises:
        LabelTicketSpent: the address is not good, or not any more.
    """
    spent: UUID | None = uow.db.execute(
        update(label_tickets)
        .where(
            label_tickets.c.hash == command.ticket,
            label_tickets.c.used_at.is_(None),
            label_tickets.c.expires_at > uow.now,
        )
        .values(used_at=uow.now)
        .returning(label_tickets.c.label_id)
    ).scalar_one_or_none()
    if spent is None:
        raise LabelTicketSpent
    return spent


def ticket_hash(secret: Secret) -> str:
    """What is kept of a ticket. A plain digest will do: nobody guesses 256 random bits."""
    return sha256(secret.reveal().encode()).hexdigest()


def check_typed(tracking_number: str | None, cost: Money | None, carrier: Carrier) -> None:
    """Number and cost are typed for a carrier that is not spoken with, and for no other.

    Raises:
        TrackingNumberNeeded, NumberNotAsked, InvalidText, OutOfRange, CurrencyMismatch.
    """
    typed = tracking_number is not None or cost is not None
    if carrier.kind is not CarrierKind.MANUAL:
        if typed:
            raise NumberNotAsked().at("tracking_number")
        return
    if tracking_number is None:
        raise TrackingNumberNeeded().at("tracking_number")
    faults = Faults()
    check_text(tracking_number, faults, "tracking_number", maximum=TRACKING_LENGTH_MAX)
    if cost is not None:
        check_range(cost.minor, faults, "cost", minimum=0, maximum=PRICE_MAX_MINOR)
        if cost.currency != carrier.currency:
            faults.add(CurrencyMismatch(cost.currency, carrier.currency).at("cost"))
    faults.check()


def key_of_label(purchase_key: str, format: LabelFormat) -> str:
    """Where the file of a label lies: the same, whoever writes it, however often."""
    return f"{purchase_key}{format.value}"
