"""What can be asked about imports."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from backoffice_api.domain.integrations.model import ImportRun, ImportStatus, KnownDocument
from backoffice_api.domain.integrations.tables import import_documents, import_runs
from backoffice_api.domain.kernel.rows import fetch, one_per, select_as

runs_by_ids = one_per(ImportRun, import_runs, import_runs.c.id)


def running(
    db: Connection, source: str, fingerprint: str, *, for_update: bool = False
) -> ImportRun | None:
    """The run of this very file that is under way or was interrupted. None: there is none."""
    statement = select_as(ImportRun, import_runs).where(
        import_runs.c.source == source,
        import_runs.c.fingerprint == fingerprint,
        import_runs.c.status == ImportStatus.RUNNING,
    )
    if for_update:
        statement = statement.with_for_update()
    found = fetch(db, ImportRun, statement)
    return found[0] if found else None


def documents_by_keys(
    db: Connection, source: str, keys: Iterable[str]
) -> Mapping[str, KnownDocument]:
    """Those of the documents of a source that were imported, by their key."""
    statement = select_as(KnownDocument, import_documents).where(
        import_documents.c.source == source, import_documents.c.key.in_(tuple(keys))
    )
    return {each.key: each for each in fetch(db, KnownDocument, statement)}
