"""Notices: what was written on tickets that somebody follows, or has been given."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice

MARKED_MAX = 250


class TicketNoticeSortKey(Choice):
    """By what a list of notices is sorted."""

    CREATED_AT = "created_at", "When it was written."


@dataclass(frozen=True, slots=True)
class TicketNotice:
    """That a message was written by somebody else. `read_at`: when it was marked as read."""

    id: UUID
    staff_id: UUID
    ticket_id: UUID
    message_id: UUID
    created_at: datetime
    read_at: datetime | None
