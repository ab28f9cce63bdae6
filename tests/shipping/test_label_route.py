"""Labels over HTTP: fetched once by their address, without a token."""

from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.testclient import TestClient

from backoffice_api.domain.shipping.commands.labels import ReprintLabel, reprint_label
from backoffice_api.domain.shipping.model.shipments import LabelFormat
from backoffice_api.web.access_log import AccessLog
from backoffice_api.web.labels import Labels
from tests.shipping.desk import Desk


class TestLabels:
    def test_are_given_once(self, desk: Desk) -> None:
        id = desk.labelled()
        command = ReprintLabel(id=id, format=LabelFormat.ZPL)
        ticket = desk.run(reprint_label, command, now=datetime.now(UTC)).secret.reveal()
        routes = Labels(desk.world.database, desk.world.threads, desk.storage).routes()

        with TestClient(AccessLog(Starlette(routes=routes))) as client:
            looked = client.head(f"/labels/{ticket}")
            first = client.get(f"/labels/{ticket}")
            again = client.get(f"/labels/{ticket}")
            unknown = client.get("/labels/nothing")

        assert looked.status_code == 405
        assert first.status_code == 200
        assert first.headers["content-type"] == "application/zpl"
        assert first.headers["cache-control"] == "no-store"
        assert first.content.startswith(b"^XA")
        assert (again.status_code, unknown.status_code) == (404, 404)
        assert again.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
