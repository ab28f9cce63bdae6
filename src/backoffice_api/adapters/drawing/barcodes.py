"""Barcodes as SVG, made by zint: to be put on paper at any size.

The extra `documents` brings zint; without it nothing here can be imported.
"""

from enum import StrEnum

import zint

_SYMBOLOGIES = {
    "code128": zint.Symbology.CODE128,
    "qr": zint.Symbology.QRCODE,
    "datamatrix": zint.Symbology.DATAMATRIX,
}


class Barcode(StrEnum):
    """How a text is written in bars or squares."""

    CODE_128 = "code128"
    QR = "qr"
    DATA_MATRIX = "datamatrix"


def svg(kind: Barcode, text: str) -> str:
    """The barcode of `text`, black on nothing, with the quiet zone that its standard asks for.

    Raises:
        ValueError: the text does not fit into a barcode of this kind.
    """
    symbol = zint.Symbol()
    symbol.symbology = _SYMBOLOGIES[kind]
    symbol.show_text = False
    symbol.output_options = zint.OutputOptions.BARCODE_QUIET_ZONES
    try:
        symbol.encode(text.encode())
        symbol.buffer_vector()
    except (RuntimeError, TypeError, OSError) as failure:
        raise ValueError(f"{text!r:.60} does not fit into a barcode") from failure
    vector = symbol.vector
    if vector is None:
        raise ValueError("nothing was drawn")
    bars = "".join(
        f"M{bar.x:g} {bar.y:g}h{bar.width:g}v{bar.height:g}h-{bar.width:g}z"
        for bar in vector.rectangles
    )
    # Bars may be made wider and lower; squares keep their shape.
    stretched = ' preserveAspectRatio="none"' if kind is Barcode.CODE_128 else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {vector.width:g} {vector.height:g}"'
        f'{stretched}><path d="{bars}"/></svg>'
    )
