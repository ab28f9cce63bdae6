"""What can be done from a ticket."""

from collections.abc import Callable, Mapping
from typing import Any

import strawberry
from strawberry import UNSET

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.uow import Command
from backoffice_api.domain.messages.commands.writing import ResendMessage
from backoffice_api.domain.orders.commands.cancelling import CancelOrder
from backoffice_api.domain.shipping.commands.labels import BuyLabel, VoidLabel
from backoffice_api.domain.tickets.commands import acting
from backoffice_api.domain.tickets.commands.discounting import GiveTicketDiscount
from backoffice_api.domain.tickets.commands.replacing import ReplaceGoods
from backoffice_api.domain.tickets.model.acts import TicketActKind
from backoffice_api.domain.tickets.queries import desk
from backoffice_api.resolvers.claims import ClaimMutation
from backoffice_api.resolvers.exchanges import ExchangeMutation
from backoffice_api.resolvers.messages import MessageMutation
from backoffice_api.resolvers.payments import PaymentMutation
from backoffice_api.resolvers.returns import ReturnMutation
from backoffice_api.schema.connections import Connection, listed
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.mutations import mutation, translated
from backoffice_api.schema.ticket_acts import (
    READ,
    TicketAct,
    TicketActFilter,
    TicketActInput,
    TicketActPayload,
    TicketActSort,
    TicketCancelOrderInput,
    TicketCreditInput,
    TicketDiscountCodeInput,
    TicketLabelInput,
    TicketReplacementInput,
    TicketResendInput,
)


@strawberry.type
class TicketActQuery:
    ticket_acts: Connection[TicketAct] = listed(
        desk.ticket_act_list,
        "What was done from tickets, newest first.",
        scope=READ,
        filter=TicketActFilter,
        sort=TicketActSort,
    )


@strawberry.type
class TicketActMutation:
    @mutation(acting.act_on_ticket, TicketActPayload)
    def ticket_act(id: strawberry.ID, input: TicketActInput) -> acting.ActOnTicket:
        """Do something for a ticket that belongs to another room, by the rules of that room.

        It is linked to the ticket both ways. It takes the right to do it, and to write on tickets.
        A dry run tells what would be.
        """
        kind, act = _act(input)
        return acting.ActOnTicket(id=ids.parse("tic", id), kind=kind, act=act)


def _act(given: TicketActInput) -> tuple[TicketActKind, Command]:
    """Which of the acts it is, and its command."""
    name, (kind, translate) = next(
        (name, way) for name, way in _WAYS.items() if getattr(given, name) not in (UNSET, None)
    )
    return kind, translate(getattr(given, name))


def _credit(given: TicketCreditInput) -> Command:
    return acting.GiveTicketCredit(amount=given.amount.value(), note=given.note)


def _discount(given: TicketDiscountCodeInput) -> Command:
    return GiveTicketDiscount(
        label=given.label,
        percent_bp=given.percent_bp,
        amount=given.amount.value() if given.amount else None,
        minimum_subtotal=given.minimum_subtotal.value() if given.minimum_subtotal else None,
        channel_id=given_id("chn", given.channel_id),
        valid_until=given.valid_until,
        message=given.message,
        then=given.then,
    )


def _cancel(given: TicketCancelOrderInput) -> Command:
    return CancelOrder(
        id=ids.parse("ord", given.order_id),
        lines=None if given.lines is None else tuple(each.value() for each in given.lines),
        reason=given.reason,
        settlement=given.settlement,
    )


def _replacement(given: TicketReplacementInput) -> Command:
    lines = tuple(each.value() for each in given.lines)
    return ReplaceGoods(order_id=ids.parse("ord", given.order_id), lines=lines)


def _buy_label(given: TicketLabelInput) -> Command:
    return BuyLabel(
        id=ids.parse("shm", given.shipment_id),
        tracking_number=given.tracking_number,
        cost=given.cost.value() if given.cost else None,
    )


def _void_label(given: str) -> Command:
    return VoidLabel(id=ids.parse("shm", given))


def _resend(given: TicketResendInput) -> Command:
    return ResendMessage(id=ids.parse("msg", given.message_id), recipient=given.recipient)


def _as(owner: type[Any], name: str) -> Callable[[Any], Command]:
    """The same command as that mutation makes of the same input."""
    return lambda given: translated(owner, name, input=given)


_WAYS: Mapping[str, tuple[TicketActKind, Callable[[Any], Command]]] = {
    "refund": (TicketActKind.REFUND, _as(PaymentMutation, "refund_create")),
    "store_credit": (TicketActKind.STORE_CREDIT, _credit),
    "discount_code": (TicketActKind.DISCOUNT_CODE, _discount),
    "cancel_order": (TicketActKind.CANCEL_ORDER, _cancel),
    "return_": (TicketActKind.RETURN, _as(ReturnMutation, "return_request")),
    "return_shipment": (
        TicketActKind.RETURN_SHIPMENT,
        _as(ClaimMutation, "return_shipment_create"),
    ),
    "replacement": (TicketActKind.REPLACEMENT, _replacement),
    "exchange": (TicketActKind.EXCHANGE, _as(ExchangeMutation, "exchange_create")),
    "buy_label": (TicketActKind.BUY_LABEL, _buy_label),
    "void_label": (TicketActKind.VOID_LABEL, _void_label),
    "send_message": (TicketActKind.SEND_MESSAGE, _as(MessageMutation, "message_send")),
    "resend_message": (TicketActKind.RESEND_MESSAGE, _resend),
}
