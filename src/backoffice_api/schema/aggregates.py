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
from backoffice_api.domain.kernel.events import Logged, events
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
    before: JSON | None = about("Its value before. Null: it had none.")
    after: JSON | None = about("Its value after. Null: it has none.")


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
    data: JSON = about("Facts of this type of event.")

    @strawberry.field(description="What each changed field was before and is after.")
    def changes(parent: strawberry.Parent[Logged]) -> list[FieldChange]:
        return [FieldChange(**change) for change in parent.changes]

    @strawberry.field(description="Who did it.")
    def actor(parent: strawberry.Parent[Logged]) -> Actor:
        return actor_of(parent.actor_kind, parent.actor_id)

    subject: Node | None = linked_node(
        _subject_id, "What it happened to. Null if the caller may not see it."
    )

    @strawberry.field(description="Id of what it happened to.")
    def subject_id(parent: strawberry.Parent[Logged]) -> strawberry.ID:
        return strawberry.ID(_subject_id(parent))


@described
class FieldHistoryEntry:
    """What one event did to a field. Personal values are never shown, only that they changed."""

    before: JSON | None = about("Its value before. Null: it had none.")
    after: JSON | None = about("Its value after. Null: it has none.")
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
