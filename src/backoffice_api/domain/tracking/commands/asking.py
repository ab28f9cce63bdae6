"""What sources told: in messages of theirs, and when they were asked."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import update

from backoffice_api.domain.kernel import inbox
from backoffice_api.domain.kernel.inbox import InboxStatus
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.tracking.commands.recording import RecordTracking, record_tracking
from backoffice_api.domain.tracking.model.trackings import EventDraft
from backoffice_api.domain.tracking.tables import tracking_polls

HANDLE_JOB = "tracking.handle_message"
POLL_JOB = "tracking.poll"
POLLED_EVERY = timedelta(hours=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeMessage(Command):
    """`events` None: the message makes no sense."""

    scope = Scope.TRACKING_WRITE
    inbox_id: UUID
    events: tuple[EventDraft, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeAnswer(Command):
    """What a source told of trackings that it was asked about."""

    scope = Scope.TRACKING_WRITE
    tracking_ids: tuple[UUID, ...]
    events: tuple[EventDraft, ...]


def take_message(uow: UnitOfWork, command: TakeMessage) -> int:
    """Record what a message tells, and note that it was handled. How many events it had."""
    if command.events is None:
        inbox.end(uow, command.inbox_id, InboxStatus.UNKNOWN)
        return 0
    record_tracking(uow, RecordTracking(events=command.events))
    inbox.end(uow, command.inbox_id, InboxStatus.HANDLED)
    return len(command.events)


def take_answer(uow: UnitOfWork, command: TakeAnswer) -> int:
    """Record what a source told, and have it asked again later. How many events there were."""
    record_tracking(uow, RecordTracking(events=command.events))
    mine = tracking_polls.c.tracking_id.in_(command.tracking_ids)
    uow.db.execute(update(tracking_polls).where(mine).values(poll_at=uow.now + POLLED_EVERY))
    return len(command.events)
