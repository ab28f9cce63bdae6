"""Webhooks, things that happen, and a dispatcher with a clock of the test's own."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from backoffice_api.adapters.webhook_http import Resolver, WebhookSender, resolve
from backoffice_api.context import Context, Threads, as_request_error
from backoffice_api.domain.customers.commands.customers import CreateCustomer, create_customer
from backoffice_api.domain.customers.model import CustomerDraft, CustomerKind
from backoffice_api.domain.identity.commands.tokens import CreateToken, create_token
from backoffice_api.domain.identity.queries import staff as identity
from backoffice_api.domain.identity.tables import api_tokens
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.events import events
from backoffice_api.domain.kernel.pages import Cursors
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.kernel.uow import ActorKind, Caller
from backoffice_api.domain.subscriptions import JOBS
from backoffice_api.domain.webhooks import queries
from backoffice_api.domain.webhooks.checks import CHECKS
from backoffice_api.domain.webhooks.commands.following import REPLAY_JOB
from backoffice_api.domain.webhooks.commands.subscribing import CreateWebhook, creating
from backoffice_api.domain.webhooks.model.addresses import Reach
from backoffice_api.domain.webhooks.model.deliveries import Delivery
from backoffice_api.domain.webhooks.model.webhooks import NewSecret, Webhook
from backoffice_api.domain.webhooks.tables import webhook_deliveries
from backoffice_api.engine.limits import Limits
from backoffice_api.engine.run import Terms
from backoffice_api.schema.payload_documents import DOCUMENTS
from backoffice_api.webhooks_out.dispatcher import Dispatcher
from backoffice_api.webhooks_out.payloads import Payloads
from backoffice_api.worker import Worker
from tests.serving import TRUSTING_NOBODY
from tests.soundness import findings
from tests.webhooks.consumer import Consumer
from tests.world import NOW, World

DOCUMENT = "query ($id: ID!) { node(id: $id) { id ... on Customer { name tags } } }"
TIMEOUT_S = 30.0


class Room:
    """A shop with webhooks. `now` is the hour for everybody."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.now = NOW
        self.owner = self.token(*ALL_SCOPES)
        self._dispatchers: list[Dispatcher] = []

    def token(self, *scopes: Scope) -> Caller:
        """Somebody whose rights are looked up when something is delivered."""
        command = CreateToken(name="partner", scopes=tuple(scopes))
        id = self.world.run(create_token, command).value.id
        found = self.world.read(identity.present_caller, ActorKind.TOKEN, id, NOW)
        assert found is not None
        return found

    def take_scope(self, owner: Caller, lost: Scope) -> None:
        """Let a token lose a right. No command does this to one; staff lose theirs every day."""
        left = sorted(owner.scopes - {lost})
        with self.world.database.writing.begin() as db:
            rows = api_tokens.c
            statement = update(api_tokens).where(rows.id == owner.actor.id)
            db.execute(statement.values(scopes=left))

    def keep_time(self) -> None:
        """Be a minute ahead of the clock by which GraphQL goes."""
        self.now = datetime.now(UTC) + timedelta(minutes=1)

    def work(self) -> None:
        """Have all jobs done that replays have queued."""
        worker = Worker(self.world.database, {REPLAY_JOB: JOBS[REPLAY_JOB]})
        self.world.settle()
        while worker.work(datetime.now(UTC)):
            pass

    def hook(self, url: str, *types: str, owner: Caller | None = None, **more: Any) -> NewSecret:
        """A webhook that is told of customers."""
        given = {
            "name": "partner",
            "document": DOCUMENT,
            "event_types": types or ("customer.created",),
            **more,
        }
        command = CreateWebhook(url=url, **given)
        made: NewSecret = self.run(creating(DOCUMENTS), command, caller=owner or self.owner)
        return made

    def run(self, handler: Any, command: Any, *, caller: Caller | None = None) -> Any:
        """What a command comes to, now."""
        return self.world.run(handler, command, caller=caller or self.owner, now=self.now).value

    def customer(self, name: str = "Ana") -> UUID:
        """Something happens."""
        draft = CustomerDraft(kind=CustomerKind.PERSON, name=name)
        id: UUID = self.run(create_customer, CreateCustomer(draft=draft))
        return id

    def dispatcher(
        self, *consumers: Consumer, resolver: Resolver = resolve, timeout_s: float = TIMEOUT_S
    ) -> Dispatcher:
        """What sends to these consumers, and nowhere else."""
        made = dispatcher_of(
            self.world.database,
            self.world.threads,
            [each.port for each in consumers],
            lambda: self.now,
            resolver=resolver,
            timeout_s=timeout_s,
        )
        self._dispatchers.append(made)
        return made

    async def send(self, dispatcher: Dispatcher, *, after: timedelta = timedelta()) -> None:
        """Let time pass, and have all sent that is due then."""
        self.now += after
        self.world.settle()
        while await dispatcher.tick():
            await dispatcher.drain()

    async def close(self) -> None:
        for each in self._dispatchers:
            await each.close()

    def deliveries(self) -> Sequence[Delivery]:
        """All deliveries, in the order of what happened."""

        def ask(db: Any) -> Sequence[Delivery]:
            rows = webhook_deliveries.c
            columns = [rows[name] for name in Delivery.__dataclass_fields__]
            order = (rows.sequence.is_(None), rows.sequence, rows.id)
            return [Delivery(*each) for each in db.execute(select(*columns).order_by(*order))]

        found: Sequence[Delivery] = self.world.read(ask)
        return found

    def webhook(self, id: UUID) -> Webhook:
        found: Webhook = self.world.read(queries.webhook, id)
        return found

    def told(self, *types: str) -> Sequence[Mapping[str, Any]]:
        """The facts of what happened, oldest first."""

        def ask(db: Any) -> Sequence[Mapping[str, Any]]:
            statement = select(events.c.data).where(events.c.type.in_(types))
            return list(db.execute(statement.order_by(events.c.sequence)).scalars())

        found: Sequence[Mapping[str, Any]] = self.world.read(ask)
        return found

    def verify(self) -> None:
        assert findings(self.world.database, CHECKS) == []


def dispatcher_of(
    database: Database,
    threads: Threads,
    ports: Sequence[int],
    clock: Callable[[], datetime],
    *,
    resolver: Resolver = resolve,
    timeout_s: float = TIMEOUT_S,
) -> Dispatcher:
    """What sends to these ports of loopback, and nowhere else."""

    def make_context(caller: Caller, name: str) -> Context:
        return Context(database, threads, caller, Cursors(b"secret of the tests"), name)

    reach = Reach(more_ports=ports, loopback=True)
    terms = Terms(limits=Limits(), on_bug=_on_bug, translate=as_request_error)
    sender = WebhookSender(
        reach, resolver=resolver, clock=clock, timeout_s=timeout_s, trusted=TRUSTING_NOBODY
    )
    payloads = Payloads(make_context, terms)
    return Dispatcher(database, threads, payloads, sender, clock=clock)


def _on_bug(bug: Exception, _: str) -> None:
    pytest.fail(f"a bug: {bug!r}")
