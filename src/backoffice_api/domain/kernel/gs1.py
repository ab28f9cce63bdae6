"""GS1 element strings: what a code on a pack, a pallet or a shelf says besides its number.

Source: GS1 General Specifications, release 26: the application identifiers (AI, section 3), the
two digits by which an AI has a length set in advance (figure 7.8.5-2), the years of dates (7.12).
Links: GS1 Digital Link Standard, URI Syntax 1.6.

A scanner sends FNC1 as the control character GS (U+001D); some keyboards send it as other things,
which is a setting of the scanner. An AI that is not known here is split off all the same, as its
first two digits say where it ends.
"""

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from urllib.parse import parse_qsl, unquote, urlsplit

from backoffice_api.domain.kernel.errors import Invalid
from backoffice_api.domain.kernel.gtin import check_digit

SEPARATOR = "\x1d"
LENGTH_MAX = 500

# AI and value together, by the first two digits of the AI. Whatever else ends with FNC1.
_SET_LENGTHS: Mapping[str, int] = {
    "00": 20,
    **dict.fromkeys(("01", "02", "03"), 16),
    "04": 18,
    **dict.fromkeys(("11", "12", "13", "14", "15", "16", "17", "18", "19"), 8),
    "20": 4,
    **dict.fromkeys(("31", "32", "33", "34", "35", "36"), 10),
    "41": 16,
}

# Digits of the AI, by its first two. What is missing is not in use.
_AI_LENGTHS: Mapping[str, int] = {
    **dict.fromkeys(("00", "01", "02", "03", "04"), 2),
    **dict.fromkeys((f"{number}" for number in range(10, 23)), 2),
    **dict.fromkeys(("23", "24", "25"), 3),
    **dict.fromkeys(("30", "37"), 2),
    **dict.fromkeys(("31", "32", "33", "34", "35", "36", "39"), 4),
    **dict.fromkeys(("40", "41", "42", "71"), 3),
    **dict.fromkeys(("43", "70", "72", "80", "81", "82"), 4),
    **dict.fromkeys((f"{number}" for number in range(90, 100)), 2),
}

# What is checked of the values that are read here; other AIs take any of their characters.
_FORMATS: Mapping[str, re.Pattern[str]] = {
    **dict.fromkeys(("00",), re.compile("[0-9]{18}")),
    **dict.fromkeys(("01", "02", "03"), re.compile("[0-9]{14}")),
    **dict.fromkeys(("11", "12", "13", "15", "16", "17"), re.compile("[0-9]{6}")),
    **dict.fromkeys(("20",), re.compile("[0-9]{2}")),
    **dict.fromkeys(("30", "37"), re.compile("[0-9]{1,8}")),
    **dict.fromkeys(("310", "320"), re.compile("[0-9]{6}")),
    **dict.fromkeys(
        ("410", "411", "412", "413", "414", "415", "416", "417"), re.compile("[0-9]{13}")
    ),
}
# Characters of set 82 (table 7.11-1) in at most as many as any AI has.
_ANY = re.compile(r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{1,90}")
_TWENTY = re.compile(r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{1,20}")
_SHORT = frozenset({"10", "21", "22"})

_CHECKED = frozenset({"00", "01", "02", "03", *(f"{number}" for number in range(410, 418))})
_GLNS = ("414", "410", "411", "412", "413", "415", "416", "417")

# What a reader may put in front: how the symbol was printed (ISO/IEC 15424).
_SYMBOLOGY = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_HUMAN = re.compile(r"\(([0-9]{2,4})\)([^(]*)")

# Keys that a path of GS1 Digital Link begins with.
_PRIMARY = frozenset({"00", "01", "414"})


class Gs1Fault(StrEnum):
    """What is wrong with a text that should be an element string."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    UNKNOWN_AI = "unknown_ai"
    WRONG_VALUE = "wrong_value"
    WRONG_CHECK_DIGIT = "wrong_check_digit"
    REPEATED = "repeated"
    NO_LINK = "no_link"

    @property
    def words(self) -> str:
        return self.value.replace("_", " ")


@dataclass(eq=False)
class InvalidGs1(Invalid):
    """The text is no GS1 element string. `at_ai`: the element where it goes wrong."""

    at_ai: str
    fault: Gs1Fault
    message = "This is no GS1 element string: {fault.words} ({at_ai!r:.20})."


@dataclass(frozen=True, slots=True)
class Element:
    """One application identifier with its value."""

    ai: str
    value: str


@dataclass(frozen=True, slots=True)
class Gs1Message:
    """What a code says, in the order in which it says it. Each AI stands in it once."""

    elements: tuple[Element, ...]

    def value(self, *ais: str) -> str | None:
        """The value of the first of these AIs that is there. None: none of them is."""
        found = {each.ai: each.value for each in self.elements}
        return next((found[ai] for ai in ais if ai in found), None)

    @property
    def gtin(self) -> str | None:
        """What it is (01), or what is in it (02): 14 digits."""
        return self.value("01", "02")

    @property
    def sscc(self) -> str | None:
        """Number of the pallet or parcel: 18 digits."""
        return self.value("00")

    @property
    def lot(self) -> str | None:
        return self.value("10")

    @property
    def serial(self) -> str | None:
        return self.value("21")

    @property
    def gln(self) -> str | None:
        """A place: where it is (414), goes to (410, 413), or who is meant: 13 digits."""
        return self.value(*_GLNS)

    @property
    def count(self) -> int | None:
        """Pieces in it: of variable measure (30), or trade items in a logistic unit (37)."""
        found = self.value("37", "30")
        return None if found is None else int(found)

    @property
    def net_weight_kg(self) -> Decimal | None:
        """Net weight in kilograms (310n), where the last digit of the AI counts the decimals."""
        for each in self.elements:
            if each.ai.startswith("310"):
                return Decimal(f"{int(each.value)}E-{each.ai[3]}")
        return None

    def day(self, ai: str, today: date) -> date | None:
        """The day that a date AI names: 11 made, 13 packed, 15 best before, 17 expiry.

        Day 00 means the last one of the month. The century is that which brings the year nearest
        to `today`: from 49 years before to 50 years after (section 7.12).
        """
        found = self.value(ai)
        return None if found is None else _day(found, today)


def parse(text: str) -> Gs1Message:
    """Read what a scanner sends, what stands printed below a code, or a GS1 Digital Link.

    Raises:
        InvalidGs1: it is none of these.
    """
    code = _SYMBOLOGY.sub("", text, count=1) if _SYMBOLOGY.match(text) else text
    if len(code) > LENGTH_MAX:
        raise InvalidGs1("", Gs1Fault.TOO_LONG)
    if code.lower().startswith(("http://", "https://")):
        elements = list(_linked(code))
    elif code.startswith("("):
        elements = list(_human(code))
    else:
        elements = list(_elements(code.lstrip(SEPARATOR)))
    if not elements:
        raise InvalidGs1("", Gs1Fault.EMPTY)
    seen: set[str] = set()
    for each in elements:
        if each.ai in seen:
            raise InvalidGs1(each.ai, Gs1Fault.REPEATED)
        seen.add(each.ai)
        _check(each)
    return Gs1Message(tuple(elements))


def element_string(elements: tuple[Element, ...]) -> str:
    """What a scanner would send for these elements: FNC1 behind those that need it."""
    parts = [f"{each.ai}{each.value}" for each in elements]
    needs = [each.ai[:2] not in _SET_LENGTHS for each in elements]
    ends = [SEPARATOR if need else "" for need in needs[:-1]]
    return "".join(f"{part}{end}" for part, end in zip(parts, [*ends, ""], strict=True))


def _elements(code: str) -> Iterator[Element]:
    while code:
        ai = _ai_of(code)
        length = _SET_LENGTHS.get(ai[:2])
        if length is None:
            element, _, code = code.partition(SEPARATOR)
        else:
            # Some printers set FNC1 behind what needs none; it says nothing.
            element, code = code[:length], code[length:].removeprefix(SEPARATOR)
        yield Element(ai, element[len(ai) :])


def _ai_of(code: str) -> str:
    length = _AI_LENGTHS.get(code[:2])
    ai = code[: length or 2]
    if length is None or len(ai) < length or not (ai.isascii() and ai.isdigit()):
        raise InvalidGs1(ai, Gs1Fault.UNKNOWN_AI)
    return ai


def _human(code: str) -> Iterator[Element]:
    end = 0
    for match in _HUMAN.finditer(code):
        if match.start() != end:
            break
        end = match.end()
        if _ai_of(match[1]) != match[1]:
            raise InvalidGs1(match[1], Gs1Fault.UNKNOWN_AI)
        yield Element(match[1], match[2].strip())
    if end != len(code):
        raise InvalidGs1(code[end : end + 4], Gs1Fault.UNKNOWN_AI)


def _linked(code: str) -> Iterator[Element]:
    """The path holds the key and what qualifies it, the query further facts, by their AIs."""
    try:
        parts = urlsplit(code)
    except ValueError:
        raise InvalidGs1("", Gs1Fault.NO_LINK) from None
    path = [unquote(each) for each in parts.path.split("/")]
    start = next((place for place, each in enumerate(path) if each in _PRIMARY), None)
    if start is None or (len(path) - start) % 2:
        raise InvalidGs1("", Gs1Fault.NO_LINK)
    for ai, value in zip(path[start::2], path[start + 1 :: 2], strict=True):
        # Older links may have a shorter GTIN in them.
        yield Element(_ai_of(ai), value.zfill(14) if ai == "01" else value)
    for key, value in parse_qsl(parts.query):
        # What is no AI is for the web site: a language, a campaign.
        if key.isascii() and key.isdigit() and _AI_LENGTHS.get(key[:2]) == len(key):
            yield Element(key, value)


def _check(element: Element) -> None:
    ai, value = element.ai, element.value
    usual = _TWENTY if ai in _SHORT else _ANY
    pattern = _FORMATS.get(ai) or (_FORMATS.get(ai[:3]) if len(ai) == 4 else None) or usual
    if not pattern.fullmatch(value):
        raise InvalidGs1(ai, Gs1Fault.WRONG_VALUE)
    if ai in _CHECKED and check_digit(value[:-1]) != value[-1]:
        raise InvalidGs1(ai, Gs1Fault.WRONG_CHECK_DIGIT)
    if ai in ("11", "12", "13", "15", "16", "17") and not _is_day(value):
        raise InvalidGs1(ai, Gs1Fault.WRONG_VALUE)


def _is_day(value: str) -> bool:
    """Whether there is such a day in some century: 29 February is, in the year 00 of 2000."""
    year, month, day = 2000 + int(value[:2]), int(value[2:4]), int(value[4:])
    return 1 <= month <= 12 and day <= monthrange(year, month)[1]


def _day(value: str, today: date) -> date:
    year, month, day = int(value[:2]), int(value[2:4]), int(value[4:])
    century = today.year - today.year % 100
    ahead = year - today.year % 100
    if ahead >= 51:
        century -= 100
    elif ahead <= -50:
        century += 100
    year += century
    last = monthrange(year, month)[1]
    return date(year, month, min(day or last, last))
