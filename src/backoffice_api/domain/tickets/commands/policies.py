"""Policies are set as a whole under their code; live tickets follow by a job."""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from backoffice_api.domain.customers.model.groups import UnknownCustomerGroup
from backoffice_api.domain.customers.queries.accounts import groups_by_ids
from backoffice_api.domain.fulfillment.model.calendars import CalendarSet, UnknownCalendar
from backoffice_api.domain.fulfillment.model.opening_hours import OpeningHours
from backoffice_api.domain.fulfillment.queries.sites import opening_hours
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.tickets.commands.clocks import REAPPLY_JOB
from backoffice_api.domain.tickets.model.policies import (
    POLICIES_MAX,
    WARN_PERCENT_DEFAULT,
    NeverDue,
    SlaPolicy,
    SlaPolicyRemoved,
    SlaPolicySet,
    SlaTerms,
    TooManyPolicies,
    UnknownSlaPolicy,
    check_policy,
)
from backoffice_api.domain.tickets.model.refusals import UnknownTicketTeam
from backoffice_api.domain.tickets.model.words import TicketPriority, TicketSource
from backoffice_api.domain.tickets.queries import clocks as queries
from backoffice_api.domain.tickets.tables import ticket_teams
from backoffice_api.domain.tickets.tables.clocks import sla_policies, sla_terms

_ALWAYS = OpeningHours.of("UTC", range(1, 8), ())


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSlaPolicy(Command):
    """An empty condition lets every ticket pass. `calendar_id` None: clocks run round the clock."""

    scope = Scope.TICKETS_MANAGE
    code: str
    name: str
    position: int
    sources: tuple[TicketSource, ...] = ()
    priorities: tuple[TicketPriority, ...] = ()
    team_ids: tuple[UUID, ...] = ()
    languages: tuple[str, ...] = ()
    customer_tags: tuple[str, ...] = ()
    customer_group_ids: tuple[UUID, ...] = ()
    calendar_id: UUID | None = None
    first_response_min: int | None = None
    next_response_min: int | None = None
    resolution_min: int | None = None
    warn_percent: int = WARN_PERCENT_DEFAULT
    pauses_internal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveSlaPolicy(Command):
    scope = Scope.TICKETS_MANAGE
    table = sla_policies
    id: UUID


def set_sla_policy(uow: UnitOfWork, command: SetSlaPolicy) -> UUID:
    """Say what is promised for which tickets. Its id. Live tickets follow soon after.

    Raises:
        InvalidText, OutOfRange, TooMany, Duplicate, NothingPromised, NeverDue, UnknownCalendar,
        UnknownTicketTeam, UnknownCustomerGroup, TooManyPolicies.
    """
    hours = _checked(uow, command)
    before = queries.policies_by_codes(uow.db, [command.code]).get(command.code)
    policy_id = before.id if before else uow.new_id()
    old = queries.terms_by_ids(uow.db, [before.terms_id])[before.terms_id] if before else None
    terms = SlaTerms(
        id=uow.new_id(),
        policy_id=policy_id,
        revision=old.revision + 1 if old else 1,
        made_at=uow.now,
        calendar_id=command.calendar_id,
        hours=hours.plain(),
        first_response_min=command.first_response_min,
        next_response_min=command.next_response_min,
        resolution_min=command.resolution_min,
        warn_percent=command.warn_percent,
        pauses_internal=command.pauses_internal,
    )
    if old is not None and old.says(terms):
        terms = old
    after = SlaPolicy(
        id=policy_id,
        version=before.version if before else 1,
        created_at=before.created_at if before else uow.now,
        updated_at=uow.now,
        code=command.code,
        name=command.name,
        position=command.position,
        is_active=True,
        sources=sorted(each.value for each in command.sources),
        priorities=sorted(each.value for each in command.priorities),
        team_ids=sorted(each.hex for each in command.team_ids),
        languages=sorted(each.lower() for each in command.languages),
        customer_tags=sorted(command.customer_tags),
        customer_group_ids=sorted(each.hex for each in command.customer_group_ids),
        terms_id=terms.id,
    )
    return _put(uow, before, after, terms, is_new=terms is not old)


def remove_sla_policy(uow: UnitOfWork, command: RemoveSlaPolicy) -> UUID:
    """Promise nothing more by a policy; live tickets follow the others soon after. Its id.

    Raises:
        UnknownSlaPolicy: there is none, or it was removed before.
    """
    before = queries.policies_by_ids(uow.db, [command.id]).get(command.id)
    if before is None or not before.is_active:
        raise UnknownSlaPolicy(command.id).at("id")
    after = save(uow, sla_policies, before, replace(before, is_active=False))
    uow.emit(SlaPolicyRemoved(after.id, after.version, after.code), before=before, after=after)
    uow.enqueue(Job(REAPPLY_JOB))
    return after.id


def follow_calendar(uow: UnitOfWork, event: CalendarSet) -> None:
    """Another calendar is another promise: policies that run by it get new terms."""
    with_it = queries.policies_with(uow.db, event.id)
    if not with_it:
        return
    hours = opening_hours(uow.db, [event.id])[event.id].plain()
    for policy, old in with_it:
        terms = replace(
            old, id=uow.new_id(), revision=old.revision + 1, made_at=uow.now, hours=hours
        )
        if not old.says(terms):
            _put(uow, policy, replace(policy, terms_id=terms.id), terms, is_new=True)


def _put(
    uow: UnitOfWork, before: SlaPolicy | None, after: SlaPolicy, terms: SlaTerms, *, is_new: bool
) -> UUID:
    if before:
        after = save(uow, sla_policies, before, after)
    else:
        add(uow, sla_policies, [after])
    if is_new:
        add(uow, sla_terms, [terms])
    event = SlaPolicySet(after.id, after.version, after.code, terms.revision)
    uow.emit(event, before=before, after=after)
    uow.enqueue(Job(REAPPLY_JOB))
    return after.id


def _checked(uow: UnitOfWork, command: SetSlaPolicy) -> OpeningHours:
    """The hours in which the clocks run, if nothing is wrong."""
    faults = Faults()
    targets = {
        name: getattr(command, name)
        for name in ("first_response_min", "next_response_min", "resolution_min")
    }
    check_policy(
        faults,
        code=command.code,
        name=command.name,
        position=command.position,
        warn_percent=command.warn_percent,
        targets=targets,
        conditions={
            "sources": command.sources,
            "priorities": command.priorities,
            "team_ids": [each.hex for each in command.team_ids],
            "languages": command.languages,
            "customer_tags": command.customer_tags,
            "customer_group_ids": [each.hex for each in command.customer_group_ids],
        },
    )
    faults.check()
    _check_named(uow, command, faults)
    hours = _ALWAYS
    if command.calendar_id is not None:
        found = opening_hours(uow.db, [command.calendar_id])
        if command.calendar_id not in found:
            faults.add(UnknownCalendar(command.calendar_id).at("calendar_id"))
        hours = found.get(command.calendar_id, _ALWAYS)
    for name, minutes in targets.items():
        if minutes and hours.after(uow.now, timedelta(minutes=minutes)) is None:
            faults.add(NeverDue().at(name))
    others = select(func.count()).where(
        sla_policies.c.is_active, sla_policies.c.code != command.code
    )
    if uow.db.execute(others).scalar_one() >= POLICIES_MAX:
        faults.add(TooManyPolicies(POLICIES_MAX))
    faults.check()
    return hours


def _check_named(uow: UnitOfWork, command: SetSlaPolicy, faults: Faults) -> None:
    """Note teams and groups that there are not."""
    known = set(
        uow.db.execute(
            select(ticket_teams.c.id).where(among(ticket_teams.c.id, command.team_ids))
        ).scalars()
    )
    for at, id in enumerate(command.team_ids):
        if id not in known:
            faults.add(UnknownTicketTeam(id).at("team_ids", at))
    groups = groups_by_ids(uow.db, command.customer_group_ids)
    for at, id in enumerate(command.customer_group_ids):
        if id not in groups:
            faults.add(UnknownCustomerGroup(id).at("customer_group_ids", at))
