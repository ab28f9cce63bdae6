"""Follows the log once for a whole process, however many have subscribed.

Nobody has a queue of his own: each subscription has a place in the log. Who is up to date is told
out of a window of the newest events that all share; who is behind reads the log itself, stretch by
stretch, at the pace at which he takes what he gets. So a slow reader costs no memory, nothing is
missed and nothing told twice.

A ring of the bell, or a notification of another process, only makes the hub look earlier than it
would: twice a second it looks anyway, as long as anybody listens.
"""

import asyncio
import contextvars
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from backoffice_api.context import BatchQuery, Threads
from backoffice_api.domain.kernel import bell, log
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.events import Logged
from backoffice_api.live.notifications import Notifications
from backoffice_api.schema.following import FromLog, Watched

POLL_S = 0.5
# Rings within this time are one: what many commit at once is read and told at once.
GATHER_S = 0.02
# Looking at what is watched is a statement for each kind: not at each ring of a busy server.
WATCH_S = 0.1
_AGAIN_S = 0.01
PAGE = 500
WINDOW = 1_000
STRETCH = 10_000
BATCH = 100

T = TypeVar("T")

logger = structlog.get_logger("backoffice_api.live")


@dataclass(slots=True, eq=False)
class Place:
    """Where a subscription is in the log: all up to `last` was told, or was not wanted."""

    wants: FromLog
    last: int
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, news: Sequence[Logged], before: int, now: int) -> None:
        """There is something new. Who is up to date, and wants none of it, still is."""
        if self.last == before and not any(map(self.wants.wants, news)):
            self.last = now
        else:
            self.woken.set()


@dataclass(slots=True, eq=False)
class View:
    """What a subscription watches: what was found last, and whether that was told."""

    watched: Watched
    found: Any = None
    woken: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look at the database came to."""

    position: int
    news: Sequence[Logged]
    head: int
    found: Mapping[View, Any] | None


class Hub:
    """Belongs to one event loop."""

    def __init__(
        self,
        database: Database,
        threads: Threads,
        *,
        notifications: Notifications | None = None,
        poll_s: float = POLL_S,
        window: int = WINDOW,
        stretch: int = STRETCH,
    ) -> None:
        self._database = database
        self._threads = threads
        self._notifications = notifications
        self._poll_s = poll_s
        self._stretch = stretch
        self._window: deque[Logged] = deque()
        self._window_size = window
        self._window_after = 0  # the window holds all events above this
        self._position: int | None = None
        self._places: set[Place] = set()
        self._views: set[View] = set()
        self._rung = asyncio.Event()
        self._started = asyncio.Lock()
        self._following: asyncio.Task[None] | None = None
        self._watched_at = 0.0
        self._again_s = _AGAIN_S
        # Those who are behind read one after the other: others want the connections, too.
        self._reading = asyncio.Semaphore(2)

    @property
    def followers(self) -> int:
        """How many subscriptions there are."""
        return len(self._places) + len(self._views)

    async def enter(self, wants: FromLog) -> Place:
        """A place in the log, to be left in the end."""
        position = await self._start()
        place = Place(wants, position if wants.after is None else max(wants.after, 0))
        self._places.add(place)
        return place

    async def batch(self, place: Place) -> Sequence[Logged]:
        """The next events that are wanted there, in order; waited for if there are none yet."""
        while True:
            place.woken.clear()
            if self._position is None or place.last >= self._position:
                await place.woken.wait()
                continue
            if place.last >= self._window_after:
                found, through = self._recent(place)
            else:
                found, through = await self._behind(place, self._position)
            place.last = max(place.last, through)
            if found:
                return found
            await asyncio.sleep(0)

    async def watch(self, watched: Watched) -> View:
        """A view of something, to be left in the end. What there is now counts as a change."""
        view = View(watched)
        view.found = await self._read(self._find_one, watched)
        view.woken.set()
        await self._start()
        self._views.add(view)
        self._watched_at = 0.0
        self._rung.set()
        return view

    async def leave(self, follower: Place | View) -> None:
        """Follow for this one no longer; where nobody is left, not at all."""
        self._places.discard(follower)
        self._views.discard(follower)
        async with self._started:
            if self.followers == 0:
                await self._stop()

    async def close(self) -> None:
        """Follow no longer."""
        async with self._started:
            await self._stop()

    # Following.

    async def _start(self) -> int:
        async with self._started:
            is_followed = self._following is not None and not self._following.done()
            # Where nobody has a place the log is not read, and the position stays behind.
            if self._position is None or not is_followed or not self._places:
                head = await self._read(log.settled_head)
                self._window.clear()
                self._position = self._window_after = head
            if not is_followed:
                self._following = asyncio.create_task(self._follow())
            return self._position

    async def _stop(self) -> None:
        following, self._following, self._position = self._following, None, None
        if following is not None:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)

    async def _follow(self) -> None:
        loop = asyncio.get_running_loop()
        unlisten = bell.listen(self._database, lambda: loop.call_soon_threadsafe(self._rung.set))
        heard = None
        if self._notifications is not None:
            heard = asyncio.create_task(self._notifications.hear(self._rung.set))
        pause_s = 0.0
        try:
            while True:
                try:
                    async with asyncio.timeout(pause_s):
                        await self._rung.wait()
                        await asyncio.sleep(GATHER_S)
                except TimeoutError:
                    pass
                self._rung.clear()
                pause_s = await self._tick()
        finally:
            unlisten()
            if heard is not None:
                heard.cancel()
                await asyncio.gather(heard, return_exceptions=True)

    async def _tick(self) -> float:
        """Look, and tell. For how long to wait for a ring before the next look."""
        try:
            look = await self._read(self._look)
        except SQLAlchemyError as failure:
            logger.warning("live.database_failed", error=str(failure))
            return self._poll_s
        except Exception:  # Nobody else would go on in its place.
            logger.exception("live.bug")
            return self._poll_s
        self._tell(look)
        if len(look.news) == PAGE:
            return 0.0
        if look.head > (self._position or 0):
            # Committed, and to be seen when those before it have ended, of which nobody tells.
            self._again_s = min(self._again_s * 2, self._poll_s)
            return self._again_s
        self._again_s = _AGAIN_S
        return WATCH_S if self._views and look.found is None else self._poll_s

    def _look(self, db: Connection) -> _Look:
        position = self._position or 0
        news = log.news(db, position, PAGE) if self._places else ()
        head = log.head(db) if self._places and not news else 0
        found = None
        if self._views and monotonic() - self._watched_at >= WATCH_S:
            found = self._seen(db, tuple(self._views))
            self._watched_at = monotonic()
        return _Look(position, news, head, found)

    @staticmethod
    def _seen(db: Connection, views: Sequence[View]) -> Mapping[View, Any]:
        """What there is for each of these views; others may be entered meanwhile."""
        keys: dict[BatchQuery, set[Any]] = {}
        for view in views:
            keys.setdefault(view.watched.query, set()).add(view.watched.key)
        of_query = {query: query(db, sorted(wanted)) for query, wanted in keys.items()}
        return {
            view: of_query[view.watched.query].get(view.watched.key, view.watched.default)
            for view in views
        }

    def _tell(self, look: _Look) -> None:
        if look.news and look.position == self._position:
            self._window.extend(look.news)
            while len(self._window) > self._window_size:
                self._window_after = self._window.popleft().sequence
            self._position = look.news[-1].sequence
            for place in self._places:
                place.tell(look.news, look.position, self._position)
        if look.found is not None:
            for view, now in look.found.items():
                if now != view.found:
                    view.found = now
                    view.woken.set()

    # Places that are not told of news as they come.

    def _recent(self, place: Place) -> tuple[Sequence[Logged], int]:
        """What the window has for a place that is within it, and up to where that goes."""
        found: list[Logged] = []
        for event in reversed(self._window):
            if event.sequence <= place.last:
                break
            if place.wants.wants(event):
                found.append(event)
        found.reverse()
        if len(found) > BATCH:
            return found[:BATCH], found[BATCH - 1].sequence
        assert self._position is not None, "it was looked at just now"
        return found, self._position

    async def _behind(self, place: Place, position: int) -> tuple[Sequence[Logged], int]:
        """What a stretch of the log has for a place that is behind the window."""
        through = min(place.last + self._stretch, position)
        async with self._reading:
            rows = await self._read(log.passage, place.last, through, BATCH, place.wants.wanted())
        if len(rows) == BATCH:
            through = rows[-1].sequence
        return [each for each in rows if place.wants.wants(each)], through

    @staticmethod
    def _find_one(db: Connection, watched: Watched) -> Any:
        return watched.query(db, [watched.key]).get(watched.key, watched.default)

    async def _read(self, query: Callable[..., T], *arguments: Any) -> T:
        def call() -> T:
            with self._database.fresh.connect() as db:
                return query(db, *arguments)

        here = contextvars.copy_context()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads.reading, here.run, call)
