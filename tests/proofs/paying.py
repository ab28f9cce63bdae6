"""What the office needs of paying: orders with payments in every state that a mutation asks for."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from backoffice_api.adapters.payments_fake import FakeGateway, Manner
from backoffice_api.domain.kernel import jobs
from backoffice_api.domain.kernel.jobs import JobStatus
from backoffice_api.domain.payments.commands.writing import ASK_JOB
from backoffice_api.tasks.payments import GatewayWork

if TYPE_CHECKING:
    from tests.proofs.office import Office

# Fields that an input needs besides those that its type demands.
WANTED: Mapping[str, tuple[str, ...]] = {
    "DisputeUpdateInput": ("evidence",),
}

CHARGE = {
    "kind": "CHARGE",
    "sku": "POST",
    "title": "Postage",
    "quantity": 1,
    "unitPrice": {"amount": "40.00", "currency": "EUR"},
}


def furnish(office: "Office") -> Mapping[str, Any]:
    """Examples by the names of arguments and input fields."""
    return _Paying(office).examples()


class _Paying:
    """Orders of 40.00 euros."""

    def __init__(self, office: "Office") -> None:
        self.office = office
        self.customer = office._id("customerCreate", "customer", input={"name": "Payer"})

    def examples(self) -> Mapping[str, Any]:
        paid_order = self._order()
        paid = self._paid(paid_order)
        pending = self._pay(self._order(), "MANUAL")
        authorized = self._pay(self._order(), "MANUAL")
        self.office.do("paymentAuthorize", id=authorized, input={})
        credit = {"customerId": self.customer, "delta": {"amount": "10.00", "currency": "EUR"}}
        return {
            "payment.id": paid,
            "PaymentCreateInput.orderId": self._order(),
            "paymentAuthorize.id": pending,
            "paymentCapture.id": authorized,
            "paymentVoid.id": self._pay(self._order(), "MANUAL"),
            "paymentRecord.id": self._pay(self._order(), "BANK_TRANSFER"),
            "RefundCreateInput.orderId": paid_order,
            "RefundPaymentInput.paymentId": paid,
            "refund.id": self._refund(),
            "refundSubmit.id": self._refund(),
            "refundCancel.id": self._refund(),
            "refundRetry.id": self._failed(),
            "dispute.id": self._dispute(),
            "DisputeCreateInput.paymentId": self._paid(self._order()),
            **{
                f"dispute{verb}.id": self._dispute()
                for verb in ("Update", "Respond", "Accept", "Resolve")
            },
            "storeCredit.id": self.office._id("storeCreditAdjust", "storeCredit", input=credit),
            "StoreCreditAdjustInput.customerId": self.customer,
        }

    def _order(self) -> str:
        input = {
            "channel": {"code": "web"},
            "lines": [CHARGE],
            "place": True,
            "customerId": self.customer,
        }
        return self.office._id("orderCreate", "order", input=input)

    def _pay(self, order: str, method: str, **more: Any) -> str:
        input = {"orderId": order, "method": method, **more}
        return self.office._id("paymentCreate", "payment", input=input)

    def _paid(self, order: str) -> str:
        id = self._pay(order, "BANK_TRANSFER")
        self.office.do("paymentRecord", id=id, input={})
        return id

    def _refund(self, order: str | None = None, *, submit: bool = False) -> str:
        if order is None:
            order = self._order()
            self._paid(order)
        input = {"orderId": order, "reason": "GOODWILL", "submit": submit}
        (made,) = self.office.do("refundCreate", "refunds { id }", input=input)
        id: str = made["id"]
        return id

    def _failed(self) -> str:
        """A refund that a gateway refused."""
        work = GatewayWork(
            self.office.database, {"fake": FakeGateway(manners=[Manner.DO, Manner.REFUSE])}
        )
        order = self._order()
        self._pay(order, "CARD", provider="fake", token="tok", captureAtOnce=True)
        self._ask(work)
        refund = self._refund(order, submit=True)
        self._ask(work)
        return refund

    def _ask(self, work: GatewayWork) -> None:
        """Do what a worker would."""
        with self.office.database.writing.begin() as db:
            table = jobs.jobs
            waiting = table.select().where(
                table.c.kind == ASK_JOB, table.c.status == JobStatus.QUEUED
            )
            for row in db.execute(waiting).all():
                db.execute(table.delete().where(table.c.id == row.id))
                operation_id = UUID(row.payload["operation_id"])
        work.ask(operation_id)

    def _dispute(self) -> str:
        input = {"paymentId": self._paid(self._order())}
        return self.office._id("disputeCreate", "dispute", input=input)
