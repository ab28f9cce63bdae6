"""Returns, their lines, inspections and policies on the wire."""

from datetime import datetime

import strawberry

from backoffice_api.domain.catalog import queries as catalog
from backoffice_api.domain.customers import queries as customers
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.media.queries import files_by_subjects
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.returns import queries
from backoffice_api.domain.returns.model import inspections as of_inspections
from backoffice_api.domain.returns.model import policies as of_policies
from backoffice_api.domain.returns.model import refunds as of_refunds
from backoffice_api.domain.returns.model import refusals
from backoffice_api.domain.returns.model import returns as model
from backoffice_api.domain.returns.model.customer_states import CUSTOMER_STATES, CustomerState
from backoffice_api.domain.returns.model.inspections import (
    Disposition,
    ItemCondition,
    ReceiptOutcome,
    Resolution,
)
from backoffice_api.domain.returns.model.policies import (
    PolicyPreset,
    Rule,
    ShippingPayer,
    Verdict,
    WindowStart,
)
from backoffice_api.domain.returns.model.returns import (
    LineOrigin,
    ReturnKind,
    ReturnOrigin,
    ReturnState,
)
from backoffice_api.domain.stock import queries as stock
from backoffice_api.domain.stock.queries.lots import lots_by_ids
from backoffice_api.schema.aggregates import ActionState, Actor, HasTimeline, actor_of
from backoffice_api.schema.catalog import Category
from backoffice_api.schema.channels import READ as ORDERS
from backoffice_api.schema.channels import Channel
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.customers import Customer
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.lots import Lot
from backoffice_api.schema.media import MediaFile
from backoffice_api.schema.money import Money, UnitPrice
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.orders import Order, OrderLine
from backoffice_api.schema.payloads import MutationPayload, UserError, error, payload
from backoffice_api.schema.products import Variant
from backoffice_api.schema.return_inputs import ReturnFilter, ReturnSort
from backoffice_api.schema.return_money import ReturnRefund
from backoffice_api.schema.scalars import CurrencyCode
from backoffice_api.schema.stock import Location, StockMovement

READ = Scope.RETURNS_READ
STOCK = Scope.STOCK_READ


@node("rpo", of_policies.ReturnPolicy, queries.policies_by_ids, scope=READ)
class ReturnPolicy(Node, Versioned, HasTimeline):
    """Until when what may come back, and who pays for it. The first one that fits decides."""

    code: str = about("Its code.")
    name: str = about("What people call it.")
    priority: int = about("Lower ones are tried first.")
    countries: list[str] = about("Only for goods that went there. Empty: anywhere.")
    window_days: int = about("For how many days goods may come back.")
    window_start: WindowStart = about("From when these are counted.")
    accepted: list[ItemCondition] = about("In which conditions; empty: in any.")
    excluded: bool = about("What fits is never taken back.")
    fee_basis_points: int = about("What is kept of the price, in hundredths of a percent.")
    refunds_shipping: bool = about("The share of the delivery is paid back.")
    shipping_payer: ShippingPayer = about("Who pays for sending it back.")
    auto_approve: Money | None = about(
        "Up to which worth it is approved by itself. Null: whatever it is worth."
    )
    auto_decline: bool = about("What is refused is declined by itself.")
    expires_days: int = about("For how long an approved return waits for its goods.")
    preset: PolicyPreset | None = about("The law whose terms it keeps. Null: none.")
    source: str | None = about("Where the law is written. Null: not said.")
    channel: Channel | None = one(
        orders.channels_by_ids, "channel_id", "Only for it. Null: for any.", scope=ORDERS
    )
    category: Category | None = one(
        catalog.categories_by_ids,
        "category_id",
        "Only for what is filed in it, or below it. Null: for anything.",
        scope=Scope.PRODUCTS_READ,
    )


@described
class ReturnReceipt:
    """So many pieces came. It is never changed nor removed."""

    created_at: datetime = about("When.")
    quantity: int = about("How many pieces.")
    outcome: ReceiptOutcome = about("Whether they were announced.")
    code: str | None = about("What was scanned. Null: they were counted by line.")
    lot_code: str | None = about("The lot or serial number that was scanned. Null: none.")
    lot_matches: bool | None = about(
        "Whether that was sent with the order. Null: nothing is on record to compare with."
    )
    line: "ReturnLine" = one(queries.return_lines_by_ids, "line_id", "On which line.")
    location: Location = one(stock.locations_by_ids, "location_id", "Where.", scope=STOCK)

    @strawberry.field(description="Who took them in.")
    def actor(parent: strawberry.Parent[of_inspections.ReturnReceipt]) -> Actor:
        return actor_of(parent.actor_kind, parent.actor_id)


@described
class ReturnInspection:
    """What was decided of so many pieces. It is never changed nor removed."""

    created_at: datetime = about("When.")
    quantity: int = about("How many pieces.")
    condition: ItemCondition = about("In which condition they were.")
    disposition: Disposition = about("Where they went.")
    resolution: Resolution = about("What the customer gets for them.")
    lot_matches: bool | None = about(
        "Whether their lot was sent with the order. Null: nothing is on record to compare with."
    )
    unit_cost: UnitPrice | None = about(
        "What a piece cost when it was sent, at which it came back. Null: not known.",
        scope=Scope.COSTS_READ,
    )
    note: str = about("What was found. Empty if nothing was said.")
    movement: StockMovement | None = one(
        stock.movements_by_ids,
        "movement_id",
        "How they got into the stock, or past it. Null: they did not.",
        scope=STOCK,
    )
    location: Location | None = one(
        stock.locations_by_ids, "location_id", "Where they were put. Null: nowhere.", scope=STOCK
    )
    lot: Lot | None = one(
        lots_by_ids, "lot_id", "Their lot. Null: the variant is not tracked.", scope=STOCK
    )
    photos: list[MediaFile] = many(
        files_by_subjects,
        "id",
        "What shows it, at most 10, in their order.",
        scope=Scope.PRODUCTS_READ,
    )

    @strawberry.field(description="Who decided.")
    def actor(parent: strawberry.Parent[of_inspections.ReturnInspection]) -> Actor:
        return actor_of(parent.actor_kind, parent.actor_id)


@node("rti", model.ReturnLine, queries.return_lines_by_ids, scope=READ)
class ReturnLine(Node):
    """So many pieces of a variant that are to come back; of a kit, of one of its components."""

    position: int = about("Its place in the return.")
    origin: LineOrigin = about("How it came into the return.")
    sku: str = about("The SKU.")
    title: str = about("What it is called.")
    condition: ItemCondition = about("In which condition it was said to be.")
    lot_code: str | None = about("The lot or serial number that was named. Null: none.")
    note: str = about("What was said about it. Empty if nothing.")
    verdict: Verdict = about("What its policy said when it was asked for.")
    rule: Rule = about("By which rule.")
    requested: int = about("How many pieces were asked for.")
    cancelled: int = about("Of these, not waited for any more.")
    waived: int = about("Of these, need not come and are paid back all the same.")
    awaited: int = about("Still to come.")
    received: int = about("Came.")
    to_inspect: int = about("Came, and nobody has decided about them.")
    inspected: int = about("Came and were decided about.")
    missing: int = about("Of those, were not there after all.")
    sent_back: int = about("Of those, went back to the customer.")
    to_refund: int = about("Of those, to be paid back, in money or store credit.")
    to_exchange: int = about("Of those, to be exchanged.")
    to_repair: int = about("Of those, to be mended.")
    rejected: int = about("Of those, for which the customer gets nothing.")
    refunded: int = about("Were paid back.")
    exchanged: int = about("Were exchanged.")
    repaired: int = about("Were mended.")
    refundable: int = about("May be paid back now.")
    value: Money = about("What its pieces are worth, with their share of the delivery.")
    tax_included: bool = about("Its amounts contain the tax.")
    variant: Variant = one(products.variants_by_ids, "variant_id", "What it is of.")
    order: Order | None = one(
        orders.orders_by_ids, "order_id", "Of which order. Null: none is known.", scope=ORDERS
    )
    order_line: OrderLine | None = one(
        orders.lines_by_ids, "order_line_id", "Of which line. Null: none is known.", scope=ORDERS
    )
    policy: ReturnPolicy | None = one(
        queries.policies_by_ids,
        "policy_id",
        "The policy that judged it. Null: none fitted, or it was removed.",
    )
    inspections: list[ReturnInspection] = many(
        queries.inspections_by_lines, "id", "What was decided of its pieces, oldest first."
    )


@described
class ReturnRefundSuggestion:
    """What may go back now for pieces of a line."""

    quantity: int = about("How many pieces may be paid back.")
    suggested: Money = about("What is suggested, after the fee.")
    maximum: Money = about("What they are worth, with their share of the delivery.")
    items: Money = about("For the pieces, less their discounts.")
    tax: Money = about("Their tax; part of the others where prices contain it.")
    shipping: Money = about("Of the delivery, as the policy says.")
    fee: Money = about("What the policy keeps.")
    line: ReturnLine = one(queries.return_lines_by_ids, "line_id", "Of which line.")


@node("ret", model.Return, queries.returns_by_ids, scope=READ)
class Return(Node, Versioned, HasTimeline):
    """Goods that come back, of one order, of several, or of none that is known."""

    @strawberry.field(description="How far it is, as its customer is told.")
    def customer_state(parent: strawberry.Parent[model.Return]) -> CustomerState:
        return CUSTOMER_STATES[parent.status]

    number: str = about("Its number, without gaps in the series of its kind.")
    kind: ReturnKind = about("What kind of a return it is.")
    status: ReturnState = about("How far it is.")
    actions: list[ActionState] = about("What can be done with it now.")
    origin: ReturnOrigin = about("Who asked for it.")
    reference: str | None = about("What who asked calls it. Null: nothing.")
    note: str = about("What the staff should know. Empty if nothing.")
    verdict: Verdict = about("What its policies said: of the line that is worst off.")
    rule: Rule = about("By which rule.")
    currency: CurrencyCode = about("The currency of its amounts.")
    value: Money = about("What its pieces are worth that were not cancelled.")
    refunded: Money = about("What went back for its pieces, or is on its way.")
    fee: Money = about("What was kept of that.")
    goodwill: Money = about("What was given besides.")
    expires_at: datetime | None = about("When it ends if nothing comes. Null: it does not.")
    closed_at: datetime | None = about("When it ended. Null: it has not.")
    customer: Customer | None = one(
        customers.customers_by_ids,
        "customer_id",
        "Whose it is. Null: not known.",
        scope=Scope.CUSTOMERS_READ,
    )
    channel: Channel | None = one(
        orders.channels_by_ids, "channel_id", "The channel of its orders. Null: none.", scope=ORDERS
    )
    location: Location | None = one(
        stock.locations_by_ids, "location_id", "Where it is received. Null: not said.", scope=STOCK
    )
    orders: list[Order] = many(
        queries.orders_by_returns, "id", "Of which orders it is, at most 20.", scope=ORDERS
    )
    photos: list[MediaFile] = many(
        files_by_subjects,
        "id",
        "What its customer sent along with the request, at most 10, in their order.",
        scope=Scope.PRODUCTS_READ,
    )
    lines: list[ReturnLine] = many(
        queries.lines_by_returns, "id", "What is to come back, in order."
    )
    receipts: list[ReturnReceipt] = many(
        queries.receipts_by_returns, "id", "What came, oldest first."
    )
    refunds: list[ReturnRefund] = many(
        queries.return_refunds_by_returns, "id", "What went back for it, oldest first."
    )
    refund_suggestions: list[ReturnRefundSuggestion] = many(
        queries.suggestions_by_returns, "id", "What may go back now, line by line."
    )


@described
class ReturnJudgement:
    """What a policy says to a piece that is to come back."""

    verdict: Verdict = about("Whether it may.")
    rule: Rule = about("By which rule.")
    until: datetime | None = about("When the window ends. Null: not known yet.")
    policy: ReturnPolicy | None = one(
        queries.policies_by_ids, "policy_id", "The policy. Null: none fits."
    )


@described
class ReturnableLine:
    """Pieces of an order that can come back; of a kit, of one of its components."""

    quantity: int = about("How many pieces can come back now.")
    value: Money = about("What these are worth, with their share of the delivery.")
    judgement: ReturnJudgement = about("What the policy that fits says to it now.")
    order_line: OrderLine = one(
        orders.lines_by_ids, "order_line_id", "Of which line.", scope=ORDERS
    )
    variant: Variant = one(products.variants_by_ids, "variant_id", "What it is.")


@error(refusals.NotReturnable)
class NotReturnableError(UserError):
    """So many pieces of the line cannot come back."""

    rule: Rule = about("By which rule.")
    maximum: int = about("How many can.")


@error(refusals.PiecesExceeded, of_refunds.NotReceivedToRefund)
class PiecesExceededError(UserError):
    """More pieces are named than there are at this step of the line."""

    maximum: int = about("How many there are.")


@error(refusals.NotSettled)
class NotSettledError(UserError):
    """The return cannot end yet."""

    to_inspect: int = about("Pieces that came and nobody has decided about.")
    open_resolutions: int = about("Pieces whose customer has not got what was decided.")


@payload
class ReturnPayload(MutationPayload):
    """What a mutation of a return answers."""

    return_: Return | None = one(
        queries.returns_by_ids,
        "value",
        "The return as it is now. Null if it was refused.",
        name="return",
    )


@payload
class ReturnPolicyPayload(MutationPayload):
    """What a mutation of a return policy answers."""

    return_policy: ReturnPolicy | None = one(
        queries.policies_by_ids,
        "value",
        "The policy as it is now. Null if it was refused, or removed.",
    )


attach(
    Order,
    "returns",
    list[Return],
    many(queries.returns_by_orders, "id", "Its returns, oldest first.", scope=READ),
)
attach(
    Customer,
    "returns",
    Connection[Return],
    listed_under(
        queries.return_list,
        queries.return_list.table.c.customer_id,
        "Its returns, newest first.",
        scope=READ,
        filter=ReturnFilter,
        sort=ReturnSort,
    ),
)
