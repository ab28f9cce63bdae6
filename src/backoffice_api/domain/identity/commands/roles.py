"""What can be done with roles of the shop's own: made, changed, archived."""

from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.identity.commands.duties import check_duties_of_all
from backoffice_api.domain.identity.model.duties import AccessPolicy, AccessPolicySet
from backoffice_api.domain.identity.model.grants import (
    Role,
    RoleArchived,
    RoleCreated,
    RoleNameTaken,
    RoleUpdated,
    UnknownRole,
    scopes_in,
)
from backoffice_api.domain.identity.model.roles import TEMPLATES
from backoffice_api.domain.identity.model.staff import check_held, check_name, in_order
from backoffice_api.domain.identity.queries import roles as queries
from backoffice_api.domain.identity.queries.duties import held_by_holders
from backoffice_api.domain.identity.tables import DESCRIPTION_LENGTH_MAX, access_policies, roles
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRole(Command):
    """`template`: the key of that which is copied; `scopes` None: those of the template."""

    scope = Scope.ACCESS_WRITE
    name: str
    description: str = ""
    template: str | None = None
    scopes: tuple[Scope, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateRole(Command):
    scope = Scope.ACCESS_WRITE
    table = roles
    id: UUID
    name: str | Keep = KEEP
    description: str | Keep = KEEP
    scopes: tuple[Scope, ...] | Keep = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveRole(Command):
    scope = Scope.ACCESS_WRITE
    table = roles
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAccessPolicy(Command):
    scope = Scope.ACCESS_WRITE
    refuses_conflicts: bool


def create_role(uow: UnitOfWork, command: CreateRole) -> UUID:
    """Make a role of the shop's own, by itself or as a copy of a template. The id.

    Raises:
        UnknownRole: there is no such template.
        ScopeNotHeld: the caller lacks rights that the role would give.
        RoleNameTaken, InvalidText.
    """
    faults = Faults()
    check_name(faults, command.name)
    check_text(
        command.description, faults, "description", minimum=0, maximum=DESCRIPTION_LENGTH_MAX
    )
    template = None if command.template is None else TEMPLATES.get(command.template)
    if command.template is not None and template is None:
        faults.add(UnknownRole(command.template).at("template"))
    scopes = command.scopes
    if scopes is None:
        scopes = tuple(template.scopes) if template else ()
    check_held(faults, uow.caller, scopes, "scopes")
    faults.check()
    made = Role(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        name=command.name,
        description=command.description,
        template=command.template,
        scopes=in_order(scopes),
        archived_at=None,
    )
    _check_free(uow, made)
    add(uow, roles, [made])
    uow.emit(RoleCreated(made.id, made.version, made.name), after=made)
    return made.id


def update_role(uow: UnitOfWork, command: UpdateRole) -> UUID:
    """Change a role; what is absent stays. Whoever holds it has the new rights at once. The id.

    Raises:
        UnknownRole, RoleNameTaken, InvalidText.
        ScopeNotHeld: the caller lacks rights that the role gives or would give.
        DutiesConflict: of who holds it, and the policy refuses that.
    """
    before = _changeable(uow, command.id)
    faults = Faults()
    after = replace(
        before,
        name=patched(command.name, before.name),
        description=patched(command.description, before.description),
        scopes=before.scopes if command.scopes is KEEP else list(in_order(command.scopes)),
    )
    check_name(faults, after.name)
    check_text(after.description, faults, "description", minimum=0, maximum=DESCRIPTION_LENGTH_MAX)
    check_held(faults, uow.caller, after.scopes, "scopes")
    faults.check()
    _check_free(uow, after)
    if added := scopes_in(after.scopes) - scopes_in(before.scopes):
        check_duties_of_all(uow, held_by_holders(uow.db, before.id), added, "scopes")
    after = save(uow, roles, before, after)
    uow.emit(RoleUpdated(after.id, after.version, after.name), before=before, after=after)
    return after.id


def archive_role(uow: UnitOfWork, command: ArchiveRole) -> UUID:
    """Have a role give nothing any more, to nobody. One that is archived stays so. The id.

    Raises:
        UnknownRole: there is none.
        ScopeNotHeld: the caller lacks rights that the role gives.
    """
    before = _changeable(uow, command.id)
    if before.archived_at is None:
        after = save(uow, roles, before, replace(before, archived_at=uow.now))
        event = RoleArchived(after.id, after.version, after.name)
        uow.emit(event, before=before, after=after)
    return before.id


def set_access_policy(uow: UnitOfWork, command: SetAccessPolicy) -> UUID:
    """Say whether grants are refused that put conflicting duties into one hand. The id."""
    before = queries.policy(uow.db)
    if before is None:
        after = AccessPolicy(
            id=uow.new_id(),
            version=1,
            created_at=uow.now,
            updated_at=uow.now,
            refuses_conflicts=command.refuses_conflicts,
        )
        add(uow, access_policies, [after])
    else:
        changed = replace(before, refuses_conflicts=command.refuses_conflicts)
        after = save(uow, access_policies, before, changed)
    uow.emit(AccessPolicySet(after.id, after.version), before=before, after=after)
    return after.id


def _changeable(uow: UnitOfWork, id: UUID) -> Role:
    found = queries.role(uow.db, id, lock=True)
    faults = Faults()
    check_held(faults, uow.caller, found.scopes, "id")
    faults.check()
    return found


def _check_free(uow: UnitOfWork, role: Role) -> None:
    holder = queries.roles_by_names(uow.db, [role.name]).get(role.name)
    if holder is not None and holder.id != role.id:
        raise RoleNameTaken().at("name")
