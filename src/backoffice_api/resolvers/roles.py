"""What can be asked and done with roles, grants and duties."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import strawberry
from sqlalchemy import Connection as Database
from sqlalchemy import Table, select
from strawberry import UNSET

from backoffice_api.context import Context, Info
from backoffice_api.domain.identity.commands import grants as on_grants
from backoffice_api.domain.identity.commands import roles as on_roles
from backoffice_api.domain.identity.model import duties
from backoffice_api.domain.identity.model.roles import TEMPLATES
from backoffice_api.domain.identity.queries import roles as queries
from backoffice_api.domain.identity.queries.duties import conflicted_holders
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.reach import Dimension
from backoffice_api.domain.orders.tables import channels
from backoffice_api.domain.stock.tables import locations
from backoffice_api.domain.tickets.tables import ticket_teams
from backoffice_api.schema.connections import Connection, asked, listed
from backoffice_api.schema.directives import about
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.identity import READ
from backoffice_api.schema.lookups import found_by_id
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.payloads import keep
from backoffice_api.schema.roles import (
    AccessPolicy,
    AccessPolicyPayload,
    AccessPolicySetInput,
    ConflictedHolder,
    DutyConflict,
    Role,
    RoleCreateInput,
    RoleFilter,
    RoleGrantInput,
    RoleGrantPayload,
    RolePayload,
    RoleSort,
    RoleTemplate,
    RoleUpdateInput,
)

_TABLES: Final[Mapping[Dimension, Table]] = {
    Dimension.CHANNEL: channels,
    Dimension.LOCATION: locations,
    Dimension.TEAM: ticket_teams,
}


class _Bounding:
    """What grants are bounded by lies in the contexts above."""

    def known(self, db: Database, dimension: Dimension, ids: Collection[UUID]) -> Collection[UUID]:
        column = _TABLES[dimension].c.id
        return set(db.execute(select(column).where(column.in_(tuple(ids)))).scalars())


def _templates(_: Info) -> list[RoleTemplate]:
    return list(TEMPLATES.values())  # type: ignore[arg-type]


def _kinds(_: Info) -> list[DutyConflict]:
    return list(duties.CONFLICTS)  # type: ignore[arg-type]


def _conflicts(db: Database, _context: Context, _arguments: Mapping[str, Any]) -> Any:
    return conflicted_holders(db, datetime.now(UTC))


def _policy(db: Database, _context: Context, _arguments: Mapping[str, Any]) -> Any:
    return queries.policy(db)


def _parsed(prefix: str, given: list[strawberry.ID] | None) -> tuple[UUID, ...] | None:
    return None if given is None else tuple(ids.parse(prefix, each) for each in given)


@strawberry.type
class RoleQuery:
    role_templates: list[RoleTemplate] = about(
        "The roles that every shop has.", resolver=_templates, scope=READ
    )
    role: Role | None = found_by_id(
        "rol", queries.roles_by_ids, "Which role.", "One role. Null if there is none.", scope=READ
    )
    roles: Connection[Role] = listed(
        queries.role_list,
        "Roles of the shop's own, newest first.",
        scope=READ,
        filter=RoleFilter,
        sort=RoleSort,
    )
    duty_conflict_kinds: list[DutyConflict] = about(
        "All pairs of rights that should be in different hands.", resolver=_kinds, scope=READ
    )
    duty_conflicts: list[ConflictedHolder] = asked(
        _conflicts,
        [],
        "Everybody who could do alone what two should do; people first. At most 1,000.",
        scope=READ,
        weight=50,
    )
    access_policy: AccessPolicy | None = asked(
        _policy,
        [],
        "What holds for all grants. Null: nobody has set it, and conflicts are shown.",
        scope=READ,
        weight=1,
    )


@strawberry.type
class RoleMutation:
    @mutation(on_roles.create_role, RolePayload)
    def role_create(input: RoleCreateInput) -> on_roles.CreateRole:
        """Make a role of the shop's own, by itself or as a copy of a template."""
        return on_roles.CreateRole(
            name=input.name,
            description=input.description,
            template=input.template,
            scopes=None if input.scopes is None else tuple(input.scopes),
        )

    @mutation(on_roles.update_role, RolePayload)
    def role_update(id: strawberry.ID, input: RoleUpdateInput) -> on_roles.UpdateRole:
        """Change a role. What is absent stays; new rights hold at once, for all who hold it."""
        return on_roles.UpdateRole(
            id=ids.parse("rol", id),
            name=keep(input.name),
            description=keep(input.description),
            scopes=keep(input.scopes),
        )

    @mutation(on_roles.archive_role, RolePayload)
    def role_archive(id: strawberry.ID) -> on_roles.ArchiveRole:
        """Have a role give nothing any more, to nobody."""
        return on_roles.ArchiveRole(id=ids.parse("rol", id))

    @mutation(on_grants.granting(_Bounding()), RoleGrantPayload)
    def role_grant(input: RoleGrantInput) -> on_grants.GrantRole:
        """Give somebody a role, as far as its bounds reach. It holds within a second."""
        holder, role = input.holder, input.role
        limits = input.limits
        return on_grants.GrantRole(
            staff_id=given_id("stf", holder.staff_id),
            token_id=given_id("tok", holder.token_id),
            template=None if role.template is UNSET else role.template,
            role_id=given_id("rol", role.id),
            channel_ids=_parsed("chn", input.channel_ids),
            location_ids=_parsed("loc", input.location_ids),
            team_ids=_parsed("tem", input.team_ids),
            amounts=None if limits is None else tuple(each.value() for each in limits),
        )

    @mutation(on_grants.end_grant, RoleGrantPayload)
    def role_grant_end(id: strawberry.ID) -> on_grants.EndGrant:
        """Take a role from whoever holds it, within a second."""
        return on_grants.EndGrant(id=ids.parse("grt", id))

    @mutation(on_roles.set_access_policy, AccessPolicyPayload)
    def access_policy_set(input: AccessPolicySetInput) -> on_roles.SetAccessPolicy:
        """Say whether grants are refused that put conflicting duties into one hand."""
        return on_roles.SetAccessPolicy(refuses_conflicts=input.refuses_conflicts)
