"""What customers write to the demo, who answers, and what they think of it all."""

from collections.abc import Iterator
from datetime import timedelta

from backoffice_api.demo.stage import Shop
from backoffice_api.domain.feedback.commands.reviewing import (
    CreateProductReview,
    PublishProductReview,
    create_product_review,
    publish_product_review,
)
from backoffice_api.domain.feedback.model.product_reviews import ReviewDraft
from backoffice_api.domain.fulfillment.commands.settings import SetCalendar, set_calendar
from backoffice_api.domain.fulfillment.model.opening_hours import OpenPeriod
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.tickets.commands.opening import OpenTicket, open_ticket
from backoffice_api.domain.tickets.commands.policies import SetSlaPolicy, set_sla_policy
from backoffice_api.domain.tickets.commands.ruling import SetTicketRule, set_rule
from backoffice_api.domain.tickets.commands.teams import CreateTicketTeam, create_ticket_team
from backoffice_api.domain.tickets.commands.writing import (
    NoteOnTicket,
    ReceiveOnTicket,
    ReplyToTicket,
    note,
    receive,
    reply,
)
from backoffice_api.domain.tickets.model.drafts import MessageDraft, TicketLinkDraft
from backoffice_api.domain.tickets.model.rules import TicketCause
from backoffice_api.domain.tickets.model.words import (
    TicketAfterReply,
    TicketPriority,
    TicketSource,
)

# One of so many orders that were sent is asked about, and one of so many is reviewed.
ASKED, REVIEWED = 3, 2
QUESTIONS = (
    ("Where is my parcel?", "It should have been here on Monday.", TicketPriority.HIGH),
    ("Wrong size", "Can I have it in L instead?", TicketPriority.NORMAL),
    ("Invoice for my company", "Please add our VAT number.", TicketPriority.LOW),
    ("Broken on arrival", "There is a crack in it. A picture is attached.", TicketPriority.URGENT),
)
OPINIONS = (
    (5, "Lovely", "Just as in the picture."),
    (4, "Good", "A little smaller than I thought."),
    (2, "Not for me", "The colour is off."),
)
_NINE, _NOON, _ONE, _SIX = 9 * 60, 12 * 60, 13 * 60, 18 * 60


def tickets(shop: Shop) -> Iterator[int]:
    """Two teams, a promise in opening hours, a rule, and tickets in every state."""
    opened = shop.now - timedelta(days=60)
    team = CreateTicketTeam(name="Support", is_default=True)
    shop.run(create_ticket_team, team, opened)
    claims = shop.run(create_ticket_team, CreateTicketTeam(name="Claims"), opened)
    calendar = SetCalendar(
        code="support",
        name="Support",
        time_zone="Europe/Berlin",
        weekdays=(1, 2, 3, 4, 5),
        cut_off=_SIX,
        hours=tuple(
            OpenPeriod(weekday=day, opens=opens, closes=closes)
            for day in range(1, 6)
            for opens, closes in ((_NINE, _NOON), (_ONE, _SIX))
        ),
    )
    promise = SetSlaPolicy(
        code="usual",
        name="Usual",
        position=1,
        calendar_id=shop.run(set_calendar, calendar, opened),
        first_response_min=4 * 60,
        next_response_min=8 * 60,
        resolution_min=3 * 8 * 60,
    )
    shop.run(set_sla_policy, promise, opened)
    late = SetTicketRule(
        code="late", title="Late parcels", cause=TicketCause.LATE_PARCEL, team_id=claims
    )
    shop.run(set_rule, late, shop.now)
    for number, (order_id, sent_at) in enumerate(shop.sent[::ASKED]):
        order = shop.read(orders.orders_by_ids, [order_id])[order_id]
        subject, body, priority = QUESTIONS[number % len(QUESTIONS)]
        at = sent_at + timedelta(days=3)
        question = OpenTicket(
            subject=subject,
            message=MessageDraft(body=body, source=TicketSource.FORM),
            priority=priority,
            customer_id=order.customer_id,
            team_id=claims if priority is TicketPriority.URGENT else None,
            links=(TicketLinkDraft(subject_kind="ord", subject_id=order_id),),
        )
        id = shop.run(open_ticket, question, at)
        if number % 4:
            hint = NoteOnTicket(id=id, body="Asked the warehouse.")
            shop.run(note, hint, at + timedelta(hours=1))
            then = TicketAfterReply.RESOLVE if number % 4 == 1 else TicketAfterReply.AWAIT_CUSTOMER
            answer = ReplyToTicket(id=id, body="We are looking into it.", then=then)
            shop.run(reply, answer, at + timedelta(hours=2))
        if number % 4 == 3:
            again = ReceiveOnTicket(id=id, message=MessageDraft(body="Any news?"))
            shop.run(receive, again, at + timedelta(days=1))
        yield 1


def reviews(shop: Shop) -> Iterator[int]:
    for number, (order_id, sent_at) in enumerate(shop.sent[::REVIEWED]):
        line = shop.read(orders.lines_by_orders, [order_id])[order_id][0]
        rating, title, text = OPINIONS[number % len(OPINIONS)]
        review = CreateProductReview(
            review=ReviewDraft(rating=rating, title=title, text=text), order_line_id=line.id
        )
        id = shop.run(create_product_review, review, sent_at + timedelta(days=5))
        if number % 3:
            publish = PublishProductReview(id=id)
            shop.run(publish_product_review, publish, sent_at + timedelta(days=6))
        yield 1
