"""Approval: what comes to more than a limit takes two people. The engine of approvals decides."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import delete

from backoffice_api.domain.approvals import queries as approvals
from backoffice_api.domain.approvals.commands.asking import ask, withdraw
from backoffice_api.domain.approvals.commands.deciding import decline, grant
from backoffice_api.domain.approvals.commands.rules import set_limit
from backoffice_api.domain.approvals.model import ApprovalKind, ApprovalRequest
from backoffice_api.domain.approvals.model.events import (
    ApprovalDeclined,
    ApprovalGranted,
    ApprovalRuleRemoved,
    ApprovalRuleSet,
)
from backoffice_api.domain.approvals.model.refusals import UnknownApproval
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.purchasing import queries
from backoffice_api.domain.purchasing.commands.series import draw
from backoffice_api.domain.purchasing.commands.writing import index_order, move, save_order
from backoffice_api.domain.purchasing.model.orders import (
    MACHINE,
    ApprovalLimit,
    ApprovalLimitSet,
    BelowMinimumOrder,
    EmptyPurchaseOrder,
    PurchaseOrder,
    PurchaseOrderApproved,
    PurchaseOrderDeclined,
    PurchaseOrderSubmitted,
)
from backoffice_api.domain.purchasing.model.series import DocumentKind
from backoffice_api.domain.purchasing.model.suppliers import (
    AmountBelowZero,
    Supplier,
    SupplierNotActive,
    SupplierStatus,
)
from backoffice_api.domain.purchasing.tables.orders import approval_limits, purchase_orders


@dataclass(frozen=True, slots=True, kw_only=True)
class SetApprovalLimit(Command):
    """Orders of the limit's currency that come to more need approval."""

    scope = Scope.PURCHASING_APPROVE
    limit: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitPurchaseOrder(Command):
    scope = Scope.PURCHASING_WRITE
    table = purchase_orders
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovePurchaseOrder(Command):
    scope = Scope.PURCHASING_APPROVE
    measures = True
    table = purchase_orders
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclinePurchaseOrder(Command):
    scope = Scope.PURCHASING_APPROVE
    measures = False
    table = purchase_orders
    id: UUID


def set_approval_limit(uow: UnitOfWork, command: SetApprovalLimit) -> UUID:
    """Say up to which amount orders of a currency need no second person. Id of the limit.

    The same as setting the limit of the rule of approvals for purchase orders.

    Raises:
        AmountBelowZero: the limit is.
    """
    if command.limit.minor < 0:
        raise AmountBelowZero().at("limit")
    set_limit(uow, ApprovalKind.PURCHASE_ORDER, command.limit)
    return _mirrored(uow, command.limit)


def mirror_limit(uow: UnitOfWork, event: ApprovalRuleSet) -> None:
    """Show the limit of a rule among those of purchasing, where it was set before."""
    if event.kind is ApprovalKind.PURCHASE_ORDER:
        _mirrored(uow, Money(event.limit_minor, event.currency))


def drop_limit(uow: UnitOfWork, event: ApprovalRuleRemoved) -> None:
    """Show the limit of a rule that was removed no more."""
    if event.kind is ApprovalKind.PURCHASE_ORDER:
        uow.db.execute(delete(approval_limits).where(approval_limits.c.currency == event.currency))


def _mirrored(uow: UnitOfWork, limit: Money) -> UUID:
    currency = limit.currency
    before = queries.approval_limits_by_currencies(uow.db, [currency]).get(currency)
    if before is None:
        after = ApprovalLimit(
            id=uow.new_id(),
            version=1,
            created_at=uow.now,
            updated_at=uow.now,
            currency=currency,
            limit_minor=limit.minor,
        )
        add(uow, approval_limits, [after])
    elif before.limit_minor == limit.minor:
        return before.id
    else:
        changed = replace(before, limit_minor=limit.minor)
        after = save(uow, approval_limits, before, changed)
    event = ApprovalLimitSet(after.id, after.version, str(after.limit))
    uow.emit(event, before=before, after=after)
    return after.id


def submit_purchase_order(uow: UnitOfWork, command: SubmitPurchaseOrder) -> UUID:
    """Give a draft its number, and ask for approval. Its id.

    What comes to no more than the limit of its currency is approved at once. Without a limit,
    everything needs approval. An order that was declined keeps its number.

    Raises:
        UnknownPurchaseOrder, InvalidTransition, SupplierNotActive.
        EmptyPurchaseOrder: it has no line.
        BelowMinimumOrder: it comes to less than the supplier takes orders for.
    """
    before = queries.locked_order(uow.db, command.id)
    order = move(uow, before, "submit")
    lines = queries.lines_of(uow.db, before.id)
    if not lines:
        raise EmptyPurchaseOrder
    supplier = queries.supplier(uow.db, before.supplier_id)
    _check_supplier(order, supplier)
    actor = uow.caller.actor
    order = replace(
        order,
        submitted_by_kind=actor.kind,
        submitted_by_id=actor.id,
        submitted_at=uow.now,
    )
    if order.number is None:
        number = draw(uow, DocumentKind.PURCHASE_ORDER)
        order = replace(order, number=number.text, serial=number.serial)
    made_by = (before.created_by_kind.value, before.created_by_id)
    label = f"Purchase order {order.name}"
    kind = ApprovalKind.PURCHASE_ORDER
    is_free = ask(uow, kind, order.id, order.total, label, made_by=made_by) is None
    if is_free:
        order = replace(move(uow, order, "approve"), approved_at=uow.now)
    after = save_order(uow, before, order)
    index_order(uow, after, supplier, lines)
    event = PurchaseOrderSubmitted(after.id, after.version, after.name, str(after.total))
    uow.emit(event, before=before, after=after)
    if is_free:
        uow.emit(PurchaseOrderApproved(after.id, after.version, after.name, within_limit=True))
    return after.id


def approve_purchase_order(uow: UnitOfWork, command: ApprovePurchaseOrder) -> UUID:
    """Agree that an order be sent; where two have to, it waits for the other one. Its id.

    Raises:
        UnknownPurchaseOrder, InvalidTransition.
        ApproverIsCreator: the caller made or submitted it.
        NotTheApprover, AgreedBefore: the rule says that somebody else has to.
    """
    before = queries.locked_order(uow.db, command.id)
    MACHINE.check("approve", before.status)
    uow.check_amount(Scope.PURCHASING_APPROVE, before.total)
    grant(uow, _waiting(uow, before))
    return before.id


def decline_purchase_order(uow: UnitOfWork, command: DeclinePurchaseOrder) -> UUID:
    """Send an order back to who made it: it is a draft again. Its id.

    Whoever made it may do so, too: that takes back what was asked for.

    Raises:
        UnknownPurchaseOrder, InvalidTransition.
        NotTheApprover, AgreedBefore: the rule says that somebody else decides.
    """
    before = queries.locked_order(uow.db, command.id)
    MACHINE.check("decline", before.status)
    request = _waiting(uow, before)
    actor = uow.caller.actor
    if (actor.kind.value, actor.id) in request.authors:
        withdraw(uow, ApprovalKind.PURCHASE_ORDER, before.id)
        _send_back(uow, before)
    else:
        decline(uow, request)
    return before.id


def go_on(uow: UnitOfWork, event: ApprovalGranted) -> None:
    """Approve the order that everybody has agreed to who was needed."""
    if event.kind is not ApprovalKind.PURCHASE_ORDER:
        return
    before = queries.locked_order(uow.db, event.subject_id)
    actor = uow.caller.actor
    approved = replace(
        move(uow, before, "approve"),
        approved_by_kind=actor.kind,
        approved_by_id=actor.id,
        approved_at=uow.now,
    )
    after = save_order(uow, before, approved)
    told = PurchaseOrderApproved(after.id, after.version, after.name, within_limit=False)
    uow.emit(told, before=before, after=after)


def send_back(uow: UnitOfWork, event: ApprovalDeclined) -> None:
    """Make the order a draft again that was not agreed to."""
    if event.kind is ApprovalKind.PURCHASE_ORDER:
        _send_back(uow, queries.locked_order(uow.db, event.subject_id))


def _waiting(uow: UnitOfWork, order: PurchaseOrder) -> ApprovalRequest:
    request = approvals.pending(uow.db, ApprovalKind.PURCHASE_ORDER, order.id)
    if request is None:
        raise UnknownApproval(order.id).at("id")
    return request


def _send_back(uow: UnitOfWork, before: PurchaseOrder) -> None:
    after = save_order(uow, before, move(uow, before, "decline"))
    event = PurchaseOrderDeclined(after.id, after.version, after.name)
    uow.emit(event, before=before, after=after)


def _check_supplier(order: PurchaseOrder, supplier: Supplier) -> None:
    if supplier.status is SupplierStatus.ARCHIVED:
        raise SupplierNotActive(supplier.code)
    minimum = supplier.minimum_order
    # In another currency it cannot be compared: whoever agreed on that knows what it comes to.
    if minimum and minimum.currency == order.currency and order.subtotal < minimum:
        raise BelowMinimumOrder(minimum)
