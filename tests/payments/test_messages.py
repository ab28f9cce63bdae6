"""The route by which gateways tell what happened. On both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from backoffice_api.adapters.payments_fake import FakeGateway
from backoffice_api.adapters.signatures import sign
from backoffice_api.domain.kernel.inbox import (
    BODIES_KEPT,
    BODY_BYTES_MAX,
    ForgetMessageBodies,
    InboxStatus,
    end,
    forget_bodies,
    inbox,
)
from backoffice_api.domain.kernel.jobs import jobs
from backoffice_api.tasks.payments import HANDLE_JOB, TOPIC
from backoffice_api.web.webhooks_in import WebhooksIn
from tests.world import NOW

PATH = "/webhooks/payments/fake"


@pytest.fixture
def gateway():
    return FakeGateway()


@pytest.fixture
def client(database, gateway):
    with ThreadPoolExecutor(1) as writing:
        route = WebhooksIn(database, writing, TOPIC, {"fake": gateway}, HANDLE_JOB, now=lambda: NOW)
        with TestClient(Starlette(routes=route.routes())) as client:
            yield client


def send(client, body, headers, path=PATH):
    given = {"content-type": "application/json", **headers}
    return client.post(path, content=body, headers=given)


def kept(database):
    with database.reading.connect() as db:
        return db.execute(select(inbox.c.event_id, inbox.c.body, inbox.c.status)).all()


def queued(database):
    with database.reading.connect() as db:
        return list(db.execute(select(jobs.c.kind)).scalars())


class TestRoute:
    def test_keeps_a_message_once(self, client, gateway, database):
        body, headers = gateway.message("evt_1", None, NOW)

        answers = [send(client, body, headers) for _ in range(3)]

        assert [(each.status_code, each.json()) for each in answers] == [
            (200, {"received": True})
        ] * 3
        assert kept(database) == [("evt_1", body.decode(), InboxStatus.RECEIVED)]
        assert queued(database) == [HANDLE_JOB]

    def test_takes_nothing_that_is_not_signed_now(self, client, gateway, database):
        body, headers = gateway.message("evt_1", None, NOW)
        _, old = gateway.message("evt_1", None, NOW - timedelta(seconds=301))
        other = FakeGateway(secret="other").message("evt_1", None, NOW)[1]

        answers = [
            send(client, body, {}),
            send(client, body, old),
            send(client, body, other),
            send(client, body + b" ", headers),
            send(client, body, headers, "/webhooks/payments/unknown"),
        ]

        assert [each.status_code for each in answers] == [400, 400, 400, 400, 404]
        assert (kept(database), queued(database)) == ([], [])

    def test_is_bounded(self, client, gateway, database):
        large = b" " * (BODY_BYTES_MAX + 1)

        assert send(client, large, {}).status_code == 413
        assert send(client, b"{}", {"content-type": "text/plain"}).status_code == 415
        assert client.get(PATH).status_code == 405
        assert kept(database) == []

    @pytest.mark.parametrize("body", [b"", b"[]", b'{"id": 7}', b"\xff", b'{"id": ""}'])
    def test_takes_no_garbage_though_it_is_signed(self, client, gateway, database, body):
        headers = {"fake-signature": sign(gateway.secret, body, NOW)}

        assert send(client, body, headers).status_code == 400
        assert kept(database) == []


class TestForgetting:
    def test_takes_old_bodies_of_what_is_handled(self, world, client, gateway, database):
        for name in ("old", "waiting"):
            send(client, *gateway.message(name, None, NOW))
        with database.writing.begin() as db:
            id = db.execute(select(inbox.c.id).where(inbox.c.event_id == "old")).scalar_one()

        def handle(uow, command):
            end(uow, id, InboxStatus.HANDLED)

        world.run(handle, ForgetMessageBodies())
        command = ForgetMessageBodies()
        assert world.run(forget_bodies, command, now=NOW + BODIES_KEPT).value == 0
        late = NOW + BODIES_KEPT + timedelta(seconds=1)
        assert world.run(forget_bodies, command, now=late).value == 1

        assert {name: body is None for name, body, _ in kept(database)} == {
            "old": True,
            "waiting": False,
        }
