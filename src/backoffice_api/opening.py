"""Opens the database that the settings name, if this program can work on it."""

from contextlib import ExitStack

from backoffice_api.domain.kernel.database import Database, open_database
from backoffice_api.encryption_keys import use_keys
from backoffice_api.migrate import Behind, behind
from backoffice_api.settings import Settings


class DatabaseBehindError(Exception):
    """The database lacks migrations; the message says what to run."""

    def __init__(self, behind: Behind) -> None:
        super().__init__(str(behind))


def open_from(settings: Settings) -> Database:
    """The database that the settings name."""
    return open_database(
        settings.database_url,
        reading_url=settings.reading_url,
        pool_size=settings.pool_size,
        prepared_statements=settings.prepared_statements,
        statement_timeout_s=settings.statement_timeout_s,
        lock_timeout_s=settings.lock_timeout_s,
        connect_timeout_s=settings.connect_timeout_s,
        pool_timeout_s=settings.pool_timeout_s,
    )


def open_migrated(settings: Settings) -> Database:
    """The same, if it has all the tables that this program relies on, and can be read.

    Raises:
        DatabaseBehindError: it lacks migrations.
        KeysError: there are no keys to seal values at rest with, or not those it was sealed with.
    """
    database = open_from(settings)
    with ExitStack() as fault:
        fault.callback(database.dispose)
        if lacking := behind(database.writing):
            raise DatabaseBehindError(lacking)
        use_keys(settings, database)
        fault.pop_all()
    return database
