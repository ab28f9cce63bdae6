"""What can be asked and done with orders."""

from uuid import UUID

import strawberry
from strawberry import UNSET

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.patch import KEEP, Keep
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.commands import cancelling as on_cancelling
from backoffice_api.domain.orders.commands import closing as on_closing
from backoffice_api.domain.orders.commands import custom_fields as on_fields
from backoffice_api.domain.orders.commands import drafts as on_drafts
from backoffice_api.domain.orders.commands import editing as on_editing
from backoffice_api.domain.orders.commands import holds as on_holds
from backoffice_api.domain.orders.commands import imports as on_imports
from backoffice_api.domain.orders.commands import merging as on_merging
from backoffice_api.domain.orders.commands import placing as on_placing
from backoffice_api.domain.orders.commands import quotes as on_quotes
from backoffice_api.domain.orders.commands import splitting as on_splitting
from backoffice_api.domain.orders.commands.lines import LineDraft
from backoffice_api.domain.orders.model import orders as model
from backoffice_api.domain.orders.model.orders import AddressKind
from backoffice_api.schema.aggregates import ExternalIdInput
from backoffice_api.schema.channels import READ, ChannelLookup
from backoffice_api.schema.connections import Connection, Count, counted, listed
from backoffice_api.schema.custom_fields import CustomFieldsInput
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.lookups import Way, by_id, lookup
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.order_closing import OrderCloseInput
from backoffice_api.schema.order_imports import (
    ChannelOrderInput,
    OrderImportBatchInput,
    OrderImportBatchPayload,
    OrderImportPayload,
)
from backoffice_api.schema.order_inputs import (
    HoldFilter,
    HoldSort,
    OrderAddressInput,
    OrderCancelInput,
    OrderCommentInput,
    OrderCreateInput,
    OrderEditInput,
    OrderFilter,
    OrderHoldAssignInput,
    OrderHoldInput,
    OrderLineInput,
    OrderLookup,
    OrderMergeInput,
    OrderNumberInput,
    OrderQuoteAcceptInput,
    OrderQuoteSendInput,
    OrderReleaseHoldInput,
    OrderReserveInput,
    OrderSort,
    OrderSplitInput,
    OrderUncancelInput,
    OrderUpdateInput,
)
from backoffice_api.schema.orders import Hold, Order, OrderPayload
from backoffice_api.schema.payloads import keep, keep_each


def _number(given: OrderNumberInput) -> queries.OrderNumber:
    return queries.OrderNumber(given.channel, given.number)


@strawberry.type
class OrderQuery:
    order: Order | None = lookup(
        OrderLookup,
        "One order. Null if there is none.",
        {
            "id": by_id("ord", queries.orders_by_ids),
            "number": Way(queries.orders_by_numbers, _number),
            "external_id": Way(queries.orders_by_external_ids, ExternalIdInput.value),
        },
        scope=READ,
    )
    orders: Connection[Order] = listed(
        queries.order_list,
        "Orders, newest first. The search looks at numbers, external ids, SKUs and titles.",
        scope=READ,
        filter=OrderFilter,
        sort=OrderSort,
    )
    orders_count: Count = counted(
        queries.order_list, "How many orders there are.", scope=READ, filter=OrderFilter
    )
    holds: Connection[Hold] = listed(
        queries.hold_list,
        "Holds on orders, those that were placed last first; ended ones, too.",
        scope=READ,
        filter=HoldFilter,
        sort=HoldSort,
    )
    holds_count: Count = counted(
        queries.hold_list, "How many holds there are.", scope=READ, filter=HoldFilter
    )


@strawberry.type
class OrderMutation:
    @mutation(on_drafts.create_order, OrderPayload)
    def order_create(input: OrderCreateInput) -> on_drafts.CreateOrder:
        """Make a draft, or place an order at once.

        Placing promises stock for all lines, or refuses the order as a whole.
        """
        return on_drafts.CreateOrder(
            channel=_channel(input.channel),
            customer_id=_id("cus", input.customer_id),
            buyer_id=_id("cco", input.buyer_id),
            lines=tuple(_line(each) for each in input.lines),
            discounts=tuple(each.value() for each in input.discounts),
            discount_code=input.discount_code,
            shipping=input.shipping.value() if input.shipping else None,
            shipping_tax=input.shipping_tax.value() if input.shipping_tax else None,
            tax_included=input.tax_included,
            shipping_address=_address(input.shipping_address, AddressKind.SHIPPING),
            billing_address=_address(input.billing_address, AddressKind.BILLING),
            email=input.email,
            phone=input.phone,
            note=input.note,
            external_ids=tuple(each.value() for each in input.external_ids),
            place=input.place,
            reserve_until=input.reserve_until,
        )

    @mutation(on_drafts.update_order, OrderPayload)
    def order_update(id: strawberry.ID, input: OrderUpdateInput) -> on_drafts.UpdateOrder:
        """Change a draft. What is absent stays; null clears."""
        shipping, shipping_tax = input.shipping, input.shipping_tax
        return on_drafts.UpdateOrder(
            id=ids.parse("ord", id),
            customer_id=_kept_id("cus", input.customer_id),
            buyer_id=_kept_id("cco", input.buyer_id),
            lines=tuple(map(_line, input.lines)) if input.lines else keep(input.lines),
            discounts=keep_each(input.discounts),
            discount_code=keep(input.discount_code, nullable=True),
            shipping=shipping.value() if shipping else keep(shipping, nullable=True),
            shipping_tax=(
                shipping_tax.value() if shipping_tax else keep(shipping_tax, nullable=True)
            ),
            tax_included=keep(input.tax_included),
            shipping_address=_kept_address(input.shipping_address, AddressKind.SHIPPING),
            billing_address=_kept_address(input.billing_address, AddressKind.BILLING),
            email=keep(input.email, nullable=True),
            phone=keep(input.phone, nullable=True),
            note=keep(input.note),
            external_ids=keep_each(input.external_ids),
        )

    @mutation(on_drafts.reserve_order, OrderPayload)
    def order_reserve(id: strawberry.ID, input: OrderReserveInput) -> on_drafts.ReserveOrder:
        """Hold stock for all lines of a draft until a moment."""
        return on_drafts.ReserveOrder(id=ids.parse("ord", id), until=input.until)

    @mutation(on_quotes.send_quote, OrderPayload)
    def order_quote_send(id: strawberry.ID, input: OrderQuoteSendInput) -> on_quotes.SendQuote:
        """Offer a draft as it is now, as the next version of its quote."""
        return on_quotes.SendQuote(
            id=ids.parse("ord", id), valid_until=input.valid_until, reserve=input.reserve
        )

    @mutation(on_quotes.accept_quote, OrderPayload)
    def order_quote_accept(
        id: strawberry.ID, input: OrderQuoteAcceptInput
    ) -> on_quotes.AcceptQuote:
        """Place a draft at the prices that were offered, whatever the lists say now."""
        return on_quotes.AcceptQuote(id=ids.parse("ord", id), quote=input.quote)

    @mutation(on_placing.place_order, OrderPayload)
    def order_place(id: strawberry.ID) -> on_placing.PlaceOrder:
        """Make a draft an order: freeze its prices, promise its stock, give it its number."""
        return on_placing.PlaceOrder(id=ids.parse("ord", id))

    @mutation(on_cancelling.cancel_order, OrderPayload)
    def order_cancel(id: strawberry.ID, input: OrderCancelInput) -> on_cancelling.CancelOrder:
        """Call off what has not left the house, as a whole or by the piece.

        Its stock is given back. An order of which nothing is left is cancelled.
        """
        lines = None if input.lines is None else tuple(each.value() for each in input.lines)
        return on_cancelling.CancelOrder(
            id=ids.parse("ord", id),
            lines=lines,
            reason=input.reason,
            settlement=input.settlement,
        )

    @mutation(on_cancelling.uncancel_order, OrderPayload)
    def order_uncancel(id: strawberry.ID, input: OrderUncancelInput) -> on_cancelling.UncancelOrder:
        """Take up a cancelled order again, within the time its channel sets for that.

        Its stock is promised anew, or it stays cancelled.
        """
        return on_cancelling.UncancelOrder(id=ids.parse("ord", id), settlement=input.settlement)

    @mutation(on_editing.edit_order, OrderPayload)
    def order_edit(id: strawberry.ID, input: OrderEditInput) -> on_editing.EditOrder:
        """Change a placed order, as far as its pieces have not left the house.

        With `dryRun` it answers the order as it would be, and with `effects` what would happen.
        """
        shipping, shipping_tax = input.shipping, input.shipping_tax
        return on_editing.EditOrder(
            id=ids.parse("ord", id),
            lines=tuple(each.value() for each in input.lines),
            add_lines=tuple(map(_line, input.add_lines)),
            discounts=keep_each(input.discounts),
            discount_code=keep(input.discount_code, nullable=True),
            shipping=shipping.value() if shipping else keep(shipping, nullable=True),
            shipping_tax=(
                shipping_tax.value() if shipping_tax else keep(shipping_tax, nullable=True)
            ),
            shipping_address=_kept_address(input.shipping_address, AddressKind.SHIPPING),
            billing_address=_kept_address(input.billing_address, AddressKind.BILLING),
            email=keep(input.email, nullable=True),
            phone=keep(input.phone, nullable=True),
            note=keep(input.note),
            settlement=input.settlement,
        )

    @mutation(on_splitting.split_order, OrderPayload)
    def order_split(id: strawberry.ID, input: OrderSplitInput) -> on_splitting.SplitOrder:
        """Make an order of a part of another one, and answer it. Payments stay where they are.

        The two come to what the one did, to the cent.
        """
        return on_splitting.SplitOrder(
            id=ids.parse("ord", id),
            lines=tuple(each.value() for each in input.lines),
            shipping=input.shipping.value() if input.shipping else None,
        )

    @mutation(on_merging.merge_orders, OrderPayload)
    def order_merge(id: strawberry.ID, input: OrderMergeInput) -> on_merging.MergeOrders:
        """Let what is left of other orders of the same buyer go on in this one.

        The others end as merged; payments stay where they are.
        """
        return on_merging.MergeOrders(
            id=ids.parse("ord", id),
            order_ids=tuple(ids.parse("ord", each) for each in input.order_ids),
            address_of=_id("ord", input.address_of),
            shipping=input.shipping,
        )

    @mutation(on_imports.import_order, OrderImportPayload)
    def order_import(input: ChannelOrderInput) -> on_imports.ImportOrder:
        """Take over what a channel tells of one of its orders, as often as it tells it.

        What is older than what is known changes nothing. Goods that are missing become
        backorders; lines of unknown SKUs put the order on hold.
        """
        return on_imports.ImportOrder(order=input.value())

    @mutation(on_imports.import_orders, OrderImportBatchPayload)
    def order_import_batch(input: OrderImportBatchInput) -> on_imports.ImportOrders:
        """The same for up to 250 orders, each for itself."""
        return on_imports.ImportOrders(orders=tuple(each.value() for each in input.orders))

    @mutation(on_holds.hold_order, OrderPayload)
    def order_hold(id: strawberry.ID, input: OrderHoldInput) -> on_holds.HoldOrder:
        """Make an order wait, for one more reason."""
        return on_holds.HoldOrder(
            id=ids.parse("ord", id),
            kind=input.kind,
            note=input.note,
            release_at=input.release_at,
            line_id=_id("oln", input.line_id),
            owner_id=_id("stf", input.owner_id),
        )

    @mutation(on_holds.assign_hold, OrderPayload)
    def order_hold_assign(id: strawberry.ID, input: OrderHoldAssignInput) -> on_holds.AssignHold:
        """Say who has to look at a hold."""
        return on_holds.AssignHold(
            id=ids.parse("ord", id),
            hold_id=ids.parse("hld", input.hold_id),
            owner_id=_id("stf", input.owner_id),
        )

    @mutation(on_holds.release_hold, OrderPayload)
    def order_release_hold(id: strawberry.ID, input: OrderReleaseHoldInput) -> on_holds.ReleaseHold:
        """Take one hold off an order, or all of them."""
        return on_holds.ReleaseHold(id=ids.parse("ord", id), hold_id=_id("hld", input.hold_id))

    @mutation(on_closing.close_order, OrderPayload)
    def order_close(
        id: strawberry.ID, input: OrderCloseInput | None = None
    ) -> on_closing.CloseOrder:
        """Put an order away with which nothing is left to do: to ship, to collect, to pay back."""
        leave_open = input.leave_open if input else None
        return on_closing.CloseOrder(id=ids.parse("ord", id), leave_open=leave_open)

    @mutation(on_closing.reopen_order, OrderPayload)
    def order_reopen(id: strawberry.ID) -> on_closing.ReopenOrder:
        """Take a closed order up again."""
        return on_closing.ReopenOrder(id=ids.parse("ord", id))

    @mutation(on_closing.comment_on_order, OrderPayload)
    def order_comment(id: strawberry.ID, input: OrderCommentInput) -> on_closing.CommentOnOrder:
        """Leave a comment in the timeline of an order."""
        return on_closing.CommentOnOrder(id=ids.parse("ord", id), body=input.body)

    @mutation(on_fields.set_order_fields, OrderPayload)
    def order_set_custom_fields(
        id: strawberry.ID, input: CustomFieldsInput
    ) -> on_fields.SetOrderFields:
        """Set or clear custom fields. Those that are not named stay."""
        return on_fields.SetOrderFields(id=ids.parse("ord", id), custom_fields=input.patches())


def _channel(by: ChannelLookup) -> UUID | str:
    return ids.parse("chn", by.id) if by.id else by.code or ""


def _id(prefix: str, id: str | None) -> UUID | None:
    return given_id(prefix, id)


def _kept_id(prefix: str, id: str | None) -> UUID | Keep | None:
    return KEEP if id is UNSET else _id(prefix, id)


def _address(input: OrderAddressInput | None, kind: AddressKind) -> model.OrderAddress | None:
    return input.value(kind) if input else None


def _kept_address(
    input: OrderAddressInput | None, kind: AddressKind
) -> model.OrderAddress | Keep | None:
    return KEEP if input is UNSET else _address(input, kind)


def _line(input: OrderLineInput) -> LineDraft:
    return LineDraft(
        kind=input.kind,
        variant_id=_id("sku", input.variant_id),
        sku=input.sku,
        title=input.title,
        quantity=input.quantity,
        unit_price=input.unit_price.value() if input.unit_price else None,
        tax=input.tax.value() if input.tax else None,
    )
