"""Puts labels that carriers sold into one PDF, in the order given."""

import io
from base64 import b64decode
from collections.abc import Sequence

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError

from backoffice_api.adapters.drawing.pipe import Refused, Sheet, answer


def draw(sheets: Sequence[Sheet], title: str) -> bytes:
    """One PDF of all their pages.

    Raises:
        Refused: one of them is no PDF that can be read.
    """
    writer = PdfWriter()
    for sheet in sheets:
        try:
            writer.append(PdfReader(io.BytesIO(b64decode(sheet["file"]))), import_outline=False)
        except PyPdfError as fault:
            raise Refused(f"The label of {sheet['number']} cannot be read: {fault}") from fault
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


if __name__ == "__main__":
    answer(draw)
