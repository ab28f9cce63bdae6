"""Orders from outside on the wire: what a channel tells, and what became of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry

from backoffice_api.context import Outcome
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.model import imports as model
from backoffice_api.domain.orders.model.imports import ChannelOrderState, ImportOutcome
from backoffice_api.domain.orders.model.lines import LineKind
from backoffice_api.domain.orders.model.orders import AddressKind, CancelReason
from backoffice_api.schema.channels import ChannelLookup
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.links import one
from backoffice_api.schema.lookups import found_of
from backoffice_api.schema.money import MoneyInput, UnitPriceInput
from backoffice_api.schema.order_inputs import OrderAddressInput, OrderDiscountInput
from backoffice_api.schema.orders import Order
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.scalars import BigInt

choice(ChannelOrderState)
choice(ImportOutcome, name="OrderImportOutcome")


@strawberry.input(description="A line of an order as its channel has it.")
class ChannelOrderLineInput:
    external_id: str = about("What the channel calls the line, unique in the order.")
    kind: LineKind = about("Goods or a charge.", default=LineKind.GOODS)
    sku: str | None = about("Goods: the SKU. Charges: a code of the channel's.", default=None)
    title: str | None = about("What it is called. Charges need one.", default=None)
    quantity: int = about("How many pieces, 1 to 1,000,000,000.")
    unit_price: UnitPriceInput = about("The price of one piece, as the channel says.")
    tax: MoneyInput | None = about("Tax on the whole line. Null: none.", default=None)

    def value(self) -> model.ChannelLine:
        return model.ChannelLine(
            key=self.external_id,
            kind=self.kind,
            sku=self.sku,
            title=self.title,
            quantity=self.quantity,
            unit_price=self.unit_price.value(),
            tax=self.tax.value() if self.tax else None,
        )


@strawberry.input(description="An order as its channel has it now, as a whole.")
class ChannelOrderInput:
    channel: ChannelLookup = about("Which channel tells of it.")
    external_id: str = about("What the channel calls it, unique in the channel.")
    changed_at: datetime = about(
        "When the channel last changed it, by the channel's clock. What is told of an earlier "
        "time than is known changes nothing."
    )
    revision: BigInt = about(
        "Tells apart what has the same `changedAt`: the higher one is later.", default=BigInt(0)
    )
    state: ChannelOrderState = about("Where it stands.", default=ChannelOrderState.OPEN)
    cancel_reason: CancelReason = about("Why, if it was called off.", default=CancelReason.CUSTOMER)
    customer_id: strawberry.ID | None = about("Who orders. Null: a guest.", default=None)
    lines: list[ChannelOrderLineInput] = about(
        "What is ordered, at most 250 lines; an open order has one at least.",
        default_factory=list,
    )
    discounts: list[OrderDiscountInput] = about(
        "What is taken off the whole order, at most 50.", default_factory=list
    )
    shipping: MoneyInput | None = about("What is asked for the delivery.", default=None)
    shipping_tax: MoneyInput | None = about("Tax on the delivery.", default=None)
    tax_included: bool = about("Prices contain the tax; else it is added.", default=False)
    shipping_address: OrderAddressInput | None = about("Where the goods go.", default=None)
    billing_address: OrderAddressInput | None = about(
        "Who the invoice is made out to. Null: as the goods.", default=None
    )
    email: str | None = about("Where the buyer gets mail.", default=None)
    phone: str | None = about("Phone number with + and the code of its country.", default=None)
    note: str = about("What the staff should know, at most 5,000 characters.", default="")

    def value(self) -> model.ChannelOrder:
        by = self.channel
        given: dict[str, Any] = {
            "shipping_address": (self.shipping_address, AddressKind.SHIPPING),
            "billing_address": (self.billing_address, AddressKind.BILLING),
        }
        return model.ChannelOrder(
            channel=ids.parse("chn", by.id) if by.id else by.code or "",
            key=self.external_id,
            changed_at=self.changed_at,
            revision=self.revision,
            state=self.state,
            cancel_reason=self.cancel_reason,
            customer_id=given_id("cus", self.customer_id),
            lines=tuple(each.value() for each in self.lines),
            discounts=tuple(each.value() for each in self.discounts),
            shipping=self.shipping.value() if self.shipping else None,
            shipping_tax=self.shipping_tax.value() if self.shipping_tax else None,
            tax_included=self.tax_included,
            email=self.email,
            phone=self.phone,
            note=self.note,
            **{name: each.value(kind) if each else None for name, (each, kind) in given.items()},
        )


@strawberry.input(description="Orders of one channel or of several.")
class OrderImportBatchInput:
    orders: list[ChannelOrderInput] = about("At most 250, done in this order.")


@described
class OrderImportFault:
    """Why an order of several was refused."""

    code: str = about("Stable name of the reason, as INSUFFICIENT_STOCK.")
    message: str = about("The reason in words, for people.")
    path: list[str] = about("The part of the order at fault. Empty: the order as a whole.")


@described
class OrderImportResult:
    """What became of one order of several."""

    external_id: str = about("What the channel calls it.")
    outcome: ImportOutcome = about("What became of it.")
    order: Order | None = one(queries.orders_by_ids, "order_id", "The order. Null: there is none.")
    faults: list[OrderImportFault] = about("Why it was refused. Empty: it was not.")


def _order_id(parent: strawberry.Parent[Outcome]) -> UUID | None:
    return parent.value.order_id if parent.value else None


@payload
class OrderImportPayload(MutationPayload):
    """What the import of an order answers."""

    order: Order | None = found_of(
        _order_id, queries.orders_by_ids, "The order as it is now. Null: none was made."
    )

    @strawberry.field(description="What became of it. Null: it was refused.")
    def outcome(parent: strawberry.Parent[Outcome]) -> ImportOutcome | None:
        imported: model.ImportedOrder | None = parent.value
        return imported.outcome if imported else None


@payload
class OrderImportBatchPayload(MutationPayload):
    """What the import of several orders answers."""

    @strawberry.field(
        description="What became of each, in the order given. Empty if the batch was refused."
    )
    def results(parent: strawberry.Parent[Outcome]) -> list[OrderImportResult]:
        imported: model.ImportedOrders | None = parent.value
        return list(imported.results) if imported else []  # type: ignore[arg-type]
