"""Drawing documents: read what they say, draw it outside of any transaction, note the file.

It is safe to repeat from the start, wherever it ended: a file lies under the hash of its content,
and a document that is noted already is noted once.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import msgspec
import orjson
from sqlalchemy import Connection

from backoffice_api.adapters.drawing.process import DrawingError, draw
from backoffice_api.adapters.label_storage import LabelFiles
from backoffice_api.adapters.storage import LocalFolder, Storage
from backoffice_api.domain.execute import execute
from backoffice_api.domain.fulfillment.queries import fulfillments_by_ids
from backoffice_api.domain.invoicing import queries
from backoffice_api.domain.invoicing.commands.documents import (
    RENDER_JOB,
    FailDocument,
    FinishDocument,
    fail_document,
    finish_document,
)
from backoffice_api.domain.invoicing.model.documents import (
    PDF,
    XML,
    XML_KINDS,
    ZPL,
    Document,
    DocumentKind,
    DocumentStatus,
)
from backoffice_api.domain.invoicing.queries.sheets import sheets_of
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Meta
from backoffice_api.domain.shipping import queries as shipping
from backoffice_api.domain.shipping.model.shipments import WITH_LABEL, LabelFormat
from backoffice_api.domain.shipping.ports import LabelStorage
from backoffice_api.dotenv import SettingsError
from backoffice_api.settings import Settings
from backoffice_api.task import Progress, Task

# A page takes some milliseconds; what takes longer than this will never end. Below the lease of
# a job, so that nobody else takes it up meanwhile.
DRAWING_TIME_S = 50.0
# Of all labels of a stream together, which are held in memory several times over.
LABELS_BYTES_MAX = 100_000_000
_PAGE = re.compile(rb"/Type\s*/Page[^s]")

# The module of `adapters.drawing` that draws a kind. All others are papers.
_MODULES = {
    DocumentKind.UBL: "ubl",
    DocumentKind.CII: "cii",
    DocumentKind.FACTUR_X: "factur_x",
    DocumentKind.NFE: "nfe",
}

Sheets = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Draws documents and notes them."""

    database: Database
    storage: Storage
    labels: LabelStorage
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    # What signs NF-e, by the CNPJ of the seller.
    certificates: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)

    def __call__(self, id: UUID) -> None:
        """Draw one document, unless it is drawn already. What can never be drawn is given up."""
        with self.database.fresh.connect() as db:
            document = queries.document(db, id)
            if document.status is not DocumentStatus.QUEUED:
                return
            read = labels_of if document.is_of_labels else sheets_of
            sheets: Sheets = read(db, document)
        name = _name(document, sheets)
        try:
            if document.is_of_labels:
                content = self._labels(document, sheets)
            else:
                content = self._drawn(document.kind, sheets, name)
        except DrawingError as fault:
            self._run(fail_document, FailDocument(id=id, error=str(fault)), id)
            return
        digest = sha256(content).hexdigest()
        with self.storage.writing(digest) as writing:
            writing.write(content)
        media_type = XML if document.kind in XML_KINDS else document.media_type or PDF
        command = FinishDocument(
            id=id,
            name=name,
            media_type=media_type,
            size_bytes=len(content),
            pages=len(_PAGE.findall(content)) if media_type == PDF else None,
            sha256=digest,
            input_sha256=sha256(orjson.dumps(sheets, option=orjson.OPT_SORT_KEYS)).hexdigest(),
        )
        self._run(finish_document, command, id)

    def _labels(self, document: Document, sheets: Sheets) -> bytes:
        """Raises: DrawingError: a label is not there, or all of them are too large."""
        if lacking := [sheet["number"] for sheet in sheets if sheet["key"] is None]:
            raise DrawingError(f"Without such a label: {', '.join(lacking)}")
        there, size = list[bytes](), 0
        for sheet in sheets:
            content = self.labels.read(sheet["key"])
            if content is None:
                raise DrawingError("The file of a label was removed.")
            there.append(content)
            size += len(content)
            if size > LABELS_BYTES_MAX:
                raise DrawingError("These labels are too large for one file: print them in parts.")
        if document.media_type == ZPL:
            return b"\n".join(there)
        given = [
            {"number": sheet["number"], "file": b64encode(content).decode()}
            for sheet, content in zip(sheets, there, strict=True)
        ]
        return draw("labels", given, "labels", timeout_s=DRAWING_TIME_S)

    def _drawn(self, kind: DocumentKind, sheets: Sheets, name: str) -> bytes:
        if not sheets:
            raise DrawingError("There is nothing to draw any more.")
        module = _MODULES.get(kind, "paper")
        signs = kind is DocumentKind.NFE and self.certificates
        secrets = {"certificates": self.certificates} if signs else None
        return draw(module, sheets, name, timeout_s=DRAWING_TIME_S, secrets=secrets)

    def _run(self, handler: Any, command: Any, id: UUID) -> None:
        meta = Meta(request_id=ids.text("doc", id))
        execute(self.database, handler, command, caller=THE_SYSTEM, now=self.now(), meta=meta)


def document_storage(settings: Settings) -> Storage:
    """Where the settings say that documents are kept."""
    return LocalFolder(Path(settings.files_folder) / "documents")


def labels_of(db: Connection, document: Document) -> Sheets:
    """The labels of the fulfillments that a document is of, in its order.

    `key` None: a fulfillment has no label in this format. Three statements.
    """
    ids = [part.subject_id for part in document.all_parts]
    numbers = fulfillments_by_ids(db, ids)
    found = shipping.shipments_by_fulfillments(db, ids)
    sold = {each.id: each for of in found.values() for each in of if each.status in WITH_LABEL}
    labels = shipping.labels_by_shipments(db, sold)
    format = LabelFormat.ZPL if document.media_type == ZPL else LabelFormat.PDF
    sheets: list[Mapping[str, Any]] = []
    for id in ids:
        mine = [
            {"number": each.number, "key": label.key, "sha256": label.sha256}
            for each in found.get(id, ())
            if each.id in sold
            for label in labels.get(each.id, ())
            if label.purchase_key == each.purchase_key and label.format is format
        ]
        sheets += mine or [{"number": numbers[id].number, "key": None}]
    return sheets


def certificates_from(settings: Settings) -> Mapping[str, Mapping[str, str]]:
    """What signs NF-e, by the CNPJ of the seller: `pfx` in Base64 and `password`.

    Raises:
        SettingsError: the setting is no such JSON.
    """
    try:
        found: Mapping[str, Mapping[str, str]] = msgspec.json.decode(
            settings.nfe_secret or "{}", type=dict[str, dict[Literal["pfx", "password"], str]]
        )
    except msgspec.DecodeError:
        said = 'BACKOFFICE_NFE_SECRET must be JSON: {"CNPJ": {"pfx": "...", "password": "..."}}.'
        raise SettingsError((said,)) from None
    return found


def document_tasks(settings: Settings, database: Database) -> Mapping[str, Task]:
    """What a worker does for documents, by the kind of the job."""
    labels = LabelFiles(LocalFolder(Path(settings.files_folder) / "labels"))
    drawing = Drawing(
        database, document_storage(settings), labels, certificates=certificates_from(settings)
    )

    def work(payload: Mapping[str, Any], progress: Progress) -> bool:
        drawing(ids.parse("doc", payload["id"]))
        return False

    return {RENDER_JOB: Task(work)}


def _name(document: Document, sheets: Sheets) -> str:
    ending = "xml" if document.kind in XML_KINDS else "pdf"
    if document.media_type == ZPL:
        ending = "zpl"
    number = sheets[0]["number"] if len(sheets) == 1 else ids.text("doc", document.id)
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", number)
    return f"{document.kind.value}-{plain}.{ending}"
