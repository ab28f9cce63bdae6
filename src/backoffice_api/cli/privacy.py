"""The commands `backoffice privacy …`: what an operator does for the sake of persons."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import IO

import click
import orjson

from backoffice_api.cli.imports import console, database_option, opened
from backoffice_api.domain.customers.model import UnknownCustomer
from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Meta
from backoffice_api.domain.privacy import queries
from backoffice_api.domain.privacy.commands.erasing import EraseCustomer, erase_customer
from backoffice_api.tasks.privacy import LogInUseError, empty_log, vacuum

# Who a round of erasures after a restored backup is by, in the log.
REAPPLIED = "privacy-reapply"


@click.group("privacy")
def privacy_group() -> None:
    """Erasures after a backup was restored, and space that erased values still lie in."""


@privacy_group.command("list")
@database_option
def list_command(database_url: str | None) -> None:
    """Print who was erased, a line of JSON each. Keep it apart from the backups.

    \b
    backoffice privacy list > erased.jsonl
    """

    with opened(database_url) as (database, _):
        for line in erased(database):
            click.echo(line)


@privacy_group.command("reapply")
@click.argument("file", type=click.File("rb"))
@database_option
def reapply_command(file: IO[bytes], database_url: str | None) -> None:
    """Erase again whom FILE names, as `list` has written it: after a backup was restored.

    Safe to repeat. Who is not in the database is passed over.

    \b
    backoffice privacy reapply erased.jsonl
    """

    with opened(database_url) as (database, _):
        done, unknown = reapply(database, file)
    console.print(f"{done} erased again, {unknown} not there.")


@privacy_group.command("purge")
@database_option
def purge_command(database_url: str | None) -> None:
    """Give back the space in which values lay that were erased, so that no file holds them.

    The worker does so after each erasure. This is for files that were written by a SQLite that
    does not overwrite what it deletes: the file is written anew, which takes as much room again,
    and nobody can write meanwhile. On PostgreSQL the tables are vacuumed; the log of the server
    and its backups go by themselves.

    \b
    backoffice privacy purge
    """

    with opened(database_url) as (database, _):
        try:
            purge(database)
        except LogInUseError as refusal:
            raise click.ClickException(
                f"{refusal} Its file is written anew; run this once more for the log."
            ) from None
    console.print("No space that was given up holds what was in it.")


def erased(database: Database) -> Iterator[bytes]:
    """Who was erased, oldest first: a line of JSON each."""
    with database.reading.connect() as db:
        for id, moment in queries.erased_customers(db):
            yield orjson.dumps({"customer": ids.text("cus", id), "erasedAt": moment.isoformat()})


def reapply(database: Database, lines: Iterable[bytes]) -> tuple[int, int]:
    """Erase again whom these lines name. How many were, and how many are not there."""
    done = unknown = 0
    for line in lines:
        if not line.strip():
            continue
        command = EraseCustomer(customer_id=ids.parse("cus", orjson.loads(line)["customer"]))
        meta, now = Meta(request_id=REAPPLIED), datetime.now(UTC)
        try:
            execute(database, erase_customer, command, caller=THE_SYSTEM, now=now, meta=meta)
        except UnknownCustomer:
            unknown += 1
        else:
            done += 1
    return done, unknown


def purge(database: Database) -> None:
    """Overwrite or drop whatever the database has deleted and not yet forgotten.

    Raises:
        LogInUseError: somebody reads what lies in the log of SQLite; all else is done.
    """
    if database.dialect == "postgresql":
        vacuum(database)
        return
    with database.writing.connect() as db:
        driver = db.connection.driver_connection
        assert driver is not None, "it is connected"
        driver.deadline = float("inf")
        # The search keeps words of rows that are gone, until it is made anew.
        driver.execute("INSERT INTO search_fts(search_fts) VALUES ('rebuild')")
        driver.execute("VACUUM")
        empty_log(driver)
