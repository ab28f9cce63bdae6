"""A small shop for tests: run commands, ask GraphQL, make what a test needs."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from time import monotonic
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, true

from backoffice_api.context import Context, Threads
from backoffice_api.domain.execute import Answer, execute
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.events import settled
from backoffice_api.domain.kernel.pages import Cursors
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.kernel.uow import Actor, ActorKind, Caller, Meta
from backoffice_api.engine.limits import Limits
from backoffice_api.engine.prepare import Preparer
from backoffice_api.engine.run import Terms
from backoffice_api.resolvers.schema import schema
from backoffice_api.schema.rules import rules_of
from backoffice_api.web.prices import ServedPrices
from tests.both import ask_both

NOW = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)
REQUEST_ID = "test-request"
CLERK = Caller(Actor(ActorKind.TOKEN, UUID(int=7), "clerk"), ALL_SCOPES)
LIMITS = Limits()
SETTLING_TIME_MAX_S = 30
PREPARER = Preparer(schema._schema, rules_of(schema), LIMITS)
PRICES = ServedPrices(PREPARER, Terms(limits=LIMITS, on_bug=lambda *_: None), None)


def caller(*scopes: Scope) -> Caller:
    """Somebody who may do only this."""
    return Caller(Actor(ActorKind.TOKEN, UUID(int=8), "somebody"), frozenset(scopes))


def await_feed(database: Database) -> None:
    """Wait until the feed shows all events.

    Transactions of the whole server hold an event back, those of other tests too. While none is
    settled, the question is answered by NULL.
    """
    deadline = monotonic() + SETTLING_TIME_MAX_S
    while monotonic() < deadline:
        with database.reading.connect() as db:
            if not db.execute(select(func.count()).where(settled(db).is_not(true()))).scalar():
                return


class World:
    """One database, seen as a caller sees it."""

    def __init__(self, database: Database, threads: Threads) -> None:
        self.database = database
        self.threads = threads
        self.bugs: list[Exception] = []

    def run(
        self,
        handler: Callable[..., Any],
        command: Any,
        *,
        caller: Caller = CLERK,
        now: datetime = NOW,
        **meta: Any,
    ) -> Answer[Any]:
        """Run one command, at a fixed hour."""
        return execute(
            self.database,
            handler,
            command,
            caller=caller,
            now=now,
            meta=Meta(request_id=REQUEST_ID, **meta),
        )

    def settle(self) -> None:
        """Wait until the feed shows all events."""
        await_feed(self.database)

    def read(self, query: Callable[..., Any], *arguments: Any) -> Any:
        with self.database.reading.connect() as db:
            return query(db, *arguments)

    async def ask(
        self, document: str, *, caller: Caller = CLERK, **variables: Any
    ) -> Mapping[str, Any]:
        """The whole answer to a GraphQL document, errors and all. Compares the two executors."""

        def make_context() -> Context:
            return Context(
                self.database,
                self.threads,
                caller,
                Cursors(b"secret of the tests"),
                REQUEST_ID,
                prices=PRICES,
            )

        def on_bug(bug: Exception, _: str) -> None:
            self.bugs.append(bug)

        return await ask_both(PREPARER, document, variables, make_context, on_bug)

    async def graphql(self, document: str, **variables: Any) -> Any:
        """The data of a GraphQL answer that has no errors."""
        answer = await self.ask(document, **variables)
        if self.bugs:
            raise self.bugs[0]
        assert "errors" not in answer, answer["errors"]
        return answer["data"]
