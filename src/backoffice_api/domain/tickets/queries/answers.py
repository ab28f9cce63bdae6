"""What a canned answer comes to for a ticket."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, select

from backoffice_api.domain.customers import queries as customers
from backoffice_api.domain.kernel.contacts import check_locale
from backoffice_api.domain.kernel.errors import DomainError, Faults
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.messages.model.facts import CustomerFacts, Kind, ShopFacts
from backoffice_api.domain.messages.model.rendering import check_source, written
from backoffice_api.domain.messages.model.templates import DEFAULT_LOCALE, best_locale
from backoffice_api.domain.messages.queries.facts import known_of
from backoffice_api.domain.orders.model.orders import UnknownOrder
from backoffice_api.domain.tickets.model.facts import (
    DISCOUNT_WORDS,
    NO_ORDER,
    WORDS,
    AgentFacts,
    AnswerFacts,
    DiscountFacts,
    TicketFacts,
    words_of,
)
from backoffice_api.domain.tickets.model.macros import ANSWER_LENGTH_MAX
from backoffice_api.domain.tickets.model.tickets import Ticket
from backoffice_api.domain.tickets.queries import desk
from backoffice_api.domain.tickets.tables import ticket_links


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What an answer is to be like.

    `order_id` None: the order that the ticket was linked to last. `locale` None: the language of
    the ticket, else of its customer. `agent`: who answers.
    """

    agent: str
    order_id: UUID | None = None
    locale: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A text as it is read, and its language."""

    locale: str
    text: str


@dataclass(frozen=True, slots=True)
class _Known:
    facts: AnswerFacts
    locale: str | None


def say(db: Connection, ticket: Ticket, answer_id: UUID, wanted: Wanted) -> Said:
    """What a canned answer says of a ticket, in the language that fits best.

    Raises:
        UnknownOrder: the ticket is neither linked to this order, nor of its customer.
        BadTemplate, MessageTooLong: it cannot be written of this ticket.
    """
    texts = {each.locale: each.text for each in desk.texts_by_answers(db, [answer_id])[answer_id]}
    known = _known(db, ticket, wanted)
    locale = best_locale(wanted.locale or known.locale, list(texts))
    assert locale is not None, "an answer has a text"
    return Said(locale, written(texts[locale], words_of(known.facts)))


def say_text(db: Connection, ticket: Ticket, source: str, wanted: Wanted) -> Said:
    """What a text says of a ticket, before it is kept.

    Raises: as `say` and `check_answer`.
    """
    check_answer(source, "text")
    known = _known(db, ticket, wanted)
    locale = wanted.locale or known.locale or DEFAULT_LOCALE
    return Said(locale, written(source, words_of(known.facts)))


def say_of_discount(
    db: Connection, ticket: Ticket, source: str, wanted: Wanted, discount: DiscountFacts
) -> str:
    """What a text says of a ticket and of a discount code, which it names `discount`.

    Raises: as `say` and `check_answer`.
    """
    check_answer(source, "message", words=DISCOUNT_WORDS)
    known = _known(db, ticket, wanted)
    return written(source, {**words_of(known.facts), "discount": discount})


def checked_locale(given: str | None) -> str | None:
    """A language in canonical form; None: none was named.

    Raises:
        InvalidLocale.
    """
    if given is None:
        return None
    try:
        return check_locale(given)
    except DomainError as fault:
        raise fault.at("locale") from None


def check_answer(source: str, *path: str | int, words: Mapping[str, Kind] = WORDS) -> None:
    """Refuse a text that is no template of an answer.

    Raises:
        InvalidText, ForbiddenCharacter, BadTemplate, UnknownVariable, ForbiddenInTemplate.
    """
    faults = Faults()
    check_text(source, faults, *path, maximum=ANSWER_LENGTH_MAX)
    faults.check()
    try:
        check_source(source, words)
    except DomainError as fault:
        raise fault.at(*path) from None


def _known(db: Connection, ticket: Ticket, wanted: Wanted) -> _Known:
    of_ticket = TicketFacts(number=ticket.number, subject=ticket.subject)
    agent = AgentFacts(name=wanted.agent)
    customer = None
    if ticket.customer_id:
        customer = customers.customers_by_ids(db, [ticket.customer_id]).get(ticket.customer_id)
    name = customer.name if customer else ""
    locale = ticket.language or (customer.locale if customer else None)
    order_id = wanted.order_id or _linked_order(db, ticket)
    if order_id is None:
        facts = AnswerFacts(
            ticket=of_ticket,
            agent=agent,
            customer=CustomerFacts(name=name),
            shop=ShopFacts(name=""),
            order=NO_ORDER,
            parcels=(),
        )
        return _Known(facts, locale)
    known = known_of(db, [order_id]).get(order_id)
    if (
        known is None
        or known.order is None
        or not _may_speak_of(db, ticket, order_id, known.order.customer_id)
    ):
        raise UnknownOrder(order_id).at("order_id")
    said = known.facts({})
    facts = AnswerFacts(
        ticket=of_ticket,
        agent=agent,
        customer=CustomerFacts(name=name) if name else said.customer,
        shop=said.shop,
        order=said.order,
        parcels=said.parcels,
    )
    return _Known(facts, locale or known.locale)


def _linked_order(db: Connection, ticket: Ticket) -> UUID | None:
    link = ticket_links.c
    statement = (
        select(link.subject_id)
        .where(link.ticket_id == ticket.id, link.subject_kind == "ord")
        .order_by(link.created_at.desc(), link.id.desc())
        .limit(1)
    )
    return db.execute(statement).scalar()


def _may_speak_of(db: Connection, ticket: Ticket, order_id: UUID, customer_id: UUID | None) -> bool:
    """Nobody is to read in an answer what somebody else ordered."""
    if customer_id is not None and customer_id == ticket.customer_id:
        return True
    link = ticket_links.c
    statement = select(link.id).where(link.ticket_id == ticket.id, link.subject_id == order_id)
    return db.execute(statement.limit(1)).scalar() is not None
