"""The process that sets one PDF: JSON at its input, PDF at its output.

The extra `documents` brings typst; without it the process ends with an ImportError.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import typst

TEMPLATES = Path(__file__).parent.parent / "templates"


def main() -> None:
    """Set what is given and end."""
    given = json.load(sys.stdin.buffer)
    data = given["data"]
    year, month, day = data["date"]
    pdf = typst.compile(
        TEMPLATES / "documents.typ",
        root=str(TEMPLATES),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data)},
        pdf_standards=given["standard"] or [],
        timestamp=int(datetime(year, month, day, tzinfo=UTC).timestamp()),
    )
    sys.stdout.buffer.write(pdf)


if __name__ == "__main__":
    main()
