"""Approval of orders: what comes to more than a limit waits for a second person."""

from uuid import UUID

from backoffice_api.domain.approvals.commands.asking import ask, withdraw
from backoffice_api.domain.approvals.model import ApprovalKind
from backoffice_api.domain.approvals.model.events import ApprovalGranted, ApprovalRuleSet
from backoffice_api.domain.approvals.queries import granted_minor
from backoffice_api.domain.customers.queries.accounts import contacts_by_ids
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.commands.writing import move, save_order
from backoffice_api.domain.orders.model.buyers import is_beyond
from backoffice_api.domain.orders.model.channels import UnknownChannel
from backoffice_api.domain.orders.model.events import (
    OrderApproved,
    OrderAwaitsApproval,
    OrderEdited,
    OrderUncancelled,
)
from backoffice_api.domain.orders.model.moves import OrderExtended
from backoffice_api.domain.orders.model.orders import Order, OrderStatus


def ask_for_order(uow: UnitOfWork, order: Order, number: str, amount: Money) -> bool:
    """Whether an order that is being placed, or was changed, has to wait for somebody else."""
    asked = ask(
        uow,
        ApprovalKind.ORDER,
        order.id,
        amount,
        f"Order {number}",
        channel_id=order.channel_id,
        at_least=1 if _is_beyond_buyer(uow, order, amount) else 0,
    )
    return asked is not None


def _is_beyond_buyer(uow: UnitOfWork, order: Order, amount: Money) -> bool:
    """One statement, and only where a buyer has placed the order."""
    if order.buyer_id is None:
        return False
    return is_beyond(contacts_by_ids(uow.db, [order.buyer_id]).get(order.buyer_id), amount)


def ask_again(uow: UnitOfWork, event: OrderEdited | OrderExtended | OrderUncancelled) -> None:
    """Have an order wait that came to more than was agreed to: edited, extended or taken up again.

    Else an order could be placed below a limit and edited above it, several below it could be
    merged, or one be taken up again by whoever did not get it approved.
    """
    before = queries.locked_order(uow.db, event.id)
    amount = before.current.total
    if before.status is not OrderStatus.OPEN or before.number is None:
        return
    if amount.minor <= granted_minor(uow.db, ApprovalKind.ORDER, before.id):
        return
    if ask_for_order(uow, before, before.number, amount):
        after = save_order(uow, before, move(uow, before, "await_approval"))
        told = OrderAwaitsApproval(after.id, after.version, after.name, str(amount))
        uow.emit(told, before=before, after=after)


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
