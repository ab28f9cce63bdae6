"""Rules that open tickets, on the wire."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.tickets import queries
from backoffice_api.domain.tickets.model import rules as model
from backoffice_api.domain.tickets.model.rules import (
    DAILY_USUAL,
    TicketCause,
    TicketOpeningSortKey,
    TicketRuleSortKey,
    TicketRuleStatus,
)
from backoffice_api.domain.tickets.model.words import TicketPriority
from backoffice_api.domain.tickets.queries import rules
from backoffice_api.domain.tickets.tables.desk import ticket_openings
from backoffice_api.domain.tracking.model.exceptions import TrackingExceptionKind
from backoffice_api.schema.aggregates import ActionState, HasTimeline
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import SortDirection, filter_input
from backoffice_api.schema.links import attach, one
from backoffice_api.schema.nodes import Node, Versioned, linked_node, node
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.tickets import Ticket, TicketTeam

READ = Scope.TICKETS_READ

for _choices in (TicketCause, TicketOpeningSortKey, TicketRuleSortKey, TicketRuleStatus):
    choice(_choices)


def _cause_id(opening: model.TicketOpening) -> str:
    return ids.text(opening.subject_kind, opening.subject_id)


def _cause_of_sample(happened: model.Happened) -> str:
    return ids.text(happened.subject.kind, happened.subject.id)


def _exceptions(parent: strawberry.Parent[model.TicketRule]) -> list[TrackingExceptionKind]:
    return [TrackingExceptionKind(each) for each in parent.exceptions]


@described
class TicketOpening:
    """Something that a rule saw: it opened a ticket for it, or had opened enough that day."""

    cause: TicketCause = about("What it is a cause of.")
    occurred_at: datetime = about("When it happened, or fell due.")
    created_at: datetime = about("When the rule saw it.")
    ticket: Ticket | None = one(
        queries.tickets_by_ids, "ticket_id", "The ticket. Null: it was held back."
    )
    subject: Node | None = linked_node(
        _cause_id, "What happened, as a refund. Null if you may not see it."
    )


@node("tkr", model.TicketRule, rules.rules_by_ids, scope=READ)
class TicketRule(Node, Versioned, HasTimeline):
    """What opens tickets by itself, one for each cause."""

    code: str = about("Its code.")
    title: str = about("What it is called.")
    cause: TicketCause = about("What opens a ticket.")
    status: TicketRuleStatus = about("Whether it opens tickets.")
    actions: list[ActionState] = about("What can be done with it now.")
    rank: int = about("Of rules for one cause, the smallest rank that fits opens the ticket.")
    exceptions: list[TrackingExceptionKind] = about(
        "For PARCEL_EXCEPTION: of which kinds. Empty: of any.", resolver=_exceptions
    )
    after_days: int | None = about("For what is found by time: after how many days.")
    priority: TicketPriority = about("The priority of its tickets.")
    tags: list[str] = about("The tags of its tickets.")
    daily_max: int = about("How many tickets it opens within 24 hours at most.")
    enabled_at: datetime | None = about("When it was last enabled. Null: never.")
    team: TicketTeam | None = one(
        queries.teams_by_ids, "team_id", "The team of its tickets. Null: the default one."
    )
    openings: Connection[TicketOpening] = listed_under(
        rules.ticket_opening_list,
        ticket_openings.c.rule_id,
        "What it has seen, newest first.",
    )


attach(
    Ticket,
    "opening",
    TicketOpening | None,
    one(rules.openings_by_tickets, "id", "Why a rule opened it. Null: no rule did."),
)


@described
class TicketRuleSample:
    """Something that would have opened a ticket."""

    occurred_at: datetime = about("When it happened, or fell due.")
    title: str = about("What the ticket would be called.")
    subject: Node | None = linked_node(
        _cause_of_sample, "What happened, as a refund. Null if you may not see it."
    )


@described
class TicketRuleTrial:
    """What a rule would have opened, had it been enabled and the only one."""

    opened: int = about("How many tickets.")
    held_back: int = about("How many more causes there were than it opens tickets for in a day.")
    known: int = about("Of how many of these causes some rule knows already: they open none.")
    is_complete: bool = about("False: there was more than the 10,000 events that are looked at.")
    samples: list[TicketRuleSample] = about("The newest causes, at most 20.")


@filter_input
class TicketRuleFilter:
    """Which rules. All words that are given must hold."""

    status: list[TicketRuleStatus] | None = about("In one of these states.", default=UNSET)
    cause: list[TicketCause] | None = about("For one of these causes.", default=UNSET)


@strawberry.input(description="The order of a list of rules.")
class TicketRuleSort:
    key: TicketRuleSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.ASC)


@strawberry.input(description="All of a rule; its code names it.")
class TicketRuleSetInput:
    code: str = about("Its code, at most 80 characters.")
    title: str = about("What it is called, at most 250 characters.")
    cause: TicketCause = about("What opens a ticket.")
    rank: int = about("Which of several rules comes first: the smallest, 0 to 10,000.", default=100)
    exceptions: list[TrackingExceptionKind] = about(
        "For PARCEL_EXCEPTION: of which kinds. Empty: of any.", default_factory=list
    )
    after_days: int | None = about(
        "For REFUND_OVERDUE and UNMATCHED_PAYMENT, which need it: after how many days.",
        default=None,
    )
    priority: TicketPriority = about("The priority of its tickets.", default=TicketPriority.NORMAL)
    team_id: strawberry.ID | None = about("Their team. Null: the default one.", default=None)
    tags: list[str] = about("Their tags, at most 30.", default_factory=list)
    daily_max: int = about(
        "How many tickets it opens within 24 hours at most, 1 to 10,000.", default=DAILY_USUAL
    )


@strawberry.input(description="Terms of a rule that need not be there yet.")
class TicketRuleTrialInput:
    cause: TicketCause = about("What would open a ticket.")
    since: datetime = about("Since when, at most 366 days ago.")
    exceptions: list[TrackingExceptionKind] = about(
        "For PARCEL_EXCEPTION: of which kinds. Empty: of any.", default_factory=list
    )
    after_days: int | None = about(
        "For REFUND_OVERDUE and UNMATCHED_PAYMENT: after how many days.", default=None
    )
    daily_max: int = about("How many within 24 hours at most.", default=DAILY_USUAL)


@payload
class TicketRulePayload(MutationPayload):
    """What a mutation of a rule answers."""

    rule: TicketRule | None = one(
        rules.rules_by_ids, "value", "The rule as it is now. Null if it was refused."
    )
