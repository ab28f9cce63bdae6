"""Texts that do not say whose they are: searched for the values of a person, and rid of them.

Jobs, stored answers, messages from outside, imports, saved filters. Only values that point at
somebody are looked for: whole names, addresses of mail, numbers; never a city or a first name.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    Table,
    Text,
    cast,
    func,
    or_,
    select,
    type_coerce,
    update,
)

from backoffice_api.domain.kernel.personal import (
    ERASED,
    Erasing,
    PersonalClass,
    class_of,
    erasing_of,
    personal_columns,
)
from backoffice_api.domain.mailboxes.tables import sent_mails
from backoffice_api.domain.privacy.queries.reached import rows_of
from backoffice_api.domain.privacy.queries.registry import of_anybody, places

VALUES_MAX = 200
# Each is looked for in four ways at most, and SQLite nests no deeper than some twenty calls.
_AT_ONCE = 5
_LENGTH_MIN = 6
# Columns, and members of structured data, that many share, unless there is a number in them.
_SHARED = frozenset({"city", "country", "district", "lines", "postal_code", "region", "title"})
_TELLING = (PersonalClass.IDENTITY, PersonalClass.CONTACT, PersonalClass.ADDRESS)


def telling_values(db: Connection, run_id: UUID) -> Sequence[str]:
    """Values of the gathered rows that point at one person, longest first; at most `VALUES_MAX`."""
    found: set[str] = set()
    for place in places():
        for column in place.columns:
            kind = class_of(column)
            if kind not in _TELLING or erasing_of(column) is Erasing.STAYS:
                continue
            mine = rows_of(place, run_id, held=None)
            statement = select(column).where(mine, column.is_not(None)).limit(VALUES_MAX)
            for value in db.execute(statement).scalars():
                texts = _texts(value, column.name)
                found.update(each for name, each in texts if _tells(each, name, kind))
    found |= {each.lower() for each in found}
    return sorted(found - {ERASED}, key=lambda each: (-len(each), each))[:VALUES_MAX]


def sweep(db: Connection, values: Sequence[str]) -> dict[str, int]:
    """Put the word in the place of these values wherever anybody's words lie. Rows by table.

    A fixed number of statements per table, as the number of values is bounded.
    """
    swept: dict[str, int] = {}
    for table, columns in _searched():
        for part in _parts(values):
            count = db.execute(_sweeping(db, table, columns, part)).rowcount
            swept[table.name] = swept.get(table.name, 0) + count
    return swept


def _searched() -> Iterator[tuple[Table, Sequence[Column[Any]]]]:
    """What is searched: texts of anybody, and who got copies of what was written to others."""
    yield sent_mails, [sent_mails.c.copies]
    for table in of_anybody():
        columns = [
            each for each in personal_columns(table) if erasing_of(each) is not Erasing.STAYS
        ]
        if columns and "kept" not in table.info:
            yield table, columns


def _parts(values: Sequence[str]) -> Iterator[Sequence[str]]:
    return (values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE))


def _sweeping(
    db: Connection, table: Table, columns: Sequence[Column[Any]], part: Sequence[str]
) -> Any:
    tests, values = [], {}
    for column in columns:
        is_parts = isinstance(column.type, JSON)
        written = _in_json(part) if is_parts else dict.fromkeys(part, ERASED)
        text = _as_text(db, column)
        tests.append(or_(*(_holds(db, text, each) for each in written)))
        after: ColumnElement[Any] = text
        for each, word in written.items():
            after = func.replace(after, each, word)
        values[column.name] = _from_text(db, after, column) if is_parts else after
    return update(table).where(or_(*tests)).values(values)


def _in_json(values: Sequence[str]) -> Mapping[str, str]:
    """How values stand in structured data, and what takes their place.

    Digits alone may be part of an amount, which is no text: they are looked for where no number
    can stand, at the ends of texts and between their words.
    """
    written: dict[str, str] = {}
    for each in values:
        if each.isdecimal():
            for before, behind in product('" ', repeat=2):
                written[f"{before}{each}{behind}"] = f"{before}{ERASED}{behind}"
        else:
            written[orjson.dumps(each).decode()[1:-1]] = ERASED
    return written


def _as_text(db: Connection, column: Column[Any]) -> ColumnElement[str]:
    return cast(column, Text) if db.dialect.name == "postgresql" else type_coerce(column, Text)


def _from_text(db: Connection, text: ColumnElement[str], column: Column[Any]) -> ColumnElement[Any]:
    return cast(text, column.type) if db.dialect.name == "postgresql" else text


def _holds(db: Connection, text: ColumnElement[str], value: str) -> ColumnElement[bool]:
    if db.dialect.name == "postgresql":
        return func.strpos(text, value) > 0
    return func.instr(text, value) > 0


def _texts(value: Any, name: str) -> Iterator[tuple[str, str]]:
    """Every text of a value, with the name under which it stands."""
    match value:
        case str():
            yield name, value.strip()
        case dict():
            for member, each in value.items():
                yield from _texts(each, member)
        case list():
            for each in value:
                yield from _texts(each, name)
        case _:
            return


def _tells(value: str, name: str, kind: PersonalClass) -> bool:
    """Whether a value points at somebody: a city does not, nor does a first name."""
    if len(value) < _LENGTH_MIN or ERASED in value:
        return False
    has_digit = any(each.isdigit() for each in value)
    if name in _SHARED:
        return has_digit
    match kind:
        case PersonalClass.CONTACT:
            return True
        case PersonalClass.IDENTITY:
            return has_digit or " " in value
        case _:
            return has_digit
