"""Messages of those who tell of parcels, and asking them. On both databases."""

import hmac
import json
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from backoffice_api.adapters.signatures import sign
from backoffice_api.adapters.tracking_http import (
    ANSWER_BYTES_MAX,
    EasyPostSource,
    ShippoSource,
)
from backoffice_api.adapters.tracking_webhooks import EasyPostSigner, ShippoSigner
from backoffice_api.domain.kernel.inbox import inbox
from backoffice_api.domain.kernel.jobs import jobs
from backoffice_api.domain.tracking.commands.asking import HANDLE_JOB, POLLED_EVERY
from backoffice_api.domain.tracking.ports import SourceFailsError
from backoffice_api.domain.tracking.tables import tracking_polls
from backoffice_api.settings import Settings
from backoffice_api.tasks.tracking import TrackingWork, sources_from
from backoffice_api.web.webhooks_in import WebhooksIn
from tests.tracking.hall import at, told
from tests.tracking.test_tracking_adapters import TRACK, TRACKER
from tests.world import NOW

SECRET = "a secret of the tests"


class Desk:
    """The route for messages, and the worker that handles them."""

    def __init__(self, hall, sources=None):
        self.hall = hall
        database = hall.world.database
        signers = {
            "easypost": EasyPostSigner(SECRET),
            "shippo": ShippoSigner(SECRET),
            "closed": EasyPostSigner(None),
        }
        threads = hall.world.threads
        webhooks = WebhooksIn(
            database, threads.writing, "tracking", signers, HANDLE_JOB, now=lambda: NOW
        )
        self.client = TestClient(Starlette(routes=webhooks.routes()))
        self.work = TrackingWork(database, sources or {}, lambda: NOW)

    def easypost(self, event, secret=SECRET, provider="easypost"):
        body = json.dumps(event).encode()
        digest = hmac.new(secret.encode(), body, sha256).hexdigest()
        headers = {"X-Hmac-Signature": f"hmac-sha256-hex={digest}"}
        return self._post(provider, body, headers)

    def shippo(self, event, when=NOW):
        body = json.dumps(event).encode()
        headers = {"Shippo-Auth-Signature": sign(SECRET, body, when)}
        return self._post("shippo", body, headers)

    def handle(self):
        """Do all jobs that were made by messages, twice each."""
        with self.hall.world.database.reading.connect() as db:
            statement = select(jobs.c.payload).where(jobs.c.kind == HANDLE_JOB)
            payloads = list(db.execute(statement).scalars())
        for payload in payloads:
            self.work.handle(UUID(payload["inbox_id"]))
            self.work.handle(UUID(payload["inbox_id"]))

    def kept(self):
        with self.hall.world.database.reading.connect() as db:
            rows = db.execute(select(inbox.c.provider, inbox.c.status).order_by(inbox.c.id))
            return [f"{row.provider} {row.status.value}" for row in rows]

    def _post(self, provider, body, headers):
        headers = {"content-type": "application/json", **headers}
        path = f"/webhooks/tracking/{provider}"
        return self.client.post(path, content=body, headers=headers).status_code


@pytest.fixture
def desk(hall):
    return Desk(hall)


class TestMessages:
    def test_are_kept_and_taken_over_once_however_often_they_are_sent(self, hall, desk):
        event = {"id": "evt_1", "description": "tracker.updated", "result": TRACKER}

        assert [desk.easypost(event) for _ in range(3)] == [200, 200, 200]
        desk.handle()

        assert hall.tracking("EZ1").event_count == 1
        assert desk.kept() == ["easypost handled"]

    def test_of_shippo_are_named_by_what_they_say(self, hall, desk):
        event = {"event": "track_updated", "data": TRACK}

        assert [desk.shippo(event), desk.shippo(event)] == [200, 200]
        desk.handle()

        assert hall.tracking("92").state == "out_for_delivery"
        assert desk.kept() == ["shippo handled"]

    def test_are_refused_without_the_right_signature(self, desk):
        event = {"id": "evt_1", "result": TRACKER}

        assert desk.easypost(event, secret="another one") == 400
        assert desk.easypost(event, provider="closed") == 400
        assert desk.easypost(event, provider="nobody") == 404
        assert desk.shippo(event, when=NOW - timedelta(hours=1)) == 400
        assert desk.kept() == []

    def test_that_make_no_sense_are_kept_and_said_to_be_so(self, hall, desk):
        assert desk.easypost({"id": "evt_1", "result": {"object": "Batch"}}) == 200
        assert desk.easypost({"result": TRACKER}) == 400

        desk.handle()

        assert desk.kept() == ["easypost unknown"]
        assert hall.events() == []


class Script:
    """A source that answers by a script."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def ask(self, carrier, numbers):
        self.asked += numbers
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class TestPoll:
    def test_asks_about_parcels_under_way_until_they_arrive(self, hall):
        hall.follow("N1")
        source = Script([told("in_transit/x")], [told("delivered/x")])
        hours = POLLED_EVERY.total_seconds() / 3600

        for passed in (0, 1, hours, 3 * hours):
            TrackingWork(hall.world.database, {"usps": source}, lambda: at(passed)).poll()  # noqa: B023

        assert source.asked == ["N1", "N1"]
        assert hall.tracking().state == "delivered"
        with hall.world.database.reading.connect() as db:
            assert db.execute(select(tracking_polls)).all() == []
        assert hall.broken() == []

    def test_leaves_a_source_that_fails_alone_and_asks_it_again_later(self, hall):
        hall.follow("N1")
        hall.follow("N2")
        source = Script(SourceFailsError("no"), [], [])
        work = TrackingWork(hall.world.database, {"usps": source}, lambda: NOW)

        work.poll()
        assert len(source.asked) == 1

        work.poll()
        assert sorted(source.asked[1:]) == ["N1", "N2"]

    def test_asks_nobody_about_other_carriers(self, hall):
        hall.follow("N1")
        source = Script()

        assert TrackingWork(hall.world.database, {"ups": source}, lambda: NOW).poll() is False
        assert source.asked == []


class TestSources:
    def answering(self, kind, status, content):
        seen = []

        def answer(request):
            seen.append(request)
            return httpx2.Response(status, content=content)

        return kind(SECRET, "https://example.com", transport=httpx2.MockTransport(answer)), seen

    def test_easypost_is_asked_by_the_number(self):
        content = json.dumps(TRACKER).encode()
        source, seen = self.answering(EasyPostSource, 201, content)

        (event,) = source.ask("usps", ["EZ1"])

        assert (event.carrier, event.number) == ("usps", "EZ1")
        assert json.loads(seen[0].content) == {
            "tracker": {"tracking_code": "EZ1", "carrier": "usps"}
        }

    def test_shippo_is_asked_by_the_number_and_nothing_else(self):
        source, seen = self.answering(ShippoSource, 200, json.dumps(TRACK).encode())

        (event,) = source.ask("usps", ["92/../../x?a=b"])

        assert event.source == "shippo"
        assert seen[0].url.path == "/tracks/usps/92xab"
        assert seen[0].headers["authorization"] == f"ShippoToken {SECRET}"

    def test_know_nothing_of_a_number_that_is_unknown_there(self):
        source, _ = self.answering(ShippoSource, 404, b"{}")

        assert source.ask("usps", ["1"]) == []

    @pytest.mark.parametrize(
        ("status", "content"),
        [
            (500, b"{}"),
            (302, b"{}"),
            (401, b"{}"),
            (200, b"no json"),
            (200, b"[]"),
            (200, b"[" * 100_000),
            (200, b'{"object": "Batch"}'),
            (200, b"x" * (ANSWER_BYTES_MAX + 1)),
        ],
    )
    @pytest.mark.parametrize("kind", [EasyPostSource, ShippoSource])
    def test_fail_where_the_answer_makes_no_sense(self, kind, status, content):
        source, _ = self.answering(kind, status, content)

        with pytest.raises(SourceFailsError):
            source.ask("usps", ["1"])

    def test_are_set_by_carrier(self):
        settings = Settings(easypost_api_secret=SECRET, easypost_carriers="USPS, ups,")

        assert sorted(sources_from(settings)) == ["ups", "usps"]
        assert sources_from(Settings()) == {}
