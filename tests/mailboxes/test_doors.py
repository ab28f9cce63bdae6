"""Mails that come in over HTTP: signed, kept, and read as any other."""

import json
from uuid import UUID

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from backoffice_api.adapters.signatures import sign
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Caller
from backoffice_api.domain.mailboxes.model.letters import RAW_BYTES_MAX
from backoffice_api.domain.mailboxes.model.mailboxes import MailboxKind
from backoffice_api.web import mail_in
from backoffice_api.web.access_log import AccessLog
from backoffice_api.web.mail_in import MailIn
from backoffice_api.web.received_mails import ReceivedMails
from tests.mailboxes.room import mail
from tests.trust.callers import within
from tests.world import NOW, caller

SECRET = "a secret of the tests"
SECRETS = json.dumps({"form": {"webhook": SECRET}, "closed": {}, "gone": {"webhook": SECRET}})
TOLD = {
    "from": "Ana <ana@example.com>",
    "to": ["form@shop.example"],
    "subject": "Größe",
    "text": "Hello",
    "html": "<p>Hello</p>",
    "messageId": "<told@example.com>",
    "references": "<one@example.com>",
    "headers": {"Auto-Submitted": "no", "Content-Type": "text/evil"},
    "attachments": [{"name": "a.txt", "mediaType": "text/plain", "content": "eA=="}],
}


@pytest.fixture
def client(room):
    room.mailbox("form", "form@shop.example", MailboxKind.WEBHOOK)
    route = MailIn(room.desk, room.world.threads, SECRETS, lambda: NOW)
    with TestClient(Starlette(routes=route.routes())) as client:
        yield client


def send(client, body, kind="message/rfc822", secret=SECRET, code="form", at=NOW):
    headers = {"content-type": kind, "mail-signature": sign(secret, body, at)}
    return client.post(f"/webhooks/mail/{code}", content=body, headers=headers)


class TestReceivedMails:
    @pytest.mark.parametrize(
        ("scopes", "status"),
        [
            ((Scope.TICKETS_READ, Scope.PERSONAL_READ), 200),
            ((Scope.TICKETS_READ,), 403),
            ((Scope.PERSONAL_READ,), 403),
        ],
    )
    def test_are_given_as_they_came_to_who_may_see_people(self, room, scopes, status):
        async def authenticate(_: object) -> Caller:
            return caller(*scopes)

        room.mailbox()
        parked = room.take(b"no mail")
        noted: list[tuple[object, ...]] = []
        note = lambda *given: noted.append(given)  # noqa: E731
        route = ReceivedMails(room.desk, room.world.threads, authenticate, note)
        with TestClient(AccessLog(Starlette(routes=route.routes()))) as client:
            answer = client.get(f"/received-mails/{ids.text('rcm', parked.id)}")
            missing = client.get("/received-mails/rcm_0")

        assert (answer.status_code, missing.status_code) == (status, 404 if status == 200 else 403)
        assert (answer.content == b"no mail") is (status == 200)
        assert [each[3] for each in noted] == [ids.text("rcm", parked.id)] * (status == 200)
        if status == 200:
            assert answer.headers["content-disposition"].startswith("attachment")

    def test_of_tickets_out_of_reach_are_not_given(self, room):
        """Nor those of no ticket: whoever holds a part only cannot be told whose they are."""
        bounds = [within(teams=[UUID(int=1)])]

        async def authenticate(_: object) -> Caller:
            return bounds[-1]

        room.mailbox()
        ids_ = [ids.text("rcm", room.take(content).id) for content in (b"no mail", mail())]
        room.read()
        route = ReceivedMails(room.desk, room.world.threads, authenticate)
        with TestClient(AccessLog(Starlette(routes=route.routes()))) as client:
            refused = [client.get(f"/received-mails/{each}") for each in ids_]
            bounds.append(within())
            given = [client.get(f"/received-mails/{each}").status_code for each in ids_]
            missing = client.get(f"/received-mails/{ids.text('rcm', UUID(int=2))}")

        assert [each.status_code for each in refused] == [404, 404]
        assert refused[0].json() == missing.json()
        assert given == [200, 200]


class TestMailIn:
    def test_takes_raw_mails_and_told_ones_once(self, room, client):
        told = json.dumps(TOLD).encode()
        answers = [
            send(client, mail()),
            send(client, mail()),
            send(client, told, "application/json"),
            send(client, told, "application/json"),
        ]
        room.read()

        assert [each.json() for each in answers] == [
            {"received": True, "new": True},
            {"received": True, "new": False},
        ] * 2
        assert [each.outcome for each in room.received()] == ["opened", "answered"]
        message = room.messages()[1]
        assert (message.body, message.author_email) == ("Hello", "ana@example.com")
        assert room.received()[1].subject == "Größe"

    def test_reads_no_headers_in_what_is_told(self, room, client):
        told = TOLD | {"subject": "=?utf-8?q?=0d=0aX-Backoffice-Ticket:_x?="}

        send(client, json.dumps(told).encode(), "application/json")
        room.read()

        (received,) = room.received()
        assert received.outcome == "opened"
        assert received.subject == "= ?utf-8?q?=0d=0aX-Backoffice-Ticket:_x?="

    def test_keeps_nothing_of_what_is_wrong(self, room, client):
        late = NOW.replace(year=2024)
        answers = [
            send(client, mail(), secret="another secret"),
            send(client, mail(), at=late),
            client.post("/webhooks/mail/form", content=mail()),
            send(client, mail(), code="closed"),
            send(client, mail(), code="nobody"),
            send(client, mail(), code="gone"),
            send(client, b""),
            send(client, b"[]", "application/json"),
            send(client, b'{"from": 7}', "application/json"),
            send(client, b'{"from": "a@b.c", "attachments": [{}]}', "application/json"),
            send(client, b"x" * (RAW_BYTES_MAX + 1)),
        ]

        assert [each.status_code for each in answers] == [
            *[400, 400, 400, 404, 404, 404, 400, 400, 400, 400],
            413,
        ]
        assert (room.received(), room.files()) == ([], 0)

    def test_asks_to_try_again_when_it_cannot_be_kept(self, room, client, monkeypatch):
        def fails(*_: object) -> None:
            raise OSError("the disk is full")

        monkeypatch.setattr(room.desk.storage, "writing", fails)

        assert send(client, mail()).status_code == 503

    def test_holds_no_more_of_them_than_there_is_room_for(self, room, monkeypatch):
        monkeypatch.setattr(mail_in, "AT_ONCE_MAX", 1)
        route = MailIn(room.desk, room.world.threads, SECRETS, lambda: NOW)
        with TestClient(Starlette(routes=route.routes())) as client:
            with route._room.taken():
                full = send(client, mail())
            after = send(client, mail(), secret="another secret")

        assert (full.status_code, full.headers["retry-after"]) == (429, "10")
        assert after.status_code == 400
