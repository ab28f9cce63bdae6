"""What becomes of invoices that a tax office has to authorise: handed in, answered, given up."""

from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.fulfillment.commands.gates import close_new_gates, set_gate
from backoffice_api.domain.fulfillment.model.events import FulfillmentPlanned
from backoffice_api.domain.invoicing import queries
from backoffice_api.domain.invoicing.model.fiscal import (
    MACHINE,
    MESSAGE_LENGTH_MAX,
    FiscalDocument,
    FiscalDocumentAuthorised,
    FiscalDocumentMoved,
    FiscalDocumentRejected,
    FiscalStatus,
)
from backoffice_api.domain.invoicing.model.invoices import Invoice
from backoffice_api.domain.invoicing.model.sellers import Seller
from backoffice_api.domain.invoicing.tables import fiscal_documents
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import storable
from backoffice_api.domain.kernel.uow import Command, UnitOfWork

# Name of the job that hands a fiscal document in, and asks what became of it.
SUBMIT_JOB = "invoicing.submit_fiscal_document"

_HANDING_IN = {FiscalStatus.PENDING: "submit", FiscalStatus.CONTINGENCY: "transmit"}


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveFiscalDocument(Command):
    """What people decide about a fiscal document."""

    scope = Scope.INVOICES_WRITE
    table = fiscal_documents
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryFiscalDocument(MoveFiscalDocument):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterContingency(MoveFiscalDocument):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiveFiscalDocument(MoveFiscalDocument):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelFiscalDocument(MoveFiscalDocument):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginSubmission(Command):
    """Run by the worker before it hands a document in."""

    scope = Scope.INVOICES_WRITE
    table = fiscal_documents
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleSubmission(Command):
    """What the office answered."""

    scope = Scope.INVOICES_WRITE
    table = fiscal_documents
    id: UUID
    is_authorised: bool
    reference: str | None
    message: str | None


def begin_fiscal_document(uow: UnitOfWork, invoice: Invoice, seller: Seller) -> FiscalDocument:
    """Have a new invoice handed in, and close the gate of its fulfillment if the seller wants."""
    made = FiscalDocument(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        invoice_id=invoice.id,
        order_id=invoice.order_id,
        fulfillment_id=invoice.fulfillment_id,
        status=MACHINE.start,
        provider=seller.fiscal_provider or "",
        attempt=0,
        reference=None,
        message=None,
        submitted_at=None,
        authorised_at=None,
        cancelled_at=None,
    )
    add(uow, fiscal_documents, [made])
    _tell(uow, invoice, None, made)
    _enqueue(uow, made)
    _gate(uow, made, gates=seller.gates_dispatch)
    return made


def begin_submission(uow: UnitOfWork, command: BeginSubmission) -> bool:
    """Note that it is being handed in. False: there is nothing to hand in any more.

    A job that comes again finds it submitted, and hands it in again under the same key.
    """
    before = queries.fiscal_document(uow.db, command.id)
    if before.status is FiscalStatus.SUBMITTED:
        return True
    action = _HANDING_IN.get(before.status)
    if action is None:
        return False
    if action == "submit" or before.submitted_at is None:
        after = replace(before, attempt=before.attempt + 1, submitted_at=uow.now)
        _move(uow, before, after, action)
    return True


def settle_submission(uow: UnitOfWork, command: SettleSubmission) -> bool:
    """Note what the office answered. False: it was noted before."""
    before = queries.fiscal_document(uow.db, command.id)
    if before.status not in (FiscalStatus.SUBMITTED, FiscalStatus.CONTINGENCY):
        return False
    message = None if command.message is None else storable(command.message)[:MESSAGE_LENGTH_MAX]
    after = replace(before, reference=command.reference or before.reference, message=message)
    if command.is_authorised:
        after = replace(after, authorised_at=uow.now)
    _move(uow, before, after, "authorise" if command.is_authorised else "reject")
    return True


def retry_fiscal_document(uow: UnitOfWork, command: RetryFiscalDocument) -> UUID:
    """Hand in again what was rejected. Its id.

    Raises:
        UnknownFiscalDocument, InvalidTransition.
    """
    before = queries.fiscal_document(uow.db, command.id)
    after = _move(uow, before, before, "retry")
    _enqueue(uow, after)
    return after.id


def enter_contingency(uow: UnitOfWork, command: EnterContingency) -> UUID:
    """Let the goods go though the office cannot be reached; it is handed in later. Its id.

    Raises:
        UnknownFiscalDocument, InvalidTransition.
    """
    before = queries.fiscal_document(uow.db, command.id)
    after = _move(uow, before, before, "enter_contingency")
    _enqueue(uow, after)
    return after.id


def waive_fiscal_document(uow: UnitOfWork, command: WaiveFiscalDocument) -> UUID:
    """Say that nobody has to authorise it after all. Its id.

    Raises:
        UnknownFiscalDocument, InvalidTransition.
    """
    before = queries.fiscal_document(uow.db, command.id)
    return _move(uow, before, before, "waive").id


def cancel_fiscal_document(uow: UnitOfWork, command: CancelFiscalDocument) -> UUID:
    """Note that it was taken back at the office. Its id.

    Raises:
        UnknownFiscalDocument, InvalidTransition.
    """
    before = queries.fiscal_document(uow.db, command.id)
    return _move(uow, before, replace(before, cancelled_at=uow.now), "cancel").id


def close_gates(uow: UnitOfWork, event: FulfillmentPlanned) -> None:
    """Keep the goods of new fulfillments in the house, if their sellers want it so.

    What was split off from another one is as free to go as that one. All that a command planned is
    looked at together, with the last of it.
    """
    planned = [each.event for each in uow.told if isinstance(each.event, FulfillmentPlanned)]
    if event is not planned[-1]:
        return
    gated = queries.gated_orders(uow.db, {each.order_id for each in planned})
    close_new_gates(uow, [each.id for each in planned if each.order_id in gated])


def _move(
    uow: UnitOfWork, before: FiscalDocument, after: FiscalDocument, action: str
) -> FiscalDocument:
    """The one place where the state of a fiscal document changes, and its gate with it."""
    after = replace(after, status=MACHINE.check(action, before.status))
    after = save(uow, fiscal_documents, before, after)
    invoice = queries.invoice(uow.db, after.invoice_id)
    _tell(uow, invoice, before, after)
    seller = queries.sellers_by_ids(uow.db, [invoice.seller_id])[invoice.seller_id]
    _gate(uow, after, gates=seller.gates_dispatch)
    return after


def _tell(
    uow: UnitOfWork, invoice: Invoice, before: FiscalDocument | None, after: FiscalDocument
) -> None:
    head = (after.id, after.version, invoice.number)
    match after.status:
        case FiscalStatus.AUTHORISED:
            reference = after.reference or ""
            event = FiscalDocumentAuthorised(*head, reference, after.order_id)
            uow.emit(event, before=before, after=after)
        case FiscalStatus.REJECTED:
            rejected = FiscalDocumentRejected(*head, after.message or "", after.order_id)
            uow.emit(rejected, before=before, after=after)
        case status:
            moved = FiscalDocumentMoved(*head, status, after.order_id)
            uow.emit(moved, before=before, after=after)


def _gate(uow: UnitOfWork, document: FiscalDocument, *, gates: bool) -> None:
    if gates and document.fulfillment_id is not None:
        set_gate(uow, document.fulfillment_id, document.gate)


def _enqueue(uow: UnitOfWork, document: FiscalDocument) -> None:
    name = ids.text("fis", document.id)
    uow.enqueue(Job(SUBMIT_JOB, {"id": name}, once_key=f"{SUBMIT_JOB} {name}"))
