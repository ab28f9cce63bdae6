"""Bank accounts, statements and their lines on the wire."""

from datetime import date
from typing import Any

import strawberry

from backoffice_api.context import Outcome
from backoffice_api.domain.banking import queries
from backoffice_api.domain.banking.model import accounts as account_model
from backoffice_api.domain.banking.model import lines as line_model
from backoffice_api.domain.banking.model import statements as model
from backoffice_api.domain.banking.model.accounts import BankAccountSortKey
from backoffice_api.domain.banking.model.files import StatementFormat, UnreadableStatement
from backoffice_api.domain.banking.model.lines import LineSortKey, LineState
from backoffice_api.domain.banking.model.statements import (
    BalanceMismatch,
    StatementSortKey,
    StatementStatus,
)
from backoffice_api.domain.banking.tables.statements import bank_statements, statement_lines
from backoffice_api.domain.kernel import ids, money
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.schema.aggregates import ActionState, HasTimeline
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.links import many, one
from backoffice_api.schema.money import Money
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, UserError, error, payload
from backoffice_api.schema.scalars import CurrencyCode

READ = Scope.BANKING_READ

choice(BankAccountSortKey)
choice(StatementFormat)
choice(StatementStatus)
choice(LineState, name="StatementLineState")
choice(LineSortKey, name="StatementLineSortKey")
choice(StatementSortKey, name="BankStatementSortKey")


def _secret(description: str) -> Any:
    """A field of payments: who may not see numbers of accounts cannot ask for it."""
    return about(description, personal="payment", scope=Scope.PAYMENTS_READ)


def _ledger_account_id(
    parent: strawberry.Parent[account_model.BankAccount],
) -> strawberry.ID | None:
    found = parent.ledger_account_id
    return strawberry.ID(ids.text("acc", found)) if found else None


@node("bac", account_model.BankAccount, queries.accounts_by_ids, scope=READ)
class BankAccount(Node, Versioned, HasTimeline):
    """An account of the shop at a bank, or what is kept like one, as a till."""

    name: str = about("What people call it, unique.")
    currency: CurrencyCode = about("The currency of its money.")
    masked_number: str | None = about(
        "Its number with all but the ends hidden, as DE••••3000. Null: it has none."
    )
    holder: str = _secret("Whose account it is.")
    iban: str | None = _secret("The IBAN without spaces. Null if it has none.")
    bic: str | None = _secret("The BIC of its bank. Null if not known.")
    account_number: str | None = _secret("Its number at its bank. Null if not known.")
    branch: str | None = _secret("The branch of its bank (agência). Null if not known.")
    bank_code: str | None = _secret("The code of its bank. Null if not known.")
    opening: Money = about("What was on it when `openedOn` began.")
    opened_on: date = about("The day from which on its lines count.")
    is_archived: bool = about("Whether nothing is imported to it any more.")
    statements: "Connection[BankStatement]" = listed_under(
        queries.statement_list,
        bank_statements.c.bank_account_id,
        "What its bank told of it, newest first.",
    )
    ledger_account_id: strawberry.ID | None = about(
        "Where its money is in the books. Null: where the role BANK is played.",
        resolver=_ledger_account_id,
    )


@node("sta", model.BankStatement, queries.statements_by_ids, scope=READ)
class BankStatement(Node, Versioned, HasTimeline):
    """What a bank told of an account in one file."""

    format: StatementFormat = about("What the file was written in.")
    reference: str = about("What the bank calls it. Empty: nothing.")
    currency: CurrencyCode = about("The currency of its amounts.")
    opening: Money | None = about("What was on the account before. Null: it does not tell.")
    closing: Money | None = about("What was on the account after. Null: it does not tell.")
    total: Money = about("What its lines come to.")
    starts_on: date = about("The first day that it tells of.")
    ends_on: date = about("The last day that it tells of.")
    line_count: int = about("How many lines the file had.")
    added_count: int = about("How many of them no import had brought before.")
    status: StatementStatus = about("Whether all its lines are here.")
    mismatch_reason: str | None = about(
        "Why it was taken although it does not balance. Null: it balances, or does not tell."
    )
    bank_account: BankAccount = one(
        queries.accounts_by_ids, "bank_account_id", "The account that it tells of."
    )
    previous: "BankStatement | None" = one(
        queries.statements_by_ids,
        "previous_id",
        "The statement whose closing balance it begins with. Null: none such is here.",
    )
    lines: "Connection[StatementLine]" = listed_under(
        queries.line_list,
        statement_lines.c.statement_id,
        "The lines that it brought, newest first.",
    )


@described
class StatementLineDetail:
    """One payment of several that the bank booked as one line."""

    amount: Money | None = about("What it comes to. Null: the bank does not tell.")
    text: str = _secret("What it is for, in the words of who paid.")
    party_name: str | None = _secret("Who paid or was paid. Null: not told.")
    party_account: str | None = _secret("The account of that one. Null: not told.")
    reference: str | None = about("What it is called by who paid. Null: not told.")


@node("stl", line_model.StatementLine, queries.lines_by_ids, scope=READ)
class StatementLine(Node, Versioned, HasTimeline):
    """Money that came in or went out, as the bank booked it."""

    booked_on: date = about("The day on which the bank booked it.")
    value_on: date | None = about("The day from which on it bears interest. Null: not told.")
    amount: Money = about("How much; what goes out is below zero.")
    matched: Money = about("How much of it is explained.")
    write_off: Money = about("How much of it was given up, or gained, as a small difference.")
    open: Money = about("How much of it is to be explained yet.")
    text: str = _secret("What it is for, in the words of the bank and of who paid.")
    party_name: str | None = _secret("Who paid or was paid. Null: not told.")
    party_account: str | None = _secret("The account of that one. Null: not told.")
    reference: str | None = about("What it is called by who paid. Null: not told.")
    bank_reference: str | None = about("What the bank calls it. Null: not told.")
    state: LineState = about("How far it is explained.")
    actions: list[ActionState] = about("What can be done with it now.")
    excluded_because: str | None = about("Why it counts for nothing. Null: it counts.")
    bank_account: BankAccount = one(
        queries.accounts_by_ids, "bank_account_id", "The account that it is on."
    )
    statement: BankStatement = one(
        queries.statements_by_ids, "statement_id", "The statement that brought it first."
    )

    @strawberry.field(description="The payments that it stands for, where it is several.")
    def details(
        parent: strawberry.Parent[line_model.StatementLine],
    ) -> list[StatementLineDetail]:
        return [
            StatementLineDetail(
                amount=_money(each["amount_minor"], parent.currency),
                text=each["text"],
                party_name=each["party_name"],
                party_account=each["party_account"],
                reference=each["reference"],
            )
            for each in parent.details or ()
        ]


def _money(minor: int | None, currency: str) -> Any:
    return None if minor is None else money.Money(minor, currency)


@described
class BankBalance:
    """What is on a bank account at the end of a day."""

    on: date = about("The day.")
    balance: Money = about("The opening balance and the lines up to then.")
    stated: Money | None = about(
        "What the last statement up to then says. Null: none tells its balance."
    )
    stated_on: date | None = about("The last day of that statement. Null: there is none.")


@error(BalanceMismatch)
class BalanceMismatchError(UserError):
    """Opening balance and lines of a statement do not come to its closing balance."""

    statement: str = about("What the bank calls the statement.")
    opening: Money = about("What it begins with.")
    lines: Money = about("What its lines come to.")
    closing: Money = about("What it ends with.")


@error(UnreadableStatement)
class UnreadableStatementError(UserError):
    """A file is no statement of its format, or is damaged."""

    format: StatementFormat = about("As what it was read.")
    line: int = about("The line of the file that is at fault. 0: the file as a whole.")
    reason: str = about("What is wrong with it.")


@payload
class BankAccountPayload(MutationPayload):
    """What a mutation of a bank account answers."""

    bank_account: BankAccount | None = one(
        queries.accounts_by_ids, "value", "The account as it is now. Null if it was refused."
    )


@payload
class BankStatementImportPayload(MutationPayload):
    """What importing statements answers."""

    statements: list[BankStatement] = many(
        queries.statements_by_import,
        "value",
        "The statements of the account in the file, in its order; also those that were here.",
    )

    @strawberry.field(
        description="Lines that are new; those of long statements come later. Null: refused."
    )
    def added(parent: strawberry.Parent[Outcome]) -> int | None:
        return parent.value.added if parent.value else None

    @strawberry.field(description="Lines that were here before. Null if it was refused.")
    def known(parent: strawberry.Parent[Outcome]) -> int | None:
        return parent.value.known if parent.value else None

    @strawberry.field(
        description="Statements of other accounts in the file, left out. Null if it was refused."
    )
    def skipped(parent: strawberry.Parent[Outcome]) -> int | None:
        return parent.value.skipped if parent.value else None
