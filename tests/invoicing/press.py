"""What draws and keeps documents, for tests."""

import io
from pathlib import Path
from typing import Any
from uuid import UUID

from pypdf import PdfReader

from backoffice_api.adapters.label_storage import LabelFiles
from backoffice_api.adapters.storage import LocalFolder
from backoffice_api.domain.invoicing import queries
from backoffice_api.domain.invoicing.commands.documents import RenderDocument, render_document
from backoffice_api.domain.invoicing.model.documents import Document, DocumentKind
from backoffice_api.tasks.documents import Drawing
from tests.invoicing.office import InvoiceOffice
from tests.world import NOW


class Press:
    """What draws and keeps documents."""

    def __init__(self, office: InvoiceOffice, folder: Path, **values: Any) -> None:
        self.office = office
        self.storage = LocalFolder(folder)
        self.drawing = Drawing(
            office.world.database, self.storage, LabelFiles(self.storage), lambda: NOW, **values
        )

    def ask(self, kind: DocumentKind, prefix: str, id: UUID, **values: Any) -> UUID:
        command = RenderDocument(kind=kind, subject=(prefix, id), **values)
        asked: UUID = self.office.world.run(render_document, command).value
        return asked

    def document(self, id: UUID) -> Document:
        found: Document = self.office.world.read(queries.documents_by_ids, [id])[id]
        return found

    def drawn(self, id: UUID) -> bytes:
        self.drawing(id)
        with self.storage.local(self.document(id).key) as path:
            return path.read_bytes()

    def text(self, id: UUID) -> list[str]:
        """The text of each page."""
        return [page.extract_text() for page in PdfReader(io.BytesIO(self.drawn(id))).pages]
