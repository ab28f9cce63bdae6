"""Reasons: why goods come back, and whose doing it was."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Missing

REASON_DEPTH_MAX = 3


class RootCause(Choice):
    """Whose doing it is that goods come back."""

    PRODUCT = "product", "The product itself: how it is made or how long it lasts."
    SUPPLIER = "supplier", "Who supplied it sent bad pieces."
    DESCRIPTION = "description", "It is not as it was described or pictured."
    WAREHOUSE = "warehouse", "The wrong pieces or too few were picked, or they were badly packed."
    CARRIER = "carrier", "It was damaged, late or lost on its way."
    CUSTOMER = "customer", "The customer changed their mind or ordered by mistake."
    FRAUD = "fraud", "Something is told that is not so."
    OTHER = "other", "None of these, or nobody knows."


class ReasonStatus(Choice):
    """Whether a reason can be given."""

    ACTIVE = "active", "It can be given."
    ARCHIVED = "archived", "It stays on what it was given for, and is not given any more."


class ReasonSortKey(Choice):
    """By what a list of reasons is sorted."""

    POSITION = "position", "As they are shown to whoever chooses one."
    CODE = "code", "By their code."


@dataclass(frozen=True, slots=True)
class ReturnReason:
    """A reason in a tree of at most three levels; `parent_id` None: it is on top.

    `needs_photo`: pieces that come back for it cannot be inspected without a photo.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    code: str
    name: str
    parent_id: UUID | None
    root_cause: RootCause
    needs_photo: bool
    position: int
    status: ReasonStatus


@dataclass(eq=False)
class UnknownReturnReason(Missing):
    """There is no reason with this id or code, or it is archived."""

    reason: str
    message = "There is no reason {reason!r:.90} that could be given."
