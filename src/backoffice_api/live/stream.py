"""One subscription: from its document to its answers, each with the rights of the moment."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from backoffice_api.context import Context
from backoffice_api.domain.kernel import log
from backoffice_api.domain.kernel.events import Logged
from backoffice_api.domain.kernel.uow import Caller
from backoffice_api.engine.errors import ErrorCode, RequestError
from backoffice_api.engine.plan import Fields
from backoffice_api.engine.prepare import Prepared
from backoffice_api.engine.run import COST_MIN, Spent, Terms, check_scopes, deliver, open_stream
from backoffice_api.engine.streams import Opened
from backoffice_api.live.hub import Hub, View
from backoffice_api.live.tally import LiveTally
from backoffice_api.schema.following import FromLog, Watched
from backoffice_api.schema.nodes import find

T = TypeVar("T")

# A budget that lets a query pass lets so much pass, too.
COST_AT_ONCE = 500

MakeContext = Callable[[Caller, str], Context]
"""Takes the caller and what the log calls the run."""

Spender = Callable[[Caller, int], Awaitable[Spent]]
"""Takes a cost from a caller's budget. Raises RequestError THROTTLED, COST_LIMIT."""

CallerNow = Callable[[], Awaitable[Caller]]
"""Who has subscribed, with the rights of now. Raises RequestError UNAUTHENTICATED."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One answer, who was given it, and the place of its event in the log, where it has one."""

    content: dict[str, Any]
    caller: Caller
    sequence: int | None = None


class Streams:
    """Opens subscriptions. Belongs to one event loop."""

    def __init__(self, hub: Hub, fields: Fields, make_context: MakeContext, terms: Terms) -> None:
        self.hub = hub
        self._fields = fields
        self._make_context = make_context
        self._terms = terms
        self.tally = LiveTally()

    async def deliveries(
        self,
        prepared: Prepared,
        variables: dict[str, Any],
        caller_now: CallerNow,
        reference: str,
        *,
        after: int | None = None,
        spend: Spender | None = None,
    ) -> AsyncGenerator[Delivery, None]:
        """What a subscription is told, until it is over or is closed.

        `after` takes the place of what its document says: the client has come back. `spend` takes
        the price of its beginning, and of each answer; where a budget does not allow that now,
        what is to be told waits until it does.

        Raises RequestError where it cannot be followed, or no longer: the rights are lacking,
        it is malformed, or its caller is not known any more.
        """
        caller = await caller_now()
        check_scopes(prepared, caller.scopes)
        opened = open_stream(prepared, variables, self._fields, self._terms)
        _check_held(caller, opened)
        if spend is not None:
            (await spend(caller, COST_MIN)).settle(COST_MIN)
        follows = opened.follows
        run = _Run(opened, caller_now, reference, spend)
        with self.tally.subscribed():
            if isinstance(follows, FromLog):
                if after is not None:
                    follows = replace(follows, after=after)
                source = self._from_log(run, follows)
            else:
                source = self._watched(run, follows)
            async with aclosing(source):
                async for each in source:
                    self.tally.delivered += 1
                    yield each

    async def _from_log(self, run: "_Run", follows: FromLog) -> AsyncGenerator[Delivery, None]:
        place = await self.hub.enter(follows)
        try:
            while True:
                batch = await self.hub.batch(place)
                for part in _parts(batch, run.at_once):
                    heard = partial(self._heard, run, part, follows)
                    async for event, delivery in self._told(run, heard):
                        delivery.content["extensions"]["sequence"] = str(event.sequence)
                        yield replace(delivery, sequence=event.sequence)
                # Whoever takes without waiting must let the others have their turn.
                await asyncio.sleep(0)
        finally:
            await asyncio.shield(self.hub.leave(place))

    async def _watched(self, run: "_Run", watched: Watched) -> AsyncGenerator[Delivery, None]:
        view = await self.hub.watch(watched)
        try:
            while True:
                await view.woken.wait()
                is_over = False
                async for found, delivery in self._told(run, partial(self._seen, run, view)):
                    yield delivery
                    is_over = watched.is_over(found)
                if is_over:
                    return
        finally:
            await asyncio.shield(self.hub.leave(view))

    async def _heard(
        self, run: "_Run", events: Sequence[Logged], follows: FromLog, caller: Caller
    ) -> Sequence[Logged]:
        """Those of the events of which the caller may be told."""
        heard = [each for each in events if follows.may_hear(caller, each)]
        if not caller.reach.bounded or not heard:
            return heard
        # Who sees a part of the log only reads it through his bounds.
        context = self._make_context(caller, run.reference)
        try:
            seen = await context.read(log.seen, [each.sequence for each in heard])
        finally:
            await context.close()
        return [each for each in heard if each.sequence in seen]

    async def _seen(self, run: "_Run", view: View, caller: Caller) -> Sequence[Any]:
        """What is watched as it is now; None where the caller does not see it."""
        view.woken.clear()
        found, watched = view.found, view.watched
        context = self._make_context(caller, run.reference)
        try:
            if await find(context, watched.of) is not None:
                return [found]
        finally:
            await context.close()
        if watched.default is not None:
            raise RequestError(
                ErrorCode.FORBIDDEN, "There is no such record, or not for the caller."
            )
        return [None]

    async def _told(
        self, run: "_Run", judged: Callable[[Caller], Awaitable[Sequence[Any]]]
    ) -> AsyncGenerator[tuple[Any, Delivery], None]:
        """What the caller may be told, with what is answered of it, once the budget allows it.

        Judged anew after each wait: rights may have been lost meanwhile.
        """
        while values := await judged(caller := await run.caller()):
            context = self._make_context(caller, run.reference)
            try:
                answers = await deliver(
                    run.opened,
                    values,
                    context,
                    scopes=frozenset(caller.scopes),
                    reference=run.reference,
                    terms=self._terms,
                    spend=None if run.spend is None else partial(run.spend, caller),
                )
            except RequestError as refusal:
                if refusal.code is not ErrorCode.THROTTLED or refusal.retry_after_s is None:
                    raise
                self.tally.throttled += 1
                await asyncio.sleep(refusal.retry_after_s)
                continue
            finally:
                await context.close()
            for value, answer in zip(values, answers, strict=True):
                yield value, Delivery(answer, caller)
            return


@dataclass(frozen=True, slots=True)
class _Run:
    """One subscription, and for whom."""

    opened: Opened
    caller_now: CallerNow
    reference: str
    spend: Spender | None

    @property
    def at_once(self) -> int:
        """How many values are answered together: what they cost has to be had at once, too."""
        cost = self.opened.prepared.cost(self.opened.variables.coerced)
        return max(1, COST_AT_ONCE // max(cost, COST_MIN))

    async def caller(self) -> Caller:
        """The caller, who still holds what it takes. Raises RequestError."""
        caller = await self.caller_now()
        _check_held(caller, self.opened)
        return caller


def _parts(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _check_held(caller: Caller, opened: Opened) -> None:
    """Refuse who lacks a right that the document takes, or what it names.

    Raises RequestError FORBIDDEN.
    """
    check_scopes(opened.prepared, caller.scopes)
    missing = sorted(opened.follows.scopes - caller.scopes)
    if missing:
        raise RequestError(
            ErrorCode.FORBIDDEN,
            f"This needs scopes that the caller does not have: {', '.join(missing)}.",
            extensions={"scopes": missing},
        )
