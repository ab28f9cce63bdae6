"""What can be asked about rules that open tickets, and of what they have seen."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, func, select

from backoffice_api.domain.kernel.filters import On
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import among, fetch, one_per, select_as
from backoffice_api.domain.tickets.model.rules import (
    DAY,
    TicketCause,
    TicketOpening,
    TicketOpeningSortKey,
    TicketRule,
    TicketRuleSortKey,
    TicketRuleStatus,
    UnknownTicketRule,
)
from backoffice_api.domain.tickets.tables.desk import ticket_openings, ticket_rules

rules_by_ids = one_per(TicketRule, ticket_rules, ticket_rules.c.id)
rules_by_codes = one_per(TicketRule, ticket_rules, ticket_rules.c.code)
openings_by_tickets = one_per(TicketOpening, ticket_openings, ticket_openings.c.ticket_id)

ticket_rule_list = Listing(
    TicketRule,
    ticket_rules,
    sorts={
        TicketRuleSortKey.RANK: ticket_rules.c.rank,
        TicketRuleSortKey.CREATED_AT: ticket_rules.c.created_at,
    },
    words={"status": On(ticket_rules.c.status), "cause": On(ticket_rules.c.cause)},
    descending=False,
)

ticket_opening_list = Listing(
    TicketOpening,
    ticket_openings,
    sorts={TicketOpeningSortKey.CREATED_AT: ticket_openings.c.created_at},
)


def rule(db: Connection, id: UUID) -> TicketRule:
    """Raises: UnknownTicketRule."""
    if found := rules_by_ids(db, [id]).get(id):
        return found
    raise UnknownTicketRule(id).at("id")


def enabled_rules(db: Connection) -> Sequence[TicketRule]:
    """The rules that open tickets, in the order in which they are tried."""
    row = ticket_rules.c
    statement = select_as(TicketRule, ticket_rules).where(row.status == TicketRuleStatus.ENABLED)
    return fetch(db, TicketRule, statement.order_by(row.rank, row.id))


def seen(db: Connection, subject_ids: Collection[UUID]) -> frozenset[tuple[TicketCause, UUID]]:
    """Which causes that lie in these things some rule has seen already."""
    row = ticket_openings.c
    statement = select(row.cause, row.subject_id).where(among(row.subject_id, subject_ids))
    return frozenset((each.cause, each.subject_id) for each in db.execute(statement))


def opened_within_a_day(
    db: Connection, rule_ids: Collection[UUID], now: datetime
) -> Mapping[UUID, int]:
    """How many tickets each of these rules has opened since this hour yesterday."""
    row = ticket_openings.c
    statement = (
        select(row.rule_id, func.count())
        .where(among(row.rule_id, rule_ids), row.created_at > now - DAY, row.ticket_id.is_not(None))
        .group_by(row.rule_id)
    )
    return {each[0]: each[1] for each in db.execute(statement)}
