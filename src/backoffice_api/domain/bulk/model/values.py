"""From cells to values: strictly, so that nothing is guessed that could be meant otherwise.

A cell is what a file gives: text from CSV; text, numbers, dates and booleans from XLSX; any JSON
from JSONL. Without a locale only plain decimals (12.50), ISO 8601 dates and English words are
taken; a locale adds its decimal separator, its order of day and month, and its words.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.contacts import check_locale
from backoffice_api.domain.kernel.decimals import NotADecimal, parse_decimal
from backoffice_api.domain.kernel.errors import Invalid
from backoffice_api.domain.kernel.external_ids import ExternalId

C = TypeVar("C", bound=Choice)

Cell = Any
Read = Callable[[Cell, "Locale"], Any]


@dataclass(frozen=True, slots=True)
class Field:
    """What a column can stand for. `aliases`: what others call it. `says`: for the documents."""

    name: str
    read: Read
    says: str
    aliases: tuple[str, ...] = ()


ITEMS_MAX = 250
_SEPARATOR = "|"

_COMMA = frozenset({"cs", "da", "de", "es", "fi", "fr", "id", "it", "nb", "nl", "pl", "pt", "ru",
                    "sv", "tr", "uk"})  # fmt: skip
_YES = frozenset({"true", "yes", "y", "1", "x", "ja", "oui", "si", "s\u00ed", "sim", "tak", "ano"})
_NO = frozenset({"false", "no", "n", "0", "nein", "non", "nao", "n\u00e3o", "nee", "nie", "ne"})
_PLAIN_YES, _PLAIN_NO = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})
_GROUPED = re.compile(
    r"[+-]?[0-9]{1,3}(?:(?P<group>[., '\u00a0\u202f])[0-9]{3})(?:(?P=group)[0-9]{3})*"
)
_DAY = re.compile(
    r"(?P<a>[0-9]{1,2})[./-](?P<b>[0-9]{1,2})[./-](?P<year>[0-9]{4})"
    r"(?:[ T](?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?)?"
)
_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)


@dataclass(eq=False)
class NotWhole(Invalid):
    """A cell should hold a whole number and does not."""

    message = "This is not a whole number."


@dataclass(eq=False)
class NotADate(Invalid):
    """A cell should hold a date or a moment and does not, or one that could be read in two ways."""

    message = "This is not a date as 2026-01-31 or a moment as 2026-01-31T09:30:00Z."


@dataclass(eq=False)
class NotABoolean(Invalid):
    """A cell should say yes or no and does not."""

    message = "This is neither true nor false."


@dataclass(eq=False)
class UnknownWord(Invalid):
    """A cell holds none of the words that it may hold."""

    allowed: tuple[str, ...]
    message = "This is none of the words that can stand here."


@dataclass(eq=False)
class NotAList(Invalid):
    """A cell should hold a list: items with | between them, or a JSON array."""

    message = "This is no list: write the items with | between them, or a JSON array."


@dataclass(frozen=True, slots=True)
class Locale:
    """How numbers, dates and booleans are written. `day_first` None: only ISO 8601 is taken."""

    decimal_comma: bool = False
    day_first: bool | None = None
    yes: frozenset[str] = _PLAIN_YES
    no: frozenset[str] = _PLAIN_NO


PLAIN = Locale()


def locale_of(tag: str | None) -> Locale:
    """What a language tag says: `de-DE` writes 1.234,50 and 31.12.2026. None: nothing.

    Raises:
        InvalidLocale: it is no language tag.
    """
    if tag is None:
        return PLAIN
    checked = check_locale(tag)
    language, _, region = checked.partition("-")
    return Locale(
        decimal_comma=language in _COMMA and region not in ("MX", "CH"),
        day_first=not checked.endswith("-US") and checked != "en",
        yes=_YES,
        no=_NO,
    )


def is_empty(cell: Cell) -> bool:
    """Whether there is nothing in it. Spaces are something."""
    return cell is None or cell == "" or cell == []


def text(cell: Cell, _: Locale = PLAIN) -> str:
    """The cell as text, to the letter. Numbers of spreadsheets lose the .0 that they have not."""
    match cell:
        case str():
            return cell
        case bool():
            return "true" if cell else "false"
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime() | date() | time():
            return cell.isoformat()
        case list() | dict():
            return json.dumps(cell, ensure_ascii=False)
        case _:
            return str(cell)


def decimal(cell: Cell, locale: Locale) -> Decimal:
    """Raises: NotADecimal."""
    if isinstance(cell, bool):
        raise NotADecimal(str(cell))
    if isinstance(cell, int | float | Decimal):
        return parse_decimal(format(Decimal(str(cell)), "f"))
    written = text(cell).strip()
    point = "," if locale.decimal_comma else "."
    whole, separator, fraction = written.partition(point)
    if grouped := _GROUPED.fullmatch(whole):
        if locale is PLAIN or grouped["group"] == point:
            raise NotADecimal(written)
        whole = whole.replace(grouped["group"], "")
    if locale.decimal_comma and "." in whole + fraction:
        raise NotADecimal(written)
    return parse_decimal(f"{whole}.{fraction}" if separator else whole)


def whole(cell: Cell, locale: Locale) -> int:
    """Raises: NotWhole."""
    try:
        number = decimal(cell, locale)
    except NotADecimal:
        raise NotWhole from None
    if number != number.to_integral_value() or abs(number) >= 1 << 63:
        raise NotWhole
    return int(number)


def boolean(cell: Cell, locale: Locale) -> bool:
    """Raises: NotABoolean."""
    word = text(cell).strip().casefold()
    if word in locale.yes or word in locale.no:
        return word in locale.yes
    raise NotABoolean


def instant(cell: Cell, locale: Locale) -> datetime:
    """A moment; in UTC where nothing else is said. Raises: NotADate."""
    if isinstance(cell, datetime):
        return _in_utc(cell)
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day, tzinfo=UTC)
    written = text(cell).strip()
    try:
        if _ISO.fullmatch(written):
            return _in_utc(datetime.fromisoformat(written))
        if locale.day_first is not None and (match := _DAY.fullmatch(written)):
            first, second = int(match["a"]), int(match["b"])
            day, month = (first, second) if locale.day_first else (second, first)
            hour, minute, seconds = (int(match[name] or 0) for name in ("hour", "minute", "second"))
            return datetime(int(match["year"]), month, day, hour, minute, seconds, tzinfo=UTC)
    except (ValueError, OverflowError):
        raise NotADate from None
    raise NotADate


def day(cell: Cell, locale: Locale) -> date:
    """The day that is written, wherever that was. Raises: NotADate."""
    moment, written = instant(cell, locale), text(cell).strip()
    # Midnight of some place is the day before in UTC.
    return date.fromisoformat(written[:10]) if _ISO.fullmatch(written) else moment.date()


def one_of(choices: type[C], **others: C) -> Callable[[Cell, Locale], C]:
    """Reads one of a closed set of words; `others` are words that foreign files have for them."""
    words = {each.value: each for each in choices} | {each.name.lower(): each for each in choices}
    words |= others

    def read(cell: Cell, _: Locale) -> C:
        found = words.get(text(cell).strip().casefold())
        if found is None:
            raise UnknownWord(tuple(each.value for each in choices))
        return found

    return read


def id_of(prefix: str) -> Callable[[Cell, Locale], UUID]:
    """Reads an id of ours."""
    return lambda cell, _: ids.parse(prefix, text(cell).strip())


def items(cell: Cell, pattern: re.Pattern[str] | None = None) -> Sequence[Any]:
    """What a cell lists: a JSON array, or items with | between them.

    Raises:
        NotAList: it is neither, or has more than `ITEMS_MAX` items.
    """
    found: Any = cell
    if isinstance(cell, str) and cell.lstrip().startswith("["):
        try:
            found = json.loads(cell)
        except (ValueError, RecursionError):
            raise NotAList from None
    elif not isinstance(cell, list):
        parts = pattern.split(text(cell)) if pattern else text(cell).split(_SEPARATOR)
        found = [part.strip() for part in parts if part.strip()]
    if not isinstance(found, list) or len(found) > ITEMS_MAX:
        raise NotAList
    return found


def texts(cell: Cell, _: Locale) -> tuple[str, ...]:
    """Raises: NotAList."""
    return tuple(text(each) for each in items(cell))


def objects(cell: Cell, names: frozenset[str]) -> Sequence[Mapping[str, Any]]:
    """A JSON array of objects with these members. Raises: NotAList."""
    found = items(cell)
    if not all(isinstance(each, dict) and each.keys() <= names for each in found):
        raise NotAList
    return found


def external_ids(cell: Cell, _: Locale) -> tuple[ExternalId, ...]:
    """Raises: NotAList."""
    found = objects(cell, frozenset({"system", "key"}))
    if not all(isinstance(each.get(name), str) for each in found for name in ("system", "key")):
        raise NotAList
    return tuple(ExternalId(each["system"], each["key"]) for each in found)


def shown(value: Any) -> Any:
    """A value for a cell of a table: a list as text, so that `items` reads the same again."""
    if not isinstance(value, list | tuple):
        return value
    if not value:
        return None
    simple = all(isinstance(each, str) and each and each == each.strip() for each in value)
    if simple and not any(_SEPARATOR in each for each in value) and not value[0].startswith("["):
        return _SEPARATOR.join(value)
    return json.dumps(value, ensure_ascii=False)


def _in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
