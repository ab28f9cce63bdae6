"""Exports of persons over HTTP: `GET /person-exports/TOKEN`, signed and good for a while.

As addresses of documents are: the token names the export, its format and the moment until which
it is good, so that nothing has to be kept for it.
"""

import hmac
from base64 import b64decode
from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.invoicing.model.documents import LinkNotGood
from backoffice_api.domain.kernel import ids, keys
from backoffice_api.domain.privacy import queries
from backoffice_api.domain.privacy.model.exports import (
    ExportFormat,
    PersonExportStatus,
    link_key,
    signature,
)
from backoffice_api.schema.privacy_exports import PATH
from backoffice_api.web.documents import Documents

# 16 bytes of id, 5 of the moment, 32 of the signature, in base64 without its padding.
_TOKEN_LENGTH = 71
_ID_BYTES, _MOMENT_BYTES, _SIGNATURE_BYTES = 16, 5, 32

_MEDIA_TYPES = {ExportFormat.JSON: "application/json", ExportFormat.PDF: "application/pdf"}


@dataclass(frozen=True, slots=True)
class _File:
    """A file as it is sent."""

    key: str
    name: str
    size_bytes: int
    media_type: str
    customer_id: UUID


class PersonExports(Documents):
    """The route."""

    path = PATH

    def _about(self, found: _File) -> str:
        return ids.text("cus", found.customer_id)

    def _find(self, token: str) -> _File:  # type: ignore[override]
        """The file that a token names. Raises: LinkNotGood. It only reads."""
        if len(token) != _TOKEN_LENGTH or not token.isascii():
            raise LinkNotGood
        try:
            content = b64decode(f"{token}=", altchars=b"-_", validate=True)
        except ValueError:
            raise LinkNotGood from None
        if len(content) != _ID_BYTES + _MOMENT_BYTES + _SIGNATURE_BYTES:
            raise LinkNotGood
        id = UUID(bytes=content[:_ID_BYTES])
        expires = int.from_bytes(content[_ID_BYTES : _ID_BYTES + _MOMENT_BYTES], "big")
        given = content[_ID_BYTES + _MOMENT_BYTES :]
        with self._database.fresh.connect() as db:
            signed = {format: keys.known_key(db, link_key(format)) for format in ExportFormat}
            found = queries.person_exports_by_ids(db, [id]).get(id)
        formats = [
            format
            for format, key in signed.items()
            if key is not None and hmac.compare_digest(given, signature(key, id, expires))
        ]
        is_late = self._now().timestamp() >= expires
        if not formats or is_late or found is None or found.status is not PersonExportStatus.READY:
            raise LinkNotGood
        (format,) = formats
        is_json = format is ExportFormat.JSON
        key, size = (
            (found.json_file, found.json_bytes) if is_json else (found.pdf_file, found.pdf_bytes)
        )
        if key is None or size is None:
            raise LinkNotGood
        name = f"{ids.text('pvx', id)}.{format.value}"
        return _File(key, name, size, _MEDIA_TYPES[format], found.customer_id)
