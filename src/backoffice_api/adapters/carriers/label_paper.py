"""Address labels of our own, 100 x 150 mm: as ZPL for label printers, and as PDF.

Carriers that print no labels of their own get these: sender, recipient, service, weight, and the
number of the shipment as Code 128.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from backoffice_api.adapters.carriers.code128 import widths

# ZPL II Programming Guide: 203 dots to the inch are 8 to the millimetre.
_DOTS_PER_MM = 8
_WIDTH_MM, _HEIGHT_MM = 100, 150
_POINTS_PER_MM = 72 / 25.4
_LINE_LENGTH_MAX = 44


@dataclass(frozen=True, slots=True)
class AddressLabel:
    """What stands on a label. `sender` and `recipient`: lines from top to bottom."""

    sender: Sequence[str]
    recipient: Sequence[str]
    carrier: str
    service: str
    number: str
    weight_g: int
    cash: str | None = None


def zpl(label: AddressLabel) -> bytes:
    """The label as commands of the Zebra Programming Language, in UTF-8 (^CI28)."""
    parts = [
        "^XA^CI28",
        f"^PW{_WIDTH_MM * _DOTS_PER_MM}^LL{_HEIGHT_MM * _DOTS_PER_MM}",
        *(_field(40, 40 + 32 * row, 26, line) for row, line in enumerate(label.sender)),
        "^FO40,240^GB720,3,3^FS",
        *(_field(40, 280 + 56 * row, 46, line) for row, line in enumerate(label.recipient)),
        "^FO40,740^GB720,3,3^FS",
        _field(40, 770, 36, f"{label.carrier} {label.service}"),
        _field(40, 820, 30, _facts(label)),
        f"^FO60,890^BY3^BCN,180,Y,N,N^FH^FD{_escaped(_ascii(label.number))}^FS",
        "^XZ",
    ]
    return "\n".join(parts).encode()


def pdf(label: AddressLabel) -> bytes:
    """The label as a PDF page, in a font that every reader has (ISO 32000-1, 9.6.2.2).

    It knows the letters of Western Europe; others are shown without their marks, or as "?".
    """
    drawn = [
        *(_text(8, 140 - 5 * row, 9, line) for row, line in enumerate(label.sender)),
        _rule(116),
        *(_text(8, 106 - 8 * row, 15, line) for row, line in enumerate(label.recipient)),
        _rule(56),
        _text(8, 49, 12, f"{label.carrier} {label.service}"),
        _text(8, 42, 10, _facts(label)),
        *_bars(_ascii(label.number), 14, 26),
        _text(8, 8, 10, label.number),
    ]
    return _document("\n".join(drawn).encode("cp1252", "replace"))


def _facts(label: AddressLabel) -> str:
    weight = f"{label.weight_g / 1000:.3f} kg"
    return f"{weight}  CASH ON DELIVERY {label.cash}" if label.cash else weight


def _field(x: int, y: int, height: int, text: str) -> str:
    return f"^FO{x},{y}^A0N,{height}^FH^FD{_escaped(text[:_LINE_LENGTH_MAX])}^FS"


def _escaped(text: str) -> str:
    """As field data: what ZPL takes for commands, and control characters, as _xx (^FH)."""
    shown = "".join(each if each.isprintable() else " " for each in text)
    for each in ("_", "^", "~", "\\"):
        shown = shown.replace(each, f"_{ord(each):02X}")
    return shown


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "replace").decode()
    return "".join(each if each.isprintable() else "?" for each in plain)


def _western(text: str) -> str:
    """The text in letters that the font has."""
    shown = []
    for each in text[:_LINE_LENGTH_MAX]:
        try:
            each.encode("cp1252")
            shown.append(each if each.isprintable() else " ")
        except UnicodeEncodeError:
            base = unicodedata.normalize("NFKD", each)[0]
            shown.append(base if base.isascii() else "?")
    return "".join(shown)


def _points(mm: float) -> str:
    return f"{mm * _POINTS_PER_MM:.2f}"


def _text(x: float, y: float, size: int, text: str) -> str:
    plain = _western(text).replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"BT /F1 {size} Tf {_points(x)} {_points(y)} Td ({plain}) Tj ET"


def _rule(y: float) -> str:
    return f"{_points(8)} {_points(y)} {_points(84)} {_points(0.4)} re f"


def _bars(text: str, y: float, height: float) -> list[str]:
    modules = widths(text)
    # A quiet zone of ten modules on each side; no module wider than 0.5 mm.
    step = min(84 / (sum(map(int, modules)) + 20), 0.5)
    x, drawn = 8 + 10 * step, []
    for place, width in enumerate(map(int, modules)):
        if place % 2 == 0:
            drawn.append(
                f"{_points(x)} {_points(y)} {_points(width * step)} {_points(height)} re f"
            )
        x += width * step
    return drawn


def _document(content: bytes) -> bytes:
    """One page that shows `content`: header, five objects, cross-references (ISO 32000-1, 7.5)."""
    box = f"[0 0 {_points(_WIDTH_MM)} {_points(_HEIGHT_MM)}]"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            f"<< /Type /Page /Parent 2 0 R /MediaBox {box} /Contents 5 0 R "
            "/Resources << /Font << /F1 4 0 R >> >> >>"
        ).encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
    ]
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, each in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        start,
    )
    return bytes(out)
