"""PDF by typst: nothing is read but the templates, and no fonts are used but those of typst.

The date of the file is that of the document. So the same data comes to the same bytes.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typst

TEMPLATES = Path(__file__).parents[2] / "templates"
ARCHIVE = "a-3b"


def typeset(data: Mapping[str, Any], *, standard: str | None = None) -> bytes:
    """The PDF of `data`, as `documents.typ` takes it. `standard`: `ARCHIVE` for PDF/A-3."""
    year, month, day = data["date"]
    pdf: bytes = typst.compile(
        TEMPLATES / "documents.typ",
        root=str(TEMPLATES),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data)},
        pdf_standards=[standard] if standard else [],
        timestamp=int(datetime(year, month, day, tzinfo=UTC).timestamp()),
    )
    return pdf
