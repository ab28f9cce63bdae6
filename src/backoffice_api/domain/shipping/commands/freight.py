"""Freight audit: invoices of carriers are recorded and judged line by line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import CurrencyMismatch, Money
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_range, check_size, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.shipping import queries
from backoffice_api.domain.shipping.model.carriers import (
    PRICE_MAX_MINOR,
    Carrier,
    UnknownCarrier,
)
from backoffice_api.domain.shipping.model.freight import (
    CHARGES_MAX,
    INVOICE_LENGTH_MAX,
    MACHINE,
    ChargeDraft,
    ChargeStatus,
    FreightCharge,
    FreightChargeAccepted,
    FreightChargeDisputed,
    FreightChargesRecorded,
    InvoiceRecorded,
    NoCharges,
    judged,
)
from backoffice_api.domain.shipping.model.shipments import TRACKING_LENGTH_MAX, Shipment
from backoffice_api.domain.shipping.tables import freight_charges

TOLERANCE_MAX_MINOR = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFreightCharges(Command):
    """`tolerance`: a difference of so much either way is fine."""

    scope = Scope.SHIPPING_WRITE
    carrier_id: UUID
    invoice: str
    charges: tuple[ChargeDraft, ...]
    tolerance: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptFreightCharge(Command):
    scope = Scope.SHIPPING_WRITE
    table = freight_charges
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeFreightCharge(Command):
    scope = Scope.SHIPPING_WRITE
    table = freight_charges
    id: UUID


def record_charges(uow: UnitOfWork, command: RecordFreightCharges) -> tuple[UUID, ...]:
    """Record an invoice, each line against the newest shipment with its number. Their ids.

    Several lines of one shipment are judged together, since carriers charge in parts: each but
    the last one agrees with itself, and the last one bears the difference of all. What an earlier
    invoice was expected to charge for it is not expected again.

    Raises:
        UnknownCarrier, InvoiceRecorded, NoCharges, TooMany.
        InvalidText, OutOfRange, CurrencyMismatch.
    """
    carrier = queries.carriers_by_ids(uow.db, [command.carrier_id]).get(command.carrier_id)
    if carrier is None:
        raise UnknownCarrier(command.carrier_id).at("carrier_id")
    _check(command, carrier)
    if queries.invoice_recorded(uow.db, carrier.id, command.invoice):
        raise InvoiceRecorded(command.invoice).at("invoice")
    numbers = {each.tracking_number for each in command.charges}
    known = queries.shipments_by_tracking(uow.db, carrier.id, numbers)
    shipment_ids = {each.id for each in known.values()}
    earlier = queries.charges_by_shipments(uow.db, shipment_ids) if shipment_ids else {}
    made = [
        _charge(uow, command, position, carrier, known.get(each.tracking_number), earlier)
        for position, each in enumerate(command.charges)
    ]
    add(uow, freight_charges, made)
    differing = sum(each.status is not ChargeStatus.AGREES for each in made)
    event = FreightChargesRecorded(
        carrier.id, carrier.version, carrier.code, command.invoice, len(made), differing
    )
    uow.emit(event)
    return tuple(each.id for each in made)


def accept_charge(uow: UnitOfWork, command: AcceptFreightCharge) -> UUID:
    """Have a charge paid, whatever was expected. Its id.

    Raises:
        UnknownFreightCharge, InvalidTransition.
    """
    before = queries.freight_charge(uow.db, command.id)
    after = replace(before, status=MACHINE.check("accept", before.status))
    after = save(uow, freight_charges, before, after)
    event = FreightChargeAccepted(after.id, after.version, after.invoice)
    uow.emit(event, before=before, after=after)
    return after.id


def dispute_charge(uow: UnitOfWork, command: DisputeFreightCharge) -> UUID:
    """Have a charge not paid. Its id.

    Raises:
        UnknownFreightCharge, InvalidTransition.
    """
    before = queries.freight_charge(uow.db, command.id)
    after = replace(before, status=MACHINE.check("dispute", before.status))
    after = save(uow, freight_charges, before, after)
    event = FreightChargeDisputed(after.id, after.version, after.invoice)
    uow.emit(event, before=before, after=after)
    return after.id


def _charge(
    uow: UnitOfWork,
    command: RecordFreightCharges,
    position: int,
    carrier: Carrier,
    shipment: Shipment | None,
    earlier: Mapping[UUID, Sequence[FreightCharge]],
) -> FreightCharge:
    draft = command.charges[position]
    known = earlier.get(shipment.id, ()) if shipment else ()
    told = sum(each.expected_minor or 0 for each in known)
    expected = _expected(command.charges, position, shipment, told)
    charged = draft.amount.minor
    return FreightCharge(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        carrier_id=carrier.id,
        shipment_id=shipment.id if shipment else None,
        invoice=command.invoice,
        position=position,
        tracking_number=draft.tracking_number,
        status=judged(charged, expected, command.tolerance.minor if command.tolerance else 0),
        currency=carrier.currency,
        charged_minor=charged,
        expected_minor=expected,
        variance_minor=0 if expected is None else charged - expected,
    )


def _expected(
    charges: Sequence[ChargeDraft], position: int, shipment: Shipment | None, told: int
) -> int | None:
    """What a line should be: what its label cost, else what was quoted, less the lines before.

    `told`: what earlier invoices were expected to charge for the shipment.
    """
    if shipment is None:
        return None
    whole = shipment.quoted_minor if shipment.cost_minor is None else shipment.cost_minor
    if whole is None:
        return None
    whole = max(0, whole - told)
    number = charges[position].tracking_number
    if any(each.tracking_number == number for each in charges[position + 1 :]):
        return charges[position].amount.minor
    before = (each for each in charges[:position] if each.tracking_number == number)
    return whole - sum(each.amount.minor for each in before)


def _check(command: RecordFreightCharges, carrier: Carrier) -> None:
    faults = Faults()
    check_text(command.invoice, faults, "invoice", maximum=INVOICE_LENGTH_MAX)
    check_size(command.charges, faults, "charges", maximum=CHARGES_MAX)
    if (fine := command.tolerance) is not None:
        check_range(fine.minor, faults, "tolerance", minimum=0, maximum=TOLERANCE_MAX_MINOR)
        if fine.currency != carrier.currency:
            faults.add(CurrencyMismatch(fine.currency, carrier.currency).at("tolerance"))
    if not command.charges:
        faults.add(NoCharges().at("charges"))
    for position, each in enumerate(command.charges[:CHARGES_MAX]):
        here = ("charges", position)
        number = each.tracking_number
        check_text(number, faults, *here, "tracking_number", maximum=TRACKING_LENGTH_MAX)
        check_range(each.amount.minor, faults, *here, "amount", minimum=0, maximum=PRICE_MAX_MINOR)
        if each.amount.currency != carrier.currency:
            fault = CurrencyMismatch(each.amount.currency, carrier.currency)
            faults.add(fault.at(*here, "amount"))
    faults.check()
