"""Bank accounts: made, changed, archived."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import select

from backoffice_api.domain.banking import queries
from backoffice_api.domain.banking.model.accounts import (
    NO_NUMBERS,
    BankAccount,
    BankAccountCurrencyFixed,
    BankAccountNameTaken,
    BankNumbers,
    UnknownBankAccountOfShop,
    UnknownLedgerAccountOfBank,
    check_numbers,
)
from backoffice_api.domain.banking.model.events import BankAccountCreated, BankAccountUpdated
from backoffice_api.domain.banking.tables.statements import bank_accounts, bank_statements
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.ledger.queries import base_currency
from backoffice_api.domain.ledger.tables import accounts


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateBankAccount(Command):
    """`opening`: what is on it when `opened_on` begins, in its currency. None: nothing, in the
    currency of the books.
    """

    scope = Scope.BANKING_WRITE
    name: str
    opening: Money | None = None
    opened_on: date
    holder: str = ""
    numbers: BankNumbers = NO_NUMBERS
    ledger_account_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateBankAccount(Command):
    """What is absent stays."""

    scope = Scope.BANKING_WRITE
    table = bank_accounts
    id: UUID
    name: str | Keep = KEEP
    holder: str | Keep = KEEP
    numbers: BankNumbers | Keep = KEEP
    ledger_account_id: UUID | Keep | None = KEEP
    opening: Money | Keep = KEEP
    opened_on: date | Keep = KEEP
    is_archived: bool | Keep = KEEP


def create_bank_account(uow: UnitOfWork, command: CreateBankAccount) -> UUID:
    """Make a bank account. Its id.

    Raises:
        InvalidText, InvalidIban, InvalidBic, BankAccountNameTaken, UnknownLedgerAccountOfBank.
        BooksNotSet: no currency is known.
    """
    faults = Faults()
    opening = command.opening
    if opening is None:
        opening = Money.zero(base_currency(uow.db))
    numbers = check_numbers(command.numbers, faults)
    made = BankAccount(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        name=command.name,
        currency=opening.currency,
        holder=command.holder,
        iban=numbers.iban,
        bic=numbers.bic,
        account_number=numbers.account_number,
        branch=numbers.branch,
        bank_code=numbers.bank_code,
        ledger_account_id=command.ledger_account_id,
        opening_minor=opening.minor,
        opened_on=command.opened_on,
        is_archived=False,
    )
    _check(uow, made, faults)
    faults.check()
    add(uow, bank_accounts, [made])
    uow.emit(BankAccountCreated(made.id, made.version, made.name), after=made)
    return made.id


def update_bank_account(uow: UnitOfWork, command: UpdateBankAccount) -> UUID:
    """Change what is given of a bank account. Its id.

    Raises:
        UnknownBankAccountOfShop, BankAccountCurrencyFixed, and as `create_bank_account`.
    """
    before = queries.accounts_by_ids(uow.db, [command.id]).get(command.id)
    if before is None:
        raise UnknownBankAccountOfShop(command.id).at("id")
    faults = Faults()
    numbers = None if command.numbers is KEEP else check_numbers(command.numbers, faults)
    opening = patched(command.opening, before.opening)
    after = replace(
        before,
        name=patched(command.name, before.name),
        holder=patched(command.holder, before.holder),
        ledger_account_id=patched(command.ledger_account_id, before.ledger_account_id),
        currency=opening.currency,
        opening_minor=opening.minor,
        opened_on=patched(command.opened_on, before.opened_on),
        is_archived=patched(command.is_archived, before.is_archived),
    )
    if numbers:
        after = replace(
            after,
            iban=numbers.iban,
            bic=numbers.bic,
            account_number=numbers.account_number,
            branch=numbers.branch,
            bank_code=numbers.bank_code,
        )
    if after.currency != before.currency and _has_statements(uow, before.id):
        faults.add(BankAccountCurrencyFixed().at("opening"))
    _check(uow, after, faults)
    faults.check()
    after = save(uow, bank_accounts, before, after)
    uow.emit(BankAccountUpdated(after.id, after.version, after.name), before=before, after=after)
    return after.id


def _check(uow: UnitOfWork, wanted: BankAccount, faults: Faults) -> None:
    check_text(wanted.name, faults, "name")
    check_text(wanted.holder, faults, "holder", minimum=0)
    taken = select(bank_accounts.c.id).where(
        bank_accounts.c.name == wanted.name, bank_accounts.c.id != wanted.id
    )
    if uow.db.execute(taken).first():
        faults.add(BankAccountNameTaken(wanted.name).at("name"))
    if wanted.ledger_account_id:
        present = select(accounts.c.id).where(
            accounts.c.id == wanted.ledger_account_id, accounts.c.is_archived.is_(False)
        )
        if not uow.db.execute(present).first():
            fault = UnknownLedgerAccountOfBank(wanted.ledger_account_id)
            faults.add(fault.at("ledger_account_id"))


def _has_statements(uow: UnitOfWork, account_id: UUID) -> bool:
    statement = select(bank_statements.c.id).where(bank_statements.c.bank_account_id == account_id)
    return uow.db.execute(statement.limit(1)).first() is not None
