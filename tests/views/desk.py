"""A desk from which views, runs and comments are used: colleagues, orders, a worker."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from backoffice_api.domain.all_checks import CHECKS
from backoffice_api.domain.identity.model.staff import StaffStatus
from backoffice_api.domain.identity.tables import api_tokens, passwords, staff
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.events import events
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.kernel.uow import Actor, ActorKind, Caller
from backoffice_api.schema.roots import ROOTS
from backoffice_api.tasks.views import RunWork, WatchWork, view_tasks
from backoffice_api.worker import Worker
from tests.orders.shop import FREE, Shop
from tests.soundness import findings
from tests.world import CLERK, NOW, World

START = """
mutation ($input: BulkRunInput!, $meta: MutationMeta) {
  bulkRun(input: $input, meta: $meta) {
    bulkRun { id status itemsTotal } userErrors { code message path } effects { summary }
  }
}
"""
SHOW = """
query ($id: ID!) {
  bulkRun(id: $id) {
    status itemsTotal itemsSucceeded itemsFailed itemsLeft error opposite dryRun
    actions { name allowed }
    items(first: 100) {
      nodes { position status subjectId effects errors { code message path data } }
    }
  }
}
"""


class Desk:
    """The clerk of the tests, with a token that is kept, and two colleagues."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.shop = Shop(world)
        self.let_in(*ALL_SCOPES)
        self.ana, self.bea = self.colleague(1, "Ana"), self.colleague(2, "Bea")
        self.run_work = RunWork(world.database, ROOTS, now=lambda: NOW, slice_s=60)
        self.watch = WatchWork(world.database, ROOTS, now=lambda: NOW)
        self.worker = Worker(world.database, {}, view_tasks(world.database, ROOTS, ROOTS))

    def let_in(self, *scopes: Scope) -> None:
        """Give the clerk's token these rights, in the place of those that it had."""
        row = {
            "id": CLERK.actor.id,
            "version": 1,
            "created_at": NOW,
            "updated_at": NOW,
            "name": "clerk",
            "hint": "bo_",
            "scopes": list(scopes),
            "secret_hash": "clerk",
        }
        with self.world.database.writing.begin() as db:
            db.execute(api_tokens.delete().where(api_tokens.c.id == CLERK.actor.id))
            db.execute(api_tokens.insert(), row)

    def revoke(self) -> None:
        with self.world.database.writing.begin() as db:
            db.execute(update(api_tokens).values(revoked_at=NOW))

    def colleague(self, number: int, name: str) -> Caller:
        """A member of staff with every right."""
        row = {
            "id": UUID(int=number),
            "version": 1,
            "created_at": NOW,
            "updated_at": NOW,
            "name": name,
            "email": f"{name.lower()}@example.com",
            "email_key": f"{name.lower()}@example.com",
            "scopes": sorted(ALL_SCOPES),
            "status": StaffStatus.ACTIVE,
        }
        with self.world.database.writing.begin() as db:
            db.execute(staff.insert(), row)
            secret = {"staff_id": row["id"], "hash": "$argon2id$", "set_at": NOW}
            db.execute(passwords.insert(), secret)
        return Caller(Actor(ActorKind.STAFF, UUID(int=number), name), ALL_SCOPES)

    def orders(self, many: int) -> Sequence[str]:
        """Public ids of orders that were placed; they hold nothing that needs stock."""
        return [ids.text("ord", self.shop.place(FREE)) for _ in range(many)]

    async def started(self, **input: Any) -> str:
        answer = (await self.world.graphql(START, input=input))["bulkRun"]
        assert answer["userErrors"] == []
        id: str = answer["bulkRun"]["id"]
        return id

    async def refused(self, **input: Any) -> Sequence[tuple[str, Any]]:
        """Codes and paths of why a run was not started; nothing was."""
        before = self.events()
        answer = (await self.world.graphql(START, input=input))["bulkRun"]
        assert answer["bulkRun"] is None
        assert self.events() == before
        return [(each["code"], each["path"]) for each in answer["userErrors"]]

    def work(self, id: str) -> None:
        """Do a run to its end."""
        assert self.run_work(ids.parse("brn", id), lambda *_: True) is False

    async def shown(self, id: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = (await self.world.graphql(SHOW, id=id))["bulkRun"]
        return found

    async def done(self, **input: Any) -> Mapping[str, Any]:
        """A run that was asked for and done, with its id."""
        id = await self.started(**input)
        self.work(id)
        return {"id": id, **await self.shown(id)}

    def events(self, kind: str = "") -> Sequence[str]:
        """Types of all events that begin so, in order."""
        with self.world.database.reading.connect() as db:
            found = db.execute(select(events.c.type).order_by(events.c.sequence)).scalars()
            return [each for each in found if each.startswith(kind)]

    def logged(self) -> str:
        """All that the log says, as one text."""
        with self.world.database.reading.connect() as db:
            rows = db.execute(select(events.c.changes, events.c.data, events.c.type))
            return " ".join(map(str, rows))

    def assert_sound(self) -> None:
        assert findings(self.world.database, CHECKS) == []
