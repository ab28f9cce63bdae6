"""Who looks after parcels that need it, and finding those of which nobody was told."""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from backoffice_api.domain.identity.model.staff import UnknownStaff
from backoffice_api.domain.identity.queries import staff as identity
from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import TEXT_LENGTH_MAX
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.tracking import queries
from backoffice_api.domain.tracking.commands.standing import open_exceptions
from backoffice_api.domain.tracking.model.exceptions import (
    MACHINE,
    SILENT_DAYS,
    TrackingExceptionAcknowledged,
    TrackingExceptionKind,
    TrackingExceptionResolved,
)
from backoffice_api.domain.tracking.tables import tracking_exceptions

WATCH_JOB = "tracking.watch"
WATCHED_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeTrackingException(Command):
    """`owner_id` None: whoever says so, if that is a person."""

    scope = Scope.TRACKING_WRITE
    table = tracking_exceptions
    id: UUID
    owner_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveTrackingException(Command):
    scope = Scope.TRACKING_WRITE
    table = tracking_exceptions
    id: UUID
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchTrackings(Command):
    """Run by the worker. `silent_days`: after how many days without news somebody should ask."""

    scope = Scope.TRACKING_WRITE
    silent_days: int = SILENT_DAYS


def acknowledge_exception(uow: UnitOfWork, command: AcknowledgeTrackingException) -> UUID:
    """Say who looks after an exception. Its id.

    Raises:
        UnknownTrackingException, InvalidTransition, UnknownStaff.
    """
    before = queries.exception(uow.db, command.id)
    owner_id = command.owner_id or uow.caller.staff_id
    if command.owner_id and not identity.staff_by_ids(uow.db, [command.owner_id]):
        raise UnknownStaff(command.owner_id).at("owner_id")
    after = replace(before, status=MACHINE.check("acknowledge", before.status), owner_id=owner_id)
    after = save(uow, tracking_exceptions, before, after)
    event = TrackingExceptionAcknowledged(after.id, after.version)
    uow.emit(event, before=before, after=after)
    return after.id


def resolve_exception(uow: UnitOfWork, command: ResolveTrackingException) -> UUID:
    """Say that an exception is done with. Its id.

    Raises:
        UnknownTrackingException, InvalidTransition, InvalidText.
    """
    faults = Faults()
    check_text(command.note, faults, "note", minimum=0, maximum=TEXT_LENGTH_MAX)
    faults.check()
    before = queries.exception(uow.db, command.id)
    status = MACHINE.check("resolve", before.status)
    after = replace(before, status=status, note=command.note, resolved_at=uow.now)
    after = save(uow, tracking_exceptions, before, after)
    uow.emit(TrackingExceptionResolved(after.id, after.version), before=before, after=after)
    return after.id


def watch_trackings(uow: UnitOfWork, command: WatchTrackings) -> int:
    """Find parcels that have not arrived in time, and those that nothing is heard of.

    How many there were. If there may be more, another job goes on.
    """
    late = queries.overdue(uow.db, uow.now, WATCHED_AT_ONCE)
    heard_before = uow.now - timedelta(days=command.silent_days)
    silent = queries.silent(uow.db, heard_before, WATCHED_AT_ONCE)
    open_exceptions(
        uow,
        [
            *((each, TrackingExceptionKind.OVERDUE) for each in late),
            *((each, TrackingExceptionKind.SILENT) for each in silent),
        ],
    )
    if WATCHED_AT_ONCE in (len(late), len(silent)):
        uow.enqueue(Job(WATCH_JOB, {"silent_days": command.silent_days}))
    return len(late) + len(silent)
