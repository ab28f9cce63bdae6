"""Draws what is printed: invoices, slips and labels, one after the other in one PDF."""

from collections.abc import Sequence

from backoffice_api.adapters.drawing.papers import paper
from backoffice_api.adapters.drawing.pipe import Sheet, answer
from backoffice_api.adapters.drawing.typesetting import typeset


def draw(sheets: Sequence[Sheet], title: str) -> bytes:
    """The PDF of `sheets`."""
    return typeset(paper(sheets, title=title))


if __name__ == "__main__":
    answer(draw)
