"""What can be asked about budgets, and how what happened compares with them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.rows import fetch, many_per, one_per, select_as
from backoffice_api.domain.ledger import queries
from backoffice_api.domain.ledger.model.accounts import Account, AccountKind
from backoffice_api.domain.ledger.model.budgets import (
    Budget,
    BudgetComparison,
    BudgetLine,
    BudgetRow,
    UnknownBudget,
    months_between,
    planned_minor,
)
from backoffice_api.domain.ledger.model.reports import Span
from backoffice_api.domain.ledger.queries.reports import unrated_before
from backoffice_api.domain.ledger.queries.standing import sums
from backoffice_api.domain.ledger.tables import DIMENSIONS
from backoffice_api.domain.ledger.tables.budgets import budget_lines, budgets

_RESULT = (AccountKind.INCOME, AccountKind.EXPENSE)

budgets_by_ids = one_per(Budget, budgets, budgets.c.id)
lines_by_budgets = many_per(
    BudgetLine, budget_lines, budget_lines.c.budget_id, budget_lines.c.position
)


def budget(db: Connection, id: UUID) -> Budget:
    """Raises: UnknownBudget."""
    found = budgets_by_ids(db, [id]).get(id)
    if found is not None and found.is_active:
        return found
    raise UnknownBudget(id).at("id")


def budget_named(db: Connection, name: str) -> Budget | None:
    """The budget with this name, also one that was removed."""
    statement = select_as(Budget, budgets).where(budgets.c.name == name)
    return next(iter(fetch(db, Budget, statement)), None)


def all_budgets(db: Connection) -> Sequence[Budget]:
    """The budgets that there are, by name."""
    statement = select_as(Budget, budgets).where(budgets.c.is_active)
    return fetch(db, Budget, statement.order_by(budgets.c.name))


def compare(db: Connection, id: UUID, span: Span) -> BudgetComparison:
    """What accounts were meant to come to over whole months, and what they did.

    Accounts of the budget, and all others of income and expenses that anything was posted to; in
    the currency of the books. A constant number of statements.

    Raises:
        UnknownBudget, MonthsNeeded.
    """
    found = budget(db, id)
    months_between(span.from_, span.to)
    lines: dict[UUID, list[BudgetLine]] = {}
    for each in lines_by_budgets(db, [id]).get(id, ()):
        lines.setdefault(each.account_id, []).append(each)
    about = {name: getattr(found, name) for name in DIMENSIONS if getattr(found, name)}
    net: dict[UUID, int] = {}
    for of in sums(db, span, about):
        net[of.account_id] = net.get(of.account_id, 0) + of.base_debit - of.base_credit
    accounts = queries.accounts_by_ids(db, {*net, *lines})
    rows: list[BudgetRow] = []
    results = [0, 0]
    for account in sorted(accounts.values(), key=lambda each: each.code):
        is_result = account.kind in _RESULT
        actual = _signed(account, net.get(account.id, 0))
        planned = planned_minor(lines.get(account.id, ()), span.from_, span.to)
        if account.id not in lines and not (is_result and actual):
            continue
        rows.append(
            BudgetRow(account.id, Money(planned, found.currency), Money(actual, found.currency))
        )
        if is_result:
            sign = 1 if account.kind is AccountKind.INCOME else -1
            results = [results[0] + sign * planned, results[1] + sign * actual]
    return BudgetComparison(
        span.from_,
        span.to,
        rows,
        Money(results[0], found.currency),
        Money(results[1], found.currency),
        unrated_before(db, span.to),
    )


def _signed(account: Account, net_minor: int) -> int:
    """Debits less credits as accounts of its kind grow."""
    return net_minor if account.kind in (AccountKind.ASSET, AccountKind.EXPENSE) else -net_minor
