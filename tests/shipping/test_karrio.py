"""karrio, spoken to as it is: its connector for EasyPost, against a server on loopback."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from backoffice_api.adapters.carriers.finding import KnownCarriers
from backoffice_api.domain.shipping import queries
from backoffice_api.domain.shipping.commands.labels import (
    BuyLabel,
    VoidLabel,
    buy_label,
    void_label,
)
from backoffice_api.domain.shipping.commands.quotes import CreateRateQuote, create_rate_quote
from backoffice_api.domain.shipping.model.carriers import CarrierKind
from backoffice_api.domain.shipping.model.quotes import Destination, QuoteStatus
from backoffice_api.domain.shipping.model.shipments import LabelFormat, ShipmentStatus
from tests.shipping.desk import Desk

RATE = {
    "id": "rate_1",
    "service": "Priority",
    "carrier": "USPS",
    "rate": "7.58",
    "currency": "EUR",
    "delivery_days": 2,
}
LABEL = b"%PDF-1.4 a label"


class Server(HTTPServer):
    """Answers as EasyPost does; `failing`: status to answer a purchase with, 0 for a cut line."""

    failing: int | None = None

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.asked: list[tuple[str, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Answers(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.path, json.loads(body or b"{}")))
        if self.path.endswith("/refund"):
            self.connection.close()
        elif self.path.endswith("/buy"):
            if self.server.failing == 0:
                self.connection.close()
                return
            if self.server.failing:
                error = {"error": {"code": "ADDRESS.INVALID", "message": "Nobody lives there"}}
                self._send(self.server.failing, error)
                return
            bought = {
                "id": "shp_1",
                "tracking_code": "9400100000000000000000",
                "selected_rate": RATE,
                "postage_label": {
                    "label_file_type": "application/pdf",
                    "label_url": f"{self.server.url}/label",
                },
            }
            self._send(200, bought)
        else:
            self._send(200, {"id": "shp_1", "rates": [RATE]})

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(LABEL)

    def log_message(self, *_: object) -> None:
        """Nothing is said."""

    def _send(self, status: int, answer: Any) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())


@pytest.fixture
def easypost(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    # Its way to PDF files is deprecated, which is no concern of ours.
    pytest.importorskip("karrio.sdk", exc_type=ImportError)
    settings = pytest.importorskip("karrio.mappers.easypost.settings").Settings
    server = Server()
    monkeypatch.setattr(settings, "server_url", property(lambda _: server.url))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def connected(desk: Desk) -> Any:
    """A service of a carrier over karrio."""
    desk.carriers = KnownCarriers(desk.folder, '{"EP": {"api_key": "EZ-secret"}}')
    id = desk.new_carrier("EP", CarrierKind.KARRIO, connector="easypost")
    return desk.new_service(id, "easypost_usps_priority")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
class TestKarrio:
    def test_tells_prices(self, desk: Desk, easypost: Server) -> None:
        service = connected(desk)
        to = Destination(country="BR", postal_code="01304-001", city="São Paulo")
        asked = CreateRateQuote(currency="EUR", destination=to, weight_g=800)

        quote = desk.run(create_rate_quote, asked)
        desk.work()

        assert desk.world.read(queries.quotes_by_ids, [quote])[quote].status is QuoteStatus.READY
        found = desk.world.read(queries.candidates_by_quotes, [quote])[quote]
        assert {each.service_id: each.total_minor for each in found} == {
            desk.service: 500,
            service: 758,
        }

    def test_sells_a_label(self, desk: Desk, easypost: Server) -> None:
        id = desk.ship(connected(desk))
        desk.run(buy_label, BuyLabel(id=id))

        desk.work()

        found = desk.shipment(id)
        assert (found.status, found.tracking_number) == (
            ShipmentStatus.LABELLED,
            "9400100000000000000000",
        )
        assert found.carrier_reference == "shp_1"
        (label,) = desk.world.read(queries.labels_by_shipments, [id])[id]
        assert label.format is LabelFormat.PDF
        assert desk.storage.read(label.key) == LABEL
        path, sent = easypost.asked[0]
        assert path == "/shipments"
        assert sent["shipment"]["parcel"]["weight"] == pytest.approx(28.22, abs=0.01)  # ounces

    def test_says_no(self, desk: Desk, easypost: Server) -> None:
        easypost.failing = 422
        id = desk.ship(connected(desk))
        desk.run(buy_label, BuyLabel(id=id))

        desk.work()

        found = desk.shipment(id)
        assert found.status is ShipmentStatus.FAILED
        assert "Nobody lives there" in (found.trouble or "")

    def test_leaves_what_was_cut_off_to_a_person(self, desk: Desk, easypost: Server) -> None:
        easypost.failing = 0
        id = desk.ship(connected(desk))
        desk.run(buy_label, BuyLabel(id=id))

        desk.work()
        desk.work()

        assert desk.shipment(id).status is ShipmentStatus.UNCLEAR
        assert [path for path, _ in easypost.asked].count("/shipments/shp_1/buy") == 1

    def test_asks_once_to_take_a_label_back(self, desk: Desk, easypost: Server) -> None:
        id = desk.ship(connected(desk))
        desk.run(buy_label, BuyLabel(id=id))
        desk.work()

        desk.run(void_label, VoidLabel(id=id))
        desk.work()
        desk.work()

        found = desk.shipment(id)
        assert found.status is ShipmentStatus.LABELLED
        assert (found.trouble or "").startswith("No answer, it may be done: ask the carrier.")
        assert [path for path, _ in easypost.asked].count("/shipments/shp_1/refund") == 1

    def test_says_what_is_not_installed(self, desk: Desk) -> None:
        desk.carriers = KnownCarriers(desk.folder, '{"XX": {}}')
        id = desk.new_carrier("XX", CarrierKind.KARRIO, connector="no_such_carrier")
        shipment = desk.ship(desk.new_service(id, "any"))
        desk.run(buy_label, BuyLabel(id=shipment))

        desk.work()

        found = desk.shipment(shipment)
        assert found.status is ShipmentStatus.FAILED
        assert "karrio-no-such-carrier" in (found.trouble or "")
