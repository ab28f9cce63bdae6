"""Messages: written of what happens, once, and sent over a real mail server. Both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from backoffice_api.domain.fulfillment.model.fulfillments import FulfillmentShipped
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command
from backoffice_api.domain.messages import queries
from backoffice_api.domain.messages.commands.sending import BeginSending, begin_sending
from backoffice_api.domain.messages.commands.templates import (
    DisableMessageTemplate,
    RemoveMessageTemplate,
    SetMessageTemplate,
    disable_template,
    remove_template,
    set_template,
)
from backoffice_api.domain.messages.commands.writing import (
    ResendMessage,
    SendMessage,
    resend_message,
    send_message,
)
from backoffice_api.domain.messages.model.messages import (
    SENDING_MAX,
    TRIED_FOR,
    MessageFailure,
    MessageStatus,
)
from backoffice_api.domain.messages.model.topics import MessageTopic
from backoffice_api.domain.messages.ports import MailOutcome
from backoffice_api.domain.messages.tables import message_progress, message_template_revisions
from backoffice_api.domain.orders.commands.cancelling import CancelOrder, cancel_order
from backoffice_api.domain.orders.model.orders import CancelReason
from backoffice_api.domain.tracking.model.states import TrackingState
from backoffice_api.domain.tracking.tables import trackings
from tests.databases import count_statements
from tests.messages.post import PLACED, Script
from tests.tracking.hall import Hall, told
from tests.world import NOW, caller

MINUTES_OF_AN_HOUR = (0, 0.5, 1.5, 3.5, 8.5, 18.5, 33.5, 59)


ALL_PARCELS = "{% for each in parcels %}{{ each.number }} {% endfor %}"


def lines(mail, kind):
    """One part of a mail, as it was before it went over the wire."""
    return mail.get_body((kind,)).get_content().rstrip().splitlines()


class TestSetTemplate:
    def test_takes_what_is_shipped_and_keeps_each_wording(self, post):
        id = post.template(on=False)

        assert post.template(subject="{{ order.number }}", text="Thanks", on=False) == id

        found = post.world.read(queries.template, id)
        revisions = post.world.read(queries.revisions_by_templates, [id])[id]
        assert (found.revision, found.status, found.html) == (2, "disabled", None)
        assert [(each.revision, each.subject) for each in revisions] == [
            (2, "{{ order.number }}"),
            (1, "Your order {{ order.number }}"),
        ]
        assert post.events() == ["message_template.set"] * 2
        assert post.broken() == []

    def test_reports_everything_that_is_wrong(self, post):
        command = SetMessageTemplate(
            topic=PLACED, locale="xx_", subject="{{ nothing }}", text="{% set a = 1 %}", html=""
        )

        assert post.refused(set_template, command) == [
            "INVALID_LOCALE",
            "UNKNOWN_VARIABLE",
            "FORBIDDEN_IN_TEMPLATE",
            "INVALID_TEXT",
        ]

    def test_needs_a_wording_where_none_is_shipped(self, post):
        command = SetMessageTemplate(topic=PLACED, locale="fr")

        assert post.refused(set_template, command) == ["NO_WORDING"]

    def test_begins_anew_after_it_was_removed(self, post):
        id = post.template()
        post.world.run(disable_template, DisableMessageTemplate(id=id))
        post.world.run(remove_template, RemoveMessageTemplate(id=id))

        assert post.template() != id

    def test_keeps_revisions_for_ever(self, post):
        post.template()

        with pytest.raises(IntegrityError), post.world.database.writing.begin() as db:
            db.execute(delete(message_template_revisions))


class TestFollowEvents:
    def test_writes_of_what_happens_from_then_on(self, post):
        post.place()
        post.template()
        order_id = post.place()

        assert post.follow() == 1

        found = post.message()
        assert (found.order_id, found.status, found.recipient) == (
            order_id,
            MessageStatus.QUEUED,
            "ana@example.com",
        )
        assert found.subject == f"Your order {post.shop.order(order_id).number}"
        assert "2 x Thing MUG: 20.00 EUR" in found.text
        assert "Total: 24.50 EUR" in found.text
        assert post.events("message.") == ["message.queued"]

    def test_writes_of_an_event_once_though_the_log_is_followed_again(self, post):
        post.template()
        post.place()
        assert post.follow() == 1

        with post.world.database.writing.begin() as db:
            db.execute(update(message_progress).values(sequence=0))

        assert [post.follow(), post.follow()] == [0, 0]
        assert len(post.messages()) == 1
        assert post.events("message.") == ["message.queued"]

    def test_writes_in_the_language_of_the_customer(self, post):
        post.template()
        post.template(locale="de")
        customer = post.customer(locale="de-AT", email="ana@example.at")
        post.place(customer_id=customer, email=None)

        post.follow()

        found = post.message()
        assert (found.locale, found.recipient) == ("de", "ana@example.at")
        assert found.text.startswith("Guten Tag Ana <b>,")
        assert "Ana &lt;b&gt;" in found.html

    def test_says_so_where_nobody_can_be_written_to(self, post):
        post.template()
        post.place(email=None)

        post.follow()

        found = post.message()
        assert (found.status, found.failure) == ("suppressed", MessageFailure.NO_RECIPIENT)
        assert post.events("message.") == ["message.suppressed"]

    def test_goes_on_after_a_template_that_cannot_be_written(self, post):
        id = post.template(subject="x", text="{% if order.total > 100 %}!{% endif %}")
        post.place()

        assert post.follow() == 1

        found = post.message()
        assert (found.status, found.failure) == ("suppressed", MessageFailure.BAD_TEMPLATE)
        command = SendMessage(order_id=found.order_id, topic=PLACED)
        assert post.refused(send_message, command) == ["BAD_TEMPLATE"]
        post.world.run(disable_template, DisableMessageTemplate(id=id))
        assert post.broken() == []

    def test_does_not_write_of_what_is_long_past(self, post):
        post.template()
        post.place()

        post.follow(NOW + timedelta(days=4))

        assert post.message().failure is MessageFailure.TOO_OLD

    def test_writes_of_other_topics_by_their_own_templates(self, post):
        post.template(MessageTopic.ORDER_CANCELLED)
        id = post.place()
        post.world.run(cancel_order, CancelOrder(id=id, reason=CancelReason.CUSTOMER))

        assert post.follow() == 1
        assert post.message().subject.endswith("was cancelled")

    def test_tells_of_the_parcels_of_what_was_shipped(self, post):
        post.template(MessageTopic.ORDER_SHIPPED)
        post.template(MessageTopic.PARCEL_DELAYED, subject="{{ parcels|length }}", text="-")
        id = post.place()
        hall = Hall(post.world)
        hall._shop = post.shop
        (parcel,) = hall.parcels(id)
        hall.follow("N1", parcel)
        fulfillment = hall.fulfillment_of(parcel)

        post.world.run(
            _emit,
            _Emit(
                event=FulfillmentShipped(fulfillment.id, 1, "F-1", post.shop.order(id).number, id)
            ),
        )
        hall.record(told("in_transit/held"))

        assert post.follow() == 2
        shipped, delayed = post.messages()
        assert "usps: N1" in shipped.text
        assert "F-1 of your order" in shipped.text
        assert delayed.subject == "1"

    def test_tells_of_no_parcel_that_is_still_here_or_was_called_off(self, post):
        post.template(MessageTopic.ORDER_SHIPPED, subject="x", text=ALL_PARCELS)
        id = post.place()
        hall = Hall(post.world)
        hall._shop = post.shop
        gone, off = hall.parcels(id, 2)
        (here,) = hall.parcels(id, shipped_at=None)
        for number, parcel in (("N1", gone), ("N2", off), ("N3", here)):
            hall.follow(number, parcel)
        with post.world.database.writing.begin() as db:
            called_off = update(trackings).where(trackings.c.number == "N2")
            db.execute(called_off.values(state=TrackingState.CANCELLED, state_at=NOW))
        for parcel in (gone, here):
            fulfillment = hall.fulfillment_of(parcel)
            event = FulfillmentShipped(fulfillment.id, 1, "F", "W-1", id)
            post.world.run(_emit, _Emit(event=event))

        post.follow()
        by_hand = SendMessage(order_id=id, topic=MessageTopic.ORDER_SHIPPED)
        post.world.run(send_message, by_hand)

        assert [each.text for each in post.messages()] == ["N1 ", "N3 ", "N1 "]

    def test_takes_a_constant_number_of_statements(self, post):
        post.template()
        counts = []
        for count in (1, 5):
            for _ in range(count):
                post.place()
            post.world.settle()
            with count_statements(post.world.database) as counted:
                assert post.follow() == count
            counts.append(len([each for each in counted if "xmin" not in each]))

        assert counts[0] == counts[1]


class _Emit(Command):
    scope = Scope.ORDERS_WRITE

    def __init__(self, event):
        self.event = event


def _emit(uow, command):
    uow.emit(command.event)


class TestSend:
    @pytest.fixture(autouse=True)
    def _message(self, post):
        post.template()
        post.place()
        post.follow()

    def test_hands_the_message_to_the_mail_server(self, post, box):
        assert post.send(post.smtp(box.port)) is False

        (mail,) = box.mails
        found = post.message()
        assert (found.status, found.sent_at, found.attempts) == ("sent", NOW, 1)
        assert found.reason == "250 Taken"
        assert mail["To"] == "ana@example.com"
        assert mail["From"] == "Shop <shop@example.com>"
        assert mail["Subject"] == found.subject
        assert mail["Message-ID"] == f"<{found.id.hex}@example.com>"
        assert lines(mail, "plain") == found.text.rstrip().split("\n")
        assert lines(mail, "html") == found.html.rstrip().split("\n")
        assert post.send(post.smtp(box.port)) is False
        assert len(box.mails) == 1
        assert post.events("message.") == ["message.queued", "message.sent"]

    def test_waits_while_the_mail_server_is_down_for_an_hour(self, post, box):
        nowhere = post.smtp(1)
        for minutes in MINUTES_OF_AN_HOUR:
            post.send(nowhere, minutes)

        found = post.message()
        assert (found.status, found.failure) == ("queued", None)
        assert found.attempts == len(MINUTES_OF_AN_HOUR) - 1 + (found.attempts >= 8)

        post.send(post.smtp(box.port), 120)

        assert post.message().status == "sent"
        assert len(box.mails) == 1

    def test_gives_up_after_days(self, post):
        post.send(Script(MailOutcome.LATER), TRIED_FOR.total_seconds() / 60 + 1)

        assert post.message().failure is MessageFailure.EXPIRED

    @pytest.mark.parametrize("where", ["recipient_answer", "data_answer"])
    def test_ends_with_the_reason_where_it_is_refused_for_good(self, post, box, where):
        setattr(box, where, "550 No such user")

        post.send(post.smtp(box.port))

        found = post.message()
        assert (found.status, found.failure) == ("failed", MessageFailure.REFUSED)
        assert found.reason == "550 No such user"
        assert box.mails == []

    @pytest.mark.parametrize("where", ["recipient_answer", "data_answer"])
    def test_is_tried_again_where_the_server_asks_for_it(self, post, box, where):
        setattr(box, where, "451 Come back later")
        post.send(post.smtp(box.port))
        assert post.message().status == "queued"

        box.clear()
        post.send(post.smtp(box.port), 1)

        assert (post.message().status, post.message().attempts) == ("sent", 2)

    def test_says_that_it_does_not_know_when_the_answer_never_came(self, post, box):
        box.hangs_up = True

        post.send(post.smtp(box.port))

        assert len(box.mails) == 1
        assert post.message().failure is MessageFailure.UNCERTAIN

    def test_says_that_it_does_not_know_when_the_answer_makes_no_sense(self, post, box):
        box.data_answer = "299 Perhaps"

        post.send(post.smtp(box.port))

        assert post.message().failure is MessageFailure.UNCERTAIN

    def test_says_that_it_does_not_know_when_the_worker_died(self, post):
        post.world.run(begin_sending, BeginSending(id=post.message().id))
        script = Script()
        post.send(script, 1)
        assert post.message().status == "sending"

        post.send(script, SENDING_MAX.total_seconds() / 60)

        assert (post.message().failure, script.mails) == (MessageFailure.UNCERTAIN, [])

    def test_leaves_the_others_alone_while_the_server_is_down(self, post):
        post.place()
        post.follow()
        script = Script(MailOutcome.LATER)

        post.send(script)

        assert len(script.mails) == 1
        assert sorted(each.attempts for each in post.messages()) == [0, 1]

    def test_is_a_secret_of_who_may_not_see_addresses(self, post):
        post.send(Script(MailOutcome.REFUSED))

        rows = post.shop.log(post.message().id)
        shown = {each["path"]: each["after"] for row in rows for each in row.changes}
        hidden = ("recipient", "subject", "text", "reason")
        assert {shown[name] for name in hidden} == {"(personal)"}


class TestSendMessage:
    def test_writes_to_somebody_by_hand(self, post):
        post.template()
        id = post.place()

        command = SendMessage(order_id=id, topic=PLACED, recipient="Bea@Example.com")
        post.world.run(send_message, command)

        assert post.message().recipient == "Bea@example.com"
        assert post.message().event_id is None

    def test_goes_to_others_only_from_who_may_see_persons(self, post):
        post.template()
        clerk = caller(Scope.MESSAGES_WRITE)
        theirs = SendMessage(order_id=post.place(), topic=PLACED)
        elsewhere = replace(theirs, recipient="me@example.com")

        id = post.world.run(send_message, theirs, caller=clerk).value

        again = ResendMessage(id=id, recipient="me@example.com")
        assert post.refused(send_message, elsewhere, caller=clerk) == ["NOT_ALLOWED"]
        assert post.refused(resend_message, again, caller=clerk) == ["NOT_ALLOWED"]

    def test_refuses_what_cannot_be_sent(self, post):
        id = post.place(email=None)
        command = SendMessage(order_id=id, topic=PLACED)
        assert post.refused(send_message, command) == ["UNKNOWN_MESSAGE_TEMPLATE"]

        post.template()

        assert post.refused(send_message, command) == ["NOBODY_TO_WRITE_TO"]
        command = SendMessage(order_id=post.template(on=False), topic=PLACED)
        assert post.refused(send_message, command) == ["UNKNOWN_ORDER"]


class TestResendMessage:
    def test_keeps_the_name_of_a_mail_of_which_nobody_knows(self, post):
        post.template()
        post.place()
        post.follow()
        first = post.message()
        assert post.refused(resend_message, ResendMessage(id=first.id)) == ["INVALID_TRANSITION"]
        post.send(Script(MailOutcome.UNCERTAIN))
        script = Script()

        post.world.run(resend_message, ResendMessage(id=first.id))
        post.send(script)
        second = post.messages()[1]
        post.world.run(resend_message, ResendMessage(id=second.id))
        post.send(script)

        assert second.resend_of_id == first.id
        again, anew = script.mails
        assert again.key == first.mail_key
        assert anew.key != first.mail_key
        assert post.broken() == []
