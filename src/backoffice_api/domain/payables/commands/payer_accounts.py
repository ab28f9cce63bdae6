"""Setting the accounts that runs pay from."""

from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.currencies import exponent
from backoffice_api.domain.kernel.errors import Faults, Invalid
from backoffice_api.domain.kernel.pix_keys import is_pix
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tax_ids import TaxIdKind, check_tax_id
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.ledger.queries import base_currency
from backoffice_api.domain.payables.model.payment_files import FileFormat
from backoffice_api.domain.payables.model.run_events import PayerAccountSet
from backoffice_api.domain.payables.model.run_refusals import MethodMismatch, PayerPaysFromAccount
from backoffice_api.domain.payables.model.runs import AGREEMENT_LENGTH_MAX, PayerAccount
from backoffice_api.domain.payables.queries import runs as queries
from backoffice_api.domain.payables.tables.runs import payer_accounts
from backoffice_api.domain.purchasing.model.bank import BankDetails, check_details

_CPF_LENGTH = 11


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPayerAccount(Command):
    """By its name: an account that is there is set anew as a whole, else it is made.

    `currency` None: that of the books.
    """

    scope = Scope.PAYMENT_RUNS_WRITE
    name: str
    currency: str | None = None
    details: BankDetails
    tax_id: str | None = None
    agreement: str | None = None
    sepa_format: FileFormat = FileFormat.PAIN_001_03
    bank_account_id: UUID | None = None
    is_archived: bool = False


def set_payer_account(uow: UnitOfWork, command: SetPayerAccount) -> UUID:
    """Say from which account runs can pay. Its id.

    Raises:
        UnknownCurrency, InvalidText, AccountNumberNeeded, InvalidIban, InvalidBic, InvalidTaxId.
        PayerPaysFromAccount: it is a PIX key.
        MethodMismatch: the format is none of SEPA. BooksNotSet: no currency is known.
    """
    currency = command.currency or base_currency(uow.db)
    exponent(currency)
    faults = Faults()
    check_text(command.name, faults, "name")
    check_text(command.agreement, faults, "agreement", maximum=AGREEMENT_LENGTH_MAX)
    details = check_details(command.details, faults)
    if is_pix(details.bank_code):
        faults.add(PayerPaysFromAccount().at("details", "bank_code"))
    tax_id = _canonical(command.tax_id, faults)
    if command.sepa_format is FileFormat.CNAB_240:
        faults.add(MethodMismatch("SEPA").at("sepa_format"))
    faults.check()
    before = queries.payer_accounts_by_names(uow.db, [command.name]).get(command.name)
    wanted = PayerAccount(
        id=before.id if before else uow.new_id(),
        version=before.version if before else 1,
        created_at=before.created_at if before else uow.now,
        updated_at=uow.now,
        name=command.name,
        currency=currency,
        holder=details.holder,
        iban=details.iban,
        bic=details.bic,
        account_number=details.account_number,
        bank_code=details.bank_code,
        tax_id=tax_id,
        agreement=command.agreement,
        sepa_format=command.sepa_format,
        bank_account_id=command.bank_account_id,
        is_archived=command.is_archived,
    )
    if before is None:
        after = wanted
        add(uow, payer_accounts, [after])
    elif replace(before, updated_at=uow.now) == wanted:
        return before.id
    else:
        after = save(uow, payer_accounts, before, wanted)
    event = PayerAccountSet(after.id, after.version, after.name)
    uow.emit(event, before=before, after=after)
    return after.id


def _canonical(tax_id: str | None, faults: Faults) -> str | None:
    """A CNPJ, or a CPF where it is as short as one."""
    if tax_id is None:
        return None
    digits = sum(each.isalnum() for each in tax_id)
    kind = TaxIdKind.CPF if digits == _CPF_LENGTH else TaxIdKind.CNPJ
    try:
        return check_tax_id(kind, tax_id)
    except Invalid as fault:
        faults.add(fault.at("tax_id"))
        return None
