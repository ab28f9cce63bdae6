"""Tickets: rows and the machine.

    new > open > pending_customer | pending_internal > resolved > closed

A customer's message brings a ticket that waits for them, or is resolved, back to `open`. Merged
tickets and spam have left this way; what was taken for spam by mistake is put back on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.customers.model import CONTACT, IDENTITY
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.tickets.model.words import (
    CONTENT,
    TicketAuthor,
    TicketPriority,
    TicketRelation,
    TicketRole,
    TicketSentState,
    TicketSource,
    TicketStatus,
    TicketVisibility,
)

_S = TicketStatus

# Something is still to be done about these.
LIVE = frozenset({_S.NEW, _S.OPEN, _S.PENDING_CUSTOMER, _S.PENDING_INTERNAL})
_DONE = frozenset({_S.RESOLVED, _S.CLOSED})
# Somebody has to come back to these.
WAITING = frozenset({_S.PENDING_CUSTOMER, _S.PENDING_INTERNAL})

MACHINE = Machine(
    _S.NEW,
    move("update", {*LIVE, _S.RESOLVED}),
    move("assign", {*LIVE, _S.RESOLVED}),
    move("reply", {*LIVE, _S.RESOLVED}),
    move("note", {*LIVE, *_DONE, _S.SPAM}),
    # Somebody of the shop begins with it.
    move("start", {_S.NEW}, _S.OPEN),
    move("await_customer", {*LIVE, _S.RESOLVED}, _S.PENDING_CUSTOMER),
    move("await_internal", {*LIVE}, _S.PENDING_INTERNAL),
    move("resume", {*WAITING}, _S.OPEN),
    move("snooze", {*LIVE}),
    move("wake", {*LIVE}),
    move("resolve", {*LIVE, _S.RESOLVED}, _S.RESOLVED),
    move("reopen", {*_DONE}, _S.OPEN),
    move("close", {_S.RESOLVED}, _S.CLOSED),
    # What its customer writes; see `after_answer` for where it leads.
    move("answer", {*LIVE, *_DONE, _S.SPAM}),
    move("merge", {*LIVE, _S.RESOLVED}, _S.MERGED),
    move("absorb", {*LIVE, _S.RESOLVED}),
    move("split", {*LIVE, _S.RESOLVED}),
    move("mark_as_spam", {*LIVE, _S.RESOLVED}, _S.SPAM),
    move("unmark_as_spam", {_S.SPAM}, _S.OPEN),
)

# Moves that follow from others: nobody asks for them by name.
DERIVED = frozenset({"answer", "absorb"})


@dataclass(frozen=True, slots=True)
class Ticket:
    """Something that somebody wants of the shop, until it is done.

    `skill`: what its assignee has to know. `opened_by_rule`: the rule that opened it; a rule opens
    one for each `cause_key`, and never a second one. `closes_at`: a resolved one is closed then,
    if nothing happens. `last_message_at`: of public and internal ones. Its due times stand beside
    the row: they follow from what happened.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    number: str
    serial: int
    subject: str = field(metadata=CONTENT)
    status: TicketStatus
    priority: TicketPriority
    source: TicketSource
    language: str | None
    skill: str | None
    customer_id: UUID | None
    team_id: UUID | None
    assignee_id: UUID | None
    merged_into_id: UUID | None
    snoozed_until: datetime | None
    opened_by_rule: str | None
    cause_key: str | None
    first_responded_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    closes_at: datetime | None
    last_message_at: datetime
    last_customer_message_at: datetime | None
    reopened_count: int

    @property
    def actions(self) -> Sequence[Action]:
        blocks = {} if self.snoozed_until else {"wake": ("it is not snoozed",)}
        found = MACHINE.actions(self.status, blocks)
        return [each for each in found if each.name not in DERIVED]


@dataclass(frozen=True, slots=True)
class TicketMessage:
    """What somebody wrote. `staff_id`: who of the shop; None: a program, or nobody of the shop.

    `html`: as it came, made safe; None: there was none. `mail_id`: its Message-ID (RFC 5322,
    3.6.4), without angle brackets. `sent_state` None: nobody sends it. `written_in_id`: the
    ticket in which it was written, where that was merged or split.
    """

    id: UUID
    ticket_id: UUID
    created_at: datetime
    visibility: TicketVisibility
    author: TicketAuthor
    source: TicketSource
    staff_id: UUID | None
    author_name: str | None = field(metadata=IDENTITY)
    author_email: str | None = field(metadata=CONTACT)
    body: str = field(metadata=CONTENT)
    html: str | None = field(metadata=CONTENT)
    mail_id: str | None = field(metadata=CONTACT)
    sent_state: TicketSentState | None
    written_in_id: UUID | None


@dataclass(frozen=True, slots=True)
class TicketMove:
    """That a ticket came from one state to another. `from_status` None: it was opened."""

    id: UUID
    ticket_id: UUID
    at: datetime
    from_status: TicketStatus | None
    to_status: TicketStatus
    actor_kind: str
    actor_id: UUID | None


@dataclass(frozen=True, slots=True)
class TicketLink:
    """That a ticket and a thing belong together. `subject_kind`: prefix of the id of the thing."""

    id: UUID
    ticket_id: UUID
    created_at: datetime
    subject_kind: str
    subject_id: UUID
    relation: TicketRelation


@dataclass(frozen=True, slots=True)
class TicketParticipant:
    """Somebody who takes part: a member of staff, or who can be reached at an address."""

    id: UUID
    ticket_id: UUID
    role: TicketRole
    staff_id: UUID | None
    customer_id: UUID | None
    name: str | None = field(metadata=IDENTITY)
    email: str | None = field(metadata=CONTACT)


def after_answer(status: TicketStatus) -> TicketStatus:
    """The state of a ticket once its customer has written.

    What waited for them, or was done, is open again; what waits for others goes on waiting.
    """
    return _S.OPEN if status is _S.PENDING_CUSTOMER or status in _DONE else status
