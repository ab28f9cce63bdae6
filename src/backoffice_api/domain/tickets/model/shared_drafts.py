"""The draft of a ticket: one that all who answer share, and who is there with them.

A draft counts its versions. Who saves one says on which version it is based; who is not up to
date is told so, and who was faster. Neither drafts nor who looks on are told in the log: they
are of the moment, and hold what nobody has said yet.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Refused
from backoffice_api.domain.kernel.uow import ActorKind
from backoffice_api.domain.tickets.model.words import CONTENT, TicketVisibility

DRAFT_LENGTH_MAX = 20_000
# Clients say every half minute that somebody is there.
PRESENT_FOR = timedelta(seconds=60)
PRESENT_MAX = 50


class TicketActivity(Choice):
    """What somebody does at a ticket."""

    VIEWING = "viewing", "Looks at it."
    TYPING = "typing", "Writes an answer."


@dataclass(frozen=True, slots=True)
class TicketDraft:
    """`id` is that of the ticket. `edited_by_…`: who saved it last."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    visibility: TicketVisibility
    text: str = field(metadata=CONTENT)
    edited_by_kind: ActorKind
    edited_by_id: UUID | None

    @property
    def staff_id(self) -> UUID | None:
        """The person who saved it last. None: a program did."""
        return self.edited_by_id if self.edited_by_kind is ActorKind.STAFF else None


@dataclass(frozen=True, slots=True)
class TicketPresence:
    """Somebody who is at a ticket. `until`: who says nothing till then has left."""

    ticket_id: UUID
    actor_kind: ActorKind
    actor_id: UUID
    activity: TicketActivity
    since: datetime
    until: datetime

    @property
    def staff_id(self) -> UUID | None:
        """The person. None: it is a program."""
        return self.actor_id if self.actor_kind is ActorKind.STAFF else None


@dataclass(eq=False)
class TicketDraftChanged(Refused):
    """Somebody else saved the draft since it was read. Read it again, and put both together.

    `actual` 0: there is none any more, as it was sent or thrown away.
    """

    expected: int
    actual: int
    edited_at: datetime | None
    edited_by_kind: ActorKind | None
    edited_by_id: UUID | None
    message = "The draft is at revision {actual}, not {expected}: somebody else changed it."


@dataclass(eq=False)
class NoTicketDraft(Refused):
    """There is no draft that could be sent."""

    message = "This ticket has no draft."
