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


def typeset(data: Mapping[str, Any], *, archive: bool = False) -> bytes:
    """The PDF of `data`, as `documents.typ` takes it. `archive`: PDF/A-3, to attach data to."""
    year, month, day = data["date"]
    pdf: bytes = typst.compile(
        str(TEMPLATES / "documents.typ"),
        root=str(TEMPLATES),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data)},
        pdf_standards=["a-3b"] if archive else None,
        timestamp=int(datetime(year, month, day, tzinfo=UTC).timestamp()),
    )
    return pdf
