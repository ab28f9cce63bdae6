"""What can be asked and done with bank accounts and statements."""

import inspect
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

import strawberry
from sqlalchemy import Connection as Db

from backoffice_api.adapters.statements.reading import read_statements, unpacked
from backoffice_api.context import Context
from backoffice_api.domain.banking import queries
from backoffice_api.domain.banking.commands import accounts, importing
from backoffice_api.domain.banking.model.accounts import NO_NUMBERS
from backoffice_api.domain.banking.model.balances import BankBalance as Balance
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.patch import KEEP
from backoffice_api.schema.banking import (
    READ,
    BankAccount,
    BankAccountPayload,
    BankBalance,
    BankStatement,
    BankStatementImportPayload,
    StatementLine,
)
from backoffice_api.schema.banking_inputs import (
    BankAccountCreateInput,
    BankAccountFilter,
    BankAccountUpdateInput,
    BankStatementFilter,
    BankStatementImportInput,
    BankStatementSort,
    StatementLineFilter,
    StatementLineSort,
)
from backoffice_api.schema.connections import (
    Connection,
    Count,
    asked,
    counted,
    listed,
    parameter,
)
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.lookups import found_by_id
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.payloads import keep

_AccountId = Annotated[strawberry.ID, strawberry.argument(description="Which bank account.")]
_On = Annotated[date, strawberry.argument(description="At the end of which day.")]


def _balance(db: Db, _: Context, arguments: Mapping[str, Any]) -> Balance:
    account_id = ids.parse("bac", arguments["bank_account_id"])
    return queries.balance(db, account_id, arguments["on"])


@strawberry.type
class BankingQuery:
    bank_account: BankAccount | None = found_by_id(
        "bac", queries.accounts_by_ids, "Its id.", "One bank account.", scope=READ
    )
    bank_accounts: Connection[BankAccount] = listed(
        queries.account_list,
        "Accounts of the shop at banks, by name.",
        scope=READ,
        filter=BankAccountFilter,
    )
    bank_statement: BankStatement | None = found_by_id(
        "sta", queries.statements_by_ids, "Its id.", "One statement.", scope=READ
    )
    bank_statements: Connection[BankStatement] = listed(
        queries.statement_list,
        "What banks told, newest first.",
        scope=READ,
        filter=BankStatementFilter,
        sort=BankStatementSort,
    )
    statement_line: StatementLine | None = found_by_id(
        "stl", queries.lines_by_ids, "Its id.", "One line of a statement.", scope=READ
    )
    statement_lines: Connection[StatementLine] = listed(
        queries.line_list,
        "Money that came in and went out, newest first.",
        scope=READ,
        filter=StatementLineFilter,
        sort=StatementLineSort,
    )
    statement_lines_count: Count = counted(
        queries.line_list,
        "How many lines there are. What is to be done: `filter: {state: [IMPORTED, SUGGESTED]}`.",
        scope=READ,
        filter=StatementLineFilter,
    )
    bank_balance: BankBalance = asked(
        _balance,
        [
            parameter("bank_account_id", _AccountId, inspect.Parameter.empty),
            parameter("on", _On, inspect.Parameter.empty),
        ],
        "What is on a bank account at the end of a day.",
        scope=READ,
        weight=10,
    )


@strawberry.type
class BankingMutation:
    @mutation(accounts.create_bank_account, BankAccountPayload)
    def bank_account_create(input: BankAccountCreateInput) -> accounts.CreateBankAccount:
        """Make a bank account."""
        return accounts.CreateBankAccount(
            name=input.name,
            opening=input.opening.value() if input.opening else None,
            opened_on=input.opened_on,
            holder=input.holder,
            numbers=input.numbers.value() if input.numbers else NO_NUMBERS,
            ledger_account_id=_account_of(input.ledger_account_id),
        )

    @mutation(accounts.update_bank_account, BankAccountPayload)
    def bank_account_update(
        id: strawberry.ID, input: BankAccountUpdateInput
    ) -> accounts.UpdateBankAccount:
        """Change a bank account; what is absent stays."""
        ledger_account = keep(input.ledger_account_id, nullable=True)
        return accounts.UpdateBankAccount(
            id=ids.parse("bac", id),
            name=keep(input.name),
            holder=keep(input.holder),
            numbers=input.numbers.value() if input.numbers else KEEP,
            opening=input.opening.value() if input.opening else KEEP,
            opened_on=keep(input.opened_on),
            ledger_account_id=KEEP if ledger_account is KEEP else _account_of(ledger_account),
            is_archived=keep(input.is_archived),
        )

    @mutation(importing.import_statements, BankStatementImportPayload, apart=True)
    def bank_statement_import(input: BankStatementImportInput) -> importing.ImportStatements:
        """Take over the statements of an account. What was imported before adds nothing.

        A statement whose opening balance and lines do not come to its closing balance is refused
        as BALANCE_MISMATCH, or taken with `allowMismatch` and a reason.
        """
        account_id = ids.parse("bac", input.bank_account_id)
        mapping = input.mapping.value() if input.mapping else None
        format, drafts = read_statements(unpacked(input.content), input.format, mapping)
        return importing.ImportStatements(
            bank_account_id=account_id,
            format=format,
            statements=tuple(drafts),
            allow_mismatch=input.allow_mismatch,
            mismatch_reason=input.mismatch_reason,
        )


def _account_of(id: str | None) -> Any:
    return given_id("acc", id)
