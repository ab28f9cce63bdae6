"""What the bank's context does with bills, as commands of its own that tests can run."""

from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.payables.commands.settling import (
    settle_bill_payment,
    unsettle_bill_payment,
)


@dataclass(frozen=True, slots=True)
class Settle(Command):
    scope = Scope.BILLS_WRITE
    id: UUID
    amount: Money


@dataclass(frozen=True, slots=True)
class Unsettle(Command):
    scope = Scope.BILLS_WRITE
    id: UUID
    amount: Money


def settle(uow: UnitOfWork, command: Settle) -> UUID:
    return settle_bill_payment(uow, command.id, command.amount, uow.now.date())


def unsettle(uow: UnitOfWork, command: Unsettle) -> UUID:
    unsettle_bill_payment(uow, command.id, command.amount)
    return command.id
