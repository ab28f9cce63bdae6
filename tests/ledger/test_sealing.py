"""Seals, balances and reports: nothing is lost, and what is tampered with is found."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import IntegrityError

from backoffice_api.domain.execute import _new_id
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Meta, UnitOfWork
from backoffice_api.domain.ledger.checks import CHECKS
from backoffice_api.domain.ledger.commands.closing import ClosePeriod, close_period
from backoffice_api.domain.ledger.commands.posting import post
from backoffice_api.domain.ledger.commands.sealing import SealEntries, seal_entries
from backoffice_api.domain.ledger.model.accounts import AccountRole
from backoffice_api.domain.ledger.model.entries import Dimensions
from backoffice_api.domain.ledger.model.lines import LineDraft, pairs_of
from backoffice_api.domain.ledger.model.refusals import UnbalancedEntry
from backoffice_api.domain.ledger.model.reports import Span
from backoffice_api.domain.ledger.queries.reports import trial_balance
from backoffice_api.domain.ledger.tables import entries, postings, seals
from tests.databases import Copies, count_statements
from tests.ledger.office import post_as_shop, sale
from tests.soundness import findings
from tests.world import NOW, World

FEBRUARY = date(2025, 2, 3)


def seal(world: World) -> int:
    sealed: int = world.run(seal_entries, SealEntries(), caller=THE_SYSTEM).value
    return sealed


def wrong(database: Database) -> Mapping[str, Any]:
    return {each.check.id: each.rows for each in findings(database, CHECKS)}


def sealed_sources(database: Database) -> Sequence[str]:
    statement = select(entries.c.source).join(seals, seals.c.entry_id == entries.c.id)
    with database.reading.connect() as db:
        return db.execute(statement.order_by(seals.c.number)).scalars().all()


class TestSealing:
    def test_loses_nothing_while_others_post(self, world: World) -> None:
        post_as_shop(world.database, sale(-1))
        people, each_posts = 4, 12

        def work(person: int) -> None:
            for number in range(each_posts):
                post_as_shop(world.database, sale(person * 100 + number))

        with ThreadPoolExecutor(people + 2) as pool:
            working = [pool.submit(work, person) for person in range(people)]
            while not all(each.done() for each in working):
                for sealing in [pool.submit(seal, world) for _ in range(2)]:
                    sealing.result()
            for each in working:
                each.result()
        while seal(world):
            pass

        assert len(sealed_sources(world.database)) == people * each_posts + 1
        assert wrong(world.database) == {}

    def test_takes_statements_that_do_not_grow(self, world: World) -> None:
        counts = []
        for start, size in ((0, 2), (10, 40)):
            post_as_shop(world.database, *(sale(start + number) for number in range(size)))
            with count_statements(world.database) as statements:
                assert seal(world) == size
            counts.append(len(statements))

        assert counts[0] == counts[1]

    def test_comes_to_what_was_committed_late(self, postgres_copies: Copies) -> None:
        database = postgres_copies.clean()
        post_as_shop(database, sale(0))
        with database.writing.begin() as db:
            post(_uow(db), sale(1))
            post_as_shop(database, sale(2))
            _seal(database)
            assert sealed_sources(database) == ["sale:0", "sale:2"]

        _seal(database)

        assert sealed_sources(database) == ["sale:0", "sale:2", "sale:1"]
        assert wrong(database) == {}


class TestClosing:
    def test_is_waited_for_by_those_who_post(self, postgres_copies: Copies) -> None:
        database = postgres_copies.clean()
        world = World(database, None)  # type: ignore[arg-type]
        post_as_shop(database, sale(0))
        with ThreadPoolExecutor(1) as pool, database.writing.begin() as db:
            close_period(_uow(db), ClosePeriod(day=FEBRUARY))
            waiting = pool.submit(
                world.run, lambda uow, _: list(post(uow, sale(1, on=FEBRUARY))), SealEntries()
            )
            db.commit()
            (id,) = waiting.result().value

        with database.reading.connect() as db:
            booked_on = select(entries.c.booked_on).where(entries.c.id == id)
            assert db.execute(booked_on).scalar() == date(2025, 3, 1)
        assert wrong(database) == {}


class TestGuards:
    def test_are_the_databases_own(self, world: World) -> None:
        """Whoever writes, and however."""
        database = world.database
        (id,) = post_as_shop(database, sale(1, on=FEBRUARY))
        world.run(close_period, ClosePeriod(day=FEBRUARY))
        with database.reading.connect() as db:
            row = db.execute(select(entries)).mappings().one()
        late = {**row, "id": UUID(int=1), "source": "late", "created_at": NOW}
        changes = (
            entries.insert().values(late),
            update(postings).values(base_minor=7).where(postings.c.entry_id == id),
            update(postings).values(base_minor=8).where(postings.c.entry_id == id),
            update(entries).values(description="another"),
            delete(entries),
        )

        refused = []
        for change in changes:
            with suppress(IntegrityError), database.writing.begin() as db:
                db.execute(change)
                refused.append(False)
                continue
            refused.append(True)

        assert refused == [True, False, True, True, True]


class TestVerify:
    @pytest.mark.parametrize(
        ("statement", "found"),
        [
            (
                "UPDATE journal_entries SET description = 'nothing' WHERE source = 'sale:2'",
                "F2-chain",
            ),
            ("UPDATE journal_postings SET amount_minor = amount_minor + 1", "F2-chain"),
            ("DELETE FROM journal_seals WHERE number = 2", "F2-numbers"),
            ("UPDATE ledger_balances SET debit_minor = debit_minor + 1", "F2-balances"),
            ("DELETE FROM journal_unsealed", "F2-sealed"),
        ],
    )
    def test_names_what_was_tampered_with(self, world: World, statement: str, found: str) -> None:
        database = world.database
        post_as_shop(database, *(sale(number) for number in range(1, 4)))
        seal(world)
        post_as_shop(database, sale(4))
        assert wrong(database) == {}

        with database.writing.begin() as db:
            _lift(db, *(("journal_entries", "journal_postings", "journal_seals")))
            db.execute(text(statement))

        rows = wrong(database)
        assert found in rows
        if "sale:2" in statement:
            assert rows.keys() == {"F2-chain"}
            assert [(row["number"], row["source"]) for row in rows[found]] == [(2, "sale:2")]


def _lift(db: Any, *tables: str) -> None:
    """Take the triggers away, as somebody would who has the rights of the owner."""
    if db.dialect.name == "postgresql":
        db.execute(text("SET LOCAL session_replication_role = replica"))
        return
    names = select(text("name")).select_from(text("sqlite_master")).where(text("type='trigger'"))
    for name in db.execute(names).scalars().all():
        if name.startswith(tables):
            db.execute(text(f"DROP TRIGGER {name}"))


ACCOUNTS = [UUID(int=number) for number in range(1, 6)]
CLEARING = UUID(int=99)
CHANNELS = [None, UUID(int=11), UUID(int=12)]


@st.composite
def balanced_lines(draw: st.DrawFn) -> list[LineDraft]:
    lines = []
    for currency in draw(st.sets(st.sampled_from(["EUR", "USD", "JPY"]), min_size=1)):
        for is_debit in (True, False):
            cuts = draw(st.sets(st.integers(1, 99), max_size=3))
            edges = [0, *sorted(cuts), 100]
            lines += [
                LineDraft(
                    account=draw(st.sampled_from(ACCOUNTS)),
                    amount=Money(end - start, currency),
                    is_debit=is_debit,
                    dimensions=Dimensions(channel_id=draw(st.sampled_from(CHANNELS))),
                )
                for start, end in pairwise(edges)
            ]
    return draw(st.permutations(lines))


class TestPairsOf:
    @given(balanced_lines())
    @settings(max_examples=60)
    def test_moves_what_the_lines_say(self, lines: list[LineDraft]) -> None:
        made = pairs_of(lines, CLEARING)

        said: dict[Any, int] = {}
        for line in lines:
            key = (line.account, line.is_debit, line.amount.currency)
            said[key] = said.get(key, 0) + line.amount.minor
        moved: dict[Any, int] = {}
        for each in made:
            assert each.amount.minor > 0
            assert each.debit != each.credit
            for account, is_debit in ((each.debit, True), (each.credit, False)):
                key = (account, is_debit, each.amount.currency)
                moved[key] = moved.get(key, 0) + each.amount.minor
        through = {key: minor for key, minor in moved.items() if key[0] == CLEARING}
        assert said == {key: moved[key] for key in moved.keys() - through.keys()}
        for _, _, currency in through:
            assert through[CLEARING, True, currency] == through[CLEARING, False, currency]

    @given(balanced_lines())
    @settings(max_examples=10)
    def test_refuses_what_does_not_balance(self, lines: list[LineDraft]) -> None:
        with pytest.raises(UnbalancedEntry):
            pairs_of(lines[1:], CLEARING)


class TestTrialBalance:
    def test_is_what_the_postings_come_to(self, world: World) -> None:
        """Over spans of every kind, while some entries are sealed and others are not."""
        roles = (AccountRole.BANK, AccountRole.SALES, AccountRole.PAYABLES)
        begin = date(2025, 1, 1)
        made = 0

        @given(
            st.lists(st.tuples(st.integers(0, 100), st.integers(0, 2)), max_size=4),
            st.integers(0, 100),
            st.integers(1, 100),
            st.booleans(),
        )
        @settings(max_examples=12)
        def compare(
            posted: list[tuple[int, int]], start: int, length: int, is_sealed: bool
        ) -> None:
            nonlocal made
            drafts = []
            for day, place in posted:
                made += 1
                debit, credit = roles[place], roles[(place + 1) % 3]
                on = begin + timedelta(days=day)
                drafts.append(sale(made, 100 + made, on=on, debit=debit, credit=credit))
            post_as_shop(world.database, *drafts)
            if is_sealed:
                seal(world)
            span = Span(begin + timedelta(days=start), begin + timedelta(days=start + length))
            report = world.read(trial_balance, span)
            assert {
                each.account_id: (each.opening.minor, each.debit.minor, each.credit.minor)
                for each in report.rows
            } == world.read(_by_hand, span)

        compare()


def _by_hand(db: Any, span: Span) -> Mapping[UUID, tuple[int, int, int]]:
    found: dict[UUID, list[int]] = {}
    for row in db.execute(select(postings)):
        if row.booked_on >= span.to:
            continue
        for id, place in ((row.debit_account_id, 1), (row.credit_account_id, 2)):
            sums = found.setdefault(id, [0, 0, 0])
            if row.booked_on < span.from_:
                sums[0] += row.amount_minor if place == 1 else -row.amount_minor
            else:
                sums[place] += row.amount_minor
    return {id: (sums[0], sums[1], sums[2]) for id, sums in found.items() if any(sums)}


def _uow(db: Any) -> UnitOfWork:
    return UnitOfWork(db, NOW, THE_SYSTEM, Meta(), _new_id)


def _seal(database: Database) -> None:
    with database.writing.begin() as db:
        seal_entries(_uow(db), SealEntries())
