"""Approval: what comes to more than a limit takes two people."""

from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.purchasing import queries
from backoffice_api.domain.purchasing.commands.series import draw
from backoffice_api.domain.purchasing.commands.writing import index_order, move, save_order
from backoffice_api.domain.purchasing.model.bank import ApproverIsCreator
from backoffice_api.domain.purchasing.model.orders import (
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
    table = purchase_orders
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclinePurchaseOrder(Command):
    scope = Scope.PURCHASING_APPROVE
    table = purchase_orders
    id: UUID


def set_approval_limit(uow: UnitOfWork, command: SetApprovalLimit) -> UUID:
    """Say up to which amount orders of a currency need no second person. Id of the limit.

    Raises:
        AmountBelowZero: the limit is.
    """
    if command.limit.minor < 0:
        raise AmountBelowZero().at("limit")
    currency = command.limit.currency
    before = queries.approval_limits_by_currencies(uow.db, [currency]).get(currency)
    if before is None:
        after = ApprovalLimit(
            id=uow.new_id(),
            version=1,
            created_at=uow.now,
            updated_at=uow.now,
            currency=currency,
            limit_minor=command.limit.minor,
        )
        add(uow, approval_limits, [after])
    else:
        changed = replace(before, limit_minor=command.limit.minor)
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
    limits = queries.approval_limits_by_currencies(uow.db, [order.currency])
    limit = limits.get(order.currency)
    actor = uow.caller.actor
    order = replace(
        order,
        submitted_by_kind=actor.kind,
        submitted_by_id=actor.id,
        submitted_at=uow.now,
    )
    is_free = limit is not None and order.total_minor <= limit.limit_minor
    if is_free:
        order = replace(move(uow, order, "approve"), approved_at=uow.now)
    if order.number is None:
        number = draw(uow, DocumentKind.PURCHASE_ORDER)
        order = replace(order, number=number.text, serial=number.serial)
    after = save_order(uow, before, order)
    index_order(uow, after, supplier, lines)
    event = PurchaseOrderSubmitted(after.id, after.version, after.name, str(after.total))
    uow.emit(event, before=before, after=after)
    if is_free:
        uow.emit(PurchaseOrderApproved(after.id, after.version, after.name, within_limit=True))
    return after.id


def approve_purchase_order(uow: UnitOfWork, command: ApprovePurchaseOrder) -> UUID:
    """Agree that an order be sent. Its id.

    Raises:
        UnknownPurchaseOrder, InvalidTransition.
        ApproverIsCreator: the caller made or submitted it.
    """
    before = queries.locked_order(uow.db, command.id)
    order = move(uow, before, "approve")
    actor = uow.caller.actor
    authors = (
        (before.created_by_kind, before.created_by_id),
        (before.submitted_by_kind, before.submitted_by_id),
    )
    if (actor.kind, actor.id) in authors:
        raise ApproverIsCreator
    approved = replace(
        order, approved_by_kind=actor.kind, approved_by_id=actor.id, approved_at=uow.now
    )
    after = save_order(uow, before, approved)
    event = PurchaseOrderApproved(after.id, after.version, after.name, within_limit=False)
    uow.emit(event, before=before, after=after)
    return after.id


def decline_purchase_order(uow: UnitOfWork, command: DeclinePurchaseOrder) -> UUID:
    """Send an order back to who made it: it is a draft again. Its id.

    Raises:
        UnknownPurchaseOrder, InvalidTransition.
    """
    before = queries.locked_order(uow.db, command.id)
    after = save_order(uow, before, move(uow, before, "decline"))
    event = PurchaseOrderDeclined(after.id, after.version, after.name)
    uow.emit(event, before=before, after=after)
    return after.id


def _check_supplier(order: PurchaseOrder, supplier: Supplier) -> None:
    if supplier.status is SupplierStatus.ARCHIVED:
        raise SupplierNotActive(supplier.code)
    minimum = supplier.minimum_order
    # In another currency it cannot be compared: whoever agreed on that knows what it comes to.
    if minimum and minimum.currency == order.currency and order.subtotal < minimum:
        raise BelowMinimumOrder(minimum)
