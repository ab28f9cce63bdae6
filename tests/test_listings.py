"""Every list of the project: each order and each filter word has its index, on both databases."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Column, String, UnaryExpression, select
from sqlalchemy import Enum as EnumType
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateColumn
from strawberry.types.base import StrawberryObjectDefinition

from backoffice_api.domain.approvals.queries import Decidable
from backoffice_api.domain.catalog.queries import FiledUnder
from backoffice_api.domain.custom_fields.queries import OnCustomFields
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.database import Database, open_database
from backoffice_api.domain.kernel.filters import (
    Keyed,
    On,
    OnKey,
    OnMoney,
    Operator,
    Present,
    Within,
    Word,
)
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.pages import PageRequest, Position
from backoffice_api.domain.ledger.queries import OfAccount
from backoffice_api.domain.orders.queries import IsOpen
from backoffice_api.domain.stock.queries import InSubtree, OnEither
from backoffice_api.domain.stock.queries.lots import AtLevel
from backoffice_api.resolvers.schema import schema
from backoffice_api.schema.connections import LIST, ListLink
from backoffice_api.schema.nodes import KINDS
from tests.databases import BACKENDS, Copies, count_statements
from tests.discovery import domain_modules
from tests.plans import all_indexed, assert_indexed, explain
from tests.together import together

NOW = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)
ID = UUID(int=1)

# Indexes that search for something take a walk on SQLite, which calls it a scan.
WALKS = ("search_fts",)


def every_listing() -> Iterator[tuple[str, Listing[Any]]]:
    for module in domain_modules():
        for name, value in vars(module).items():
            if isinstance(value, Listing):
                yield name, value


def every_use() -> Iterator[tuple[str, ListLink]]:
    for name, known in schema.schema_converter.type_map.items():
        if isinstance(known.definition, StrawberryObjectDefinition):
            for field in known.definition.fields:
                if LIST in field.metadata:
                    yield f"{name}.{field.name}", field.metadata[LIST]


LISTINGS = dict(every_listing())
# Fields that list the same rows of the same owners ask the same of the database.
USES = {
    name: use
    for use, name in {
        (link.listing, link.owner, sort): f"{name}-{sort.value}"
        for name, link in every_use()
        for sort in link.listing.sorts
    }.items()
}
NESTED = {name: link for name, link in every_use() if link.owner is not None}
SORTS = {
    f"{name}-{sort.value}": (listing, sort)
    for name, listing in LISTINGS.items()
    for sort in listing.sorts
}
WORDS = {
    f"{name}-{word}": (listing, word)
    for name, listing in LISTINGS.items()
    for word in listing.words
}
SEARCHED = {name: each for name, each in LISTINGS.items() if each.searched}


def sample(kind: type[Any]) -> Any:
    """Some value of a type."""
    if issubclass(kind, Enum):
        return next(iter(kind))
    return {str: "a", int: 1, bool: True, datetime: NOW, date: NOW.date(), UUID: ID}[kind]


def comparisons(word: Word) -> Iterator[tuple[Operator, Any]]:
    """Comparisons that a word of a filter is used for."""
    match word:
        case Present():
            yield Operator.EQ, True
        case OnMoney():
            yield Operator.GTE, Money(1, "EUR")
        case On(column) | Within(column=column) | OnKey(column=column):
            value = sample(column.type.python_type)
            yield Operator.EQ, value
            yield Operator.IN, (value,)
            if isinstance(value, str) and not isinstance(value, Enum):
                yield Operator.STARTS_WITH, value
            if isinstance(value, date):
                yield Operator.GTE, value
                yield Operator.LT, value
        case IsOpen():
            yield Operator.EQ, True
            yield Operator.EQ, False
        case Decidable():
            yield Operator.EQ, ID
            yield Operator.IN, (ID, UUID(int=2))
        case InSubtree() | AtLevel() | OfAccount():
            yield Operator.EQ, ID
            yield Operator.IN, (ID, UUID(int=2))
        case OnCustomFields():
            for value in ("wood", "12.5", 7, True, "2026-01-31", "2026-01-31T09:30:00Z"):
                yield Operator.EQ, Keyed("material", value)
                yield Operator.IN, Keyed("material", (value,))
            yield Operator.GTE, Keyed("size", "12.5")
            yield Operator.STARTS_WITH, Keyed("material", "w")
            yield Operator.IS_NULL, Keyed("material", False)
        case FiledUnder():
            yield Operator.EQ, ID
            yield Operator.IN, (ID, ID)
        case OnEither(columns):
            yield Operator.EQ, sample(columns[0].type.python_type)
        case _:
            raise AssertionError(f"Say here what {type(word).__name__} is used for.")


def columns_of(word: Word) -> Iterator[Any]:
    match word:
        case On(column) | Within(column=column) | OnKey(column=column):
            yield column


@pytest.fixture(scope="module", params=BACKENDS)
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database that nobody writes into, for all tests here. Once on each backend."""
    copies: Copies = request.getfixturevalue(
        "sqlite_copies" if request.param == "sqlite" else "postgres_copies"
    )
    url = copies.fresh()
    database = open_database(url)
    yield database
    database.dispose()
    copies.drop(url)


def test_there_are_some() -> None:
    assert {"product_list", "variant_list", "event_list"} <= LISTINGS.keys()


class TestSorts:
    @together("listing, owner, sort", USES)
    def test_read_no_more_rows_than_they_show(
        self, database: Database, listing: Listing[Any], owner: Any, sort: Choice
    ) -> None:
        start = Position("", sample(listing.sort_kind(sort)), ID)
        # Where the sort value alone is unique, the id behind it sorts nothing any more. And the
        # rows of one owner may be sorted, but not by what they are sorted by if nobody says so.
        unique = bool(listing.sorts[sort].primary_key)
        few = owner is not None and sort is not listing.default_sort()
        walks = [listing.table.name] if unique else []
        with (
            all_indexed(database.reading, sorts=unique or few, walks=walks),
            database.reading.connect() as db,
        ):
            for descending in (False, True):
                for place in (None, start):
                    request = PageRequest(sort=sort, descending=descending, start=place)
                    if owner is None:
                        listing.page(db, request)
                    else:
                        listing.pages_by(db, owner, [ID], request)

    @together("link", NESTED)
    def test_of_several_owners_read_only_their_rows(
        self, database: Database, link: ListLink
    ) -> None:
        assert link.owner is not None
        # What SQLite scans is what it has found: the rows of the owners, numbered.
        walks = ["(subquery-3)", "anon_1"]
        with (
            all_indexed(database.reading, sorts=True, walks=walks),
            database.reading.connect() as db,
        ):
            link.listing.pages_by(db, link.owner, [ID, UUID(int=2)], PageRequest())

    @together("listing, sort", SORTS)
    def test_are_by_columns_that_always_have_a_value(
        self, listing: Listing[Any], sort: Choice
    ) -> None:
        column = listing.sorts[sort]

        assert isinstance(column, Column)
        assert not column.nullable
        assert not isinstance(column, UnaryExpression)

    @together("listing, sort", SORTS)
    def test_take_one_statement(
        self, database: Database, listing: Listing[Any], sort: Choice
    ) -> None:
        with database.reading.connect() as db, count_statements(database) as statements:
            listing.page(db, PageRequest(sort=sort))

        assert len([each for each in statements if each.startswith("SELECT")]) == 1

    def test_are_named_by_their_columns_values_alike_on_both_databases(self) -> None:
        texts = [
            column
            for listing in LISTINGS.values()
            for column in listing.sorts.values()
            if isinstance(column.type, String)
        ]

        assert [str(each) for each in texts if not is_by_code_point(each)] == []


class TestWords:
    @together("listing, word", WORDS)
    def test_read_no_more_rows_than_pass(
        self, database: Database, listing: Listing[Any], word: str
    ) -> None:
        with database.reading.connect() as db:
            for operator, value in comparisons(listing.words[word]):
                test = listing.words[word](operator, value)
                statement = select(listing.table.c.id).where(test)
                assert_indexed(db, statement, sorts=True)
                if database.dialect == "sqlite":
                    steps = explain(db, statement)
                    assert not any(step.startswith("SCAN") for step in steps), (operator, steps)

    def test_that_test_the_beginning_compare_by_code_point(self) -> None:
        texts = [
            column
            for listing in LISTINGS.values()
            for word in listing.words.values()
            for column in columns_of(word)
            if isinstance(column.type, String) and not isinstance(column.type, EnumType)
        ]

        assert [str(each) for each in texts if not is_by_code_point(each)] == []


class TestSearch:
    @together("listing", SEARCHED)
    def test_uses_the_index(self, database: Database, listing: Listing[Any]) -> None:
        with (
            all_indexed(database.reading, sorts=True, walks=WALKS),
            database.reading.connect() as db,
        ):
            listing.page(db, PageRequest(search="a b"))

    @together("listing", SEARCHED)
    def test_is_for_things_that_have_ids(self, listing: Listing[Any]) -> None:
        assert listing.searched in KINDS


def is_by_code_point(column: Any) -> bool:
    ddl = str(CreateColumn(column).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
    return 'COLLATE "C"' in ddl
