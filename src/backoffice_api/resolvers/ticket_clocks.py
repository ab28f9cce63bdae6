"""What can be asked and set up about what is promised for tickets."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from inspect import Parameter
from typing import Annotated, Any

import strawberry
from sqlalchemy import Connection as Database

from backoffice_api.context import Context
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.tickets.commands import policies
from backoffice_api.domain.tickets.model.policies import SlaGroup
from backoffice_api.domain.tickets.queries import clocks as queries
from backoffice_api.domain.tickets.queries import figures
from backoffice_api.schema.connections import Connection, Count, asked, counted, listed, parameter
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.lookups import found_by_id
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.ticket_clocks import (
    SlaFigure,
    SlaPolicy,
    SlaPolicyFilter,
    SlaPolicyPayload,
    SlaPolicySetInput,
    SlaPolicySort,
    TicketClock,
    TicketClockFilter,
    TicketClockSort,
)
from backoffice_api.schema.tickets import READ

_Group = Annotated[SlaGroup, strawberry.argument(description="By what tickets are told apart.")]
_Since = Annotated[
    datetime, strawberry.argument(description="Clocks that began then or later count.")
]
_Until = Annotated[datetime, strawberry.argument(description="Those that began before then count.")]


def _figures(
    db: Database, context: Context, arguments: Mapping[str, Any]
) -> Sequence[figures.SlaFigure]:
    return figures.sla_figures(db, arguments["by"], arguments["since"], arguments["until"])


@strawberry.type
class TicketClockQuery:
    sla_policy: SlaPolicy | None = found_by_id(
        "slp", queries.policies_by_ids, "Its id.", "One policy. Null if there is none.", scope=READ
    )
    sla_policies: Connection[SlaPolicy] = listed(
        queries.policy_list,
        "What is promised for which tickets, in the order in which policies are tried.",
        scope=READ,
        filter=SlaPolicyFilter,
        sort=SlaPolicySort,
    )
    ticket_clocks: Connection[TicketClock] = listed(
        queries.clock_list,
        "Clocks of tickets, those that began last first. What is at risk: `filter: {isAtRisk: "
        "true}, sort: {key: DUE_AT, direction: ASC}`.",
        scope=READ,
        filter=TicketClockFilter,
        sort=TicketClockSort,
    )
    ticket_clocks_count: Count = counted(
        queries.clock_list, "How many clocks there are.", scope=READ, filter=TicketClockFilter
    )
    sla_figures: list[SlaFigure] = asked(
        _figures,
        [
            parameter("by", _Group, Parameter.empty),
            parameter("since", _Since, Parameter.empty),
            parameter("until", _Until, Parameter.empty),
        ],
        "How promises were kept whose clocks began in a period; the largest group first. A ticket "
        "counts once, however many clocks it has.",
        scope=READ,
        weight=20,
    )


@strawberry.type
class TicketClockMutation:
    @mutation(policies.set_sla_policy, SlaPolicyPayload)
    def sla_policy_set(input: SlaPolicySetInput) -> policies.SetSlaPolicy:
        """Say what is promised for which tickets. What was overdue stays so; live tickets get new
        due times soon after.
        """
        return policies.SetSlaPolicy(
            code=input.code,
            name=input.name,
            position=input.position,
            sources=tuple(input.sources),
            priorities=tuple(input.priorities),
            team_ids=tuple(ids.parse("tem", each) for each in input.team_ids),
            languages=tuple(input.languages),
            customer_tags=tuple(input.customer_tags),
            customer_group_ids=tuple(ids.parse("cgr", each) for each in input.customer_group_ids),
            calendar_id=given_id("cal", input.calendar_id),
            first_response_min=input.first_response_min,
            next_response_min=input.next_response_min,
            resolution_min=input.resolution_min,
            warn_percent=input.warn_percent,
            pauses_internal=input.pauses_internal,
        )

    @mutation(policies.remove_sla_policy, SlaPolicyPayload)
    def sla_policy_remove(id: strawberry.ID) -> policies.RemoveSlaPolicy:
        """Promise nothing more by a policy. Live tickets follow the others soon after."""
        return policies.RemoveSlaPolicy(id=ids.parse("slp", id))
