"""What can be asked and done with payments, refunds, disputes and store credit."""

import strawberry

from backoffice_api.domain.kernel import ids, money
from backoffice_api.domain.payments import queries
from backoffice_api.domain.payments.commands import (
    creating,
    crediting,
    disputing,
    moving,
    refunding,
)
from backoffice_api.schema.connections import Connection, Count, counted, listed
from backoffice_api.schema.lookups import found_by_id
from backoffice_api.schema.money import MoneyInput
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.payloads import keep
from backoffice_api.schema.payment_inputs import (
    DisputeCreateInput,
    DisputeFilter,
    DisputeResolveInput,
    DisputeSort,
    DisputeUpdateInput,
    PaymentAuthorizeInput,
    PaymentCaptureInput,
    PaymentCreateInput,
    PaymentFilter,
    PaymentRecordInput,
    PaymentSort,
    RefundCreateInput,
    RefundFilter,
    RefundSort,
    StoreCreditAdjustInput,
    StoreCreditFilter,
    StoreCreditSort,
)
from backoffice_api.schema.payments import (
    READ,
    Dispute,
    DisputePayload,
    Payment,
    PaymentPayload,
    Refund,
    RefundPayload,
    RefundsPayload,
    StoreCredit,
    StoreCreditPayload,
)


@strawberry.type
class PaymentQuery:
    payment: Payment | None = found_by_id(
        "pay", queries.payments_by_ids, "Its id.", "One payment. Null if there is none.", scope=READ
    )
    payments: Connection[Payment] = listed(
        queries.payment_list,
        "Payments, newest first.",
        scope=READ,
        filter=PaymentFilter,
        sort=PaymentSort,
    )
    payments_count: Count = counted(
        queries.payment_list, "How many payments there are.", scope=READ, filter=PaymentFilter
    )
    refund: Refund | None = found_by_id(
        "rfd", queries.refunds_by_ids, "Its id.", "One refund. Null if there is none.", scope=READ
    )
    refunds: Connection[Refund] = listed(
        queries.refund_list,
        "Refunds, newest first.",
        scope=READ,
        filter=RefundFilter,
        sort=RefundSort,
    )
    refunds_count: Count = counted(
        queries.refund_list, "How many refunds there are.", scope=READ, filter=RefundFilter
    )
    dispute: Dispute | None = found_by_id(
        "dsp", queries.disputes_by_ids, "Its id.", "One dispute. Null if there is none.", scope=READ
    )
    disputes: Connection[Dispute] = listed(
        queries.dispute_list,
        "Disputes, newest first.",
        scope=READ,
        filter=DisputeFilter,
        sort=DisputeSort,
    )
    disputes_count: Count = counted(
        queries.dispute_list, "How many disputes there are.", scope=READ, filter=DisputeFilter
    )
    store_credit: StoreCredit | None = found_by_id(
        "scr",
        queries.store_credits_by_ids,
        "Its id.",
        "One store credit. Null if there is none.",
        scope=READ,
    )
    store_credits: Connection[StoreCredit] = listed(
        queries.store_credit_list,
        "Store credits, newest first.",
        scope=READ,
        filter=StoreCreditFilter,
        sort=StoreCreditSort,
    )
    store_credits_count: Count = counted(
        queries.store_credit_list,
        "How many store credits there are.",
        scope=READ,
        filter=StoreCreditFilter,
    )


@strawberry.type
class PaymentMutation:
    @mutation(creating.create_payment, PaymentPayload)
    def payment_create(input: PaymentCreateInput) -> creating.CreatePayment:
        """Ask for a payment of an order.

        Store credit is taken at once; a card whose token is given is charged right after this.
        """
        return creating.CreatePayment(
            order_id=ids.parse("ord", input.order_id),
            method=input.method,
            amount=_money(input.amount),
            provider=input.provider,
            token=input.token,
            capture_at_once=input.capture_at_once,
            expires_at=input.expires_at,
            due_on=input.due_on,
            installments=tuple(each.value() for each in input.installments),
            pix=input.pix.value() if input.pix else None,
            boleto=input.boleto.value() if input.boleto else None,
            note=input.note,
        )

    @mutation(moving.authorize_payment, PaymentPayload)
    def payment_authorize(
        id: strawberry.ID, input: PaymentAuthorizeInput
    ) -> moving.AuthorizePayment:
        """Set the amount of a payment aside, by hand or through its gateway."""
        return moving.AuthorizePayment(id=ids.parse("pay", id), token=input.token)

    @mutation(moving.capture_payment, PaymentPayload)
    def payment_capture(id: strawberry.ID, input: PaymentCaptureInput) -> moving.CapturePayment:
        """Capture what is set aside, or part of it."""
        return moving.CapturePayment(id=ids.parse("pay", id), amount=_money(input.amount))

    @mutation(moving.void_payment, PaymentPayload)
    def payment_void(id: strawberry.ID) -> moving.VoidPayment:
        """Call off what is not captured of a payment."""
        return moving.VoidPayment(id=ids.parse("pay", id))

    @mutation(moving.record_incoming, PaymentPayload)
    def payment_record(id: strawberry.ID, input: PaymentRecordInput) -> moving.RecordIncoming:
        """Note money that came by bank or in cash."""
        return moving.RecordIncoming(
            id=ids.parse("pay", id),
            amount=_money(input.amount),
            reference=input.reference,
            received_at=input.received_at,
        )

    @mutation(refunding.create_refund, RefundsPayload)
    def refund_create(input: RefundCreateInput) -> refunding.CreateRefund:
        """Pay money of an order back: one refund for each payment that it comes out of."""
        return refunding.CreateRefund(
            order_id=ids.parse("ord", input.order_id),
            amount=_money(input.amount),
            shares=tuple(each.value() for each in input.payments),
            reason=input.reason,
            destination=input.destination,
            note=input.note,
            submit=input.submit,
        )

    @mutation(refunding.submit_refund, RefundPayload)
    def refund_submit(id: strawberry.ID) -> refunding.SubmitRefund:
        """Have a refund paid back that was asked for, unless somebody must approve it."""
        return refunding.SubmitRefund(id=ids.parse("rfd", id))

    @mutation(refunding.retry_refund, RefundPayload)
    def refund_retry(id: strawberry.ID) -> refunding.RetryRefund:
        """Try a refund again that the provider refused."""
        return refunding.RetryRefund(id=ids.parse("rfd", id))

    @mutation(refunding.cancel_refund, RefundPayload)
    def refund_cancel(id: strawberry.ID) -> refunding.CancelRefund:
        """Call off a refund that was not submitted, or that failed."""
        return refunding.CancelRefund(id=ids.parse("rfd", id))

    @mutation(disputing.create_dispute, DisputePayload)
    def dispute_create(input: DisputeCreateInput) -> disputing.CreateDispute:
        """Note that a buyer disputes a payment, where no gateway tells it."""
        return disputing.CreateDispute(
            payment_id=ids.parse("pay", input.payment_id),
            amount=_money(input.amount),
            reason=input.reason,
            respond_by=input.respond_by,
        )

    @mutation(disputing.update_dispute, DisputePayload)
    def dispute_update(id: strawberry.ID, input: DisputeUpdateInput) -> disputing.UpdateDispute:
        """Gather evidence for an open dispute. What is absent stays."""
        return disputing.UpdateDispute(
            id=ids.parse("dsp", id),
            evidence=keep(input.evidence),
            respond_by=keep(input.respond_by, nullable=True),
        )

    @mutation(disputing.respond_to_dispute, DisputePayload)
    def dispute_respond(id: strawberry.ID) -> disputing.RespondToDispute:
        """Note that the evidence was handed in: the bank looks at it."""
        return disputing.RespondToDispute(id=ids.parse("dsp", id))

    @mutation(disputing.accept_dispute, DisputePayload)
    def dispute_accept(id: strawberry.ID) -> disputing.AcceptDispute:
        """Let the money go back without an answer."""
        return disputing.AcceptDispute(id=ids.parse("dsp", id))

    @mutation(disputing.resolve_dispute, DisputePayload)
    def dispute_resolve(id: strawberry.ID, input: DisputeResolveInput) -> disputing.ResolveDispute:
        """Note how the bank decided; what is lost is taken off the payment."""
        return disputing.ResolveDispute(id=ids.parse("dsp", id), is_won=input.won)

    @mutation(crediting.adjust_store_credit, StoreCreditPayload)
    def store_credit_adjust(input: StoreCreditAdjustInput) -> crediting.AdjustStoreCredit:
        """Give a customer store credit, or take it."""
        return crediting.AdjustStoreCredit(
            customer_id=ids.parse("cus", input.customer_id),
            delta=input.delta.value(),
            note=input.note,
        )


def _money(given: MoneyInput | None) -> money.Money | None:
    return given.value() if given else None
