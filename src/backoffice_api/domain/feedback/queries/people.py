"""Whom to ask: the address, the language, and whether they have agreed to be asked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.domain.customers import queries as customers
from backoffice_api.domain.customers.model import Customer
from backoffice_api.domain.customers.model.consents import ConsentChannel
from backoffice_api.domain.customers.queries.consents import may_write_to
from backoffice_api.domain.feedback.model.surveys import Survey
from backoffice_api.domain.feedback.queries.subjects import about_orders, about_tickets
from backoffice_api.domain.messages.queries.facts import Known, known_of, without_order
from backoffice_api.domain.tickets import queries as tickets
from backoffice_api.domain.tickets.model.tickets import Ticket, TicketParticipant
from backoffice_api.domain.tickets.model.words import TicketRole


@dataclass(frozen=True, slots=True)
class Person:
    """Who is to be asked. `recipient` None: no address is known. `is_over`: it may be judged."""

    customer_id: UUID | None
    recipient: str | None
    known: Known
    ticket_number: str
    is_over: bool
    has_agreed: bool


def people_of(db: Connection, surveys: Sequence[Survey]) -> Mapping[UUID, Person]:
    """Whom to ask, by survey. A constant number of statements."""
    ticket_ids = {each.ticket_id for each in surveys if each.ticket_id}
    order_ids = {each.order_id for each in surveys if each.order_id}
    customer_ids = {each.customer_id for each in surveys if each.customer_id}
    of_orders = known_of(db, order_ids) if order_ids else {}
    found = tickets.tickets_by_ids(db, ticket_ids) if ticket_ids else {}
    taking_part = tickets.participants_by_tickets(db, ticket_ids) if ticket_ids else {}
    people = customers.customers_by_ids(db, customer_ids) if customer_ids else {}
    agreed = may_write_to(db, ConsentChannel.EMAIL, customer_ids)
    plain_orders = {each.order_id for each in surveys if not each.ticket_id and each.order_id}
    over = {
        **{id: each.is_over for id, each in about_orders(db, plain_orders).items()},
        **{id: each.is_over for id, each in about_tickets(db, ticket_ids).items()},
    }

    def person(survey: Survey) -> Person:
        customer = people.get(survey.customer_id) if survey.customer_id else None
        known = of_orders[survey.order_id] if survey.order_id else without_order(None, customer)
        number = ""
        if survey.ticket_id:
            ticket = found[survey.ticket_id]
            number = ticket.number
            known = _of_ticket(known, ticket, taking_part.get(ticket.id, ()), customer)
        return Person(
            customer_id=survey.customer_id,
            recipient=known.recipient,
            known=known,
            ticket_number=number,
            is_over=over.get(survey.ticket_id or survey.order_id or survey.id, False),
            has_agreed=survey.customer_id in agreed,
        )

    return {each.id: person(each) for each in surveys}


def _of_ticket(
    known: Known,
    ticket: Ticket,
    taking_part: Iterable[TicketParticipant],
    customer: Customer | None,
) -> Known:
    """Who asked is written to, in the language of the ticket; else the customer."""
    asked = next((each.email for each in taking_part if each.role is TicketRole.REQUESTER), None)
    return replace(
        known,
        recipient=asked or (customer.email if customer else None),
        locale=ticket.language or known.locale,
        customer=customer,
    )
