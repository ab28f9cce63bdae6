"""Rules that open tickets: set by their code, switched on and off, removed."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.events import events
from backoffice_api.domain.kernel.rows import insert_or_ignore
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX
from backoffice_api.domain.kernel.texts import TooMany, check_distinct, check_range, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.tickets.commands.canning import check_team
from backoffice_api.domain.tickets.model.drafts import check_tags
from backoffice_api.domain.tickets.model.rules import (
    AFTER_DAYS_MAX,
    DAILY_MAX,
    DAILY_USUAL,
    MACHINE,
    RANK_MAX,
    RULES_MAX,
    TicketCause,
    TicketRule,
    TicketRuleDisabled,
    TicketRuleEnabled,
    TicketRuleRemoved,
    TicketRuleSet,
    check_fit,
)
from backoffice_api.domain.tickets.model.words import TicketPriority
from backoffice_api.domain.tickets.queries import rules
from backoffice_api.domain.tickets.queries.desk import count_of
from backoffice_api.domain.tickets.tables.desk import ticket_rule_progress, ticket_rules
from backoffice_api.domain.tracking.model.exceptions import TrackingExceptionKind

FOLLOWER = "tickets"
RANK_USUAL = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTicketRule(Command):
    """Names a rule by its code and says all of it. `team_id` None: the default team."""

    scope = Scope.TICKETS_MANAGE
    code: str
    title: str
    cause: TicketCause
    rank: int = RANK_USUAL
    exceptions: tuple[TrackingExceptionKind, ...] = ()
    after_days: int | None = None
    priority: TicketPriority = TicketPriority.NORMAL
    team_id: UUID | None = None
    tags: tuple[str, ...] = ()
    daily_max: int = DAILY_USUAL


@dataclass(frozen=True, slots=True, kw_only=True)
class EnableTicketRule(Command):
    scope = Scope.TICKETS_MANAGE
    table = ticket_rules
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DisableTicketRule(Command):
    scope = Scope.TICKETS_MANAGE
    table = ticket_rules
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveTicketRule(Command):
    scope = Scope.TICKETS_MANAGE
    table = ticket_rules
    id: UUID


def set_rule(uow: UnitOfWork, command: SetTicketRule) -> UUID:
    """Make a rule, or change the one with this code. A new one opens nothing until it is enabled.

    Its id.

    Raises:
        InvalidText, OutOfRange, Duplicate, TooMany, UnfitRule: the input is wrong.
        UnknownTicketTeam, InvalidTransition.
    """
    before = rules.rules_by_codes(uow.db, [command.code]).get(command.code)
    _check(uow, command, is_new=before is None)
    wanted = TicketRule(
        id=before.id if before else uow.new_id(),
        version=1,
        created_at=before.created_at if before else uow.now,
        updated_at=uow.now,
        code=command.code,
        title=command.title,
        cause=command.cause,
        status=MACHINE.check("set", before.status) if before else MACHINE.start,
        rank=command.rank,
        exceptions=[each.value for each in command.exceptions],
        after_days=command.after_days,
        priority=command.priority,
        team_id=command.team_id,
        tags=sorted(command.tags),
        daily_max=command.daily_max,
        enabled_at=_enabled_at(uow, before, command),
    )
    if before is None:
        add(uow, ticket_rules, [wanted])
        after = wanted
    else:
        after = save(uow, ticket_rules, before, wanted)
    event = TicketRuleSet(after.id, after.version, after.code, after.cause)
    uow.emit(event, before=before, after=after)
    return after.id


def enable_rule(uow: UnitOfWork, command: EnableTicketRule) -> UUID:
    """Open tickets by a rule, for what happens or falls due from now on. Its id.

    Raises:
        UnknownTicketRule, InvalidTransition.
    """
    before, after = _moved(uow, command.id, "enable")
    _begin_following(uow)
    event = TicketRuleEnabled(after.id, after.version, after.code)
    uow.emit(event, before=before, after=after)
    return after.id


def disable_rule(uow: UnitOfWork, command: DisableTicketRule) -> UUID:
    """Open no more tickets by a rule. Its id.

    Raises:
        UnknownTicketRule, InvalidTransition.
    """
    before, after = _moved(uow, command.id, "disable")
    event = TicketRuleDisabled(after.id, after.version, after.code)
    uow.emit(event, before=before, after=after)
    return after.id


def remove_rule(uow: UnitOfWork, command: RemoveTicketRule) -> UUID:
    """Put a rule away; it stays for the tickets that it opened. Its id.

    Raises:
        UnknownTicketRule, InvalidTransition.
    """
    before, after = _moved(uow, command.id, "remove")
    event = TicketRuleRemoved(after.id, after.version, after.code)
    uow.emit(event, before=before, after=after)
    return after.id


def _moved(uow: UnitOfWork, id: UUID, action: str) -> tuple[TicketRule, TicketRule]:
    before = rules.rule(uow.db, id)
    after = replace(before, status=MACHINE.check(action, before.status))
    if action == "enable":
        after = replace(after, enabled_at=uow.now)
    return before, save(uow, ticket_rules, before, after)


def _enabled_at(
    uow: UnitOfWork, before: TicketRule | None, command: SetTicketRule
) -> datetime | None:
    """What fell due by other terms is left alone."""
    if before is None or before.enabled_at is None:
        return None
    same = (before.cause, before.after_days) == (command.cause, command.after_days)
    return before.enabled_at if same else uow.now


def _begin_following(uow: UnitOfWork) -> None:
    """Follow the log from here on, if it is not followed already: nothing is opened of the past."""
    present = select(func.coalesce(func.max(events.c.sequence), 0))
    here = uow.db.execute(present).scalar_one()
    insert_or_ignore(uow.db, ticket_rule_progress, {"name": FOLLOWER, "sequence": here})


def _check(uow: UnitOfWork, command: SetTicketRule, *, is_new: bool) -> None:
    faults = Faults()
    check_text(command.code, faults, "code", maximum=CODE_LENGTH_MAX)
    check_text(command.title, faults, "title")
    check_range(command.rank, faults, "rank", minimum=0, maximum=RANK_MAX)
    check_range(command.after_days, faults, "after_days", minimum=1, maximum=AFTER_DAYS_MAX)
    check_range(command.daily_max, faults, "daily_max", minimum=1, maximum=DAILY_MAX)
    check_tags(command.tags, faults)
    check_distinct(tuple(each.value for each in command.exceptions), faults, "exceptions")
    check_fit(command.cause, command.exceptions, command.after_days, faults)
    if command.team_id is not None:
        check_team(uow, command.team_id, faults)
    if is_new and count_of(uow.db, ticket_rules) >= RULES_MAX:
        faults.add(TooMany(RULES_MAX).at("code"))
    faults.check()
