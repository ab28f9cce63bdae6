"""What is made of mails: fetched, kept, read, threaded; nothing lost, nothing twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from backoffice_api.domain.mailboxes import queries
from backoffice_api.domain.mailboxes.commands.receiving import (
    DismissReceivedMail,
    RetryReceivedMail,
    dismiss_received_mail,
    retry_received_mail,
)
from backoffice_api.domain.mailboxes.model.addresses import signed_address
from backoffice_api.domain.mailboxes.model.mailboxes import MailboxKind
from backoffice_api.domain.mailboxes.model.received import ATTEMPTS_MAX, RAW_KEPT
from backoffice_api.domain.tickets.model.words import TicketSentState, TicketStatus
from backoffice_api.domain.tickets.queries import links_by_tickets
from backoffice_api.tasks.mailboxes import FETCHED_AT_ONCE, forget_old
from tests.mailboxes.room import mail
from tests.messages.post import Script
from tests.world import NOW

PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)
WITH_FILES = (
    b"From: Ana <ana@example.com>\r\nTo: support@shop.example\r\nSubject: Broken\r\n"
    b"Message-ID: <files@example.com>\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    b"--x\r\nContent-Type: text/html\r\n\r\n<p>Look:</p><script>bad()</script>\r\n"
    b'--x\r\nContent-Type: image/png; name="../a.png"\r\nContent-Disposition: attachment\r\n'
    b"Content-Transfer-Encoding: base64\r\n\r\n" + PNG.encode() + b"\r\n"
    b"--x\r\nContent-Type: application/zip; name=b.zip\r\n\r\nPK\r\n--x--\r\n"
)
BOUNCE = """\
From: MAILER-DAEMON@mx.example\r
To: support@shop.example\r
Subject: Undelivered\r
Message-ID: <bounce@mx.example>\r
Content-Type: multipart/report; report-type=delivery-status; boundary=x\r
\r
--x\r
\r
It did not arrive.\r
--x\r
Content-Type: message/delivery-status\r
\r
Reporting-MTA: dns; mx.example\r
\r
Final-Recipient: rfc822; ana@example.com\r
Action: failed\r
Status: 5.1.1\r
--x\r
Content-Type: text/rfc822-headers\r
\r
Message-ID: <{id}>\r
--x--\r
"""


class TestFetching:
    def test_keeps_a_mail_before_it_is_marked_and_reads_it_into_a_ticket(self, room):
        box = room.mailbox(done_folder="Done")
        uid = room.server.put(mail())

        assert room.fetch() is False
        assert room.server.moved == {uid: "Done"}
        assert [each.status.value for each in room.received()] == ["pending"]
        room.read()

        (received,) = room.received()
        (ticket,) = room.tickets()
        (message,) = room.messages()
        assert (received.outcome, received.ticket_id, received.message_id) == (
            "opened",
            ticket.id,
            message.id,
        )
        assert (ticket.subject, ticket.source.value) == ("My parcel", "email")
        assert (message.body, message.mail_id) == ("Where is my parcel?", "one@example.com")
        assert (message.author_name, message.author_email) == ("Ana", "ana@example.com")
        assert received.mailbox_id == box
        assert room.broken() == []

    def test_takes_what_comes_again_once(self, room):
        room.mailbox()
        room.server.put(mail())
        room.fetch()
        room.server.put(mail())
        room.fetch()
        room.server.put(mail(Received="from another way"))
        room.fetch()
        room.read()

        assert [each.outcome for each in room.received()] == ["opened", "repeated"]
        assert len(room.messages()) == 1
        assert room.server.waiting() == []

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"password": "wrong"}, "does not let us in"),
            ({"port": 1}, "ConnectionRefusedError"),
            ({"host": "imap.example.com"}, "Without TLS"),
            ({"host": ""}, "names no server for support"),
            ({"security": "tls"}, "SSL"),
        ],
    )
    def test_says_what_is_wrong_and_no_password(self, room, given, said):
        box = room.mailbox()
        room.fetch(**given)

        state = room.world.read(queries.states_by_mailboxes, [box])[box]
        assert said in state.trouble
        assert "sesame" not in state.trouble
        room.fetch()
        assert room.world.read(queries.states_by_mailboxes, [box])[box].trouble is None

    def test_loses_nothing_when_the_server_leaves(self, room):
        room.mailbox()
        room.server.put(mail())
        room.server.put(mail(id="two@example.com"))
        for command in ("LOGIN", "SELECT", "SEARCH", "FETCH", "STORE"):
            room.server.hangs_up_at = command
            room.fetch()
        room.server.hangs_up_at = None
        room.fetch()
        room.read()

        assert [each.outcome for each in room.received()] == ["opened", "opened"]
        assert room.server.waiting() == []

    def test_goes_on_behind_what_the_server_does_not_give(self, room):
        box = room.mailbox()
        kept = room.server.put(mail())
        room.server.put(mail(id="two@example.com"))
        room.server.keeps_back = {kept}

        assert room.fetch() is False

        assert len(room.received()) == 1
        assert room.server.waiting() == [kept]
        state = room.world.read(queries.states_by_mailboxes, [box])[box]
        assert state.trouble == "The server does not give 1 of its mails."

    def test_asks_again_at_once_only_while_something_is_new(self, room):
        room.server.capabilities = "IMAP4rev1"  # it cannot move: it copies and flags
        room.mailbox(done_folder="Done")
        for number in range(FETCHED_AT_ONCE):
            room.server.put(mail(id=f"{number}@x"))

        assert room.fetch() is True
        assert {tuple(sorted(each)) for each in room.server.flags.values()} == {
            (r"\Deleted", r"\Seen")
        }
        for flags in room.server.flags.values():
            flags.clear()
        assert room.fetch() is False
        assert len(room.received()) == FETCHED_AT_ONCE

    def test_keeps_only_the_beginning_of_what_is_too_large(self, room):
        room.mailbox()
        room.server.put(mail("x" * 100_000))
        room.server.claims = 20_000_000
        room.fetch()
        room.read()

        (received,) = room.received()
        assert (received.outcome, received.byte_size) == ("too_large", 20_000_000)
        assert [action.name for action in received.actions if action.allowed] == [
            "retry",
            "dismiss",
        ]
        assert room.server.waiting() == []


class TestConcurrency:
    def test_of_two_who_read_the_same_mail_one_makes_a_message(self, room):
        boxes = [room.mailbox(), room.mailbox("sales", "sales@shop.example")]
        for box in boxes:
            room.desk.keep(box, mail())
        first, second = (each.id for each in room.received())
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(room.reread, [first, second, first, second]))

        assert sorted(each.outcome for each in room.received()) == ["opened", "repeated"]
        assert (len(room.tickets()), len(room.messages())) == (1, 1)
        assert {each.message_id for each in room.received()} == {room.messages()[0].id}


class TestThreading:
    def test_follows_what_a_mail_answers(self, room):
        room.mailbox()
        first = room.take(mail())
        room.reply(first.ticket_id)
        room.send(Script())
        answer = room.sent()[0].mail_id
        found = [
            room.take(mail(id="a@x", References="<unknown@x> <one@example.com>")),
            room.take(mail(id="b@x", In_Reply_To=f"<{answer}>", sender="bob@example.com")),
            room.take(mail(id="c@x", subject="Re: My parcel")),
        ]

        assert [each.outcome for each in found] == ["answered", "opened", "opened"]
        assert found[0].ticket_id == first.ticket_id
        assert first.ticket_id not in {each.ticket_id for each in found[1:]}
        # What waited for the customer is open again.
        assert room.tickets()[0].status is TicketStatus.OPEN

    def test_believes_a_signed_address_and_no_other(self, room):
        room.mailbox()
        first = room.take(mail())
        key = room.desk.key()
        address = signed_address(key, "support@shop.example", first.ticket_id)
        forged = signed_address("00" * 32, "support@shop.example", first.ticket_id)

        right = room.take(mail(id="a@x", to=address.upper()))
        wrong = room.take(mail(id="b@x", to=forged))

        assert (right.outcome, right.ticket_id) == ("answered", first.ticket_id)
        assert wrong.outcome == "opened"

    def test_keeps_a_stranger_from_taking_a_mail_id(self, room):
        room.mailbox()
        room.take(mail(sender="mallory@example.com"))

        assert room.outcome(mail()) == "opened"
        assert room.messages()[1].mail_id.endswith("@received.invalid")

    def test_lets_no_stranger_into_a_ticket_by_its_mail_id(self, room):
        room.mailbox()
        first = room.take(mail())
        known = room.take(mail(id="two@x", In_Reply_To="<one@example.com>"))

        strange = room.take(
            mail("Pay me.", id="three@x", sender="mal@x.example", In_Reply_To="<one@example.com>")
        )
        away = room.take(
            mail(
                id="four@x",
                sender="list@x.example",
                In_Reply_To="<one@example.com>",
                Precedence="bulk",
            )
        )

        reply = room.take(
            mail(
                id="five@x",
                sender="mal@x.example",
                In_Reply_To="<one@example.com>",
                Auto_Submitted="auto-replied",
            )
        )

        assert (known.outcome, known.ticket_id) == ("answered", first.ticket_id)
        assert (strange.outcome, away.outcome) == ("opened", "automatic")
        assert (reply.outcome, reply.ticket_id) == ("automatic", None)
        assert strange.ticket_id != first.ticket_id
        (link,) = room.world.read(links_by_tickets, [strange.ticket_id])[strange.ticket_id]
        assert (link.subject_kind, link.subject_id) == ("tic", first.ticket_id)

    def test_marks_what_is_quoted_and_keeps_files_apart(self, room):
        room.mailbox()
        quoted = room.take(mail("Thanks!\r\n\r\nOn Monday Bea wrote:\r\n> Tomorrow."))
        files = room.take(WITH_FILES)

        message = room.messages()[0]
        assert message.body[: quoted.quoted_from].strip() == "Thanks!"
        assert room.messages()[1].body == "Look:"
        from backoffice_api.domain.mailboxes import queries
        from backoffice_api.domain.media.queries import files_by_subjects

        picture, archive = room.world.read(queries.parts_by_mails, [files.id])[files.id]
        (kept,) = room.world.read(files_by_subjects, [files.message_id])[files.message_id]
        assert (picture.file_id, picture.fault) == (kept.id, "")
        assert (archive.name, archive.file_id) == ("b.zip", None)
        assert "PNG" in archive.fault
        assert "/" not in picture.name


class TestPrograms:
    @pytest.mark.parametrize(
        ("headers", "outcome"),
        [
            ({"Auto_Submitted": "auto-replied"}, "automatic"),
            ({"Precedence": "bulk"}, "automatic"),
            ({"List_Id": "<news.example>"}, "automatic"),
            ({"Return_Path": "<>"}, "automatic"),
            ({"X_Autoreply": "yes"}, "automatic"),
            ({"subject": "Out of office: My parcel"}, "automatic"),
            ({"sender": "mailer-daemon@x.example"}, "automatic"),
            ({"sender": "support@shop.example"}, "own"),
            ({"sender": "Support+abc@SHOP.example"}, "own"),
            ({"X_Backoffice_Ticket": "1"}, "own"),
            ({"Auto_Submitted": "no"}, "opened"),
        ],
    )
    def test_open_no_tickets(self, room, headers, outcome):
        room.mailbox()

        assert room.outcome(mail(**headers)) == outcome

    def test_are_noted_where_they_answer(self, room):
        room.mailbox()
        first = room.take(mail())
        room.reply(first.ticket_id)
        away = {"Auto_Submitted": "auto-replied", "References": "<one@example.com>"}

        assert room.outcome(mail(id="away@x", **away)) == "noted"
        assert room.messages()[-1].visibility.value == "internal"
        assert room.tickets()[0].status is TicketStatus.PENDING_CUSTOMER

    def test_tell_that_a_mail_came_back(self, room):
        room.mailbox()
        room.reply(room.take(mail()).ticket_id)
        room.send(Script())
        sent = room.sent()[0]

        assert room.outcome(BOUNCE.format(id=sent.mail_id).encode()) == "bounced"
        assert room.sent()[0].failure == "bounced"
        assert room.messages()[1].sent_state is TicketSentState.FAILED
        assert room.messages()[2].body.startswith("Undelivered\n\nIt did not arrive.")
        assert room.broken() == []

    def test_are_taken_when_a_person_wants_it(self, room):
        room.mailbox()
        ignored = room.take(mail(Precedence="bulk"))
        room.world.run(retry_received_mail, RetryReceivedMail(id=ignored.id))
        room.read()

        assert room.received()[0].outcome == "opened"

    def test_are_stopped_when_a_sender_floods(self, room, monkeypatch):
        monkeypatch.setattr("backoffice_api.domain.mailboxes.commands.reading.FROM_SENDER_MAX", 2)
        room.mailbox()
        found = [room.outcome(mail(id=f"{number}@x")) for number in range(3)]

        assert found == ["opened", "opened", "too_often"]


class TestPoison:
    def test_is_parked_with_a_reason_and_tried_again_or_dismissed(self, room):
        room.mailbox()
        parked = room.take(b"\x00\xff no mail at all")

        assert (parked.outcome, parked.status.value) == ("unreadable", "parked")
        assert "headers" in parked.reason
        room.world.run(retry_received_mail, RetryReceivedMail(id=parked.id))
        room.read()
        assert room.received()[0].outcome == "unreadable"
        room.world.run(dismiss_received_mail, DismissReceivedMail(id=parked.id))
        assert room.received()[0].outcome == "dismissed"

    def test_that_kills_its_readers_is_parked_in_the_end(self, room, monkeypatch):
        def dies(raw: bytes) -> None:
            raise MemoryError

        room.mailbox()
        room.desk.keep(room.world.read(_boxes)[0].id, mail())
        id = room.received()[0].id
        from backoffice_api.tasks.mailboxes import ReadMails

        read = ReadMails(room.desk, room.media)
        with monkeypatch.context() as patch:
            patch.setattr("backoffice_api.tasks.mailboxes.read_mail", dies)
            for _ in range(ATTEMPTS_MAX):
                with pytest.raises(MemoryError):
                    read(id)
            read(id)
        assert room.received()[0].outcome == "too_many_tries"

        room.world.run(retry_received_mail, RetryReceivedMail(id=id))
        read(id)
        assert room.received()[0].outcome == "opened"

    def test_is_kept_until_somebody_decides_and_others_for_a_while(self, room):
        room.mailbox()
        room.take(mail())
        room.take(b"no mail")
        assert room.files() == 2

        room.at(NOW + RAW_KEPT + timedelta(minutes=1))
        assert forget_old(room.desk) is False

        assert [each.is_kept for each in room.received()] == [False, True]
        assert room.files() == 1

    def test_is_not_kept_anew_when_it_comes_again_later(self, room):
        box = room.mailbox()
        room.take(mail())
        room.at(NOW + RAW_KEPT + timedelta(minutes=1))
        forget_old(room.desk)

        assert room.desk.keep(box, mail()) is False

        assert room.files() == 0


class TestChannels:
    def test_go_the_same_way_in_and_out(self, room):
        box = room.mailbox("chat", "chat@shop.example", MailboxKind.FAKE_CHANNEL)
        folder = room.folder / "chat"
        folder.mkdir()
        lines = [
            '{"id": "1", "conversation": "c7", "authorName": "Ana", "text": "Hello?", '
            '"sentAt": "2025-03-01T09:00:00+00:00"}',
            '{"id": "2", "conversation": "c7", "text": "Anybody?", '
            '"sentAt": "2025-03-01T09:01:00+00:00"}',
        ]
        (folder / "inbox.jsonl").write_text("\n".join(lines))

        for _ in range(2):
            room.fetch()
        room.read()
        (ticket,) = room.tickets()
        room.reply(ticket.id, "Here.")
        room.send(None)

        assert [each.outcome for each in room.received()] == ["opened", "answered"]
        assert ticket.source.value == "chat"
        assert (ticket.subject, {each.mailbox_id for each in room.received()}) == ("Hello?", {box})
        assert '"conversation": "c7", "text": "Here."' in (folder / "outbox.jsonl").read_text()
        assert room.sent()[0].status is TicketSentState.SENT


def _boxes(db):
    from backoffice_api.domain.mailboxes import queries

    return queries.active_mailboxes(db)
