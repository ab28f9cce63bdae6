"""All that is known of a person is in the export, and in no other column."""

from datetime import timedelta
from pathlib import Path

import orjson
from starlette.applications import Starlette
from starlette.testclient import TestClient

from backoffice_api.adapters.storage import LocalFolder, Storage
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.personal import PersonalClass, class_of, personal_columns
from backoffice_api.domain.privacy import queries
from backoffice_api.domain.privacy.commands.erasing import EraseCustomer, erase_customer
from backoffice_api.domain.privacy.commands.exporting import (
    ExpireExports,
    expire_exports,
    key_of,
)
from backoffice_api.domain.privacy.model.exports import ExportFormat
from backoffice_api.domain.privacy.queries.registry import places
from backoffice_api.domain.privacy.queries.statement import parts
from backoffice_api.tasks.privacy import RemoveFiles, WriteExport
from backoffice_api.web.exports import PersonExports
from tests.privacy.household import NAME, Household
from tests.privacy.planting import EMAIL, TOKEN
from tests.world import NOW, World

EXPORT = """
mutation ($id: ID!, $request: ID) {
  customerExport(input: {customerId: $id, requestId: $request}) {
    export { id status } userErrors { code path }
  }
}"""
OPEN = """
mutation ($id: ID!) {
  privacyRequestOpen(
    input: {customerId: $id, kind: ACCESS, regime: LGPD, receivedOn: "2025-02-20"}
  ) {
    request { id dueOn status }
  }
}"""
DOWNLOAD = """
mutation ($id: ID!) {
  personExportDownload(id: $id, input: {format: JSON}) { path userErrors { code } }
}"""
SEEN = """
query ($id: ID!) {
  personExport(id: $id) { status rows jsonBytes pdfBytes expiresAt request { status } }
}"""


class TestStatement:
    def test_shows_every_personal_column(self) -> None:
        shown = {(part.place.name, each.name) for part in parts() for each in part.columns}
        personal = {
            (place.name, each.name)
            for place in places()
            for each in personal_columns(place.table)
            if class_of(each) is not PersonalClass.STAFF
        }

        assert personal - shown == set()


class TestExport:
    async def test_is_written_fetched_and_removed(self, world: World, tmp_path: Path) -> None:
        house = Household(world)
        customer = ids.text("cus", house.zuleika)
        asked = (await world.graphql(OPEN, id=customer))["privacyRequestOpen"]["request"]
        given = {"id": customer, "request": asked["id"]}
        made = (await world.graphql(EXPORT, **given))["customerExport"]["export"]
        id = ids.parse("pvx", made["id"])
        storage = LocalFolder(tmp_path)

        def storages(name: str) -> Storage:
            return LocalFolder(tmp_path) if name == "privacy" else LocalFolder(tmp_path / name)

        early = await world.graphql(DOWNLOAD, id=made["id"])
        WriteExport(world.database, storage, lambda: NOW)(id)

        assert asked["dueOn"] == "2025-03-07"
        refused = early["personExportDownload"]["userErrors"]
        assert refused == [{"code": "EXPORT_NOT_THERE"}]
        seen = (await world.graphql(SEEN, id=made["id"]))["personExport"]
        assert (seen["status"], seen["request"]) == ("READY", {"status": "DONE"})
        with storage.local(key_of(id, ExportFormat.JSON)) as path:
            told = orjson.loads(path.read_bytes())
        of = {each["place"]: each["rows"] for each in told["places"]}
        assert [each["name"] for each in of["customers"]] == [NAME]
        assert {each["email"].lower() for each in of["orders"]} == {EMAIL}
        assert len(of["orders"]) == 3
        assert [each["note"] for each in of["return_lines"]] == [f"{TOKEN} says it is broken"]
        assert "ana@example.org" not in orjson.dumps(told).decode()
        assert sum(len(rows) for rows in of.values()) == seen["rows"]
        with storage.local(key_of(id, ExportFormat.PDF)) as path:
            assert path.read_bytes().startswith(b"%PDF")

        path_of = (await world.graphql(DOWNLOAD, id=made["id"]))["personExportDownload"]["path"]
        door = PersonExports(world.database, world.threads, storage)
        client = TestClient(Starlette(routes=door.routes()))
        fetched = client.get(path_of)
        assert (fetched.status_code, fetched.json()) == (200, told)
        assert fetched.headers["cache-control"] == "no-store"
        assert client.get(f"{path_of[:-1]}!").status_code == 404
        world.run(erase_customer, EraseCustomer(customer_id=house.zuleika))
        RemoveFiles(world.database, storages, lambda: NOW)()

        assert _files(tmp_path) == []
        assert client.get(path_of).status_code == 404
        assert world.read(queries.doomed, 10) == []
        assert world.run(expire_exports, ExpireExports(), now=NOW + timedelta(days=8)).value == 0


def _files(folder: Path) -> list[Path]:
    return [each for each in folder.rglob("*") if each.is_file()]
