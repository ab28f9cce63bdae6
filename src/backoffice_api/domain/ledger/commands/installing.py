"""A chart of accounts, installed from data: what is new is made, what is there is changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from backoffice_api.domain.kernel.aggregates import add, save_all
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_distinct, check_size, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.ledger.commands.chart import (
    check_role,
    check_words,
    give_up_role,
    loops,
)
from backoffice_api.domain.ledger.model.accounts import (
    CODE_LENGTH_MAX,
    INSTALLED_MAX,
    Account,
    AccountCreated,
    AccountDraft,
    AccountUpdated,
    ChartInstalled,
)
from backoffice_api.domain.ledger.model.refusals import (
    AccountCodeTaken,
    AccountHasPostings,
    ParentDoesNotFit,
    RoleNeedsAnyCurrency,
    RoleOfOtherKind,
    UnknownAccount,
)
from backoffice_api.domain.ledger.tables import accounts, postings


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallChart(Command):
    """At most `INSTALLED_MAX` accounts. Accounts that are not named stay as they are."""

    scope = Scope.LEDGER_WRITE
    accounts: tuple[AccountDraft, ...]


def install_chart(uow: UnitOfWork, command: InstallChart) -> ChartInstalled:
    """Make the accounts that are not there, by their codes; change the others; move the roles.

    Raises:
        TooMany, Duplicate, InvalidText, UnknownCurrency: the input is wrong.
        UnknownAccount: a parent is neither there nor given.
        ParentDoesNotFit, RoleOfOtherKind, RoleNeedsAnyCurrency.
        AccountCodeTaken: an account with the code is of another kind.
        AccountHasPostings: an account with postings is to take one currency only, or to give up
            its role.
    """
    _check(command.accounts)
    present = {
        each.code: each
        for each in fetch(uow.db, Account, select_as(Account, accounts).order_by(accounts.c.id))
    }
    wanted = _wanted(uow, command.accounts, present)
    _check_parents(command.accounts, wanted, present)
    _check_currencies(uow, command.accounts, wanted, present)
    moved = {each.role: at for at, each in enumerate(command.accounts) if each.role is not None}
    for code, each in present.items():
        if each.role in moved and (code not in wanted or wanted[code].role is not each.role):
            present[code] = give_up_role(uow, each, "accounts", moved[each.role], "role")
    _make(uow, [each for code, each in wanted.items() if code not in present])
    changes = [
        (present[code], replace(each, version=present[code].version))
        for code, each in wanted.items()
        if code in present and not _is_same(each, present[code])
    ]
    for (before, _), after in zip(changes, save_all(uow, accounts, changes), strict=True):
        uow.emit(AccountUpdated(after.id, after.version, after.code), before=before, after=after)
    return ChartInstalled(tuple(wanted[each.code].id for each in command.accounts))


def _check(drafts: Sequence[AccountDraft]) -> None:
    faults = Faults()
    check_size(drafts, faults, "accounts", maximum=INSTALLED_MAX)
    faults.check()
    check_distinct(tuple(each.code for each in drafts), faults, "accounts")
    roles = tuple(each.role.name for each in drafts if each.role is not None)
    check_distinct(roles, faults, "accounts")
    for position, each in enumerate(drafts):
        place = ("accounts", position)
        check_words(each.code, each.name, each.currency, faults, *place)
        check_text(each.parent_code, faults, *place, "parent_code", maximum=CODE_LENGTH_MAX)
    faults.check()
    for position, each in enumerate(drafts):
        if each.role is not None:
            try:
                check_role(each.role, each.kind, each.currency)
            except (RoleOfOtherKind, RoleNeedsAnyCurrency) as fault:
                raise fault.at("accounts", position, "role") from None


def _wanted(
    uow: UnitOfWork, drafts: Sequence[AccountDraft], present: Mapping[str, Account]
) -> Mapping[str, Account]:
    """The accounts as they are to be, by code. What is not said of a present one's role stays."""
    ids = {
        each.code: present[each.code].id if each.code in present else uow.new_id()
        for each in drafts
    }
    moved = {each.role for each in drafts}
    made = {}
    for position, each in enumerate(drafts):
        before = present.get(each.code)
        if before is not None and before.kind is not each.kind:
            raise AccountCodeTaken(each.code).at("accounts", position, "kind")
        parent_id = ids.get(each.parent_code or "")
        if parent_id is None and each.parent_code is not None:
            if each.parent_code not in present:
                raise UnknownAccount(each.parent_code).at("accounts", position, "parent_code")
            parent_id = present[each.parent_code].id
        made[each.code] = Account(
            id=ids[each.code],
            version=before.version if before else 1,
            created_at=before.created_at if before else uow.now,
            updated_at=before.updated_at if before else uow.now,
            code=each.code,
            name=each.name,
            kind=each.kind,
            role=each.role or (before.role if before and before.role not in moved else None),
            parent_id=parent_id,
            currency=each.currency,
            is_archived=False,
        )
    return made


def _check_parents(
    drafts: Sequence[AccountDraft], wanted: Mapping[str, Account], present: Mapping[str, Account]
) -> None:
    merged = {**present, **wanted}
    by_id = {each.id: each for each in merged.values()}
    parents = {each.id: each.parent_id for each in merged.values()}
    for position, draft in enumerate(drafts):
        each = wanted[draft.code]
        if each.parent_id is None:
            continue
        parent = by_id[each.parent_id]
        if parent.kind is not each.kind or loops(each.id, parents):
            raise ParentDoesNotFit(parent.code).at("accounts", position, "parent_code")


def _check_currencies(
    uow: UnitOfWork,
    drafts: Sequence[AccountDraft],
    wanted: Mapping[str, Account],
    present: Mapping[str, Account],
) -> None:
    """One that takes one currency from now on has no postings yet, and plays no role."""
    bound = {
        wanted[each.code].id: position
        for position, each in enumerate(drafts)
        if each.code in present and each.currency not in (None, present[each.code].currency)
    }
    if not bound:
        return
    for column in (postings.c.debit_account_id, postings.c.credit_account_id):
        used = select(column).where(column.in_(tuple(bound))).limit(1)
        if (id := uow.db.execute(used).scalar()) is not None:
            raise AccountHasPostings().at("accounts", bound[id], "currency")
    for id, position in bound.items():
        role = next(each.role for each in wanted.values() if each.id == id)
        if role is not None:
            raise RoleNeedsAnyCurrency(role.name).at("accounts", position, "currency")


def _make(uow: UnitOfWork, made: Sequence[Account]) -> None:
    """Insert accounts, each behind the one that it adds to."""
    fresh = {each.id: each for each in made}

    def depth_of(each: Account) -> int:
        depth, parent_id = 0, each.parent_id
        while parent_id in fresh:
            depth, parent_id = depth + 1, fresh[parent_id].parent_id
        return depth

    ordered = sorted(made, key=depth_of)
    add(uow, accounts, ordered)
    for each in ordered:
        uow.emit(AccountCreated(each.id, 1, each.code), after=each)


def _is_same(one: Account, other: Account) -> bool:
    return replace(one, version=other.version, updated_at=other.updated_at) == other
