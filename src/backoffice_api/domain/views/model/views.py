"""Saved views: a filter of a list with a name, kept for oneself or shared."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.uow import ActorKind
from backoffice_api.domain.views.model.lists import ListQuery

# Of one list somebody keeps so many views, and is shown so many, his own and others'.
OWN_VIEWS_MAX = 100
VIEWS_SHOWN_MAX = 250
READERS_MAX = 100
POSITION_MAX = 1_000_000
COUNT_LIMIT = 1_000
ALERT_MAX = 10_000

# What somebody looks for may name a person: the log shows only that it changed.
_ASKED = {"personal": "content"}


class Sharing(Choice):
    """Who may see a view."""

    PRIVATE = "private", "Only whom it belongs to."
    STAFF = "staff", "Whom it belongs to, and some members of staff."
    EVERYBODY = "everybody", "Everybody who may see views."


@dataclass(frozen=True, slots=True)
class SavedView:
    """`position`: where it stands among the views of its list, smallest first.

    `alert_above`: when its list grows above so many rows, that is told; None: never.
    `alerted_at`: since when it is above; None: it is not, or nobody looks.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    owner_kind: ActorKind
    owner_id: UUID
    name: str
    target: str
    filter: Mapping[str, Any] | None = field(metadata=_ASKED)
    search: str | None = field(metadata=_ASKED)
    sort: Mapping[str, Any] | None
    position: int
    sharing: Sharing
    alert_above: int | None
    alerted_at: datetime | None

    @property
    def query(self) -> ListQuery:
        return ListQuery(self.target, self.filter, self.search, self.sort)


@dataclass(frozen=True, slots=True)
class Reader:
    """A member of staff with whom a view is shared."""

    view_id: UUID
    staff_id: UUID


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks for views: what he may see follows from who he is."""

    kind: ActorKind
    id: UUID | None


@dataclass(frozen=True, slots=True)
class SavedViewCreated(Event):
    type = "saved_view.created"
    subject = "viw"
    summary = "View {name} of {target} was saved."
    id: UUID
    version: int
    name: str
    target: str


@dataclass(frozen=True, slots=True)
class SavedViewUpdated(Event):
    type = "saved_view.updated"
    subject = "viw"
    summary = "View {name} was changed."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class SavedViewShared(Event):
    type = "saved_view.shared"
    subject = "viw"
    summary = "View {name} is seen by: {sharing}."
    id: UUID
    version: int
    name: str
    sharing: Sharing
    staff_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class SavedViewRemoved(Event):
    type = "saved_view.removed"
    subject = "viw"
    summary = "View {name} was removed."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class SavedViewAlerted(Event):
    """The list of the view has grown above its threshold; it is told once until it is below."""

    type = "saved_view.alerted"
    subject = "viw"
    summary = "View {name} of {target} has more than {alert_above} rows."
    id: UUID
    version: int
    name: str
    target: str
    alert_above: int


@dataclass(eq=False)
class UnknownSavedView(Missing):
    """There is no view with this id, or it is not shared with the caller."""

    id: UUID
    message = "There is no such view."


@dataclass(eq=False)
class NotYourView(Refused):
    """Only whom a view belongs to may change it."""

    message = "Only whom the view belongs to may change it."


@dataclass(eq=False)
class NobodysView(Refused):
    """A view belongs to a person or a program; the back office itself keeps none."""

    message = "A view belongs to a person or a program."


@dataclass(eq=False)
class TooManyViews(Refused):
    """Of one list somebody keeps no more than so many views."""

    maximum: int
    message = "Of one list you keep at most {maximum} views."


@dataclass(eq=False)
class ReadersWithoutSharing(Refused):
    """Members of staff are named, and the view is not to be shared with some, or the other way."""

    message = "Name members of staff exactly when the view is shared with STAFF."
