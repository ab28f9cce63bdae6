"""What is done with saved views: saved, changed, shared, removed, and told when they grow."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update

from backoffice_api.domain.identity.model.staff import StaffStatus
from backoffice_api.domain.identity.queries import staff as identity
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_range, check_size, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.views import queries
from backoffice_api.domain.views.model.comments import UnknownColleague
from backoffice_api.domain.views.model.views import (
    ALERT_MAX,
    OWN_VIEWS_MAX,
    POSITION_MAX,
    READERS_MAX,
    NobodysView,
    NotYourView,
    ReadersWithoutSharing,
    SavedView,
    SavedViewAlerted,
    SavedViewCreated,
    SavedViewRemoved,
    SavedViewShared,
    SavedViewUpdated,
    Sharing,
    TooManyViews,
    Viewer,
)
from backoffice_api.domain.views.ports import Lists
from backoffice_api.domain.views.tables import saved_view_readers, saved_views


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateSavedView(Command):
    scope = Scope.VIEWS_WRITE
    name: str
    target: str
    filter: Mapping[str, Any] | None = None
    search: str | None = None
    sort: Mapping[str, Any] | None = None
    position: int = 0
    alert_above: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateSavedView(Command):
    scope = Scope.VIEWS_WRITE
    table = saved_views
    id: UUID
    name: str | Keep = KEEP
    filter: Mapping[str, Any] | Keep | None = KEEP
    search: str | Keep | None = KEEP
    sort: Mapping[str, Any] | Keep | None = KEEP
    position: int | Keep = KEEP
    alert_above: int | Keep | None = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareSavedView(Command):
    scope = Scope.VIEWS_WRITE
    table = saved_views
    id: UUID
    sharing: Sharing
    staff_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveSavedView(Command):
    scope = Scope.VIEWS_WRITE
    table = saved_views
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAlerts(Command):
    """Ids of watched views: of those that are above their threshold, and of those that are not."""

    scope = Scope.VIEWS_WRITE
    above: tuple[UUID, ...]
    below: tuple[UUID, ...]


def viewer_of(uow: UnitOfWork) -> Viewer:
    """Who asks."""
    return Viewer(uow.caller.actor.kind, uow.caller.actor.id)


def creating(lists: Lists) -> Callable[[UnitOfWork, CreateSavedView], UUID]:
    """What saves views of these lists."""

    def create_saved_view(uow: UnitOfWork, command: CreateSavedView) -> UUID:
        """Save a filter of a list under a name, for oneself. Its id.

        Raises:
            UnknownList, UnfitFilter, InvalidText, OutOfRange.
            NotAllowed: the caller may not see the list, or not ask it this.
            NobodysView, TooManyViews.
        """
        owner = viewer_of(uow)
        if owner.id is None:
            raise NobodysView
        made = SavedView(
            id=uow.new_id(),
            version=1,
            created_at=uow.now,
            updated_at=uow.now,
            owner_kind=owner.kind,
            owner_id=owner.id,
            name=command.name,
            target=command.target,
            filter=command.filter,
            search=command.search,
            sort=command.sort,
            position=command.position,
            sharing=Sharing.PRIVATE,
            alert_above=command.alert_above,
            alerted_at=None,
        )
        _check(made)
        _check_query(uow, lists, made)
        if queries.views_kept(uow.db, owner, made.target) >= OWN_VIEWS_MAX:
            raise TooManyViews(OWN_VIEWS_MAX)
        add(uow, saved_views, [made])
        uow.emit(SavedViewCreated(made.id, made.version, made.name, made.target), after=made)
        return made.id

    return create_saved_view


def updating(lists: Lists) -> Callable[[UnitOfWork, UpdateSavedView], UUID]:
    """What changes views of these lists."""

    def update_saved_view(uow: UnitOfWork, command: UpdateSavedView) -> UUID:
        """Change what is given of a view of one's own; what is absent stays. Its id.

        Raises:
            UnknownSavedView, NotYourView, UnfitFilter, InvalidText, OutOfRange.
            NotAllowed: the caller may not see the list, or not ask it this.
        """
        before = _own(uow, command.id)
        after = replace(
            before,
            name=patched(command.name, before.name),
            filter=patched(command.filter, before.filter),
            search=patched(command.search, before.search),
            sort=patched(command.sort, before.sort),
            position=patched(command.position, before.position),
            alert_above=patched(command.alert_above, before.alert_above),
        )
        _check(after)
        if after.query != before.query:
            _check_query(uow, lists, after)
        if after.query != before.query or after.alert_above != before.alert_above:
            after = replace(after, alerted_at=None)  # it is looked at anew
        after = save(uow, saved_views, before, after)
        event = SavedViewUpdated(after.id, after.version, after.name)
        uow.emit(event, before=before, after=after)
        return after.id

    return update_saved_view


def share_saved_view(uow: UnitOfWork, command: ShareSavedView) -> UUID:
    """Let others see a view of one's own, or no longer. Its id.

    Raises:
        UnknownSavedView, NotYourView, ReadersWithoutSharing, TooMany.
        UnknownColleague: one of the members of staff is not there any more.
    """
    before = _own(uow, command.id)
    faults = Faults()
    check_size(command.staff_ids, faults, "staff_ids", maximum=READERS_MAX)
    if (command.sharing is Sharing.STAFF) != bool(command.staff_ids):
        faults.add(ReadersWithoutSharing().at("staff_ids"))
    check_colleagues(uow, faults, command.staff_ids, "staff_ids")
    faults.check()
    after = save(uow, saved_views, before, replace(before, sharing=command.sharing))
    uow.db.execute(delete(saved_view_readers).where(saved_view_readers.c.view_id == after.id))
    staff_ids = tuple(dict.fromkeys(command.staff_ids))
    if staff_ids:
        rows = [{"view_id": after.id, "staff_id": each} for each in staff_ids]
        uow.db.execute(saved_view_readers.insert(), rows)
    event = SavedViewShared(after.id, after.version, after.name, after.sharing, staff_ids)
    uow.emit(event, before=before, after=after)
    return after.id


def remove_saved_view(uow: UnitOfWork, command: RemoveSavedView) -> UUID:
    """Forget a view of one's own. The id that it had.

    Who may change accounts may remove a view that is shared with everybody.

    Raises:
        UnknownSavedView, NotYourView.
    """
    before = queries.visible_view(uow.db, viewer_of(uow), command.id)
    shared = before.sharing is Sharing.EVERYBODY
    if not (shared and uow.caller.may(Scope.ACCESS_WRITE)):
        before = _own(uow, command.id)
    uow.db.execute(delete(saved_view_readers).where(saved_view_readers.c.view_id == before.id))
    uow.db.execute(delete(saved_views).where(saved_views.c.id == before.id))
    uow.emit(SavedViewRemoved(before.id, before.version + 1, before.name), before=before)
    return before.id


def note_alerts(uow: UnitOfWork, command: NoteAlerts) -> None:
    """Tell of views that have grown above their threshold since they were looked at last.

    The views are not changed by it: it is nobody's doing.
    """
    found = queries.views_by_ids(uow.db, {*command.above, *command.below})
    grown = [found[id] for id in command.above if id in found and found[id].alerted_at is None]
    shrunk = [id for id in command.below if id in found and found[id].alerted_at is not None]
    for ids, value in (([each.id for each in grown], uow.now), (shrunk, None)):
        if ids:
            table = saved_views
            uow.db.execute(update(table).where(table.c.id.in_(ids)).values(alerted_at=value))
    for each in grown:
        if each.alert_above is not None:
            event = SavedViewAlerted(
                each.id, each.version, each.name, each.target, each.alert_above
            )
            uow.emit(event)


def check_colleagues(
    uow: UnitOfWork, faults: Faults, staff_ids: tuple[UUID, ...], name: str
) -> None:
    """Note each of these ids that is of nobody who works here."""
    found = identity.staff_by_ids(uow.db, set(staff_ids)) if staff_ids else {}
    for position, id in enumerate(staff_ids):
        if id not in found or found[id].status is not StaffStatus.ACTIVE:
            faults.add(UnknownColleague(id).at(name, position))


def _own(uow: UnitOfWork, id: UUID) -> SavedView:
    viewer = viewer_of(uow)
    found = queries.visible_view(uow.db, viewer, id)
    if Viewer(found.owner_kind, found.owner_id) != viewer:
        raise NotYourView
    return found


def _check(view: SavedView) -> None:
    faults = Faults()
    check_text(view.name, faults, "name")
    check_range(view.position, faults, "position", minimum=0, maximum=POSITION_MAX)
    check_range(view.alert_above, faults, "alert_above", minimum=0, maximum=ALERT_MAX)
    faults.check()


def _check_query(uow: UnitOfWork, lists: Lists, view: SavedView) -> None:
    for scope in sorted(lists.prepare(view.query).scopes):
        uow.require(scope)
