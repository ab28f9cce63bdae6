"""Exports of the log over HTTP: `GET /audit-exports/TOKEN`, signed and good for a while."""

from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.audit import queries
from backoffice_api.domain.audit.model.exports import LINK_KEY, AuditExportStatus, read_link
from backoffice_api.domain.invoicing.model.documents import LinkNotGood
from backoffice_api.domain.kernel import ids, keys
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.schema.audit import PATH
from backoffice_api.web.documents import Documents

_TOKEN_LENGTH_MAX = 100


@dataclass(frozen=True, slots=True)
class _File:
    """A file as it is sent."""

    key: str
    name: str
    size_bytes: int
    id: UUID
    media_type: str = "application/jsonl"


class AuditExports(Documents):
    """The route."""

    path = PATH

    def _about(self, found: _File) -> str:
        return ids.text("aux", found.id)

    def _find(self, token: str) -> _File:  # type: ignore[override]
        """The file that a token names. Raises: LinkNotGood. It only reads."""
        with self._database.fresh.connect() as db:
            key = keys.known_key(db, LINK_KEY)
            if key is None or len(token) > _TOKEN_LENGTH_MAX:
                raise LinkNotGood
            id = read_link(key, Secret(token), self._now())
            found = None if id is None else queries.exports_by_ids(db, [id]).get(id)
        if found is None or found.status is not AuditExportStatus.READY:
            raise LinkNotGood
        if found.file is None or found.file_bytes is None:
            raise LinkNotGood
        name = f"{ids.text('aux', found.id)}.jsonl"
        return _File(found.file, name, found.file_bytes, found.id)
