"""What the shop answers, as it goes out over SMTP: threaded, once, and never in a circle."""

from datetime import timedelta

import pytest

from backoffice_api.adapters.mail_smtp import MailServer, SmtpMailer
from backoffice_api.backups.settling import silence
from backoffice_api.domain.mailboxes import queries
from backoffice_api.domain.mailboxes.commands.mailboxes import (
    DisableMailbox,
    EnableMailbox,
    disable_mailbox,
    enable_mailbox,
)
from backoffice_api.domain.mailboxes.commands.sending import ResendTicketMail, resend_ticket_mail
from backoffice_api.domain.messages.ports import MailOutcome
from backoffice_api.domain.tickets.commands.opening import OpenTicket, open_ticket
from backoffice_api.domain.tickets.model.drafts import MessageDraft
from backoffice_api.domain.tickets.model.words import TicketAuthor, TicketSentState
from tests.mailboxes.room import mail
from tests.messages.post import Script
from tests.world import NOW


def smtp(port: int) -> SmtpMailer:
    server = MailServer("127.0.0.1", port, "none", "Shop <shop@shop.example>")
    return SmtpMailer(server, timeout_s=5)


class TestReplies:
    def test_go_out_as_answers_and_come_back_to_their_ticket(self, room, outbox):
        room.mailbox()
        long = f"{'x' * 150}@example.com"
        first = room.take(mail(id=long, subject="Größe?", Cc="bea@example.com"))
        message = room.reply(first.ticket_id, "Size 40.")
        room.send(smtp(outbox.port))

        (sent,) = outbox.mails
        assert (sent["From"], sent["To"], sent["Cc"]) == (
            "The Shop <support@shop.example>",
            "ana@example.com",
            "bea@example.com",
        )
        assert (sent["Subject"], sent["In-Reply-To"]) == ("Re: Größe?", f"<{long}>")
        assert sent["References"] == f"<{long}>"
        assert sent["Message-ID"] == f"<{message.hex}@shop.example>"
        assert (sent["Auto-Submitted"], sent.get_content().strip()) == (None, "Size 40.")
        back = room.take(mail("Thanks!", id="back@x", to=sent["Reply-To"], subject="Re: x"))
        assert back.ticket_id == first.ticket_id
        assert room.outcome(sent.as_bytes()) == "own"
        assert [each.status for each in room.sent()] == [TicketSentState.SENT]
        assert room.messages()[1].sent_state is TicketSentState.SENT
        assert room.broken() == []

    def test_say_what_was_asked_without_reading_it_as_headers(self, room, outbox):
        # Encoded twice: read once, it is an encoded word that holds the end of the headers.
        hidden = (
            "=?utf-8?q?=3D=3Futf-8=3Fq=3F=3D0d=3D0aX-Evil:=5Fyes=3D0d=3D0a=3D0d=3D0aPay=3F=3D?="
        )
        room.mailbox()
        asked = room.take(mail(id=f"{hidden}@x", subject=hidden))
        room.reply(asked.ticket_id, "Size 40.")
        room.send(smtp(outbox.port))

        (sent,) = outbox.mails
        assert (sent["X-Evil"], sent["References"]) == (None, None)
        assert sent["Subject"] == "Re: = ?utf-8?q?=0d=0aX-Evil:_yes=0d=0a=0d=0aPay?="
        assert sent.get_content().strip() == "Size 40."

    @pytest.mark.parametrize(
        ("outcome", "minutes", "status", "failure"),
        [
            (MailOutcome.LATER, 0, "queued", None),
            (MailOutcome.LATER, 60 * 24 * 3 + 1, "failed", "expired"),
            (MailOutcome.REFUSED, 0, "failed", "refused"),
            (MailOutcome.UNCERTAIN, 0, "failed", "uncertain"),
        ],
    )
    def test_say_what_became_of_them(self, room, outcome, minutes, status, failure):
        room.mailbox()
        room.reply(room.take(mail()).ticket_id)
        room.send(Script(outcome), minutes)

        (sent,) = room.sent()
        assert (sent.status.value, sent.failure) == (status, failure)
        assert room.messages()[1].sent_state is sent.status
        if failure:
            room.world.run(resend_ticket_mail, ResendTicketMail(id=sent.id), now=room.now)
            script = Script()
            room.now += timedelta(minutes=1)
            room.send(script, minutes + 1)
            assert [each.correspondence.mail_id for each in script.mails] == [sent.mail_id]

    def test_do_not_go_out_of_a_clone(self, room):
        room.mailbox()
        room.reply(room.take(mail()).ticket_id)
        silence(room.world.database, room.now)
        script = Script()
        room.send(script)

        assert script.mails == []
        assert [each.status.value for each in room.sent()] == ["suppressed"]
        assert room.world.read(queries.active_mailboxes) == []
        assert room.broken() == []

    def test_go_to_nobody_in_a_circle(self, room):
        room.mailbox()
        room.mailbox("sales", "sales@shop.example")
        message = MessageDraft(body="x", author_email="sales@shop.example")
        id = room.world.run(open_ticket, OpenTicket(subject="x", message=message)).value
        room.reply(id)
        nobody = MessageDraft(body="x", author=TicketAuthor.CUSTOMER)
        room.reply(room.world.run(open_ticket, OpenTicket(subject="y", message=nobody)).value)
        script = Script()
        room.send(script)

        assert script.mails == []
        assert [each.failure for each in room.sent()] == ["own_address", "no_recipient"]
        assert [each.status.value for each in room.sent()] == ["suppressed", "suppressed"]

    def test_wait_while_their_mailbox_is_disabled(self, room):
        box = room.mailbox()
        room.reply(room.take(mail()).ticket_id)
        room.world.run(disable_mailbox, DisableMailbox(id=box))
        mailer = Script(MailOutcome.TAKEN)

        room.send(mailer)
        assert [each.status.value for each in room.sent()] == ["queued"]
        room.world.run(enable_mailbox, EnableMailbox(id=box))
        room.send(mailer)

        assert [each.status.value for each in room.sent()] == ["sent"]

    def test_without_a_mailbox_stay_in_the_house(self, room):
        message = MessageDraft(body="x", author_email="ana@example.com")
        id = room.world.run(open_ticket, OpenTicket(subject="x", message=message)).value
        room.reply(id)

        assert room.sent() == []
        assert room.messages()[1].sent_state is None

    def test_that_were_broken_off_are_uncertain(self, room):
        class Dies:
            def send(self, mail):
                raise KeyboardInterrupt

        room.mailbox()
        room.reply(room.take(mail()).ticket_id)
        with pytest.raises(KeyboardInterrupt):
            room.send(Dies())
        script = Script()
        room.send(script, 5)
        assert (script.mails, room.sent()[0].status.value) == ([], "sending")
        room.send(script, 11)

        assert script.mails == []
        assert room.sent()[0].failure == "uncertain"
        assert room.now == NOW + timedelta(minutes=11)
