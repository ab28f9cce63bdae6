"""Approval of orders: what comes to more than a limit waits for a second person."""

from uuid import UUID

from backoffice_api.domain.approvals.commands.asking import ask, withdraw
from backoffice_api.domain.approvals.model import (
    ApprovalGranted,
    ApprovalKind,
    ApprovalRuleSet,
)
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.commands.writing import move, save_order
from backoffice_api.domain.orders.model.channels import UnknownChannel
from backoffice_api.domain.orders.model.events import OrderApproved
from backoffice_api.domain.orders.model.orders import Order


def ask_for_order(uow: UnitOfWork, order: Order, number: str) -> bool:
    """Whether an order that is being placed has to wait for somebody else."""
    label, channel_id = f"Order {number}", order.channel_id
    asked = ask(uow, ApprovalKind.ORDER, order.id, order.total, label, channel_id=channel_id)
    return asked is not None


def approve_order(uow: UnitOfWork, event: ApprovalGranted) -> None:
    """Let the order go on that everybody has agreed to who was needed."""
    if event.kind is not ApprovalKind.ORDER:
        return
    before = queries.locked_order(uow.db, event.subject_id)
    after = save_order(uow, before, move(uow, before, "approve"))
    uow.emit(OrderApproved(after.id, after.version, after.name), before=before, after=after)


def forget_approval(uow: UnitOfWork, order_id: UUID) -> None:
    """Nobody has to decide on an order any more that was called off."""
    withdraw(uow, ApprovalKind.ORDER, order_id)


def check_channel(uow: UnitOfWork, event: ApprovalRuleSet) -> None:
    """Refuse a rule for a channel that there is not; approvals know none.

    Raises:
        UnknownChannel.
    """
    id = event.channel_id
    if id is not None and id not in queries.channels_by_ids(uow.db, [id]):
        raise UnknownChannel(id.hex).at("channel_id")
