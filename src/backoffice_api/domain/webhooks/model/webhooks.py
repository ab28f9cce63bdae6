"""Webhooks: who is told of what, where, under whose rights, and what becomes of the subscription.

What is sent is seen with the rights of whoever saved the webhook last, as they are when it is
sent. So nobody gets by way of a webhook what they may not see.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.kernel.uow import ActorKind
from backoffice_api.domain.webhooks.model.selecting import Condition, Selection

WEBHOOKS_MAX = 100
OVERLAP = timedelta(hours=24)
OVERLAP_HOURS_MAX = 168
REPLAYED_MAX = 10_000

_BY_OURSELVES = ("disable",)


class WebhookStatus(Choice):
    """Whether a webhook is told of what happens."""

    ACTIVE = "active", "Is told of what happens."
    PAUSED = "paused", "Is told of nothing until it is resumed; what waits for it is kept."
    DISABLED = "disabled", "The receiver said that it is gone for good; it can be resumed."
    REMOVED = "removed", "Put away; it stays for the log."


class PauseReason(Choice):
    """Why a webhook is told of nothing."""

    BY_HAND = "by_hand", "Somebody paused it."
    FAILING = "failing", "A delivery was given up, and nothing got through since its first try."
    NO_ACCESS = "no_access", "Whoever saved it last has no access any more."
    GONE = "gone", "The receiver answered 410."


_HERE = {WebhookStatus.ACTIVE, WebhookStatus.PAUSED, WebhookStatus.DISABLED}

MACHINE = Machine(
    WebhookStatus.ACTIVE,
    move("update", _HERE),
    move("rotateSecret", _HERE),
    move("test", _HERE),
    move("retryDelivery", _HERE),
    move("replay", {WebhookStatus.ACTIVE}),
    move("pause", {WebhookStatus.ACTIVE}, WebhookStatus.PAUSED),
    move("disable", {WebhookStatus.ACTIVE}, WebhookStatus.DISABLED),
    move("resume", {WebhookStatus.PAUSED, WebhookStatus.DISABLED}, WebhookStatus.ACTIVE),
    move("remove", _HERE, WebhookStatus.REMOVED),
)


class WebhookSortKey(Choice):
    """By what a list of webhooks is sorted."""

    CREATED_AT = "created_at", "When it was made."
    NAME = "name", "The name, by code point."


@dataclass(frozen=True, slots=True)
class Webhook:
    """`from_sequence`: it is told of events above this number only.

    `paused_sequence`: up to where it had been told of everything when it was stopped.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    name: str
    url: str
    event_types: Sequence[str]
    conditions: Sequence[Mapping[str, Any]]
    changed_fields: Sequence[str]
    document: str
    owner_kind: ActorKind
    owner_id: UUID
    status: WebhookStatus
    pause_reason: PauseReason | None
    from_sequence: int
    paused_sequence: int | None

    @property
    def actions(self) -> Sequence[Action]:
        """What a person can do with it."""
        return [each for each in MACHINE.actions(self.status) if each.name not in _BY_OURSELVES]

    @property
    def selection(self) -> Selection:
        """Of which events it is told."""
        conditions = [Condition(each["fact"], tuple(each["values"])) for each in self.conditions]
        return Selection(self.event_types, conditions, self.changed_fields)


@dataclass(frozen=True, slots=True)
class WebhookState:
    """How a webhook fares, and the replay under way, if `replay_until` is not None.

    `failures`: tries that failed since the last that did not.
    """

    webhook_id: UUID
    failures: int
    failing_since: datetime | None
    last_success_at: datetime | None
    resting_until: datetime | None
    replay_after: int | None
    replay_until: int | None
    replay_made: int


@dataclass(frozen=True, slots=True)
class SigningSecret:
    """What deliveries are signed with. `expires_at` None: until it is changed."""

    webhook_id: UUID
    made_at: datetime
    expires_at: datetime | None
    secret: str


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A webhook with its new secret, which is None when the answer is given again."""

    id: UUID
    secret: Secret | None


@dataclass(frozen=True, slots=True)
class WebhookCreated(Event):
    type = "webhook.created"
    subject = "whk"
    summary = "Webhook {name} was made."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class WebhookUpdated(Event):
    type = "webhook.updated"
    subject = "whk"
    summary = "Webhook {name} was changed."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class WebhookSecretRotated(Event):
    type = "webhook.secret_rotated"
    subject = "whk"
    summary = "Webhook {name} got another secret."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class WebhookPaused(Event):
    type = "webhook.paused"
    subject = "whk"
    summary = "Webhook {name} is told of nothing for now."
    id: UUID
    version: int
    name: str
    pause_reason: PauseReason


@dataclass(frozen=True, slots=True)
class WebhookDisabled(Event):
    type = "webhook.disabled"
    subject = "whk"
    summary = "Webhook {name} leads nowhere any more."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class WebhookResumed(Event):
    type = "webhook.resumed"
    subject = "whk"
    summary = "Webhook {name} is told of what happens again."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class WebhookRemoved(Event):
    type = "webhook.removed"
    subject = "whk"
    summary = "Webhook {name} was put away."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class WebhookReplayStarted(Event):
    type = "webhook.replay_started"
    subject = "whk"
    summary = "Webhook {name} is told again of what happened after {after}, up to {until}."
    id: UUID
    version: int
    name: str
    after: int
    until: int


@dataclass(frozen=True, slots=True)
class WebhookReplayEnded(Event):
    """`reached`: the last event that was looked at; less than asked for where there were more
    than `REPLAYED_MAX` to be told of."""

    type = "webhook.replay_ended"
    subject = "whk"
    summary = "Webhook {name} is told again of {made} events, up to {reached}."
    id: UUID
    version: int
    name: str
    made: int
    reached: int


@dataclass(frozen=True, slots=True)
class WebhookTested(Event):
    type = "webhook.tested"
    subject = "whk"
    summary = "Webhook {name} is sent something for trying."
    id: UUID
    version: int
    name: str
    delivery_id: UUID


@dataclass(frozen=True, slots=True)
class WebhookDeliveryRetried(Event):
    type = "webhook.delivery_retried"
    subject = "whk"
    summary = "Webhook {name} is sent something once more."
    id: UUID
    version: int
    name: str
    delivery_id: UUID


@dataclass(eq=False)
class UnknownWebhook(Missing):
    """There is no webhook with this id."""

    id: UUID
    message = "There is no such webhook."


@dataclass(eq=False)
class TooManyWebhooks(Refused):
    """There are as many webhooks as there may be."""

    maximum: int
    message = "There may be {maximum} webhooks."


@dataclass(eq=False)
class NobodysWebhook(Refused):
    """What is sent is seen with the rights of whoever saved it: that must be somebody."""

    message = "The back office itself has no webhooks."


@dataclass(eq=False)
class ReplayUnderWay(Refused):
    """One replay at a time: the last one has not ended."""

    message = "A replay is under way."


@dataclass(eq=False)
class NothingToReplay(Refused):
    """All that has happened so far lies before this number."""

    until: int
    message = "There is nothing after this, up to {until}."
