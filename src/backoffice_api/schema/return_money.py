"""The money of returns on the wire: what went back, what did not after all, and refusals."""

from datetime import datetime

import strawberry

from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.payments import queries as payments
from backoffice_api.domain.returns import queries
from backoffice_api.domain.returns.model import refunds as of_refunds
from backoffice_api.domain.returns.model import reversals as of_reversals
from backoffice_api.domain.returns.model.refunds import ReturnRefundKind
from backoffice_api.domain.returns.queries import reversals as on_reversals
from backoffice_api.schema.aggregates import Actor, actor_of
from backoffice_api.schema.channels import READ as ORDERS
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.links import many, one
from backoffice_api.schema.money import Money
from backoffice_api.schema.orders import Order
from backoffice_api.schema.payloads import UserError, error
from backoffice_api.schema.payment_choices import RefundDestination
from backoffice_api.schema.payments import READ as PAYMENTS
from backoffice_api.schema.payments import Refund


@described
class ReturnRefundReversal:
    """Money of a return that did not go back: the refund that was to pay it was called off."""

    created_at: datetime = about("When.")
    kind: ReturnRefundKind = about("What it was for.")
    amount: Money = about("How much.")
    refund: Refund = one(
        payments.refunds_by_ids, "refund_id", "The refund that was called off.", scope=PAYMENTS
    )


@described
class ReturnRefund:
    """Money of a return that went back for one order, or was sent on its way."""

    created_at: datetime = about("When.")
    kind: ReturnRefundKind = about("What it is for.")
    destination: RefundDestination = about("Where it went.")
    amount: Money = about("How much.")
    items: Money = about("For the pieces, less their discounts. Zero for goodwill.")
    tax: Money = about("Their tax; part of the others where prices contain it.")
    shipping: Money = about("Of the delivery, with its tax.")
    fee: Money = about("What was kept of it.")
    offset: Money = about(
        "Of the amount, what was not paid out: so much less is owed of the order, which was not "
        "paid."
    )
    tax_included: bool = about("Its amounts contain the tax.")
    note: str = about("More about it; of goodwill, why.")
    order: Order | None = one(
        orders.orders_by_ids, "order_id", "For which order. Null: none is known.", scope=ORDERS
    )
    refunds: list[Refund] = many(
        queries.refunds_by_return_refunds,
        "id",
        "The refunds of payments that pay it, and how far they are.",
        scope=PAYMENTS,
    )

    reversals: list[ReturnRefundReversal] = many(
        on_reversals.reversals_by_return_refunds,
        "id",
        "What of it did not go back after all, oldest first; it can be paid back anew.",
    )

    @strawberry.field(description="Who had it paid back.")
    def actor(parent: strawberry.Parent[of_refunds.ReturnRefund]) -> Actor:
        return actor_of(parent.actor_kind, parent.actor_id)


@error(of_refunds.RefundAboveWorth)
class RefundAboveWorthError(UserError):
    """Pieces cannot be paid back with more than they are worth."""

    maximum: Money = about("What they are worth.")


@error(of_reversals.RefundRefused)
class RefundRefusedError(UserError):
    """The provider refused a refund of the return: it is tried again, or called off, first."""

    refund: str = about("Its number.")


@error(of_reversals.MoneyOpen)
class MoneyOpenError(UserError):
    """What an exchange pays back was called off: it is to be paid back anew."""

    amount: Money = about("How much.")
