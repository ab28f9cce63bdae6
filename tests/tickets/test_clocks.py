"""The clocks of a ticket, by what happened to it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice_api.domain.fulfillment.model.opening_hours import OpeningHours, OpenPeriod
from backoffice_api.domain.tickets.model.clocks import (
    ENDED,
    ClockKind,
    ClockState,
    Moved,
    Promise,
    Said,
    SegmentKind,
    clocks_of,
)
from backoffice_api.domain.tickets.model.words import TicketAuthor, TicketStatus, TicketVisibility

FIRST, NEXT, RESOLUTION = ClockKind.FIRST_RESPONSE, ClockKind.NEXT_RESPONSE, ClockKind.RESOLUTION
NEW, OPEN, DONE = TicketStatus.NEW, TicketStatus.OPEN, TicketStatus.RESOLVED
ASKED, ELSEWHERE = TicketStatus.PENDING_CUSTOMER, TicketStatus.PENDING_INTERNAL
ALWAYS = OpeningHours.of("UTC", range(1, 8), ())
OFFICE = OpeningHours.of(
    "Europe/Berlin",
    range(1, 6),
    [
        OpenPeriod(weekday=day, opens=opens * 60, closes=closes * 60)
        for day in range(1, 6)
        for opens, closes in ((9, 12), (13, 17))
    ],
)


def at(hour, minute=0, day=5):
    """In March 2025; the 5th is a Wednesday."""
    return datetime(2025, 3, day, hour, minute, tzinfo=UTC)


def promise(hours=ALWAYS, first=60, following=120, resolution=480, **more):
    given = {"warn_percent": 75, "pauses_internal": False, **more}
    return Promise(hours, first, following, resolution, **given)


def opened(when):
    return [asked(when), Moved(when, NEW)]


def asked(when):
    return Said(when, TicketAuthor.CUSTOMER, TicketVisibility.PUBLIC)


def replied(when):
    return Said(when, TicketAuthor.STAFF, TicketVisibility.PUBLIC)


def noted(when):
    return Said(when, TicketAuthor.STAFF, TicketVisibility.INTERNAL)


def only(kind, log, promised=None):
    """The last clock of a kind."""
    return [each for each in clocks_of(log, promised or promise()) if each.kind is kind][-1]


class TestFirstResponse:
    def test_runs_from_the_opening(self):
        clock = only(FIRST, opened(at(9)))

        assert (clock.state, clock.due_at, clock.warn_at) == (
            ClockState.RUNNING,
            at(10),
            at(9, 45),
        )

    @pytest.mark.parametrize(
        ("when", "state", "breached"),
        [
            (at(9), ClockState.MET, None),
            (at(10), ClockState.MET, None),  # at the very moment
            (at(10, 1), ClockState.MISSED, at(10)),
        ],
    )
    def test_ends_with_the_first_public_reply(self, when, state, breached):
        log = [*opened(at(9)), noted(at(9)), replied(when), replied(at(12))]

        clock = only(FIRST, log)

        assert (clock.state, clock.stopped_at, clock.breached_at) == (state, when, breached)

    def test_does_not_pause_while_others_are_asked(self):
        clock = only(FIRST, [*opened(at(9)), Moved(at(9, 5), ASKED)])

        assert (clock.state, clock.due_at) == (ClockState.RUNNING, at(10))

    def test_stops_when_it_is_resolved_and_goes_on_when_reopened(self):
        done = [*opened(at(9)), Moved(at(9, 20), DONE)]

        assert only(FIRST, done).state is ClockState.STOPPED
        assert only(FIRST, [*done, Moved(at(15), OPEN)]).due_at == at(15, 40)


class TestNextResponse:
    def test_runs_from_the_first_message_that_waits(self):
        log = [*opened(at(9)), replied(at(9, 30)), asked(at(10)), asked(at(11))]

        assert only(NEXT, log).due_at == at(12)

    def test_begins_anew_behind_each_reply(self):
        log = [*opened(at(9)), replied(at(9, 30)), asked(at(10)), replied(at(11)), asked(at(14))]

        found = [each for each in clocks_of(log, promise()) if each.kind is NEXT]

        assert [(each.state, each.started_at) for each in found] == [
            (ClockState.MET, at(10)),
            (ClockState.RUNNING, at(14)),
        ]

    def test_runs_when_a_message_opens_it_again(self):
        log = [*opened(at(9)), replied(at(9, 30)), Moved(at(9, 30), DONE)]

        clock = only(NEXT, [*log, asked(at(12)), Moved(at(12), OPEN)])

        assert (clock.state, clock.due_at) == (ClockState.RUNNING, at(14))


class TestResolution:
    def test_stands_still_while_the_customer_is_asked(self):
        log = [*opened(at(9)), Moved(at(10), ASKED)]

        assert (only(RESOLUTION, log).state, only(RESOLUTION, log).due_at) == (
            ClockState.PAUSED,
            None,
        )
        assert only(RESOLUTION, [*log, Moved(at(12), OPEN)]).due_at == at(19)

    @pytest.mark.parametrize(("pauses", "due"), [(False, at(17)), (True, at(19))])
    def test_waits_for_others_of_the_house_where_the_policy_says_so(self, pauses, due):
        log = [*opened(at(9)), Moved(at(10), ELSEWHERE), Moved(at(12), OPEN)]

        assert only(RESOLUTION, log, promise(pauses_internal=pauses)).due_at == due

    def test_is_met_when_it_is_resolved_and_goes_on_when_reopened(self):
        log = [*opened(at(9)), Moved(at(12), DONE), Moved(at(13), TicketStatus.CLOSED)]
        reopened = only(RESOLUTION, [*log, Moved(at(15), OPEN)])

        assert (only(RESOLUTION, log).state, only(RESOLUTION, log).stopped_at) == (
            ClockState.MET,
            at(12),
        )
        assert (reopened.elapsed, reopened.due_at) == (timedelta(hours=3), at(20))
        assert [each.kind for each in reopened.segments] == [
            SegmentKind.RUN,
            SegmentKind.STOP,
            SegmentKind.STOP,
            SegmentKind.RUN,
        ]

    def test_is_neither_met_nor_missed_where_it_is_merged_or_spam(self):
        for status in (TicketStatus.MERGED, TicketStatus.SPAM):
            clock = only(RESOLUTION, [*opened(at(9)), Moved(at(10), status)])

            assert clock.state is ClockState.STOPPED

    def test_runs_in_opening_hours(self):
        # Friday 16:00 in Berlin, which is 15:00 UTC; eight hours of seven a day.
        log = opened(at(15, day=7))

        assert only(RESOLUTION, log, promise(OFFICE)).due_at == at(16, day=10)

    def test_keeps_to_the_wall_when_clocks_change(self):
        # Over the night of 30 March, when Berlin loses an hour.
        log = opened(at(15, day=28))

        assert only(RESOLUTION, log, promise(OFFICE)).due_at == at(15, day=31)

    def test_remembers_when_it_became_overdue(self):
        log = [*opened(at(9)), Moved(at(18), ASKED), Moved(at(20), OPEN), Moved(at(21), DONE)]
        clock = only(RESOLUTION, log)

        assert (clock.state, clock.breached_at, clock.elapsed) == (
            ClockState.MISSED,
            at(17),
            timedelta(hours=10),
        )

    def test_is_overdue_behind_its_due_time_only(self):
        clock = only(RESOLUTION, opened(at(9)))

        assert clock.overdue_at(at(17)) is None
        assert clock.overdue_at(at(17, 1)) == at(17)


class TestClocks:
    def test_are_only_what_is_promised(self):
        assert clocks_of(opened(at(9)), promise(first=None, following=None, resolution=None)) == []

    def test_leave_out_what_was_said_before_the_opening(self):
        log = [asked(at(7)), replied(at(8)), *opened(at(9))]

        assert only(FIRST, log).state is ClockState.RUNNING

    steps = st.lists(
        st.tuples(
            st.integers(0, 3_000),
            st.sampled_from(
                [OPEN, ASKED, ELSEWHERE, DONE, TicketStatus.CLOSED, "ask", "reply", "note"]
            ),
        ),
        max_size=12,
    )

    @settings(max_examples=40, deadline=None)
    @given(
        steps=steps,
        minutes=st.tuples(*[st.integers(1, 2_000)] * 3),
        start=st.integers(0, 400 * 24 * 60),
        hours=st.sampled_from([ALWAYS, OFFICE]),
    )
    def test_come_to_what_their_segments_come_to(self, steps, minutes, start, hours):
        now = datetime(2024, 10, 1, tzinfo=UTC) + timedelta(minutes=start)
        log = opened(now)
        for pause, step in steps:
            now += timedelta(minutes=pause)
            speak = {"ask": asked, "reply": replied, "note": noted}.get(step)
            log.append(speak(now) if speak else Moved(now, step))
        promised = promise(hours, *minutes)
        found = clocks_of(log, promised)

        assert clocks_of(reversed(log), promised) == found or len({e.at for e in log}) < len(log)
        for clock in found:
            ran = [each for each in clock.segments if each.kind is SegmentKind.RUN]
            assert sum((each.worked or timedelta() for each in ran), timedelta()) == clock.elapsed
            for before, after in zip(clock.segments, clock.segments[1:], strict=False):
                assert before.ends_at == after.starts_at
            is_running = clock.state is ClockState.RUNNING
            assert is_running == (bool(ran) and ran[-1].ends_at is None)
            if clock.breached_at:
                assert clock.elapsed >= clock.target
                assert clock.state is not ClockState.MET
            elif is_running:
                assert clock.due_at == hours.after(ran[-1].starts_at, clock.target - clock.elapsed)
            else:
                assert clock.elapsed <= clock.target
            assert (clock.stopped_at is not None) == (clock.state in ENDED)

    @settings(max_examples=25, deadline=None)
    @given(steps=steps, cut=st.integers(0, 12))
    def test_are_never_taken_back_by_what_comes_later(self, steps, cut):
        now, log, parts = at(9), opened(at(9)), []
        for pause, step in steps:
            now += timedelta(minutes=pause + 1)
            speak = {"ask": asked, "reply": replied, "note": noted}.get(step)
            parts.append(speak(now) if speak else Moved(now, step))
        early = clocks_of([*log, *parts[:cut]], promise())
        late = {(each.kind, each.started_at): each for each in clocks_of([*log, *parts], promise())}

        for clock in early:
            if clock.breached_at:
                assert late[clock.kind, clock.started_at].breached_at == clock.breached_at
