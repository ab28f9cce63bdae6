"""What one worker opens by rules, which ends after that; it is killed in the middle of it."""

from datetime import UTC, datetime

from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel.database import open_database
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.domain.tickets.commands.watching import OpenOfEvents, open_of_events

NOW = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)


def follow(url: str) -> None:
    """Look at the next events once."""
    database = open_database(url)
    execute(database, open_of_events, OpenOfEvents(), caller=THE_SYSTEM, now=NOW)
    database.dispose()
