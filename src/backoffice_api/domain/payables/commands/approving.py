"""Approving: a bill is owed once it matches and somebody else than its creator agrees.

The engine of approvals decides whose agreement a large one takes; what no rule asks for is still
agreed to by a second person.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.approvals import queries as approvals
from backoffice_api.domain.approvals.commands.asking import ask, withdraw
from backoffice_api.domain.approvals.commands.deciding import decline, grant
from backoffice_api.domain.approvals.model import ApprovalKind
from backoffice_api.domain.approvals.model.events import (
    ApprovalAgreed,
    ApprovalDeclined,
    ApprovalGranted,
)
from backoffice_api.domain.approvals.model.refusals import ApproverIsCreator
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.payables.commands.entering import check_number_free
from backoffice_api.domain.payables.commands.matching import hold_against_receipts, release
from backoffice_api.domain.payables.commands.posting import post_approval
from backoffice_api.domain.payables.commands.writing import is_author, move, save_bill
from backoffice_api.domain.payables.model.bills import (
    MACHINE,
    REASON_LENGTH_MAX,
    Bill,
    BillStatus,
    with_money,
)
from backoffice_api.domain.payables.model.events import (
    BillApproved,
    BillRejected,
    BillReopened,
    BillSubmitted,
)
from backoffice_api.domain.payables.model.matching import MatchStatus
from backoffice_api.domain.payables.model.refusals import (
    BillNotMatched,
    EmptyBill,
    LineUnassigned,
)
from backoffice_api.domain.payables.queries import bills as queries
from backoffice_api.domain.payables.tables.bills import bills


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitBill(Command):
    scope = Scope.BILLS_WRITE
    table = bills
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveBill(Command):
    scope = Scope.BILLS_APPROVE
    measures = True
    table = bills
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectBill(Command):
    scope = Scope.BILLS_APPROVE
    measures = False
    table = bills
    id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenBill(Command):
    scope = Scope.BILLS_WRITE
    table = bills
    id: UUID


def submit_bill(uow: UnitOfWork, command: SubmitBill) -> UUID:
    """Hold a draft against orders and receipts, and ask for its approval. Its id.

    Raises:
        UnknownBill, InvalidTransition.
        EmptyBill: it has no line. LineUnassigned: nobody could book a line.
    """
    before = queries.locked_bill(uow.db, command.id)
    bill = move(before, "submit")
    lines = queries.lines_of(uow.db, before.id)
    if not lines:
        raise EmptyBill
    for each in lines:
        if each.order_line_id is None and each.account_id is None:
            raise LineUnassigned(each.position + 1).at("lines", each.position)
    actor = uow.caller.actor
    bill = replace(
        bill,
        submitted_by_kind=actor.kind.value,
        submitted_by_id=actor.id,
        submitted_at=uow.now,
    )
    after = save_bill(uow, before, hold_against_receipts(uow, bill, lines))
    _ask(uow, after)
    event = BillSubmitted(after.id, after.version, after.supplier_id, after.number)
    uow.emit(event, before=before, after=after)
    return after.id


def approve_bill(uow: UnitOfWork, command: ApproveBill) -> UUID:
    """Agree to a bill; where a rule asks for two people, it waits for the other one. Its id.

    Raises:
        UnknownBill, InvalidTransition.
        BillNotMatched: it does not match, and nobody has waived that.
        ApproverIsCreator: the caller entered or submitted it.
        NotTheApprover, AgreedBefore: the rule says that somebody else has to.
    """
    before = queries.locked_bill(uow.db, command.id)
    _check_approvable(before)
    if is_author(uow, before):
        raise ApproverIsCreator
    uow.check_amount(Scope.BILLS_APPROVE, before.total)
    if request := approvals.pending(uow.db, ApprovalKind.BILL, before.id):
        grant(uow, request)
        return before.id
    return _approve(uow, before)


def reject_bill(uow: UnitOfWork, command: RejectBill) -> UUID:
    """Do not agree to a bill. Its id. It counts for nothing, and may be corrected.

    Raises:
        UnknownBill, InvalidTransition, InvalidText.
        NotTheApprover, AgreedBefore: the rule says that somebody else decides.
    """
    faults = Faults()
    check_text(command.reason, faults, "reason", maximum=REASON_LENGTH_MAX)
    faults.check()
    before = queries.locked_bill(uow.db, command.id)
    MACHINE.check("reject", before.status)
    request = approvals.pending(uow.db, ApprovalKind.BILL, before.id)
    if request is None:
        _reject(uow, before, command.reason)
    elif is_author(uow, before):
        withdraw(uow, ApprovalKind.BILL, before.id)
        _reject(uow, before, command.reason)
    else:
        decline(uow, request, note=command.reason)
    return before.id


def reopen_bill(uow: UnitOfWork, command: ReopenBill) -> UUID:
    """Make a rejected bill a draft again. Its id.

    Raises:
        UnknownBill, InvalidTransition.
        DuplicateBill: it was entered anew in the meantime.
    """
    before = queries.locked_bill(uow.db, command.id)
    reopened = move(before, "reopen")
    check_number_free(uow, before)
    draft = replace(
        reopened,
        submitted_by_kind=None,
        submitted_by_id=None,
        submitted_at=None,
        reason=None,
    )
    after = save_bill(uow, before, draft)
    event = BillReopened(after.id, after.version, after.supplier_id, after.number)
    uow.emit(event, before=before, after=after)
    return after.id


def ask_again(uow: UnitOfWork, bill: Bill) -> None:
    """Ask for the approval of a bill that waits for it again."""
    _ask(uow, bill)


def check_agreement(uow: UnitOfWork, event: ApprovalAgreed) -> None:
    """See that the first of several to agree is no author of the bill either.

    Raises:
        ApproverIsCreator: the caller entered or submitted it.
    """
    if event.kind is ApprovalKind.BILL and is_author(uow, queries.bill(uow.db, event.subject_id)):
        raise ApproverIsCreator


def go_on(uow: UnitOfWork, event: ApprovalGranted) -> None:
    """Approve the bill that everybody has agreed to who was needed.

    Raises:
        ApproverIsCreator: the caller entered or submitted it. The request knows one of these only,
            once somebody else has ended an argument about it.
    """
    if event.kind is ApprovalKind.BILL:
        before = queries.locked_bill(uow.db, event.subject_id)
        _check_approvable(before)
        if is_author(uow, before):
            raise ApproverIsCreator
        _approve(uow, before)


def send_back(uow: UnitOfWork, event: ApprovalDeclined) -> None:
    """Reject the bill that was not agreed to, if it still waits."""
    if event.kind is not ApprovalKind.BILL:
        return
    before = queries.locked_bill(uow.db, event.subject_id)
    if before.status is BillStatus.PENDING_APPROVAL:
        _reject(uow, before, None)


def _ask(uow: UnitOfWork, bill: Bill) -> None:
    made_by = (bill.created_by_kind, bill.created_by_id)
    label = f"Bill {bill.number}"
    ask(uow, ApprovalKind.BILL, bill.id, bill.total, label, made_by=made_by)


def _check_approvable(bill: Bill) -> None:
    MACHINE.check("approve", bill.status)
    if bill.match_status not in (MatchStatus.MATCHED, MatchStatus.WAIVED):
        raise BillNotMatched


def _approve(uow: UnitOfWork, before: Bill) -> UUID:
    lines = queries.lines_of(uow.db, before.id)
    actor = uow.caller.actor
    approved = replace(
        move(before, "approve"),
        entry_id=post_approval(uow, before, lines),
        approved_by_kind=actor.kind.value,
        approved_by_id=actor.id,
        approved_at=uow.now,
    )
    # What comes to nothing is paid at once.
    approved = with_money(approved, queries.instalments_of(uow.db, before.id))
    after = save_bill(uow, before, approved)
    event = BillApproved(after.id, after.version, after.supplier_id, after.number, str(after.total))
    uow.emit(event, before=before, after=after)
    return after.id


def _reject(uow: UnitOfWork, before: Bill, reason: str | None) -> None:
    rejected = replace(release(uow, move(before, "reject")), reason=reason)
    after = save_bill(uow, before, rejected)
    event = BillRejected(after.id, after.version, after.supplier_id, after.number)
    uow.emit(event, before=before, after=after)
