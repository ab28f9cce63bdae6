"""F11: clocks that are days ahead or behind, or set back, and days that are no 24 hours.

Due dates by the time zone of the shop, over the days on which clocks change, are in
`tests/fulfillment/test_opening_hours.py` and `tests/fulfillment/test_calendars.py`; ends of months,
29 February too, in `tests/privacy/test_retention.py` and `tests/kernel/test_gs1.py`.
"""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from backoffice_api.domain.identity.queries import staff
from backoffice_api.domain.kernel import jobs
from backoffice_api.domain.kernel.database import Database
from backoffice_api.task import Task
from backoffice_api.worker import Worker
from tests.identity.people import add_token
from tests.world import World

EVERY = timedelta(hours=1)
LEEWAY = timedelta(seconds=60)
# In UTC: a leap day, and the nights in which the clocks of Madrid and São Paulo were changed.
BEGINNINGS = (
    datetime(2028, 2, 29, 23, 30, tzinfo=UTC),
    datetime(2026, 3, 29, 0, 30, tzinfo=UTC),
    datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
    datetime(2018, 2, 18, 1, 30, tzinfo=UTC),
)
HOUR, DAYS = timedelta(hours=1), timedelta(days=3)


class Shift:
    """A worker with one task that is done every hour, told the time by the test."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.done = 0
        tasks = {"tick": Task(self._tick, every_s=round(EVERY.total_seconds()))}
        self._worker = Worker(database, {}, tasks)

    def at(self, now: datetime) -> int:
        """How often the task is done in the minute after `now`."""
        before = self.done
        for seconds in range(0, 60, 15):  # so often it plans what is to be done next
            self._worker.work(now + timedelta(seconds=seconds))
        return self.done - before

    def attempts(self) -> list[int]:
        """How often each job was begun that was ever made."""
        with self._database.reading.connect() as db:
            return list(db.execute(select(jobs.jobs.c.attempts)).scalars())

    def _tick(self, _payload: object, _progress: object) -> bool:
        self.done += 1
        return False


class TestJobs:
    @pytest.mark.parametrize("begin", BEGINNINGS)
    def test_are_done_every_hour_over_any_night(self, database: Database, begin: datetime) -> None:
        shift = Shift(database)

        done = [shift.at(begin + step * EVERY / 4) for step in range(4 * 6)]

        assert sum(done) == 5
        assert max(done) == 1

    @pytest.mark.parametrize("jump", [-HOUR, DAYS, -DAYS])
    def test_are_done_once_and_soon_whatever_the_clock_does(
        self, database: Database, jump: timedelta
    ) -> None:
        shift = Shift(database)
        begin = BEGINNINGS[0]
        assert [shift.at(begin), shift.at(begin + EVERY)] == [0, 1]
        jumped = begin + EVERY + jump

        at_once = shift.at(jumped)
        later = [shift.at(jumped + EVERY), shift.at(jumped + 2 * EVERY)]
        # And back again to what was the right time.
        back = [shift.at(begin + step * EVERY) for step in (2, 3, 4)]

        assert at_once == (1 if jump > timedelta() else 0)
        assert later == [1, 1]
        assert sum(back) in (2, 3)
        assert max(back) == 1
        assert max(shift.attempts()) == 1


class TestTokens:
    @pytest.mark.parametrize(("off", "is_good"), [(-LEEWAY, True), (LEEWAY, False)])
    def test_are_judged_to_the_minute(self, world: World, off: timedelta, is_good: bool) -> None:
        end = datetime(2030, 3, 1, tzinfo=UTC)
        token = add_token(world, expires_at=end)
        assert token.secret is not None

        found = world.read(staff.authenticate, token.secret, end + off)

        assert (found is not None) == is_good
