"""Approvals: words and rules. One engine for whatever takes a second person above an amount."""

from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.events import Event


class ApprovalKind(Choice):
    """What is approved."""

    ORDER = "order", "An order of a customer."
    PURCHASE_ORDER = "purchase_order", "An order at a supplier."
    BILL = "bill", "A bill of a supplier."
    REFUND = "refund", "Money paid back to a customer."
    WRITE_OFF = "write_off", "Money or goods given up."


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
    """A second person refused. `subject_id` is that of the thing, of the kind `kind`."""

    type = "approval.declined"
    subject = "apr"
    summary = "An approval was declined: {kind}."
    id: UUID
    version: int
    kind: ApprovalKind
    subject_id: UUID
