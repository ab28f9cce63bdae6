"""Purchase orders, receipts and returns on the wire. What things cost takes a scope of its own."""

from datetime import date, datetime
from typing import Any

import strawberry

from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.purchasing import queries
from backoffice_api.domain.purchasing.model import lines as line_model
from backoffice_api.domain.purchasing.model import orders as model
from backoffice_api.domain.purchasing.model import receipts as receipt_model
from backoffice_api.domain.purchasing.model import series as series_model
from backoffice_api.domain.purchasing.model.lines import MoreThanLeft, OverReceipt
from backoffice_api.domain.purchasing.model.orders import BelowMinimumOrder, PurchaseOrderStatus
from backoffice_api.domain.purchasing.model.receipts import (
    ChargeBasis,
    ChargeKind,
    WeightUnknown,
)
from backoffice_api.domain.purchasing.model.series import DocumentKind
from backoffice_api.domain.stock import queries as stock
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.schema.aggregates import ActionState, Actor, HasTimeline, actor_of
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.money import Money, UnitPrice
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, UserError, error, payload
from backoffice_api.schema.products import Variant
from backoffice_api.schema.purchasing_inputs import PurchaseOrderFilter, PurchaseOrderSort
from backoffice_api.schema.scalars import CurrencyCode
from backoffice_api.schema.stock import Location
from backoffice_api.schema.suppliers import READ, Supplier, SupplierItem


def _cost(description: str) -> Any:
    """A field of what something costs the shop: it takes a scope of its own."""
    return about(description, scope=Scope.COSTS_READ)


@node("prs", series_model.Series, queries.series_by_ids, scope=READ)
class PurchasingSeries(Node, Versioned, HasTimeline):
    """How documents of one kind are numbered: without gaps."""

    kind: DocumentKind = about("What is numbered.")
    prefix: str = about("What its numbers begin with.")


@node("apl", model.ApprovalLimit, queries.approval_limits_by_ids, scope=READ)
class PurchaseApprovalLimit(Node, Versioned, HasTimeline):
    """Orders of a currency that come to no more need no second person."""

    limit: Money = about("Up to this total.")


@node("pol", line_model.PurchaseOrderLine, queries.lines_by_ids, scope=READ)
class PurchaseOrderLine(Node):
    """So many pieces of one variant at one price."""

    position: int = about("Its place in the order, from 0.")
    supplier_sku: str = about("What the supplier called it then. Empty if not known.")
    sku: str = about("The SKU when it was ordered.")
    title: str = about("What it was called when it was ordered.")
    quantity: int = about("Pieces that were ordered.")
    confirmed: int | None = about("Pieces that the supplier confirmed. Null: it has not yet.")
    received: int = about("Pieces that arrived and were taken.")
    rejected: int = about("Pieces that arrived and were not taken; the supplier still owes them.")
    cancelled: int = about("Pieces that were called off.")
    returned: int = about("Of the received ones, pieces that went back.")
    open: int = about("Pieces that are still to come.")
    expected_on: date | None = about("When they are expected. Null: not known yet.")
    unit_price: UnitPrice = _cost("The price of one piece.")
    subtotal: Money = _cost("Price times ordered pieces, rounded half-even.")
    tax: Money = _cost("Its tax, as it was given.")
    variant: Variant = one(products.variants_by_ids, "variant_id", "What was ordered.")
    supplier_item: SupplierItem | None = one(
        queries.items_by_ids, "supplier_item_id", "As the supplier sells it. Null if not known."
    )
    order: "PurchaseOrder" = one(queries.orders_by_ids, "order_id", "The order it belongs to.")


@node("por", model.PurchaseOrder, queries.orders_by_ids, scope=READ)
class PurchaseOrder(Node, Versioned, HasTimeline):
    """What the shop asks a supplier for, and how far that is."""

    number: str | None = about("Its number, unique. Null until it is submitted.")
    status: PurchaseOrderStatus = about("Where it stands.")
    currency: CurrencyCode = about("The currency of all its amounts.")
    note: str = about("What the staff or the supplier should know. Empty if nothing.")
    supplier_reference: str | None = about("What the supplier calls it. Null if not known.")
    expected_on: date | None = about("When its lines are expected unless they say otherwise.")
    submitted_at: datetime | None = about("When it was submitted. Null if it was not.")
    approved_at: datetime | None = about("When it was approved. Null if it was not.")
    sent_at: datetime | None = about("When it was sent. Null if it was not.")
    confirmed_at: datetime | None = about("When it was last confirmed. Null if it was not.")
    closed_at: datetime | None = about("When it was closed. Null if it was not.")
    subtotal: Money = _cost("The sum of its lines: prices times ordered pieces.")
    tax: Money = _cost("Tax on its lines, as it was given.")
    total: Money = _cost("What was ordered comes to: subtotal and tax.")
    current_total: Money = _cost("What it comes to now, without what was called off.")
    actions: list[ActionState] = about("What can be done with it now.")
    supplier: Supplier = one(queries.suppliers_by_ids, "supplier_id", "Who sells it.")
    location: Location = one(
        stock.locations_by_ids, "location_id", "Where it is to arrive.", scope=Scope.STOCK_READ
    )
    lines: Connection[PurchaseOrderLine] = listed_under(
        queries.line_list,
        queries.line_list.table.c.order_id,
        "What was ordered, in the order in which it was entered.",
    )
    receipts: Connection["PurchaseReceipt"] = listed_under(
        queries.receipt_list,
        queries.receipt_list.table.c.order_id,
        "What arrived of it, newest first.",
    )
    returns: Connection["PurchaseReturn"] = listed_under(
        queries.return_list,
        queries.return_list.table.c.order_id,
        "What went back, newest first.",
    )

    @strawberry.field(description="Who made it.")
    def created_by(parent: strawberry.Parent[model.PurchaseOrder]) -> Actor:
        return actor_of(parent.created_by_kind, parent.created_by_id)

    @strawberry.field(description="Who submitted it. Null if nobody did.")
    def submitted_by(parent: strawberry.Parent[model.PurchaseOrder]) -> Actor | None:
        kind = parent.submitted_by_kind
        return actor_of(kind, parent.submitted_by_id) if kind else None

    @strawberry.field(description="Who approved it. Null: nobody had to, or nobody did.")
    def approved_by(parent: strawberry.Parent[model.PurchaseOrder]) -> Actor | None:
        kind = parent.approved_by_kind
        return actor_of(kind, parent.approved_by_id) if kind else None


@described
class PurchaseCharge:
    """What a receipt cost besides its goods."""

    kind: ChargeKind = about("What for.")
    basis: ChargeBasis = about("In proportion to what it is spread over the lines.")
    description: str | None = about("More about it. Null if nothing was said.")
    amount: Money = _cost("How much.")


@node("rcl", receipt_model.ReceiptLine, queries.receipt_lines_by_ids, scope=READ)
class PurchaseReceiptLine(Node):
    """Pieces of one line of an order that arrived together."""

    position: int = about("Its place in the receipt, from 0.")
    accepted: int = about("Pieces that were taken on stock.")
    rejected: int = about("Pieces that were not taken.")
    rejection: str | None = about("Why they were not. Null if nothing was said.")
    bucket: Bucket = about("Where the accepted pieces went.")
    lot_code: str | None = about("Their lot or serial number. Null: they are not told apart.")
    value: Money = _cost("The accepted pieces at the price of the order.")
    charges: Money = _cost("Its share of freight, duty and the like.")
    unit_cost: UnitPrice | None = _cost(
        "What one accepted piece cost with its share. Null: none was accepted."
    )
    order_line: PurchaseOrderLine = one(
        queries.lines_by_ids, "order_line_id", "The line of the order."
    )
    variant: Variant = one(products.variants_by_ids, "variant_id", "What arrived.")
    receipt: "PurchaseReceipt" = one(
        queries.receipts_by_ids, "receipt_id", "The receipt it belongs to."
    )


@node("rcp", receipt_model.Receipt, queries.receipts_by_ids, scope=READ)
class PurchaseReceipt(Node, Versioned, HasTimeline):
    """What arrived of a purchase order at once."""

    number: str = about("Its number, unique.")
    received_at: datetime = about("When the goods arrived.")
    delivery_note: str | None = about("Number of the supplier's delivery note. Null: not known.")
    goods: Money = _cost("The accepted pieces at the prices of the order.")
    charges_total: Money = _cost("Freight, duty and the like.")
    landed: Money = _cost("The two together: what the goods cost in the end.")
    charges: list[PurchaseCharge] = many(
        queries.charges_by_receipts, "id", "Freight, duty and the like, one by one; at most 50."
    )
    order: PurchaseOrder = one(queries.orders_by_ids, "order_id", "What it belongs to.")
    supplier: Supplier = one(queries.suppliers_by_ids, "supplier_id", "Who sent it.")
    location: Location = one(
        stock.locations_by_ids, "location_id", "Where it arrived.", scope=Scope.STOCK_READ
    )
    lines: Connection[PurchaseReceiptLine] = listed_under(
        queries.receipt_line_list,
        queries.receipt_line_list.table.c.receipt_id,
        "What arrived, in the order in which it was entered.",
    )


@node("prl", receipt_model.PurchaseReturnLine, queries.return_lines_by_ids, scope=READ)
class PurchaseReturnLine(Node):
    """Pieces of one line of an order that went back together."""

    position: int = about("Its place in the return, from 0.")
    quantity: int = about("Pieces that went back.")
    amount: Money = _cost("What the supplier owes for them.")
    order_line: PurchaseOrderLine = one(
        queries.lines_by_ids, "order_line_id", "The line of the order."
    )
    variant: Variant = one(products.variants_by_ids, "variant_id", "What went back.")


@node("prt", receipt_model.PurchaseReturn, queries.returns_by_ids, scope=READ)
class PurchaseReturn(Node, Versioned, HasTimeline):
    """Goods that went back to the supplier, with the debit note for them."""

    number: str = about("Number of the debit note, unique.")
    reason: str = about("Why they went back.")
    amount: Money = _cost("What the supplier owes for them.")
    order: PurchaseOrder = one(queries.orders_by_ids, "order_id", "What they belonged to.")
    supplier: Supplier = one(queries.suppliers_by_ids, "supplier_id", "Who gets them.")
    lines: Connection[PurchaseReturnLine] = listed_under(
        queries.return_line_list,
        queries.return_line_list.table.c.return_id,
        "What went back, in the order in which it was entered.",
    )


attach(
    Supplier,
    "purchase_orders",
    Connection[PurchaseOrder],
    listed_under(
        queries.order_list,
        queries.order_list.table.c.supplier_id,
        "What was ordered from it, newest first.",
        filter=PurchaseOrderFilter,
        sort=PurchaseOrderSort,
    ),
)


@error(OverReceipt)
class OverReceiptError(UserError):
    """More arrived than the supplier's tolerance allows."""

    sku: str = about("Of which variant.")
    maximum: int = about("How many pieces can still be received.")


@error(MoreThanLeft)
class MoreThanLeftError(UserError):
    """More is asked for than there is left of a line of a purchase order."""

    maximum: int = about("How many pieces are left.")


@error(BelowMinimumOrder)
class BelowMinimumOrderError(UserError):
    """The order comes to less than the supplier takes orders for."""

    minimum: Money = about("From this subtotal on.", scope=Scope.COSTS_READ)


@error(WeightUnknown)
class WeightUnknownError(UserError):
    """A charge is to be spread by weight, and variants have none."""

    skus: list[str] = about("The variants whose weight is not known.")


@payload
class PurchaseOrderPayload(MutationPayload):
    """What a mutation of a purchase order answers."""

    purchase_order: PurchaseOrder | None = one(
        queries.orders_by_ids, "value", "The order as it is now. Null if it was refused."
    )


@payload
class PurchaseReceiptPayload(MutationPayload):
    """What a mutation of a receipt answers."""

    receipt: PurchaseReceipt | None = one(
        queries.receipts_by_ids, "value", "The receipt as it is now. Null if it was refused."
    )


@payload
class PurchaseReturnPayload(MutationPayload):
    """What sending goods back answers."""

    purchase_return: PurchaseReturn | None = one(
        queries.returns_by_ids, "value", "The return. Null if it was refused."
    )


@payload
class PurchasingSeriesPayload(MutationPayload):
    """What setting a series of numbers answers."""

    series: PurchasingSeries | None = one(
        queries.series_by_ids, "value", "The series as it is now. Null if it was refused."
    )


@payload
class PurchaseApprovalLimitPayload(MutationPayload):
    """What setting a limit answers."""

    limit: PurchaseApprovalLimit | None = one(
        queries.approval_limits_by_ids, "value", "The limit as it is now. Null if it was refused."
    )
