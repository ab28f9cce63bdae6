"""Suggestions for the lines of a bank account: found outside any transaction, kept in small ones.

All that is open is read once and laid out by its keys; then the lines are looked at, some hundred
at a time, and what was found is written before the next ones. Nobody waits for a lock meanwhile.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from backoffice_api.domain.banking import queries
from backoffice_api.domain.banking.commands.documents import open_documents
from backoffice_api.domain.banking.commands.learning import lessons_for
from backoffice_api.domain.banking.commands.suggesting import (
    BATCH,
    SUGGEST_JOB,
    Found,
    KeepSuggestions,
    keep_suggestions,
)
from backoffice_api.domain.banking.model.suggestions import Index, suggest
from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Meta
from backoffice_api.task import Progress, Task


class SuggestWork:
    """Looks at the lines of an account that wait."""

    def __init__(
        self,
        database: Database,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._now = now

    def __call__(self, account_id: UUID, progress: Progress) -> bool:
        """Look at the lines of an account that wait. False: nothing is left to be done."""
        with self._database.fresh.connect() as db:
            account = queries.accounts_by_ids(db, [account_id]).get(account_id)
            if account is None or account.is_archived:
                return False
            items = open_documents(db, account.currency)
            rules = queries.active_rules(db, account.currency)
        index = Index(items, rules)
        done, after = 0, None
        while True:
            count, after = self._batch(account_id, index, after)
            done += count
            if count < BATCH or not progress(done, None):
                return False

    def _batch(
        self, account_id: UUID, index: Index, after: tuple[date, UUID] | None
    ) -> tuple[int, tuple[date, UUID] | None]:
        """Look at some lines. How many there were, and the last one of them."""
        with self._database.fresh.connect() as db:
            lines = queries.waiting_lines(db, account_id, after, BATCH)
            index.lessons = lessons_for(db, lines)
        if not lines:
            return 0, after
        found = tuple(Found(line, tuple(suggest(line, index))) for line in lines)
        execute(
            self._database,
            keep_suggestions,
            KeepSuggestions(found=found),
            caller=THE_SYSTEM,
            now=self._now(),
            meta=Meta(request_id=SUGGEST_JOB),
        )
        return len(lines), (lines[-1].booked_on, lines[-1].id)


def banking_tasks(database: Database) -> Mapping[str, Task]:
    """What a worker does for bank accounts, by the kind of the job."""
    work = SuggestWork(database)

    def run(payload: Mapping[str, Any], progress: Progress) -> bool:
        return work(UUID(payload["bank_account_id"]), progress)

    return {SUGGEST_JOB: Task(run)}
