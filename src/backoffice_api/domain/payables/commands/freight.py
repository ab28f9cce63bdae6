"""What carriers charge, in payables: what an invoice agrees on is a bill, each variance another.

So the bills of an invoice come to what is owed of it, whatever is argued about. Of a carrier with
a supplier only. Where somebody has entered the whole invoice by hand, a variance that is disputed
lies in that bill already: then a credit note is expected instead.
"""

from uuid import UUID

from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.ledger.model.accounts import AccountRole
from backoffice_api.domain.payables.commands.approving import SubmitBill, submit_bill
from backoffice_api.domain.payables.commands.disputing import (
    DisputeBill,
    ResolveBillDispute,
    VoidBill,
    dispute_bill,
    resolve_bill_dispute,
    void_bill,
)
from backoffice_api.domain.payables.commands.entering import CreateBill, create_bill
from backoffice_api.domain.payables.model.bills import Bill, BillKind, BillStatus
from backoffice_api.domain.payables.model.drafts import BillLineDraft
from backoffice_api.domain.payables.queries import bills as queries
from backoffice_api.domain.shipping import queries as shipping
from backoffice_api.domain.shipping.model.freight import (
    ChargeStatus,
    FreightCharge,
    FreightChargeAccepted,
    FreightChargeDisputed,
    FreightChargesRecorded,
)

_SOURCE = "freight_invoice:"
_NUMBER_ROOM = 70
_REASON = "Charged by the carrier beyond what was expected: parcel {number}"
_ACCEPTED = "The charge was accepted."


def enter_invoice(uow: UnitOfWork, event: FreightChargesRecorded) -> None:
    """Enter what an invoice of a carrier agrees on, as the draft of a bill.

    What labels had cost stands in the books without a bill; the rest of what agrees is freight.
    """
    supplier_id = shipping.carrier(uow.db, event.id).supplier_id
    if supplier_id is None or queries.bill_of_number(uow.db, supplier_id, event.invoice):
        return
    charges = shipping.charges_of_invoice(uow.db, event.id, event.invoice)
    known = shipping.shipments_by_ids(uow.db, {each.shipment_id for each in charges} - {None})
    booked = rest = 0
    for each in charges:
        if each.expected_minor is None:
            continue
        shipment = known[each.shipment_id] if each.shipment_id else None
        if shipment is not None and shipment.cost_minor is not None:
            booked += each.expected_minor
        else:
            rest += each.expected_minor
        if each.status is ChargeStatus.AGREES or each.variance_minor < 0:
            rest += each.variance_minor
    if booked + rest <= 0:
        return
    accounts = queries.accounts_by_roles(
        uow.db, (AccountRole.FREIGHT_NOT_BILLED, AccountRole.FREIGHT_OUT)
    )
    currency = charges[0].currency
    parts = (
        ("Labels, as they had cost", AccountRole.FREIGHT_NOT_BILLED, booked),
        ("Freight", AccountRole.FREIGHT_OUT, rest),
    )
    command = CreateBill(
        supplier_id=supplier_id,
        number=event.invoice,
        issued_on=uow.now.date(),
        currency=currency,
        lines=tuple(
            BillLineDraft(
                description=text, account_id=accounts.get(role), amount=Money(minor, currency)
            )
            for text, role, minor in parts
            if minor
        ),
        source_reference=f"{_SOURCE}{charges[0].id.hex}",
        allow_similar=True,
    )
    create_bill(uow, command)


def owe_variance(uow: UnitOfWork, event: FreightChargeAccepted) -> None:
    """Have a variance that was accepted paid: by a bill of its own, or by that which is there.

    Raises:
        InvalidTransition: what was expected of the carrier has come.
    """
    charge = shipping.charges_by_ids(uow.db, [event.id])[event.id]
    bill = queries.bills_by_freight_charges(uow.db, [charge.id]).get(charge.id)
    if bill is None:
        supplier_id = _supplier(uow, charge)
        if supplier_id and _kind(uow, charge, supplier_id) is BillKind.BILL:
            _enter(uow, charge, supplier_id, BillKind.BILL)
    elif bill.kind is BillKind.CREDIT_NOTE:
        void_bill(uow, VoidBill(id=bill.id, reason=_ACCEPTED))
    elif bill.status is BillStatus.DISPUTED:
        resolve_bill_dispute(uow, ResolveBillDispute(id=bill.id))


def dispute_variance(uow: UnitOfWork, event: FreightChargeDisputed) -> None:
    """Have a variance that is disputed not paid: its bill is in dispute, or a credit note expected.

    Raises:
        InvalidTransition: it is paid already.
    """
    charge = shipping.charges_by_ids(uow.db, [event.id])[event.id]
    bill = queries.bills_by_freight_charges(uow.db, [charge.id]).get(charge.id)
    if bill is None:
        supplier_id = _supplier(uow, charge)
        if supplier_id is None:
            return
        bill = _enter(uow, charge, supplier_id, _kind(uow, charge, supplier_id))
    if bill is None or bill.kind is BillKind.CREDIT_NOTE:
        return
    if bill.status is BillStatus.DRAFT:
        if any(each.account_id is None for each in queries.lines_of(uow.db, bill.id)):
            return  # Without a chart of accounts, nobody could book it; it stays a draft.
        submit_bill(uow, SubmitBill(id=bill.id))
    reason = _REASON.format(number=charge.tracking_number)
    dispute_bill(uow, DisputeBill(id=bill.id, reason=reason))


def _supplier(uow: UnitOfWork, charge: FreightCharge) -> UUID | None:
    """Whose bill it is. None: the carrier is no supplier, or nothing is charged beyond."""
    if _beyond(charge).minor <= 0:
        return None
    return shipping.carrier(uow.db, charge.carrier_id).supplier_id


def _beyond(charge: FreightCharge) -> Money:
    """What is charged beyond what was expected; of what nobody expected, all."""
    return charge.charged if charge.variance is None else charge.variance


def _kind(uow: UnitOfWork, charge: FreightCharge, supplier_id: UUID) -> BillKind:
    """A credit note where the whole invoice was entered by hand."""
    entered = queries.bill_of_number(uow.db, supplier_id, charge.invoice)
    if entered is None or (entered.source_reference or "").startswith(_SOURCE):
        return BillKind.BILL
    return BillKind.CREDIT_NOTE


def _enter(uow: UnitOfWork, charge: FreightCharge, supplier_id: UUID, kind: BillKind) -> Bill:
    accounts = queries.accounts_by_roles(uow.db, (AccountRole.FREIGHT_OUT,))
    line = BillLineDraft(
        description=f"Parcel {charge.tracking_number}",
        account_id=accounts.get(AccountRole.FREIGHT_OUT),
        amount=_beyond(charge),
    )
    command = CreateBill(
        supplier_id=supplier_id,
        number=f"{charge.invoice[:_NUMBER_ROOM]}/{charge.position + 1}",
        kind=kind,
        issued_on=uow.now.date(),
        currency=charge.currency,
        lines=(line,),
        freight_charge_id=charge.id,
        allow_similar=True,
    )
    id = create_bill(uow, command)
    return queries.bills_by_ids(uow.db, [id])[id]
