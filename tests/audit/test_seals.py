"""A10: the log is sealed block by block, and whatever is done to it afterwards is named."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, func, select, text, update
from sqlalchemy.exc import IntegrityError

from backoffice_api.domain.audit import queries
from backoffice_api.domain.audit.checks import CHECKS, kept_elsewhere, signed
from backoffice_api.domain.audit.commands import sealing
from backoffice_api.domain.audit.commands.sealing import SealEvents, seal_events
from backoffice_api.domain.audit.model.digests import packed, unpacked
from backoffice_api.domain.audit.model.seals import Head, hash_of, key_id, keys_of
from backoffice_api.domain.audit.tables import rewritings, rewritten, seals
from backoffice_api.domain.customers.commands.customers import CreateCustomer, create_customer
from backoffice_api.domain.customers.model import CustomerDraft, CustomerKind
from backoffice_api.domain.kernel.chains import GENESIS, canonical
from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.events import events
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.domain.privacy.commands.erasing import EraseCustomer, erase_customer
from backoffice_api.tasks.audit import seal_next
from tests.databases import Copies, count_statements
from tests.soundness import findings
from tests.world import NOW, World

KEY = Secret("a key of the tests that is long enough")
OTHER = Secret("another key of the tests, long enough")


def customers(world: World, count: int, reason: str | None = "by hand") -> Sequence[Any]:
    return [
        world.run(create_customer, CreateCustomer(draft=draft), reason=reason).value
        for draft in [CustomerDraft(kind=CustomerKind.PERSON, name="Ana")] * count
    ]


def seal(world: World, key: Secret | None = KEY) -> int:
    world.settle()
    count: int = world.run(seal_events, SealEvents(key=key), caller=THE_SYSTEM).value
    return count


def wrong(database: Database, checks: Sequence[Check] = CHECKS) -> Mapping[str, Any]:
    return {each.check.id: each.rows for each in findings(database, checks)}


@contextmanager
def tampering(database: Database, *tables: str) -> Iterator[Connection]:
    """A connection of somebody who may do anything with the database."""
    with database.writing.begin() as db:
        if database.dialect == "postgresql":
            db.execute(text("SET LOCAL session_replication_role = replica"))
            yield db
            return
        triggers = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        known = [row for row in db.execute(text(triggers)) if row.name.startswith(tables)]
        for name, _ in known:
            db.execute(text(f"DROP TRIGGER {name}"))
        yield db
        for _, sql in known:
            db.exec_driver_sql(sql)


def change_content(db: Connection, at: int) -> None:
    db.execute(update(events).where(events.c.sequence == at).values(reason="by nobody"))


def change_actor(db: Connection, at: int) -> None:
    db.execute(update(events).where(events.c.sequence == at).values(actor_id=None))


def remove(db: Connection, at: int) -> None:
    db.execute(delete(events).where(events.c.sequence == at))


def swap(db: Connection, at: int) -> None:
    for old, new in ((at, -1), (at + 1, at), (-1, at + 1)):
        db.execute(update(events).where(events.c.sequence == old).values(sequence=new))


def change_seal(db: Connection, at: int) -> None:
    db.execute(update(seals).where(seals.c.number == 2).values(sealed_at=NOW + timedelta(1)))


def change_digests(db: Connection, at: int) -> None:
    row = db.execute(select(seals.c.digests).where(seals.c.number == 2)).scalar_one()
    db.execute(update(seals).where(seals.c.number == 2).values(digests=row[:-1] + b"x"))


def remove_seal(db: Connection, at: int) -> None:
    db.execute(delete(seals).where(seals.c.number == 2))


def pretend_erasure(db: Connection, at: int) -> None:
    """Evidence without an event that tells of it."""
    change_content(db, at)
    event = next(iter(queries.events_between(db, at, at)))
    row = {"id": event.id, "created_at": NOW, "cause_kind": "ers", "cause_id": event.id}
    db.execute(rewritings.insert().values(**row, count=1, hash=GENESIS))
    new = {"rewriting_id": event.id, "sequence": at, "content_digest": GENESIS}
    db.execute(rewritten.insert().values(**new))


CHANGED = "what it says is not what was sealed"
ANOTHER = "who did what, to what, or when, is not what was sealed"
TAMPERINGS: Sequence[tuple[Callable[[Connection, int], None], Mapping[str, Any]]] = (
    (change_content, {"A10-events": [(0, CHANGED)]}),
    (change_actor, {"A10-events": [(0, ANOTHER)]}),
    (remove, {"A10-events": [(0, "it is missing")]}),
    (swap, {"A10-events": [(0, ANOTHER), (1, ANOTHER)]}),
    (change_seal, {"A10-chain": ["its hash is not that of what it holds"]}),
    (
        change_digests,
        {
            "A10-chain": ["its hash is not that of what it holds"],
            "A10-events": [(3, CHANGED)],
        },
    ),
    (
        remove_seal,
        {"A10-chain": ["a seal before it is missing"]},
    ),
    (
        pretend_erasure,
        {
            "A10-events": [(0, "no erasure left it so")],
            "A10-erased": ["its rows are not those that were noted"],
        },
    ),
)


@pytest.fixture
def three_blocks(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(sealing, "SEALED_MAX", 4)
    customers(world, 10)
    while seal(world):
        pass
    return world


class TestSealing:
    def test_chains_all_that_has_settled(self, three_blocks: World) -> None:
        with three_blocks.database.reading.connect() as db:
            made = queries.seals_behind(db, 0, 10)
            last = db.execute(select(func.max(events.c.sequence))).scalar_one()
            head = queries.head(db)

        assert [(each.number, each.count) for each, _ in made] == [(1, 4), (2, 4), (3, 2)]
        assert [each.previous_hash for each, _ in made[1:]] == [each.hash for each, _ in made[:-1]]
        assert {each.key_id for each, _ in made} == {key_id(KEY)}
        assert head == Head(3, last, made[-1][0].hash)
        assert Head.parse(str(head)) == head
        assert wrong(three_blocks.database, (*CHECKS, signed([KEY]), kept_elsewhere(head))) == {}

    def test_costs_commands_no_statement(self, world: World) -> None:
        customers(world, 1)
        with count_statements(world.database) as statements:
            customers(world, 1)

        assert [each for each in statements if "event_seals" in each or "rewrit" in each] == []

    def test_is_done_by_one_of_two_at_once(self, world: World) -> None:
        customers(world, 3)
        world.settle()
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda _: seal_next(world.database, KEY), range(2)))

        with world.database.reading.connect() as db:
            assert [each.count for each, _ in queries.seals_behind(db, 0, 9)] == [3]

    def test_waits_for_who_may_come_earlier(self, postgres_copies: Copies) -> None:
        world = World(postgres_copies.clean(), None)  # type: ignore[arg-type]
        with world.database.writing.begin() as late:
            late.execute(text("SELECT draw_event_numbers(1)"))
            customers(world, 2)
            assert world.run(seal_events, SealEvents(), caller=THE_SYSTEM).value == 0
        assert seal(world) == 2

    def test_refuses_changes_of_seals(self, three_blocks: World) -> None:
        for statement in (update(seals).values(count=7), delete(seals)):
            with (
                pytest.raises(IntegrityError, match="cannot be changed"),
                three_blocks.database.writing.begin() as db,
            ):
                db.execute(statement)


class TestVerifying:
    @pytest.mark.parametrize(
        ("tamper", "expected"), TAMPERINGS, ids=lambda each: getattr(each, "__name__", "")
    )
    def test_names_what_was_tampered_with(
        self, three_blocks: World, tamper: Callable[[Connection, int], None], expected: Any
    ) -> None:
        database = three_blocks.database
        with database.reading.connect() as db:
            first = queries.seals_behind(db, 1, 1)[0][0].first_sequence
        with tampering(database, "events", "event_seals") as db:
            tamper(db, first)

        found = wrong(database)

        assert set(found) == set(expected)
        for check, rows in expected.items():
            if check == "A10-events":
                assert [(row["sequence"] - first, row["fault"]) for row in found[check]] == rows
            else:
                assert [row["fault"] for row in found[check]][: len(rows)] == rows

    def test_names_what_was_put_between(self, three_blocks: World) -> None:
        database = three_blocks.database
        with tampering(database, "events", "event_seals") as db:
            row = dict(db.execute(select(events).limit(1)).mappings().one())
            db.execute(
                update(events).where(events.c.sequence == row["sequence"]).values(reason="?")
            )
            gap = select(func.min(seals.c.last_sequence)).scalar_subquery()
            at = db.execute(select(gap)).scalar_one()
            db.execute(delete(events).where(events.c.sequence == at))
            # The number of one that was rolled back, inside of the range of a block.
            made = db.execute(select(seals).order_by(seals.c.number).limit(1)).mappings().one()
            kept = packed([each for each in unpacked(made["digests"]) if each.sequence != at])
            hash = hash_of(
                made["number"],
                made["first_sequence"],
                made["last_sequence"],
                3,
                made["sealed_at"],
                made["previous_hash"],
                kept,
            )
            db.execute(
                update(seals).where(seals.c.number == 1).values(digests=kept, count=3, hash=hash)
            )
            db.execute(events.insert().values({**row, "sequence": at, "id": UUID(int=5)}))

        found = wrong(database)

        assert [row["fault"] for row in found["A10-events"]] == [
            CHANGED,
            "it was not there when its block was sealed",
        ]
        assert found["A10-chain"][0]["seal"] == 2

    def test_finds_a_chain_that_was_made_anew(self, three_blocks: World) -> None:
        """By who has the whole database, and neither the key nor the head that lies elsewhere."""
        database = three_blocks.database
        with database.reading.connect() as db:
            head = queries.head(db)
        assert head is not None
        with tampering(database, "events", "event_seals") as db:
            change_content(db, head.last_sequence)
            db.execute(delete(seals))
        while seal(three_blocks, OTHER):
            pass

        assert wrong(database) == {}
        found = wrong(database, (signed([KEY]), kept_elsewhere(head)))
        assert {row["fault"] for row in found["A10-signed"]} == {"no key with this id is set"}
        assert [row["seal"] for row in found["A10-head"]] == [3]
        assert wrong(database, [signed([KEY, OTHER])]) == {}

    def test_finds_a_tail_that_was_cut_off(self, three_blocks: World) -> None:
        database = three_blocks.database
        with database.reading.connect() as db:
            head = queries.head(db)
        assert head is not None
        with tampering(database, "events", "event_seals") as db:
            db.execute(delete(events).where(events.c.sequence >= head.last_sequence - 1))
            db.execute(delete(seals).where(seals.c.number == head.number))

        assert wrong(database, (*CHECKS, signed([KEY]))) == {}
        found = wrong(database, [kept_elsewhere(head)])
        assert [row["is"] for row in found["A10-head"]] == ["is missing"]

    def test_finds_a_seal_without_a_signature(self, three_blocks: World) -> None:
        customers(three_blocks, 1)
        seal(three_blocks, None)

        (row,) = wrong(three_blocks.database, [signed([KEY])])["A10-signed"]
        assert row["fault"] == "it is not signed, though an earlier one is"

    def test_finds_a_chain_without_any(self, world: World) -> None:
        customers(world, 1)
        assert wrong(world.database, [signed([KEY])]) == {}
        seal(world, None)

        (row,) = wrong(world.database, [signed([KEY])])["A10-signed"]
        assert (row["seal"], row["fault"]) == (1, "nothing up to here is signed")
        customers(world, 1)
        seal(world)
        assert wrong(world.database, [signed([KEY])]) == {}


class TestErasing:
    def test_leaves_the_chain_whole(self, world: World) -> None:
        gone, other = customers(world, 2, reason="told by Zuleika at the door")
        seal(world)
        for _ in range(2):
            world.run(erase_customer, EraseCustomer(customer_id=gone), reason="as asked for")
        seal(world)

        with world.database.reading.connect() as db:
            said = select(events.c.reason).where(events.c.subject_id == gone)
            assert set(db.execute(said).scalars()) == {None}
            proofs = db.execute(select(rewritings).order_by(rewritings.c.id)).all()
            told = db.execute(
                select(events.c.data)
                .where(events.c.type == "erasure.made")
                .order_by(events.c.sequence)
            ).scalars()
        assert [each["log_hash"] for each in told] == [each.hash.hex() for each in proofs]
        assert wrong(world.database) == {}
        # What has nothing to do with it may not be erased under its name.
        with tampering(world.database, "events", "event_rewritten") as db:
            db.execute(update(events).where(events.c.subject_id == other).values(reason=None))
            at = db.execute(select(events.c.sequence).where(events.c.subject_id == other)).scalar()
            row = {"rewriting_id": proofs[0].id, "sequence": at, "content_digest": GENESIS}
            db.execute(rewritten.insert().values(**row))
        assert set(wrong(world.database)) == {"A10-events", "A10-erased"}

    def test_finds_what_was_changed_after_it(self, world: World) -> None:
        (gone,) = customers(world, 1)
        seal(world)
        world.run(erase_customer, EraseCustomer(customer_id=gone))
        with tampering(world.database, "events") as db:
            db.execute(update(events).where(events.c.subject_id == gone).values(reason="it was me"))

        (row,) = wrong(world.database)["A10-events"]
        assert row["fault"] == "no erasure left it so"

    def test_may_come_before_the_seal(self, world: World) -> None:
        (gone,) = customers(world, 1)
        world.run(erase_customer, EraseCustomer(customer_id=gone))
        seal(world)

        assert wrong(world.database) == {}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


class TestCanonical:
    @settings(max_examples=60)
    @given(VALUES)
    def test_is_what_everybody_writes(self, value: Any) -> None:
        text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

        assert canonical(value) == text.encode()


class TestKeys:
    def test_are_read_newest_first(self) -> None:
        assert keys_of("new, old,older") == [Secret("new"), Secret("old"), Secret("older")]
        assert keys_of(None) == []
