"""What can be asked and done with rules that open tickets."""

from collections.abc import Mapping
from datetime import UTC, datetime
from inspect import Parameter
from typing import Annotated, Any

import strawberry
from sqlalchemy import Connection as Database

from backoffice_api.context import Context
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.tickets.commands import ruling
from backoffice_api.domain.tickets.model.rules import RuleTrial
from backoffice_api.domain.tickets.queries import rules, trials
from backoffice_api.schema.connections import Connection, asked, listed, parameter
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.lookups import found_by_id
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.ticket_rules import (
    READ,
    TicketRule,
    TicketRuleFilter,
    TicketRulePayload,
    TicketRuleSetInput,
    TicketRuleSort,
    TicketRuleTrial,
    TicketRuleTrialInput,
)

_Trial = Annotated[TicketRuleTrialInput, strawberry.argument(description="What is tried.")]


def _trial(db: Database, _: Context, arguments: Mapping[str, Any]) -> RuleTrial:
    given: TicketRuleTrialInput = arguments["input"]
    tried = trials.TriedRule(
        cause=given.cause,
        since=given.since,
        exceptions=tuple(given.exceptions),
        after_days=given.after_days,
        daily_max=given.daily_max,
    )
    return trials.try_rule(db, tried, datetime.now(UTC))


@strawberry.type
class TicketRuleQuery:
    ticket_rule: TicketRule | None = found_by_id(
        "tkr", rules.rules_by_ids, "Its id.", "One rule. Null if none.", scope=READ
    )
    ticket_rules: Connection[TicketRule] = listed(
        rules.ticket_rule_list,
        "Rules that open tickets, in the order in which they are tried.",
        scope=READ,
        filter=TicketRuleFilter,
        sort=TicketRuleSort,
    )
    ticket_rule_trial: TicketRuleTrial = asked(
        _trial,
        [parameter("input", _Trial, Parameter.empty)],
        "How many tickets a rule would have opened since then; nothing is kept.",
        scope=Scope.TICKETS_MANAGE,
        weight=50,
    )


@strawberry.type
class TicketRuleMutation:
    @mutation(ruling.set_rule, TicketRulePayload)
    def ticket_rule_set(input: TicketRuleSetInput) -> ruling.SetTicketRule:
        """Make a rule that opens tickets, or change the one with this code.

        A new one opens none until it is enabled. Try it first by `ticketRuleTrial`.
        """
        return ruling.SetTicketRule(
            code=input.code,
            title=input.title,
            cause=input.cause,
            rank=input.rank,
            exceptions=tuple(input.exceptions),
            after_days=input.after_days,
            priority=input.priority,
            team_id=given_id("tem", input.team_id),
            tags=tuple(input.tags),
            daily_max=input.daily_max,
        )

    @mutation(ruling.enable_rule, TicketRulePayload)
    def ticket_rule_enable(id: strawberry.ID) -> ruling.EnableTicketRule:
        """Open tickets by a rule, for what happens or falls due from now on."""
        return ruling.EnableTicketRule(id=ids.parse("tkr", id))

    @mutation(ruling.disable_rule, TicketRulePayload)
    def ticket_rule_disable(id: strawberry.ID) -> ruling.DisableTicketRule:
        """Open no more tickets by a rule."""
        return ruling.DisableTicketRule(id=ids.parse("tkr", id))

    @mutation(ruling.remove_rule, TicketRulePayload)
    def ticket_rule_remove(id: strawberry.ID) -> ruling.RemoveTicketRule:
        """Put a rule away; it stays for the tickets that it opened."""
        return ruling.RemoveTicketRule(id=ids.parse("tkr", id))
