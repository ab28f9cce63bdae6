"""What carriers tell: stored once, read, and never lost. On both databases."""

from datetime import timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from backoffice_api.domain.fulfillment.model.fulfillments import FulfillmentState
from backoffice_api.domain.kernel.errors import NotAllowed
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.tracking import queries
from backoffice_api.domain.tracking.commands.recording import (
    NoteTracking,
    RecordTracking,
    note_tracking,
    record_tracking,
)
from backoffice_api.domain.tracking.commands.registering import CreateTracking, create_tracking
from backoffice_api.domain.tracking.model.states import (
    ResponsibleParty,
    TrackingCause,
    TrackingState,
)
from backoffice_api.domain.tracking.model.trackings import EVENTS_PER_TRACKING_MAX, TrackingOutcome
from backoffice_api.domain.tracking.tables import tracking_events, trackings
from tests.databases import count_statements
from tests.orders.shop import POSTAGE
from tests.tracking.hall import at, told
from tests.world import NOW, caller

CODES = (
    "pre_transit/status_update",
    "in_transit/arrived_at_facility",
    "in_transit/delayed",
    "out_for_delivery/out_for_delivery",
    "in_transit/delivery_exception",
    "return_to_sender/return",
    "delivered/arrived_at_destination",
    "failure/lost",
    "something/new",
)


def stored(hall, number):
    """What is kept of a parcel, but for when it was heard and under which ids."""
    found = hall.tracking(number)
    with hall.world.database.reading.connect() as db:
        keys = db.execute(
            select(tracking_events.c.content_key).where(tracking_events.c.tracking_id == found.id)
        )
        told_keys = sorted(keys.scalars())
    return (
        found.state,
        found.cause,
        found.party,
        found.state_at,
        found.state_key,
        found.event_count,
        found.delivered_at,
        told_keys,
    )


class TestRecordTracking:
    def test_follows_a_number_of_which_nobody_had_heard(self, hall):
        results = hall.record(told("in_transit/departed_facility", number=" n 1 "))

        found = hall.tracking("N1")
        assert [each.tracking_id for each in results] == [found.id]
        assert (found.state, found.state_at) == (TrackingState.IN_TRANSIT, at(-1))
        assert (found.event_count, found.heard_at) == (1, NOW)
        assert hall.events() == ["tracking.created", "tracking.updated"]
        assert hall.broken() == []

    def test_changes_nothing_when_it_is_told_again(self, hall):
        draft = told("in_transit/departed_facility")
        hall.record(draft)
        before, events = hall.tracking(), hall.events()

        assert hall.outcomes(draft, draft) == ["repeated", "repeated"]

        assert hall.tracking() == before
        assert hall.events() == events

    def test_stores_what_is_told_late_and_does_not_go_back(self, hall):
        hall.record(told("delivered/arrived_at_destination", -1))

        assert hall.outcomes(told("in_transit/departed_facility", -5)) == ["recorded"]

        found = hall.tracking()
        assert (found.state, found.delivered_at) == (TrackingState.DELIVERED, at(-1))
        assert found.event_count == 2
        assert hall.broken() == []

    def test_keeps_a_code_that_nobody_knows(self, hall):
        hall.record(told("pre_transit/x", -3))

        assert hall.outcomes(told("teleported/twice", -2), told("teleported/twice", -1)) == [
            "recorded",
            "recorded",
        ]

        (unknown,) = hall.world.read(queries.unknown_codes)
        assert (unknown.source, unknown.code, unknown.events) == ("easypost", "teleported/twice", 2)
        assert hall.tracking().state is TrackingState.PRE_TRANSIT
        assert hall.broken() == []

    def test_takes_and_refuses_each_event_by_itself(self, hall):
        results = hall.record(
            told("in_transit/x", number=""),
            told("in_transit/x"),
            told("in_transit/x"),
            told("in_transit/y", 48),
            told("", source="shippo"),
            told("x", text="x" * 501),
        )

        assert [each.refusal or each.outcome for each in results] == [
            "INVALID_TEXT",
            TrackingOutcome.RECORDED,
            TrackingOutcome.REPEATED,
            "NOT_YET",
            "INVALID_TEXT",
            "INVALID_TEXT",
        ]
        assert results[3].message == "This has not happened yet."

    def test_refuses_more_than_a_thousand_at_once(self, hall):
        command = RecordTracking(events=(told("in_transit/x"),) * 1_001)

        assert hall.refused(record_tracking, command) == ["TOO_MANY"]

    def test_keeps_so_many_events_of_a_parcel_and_no_more(self, hall):
        many = [told(f"in_transit/{n}") for n in range(EVENTS_PER_TRACKING_MAX)]
        hall.record(*many)

        assert hall.outcomes(told("in_transit/more"), many[0]) == ["NO_FURTHER_EVENTS", "repeated"]

    def test_takes_a_constant_number_of_statements(self, hall):
        hall.record(told("in_transit/x", number="N0"))

        def statements(count):
            drafts = [
                told("delivered/x" if n % 2 else "in_transit/held", number=f"C{count}-{n}")
                for n in range(count)
            ]
            with count_statements(hall.world.database) as counted:
                hall.record(*drafts)
            return len(counted)

        assert statements(2) == statements(40)

    def test_needs_the_right(self, hall):
        with pytest.raises(NotAllowed):
            hall.record(told("in_transit/x"), caller=caller(Scope.TRACKING_READ))

    def test_keeps_nothing_of_a_dry_run(self, hall):
        assert hall.outcomes(told("in_transit/x"), dry_run=True) == ["recorded"]

        assert hall.events() == []

    def test_is_done_once_under_one_key(self, hall):
        first = hall.record(told("in_transit/x"), idempotency_key="one")

        assert hall.record(told("in_transit/x"), idempotency_key="one") == first


class TestAnyOrder:
    @settings(
        max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(
        some.lists(
            some.tuples(some.sampled_from(CODES), some.integers(-9, -1)),
            min_size=1,
            max_size=6,
            unique=True,
        ),
        some.integers(0, 2**32),
    )
    def test_ends_in_the_same_state_and_the_same_stored_set(self, hall, events, seed):
        random = Random(seed)
        name = f"{seed:x}-{len(hall.events())}"
        again = [*events, *random.choices(events, k=3)]
        random.shuffle(again)

        hall.record(*(told(code, hours, f"{name}A") for code, hours in events))
        while again:
            size = random.randint(1, 3)
            hall.record(*(told(code, hours, f"{name}B") for code, hours in again[:size]))
            del again[:size]

        assert stored(hall, f"{name}A".upper()) == stored(hall, f"{name}B".upper())
        assert hall.broken() == []


class TestArrival:
    def test_delivers_the_fulfillment_with_the_last_of_its_parcels(self, hall):
        _, (first, second) = hall.shipped(2)
        hall.follow("N1", first)
        hall.follow("N2", second)

        hall.record(told("delivered/x", -2, "N1"))

        assert hall.parcel(first).delivered_at == at(-2)
        assert hall.fulfillment_of(first).status is FulfillmentState.SHIPPED

        hall.record(told("delivered/x", -1, "N2"))

        assert hall.fulfillment_of(first).status is FulfillmentState.DELIVERED
        assert hall.fulfillment_of(first).delivered_at == at(-1)
        assert hall.events("fulfillment") == ["fulfillment.delivered"]

    def test_is_noted_when_the_number_gets_its_parcel_later(self, hall):
        hall.record(told("delivered/x", -2))
        order_id, (parcel,) = hall.shipped()

        hall.follow("N1", parcel)

        assert hall.parcel(parcel).delivered_at == at(-2)
        assert (hall.tracking().parcel_id, hall.tracking().order_id) == (parcel, order_id)

    def test_leaves_a_parcel_alone_that_has_not_left_by_the_books(self, hall):
        order_id = hall.shop.place(POSTAGE)
        (parcel,) = hall.parcels(order_id, shipped_at=None)
        hall.follow("N1", parcel)

        hall.record(told("delivered/x", -2))

        assert hall.parcel(parcel).delivered_at is None
        assert hall.tracking().state is TrackingState.DELIVERED


class TestCreateTracking:
    def test_takes_the_promise_of_the_fulfillment(self, hall):
        _, (parcel,) = hall.shipped(deliver_by=at(48))

        hall.follow("N1", parcel)

        assert hall.tracking().promised_at == at(48)
        assert hall.events() == ["tracking.created", "tracking.linked"]

    def test_is_the_same_when_it_is_said_again(self, hall):
        _, (parcel,) = hall.shipped()
        first = hall.follow("N1", parcel)

        assert hall.follow("N1", parcel) == first
        assert hall.events() == ["tracking.created", "tracking.linked"]

    def test_follows_a_parcel_under_its_new_number(self, hall):
        order_id, (parcel,) = hall.shipped()
        hall.follow("N1", parcel)

        hall.follow("N2", parcel)

        assert hall.tracking("N2").parcel_id == parcel
        assert (hall.tracking("N1").parcel_id, hall.tracking("N1").order_id) == (None, order_id)

    def test_refuses_a_number_of_another_parcel(self, hall):
        _, (first, second) = hall.shipped(2)
        hall.follow("N1", first)

        command = CreateTracking(carrier="usps", number="N1", parcel_id=second)
        assert hall.refused(create_tracking, command) == ["ALREADY_TRACKED"]

    def test_refuses_what_is_no_number_and_no_parcel(self, hall):
        command = CreateTracking(carrier="", number="", parcel_id=hall.follow())

        assert hall.refused(create_tracking, command) == [
            "INVALID_TEXT",
            "INVALID_TEXT",
            "UNKNOWN_PARCEL",
        ]


class TestNoteTracking:
    def test_is_an_event_signed_by_who_says_it(self, hall):
        id = hall.follow()

        note = NoteTracking(
            id=id,
            state=TrackingState.LOST,
            text="The depot has burnt down.",
            cause=TrackingCause.DISPOSED,
            party=ResponsibleParty.CARRIER,
        )
        hall.world.run(note_tracking, note)
        hall.world.run(note_tracking, note)

        found = hall.tracking()
        assert (found.state, found.cause) == (TrackingState.LOST, TrackingCause.DISPOSED)
        assert found.event_count == 1
        with hall.world.database.reading.connect() as db:
            event = db.execute(select(tracking_events)).one()
        assert (event.source, event.recorded_by_kind) == ("manual", "token")
        assert hall.broken() == []

    def test_refuses_an_empty_text_and_the_future(self, hall):
        note = NoteTracking(
            id=hall.follow(),
            state=TrackingState.LOST,
            text=" ",
            occurred_at=NOW + timedelta(days=2),
        )

        assert hall.refused(note_tracking, note) == ["INVALID_TEXT", "NOT_YET"]


class TestTables:
    def test_keep_what_was_told_for_ever(self, hall):
        hall.record(told("in_transit/x"))

        for change in (update(tracking_events).values(text="y"), delete(tracking_events)):
            with pytest.raises(IntegrityError), hall.world.database.writing.begin() as db:
                db.execute(change)


class TestChecks:
    @pytest.mark.parametrize(
        ("values", "broken"),
        [
            ({"state": "on_hold"}, ["TR1"]),
            ({"cause": "weather"}, ["TR1"]),
            ({"event_count": 7}, ["TR2"]),
        ],
    )
    def test_find_what_does_not_follow_from_what_was_told(self, hall, values, broken):
        hall.record(told("in_transit/x"))

        with hall.world.database.writing.begin() as db:
            db.execute(update(trackings).values(**values))

        assert hall.broken() == broken
