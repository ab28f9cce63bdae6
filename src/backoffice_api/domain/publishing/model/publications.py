"""Publications: a product in a channel, shown, to be shown, or not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.states import Action, Machine, move


class PublicationStatus(Choice):
    """Whether a channel shows a product."""

    UNPUBLISHED = "unpublished", "Not shown."
    SCHEDULED = "scheduled", "Shown from a moment on, if it is ready then."
    BLOCKED = "blocked", "Its moment came and it was not ready: it is not shown."
    PUBLISHED = "published", "Shown."


_HIDDEN = {
    PublicationStatus.UNPUBLISHED,
    PublicationStatus.SCHEDULED,
    PublicationStatus.BLOCKED,
}

MACHINE = Machine(
    PublicationStatus.UNPUBLISHED,
    move("publish", _HIDDEN, PublicationStatus.PUBLISHED),
    move("schedule", _HIDDEN, PublicationStatus.SCHEDULED),
    move("block", {PublicationStatus.SCHEDULED}, PublicationStatus.BLOCKED),
    move(
        "unpublish",
        {PublicationStatus.PUBLISHED, PublicationStatus.SCHEDULED, PublicationStatus.BLOCKED},
        PublicationStatus.UNPUBLISHED,
    ),
    move("schedule_end", {PublicationStatus.PUBLISHED, PublicationStatus.SCHEDULED}),
)
_BY_PEOPLE = frozenset(MACHINE.moves) - {"block"}


class PublicationSortKey(Choice):
    """By what a list of publications is sorted."""

    CREATED_AT = "created_at", "When the product was first meant for the channel."
    UPDATED_AT = "updated_at", "When it was last changed."


@dataclass(frozen=True, slots=True)
class Publication:
    """`publish_at`: while scheduled. `unpublish_at`: while published or scheduled, if it ends."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    product_id: UUID
    channel_id: UUID
    status: PublicationStatus
    publish_at: datetime | None
    unpublish_at: datetime | None
    published_at: datetime | None

    @property
    def actions(self) -> Sequence[Action]:
        """What a person can do; blocking is done by the clock."""
        return [each for each in MACHINE.actions(self.status) if each.name in _BY_PEOPLE]


@dataclass(frozen=True, slots=True)
class PublicationEvent(Event):
    """Something happened to a product in a channel."""

    id: UUID
    version: int
    product_id: UUID
    channel_id: UUID
    channel: str


@dataclass(frozen=True, slots=True)
class ProductPublished(PublicationEvent):
    type = "publication.published"
    subject = "pub"
    summary = "The product is shown in channel {channel}."


@dataclass(frozen=True, slots=True)
class PublicationScheduled(PublicationEvent):
    type = "publication.scheduled"
    subject = "pub"
    summary = "The product is to be shown in channel {channel}, or not any more, at a moment."


@dataclass(frozen=True, slots=True)
class PublicationBlocked(PublicationEvent):
    type = "publication.blocked"
    subject = "pub"
    summary = "The product was not ready to be shown in channel {channel}."


@dataclass(frozen=True, slots=True)
class ProductUnpublished(PublicationEvent):
    type = "publication.unpublished"
    subject = "pub"
    summary = "The product is not shown in channel {channel} any more."


@dataclass(eq=False)
class UnknownPublication(Missing):
    """The product was never meant for this channel."""

    message = "The product is not in this channel."


@dataclass(eq=False)
class AlreadyPublished(Refused):
    """The product is shown in the channel already."""

    message = "The product is shown in this channel already."


@dataclass(eq=False)
class EndsBeforeStart(Invalid):
    """It would be hidden before it is shown."""

    message = "It would be hidden before it is shown."
