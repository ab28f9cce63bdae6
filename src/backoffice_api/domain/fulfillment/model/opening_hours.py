"""Opening hours: how long a house was open between two moments, and when so much of it has passed.

A working calendar has several periods a day, in the time of its own zone, and holidays. Both
questions are answered in real seconds: an hour that the clocks skip is not there, one that they
show twice counts in full only where the house stays open over it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from backoffice_api.domain.fulfillment.model.calendars import MINUTES_OF_DAY
from backoffice_api.domain.kernel.errors import Faults, Invalid
from backoffice_api.domain.kernel.texts import check_range, check_size

PERIODS_MAX = 42
# No clock is looked for further ahead: a house that is closed for so long never opens.
SEARCH_DAYS_MAX = 3_700

_NONE = timedelta()
_SECOND = timedelta(seconds=1)
Period = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPeriod:
    """On a weekday of ISO 8601 (1 is Monday), from one minute of the day up to another one."""

    weekday: int
    opens: int
    closes: int


@dataclass(frozen=True, slots=True)
class CalendarPeriod:
    """One period of a calendar, as it is kept."""

    calendar_id: UUID
    weekday: int
    opens: int
    closes: int


@dataclass(eq=False)
class PeriodsOverlap(Invalid):
    """Two periods of one weekday overlap, or a period ends before it begins."""

    weekday: int
    message = "The periods of weekday {weekday} begin before they end, and do not overlap."


@dataclass(eq=False)
class PeriodOnDayOff(Invalid):
    """A period lies on a weekday on which the calendar does not work."""

    weekday: int
    message = "The calendar does not work on weekday {weekday}."


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """When a house is open. `week` has the periods of Monday to Sunday, each sorted, none
    overlapping another.
    """

    time_zone: str
    week: tuple[tuple[Period, ...], ...]
    holidays: frozenset[date] = frozenset()

    @staticmethod
    def of(
        time_zone: str,
        weekdays: Iterable[int],
        periods: Sequence[OpenPeriod],
        holidays: Iterable[date] = (),
    ) -> "OpeningHours":
        """Without periods, a house is open all day long on each of its weekdays."""
        working = set(weekdays)
        by_day: dict[int, list[Period]] = {day: [] for day in range(1, 8)}
        for each in periods:
            by_day[each.weekday].append((each.opens, each.closes))
        if not periods:
            by_day = {day: [(0, MINUTES_OF_DAY)] for day in range(1, 8)}
        week = tuple(tuple(sorted(by_day[day])) if day in working else () for day in range(1, 8))
        return OpeningHours(time_zone, week, frozenset(holidays))

    @staticmethod
    def parsed(kept: Mapping[str, Any]) -> "OpeningHours":
        """What `plain` made."""
        week = tuple(tuple((opens, closes) for opens, closes in day) for day in kept["week"])
        days = frozenset(date.fromisoformat(each) for each in kept["holidays"])
        return OpeningHours(kept["time_zone"], week, days)

    def plain(self) -> Mapping[str, Any]:
        """As JSON keeps it."""
        return {
            "time_zone": self.time_zone,
            "week": [[list(each) for each in day] for day in self.week],
            "holidays": sorted(each.isoformat() for each in self.holidays),
        }

    def between(self, start: datetime, end: datetime) -> timedelta:
        """For how long the house was open from one moment to a later one."""
        total = _NONE
        for opens, closes in self._periods(start):
            if opens >= end:
                break
            total += min(closes, end) - opens
        return total

    def after(self, start: datetime, span: timedelta) -> datetime | None:
        """The moment by which the house was open for `span` since `start`.

        It lies within opening hours, or at their end; of no span, it is `start` itself. None: the
        house is not open for so long in the next ten years.
        """
        if span <= _NONE:
            return start
        for opens, closes in self._periods(start):
            if closes - opens >= span:
                return opens + span
            span -= closes - opens
        return None

    def _periods(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The periods from a moment on, in UTC: the first one may begin with it. None is empty."""
        day = start.astimezone(ZoneInfo(self.time_zone)).date()
        for _ in range(SEARCH_DAYS_MAX):
            if day not in self.holidays:
                for opens, closes in _of_day(self.time_zone, self.week[day.weekday()], day):
                    if closes > start:
                        yield max(opens, start), closes
            day += timedelta(days=1)


@lru_cache(maxsize=4_096)
def _of_day(
    time_zone: str, periods: tuple[Period, ...], day: date
) -> tuple[tuple[datetime, datetime], ...]:
    zone = ZoneInfo(time_zone)
    found = [(_moment(zone, day, opens), _moment(zone, day, closes)) for opens, closes in periods]
    return tuple((opens, closes) for opens, closes in found if opens < closes)


def _moment(zone: ZoneInfo, day: date, minute: int) -> datetime:
    """The first moment at which the clock on the wall shows this minute, or a later one.

    So what is shown twice is its first showing, and what is skipped is when the clocks jump: the
    moments of a day are in the order of its minutes.
    """
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    found = wall.replace(tzinfo=zone).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == wall:
        return found
    # In the gap of a jump: before it at `early`, after it at `found` (PEP 495).
    early = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    while found - early > _SECOND:
        middle = early + (found - early) // 2
        if middle.astimezone(zone).replace(tzinfo=None) >= wall:
            found = middle
        else:
            early = middle
    return found.replace(microsecond=0)  # clocks jump at whole seconds


def check_periods(faults: Faults, periods: Sequence[OpenPeriod], weekdays: Iterable[int]) -> None:
    """Note what is wrong with the periods of a calendar that works on these weekdays."""
    check_size(tuple(periods), faults, "hours", maximum=PERIODS_MAX)
    working = set(weekdays)
    ends: dict[int, int] = {}
    for position, each in sorted(
        enumerate(periods[:PERIODS_MAX]), key=lambda given: _order(*given)
    ):
        for name in ("opens", "closes"):
            value = getattr(each, name)
            check_range(value, faults, "hours", position, name, minimum=0, maximum=MINUTES_OF_DAY)
        if each.weekday not in working:
            faults.add(PeriodOnDayOff(each.weekday).at("hours", position, "weekday"))
        if each.opens >= each.closes or each.opens < ends.get(each.weekday, 0):
            faults.add(PeriodsOverlap(each.weekday).at("hours", position))
        ends[each.weekday] = max(each.closes, ends.get(each.weekday, 0))


def _order(position: int, period: OpenPeriod) -> tuple[int, int, int]:
    return period.weekday, period.opens, position
