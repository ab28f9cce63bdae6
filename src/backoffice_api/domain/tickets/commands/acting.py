"""What is done from a ticket: a command of another room, in the transaction of the ticket.

Whoever acts needs the right to do so anywhere, and to write on tickets. What it comes to is
linked to the ticket; and in the log the ticket is the reference of all that followed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.errors import DomainError, Path
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.rows import insert_or_ignore
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import OutOfRange
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.messages.commands import writing as messages
from backoffice_api.domain.messages.queries import messages_by_ids
from backoffice_api.domain.orders.commands import cancelling
from backoffice_api.domain.orders.queries import lines_by_ids, orders_by_ids
from backoffice_api.domain.payments.commands import crediting, refunding
from backoffice_api.domain.returns.commands import exchanging, requesting
from backoffice_api.domain.returns.commands import shipping as coming_back
from backoffice_api.domain.returns.queries import returns_by_ids
from backoffice_api.domain.shipping.commands import labels
from backoffice_api.domain.shipping.queries import shipments_by_ids
from backoffice_api.domain.tickets.commands.discounting import GiveTicketDiscount, give_discount
from backoffice_api.domain.tickets.commands.keeping import head, locked, moved, save_told
from backoffice_api.domain.tickets.commands.replacing import ReplaceGoods, replace_goods
from backoffice_api.domain.tickets.model.acts import (
    NobodyToCredit,
    OfAnotherCustomer,
    Subject,
    TicketAct,
    TicketActed,
    TicketActKind,
    TicketActResult,
)
from backoffice_api.domain.tickets.model.tickets import Ticket
from backoffice_api.domain.tickets.model.words import TicketRelation, TicketStatus
from backoffice_api.domain.tickets.tables import ticket_links, tickets
from backoffice_api.domain.tickets.tables.desk import ticket_act_results, ticket_acts


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveTicketCredit(Command):
    """Store credit for the customer of a ticket, out of goodwill."""

    scope = Scope.PAYMENTS_WRITE
    measures = True
    amount: Money
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActOnTicket(Command):
    """`act`: the command of the other room, of the kind `kind`."""

    scope = Scope.TICKETS_WRITE
    table = tickets
    id: UUID
    kind: TicketActKind
    act: Any


@dataclass(frozen=True, slots=True)
class _Done:
    """What an act was done on, what it made or changed, and whom it concerns, if that is known.

    `has_written`: on the ticket, too.
    """

    on: Subject
    made: Sequence[Subject]
    customer_id: UUID | None
    has_written: bool = False


# What inputs of acts call the id that the command of the other room calls `id`.
_NAMES: Mapping[TicketActKind, str] = {
    TicketActKind.CANCEL_ORDER: "order_id",
    TicketActKind.BUY_LABEL: "shipment_id",
    TicketActKind.RESEND_MESSAGE: "message_id",
}

_Deed = Callable[[UnitOfWork, Ticket, Any], _Done]


def act_on_ticket(uow: UnitOfWork, command: ActOnTicket) -> UUID:
    """Do something for a ticket, by the rules of the room that it belongs to. Id of the act.

    What is called outside is called by a worker, as it always is. A dry run tells what would be.

    Raises:
        NotAllowed: the caller may write on tickets, and not do this.
        UnknownTicket, InvalidTransition: nothing can be done for the ticket any more.
        OfAnotherCustomer, NobodyToCredit, and what the command of the act raises.
    """
    uow.require(command.act.scope)
    before = locked(uow, command.id, "update")
    if uow.meta.reference is None:
        uow.meta = replace(uow.meta, reference=ids.text("tic", before.id))
    try:
        done = _DEEDS[command.kind](uow, before, command.act)
    except DomainError as fault:
        for each in fault.reasons():
            each.at(command.kind.value, *_path(command.kind, each))
        raise
    if before.customer_id and done.customer_id not in (None, before.customer_id):
        raise OfAnotherCustomer(before.customer_id).at(command.kind.value)
    if done.has_written:
        before = locked(uow, command.id)
    return _note(uow, before, command.kind, done)


def _path(kind: TicketActKind, fault: DomainError) -> Path:
    """Where the fault stands in the input of the act, which names what the act is done on."""
    if fault.path[:1] != ("id",):
        return fault.path
    return (_NAMES[kind],) if kind in _NAMES else ()


def _note(uow: UnitOfWork, before: Ticket, kind: TicketActKind, done: _Done) -> UUID:
    """Keep what was done, link both ways, and tell."""
    actor = uow.caller.actor
    act = TicketAct(
        id=uow.new_id(),
        ticket_id=before.id,
        created_at=uow.now,
        kind=kind,
        on_kind=done.on.kind,
        on_id=done.on.id,
        actor_kind=actor.kind,
        actor_id=actor.id,
        reason=uow.meta.reason,
    )
    add(uow, ticket_acts, [act])
    results = [
        TicketActResult(act.id, position, each.kind, each.id)
        for position, each in enumerate(done.made, start=1)
    ]
    add(uow, ticket_act_results, results)
    _link(uow, before, done)
    after = moved(uow, before, "start") if before.status is TicketStatus.NEW else before
    made = tuple(ids.text(each.kind, each.id) for each in done.made)
    on = ids.text(done.on.kind, done.on.id)
    save_told(uow, before, after, TicketActed(*head(before), act.id, kind, on, made))
    return act.id


def _link(uow: UnitOfWork, ticket: Ticket, done: _Done) -> None:
    wanted = [(done.on, TicketRelation.ABOUT)]
    wanted += [(each, TicketRelation.MADE) for each in done.made if each != done.on]
    rows = [
        {
            "id": uow.new_id(),
            "ticket_id": ticket.id,
            "created_at": uow.now,
            "subject_kind": subject.kind,
            "subject_id": subject.id,
            "relation": relation,
        }
        for subject, relation in wanted
    ]
    insert_or_ignore(uow.db, ticket_links, *rows)


def _refund(uow: UnitOfWork, _: Ticket, act: refunding.CreateRefund) -> _Done:
    made = refunding.create_refund(uow, act)
    on = Subject("ord", act.order_id)
    refunds = [Subject("rfd", id) for id in made.refund_ids]
    return _Done(on, refunds, _customer_of_order(uow.db, act.order_id))


def _credit(uow: UnitOfWork, ticket: Ticket, act: GiveTicketCredit) -> _Done:
    if ticket.customer_id is None:
        raise NobodyToCredit
    if act.amount.minor <= 0:
        raise OutOfRange(1, 2**63 - 1).at("amount")
    given = crediting.AdjustStoreCredit(
        customer_id=ticket.customer_id, delta=act.amount, note=act.note
    )
    account_id = crediting.adjust_store_credit(uow, given)
    on = Subject("cus", ticket.customer_id)
    return _Done(on, [Subject("scr", account_id)], ticket.customer_id)


def _discount(uow: UnitOfWork, ticket: Ticket, act: GiveTicketDiscount) -> _Done:
    id = give_discount(uow, ticket, act)
    known = ticket.customer_id
    on = Subject("cus", known) if known else Subject("tic", ticket.id)
    return _Done(on, [Subject("dsc", id)], known, has_written=act.message is not None)


def _cancel(uow: UnitOfWork, _: Ticket, act: cancelling.CancelOrder) -> _Done:
    id = cancelling.cancel_order(uow, act)
    return _Done(Subject("ord", id), [Subject("ord", id)], _customer_of_order(uow.db, id))


def _return(uow: UnitOfWork, ticket: Ticket, act: requesting.RequestReturn) -> _Done:
    id = requesting.request_return(uow, act)
    first = next((each.order_line_id for each in act.lines if each.order_line_id), None)
    order_id = lines_by_ids(uow.db, [first])[first].order_id if first else None
    on = Subject("ord", order_id) if order_id else Subject("tic", ticket.id)
    return _Done(on, [Subject("ret", id)], _customer_of_return(uow.db, id))


def _return_shipment(uow: UnitOfWork, _: Ticket, act: coming_back.CreateReturnShipment) -> _Done:
    id = coming_back.create_return_shipment(uow, act)
    on = Subject("ret", act.return_id)
    return _Done(on, [Subject("rsh", id)], _customer_of_return(uow.db, act.return_id))


def _replace(uow: UnitOfWork, _: Ticket, act: ReplaceGoods) -> _Done:
    id = replace_goods(uow, act)
    return _Done(
        Subject("ord", act.order_id),
        [Subject("ord", id)],
        _customer_of_order(uow.db, act.order_id),
    )


def _exchange(uow: UnitOfWork, _: Ticket, act: exchanging.CreateExchange) -> _Done:
    id = exchanging.create_exchange(uow, act)
    on = Subject("ret", act.return_id)
    return _Done(on, [Subject("exc", id)], _customer_of_return(uow.db, act.return_id))


def _buy_label(uow: UnitOfWork, _: Ticket, act: labels.BuyLabel) -> _Done:
    return _of_shipment(uow, labels.buy_label(uow, act))


def _void_label(uow: UnitOfWork, _: Ticket, act: labels.VoidLabel) -> _Done:
    return _of_shipment(uow, labels.void_label(uow, act))


def _send(uow: UnitOfWork, _: Ticket, act: messages.SendMessage) -> _Done:
    id = messages.send_message(uow, act)
    on = Subject("ord", act.order_id)
    return _Done(on, [Subject("msg", id)], _customer_of_order(uow.db, act.order_id))


def _resend(uow: UnitOfWork, _: Ticket, act: messages.ResendMessage) -> _Done:
    id = messages.resend_message(uow, act)
    customer_id = messages_by_ids(uow.db, [id])[id].customer_id
    return _Done(Subject("msg", act.id), [Subject("msg", id)], customer_id)


def _of_shipment(uow: UnitOfWork, id: UUID) -> _Done:
    order_id = shipments_by_ids(uow.db, [id])[id].order_id
    shipment = Subject("shm", id)
    return _Done(shipment, [shipment], _customer_of_order(uow.db, order_id))


def _customer_of_order(db: Connection, id: UUID) -> UUID | None:
    return orders_by_ids(db, [id])[id].customer_id


def _customer_of_return(db: Connection, id: UUID) -> UUID | None:
    return returns_by_ids(db, [id])[id].customer_id


_DEEDS: Mapping[TicketActKind, _Deed] = {
    TicketActKind.REFUND: _refund,
    TicketActKind.STORE_CREDIT: _credit,
    TicketActKind.DISCOUNT_CODE: _discount,
    TicketActKind.CANCEL_ORDER: _cancel,
    TicketActKind.RETURN: _return,
    TicketActKind.RETURN_SHIPMENT: _return_shipment,
    TicketActKind.REPLACEMENT: _replace,
    TicketActKind.EXCHANGE: _exchange,
    TicketActKind.BUY_LABEL: _buy_label,
    TicketActKind.VOID_LABEL: _void_label,
    TicketActKind.SEND_MESSAGE: _send,
    TicketActKind.RESEND_MESSAGE: _resend,
}
