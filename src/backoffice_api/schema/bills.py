"""Bills of suppliers on the wire."""

from datetime import date, datetime

import strawberry

from backoffice_api.domain.catalog import queries as catalog
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.media import queries as media
from backoffice_api.domain.payables.model import bills as model
from backoffice_api.domain.payables.model import matching as match_model
from backoffice_api.domain.payables.model import refusals
from backoffice_api.domain.payables.model import settlements as settlement_model
from backoffice_api.domain.payables.model.bills import BillKind, BillStatus
from backoffice_api.domain.payables.model.matching import LineMismatch, MatchStatus
from backoffice_api.domain.payables.model.settlements import BillPaymentMethod
from backoffice_api.domain.payables.queries import bills as queries
from backoffice_api.domain.payables.queries import matching as matches
from backoffice_api.domain.payables.queries.pix_codes import code_texts_by_bills
from backoffice_api.domain.purchasing import queries as purchasing
from backoffice_api.domain.shipping import queries as shipping
from backoffice_api.schema.aggregates import ActionState, Actor, HasTimeline, actor_of
from backoffice_api.schema.bill_inputs import BillFilter, BillSort
from backoffice_api.schema.catalog import Category
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.media import MediaFile
from backoffice_api.schema.money import Money, UnitPrice
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, UserError, error, payload
from backoffice_api.schema.purchasing import PurchaseOrderLine, PurchaseReturn
from backoffice_api.schema.scalars import CurrencyCode
from backoffice_api.schema.shipping import FreightCharge
from backoffice_api.schema.suppliers import Supplier

READ = Scope.BILLS_READ
PURCHASING = Scope.PURCHASING_READ
SHIPPING = Scope.SHIPPING_READ

choice(LineMismatch, name="BillLineMismatch")


@node("bic", model.BillLine, queries.bill_lines_by_ids, scope=READ)
class BillLine(Node):
    """Goods of a purchase order, or a service."""

    position: int = about("Its place on the bill, from 0.")
    description: str = about("What it is for.")
    quantity: int | None = about("How many pieces. Null: not counted.")
    unit_price: UnitPrice | None = about("The price of one piece. Null: not said.")
    amount: Money = about("What it comes to without tax.")
    tax: Money = about("Its tax.")
    expected: Money | None = about(
        "What the pieces come to by the purchase order. Null: not compared, or not goods."
    )
    variance: Money | None = about("What is asked for beyond that; below zero: less.")
    mismatches: list[LineMismatch] = about("Why it does not match. Empty: it does, or need not.")
    waived_quantity: int = about("Pieces beyond what was received that somebody agreed to.")
    order_line: PurchaseOrderLine | None = one(
        purchasing.lines_by_ids,
        "order_line_id",
        "What was ordered. Null: it is a service.",
        scope=PURCHASING,
    )

    @strawberry.field(description="The id of the account it is booked to. Null: goods.")
    def account_id(parent: strawberry.Parent[model.BillLine]) -> strawberry.ID | None:
        return strawberry.ID(ids.text("acc", parent.account_id)) if parent.account_id else None


@described
class BillInstalment:
    """A part of a bill that is due on a day."""

    due_on: date = about("By when it should be paid.")
    amount: Money = about("How much is due.")
    discount: Money = about("What is let off if it is paid early.")
    discount_until: date | None = about("The last day for that. Null: no discount.")


@described
class BillAttachment:
    """A file that belongs to a bill."""

    name: str = about("What it is.")
    file: MediaFile = one(media.files_by_ids, "file_id", "The file.", scope=Scope.PRODUCTS_READ)


@node("bpy", settlement_model.BillPayment, queries.payments_by_ids, scope=READ)
class BillPayment(Node):
    """Money that settled a part of a bill. It is never changed nor removed."""

    method: BillPaymentMethod = about("How it was paid.")
    paid_on: date = about("When.")
    amount: Money = about("How much; below zero: it takes another payment back.")
    discount: Money = about("What the supplier let off for paying early.")
    cleared: Money = about("What a statement of the bank has shown of it.")
    reference: str | None = about("What a statement may call it. Null: nobody said.")
    created_at: datetime = about("When it was noted here.")
    bill: "Bill" = one(queries.bills_by_ids, "bill_id", "What it settled.")
    reverses: "BillPayment | None" = one(
        queries.payments_by_ids, "reverses_id", "The payment that it takes back. Null: none."
    )


@node("bcr", settlement_model.BillCredit, queries.credits_by_ids, scope=READ)
class BillCredit(Node):
    """A credit note, set off against a bill. It is never changed nor removed."""

    applied_on: date = about("When.")
    amount: Money = about("How much; below zero: it takes back what was set off before.")
    reverses: "BillCredit | None" = one(
        queries.credits_by_ids, "reverses_id", "What it takes back. Null: nothing."
    )
    credit_note: "Bill" = one(queries.bills_by_ids, "credit_note_id", "The credit note.")
    bill: "Bill" = one(queries.bills_by_ids, "bill_id", "The bill.")


@node("bil", model.Bill, queries.bills_by_ids, scope=READ)
class Bill(Node, Versioned, HasTimeline):
    """What a supplier asks for, or owes by a credit note."""

    kind: BillKind = about("Which way the money goes.")
    status: BillStatus = about("How far it is.")
    match_status: MatchStatus = about("What comparing it with orders and receipts came to.")
    actions: list[ActionState] = about("What can be done with it now, and what is in the way.")
    number: str = about("The supplier's number; unique for each supplier and kind.")
    issued_on: date = about("The date on it.")
    due_on: date = about("When the next part of it is due; of what is paid, when the last was.")
    currency: CurrencyCode = about("The currency of all its amounts.")
    subtotal: Money = about("The sum of its lines.")
    tax: Money = about("Their tax.")
    total: Money = about("Both together.")
    paid: Money = about("What payments settled of it.")
    credited: Money = about("What was set off.")
    discounted: Money = about("What was let off for paying early.")
    open: Money = about("What is left; never below zero.")
    scheduled: Money = about("What of that payment runs have promised.")
    note: str = about("What the staff should know. Empty if nothing.")
    reason: str | None = about("Why it is disputed, rejected or voided. Null: it is not.")
    waiver_reason: str | None = about("Why what does not match is fine. Null: nothing is waived.")
    submitted_at: datetime | None = about("When it was submitted. Null: it was not.")
    approved_at: datetime | None = about("When it was approved. Null: it was not.")
    voided_at: datetime | None = about("When it was voided. Null: it was not.")
    supplier: Supplier = one(
        purchasing.suppliers_by_ids, "supplier_id", "Who asks.", scope=PURCHASING
    )
    purchase_return: PurchaseReturn | None = one(
        purchasing.returns_by_ids,
        "purchase_return_id",
        "The goods that went back for it. Null: it was not made of such.",
        scope=PURCHASING,
    )
    freight_charge: FreightCharge | None = one(
        shipping.charges_by_ids,
        "freight_charge_id",
        "The charge of a carrier whose variance it is. Null: it is no such.",
        scope=SHIPPING,
    )
    lines: list[BillLine] = many(queries.lines_by_bills, "id", "At most 500, in their order.")
    instalments: list[BillInstalment] = many(
        queries.instalments_by_bills, "id", "By when how much is due; at most 60."
    )
    pix_code: str | None = one(
        code_texts_by_bills,
        "id",
        "The text of the QR code of PIX that it is paid by. Null: it has none.",
        personal="payment",
        scope=Scope.PAYMENTS_READ,
    )
    attachments: list[BillAttachment] = many(
        queries.attachments_by_bills, "id", "Its papers; at most 20."
    )
    payments: Connection[BillPayment] = listed_under(
        queries.payment_list,
        queries.payment_list.table.c.bill_id,
        "What was paid of it, newest first.",
    )
    credits: list[BillCredit] = many(
        queries.credits_by_bills, "id", "Credit notes that were set off against it."
    )
    applications: list[BillCredit] = many(
        queries.credits_by_credit_notes, "id", "Of a credit note: what it was set off against."
    )

    @strawberry.field(description="Who entered it.")
    def created_by(parent: strawberry.Parent[model.Bill]) -> Actor:
        return actor_of(parent.created_by_kind, parent.created_by_id)

    @strawberry.field(description="Who submitted it. Null: nobody did.")
    def submitted_by(parent: strawberry.Parent[model.Bill]) -> Actor | None:
        kind = parent.submitted_by_kind
        return actor_of(kind, parent.submitted_by_id) if kind else None

    @strawberry.field(description="Who agreed to what does not match. Null: nobody did.")
    def waived_by(parent: strawberry.Parent[model.Bill]) -> Actor | None:
        kind = parent.waived_by_kind
        return actor_of(kind, parent.waived_by_id) if kind else None

    @strawberry.field(description="Who approved it. Null: nobody did.")
    def approved_by(parent: strawberry.Parent[model.Bill]) -> Actor | None:
        kind = parent.approved_by_kind
        return actor_of(kind, parent.approved_by_id) if kind else None


@node("mto", match_model.MatchTolerance, matches.tolerances_by_ids, scope=READ)
class MatchTolerance(Node, Versioned, HasTimeline):
    """How far bills may be off what was received and ordered."""

    quantity_bp: int = about("Hundredths of a percent of the pieces received.")
    price_bp: int = about("Hundredths of a percent of the price.")
    supplier: Supplier | None = one(
        purchasing.suppliers_by_ids,
        "supplier_id",
        "Whose bills. Null: of any without a rule.",
        scope=PURCHASING,
    )
    category: Category | None = one(
        catalog.categories_by_ids,
        "category_id",
        "Of which goods. Null: of any without a rule.",
        scope=Scope.PRODUCTS_READ,
    )


@described
class BilledPieces:
    """What bills have billed of a line of a purchase order."""

    quantity: int = about("Pieces that are billed.")
    allowed: int = about("Pieces that were within the tolerance when a bill was last compared.")
    waived: int = about("Pieces beyond that which somebody agreed to.")


@described
class AgingSums:
    """What is open in one currency, by how many days ago it was due."""

    currency: CurrencyCode = about("The currency.")
    not_due: Money = about("Not due before the day, or due on it.")
    days_1_to_30: Money = about("Due up to 30 days before.")
    days_31_to_60: Money = about("Due 31 to 60 days before.")
    days_61_to_90: Money = about("Due 61 to 90 days before.")
    over_90_days: Money = about("Due longer ago.")
    total: Money = about("All of these.")
    credits: Money = about("Open credit notes; not taken off the others.")


@described
class SupplierAging:
    """What is owed to one supplier in one currency."""

    sums: AgingSums = about("How much, by how late it is.")
    supplier: Supplier = one(
        purchasing.suppliers_by_ids, "supplier_id", "To whom.", scope=PURCHASING
    )


@described
class PayablesAging:
    """What is owed, by how late it is."""

    on: date = about("The day from which is counted.")
    suppliers: list[SupplierAging] = about("Those with the most open first, at most 250.")
    totals: list[AgingSums] = about("All suppliers together, one for each currency.")


@error(refusals.DuplicateBill)
class DuplicateBillError(UserError):
    """The supplier has a bill of this number."""

    number: str = about("Its number.")

    @strawberry.field(description="Which one it is.")
    def bill_id(parent: strawberry.Parent[refusals.DuplicateBill]) -> strawberry.ID:
        return strawberry.ID(ids.text("bil", parent.bill_id))


@error(refusals.SimilarBill)
class SimilarBillError(UserError):
    """Another bill looks like the same one; `allowSimilar` says that it is not."""

    number: str = about("Its number.")

    @strawberry.field(description="Which one it is.")
    def bill_id(parent: strawberry.Parent[refusals.SimilarBill]) -> strawberry.ID:
        return strawberry.ID(ids.text("bil", parent.bill_id))


@error(refusals.AmountAboveOpen)
class AmountAboveOpenError(UserError):
    """More is asked for than is open."""

    maximum: Money = about("How much is open.")


@error(refusals.InstalmentsDiffer)
class InstalmentsDifferError(UserError):
    """The instalments do not come to the total."""

    instalments: Money = about("What they come to.")
    total: Money = about("What the bill comes to.")


@payload
class BillPayload(MutationPayload):
    """What a mutation of a bill answers."""

    bill: Bill | None = one(
        queries.bills_by_ids, "value", "The bill as it is now. Null if it was refused."
    )


@payload
class MatchTolerancePayload(MutationPayload):
    """What a change of a tolerance answers."""

    match_tolerance: MatchTolerance | None = one(
        matches.tolerances_by_ids,
        "value",
        "The rule as it is now. Null if it was removed or refused.",
    )


attach(
    FreightCharge,
    "bill",
    Bill | None,
    one(
        queries.bills_by_freight_charges,
        "id",
        "What its variance is in payables: a bill, disputed or to be approved, or a credit note "
        "that is expected. Null: it is not there, or was voided.",
        scope=READ,
    ),
)
attach(
    Supplier,
    "bills",
    Connection[Bill],
    listed_under(
        queries.bill_list,
        queries.bill_list.table.c.supplier_id,
        "Its bills and credit notes, newest first.",
        filter=BillFilter,
        sort=BillSort,
        scope=READ,
    ),
)
attach(
    PurchaseOrderLine,
    "billed",
    BilledPieces | None,
    one(
        matches.billed_by_order_lines,
        "id",
        "What of it is billed. Null: no bill was compared with it.",
        scope=READ,
    ),
)
