"""What can be done with bank accounts of suppliers: a change is proposed, another one approves."""

from dataclasses import dataclass, fields, replace
from uuid import UUID

from sqlalchemy import delete, select

from backoffice_api.domain.approvals.model.refusals import ApproverIsCreator
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import ActorKind, Command, UnitOfWork
from backoffice_api.domain.purchasing import queries
from backoffice_api.domain.purchasing.model.bank import (
    ACCOUNTS_MAX,
    CHANGE_MACHINE,
    BankAccount,
    BankChange,
    BankChangeApproved,
    BankChangeEvent,
    BankChangeKind,
    BankChangeProposed,
    BankChangeRejected,
    BankDetails,
    BankDetailsMismatch,
    StaffNeeded,
    TooManyBankAccounts,
    UnknownBankAccount,
    UnknownBankChange,
    check_details,
)
from backoffice_api.domain.purchasing.tables.suppliers import (
    supplier_bank_accounts,
    supplier_bank_changes,
    suppliers,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeBankChange(Command):
    """`account_id`: what is replaced or removed. `details`: what is added, or takes its place."""

    scope = Scope.PURCHASING_WRITE
    supplier_id: UUID
    kind: BankChangeKind
    account_id: UUID | None = None
    details: BankDetails | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveBankChange(Command):
    scope = Scope.PURCHASING_APPROVE
    table = supplier_bank_changes
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectBankChange(Command):
    scope = Scope.PURCHASING_APPROVE
    table = supplier_bank_changes
    id: UUID


def propose_bank_change(uow: UnitOfWork, command: ProposeBankChange) -> UUID:
    """Propose that a supplier be paid to another account. Nothing changes yet. Id of the change.

    Raises:
        UnknownSupplier, UnknownBankAccount.
        BankDetailsMismatch, AccountNumberNeeded, InvalidIban, InvalidBic, InvalidText.
    """
    queries.supplier(uow.db, command.supplier_id, "supplier_id")
    needs_account = command.kind is not BankChangeKind.ADD
    needs_details = command.kind is not BankChangeKind.REMOVE
    if needs_account != (command.account_id is not None) or needs_details != (
        command.details is not None
    ):
        raise BankDetailsMismatch
    if command.account_id is not None:
        _check_account(uow, command.supplier_id, command.account_id)
    details = None
    if command.details is not None:
        faults = Faults()
        details = check_details(command.details, faults)
        faults.check()
    actor = uow.caller.actor
    made = BankChange(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        supplier_id=command.supplier_id,
        kind=command.kind,
        account_id=command.account_id,
        **{each.name: getattr(details, each.name, None) for each in fields(BankDetails)},
        status=CHANGE_MACHINE.start,
        proposed_by_kind=actor.kind,
        proposed_by_id=actor.id,
        decided_by_kind=None,
        decided_by_id=None,
        decided_at=None,
    )
    add(uow, supplier_bank_changes, [made])
    _tell(uow, BankChangeProposed, None, made)
    return made.id


def approve_bank_change(uow: UnitOfWork, command: ApproveBankChange) -> UUID:
    """Agree to a change that somebody else proposed: from now on it holds. Its id.

    Raises:
        UnknownBankChange, InvalidTransition.
        StaffNeeded: the caller is a program.
        ApproverIsCreator: the caller proposed it.
        UnknownBankAccount: the account is gone since.
        TooManyBankAccounts: there is no room for another one.
    """
    if uow.caller.actor.kind is not ActorKind.STAFF:
        raise StaffNeeded
    before = _change(uow, command.id)
    actor = uow.caller.actor
    if (actor.kind, actor.id) == (before.proposed_by_kind, before.proposed_by_id):
        raise ApproverIsCreator
    after = _decided(uow, before, "approve")
    _apply(uow, after)
    _tell(uow, BankChangeApproved, before, after)
    return after.id


def reject_bank_change(uow: UnitOfWork, command: RejectBankChange) -> UUID:
    """Refuse a proposed change; who proposed it may do so, too. Its id.

    Raises:
        UnknownBankChange, InvalidTransition.
    """
    before = _change(uow, command.id)
    after = _decided(uow, before, "reject")
    _tell(uow, BankChangeRejected, before, after)
    return after.id


def _change(uow: UnitOfWork, id: UUID) -> BankChange:
    """The change, held still until the transaction ends."""
    statement = select_as(BankChange, supplier_bank_changes)
    statement = statement.where(supplier_bank_changes.c.id == id).with_for_update()
    if found := fetch(uow.db, BankChange, statement):
        return found[0]
    raise UnknownBankChange(id).at("id")


def _check_account(uow: UnitOfWork, supplier_id: UUID, id: UUID) -> None:
    found = queries.accounts_by_ids(uow.db, [id]).get(id)
    if found is None or found.supplier_id != supplier_id:
        raise UnknownBankAccount(id).at("account_id")


def _decided(uow: UnitOfWork, before: BankChange, action: str) -> BankChange:
    """The only place that changes the status of a change."""
    actor = uow.caller.actor
    after = replace(
        before,
        status=CHANGE_MACHINE.check(action, before.status),
        decided_by_kind=actor.kind,
        decided_by_id=actor.id,
        decided_at=uow.now,
    )
    return save(uow, supplier_bank_changes, before, after)


def _apply(uow: UnitOfWork, change: BankChange) -> None:
    """The only place that writes bank accounts."""
    # Two changes of one supplier are applied one after the other.
    locked = select(suppliers.c.id).where(suppliers.c.id == change.supplier_id)
    uow.db.execute(locked.with_for_update())
    if change.account_id is not None:
        accounts = supplier_bank_accounts
        gone = uow.db.execute(delete(accounts).where(accounts.c.id == change.account_id))
        if gone.rowcount == 0:
            raise UnknownBankAccount(change.account_id)
    if change.holder is None:
        return
    present = queries.accounts_by_suppliers(uow.db, [change.supplier_id])
    if len(present.get(change.supplier_id, ())) >= ACCOUNTS_MAX:
        raise TooManyBankAccounts(ACCOUNTS_MAX)
    made = BankAccount(
        id=uow.new_id(),
        supplier_id=change.supplier_id,
        change_id=change.id,
        holder=change.holder,
        iban=change.iban,
        bic=change.bic,
        account_number=change.account_number,
        bank_code=change.bank_code,
    )
    add(uow, supplier_bank_accounts, [made])


def _tell(
    uow: UnitOfWork, event: type[BankChangeEvent], before: BankChange | None, after: BankChange
) -> None:
    told = event(after.id, after.version, after.supplier_id, after.kind)
    uow.emit(told, before=before, after=after)
