"""Draws Factur-X: an invoice for people as PDF/A-3, with the same invoice for programs inside.

The extra `factur-x` embeds the XML and checks it against the published schemas.
"""

from collections.abc import Sequence

import facturx

from backoffice_api.adapters.drawing import cii
from backoffice_api.adapters.drawing.papers import paper
from backoffice_api.adapters.drawing.pipe import Sheet, answer
from backoffice_api.adapters.drawing.typesetting import typeset


def draw(sheets: Sequence[Sheet], title: str) -> bytes:
    """The PDF with the XML in it.

    Raises:
        Refused: EN 16931 does not take the invoice.
    """
    (sheet,) = sheets
    xml = cii.draw(sheets, title)
    pdf = typeset(paper(sheets, title=title), archive=True)
    name, number = sheet["seller"]["name"], sheet["number"]
    with_xml: bytes = facturx.generate_from_binary(
        pdf,
        xml,
        flavor="factur-x",
        level="en16931",
        lang=sheet["locale"],
        pdf_metadata={
            "author": name,
            "keywords": "Factur-X",
            "title": f"{name}: {number}",
            "subject": f"{number}, {sheet['issued_on']}",
        },
        afrelationship="alternative",
    )
    return with_xml


if __name__ == "__main__":
    answer(draw)
