"""Reservations: made, made firm, held longer, given back, shipped, expired. On both databases."""

from datetime import timedelta

import pytest

from backoffice_api.domain.kernel.job_queries import job_list
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.stock.commands import reservations as on_reservations
from backoffice_api.domain.stock.commands.levels import SetSafety, set_safety
from backoffice_api.domain.stock.commands.locations import UpdateLocation, update_location
from backoffice_api.domain.stock.commands.reservations import (
    EXPIRE_JOB,
    ExpireReservations,
    consume,
    expire_reservations,
    extend,
    harden,
    release,
)
from backoffice_api.domain.stock.model.levels import QUANTITY_MAX, SafetyLine, Shortage
from backoffice_api.domain.stock.model.locations import CUSTOMER_ID
from backoffice_api.domain.stock.model.movements import MovementKind
from backoffice_api.domain.stock.model.reservations import MACHINE, OPEN, ReservationStatus
from tests.databases import count_statements
from tests.stock.depot import CAUSE, ORDER, line_id
from tests.world import NOW

SOON = NOW + timedelta(minutes=10)
LATER = NOW + timedelta(hours=1)


class TestMachine:
    def test_ends_where_pieces_are_held_no_longer(self):
        ends = {each for each in ReservationStatus if not MACHINE.allowed(each)}

        assert ends == set(ReservationStatus) - OPEN


class TestReserve:
    def test_holds_pieces_for_good(self, depot):
        variant = depot.variant("A", 5)

        depot.reserve((1, variant, 3))

        (made,) = depot.reservations()
        assert (made.owner_id, made.line_id, made.version) == (ORDER, line_id(1), 1)
        assert (made.variant_id, made.location_id) == (variant, depot.north)
        assert (made.quantity, made.expires_at) == (3, None)
        assert made.status is ReservationStatus.ALLOCATED
        level = depot.levels()[variant, depot.north]
        assert (level.id, level.on_hand, level.reserved) == (made.level_id, 5, 3)
        assert (level.available, level.version) == (2, 3)
        assert depot.events()[-1] == "reservation.made"

    def test_holds_pieces_for_a_while(self, depot):
        variant = depot.variant("A", 5)

        depot.reserve((1, variant, 3), expires_at=SOON)

        (made,) = depot.reservations()
        assert (made.status, made.expires_at) == (ReservationStatus.SOFT, SOON)

    def test_sums_the_lines_that_want_the_same(self, depot):
        variant = depot.variant("A", 5)

        depot.reserve((1, variant, 3), (2, variant, 2))

        assert depot.held() == [(1, 3, "allocated"), (2, 2, "allocated")]
        assert depot.counts(variant) == [(5, 5)]

    def test_refuses_lines_that_are_too_much_together(self, depot):
        variant = depot.variant("A", 5)

        (fault,) = depot.refusals(lambda: depot.reserve((1, variant, 3), (2, variant, 3)))

        assert fault.code == "INSUFFICIENT_STOCK"
        assert fault.shortages == (Shortage(variant, "A", 6, 5),)

    def test_tells_all_shortages_at_once(self, depot):
        first, second, third = depot.variants("A", "B", "C")
        depot.put(first, 5, 5)
        depot.put(second, 1, 1)
        wanted = ((1, second, 3), (2, first, 2), (3, third, 1), (4, line_id(9), 1))

        (fault,) = depot.refusals(lambda: depot.reserve(*wanted))

        assert set(fault.shortages) == {
            Shortage(second, "B", 3, 2),
            Shortage(third, "C", 1, 0),
            Shortage(line_id(9), None, 1, 0),
        }

    def test_splits_a_line_over_locations(self, depot):
        variant = depot.variant("A", 2, 4)

        depot.reserve((1, variant, 1), (2, variant, 4))

        assert depot.held() == [(1, 1, "allocated"), (2, 1, "allocated"), (2, 3, "allocated")]
        assert depot.counts(variant) == [(2, 2), (4, 3)]

    def test_takes_only_from_the_locations_named(self, depot):
        variant = depot.variant("A", 9, 1)

        depot.reserve((1, variant, 1), location_ids=[depot.south])
        faults = depot.refusals(lambda: depot.reserve((2, variant, 1), location_ids=[depot.south]))

        assert depot.counts(variant) == [(9, 0), (1, 1)]
        assert [each.code for each in faults] == ["INSUFFICIENT_STOCK"]

    def test_leaves_the_safety_stock(self, depot):
        variant = depot.variant("A", 5)
        line = SafetyLine(variant_id=variant, location_id=depot.north, safety=4)
        depot.world.run(set_safety, SetSafety(lines=(line,)))

        (fault,) = depot.refusals(lambda: depot.reserve((1, variant, 2)))

        assert fault.shortages == (Shortage(variant, "A", 2, 1),)

    def test_promises_more_than_there_is_where_that_is_allowed(self, depot):
        variant = depot.variant("A", 2)
        depot.world.run(update_location, UpdateLocation(id=depot.north, negative_allowed=True))

        depot.reserve((1, variant, 5))

        level = depot.levels()[variant, depot.north]
        assert (level.on_hand, level.reserved, level.available) == (2, 5, -3)
        assert depot.broken() == []

    def test_promises_no_more_than_can_be_counted_even_there(self, depot):
        variant = depot.variant("A", 2)
        depot.world.run(update_location, UpdateLocation(id=depot.north, negative_allowed=True))
        depot.reserve((1, variant, 1))

        (fault,) = depot.refusals(lambda: depot.reserve((2, variant, QUANTITY_MAX)))

        assert fault.shortages == (Shortage(variant, "A", QUANTITY_MAX, QUANTITY_MAX - 1),)

    def test_promises_nothing_there_of_what_is_not_kept_there(self, depot):
        variant = depot.variant("A", 0)
        depot.world.run(update_location, UpdateLocation(id=depot.south, negative_allowed=True))

        (fault,) = depot.refusals(lambda: depot.reserve((1, variant, 1)))

        assert fault.shortages == (Shortage(variant, "A", 1, 0),)

    @pytest.mark.parametrize("expires_at", [NOW, NOW - timedelta(seconds=1)])
    def test_refuses_a_moment_that_has_passed(self, depot, expires_at):
        variant = depot.variant("A", 5)

        (fault,) = depot.refusals(lambda: depot.reserve((1, variant, 1), expires_at=expires_at))

        assert fault.code == "EXPIRY_NOT_AHEAD"

    def test_does_nothing_for_no_demands(self, depot):
        before = depot.everything()

        depot.reserve()

        assert depot.everything() == before

    def test_takes_three_statements_however_many_lines(self, depot):
        variants = depot.variants(*(f"V{number}" for number in range(50)))
        for variant in variants:
            depot.put(variant, 1, 1)

        counts = []
        for number in (1, 50):
            wanted = [(line, variant, 1) for line, variant in enumerate(variants[:number])]
            with count_statements(depot.world.database) as seen:
                depot.reserve(*wanted)
            counts.append(len([each for each in seen if "stock_" in each and "events" not in each]))

        assert counts == [3, 3]


class TestHarden:
    def test_lets_soft_ones_expire_no_more(self, depot):
        variant = depot.variant("A", 2, 9)
        depot.reserve((1, variant, 4), (2, variant, 1), expires_at=SOON)

        answer = depot.call(harden, [line_id(1), line_id(3)])

        assert answer == {line_id(1): 4, line_id(3): 0}
        assert depot.held() == [(1, 4, "allocated"), (2, 1, "soft")]
        assert depot.events()[-1] == "reservation.hardened"
        assert depot.broken() == []

    def test_leaves_firm_ones_as_they_are(self, depot):
        variant = depot.variant("A", 9)
        depot.reserve((1, variant, 4))
        before = depot.everything()

        assert depot.call(harden, [line_id(1)]) == {line_id(1): 4}
        assert depot.everything() == before

    def test_counts_only_what_is_still_held(self, depot):
        variant = depot.variant("A", 9)
        depot.reserve((1, variant, 4), expires_at=SOON)
        depot.call(release, {line_id(1): 1})

        assert depot.call(harden, [line_id(1)]) == {line_id(1): 3}


class TestExtend:
    def test_lets_soft_ones_expire_later(self, depot):
        variant = depot.variant("A", 9)
        depot.reserve((1, variant, 4), expires_at=SOON)
        depot.reserve((1, variant, 2))

        depot.call(extend, [line_id(1)], LATER)

        assert [
            (each.quantity, each.expires_at, each.version) for each in depot.reservations()
        ] == [
            (4, LATER, 2),
            (2, None, 1),
        ]
        assert depot.events()[-1] == "reservation.extended"

    def test_refuses_a_moment_that_has_passed(self, depot):
        variant = depot.variant("A", 9)
        depot.reserve((1, variant, 4), expires_at=SOON)

        (fault,) = depot.refusals(lambda: depot.call(extend, [line_id(1)], NOW))

        assert fault.code == "EXPIRY_NOT_AHEAD"


class TestRelease:
    def test_gives_back_all_of_a_line(self, depot):
        variant = depot.variant("A", 2, 3)
        depot.reserve((1, variant, 1), (2, variant, 3))

        answer = depot.call(release, {line_id(2): None})

        assert answer == {line_id(2): 3}
        assert depot.counts(variant) == [(2, 1), (3, 0)]
        assert depot.held()[0] == (1, 1, "allocated")
        assert {state for number, _, state in depot.held() if number == 2} == {"released"}
        assert depot.broken() == []

    def test_gives_back_a_part_that_goes_its_own_way(self, depot):
        variant = depot.variant("A", 9)
        depot.reserve((1, variant, 4), expires_at=SOON)

        answer = depot.call(release, {line_id(1): 3})

        assert answer == {line_id(1): 3}
        left, gone = depot.reservations()
        assert (left.quantity, left.status, left.version) == (1, ReservationStatus.SOFT, 2)
        assert (gone.quantity, gone.status, gone.version) == (3, ReservationStatus.RELEASED, 1)
        assert (gone.line_id, gone.level_id, gone.expires_at) == (left.line_id, left.level_id, None)
        assert depot.counts(variant) == [(9, 1)]
        assert depot.events()[-2:] == ["reservation.reduced", "reservation.released"]
        assert depot.broken() == []

    def test_gives_back_first_what_came_last(self, depot):
        variant = depot.variant("A", 2, 9)
        depot.reserve((1, variant, 2))
        depot.reserve((1, variant, 3), now=NOW + timedelta(seconds=1))

        depot.call(release, {line_id(1): 4})

        assert depot.held() == [(1, 1, "allocated"), (1, 1, "released"), (1, 3, "released")]
        assert depot.counts(variant) == [(2, 1), (9, 0)]

    def test_gives_back_no_more_than_there_is(self, depot):
        variant = depot.variant("A", 9)
        depot.reserve((1, variant, 4))

        answer = depot.call(release, {line_id(1): 5, line_id(2): None})

        assert answer == {line_id(1): 4, line_id(2): 0}
        assert depot.counts(variant) == [(9, 0)]

    def test_takes_as_many_statements_for_fifty_lines_as_for_one(self, depot):
        variant = depot.variant("A", 1_000)
        depot.reserve(*((number, variant, 2) for number in range(102)))

        counts = []
        for lines in (range(1), range(1, 51)):
            for pieces in (1, None):
                quantities = {line_id(number): pieces for number in lines}
                with count_statements(depot.world.database) as seen:
                    depot.call(release, quantities)
                counts.append(len([each for each in seen if "stock_" in each]))

        assert counts == [5, 4, 5, 4]


class TestConsume:
    def test_ships_what_is_allocated(self, depot):
        variant = depot.variant("A", 5)
        depot.reserve((1, variant, 3))

        depot.call(consume, {line_id(1): 3}, cause=CAUSE)

        assert depot.counts(variant) == [(2, 0)]
        assert depot.held() == [(1, 3, "consumed")]
        movement = depot.movements()[-1]
        assert movement.kind is MovementKind.SHIPMENT
        assert (movement.from_location_id, movement.to_location_id) == (depot.north, CUSTOMER_ID)
        assert (movement.variant_id, movement.quantity) == (variant, 3)
        assert (movement.cause_kind, movement.cause_id) == ("ord", ORDER)
        assert depot.events()[-1] == "reservation.consumed"
        assert depot.broken() == []

    def test_ships_a_part_first_from_where_it_was_first_reserved(self, depot):
        variant = depot.variant("A", 2, 9)
        depot.reserve((1, variant, 2))
        depot.reserve((1, variant, 3), now=NOW + timedelta(seconds=1))

        depot.call(consume, {line_id(1): 3}, cause=CAUSE)

        assert depot.counts(variant) == [(0, 0), (8, 2)]
        assert depot.held() == [(1, 1, "consumed"), (1, 2, "allocated"), (1, 2, "consumed")]
        assert depot.broken() == []

    def test_ships_only_from_the_location_named(self, depot):
        variant = depot.variant("A", 2, 9)
        depot.reserve((1, variant, 2), location_ids=[depot.north])
        depot.reserve((1, variant, 3), location_ids=[depot.south])

        depot.call(consume, {line_id(1): 3}, cause=CAUSE, location_id=depot.south)

        assert depot.counts(variant) == [(2, 2), (6, 0)]

    @pytest.mark.parametrize("location", ["north", "south", None])
    def test_refuses_more_than_is_allocated(self, depot, location):
        variant = depot.variant("A", 9, 9)
        depot.reserve((1, variant, 2), location_ids=[depot.north])
        depot.reserve((1, variant, 2), location_ids=[depot.south])
        depot.reserve((1, variant, 2), expires_at=SOON)
        where = getattr(depot, location) if location else None

        (fault,) = depot.refusals(
            lambda: depot.call(consume, {line_id(1): 5}, cause=CAUSE, location_id=where)
        )

        assert (fault.code, fault.line_id, fault.requested) == ("NOT_RESERVED", line_id(1), 5)
        assert fault.reserved == (2 if location else 4)

    def test_goes_below_zero_where_that_is_allowed(self, depot):
        variant = depot.variant("A", 2)
        depot.world.run(update_location, UpdateLocation(id=depot.north, negative_allowed=True))
        depot.reserve((1, variant, 5))

        depot.call(consume, {line_id(1): 5}, cause=CAUSE)

        assert depot.counts(variant) == [(-3, 0)]
        assert depot.broken() == []


class TestExpireReservations:
    def expire(self, depot, now):
        return depot.world.run(expire_reservations, ExpireReservations(), now=now).value

    def test_gives_back_what_is_due(self, depot):
        variant = depot.variant("A", 9)
        depot.reserve((1, variant, 1), expires_at=SOON)
        depot.reserve((1, variant, 2), expires_at=LATER)
        depot.reserve((2, variant, 3))

        assert self.expire(depot, SOON) == 1
        assert depot.held() == [(1, 1, "expired"), (1, 2, "soft"), (2, 3, "allocated")]
        assert depot.counts(variant) == [(9, 5)]
        assert depot.events()[-1] == "reservation.expired"
        assert depot.broken() == []

    def test_leaves_what_is_not_due(self, depot):
        variant = depot.variant("A", 9)
        depot.reserve((1, variant, 1), expires_at=SOON)
        before = depot.everything()

        assert self.expire(depot, SOON - timedelta(microseconds=1)) == 0
        assert depot.everything() == before

    def test_names_the_order_and_the_line(self, depot):
        variant = depot.variant("A", 9)
        depot.reserve((1, variant, 2), expires_at=SOON)

        answer = depot.world.run(expire_reservations, ExpireReservations(), now=SOON)

        (effect,) = answer.effects
        assert effect.kind == "reservation.expired"
        assert effect.summary == "The reservation of 2 pieces expired."

    def test_goes_on_in_another_job_when_there_is_more(self, depot, monkeypatch):
        monkeypatch.setattr(on_reservations, "EXPIRE_BATCH_MAX", 2)
        variant = depot.variant("A", 9)
        depot.reserve(*((number, variant, 1) for number in range(3)), expires_at=SOON)

        expired = [self.expire(depot, LATER), self.expire(depot, LATER)]

        assert expired == [2, 1]
        jobs = depot.world.read(job_list.page, PageRequest()).rows
        assert [each.kind for each in jobs] == [EXPIRE_JOB]
