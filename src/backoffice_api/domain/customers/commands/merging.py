"""Merging a duplicate into the customer that stays, and undoing it (ADR 0039).

A dry run of the merge is its preview. Contexts with one row for each customer, as store credit
and credit limits, move theirs together with the event.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_, select, update

from backoffice_api.domain.customers import queries as on_customers
from backoffice_api.domain.customers.commands import moving
from backoffice_api.domain.customers.commands.consents import retract, take_over
from backoffice_api.domain.customers.commands.customers import save_profile
from backoffice_api.domain.customers.model import (
    ADDRESSES_MAX,
    MACHINE,
    TAGS_MAX,
    TAX_IDS_MAX,
    CustomerStatus,
    Profile,
)
from backoffice_api.domain.customers.model.accounts import CONTACTS_MAX, LOCATIONS_MAX
from backoffice_api.domain.customers.model.merging import MACHINE as MERGES
from backoffice_api.domain.customers.model.merging import (
    UNDO_WINDOW,
    CustomerMerged,
    CustomerMergedAway,
    CustomerMergeUndone,
    CustomerUnmerged,
    DuplicateStatus,
    LaterMerge,
    Merge,
    MergeTooLarge,
    SameCustomer,
    UndoWindowOver,
    filled,
    in_words,
)
from backoffice_api.domain.customers.queries import merging as queries
from backoffice_api.domain.customers.queries.accounts import contacts_of, locations_of
from backoffice_api.domain.customers.queries.numbers import (
    sorted_tax_ids,
    tax_id_index,
    tax_id_indexes,
)
from backoffice_api.domain.customers.tables import customers, tags, tax_ids
from backoffice_api.domain.customers.tables.consents import consents
from backoffice_api.domain.customers.tables.merging import duplicates, merges, moves
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.external_ids import PER_RECORD_MAX, ExternalId, external_ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork

FOLLOW_JOB = "customers.follow_merges"
FORGET_JOB = "customers.forget_moves"


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeCustomers(Command):
    """`id` is the customer that stays, `from_id` the duplicate."""

    scope = Scope.CUSTOMERS_MERGE
    table = customers
    id: UUID
    from_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoMerge(Command):
    scope = Scope.CUSTOMERS_MERGE
    table = merges
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowMerges(Command):
    """Run by the worker every few minutes."""

    scope = Scope.CUSTOMERS_MERGE


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetMoves(Command):
    """Run by the worker every day."""

    scope = Scope.CUSTOMERS_MERGE


def merge_customers(uow: UnitOfWork, command: MergeCustomers) -> UUID:
    """Let a duplicate go on in another customer, which gets all that it has. Id of the merge.

    Values of the one that stays win; what it lacks is filled. What was moved is on record.

    Raises:
        UnknownCustomer, SameCustomer.
        InvalidTransition: one of them is archived or merged already.
        MergeTooLarge: together they would have more of something than fits.
    """
    if command.id == command.from_id:
        raise SameCustomer().at("from_id")
    _lock(uow, command.id, command.from_id)
    into = on_customers.profile(uow.db, command.id)
    duplicate = on_customers.profile(uow.db, command.from_id)
    MACHINE.check("merge", into.status)
    MACHINE.check("merge", duplicate.status)
    _check_sizes(uow, into, duplicate)
    merge = _begin(uow, into, duplicate)
    moving.move_rows(uow, merge)
    moving.move_flagged(uow, merge)
    moving.join_groups(uow, merge)
    _note_lists(uow, merge, into, duplicate)
    left = replace(duplicate, status=CustomerStatus.MERGED, tax_ids=(), external_ids=())
    saved_left = save_profile(uow, duplicate, left)
    grown = _grown(into, duplicate, merge.filled)
    saved = save_profile(uow, into, grown)
    taken = take_over(uow, saved, duplicate.id)
    moving.record(uow, merge.id, consents.name, dict.fromkeys(taken))
    _settle_duplicates(uow, merge)
    moved = queries.moved_by_merges(uow.db, [merge.id]).get(merge.id, ())
    words = in_words({each.table_name: each.count for each in moved})
    event = CustomerMerged(saved.id, saved.version, merge.id, duplicate.id, words)
    uow.emit(event, before=into, after=grown)
    away = CustomerMergedAway(saved_left.id, saved_left.version, merge.id, into.id)
    uow.emit(away, before=duplicate, after=left)
    return merge.id


def undo_merge(uow: UnitOfWork, command: UndoMerge) -> UUID:
    """Make two customers again of what was merged: exactly what was moved goes back. Its id.

    What came to the one that stays since then stays with it; so does what was changed since.

    Raises:
        UnknownCustomerMerge, InvalidTransition.
        UndoWindowOver: it was too long ago.
        LaterMerge: the one that stayed was merged itself.
        InsufficientStoreCredit: of the credit that came over, some was spent.
    """
    before = queries.merge(uow.db, command.id)
    status = MERGES.check("undo", before.status)
    if uow.now > before.undo_until:
        raise UndoWindowOver(before.undo_until)
    _lock(uow, before.into_id, before.from_id)
    into = on_customers.profile(uow.db, before.into_id)
    duplicate = on_customers.profile(uow.db, before.from_id)
    if later := queries.merges_of(uow.db, [into.id]).get(into.id):
        raise LaterMerge(later.id)
    MACHINE.check("update", into.status)
    merge = save(uow, merges, before, replace(before, status=status))
    moved = moving.put_back(uow, merge) + moving.put_back_flagged(uow, merge)
    moving.leave_groups(uow, merge)
    shrunk, whole = _parted(uow, merge, into, duplicate)
    saved = save_profile(uow, into, shrunk)
    saved_whole = save_profile(uow, duplicate, whole)
    retract(uow, saved, [id for id, _ in moving.recorded(uow, merge.id, consents.name)])
    words = in_words({"rows": moved})
    undone = CustomerMergeUndone(saved.id, saved.version, merge.id, duplicate.id, words)
    uow.emit(undone, before=into, after=shrunk)
    own = CustomerUnmerged(saved_whole.id, saved_whole.version, merge.id, into.id)
    uow.emit(own, before=duplicate, after=whole)
    _set_pair(uow, merge, DuplicateStatus.OPEN)
    return merge.id


def follow_merges(uow: UnitOfWork, command: FollowMerges) -> int:
    """Let what has come to duplicates by their ids, after they were merged, follow. How many rows.

    An order that was being placed during the merge is such a thing.
    """
    return moving.move_stragglers(uow)


def forget_moves(uow: UnitOfWork, command: ForgetMoves) -> int:
    """Drop what was kept for undoing merges that nobody can undo any more. Of how many rows.

    That is personal: tags, tax ids, external ids. How many rows went over stays known.
    """
    over = select(merges.c.id).where(merges.c.undo_until < uow.now)
    kept = moves.c.detail.is_not(None), moves.c.merge_id.in_(over)
    return uow.db.execute(update(moves).where(*kept).values(detail=None)).rowcount


def _lock(uow: UnitOfWork, *ids: UUID) -> None:
    """Wait for who is adding something to one of them, and let nobody add more meanwhile."""
    statement = select(customers.c.id).where(customers.c.id.in_(ids))
    uow.db.execute(statement.order_by(customers.c.id).with_for_update()).all()


def _check_sizes(uow: UnitOfWork, into: Profile, duplicate: Profile) -> None:
    def together(query: Any) -> int:
        return len(query(uow.db, into.id)) + len(query(uow.db, duplicate.id))

    for what, count, maximum in (
        ("addresses", together(on_customers.addresses_of), ADDRESSES_MAX),
        ("contacts", together(contacts_of), CONTACTS_MAX),
        ("locations", together(locations_of), LOCATIONS_MAX),
        ("tags", len({*into.tags, *duplicate.tags}), TAGS_MAX),
        ("tax ids", len(into.tax_ids) + len(duplicate.tax_ids), TAX_IDS_MAX),
        ("external ids", len(into.external_ids) + len(duplicate.external_ids), PER_RECORD_MAX),
    ):
        if count > maximum:
            raise MergeTooLarge(what, maximum)


def _begin(uow: UnitOfWork, into: Profile, duplicate: Profile) -> Merge:
    actor = uow.caller.actor
    made = Merge(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        into_id=into.id,
        from_id=duplicate.id,
        status=MERGES.start,
        undo_until=uow.now + UNDO_WINDOW,
        filled=tuple(filled(into, duplicate)),
        actor_kind=actor.kind.value,
        actor_id=actor.id,
    )
    add(uow, merges, [made])
    return made


def _grown(into: Profile, duplicate: Profile, names: Sequence[str]) -> Profile:
    return replace(
        into,
        tags=tuple(sorted({*into.tags, *duplicate.tags})),
        tax_ids=sorted_tax_ids((*into.tax_ids, *duplicate.tax_ids)),
        external_ids=tuple(
            sorted(
                (*into.external_ids, *duplicate.external_ids),
                key=lambda each: (each.system, each.key),
            )
        ),
        **{name: getattr(duplicate, name) for name in names},
    )


def _note_lists(uow: UnitOfWork, merge: Merge, into: Profile, duplicate: Profile) -> None:
    """Note what comes over of the lists whose rows have no ids."""
    fresh = sorted({*duplicate.tags} - {*into.tags})
    noted: tuple[tuple[str, list[dict[str, str]]], ...] = (
        (tags.name, [{"tag": each} for each in fresh]),
        (
            tax_ids.name,
            # By what they are found by: they come back only if they are still there.
            [{"kind": each.kind.value, "value": tax_id_index(each)} for each in duplicate.tax_ids],
        ),
        (
            external_ids.name,
            [{"system": each.system, "key": each.key} for each in duplicate.external_ids],
        ),
    )
    for name, rows in noted:
        moving.record(uow, merge.id, name, {uow.new_id(): row for row in rows})


def _parted(
    uow: UnitOfWork, merge: Merge, into: Profile, duplicate: Profile
) -> tuple[Profile, Profile]:
    """Both customers without the merge: of what came over, what is still there goes back."""

    def noted(name: str) -> list[dict[str, Any]]:
        return [dict(detail) for _, detail in moving.recorded(uow, merge.id, name)]

    moved = {(each["kind"], each["value"]) for each in noted(tax_ids.name)}
    numbers = [
        each
        for each in into.tax_ids
        if any((each.kind.value, index) in moved for index in tax_id_indexes(each))
    ]
    names = [ExternalId(each["system"], each["key"]) for each in noted(external_ids.name)]
    names = [each for each in names if each in into.external_ids]
    added = {each["tag"] for each in noted(tags.name)}
    same: dict[str, Any] = {
        name: None for name in merge.filled if getattr(into, name) == getattr(duplicate, name)
    }
    shrunk = replace(
        into,
        tags=tuple(each for each in into.tags if each not in added),
        tax_ids=tuple(each for each in into.tax_ids if each not in numbers),
        external_ids=tuple(each for each in into.external_ids if each not in names),
        **same,
    )
    status = MACHINE.check("undo_merge", duplicate.status)
    whole = replace(
        duplicate,
        status=status,
        tax_ids=(*duplicate.tax_ids, *numbers),
        external_ids=(*duplicate.external_ids, *names),
    )
    return shrunk, whole


def _settle_duplicates(uow: UnitOfWork, merge: Merge) -> None:
    """The pair was one; other pairs of the one that is gone are looked for anew."""
    _set_pair(uow, merge, DuplicateStatus.MERGED)
    of = duplicates.c
    is_one = or_(of.first_id == merge.from_id, of.second_id == merge.from_id)
    uow.db.execute(delete(duplicates).where(is_one, of.status == DuplicateStatus.OPEN))


def _set_pair(uow: UnitOfWork, merge: Merge, status: DuplicateStatus) -> None:
    of = duplicates.c
    first, second = sorted((merge.into_id, merge.from_id))
    is_pair = of.first_id == first, of.second_id == second
    values = {"status": status, "version": of.version + 1, "updated_at": uow.now}
    uow.db.execute(update(duplicates).where(*is_pair).values(values))
