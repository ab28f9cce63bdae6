"""Rows as the driver gives them: some columns of what a query declares, as plain tuples.

`rows` makes values of what it reads. An answer that is only written down again needs none: here
a declared query or listing is narrowed to the columns that are wanted, its statement is compiled
once, and what comes back are the driver's own tuples. A raw id is 16 bytes on both databases;
everything else is as the driver has it, and `RawColumn.decode` makes the value of it.
"""

import enum
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Enum,
    Integer,
    String,
    Text,
    any_,
    bindparam,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine

from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.pages import PageRequest, Position
from backoffice_api.domain.kernel.rows import ManyPer, OnePer, in_parts
from backoffice_api.domain.kernel.statements import (
    DIALECTS,
    Question,
    Raw,
    Row,
    Statement,
    encoder,
    run,
)
from backoffice_api.domain.kernel.tables import Id

_STATEMENTS_KEPT = 2_000


@dataclass(frozen=True, slots=True, eq=False)
class RawColumn:
    """How a column looks when the driver gives it.

    `decode` makes the value of a raw one that is not NULL; None: they are the same. `known` has
    the values of all raw ones, where these are few. `python` is the class of every raw value that
    is not NULL, where the database guarantees one.
    """

    element: ColumnElement[Any]
    nullable: bool
    decode: Callable[[Raw], Any] | None
    encode: Callable[[Any], Raw] | None
    is_id: bool = False
    known: Mapping[Raw, Any] | None = None
    python: type[Any] | None = None

    @property
    def type_name(self) -> str:
        """The name of the class of its SQL type."""
        return type(self.element.type).__name__


def raw_column(element: ColumnElement[Any], dialect: str) -> RawColumn:
    """The column as the driver of the dialect gives it."""
    kind = element.type
    nullable = not isinstance(element, Column) or bool(element.nullable)
    if isinstance(kind, Id):
        return RawColumn(element, nullable, _id, _id_bytes, is_id=True)
    encode = encoder(kind, dialect)
    if isinstance(kind, JSON):
        return RawColumn(element, nullable, _json, encode)
    decode = _decoder(kind, dialect)
    if isinstance(kind, Enum):
        assert decode is not None, "an enum has members"
        known = {raw: decode(raw) for raw in kind.enums}
        return RawColumn(element, nullable, decode, encode, known=known)
    if isinstance(kind, String):
        return RawColumn(element, nullable, decode, encode, python=str)
    if isinstance(kind, Integer):
        return RawColumn(element, nullable, decode, encode, python=int)
    if isinstance(kind, Boolean):
        return RawColumn(element, nullable, bool, encode)
    return RawColumn(element, nullable, decode, encode)


def _id(raw: bytes) -> UUID:
    return UUID(bytes=raw)


def _id_bytes(id: UUID) -> bytes:
    return id.bytes


def _json(raw: str | bytes) -> Any:
    # Bytes are PostgreSQL's, which puts the number of the format before them: 1.
    return orjson.loads(raw[1:] if raw[0] == 1 else raw)


def _decoder(kind: TypeEngine[Any], dialect: str) -> Callable[[Any], Any] | None:
    of = DIALECTS[dialect]
    return kind.dialect_impl(of).result_processor(of, None)


class KeyedRows:
    """Some columns of a `OnePer` or `ManyPer`: tuples of the raw key and the raw columns."""

    def __init__(self, query: OnePer[Any, Any] | ManyPer[Any, Any], names: Sequence[str], on: str):
        columns = [query.source.c[name] for name in names]
        statement = select(query.key, *columns).where(_among(query.key, on), *query.where)
        if isinstance(query, ManyPer):
            statement = statement.order_by(*query.order)
        self._statement = Statement(statement, on)

    def question(self, keys: Iterable[Raw]) -> Question:
        """Asks for the rows of these raw keys."""
        return Question([self._statement.asked(keys=part) for part in in_parts(keys)], _joined)


def _joined(parts: Sequence[list[Row]]) -> list[Row]:
    return parts[0] if len(parts) == 1 else [row for part in parts for row in part]


@lru_cache(maxsize=_STATEMENTS_KEPT)
def keyed_rows(
    query: OnePer[Any, Any] | ManyPer[Any, Any], names: tuple[str, ...], dialect: str
) -> KeyedRows:
    """The same `KeyedRows` for all who want these columns."""
    return KeyedRows(query, names, dialect)


@dataclass(frozen=True, slots=True)
class RawPage:
    """Raw rows in the order of the list, and whether there are more."""

    rows: Sequence[Row]
    has_previous: bool
    has_next: bool


@dataclass(frozen=True, slots=True, eq=False)
class PagedRows:
    """Pages of some columns of a listing; behind these come the raw sort value and the raw id.

    With an `owner`, each row ends with the raw owner.
    """

    listing: Listing[Any]
    names: tuple[str, ...]
    dialect: str
    owner: ColumnElement[Any] | None = None

    def page(self, request: PageRequest) -> Question:
        """Asks for one page of the whole list."""
        statement = _page_statement(self, _blank(request), _Span.WHOLE)
        return Question(
            [statement.asked(**self._start(request))], lambda found: _page(found[0], request)
        )

    def pages(self, db: Connection, keys: Iterable[Raw], request: PageRequest) -> Question:
        """Asks for the same page of the list of each key: a mapping of `RawPage`s."""
        wanted, size, start = tuple(keys), request.size + 1, self._start(request)
        if len(wanted) == 1:
            statement = _page_statement(self, _blank(request), _Span.OWN)
            asked = statement.asked(keys=wanted, **start)
            return Question([asked], lambda found: {wanted[0]: _page(found[0], request)})
        parts = list(in_parts(wanted))
        statement = _page_statement(self, _blank(request), _Span.OWNERS)

        def answer(found: Sequence[list[Row]]) -> Mapping[Raw, RawPage]:
            of_key: dict[Raw, list[Row]] = {key: [] for key in wanted}
            for part, rows in zip(parts, found, strict=True):
                if len(rows) > len(part) * size:
                    # One of them has many more: count those of each.
                    cut = _page_statement(self, _blank(request), _Span.CUT)
                    rows = run(db, *cut.asked(keys=part, **start))
                for row in rows:
                    of_key[row[-1]].append(row)
            return {key: _page(rows, request) for key, rows in of_key.items()}

        of_all = [{**start, "keys": part, "size": len(part) * size + 1} for part in parts]
        return Question([statement.asked(**each) for each in of_all], answer)

    def position(self, request: PageRequest) -> Callable[[Raw, Raw], Position]:
        """Makes positions in the list of raw sort values and raw ids."""
        name = self.listing.sort_name(request)
        key = request.sort or self.listing.default_sort()
        decode = _decoder(self.listing.sorts[key].type, self.dialect)

        def position(sort: Raw, id: Raw) -> Position:
            return Position(name, decode(sort) if decode else sort, UUID(bytes=id))

        return position

    def _start(self, request: PageRequest) -> Mapping[str, Any]:
        if request.start is None:
            return {"size": request.size + 1}
        kind = self.listing.sorts[request.sort or self.listing.default_sort()].type
        encode = encoder(kind, self.dialect)
        value, id = request.start.value, request.start.id
        return {
            "size": request.size + 1,
            "start_value": encode(value) if encode else value,
            "start_id": id.bytes if self.dialect == "sqlite" else id,
        }


@lru_cache(maxsize=_STATEMENTS_KEPT)
def paged_rows(
    listing: Listing[Any], names: tuple[str, ...], dialect: str, owner: ColumnElement[Any] | None
) -> PagedRows:
    """The same `PagedRows` for all who want these columns."""
    return PagedRows(listing, names, dialect, owner)


_ANY_START: Final = Position("", "", UUID(int=0))


def _blank(request: PageRequest) -> PageRequest:
    """The request without what is given to its statement only when it is run."""
    return replace(request, size=0, start=_ANY_START if request.start else None)


class _Span(enum.Enum):
    """Whose rows a statement reads: of the whole list, of one owner, or of several.

    OWNERS: all of theirs, as far as its size goes. CUT: so many of each.
    """

    WHOLE = enum.auto()
    OWN = enum.auto()
    OWNERS = enum.auto()
    CUT = enum.auto()


@lru_cache(maxsize=_STATEMENTS_KEPT)
def _page_statement(rows: PagedRows, request: PageRequest, span: _Span) -> Statement:
    listing, owner, on = rows.listing, rows.owner, rows.dialect
    size = bindparam("size", None, Integer)
    sort = listing.sorts[request.sort or listing.default_sort()]
    start = None
    if request.start:
        start = (
            bindparam("start_value", None, sort.type),
            bindparam("start_id", None, listing.table.c.id.type),
        )
    columns = [listing.table.c[name] for name in rows.names]
    if owner is None or span is _Span.WHOLE:
        return Statement(listing.select_page(columns, request, start, size), on)
    order = listing.order(request)
    statement = listing.select(columns, request, start)
    statement = statement.add_columns(owner.label("_owner")).where(_among(owner, on))
    if span is _Span.OWN:
        return Statement(statement.order_by(*order).limit(size), on)
    if span is _Span.OWNERS:
        # The same way as the rest, so that an index that begins with the owner has the order.
        first = owner.desc() if listing.downwards(request) else owner.asc()
        return Statement(statement.order_by(first, *order).limit(size), on)
    number = func.row_number().over(partition_by=owner, order_by=order).label("_number")
    inner = statement.add_columns(number).subquery()
    wanted = [column for column in inner.c if column.name != "_number"]
    numbered = select(*wanted).where(inner.c._number <= size).order_by(inner.c._number)
    return Statement(numbered, on)


def _page(rows: Sequence[Row], request: PageRequest) -> RawPage:
    more = len(rows) > request.size
    shown = rows[: request.size]
    if request.backwards:
        shown = shown[::-1]
    behind_start = request.start is not None
    if request.backwards:
        return RawPage(shown, has_previous=more, has_next=behind_start)
    return RawPage(shown, has_previous=behind_start, has_next=more)


def _among(key: ColumnElement[Any], dialect: str) -> ColumnElement[bool]:
    """`key` is one of the keys that are given when the statement is run."""
    if dialect == "postgresql":
        # Not as VARCHAR(n): the cast of the array would cut longer keys, and find others' rows.
        kind = Text() if isinstance(key.type, String) else key.type
        return key == any_(bindparam("keys", None, ARRAY(kind)))
    return key == bindparam("keys", None, key.type)
