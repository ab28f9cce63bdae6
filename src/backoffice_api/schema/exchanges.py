"""Exchanges on the wire."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.returns import queries as on_returns
from backoffice_api.domain.returns.model import exchanges as model
from backoffice_api.domain.returns.model.exchanges import (
    ExchangeSortKey,
    ExchangeState,
    SendWhen,
)
from backoffice_api.domain.returns.queries import exchanges as queries
from backoffice_api.schema.aggregates import ActionState, HasTimeline
from backoffice_api.schema.channels import READ as ORDERS
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import (
    DateTimeFilter,
    IdFilter,
    SortDirection,
    StringFilter,
    filter_input,
)
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.money import Money, UnitPriceInput
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.orders import Order
from backoffice_api.schema.payloads import MutationPayload, UserError, error, payload
from backoffice_api.schema.payment_choices import (
    PaymentMethod,
    RefundDestination,
)
from backoffice_api.schema.products import Variant
from backoffice_api.schema.returns import READ, Return, ReturnLine

choice(ExchangeState)
choice(SendWhen, name="ExchangeSendWhen")
choice(ExchangeSortKey)


@described
class ExchangeLine:
    """Pieces that are to be sent."""

    position: int = about("Its place.")
    quantity: int = about("How many pieces.")
    variant: Variant = one(products.variants_by_ids, "variant_id", "Of what.")


@described
class ExchangedPieces:
    """Pieces that came back and for which other goods were given."""

    quantity: int = about("How many pieces.")
    line: ReturnLine = one(on_returns.return_lines_by_ids, "line_id", "Of which line.")


@node("exc", model.Exchange, queries.exchanges_by_ids, scope=READ)
class Exchange(Node, Versioned, HasTimeline):
    """Other goods for those of a return: an order of its own, and the difference."""

    number: str = about("The number of its return with a running count.")
    status: ExchangeState = about("How far it is.")
    actions: list[ActionState] = about("What can be done with it now.")
    send_when: SendWhen = about("When its goods leave.")
    outgoing: Money = about("What the goods cost that are sent, before the deduction.")
    promised: Money = about("What the pieces are expected to be worth that come back.")
    deducted: Money = about("What the order of the goods bears as a discount.")
    earned: Money = about("What the pieces turned out to be worth. Zero until it is settled.")
    surcharge: Money = about("What was asked for when it was settled, besides the order.")
    refunded: Money = about("What was paid back when it was settled.")
    settled_at: datetime | None = about("When it was settled. Null: it is not.")
    return_: Return = one(
        on_returns.returns_by_ids, "return_id", "For which return.", name="return"
    )
    order: Order | None = one(
        orders.orders_by_ids,
        "order_id",
        "What is sent. Null: it is not reserved yet.",
        scope=ORDERS,
    )
    surcharge_order: Order | None = one(
        orders.orders_by_ids,
        "surcharge_order_id",
        "By what the surcharge is asked for. Null: there is none.",
        scope=ORDERS,
    )
    lines: list[ExchangeLine] = many(
        queries.lines_by_exchanges, "id", "What is to be sent, at most 100."
    )
    pieces: list[ExchangedPieces] = many(
        queries.pieces_by_exchanges, "id", "For which pieces. Empty until it is settled."
    )


attach(
    Return,
    "exchanges",
    list[Exchange],
    many(queries.exchanges_by_returns, "id", "Other goods for it, oldest first."),
)


@error(model.ExchangeNotReady)
class ExchangeNotReadyError(UserError):
    """Nobody knows yet what the pieces are worth."""

    awaited: int = about("Pieces that are still to come.")
    to_inspect: int = about("Pieces that are to be inspected.")


@filter_input
class ExchangeFilter:
    """Which exchanges. All words that are given must hold."""

    status: list[ExchangeState] | None = about("In one of these states.", default=UNSET)
    return_id: IdFilter | None = about("For such a return.", default=UNSET)
    order_id: IdFilter | None = about("Sent by such an order.", default=UNSET)
    number: StringFilter | None = about("By number.", default=UNSET)
    created_at: DateTimeFilter | None = about("Asked for at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of exchanges.")
class ExchangeSort:
    key: ExchangeSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(description="Pieces that are to be sent.")
class ExchangeLineInput:
    variant_id: strawberry.ID = about("Of what.")
    quantity: int = about("How many.")
    unit_price: UnitPriceInput | None = about(
        "What one costs. Null: its list price when it is reserved.", default=None
    )


@strawberry.input(description="Other goods for those of a return.")
class ExchangeCreateInput:
    return_id: strawberry.ID = about("For which return.")
    lines: list[ExchangeLineInput] = about("What is to be sent, at most 100 lines.")
    send_when: SendWhen = about("When it leaves.", default=SendWhen.ON_RECEIPT)


@strawberry.input(description="How the difference is settled.")
class ExchangeSettleInput:
    method: PaymentMethod = about(
        "In which way what is missing is asked for.", default=PaymentMethod.BANK_TRANSFER
    )
    destination: RefundDestination = about(
        "Where what is too much goes.", default=RefundDestination.ORIGINAL
    )


@payload
class ExchangePayload(MutationPayload):
    """What a mutation of an exchange answers."""

    exchange: Exchange | None = one(
        queries.exchanges_by_ids, "value", "The exchange as it is now. Null if it was refused."
    )
