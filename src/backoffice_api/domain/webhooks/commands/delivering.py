"""Deliveries are begun, so that nobody else sends them, and settled by what became of the try."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import func, update

from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import storable
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.webhooks import queries
from backoffice_api.domain.webhooks.commands.progress import promote
from backoffice_api.domain.webhooks.model import webhooks as hooks
from backoffice_api.domain.webhooks.model.deliveries import (
    ANSWER_LENGTH_MAX,
    BUDGET,
    LEASE,
    MACHINE,
    OURS,
    REASON_LENGTH_MAX,
    TEST_TYPE,
    Delivery,
    DeliveryFailure,
    DeliveryStatus,
    Outcome,
    asked_rest,
    next_pause,
    rest,
)
from backoffice_api.domain.webhooks.model.webhooks import (
    PauseReason,
    Webhook,
    WebhookDeliveryRetried,
    WebhookState,
    WebhookStatus,
    WebhookTested,
)
from backoffice_api.domain.webhooks.tables import (
    webhook_attempts,
    webhook_deliveries,
    webhook_states,
    webhooks,
)

_CHANCE_BYTES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginDeliveries(Command):
    scope = Scope.WEBHOOKS_WRITE
    webhook_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleDelivery(Command):
    """`attempt`: the number of the try, so that a late answer changes nothing of a later one."""

    scope = Scope.WEBHOOKS_WRITE
    table = webhook_deliveries
    id: UUID
    attempt: int
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class TestWebhook(Command):
    """`subject`: kind and id of what the payload is made of; None: of nothing."""

    __test__ = False  # not a test of pytest

    scope = Scope.WEBHOOKS_WRITE
    table = webhooks
    id: UUID
    subject: tuple[str, UUID] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryDelivery(Command):
    scope = Scope.WEBHOOKS_WRITE
    table = webhook_deliveries
    id: UUID


@dataclass(frozen=True, slots=True)
class Begun:
    """A delivery that is ours to send, and the number of the try."""

    id: UUID
    attempt: int


def begin_deliveries(uow: UnitOfWork, command: BeginDeliveries) -> list[Begun]:
    """Take what is due of one webhook, as far as there is room for it.

    What somebody took who is dead by now is taken once more: a receiver may get it twice, under
    the same id.
    """
    state = queries.locked_state(uow.db, command.webhook_id)
    if state.resting_until is not None and state.resting_until > uow.now:
        return []
    webhook = queries.webhook(uow.db, command.webhook_id)
    room = BUDGET - queries.sending(uow.db, webhook.id, uow.now)
    wanted: list[UUID] = []
    for status in (DeliveryStatus.SENDING, DeliveryStatus.PENDING):
        if len(wanted) < room:
            left = room - len(wanted)
            wanted += queries.due(uow.db, webhook, status, uow.now, left)
    if not wanted:
        return []
    rows = webhook_deliveries.c
    statement = (
        update(webhook_deliveries)
        .where(rows.id.in_(wanted))
        .values(
            status=DeliveryStatus.SENDING,
            attempts=rows.attempts + 1,
            due_at=uow.now + LEASE,
            first_attempt_at=func.coalesce(rows.first_attempt_at, uow.now),
            updated_at=uow.now,
            version=rows.version + 1,
        )
        .returning(rows.id, rows.attempts)
    )
    begun = {row.id: Begun(row.id, row.attempts) for row in uow.db.execute(statement)}
    return [begun[id] for id in wanted]


def settle_delivery(uow: UnitOfWork, command: SettleDelivery) -> PauseReason | None:
    """Note what became of a try. Why the webhook is to be stopped now; None: it is not.

    Raises:
        UnknownDelivery: it was forgotten meanwhile.
    """
    webhook_id = queries.delivery(uow.db, command.id).webhook_id
    state = queries.locked_state(uow.db, webhook_id)
    before = queries.delivery(uow.db, command.id)
    if before.status is not DeliveryStatus.SENDING or before.attempts != command.attempt:
        return None  # somebody else took it over
    webhook = queries.webhook(uow.db, webhook_id)
    outcome = _bounded(command.outcome)
    after = _after(uow, before, webhook, outcome)
    _write(uow, after)
    _note_attempt(uow, after, outcome)
    _note_state(uow, state, outcome)
    if after.settled_at is not None and webhook.status is WebhookStatus.ACTIVE:
        promote(uow, [webhook.id], [after.subject_id])
    return None if before.is_test else _why_to_stop(after, state)


def test_webhook(uow: UnitOfWork, command: TestWebhook) -> UUID:
    """Send something at once, once, whether the webhook is paused or not. The delivery's id.

    Raises:
        UnknownWebhook, InvalidTransition.
    """
    queries.locked_state(uow.db, command.id)
    webhook = queries.webhook(uow.db, command.id)
    hooks.MACHINE.check("test", webhook.status)
    kind, subject_id = command.subject or ("whk", webhook.id)
    id = uow.new_id()
    row = {
        "id": id,
        "version": 1,
        "created_at": uow.now,
        "updated_at": uow.now,
        "webhook_id": webhook.id,
        "event_type": TEST_TYPE,
        "subject_kind": kind,
        "subject_id": subject_id,
        "subject_version": 0,
        "occurred_at": uow.now,
        "status": DeliveryStatus.PENDING,
        "reason": "",
        "attempts": 0,
        "due_at": uow.now,
        "answer": "",
    }
    uow.db.execute(webhook_deliveries.insert(), row)
    uow.emit(WebhookTested(webhook.id, webhook.version, webhook.name, id))
    return id


def retry_delivery(uow: UnitOfWork, command: RetryDelivery) -> UUID:
    """Send a delivery once more, from the first try on, under the same `webhook-id`. Its id.

    Raises:
        UnknownDelivery, InvalidTransition.
    """
    webhook_id = queries.delivery(uow.db, command.id).webhook_id
    queries.locked_state(uow.db, webhook_id)
    webhook = queries.webhook(uow.db, webhook_id)
    hooks.MACHINE.check("retryDelivery", webhook.status)
    before = queries.delivery(uow.db, command.id)
    status = MACHINE.check("retry", before.status)
    after = replace(
        before,
        status=DeliveryStatus.PENDING if before.is_test else status,
        failure=None,
        reason="",
        attempts=0,
        due_at=uow.now,
        first_attempt_at=None,
        settled_at=None,
    )
    _write(uow, after)
    if webhook.status is WebhookStatus.ACTIVE:
        promote(uow, [webhook.id], [after.subject_id])
    uow.emit(WebhookDeliveryRetried(webhook.id, webhook.version, webhook.name, after.id))
    return after.id


def _bounded(outcome: Outcome) -> Outcome:
    return replace(
        outcome,
        reason=storable(outcome.reason[:REASON_LENGTH_MAX]),
        answer=storable(outcome.answer[:ANSWER_LENGTH_MAX]),
    )


def _after(uow: UnitOfWork, before: Delivery, webhook: Webhook, outcome: Outcome) -> Delivery:
    after = replace(
        before,
        failure=outcome.failure,
        reason=outcome.reason,
        response_status=outcome.response_status,
        duration_ms=outcome.duration_ms,
        answer=outcome.answer,
    )
    if outcome.failure is None:
        status = MACHINE.check("succeed", before.status)
        return replace(after, status=status, settled_at=uow.now)
    pause = None
    if not before.is_test:
        chance = int.from_bytes(uow.random_bytes(_CHANCE_BYTES)) / 256**_CHANCE_BYTES
        pause = next_pause(before.attempts, outcome.failure, chance, outcome.retry_after_s)
    if pause is None:
        status = MACHINE.check("fail", before.status)
        return replace(after, status=status, settled_at=uow.now)
    status = MACHINE.check("postpone", before.status)
    if webhook.status is not WebhookStatus.ACTIVE:
        status = MACHINE.check("hold", status)
    return replace(after, status=status, due_at=uow.now + pause)


def _write(uow: UnitOfWork, after: Delivery) -> None:
    rows = webhook_deliveries.c
    written: dict[str, Any] = {
        name: getattr(after, name)
        for name in Delivery.__dataclass_fields__
        if name not in ("id", "version", "updated_at")
    }
    written |= {"updated_at": uow.now, "version": rows.version + 1}
    uow.db.execute(update(webhook_deliveries).where(rows.id == after.id).values(written))


def _note_attempt(uow: UnitOfWork, after: Delivery, outcome: Outcome) -> None:
    row = {
        "id": uow.new_id(),
        "created_at": uow.now,
        "delivery_id": after.id,
        "number": after.attempts,
        "failure": outcome.failure,
        "reason": outcome.reason,
        "response_status": outcome.response_status,
        "duration_ms": outcome.duration_ms,
        "answer": outcome.answer,
    }
    uow.db.execute(webhook_attempts.insert(), row)


def _note_state(uow: UnitOfWork, state: WebhookState, outcome: Outcome) -> None:
    """How the receiver fares. What failed on our side says nothing about it."""
    if outcome.failure in OURS:
        return
    values: dict[str, Any]
    if outcome.failure is None:
        values = {"failures": 0, "failing_since": None, "last_success_at": uow.now}
    else:
        failures = state.failures + 1
        until = uow.now + rest(failures)
        if outcome.retry_after_s is not None:
            until = max(until, uow.now + asked_rest(outcome.retry_after_s))
        values = {
            "failures": failures,
            "failing_since": state.failing_since or uow.now,
            "resting_until": until if until > uow.now else None,
        }
    mine = webhook_states.c.webhook_id == state.webhook_id
    uow.db.execute(update(webhook_states).where(mine).values(values))


def _why_to_stop(after: Delivery, state: WebhookState) -> PauseReason | None:
    if after.status is not DeliveryStatus.FAILED:
        return None
    if after.failure is DeliveryFailure.GONE:
        return PauseReason.GONE
    if after.failure is DeliveryFailure.NO_ACCESS:
        return PauseReason.NO_ACCESS
    if after.failure in OURS:
        return None
    taken, begun = state.last_success_at, after.first_attempt_at
    if taken is None or begun is None or taken < begun:
        return PauseReason.FAILING
    return None
