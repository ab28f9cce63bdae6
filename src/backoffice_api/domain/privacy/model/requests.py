"""Requests of persons about their data, and by when they are to be answered."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.states import Action, Machine, move

NOTE_LENGTH_MAX = 2_000
_LGPD_DAYS = 15


class PrivacyRequestKind(Choice):
    """What a person asks for."""

    ACCESS = "access", "A statement of all that is known (LGPD art. 19, GDPR art. 15 and 20)."
    ERASURE = "erasure", "That it be erased (LGPD art. 18 VI, GDPR art. 17)."
    CORRECTION = "correction", "That it be put right (LGPD art. 18 III, GDPR art. 16)."
    OBJECTION = "objection", "That it be used no longer (LGPD art. 18 paragraph 2, GDPR art. 21)."


class PrivacyRegime(Choice):
    """Under which law it is asked, which says how much time there is."""

    LGPD = "lgpd", "Brazil: 15 days (LGPD art. 19 II)."
    GDPR = "gdpr", "European Union: one month (GDPR art. 12(3))."


class PrivacyRequestStatus(Choice):
    """What became of a request."""

    OPEN = "open", "To be answered."
    DONE = "done", "Answered: done as asked, as far as the law allows."
    REFUSED = "refused", "Refused, with a reason that was told to the person."


MACHINE = Machine(
    PrivacyRequestStatus.OPEN,
    move("complete", {PrivacyRequestStatus.OPEN}, PrivacyRequestStatus.DONE),
    move("refuse", {PrivacyRequestStatus.OPEN}, PrivacyRequestStatus.REFUSED),
)


class PrivacyRequestSortKey(Choice):
    """By what a list of requests is sorted."""

    CREATED_AT = "created_at", "When it was noted."
    DUE_ON = "due_on", "By when it is to be answered."


@dataclass(frozen=True, slots=True)
class PrivacyRequest:
    """`received_on`: from then the time runs. `reason`: why it was refused; empty: it was not."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    customer_id: UUID
    kind: PrivacyRequestKind
    regime: PrivacyRegime
    status: PrivacyRequestStatus
    received_on: date
    due_on: date
    ended_at: datetime | None
    note: str = field(metadata={"personal": "content"})
    reason: str = field(metadata={"personal": "content"})

    @property
    def actions(self) -> Sequence[Action]:
        return MACHINE.actions(self.status)


@dataclass(frozen=True, slots=True)
class PrivacyRequestOpened(Event):
    type = "privacy_request.opened"
    subject = "pvr"
    summary = "A request of a person was noted, to be answered by {due_on}."
    id: UUID
    version: int
    customer_id: UUID
    kind: PrivacyRequestKind
    due_on: date


@dataclass(frozen=True, slots=True)
class PrivacyRequestCompleted(Event):
    type = "privacy_request.completed"
    subject = "pvr"
    summary = "The request was answered."
    id: UUID
    version: int
    kind: PrivacyRequestKind


@dataclass(frozen=True, slots=True)
class PrivacyRequestRefused(Event):
    type = "privacy_request.refused"
    subject = "pvr"
    summary = "The request was refused."
    id: UUID
    version: int
    kind: PrivacyRequestKind


@dataclass(eq=False)
class UnknownPrivacyRequest(Missing):
    """There is no request of a person with this id."""

    id: UUID
    message = "There is no such request."


@dataclass(eq=False)
class RequestOfAnother(Refused):
    """The request was made by another customer, or asks for something else."""

    id: UUID
    message = "This request is not about that."


@dataclass(eq=False)
class ReceivedInFuture(Invalid):
    """A request cannot have been received on a day that is yet to come."""

    message = "This day is yet to come."


def due_on(regime: PrivacyRegime, received_on: date) -> date:
    """The last day on which a request can be answered in time.

    LGPD art. 19 II: 15 days. GDPR art. 12(3): one month, by Regulation 1182/71 art. 3(2)(c): the
    same day of the next month, or the last one it has.
    """
    if regime is PrivacyRegime.LGPD:
        return received_on + timedelta(days=_LGPD_DAYS)
    year, month = received_on.year + received_on.month // 12, received_on.month % 12 + 1
    return date(year, month, min(received_on.day, calendar.monthrange(year, month)[1]))
