"""Texts and numbers from outside: bounded before they come near a table."""

import re
from dataclasses import dataclass

from backoffice_api.domain.kernel.errors import Faults, Invalid
from backoffice_api.domain.kernel.tables import NAME_LENGTH_MAX

_FORBIDDEN = re.compile("[\0\ud800-\udfff]")


@dataclass(eq=False)
class InvalidText(Invalid):
    """A text is empty where something must stand, or longer than there is room for."""

    minimum: int
    maximum: int
    message = "This takes {minimum} to {maximum} characters."


@dataclass(eq=False)
class ForbiddenCharacter(Invalid):
    """A text holds U+0000 or half of a surrogate pair, which are no characters to a database."""

    message = "This holds a character that cannot be stored."


@dataclass(eq=False)
class OutOfRange(Invalid):
    """A number lies outside the range that makes sense here."""

    minimum: int
    maximum: int
    message = "This lies between {minimum} and {maximum}."


@dataclass(eq=False)
class TooMany(Invalid):
    """A list of the input holds more than can be handled at once."""

    maximum: int
    message = "At most {maximum} at once."


@dataclass(eq=False)
class Duplicate(Invalid):
    """The same thing is named twice in one input."""

    value: str
    message = "{value!r:.60} is named twice."


def check_text(
    value: str | None,
    faults: Faults,
    *path: str | int,
    minimum: int = 1,
    maximum: int = NAME_LENGTH_MAX,
) -> None:
    """Note if a text is too short (spaces around it do not count) or too long, or no text.

    None is fine.
    """
    if value is None:
        return
    if not (minimum <= len(value.strip()) and len(value) <= maximum):
        faults.add(InvalidText(minimum, maximum).at(*path))
    elif _FORBIDDEN.search(value):
        faults.add(ForbiddenCharacter().at(*path))


def storable(text: str) -> str:
    """`text` with U+FFFD in place of what no database can keep."""
    return _FORBIDDEN.sub("\ufffd", text)


def check_range(
    value: int | None, faults: Faults, *path: str | int, minimum: int, maximum: int
) -> None:
    """Note if a number is out of range. None is fine."""
    if value is not None and not minimum <= value <= maximum:
        faults.add(OutOfRange(minimum, maximum).at(*path))


def check_size(values: object, faults: Faults, *path: str | int, maximum: int) -> None:
    """Note if a list is longer than `maximum`."""
    if isinstance(values, list | tuple) and len(values) > maximum:
        faults.add(TooMany(maximum).at(*path))


def check_distinct(values: tuple[str, ...], faults: Faults, *path: str | int) -> None:
    """Note each value that is named more than once, at its later position."""
    seen: set[str] = set()
    for position, value in enumerate(values):
        if value in seen:
            faults.add(Duplicate(value).at(*path, position))
        seen.add(value)
