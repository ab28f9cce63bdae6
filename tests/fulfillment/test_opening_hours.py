"""How long a house was open, and when so much of it has passed."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice_api.domain.fulfillment.model.opening_hours import (
    OpeningHours,
    OpenPeriod,
    check_periods,
)
from backoffice_api.domain.kernel.errors import Faults

START = datetime(2024, 1, 1, tzinfo=UTC)
WORKDAYS = (1, 2, 3, 4, 5)


def period(weekday, opens, closes):
    return OpenPeriod(weekday=weekday, opens=opens * 60, closes=closes * 60)


# Two periods on workdays, with a break at noon.
SPLIT = [each for day in WORKDAYS for each in (period(day, 9, 12), period(day, 13, 17))]


def hours(zone="UTC", *, periods=SPLIT, weekdays=WORKDAYS, holidays=()):
    return OpeningHours.of(zone, weekdays, periods, holidays)


def at(day, hour, minute=0, month=3, year=2025):
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


class TestOpeningHours:
    @pytest.mark.parametrize(
        ("start", "minutes", "due"),
        [
            (at(5, 9), 60, at(5, 10)),
            (at(5, 11, 30), 60, at(5, 13, 30)),  # over the break
            (at(5, 11), 60, at(5, 12)),  # at its end, not after the break
            (at(5, 18), 60, at(6, 10)),  # a Wednesday evening
            (at(7, 16, 30), 60, at(10, 9, 30)),  # over a weekend
            (at(8, 12), 0, at(8, 12)),
        ],
    )
    def test_are_followed_over_breaks_and_weekends(self, start, minutes, due):
        assert hours().after(start, timedelta(minutes=minutes)) == due

    def test_leave_out_holidays(self):
        closed = hours(holidays=[date(2025, 3, 6), date(2025, 3, 7)])

        assert closed.after(at(5, 16), timedelta(hours=2)) == at(10, 10)
        assert closed.between(at(5, 0), at(11, 0)) == timedelta(hours=14)

    @pytest.mark.parametrize(
        ("zone", "day", "open_for"),
        [
            ("Europe/Berlin", date(2025, 3, 30), 23),
            ("Europe/Berlin", date(2025, 10, 26), 25),
            ("America/Sao_Paulo", date(2018, 11, 4), 23),  # clocks jumped at midnight
            ("America/Sao_Paulo", date(2018, 2, 17), 25),
            ("America/Sao_Paulo", date(2025, 3, 30), 24),
            ("Europe/Madrid", date(2026, 3, 29), 23),
            ("Europe/Madrid", date(2026, 10, 25), 25),
            ("Europe/Madrid", date(2028, 2, 29), 24),
        ],
    )
    def test_of_a_whole_day_are_as_long_as_it_was(self, zone, day, open_for):
        always = hours(zone, periods=(), weekdays=range(1, 8))
        start = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=2)
        others = [day + timedelta(days=step) for step in range(-9, 10) if step]
        only = OpeningHours(zone, always.week, frozenset(others))

        assert only.between(start, start + timedelta(days=5)) == timedelta(hours=open_for)

    def test_in_a_skipped_hour_are_none(self):
        night = [OpenPeriod(weekday=7, opens=130, closes=170), period(7, 3, 4)]

        found = hours("Europe/Berlin", periods=night, weekdays=(7,))

        assert found.between(at(30, 0), at(30, 12)) == timedelta(hours=1)
        assert found.after(at(30, 0), timedelta(minutes=1)) == at(30, 1, 1)

    def test_keep_the_hour_of_the_wall_when_clocks_change(self):
        berlin = hours("Europe/Berlin")

        assert berlin.after(at(28, 17), timedelta(hours=1)) == at(31, 8)

    def test_never_come_where_the_house_never_opens(self):
        assert hours(weekdays=()).after(at(5, 9), timedelta(minutes=1)) is None

    def test_are_read_back_as_they_were_kept(self):
        kept = hours("Europe/Berlin", holidays=[date(2025, 1, 1)])

        assert OpeningHours.parsed(kept.plain()) == kept

    @settings(max_examples=25, deadline=None)
    @given(
        zone=st.sampled_from(["UTC", "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe"]),
        starts=st.tuples(st.integers(0, 700 * 24 * 60), st.integers(0, 40 * 24 * 60)),
        minutes=st.integers(1, 9_000),
        holidays=st.sets(st.dates(date(2024, 1, 1), date(2025, 12, 31)), max_size=15),
        split=st.tuples(st.integers(1, 700), st.integers(701, 1_440)),
    )
    def test_there_and_back_agree(self, zone, starts, minutes, holidays, split):
        first, last = split
        periods = [
            each
            for day in WORKDAYS
            for each in (
                OpenPeriod(weekday=day, opens=0, closes=first),
                OpenPeriod(weekday=day, opens=last - 1, closes=last),
            )
        ]
        house = hours(zone, periods=periods, holidays=holidays)
        start = START + timedelta(minutes=starts[0])
        middle = start + timedelta(minutes=starts[1])
        span = timedelta(minutes=minutes)

        due = house.after(start, span)

        assert house.between(start, due) == span
        assert house.between(start, due - timedelta(seconds=1)) < span
        assert sum(
            (house.between(*each) for each in pairwise(sorted({start, middle, due}))), timedelta()
        ) == house.between(start, max(middle, due))


class TestCheckPeriods:
    @pytest.mark.parametrize(
        ("periods", "codes"),
        [
            ([period(1, 9, 12), period(1, 11, 13)], ["PERIODS_OVERLAP"]),
            ([period(1, 9, 9)], ["PERIODS_OVERLAP"]),
            ([period(6, 9, 12)], ["PERIOD_ON_DAY_OFF"]),
            ([period(1, 9, 25)], ["OUT_OF_RANGE"]),
            ([period(1, 13, 17), period(1, 9, 13)], []),
        ],
    )
    def test_says_what_is_wrong(self, periods, codes):
        faults = Faults()
        check_periods(faults, periods, WORKDAYS)

        assert [each.code for each in faults] == codes
