"""What is done from a ticket, on the wire."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.orders.model.orders import CancelReason
from backoffice_api.domain.orders.model.settlement import Settlement
from backoffice_api.domain.tickets import queries
from backoffice_api.domain.tickets.model import acts as model
from backoffice_api.domain.tickets.model.acts import TicketActKind, TicketActSortKey
from backoffice_api.domain.tickets.model.words import TicketAfterReply
from backoffice_api.domain.tickets.queries import desk
from backoffice_api.domain.tickets.tables.desk import ticket_acts
from backoffice_api.schema.aggregates import Actor, actor_of
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.discounts import DiscountCode
from backoffice_api.schema.enums import choice
from backoffice_api.schema.exchanges import Exchange, ExchangeCreateInput
from backoffice_api.schema.filters import (
    DateTimeFilter,
    SortDirection,
    filter_input,
)
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.messages import Message, MessageSendInput
from backoffice_api.schema.money import MoneyInput
from backoffice_api.schema.nodes import Node, linked_node, node
from backoffice_api.schema.order_inputs import OrderLineQuantityInput
from backoffice_api.schema.orders import Order
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.payment_inputs import RefundCreateInput
from backoffice_api.schema.payments import Refund
from backoffice_api.schema.return_inputs import ReturnRequestInput
from backoffice_api.schema.return_shipments import ReturnShipmentCreateInput
from backoffice_api.schema.returns import Return
from backoffice_api.schema.shipping import Shipment
from backoffice_api.schema.tickets import Ticket

READ = Scope.TICKETS_READ

for _choices in (TicketActKind, TicketActSortKey):
    choice(_choices)


def _result_id(result: model.TicketActResult) -> str:
    return ids.text(result.subject_kind, result.subject_id)


def _on_id(act: model.TicketAct) -> str:
    return ids.text(act.on_kind, act.on_id)


def _actor(parent: strawberry.Parent[model.TicketAct]) -> Actor:
    return actor_of(parent.actor_kind, parent.actor_id)


@described
class TicketActResult:
    """Something that was made or changed from a ticket."""

    @strawberry.field(description="Its id.")
    def subject_id(parent: strawberry.Parent[model.TicketActResult]) -> strawberry.ID:
        return strawberry.ID(_result_id(parent))

    subject: Node | None = linked_node(
        _result_id, "The thing, as a refund. Null if you may not see it."
    )


@node("tka", model.TicketAct, desk.acts_by_ids, scope=READ)
class TicketAct(Node):
    """Something that was done from a ticket: a refund, a label, a return."""

    kind: TicketActKind = about("What was done.")
    created_at: datetime = about("When.")
    reason: str | None = about(
        "Why, as the caller said.", personal="content", scope=Scope.PERSONAL_READ
    )
    actor: Actor = about("Who did it.", resolver=_actor)
    on: Node | None = linked_node(
        _on_id, "What it was done on, as an order. Null if you may not see it."
    )
    results: list[TicketActResult] = many(desk.results_by_acts, "id", "What it made or changed.")
    ticket: Ticket = one(queries.tickets_by_ids, "ticket_id", "From which ticket.")


@filter_input
class TicketActFilter:
    """Which acts. All words that are given must hold."""

    kind: list[TicketActKind] | None = about("One of these.", default=UNSET)
    created_at: DateTimeFilter | None = about("Done at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of acts.")
class TicketActSort:
    key: TicketActSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


attach(
    Ticket,
    "acts",
    Connection[TicketAct],
    listed_under(
        desk.ticket_act_list,
        ticket_acts.c.ticket_id,
        "What was done from it, newest first.",
        filter=TicketActFilter,
    ),
)
for _owner in (Order, Refund, Return, Exchange, Shipment, Message, DiscountCode):
    attach(
        _owner,
        "ticket_acts",
        list[TicketAct],
        many(
            desk.acts_by_subjects,
            "id",
            "From which tickets it was made or changed; oldest first.",
            scope=READ,
        ),
    )


@strawberry.input(description="Store credit for the customer of the ticket, out of goodwill.")
class TicketCreditInput:
    amount: MoneyInput = about("How much; above zero.")
    note: str = about("Why, at most 1,000 characters.", default="")


@strawberry.input(
    description="A discount code for one order, which only the customer of the ticket can use; "
    "anybody, if it has none. It takes off a share or an amount."
)
class TicketDiscountCodeInput:
    label: str | None = about("What it is called on the order. Null: the code.", default=None)
    percent_bp: int | None = about(
        "The share in hundredths of a percent, 1 to 10,000: 1250 is 12.5 %.", default=None
    )
    amount: MoneyInput | None = about("What is taken off.", default=None)
    minimum_subtotal: MoneyInput | None = about(
        "What the lines have to come to, before discounts.", default=None
    )
    channel_id: strawberry.ID | None = about("For which channel. Null: for all.", default=None)
    valid_until: datetime | None = about("Until when, exclusive.", default=None)
    message: str | None = about(
        "What is written to the customer, with the words of canned answers and `discount.code`, "
        "`discount.off`, `discount.minimum` and `discount.valid_until` in double braces. Null: "
        "nothing.",
        default=None,
    )
    then: TicketAfterReply = about(
        "What the ticket waits for after the message.", default=TicketAfterReply.AWAIT_CUSTOMER
    )


@strawberry.input(description="What of an order is called off.")
class TicketCancelOrderInput:
    order_id: strawberry.ID = about("Which order.")
    reason: CancelReason = about("Why.")
    lines: list[OrderLineQuantityInput] | None = about(
        "Which pieces. Null: all that have not left the house.", default=None
    )
    settlement: Settlement = about(
        "What becomes of money that was paid for it.", default=Settlement.LEAVE_OPEN
    )


@strawberry.input(description="Goods of an order that are sent once more, for nothing.")
class TicketReplacementInput:
    order_id: strawberry.ID = about("Of which order.")
    lines: list[OrderLineQuantityInput] = about(
        "Which pieces. Empty: all that have left the house, did not come back, and were not sent "
        "once more.",
        default_factory=list,
    )


@strawberry.input(description="The label of a shipment.")
class TicketLabelInput:
    shipment_id: strawberry.ID = about("Which shipment.")
    tracking_number: str | None = about(
        "For a carrier of the kind MANUAL: the number that it gave.", default=None
    )
    cost: MoneyInput | None = about(
        "For a carrier of the kind MANUAL: what the label did cost.", default=None
    )


@strawberry.input(description="A message that is sent once more.")
class TicketResendInput:
    message_id: strawberry.ID = about("Which message.")
    recipient: str | None = about("Who gets it. Null: the same as before.", default=None)


@strawberry.input(
    one_of=True,
    description="What is done from a ticket, one of these. Each takes the right to do it anywhere "
    "and keeps to the rules of its room: approvals, policies, what a worker does later.",
)
class TicketActInput:
    refund: RefundCreateInput | None = about("Pay money of an order back.", default=UNSET)
    store_credit: TicketCreditInput | None = about("Give credit.", default=UNSET)
    discount_code: TicketDiscountCodeInput | None = about("Give a discount code.", default=UNSET)
    cancel_order: TicketCancelOrderInput | None = about("Call an order off.", default=UNSET)
    return_: ReturnRequestInput | None = about("Let goods come back.", default=UNSET, name="return")
    return_shipment: ReturnShipmentCreateInput | None = about(
        "Note with what label or code goods come back.", default=UNSET
    )
    replacement: TicketReplacementInput | None = about(
        "Send goods once more, as a parcel that was lost.", default=UNSET
    )
    exchange: ExchangeCreateInput | None = about(
        "Send other goods for those of a return.", default=UNSET
    )
    buy_label: TicketLabelInput | None = about("Buy the label of a shipment.", default=UNSET)
    void_label: strawberry.ID | None = about("Give the label of this shipment back.", default=UNSET)
    send_message: MessageSendInput | None = about(
        "Tell the customer of an order by a template.", default=UNSET
    )
    resend_message: TicketResendInput | None = about("Send a message again.", default=UNSET)


@payload
class TicketActPayload(MutationPayload):
    """What came of something that was done from a ticket."""

    act: TicketAct | None = one(desk.acts_by_ids, "value", "What was done. Null if it was refused.")
