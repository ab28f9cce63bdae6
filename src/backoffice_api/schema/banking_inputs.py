"""What is said of bank accounts and statements on the wire."""

from datetime import date

import strawberry
from strawberry import UNSET

from backoffice_api.domain.banking.model.accounts import BankNumbers
from backoffice_api.domain.banking.model.files import CsvMapping, StatementFormat
from backoffice_api.domain.banking.model.lines import LineSortKey, LineState
from backoffice_api.domain.banking.model.statements import StatementSortKey, StatementStatus
from backoffice_api.schema.directives import about
from backoffice_api.schema.filters import (
    DateFilter,
    IdFilter,
    MoneyFilter,
    SortDirection,
    filter_input,
)
from backoffice_api.schema.money import MoneyInput
from backoffice_api.schema.scalars import CurrencyCode


@filter_input
class BankAccountFilter:
    """Which bank accounts. All words that are given must hold."""

    is_archived: bool | None = about("Whether they are archived.", default=UNSET)


@filter_input
class BankStatementFilter:
    """Which statements. All words that are given must hold."""

    bank_account_id: IdFilter | None = about("Of such an account.", default=UNSET)
    status: list[StatementStatus] | None = about("As far as this.", default=UNSET)
    starts_on: DateFilter | None = about("That begin on such a day.", default=UNSET)
    ends_on: DateFilter | None = about("That end on such a day.", default=UNSET)


@strawberry.input(description="The order of a list of statements.")
class BankStatementSort:
    key: StatementSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@filter_input
class StatementLineFilter:
    """Which lines of statements. All words that are given must hold."""

    bank_account_id: IdFilter | None = about("On such an account.", default=UNSET)
    statement_id: IdFilter | None = about("That such a statement brought.", default=UNSET)
    state: list[LineState] | None = about("As far as this.", default=UNSET)
    booked_on: DateFilter | None = about("Booked on such days.", default=UNSET)
    amount: MoneyFilter | None = about(
        "Of such an amount; what goes out is below zero.", default=UNSET
    )


@strawberry.input(description="The order of a list of lines of statements.")
class StatementLineSort:
    key: LineSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(description="The numbers by which banks know an account.")
class BankNumbersInput:
    iban: str | None = about("The IBAN; spaces do not matter.", default=None)
    bic: str | None = about("The BIC of its bank.", default=None)
    account_number: str | None = about("Its number, as files of its bank have it.", default=None)
    branch: str | None = about("The branch of its bank (agência).", default=None)
    bank_code: str | None = about("The code of its bank.", default=None)

    def value(self) -> BankNumbers:
        return BankNumbers(
            iban=self.iban,
            bic=self.bic,
            account_number=self.account_number,
            branch=self.branch,
            bank_code=self.bank_code,
        )


@strawberry.input(description="A bank account of the shop.")
class BankAccountCreateInput:
    name: str = about("What people call it, unique, 1 to 250 characters.")
    opened_on: date = about("The day from which on its lines count.")
    opening: MoneyInput | None = about(
        "What is on it when `openedOn` begins; names its currency. Null: nothing, in that of the "
        "books.",
        default=None,
    )
    holder: str = about("Whose account it is, at most 250 characters.", default="")
    numbers: BankNumbersInput | None = about(
        "By what its bank knows it. Null: nothing, so any file is taken for it.", default=None
    )
    ledger_account_id: strawberry.ID | None = about(
        "Where its money is in the books. Null: where the role BANK is played.", default=None
    )


@strawberry.input(description="What to change of a bank account. What is absent stays.")
class BankAccountUpdateInput:
    name: str | None = about("What people call it.", default=UNSET)
    holder: str | None = about("Whose account it is.", default=UNSET)
    numbers: BankNumbersInput | None = about("By what its bank knows it, whole.", default=UNSET)
    opening: MoneyInput | None = about(
        "What is on it when `openedOn` begins. In another currency only before its first "
        "statement.",
        default=UNSET,
    )
    opened_on: date | None = about("The day from which on its lines count.", default=UNSET)
    ledger_account_id: strawberry.ID | None = about(
        "Where its money is in the books. Null: where the role BANK is played.", default=UNSET
    )
    is_archived: bool | None = about("Whether nothing is imported to it any more.", default=UNSET)


@strawberry.input(
    description="Which column of a table is what: by its title, or by its number, from 1."
)
class StatementMappingInput:
    booked_on: str = about("The day on which it was booked.")
    amount: str | None = about("The amount, with a sign or with a `mark`.", default=None)
    debit: str | None = about("What went out, if there are two columns.", default=None)
    credit: str | None = about("What came in, if there are two columns.", default=None)
    mark: str | None = about("Says whether an amount went out.", default=None)
    debit_marks: list[str] = about(
        "What `mark` holds where an amount went out.", default_factory=lambda: ["D"]
    )
    value_on: str | None = about("The day from which on it bears interest.", default=None)
    text: list[str] = about("What it is for; several are joined.", default_factory=list)
    party_name: str | None = about("Who paid or was paid.", default=None)
    party_account: str | None = about("The account of that one.", default=None)
    reference: str | None = about("What it is called by who paid.", default=None)
    bank_reference: str | None = about("What the bank calls it.", default=None)
    balance: str | None = about("What was on the account after the line.", default=None)
    account: str | None = about("The number of the account.", default=None)
    currency_column: str | None = about("The currency.", default=None)
    currency: CurrencyCode | None = about("The currency of all, if no column has it.", default=None)
    date_format: str = about("How days are written: YYYY or YY, MM, DD.", default="YYYY-MM-DD")
    decimal_sign: str = about("What stands before cents: `.` or `,`.", default=".")
    delimiter: str | None = about("What stands between columns. Null: found out.", default=None)
    skipped_lines: int = about("Lines above the table, 0 to 100.", default=0)
    has_header: bool = about("Whether the first line has titles.", default=True)
    is_negated: bool = about("Whether what comes in is below zero.", default=False)

    def value(self) -> CsvMapping:
        return CsvMapping(
            booked_on=self.booked_on,
            amount=self.amount,
            debit=self.debit,
            credit=self.credit,
            mark=self.mark,
            debit_marks=tuple(self.debit_marks),
            value_on=self.value_on,
            text=tuple(self.text),
            party_name=self.party_name,
            party_account=self.party_account,
            reference=self.reference,
            bank_reference=self.bank_reference,
            balance=self.balance,
            account=self.account,
            currency_column=self.currency_column,
            currency=self.currency,
            date_format=self.date_format,
            decimal_sign=self.decimal_sign,
            delimiter=self.delimiter,
            skipped_lines=self.skipped_lines,
            has_header=self.has_header,
            is_negated=self.is_negated,
        )


@strawberry.input(description="A file with statements of an account.")
class BankStatementImportInput:
    bank_account_id: strawberry.ID = about("Of which account.")
    content: str = about(
        "The file in base64, packed with gzip or not; unpacked at most 16 MB and 100,000 lines. "
        "What has no room in a request comes by `POST /bank-accounts/ID/statements`."
    )
    format: StatementFormat | None = about(
        "What it is written in. Null: found out; with a `mapping` it is CSV.", default=None
    )
    mapping: StatementMappingInput | None = about(
        "What the columns of a table are. CSV only.", default=None
    )
    allow_mismatch: bool = about(
        "Take statements, too, whose balances and lines do not fit together.", default=False
    )
    mismatch_reason: str | None = about(
        "Why, at most 1,000 characters. Needed with `allowMismatch`.", default=None
    )
