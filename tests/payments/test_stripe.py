"""The gateway that speaks as Stripe does, against a small server on the loopback that does, too."""

import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from backoffice_api.adapters.payments_stripe import StripeGateway
from backoffice_api.adapters.signatures import is_signed, sign
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.payments.model.gateways import (
    CardFacts,
    DisputeNews,
    GatewayDispute,
    GatewayRefund,
    GatewayState,
    GatewayStatus,
)
from backoffice_api.domain.payments.ports import BadSignatureError, Charge, GatewayTroubleError

KEY = "pay_" + "1" * 32
NOW = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)
SECRET = "whsec_of_the_tests"
CHARGE = {
    "payment_method_details": {
        "card": {"brand": "visa", "last4": "4242", "exp_year": 2030, "exp_month": 5}
    }
}


def euros(minor):
    return Money(minor, "EUR")


def intent(status="requires_capture", **values):
    return {
        "object": "payment_intent",
        "id": "pi_1",
        "status": status,
        "currency": "eur",
        "amount": 1_000,
        "amount_capturable": 1_000 if status == "requires_capture" else 0,
        "amount_received": 1_000 if status == "succeeded" else 0,
        "metadata": {"key": KEY},
        "latest_charge": CHARGE,
        **values,
    }


class _Stripe(ThreadingHTTPServer):
    """Answers as it is told: by path, a status and what is answered, or how long it sleeps."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = {}
        self.asked = []
        self.released = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self._answer()

    def do_POST(self):
        self._answer()

    def log_message(self, *_):
        pass

    def _answer(self):
        parts = urlsplit(self.path)
        length = int(self.headers.get("content-length", 0))
        text = self.rfile.read(length).decode() or parts.query
        form = {name: values[0] for name, values in parse_qs(text).items()}
        self.server.asked.append((self.command, parts.path, form, dict(self.headers)))
        status, answer = self.server.answers[parts.path]
        if answer == "silence":
            self.server.released.wait(10)
            return
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        if status in (301, 302):
            self.send_header("location", "/v1/elsewhere")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="module")
def running():
    server = _Stripe()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    # A machine that is busy may be slow to answer; only for silence, somebody waits for the end.
    gateways = [StripeGateway(url, "sk_test_secret", SECRET, timeout_s=each) for each in (30, 0.5)]
    yield server, *gateways
    for each in gateways:
        each.close()
    server.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def server(running):
    running[0].answers.clear()
    running[0].asked.clear()
    return running[0]


@pytest.fixture
def gateway(running):
    return running[1]


@pytest.fixture
def hurried(running):
    return running[2]


def charge(**values):
    given = {"key": KEY, "amount": euros(1_000), "token": "pm_1", "capture": False}
    return Charge(**{**given, "reference": "W-1", **values})


class TestAsking:
    def test_authorises(self, server, gateway):
        server.answers["/v1/payment_intents"] = (200, intent())

        state = gateway.authorize(charge())

        assert state == GatewayState(
            key=KEY,
            reference="pi_1",
            status=GatewayStatus.OPEN,
            currency="EUR",
            authorized_minor=1_000,
            card=CardFacts("visa", "4242", "2030-05"),
        )
        ((method, path, form, headers),) = server.asked
        assert (method, path) == ("POST", "/v1/payment_intents")
        assert form == {
            "amount": "1000",
            "currency": "eur",
            "confirm": "true",
            "capture_method": "manual",
            "description": "W-1",
            "metadata[key]": KEY,
            "expand[]": "latest_charge",
            "payment_method": "pm_1",
        }
        assert headers["Idempotency-Key"] == KEY
        assert headers["Authorization"] == "Bearer sk_test_secret"

    def test_captures_voids_and_refunds(self, server, gateway):
        part = intent("succeeded", amount_received=600)
        refund = {
            "id": "re_1",
            "payment_intent": "pi_1",
            "status": "pending",
            "currency": "eur",
            "amount": 200,
            "metadata": {"key": "k3"},
        }
        server.answers = {
            "/v1/payment_intents/pi_1/capture": (200, part),
            "/v1/payment_intents/pi_1/cancel": (200, intent("canceled")),
            "/v1/refunds": (200, refund),
        }

        captured = gateway.capture("pi_1", euros(600), "k1")
        voided = gateway.void("pi_1", "k2")
        refunded = gateway.refund("pi_1", euros(200), "k3")

        # What was not captured is given up with it.
        assert (captured.status, captured.authorized_minor, captured.captured_minor) == (
            GatewayStatus.CANCELLED,
            1_000,
            600,
        )
        assert voided.status is GatewayStatus.CANCELLED
        assert (refunded.succeeded, refunded.key, refunded.amount_minor) == (None, "k3", 200)
        assert [each[3]["Idempotency-Key"] for each in server.asked] == ["k1", "k2", "k3"]

    def test_looks_for_what_was_done(self, server, gateway):
        of_other = {
            "id": "re_0",
            "payment_intent": "pi_1",
            "status": "succeeded",
            "currency": "eur",
            "amount": 1,
            "metadata": {},
        }
        ours = {**of_other, "id": "re_1", "metadata": {"key": "k"}}
        server.answers = {
            "/v1/payment_intents/search": (200, {"data": [intent()]}),
            "/v1/payment_intents/pi_1": (200, intent("succeeded")),
            "/v1/refunds": (200, {"data": [of_other, ours]}),
        }

        assert gateway.find(KEY, None).reference == "pi_1"
        assert gateway.find(KEY, "pi_1").captured_minor == 1_000
        assert gateway.find_refund("pi_1", "k").reference == "re_1"
        assert gateway.find_refund("pi_1", "other") is None
        assert server.asked[0][2]["query"] == f"metadata['key']:'{KEY}'"

    @pytest.mark.parametrize("status", [400, 404])
    def test_knows_nothing_where_a_look_up_is_refused(self, server, gateway, status):
        refusal = (status, {"error": {"type": "invalid_request_error"}})
        server.answers = dict.fromkeys(("/v1/payment_intents/search", "/v1/refunds"), refusal)

        with pytest.raises(GatewayTroubleError, match="of a look-up"):
            gateway.find(KEY, None)
        with pytest.raises(GatewayTroubleError, match="of a look-up"):
            gateway.find_refund("pi_1", "k")

    @pytest.mark.parametrize(
        ("error", "failure"),
        [
            ({"code": "card_declined", "decline_code": "stolen_card"}, "stolen_card"),
            (
                {
                    "code": "card_declined",
                    "payment_intent": intent(
                        "requires_payment_method", last_payment_error={"code": "card_declined"}
                    ),
                },
                "card_declined",
            ),
        ],
    )
    def test_is_refused(self, server, gateway, error, failure):
        server.answers["/v1/payment_intents"] = (402, {"error": error})

        state = gateway.authorize(charge())

        assert (state.status, state.failure) == (GatewayStatus.FAILED, failure)
        assert (state.key, state.authorized_minor, state.captured_minor) == (KEY, 0, 0)

    @pytest.mark.parametrize(
        "answer",
        [
            (200, "silence"),
            (500, {"error": {}}),
            (409, {"error": {}}),
            (429, {"error": {}}),
            (401, {"error": {"message": "sk_test_secret"}}),
            (302, {}),
            (200, b"<html>"),
            (200, b"[]"),
            (200, b"{}"),
            (200, {**intent(), "amount": "lots"}),
            (200, b" " * 1_000_001),
        ],
        ids=str,
    )
    def test_that_is_not_answered_is_trouble(self, server, gateway, hurried, answer):
        server.answers["/v1/payment_intents"] = answer

        with pytest.raises(GatewayTroubleError) as trouble:
            (hurried if answer[1] == "silence" else gateway).authorize(charge())

        assert "secret" not in str(trouble.value)
        assert len(server.asked) == 1

    @pytest.mark.parametrize(
        ("currency", "minor", "units"), [("JPY", 500, "500"), ("ISK", 500, "50000")]
    )
    def test_writes_amounts_as_stripe_does(self, server, gateway, currency, minor, units):
        server.answers["/v1/payment_intents"] = (402, {"error": {"code": "no"}})

        gateway.authorize(charge(amount=Money(minor, currency)))

        assert server.asked[0][2]["amount"] == units


class TestMessages:
    def read(self, gateway, thing):
        return gateway.read_event(json.dumps({"id": "evt_1", "data": {"object": thing}}).encode())

    def test_tell_states_refunds_and_disputes(self, gateway):
        action = {"redirect_to_url": {"url": "https://bank.example/3ds"}}
        waiting = self.read(gateway, intent("requires_action", next_action=action))
        refund = {
            "object": "refund",
            "id": "re_1",
            "payment_intent": "pi_1",
            "status": "failed",
            "currency": "eur",
            "amount": 5,
            "failure_reason": "expired_card",
        }
        dispute = {
            "object": "dispute",
            "id": "dp_1",
            "payment_intent": "pi_1",
            "status": "needs_response",
            "currency": "eur",
            "amount": 1_000,
            "reason": "fraudulent",
            "evidence_details": {"due_by": 1_740_823_200},
        }

        assert (waiting.status, waiting.action_url) == (
            GatewayStatus.REQUIRES_ACTION,
            "https://bank.example/3ds",
        )
        assert self.read(gateway, refund) == GatewayRefund(
            key=None,
            reference="re_1",
            payment_reference="pi_1",
            succeeded=False,
            currency="EUR",
            amount_minor=5,
            failure="expired_card",
        )
        assert self.read(gateway, dispute) == GatewayDispute(
            reference="dp_1",
            payment_reference="pi_1",
            news=DisputeNews.OPENED,
            currency="EUR",
            amount_minor=1_000,
            reason="fraudulent",
            respond_by=datetime(2025, 3, 1, 10, 0, tzinfo=UTC),
        )
        assert self.read(gateway, {"object": "customer"}) is None

    def test_that_lack_something_are_wrong(self, gateway):
        for body in (b"{}", b'{"data": 7}', b"[]"):
            with pytest.raises(ValueError, match="lacks"):
                gateway.read_event(body)

    def test_are_signed(self, gateway):
        body = b'{"id": "evt_1", "type": "payment_intent.succeeded"}'
        header = sign(SECRET, body, NOW)

        event = gateway.check_event({"stripe-signature": header}, body, NOW)

        assert (event.id, event.type) == ("evt_1", "payment_intent.succeeded")
        with pytest.raises(BadSignatureError):
            gateway.check_event({}, body, NOW)
        with pytest.raises(BadSignatureError):
            gateway.check_event({"stripe-signature": header}, body + b" ", NOW)

    @pytest.mark.parametrize(
        "header",
        [
            "",
            "t=1",
            "v1=00",
            "t=x,v1=00",
            "t=1,t=2,v1=0",
            f"t={'9' * 400},v1=0",
            "t=\u0661,v1=\xe9",
        ],
    )
    def test_that_are_not_are_told_apart(self, header):
        assert not is_signed(SECRET, header, b"", NOW)

    def test_that_are_too_old_are_not_taken(self):
        header = sign(SECRET, b"x", NOW)
        stamp = int(NOW.timestamp())

        for seconds, is_fresh in ((300, True), (301, False), (-300, True), (-301, False)):
            at = datetime.fromtimestamp(stamp + seconds, UTC)
            assert is_signed(SECRET, header, b"x", at) is is_fresh
