"""What can be asked about roles and grants, and what they come to."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, select

from backoffice_api.domain.identity.model.duties import AccessPolicy
from backoffice_api.domain.identity.model.grants import (
    Given,
    GrantSortKey,
    Rights,
    Role,
    RoleGrant,
    RoleSortKey,
    UnknownGrant,
    UnknownRole,
    bounds_of,
    rights_of,
    scopes_in,
)
from backoffice_api.domain.identity.model.roles import TEMPLATES
from backoffice_api.domain.identity.tables import access_policies, role_grants, roles
from backoffice_api.domain.kernel.filters import On, Present
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import fetch, many_per, one_per, select_as

roles_by_ids = one_per(Role, roles, roles.c.id)
roles_by_names = one_per(Role, roles, roles.c.name)
grants_by_ids = one_per(RoleGrant, role_grants, role_grants.c.id)
grants_by_staff = many_per(
    RoleGrant,
    role_grants,
    role_grants.c.staff_id,
    role_grants.c.created_at,
    role_grants.c.id,
    where=(role_grants.c.ended_at.is_(None),),
)
grants_by_tokens = many_per(
    RoleGrant,
    role_grants,
    role_grants.c.token_id,
    role_grants.c.created_at,
    role_grants.c.id,
    where=(role_grants.c.ended_at.is_(None),),
)

role_list = Listing(
    Role,
    roles,
    sorts={RoleSortKey.CREATED_AT: roles.c.created_at, RoleSortKey.NAME: roles.c.name},
    words={"name": On(roles.c.name), "archived": Present(roles.c.archived_at)},
)

grant_list = Listing(
    RoleGrant,
    role_grants,
    sorts={GrantSortKey.CREATED_AT: role_grants.c.created_at},
    words={
        "staff_id": On(role_grants.c.staff_id),
        "token_id": On(role_grants.c.token_id),
        "role_id": On(role_grants.c.role_id),
    },
)

_COLUMNS = (
    role_grants.c.template,
    roles.c.scopes.label("role_scopes"),
    role_grants.c.channel_ids,
    role_grants.c.location_ids,
    role_grants.c.team_ids,
    role_grants.c.amounts,
)


def with_grants(statement: Select[Any], holder: ColumnElement[UUID], *, staff: bool) -> Select[Any]:
    """The statement with a row for each grant of the holder, or one without any."""
    column = role_grants.c.staff_id if staff else role_grants.c.token_id
    held = and_(column == holder, role_grants.c.ended_at.is_(None))
    in_use = and_(roles.c.id == role_grants.c.role_id, roles.c.archived_at.is_(None))
    return statement.add_columns(*_COLUMNS).outerjoin(role_grants, held).outerjoin(roles, in_use)


def given_in(rows: Iterable[Row[Any]]) -> Iterator[Given]:
    """The grants in the rows of `with_grants`. An archived role gives nothing."""
    for row in rows:
        if row.template in TEMPLATES:
            scopes = TEMPLATES[row.template].scopes
        elif row.role_scopes is not None:
            scopes = scopes_in(row.role_scopes)
        else:
            continue
        bounds = bounds_of(row.channel_ids, row.location_ids, row.team_ids, row.amounts)
        yield Given(scopes, bounds)


def rights_of_staff(db: Connection, direct: Mapping[UUID, Sequence[str]]) -> Mapping[UUID, Rights]:
    """What members of staff may, by what each holds directly. One statement."""
    return _rights(db, role_grants.c.staff_id, direct)


def rights_of_tokens(db: Connection, direct: Mapping[UUID, Sequence[str]]) -> Mapping[UUID, Rights]:
    """What API tokens may, by what each holds directly. One statement."""
    return _rights(db, role_grants.c.token_id, direct)


def _rights(
    db: Connection, holder: ColumnElement[Any], direct: Mapping[UUID, Sequence[str]]
) -> Mapping[UUID, Rights]:
    in_use = and_(roles.c.id == role_grants.c.role_id, roles.c.archived_at.is_(None))
    statement = (
        select(holder.label("holder"), *_COLUMNS)
        .join_from(role_grants, roles, in_use, isouter=True)
        .where(holder.in_(tuple(direct)), role_grants.c.ended_at.is_(None))
    )
    found: dict[UUID, list[Any]] = {id: [] for id in direct}
    for row in db.execute(statement):
        found[row.holder].append(row)
    return {id: rights_of(direct[id], given_in(rows)) for id, rows in found.items()}


def role(db: Connection, id: UUID, *, lock: bool = False) -> Role:
    """The role `id`.

    Raises:
        UnknownRole: there is none.
    """
    statement = select_as(Role, roles).where(roles.c.id == id)
    for found in fetch(db, Role, statement.with_for_update() if lock else statement):
        return found
    raise UnknownRole(str(id)).at("id")


def grant(db: Connection, id: UUID) -> RoleGrant:
    """The grant `id`, which nobody else changes until the end of the transaction.

    Raises:
        UnknownGrant: there is none.
    """
    statement = select_as(RoleGrant, role_grants).where(role_grants.c.id == id)
    for found in fetch(db, RoleGrant, statement.with_for_update()):
        return found
    raise UnknownGrant(id).at("id")


def policy(db: Connection) -> AccessPolicy | None:
    """What holds for all grants. None: nobody has set it, and conflicts are only shown."""
    return next(iter(fetch(db, AccessPolicy, select_as(AccessPolicy, access_policies))), None)


policies_by_ids = one_per(AccessPolicy, access_policies, access_policies.c.id)
