"""Webhooks are paused, by people or since they fail, and resumed where they stopped."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import update

from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.webhooks import queries
from backoffice_api.domain.webhooks.commands.following import start_replay
from backoffice_api.domain.webhooks.commands.progress import begin_to_follow, promote
from backoffice_api.domain.webhooks.model.deliveries import DeliveryStatus
from backoffice_api.domain.webhooks.model.webhooks import (
    MACHINE,
    PauseReason,
    Webhook,
    WebhookDisabled,
    WebhookPaused,
    WebhookResumed,
    WebhookStatus,
)
from backoffice_api.domain.webhooks.tables import webhook_deliveries, webhook_states, webhooks


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseWebhook(Command):
    scope = Scope.WEBHOOKS_WRITE
    table = webhooks
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class StopWebhook(Command):
    """Of our own accord. A webhook that is stopped already stays as it is."""

    scope = Scope.WEBHOOKS_WRITE
    table = webhooks
    id: UUID
    reason: PauseReason


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeWebhook(Command):
    """`catch_up`: tell it of what happened meanwhile."""

    scope = Scope.WEBHOOKS_WRITE
    table = webhooks
    id: UUID
    catch_up: bool = True


def pause_webhook(uow: UnitOfWork, command: PauseWebhook) -> UUID:
    """Tell somebody of nothing until further notice. The id.

    Raises:
        UnknownWebhook, InvalidTransition.
    """
    progress = begin_to_follow(uow)
    queries.locked_state(uow.db, command.id)
    before = queries.webhook(uow.db, command.id)
    MACHINE.check("pause", before.status)
    return _stop(uow, before, PauseReason.BY_HAND, progress)


def stop_webhook(uow: UnitOfWork, command: StopWebhook) -> UUID:
    """Pause a webhook that fails, or disable one that is gone. The id.

    Raises:
        UnknownWebhook.
    """
    progress = begin_to_follow(uow)
    queries.locked_state(uow.db, command.id)
    before = queries.webhook(uow.db, command.id)
    if before.status is not WebhookStatus.ACTIVE:
        return before.id
    return _stop(uow, before, command.reason, progress)


def resume_webhook(uow: UnitOfWork, command: ResumeWebhook) -> UUID:
    """Tell somebody of what happens again, and of what waits for it at once. The id.

    Raises:
        UnknownWebhook, InvalidTransition.
    """
    progress = begin_to_follow(uow)
    state = queries.locked_state(uow.db, command.id)
    before = queries.webhook(uow.db, command.id)
    status = MACHINE.check("resume", before.status)
    stopped = before.paused_sequence
    after = replace(before, status=status, pause_reason=None, paused_sequence=None)
    after = save(uow, webhooks, before, after)
    uow.emit(WebhookResumed(after.id, after.version, after.name), before=before, after=after)
    fresh = {"failures": 0, "failing_since": None, "resting_until": None}
    mine = webhook_states.c.webhook_id == after.id
    uow.db.execute(update(webhook_states).where(mine).values(fresh))
    rows = webhook_deliveries.c
    waits = (rows.webhook_id == after.id, rows.status == DeliveryStatus.WAITING)
    uow.db.execute(update(webhook_deliveries).where(*waits).values(due_at=uow.now))
    promote(uow, [after.id])
    if command.catch_up and stopped is not None:
        # A replay that was under way goes on, and goes on to here.
        begin = stopped if state.replay_after is None else min(state.replay_after, stopped)
        if begin < progress:
            start_replay(uow, after, begin, progress)
    elif state.replay_after is not None and state.replay_until is not None:
        start_replay(uow, after, state.replay_after, state.replay_until)
    return after.id


def _stop(uow: UnitOfWork, before: Webhook, reason: PauseReason, progress: int) -> UUID:
    gone = reason is PauseReason.GONE
    status = MACHINE.check("disable" if gone else "pause", before.status)
    after = replace(before, status=status, pause_reason=reason, paused_sequence=progress)
    after = save(uow, webhooks, before, after)
    # What is pending waits, so that nobody looks through it in vain; tests go on.
    rows = webhook_deliveries.c
    uow.db.execute(
        update(webhook_deliveries)
        .where(
            rows.webhook_id == after.id,
            rows.status == DeliveryStatus.PENDING,
            rows.sequence.is_not(None),
        )
        .values(status=DeliveryStatus.WAITING)
    )
    if gone:
        uow.emit(WebhookDisabled(after.id, after.version, after.name), before=before, after=after)
    else:
        event = WebhookPaused(after.id, after.version, after.name, reason)
        uow.emit(event, before=before, after=after)
    return after.id
