"""What takes the place of personal values, as SQL: one statement per table, on both databases."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Table,
    literal,
    null,
    or_,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import FunctionElement

from backoffice_api.domain.kernel.events import events
from backoffice_api.domain.kernel.personal import (
    ERASED,
    Erasing,
    PersonalClass,
    class_of,
    erasing_of,
    personal_columns,
)
from backoffice_api.domain.kernel.tables import Json
from backoffice_api.domain.privacy.queries.registry import places

# Members of structured data that tell of nobody: codes, kinds and the names of fields.
_HARMLESS = ("code", "country", "currency", "kind", "path", "status", "type")

# Facts of events that are numbers of papers and amounts, besides what is a column somewhere.
_FACTS = (
    "allowance amount balance carrier credit_note currency delta fee fulfillment into "
    "invoice kind locale log_hash number open operation order outcome parcel return_number "
    "total total_after total_before tracking_number whole"
)


def values_of(table: Table) -> Mapping[str, ColumnElement[Any]]:
    """What each personal column of a table becomes, by its name. Those that stay are left out.

    So is what tells of the staff: who looked after somebody is not theirs to erase.
    """
    return {
        column.name: _value(column)
        for column in personal_columns(table)
        if erasing_of(column) is not Erasing.STAYS and class_of(column) is not PersonalClass.STAFF
    }


def still_there(table: Table, values: Mapping[str, ColumnElement[Any]]) -> ColumnElement[bool]:
    """Rows that have something to lose: run again, nothing is counted twice."""
    return or_(*(table.c[name].is_distinct_from(value) for name, value in values.items()))


def _value(column: Column[Any]) -> ColumnElement[Any]:
    if column.table is events and column.name == "changes":
        return _ChangesEmptied(column)
    if column.table is events and column.name == "data":
        return _PartsEmptied(column, safe=_safe_facts())
    how = erasing_of(column)
    is_parts = isinstance(column.type, JSON)
    if how is Erasing.EMPTY:
        return literal("")
    if how is Erasing.DISTINCT:
        return _distinct(column.table)
    if how is Erasing.PARTS or (is_parts and not column.nullable):
        return _PartsEmptied(column, safe=_HARMLESS)
    if how is Erasing.DEFAULT and column.nullable:
        return null()
    return literal(ERASED)


def _distinct(table: Any) -> ColumnElement[str]:
    """The word with the last digits of the row's id."""
    return literal(f"{ERASED} ") + _LastDigits(table.c.id)


class _LastDigits(FunctionElement[str]):
    """The last eight hexadecimal digits of an id, which are random."""

    inherit_cache = True
    name = "last_digits"


@compiles(_LastDigits, "sqlite")
def _digits_on_sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    (id,) = element.clauses
    return f"lower(substr(hex({compiler.process(id, **options)}), -8))"


@compiles(_LastDigits, "postgresql")
def _digits_on_postgresql(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    (id,) = element.clauses
    return f"right({compiler.process(id, **options)}::text, 8)"


@cache
def _safe_facts() -> tuple[str, ...]:
    """Names that tell of nobody wherever they stand in the log: columns without personal data."""
    plain, personal = set(_FACTS.split()), set()
    for place in places():
        marked = {each.name for each in personal_columns(place.table)}
        personal |= marked
        plain |= {each.name for each in place.table.columns} - marked
    return tuple(sorted(plain - personal - {"costs", "label", "name", "body"}))


class _PartsEmptied(FunctionElement[Any]):
    """Structured data without its texts: an object keeps its numbers and its `safe` members."""

    type = Json
    inherit_cache = False
    name = "parts_emptied"

    def __init__(self, column: ColumnElement[Any], *, safe: tuple[str, ...]) -> None:
        super().__init__(column)
        self.safe = ", ".join(f"'{each}'" for each in safe)


class _ChangesEmptied(FunctionElement[Any]):
    """What an event changed, without texts of fields that may be personal."""

    type = Json
    inherit_cache = False
    name = "changes_emptied"

    def __init__(self, column: ColumnElement[Any]) -> None:
        super().__init__(column)
        self.safe = ", ".join(f"'{each}'" for each in _safe_facts())


_SAFE = "(e.key IN ({safe}) OR e.key LIKE '%\\_id' ESCAPE '\\' OR e.key LIKE '%\\_at' ESCAPE '\\')"
_PARTS_ON_SQLITE = """\
CASE json_type({column}) WHEN 'array' THEN json('[]') WHEN 'object' THEN (
SELECT json_group_object(e.key, CASE e.type
WHEN 'text' THEN CASE WHEN {safe} THEN e.value ELSE '{word}' END
WHEN 'array' THEN json(CASE WHEN {safe} THEN e.value ELSE '[]' END)
WHEN 'object' THEN json(CASE WHEN {safe} THEN e.value ELSE '{{}}' END)
WHEN 'true' THEN json('true') WHEN 'false' THEN json('false') ELSE e.value END)
FROM json_each({column}) AS e) WHEN 'text' THEN json_quote('{word}') ELSE {column} END"""
_PARTS_ON_POSTGRESQL = """\
CASE jsonb_typeof({column}) WHEN 'array' THEN '[]'::jsonb WHEN 'object' THEN (
SELECT coalesce(jsonb_object_agg(e.key, CASE WHEN {safe} THEN e.value ELSE
CASE jsonb_typeof(e.value) WHEN 'string' THEN to_jsonb('{word}'::text)
WHEN 'array' THEN '[]'::jsonb WHEN 'object' THEN '{{}}'::jsonb ELSE e.value END END), '{{}}')
FROM jsonb_each({column}) AS e) WHEN 'string' THEN to_jsonb('{word}'::text) ELSE {column} END"""
_CHANGES_ON_SQLITE = """\
(SELECT json_group_array(CASE WHEN json_extract(e.value, '$.path') IN ({safe}) THEN json(e.value)
ELSE json_object('path', json_extract(e.value, '$.path'),
'before', {before}, 'after', {after}) END) FROM json_each({column}) AS e)"""
_SIDE_ON_SQLITE = """\
CASE WHEN json_type(e.value, '$.{side}') IN ('text', 'array', 'object') THEN '{word}'
WHEN json_type(e.value, '$.{side}') IN ('true', 'false')
THEN json(json_type(e.value, '$.{side}')) ELSE json_extract(e.value, '$.{side}') END"""
_CHANGES_ON_POSTGRESQL = """\
(SELECT coalesce(jsonb_agg(CASE WHEN e.value ->> 'path' IN ({safe}) THEN e.value
ELSE jsonb_build_object('path', e.value -> 'path', 'before', {before}, 'after', {after}) END
ORDER BY e.place), '[]') FROM jsonb_array_elements({column}) WITH ORDINALITY AS e (value, place))"""
_SIDE_ON_POSTGRESQL = """\
CASE WHEN jsonb_typeof(e.value -> '{side}') IN ('string', 'array', 'object')
THEN to_jsonb('{word}'::text) ELSE e.value -> '{side}' END"""


def _written(element: Any, compiler: SQLCompiler, template: str, **more: str) -> str:
    (column,) = element.clauses
    text = template.format(column=compiler.process(column), word=ERASED, **more)
    return (
        text.replace("%", "%%") if compiler.dialect.paramstyle in ("format", "pyformat") else text
    )


@compiles(_PartsEmptied, "sqlite")
def _parts_on_sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    safe = _SAFE.format(safe=element.safe)
    return _written(element, compiler, _PARTS_ON_SQLITE, safe=safe)


@compiles(_PartsEmptied, "postgresql")
def _parts_on_postgresql(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    safe = _SAFE.format(safe=element.safe)
    return _written(element, compiler, _PARTS_ON_POSTGRESQL, safe=safe)


@compiles(_ChangesEmptied, "sqlite")
def _changes_on_sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    sides = {side: _SIDE_ON_SQLITE.format(side=side, word=ERASED) for side in ("before", "after")}
    return _written(element, compiler, _CHANGES_ON_SQLITE, safe=element.safe, **sides)


@compiles(_ChangesEmptied, "postgresql")
def _changes_on_postgresql(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    sides = {
        side: _SIDE_ON_POSTGRESQL.format(side=side, word=ERASED) for side in ("before", "after")
    }
    return _written(element, compiler, _CHANGES_ON_POSTGRESQL, safe=element.safe, **sides)
