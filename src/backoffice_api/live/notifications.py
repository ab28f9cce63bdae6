"""Tells the other processes on PostgreSQL that there is news, and hears of theirs.

Not in the transaction that writes: PostgreSQL lets transactions with notifications commit one
after the other, whatever they have written. So a thread of its own notifies after the commits,
once for all of the same moment. A notification that is lost costs half a second at most: whoever
waits looks by himself, too.
"""

import asyncio
import threading
from collections.abc import Callable

import structlog
from psycopg import AsyncConnection, Error
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from backoffice_api.domain.kernel import bell
from backoffice_api.domain.kernel.database import Database

CHANNEL = "backoffice_news"
GATHER_S = 0.02
AGAIN_S = 5.0

logger = structlog.get_logger("backoffice_api.live")


class Notifications:
    """Hears what other processes notify, on a connection of its own."""

    def __init__(self, database: Database) -> None:
        url = database.writing.url.set(drivername="postgresql")
        self._conninfo = url.render_as_string(hide_password=False)

    async def hear(self, tell: Callable[[], object]) -> None:
        """Call `tell` at each notification, until cancelled. A lost connection is made anew."""
        while True:
            try:
                connection = await AsyncConnection.connect(
                    self._conninfo, autocommit=True, application_name="backoffice-listening"
                )
                async with connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    tell()  # what was notified before that
                    async for _ in connection.notifies():
                        tell()
            except (Error, OSError) as failure:
                logger.warning("live.not_listening", error=str(failure))
            await asyncio.sleep(AGAIN_S)


class Notifier:
    """Notifies other processes of the commits of this one, in a thread of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rung = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="notifier", daemon=True)

    def start(self) -> None:
        """Begin, where there are others who can hear it: on PostgreSQL."""
        if self._database.dialect == "postgresql":
            self._unlisten = bell.listen(self._database, self._rung.set)
            self._thread.start()

    def stop(self) -> None:
        """Notify no longer."""
        if self._thread.is_alive():
            self._unlisten()
            self._stopping.set()
            self._rung.set()
            self._thread.join()

    def _work(self) -> None:
        while True:
            self._rung.wait()
            if self._stopping.wait(GATHER_S):
                return
            self._rung.clear()
            if self._stopping.is_set():  # since then: it was its ring that was cleared
                return
            try:
                with self._database.writing.begin() as db:
                    db.execute(text(f"NOTIFY {CHANNEL}"))
            except SQLAlchemyError as failure:
                logger.warning("live.not_notified", error=str(failure))
