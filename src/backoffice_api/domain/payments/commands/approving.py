"""Whether a refund needs a second person."""

from uuid import UUID

from backoffice_api.domain.approvals.commands.asking import ask
from backoffice_api.domain.approvals.model import ApprovalKind
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.payments.model.refunds import Refund


def needs_approval(uow: UnitOfWork, refund: Refund) -> UUID | None:
    """Ask for approval of a refund, if a rule wants it: the id of the request. None: go on."""
    return ask(
        uow,
        ApprovalKind.REFUND,
        refund.id,
        refund.amount,
        f"Refund {refund.number}",
        made_by=(refund.created_by_kind, refund.created_by_id),
    )
