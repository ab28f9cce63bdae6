"""Parcels that somebody has to look after. On both databases."""

import pytest

from backoffice_api.domain.kernel.states import InvalidTransition
from backoffice_api.domain.tracking.commands.exceptions import (
    AcknowledgeTrackingException,
    ResolveTrackingException,
    WatchTrackings,
    acknowledge_exception,
    resolve_exception,
    watch_trackings,
)
from backoffice_api.domain.tracking.model.exceptions import SILENT_DAYS
from tests.tracking.hall import at, told


class TestExceptions:
    @pytest.mark.parametrize(
        ("code", "kind"),
        [
            ("in_transit/held", "on_hold"),
            ("in_transit/delayed", "delayed"),
            ("in_transit/delivery_exception", "attempt_failed"),
            ("return_to_sender/return", "returning"),
            ("failure/lost", "lost"),
        ],
    )
    def test_open_with_the_state_that_calls_for_it_and_only_once(self, hall, code, kind):
        hall.record(told(code, -3))
        hall.record(told(code, -2))

        assert hall.exceptions() == [f"{kind} open"]
        assert hall.events().count("tracking.exception") == 1

    @pytest.mark.parametrize(
        ("first", "then", "left"),
        [
            ("in_transit/held", "in_transit/x", "on_hold resolved"),
            ("in_transit/delivery_exception", "delivered/x", "attempt_failed resolved"),
            ("failure/lost", "delivered/x", "lost resolved"),
            ("return_to_sender/return", "failure/lost", "returning open"),
        ],
    )
    def test_end_when_their_reason_has_gone(self, hall, first, then, left):
        hall.record(told(first, -3))

        hall.record(told(then, -2))

        assert left in hall.exceptions()
        assert hall.broken() == []

    def test_are_acknowledged_and_resolved_by_people(self, hall):
        hall.record(told("in_transit/held"))
        id = hall.exception().id

        hall.world.run(acknowledge_exception, AcknowledgeTrackingException(id=id))
        hall.world.run(resolve_exception, ResolveTrackingException(id=id, note="Duty paid."))

        found = hall.exception()
        assert (found.status, found.note) == ("resolved", "Duty paid.")
        with pytest.raises(InvalidTransition):
            hall.world.run(resolve_exception, ResolveTrackingException(id=id))


class TestWatchTrackings:
    def watch(self, hall, hours):
        return hall.world.run(watch_trackings, WatchTrackings(), now=at(hours)).value

    def test_finds_what_has_not_arrived_in_time_once(self, hall):
        hall.follow("N1", promised_at=at(5))

        assert [self.watch(hall, hours) for hours in (4, 6, 7)] == [0, 1, 0]
        assert hall.exceptions() == ["overdue open"]

        hall.record(told("delivered/x"))

        assert hall.exceptions() == ["overdue resolved"]

    def test_finds_what_nothing_is_heard_of(self, hall):
        hall.record(told("in_transit/x"))
        late = SILENT_DAYS * 24 + 1

        assert [self.watch(hall, hours) for hours in (late - 2, late, late + 1)] == [0, 1, 0]

        hall.record(told("in_transit/y"), now=at(late + 2))

        assert hall.exceptions() == ["silent resolved"]
        assert self.watch(hall, late + 2 + late) == 1
        assert hall.exceptions() == ["silent resolved", "silent open"]

    def test_leaves_alone_what_has_come_to_an_end(self, hall):
        hall.follow("N1", promised_at=at(5))
        hall.record(told("delivered/x"))

        assert self.watch(hall, 10_000) == 0
