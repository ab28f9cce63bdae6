"""What can be asked about imports."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Select

from backoffice_api.domain.integrations.model import ImportRun, ImportStatus, KnownDocument
from backoffice_api.domain.integrations.tables import import_documents, import_runs
from backoffice_api.domain.kernel.rows import fetch, one_per, select_as

runs_by_ids = one_per(ImportRun, import_runs, import_runs.c.id)


def running(db: Connection, source: str, fingerprint: str) -> ImportRun | None:
    """The run of this very file that is under way or was interrupted. None: there is none."""
    return _first(
        db, _of_file(source, fingerprint).where(import_runs.c.status == ImportStatus.RUNNING)
    )


def locked_run(db: Connection, source: str, fingerprint: str) -> ImportRun | None:
    """The newest run of this very file, which nobody else goes on with until the transaction ends.

    One that is running is the newest, since no other one is begun beside it.
    """
    newest = import_runs.c.created_at.desc(), import_runs.c.id.desc()
    statement = _of_file(source, fingerprint).order_by(*newest).limit(1)
    return _first(db, statement.with_for_update())


def documents_by_keys(
    db: Connection, source: str, keys: Iterable[str]
) -> Mapping[str, KnownDocument]:
    """Those of the documents of a source that were imported, by their key."""
    statement = select_as(KnownDocument, import_documents).where(
        import_documents.c.source == source, import_documents.c.key.in_(tuple(keys))
    )
    return {each.key: each for each in fetch(db, KnownDocument, statement)}


def _of_file(source: str, fingerprint: str) -> Select[Any]:
    return select_as(ImportRun, import_runs).where(
        import_runs.c.source == source, import_runs.c.fingerprint == fingerprint
    )


def _first(db: Connection, statement: Select[Any]) -> ImportRun | None:
    return next(iter(fetch(db, ImportRun, statement)), None)
