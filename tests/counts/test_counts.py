"""Counts from the plan to the ledger, while the hall works. On both databases."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from backoffice_api.domain.all_checks import CHECKS
from backoffice_api.domain.counts import queries
from backoffice_api.domain.counts.commands.closing import (
    FinishCount,
    PostCount,
    RecountCount,
    ReviewCount,
    finish_count,
    post_count,
    recount_count,
    review_count,
)
from backoffice_api.domain.counts.commands.counting import EnterCount, enter_count
from backoffice_api.domain.counts.commands.planning import (
    CancelCount,
    PlanCount,
    StartCount,
    cancel_count,
    plan_count,
    start_count,
)
from backoffice_api.domain.counts.model import (
    MACHINE,
    AbcClass,
    CountEntry,
    CountLineStatus,
    CountStatus,
    abc_classes,
)
from backoffice_api.domain.counts.tables import count_lines
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.stock.commands.reservations import consume
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.locations import LocationKind
from backoffice_api.domain.stock.model.movements import MovementKind
from tests.databases import count_statements
from tests.soundness import broken
from tests.stock.depot import CAUSE, line, line_id, shown
from tests.stock.test_lots import lot, of_lot, tracked, where
from tests.world import NOW, caller

DAMAGED = Bucket.DAMAGED


class Counting:
    """Counts of NORTH, in which the zone Z has pieces of A and of B."""

    def __init__(self, depot):
        self.depot = depot
        self.zone = depot.location("Z", kind=LocationKind.ZONE, parent_id=depot.north)
        self.a, self.b = depot.variants("A", "B")
        depot.adjust(
            line(self.a, depot.north, delta=10),
            line(self.a, self.zone, delta=4),
            line(self.b, self.zone, delta=20),
            line(self.a, depot.south, delta=7),
        )

    def run(self, handler, command, **how):
        return self.depot.world.run(handler, command, **how).value

    def plan(self, **values):
        command = PlanCount(**{"location_id": self.depot.north, **values})
        return self.run(plan_count, command)

    def start(self, **values):
        id = self.plan(**values)
        self.run(start_count, StartCount(id=id))
        return id

    def enter(self, id, *entries, now=NOW):
        self.run(enter_count, EnterCount(id=id, entries=entries), now=now)

    def found(self, variant, place, quantity=None, **values):
        return CountEntry(variant_id=variant, location_id=place, quantity=quantity, **values)

    def counted(self, *quantities, **values):
        """A count whose three lines have these numbers, in their order."""
        id = self.start(**values)
        entries = [
            self.found(each.variant_id, each.location_id, quantity, bucket=each.bucket)
            for each, quantity in zip(self.lines(id), quantities, strict=True)
        ]
        self.enter(id, *entries)
        return id

    def finish(self, id):
        self.run(finish_count, FinishCount(id=id))

    def post(self, id, now=NOW):
        self.run(review_count, ReviewCount(id=id))
        self.run(post_count, PostCount(id=id), now=now)

    def status(self, id):
        return self.depot.world.read(queries.count_task, id).status

    def lines(self, id):
        page = self.depot.world.read(
            queries.line_list.pages_by, count_lines.c.task_id, [id], PageRequest(size=250)
        )
        return page[id].rows

    def shown(self, id):
        """Expected, counted and state of each line."""
        return [(each.expected, each.counted, each.status) for each in self.lines(id)]

    def broken(self):
        return broken(self.depot.world.database, CHECKS)


@pytest.fixture
def counting(depot):
    return Counting(depot)


class TestPlan:
    def test_is_of_all_that_lies_in_a_part_of_the_tree(self, counting):
        id = counting.plan()

        assert [(each.variant_id, each.location_id) for each in counting.lines(id)] == [
            (counting.a, counting.depot.north),
            *sorted([(counting.a, counting.zone), (counting.b, counting.zone)]),
        ]
        assert counting.status(id) is CountStatus.PLANNED

    def test_is_narrowed_to_variants_buckets_and_what_is_empty(self, counting):
        depot = counting.depot
        depot.adjust(line(counting.b, depot.north, delta=1, bucket=DAMAGED))
        depot.adjust(line(counting.b, depot.north, set_to=0))

        only = counting.plan(variant_ids=(counting.b,))
        damaged = counting.plan(buckets=(DAMAGED,))
        empty = counting.plan(variant_ids=(counting.b,), empty=True)

        assert [len(counting.lines(each)) for each in (only, damaged, empty)] == [2, 1, 3]

    def test_is_of_a_class_by_what_left_for_customers(self, counting):
        depot = counting.depot
        depot.reserve((1, counting.b, 9), (2, counting.a, 1))
        depot.call(consume, {line_id(1): 9, line_id(2): 1}, cause=CAUSE)
        (still,) = depot.variants("STILL")
        depot.put(still, 1)

        def planned(*classes):
            lines = counting.lines(counting.plan(abc=classes))
            return {each.variant_id for each in lines}

        assert planned(AbcClass.A) == {counting.b}
        assert planned(AbcClass.B) == {counting.a}
        assert planned(AbcClass.C) == {still}
        assert planned(AbcClass.A, AbcClass.C) == {counting.b, still}

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"location_id": line_id(1)}, "UNKNOWN_LOCATION"),
            ({"variant_ids": (line_id(1),)}, "NOTHING_TO_COUNT"),
            ({"buckets": (Bucket.IN_TRANSIT,)}, "WRONG_BUCKET"),
            ({"recount_percent": 101}, "OUT_OF_RANGE"),
            ({"abc_days": 0}, "OUT_OF_RANGE"),
            ({"name": ""}, "INVALID_TEXT"),
        ],
    )
    def test_refuses_what_makes_no_sense(self, counting, values, code):
        (fault,) = counting.depot.refusals(lambda: counting.plan(**values))

        assert fault.code == code


class TestEntries:
    def test_note_what_the_books_said_then(self, counting):
        id = counting.counted(9, 9, 9, recount_pieces=100)

        assert sorted(counting.shown(id)) == [
            (4, 9, CountLineStatus.COUNTED),
            (10, 9, CountLineStatus.COUNTED),
            (20, 9, CountLineStatus.COUNTED),
        ]
        assert {each.counted_at for each in counting.lines(id)} == {NOW}

    def test_may_be_scanned_piece_by_piece(self, counting):
        id = counting.start()
        scan = counting.found(counting.a, counting.zone, scanned=1)

        counting.enter(id, scan, scan)
        counting.enter(id, scan)

        (of,) = [each for each in counting.lines(id) if each.counted is not None]
        assert (of.counted, of.expected) == (3, 4)

    def test_of_what_was_not_expected_become_lines(self, counting):
        id = counting.start(variant_ids=(counting.a,))

        counting.enter(id, counting.found(counting.b, counting.depot.north, 2, bucket=DAMAGED))

        last = counting.lines(id)[-1]
        assert (last.variant_id, last.expected, last.counted) == (counting.b, 0, 2)

    def test_may_be_of_an_earlier_moment(self, counting):
        depot = counting.depot
        id = counting.start()
        later = NOW + timedelta(hours=2)
        depot.adjust(line(counting.a, depot.north, delta=-3), now=NOW + timedelta(hours=1))

        entry = counting.found(counting.a, depot.north, 10, counted_at=NOW + timedelta(minutes=30))
        counting.enter(id, entry, now=later)

        (of,) = [each for each in counting.lines(id) if each.counted is not None]
        assert (of.expected, of.counted, of.variance) == (10, 10, 0)

    def test_are_refused_twice_and_where_they_do_not_belong(self, counting):
        depot = counting.depot
        id = counting.counted(10, 4, 20)
        attempts = {
            "COUNTED_ALREADY": counting.found(counting.a, depot.north, 10),
            "NOT_IN_COUNT": counting.found(counting.a, depot.south, 7),
            "TOTAL_OR_SCANNED": counting.found(counting.a, depot.north),
            "OUT_OF_RANGE": counting.found(counting.a, depot.north, -1),
            "UNKNOWN_VARIANT": counting.found(line_id(1), depot.north, 1),
            "LOT_NOT_TRACKED": counting.found(counting.a, depot.north, 1, lot_id=line_id(1)),
            "COUNTED_LATER": counting.found(
                counting.b, depot.north, 1, counted_at=NOW + timedelta(days=1)
            ),
        }

        for code, entry in attempts.items():
            faults = depot.refusals(lambda entry=entry: counting.enter(id, entry))
            assert [each.code for each in faults] == [code]


class TestRecount:
    def test_lets_the_second_number_stand(self, counting):
        depot = counting.depot
        id = counting.start(recount_pieces=1, recount_percent=10)
        counting.enter(
            id,
            counting.found(counting.a, depot.north, 8),
            counting.found(counting.a, counting.zone, 3),
            counting.found(counting.b, counting.zone, 18),
        )

        counting.finish(id)

        assert counting.status(id) is CountStatus.RECOUNT
        again = [each for each in counting.lines(id) if each.status is CountLineStatus.RECOUNT]
        assert [(each.variant_id, each.first_counted) for each in again] == [(counting.a, 8)]
        (fault,) = depot.refusals(lambda: counting.finish(id))
        assert (fault.code, fault.left) == ("LINES_LEFT", 1)
        (fault,) = depot.refusals(
            lambda: counting.enter(id, counting.found(counting.a, counting.zone, 4))
        )
        assert fault.code == "COUNTED_ALREADY"
        counting.enter(id, counting.found(counting.a, depot.north, 7))
        counting.finish(id)
        assert counting.status(id) is CountStatus.COUNTED
        counting.post(id)
        assert depot.pieces(counting.a)[depot.north, Bucket.SELLABLE] == 7
        assert counting.broken() == []

    def test_is_asked_by_who_reviews(self, counting):
        id = counting.counted(10, 4, 20)
        counting.finish(id)
        counting.run(review_count, ReviewCount(id=id))

        (fault,) = counting.depot.refusals(lambda: counting.run(recount_count, RecountCount(id=id)))
        assert fault.code == "NOTHING_TO_RECOUNT"
        first = counting.lines(id)[0]
        counting.run(recount_count, RecountCount(id=id, line_ids=(first.id,)))

        assert counting.status(id) is CountStatus.RECOUNT
        assert counting.lines(id)[0].first_counted == 10


class TestPost:
    def test_moves_the_differences_and_nothing_else(self, counting):
        depot = counting.depot
        id = counting.start(recount_pieces=100)
        counting.enter(
            id,
            counting.found(counting.a, depot.north, 8),
            counting.found(counting.a, counting.zone, 4),
            counting.found(counting.b, counting.zone, 21),
        )
        counting.finish(id)
        # The hall goes on working until the count is approved.
        depot.adjust(
            line(counting.a, depot.north, delta=-5), line(counting.b, counting.zone, delta=100)
        )

        counting.post(id)

        pieces = {**depot.pieces(counting.a)}
        assert pieces[depot.north, Bucket.SELLABLE] == 3
        assert depot.pieces(counting.b) == {(counting.zone, Bucket.SELLABLE): 121}
        posted = [each for each in depot.movements() if each.kind is MovementKind.COUNT]
        assert [(each.quantity, each.cause_kind, each.cause_id) for each in posted] == [
            (2, "cnt", id),
            (1, "cnt", id),
        ]
        assert counting.status(id) is CountStatus.POSTED
        assert counting.broken() == []

    def test_counts_lot_by_lot(self, counting):
        depot = counting.depot
        milk = tracked(depot, "MILK")
        depot.adjust(
            of_lot(milk, depot.north, "L1", delta=3), of_lot(milk, depot.north, "L2", delta=2)
        )
        l1, l2 = lot(depot, milk, "L1"), lot(depot, milk, "L2")
        id = counting.start(variant_ids=(milk,), recount_pieces=9)

        counting.enter(
            id,
            counting.found(milk, depot.north, 4, lot_id=l1.id),
            counting.found(milk, depot.north, 0, lot_id=l2.id),
        )
        counting.finish(id)
        counting.post(id)

        assert where(depot, milk) == {(depot.north, Bucket.SELLABLE, l1.id): 4}
        assert counting.broken() == []

    def test_refuses_what_was_promised_since(self, counting):
        depot = counting.depot
        id = counting.start(variant_ids=(counting.a,), recount_pieces=100)
        counting.enter(
            id,
            counting.found(counting.a, depot.north, 0),
            counting.found(counting.a, counting.zone, 4),
        )
        counting.finish(id)
        counting.run(review_count, ReviewCount(id=id))
        depot.reserve((1, counting.a, 10), location_ids=[depot.north])

        (fault,) = depot.refusals(lambda: counting.run(post_count, PostCount(id=id)))

        assert fault.code == "INSUFFICIENT_STOCK"
        assert counting.status(id) is CountStatus.REVIEW

    def test_takes_as_many_statements_for_many_lines_as_for_one(self, counting):
        variants = counting.depot.variants(*(f"V{number}" for number in range(8)))
        for each in variants:
            counting.depot.put(each, 5)

        def statements(*which):
            id = counting.start(variant_ids=which, recount_pieces=100)
            with count_statements(counting.depot.world.database) as seen:
                counting.enter(
                    id, *(counting.found(each, counting.depot.north, 4) for each in which)
                )
                counting.finish(id)
                counting.post(id)
            return len(seen)

        assert statements(variants[0]) == statements(*variants[1:])


class TestMachine:
    def test_refuses_every_other_way(self, counting):
        id = counting.plan()
        commands = {
            "start": (start_count, StartCount(id=id)),
            "enter": (enter_count, EnterCount(id=id, entries=())),
            "finish": (finish_count, FinishCount(id=id)),
            "recount": (recount_count, RecountCount(id=id)),
            "review": (review_count, ReviewCount(id=id)),
            "post": (post_count, PostCount(id=id)),
            "cancel": (cancel_count, CancelCount(id=id)),
        }
        assert commands.keys() == MACHINE.moves.keys()

        for name in commands.keys() - {"start", "cancel"}:
            with pytest.raises(DomainError) as refusal:
                counting.run(*commands[name])
            assert refusal.value.code == "INVALID_TRANSITION"
        counting.run(*commands["cancel"])
        assert counting.status(id) is CountStatus.CANCELLED

    def test_has_checks_that_find_a_number_that_was_changed(self, counting):
        id = counting.counted(10, 4, 20)
        counting.finish(id)
        counting.post(id)

        with counting.depot.world.database.writing.begin() as db:
            db.execute(update(count_lines).values(counted=count_lines.c.counted + 1))

        assert counting.broken() == ["COUNT1"]

    @pytest.mark.parametrize(
        "values", [{"counted": -1}, {"counted": None}, {"lot_key": line_id(1)}]
    )
    def test_the_database_holds_lines_together(self, counting, values):
        counting.counted(10, 4, 20)

        with pytest.raises(IntegrityError), counting.depot.world.database.writing.begin() as db:
            db.execute(update(count_lines).values(values))


class TestClasses:
    def test_are_by_share(self):
        worth = {line_id(number): share for number, share in enumerate((50, 30, 14, 5, 1, 0))}

        classes = list(abc_classes(worth).values())

        assert classes == [AbcClass.A, AbcClass.A, AbcClass.B, AbcClass.B, AbcClass.C, AbcClass.C]

    @given(st.lists(st.integers(0, 1_000), max_size=20))
    def test_fall_with_worth(self, worth):
        found = abc_classes({line_id(number): each for number, each in enumerate(worth)})

        ranked = sorted(found, key=lambda id: (-worth[id.int], id))
        order = [list(AbcClass).index(found[id]) for id in ranked]
        assert order == sorted(order)
        assert not any(worth) or AbcClass.A in found.values()


PLAN = """
mutation ($at: ID!, $blind: Boolean!) {
  countPlan(input: {locationId: $at, blind: $blind, recountPieces: 50}) {
    countTask { id status progress { lines counted } }
    userErrors { code }
  }
}
"""
LINES = """
query ($id: ID!) {
  countTask(id: $id) {
    status actions { name allowed }
    lines { nodes { counted status variant { sku } location { code } books { onHand } } }
  }
}
"""


class TestGraphql:
    async def test_counts_blind_and_posts(self, counting):
        world, north = counting.depot.world, shown("loc", counting.depot.north)
        planned = (await world.graphql(PLAN, at=north, blind=True))["countPlan"]["countTask"]
        id = planned["id"]
        assert planned == {"id": id, "status": "PLANNED", "progress": {"lines": 3, "counted": 0}}
        await world.graphql(
            "mutation ($id: ID!) { countStart(id: $id) { userErrors { code } } }", id=id
        )
        answer = (await world.graphql(LINES, id=id))["countTask"]
        assert [each["books"] for each in answer["lines"]["nodes"]] == [None, None, None]
        refused = await world.graphql(
            """mutation ($id: ID!) {
              countFinish(id: $id) { userErrors { code ... on LinesLeftError { left } } }
            }""",
            id=id,
        )
        assert refused["countFinish"]["userErrors"] == [{"code": "LINES_LEFT", "left": 3}]
        numbers = {"A": 9, "B": 20}
        found = await world.graphql(
            "query ($id: ID!) { countTask(id: $id) { lines { nodes {"
            " variant { id sku } location { id } } } } }",
            id=id,
        )
        entries = [
            {
                "variantId": each["variant"]["id"],
                "locationId": each["location"]["id"],
                "quantity": numbers[each["variant"]["sku"]],
            }
            for each in found["countTask"]["lines"]["nodes"]
        ]
        done = await world.graphql(
            """mutation ($id: ID!, $entries: [CountEntryInput!]!) {
              countEnter(id: $id, input: {entries: $entries}) {
                countTask { progress { counted differing } } userErrors { code }
              }
              countFinish(id: $id) { userErrors { code } }
              countReview(id: $id) { userErrors { code } }
              countPost(id: $id) {
                countTask {
                  status movements { nodes { quantity cause { id } } }
                  lines(filter: {status: [COUNTED]}) { nodes { expected variance } }
                }
                userErrors { code }
              }
            }""",
            id=id,
            entries=entries,
        )

        progress = done["countEnter"]["countTask"]["progress"]
        assert progress == {"counted": 3, "differing": 2}
        posted = done["countPost"]["countTask"]
        assert posted["status"] == "POSTED"
        assert sorted(each["variance"] for each in posted["lines"]["nodes"]) == [-1, 0, 5]
        assert {each["cause"]["id"] for each in posted["movements"]["nodes"]} == {id}
        listed = await world.graphql(
            "{ countTasks(filter: {status: [POSTED]}) { nodes { id } } countTasksCount { value } }"
        )
        assert listed == {
            "countTasks": {"nodes": [{"id": id}]},
            "countTasksCount": {"value": 1},
        }

    async def test_shows_the_books_where_it_is_not_blind(self, counting):
        id = shown("cnt", counting.start(blind=False))

        answer = (await counting.depot.world.graphql(LINES, id=id))["countTask"]

        books = [each["books"]["onHand"] for each in answer["lines"]["nodes"]]
        assert sorted(books) == [4, 10, 20]

    @pytest.mark.parametrize(
        ("document", "missing"),
        [
            ("{ countTasks { nodes { lines { nodes { expected } } } } }", Scope.COUNTS_REVIEW),
            ("{ countTasks { nodes { lines { nodes { variance } } } } }", Scope.COUNTS_REVIEW),
            ("{ countTasks { nodes { id } } }", Scope.STOCK_READ),
            ("{ countTasksCount { value } }", Scope.STOCK_READ),
            ('{ countTask(id: "cnt_1") { id } }', Scope.STOCK_READ),
            ('mutation { countPost(id: "cnt_1") { replayed } }', Scope.COUNTS_REVIEW),
            (
                'mutation { countRecount(id: "cnt_1", input: {}) { replayed } }',
                Scope.COUNTS_REVIEW,
            ),
            (
                'mutation { countPlan(input: {locationId: "loc_1"}) { replayed } }',
                Scope.STOCK_WRITE,
            ),
            (
                'mutation { countEnter(id: "cnt_1", input: {entries: []}) { replayed } }',
                Scope.STOCK_WRITE,
            ),
            *(
                (f'mutation {{ {name}(id: "cnt_1") {{ replayed }} }}', Scope.STOCK_WRITE)
                for name in ("countStart", "countFinish", "countReview", "countCancel")
            ),
        ],
    )
    async def test_takes_the_right(self, depot, document, missing):
        answer = await depot.world.ask(document, caller=caller(*ALL_SCOPES - {missing}))

        assert [each["extensions"]["code"] for each in answer["errors"]] == ["FORBIDDEN"]
