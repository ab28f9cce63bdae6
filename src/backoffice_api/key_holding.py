"""Says now and then with which key this process seals, as long as it runs.

Keys come from settings, and a process that was started before they changed goes on sealing with the
key that was the newest then. A rotation must know of it, or the key would be taken away too early.
"""

import threading
from datetime import UTC, datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from backoffice_api.domain.kernel import sealed_rows
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.ids import IdSource

EVERY_S = sealed_rows.HELD_S / 4

log = structlog.get_logger("backoffice_api.key_holding")


class KeyHolding:
    """In a thread of its own, from `start` to `stop`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._id = IdSource()()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="key_holding", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Say that this process seals no more. Nothing may be sealed afterwards."""
        self._stopping.set()
        self._thread.join()

    def _work(self) -> None:
        while True:
            self._say(ends=False)
            if self._stopping.wait(EVERY_S):
                self._say(ends=True)
                return

    def _say(self, *, ends: bool) -> None:
        try:
            with self._database.writing.begin() as db:
                if ends:
                    sealed_rows.drop_holder(db, self._id)
                else:
                    sealed_rows.note_holder(db, self._id, datetime.now(UTC))
        except SQLAlchemyError as failure:
            # While the database is away nothing is sealed in it either.
            log.warning("key_holding.database_failed", error=str(failure))
