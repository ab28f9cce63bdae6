"""Whether a refund needs a second person."""

from uuid import UUID

from backoffice_api.domain.approvals.commands.asking import ask
from backoffice_api.domain.approvals.model import ApprovalKind
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.orders.model.orders import Order
from backoffice_api.domain.payments import queries
from backoffice_api.domain.payments.model.refunds import Refund


def needs_approval(uow: UnitOfWork, order: Order, refund: Refund) -> UUID | None:
    """Ask for approval of a refund, if a rule wants it: the id of the request. None: go on.

    Judged is all that was and is being paid back of the order, so that a sum above the limit does
    not pass in parts below it.
    """
    sums = queries.sums_of(uow.db, order.id)
    judged = Money(sums.refunded_minor + sums.refunding_minor, order.currency)
    return ask(
        uow,
        ApprovalKind.REFUND,
        refund.id,
        refund.amount,
        f"Refund {refund.number}",
        channel_id=order.channel_id,
        made_by=(refund.created_by_kind, refund.created_by_id),
        judged=judged,
    )
