"""Work with gateways: what was asked of them is asked, and what they tell is taken over.

The question is stored before it is asked, and that it is being asked is noted before the call. So
whenever a worker dies or a call times out, the next one finds that the gateway may know of it, and
looks there first, by our key: it never charges twice.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from backoffice_api.adapters.payments_stripe import StripeGateway
from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel import ids, inbox
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.inbox import InboxStatus
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Command, Meta
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.payments import queries
from backoffice_api.domain.payments.commands.settling import (
    ApplyNews,
    BeginOperation,
    SettleOperation,
    apply_news,
    begin_operation,
    settle_operation,
)
from backoffice_api.domain.payments.commands.writing import ASK_JOB
from backoffice_api.domain.payments.model.gateways import (
    GatewayRefund,
    GatewayState,
    GatewayStatus,
    Operation,
    OperationKind,
    OperationStatus,
)
from backoffice_api.domain.payments.model.payments import Payment
from backoffice_api.domain.payments.ports import Charge, Gateway
from backoffice_api.settings import Settings
from backoffice_api.task import Progress, Task

HANDLE_JOB = "payments.handle_message"
TOPIC = "payments"


class UnknownProviderError(Exception):
    """A payment is to go through a gateway that is not set up here."""


class GatewayWork:
    """What a worker does with gateways, which are known by their names. `now` tells the time."""

    def __init__(
        self,
        database: Database,
        gateways: Mapping[str, Gateway],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._gateways = gateways
        self._now = now

    def ask(self, operation_id: UUID) -> None:
        """Ask a gateway what is still to be asked, and settle the answer.

        Raises:
            GatewayTroubleError: it did not answer; the job is tried again, and looks there first.
            UnknownProviderError: no such gateway is set up.
        """
        with self._database.fresh.connect() as db:
            operation = queries.operations_by_ids(db, [operation_id])[operation_id]
            payment = queries.payment(db, operation.payment_id)
            order = orders.orders_by_ids(db, [payment.order_id])[payment.order_id]
        if operation.status is not OperationStatus.PENDING:
            return
        gateway = self._gateway(payment.provider)
        self._run(begin_operation, BeginOperation(operation_id=operation_id))
        answer = _found(gateway, operation, payment) if operation.attempts else None
        if answer is None:
            answer = _asked(gateway, operation, payment, order.name)
        command = SettleOperation(operation_id=operation_id, answer=answer)
        self._run(settle_operation, command)

    def handle(self, inbox_id: UUID) -> None:
        """Take over what a message tells that was kept.

        Raises:
            ValueError: it lacks what messages of its type have; it stays to be looked at.
            UnknownProviderError: no such gateway is set up.
        """
        with self._database.fresh.connect() as db:
            message = inbox.message(db, inbox_id)
        if message.status is not InboxStatus.RECEIVED or message.body is None:
            return
        news = self._gateway(message.provider).read_event(message.body.encode())
        command = ApplyNews(inbox_id=inbox_id, provider=message.provider, news=news)
        self._run(apply_news, command)

    def _gateway(self, provider: str) -> Gateway:
        if provider not in self._gateways:
            raise UnknownProviderError(provider)
        return self._gateways[provider]

    def _run(self, handler: Callable[..., Any], command: Command) -> None:
        execute(
            self._database,
            handler,
            command,
            caller=THE_SYSTEM,
            now=self._now(),
            meta=Meta(request_id=ASK_JOB),
        )


def gateways_from(settings: Settings) -> Mapping[str, Gateway]:
    """The gateways that the settings name."""
    if settings.stripe_api_secret is None:
        return {}
    stripe = StripeGateway(
        settings.stripe_url, settings.stripe_api_secret, settings.stripe_webhook_secret
    )
    return {"stripe": stripe}


def payment_tasks(settings: Settings, database: Database) -> Mapping[str, Task]:
    """What a worker does with gateways, by the kind of the job."""
    return tasks_of(GatewayWork(database, gateways_from(settings)))


def tasks_of(work: GatewayWork) -> Mapping[str, Task]:
    def ask(payload: Mapping[str, Any], progress: Progress) -> bool:
        work.ask(UUID(payload["operation_id"]))
        return False

    def handle(payload: Mapping[str, Any], progress: Progress) -> bool:
        work.handle(UUID(payload["inbox_id"]))
        return False

    return {ASK_JOB: Task(ask), HANDLE_JOB: Task(handle)}


def _asked(
    gateway: Gateway, operation: Operation, payment: Payment, order: str
) -> GatewayState | GatewayRefund:
    """Have it done. The key is that of the payment or the operation: repeated, it is the same."""
    amount, key = Money(operation.amount_minor, payment.currency), operation.id.hex
    reference = payment.provider_reference or ""
    match operation.kind:
        case OperationKind.CAPTURE:
            return gateway.capture(reference, amount, key)
        case OperationKind.VOID:
            return gateway.void(reference, key)
        case OperationKind.REFUND:
            return gateway.refund(reference, amount, key)
        case _:
            charge = Charge(
                key=_key(payment),
                amount=amount,
                token=operation.token,
                capture=payment.capture_at_once,
                reference=order,
            )
            return gateway.authorize(charge)


def _found(
    gateway: Gateway, operation: Operation, payment: Payment
) -> GatewayState | GatewayRefund | None:
    """What the gateway has done already of what it is to do. None: nothing."""
    if operation.kind is OperationKind.REFUND:
        return gateway.find_refund(payment.provider_reference or "", operation.id.hex)
    state = gateway.find(_key(payment), payment.provider_reference)
    if state is None:
        return None
    match operation.kind:
        case OperationKind.CAPTURE:
            is_done = state.captured_minor >= operation.target_minor
        case OperationKind.VOID:
            is_done = state.status is GatewayStatus.CANCELLED
        case _:
            is_done = True
    return state if is_done else None


def _key(payment: Payment) -> str:
    return ids.text("pay", payment.id)
