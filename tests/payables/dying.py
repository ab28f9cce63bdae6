"""Somebody exports a payment run and a worker keeps its file, in a process that a test kills.

What is kept stands for the file: it is made of what the file would say.
"""

from hashlib import sha256
from uuid import UUID

from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel.database import open_database
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.domain.payables.commands.exporting import (
    ExportPaymentRun,
    KeepPaymentFile,
    content_of,
    export_payment_run,
    keep_payment_file,
)
from tests.world import NOW


def export_and_keep(url: str, run: str) -> None:
    """What the person and the worker do, one after the other."""
    database = open_database(url)
    id = UUID(run)
    export = ExportPaymentRun(id=id)
    execute(database, export_payment_run, export, caller=THE_SYSTEM, now=NOW)
    with database.fresh.connect() as db:
        content = content_of(db, id)
    if content is not None:
        written = repr(content).encode()
        keep = KeepPaymentFile(id=id, sha256=sha256(written).hexdigest(), content=written)
        execute(database, keep_payment_file, keep, caller=THE_SYSTEM, now=NOW)
    database.dispose()
