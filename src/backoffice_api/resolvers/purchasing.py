"""What can be asked and done with purchase orders, receipts and returns."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import Connection as Database
from strawberry import UNSET

from backoffice_api.context import Context
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.patch import KEEP, Keep
from backoffice_api.domain.purchasing import queries
from backoffice_api.domain.purchasing.commands import approving as on_approving
from backoffice_api.domain.purchasing.commands import drafts as on_drafts
from backoffice_api.domain.purchasing.commands import ending as on_ending
from backoffice_api.domain.purchasing.commands import receiving as on_receiving
from backoffice_api.domain.purchasing.commands import returning as on_returning
from backoffice_api.domain.purchasing.commands import sending as on_sending
from backoffice_api.domain.purchasing.commands import series as on_series
from backoffice_api.domain.purchasing.commands.lines import PurchaseLineDraft
from backoffice_api.domain.purchasing.commands.scans import ReceivedLine
from backoffice_api.schema.connections import Connection, Count, asked, counted, listed
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.lookups import Way, by_id, lookup
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.payloads import keep
from backoffice_api.schema.purchasing import (
    PurchaseApprovalLimit,
    PurchaseApprovalLimitPayload,
    PurchaseOrder,
    PurchaseOrderPayload,
    PurchaseReceipt,
    PurchaseReceiptPayload,
    PurchaseReturn,
    PurchaseReturnPayload,
    PurchasingSeries,
    PurchasingSeriesPayload,
)
from backoffice_api.schema.purchasing_inputs import (
    PurchaseApprovalLimitSetInput,
    PurchaseOrderCancelOpenInput,
    PurchaseOrderConfirmInput,
    PurchaseOrderCreateInput,
    PurchaseOrderFilter,
    PurchaseOrderLineInput,
    PurchaseOrderLookup,
    PurchaseOrderReceiveInput,
    PurchaseOrderSort,
    PurchaseOrderUpdateInput,
    PurchaseReceiptFilter,
    PurchaseReceiptSetChargesInput,
    PurchaseReceiptSort,
    PurchaseReturnCreateInput,
    PurchaseReturnFilter,
    PurchasingSeriesSetInput,
)
from backoffice_api.schema.suppliers import READ


def _series(db: Database, _context: Context, _arguments: Mapping[str, Any]) -> Any:
    return queries.all_series(db)


@strawberry.type
class PurchasingQuery:
    purchase_order: PurchaseOrder | None = lookup(
        PurchaseOrderLookup,
        "One purchase order. Null if there is none.",
        {
            "id": by_id("por", queries.orders_by_ids),
            "number": Way(queries.orders_by_numbers, str),
        },
        scope=READ,
    )
    purchase_orders: Connection[PurchaseOrder] = listed(
        queries.order_list,
        "Purchase orders, newest first. The search looks at numbers, suppliers, SKUs and titles.",
        scope=READ,
        filter=PurchaseOrderFilter,
        sort=PurchaseOrderSort,
    )
    purchase_orders_count: Count = counted(
        queries.order_list,
        "How many purchase orders there are.",
        scope=READ,
        filter=PurchaseOrderFilter,
    )
    purchase_receipts: Connection[PurchaseReceipt] = listed(
        queries.receipt_list,
        "What arrived, newest first.",
        scope=READ,
        filter=PurchaseReceiptFilter,
        sort=PurchaseReceiptSort,
    )
    purchase_receipts_count: Count = counted(
        queries.receipt_list,
        "How many receipts there are.",
        scope=READ,
        filter=PurchaseReceiptFilter,
    )
    purchase_returns: Connection[PurchaseReturn] = listed(
        queries.return_list,
        "What went back to suppliers, newest first.",
        scope=READ,
        filter=PurchaseReturnFilter,
    )
    purchase_approval_limits: Connection[PurchaseApprovalLimit] = listed(
        queries.approval_limit_list,
        "Up to which totals orders need no second person, by currency.",
        scope=READ,
    )
    purchasing_series: list[PurchasingSeries] = asked(
        _series,
        [],
        "How documents of purchasing are numbered; those that were used or set, at most 3.",
        scope=READ,
    )


@strawberry.type
class PurchasingMutation:
    @mutation(on_series.set_series, PurchasingSeriesPayload)
    def purchasing_series_set(input: PurchasingSeriesSetInput) -> on_series.SetSeries:
        """Say how the next documents of a kind are numbered."""
        return on_series.SetSeries(
            kind=input.kind, prefix=keep(input.prefix), number_next=keep(input.number_next)
        )

    @mutation(
        on_approving.set_approval_limit,
        PurchaseApprovalLimitPayload,
        deprecated="use approvalRuleSet with the kind PURCHASE_ORDER; since 2026-11; ends 2027-11",
    )
    def purchase_approval_limit_set(
        input: PurchaseApprovalLimitSetInput,
    ) -> on_approving.SetApprovalLimit:
        """Say up to which total orders of a currency need no second person."""
        return on_approving.SetApprovalLimit(limit=input.limit.value())

    @mutation(on_drafts.create_purchase_order, PurchaseOrderPayload)
    def purchase_order_create(input: PurchaseOrderCreateInput) -> on_drafts.CreatePurchaseOrder:
        """Make a draft of a purchase order."""
        return on_drafts.CreatePurchaseOrder(
            supplier_id=ids.parse("sup", input.supplier_id),
            location_id=ids.parse("loc", input.location_id),
            lines=tuple(_line(each) for each in input.lines),
            currency=input.currency,
            note=input.note,
            supplier_reference=input.supplier_reference,
            expected_on=input.expected_on,
        )

    @mutation(on_drafts.update_purchase_order, PurchaseOrderPayload)
    def purchase_order_update(
        id: strawberry.ID, input: PurchaseOrderUpdateInput
    ) -> on_drafts.UpdatePurchaseOrder:
        """Change a draft. What is absent stays; null clears."""
        return on_drafts.UpdatePurchaseOrder(
            id=ids.parse("por", id),
            location_id=_kept_id("loc", input.location_id),
            lines=tuple(map(_line, input.lines)) if input.lines else keep(input.lines),
            note=keep(input.note),
            supplier_reference=keep(input.supplier_reference, nullable=True),
            expected_on=keep(input.expected_on, nullable=True),
        )

    @mutation(on_approving.submit_purchase_order, PurchaseOrderPayload)
    def purchase_order_submit(id: strawberry.ID) -> on_approving.SubmitPurchaseOrder:
        """Give a draft its number, and ask for approval if it comes to more than the limit."""
        return on_approving.SubmitPurchaseOrder(id=ids.parse("por", id))

    @mutation(on_approving.approve_purchase_order, PurchaseOrderPayload)
    def purchase_order_approve(id: strawberry.ID) -> on_approving.ApprovePurchaseOrder:
        """Agree that an order be sent which somebody else made and submitted."""
        return on_approving.ApprovePurchaseOrder(id=ids.parse("por", id))

    @mutation(on_approving.decline_purchase_order, PurchaseOrderPayload)
    def purchase_order_decline(id: strawberry.ID) -> on_approving.DeclinePurchaseOrder:
        """Do not agree: the order is a draft again."""
        return on_approving.DeclinePurchaseOrder(id=ids.parse("por", id))

    @mutation(on_sending.send_purchase_order, PurchaseOrderPayload)
    def purchase_order_send(id: strawberry.ID) -> on_sending.SendPurchaseOrder:
        """Note that the supplier has the order. Its pieces are expected after the lead time."""
        return on_sending.SendPurchaseOrder(id=ids.parse("por", id))

    @mutation(on_sending.confirm_purchase_order, PurchaseOrderPayload)
    def purchase_order_confirm(
        id: strawberry.ID, input: PurchaseOrderConfirmInput
    ) -> on_sending.ConfirmPurchaseOrder:
        """Take down what the supplier promises. What it does not confirm is called off."""
        return on_sending.ConfirmPurchaseOrder(
            id=ids.parse("por", id),
            lines=tuple(
                on_sending.ConfirmedLine(
                    line_id=ids.parse("pol", each.line_id),
                    quantity=each.quantity,
                    expected_on=each.expected_on,
                )
                for each in input.lines
            ),
            supplier_reference=keep(input.supplier_reference, nullable=True),
        )

    @mutation(on_receiving.receive_purchase, PurchaseReceiptPayload)
    def purchase_order_receive(
        id: strawberry.ID, input: PurchaseOrderReceiveInput
    ) -> on_receiving.ReceivePurchase:
        """Take in what arrived, by line or by scan; accepted pieces go on stock at their cost."""
        return on_receiving.ReceivePurchase(
            id=ids.parse("por", id),
            lines=tuple(
                ReceivedLine(
                    line_id=given_id("pol", each.line_id),
                    scan=each.scan,
                    accepted=each.accepted,
                    rejected=each.rejected,
                    rejection=each.rejection,
                    bucket=each.bucket,
                    lot=each.lot.value() if each.lot else None,
                )
                for each in input.lines
            ),
            charges=tuple(each.value() for each in input.charges),
            delivery_note=input.delivery_note,
            received_at=input.received_at,
        )

    @mutation(on_receiving.set_receipt_charges, PurchaseReceiptPayload)
    def purchase_receipt_set_charges(
        id: strawberry.ID, input: PurchaseReceiptSetChargesInput
    ) -> on_receiving.SetReceiptCharges:
        """Say what a receipt cost besides its goods, and spread that over its lines."""
        charges = tuple(each.value() for each in input.charges)
        return on_receiving.SetReceiptCharges(id=ids.parse("rcp", id), charges=charges)

    @mutation(on_returning.return_purchase, PurchaseReturnPayload)
    def purchase_return_create(
        id: strawberry.ID, input: PurchaseReturnCreateInput
    ) -> on_returning.ReturnPurchase:
        """Send goods of the order `id` back to the supplier, with a debit note."""
        return on_returning.ReturnPurchase(
            id=ids.parse("por", id),
            lines=tuple(
                on_returning.ReturnedLine(
                    line_id=ids.parse("pol", each.line_id),
                    quantity=each.quantity,
                    amount=each.amount.value() if each.amount else None,
                    bucket=each.bucket,
                    lot=each.lot.value() if each.lot else None,
                )
                for each in input.lines
            ),
            reason=input.reason,
        )

    @mutation(on_ending.cancel_open_quantity, PurchaseOrderPayload)
    def purchase_order_cancel_open(
        id: strawberry.ID, input: PurchaseOrderCancelOpenInput
    ) -> on_ending.CancelOpenQuantity:
        """Call off pieces that have not come."""
        return on_ending.CancelOpenQuantity(
            id=ids.parse("por", id),
            lines=tuple(
                on_ending.LinePieces(line_id=ids.parse("pol", each.line_id), quantity=each.quantity)
                for each in input.lines
            ),
        )

    @mutation(on_ending.close_purchase_order_short, PurchaseOrderPayload)
    def purchase_order_close_short(id: strawberry.ID) -> on_ending.ClosePurchaseOrderShort:
        """Expect nothing more: what is open is called off, and the order is closed."""
        return on_ending.ClosePurchaseOrderShort(id=ids.parse("por", id))

    @mutation(on_ending.close_purchase_order, PurchaseOrderPayload)
    def purchase_order_close(id: strawberry.ID) -> on_ending.ClosePurchaseOrder:
        """Put an order away that has arrived."""
        return on_ending.ClosePurchaseOrder(id=ids.parse("por", id))

    @mutation(on_ending.cancel_purchase_order, PurchaseOrderPayload)
    def purchase_order_cancel(id: strawberry.ID) -> on_ending.CancelPurchaseOrder:
        """Call off an order of which nothing has arrived."""
        return on_ending.CancelPurchaseOrder(id=ids.parse("por", id))


def _kept_id(prefix: str, id: str | None) -> UUID | Keep:
    return KEEP if id is UNSET or id is None else ids.parse(prefix, id)


def _line(input: PurchaseOrderLineInput) -> PurchaseLineDraft:
    return PurchaseLineDraft(
        variant_id=given_id("sku", input.variant_id),
        sku=input.sku,
        supplier_sku=input.supplier_sku,
        quantity=input.quantity,
        unit_price=input.unit_price.value() if input.unit_price else None,
        tax=input.tax.value() if input.tax else None,
        expected_on=input.expected_on,
    )
