"""An accountant's desk for tests: goods received of ACME, and bills for them in any state."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select, true

from backoffice_api.domain.approvals.commands.rules import SetApprovalRule, set_approval_rule
from backoffice_api.domain.approvals.model import ApprovalKind
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Caller, Command, UnitOfWork
from backoffice_api.domain.ledger.commands.posting import accounts_of
from backoffice_api.domain.ledger.model.accounts import AccountRole
from backoffice_api.domain.ledger.tables import accounts, entries, postings
from backoffice_api.domain.payables.checks import CHECKS
from backoffice_api.domain.payables.commands.approving import (
    ApproveBill,
    SubmitBill,
    approve_bill,
    submit_bill,
)
from backoffice_api.domain.payables.commands.entering import CreateBill, create_bill
from backoffice_api.domain.payables.model.bills import Bill
from backoffice_api.domain.payables.model.drafts import BillLineDraft
from backoffice_api.domain.payables.queries import bills as queries
from backoffice_api.domain.purchasing.model.lines import PurchaseOrderLine
from tests.purchasing.desk import ANNA, BERT, Desk, euros
from tests.soundness import broken
from tests.world import World

DAY = date(2025, 2, 20)


@dataclass(frozen=True, slots=True)
class OpenAccount(Command):
    scope = Scope.BILLS_WRITE


def open_account(uow: UnitOfWork, command: OpenAccount) -> UUID:
    """The account for services, as the books begin with it."""
    role = AccountRole.PURCHASED_SERVICES
    return accounts_of(uow, {role})[role]


class Accounting:
    """An order of 12 A at 1.25 euros, of which all have arrived unless a test says otherwise."""

    def __init__(self, world: World, *, received: int = 12) -> None:
        self.world = world
        self.desk = Desk(world)
        self.supplier = self.desk.acme
        self.order = self.desk.sent((self.desk.a, 12))
        if received:
            self.desk.receive(self.order, (0, received, 0))
        self.numbers = 0

    @property
    def line(self) -> PurchaseOrderLine:
        return self.desk.lines(self.order)[0]

    def goods(self, quantity: int, **values: Any) -> BillLineDraft:
        return BillLineDraft(order_line_id=self.line.id, quantity=quantity, **values)

    def service(self, amount: str, **values: Any) -> BillLineDraft:
        return BillLineDraft(
            description="Rent", account_id=self.account(), amount=euros(amount), **values
        )

    def account(self) -> UUID:
        """The account of services, made where it is not there yet."""
        role = AccountRole.PURCHASED_SERVICES
        found: UUID | None = self.world.read(
            lambda db: db.execute(select(accounts.c.id).where(accounts.c.role == role)).scalar()
        )
        if found is None:
            found = self.world.run(open_account, OpenAccount()).value
        return found

    def draft(self, *lines: BillLineDraft, caller: Caller = ANNA, **values: Any) -> UUID:
        """A bill that Anna entered."""
        self.numbers += 1
        given = {
            "supplier_id": self.supplier,
            "number": f"R{chr(64 + self.numbers)}",
            "issued_on": DAY,
            "allow_similar": True,
            **values,
        }
        id: UUID = self.world.run(
            create_bill, CreateBill(lines=lines, **given), caller=caller
        ).value
        return id

    def submitted(self, *lines: BillLineDraft, **values: Any) -> UUID:
        id = self.draft(*lines, **values)
        self.world.run(submit_bill, SubmitBill(id=id), caller=ANNA)
        return id

    def approved(self, *lines: BillLineDraft, **values: Any) -> UUID:
        """A bill that Anna submitted and Bert approved."""
        id = self.submitted(*lines, **values)
        self.world.run(approve_bill, ApproveBill(id=id), caller=BERT)
        return id

    def rule(self, limit: str) -> None:
        """Bills above the limit need somebody's approval by the engine."""
        command = SetApprovalRule(kind=ApprovalKind.BILL, limit=euros(limit))
        self.world.run(set_approval_rule, command)

    def bill(self, id: UUID) -> Bill:
        found: Bill = self.world.read(queries.bill, id)
        return found

    def status(self, id: UUID) -> tuple[str, str]:
        bill = self.bill(id)
        return bill.status.name, bill.match_status.name

    def balances(self, *, of_all: bool = False) -> Mapping[str, int]:
        """What bills and runs left on accounts, debits less credits, by role; no even ones.

        `of_all`: what everything left there that is in the books.
        """

        def ask(db: Any) -> Sequence[Any]:
            roles = {each.id: each.role.name for each in db.execute(accounts.select()) if each.role}
            of_bills = entries.c.subject_prefix.in_(("bil", "prn", "prl"))
            counted = true() if of_all else of_bills
            return [
                (roles[each.debit_account_id], roles[each.credit_account_id], each.amount_minor)
                for each in db.execute(postings.select().join(entries).where(counted))
            ]

        sums: Counter[str] = Counter()
        for debit, credit, amount in self.world.read(ask):
            sums[debit] += amount
            sums[credit] -= amount
        return {role: amount for role, amount in sums.items() if amount}

    def broken(self) -> Sequence[str]:
        """Ids of the checks that do not hold."""
        return broken(self.world.database, CHECKS)
