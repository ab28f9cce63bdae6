"""What can be done with reasons: made, changed, moved, archived, and made as a whole tree.

Whoever changes the tree locks all of it, in one order: it is small, and seldom changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import TooMany
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.returns.model.reasons import (
    ReasonStatus,
    ReturnReason,
    RootCause,
    UnknownReturnReason,
)
from backoffice_api.domain.returns.model.taxonomy import (
    PRESETS,
    REASONS_MAX,
    ReasonAboveArchived,
    ReasonHasOthersBelow,
    ReasonsMade,
    ReturnReasonArchived,
    ReturnReasonCreated,
    ReturnReasonRestored,
    ReturnReasonTaken,
    ReturnReasonUpdated,
    check_place,
    check_reason,
    height_of,
)
from backoffice_api.domain.returns.tables import return_reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateReason(Command):
    """`parent_id` None: on top. `root_cause` None: that of the reason above."""

    scope = Scope.RETURNS_WRITE
    code: str
    name: str
    parent_id: UUID | None = None
    root_cause: RootCause | None = None
    needs_photo: bool = False
    position: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateReason(Command):
    scope = Scope.RETURNS_WRITE
    table = return_reasons
    id: UUID
    name: str | Keep = KEEP
    parent_id: UUID | Keep | None = KEEP
    root_cause: RootCause | Keep = KEEP
    needs_photo: bool | Keep = KEEP
    position: int | Keep = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveReason(Command):
    scope = Scope.RETURNS_WRITE
    table = return_reasons
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreReason(Command):
    scope = Scope.RETURNS_WRITE
    table = return_reasons
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetReasons(Command):
    """Make the reasons that are ready to use, as far as their codes are free."""

    scope = Scope.RETURNS_WRITE


def create_reason(uow: UnitOfWork, command: CreateReason) -> UUID:
    """Make a reason that can be given. Its id.

    Raises:
        InvalidText, OutOfRange, TooMany, ReturnReasonTaken.
        UnknownReturnReason, ReasonAboveArchived, ReasonsTooDeep: it cannot lie there.
    """
    present = _locked_tree(uow)
    parent = _above(present, command.parent_id)
    cause = command.root_cause or (parent.root_cause if parent else RootCause.OTHER)
    made = ReturnReason(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        code=command.code.strip(),
        name=command.name.strip(),
        parent_id=command.parent_id,
        root_cause=cause,
        needs_photo=command.needs_photo,
        position=command.position,
        status=ReasonStatus.ACTIVE,
    )
    check_reason(made)
    if len(present) >= REASONS_MAX:
        raise TooMany(REASONS_MAX)
    if any(each.code == made.code for each in present.values()):
        raise ReturnReasonTaken(made.code).at("code")
    check_place(_parents(present), made.id, made.parent_id, 1)
    add(uow, return_reasons, [made])
    uow.emit(ReturnReasonCreated(made.id, made.version, made.code), after=made)
    return made.id


def update_reason(uow: UnitOfWork, command: UpdateReason) -> UUID:
    """Change what is given of a reason, or let it lie elsewhere. Its id.

    Raises:
        UnknownReturnReason, InvalidText, OutOfRange.
        ReasonInItself, ReasonAboveArchived, ReasonsTooDeep: it cannot lie there.
    """
    present = _locked_tree(uow)
    before = _of(present, command.id)
    after = replace(
        before,
        name=patched(command.name, before.name).strip(),
        parent_id=patched(command.parent_id, before.parent_id),
        root_cause=patched(command.root_cause, before.root_cause),
        needs_photo=patched(command.needs_photo, before.needs_photo),
        position=patched(command.position, before.position),
    )
    check_reason(after)
    if after.parent_id != before.parent_id:
        _above(present, after.parent_id)
        parents = _parents(present)
        check_place(parents, after.id, after.parent_id, height_of(parents, after.id))
    after = save(uow, return_reasons, before, after)
    uow.emit(ReturnReasonUpdated(after.id, after.version, after.code), before=before, after=after)
    return after.id


def archive_reason(uow: UnitOfWork, command: ArchiveReason) -> UUID:
    """Let a reason not be given any more; it stays on what it was given for. Its id.

    Raises:
        UnknownReturnReason: there is none, or it is archived already.
        ReasonHasOthersBelow.
    """
    present = _locked_tree(uow)
    before = _of(present, command.id)
    if before.status is ReasonStatus.ARCHIVED:
        raise UnknownReturnReason(before.code).at("id")
    if any(
        each.parent_id == before.id and each.status is ReasonStatus.ACTIVE
        for each in present.values()
    ):
        raise ReasonHasOthersBelow().at("id")
    after = save(uow, return_reasons, before, replace(before, status=ReasonStatus.ARCHIVED))
    uow.emit(ReturnReasonArchived(after.id, after.version, after.code), before=before, after=after)
    return after.id


def restore_reason(uow: UnitOfWork, command: RestoreReason) -> UUID:
    """Let an archived reason be given again; one that is not archived stays. Its id.

    Raises:
        UnknownReturnReason, ReasonAboveArchived.
    """
    present = _locked_tree(uow)
    before = _of(present, command.id)
    if before.status is ReasonStatus.ACTIVE:
        return before.id
    _above(present, before.parent_id)
    after = save(uow, return_reasons, before, replace(before, status=ReasonStatus.ACTIVE))
    uow.emit(ReturnReasonRestored(after.id, after.version, after.code), before=before, after=after)
    return after.id


def preset_reasons(uow: UnitOfWork, _: PresetReasons) -> ReasonsMade:
    """Make the reasons that are ready to use and whose codes are free. Ids of those made.

    Raises:
        TooMany: there would be more reasons than there may be.
    """
    present = _locked_tree(uow)
    ids = {each.code: each.id for each in present.values()}
    wanted = [each for each in PRESETS if each.code not in ids]
    if len(present) + len(wanted) > REASONS_MAX:
        raise TooMany(REASONS_MAX)
    made: list[ReturnReason] = []
    for position, each in enumerate(wanted):
        ids[each.code] = uow.new_id()
        reason = ReturnReason(
            id=ids[each.code],
            version=1,
            created_at=uow.now,
            updated_at=uow.now,
            code=each.code,
            name=each.name,
            parent_id=ids[each.parent] if each.parent else None,
            root_cause=each.root_cause,
            needs_photo=each.needs_photo,
            position=len(present) + position,
            status=ReasonStatus.ACTIVE,
        )
        made.append(reason)
    add(uow, return_reasons, made)
    for reason in made:
        uow.emit(ReturnReasonCreated(reason.id, reason.version, reason.code), after=reason)
    return ReasonsMade(tuple(each.id for each in made))


def _locked_tree(uow: UnitOfWork) -> Mapping[UUID, ReturnReason]:
    """All reasons, which nobody changes until the transaction ends."""
    statement = select_as(ReturnReason, return_reasons).order_by(return_reasons.c.id)
    return {each.id: each for each in fetch(uow.db, ReturnReason, statement.with_for_update())}


def _parents(present: Mapping[UUID, ReturnReason]) -> dict[UUID, UUID | None]:
    return {each.id: each.parent_id for each in present.values()}


def _of(present: Mapping[UUID, ReturnReason], id: UUID) -> ReturnReason:
    """Raises: UnknownReturnReason."""
    if found := present.get(id):
        return found
    raise UnknownReturnReason(id.hex).at("id")


def _above(present: Mapping[UUID, ReturnReason], id: UUID | None) -> ReturnReason | None:
    """The reason under which another one may lie. Raises: UnknownReturnReason, ...Archived."""
    if id is None:
        return None
    if (found := present.get(id)) is None:
        raise UnknownReturnReason(id.hex).at("parent_id")
    if found.status is ReasonStatus.ARCHIVED:
        raise ReasonAboveArchived().at("parent_id")
    return found
