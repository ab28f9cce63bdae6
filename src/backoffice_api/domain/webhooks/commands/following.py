"""The log is followed: what is to be sent becomes rows, once per webhook and event."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from backoffice_api.domain.kernel import log
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.events import Logged
from backoffice_api.domain.kernel.filters import Operator, Test
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.rows import insert_or_ignore
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_range
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.webhooks import queries
from backoffice_api.domain.webhooks.commands.progress import (
    begin_to_follow,
    locked_progress,
    note_progress,
    promote,
)
from backoffice_api.domain.webhooks.model import deliveries, selecting
from backoffice_api.domain.webhooks.model.deliveries import SETTLED
from backoffice_api.domain.webhooks.model.webhooks import (
    MACHINE,
    REPLAYED_MAX,
    NothingToReplay,
    ReplayUnderWay,
    Webhook,
    WebhookReplayEnded,
    WebhookReplayStarted,
    WebhookStatus,
)
from backoffice_api.domain.webhooks.tables import webhook_deliveries, webhook_states, webhooks

EVENTS_MAX = 200
REPLAY_JOB = "webhooks.replay"
_SEQUENCE_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True)
class FollowLog(Command):
    """Run by the dispatcher as soon as there is news."""

    scope = Scope.WEBHOOKS_WRITE


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayWebhook(Command):
    """`until` None: up to where the log was followed."""

    scope = Scope.WEBHOOKS_WRITE
    table = webhooks
    id: UUID
    after: int
    until: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayPart(Command):
    """Run by the worker until the replay has ended."""

    scope = Scope.WEBHOOKS_WRITE
    webhook_id: UUID


def follow_log(uow: UnitOfWork, command: FollowLog) -> bool:
    """Note what is to be sent because of the next events. Whether there may be more.

    Seven statements at most, however many webhooks and events there are.
    """
    known = locked_progress(uow)
    if known is None:
        return False
    hooks = queries.active_webhooks(uow.db)
    # Asked first: what is committed between the two questions is seen the next time.
    head = queries.head(uow.db)
    if head <= known:
        return False
    read = _events(uow, hooks, known, head) if hooks else []
    _note(uow, [(hook, each) for each in read for hook in hooks if _is_told(hook, each)])
    more = len(read) == EVENTS_MAX
    note_progress(uow, read[-1].sequence if more else head)
    return more


def replay_webhook(uow: UnitOfWork, command: ReplayWebhook) -> UUID:
    """Tell somebody again of what happened after an event, by its number. The id.

    What was delivered is delivered once more under the same `webhook-id`. 10,000 at most.

    Raises:
        UnknownWebhook, InvalidTransition, OutOfRange, NothingToReplay, ReplayUnderWay.
    """
    faults = Faults()
    for name, value in (("after", command.after), ("until", command.until)):
        check_range(value, faults, name, minimum=0, maximum=_SEQUENCE_MAX)
    faults.check()
    progress = begin_to_follow(uow)
    state = queries.locked_state(uow.db, command.id)
    webhook = queries.webhook(uow.db, command.id)
    MACHINE.check("replay", webhook.status)
    if state.replay_until is not None:
        raise ReplayUnderWay
    until = progress if command.until is None else min(command.until, progress)
    if command.after >= until:
        raise NothingToReplay(until).at("after")
    start_replay(uow, webhook, command.after, until)
    return webhook.id


def start_replay(uow: UnitOfWork, webhook: Webhook, after: int, until: int) -> None:
    """Have a stretch of the log told of once more. The state of the webhook must be locked."""
    _note_replay(uow, webhook.id, replay_after=after, replay_until=until, replay_made=0)
    uow.emit(WebhookReplayStarted(webhook.id, webhook.version, webhook.name, after, until))
    uow.enqueue(Job(REPLAY_JOB, {"webhook_id": str(webhook.id)}))


def replay_part(uow: UnitOfWork, command: ReplayPart) -> int:
    """Note what is to be sent again of the next events of a replay. How many those are.

    A webhook that was stopped goes on when it is resumed.
    """
    state = queries.locked_state(uow.db, command.webhook_id)
    webhook = queries.webhook(uow.db, command.webhook_id)
    if state.replay_after is None or state.replay_until is None:
        return 0
    if webhook.status is not WebhookStatus.ACTIVE:
        return 0
    read = _events(uow, [webhook], state.replay_after, state.replay_until)
    wanted = [each for each in read if webhook.selection.wants(each)]
    room = REPLAYED_MAX - state.replay_made
    cut = len(wanted) > room
    wanted = wanted[:room]
    _reopen(uow, webhook, wanted)
    _note(uow, [(webhook, each) for each in wanted])
    made = state.replay_made + len(wanted)
    if len(read) == EVENTS_MAX and made < REPLAYED_MAX:
        _note_replay(uow, webhook.id, replay_after=read[-1].sequence, replay_made=made)
        uow.enqueue(Job(REPLAY_JOB, {"webhook_id": str(webhook.id)}))
        return len(wanted)
    reached = state.replay_until
    if cut:
        reached = wanted[-1].sequence
    elif len(read) == EVENTS_MAX:
        reached = read[-1].sequence
    _note_replay(uow, webhook.id, replay_after=None, replay_until=None, replay_made=made)
    promote(uow, [webhook.id])
    uow.emit(WebhookReplayEnded(webhook.id, webhook.version, webhook.name, made, reached))
    return len(wanted)


def _note_replay(uow: UnitOfWork, webhook_id: UUID, **values: int | None) -> None:
    mine = webhook_states.c.webhook_id == webhook_id
    uow.db.execute(update(webhook_states).where(mine).values(values))


def _events(uow: UnitOfWork, hooks: Sequence[Webhook], after: int, until: int) -> Sequence[Logged]:
    """The next events of the types that any of these is told of, `EVENTS_MAX` at most."""
    patterns = {each for hook in hooks for each in hook.event_types}
    types = selecting.types_named(patterns, selecting.known_event_types())
    wanted = None if types is None else Test("type", Operator.IN, types)
    rows = log.feed(uow.db, after, EVENTS_MAX, wanted).rows
    return [each for each in rows if each.sequence <= until]


def _is_told(webhook: Webhook, event: Logged) -> bool:
    return event.sequence > webhook.from_sequence and webhook.selection.wants(event)


def _note(uow: UnitOfWork, told: Sequence[tuple[Webhook, Logged]]) -> None:
    """Queue one delivery for each, behind those of its subject; what is there already stays."""
    if not told:
        return
    hook_ids = sorted({hook.id for hook, _ in told})
    states = webhook_states.c
    locked = select(states.webhook_id).where(states.webhook_id.in_(hook_ids))
    uow.db.execute(locked.order_by(states.webhook_id).with_for_update())
    insert_or_ignore(uow.db, webhook_deliveries, *(_row(uow, *each) for each in told))
    promote(uow, hook_ids, {event.subject_id for _, event in told})


def _reopen(uow: UnitOfWork, webhook: Webhook, told: Sequence[Logged]) -> None:
    """Have those sent once more that were settled; what still waits is sent anyway."""
    rows = webhook_deliveries.c
    reopened = {
        "status": deliveries.MACHINE.start,
        "attempts": 0,
        "failure": None,
        "reason": "",
        "due_at": uow.now,
        "first_attempt_at": None,
        "settled_at": None,
        "updated_at": uow.now,
        "version": rows.version + 1,
    }
    uow.db.execute(
        update(webhook_deliveries)
        .where(
            rows.webhook_id == webhook.id,
            rows.sequence.in_([each.sequence for each in told]),
            rows.status.in_(SETTLED),
        )
        .values(reopened)
    )


def _row(uow: UnitOfWork, webhook: Webhook, event: Logged) -> dict[str, Any]:
    return {
        "id": uow.new_id(),
        "version": 1,
        "created_at": uow.now,
        "updated_at": uow.now,
        "webhook_id": webhook.id,
        "event_id": event.id,
        "sequence": event.sequence,
        "event_type": event.type,
        "subject_kind": event.subject_kind,
        "subject_id": event.subject_id,
        "subject_version": event.subject_version,
        "occurred_at": event.occurred_at,
        "status": deliveries.MACHINE.start,
        "reason": "",
        "attempts": 0,
        "due_at": uow.now,
        "answer": "",
    }
