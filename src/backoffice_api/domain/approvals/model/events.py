"""What happens to approvals."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.approvals.model import (
    ApprovalKind,
)
from backoffice_api.domain.kernel.events import Event


@dataclass(frozen=True, slots=True)
class ApprovalRuleSet(Event):
    """`channel_id` None: for the channels without a rule of their own."""

    type = "approval_rule.set"
    subject = "aru"
    summary = "What is of the kind {kind} needs approval above {limit}."
    id: UUID
    version: int
    kind: ApprovalKind
    channel_id: UUID | None
    currency: str
    limit_minor: int
    limit: str


@dataclass(frozen=True, slots=True)
class ApprovalRuleRemoved(Event):
    type = "approval_rule.removed"
    subject = "aru"
    summary = "A rule for approvals was removed: {kind}."
    id: UUID
    version: int
    kind: ApprovalKind
    channel_id: UUID | None
    currency: str


@dataclass(frozen=True, slots=True)
class ApprovalRequested(Event):
    """`needed`: how many others have to agree."""

    type = "approval.requested"
    subject = "apr"
    summary = "{label} needs approval: {amount}."
    id: UUID
    version: int
    kind: ApprovalKind
    subject_id: UUID
    label: str
    amount: str
    needed: int


@dataclass(frozen=True, slots=True)
class ApprovalAgreed(Event):
    """The first of two agreed."""

    type = "approval.agreed"
    subject = "apr"
    summary = "The first of two agreed to {label}."
    id: UUID
    version: int
    kind: ApprovalKind
    subject_id: UUID
    label: str


@dataclass(frozen=True, slots=True)
class ApprovalGranted(Event):
    """A second person agreed. `subject_id` is that of the thing, of the kind `kind`."""

    type = "approval.granted"
    subject = "apr"
    summary = "An approval was granted: {kind}."
    id: UUID
    version: int
    kind: ApprovalKind
    subject_id: UUID


@dataclass(frozen=True, slots=True)
class ApprovalDeclined(Event):
    """The thing must not go on: a second person refused, nobody decided in time, or whoever asked
    took it back. `subject_id` is that of the thing, of the kind `kind`.
    """

    type = "approval.declined"
    subject = "apr"
    summary = "An approval was declined: {kind}."
    id: UUID
    version: int
    kind: ApprovalKind
    subject_id: UUID


@dataclass(frozen=True, slots=True)
class ApprovalWithdrawn(Event):
    type = "approval.withdrawn"
    subject = "apr"
    summary = "{label} needs no approval any more."
    id: UUID
    version: int
    kind: ApprovalKind
    subject_id: UUID
    label: str


@dataclass(frozen=True, slots=True)
class ApprovalExpired(Event):
    type = "approval.expired"
    subject = "apr"
    summary = "Nobody decided on {label} in time."
    id: UUID
    version: int
    kind: ApprovalKind
    subject_id: UUID
    label: str


@dataclass(frozen=True, slots=True)
class ApprovalDelegated(Event):
    type = "approval_delegation.made"
    subject = "apd"
    summary = "Somebody decides on approvals in another one's stead."
    id: UUID
    version: int
    from_staff_id: UUID
    to_staff_id: UUID
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class ApprovalDelegationEnded(Event):
    type = "approval_delegation.ended"
    subject = "apd"
    summary = "Nobody decides on approvals in another one's stead any more."
    id: UUID
    version: int
    from_staff_id: UUID
    to_staff_id: UUID
