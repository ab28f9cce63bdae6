"""Who could do alone what two should do: read off all rights that people and programs hold."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, or_, select

from backoffice_api.domain.identity.model.duties import DutyConflict, conflicts_in
from backoffice_api.domain.identity.model.grants import RoleGrant
from backoffice_api.domain.identity.model.staff import StaffStatus
from backoffice_api.domain.identity.queries.roles import (
    grants_by_ids,
    rights_of_staff,
    rights_of_tokens,
)
from backoffice_api.domain.identity.tables import api_tokens, role_grants, staff
from backoffice_api.domain.kernel.scopes import Scope

# A report of more is a report of everybody.
HOLDERS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class ConflictedHolder:
    """Somebody in whose hand conflicting duties are: one of the two ids."""

    staff_id: UUID | None
    token_id: UUID | None
    conflicts: Sequence[DutyConflict]


def conflicted_holders(db: Connection, now: datetime) -> Sequence[ConflictedHolder]:
    """All who may sign in, or whose token is good at `now`, and hold conflicting rights."""
    people = _held(
        db, select(staff.c.id, staff.c.scopes).where(staff.c.status == StaffStatus.ACTIVE)
    )
    programs = _held(
        db,
        select(api_tokens.c.id, api_tokens.c.scopes).where(
            api_tokens.c.revoked_at.is_(None),
            or_(api_tokens.c.expires_at.is_(None), api_tokens.c.expires_at > now),
        ),
    )
    found = [
        ConflictedHolder(id, None, conflicts)
        for id, rights in rights_of_staff(db, people).items()
        if (conflicts := conflicts_in(rights.scopes))
    ]
    found += [
        ConflictedHolder(None, id, conflicts)
        for id, rights in rights_of_tokens(db, programs).items()
        if (conflicts := conflicts_in(rights.scopes))
    ]
    return found[:HOLDERS_MAX]


def conflicts_by_grants(
    db: Connection, grant_ids: Iterable[UUID]
) -> Mapping[UUID, Sequence[DutyConflict]]:
    """The conflicts in the hand of who holds each grant, by the id of the grant."""
    grants: Mapping[UUID, RoleGrant] = grants_by_ids(db, grant_ids)
    staff_ids = {each.staff_id for each in grants.values() if each.staff_id}
    token_ids = {each.token_id for each in grants.values() if each.token_id}
    rights = {
        **rights_of_staff(
            db, _held(db, select(staff.c.id, staff.c.scopes).where(staff.c.id.in_(staff_ids)))
        ),
        **rights_of_tokens(
            db,
            _held(
                db,
                select(api_tokens.c.id, api_tokens.c.scopes).where(api_tokens.c.id.in_(token_ids)),
            ),
        ),
    }
    return {
        id: conflicts_in(rights[holder].scopes)
        for id, each in grants.items()
        if (holder := each.staff_id or each.token_id) in rights and holder is not None
    }


def held_by_holders(db: Connection, role_id: UUID) -> Sequence[frozenset[Scope]]:
    """All rights of each who holds a role now. Three statements."""
    grants = role_grants.c
    holds = grants.role_id == role_id, grants.ended_at.is_(None)
    people = select(staff.c.id, staff.c.scopes).where(
        staff.c.id.in_(select(grants.staff_id).where(*holds, grants.staff_id.is_not(None)))
    )
    programs = select(api_tokens.c.id, api_tokens.c.scopes).where(
        api_tokens.c.id.in_(select(grants.token_id).where(*holds, grants.token_id.is_not(None)))
    )
    return [
        each.scopes
        for each in (
            *rights_of_staff(db, _held(db, people)).values(),
            *rights_of_tokens(db, _held(db, programs)).values(),
        )
    ]


def _held(db: Connection, statement: Select[Any]) -> Mapping[UUID, Sequence[str]]:
    return {row.id: row.scopes for row in db.execute(statement.order_by("id"))}
