"""A discount code from a ticket: for its customer alone, once, with a message that says it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.discounts.commands.codes import CreateDiscountCode, create_code
from backoffice_api.domain.discounts.model import DiscountCode
from backoffice_api.domain.discounts.queries import locked_code
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.tickets.commands.writing import ReplyToTicket, reply
from backoffice_api.domain.tickets.model.facts import DiscountFacts
from backoffice_api.domain.tickets.model.macros import NothingSaid
from backoffice_api.domain.tickets.model.tickets import Ticket
from backoffice_api.domain.tickets.model.words import TicketAfterReply
from backoffice_api.domain.tickets.queries.answers import Wanted, say_of_discount


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveTicketDiscount(Command):
    """One of `percent_bp` and `amount`. `message`: what the customer is told; None: nothing."""

    scope = Scope.ORDERS_WRITE
    label: str | None = None
    percent_bp: int | None = None
    amount: Money | None = None
    minimum_subtotal: Money | None = None
    channel_id: UUID | None = None
    valid_until: datetime | None = None
    message: str | None = None
    then: TicketAfterReply = TicketAfterReply.AWAIT_CUSTOMER


def give_discount(uow: UnitOfWork, ticket: Ticket, command: GiveTicketDiscount) -> UUID:
    """Make up a code for one order, of the customer of the ticket if it has one. Id of the code.

    Raises:
        What `create_code` and `reply` raise.
        BadTemplate, UnknownVariable, MessageTooLong, NothingSaid: the message cannot be written.
    """
    wanted = CreateDiscountCode(
        label=command.label,
        percent_bp=command.percent_bp,
        amount=command.amount,
        minimum_subtotal=command.minimum_subtotal,
        channel_id=command.channel_id,
        customer_id=ticket.customer_id,
        valid_until=command.valid_until,
        usage_limit=1,
    )
    id = create_code(uow, wanted)
    if command.message is not None:
        _write(uow, ticket, locked_code(uow.db, id), command.message, command.then)
    return id


def _write(
    uow: UnitOfWork, ticket: Ticket, code: DiscountCode, source: str, then: TicketAfterReply
) -> None:
    wanted = Wanted(agent=uow.caller.actor.name)
    text = say_of_discount(uow.db, ticket, source, wanted, facts_of(code))
    if not text.strip():
        raise NothingSaid
    reply(uow, ReplyToTicket(id=ticket.id, body=text, then=then))


def facts_of(code: DiscountCode) -> DiscountFacts:
    """What a message can say of a code."""
    share = f"{(code.percent_bp or 0) / 100:g} %"
    return DiscountFacts(
        code=code.code,
        off=str(code.amount) if code.amount else share,
        minimum=str(code.minimum_subtotal or ""),
        valid_until=code.valid_until.date().isoformat() if code.valid_until else "",
    )
