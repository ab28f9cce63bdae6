"""When goods leave and arrive, by a calendar."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice_api.domain.fulfillment.model.calendars import Calendar, WorkingDays

START = datetime(2025, 1, 1, tzinfo=UTC)


def days(*holidays, zone="UTC", weekdays=(1, 2, 3, 4, 5), cut_off=840, handling=0, transit=2):
    calendar = Calendar(
        UUID(int=1), 1, START, START, "c", "C", zone, weekdays, cut_off, handling, transit
    )
    return WorkingDays(calendar, frozenset(holidays))


def at(day, hour, minute=0):
    return datetime(2025, 3, day, hour, minute, tzinfo=UTC)


class TestShipBy:
    @pytest.mark.parametrize(
        ("ordered", "leaves"),
        [
            (at(5, 13, 59), at(5, 14)),  # a Wednesday, before the cut-off
            (at(5, 14), at(6, 14)),
            (at(7, 15), at(10, 14)),  # Friday, after it
            (at(8, 9), at(10, 14)),  # Saturday
        ],
    )
    def test_follows_cut_off_and_weekdays(self, ordered, leaves):
        assert days().ship_by(ordered) == leaves

    def test_passes_over_holidays(self):
        assert days(date(2025, 3, 10), date(2025, 3, 11)).ship_by(at(8, 9)) == at(12, 14)

    def test_counts_handling_in_working_days(self):
        assert days(handling=2).ship_by(at(6, 9)) == at(10, 14)

    def test_is_of_the_time_zone_of_the_house(self):
        # 16:30 UTC is 13:30 in São Paulo; 17:30 is too late there.
        calendar = days(zone="America/Sao_Paulo")

        assert calendar.ship_by(at(5, 16, 30)) == at(5, 17)
        assert calendar.ship_by(at(5, 17, 30)) == at(6, 17)

    def test_keeps_the_hour_of_the_wall_when_clocks_change(self):
        # Clocks in Berlin went forward on Sunday the 30th.
        calendar = days(zone="Europe/Berlin")

        assert calendar.ship_by(at(27, 9)) == at(27, 13)
        assert calendar.ship_by(at(29, 9)) == at(31, 12)

    @given(
        minutes=st.integers(0, 2 * 366 * 24 * 60),
        holidays=st.sets(st.dates(date(2025, 1, 1), date(2027, 1, 1)), max_size=20),
        weekdays=st.sets(st.integers(1, 7), min_size=1).map(tuple),
    )
    def test_is_a_working_day_ahead(self, minutes, holidays, weekdays):
        calendar = days(*holidays, weekdays=weekdays)
        moment = START + timedelta(minutes=minutes)

        leaves = calendar.ship_by(moment)

        assert leaves > moment
        assert calendar.works(leaves.date())


class TestDeliverBy:
    def test_counts_working_days_on_the_way(self):
        assert days().deliver_by(at(6, 14)) == at(10, 23, 59)
        assert days(transit=1).deliver_by(at(6, 14)) == at(7, 23, 59)
