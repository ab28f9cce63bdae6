"""Orders that are paid, and what is done with their payments, as tests need it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from backoffice_api.domain.all_checks import CHECKS
from backoffice_api.domain.customers.commands.customers import CreateCustomer, create_customer
from backoffice_api.domain.customers.model import CustomerDraft, CustomerKind
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.orders.commands.channels import UpdateChannel, update_channel
from backoffice_api.domain.orders.model.orders import Order
from backoffice_api.domain.orders.model.payments import PaymentGate
from backoffice_api.domain.payments import queries
from backoffice_api.domain.payments.commands.creating import CreatePayment, create_payment
from backoffice_api.domain.payments.commands.crediting import (
    AdjustStoreCredit,
    adjust_store_credit,
)
from backoffice_api.domain.payments.commands.moving import (
    AuthorizePayment,
    CapturePayment,
    RecordIncoming,
    VoidPayment,
    authorize_payment,
    capture_payment,
    record_incoming,
    void_payment,
)
from backoffice_api.domain.payments.commands.refunding import CreateRefund, create_refund
from backoffice_api.domain.payments.model.payments import Payment, PaymentMethod
from backoffice_api.domain.payments.model.refunds import Refund, RefundReason
from backoffice_api.domain.payments.model.transactions import Transaction
from tests.orders.shop import Shop, goods
from tests.soundness import findings
from tests.world import NOW, World


def euros(minor: int) -> Money:
    return Money(minor, "EUR")


class Till:
    """A shop whose mugs cost 10.00 euros, and the customer Ana."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.shop = Shop(world)
        self.mug = self.shop.variant("MUG", 500, 500)
        draft = CustomerDraft(kind=CustomerKind.PERSON, name="Ana")
        self.ana: UUID = world.run(create_customer, CreateCustomer(draft=draft)).value

    def order(self, mugs: int = 10, **values: Any) -> UUID:
        """An order of Ana's that comes to so many times 10.00 euros."""
        return self.shop.place(goods("MUG", mugs), customer_id=self.ana, **values)

    def gate(self, gate: PaymentGate) -> None:
        self.world.run(update_channel, UpdateChannel(id=self.shop.channel_id, payment_gate=gate))

    def holds(self, order_id: UUID) -> list[str]:
        """Why an order waits, the oldest reason first."""
        found = self.world.read(orders.open_holds_by_orders, [order_id])
        return [each.kind.value for each in found.get(order_id, ())]

    def pay(
        self,
        order_id: UUID,
        method: PaymentMethod = PaymentMethod.MANUAL,
        minor: int | None = None,
        now: datetime = NOW,
        **values: Any,
    ) -> UUID:
        amount = None if minor is None else euros(minor)
        command = CreatePayment(order_id=order_id, method=method, amount=amount, **values)
        id: UUID = self.world.run(create_payment, command, now=now).value
        return id

    def authorize(self, id: UUID) -> None:
        self.world.run(authorize_payment, AuthorizePayment(id=id))

    def capture(self, id: UUID, minor: int | None = None) -> None:
        amount = None if minor is None else euros(minor)
        self.world.run(capture_payment, CapturePayment(id=id, amount=amount))

    def void(self, id: UUID) -> None:
        self.world.run(void_payment, VoidPayment(id=id))

    def record(self, id: UUID, minor: int | None = None, **values: Any) -> None:
        amount = None if minor is None else euros(minor)
        self.world.run(record_incoming, RecordIncoming(id=id, amount=amount, **values))

    def refund(self, order_id: UUID, minor: int | None = None, **values: Any) -> Sequence[UUID]:
        amount = None if minor is None else euros(minor)
        given = {"reason": RefundReason.GOODWILL, **values}
        command = CreateRefund(order_id=order_id, amount=amount, **given)
        made: Sequence[UUID] = self.world.run(create_refund, command).value.refund_ids
        return made

    def credit(self, minor: int) -> None:
        command = AdjustStoreCredit(customer_id=self.ana, delta=euros(minor))
        self.world.run(adjust_store_credit, command)

    def balance(self) -> int:
        found = self.world.read(queries.store_credits_by_customers, [self.ana])
        return sum(each.balance_minor for each in found.get(self.ana, ()))

    def payment(self, id: UUID) -> Payment:
        found: Payment = self.world.read(queries.payment, id)
        return found

    def refund_of(self, id: UUID) -> Refund:
        found: Refund = self.world.read(queries.refund, id)
        return found

    def moved(self, payment_id: UUID) -> Sequence[tuple[str, int]]:
        """Kinds and amounts of the transactions of a payment, in order."""
        pages = self.world.read(
            queries.transaction_list.pages_by,
            queries.transaction_list.table.c.payment_id,
            [payment_id],
            PageRequest(size=250),
        )
        rows: Sequence[Transaction] = pages[payment_id].rows
        return [(each.kind.value, each.amount_minor) for each in rows]

    def state(self, order_id: UUID) -> tuple[str, int, int, int, int]:
        """Status, authorised, captured, refunded, outstanding of an order."""
        order: Order = self.shop.order(order_id)
        return (
            order.payment_status.value,
            order.authorized_minor,
            order.captured_minor,
            order.refunded_minor,
            order.outstanding_minor,
        )

    def broken(self) -> list[str]:
        """What of all checks does not hold."""
        return [each.check.says for each in findings(self.world.database, CHECKS)]
