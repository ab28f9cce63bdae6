"""What a worker does for payables: the files of payment runs.

It is safe to repeat from the start, wherever it ended: the same run always comes to the same
bytes, and one file of it is kept.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from backoffice_api.adapters.payment_files import cnab240, sepa
from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Meta
from backoffice_api.domain.payables.commands.exporting import (
    WRITE_FILE_JOB,
    KeepPaymentFile,
    content_of,
    keep_payment_file,
)
from backoffice_api.domain.payables.model.payment_files import FileFormat, PaymentFileContent
from backoffice_api.task import Progress, Task

_WRITERS: Mapping[FileFormat, Callable[[PaymentFileContent], bytes]] = {
    FileFormat.PAIN_001_03: sepa.write,
    FileFormat.PAIN_001_09: sepa.write,
    FileFormat.CNAB_240: cnab240.write,
}


@dataclass(frozen=True, slots=True)
class FileWriting:
    """Writes the files of exported runs."""

    database: Database
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def __call__(self, run_id: UUID) -> None:
        """Write the file of a run, unless it is kept already."""
        with self.database.fresh.connect() as db:
            content = content_of(db, run_id)
        if content is None:
            return
        written = _WRITERS[content.format](content)
        command = KeepPaymentFile(id=run_id, sha256=sha256(written).hexdigest(), content=written)
        meta = Meta(request_id=ids.text("prn", run_id))
        execute(
            self.database, keep_payment_file, command, caller=THE_SYSTEM, now=self.now(), meta=meta
        )


def payable_tasks(database: Database) -> Mapping[str, Task]:
    """What a worker does for payables, by the kind of the job."""
    writing = FileWriting(database)

    def work(payload: Mapping[str, Any], progress: Progress) -> bool:
        writing(ids.parse("prn", payload["id"]))
        return False

    return {WRITE_FILE_JOB: Task(work)}
