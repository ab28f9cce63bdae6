"""What can be done with grants: roles are given to staff and programs, and taken away."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.identity.commands.duties import check_duties
from backoffice_api.domain.identity.model.grants import (
    AMOUNTS_MAX,
    BOUND_MAX,
    GRANTS_MAX,
    Given,
    NothingToBound,
    Rights,
    RoleGrant,
    RoleGranted,
    RoleGrantEnded,
    TooManyGrants,
    UnknownBound,
    UnknownRole,
    check_reached,
    given_by,
    kept_ids,
    scopes_in,
)
from backoffice_api.domain.identity.model.roles import TEMPLATES
from backoffice_api.domain.identity.model.staff import ScopeNotHeld
from backoffice_api.domain.identity.ports import Bounding
from backoffice_api.domain.identity.queries import roles as queries
from backoffice_api.domain.identity.queries import staff as people
from backoffice_api.domain.identity.tables import role_grants
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.reach import Dimension
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_range, check_size
from backoffice_api.domain.kernel.uow import Command, UnitOfWork

_AMOUNT_MAX = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRole(Command):
    """One of `staff_id` and `token_id`, one of `template` and `role_id`.

    Bounds None: none. `amounts`: one per currency; of other currencies nothing may be moved.
    """

    scope = Scope.ACCESS_WRITE
    staff_id: UUID | None = None
    token_id: UUID | None = None
    template: str | None = None
    role_id: UUID | None = None
    channel_ids: tuple[UUID, ...] | None = None
    location_ids: tuple[UUID, ...] | None = None
    team_ids: tuple[UUID, ...] | None = None
    amounts: tuple[Money, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndGrant(Command):
    scope = Scope.ACCESS_WRITE
    table = role_grants
    id: UUID


def granting(bounding: Bounding) -> Callable[[UnitOfWork, GrantRole], UUID]:
    """What gives roles with bounds that are known there."""

    def grant_role(uow: UnitOfWork, command: GrantRole) -> UUID:
        """Give somebody a role, as far as the bounds reach. It holds from the next request on.

        Raises:
            UnknownStaff, UnknownToken, UnknownRole, UnknownBound, NothingToBound.
            ScopeNotHeld, ReachNotHeld: the caller would give what it does not hold so far.
            DutiesConflict: the holder would do both of two duties, and the policy refuses that.
            TooManyGrants, TooMany, OutOfRange.
        """
        held = _locked_rights(uow, command)
        name, scopes = _role(uow, command)
        faults = Faults()
        _check_bounds(uow, faults, command, bounding)
        faults.check()
        made = _made(uow, command)
        given = given_by(Given(scopes, made.bounds))
        if lacking := given.keys() - uow.caller.scopes:
            faults.add(ScopeNotHeld(tuple(sorted(lacking))).at("role"))
        check_reached(faults, uow.caller, given, "role")
        faults.check()
        check_duties(uow, held.scopes, given.keys(), "role")
        add(uow, role_grants, [made])
        event = RoleGranted(made.id, made.version, name, made.staff_id, made.token_id)
        uow.emit(event, after=made)
        return made.id

    return grant_role


def end_grant(uow: UnitOfWork, command: EndGrant) -> UUID:
    """Take a role from somebody, from the next request on. One that has ended stays so. The id.

    Raises:
        UnknownGrant: there is none.
        ScopeNotHeld: the caller lacks rights that it gives.
    """
    before = queries.grant(uow.db, command.id)
    if before.ended_at is None:
        name, scopes = _role_of(uow, before)
        if lacking := scopes - uow.caller.scopes:
            raise ScopeNotHeld(tuple(sorted(lacking))).at("id")
        after = save(uow, role_grants, before, replace(before, ended_at=uow.now))
        event = RoleGrantEnded(after.id, after.version, name, after.staff_id, after.token_id)
        uow.emit(event, before=before, after=after)
    return before.id


def _locked_rights(uow: UnitOfWork, command: GrantRole) -> Rights:
    """What the holder may so far. Nobody gives him anything else until the end."""
    if command.staff_id is not None:
        member = people.staff_member(uow.db, command.staff_id, lock=True)
        grants = queries.grants_by_staff(uow.db, [member.id]).get(member.id, ())
        found = queries.rights_of_staff(uow.db, {member.id: member.scopes})[member.id]
    else:
        assert command.token_id is not None, "the input names one of them"
        token = people.token(uow.db, command.token_id, lock=True)
        grants = queries.grants_by_tokens(uow.db, [token.id]).get(token.id, ())
        found = queries.rights_of_tokens(uow.db, {token.id: token.scopes})[token.id]
    if len(grants) >= GRANTS_MAX:
        raise TooManyGrants(GRANTS_MAX)
    return found


def _role(uow: UnitOfWork, command: GrantRole) -> tuple[str, frozenset[Scope]]:
    """The name of the role, and its rights."""
    if command.template is not None:
        if (template := TEMPLATES.get(command.template)) is None:
            raise UnknownRole(command.template).at("role")
        return template.name, template.scopes
    assert command.role_id is not None, "the input names one of them"
    found = queries.roles_by_ids(uow.db, [command.role_id]).get(command.role_id)
    if found is None or found.archived_at is not None:
        raise UnknownRole(str(command.role_id)).at("role")
    return found.name, scopes_in(found.scopes)


def _role_of(uow: UnitOfWork, grant: RoleGrant) -> tuple[str, frozenset[Scope]]:
    if grant.role_id is not None:
        found = queries.role(uow.db, grant.role_id)
        return found.name, scopes_in(found.scopes)
    assert grant.template is not None, "a grant is of one of them"
    template = TEMPLATES.get(grant.template)
    return (template.name, template.scopes) if template else (grant.template, frozenset())


def _check_bounds(uow: UnitOfWork, faults: Faults, command: GrantRole, bounding: Bounding) -> None:
    for dimension, ids, name in (
        (Dimension.CHANNEL, command.channel_ids, "channel_ids"),
        (Dimension.LOCATION, command.location_ids, "location_ids"),
        (Dimension.TEAM, command.team_ids, "team_ids"),
    ):
        if ids is None:
            continue
        check_size(ids, faults, name, maximum=BOUND_MAX)
        if not ids:
            faults.add(NothingToBound().at(name))
        elif unknown := sorted(set(ids) - set(bounding.known(uow.db, dimension, ids))):
            faults.add(UnknownBound(tuple(unknown)).at(name))
    if command.amounts is not None:
        check_size(command.amounts, faults, "amounts", maximum=AMOUNTS_MAX)
        for number, amount in enumerate(command.amounts):
            check_range(
                amount.minor, faults, "amounts", number, "amount", minimum=0, maximum=_AMOUNT_MAX
            )


def _made(uow: UnitOfWork, command: GrantRole) -> RoleGrant:
    amounts = command.amounts
    return RoleGrant(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        staff_id=command.staff_id,
        token_id=command.token_id,
        template=command.template,
        role_id=command.role_id,
        channel_ids=kept_ids(command.channel_ids),
        location_ids=kept_ids(command.location_ids),
        team_ids=kept_ids(command.team_ids),
        amounts=None if amounts is None else {each.currency: each.minor for each in amounts},
        ended_at=None,
    )
