"""Sends what is due: in a thread of the server, or of `backoffice worker`, on a loop of its own.

Each webhook has room for a few deliveries at once, kept in the database for all processes
together. One that hangs fills its own room and nobody else's, so it keeps nobody waiting. What a
process had in hand when it died is taken over when its lease ends.
"""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from typing import Any, TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from backoffice_api.adapters.webhook_http import WebhookSender
from backoffice_api.context import Threads
from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Meta
from backoffice_api.domain.webhooks import queries
from backoffice_api.domain.webhooks.commands.delivering import (
    BeginDeliveries,
    Begun,
    SettleDelivery,
    begin_deliveries,
    settle_delivery,
)
from backoffice_api.domain.webhooks.commands.following import FollowLog, follow_log
from backoffice_api.domain.webhooks.commands.pausing import StopWebhook, stop_webhook
from backoffice_api.domain.webhooks.model.deliveries import (
    DeliveryFailure,
    Outcome,
    UnknownDelivery,
)
from backoffice_api.domain.webhooks.model.signing import signed_headers
from backoffice_api.pulse import Pulse
from backoffice_api.webhooks_out.payloads import NotSentError, Payloads

TICK_S = 0.5
STOPPING_S = 5.0
# Then what is due goes first: a large import must not keep everybody waiting to its end.
PARTS_AT_ONCE = 10
_NAME = "webhooks"
_USER_AGENT = f"backoffice-api/{version('backoffice-api')} (webhooks)"

R = TypeVar("R")

log = structlog.get_logger("backoffice_api.webhooks_out")


class Dispatcher:
    """Belongs to one event loop. `clock` tells the time of whatever is noted and signed."""

    def __init__(
        self,
        database: Database,
        threads: Threads,
        payloads: Payloads,
        sender: WebhookSender,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        pulse: Pulse | None = None,
    ) -> None:
        self._database = database
        self._threads = threads
        self._payloads = payloads
        self._sender = sender
        self._clock = clock
        self._pulse = pulse or Pulse()
        self._under_way: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()

    async def run(self, stopping: asyncio.Event) -> None:
        """Work until `stopping` is set. A database that is away for a while is waited for."""
        told = asyncio.ensure_future(stopping.wait())
        told.add_done_callback(lambda _: self._wake.set())
        while not stopping.is_set():
            self._wake.clear()
            self._pulse.beat()
            try:
                await self.tick()
            except SQLAlchemyError as failure:
                log.warning("webhooks_out.database_failed", error=str(failure))
            except Exception:  # Nobody else would go on in its place.
                log.exception("webhooks_out.bug")
            try:
                async with asyncio.timeout(TICK_S):
                    await self._wake.wait()
            except TimeoutError:
                continue
        self._pulse.rest()
        if self._under_way:
            # What does not end in time is taken over by another process when its lease ends.
            await asyncio.wait(self._under_way, timeout=STOPPING_S)
        await self.close()

    async def close(self) -> None:
        """Break off what is under way."""
        for each in self._under_way:
            each.cancel()
        await self._sender.close()

    async def tick(self) -> int:
        """Follow the log a bit, and begin all that is due and has room. How many those are."""
        if await self._read(queries.has_news):
            for _ in range(PARTS_AT_ONCE):
                if not await self._run(follow_log, FollowLog()):
                    break
            else:
                self._wake.set()  # to go on at once
        count = 0
        for free in await self._read(queries.free_webhooks, self._clock()):
            begun = await self._run(begin_deliveries, BeginDeliveries(webhook_id=free.webhook_id))
            for each in begun:
                task = asyncio.create_task(self._deliver(each))
                self._under_way.add(task)
                task.add_done_callback(self._ended)
            count += len(begun)
        return count

    async def drain(self) -> None:
        """Wait until all that was begun has ended."""
        while self._under_way:
            await asyncio.wait(set(self._under_way))

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._wake.set()  # there is room for others

    async def _deliver(self, begun: Begun) -> None:
        try:
            outcome = await self._try(begun)
        except SQLAlchemyError as failure:
            log.warning("webhooks_out.database_failed", error=str(failure))
            outcome = Outcome(failure=DeliveryFailure.NOT_MADE, reason="The database was away.")
        except Exception:  # Whatever it is: it is noted, and tried again a few times.
            log.exception("webhooks_out.bug", delivery=ids.text("whd", begun.id))
            outcome = Outcome(failure=DeliveryFailure.NOT_MADE, reason="Internal error.")
        command = SettleDelivery(id=begun.id, attempt=begun.attempt, outcome=outcome)
        try:
            stop = await self._run(settle_delivery, command)
            if stop is not None:
                webhook_id = (await self._read(queries.delivery, begun.id)).webhook_id
                await self._run(stop_webhook, StopWebhook(id=webhook_id, reason=stop))
        except UnknownDelivery:
            log.info("webhooks_out.forgotten", delivery=ids.text("whd", begun.id))
        except SQLAlchemyError as failure:
            # Its lease ends, and it is sent once more under the same id.
            log.warning("webhooks_out.not_settled", error=str(failure))

    async def _try(self, begun: Begun) -> Outcome:
        now = self._clock()
        dispatch = await self._read(queries.dispatch, begun.id, now)
        try:
            body = await self._payloads.body(dispatch)
        except NotSentError as refusal:
            return Outcome(failure=refusal.failure, reason=str(refusal))
        name = ids.text("whd", begun.id)
        headers = {
            "content-type": "application/json",
            "user-agent": _USER_AGENT,
            "accept-encoding": "identity",
            **signed_headers(name, now, body, dispatch.secrets),
        }
        return await self._sender.send(dispatch.webhook.url, headers, body)

    async def _read(self, query: Callable[..., R], *arguments: Any) -> R:
        def call() -> R:
            with self._database.fresh.connect() as db:
                return query(db, *arguments)

        return await _in(self._threads.reading, call)

    async def _run(self, handler: Callable[..., R], command: Any) -> R:
        call = partial(
            execute,
            self._database,
            handler,
            command,
            caller=THE_SYSTEM,
            now=self._clock(),
            meta=Meta(request_id=_NAME),
        )
        answer = await _in(self._threads.writing, call)
        return answer.value


class DispatcherThread:
    """A dispatcher at work in a thread of its own. `make` is called on its loop."""

    def __init__(self, make: Callable[[], Dispatcher]) -> None:
        self._make = make
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = asyncio.Event()
        self._is_told = False
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="webhooks", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Begin nothing more. What is under way has a few seconds to end."""
        with self._lock:
            self._is_told = True
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._stopping.set)

    def join(self, timeout_s: float) -> None:
        """Wait until it has stopped."""
        self._thread.join(timeout_s)

    def _work(self) -> None:
        asyncio.run(self._main())

    async def _main(self) -> None:
        with self._lock:
            self._loop = asyncio.get_running_loop()
            if self._is_told:
                return
        try:
            await self._make().run(self._stopping)
        finally:
            with self._lock:
                self._loop = None


async def _in(threads: ThreadPoolExecutor, call: Callable[[], R]) -> R:
    here = contextvars.copy_context()
    return await asyncio.get_running_loop().run_in_executor(threads, here.run, call)
