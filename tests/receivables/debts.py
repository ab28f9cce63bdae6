"""Orders on terms, captures of a gateway and payouts, as tests need them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from backoffice_api.domain.approvals.commands.rules import SetApprovalRule, set_approval_rule
from backoffice_api.domain.approvals.model import ApprovalKind
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.ledger.tables import accounts, entries, postings
from backoffice_api.domain.payments.commands.settling import ApplyNews, apply_news
from backoffice_api.domain.payments.model.gateways import GatewayState, GatewayStatus
from backoffice_api.domain.payments.model.payments import PaymentMethod
from backoffice_api.domain.payments.model.schedules import InstallmentDraft
from backoffice_api.domain.receivables import queries
from backoffice_api.domain.receivables.commands import settling
from backoffice_api.domain.receivables.commands.payouts import ImportPayout, import_payout
from backoffice_api.domain.receivables.commands.sweeping import NoteTheDay, note_the_day
from backoffice_api.domain.receivables.model.payouts import PayoutLineDraft, PayoutLineKind
from backoffice_api.domain.receivables.model.receivables import Receivable
from tests.payments.till import Till, euros
from tests.world import NOW, World

TODAY = NOW.date()


def line(kind: PayoutLineKind, reference: str, gross: int, fee: int = 0) -> PayoutLineDraft:
    return PayoutLineDraft(kind, reference, euros(gross), euros(fee), euros(gross - fee))


@dataclass(frozen=True, slots=True, kw_only=True)
class Book(Command):
    """What banking does: one of the verbs of `settling`, in a transaction of its own."""

    scope = Scope.RECEIVABLES_WRITE
    verb: str
    id: UUID
    minor: int
    booked_on: date = TODAY


def book(uow: UnitOfWork, command: Book) -> None:
    verb = getattr(settling, command.verb)
    verb(uow, command.id, euros(command.minor), command.booked_on)


class Debts(Till):
    """A shop whose customer Ana pays later."""

    def on_terms(self, mugs: int = 10, days: Sequence[int] = (30,)) -> tuple[UUID, UUID]:
        """An order and its payment, in equal instalments due so many days from now."""
        order = self.order(mugs)
        share = mugs * 1_000 // len(days)
        parts = tuple(InstallmentDraft(TODAY + timedelta(days=each), euros(share)) for each in days)
        return order, self.pay(order, PaymentMethod.TERMS, installments=parts)

    def captured(self, mugs: int = 10, key: str = "pi_1") -> tuple[UUID, UUID]:
        """An order that a gateway has captured, which calls the payment by `key`."""
        order = self.order(mugs)
        payment = self.pay(order, PaymentMethod.CARD, provider="fake", token="tok")
        state = GatewayState(
            key=f"pay_{payment.hex}",
            reference=key,
            status=GatewayStatus.OPEN,
            currency="EUR",
            authorized_minor=mugs * 1_000,
            captured_minor=mugs * 1_000,
        )
        self.world.run(apply_news, ApplyNews(inbox_id=payment, provider="fake", news=state))
        return order, payment

    def of(self, order: UUID) -> Sequence[Receivable]:
        """The receivables of an order, the earliest due first."""
        found = self.world.read(queries.receivables_by_orders, [order])
        rows: Sequence[Receivable] = found.get(order, ())
        return rows

    def sums(self, order: UUID) -> list[tuple[str, int, int]]:
        """State, settled and open of each."""
        return [(each.state.value, each.settled_minor, each.open_minor) for each in self.of(order)]

    def book(self, verb: str, id: UUID, minor: int, **values: Any) -> None:
        self.world.run(book, Book(verb=verb, id=id, minor=minor, **values))

    def pay_out(self, *lines: PayoutLineDraft, amount: int | None = None, **values: Any) -> UUID:
        """Import a payout that comes to the sum of its lines, unless told otherwise."""
        net = sum(each.net.minor for each in lines) if amount is None else amount
        given: dict[str, Any] = {"provider": "fake", "reference": "po_1", "arrives_on": TODAY}
        command = ImportPayout(amount=euros(net), lines=lines, **{**given, **values})
        id: UUID = self.world.run(import_payout, command).value
        return id

    def sweep(self, now: datetime) -> int:
        count: int = self.world.run(note_the_day, NoteTheDay(), now=now).value
        return count

    def let_pass(self, minor: int) -> None:
        """Write-offs up to an amount need nobody's approval."""
        rule = SetApprovalRule(kind=ApprovalKind.WRITE_OFF, limit=euros(minor))
        self.world.run(set_approval_rule, rule)

    def posted(self, source: str) -> list[tuple[str, str, int]]:
        """Debited role, credited role and amount of the entries whose source begins so."""
        debit, credit = accounts.alias("debit"), accounts.alias("credit")
        statement = (
            select(debit.c.role, credit.c.role, postings.c.amount_minor)
            .join_from(postings, entries, entries.c.id == postings.c.entry_id)
            .join(debit, debit.c.id == postings.c.debit_account_id)
            .join(credit, credit.c.id == postings.c.credit_account_id)
            .where(entries.c.source.startswith(source))
            .order_by(entries.c.created_at, postings.c.entry_id, postings.c.position)
        )
        with self.world.database.reading.connect() as db:
            return [(row[0].value, row[1].value, row[2]) for row in db.execute(statement)]


__all__ = ["NOW", "TODAY", "Debts", "World", "book", "line"]
