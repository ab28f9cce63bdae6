"""Lists page by page: every row once, in order, from both ends, at any size of page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice_api.domain.kernel import search
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.filters import On, Operator, Test
from backoffice_api.domain.kernel.ids import IdSource
from backoffice_api.domain.kernel.jobs import JobStatus, jobs
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.pages import Count, Page, PageRequest, Position
from backoffice_api.domain.kernel.scopes import Scope
from tests.databases import count_statements
from tests.plans import all_indexed

NOW = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)
new_id = IdSource()


class Key(Choice):
    CREATED_AT = "created_at", "When it was made."
    KIND = "kind", "What it is."
    VERSION = "version", "How often it was changed."


@dataclass(frozen=True, slots=True)
class Shape:
    id: UUID
    kind: str
    created_at: datetime


LISTING = Listing(
    Shape,
    jobs,
    sorts={
        Key.CREATED_AT: jobs.c.created_at,
        Key.KIND: jobs.c.kind,
        Key.VERSION: jobs.c.version,
    },
    words={"kind": On(jobs.c.kind), "status": On(jobs.c.status)},
    searched="job",
    scopes={"kind": Scope.JOBS_READ},
    search_scope=Scope.PERSONAL_READ,
)


@pytest.fixture
def rows(database: Database) -> Sequence[Shape]:
    """23 rows: few different hours and kinds, so that many are equal but for their id."""
    made = [
        Shape(new_id(), ["b", "B", "ä", "a"][number % 4], NOW + timedelta(seconds=number % 3))
        for number in range(23)
    ]
    with database.writing.begin() as db:
        db.execute(
            jobs.insert(),
            [
                {
                    "id": each.id,
                    "kind": each.kind,
                    "payload": {},
                    "status": JobStatus.QUEUED,
                    "run_at": NOW,
                    "attempts": 0,
                    "attempts_max": 1,
                    "progress_done": 0,
                    "created_at": each.created_at,
                    "updated_at": NOW,
                    "version": 1 + number % 2,
                }
                for number, each in enumerate(made)
            ],
        )
        search.put(db, "job", {each.id: (f"{each.kind} job",) for each in made})
    return made


def expected(rows: Sequence[Shape], key: Key, *, descending: bool) -> list[UUID]:
    values = {each.id: (1 + place % 2) for place, each in enumerate(rows)}

    def by(each: Shape) -> tuple[object, UUID]:
        return (values[each.id] if key is Key.VERSION else getattr(each, key.value), each.id)

    return [each.id for each in sorted(rows, key=by, reverse=descending)]


def ids_of(page: Page[Shape]) -> list[UUID]:
    return [each.id for each in page.rows]


def selects(statements: Sequence[str]) -> list[str]:
    return [each for each in statements if each.startswith("SELECT")]


class TestPage:
    def test_shows_every_row_once_and_in_order(
        self, database: Database, rows: Sequence[Shape]
    ) -> None:
        with database.reading.connect() as db:

            @settings(max_examples=60, deadline=None)
            @given(st.integers(1, 30), st.sampled_from(Key), st.booleans(), st.booleans())
            def check(size: int, key: Key, descending: bool, backwards: bool) -> None:
                request = PageRequest(
                    size=size, sort=key, descending=descending, backwards=backwards
                )
                found: list[UUID] = []
                while True:
                    page = LISTING.page(db, request)
                    found = ids_of(page) + found if backwards else found + ids_of(page)
                    more = page.has_previous if backwards else page.has_next
                    if not more:
                        break
                    start = page.positions[0] if backwards else page.positions[-1]
                    request = replace(request, start=start)
                assert found == expected(rows, key, descending=descending)

            check()

    def test_is_sorted_by_the_first_key_and_downwards_unless_asked_otherwise(
        self, database: Database, rows: Sequence[Shape]
    ) -> None:
        with database.reading.connect() as db:
            page = LISTING.page(db, PageRequest(size=5))

        assert ids_of(page) == expected(rows, Key.CREATED_AT, descending=True)[:5]

    def test_knows_what_lies_around_it(self, database: Database, rows: Sequence[Shape]) -> None:
        with database.reading.connect() as db:
            first = LISTING.page(db, PageRequest(size=20))
            second = LISTING.page(db, PageRequest(size=20, start=first.positions[-1]))
            back = LISTING.page(db, PageRequest(size=20, start=second.positions[0], backwards=True))
            end = LISTING.page(db, PageRequest(size=3, backwards=True))
            whole = LISTING.page(db, PageRequest(size=23))

        pages = (first, second, back, end, whole)
        assert [(page.has_previous, page.has_next) for page in pages] == [
            (False, True),
            (True, False),
            (False, True),
            (True, False),
            (False, False),
        ]
        assert ids_of(back) == ids_of(first)
        assert ids_of(end) == ids_of(second)

    def test_goes_on_where_the_row_stood_when_it_is_gone(
        self, database: Database, rows: Sequence[Shape]
    ) -> None:
        order = expected(rows, Key.KIND, descending=False)
        with database.writing.begin() as db:
            request = PageRequest(size=10, sort=Key.KIND, descending=False)
            start = LISTING.page(db, request).positions[-1]
            db.execute(jobs.delete().where(jobs.c.id == start.id))

            page = LISTING.page(db, replace(request, start=start))

        assert ids_of(page) == order[10:20]

    def test_starts_anywhere(self, database: Database, rows: Sequence[Shape]) -> None:
        nowhere = Position("", "b", UUID(int=0))
        with database.reading.connect() as db:
            request = PageRequest(size=50, sort=Key.KIND, descending=False, start=nowhere)
            page = LISTING.page(db, request)

        assert [each.kind for each in page.rows] == ["b"] * 6 + ["ä"] * 6

    def test_takes_filter_and_search_together(
        self, database: Database, rows: Sequence[Shape]
    ) -> None:
        request = PageRequest(filter=Test("kind", Operator.EQ, "ä"), search="JOB a")
        with database.reading.connect() as db:
            page = LISTING.page(db, request)

        assert {each.kind for each in page.rows} == {"ä"}
        assert len(page.rows) == 6

    def test_of_nothing_is_empty(self, database: Database) -> None:
        with database.reading.connect() as db:
            page = LISTING.page(db, PageRequest())

        assert page == Page([], [], has_previous=False, has_next=False)

    def test_is_one_statement(self, database: Database, rows: Sequence[Shape]) -> None:
        with database.reading.connect() as db, count_statements(database) as statements:
            LISTING.page(db, PageRequest(size=5))

        assert len(selects(statements)) == 1


class TestPagesBy:
    def test_are_the_same_page_for_each_owner(
        self, database: Database, rows: Sequence[Shape]
    ) -> None:
        owners = ["a", "B", "nobody", "ä"]
        with database.reading.connect() as db:

            @settings(max_examples=30, deadline=None)
            @given(st.integers(1, 8), st.sampled_from(Key), st.booleans(), st.booleans())
            def check(size: int, key: Key, descending: bool, backwards: bool) -> None:
                request = PageRequest(
                    size=size, sort=key, descending=descending, backwards=backwards
                )
                together = LISTING.pages_by(db, jobs.c.kind, owners, request)
                for owner in owners:
                    one = replace(request, filter=Test("kind", Operator.EQ, owner))
                    alone = LISTING.pages_by(db, jobs.c.kind, [owner], request)
                    assert together[owner] == LISTING.page(db, one) == alone[owner]

            check()

    def test_go_on_behind_a_start(self, database: Database, rows: Sequence[Shape]) -> None:
        owners = ["a", "b"]
        with database.reading.connect() as db:
            first = LISTING.pages_by(db, jobs.c.kind, ["a"], PageRequest(size=2))["a"]
            request = PageRequest(size=2, start=first.positions[-1])
            second = LISTING.pages_by(db, jobs.c.kind, owners, request)

        of_a = [each.id for each in rows if each.kind == "a"]
        order = [id for id in expected(rows, Key.CREATED_AT, descending=True) if id in of_a]
        assert ids_of(second["a"]) == order[2:4]

    def test_are_one_statement_for_many_owners(
        self, database: Database, rows: Sequence[Shape]
    ) -> None:
        with database.reading.connect() as db, count_statements(database) as statements:
            LISTING.pages_by(db, jobs.c.kind, ["a", "b", "c"], PageRequest())

        assert len(selects(statements)) == 1

    def test_read_only_rows_of_the_owners(self, database: Database, rows: Sequence[Shape]) -> None:
        # What SQLite scans is what it has found: the rows of the owners, numbered.
        found = ["(subquery-3)", "anon_1"]
        with (
            all_indexed(database.reading, sorts=True, walks=found),
            database.reading.connect() as db,
        ):
            LISTING.pages_by(db, jobs.c.kind, ["a", "b"], PageRequest())


class TestCount:
    @pytest.mark.parametrize(
        ("limit", "count"),
        [
            (1, Count(1, exact=False)),
            (22, Count(22, exact=False)),
            (23, Count(23, exact=True)),
            (24, Count(23, exact=True)),
        ],
    )
    def test_goes_no_further_than_the_limit(
        self, database: Database, rows: Sequence[Shape], limit: int, count: Count
    ) -> None:
        with database.reading.connect() as db:
            assert LISTING.count(db, PageRequest(), limit) == count

    def test_counts_what_passes(self, database: Database, rows: Sequence[Shape]) -> None:
        request = PageRequest(filter=Test("kind", Operator.IN, ("a", "b")), search="a")
        with database.reading.connect() as db:
            assert LISTING.count(db, request, 100) == Count(5, exact=True)


class TestNeeds:
    def test_nothing_for_what_anybody_may_ask(self) -> None:
        request = PageRequest(filter=Test("status", Operator.EQ, JobStatus.QUEUED))

        assert LISTING.needs(request) == frozenset()

    @pytest.mark.parametrize(
        ("request_", "scope"),
        [
            (PageRequest(filter=Test("kind", Operator.EQ, "a")), Scope.JOBS_READ),
            (PageRequest(sort=Key.KIND), Scope.JOBS_READ),
            (PageRequest(search="a"), Scope.PERSONAL_READ),
        ],
    )
    def test_the_scope_of_what_is_asked_by(self, request_: PageRequest, scope: Scope) -> None:
        assert LISTING.needs(request_) == {scope}


class TestSortName:
    def test_names_list_key_and_direction(self) -> None:
        assert LISTING.sort_name(PageRequest()) == "jobs created_at desc"
        request = PageRequest(sort=Key.KIND, descending=False)
        assert LISTING.sort_name(request) == "jobs kind asc"

    def test_is_the_same_from_both_ends(self) -> None:
        assert LISTING.sort_name(PageRequest(backwards=True)) == "jobs created_at desc"


class TestSortKind:
    def test_is_the_type_of_the_values(self) -> None:
        assert [LISTING.sort_kind(key) for key in Key] == [datetime, str, int]
