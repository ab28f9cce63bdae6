"""Notices of tickets that one follows, on the wire."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from backoffice_api.context import Outcome
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.tickets import queries
from backoffice_api.domain.tickets.model.notices import TicketNoticeSortKey
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import IdFilter, filter_input
from backoffice_api.schema.links import one
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.tickets import Ticket, TicketMessage

READ = Scope.TICKETS_READ

choice(TicketNoticeSortKey)


@described
class TicketNotice:
    """Something that somebody else wrote on a ticket that you follow, or that is yours."""

    created_at: datetime = about("When it was written.")
    read_at: datetime | None = about("When you marked it as read. Null: you did not.")
    ticket: Ticket | None = one(
        queries.tickets_by_ids, "ticket_id", "On which ticket. Null if you may not see it."
    )
    message: TicketMessage | None = one(
        queries.messages_by_ids, "message_id", "What was written. Null if you may not see it."
    )


@filter_input
class TicketNoticeFilter:
    """Which notices. All words that are given must hold."""

    is_read: bool | None = about("Whether you have marked it as read.", default=UNSET)
    ticket_id: IdFilter | None = about("Of such a ticket.", default=UNSET)


@strawberry.input(description="Which notices of yours are marked as read.")
class TicketNoticesMarkReadInput:
    ticket_ids: list[strawberry.ID] | None = about(
        "Those of these tickets, at most 250. Null: all.", default=None
    )


def _marked(parent: strawberry.Parent[Outcome]) -> int | None:
    return None if parent.value is None else len(parent.value)


@payload
class TicketNoticesPayload(MutationPayload):
    """What marking notices answers."""

    marked: int | None = about("How many were marked. Null if it was refused.", resolver=_marked)
