"""What can be asked about webhooks and deliveries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from backoffice_api.domain.identity.queries.staff import present_caller
from backoffice_api.domain.kernel.events import events, settled
from backoffice_api.domain.kernel.filters import On
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import fetch, one_per, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.uow import Caller
from backoffice_api.domain.webhooks.model.deliveries import (
    BUDGET,
    OPEN,
    Attempt,
    AttemptSortKey,
    Delivery,
    DeliverySortKey,
    DeliveryStatus,
    UnknownDelivery,
)
from backoffice_api.domain.webhooks.model.webhooks import (
    SigningSecret,
    UnknownWebhook,
    Webhook,
    WebhookSortKey,
    WebhookState,
    WebhookStatus,
)
from backoffice_api.domain.webhooks.tables import (
    webhook_attempts,
    webhook_deliveries,
    webhook_progress,
    webhook_secrets,
    webhook_states,
    webhooks,
)

FOLLOWER = "deliveries"

webhooks_by_ids = one_per(Webhook, webhooks, webhooks.c.id)
states_by_webhooks = one_per(WebhookState, webhook_states, webhook_states.c.webhook_id)
deliveries_by_ids = one_per(Delivery, webhook_deliveries, webhook_deliveries.c.id)

webhook_list = Listing(
    Webhook,
    webhooks,
    sorts={
        WebhookSortKey.CREATED_AT: webhooks.c.created_at,
        WebhookSortKey.NAME: webhooks.c.name,
    },
    words={
        "status": On(webhooks.c.status),
        "name": On(webhooks.c.name),
        "created_at": On(webhooks.c.created_at),
    },
)

delivery_list = Listing(
    Delivery,
    webhook_deliveries,
    sorts={DeliverySortKey.CREATED_AT: webhook_deliveries.c.created_at},
    words={
        "webhook_id": On(webhook_deliveries.c.webhook_id),
        "status": On(webhook_deliveries.c.status),
        "failure": On(webhook_deliveries.c.failure),
        "event_type": On(webhook_deliveries.c.event_type),
        "subject_id": On(webhook_deliveries.c.subject_id),
        "response_status": On(webhook_deliveries.c.response_status),
        "created_at": On(webhook_deliveries.c.created_at),
    },
)

attempt_list = Listing(
    Attempt,
    webhook_attempts,
    sorts={AttemptSortKey.CREATED_AT: webhook_attempts.c.created_at},
    words={},
)


@dataclass(frozen=True, slots=True)
class Free:
    """A webhook with deliveries that are due, and how many of them may be begun now."""

    webhook_id: UUID
    slots: int


@dataclass(frozen=True, slots=True)
class Dispatch:
    """All that it takes to send a delivery. `caller` None: its owner has no access any more."""

    delivery: Delivery
    webhook: Webhook
    secrets: Sequence[Secret]
    caller: Caller | None


def webhook(db: Connection, id: UUID, *, lock: bool = False) -> Webhook:
    """The webhook `id`, also one that was removed.

    Raises:
        UnknownWebhook: there is none.
    """
    statement = select_as(Webhook, webhooks).where(webhooks.c.id == id)
    for found in fetch(db, Webhook, statement.with_for_update() if lock else statement):
        return found
    raise UnknownWebhook(id).at("id")


def delivery(db: Connection, id: UUID) -> Delivery:
    """The delivery `id`.

    Raises:
        UnknownDelivery: there is none.
    """
    if found := deliveries_by_ids(db, [id]).get(id):
        return found
    raise UnknownDelivery(id).at("id")


def locked_state(db: Connection, webhook_id: UUID) -> WebhookState:
    """How a webhook fares. Nobody else begins or settles a delivery of it meanwhile."""
    rows = webhook_states.c
    statement = select_as(WebhookState, webhook_states).where(rows.webhook_id == webhook_id)
    for found in fetch(db, WebhookState, statement.with_for_update()):
        return found
    raise UnknownWebhook(webhook_id).at("id")


def count_here(db: Connection) -> int:
    """How many webhooks there are that were not removed."""
    statement = select(func.count()).where(webhooks.c.status != WebhookStatus.REMOVED)
    return db.execute(statement).scalar_one()


def active_webhooks(db: Connection) -> Sequence[Webhook]:
    """Those that are told of what happens, the oldest first."""
    rows = webhooks.c
    statement = select_as(Webhook, webhooks).where(rows.status == WebhookStatus.ACTIVE)
    return fetch(db, Webhook, statement.order_by(rows.created_at, rows.id))


def secrets_of(db: Connection, webhook_id: UUID) -> Sequence[SigningSecret]:
    """What a webhook was given to sign with, the newest first, two at most."""
    rows = webhook_secrets.c
    statement = select_as(SigningSecret, webhook_secrets).where(rows.webhook_id == webhook_id)
    return fetch(db, SigningSecret, statement.order_by(rows.id.desc()).limit(2))


def head(db: Connection) -> int:
    """The number of the last event that a follower may see. 0: there is none."""
    return db.execute(select(func.max(events.c.sequence)).where(settled(db))).scalar() or 0


def has_news(db: Connection) -> bool:
    """Whether something happened since the log was followed last."""
    mine = webhook_progress.c.name == FOLLOWER
    known = db.execute(select(webhook_progress.c.sequence).where(mine)).scalar()
    return known is not None and head(db) > known


def free_webhooks(db: Connection, now: datetime) -> Sequence[Free]:
    """The webhooks that have something to be sent now, and room for it."""
    rows, state = webhook_deliveries.c, webhook_states.c
    mine = rows.webhook_id == state.webhook_id
    under_way = (
        select(func.count())
        .where(mine, rows.status == DeliveryStatus.SENDING, rows.due_at > now)
        .scalar_subquery()
    )
    # Of a webhook that is told of nothing now, tests are sent all the same.
    told = or_(webhooks.c.status == WebhookStatus.ACTIVE, rows.sequence.is_(None))
    due = [
        exists().where(mine, rows.status == status, rows.due_at <= now, told)
        for status in (DeliveryStatus.PENDING, DeliveryStatus.SENDING)
    ]
    statement = (
        select(state.webhook_id, under_way)
        .join_from(webhook_states, webhooks)
        .where(or_(state.resting_until.is_(None), state.resting_until <= now), or_(*due))
        .order_by(state.webhook_id)
    )
    return [
        Free(webhook_id, BUDGET - busy)
        for webhook_id, busy in db.execute(statement)
        if busy < BUDGET
    ]


def sending(db: Connection, webhook_id: UUID, now: datetime) -> int:
    """How many deliveries of a webhook are under way."""
    rows = webhook_deliveries.c
    statement = select(func.count()).where(
        rows.webhook_id == webhook_id, rows.status == DeliveryStatus.SENDING, rows.due_at > now
    )
    return db.execute(statement).scalar_one()


def due(
    db: Connection, webhook: Webhook, status: DeliveryStatus, now: datetime, limit: int
) -> Sequence[UUID]:
    """Deliveries in this state whose time has come, none behind an earlier one of its subject.

    Of a webhook that is told of nothing now, only tests.
    """
    rows = webhook_deliveries.c
    statement = (
        select(rows.id)
        .where(
            rows.webhook_id == webhook.id,
            rows.status == status,
            rows.due_at <= now,
            ~is_behind(),
        )
        .order_by(rows.due_at, rows.id)
        .limit(limit)
    )
    if webhook.status is not WebhookStatus.ACTIVE:
        statement = statement.where(rows.sequence.is_(None))
    return list(db.execute(statement).scalars())


def is_behind() -> ColumnElement[bool]:
    """Whether a delivery has an earlier one of the same subject before it, or may get one yet.

    As long as a stretch of the log is told again, it may: what lies behind the stretch waits.
    """
    rows, state = webhook_deliveries.c, webhook_states.alias("state").c
    before = webhook_deliveries.alias("before")
    is_told_again = exists().where(
        state.webhook_id == rows.webhook_id, state.replay_until < rows.sequence
    )
    has_earlier = exists().where(
        and_(
            before.c.webhook_id == rows.webhook_id,
            before.c.subject_id == rows.subject_id,
            before.c.sequence < rows.sequence,
            before.c.status.in_(OPEN),
        )
    )
    return or_(is_told_again, has_earlier)


def dispatch(db: Connection, delivery_id: UUID, now: datetime) -> Dispatch:
    """What it takes to send a delivery.

    Raises:
        UnknownDelivery: there is none.
    """
    found = delivery(db, delivery_id)
    whose = webhook(db, found.webhook_id)
    good = [
        Secret(each.secret)
        for each in secrets_of(db, whose.id)
        if each.expires_at is None or each.expires_at > now
    ]
    return Dispatch(found, whose, good, present_caller(db, whose.owner_kind, whose.owner_id, now))


def needed_beside(webhook: Webhook) -> frozenset[Scope]:
    """The rights that a webhook takes besides those of its document and of its subjects.

    By a condition on facts of the log one learns what they are.
    """
    return frozenset({Scope.EVENTS_READ}) if webhook.conditions else frozenset()
