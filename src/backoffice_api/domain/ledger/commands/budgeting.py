"""Budgets are set as a whole, by their names, and removed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import delete, func, select

from backoffice_api.domain.kernel import events, ids
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import CurrencyMismatch
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_size, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.ledger.commands.journal import UnknownDimension, missing_dimensions
from backoffice_api.domain.ledger.model.budgets import (
    BUDGETS_MAX,
    LINES_MAX,
    NAME_LENGTH_MAX,
    Budget,
    BudgetLine,
    BudgetLineDraft,
    BudgetRemoved,
    BudgetSet,
    MonthsNeeded,
    TooManyBudgets,
    months_between,
)
from backoffice_api.domain.ledger.model.entries import NO_DIMENSIONS, Dimensions
from backoffice_api.domain.ledger.model.refusals import UnknownAccount
from backoffice_api.domain.ledger.queries import accounts_by_ids, base_currency
from backoffice_api.domain.ledger.queries import budgets as queries
from backoffice_api.domain.ledger.tables import DIMENSIONS
from backoffice_api.domain.ledger.tables.budgets import budget_lines, budgets


@dataclass(frozen=True, slots=True, kw_only=True)
class SetBudget(Command):
    """By its name: a budget that is there is set anew as a whole, else it is made."""

    scope = Scope.LEDGER_WRITE
    name: str
    lines: tuple[BudgetLineDraft, ...]
    dimensions: Dimensions = NO_DIMENSIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveBudget(Command):
    scope = Scope.LEDGER_WRITE
    table = budgets
    id: UUID


def set_budget(uow: UnitOfWork, command: SetBudget) -> UUID:
    """Say what accounts are meant to come to, month by month. Id of the budget.

    Raises:
        BooksNotSet, TooManyBudgets.
        InvalidText, TooMany, UnknownAccount, UnknownDimension, CurrencyMismatch, MonthsNeeded: the
            input is wrong.
    """
    currency = base_currency(uow.db)
    _check(uow, command, currency)
    before = queries.budget_named(uow.db, command.name)
    after = Budget(
        id=before.id if before else uow.new_id(),
        version=before.version if before else 1,
        created_at=before.created_at if before else uow.now,
        updated_at=uow.now,
        name=command.name,
        currency=currency,
        **{name: getattr(command.dimensions, name) for name in DIMENSIONS},
        is_active=True,
    )
    if before is None or not before.is_active:
        count = select(func.count()).where(budgets.c.is_active)
        if uow.db.execute(count).scalar_one() >= BUDGETS_MAX:
            raise TooManyBudgets(BUDGETS_MAX)
    old: Sequence[BudgetLine] = ()
    if before is None:
        add(uow, budgets, [after])
    else:
        old = queries.lines_by_budgets(uow.db, [before.id]).get(before.id, ())
        after = save(uow, budgets, before, after)
        uow.db.execute(delete(budget_lines).where(budget_lines.c.budget_id == after.id))
    rows = [
        BudgetLine(
            after.id, position, each.account_id, each.from_, each.to, currency, each.amount.minor
        )
        for position, each in enumerate(command.lines)
    ]
    add(uow, budget_lines, rows)
    event = BudgetSet(after.id, after.version, after.name)
    changed = events.change("lines", _told(old), _told(rows))
    uow.emit(event, before=before, after=after, changes=[changed])
    return after.id


def remove_budget(uow: UnitOfWork, command: RemoveBudget) -> UUID:
    """Take a budget away. Its id.

    Raises:
        UnknownBudget.
    """
    before = queries.budget(uow.db, command.id)
    after = save(uow, budgets, before, replace(before, is_active=False))
    uow.emit(BudgetRemoved(after.id, after.version, after.name), before=before, after=after)
    return after.id


def _told(lines: Sequence[BudgetLine]) -> Sequence[str]:
    """Lines as the log keeps them."""
    return [f"{ids.text('acc', of.account_id)} {of.from_on} {of.to_on} {of.amount}" for of in lines]


def _check(uow: UnitOfWork, command: SetBudget, currency: str) -> None:
    faults = Faults()
    check_text(command.name, faults, "name", maximum=NAME_LENGTH_MAX)
    check_size(command.lines, faults, "lines", maximum=LINES_MAX)
    faults.check()
    missing = missing_dimensions(uow, [command.dimensions])
    for name in DIMENSIONS:
        faults.extend(UnknownDimension(id).at(name) for id in missing[name])
    known = accounts_by_ids(uow.db, {each.account_id for each in command.lines})
    for position, each in enumerate(command.lines):
        here = ("lines", position)
        if each.account_id not in known:
            faults.add(UnknownAccount(each.account_id.hex).at(*here, "account_id"))
        if each.amount.currency != currency:
            fault = CurrencyMismatch(currency, each.amount.currency)
            faults.add(fault.at(*here, "amount"))
        try:
            months_between(each.from_, each.to)
        except MonthsNeeded as fault:
            faults.add(fault.at(*here, "to"))
    faults.check()
