"""Schedules: by which days parts of a payment are due. What is paid fills the oldest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Faults, Invalid
from backoffice_api.domain.kernel.money import CurrencyMismatch, Money
from backoffice_api.domain.kernel.texts import TooMany

INSTALLMENTS_MAX = 60


class InstallmentStatus(Choice):
    """Whether an instalment is paid."""

    OPEN = "open", "Nothing of it is paid."
    PARTIALLY_PAID = "partially_paid", "Some of it is paid."
    PAID = "paid", "All of it is paid."


@dataclass(frozen=True, slots=True)
class InstallmentDraft:
    """So much is due by a day."""

    due_on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class Installment:
    """A row of a schedule, as it is stored."""

    payment_id: UUID
    position: int
    due_on: date
    currency: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class InstallmentState:
    """The same, with what is paid of it."""

    position: int
    due_on: date
    amount: Money
    paid: Money

    @property
    def status(self) -> InstallmentStatus:
        if self.paid == self.amount:
            return InstallmentStatus.PAID
        return InstallmentStatus.PARTIALLY_PAID if self.paid else InstallmentStatus.OPEN


@dataclass(eq=False)
class ScheduleNotWhole(Invalid):
    """The instalments do not come to the amount of the payment."""

    expected: Money
    message = "The instalments must come to {expected}."


@dataclass(eq=False)
class ScheduleNotInOrder(Invalid):
    """An instalment is due no later than the one before it."""

    message = "Each instalment is due later than the one before."


def check_schedule(faults: Faults, drafts: Sequence[InstallmentDraft], amount: Money) -> None:
    """Note what is wrong with a schedule; none at all is right."""
    if not drafts:
        return
    if len(drafts) > INSTALLMENTS_MAX:
        faults.add(TooMany(INSTALLMENTS_MAX).at("installments"))
    for position, each in enumerate(drafts):
        here = ("installments", position)
        if each.amount.currency != amount.currency:
            faults.add(CurrencyMismatch(amount.currency, each.amount.currency).at(*here, "amount"))
        if each.amount.minor <= 0 or (position and each.due_on <= drafts[position - 1].due_on):
            faults.add(ScheduleNotInOrder().at(*here))
    if sum(each.amount.minor for each in drafts) != amount.minor:
        faults.add(ScheduleNotWhole(amount).at("installments"))


def filled(rows: Sequence[Installment], captured_minor: int) -> Sequence[InstallmentState]:
    """A schedule with what was captured laid over it, the earliest due day first."""
    states, left = [], captured_minor
    for row in rows:
        paid = min(left, row.amount_minor)
        left -= paid
        amount, so_far = Money(row.amount_minor, row.currency), Money(paid, row.currency)
        states.append(InstallmentState(row.position, row.due_on, amount, so_far))
    return states


def next_due(rows: Sequence[Installment], captured_minor: int) -> date | None:
    """The first day by which something is still to be paid. None: all is paid."""
    for state in filled(rows, captured_minor):
        if state.status is not InstallmentStatus.PAID:
            return state.due_on
    return None
