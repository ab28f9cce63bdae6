"""Handing invoices in at tax offices: noted, done outside of any transaction, settled.

It is safe to repeat from the start: an attempt has one key, and the office does it once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from backoffice_api.adapters.fiscal_fake import FakeAuthority
from backoffice_api.domain.execute import execute
from backoffice_api.domain.invoicing import queries
from backoffice_api.domain.invoicing.commands.fiscal import (
    SUBMIT_JOB,
    BeginSubmission,
    SettleSubmission,
    begin_submission,
    settle_submission,
)
from backoffice_api.domain.invoicing.ports import FiscalAnswer, FiscalAuthority, FiscalSubmission
from backoffice_api.domain.invoicing.queries.sheets import invoice_sheet
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Meta
from backoffice_api.settings import Settings
from backoffice_api.task import Progress, Task


@dataclass(frozen=True, slots=True)
class Submitting:
    """Hands fiscal documents in. `authorities`: by the name that sellers give."""

    database: Database
    authorities: Mapping[str, FiscalAuthority] = field(default_factory=dict)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def __call__(self, id: UUID) -> None:
        """Hand one in, unless that is over.

        Raises:
            OfficeSilent: the office does not say; the job is tried again.
        """
        if not self._run(begin_submission, BeginSubmission(id=id), id):
            return
        with self.database.fresh.connect() as db:
            document = queries.fiscal_document(db, id)
            sheet = invoice_sheet(db, document.invoice_id)
        assert sheet is not None, "a fiscal document is of an invoice"
        key = f"{ids.text('fis', id)}-{document.attempt}"
        answer = self._submitted(document.provider, FiscalSubmission(key, sheet))
        command = SettleSubmission(
            id=id,
            is_authorised=answer.is_authorised,
            reference=answer.reference,
            message=answer.message,
        )
        self._run(settle_submission, command, id)

    def _submitted(self, provider: str, submission: FiscalSubmission) -> FiscalAnswer:
        authority = self.authorities.get(provider)
        if authority is None:
            words = f"Nobody here speaks with {provider!r}."
            return FiscalAnswer(is_authorised=False, reference=None, message=words)
        return authority.submit(submission)

    def _run(self, handler: Any, command: Any, id: UUID) -> Any:
        meta = Meta(request_id=ids.text("fis", id))
        return execute(
            self.database, handler, command, caller=THE_SYSTEM, now=self.now(), meta=meta
        ).value


def fiscal_tasks(settings: Settings, database: Database) -> Mapping[str, Task]:
    """What a worker does for fiscal documents, by the kind of the job."""
    # The made-up office authorises whatever it is given: never where that would count.
    in_development = settings.environment == "development"
    authorities = {"fake": FakeAuthority()} if in_development else {}
    submitting = Submitting(database, authorities)

    def work(payload: Mapping[str, Any], progress: Progress) -> bool:
        submitting(ids.parse("fis", payload["id"]))
        return False

    return {SUBMIT_JOB: Task(work)}
