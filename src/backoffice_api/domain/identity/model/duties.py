"""Separation of duties: rights that should not be in one hand, and where no hand does both."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from backoffice_api.domain.kernel.errors import Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.scopes import Scope


@dataclass(frozen=True, slots=True)
class DutyConflict:
    """Two rights, and what somebody could do alone who holds both."""

    key: str
    one: Scope
    other: Scope
    risk: str


CONFLICTS: Final[tuple[DutyConflict, ...]] = (
    DutyConflict(
        "BILL_AND_APPROVAL",
        Scope.BILLS_WRITE,
        Scope.BILLS_APPROVE,
        "Enter a bill of a supplier and approve bills.",
    ),
    DutyConflict(
        "BILL_AND_PAYMENT",
        Scope.BILLS_WRITE,
        Scope.PAYMENT_RUNS_APPROVE,
        "Enter a bill of a supplier and approve that it is paid.",
    ),
    DutyConflict(
        "RUN_AND_APPROVAL",
        Scope.PAYMENT_RUNS_WRITE,
        Scope.PAYMENT_RUNS_APPROVE,
        "Propose payment runs and approve them.",
    ),
    DutyConflict(
        "SUPPLIER_AND_APPROVAL",
        Scope.PURCHASING_WRITE,
        Scope.PURCHASING_APPROVE,
        "Change bank accounts of suppliers and approve such changes.",
    ),
    DutyConflict(
        "SUPPLIER_AND_PAYMENT",
        Scope.PURCHASING_WRITE,
        Scope.PAYMENT_RUNS_APPROVE,
        "Change bank accounts of suppliers and approve that they are paid there.",
    ),
    DutyConflict(
        "REFUND_AND_APPROVAL",
        Scope.REFUNDS_WRITE,
        Scope.APPROVALS_DECIDE,
        "Pay money back and approve what needs approval.",
    ),
    DutyConflict(
        "RETURN_AND_REFUND",
        Scope.RETURNS_APPROVE,
        Scope.REFUNDS_WRITE,
        "Approve returns and pay them back.",
    ),
    DutyConflict(
        "STOCK_AND_REVIEW",
        Scope.STOCK_WRITE,
        Scope.COUNTS_REVIEW,
        "Adjust stock and post the counts that would show it.",
    ),
    DutyConflict(
        "BOOKS_AND_CLOSING",
        Scope.LEDGER_WRITE,
        Scope.LEDGER_CLOSE,
        "Post entries and open the months that were closed.",
    ),
    DutyConflict(
        "RULES_AND_DECISIONS",
        Scope.APPROVALS_WRITE,
        Scope.APPROVALS_DECIDE,
        "Set what needs approval and give it.",
    ),
    DutyConflict(
        "ACCESS_AND_PAYMENT",
        Scope.ACCESS_WRITE,
        Scope.PAYMENT_RUNS_APPROVE,
        "Make accounts and approve payment runs with another one.",
    ),
)


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """What holds for everybody. There is one row.

    `refuses_conflicts`: grants that bring conflicts, and acts of who has done the other one of two
    duties for the same thing. Else they are shown.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    refuses_conflicts: bool


@dataclass(frozen=True, slots=True)
class AccessPolicySet(Event):
    type = "access_policy.set"
    subject = "acp"
    summary = "It was set whether duties are kept apart."
    id: UUID
    version: int


@dataclass(eq=False)
class DutiesConflict(Refused):
    """Somebody would hold rights that are to be in different hands, and the policy refuses that."""

    conflicts: tuple[str, ...]
    message = "These duties are to be in different hands."


@dataclass(eq=False)
class DutyDoneBefore(Refused):
    """The caller has done the other one of two duties for this thing, and the policy refuses that.

    `count`: of the things that the caller made or proposed.
    """

    conflict: str
    count: int
    message = "You have a part in this already: another person has to."


def conflicts_in(scopes: Collection[Scope]) -> Sequence[DutyConflict]:
    """The conflicts of somebody who holds all these rights."""
    return [each for each in CONFLICTS if each.one in scopes and each.other in scopes]
