"""What can be asked about bank accounts, statements and their lines."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, func, literal, select, tuple_

from backoffice_api.domain.banking.model.accounts import (
    BankAccount,
    BankAccountSortKey,
    UnknownBankAccountOfShop,
)
from backoffice_api.domain.banking.model.balances import BankBalance
from backoffice_api.domain.banking.model.lines import LineSortKey, LineState, StatementLine
from backoffice_api.domain.banking.model.matches import (
    MatchedItem,
    MatchedLine,
    StatementMatch,
)
from backoffice_api.domain.banking.model.rules import ReconciliationRule, RuleSortKey
from backoffice_api.domain.banking.model.statements import BankStatement, Imported, StatementSortKey
from backoffice_api.domain.banking.model.suggestions import LineSuggestion
from backoffice_api.domain.banking.tables.matching import (
    match_items,
    match_lines,
    matches,
    rules,
    suggestions,
)
from backoffice_api.domain.banking.tables.statements import (
    bank_accounts,
    bank_statements,
    statement_lines,
)
from backoffice_api.domain.kernel.filters import On, OnMoney
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import columns_of, fetch, many_per, one_per, select_as
from backoffice_api.domain.kernel.scopes import Scope

accounts_by_ids = one_per(BankAccount, bank_accounts, bank_accounts.c.id)
statements_by_ids = one_per(BankStatement, bank_statements, bank_statements.c.id)
lines_by_ids = one_per(StatementLine, statement_lines, statement_lines.c.id)

rules_by_ids = one_per(ReconciliationRule, rules, rules.c.id)
matches_by_ids = one_per(StatementMatch, matches, matches.c.id)
suggestions_by_ids = one_per(LineSuggestion, suggestions, suggestions.c.id)
suggestions_by_lines = many_per(
    LineSuggestion, suggestions, suggestions.c.line_id, suggestions.c.rank
)
items_by_matches = many_per(
    MatchedItem, match_items, match_items.c.match_id, match_items.c.position
)
lines_by_matches = many_per(MatchedLine, match_lines, match_lines.c.match_id, match_lines.c.line_id)
_of_lines = (
    select(*columns_of(StatementMatch, matches), match_lines.c.line_id)
    .join(match_lines, match_lines.c.match_id == matches.c.id)
    .subquery("matches_of_lines")
)
matches_by_lines = many_per(
    StatementMatch, _of_lines, _of_lines.c.line_id, _of_lines.c.created_at, _of_lines.c.id
)

rule_list = Listing(
    ReconciliationRule,
    rules,
    sorts={RuleSortKey.PRIORITY: rules.c.priority, RuleSortKey.CREATED_AT: rules.c.created_at},
    words={"is_active": On(rules.c.is_active)},
    descending=False,
)

account_list = Listing(
    BankAccount,
    bank_accounts,
    sorts={
        BankAccountSortKey.NAME: bank_accounts.c.name,
        BankAccountSortKey.CREATED_AT: bank_accounts.c.created_at,
    },
    words={
        "is_archived": On(bank_accounts.c.is_archived),
    },
    descending=False,
)

statement_list = Listing(
    BankStatement,
    bank_statements,
    sorts={
        StatementSortKey.ENDS_ON: bank_statements.c.ends_on,
        StatementSortKey.CREATED_AT: bank_statements.c.created_at,
    },
    words={
        "bank_account_id": On(bank_statements.c.bank_account_id),
        "status": On(bank_statements.c.status),
        "starts_on": On(bank_statements.c.starts_on),
        "ends_on": On(bank_statements.c.ends_on),
    },
)

line_list = Listing(
    StatementLine,
    statement_lines,
    sorts={
        LineSortKey.BOOKED_ON: statement_lines.c.booked_on,
        LineSortKey.AMOUNT: statement_lines.c.amount_minor,
    },
    words={
        "bank_account_id": On(statement_lines.c.bank_account_id),
        "statement_id": On(statement_lines.c.statement_id),
        "state": On(statement_lines.c.state),
        "booked_on": On(statement_lines.c.booked_on),
        "amount": OnMoney(statement_lines.c.amount_minor, statement_lines.c.currency),
        "party_account": On(statement_lines.c.party_account),
    },
    searched="stl",
    scopes={"party_account": Scope.PAYMENTS_READ},
    search_scope=Scope.PAYMENTS_READ,
)


def statements_by_import(
    db: Connection, keys: Iterable[Imported]
) -> Mapping[Imported, Sequence[BankStatement]]:
    """The statements that imports came to."""
    wanted = tuple(keys)
    found = statements_by_ids(db, {id for each in wanted for id in each.statement_ids})
    return {each: [found[id] for id in each.statement_ids] for each in wanted}


def balance(db: Connection, account_id: UUID, on: date) -> BankBalance:
    """What is on an account at the end of a day: its opening balance and its lines up to then.

    Excluded lines count for nothing. Beside it, what the last statement up to that day says.

    Raises:
        UnknownBankAccountOfShop.
    """
    account = accounts_by_ids(db, [account_id]).get(account_id)
    if account is None:
        raise UnknownBankAccountOfShop(account_id).at("bank_account_id")
    table, told = statement_lines.c, bank_statements.c
    lines = select(func.sum(table.amount_minor)).where(
        table.bank_account_id == account_id,
        table.state != LineState.EXCLUDED,
        table.booked_on >= account.opened_on,
        table.booked_on <= on,
    )
    last = (
        select(told.ends_on, told.closing_minor)
        .where(
            told.bank_account_id == account_id,
            told.ends_on <= on,
            told.closing_minor.is_not(None),
        )
        .order_by(told.ends_on.desc(), told.id.desc())
        .limit(1)
    )
    stated = db.execute(last).first()
    return BankBalance(
        on=on,
        currency=account.currency,
        minor=account.opening_minor + int(db.execute(lines).scalar() or 0),
        stated_minor=stated.closing_minor if stated else None,
        stated_on=stated.ends_on if stated else None,
    )


def active_rules(db: Connection, currency: str) -> Sequence[ReconciliationRule]:
    """The rules for lines in a currency, in the order in which they are asked."""
    statement = (
        select_as(ReconciliationRule, rules)
        .where(rules.c.is_active, rules.c.currency == currency)
        .order_by(rules.c.priority, rules.c.id)
    )
    return fetch(db, ReconciliationRule, statement)


def waiting_lines(
    db: Connection, account_id: UUID, after: tuple[date, UUID] | None, limit: int
) -> Sequence[StatementLine]:
    """Lines of an account that are not explained at all, behind the one that `after` names."""
    table = statement_lines.c
    statement = (
        select_as(StatementLine, statement_lines)
        .where(
            table.bank_account_id == account_id,
            table.state.in_((LineState.IMPORTED, LineState.SUGGESTED)),
        )
        .order_by(table.booked_on, table.id)
        .limit(limit)
    )
    if after:
        statement = statement.where(
            tuple_(table.booked_on, table.id) > tuple_(*map(literal, after))
        )
    return fetch(db, StatementLine, statement)
