"""A bank account of the shop, its statements, and what tests ask of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select

from backoffice_api.domain.all_checks import CHECKS
from backoffice_api.domain.banking import queries
from backoffice_api.domain.banking.commands.accounts import CreateBankAccount, create_bank_account
from backoffice_api.domain.banking.commands.importing import (
    ImportStatements,
    import_statements,
)
from backoffice_api.domain.banking.commands.matching import (
    MatchLines,
    UndoMatch,
    match_lines_with,
    undo_match,
)
from backoffice_api.domain.banking.commands.rules import CreateRule, create_rule
from backoffice_api.domain.banking.commands.taking import TakePart, take_part
from backoffice_api.domain.banking.model.files import LineDraft, StatementDraft, StatementFormat
from backoffice_api.domain.banking.model.items import ItemDraft
from backoffice_api.domain.banking.model.lines import StatementLine
from backoffice_api.domain.banking.model.rules import RuleDraft
from backoffice_api.domain.banking.model.statements import Imported
from backoffice_api.domain.banking.model.suggestions import LineSuggestion
from backoffice_api.domain.banking.tables.statements import statement_lines, statement_parts
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Command, UnitOfWork
from backoffice_api.domain.ledger.commands.posting import accounts_of
from backoffice_api.domain.ledger.model.accounts import AccountRole
from backoffice_api.domain.ledger.tables import postings
from backoffice_api.tasks.banking import SuggestWork
from tests.soundness import broken
from tests.world import NOW, World

FIRST = date(2025, 3, 1)
_numbers = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class NameAccount(Command):
    """Have an account of the ledger made that plays a role."""

    scope = Scope.BANKING_WRITE
    role: AccountRole


def name_account(uow: UnitOfWork, command: NameAccount) -> UUID:
    return accounts_of(uow, {command.role})[command.role]


def euros(minor: int) -> Money:
    return Money(minor, "EUR")


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def line(number: int, minor: int, text: str = "", **values: Any) -> LineDraft:
    return LineDraft(day(number), None, minor, text, **values)


def statement(
    *lines: LineDraft, opening: int | None = None, closing: int | None = None, **values: Any
) -> StatementDraft:
    """`closing` None: what opening and lines come to, if there is an opening balance."""
    total = sum(each.amount_minor for each in lines)
    if closing is None and opening is not None:
        closing = opening + total
    days = [each.booked_on for each in lines]
    given: dict[str, Any] = {
        "account": "",
        "currency": "EUR",
        "reference": "",
        "starts_on": min(days, default=FIRST),
        "ends_on": max(days, default=FIRST),
        **values,
    }
    return StatementDraft(opening_minor=opening, closing_minor=closing, lines=lines, **given)


class Desk:
    """Where bank accounts are looked after."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.account_id = self.account()

    def account(self, opening: int = 0, **values: Any) -> UUID:
        name = f"Bank {next(_numbers)}"
        command = CreateBankAccount(name=name, opening=euros(opening), opened_on=FIRST, **values)
        id: UUID = self.world.run(create_bank_account, command).value
        return id

    def take(
        self, *drafts: StatementDraft, account_id: UUID | None = None, **values: Any
    ) -> Imported:
        command = ImportStatements(
            bank_account_id=account_id or self.account_id,
            format=StatementFormat.CSV,
            statements=drafts,
            **values,
        )
        made: Imported = self.world.run(import_statements, command).value
        return made

    def take_parts(self, statement_id: UUID) -> int:
        """Do what jobs would. How many there were."""
        runs = 0
        waiting = statement_parts.select().where(statement_parts.c.statement_id == statement_id)
        while self.world.read(lambda db: db.execute(waiting).first()):
            command = TakePart(statement_id=statement_id)
            self.world.run(take_part, command, caller=THE_SYSTEM)
            runs += 1
        return runs

    def ledger(self, role: AccountRole) -> UUID:
        """The account of the ledger that plays a role."""
        id: UUID = self.world.run(name_account, NameAccount(role=role)).value
        return id

    def booked(self, account_id: UUID) -> int:
        """The balance of an account of the ledger: debits above zero."""

        def read(db: Connection) -> int:
            table, found = postings.c, 0
            for column, sign in ((table.debit_account_id, 1), (table.credit_account_id, -1)):
                total = select(func.sum(table.amount_minor)).where(column == account_id)
                found += sign * int(db.execute(total).scalar() or 0)
            return found

        balance: int = self.world.read(read)
        return balance

    def match(self, lines: Sequence[UUID], *items: ItemDraft, **values: Any) -> UUID:
        command = MatchLines(line_ids=tuple(lines), items=items, **values)
        id: UUID = self.world.run(match_lines_with, command).value
        return id

    def undo(self, match_id: UUID) -> None:
        self.world.run(undo_match, UndoMatch(id=match_id))

    def suggest(self, account_id: UUID | None = None) -> None:
        """Do what the job would."""
        SuggestWork(self.world.database, now=lambda: NOW)(
            account_id or self.account_id, lambda *_: True
        )

    def suggested(self, line_id: UUID) -> Sequence[LineSuggestion]:
        found = self.world.read(queries.suggestions_by_lines, [line_id])
        return found.get(line_id, ())

    def rule(self, **values: Any) -> UUID:
        given: dict[str, Any] = {"name": "Rule", "tolerance": euros(0), **values}
        id: UUID = self.world.run(create_rule, CreateRule(draft=RuleDraft(**given))).value
        return id

    def lines(self, account_id: UUID | None = None) -> Sequence[StatementLine]:
        """From the oldest to the newest, of one day as they came."""
        rows = (
            select_as(StatementLine, statement_lines)
            .where(statement_lines.c.bank_account_id == (account_id or self.account_id))
            .order_by(statement_lines.c.booked_on, statement_lines.c.id)
        )
        return self.world.read(fetch, StatementLine, rows)  # type: ignore[no-any-return]

    def line(self, id: UUID) -> StatementLine:
        found: StatementLine = self.world.read(queries.lines_by_ids, [id])[id]
        return found

    def refused(self, handler: Any, command: Any, **options: Any) -> list[str]:
        try:
            self.world.run(handler, command, **options)
        except DomainError as refusal:
            return [each.code for each in refusal.reasons()]
        return []

    def broken(self) -> list[str]:
        """Ids of the checks that do not hold."""
        return broken(self.world.database, CHECKS)
