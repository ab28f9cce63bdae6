"""Webhooks and what they delivered, on the wire."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import strawberry
from strawberry import UNSET

from backoffice_api.context import Outcome
from backoffice_api.domain.kernel import ids, log
from backoffice_api.domain.kernel.documents import PayloadTooCostly
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.webhooks import queries
from backoffice_api.domain.webhooks.model import deliveries, webhooks
from backoffice_api.domain.webhooks.model.deliveries import (
    DeliveryFailure,
    DeliverySortKey,
    DeliveryStatus,
)
from backoffice_api.domain.webhooks.model.selecting import Condition, known_event_types
from backoffice_api.domain.webhooks.model.webhooks import (
    PauseReason,
    WebhookSortKey,
    WebhookStatus,
)
from backoffice_api.domain.webhooks.tables import webhook_attempts
from backoffice_api.schema.aggregates import ActionState, Actor, Event, HasTimeline, actor_of
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import (
    DateTimeFilter,
    IdFilter,
    IntFilter,
    SortDirection,
    StringFilter,
    filter_input,
)
from backoffice_api.schema.links import one
from backoffice_api.schema.lookups import found_of
from backoffice_api.schema.nodes import Node, Versioned, linked_node, node
from backoffice_api.schema.payload_documents import DOCUMENTS
from backoffice_api.schema.payloads import MutationPayload, UserError, error, payload
from backoffice_api.schema.scalars import BigInt

READ = Scope.WEBHOOKS_READ

choice(DeliveryFailure, name="WebhookDeliveryFailure")
choice(DeliverySortKey, name="WebhookDeliverySortKey")
choice(DeliveryStatus, name="WebhookDeliveryStatus")
choice(PauseReason, name="WebhookPauseReason")
choice(WebhookSortKey)
choice(WebhookStatus)


def _answer(description: str) -> Any:
    return about(description, personal="content", scope=Scope.PERSONAL_READ)


@described
class WebhookCondition:
    """A fact of the event is one of these values."""

    fact: str = about("Name of the fact, as in `Event.data`.")
    values: list[str] = about("The values, ids as the API writes them.")


@described
class WebhookState:
    """How a webhook fares."""

    failures: int = about("Tries that failed since the last that did not.")
    failing_since: datetime | None = about("Since when all tries failed. Null: the last did not.")
    last_success_at: datetime | None = about("When something was taken last. Null: never.")
    resting_until: datetime | None = about(
        "Until when it is left alone, since it fails or asked for it. Null: it never was."
    )
    replay_after: BigInt | None = about("How far the replay under way is. Null: there is none.")
    replay_until: BigInt | None = about("Up to where it goes. Null: there is none.")
    replay_made: int = about("How many events the last replay has told again.")


def _conditions(parent: strawberry.Parent[webhooks.Webhook]) -> list[WebhookCondition]:
    return [
        WebhookCondition(fact=each.fact, values=list(each.values))
        for each in parent.selection.conditions
    ]


def _owner(parent: strawberry.Parent[webhooks.Webhook]) -> Actor:
    return actor_of(parent.owner_kind, parent.owner_id)


@node("whk", webhooks.Webhook, queries.webhooks_by_ids, scope=READ)
class Webhook(Node, Versioned, HasTimeline):
    """Somebody outside who is told of what happens. The secret itself is not shown again."""

    name: str = about("What it is for.")
    url: str = about("Where messages are posted to.")
    event_types: list[str] = about("Of which events it is told: `order.placed`, `order.*`, `*`.")
    conditions: list[WebhookCondition] = about(
        "Facts that an event must tell, all of them.", resolver=_conditions
    )
    changed_fields: list[str] = about("One of these must have changed. Empty: whatever changed.")
    document: str = about("What the payload is made of: a query about the subject of the event.")
    status: WebhookStatus = about("Whether it is told of what happens.")
    pause_reason: PauseReason | None = about("Why it is not. Null: it is, or it was removed.")
    actions: list[ActionState] = about("What can be done with it now.")
    owner: Actor = about(
        "Who saved it last: payloads are what they may see when it is sent.", resolver=_owner
    )
    state: WebhookState | None = one(queries.states_by_webhooks, "id", "How it fares.")


@node("whd", deliveries.Delivery, queries.deliveries_by_ids, scope=READ)
class WebhookDelivery(Node, Versioned):
    """One event for one webhook, with what became of it. Kept for 30 days."""

    sequence: BigInt | None = about("Number of the event. Null: it is a test.")
    event_type: str = about("What happened, as `order.placed`.")
    subject_version: int = about("Version of the subject after the event.")
    occurred_at: datetime = about("When it happened.")
    status: DeliveryStatus = about("How far it is.")
    failure: DeliveryFailure | None = about("Why it failed the last time. Null: it did not.")
    reason: str = about("The same in words. Empty if it did not fail.")
    attempts: int = about("How often it was tried.")
    due_at: datetime = about("When it is tried next, if it is pending.")
    settled_at: datetime | None = about("When it was taken or given up. Null: neither yet.")
    response_status: int | None = about("Status of the last answer. Null: there was none.")
    duration_ms: int | None = about("How long the last try took. Null: there was none.")
    answer: str = _answer("How the last answer began, secrets hidden. Empty if it did not.")
    actions: list[ActionState] = about("What can be done with it now.")
    webhook: Webhook = one(queries.webhooks_by_ids, "webhook_id", "Who is told.")
    event: Event | None = one(log.logged_by_ids, "event_id", "What happened. Null: it is a test.")
    subject: Node | None = linked_node(
        lambda parent: ids.text(parent.subject_kind, parent.subject_id),
        "What it happened to. Null if the caller may not see it.",
    )
    tries: Connection["WebhookAttempt"] = listed_under(
        queries.attempt_list, webhook_attempts.c.delivery_id, "Every try, the newest first."
    )


@described
class WebhookAttempt:
    """One try to send a delivery."""

    created_at: datetime = about("When it ended.")
    number: int = about("Which one, from 1; it begins anew when a delivery is sent once more.")
    failure: DeliveryFailure | None = about("Why it failed. Null: it did not.")
    reason: str = about("The same in words. Empty if it did not fail.")
    response_status: int | None = about("Status of the answer. Null: there was none.")
    duration_ms: int = about("How long it took.")
    answer: str = _answer("How the answer began, secrets hidden. Empty if it did not.")


@described
class WebhookEventType:
    """A type of events that webhooks can be told of."""

    type: str = about("What happened, as `order.placed`.")
    subject_kind: str = about("What it happened to, as the prefix of its ids: `ord`.")
    facts: list[str] = about("What it tells, for conditions.")
    summary: str = about("What it says, with facts in braces.")
    scope: Scope = about("What it takes to see what it happened to.")


@filter_input
class WebhookFilter:
    """Which webhooks. All words that are given must hold."""

    status: list[WebhookStatus] | None = about("In one of these states.", default=UNSET)
    name: StringFilter | None = about("By name.", default=UNSET)
    created_at: DateTimeFilter | None = about("Made at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of webhooks.")
class WebhookSort:
    key: WebhookSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@filter_input
class WebhookDeliveryFilter:
    """Which deliveries. All words that are given must hold."""

    webhook_id: IdFilter | None = about("To such a webhook.", default=UNSET)
    status: list[DeliveryStatus] | None = about("In one of these states.", default=UNSET)
    failure: list[DeliveryFailure] | None = about("Failed for one of these.", default=UNSET)
    event_type: StringFilter | None = about("Of such a type, as `order.placed`.", default=UNSET)
    subject_id: IdFilter | None = about("About such a thing.", default=UNSET)
    response_status: IntFilter | None = about("Answered by such a status.", default=UNSET)
    created_at: DateTimeFilter | None = about("First to be sent at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of deliveries.")
class WebhookDeliverySort:
    key: DeliverySortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(description="A fact of the event that must be one of these values.")
class WebhookConditionInput:
    fact: str = about("Name of the fact, as in `Event.data`.")
    values: list[str] = about("The values, ids as the API writes them; at most 50.")

    def value(self) -> Condition:
        return Condition(self.fact, tuple(self.values))


@strawberry.input(description="Somebody to be told of what happens.")
class WebhookCreateInput:
    name: str = about("What it is for, at most 250 characters.")
    url: str = about("Where messages are posted to; no secrets in it, it is shown.")
    event_types: list[str] = about("Of which events: `order.placed`, `order.*`, `*`; at most 50.")
    document: str = about(
        "What the payload is made of: `query ($id: ID!) { node(id: $id) { ... } }`."
    )
    conditions: list[WebhookConditionInput] = about(
        "Facts that an event must tell, all of them; at most 10. Takes `events:read`.",
        default_factory=list,
    )
    changed_fields: list[str] = about(
        "One of these fields must have changed; none: whatever changed.", default_factory=list
    )


@strawberry.input(description="What is to change of a webhook. What is absent stays.")
class WebhookUpdateInput:
    name: str | None = about("What it is for.", default=UNSET)
    url: str | None = about("Where messages are posted to.", default=UNSET)
    event_types: list[str] | None = about("Takes the place of all it had.", default=UNSET)
    document: str | None = about("What the payload is made of.", default=UNSET)
    conditions: list[WebhookConditionInput] | None = about(
        "Takes the place of all it had.", default=UNSET
    )
    changed_fields: list[str] | None = about("Takes the place of all it had.", default=UNSET)


@strawberry.input(description="How a webhook gets another secret.")
class WebhookSecretRotateInput:
    overlap_hours: int | None = about(
        "For how long the present secret signs beside the new one, 0 to 168; null: 24.",
        default=None,
    )


@strawberry.input(description="How a webhook goes on.")
class WebhookResumeInput:
    catch_up: bool = about("Tell it of what happened meanwhile, too.", default=True)


@strawberry.input(description="What a webhook is to be told again.")
class WebhookReplayInput:
    after_sequence: BigInt = about("All events behind the one with this number; 0: all.")
    until_sequence: BigInt | None = about("Up to this one; null: up to now.", default=None)


@strawberry.input(description="What is sent for trying.")
class WebhookTestInput:
    subject_id: strawberry.ID | None = about(
        "What the payload is made of, as a real event would have it; null: nothing.", default=None
    )


@payload
class WebhookPayload(MutationPayload):
    """What a mutation of a webhook answers."""

    webhook: Webhook | None = one(
        queries.webhooks_by_ids, "value", "The webhook as it is now. Null if it was refused."
    )


def _new_id(parent: strawberry.Parent[Outcome]) -> Any:
    return parent.value.id if parent.value else None


def _new_secret(parent: strawberry.Parent[Outcome]) -> Secret | None:
    return parent.value.secret if parent.value else None


@payload
class WebhookSecretPayload(MutationPayload):
    """What a mutation answers that makes a secret."""

    webhook: Webhook | None = found_of(
        _new_id, queries.webhooks_by_ids, "The webhook as it is now. Null if it was refused."
    )
    secret: Secret | None = about(
        "What signatures are verified with; you see it this once. Null if it was refused, or if "
        "this is the answer to a repeated request.",
        resolver=_new_secret,
    )


@payload
class WebhookDeliveryPayload(MutationPayload):
    """What a mutation of a delivery answers."""

    delivery: WebhookDelivery | None = one(
        queries.deliveries_by_ids, "value", "The delivery as it is now. Null if it was refused."
    )


@error(PayloadTooCostly)
class PayloadTooCostlyError(UserError):
    """The document costs more than the payload of one event may."""

    cost: int = about("What it costs.")
    maximum: int = about("What it may cost.")


def event_types() -> Sequence[WebhookEventType]:
    """Every type of events that there is, sorted by name."""
    return [
        WebhookEventType(
            type=each.type,
            subject_kind=each.subject_kind,
            facts=list(each.facts),
            summary=each.summary,
            scope=DOCUMENTS.scope_of(each.subject_kind),
        )
        for each in known_event_types().values()
    ]
