"""Working calendars: when goods leave that are ordered now, and when they arrive.

A calendar says on which weekdays a house ships, until when an order leaves on the same day, and
which days are holidays. Times are those of its own time zone, and answers are moments in UTC.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Faults, Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX
from backoffice_api.domain.kernel.texts import check_range, check_size, check_text

HOLIDAYS_MAX = 1_000
HANDLING_DAYS_MAX = 60
TRANSIT_DAYS_MAX = 120
MINUTES_OF_DAY = 24 * 60
# A calendar that closes for longer than this is wrong: there would be no answer.
_SEARCH_DAYS_MAX = 1_500
# When a day's work is done, where nothing else is said.
_END_OF_DAY = time(23, 59)


class CalendarSortKey(Choice):
    """By what a list of calendars is sorted."""

    CODE = "code", "The code, by code point."
    CREATED_AT = "created_at", "When the calendar was made."


@dataclass(frozen=True, slots=True)
class Calendar:
    """`weekdays` are those of ISO 8601: 1 is Monday, 7 Sunday. `cut_off`: minutes of the day.

    What is ordered until the cut-off of a working day leaves `handling_days` working days later,
    and arrives `transit_days` working days after that. The calendar with the code `default` is
    that of locations that name none.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    code: str
    name: str
    time_zone: str
    weekdays: Sequence[int]
    cut_off: int
    handling_days: int
    transit_days: int


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day on which a house does not ship."""

    calendar_id: UUID
    day: date
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayDraft:
    """A day on which a house does not ship."""

    day: date
    name: str = ""


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """A calendar with its holidays: all that dates are reckoned from."""

    calendar: Calendar
    holidays: frozenset[date] = frozenset()

    def works(self, day: date) -> bool:
        return day.isoweekday() in self.calendar.weekdays and day not in self.holidays

    def after(self, day: date, count: int) -> date:
        """The working day that is `count` working days after a day; 0: that day or the next."""
        for _ in range(_SEARCH_DAYS_MAX):
            if self.works(day):
                if count == 0:
                    return day
                count -= 1
            day += timedelta(days=1)
        return day

    def ship_by(self, ordered_at: datetime) -> datetime:
        """Until when what is ordered now has to leave: the cut-off of its day."""
        zone = ZoneInfo(self.calendar.time_zone)
        local = ordered_at.astimezone(zone)
        day = local.date()
        minutes = local.hour * 60 + local.minute
        if self.works(day) and minutes >= self.calendar.cut_off:
            day += timedelta(days=1)
        day = self.after(day, self.calendar.handling_days)
        cut_off = time(*divmod(min(self.calendar.cut_off, MINUTES_OF_DAY - 1), 60))
        return datetime.combine(day, cut_off, zone).astimezone(UTC)

    def deliver_by(self, shipped_at: datetime) -> datetime:
        """Until when what leaves at a moment has to arrive: the end of that day."""
        zone = ZoneInfo(self.calendar.time_zone)
        day = shipped_at.astimezone(zone).date() + timedelta(days=1)
        day = self.after(day, max(0, self.calendar.transit_days - 1))
        return datetime.combine(day, _END_OF_DAY, zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class CalendarSet(Event):
    type = "calendar.set"
    subject = "cal"
    summary = "The working calendar {code} was set, with {holidays} holidays."
    id: UUID
    version: int
    code: str
    holidays: int


@dataclass(eq=False)
class UnknownCalendar(Missing):
    """There is no calendar with this id."""

    id: UUID
    message = "There is no such calendar."


@dataclass(eq=False)
class CalendarCodeTaken(Refused):
    """Another calendar has this code."""

    name: str
    message = "Another calendar has the code {name!r:.90}."


@dataclass(eq=False)
class NoSuchTimeZone(Invalid):
    """There is no time zone of this name in the IANA database."""

    name: str
    message = "There is no time zone {name!r:.60}."


@dataclass(eq=False)
class NoWeekdays(Invalid):
    """A calendar names some of the weekdays 1 to 7, each once."""

    message = "Name some of the weekdays 1 (Monday) to 7 (Sunday), each once."


def check_calendar(
    faults: Faults,
    *,
    code: str,
    name: str,
    time_zone: str,
    weekdays: Collection[int],
    cut_off: int,
    handling_days: int,
    transit_days: int,
    holidays: Sequence[HolidayDraft],
) -> None:
    """Note what is wrong with a calendar."""
    check_text(code, faults, "code", maximum=CODE_LENGTH_MAX)
    check_text(name, faults, "name")
    if time_zone not in available_timezones():
        faults.add(NoSuchTimeZone(time_zone).at("time_zone"))
    if not weekdays or len(set(weekdays)) < len(weekdays) or not set(weekdays) <= set(range(1, 8)):
        faults.add(NoWeekdays().at("weekdays"))
    check_range(cut_off, faults, "cut_off", minimum=0, maximum=MINUTES_OF_DAY)
    check_range(handling_days, faults, "handling_days", minimum=0, maximum=HANDLING_DAYS_MAX)
    check_range(transit_days, faults, "transit_days", minimum=0, maximum=TRANSIT_DAYS_MAX)
    check_size(tuple(holidays), faults, "holidays", maximum=HOLIDAYS_MAX)
    for position, each in enumerate(holidays[:HOLIDAYS_MAX]):
        check_text(each.name, faults, "holidays", position, "name", minimum=0)
