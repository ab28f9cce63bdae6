"""Disputing and voiding: what is argued about is not paid, and what is not owed is taken back."""

from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.approvals.commands.asking import withdraw
from backoffice_api.domain.approvals.model import ApprovalKind
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.payables.commands.approving import ask_again
from backoffice_api.domain.payables.commands.matching import release
from backoffice_api.domain.payables.commands.posting import post_reversal
from backoffice_api.domain.payables.commands.writing import move, save_bill
from backoffice_api.domain.payables.model.bills import (
    MACHINE,
    REASON_LENGTH_MAX,
    Bill,
    BillStatus,
    status_by_money,
)
from backoffice_api.domain.payables.model.events import (
    BillDisputed,
    BillDisputeResolved,
    BillVoided,
)
from backoffice_api.domain.payables.model.refusals import BillUnderWay
from backoffice_api.domain.payables.queries import bills as queries
from backoffice_api.domain.payables.tables.bills import bills


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeBill(Command):
    scope = Scope.BILLS_WRITE
    table = bills
    id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveBillDispute(Command):
    scope = Scope.BILLS_WRITE
    table = bills
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidBill(Command):
    scope = Scope.BILLS_APPROVE
    table = bills
    id: UUID
    reason: str


def dispute_bill(uow: UnitOfWork, command: DisputeBill) -> UUID:
    """Argue about a bill: until that is over, nobody approves or pays it. Its id.

    Raises:
        UnknownBill, InvalidText.
        InvalidTransition: it is paid, under way or not submitted.
    """
    _check_reason(command.reason)
    before = queries.locked_bill(uow.db, command.id)
    disputed = replace(move(before, "dispute"), reason=command.reason)
    if before.status is BillStatus.PENDING_APPROVAL:
        withdraw(uow, ApprovalKind.BILL, before.id)
    after = save_bill(uow, before, disputed)
    event = BillDisputed(after.id, after.version, after.supplier_id, after.number)
    uow.emit(event, before=before, after=after)
    return after.id


def resolve_bill_dispute(uow: UnitOfWork, command: ResolveBillDispute) -> UUID:
    """End the argument: the bill stands where it stood. Its id.

    One that was not approved waits for that again.

    Raises:
        UnknownBill, InvalidTransition.
    """
    before = queries.locked_bill(uow.db, command.id)
    MACHINE.check("resolve", before.status)
    is_owed = before.approved_at is not None
    status = status_by_money(before) if is_owed else BillStatus.PENDING_APPROVAL
    after = save_bill(uow, before, replace(before, status=status, reason=None))
    if not is_owed:
        ask_again(uow, after)
    event = BillDisputeResolved(after.id, after.version, after.supplier_id, after.number)
    uow.emit(event, before=before, after=after)
    return after.id


def void_bill(uow: UnitOfWork, command: VoidBill) -> UUID:
    """Say that a bill is not owed after all. Its id. Its entry is reversed, nothing is deleted.

    Raises:
        UnknownBill, InvalidTransition, InvalidText.
        BillUnderWay: something of it is paid, set off or scheduled.
    """
    _check_reason(command.reason)
    before = queries.locked_bill(uow.db, command.id)
    bill = move(before, "void")
    if before.settled_minor or before.scheduled_minor:
        raise BillUnderWay(before.total - before.open, before.scheduled)
    withdraw(uow, ApprovalKind.BILL, before.id)
    post_reversal(uow, before)
    # What it was read from may be read again.
    voided: Bill = replace(
        release(uow, bill), reason=command.reason, voided_at=uow.now, source_reference=None
    )
    after = save_bill(uow, before, voided)
    event = BillVoided(after.id, after.version, after.supplier_id, after.number)
    uow.emit(event, before=before, after=after)
    return after.id


def _check_reason(reason: str) -> None:
    faults = Faults()
    check_text(reason, faults, "reason", maximum=REASON_LENGTH_MAX)
    faults.check()
