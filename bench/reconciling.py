"""`python -m bench.reconciling`: how long it takes to suggest what lines of statements are.

So many open bills of 2,000 suppliers, and so many lines of one account, are made in an empty
database: of the lines a third name the number of a bill, a third pay one to the cent by the name
of its supplier, and the others are of nobody that is known. Then the job looks at all of them.
"""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

from backoffice_api.domain.all_tables import metadata
from backoffice_api.domain.banking.commands.accounts import CreateBankAccount, create_bank_account
from backoffice_api.domain.banking.commands.importing import ImportStatements, import_statements
from backoffice_api.domain.banking.commands.taking import TakePart, take_part
from backoffice_api.domain.banking.model.files import LineDraft, StatementDraft, StatementFormat
from backoffice_api.domain.banking.tables.matching import suggestions
from backoffice_api.domain.banking.tables.statements import statement_parts
from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel.database import Database, open_database
from backoffice_api.domain.kernel.ids import IdSource
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.domain.payables.model.bills import BillKind
from backoffice_api.domain.payables.tables.bills import bills
from backoffice_api.domain.purchasing.tables.suppliers import suppliers
from backoffice_api.tasks.banking import SuggestWork
from bench.databases import BACKENDS, CACHE, locked, shelf

SUPPLIERS = 2_000
FIRST = date(2025, 1, 1)

console = Console(highlight=False)


def _run(database: Database, handler: Any, command: Any) -> Any:
    now = datetime.now(UTC)
    return execute(database, handler, command, caller=THE_SYSTEM, now=now).value


def _row(table: Any, values: dict[str, Any]) -> dict[str, Any]:
    """A row of a table; what it must have and is not given is empty or nought."""
    now = datetime.now(UTC)
    row: dict[str, Any] = {}
    for column in table.columns:
        if column.name in values or column.nullable or column.computed is not None:
            continue
        kind = column.type.python_type
        row[column.name] = {
            int: 0,
            bool: False,
            datetime: now,
            date: FIRST,
        }.get(kind, "")
    return {**row, "version": 1, **values}


def _bills(database: Database, count: int, chance: random.Random) -> list[tuple[str, str, int]]:
    """Open bills. Number, supplier and amount of each."""
    new_id = IdSource()
    names = [f"{chance.choice('ABCDEFGH')}{place} Trading Ltd" for place in range(SUPPLIERS)]
    ids = [new_id() for _ in names]
    rows, told = [], []
    for place in range(count):
        supplier = chance.randrange(SUPPLIERS)
        number, minor = f"INV-{place + 10_000}", chance.randint(100, 5_000_000)
        values = {
            "id": new_id(),
            "supplier_id": ids[supplier],
            "kind": BillKind.BILL,
            "status": "approved",
            "match_status": "matched",
            "number": number,
            "number_key": number,
            "due_on": FIRST + timedelta(days=chance.randrange(360)),
            "currency": "EUR",
            "subtotal_minor": minor,
            "total_minor": minor,
            "created_by_kind": "system",
        }
        rows.append(_row(bills, values))
        told.append((number, names[supplier], minor))
    with database.writing.begin() as db:
        made = [
            _row(suppliers, {"id": id, "code": f"S{place}", "name": name, "currency": "EUR"})
            | {"status": "active", "over_receipt": _first(suppliers, "over_receipt")}
            for place, (id, name) in enumerate(zip(ids, names, strict=True))
        ]
        db.execute(suppliers.insert(), made)
        for start in range(0, count, 5_000):
            db.execute(bills.insert(), rows[start : start + 5_000])
    return told


def _first(table: Any, name: str) -> Any:
    """Any of the values that a column of choices may have."""
    return table.c[name].type.enums[0]


def _lines(
    database: Database, count: int, told: list[tuple[str, str, int]], chance: random.Random
) -> Any:
    """Lines of a statement on an account. Its id."""
    account = CreateBankAccount(name="Giro", opening=Money(0, "EUR"), opened_on=FIRST)
    account_id = _run(database, create_bank_account, account)
    drafts = []
    for place in range(count):
        number, name, minor = told[chance.randrange(len(told))]
        day = FIRST + timedelta(days=chance.randrange(360))
        match place % 3:
            case 0:
                text, party = f"Payment of {number} thank you", None
            case 1:
                text, party = f"Transfer {place}", name
            case _:
                text, party, minor = f"Card {place}", f"Somebody {place}", chance.randint(1, 99)
        drafts.append(LineDraft(day, None, -minor, text, party_name=party))
    draft = StatementDraft("", "EUR", "", None, None, None, None, tuple(drafts))
    command = ImportStatements(
        bank_account_id=account_id, format=StatementFormat.CSV, statements=(draft,)
    )
    (statement_id,) = _run(database, import_statements, command).statement_ids
    waiting = select(func.count()).select_from(statement_parts)
    while True:
        with database.reading.connect() as db:
            if not db.execute(waiting).scalar_one():
                return account_id
        _run(database, take_part, TakePart(statement_id=statement_id))


@contextmanager
def _empty(backend: str, folder: Path) -> Iterator[Database]:
    if backend == "sqlite":
        database = open_database(f"sqlite:///{folder}/reconciling.db")
        yield database
        database.dispose()
        return
    with (
        locked(CACHE),
        shelf(backend, CACHE, None) as kept,
        kept.copy("empty-reconciling", lambda _: None) as url,
    ):
        database = open_database(url)
        yield database
        database.dispose()


@click.command()
@click.option("--lines", default=10_000, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--items", default=100_000, show_default=True, type=click.IntRange(1, 300_000))
@click.option("--database", "backends", multiple=True, type=click.Choice(BACKENDS))
def main(lines: int, items: int, backends: tuple[str, ...]) -> None:
    """Look at so many LINES against so many open ITEMS, and say how long that took."""
    table = Table("Database", "Import s", "Suggest s", "CPU s", "Lines with one")
    for backend in backends or BACKENDS:
        with TemporaryDirectory() as folder, _empty(backend, Path(folder)) as database:
            with database.writing.begin() as db:
                metadata.create_all(db)
            chance = random.Random(7)
            told = _bills(database, items, chance)
            begun_s = time.perf_counter()
            account_id = _lines(database, lines, told, chance)
            taken_s = time.perf_counter() - begun_s
            begun_s, begun_cpu_s = time.perf_counter(), time.process_time()
            SuggestWork(database)(account_id, lambda *_: True)
            seconds = time.perf_counter() - begun_s
            cpu_s = time.process_time() - begun_cpu_s
            with database.reading.connect() as db:
                first = select(func.count()).where(suggestions.c.rank == 0)
                known = db.execute(first).scalar_one()
            table.add_row(backend, f"{taken_s:.1f}", f"{seconds:.1f}", f"{cpu_s:.1f}", f"{known:,}")
    console.print(table)


if __name__ == "__main__":
    main()
