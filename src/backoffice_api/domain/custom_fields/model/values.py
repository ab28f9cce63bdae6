"""Values of custom fields: read as their definition says, kept by type, shown as JSON."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from backoffice_api.domain.custom_fields.model.definitions import (
    BY_LENGTH,
    OWNERS,
    WITH_CHOICES,
    Definition,
    FieldType,
    InvalidBound,
)
from backoffice_api.domain.custom_fields.model.patterns import matches
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.decimals import NotADecimal, canonical, parse_decimal
from backoffice_api.domain.kernel.errors import Faults, Invalid, Missing, Refused
from backoffice_api.domain.kernel.tables import TEXT_LENGTH_MAX
from backoffice_api.domain.kernel.texts import check_text

LINE_LENGTH_MAX = 500
PATCHES_MAX = 100
MICRO = 1_000_000
_INT64 = 1 << 63
_WHOLE = re.compile(r"-?[0-9]{1,19}")

# What is kept of one value: a text, a number, a yes or no, a day, a moment, an id.
Plain = str | int | bool | date | datetime | UUID

# The column in which values of a type are kept.
COLUMNS: Mapping[FieldType, str] = {
    FieldType.TEXT: "text",
    FieldType.MULTILINE_TEXT: "long_text",
    FieldType.INTEGER: "integer",
    FieldType.DECIMAL: "decimal_micro",
    FieldType.BOOLEAN: "flag",
    FieldType.DATE: "day",
    FieldType.DATE_TIME: "instant",
    FieldType.SINGLE_CHOICE: "text",
    FieldType.MULTI_CHOICE: "text",
    FieldType.REFERENCE: "reference_id",
    FieldType.URL: "text",
}


class ValueFault(Choice):
    """What is wrong with a value."""

    NOT_OF_TYPE = "not_of_type", "It is no value of the field's type."
    TOO_SMALL = "too_small", "It is below the minimum, or shorter."
    TOO_LARGE = "too_large", "It is above the maximum, or longer."
    NO_MATCH = "no_match", "It does not match the pattern."
    NO_CHOICE = "no_choice", "It is none of the choices, or one is named twice."
    UNKNOWN_REFERENCE = "unknown_reference", "There is no record with this id."
    REQUIRED = "required", "The field must have a value."


@dataclass(frozen=True, slots=True)
class FieldPatch:
    """What one field is to be: a value as JSON has it, None for no value, KEEP for what it is.

    `expected_version`: the owner's version when the field's value was set; 0 if it has none. None:
    whatever it is.
    """

    key: str
    value: Any
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class CustomField:
    """A field of a record with its value. `owner_version`: that of the record when it was set."""

    definition: Definition
    values: tuple[Plain, ...]
    owner_version: int

    @property
    def key(self) -> str:
        return self.definition.key

    @property
    def shown(self) -> Any:
        """The value as JSON."""
        return shown(self.definition, self.values)

    @property
    def value(self) -> Any:
        """The same, unless it is personal."""
        return None if self.definition.is_personal else self.shown

    @property
    def personal_value(self) -> Any:
        """The same, if it is personal."""
        return self.shown if self.definition.is_personal else None


@dataclass(eq=False)
class UnknownCustomField(Missing):
    """Records of this kind have no field with this key in use."""

    key: str
    message = "There is no custom field {key!r:.90}."


@dataclass(eq=False)
class InvalidCustomFieldValue(Invalid):
    """A value breaks a rule of its definition."""

    key: str
    fault: ValueFault
    message = "{fault.description} ({key:.60})"


@dataclass(eq=False)
class StaleCustomField(Refused):
    """Somebody else set the field since it was read. `actual` is 0 where it has no value now."""

    key: str
    expected: int
    actual: int
    message = "The custom field {key!r:.90} was set at version {actual}, not {expected}."


def read(definition: Definition, given: Any) -> tuple[Plain, ...]:
    """The values that `given` stands for: none for None, several for several choices.

    Raises:
        InvalidCustomFieldValue: it breaks a rule of the definition.
    """
    if given is None or given == []:
        if definition.is_required:
            raise InvalidCustomFieldValue(definition.key, ValueFault.REQUIRED)
        return ()
    if definition.field_type is FieldType.MULTI_CHOICE:
        return _some(definition, given)
    value = _read_one(definition, given)
    _check(definition, value)
    return (value,)


def shown(definition: Definition, values: Sequence[Plain]) -> Any:
    """Values as JSON: a list for several choices, else one value, or None where there is none."""
    plain = [_json(definition, each) for each in values]
    if definition.field_type is FieldType.MULTI_CHOICE:
        return plain
    return plain[0] if plain else None


def check_bounds(faults: Faults, definition: Definition) -> None:
    """Note if the bounds are no values of the type, or exclude each other."""
    try:
        bounds = [_bound(definition, each) for each in (definition.minimum, definition.maximum)]
    except InvalidCustomFieldValue:
        faults.add(InvalidBound().at("minimum"))
        return
    least, most = bounds
    if least is not None and most is not None and least > most:
        faults.add(InvalidBound().at("maximum"))


def instant_of(text: str) -> datetime | None:
    """A moment of RFC 3339, in UTC. None: it is none."""
    try:
        found = datetime.fromisoformat(text)
        return None if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def day_of(text: str) -> date | None:
    """A calendar day as 2026-01-31. None: it is none."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def micro_of(text: str) -> int | None:
    """A decimal in millionths. None: it is none, or has more than 6 decimals or 64 bits."""
    try:
        micro = parse_decimal(text) * MICRO
    except NotADecimal:
        return None
    whole = int(micro)
    return whole if whole == micro and -_INT64 <= whole < _INT64 else None


def decimal_of(micro: int) -> str:
    """Millionths as a decimal without needless zeros."""
    text = canonical(Decimal(micro) / MICRO)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _some(definition: Definition, given: Any) -> tuple[Plain, ...]:
    if not isinstance(given, list | tuple) or not all(isinstance(each, str) for each in given):
        raise InvalidCustomFieldValue(definition.key, ValueFault.NOT_OF_TYPE)
    if len(set(given)) != len(given) or not set(given) <= set(definition.choices):
        raise InvalidCustomFieldValue(definition.key, ValueFault.NO_CHOICE)
    # In the order of the definition, whatever the order of the input.
    return tuple(each for each in definition.choices if each in given)


def _read_one(definition: Definition, given: Any) -> Plain:
    value = _READERS[definition.field_type](definition, given)
    if value is None:
        raise InvalidCustomFieldValue(definition.key, ValueFault.NOT_OF_TYPE)
    return value


def _line(_: Definition, given: Any) -> Plain | None:
    return given if _is_text(given) and "\n" not in given else None


def _lines(_: Definition, given: Any) -> Plain | None:
    return given if _is_text(given) else None


def _is_text(given: Any) -> bool:
    if not isinstance(given, str):
        return False
    faults = Faults()
    check_text(given, faults, maximum=TEXT_LENGTH_MAX)
    return not list(faults)


def _integer(_: Definition, given: Any) -> Plain | None:
    if isinstance(given, str):
        given = int(given) if _WHOLE.fullmatch(given) else None
    if not isinstance(given, int) or isinstance(given, bool) or not -_INT64 <= given < _INT64:
        return None
    return given


def _decimal(_: Definition, given: Any) -> Plain | None:
    if isinstance(given, int) and not isinstance(given, bool):
        given = str(given) if abs(given) < _INT64 else ""
    return micro_of(given) if isinstance(given, str) else None


def _boolean(_: Definition, given: Any) -> Plain | None:
    return given if isinstance(given, bool) else None


def _day(_: Definition, given: Any) -> Plain | None:
    return day_of(given) if isinstance(given, str) else None


def _instant(_: Definition, given: Any) -> Plain | None:
    return instant_of(given) if isinstance(given, str) else None


def _choice(definition: Definition, given: Any) -> Plain | None:
    if isinstance(given, str) and given not in definition.choices:
        raise InvalidCustomFieldValue(definition.key, ValueFault.NO_CHOICE)
    return given if isinstance(given, str) else None


def _reference(definition: Definition, given: Any) -> Plain | None:
    parts = ids.split(given) if isinstance(given, str) else None
    assert definition.reference_type is not None, "a reference leads to something"
    prefix, _ = OWNERS[definition.reference_type]
    return parts[1] if parts and parts[0] == prefix else None


def _url(_: Definition, given: Any) -> Plain | None:
    if not _is_text(given) or any(character <= " " for character in given):
        return None
    try:
        parts = urlsplit(given)
    except ValueError:
        return None
    # Nothing that a browser would run, as `javascript:` is.
    return given if parts.scheme in ("http", "https") and parts.hostname else None


_READERS: Mapping[FieldType, Callable[[Definition, Any], Plain | None]] = {
    FieldType.TEXT: _line,
    FieldType.MULTILINE_TEXT: _lines,
    FieldType.INTEGER: _integer,
    FieldType.DECIMAL: _decimal,
    FieldType.BOOLEAN: _boolean,
    FieldType.DATE: _day,
    FieldType.DATE_TIME: _instant,
    FieldType.SINGLE_CHOICE: _choice,
    FieldType.REFERENCE: _reference,
    FieldType.URL: _url,
}


def _check(definition: Definition, value: Any) -> None:
    by_length = definition.field_type in BY_LENGTH
    if by_length:
        room = TEXT_LENGTH_MAX if COLUMNS[definition.field_type] == "long_text" else LINE_LENGTH_MAX
        if len(value) > room:
            raise InvalidCustomFieldValue(definition.key, ValueFault.TOO_LARGE)
    elif definition.field_type in WITH_CHOICES or isinstance(value, bool | UUID):
        return
    measure = len(value) if by_length else value
    least = _bound(definition, definition.minimum)
    most = _bound(definition, definition.maximum)
    if least is not None and measure < least:
        raise InvalidCustomFieldValue(definition.key, ValueFault.TOO_SMALL)
    if most is not None and measure > most:
        raise InvalidCustomFieldValue(definition.key, ValueFault.TOO_LARGE)
    if definition.pattern is not None and not matches(definition.pattern, value):
        raise InvalidCustomFieldValue(definition.key, ValueFault.NO_MATCH)


def _bound(definition: Definition, text: str | None) -> Any:
    """A bound as what is compared with it. None: there is none."""
    if text is None:
        return None
    if definition.field_type in BY_LENGTH:
        if text.isascii() and text.isdecimal() and len(text) <= 5:
            return int(text)
        raise InvalidCustomFieldValue(definition.key, ValueFault.NOT_OF_TYPE)
    return _read_one(definition, text)


def _json(definition: Definition, value: Plain) -> Any:
    match definition.field_type, value:
        case FieldType.DECIMAL, int():
            return decimal_of(value)
        case FieldType.REFERENCE, UUID():
            assert definition.reference_type is not None, "a reference leads to something"
            return ids.text(OWNERS[definition.reference_type][0], value)
        case _, datetime():
            return f"{value.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"
        case _, date():
            return value.isoformat()
        case _:
            return value
