"""Policies, clocks and figures of tickets on the wire."""

from datetime import date, datetime

import strawberry
from strawberry import UNSET

from backoffice_api.domain.fulfillment.queries import sites
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.tickets import queries as on_tickets
from backoffice_api.domain.tickets.model import kept_clocks, policies
from backoffice_api.domain.tickets.model.clocks import ClockKind, ClockState, SegmentKind
from backoffice_api.domain.tickets.model.policies import (
    WARN_PERCENT_DEFAULT,
    SlaGroup,
    SlaPolicySortKey,
    TicketClockSortKey,
)
from backoffice_api.domain.tickets.model.words import TicketPriority, TicketSource, TicketStatus
from backoffice_api.domain.tickets.queries import clocks as queries
from backoffice_api.domain.tickets.queries import figures
from backoffice_api.schema.aggregates import HasTimeline
from backoffice_api.schema.customer_accounts import CustomerGroup
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import (
    DateTimeFilter,
    IdFilter,
    SortDirection,
    filter_input,
)
from backoffice_api.schema.fulfillment_sites import CalendarPeriod, WorkingCalendar
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.tickets import READ, Ticket, TicketTeam

for _choices in (
    ClockKind,
    ClockState,
    SegmentKind,
    SlaGroup,
    SlaPolicySortKey,
    TicketClockSortKey,
):
    choice(_choices)


@described
class SlaTerms:
    """What a policy promised from a moment on, with its calendar as it was then: never changed."""

    revision: int = about("Which of the terms of its policy, from 1.")
    made_at: datetime = about("Since when.")
    first_response_min: int | None = about("Minutes to the first public reply. Null: not promised.")
    next_response_min: int | None = about(
        "Minutes from a customer's message to the reply behind it. Null: not promised."
    )
    resolution_min: int | None = about("Minutes until it is resolved. Null: not promised.")
    warn_percent: int = about("When so much of the time is used up, a ticket is at risk.")
    pauses_internal: bool = about(
        "The clock of the resolution stands still in PENDING_INTERNAL, too."
    )
    calendar: WorkingCalendar | None = one(
        sites.calendars_by_ids,
        "calendar_id",
        "The calendar as it is now. Null: clocks run round the clock.",
        scope=Scope.FULFILLMENT_READ,
    )

    @strawberry.field(description="The time zone of the hours, as `America/Sao_Paulo`.")
    def time_zone(parent: strawberry.Parent[policies.SlaTerms]) -> str:
        return parent.promise.hours.time_zone

    @strawberry.field(description="In which hours its clocks run, at most 42.")
    def hours(parent: strawberry.Parent[policies.SlaTerms]) -> list[CalendarPeriod]:
        return [
            CalendarPeriod(weekday=weekday, opens=opens, closes=closes)
            for weekday, periods in enumerate(parent.promise.hours.week, start=1)
            for opens, closes in periods
        ]

    @strawberry.field(description="On which days its clocks stand still, at most 1,000.")
    def holidays(parent: strawberry.Parent[policies.SlaTerms]) -> list[date]:
        return sorted(parent.promise.hours.holidays)


@node("slp", policies.SlaPolicy, queries.policies_by_ids, scope=READ)
class SlaPolicy(Node, Versioned, HasTimeline):
    """For which tickets what is promised. The first one by position whose conditions hold counts;
    a condition without values holds for every ticket.
    """

    code: str = about("Its short name, unique.")
    name: str = about("Its name.")
    position: int = about("Policies are tried in this order; of two with the same one, by code.")
    is_active: bool = about("False: it was removed, and promises nothing more.")
    languages: list[str] = about("For these languages; `pt` is for `pt-BR`, too.")
    customer_tags: list[str] = about("For customers with one of these tags.")
    teams: list[TicketTeam] = many(
        queries.teams_by_policies, "id", "For tickets of these teams, at most 50."
    )
    customer_groups: list[CustomerGroup] = many(
        queries.groups_by_policies,
        "id",
        "For customers in one of these groups, at most 50.",
        scope=Scope.CUSTOMERS_READ,
    )
    terms: SlaTerms = one(queries.terms_by_ids, "terms_id", "What it promises now.")

    @strawberry.field(description="For tickets that came in these ways.")
    def sources(parent: strawberry.Parent[policies.SlaPolicy]) -> list[TicketSource]:
        return [TicketSource(each) for each in parent.sources]

    @strawberry.field(description="For tickets of these priorities.")
    def priorities(parent: strawberry.Parent[policies.SlaPolicy]) -> list[TicketPriority]:
        return [TicketPriority(each) for each in parent.priorities]


@described
class TicketClockSegment:
    """A while in the life of a clock: what it did, and how much of it counts."""

    kind: SegmentKind = about("What it did.")
    starts_at: datetime = about("From then on.")
    ends_at: datetime | None = about("Up to then. Null: it lasts.")
    status: TicketStatus = about("The state of the ticket meanwhile, which is why.")
    worked_s: int | None = about("Seconds of opening hours that count. Null: it lasts.")
    left_s: int = about("Seconds that were left at its begin; below zero: it was overdue by then.")
    is_reason: bool = about(
        "From its begin, and what was left then, in the hours of the terms, the due time follows."
    )


@node("slc", kept_clocks.TicketClock, queries.clocks_by_ids, scope=READ)
class TicketClock(Node):
    """Measures whether something promised for a ticket comes in time."""

    kind: ClockKind = about("What it measures.")
    state: ClockState = about("How far it is.")
    started_at: datetime = about("When it began.")
    stopped_at: datetime | None = about("When what it waited for came. Null: it has not.")
    target_min: int | None = about(
        "How many minutes it may take. Null: another system measured it."
    )
    elapsed_s: int | None = about(
        "Seconds that its past segments come to. Null: another system measured it."
    )
    due_at: datetime | None = about(
        "When it is overdue if nothing happens, or would have been. Null while it stands still."
    )
    warn_at: datetime | None = about("When it is at risk if nothing happens.")
    warned_at: datetime | None = about("When it was told that it is at risk. Null: it was not.")
    breached_at: datetime | None = about(
        "Since when it is, or was, overdue; another policy does not take that back."
    )
    is_missed: bool = about("Whether it is, or was, overdue.")
    ticket: Ticket = one(on_tickets.tickets_by_ids, "ticket_id", "Of which ticket.")
    terms: SlaTerms | None = one(
        queries.terms_by_ids, "terms_id", "What was promised. Null: another system measured it."
    )
    segments: list[TicketClockSegment] = many(
        queries.segments_by_clocks,
        "id",
        "Why it is due when it is: when it ran and stood still, worked out of the log of the "
        "ticket. Empty if another system measured it.",
        weight=5,
    )


@described
class TicketDue:
    """When something of a ticket is due, by its running clocks."""

    next_due_at: datetime | None = about("The first of it. Null: nothing is due.")
    first_response_due_at: datetime | None = about("The first public reply. Null: not due.")
    next_response_due_at: datetime | None = about("The next public reply. Null: not due.")
    resolution_due_at: datetime | None = about("That it is resolved. Null: not due.")
    policy: SlaPolicy | None = one(
        queries.policies_by_ids, "sla_policy_id", "The policy that holds for it. Null: none does."
    )


@described
class TicketRecord:
    """What another system said of a ticket once."""

    system: str = about("Which system.")
    at: datetime = about("When.")
    revision: int = about("Its own count of changes; some may be missing.")
    state_code: str = about("The state, in its own word.")
    status: TicketStatus | None = about("The same here. Null: nobody knows what it means.")
    priority: TicketPriority = about("The priority.")
    team: TicketTeam | None = one(on_tickets.teams_by_ids, "team_id", "Which team had it.")
    assignee: str | None = about(
        "Who looked after it.", personal="staff", scope=Scope.PERSONAL_READ
    )
    actor: str | None = about("Who changed it.", personal="staff", scope=Scope.PERSONAL_READ)
    is_missed: bool = about("Whether it said that a promise was not kept.")


@described
class SlaClockFigure:
    """Clocks of one kind that began in a period."""

    kind: ClockKind = about("What they measure.")
    started: int = about("How many began.")
    met: int = about("How many of them ended in time.")
    missed: int = about("How many of them are, or were, overdue.")
    open: int = about("How many of them run or pause, and are not overdue.")


@described
class SlaFigure:
    """How promises were kept for one group of tickets."""

    tickets: int = about("How many tickets have clocks that began in the period.")
    missed_tickets: int = about("How many of them have one that is, or was, overdue.")
    priority: TicketPriority | None = about("Of this priority. Null: it is no group of these.")
    source: TicketSource | None = about("That came in this way. Null: it is no group of these.")
    policy: SlaPolicy | None = one(
        queries.policies_by_ids,
        "policy_id",
        "Under this policy. Null: another system measured them, or it is no group of these.",
    )
    team: TicketTeam | None = one(
        on_tickets.teams_by_ids,
        "team_id",
        "Of this team. Null: of none, or it is no group of these.",
    )
    clocks: list[SlaClockFigure] = about("The clocks by kind, at most three.")


attach(Ticket, "due", TicketDue, one(queries.due_by_tickets, "id", "When something of it is due."))
attach(
    Ticket,
    "clocks",
    list[TicketClock],
    many(queries.clocks_by_tickets, "id", "What is promised for it, and how it goes."),
)
attach(
    Ticket,
    "records",
    list[TicketRecord],
    many(
        figures.records_by_tickets,
        "id",
        "What another system said of it, in its order; at most 5,000.",
    ),
)


@filter_input
class SlaPolicyFilter:
    """Which policies. All words that are given must hold."""

    is_active: bool | None = about("Whether they were not removed.", default=UNSET)


@strawberry.input(description="The order of a list of policies.")
class SlaPolicySort:
    key: SlaPolicySortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.ASC)


@filter_input
class TicketClockFilter:
    """Which clocks. All words that are given must hold."""

    state: list[ClockState] | None = about("In one of these states.", default=UNSET)
    kind: list[ClockKind] | None = about("Of one of these kinds.", default=UNSET)
    is_missed: bool | None = about("Whether they are, or were, overdue.", default=UNSET)
    is_at_risk: bool | None = about(
        "Whether they run, were told to be at risk, and are not overdue.", default=UNSET
    )
    policy_id: IdFilter | None = about("Under such a policy.", default=UNSET)
    ticket_id: IdFilter | None = about("Of such a ticket.", default=UNSET)
    started_at: DateTimeFilter | None = about("That began at such a time.", default=UNSET)
    due_at: DateTimeFilter | None = about("Due at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of clocks.")
class TicketClockSort:
    key: TicketClockSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(description="For which tickets what is promised. Minutes are of opening hours.")
class SlaPolicySetInput:
    code: str = about("Its short name; what is there under it is changed.")
    name: str = about("Its name.")
    position: int = about("Policies are tried in this order, 0 to 1,000,000.")
    sources: list[TicketSource] = about("That came in these ways.", default_factory=list)
    priorities: list[TicketPriority] = about("Of these priorities.", default_factory=list)
    team_ids: list[strawberry.ID] = about("Of these teams, at most 50.", default_factory=list)
    languages: list[str] = about(
        "In these languages, at most 50; `pt` is for `pt-BR`, too.", default_factory=list
    )
    customer_tags: list[str] = about(
        "Of customers with one of these tags, at most 50.", default_factory=list
    )
    customer_group_ids: list[strawberry.ID] = about(
        "Of customers in one of these groups, at most 50.", default_factory=list
    )
    calendar_id: strawberry.ID | None = about(
        "In whose hours its clocks run. Null: round the clock.", default=None
    )
    first_response_min: int | None = about(
        "Minutes to the first public reply, 1 to 86,400.", default=None
    )
    next_response_min: int | None = about(
        "Minutes from a customer's message to the reply behind it.", default=None
    )
    resolution_min: int | None = about("Minutes until it is resolved.", default=None)
    warn_percent: int = about(
        "A ticket is at risk when so much of the time is used up, 1 to 100.",
        default=WARN_PERCENT_DEFAULT,
    )
    pauses_internal: bool = about(
        "The clock of the resolution stands still in PENDING_INTERNAL, too.", default=False
    )


@payload
class SlaPolicyPayload(MutationPayload):
    """What a mutation of a policy answers."""

    policy: SlaPolicy | None = one(
        queries.policies_by_ids, "value", "The policy as it is now. Null if it was refused."
    )
