"""All that subscriptions need of one server process, put together."""

import asyncio
from dataclasses import replace

from starlette.types import ASGIApp

from backoffice_api.context import Context, Threads
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.uow import Caller
from backoffice_api.engine.plan import Fields
from backoffice_api.live.hub import Hub
from backoffice_api.live.notifications import Notifications, Notifier
from backoffice_api.live.stream import Streams
from backoffice_api.web.bearers import Bearers
from backoffice_api.web.operations import Operations, Serving
from backoffice_api.web.sockets import Sockets
from backoffice_api.web.streams import HttpStreams


class Live:
    """`sockets` is the application for WebSockets, `around` makes that for streams over HTTP.

    `leaving` is set when the server is about to stop: it ends all of them.
    """

    def __init__(
        self,
        serving: Serving,
        database: Database,
        threads: Threads,
        fields: Fields,
        bearers: Bearers,
        *,
        listens: bool,
    ) -> None:
        """`listens`: other processes can be heard, where the database is PostgreSQL.

        Not through a pooler in transaction mode, which hands a connection on after each of them.
        """

        def make_fresh(caller: Caller, name: str) -> Context:
            # Of an event that a replica may not have heard of yet.
            return replace(serving.make_context(caller, name, None), fresh=True)

        hears = listens and database.dialect == "postgresql"
        notifications = Notifications(database) if hears else None
        self.leaving = asyncio.Event()
        self._hub = Hub(database, threads, notifications=notifications)
        self._notifier = Notifier(database)
        self._bearers = bearers
        self._terms = serving.terms
        streams = Streams(self._hub, fields, make_fresh, serving.terms)
        self._operations = Operations(serving, streams)
        self.tally = streams.tally
        self.sockets = Sockets(self._operations, bearers, serving.terms, self.leaving)

    def around(self, endpoint: ASGIApp) -> HttpStreams:
        """The endpoint, and streams for those who take them."""
        return HttpStreams(endpoint, self._operations, self._bearers, self._terms, self.leaving)

    def start(self) -> None:
        """Begin to notify other processes."""
        self._notifier.start()

    async def close(self) -> None:
        """End all that is open. To be awaited before the threads are shut down."""
        self.leaving.set()
        await asyncio.to_thread(self._notifier.stop)
        await self._hub.close()
        await self._bearers.close()
