"""Runs what a message or a request asks for, whatever way it came, and has it counted and noted."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from time import perf_counter

import orjson
from graphql import OperationType

from backoffice_api.context import Context
from backoffice_api.domain.kernel.uow import Caller
from backoffice_api.engine.decode import GraphQLRequest
from backoffice_api.engine.prepare import Prepared, Preparer
from backoffice_api.engine.run import Terms, check_scopes, explain, run
from backoffice_api.live.stream import Delivery, Streams
from backoffice_api.live.tally import LiveTally
from backoffice_api.web.bearers import Held
from backoffice_api.web.budget import Budget
from backoffice_api.web.graphql import Spend, check_key, outcome
from backoffice_api.web.metrics import RequestTally
from backoffice_api.web.read_log import ReadLog

MakeContext = Callable[[Caller, str, str | None], Context]


@dataclass(frozen=True, slots=True)
class Serving:
    """What answering needs, whatever way is asked. Belongs to one event loop."""

    preparer: Preparer
    make_context: MakeContext
    terms: Terms
    tally: RequestTally
    read_log: ReadLog
    budget: Budget | None

    @property
    def spend(self) -> Spend[Caller] | None:
        """What takes the price of operations. None: nobody has a budget."""
        return self.budget.spend if self.budget else None

    async def close(self) -> None:
        """Write down what is left, and give back what is held."""
        await self.read_log.close()
        if self.budget:
            await self.budget.close()


class Operations:
    """Belongs to one event loop. All is counted and noted as over HTTP."""

    def __init__(self, serving: Serving, streams: Streams) -> None:
        self._preparer = serving.preparer
        self._make_context = serving.make_context
        self._terms = serving.terms
        self._watch = serving.tally.note
        self._note = serving.read_log.note
        self._spend = serving.spend
        self._streams = streams

    @property
    def tally(self) -> LiveTally:
        """What is counted."""
        return self._streams.tally

    def find(self, asked: GraphQLRequest) -> Prepared:
        """The operation that is meant. Raises RequestError as `Preparer.find` does."""
        return self._preparer.find(asked)

    async def once(
        self,
        prepared: Prepared,
        asked: GraphQLRequest,
        held: Held,
        reference: str,
        key: str | None,
    ) -> Delivery:
        """The answer to a query or mutation. Raises RequestError as `run` does."""
        begun_s, code = perf_counter(), "OK"
        try:
            caller = await held.caller_now()
            check_scopes(prepared, caller.scopes)
            if key is not None:
                check_key(key, prepared)
            context = self._make_context(caller, reference, key)
            try:
                content = await run(
                    prepared,
                    asked.variables,
                    context,
                    scopes=caller.scopes,
                    reference=reference,
                    terms=self._terms,
                    spend=None if self._spend is None else partial(self._spend, caller),
                )
            finally:
                await context.close()
            code = outcome(content)
        except Exception as error:
            refusal = explain(error, reference, self._terms)
            code = refusal.code.value
            raise refusal from error
        finally:
            self._watch(prepared.kind.value, code, perf_counter() - begun_s)
        self._note(caller, prepared, asked.variables, reference, orjson.dumps(content))
        return Delivery(content, caller)

    async def follow(
        self,
        prepared: Prepared,
        asked: GraphQLRequest,
        held: Held,
        reference: str,
        *,
        after: int | None = None,
    ) -> AsyncGenerator[Delivery, None]:
        """What a subscription is told. Raises RequestError as `Streams.deliveries` does."""
        assert prepared.kind is OperationType.SUBSCRIPTION, "others are answered once"
        begun_s, code = perf_counter(), "OK"
        deliveries = self._streams.deliveries(
            prepared,
            asked.variables,
            held.caller_now,
            reference,
            after=after,
            spend=self._spend,
        )
        try:
            with held.subscription():
                async with aclosing(deliveries):
                    async for each in deliveries:
                        # Before it is sent: who takes it and leaves at once has read it, too.
                        body = orjson.dumps(each.content)
                        self._note(each.caller, prepared, asked.variables, reference, body)
                        yield each
        except Exception as error:
            refusal = explain(error, reference, self._terms)
            code = refusal.code.value
            raise refusal from error
        finally:
            self._watch(prepared.kind.value, code, perf_counter() - begun_s)
