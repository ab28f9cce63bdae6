"""Bring a database to the revision that this program was written for.

A database without tables is given those of the program at once (ADR 0040), one with tables goes
from revision to revision. Either runs in one transaction on both databases, so that one that is
killed leaves nothing half done. Two at once wait for each other: on SQLite by its one write lock,
which is taken before the present revision is read, on PostgreSQL by an advisory lock.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event, inspect, text

from backoffice_api.domain.all_tables import metadata
from backoffice_api.domain.kernel.database import open_database
from backoffice_api.domain.kernel.statistics import refresh_statistics

# How long a second migration waits for the first.
_OTHER_MIGRATION_TIMEOUT_S = 600
# How long a migration waits for a table that the shop uses. All who come later queue behind it,
# so that it is better to give up, change nothing and be run again.
_TABLE_LOCK_TIMEOUT_S = 10
_REVISION = re.compile(r"""^(revision|down_revision) = (None|"[^"]+"|'[^']+')""", re.MULTILINE)
_ADVISORY_LOCK = 0x6261636B6F6666  # "backoff", to be told from the locks of others


@dataclass(frozen=True, slots=True)
class Behind:
    """The database lacks migrations that this program relies on."""

    current: str | None
    """Revision of the database; None when it was never migrated."""
    needed: str

    def __str__(self) -> str:
        present = f"is at revision {self.current}, not" if self.current else "is empty, not at"
        return f"The database {present} {self.needed}. Run: backoffice migrate"


def migrate(
    url: str, revision: str = "head", *, down: bool = False, folder: Path | None = None
) -> str | None:
    """Migrate the database at `url` up to `revision`, or `down` to it, and return where it is then.

    Nothing has changed when it fails. None is returned for a database taken down to "base".

    Args:
        folder: where the migrations lie; None takes the program's own.

    Raises:
        DatabaseUrlError: as `open_database`.
        sqlalchemy.exc.DBAPIError: the database cannot be reached, or a table was in use for longer
            than ten seconds, or another migration ran for longer than ten minutes.
        alembic.util.CommandError: there is no such revision, or the database is at one that this
            program does not know.
    """
    # Imported where something is migrated: 10 MB and half a second that no server needs.
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    location = str(folder or locate_migrations())
    config.set_main_option("script_location", location.replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with migrating(url) as connection:
        is_own = folder is None and revision == "head" and not down
        if is_own and not inspect(connection).get_table_names():
            metadata.create_all(connection)
            script = ScriptDirectory.from_config(config)
            MigrationContext.configure(connection).stamp(script, "head")
        else:
            config.attributes["connection"] = connection
            run = command.downgrade if down else command.upgrade
            run(config, revision)
        refresh_statistics(connection, metadata)
        connection.commit()
        return _current(connection)


@contextmanager
def migrating(url: str) -> Iterator[Connection]:
    """The connection on which migrations run; on PostgreSQL nobody else has one meanwhile."""
    database = open_database(
        url, statement_timeout_s=0, lock_timeout_s=_OTHER_MIGRATION_TIMEOUT_S, pool_size=1
    )
    if database.dialect == "sqlite":
        event.listen(database.writing, "connect", _allow_tables_to_be_rebuilt)
    try:
        with database.writing.connect() as connection:
            if database.dialect == "postgresql":
                _await_others(connection)
            yield connection
    finally:
        database.dispose()


def behind(engine: Engine, *, folder: Path | None = None) -> Behind | None:
    """What the database lacks; None when this program can work on it.

    It can on a database that is ahead as well: the next version of the program only adds to what
    this one uses, so that both may run while one replaces the other.
    """
    before = _revisions(folder or locate_migrations())
    needed = next((each for each in before if each not in before.values()), None)
    with engine.connect() as connection:
        current = _current(connection)
    if needed is None or current == needed or (current is not None and current not in before):
        return None
    return Behind(current, needed)


def locate_migrations() -> Path:
    """The folder of migrations: inside the installed package, or beside `src` in its repository.

    Raises:
        FileNotFoundError: it is in neither place, so that the installation is broken.
    """
    package = Path(__file__).parent
    for folder in (package / "migrations", package.parents[1] / "migrations"):
        if (folder / "env.py").is_file():
            return folder
    raise FileNotFoundError(f"There are no migrations in {package}, nor beside its source.")


def _revisions(folder: Path) -> Mapping[str, str]:
    """Each revision with the one before it, as the migrations say in their first lines."""
    found = {}
    for file in sorted((folder / "versions").glob("*.py")):
        said = dict(_REVISION.findall(file.read_text(encoding="utf-8")))
        found[said["revision"].strip("\"'")] = said["down_revision"].strip("\"'")
    return found


def _current(connection: Connection) -> str | None:
    """The revision of the database, which alembic keeps in the one row of its table."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _allow_tables_to_be_rebuilt(connection: Any, _record: object) -> None:
    # SQLite changes a table by copying it and dropping the old one; with foreign keys on, that
    # would take the rows that refer to it along. They are checked before the commit instead.
    # Not in `connect` of the engine: the setting is ignored once a transaction has begun.
    connection.execute("PRAGMA foreign_keys=OFF")
    # Else the copy could not take the name of the old one while triggers of other tables look it
    # up: sqlite.org/lang_altertable.html#altertabrename.
    connection.execute("PRAGMA legacy_alter_table=ON")


def _await_others(connection: Connection) -> None:
    connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _ADVISORY_LOCK})
    connection.exec_driver_sql(f"SET lock_timeout = '{_TABLE_LOCK_TIMEOUT_S}s'")
    connection.commit()
