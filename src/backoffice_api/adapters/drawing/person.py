"""Draws what is known of a person, table by table, to be read."""

import json
from collections.abc import Sequence

import typst

from backoffice_api.adapters.drawing.pipe import Sheet, answer
from backoffice_api.adapters.drawing.typesetting import TEMPLATES


def draw(sheets: Sequence[Sheet], title: str) -> bytes:
    """The PDF of one sheet: its `sections`, each with a title and rows of names and values."""
    (sheet,) = sheets
    data = {"title": title, "sections": sheet["sections"]}
    pdf: bytes = typst.compile(
        str(TEMPLATES / "person.typ"),
        root=str(TEMPLATES),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data)},
        timestamp=0,
    )
    return pdf


if __name__ == "__main__":
    answer(draw)
