"""What can be done with an account: made, changed, given a role, archived."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import or_, select

from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.currencies import exponent
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.ledger import queries
from backoffice_api.domain.ledger.model.accounts import (
    CODE_LENGTH_MAX,
    DEFAULT_CHART,
    MACHINE,
    Account,
    AccountArchived,
    AccountCreated,
    AccountKind,
    AccountRestored,
    AccountRole,
    AccountRoleChanged,
    AccountUpdated,
)
from backoffice_api.domain.ledger.model.refusals import (
    AccountCodeTaken,
    AccountHasBalance,
    AccountHasParts,
    AccountHasPostings,
    AccountPlaysRole,
    ParentDoesNotFit,
    RoleNeedsAnyCurrency,
    RoleOfOtherKind,
)
from backoffice_api.domain.ledger.queries.standing import standing_by_accounts
from backoffice_api.domain.ledger.tables import accounts, postings


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateAccount(Command):
    """`currency` None: it takes any. `parent_id`: the account that it adds to."""

    scope = Scope.LEDGER_WRITE
    code: str
    name: str
    kind: AccountKind
    parent_id: UUID | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateAccount(Command):
    """The kind stays, as does what was posted."""

    scope = Scope.LEDGER_WRITE
    table = accounts
    id: UUID
    code: str | Keep = KEEP
    name: str | Keep = KEEP
    parent_id: UUID | Keep | None = KEEP
    currency: str | Keep | None = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignAccountRole(Command):
    """From now on the back office posts to this account what it would have posted to another."""

    scope = Scope.LEDGER_WRITE
    table = accounts
    id: UUID
    role: AccountRole


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveAccount(Command):
    scope = Scope.LEDGER_WRITE
    table = accounts
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreAccount(Command):
    scope = Scope.LEDGER_WRITE
    table = accounts
    id: UUID


def create_account(uow: UnitOfWork, command: CreateAccount) -> UUID:
    """Add an account to the chart. Its id.

    Raises:
        AccountCodeTaken, UnknownAccount, ParentDoesNotFit, UnknownCurrency, InvalidText.
    """
    made = Account(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        code=command.code,
        name=command.name,
        kind=command.kind,
        role=None,
        parent_id=command.parent_id,
        currency=command.currency,
        is_archived=False,
    )
    _check(uow, made)
    add(uow, accounts, [made])
    uow.emit(AccountCreated(made.id, 1, made.code), after=made)
    return made.id


def update_account(uow: UnitOfWork, command: UpdateAccount) -> UUID:
    """Change what an account is called, adds to, or takes. Its id.

    Raises:
        UnknownAccount, InvalidTransition, AccountCodeTaken, ParentDoesNotFit, UnknownCurrency,
        InvalidText.
        RoleNeedsAnyCurrency: it plays a role, and is to take one currency only.
        AccountHasPostings: there are postings of other currencies.
    """
    before = queries.account(uow.db, command.id)
    MACHINE.check("update", before.status)
    after = replace(
        before,
        code=patched(command.code, before.code),
        name=patched(command.name, before.name),
        parent_id=patched(command.parent_id, before.parent_id),
        currency=patched(command.currency, before.currency),
    )
    if after == before:
        return before.id
    _check(uow, after)
    if after.currency is not None and after.currency != before.currency:
        if after.role is not None:
            raise RoleNeedsAnyCurrency(after.role.name).at("currency")
        if _takes_others(uow, after.id, after.currency):
            raise AccountHasPostings().at("currency")
    after = save(uow, accounts, before, after)
    uow.emit(AccountUpdated(after.id, after.version, after.code), before=before, after=after)
    return after.id


def assign_account_role(uow: UnitOfWork, command: AssignAccountRole) -> UUID:
    """Have the back office post to this account what it would to another. The account's id.

    Raises:
        UnknownAccount, InvalidTransition, RoleOfOtherKind, RoleNeedsAnyCurrency.
        AccountPlaysRole: it plays another role already.
        AccountHasPostings: something was posted to the account that has played it.
    """
    before = queries.account(uow.db, command.id)
    MACHINE.check("assign_role", before.status)
    check_role(command.role, before.kind, before.currency)
    if before.role is command.role:
        return before.id
    if before.role is not None:
        raise AccountPlaysRole(before.role.name).at("id")
    statement = select_as(Account, accounts).where(accounts.c.role == command.role)
    for each in fetch(uow.db, Account, statement):
        give_up_role(uow, each, "role")
    change_role(uow, before, command.role)
    return before.id


def archive_account(uow: UnitOfWork, command: ArchiveAccount) -> UUID:
    """Take an account out of use. Its id.

    Raises:
        UnknownAccount, InvalidTransition, AccountPlaysRole, AccountHasParts, AccountHasBalance.
    """
    before = queries.account(uow.db, command.id)
    MACHINE.check("archive", before.status)
    if before.role is not None:
        raise AccountPlaysRole(before.role.name).at("id")
    parts = select(accounts.c.code).where(
        accounts.c.parent_id == before.id, accounts.c.is_archived.is_(False)
    )
    if code := uow.db.execute(parts.limit(1)).scalar():
        raise AccountHasParts(code).at("id")
    if left := standing_by_accounts(uow.db, [before.id]).get(before.id):
        raise AccountHasBalance(tuple(str(each) for each in left)).at("id")
    after = save(uow, accounts, before, replace(before, is_archived=True))
    uow.emit(AccountArchived(after.id, after.version, after.code), before=before, after=after)
    return after.id


def restore_account(uow: UnitOfWork, command: RestoreAccount) -> UUID:
    """Take an archived account into use again. Its id.

    Raises:
        UnknownAccount, InvalidTransition.
    """
    before = queries.account(uow.db, command.id)
    MACHINE.check("restore", before.status)
    after = save(uow, accounts, before, replace(before, is_archived=False))
    uow.emit(AccountRestored(after.id, after.version, after.code), before=before, after=after)
    return after.id


def give_up_role(uow: UnitOfWork, before: Account, *path: str | int) -> Account:
    """Take the role of an account. The account as it is then.

    What an order was billed, what is held ahead, what stock is worth in the books and what margins
    are made of is all found by roles. So a role whose account has postings stays where it is: that
    account can be given another number and name.

    Raises:
        AccountHasPostings: something was posted to it; `path` leads to the role in the input.
    """
    after = change_role(uow, before, None)
    # Asked behind the change, which has waited for those who post to the account just now.
    for column in (postings.c.debit_account_id, postings.c.credit_account_id):
        used = select(column).where(column == before.id).limit(1)
        if uow.db.execute(used).first() is not None:
            raise AccountHasPostings().at(*path)
    return after


def change_role(uow: UnitOfWork, before: Account, role: AccountRole | None) -> Account:
    """Give an account a role, or take it. The account as it is then."""
    after = save(uow, accounts, before, replace(before, role=role))
    event = AccountRoleChanged(after.id, after.version, after.code, role)
    uow.emit(event, before=before, after=after)
    return after


def check_role(role: AccountRole, kind: AccountKind, currency: str | None) -> None:
    """Raises: RoleOfOtherKind, RoleNeedsAnyCurrency."""
    wanted = DEFAULT_CHART[role][1]
    if kind is not wanted:
        raise RoleOfOtherKind(role.name, wanted.name).at("role")
    if currency is not None:
        raise RoleNeedsAnyCurrency(role.name).at("role")


def check_words(
    code: str, name: str, currency: str | None, faults: Faults, *path: str | int
) -> None:
    """Note what is wrong with the code, the name and the currency of an account."""
    check_text(code, faults, *path, "code", maximum=CODE_LENGTH_MAX)
    check_text(name, faults, *path, "name")
    if currency is not None:
        exponent(currency)


def loops(id: UUID, parents: Mapping[UUID, UUID | None]) -> bool:
    """Whether the account comes back to itself on its way up. `parents`: of all accounts."""
    seen, present = {id}, parents.get(id)
    while present is not None:
        if present in seen:
            return True
        seen.add(present)
        present = parents.get(present)
    return False


def _check(uow: UnitOfWork, account: Account) -> None:
    faults = Faults()
    check_words(account.code, account.name, account.currency, faults)
    faults.check()
    same = select(accounts.c.id).where(accounts.c.code == account.code)
    if uow.db.execute(same.where(accounts.c.id != account.id)).first():
        raise AccountCodeTaken(account.code).at("code")
    if account.parent_id is None:
        return
    parent = queries.account(uow.db, account.parent_id, "parent_id")
    rows = uow.db.execute(select(accounts.c.id, accounts.c.parent_id))
    parents = {**{row.id: row.parent_id for row in rows}, account.id: account.parent_id}
    if parent.kind is not account.kind or loops(account.id, parents):
        raise ParentDoesNotFit(parent.code).at("parent_id")


def _takes_others(uow: UnitOfWork, id: UUID, currency: str) -> bool:
    of = postings.c
    statement = select(of.entry_id).where(
        or_(of.debit_account_id == id, of.credit_account_id == id), of.currency != currency
    )
    return uow.db.execute(statement.limit(1)).first() is not None
