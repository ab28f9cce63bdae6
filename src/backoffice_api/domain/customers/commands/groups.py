"""What can be done with groups of customers: made, changed, filled, archived."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import delete, select

from backoffice_api.domain.customers import queries as on_customers
from backoffice_api.domain.customers.model import UnknownCustomer
from backoffice_api.domain.customers.model.groups import (
    GROUPS_PER_CUSTOMER_MAX,
    MACHINE,
    MEMBERS_AT_ONCE_MAX,
    CustomerGroupArchived,
    CustomerGroupCodeTaken,
    CustomerGroupCreated,
    CustomerGroupMembersChanged,
    CustomerGroupRestored,
    CustomerGroupUpdated,
    Group,
    TooManyGroups,
    check_group,
)
from backoffice_api.domain.customers.queries import accounts as queries
from backoffice_api.domain.customers.tables.accounts import group_members, groups
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.rows import among, insert_or_ignore
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_size
from backoffice_api.domain.kernel.uow import Command, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateCustomerGroup(Command):
    scope = Scope.CUSTOMERS_WRITE
    code: str
    name: str
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateCustomerGroup(Command):
    scope = Scope.CUSTOMERS_WRITE
    table = groups
    id: UUID
    code: str | Keep = KEEP
    name: str | Keep = KEEP
    description: str | Keep | None = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCustomerGroupMembers(Command):
    """Who is in already is not added again, who is not in is not removed: both are fine."""

    scope = Scope.CUSTOMERS_WRITE
    table = groups
    id: UUID
    added_ids: tuple[UUID, ...] = ()
    removed_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveCustomerGroup(Command):
    scope = Scope.CUSTOMERS_WRITE
    table = groups
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreCustomerGroup(Command):
    scope = Scope.CUSTOMERS_WRITE
    table = groups
    id: UUID


def create_customer_group(uow: UnitOfWork, command: CreateCustomerGroup) -> UUID:
    """Make a group without members. Its id.

    Raises:
        CustomerGroupCodeTaken, InvalidText.
    """
    made = Group(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        code=command.code,
        name=command.name,
        description=command.description,
        status=MACHINE.start,
    )
    _check(uow, made)
    add(uow, groups, [made])
    uow.emit(CustomerGroupCreated(made.id, made.version), after=made)
    return made.id


def update_customer_group(uow: UnitOfWork, command: UpdateCustomerGroup) -> UUID:
    """Change what is given of a group; what is absent stays. Its id.

    Raises:
        UnknownCustomerGroup, InvalidTransition, CustomerGroupCodeTaken, InvalidText.
    """
    before = queries.group(uow.db, command.id)
    MACHINE.check("update", before.status)
    after = replace(
        before,
        code=patched(command.code, before.code),
        name=patched(command.name, before.name),
        description=patched(command.description, before.description),
    )
    _check(uow, after)
    if after != before:
        saved = save(uow, groups, before, after)
        uow.emit(CustomerGroupUpdated(saved.id, saved.version), before=before, after=saved)
    return before.id


def change_customer_group_members(uow: UnitOfWork, command: ChangeCustomerGroupMembers) -> UUID:
    """Put customers into a group and take others out. Its id. Few statements for any number.

    Raises:
        UnknownCustomerGroup, UnknownCustomer, InvalidTransition.
        TooManyGroups: one of them is in as many groups as it can be.
        TooMany: more than can be changed at once.
    """
    before = queries.group(uow.db, command.id)
    MACHINE.check("change_members", before.status)
    faults = Faults()
    check_size(command.added_ids, faults, "added_ids", maximum=MEMBERS_AT_ONCE_MAX)
    check_size(command.removed_ids, faults, "removed_ids", maximum=MEMBERS_AT_ONCE_MAX)
    faults.check()
    added, removed = _changed(uow, command)
    if not added and not removed:
        return before.id
    saved = save(uow, groups, before, before)
    _write(uow, saved.id, added, removed)
    uow.emit(CustomerGroupMembersChanged(saved.id, saved.version, tuple(added), tuple(removed)))
    return saved.id


def archive_customer_group(uow: UnitOfWork, command: ArchiveCustomerGroup) -> UUID:
    """Take a group out of use. Its id.

    Raises:
        UnknownCustomerGroup, InvalidTransition.
    """
    before = queries.group(uow.db, command.id)
    after = replace(before, status=MACHINE.check("archive", before.status))
    saved = save(uow, groups, before, after)
    uow.emit(CustomerGroupArchived(saved.id, saved.version), before=before, after=saved)
    return saved.id


def restore_customer_group(uow: UnitOfWork, command: RestoreCustomerGroup) -> UUID:
    """Take an archived group into use again. Its id.

    Raises:
        UnknownCustomerGroup, InvalidTransition.
    """
    before = queries.group(uow.db, command.id)
    after = replace(before, status=MACHINE.check("restore", before.status))
    saved = save(uow, groups, before, after)
    uow.emit(CustomerGroupRestored(saved.id, saved.version), before=before, after=saved)
    return saved.id


def _check(uow: UnitOfWork, group: Group) -> None:
    faults = Faults()
    check_group(group.code, group.name, group.description, faults)
    taken = select(groups.c.id).where(groups.c.code == group.code, groups.c.id != group.id)
    if uow.db.execute(taken).first():
        faults.add(CustomerGroupCodeTaken(group.code).at("code"))
    faults.check()


def _changed(
    uow: UnitOfWork, command: ChangeCustomerGroupMembers
) -> tuple[Sequence[UUID], Sequence[UUID]]:
    """Who comes in and who leaves, of those that are named, sorted."""
    named = {*command.added_ids, *command.removed_ids}
    of = group_members.c
    statement = select(of.customer_id).where(
        of.group_id == command.id, among(of.customer_id, named)
    )
    present = set(uow.db.execute(statement).scalars())
    added = sorted({*command.added_ids} - present - {*command.removed_ids})
    known = on_customers.customers_by_ids(uow.db, added)
    for position, id in enumerate(command.added_ids):
        if id in added and id not in known:
            raise UnknownCustomer(id).at("added_ids", position)
    if any(
        count >= GROUPS_PER_CUSTOMER_MAX for count in queries.group_counts(uow.db, added).values()
    ):
        raise TooManyGroups(GROUPS_PER_CUSTOMER_MAX).at("added_ids")
    return added, sorted({*command.removed_ids} & present)


def _write(uow: UnitOfWork, group_id: UUID, added: Sequence[UUID], removed: Sequence[UUID]) -> None:
    if removed:
        of = group_members.c
        gone = of.group_id == group_id, among(of.customer_id, removed)
        uow.db.execute(delete(group_members).where(*gone))
    rows = [{"group_id": group_id, "customer_id": id} for id in added]
    insert_or_ignore(uow.db, group_members, *rows)
