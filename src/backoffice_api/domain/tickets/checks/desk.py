"""What must be true of acts, and of what rules opened."""

from sqlalchemy import or_, select

from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.tickets.tables import tickets
from backoffice_api.domain.tickets.tables.desk import (
    ticket_act_results,
    ticket_acts,
    ticket_openings,
    ticket_rules,
)

_act, _result = ticket_acts.c, ticket_act_results.c

CHECKS: tuple[Check, ...] = (
    Check(
        "TD1",
        "A ticket that a rule opened names that rule and its cause.",
        select(ticket_openings.c.id, tickets.c.number, tickets.c.opened_by_rule)
        .join(tickets, tickets.c.id == ticket_openings.c.ticket_id)
        .join(ticket_rules, ticket_rules.c.id == ticket_openings.c.rule_id)
        .where(
            or_(
                tickets.c.cause_key.is_(None),
                tickets.c.opened_by_rule.is_(None),
                tickets.c.opened_by_rule != ticket_rules.c.code,
            )
        ),
    ),
    Check(
        "TD2",
        "What was done from a ticket made or changed something.",
        select(_act.id, _act.kind)
        .outerjoin(ticket_act_results, _result.act_id == _act.id)
        .where(_result.act_id.is_(None)),
    ),
)
