"""What all formats have in common: encodings, amounts, days, and texts that fit."""

import codecs
import re
from datetime import date
from decimal import Decimal, InvalidOperation

from backoffice_api.domain.banking.model.files import (
    PARTY_LENGTH_MAX,
    REFERENCE_LENGTH_MAX,
    TEXT_LENGTH_MAX,
)
from backoffice_api.domain.kernel.currencies import EXPONENTS
from backoffice_api.domain.kernel.texts import storable

AMOUNT_DIGITS_MAX = 18
_AMOUNT = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_ENCODINGS = re.compile("utf|iso|latin|cp|windows|us-|ascii|mac|koi8|gb|big5|shift|euc", re.I)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Garbled(ValueError):
    """A value is none of its kind; the message repeats it, shortened."""


def decoded(content: bytes, declared: str | None = None) -> str:
    """The text of a file, with line ends as `\\n`.

    By its byte order mark, then what it declares, then UTF-8; else by Windows-1252, which nearly
    every byte is good in and which banks without UTF-8 mostly mean.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _lines(content.decode(encoding, "replace"))
    if b"\0" in content[:200]:
        wide = "utf-16-le" if content[1:2] == b"\0" else "utf-16-be"
        return _lines(content.decode(wide, "replace"))
    # Not all that Python can decode is an encoding of text, or is decoded in linear time.
    named = declared if declared and _ENCODINGS.match(declared) else None
    for name in (named, "utf-8", "cp1252"):
        try:
            if name:
                return _lines(content.decode(name))
        except (UnicodeError, LookupError):
            continue
    return _lines(content.decode("latin-1"))


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def minor(text: str, currency: str) -> int:
    """An amount with a decimal point in the smallest unit of its currency.

    Currencies that are withdrawn, as DEM, had two decimals.

    Raises:
        Garbled: it is no number, too large, or finer than its currency.
    """
    compact = text.strip()
    if not _AMOUNT.fullmatch(compact) or len(compact) > AMOUNT_DIGITS_MAX + 3:
        raise Garbled(f"bad amount {text.strip()[:40]!r}")
    try:
        scaled = Decimal(compact).scaleb(EXPONENTS.get(currency, 2))
    except InvalidOperation:
        raise Garbled(f"bad amount {text.strip()[:40]!r}") from None
    whole = int(scaled)
    if whole != scaled or abs(whole) >= 10**AMOUNT_DIGITS_MAX:
        raise Garbled(f"bad amount {text.strip()[:40]!r}")
    return whole


def with_point(text: str, decimal_sign: str) -> str:
    """A number as people write it, with a point for its decimals and nothing between thousands.

    Raises:
        Garbled: its thousands are grouped in no way that makes sense, so that it may be cut off.
    """
    compact = text.strip().replace("\u2212", "-")
    compact = re.sub(r"[\s'\u00a0\u202f\u2019]", "", compact)
    if compact.startswith("(") and compact.endswith(")"):
        compact = f"-{compact[1:-1]}"
    if compact.endswith(("-", "+")):
        compact = compact[-1] + compact[:-1]
    grouped = "," if decimal_sign == "." else "."
    whole, _, decimals = compact.partition(decimal_sign)
    if grouped in decimals or (
        grouped in whole
        and not re.fullmatch(rf"[+-]?\d{{1,3}}(\{grouped}\d{{2,3}})*\{grouped}\d{{3}}", whole)
    ):
        raise Garbled(f"bad amount {text.strip()[:40]!r}")
    return f"{whole.replace(grouped, '')}.{decimals}" if decimals else whole.replace(grouped, "")


def day(year: str, month: str, day_of_month: str) -> date:
    """Raises: Garbled: there is no such day."""
    try:
        return date(int(year), int(month), int(day_of_month))
    except ValueError:
        raise Garbled(f"bad date {year}-{month}-{day_of_month}"[:60]) from None


def iso_day(text: str) -> date:
    """The day of a date or a time as ISO 8601 writes them.

    Raises:
        Garbled: it is none.
    """
    match = re.match(r"\s*(\d{4})-(\d\d)-(\d\d)", text, re.ASCII)
    if not match:
        raise Garbled(f"bad date {text.strip()[:40]!r}")
    return day(*match.groups())


def text_of(*parts: str | None) -> str:
    """Texts as one line that fits, each of them once."""
    found: list[str] = []
    for part in parts:
        compact = " ".join(part.split()) if part else ""
        if compact and compact not in found:
            found.append(compact)
    return storable(" ".join(found))[:TEXT_LENGTH_MAX]


def party(text: str | None) -> str | None:
    return (text_of(text)[:PARTY_LENGTH_MAX] or None) if text else None


def account(text: str | None) -> str | None:
    """The number of an account without spaces."""
    return ("".join(storable(text).split())[:PARTY_LENGTH_MAX] or None) if text else None


def reference(text: str | None) -> str | None:
    """A reference. None where banks write that there is none."""
    compact = text_of(text)[:REFERENCE_LENGTH_MAX]
    return None if compact.upper() in _NO_REFERENCES else compact


_NO_REFERENCES = frozenset(
    {"", "NONREF", "NOTPROVIDED", "NOT PROVIDED", "N/A", "0"}
    # MT940: that such a reference follows in field 86.
    | {f"{name}{sign}" for name in ("EREF", "KREF", "MREF", "PREF", "MARF") for sign in ("", "+")}
)
