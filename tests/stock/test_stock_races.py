"""Many who want the same stock at the same time. On both databases."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext

from backoffice_api.context import Threads
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.trouble import Trouble, classify
from backoffice_api.domain.stock.commands.history import record_movements
from backoffice_api.domain.stock.commands.locations import (
    ArchiveLocation,
    UpdateLocation,
    archive_location,
    update_location,
)
from backoffice_api.domain.stock.commands.reservations import (
    ExpireReservations,
    consume,
    expire_reservations,
    harden,
    release,
)
from tests.stock.depot import CAUSE, Depot, line, line_id
from tests.stock.test_stock_history import received
from tests.world import NOW, World

BUYERS = 200
WRITERS = 8
SOON = NOW + timedelta(minutes=10)


@pytest.fixture
def depot(database_url: str, opens: Callable[..., Database]) -> Iterator[Depot]:
    """A depot with room for a crowd, in which nobody may have had to try again for a deadlock."""
    patient = {"pool_timeout_s": 60, "lock_timeout_s": 60, "statement_timeout_s": 60}
    database = opens(database_url, pool_size=25, **patient)
    troubles: list[Trouble | None] = []

    def note(context: ExceptionContext) -> None:
        troubles.append(classify(context.original_exception))

    event.listen(database.writing, "handle_error", note)
    yield Depot(World(database, Threads(database, pool_size=1)))
    event.remove(database.writing, "handle_error", note)
    assert troubles == []


def all_at_once(attempts: Sequence[Callable[[], Any]], threads: int) -> Sequence[str]:
    """What each attempt came to: "done", or the code of its refusal. All start together.

    Anything else that is raised, as a deadlock that came through, ends the test.
    """
    start = Barrier(threads)

    def worker(mine: Sequence[Callable[[], Any]]) -> Sequence[str]:
        start.wait()
        return [outcome(attempt) for attempt in mine]

    with ThreadPoolExecutor(threads) as pool:
        parts = pool.map(worker, [attempts[first::threads] for first in range(threads)])
        return [each for part in parts for each in part]


def outcome(attempt: Callable[[], Any]) -> str:
    try:
        attempt()
    except DomainError as refusal:
        return refusal.code
    return "done"


class TestReserve:
    def test_sells_fifty_pieces_to_fifty_of_two_hundred(self, depot):
        variant = depot.variant("A", 30, 20)
        attempts = [partial(depot.reserve, (number, variant, 1)) for number in range(BUYERS)]

        came_to = Counter(all_at_once(attempts, BUYERS))

        assert came_to == {"done": 50, "INSUFFICIENT_STOCK": 150}
        assert depot.counts(variant) == [(30, 30), (20, 20)]
        assert len(depot.reservations()) == 50
        assert depot.broken() == []

    def test_sums_lines_that_share_a_variant(self, depot):
        variant = depot.variant("A", 50)
        attempts = [
            partial(
                depot.reserve,
                *((3 * number + line, variant, pieces) for line, pieces in enumerate((1, 2, 1))),
            )
            for number in range(40)
        ]

        came_to = Counter(all_at_once(attempts, 20))

        # Twelve orders of four pieces fit into fifty, and nobody gets a part of an order.
        assert came_to == {"done": 12, "INSUFFICIENT_STOCK": 28}
        assert depot.counts(variant) == [(50, 48)]
        assert depot.broken() == []

    def test_never_locks_up_over_the_order_of_lines(self, depot):
        first, second = depot.variants("A", "B")
        depot.put(first, 25, 25)
        depot.put(second, 25, 25)
        attempts = [
            partial(depot.reserve, *((2 * number, one, 1), (2 * number + 1, other, 1)))
            for number in range(50)
            for one, other in (((first, second), (second, first))[number % 2],)
        ]

        came_to = Counter(all_at_once(attempts, 20))

        assert came_to == {"done": 50}
        assert depot.counts(first) == depot.counts(second) == [(25, 25), (25, 25)]
        assert depot.broken() == []


class TestEverythingAtOnce:
    def test_keeps_every_sum(self, depot):
        """Everything that changes two variants, in both orders, by eight writers."""
        first, second = depot.variants("A", "B")
        for variant in (first, second):
            depot.put(variant, 100, 100)
        depot.reserve(*((number, (first, second)[number % 2], 2) for number in range(40)))
        depot.reserve(
            *((number, (first, second)[number % 2], 1) for number in range(40, 60)),
            expires_at=SOON,
        )
        north, south = depot.north, depot.south
        attempts: list[Callable[[], Any]] = []
        for number in range(20):
            one, other = ((first, second), (second, first))[number % 2]
            mine, next_one = line_id(number), line_id(39 - number)
            attempts += [
                partial(depot.adjust, line(one, south, delta=1), line(other, north, delta=-1)),
                partial(depot.reserve, (100 + number, one, 3), (200 + number, other, 3)),
                partial(depot.call, consume, {mine: 1, next_one: 1}, cause=CAUSE),
                partial(depot.call, release, {next_one: 1, mine: None}),
                partial(depot.call, harden, [line_id(40 + number), line_id(59 - number)]),
                partial(
                    depot.call,
                    record_movements,
                    [received(other, south, 2), received(one, north, 2)],
                ),
            ]
            sweep = ExpireReservations()
            attempts.append(partial(depot.world.run, expire_reservations, sweep, now=SOON))

        came_to = Counter(all_at_once(attempts, WRITERS))

        assert set(came_to) <= {"done", "NOT_RESERVED"}
        assert depot.broken() == []
        received_pieces = 20 * 4
        shipped = sum(each.quantity for each in depot.movements() if each.kind == "shipment")
        on_hand = sum(each.on_hand for each in depot.levels().values())
        assert on_hand == 400 + received_pieces - shipped


class TestAdjustStock:
    def test_loses_no_change_of_one_level(self, depot):
        variant = depot.variant("A")
        attempts = [partial(depot.adjust, line(variant, depot.north, delta=1))] * 80

        came_to = Counter(all_at_once(attempts, WRITERS))

        assert came_to == {"done": 80}
        level = depot.levels()[variant, depot.north]
        assert (level.on_hand, level.version) == (80, 81)
        assert depot.broken() == []

    def test_makes_missing_levels_once_whoever_is_first(self, depot):
        variants = depot.variants(*(f"V{number}" for number in range(30)))
        orders = (variants, variants[::-1])
        attempts = [
            partial(
                depot.adjust, *(line(each, depot.north, delta=1) for each in orders[number % 2])
            )
            for number in range(WRITERS)
        ]

        came_to = Counter(all_at_once(attempts, WRITERS))

        assert came_to == {"done": WRITERS}
        assert {each.on_hand for each in depot.levels().values()} == {WRITERS}
        assert len(depot.levels()) == 30

    def test_only_one_finds_what_it_expects(self, depot):
        variant = depot.variant("A", 5)
        attempt = partial(depot.adjust, line(variant, depot.north, delta=1, expected_on_hand=5))

        came_to = Counter(all_at_once([attempt] * WRITERS, WRITERS))

        assert came_to == {"done": 1, "STOCK_NOT_AS_EXPECTED": WRITERS - 1}
        assert depot.counts(variant) == [(6, 0)]


class TestLocations:
    @pytest.mark.parametrize("attempt", range(3))
    def test_are_never_archived_with_stock(self, depot, attempt):
        variant = depot.variant("A", 5)
        attempts = [
            partial(depot.adjust, line(variant, depot.south, delta=1)),
            partial(depot.world.run, archive_location, ArchiveLocation(id=depot.south)),
        ]

        came_to = sorted(all_at_once(attempts, 2))

        assert came_to in (["ARCHIVED_LOCATION", "done"], ["LOCATION_NOT_EMPTY", "done"])

    @pytest.mark.parametrize("attempt", range(3))
    def test_give_their_permission_to_every_level(self, depot, attempt):
        variants = depot.variants("A", "B", "C", "D")
        attempts: list[Callable[[], Any]] = [
            partial(
                depot.world.run,
                update_location,
                UpdateLocation(id=depot.north, negative_allowed=True),
            )
        ]
        attempts += [partial(depot.adjust, line(each, depot.north, delta=1)) for each in variants]

        came_to = all_at_once(attempts, len(attempts))

        assert came_to == ["done"] * 5
        assert all(each.negative_allowed for each in depot.levels().values())
        assert depot.broken() == []
