"""What every aggregate has besides its own fields: actions, external ids, a timeline."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from graphql import GraphQLAbstractType, GraphQLResolveInfo
from strawberry import UNSET
from strawberry.scalars import JSON

from backoffice_api.domain.kernel import external_ids, ids, log
from backoffice_api.domain.kernel.events import COSTS, Logged, events
from backoffice_api.domain.kernel.field_history import FieldEntry
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import ActorKind
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import DateTimeFilter, StringFilter, filter_input
from backoffice_api.schema.nodes import Node, linked_node, node
from backoffice_api.schema.scalars import BigInt

EVENTS_READ = Scope.EVENTS_READ

choice(ActorKind)


@described
class ActionState:
    """An action, and whether it is possible now. Draw buttons from it."""

    name: str = about("The action, as `cancel`.")
    allowed: bool = about("Whether it is possible now.")
    blocked_by: list[str] = about("What stands in the way, in words. Empty if it is possible.")


@described
class ExternalId:
    """What another system calls a record."""

    system: str = about("The other system, by the name its integrator chose.")
    key: str = about("The name it has there.")


@strawberry.input(description="What another system calls a record.")
class ExternalIdInput:
    system: str = about("The other system, at most 60 characters.")
    key: str = about("The name it has there, at most 250 characters.")

    def value(self) -> external_ids.ExternalId:
        return external_ids.ExternalId(self.system, self.key)


@described
class FieldChange:
    """One field that an event changed. Personal values are never shown, only that they changed."""

    path: str = about("Name of the field.")
    before: JSON | None = about("Its value before, costs as `(cost)`. Null: it had none.")
    after: JSON | None = about("Its value after, costs as `(cost)`. Null: it has none.")
    cost_before: JSON | None = about(
        "Its value before with the costs in it. Null: it had none, or no cost is in it.",
        scope=Scope.COSTS_READ,
    )
    cost_after: JSON | None = about(
        "Its value after with the costs in it. Null: it has none, or no cost is in it.",
        scope=Scope.COSTS_READ,
    )


@described
class Actor:
    """Who did something."""

    kind: ActorKind = about("What kind of actor it is.")
    id: strawberry.ID | None = about("Its id. Null for the back office itself.")


def actor_of(kind: str, id: UUID | None) -> Actor:
    """Who is meant by the kind and the id that a row keeps."""
    known = ActorKind(kind)
    prefix = _ACTOR_PREFIXES.get(known)
    shown = strawberry.ID(ids.text(prefix, id)) if prefix and id else None
    return Actor(kind=known, id=shown)


def _subject_id(event: Logged) -> str:
    return ids.text(event.subject_kind, event.subject_id)


def change_of(entry: Mapping[str, Any]) -> FieldChange:
    """What the log keeps of one changed field."""
    costs = entry.get("costs") or {}
    return FieldChange(
        path=entry["path"],
        before=entry["before"],
        after=entry["after"],
        cost_before=costs.get("before"),
        cost_after=costs.get("after"),
    )


def _costs(parent: strawberry.Parent[Logged]) -> JSON | None:
    return parent.data.get(COSTS)


@node("evt", Logged, log.logged_by_ids, scope=EVENTS_READ)
class Event(Node):
    """Something that happened: one entry of the log that audit, timeline and feed are views of."""

    sequence: BigInt = about("Its place in the log. Grows; may have gaps.")
    type: str = about("What happened, as `order.placed`.")
    subject_version: int = about("Version of the subject after it.")
    command: str = about("The command that caused it.")
    request_id: strawberry.ID = about("The request that caused it. Empty if none did.")
    occurred_at: datetime = about("When it happened.")
    reason: str | None = about("Why, as the caller said.")
    reference: str | None = about("What it was caused by, as the caller said.")
    idempotency_key: str | None = about("The key under which it was asked for. Null: none.")

    @strawberry.field(description="Facts of this type of event, costs as `(cost)`.")
    def data(parent: strawberry.Parent[Logged]) -> JSON:
        return {name: fact for name, fact in parent.data.items() if name != COSTS}  # type: ignore[return-value]

    costs: JSON | None = about(
        "Those facts of it that are costs. Null: none is.", resolver=_costs, scope=Scope.COSTS_READ
    )

    @strawberry.field(description="What each changed field was before and is after.")
    def changes(parent: strawberry.Parent[Logged]) -> list[FieldChange]:
        return [change_of(each) for each in parent.changes]

    @strawberry.field(description="Who did it.")
    def actor(parent: strawberry.Parent[Logged]) -> Actor:
        return actor_of(parent.actor_kind, parent.actor_id)

    subject: Node | None = linked_node(
        _subject_id, "What it happened to. Null if the caller may not see it."
    )

    @strawberry.field(description="Id of what it happened to.")
    def subject_id(parent: strawberry.Parent[Logged]) -> strawberry.ID:
        return strawberry.ID(_subject_id(parent))


def _cost_before(parent: strawberry.Parent[FieldEntry]) -> JSON | None:
    return parent.costs["before"] if parent.costs else None


def _cost_after(parent: strawberry.Parent[FieldEntry]) -> JSON | None:
    return parent.costs["after"] if parent.costs else None


@described
class FieldHistoryEntry:
    """What one event did to a field. Personal values are never shown, only that they changed."""

    before: JSON | None = about("Its value before, costs as `(cost)`. Null: it had none.")
    after: JSON | None = about("Its value after, costs as `(cost)`. Null: it has none.")
    cost_before: JSON | None = about(
        "Its value before with the costs in it. Null: it had none, or no cost is in it.",
        resolver=_cost_before,
        scope=Scope.COSTS_READ,
    )
    cost_after: JSON | None = about(
        "Its value after with the costs in it. Null: it has none, or no cost is in it.",
        resolver=_cost_after,
        scope=Scope.COSTS_READ,
    )
    occurred_at: datetime = about("When it happened.")
    event: Event = about("The event, with who did it and why.")


_ACTOR_PREFIXES: Mapping[ActorKind, str] = {
    ActorKind.STAFF: "stf",
    ActorKind.TOKEN: "tok",
}


@filter_input
class EventFilter:
    """Which events. All words that are given must hold."""

    type: StringFilter | None = about("By type, as `order.placed`.", default=UNSET)
    occurred_at: DateTimeFilter | None = about("At such a time.", default=UNSET)


@strawberry.interface(description="Something whose history can be read.")
class HasTimeline:
    timeline: Connection[Event] = listed_under(
        log.event_list,
        events.c.subject_id,
        "What happened to it, newest first.",
        filter=EventFilter,
        scope=EVENTS_READ,
    )

    @classmethod
    def resolve_type(
        cls, value: Any, info: GraphQLResolveInfo[Any], abstract: GraphQLAbstractType
    ) -> str:
        return Node.resolve_type(value, info, abstract)
