"""What one is told of tickets that one follows."""

from collections.abc import Mapping
from typing import Any

import strawberry
from sqlalchemy import Connection as Database

from backoffice_api.context import Context
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.tickets.commands import noticing
from backoffice_api.domain.tickets.queries import desk
from backoffice_api.domain.tickets.tables.desk import ticket_notices
from backoffice_api.resolvers.comments import pages_of
from backoffice_api.schema.connections import Connection, asked, list_parameters
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.ticket_notices import (
    READ,
    TicketNotice,
    TicketNoticeFilter,
    TicketNoticesMarkReadInput,
    TicketNoticesPayload,
)


def _notices(db: Database, context: Context, arguments: Mapping[str, Any]) -> Any:
    of = (desk.notice_list, ticket_notices.c.staff_id)
    return pages_of(db, context, arguments, of, context.caller.staff_id)


@strawberry.type
class TicketNoticeQuery:
    ticket_notices: Connection[TicketNotice] = asked(
        _notices,
        list_parameters(desk.notice_list, TicketNoticeFilter, None),
        "What others wrote on tickets that you follow or have, newest first. Programs follow none.",
        scope=READ,
        weight=1,
        multipliers=["first", "last"],
    )


@strawberry.type
class TicketNoticeMutation:
    @mutation(noticing.mark_notices, TicketNoticesPayload)
    def ticket_notices_mark_read(input: TicketNoticesMarkReadInput) -> noticing.MarkTicketNotices:
        """Mark notices of yours as read."""
        wanted = input.ticket_ids
        return noticing.MarkTicketNotices(
            ticket_ids=None if wanted is None else tuple(ids.parse("tic", each) for each in wanted)
        )
