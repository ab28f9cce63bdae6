"""Signed messages from outside, kept as they came: gateways, carriers.

A message is stored and answered at once, and handled by a job after that. Its provider and its id
there name it: what is sent again is there already.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Column, Connection, Index, Table, Text, UniqueConstraint, update

from backoffice_api.domain.kernel import personal
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.rows import insert_or_ignore, one_per
from backoffice_api.domain.kernel.tables import Id, Instant, choice, line, metadata
from backoffice_api.domain.kernel.uow import Command, UnitOfWork

BODY_BYTES_MAX = 256 * 1024
EVENT_ID_LENGTH_MAX = 200
# For how long the body of a message that was handled is kept: it may hold personal data.
BODIES_KEPT = timedelta(days=30)
FORGOTTEN_AT_ONCE = 1_000
FORGET_JOB = "inbox.forget_bodies"


class InboxStatus(Choice):
    """What became of a message."""

    RECEIVED = "received", "Not handled yet; a job does, or has failed at it."
    HANDLED = "handled", "What it tells is taken over."
    UNKNOWN = "unknown", "It is about nothing of ours, or of a kind that nobody knows."


inbox = Table(
    "inbox",
    metadata,
    Column("id", Id, primary_key=True),
    # What it is about: payments, tracking.
    Column("topic", line(20), nullable=False),
    Column("provider", line(40), nullable=False),
    Column("event_id", line(EVENT_ID_LENGTH_MAX), nullable=False),
    Column("type", line(), nullable=False),
    # NULL: forgotten since.
    Column("body", Text, info=personal.CONTENT),
    choice("status", InboxStatus),
    Column("received_at", Instant, nullable=False),
    Column("ended_at", Instant),
    UniqueConstraint("topic", "provider", "event_id"),
    Index(None, "status", "received_at", "id"),
    info=personal.OF_ANYBODY,
)


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it came. `ended_at` None: it is not handled yet."""

    id: UUID
    topic: str
    provider: str
    event_id: str
    type: str
    body: str | None
    status: InboxStatus
    received_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveMessage(Command):
    """A message whose signature is right. `job`: the kind of the job that handles it."""

    scope = None
    topic: str
    provider: str
    event_id: str
    type: str
    body: str
    job: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetMessageBodies(Command):
    """Run by the worker every day."""

    scope = None


messages_by_ids = one_per(Message, inbox, inbox.c.id)


def receive_message(uow: UnitOfWork, command: ReceiveMessage) -> bool:
    """Keep a message and have it handled. False: it is there already."""
    id = uow.new_id()
    row: Mapping[str, object] = {
        "id": id,
        "topic": command.topic,
        "provider": command.provider,
        "event_id": command.event_id,
        "type": command.type,
        "body": command.body,
        "status": InboxStatus.RECEIVED,
        "received_at": uow.now,
        "ended_at": None,
    }
    if not insert_or_ignore(uow.db, inbox, row):
        return False
    uow.enqueue(Job(command.job, {"inbox_id": id.hex}))
    return True


def end(uow: UnitOfWork, id: UUID, status: InboxStatus) -> None:
    """Note what became of a message, in the transaction that takes over what it tells."""
    uow.db.execute(update(inbox).where(inbox.c.id == id).values(status=status, ended_at=uow.now))


def message(db: Connection, id: UUID) -> Message:
    """The message with this id, which there is."""
    return messages_by_ids(db, [id])[id]


def forget_bodies(uow: UnitOfWork, command: ForgetMessageBodies) -> int:
    """Forget what handled messages said, after a while. How many there were."""
    old = (
        inbox.select()
        .with_only_columns(inbox.c.id)
        .where(
            inbox.c.status != InboxStatus.RECEIVED,
            inbox.c.received_at < uow.now - BODIES_KEPT,
            inbox.c.body.is_not(None),
        )
        .limit(FORGOTTEN_AT_ONCE)
    )
    forgotten = uow.db.execute(update(inbox).where(inbox.c.id.in_(old)).values(body=None))
    return forgotten.rowcount
