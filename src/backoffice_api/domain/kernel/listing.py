"""A list that may be long: its filters, its sorts, its search, its pages and its count.

Declared once per aggregate in its `queries`; the schema, the query-plan tests and later the
compiled engine read the same declaration.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, func, literal, select, tuple_

from backoffice_api.domain.kernel import search
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.filters import Word, condition, words_in
from backoffice_api.domain.kernel.pages import Count, Page, PageRequest, Position
from backoffice_api.domain.kernel.rows import among, columns_of
from backoffice_api.domain.kernel.scopes import Scope

T = TypeVar("T")

Start = tuple[ColumnElement[Any], ColumnElement[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Listing(Generic[T]):
    """How the rows of one table can be listed.

    `sorts` names each sort key and its column (never NULL, with an index on (column, id)); the
    first one is the default. `words` names what can be filtered by. `searched`: the prefix under
    which its rows are in the search index, None if they are not; `searched_also` finds more by a
    query, where it can. `scopes` names what asking by a
    word or a sort key takes besides the right to list, `search_scope` what searching takes: who
    may not see a value may not find it out by filters, orders and cursors either.
    """

    shape: type[T]
    table: Table
    sorts: Mapping[Choice, ColumnElement[Any]]
    words: Mapping[str, Word] = field(default_factory=dict)
    searched: str | None = None
    searched_also: Callable[[str], Select[Any] | None] | None = None
    descending: bool = True
    scopes: Mapping[str, Scope] = field(default_factory=dict)
    search_scope: Scope | None = None

    def needs(self, request: PageRequest) -> frozenset[Scope]:
        """The scopes that `request` takes besides the right to list."""
        asked = {(request.sort or self.default_sort()).value}
        if request.filter:
            asked |= words_in(request.filter)
        needed = {self.scopes[word] for word in asked if word in self.scopes}
        if request.search is not None and self.search_scope:
            needed.add(self.search_scope)
        return frozenset(needed)

    def page(self, db: Connection, request: PageRequest) -> Page[T]:
        """One page of the whole list, with one statement."""
        columns = columns_of(self.shape, self.table)
        statement = self.select_page(columns, request, self.start(request), request.size + 1)
        return self._page(db.execute(statement).all(), request)

    def pages_by(
        self, db: Connection, owner: ColumnElement[Any], keys: Iterable[Any], request: PageRequest
    ) -> Mapping[Any, Page[T]]:
        """The same page of several lists at once, one per value of the column `owner`.

        One statement, however many owners; each has its own `size` rows.
        """
        wanted = tuple(keys)
        if len(wanted) == 1:
            statement = self._select(request).where(owner == wanted[0])
            statement = statement.order_by(*self.order(request)).limit(request.size + 1)
            rows = db.execute(statement).all()
            return {wanted[0]: self._page(rows, request)}
        numbered = (
            self._select(request)
            .where(among(owner, wanted))
            .add_columns(
                owner.label("_owner"),
                func.row_number()
                .over(partition_by=owner, order_by=self.order(request))
                .label("_number"),
            )
        )
        inner = numbered.subquery()
        outer = (
            select(*inner.c).where(inner.c._number <= request.size + 1).order_by(inner.c._number)
        )
        found: dict[Any, list[Row[Any]]] = {key: [] for key in wanted}
        for row in db.execute(outer):
            found[row[-2]].append(row)
        return {key: self._page(rows, request) for key, rows in found.items()}

    def count(self, db: Connection, request: PageRequest, limit: int) -> Count:
        """How many rows pass the filter and the search, counting no further than `limit`."""
        found = db.execute(self.select_count(request, limit)).scalar_one()
        return Count(min(found, limit), exact=found <= limit)

    def select_count(self, request: PageRequest, limit: int) -> Select[int]:
        """SELECT how many rows pass the filter and the search; above `limit`, one more than it."""
        matching = self._where(select(literal(1)).select_from(self.table), request)
        return select(func.count()).select_from(matching.limit(limit + 1).subquery())

    def default_sort(self) -> Choice:
        return next(iter(self.sorts))

    def sort_kind(self, sort: Choice) -> type[Any]:
        """The Python type of the values of a sort key."""
        return self.sorts[sort].type.python_type

    def select(
        self, columns: Sequence[ColumnElement[Any]], request: PageRequest, start: Start | None
    ) -> Select[Any]:
        """SELECT the columns, the sort value and the id of the rows behind `start`, in any order.

        `start` is a sort value and an id; None: from the first row. It stands apart from the
        request, so that one statement can be kept for every start.
        """
        sort = self.sorts[request.sort or self.default_sort()]
        statement = select(*columns, sort.label("_sort"), self.table.c.id.label("_id"))
        if start:
            here, there = tuple_(sort, self.table.c.id), tuple_(*start)
            statement = statement.where(here < there if self.downwards(request) else here > there)
        return self._where(statement, request)

    def select_page(
        self,
        columns: Sequence[ColumnElement[Any]],
        request: PageRequest,
        start: Start | None,
        size: int | ColumnElement[int],
    ) -> Select[Any]:
        """The same for the first `size` of these rows, in the order of `order`."""
        return self.select(columns, request, start).order_by(*self.order(request)).limit(size)

    def order(self, request: PageRequest) -> tuple[Any, ...]:
        """What the rows are ordered by, in the direction in which the request walks."""
        keys = (self.sorts[request.sort or self.default_sort()], self.table.c.id)
        return tuple(key.desc() if self.downwards(request) else key.asc() for key in keys)

    def start(self, request: PageRequest) -> Start | None:
        """The start of the request as a sort value and an id of SQL."""
        if request.start is None:
            return None
        sort = self.sorts[request.sort or self.default_sort()]
        return (
            literal(request.start.value, sort.type),
            literal(request.start.id, self.table.c.id.type),
        )

    def _select(self, request: PageRequest) -> Select[Any]:
        return self.select(columns_of(self.shape, self.table), request, self.start(request))

    def _where(self, statement: Select[Any], request: PageRequest) -> Select[Any]:
        if request.filter:
            statement = statement.where(condition(request.filter, self.words))
        if request.search is not None and self.searched:
            also = self.searched_also(request.search) if self.searched_also else None
            statement = statement.where(
                search.matching(self.table.c.id, self.searched, request.search, also)
            )
        return statement

    def downwards(self, request: PageRequest) -> bool:
        """The direction to walk in: that of the list, turned round when walking backwards."""
        descending = self.descending if request.descending is None else request.descending
        return descending != request.backwards

    def _page(self, rows: Iterable[Row[Any]], request: PageRequest) -> Page[T]:
        found = list(rows)
        more = len(found) > request.size
        del found[request.size :]
        if request.backwards:
            found.reverse()
        width = len(columns_of(self.shape, self.table))
        sort = self.sort_name(request)
        positions = [Position(sort, row[width], row[width + 1]) for row in found]
        behind_start = request.start is not None
        return Page(
            rows=[self.shape(*row[:width]) for row in found],
            positions=positions,
            has_previous=more if request.backwards else behind_start,
            has_next=behind_start if request.backwards else more,
        )

    def sort_name(self, request: PageRequest) -> str:
        """Names the list and its order, so that the cursor of another one is recognised."""
        descending = self.descending if request.descending is None else request.descending
        key = (request.sort or self.default_sort()).value
        return f"{self.table.name} {key} {'desc' if descending else 'asc'}"
