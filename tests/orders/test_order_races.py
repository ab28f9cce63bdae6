"""Orders written by several at once: nothing is sold twice. On both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.orders.commands.cancelling import CancelOrder, cancel_order
from backoffice_api.domain.orders.commands.drafts import (
    CreateOrder,
    ReserveOrder,
    create_order,
    reserve_order,
)
from backoffice_api.domain.orders.commands.holds import (
    HoldOrder,
    ReleaseDueHolds,
    hold_order,
    release_due_holds,
)
from backoffice_api.domain.orders.commands.placing import PlaceOrder, place_order
from backoffice_api.domain.orders.model.holds import HoldKind
from backoffice_api.domain.orders.model.lines import LineQuantity
from backoffice_api.domain.orders.model.orders import CancelReason
from backoffice_api.domain.stock.checks import CHECKS as STOCK_CHECKS
from tests import soundness
from tests.orders.shop import POSTAGE, counted, goods
from tests.world import NOW

WRITERS = 8


def new_writers(shop):
    """As many threads as have something to do: the rest would wait for SQLite's one connection."""
    return ThreadPoolExecutor(2 if shop.world.database.dialect == "sqlite" else WRITERS)


def all_at_once(shop, jobs):
    """What each pair of a handler and a command came to: an answer, or the code of a refusal."""

    def one(job):
        try:
            return shop.world.run(*job).value
        except DomainError as refusal:
            return refusal.code

    with new_writers(shop) as writers:
        return list(writers.map(one, jobs))


def broken(shop):
    of_stock = soundness.broken(shop.world.database, STOCK_CHECKS)
    return [*shop.broken(), *of_stock]


def numbers(shop, ids):
    return sorted(shop.order(id).serial for id in ids)


class TestPlacing:
    def test_sells_exactly_what_there_is(self, shop):
        """200 want one piece each of 50."""
        mug = shop.variant("MUG", 30, 20)
        command = CreateOrder(channel="web", lines=(goods("MUG"),), place=True)

        came_to = all_at_once(shop, [(create_order, command)] * 200)

        sold = [each for each in came_to if not isinstance(each, str)]
        assert len(sold) == 50
        assert came_to.count("INSUFFICIENT_STOCK") == 150
        assert (shop.position(mug).reserved, shop.position(mug).available) == (50, 0)
        assert numbers(shop, sold) == list(range(1, 51))
        assert broken(shop) == []

    def test_sells_exactly_what_there_is_to_several_lines_of_one_variant(self, shop):
        mug, pen = shop.variant("MUG", 20, 20), shop.variant("PEN", 100)
        one = (goods("MUG"), goods("PEN"), goods("MUG"))
        other = (goods("PEN"), goods("MUG", 2))
        jobs = [
            (create_order, CreateOrder(channel="web", lines=lines, place=True))
            for lines in (one, other) * 20
        ]

        came_to = all_at_once(shop, jobs)

        sold = [each for each in came_to if not isinstance(each, str)]
        assert len(sold) == 20
        assert (shop.reserved(mug), shop.reserved(pen)) == (40, 20)
        assert numbers(shop, sold) == list(range(1, 21))
        assert broken(shop) == []

    def test_never_locks_up_over_opposite_orders(self, shop):
        skus = ("A", "B", "C")
        for sku in skus:
            shop.variant(sku, 50, 50)
        forwards = tuple(goods(sku) for sku in skus)
        jobs = [
            (create_order, CreateOrder(channel="web", lines=lines, place=True))
            for lines in (forwards, forwards[::-1]) * 20
        ]

        came_to = all_at_once(shop, jobs)

        assert numbers(shop, came_to) == list(range(1, 41))
        assert broken(shop) == []

    def test_happens_once_to_a_draft(self, shop):
        mug = shop.variant("MUG", 9)
        id = shop.create(goods("MUG", 2), reserve_until=NOW + timedelta(hours=1))

        came_to = all_at_once(shop, [(place_order, PlaceOrder(id=id))] * WRITERS)

        assert counted(came_to) == {str(id): 1, "INVALID_TRANSITION": WRITERS - 1}
        assert shop.order(id).serial == 1
        assert shop.reserved(mug) == 2
        assert broken(shop) == []

    def test_leaves_no_gap_where_others_are_refused(self, shop):
        shop.variant("MUG", 200)
        jobs = [
            (create_order, CreateOrder(channel="web", lines=lines, place=True))
            for lines in ((goods("MUG"),), (goods("MUG", 500),), (), (POSTAGE,)) * 15
        ]

        came_to = all_at_once(shop, jobs)

        placed = [each for each in came_to if not isinstance(each, str)]
        assert numbers(shop, placed) == list(range(1, 31))
        assert broken(shop) == []


class TestCancelling:
    def test_of_the_same_pieces_happens_once(self, shop):
        mug = shop.variant("MUG", 20)
        id = shop.place(goods("MUG", 10))
        line = shop.lines(id)[0].id
        part = CancelOrder(id=id, lines=(LineQuantity(line, 3),), reason=CancelReason.OTHER)

        came_to = all_at_once(shop, [(cancel_order, part)] * WRITERS)

        assert counted(came_to) == {str(id): 3, "QUANTITY_EXCEEDED": WRITERS - 3}
        assert shop.lines(id)[0].cancelled == 9
        assert shop.reserved(mug) == 1
        assert broken(shop) == []

    def test_and_placing_and_reserving_share_the_stock(self, shop):
        mug = shop.variant("MUG", 12)
        placed = [shop.place(goods("MUG", 2)) for _ in range(6)]
        drafts = [shop.create(goods("MUG", 2)) for _ in range(12)]
        later = NOW + timedelta(hours=1)
        jobs = [
            *((cancel_order, CancelOrder(id=id, reason=CancelReason.OTHER)) for id in placed),
            *((reserve_order, ReserveOrder(id=id, until=later)) for id in drafts[:6]),
            *((place_order, PlaceOrder(id=id)) for id in drafts),
        ]

        came_to = all_at_once(shop, jobs)

        assert came_to[:6] == placed
        assert set(came_to[6:]) <= {*drafts, "INSUFFICIENT_STOCK", "INVALID_TRANSITION"}
        assert shop.reserved(mug) <= 12
        assert broken(shop) == []


class TestHolds:
    def test_are_all_counted(self, shop):
        id = shop.place(POSTAGE)
        until = NOW + timedelta(hours=1)
        hold = HoldOrder(id=id, kind=HoldKind.OTHER, release_at=until)

        all_at_once(shop, [(hold_order, hold)] * WRITERS)
        assert shop.order(id).version == 2 + WRITERS

        def release(_):
            return shop.world.run(release_due_holds, ReleaseDueHolds(), now=until).value

        with new_writers(shop) as writers:
            released = list(writers.map(release, range(WRITERS)))
        assert sum(released) == WRITERS
        assert shop.order(id).has_hold is False
        assert broken(shop) == []
