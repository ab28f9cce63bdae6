"""A bank account of the shop, its statements, and what tests ask of them."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from backoffice_api.domain.banking import queries
from backoffice_api.domain.banking.commands.accounts import CreateBankAccount, create_bank_account
from backoffice_api.domain.banking.commands.importing import (
    ImportStatements,
    import_statements,
)
from backoffice_api.domain.banking.commands.taking import TakePart, take_part
from backoffice_api.domain.banking.model.files import LineDraft, StatementDraft, StatementFormat
from backoffice_api.domain.banking.model.lines import StatementLine
from backoffice_api.domain.banking.model.statements import Imported
from backoffice_api.domain.banking.tables import statement_lines, statement_parts
from backoffice_api.domain.kernel.checks import verify
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.domain.subscriptions import CHECKS
from tests.world import World

FIRST = date(2025, 3, 1)
_numbers = count(1)


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
        with self.world.database.reading.connect() as db:
            return [each.check.id for each in verify(db, CHECKS) if not each.holds]
