"""Files over HTTP: brought and fetched once, by who has the ticket. On both databases."""

import hashlib

import pytest

from backoffice_api.adapters.storage import LocalFolder
from tests.bulk.desk import Desk

UPLOAD = """
mutation ($input: BulkUploadCreateInput!, $meta: MutationMeta) {
  bulkUploadCreate(input: $input, meta: $meta) {
    path file { id name format status } userErrors { code path } replayed
  }
}
"""
FILE = "query ($id: ID!) { node(id: $id) { ... on StoredFile { status sizeBytes sha256 } } }"
EXPORTED = """
mutation ($input: BulkExportCreateInput!) { bulkExportCreate(input: $input) { bulkExport { id } } }
"""
DOWNLOAD = """
mutation ($id: ID!) { bulkExportDownload(id: $id) { path userErrors { code } } }
"""


def left_over(desk: Desk) -> list[str]:
    """Everything in the storage."""
    return [str(each) for each in desk.storage._folder.rglob("*") if each.is_file()]


class TestUpload:
    async def test_is_announced_then_sent_once(self, desk):
        answer = (await desk.world.graphql(UPLOAD, input={"name": "a.csv"}))["bulkUploadCreate"]
        content = b"sku,title\nA,A\n"

        first = desk.client.put(answer["path"], content=content)
        second = desk.client.put(answer["path"], content=b"other")

        assert (first.status_code, second.status_code) == (201, 404)
        id = answer["file"]["id"]
        assert first.json() == {"id": id, "sizeBytes": len(content)}
        assert (await desk.world.graphql(FILE, id=id))["node"] == {
            "status": "STORED",
            "sizeBytes": str(len(content)),
            "sha256": hashlib.sha256(content).hexdigest(),
        }

    async def test_has_an_address_that_is_shown_this_once(self, desk):
        given = {"input": {"name": "a.xlsx"}, "meta": {"idempotencyKey": "k"}}
        first = (await desk.world.graphql(UPLOAD, **given))["bulkUploadCreate"]
        again = (await desk.world.graphql(UPLOAD, **given))["bulkUploadCreate"]

        assert first["path"].startswith("/files/")
        assert len(first["path"]) == len("/files/") + 43
        assert (again["path"], again["replayed"]) == (None, True)
        assert again["file"] == first["file"]

    async def test_of_an_unknown_kind_is_refused(self, desk):
        answer = (await desk.world.graphql(UPLOAD, input={"name": "a.pdf"}))["bulkUploadCreate"]

        assert answer["userErrors"] == [{"code": "UNKNOWN_FORMAT", "path": ["input", "name"]}]

    @pytest.mark.parametrize("declared", [True, False])
    def test_that_is_too_large_leaves_nothing(self, desk, declared):
        _, path = desk.announce("a.csv")
        content = b"x" * 1_000_001

        sent = desk.client.put(path, content=content if declared else iter([content]))

        assert sent.status_code == 413
        assert left_over(desk) == []

    def test_after_its_time_is_refused(self, desk):
        _, path = desk.announce("a.csv")
        desk.wait(minutes=15)

        assert desk.client.put(path, content=b"x").status_code == 404

    @pytest.mark.parametrize("path", ["/files/x", "/files/..%2f..%2fetc", "/files/"])
    def test_without_a_ticket_is_refused(self, desk, path):
        assert desk.client.put(path, content=b"x").status_code == 404
        assert desk.client.get(path).status_code == 404
        assert left_over(desk) == []


class TestDownload:
    async def test_is_fetched_once_under_its_name(self, desk):
        answer = await desk.world.graphql(EXPORTED, input={"kind": "STOCK"})
        id = answer["bulkExportCreate"]["bulkExport"]["id"]
        early = (await desk.world.graphql(DOWNLOAD, id=id))["bulkExportDownload"]
        desk.work()
        path = (await desk.world.graphql(DOWNLOAD, id=id))["bulkExportDownload"]["path"]

        looked = desk.client.head(path)
        sent = desk.client.put(path, content=b"x")
        first, second = desk.client.get(path), desk.client.get(path)

        assert early["userErrors"] == [{"code": "NO_SUCH_DOWNLOAD"}]
        assert (looked.status_code, sent.status_code) == (405, 404)
        assert (first.status_code, second.status_code) == (200, 404)
        assert (
            first.content == b"variant_id,sku,location,bucket,lot,expires_on,"
            b"on_hand,safety,reserved,available\r\n"
        )
        assert first.headers["content-disposition"] == (
            "attachment; filename=\"stock.csv\"; filename*=UTF-8''stock.csv"
        )
        assert first.headers["content-type"] == "text/csv; charset=utf-8"


class TestLocalFolder:
    def test_has_a_file_whole_or_not_at_all(self, tmp_path):
        folder = LocalFolder(tmp_path)

        with pytest.raises(TypeError), folder.writing("ab12") as writing:
            writing.write("no bytes")

        assert [each for each in tmp_path.rglob("*") if each.is_file()] == []
        with pytest.raises(FileNotFoundError), folder.local("ab12"):
            raise AssertionError("not reached")

    @pytest.mark.parametrize("key", ["../x", "", "A", "a/b", "a" * 65])
    def test_takes_no_key_of_others(self, tmp_path, key):
        with pytest.raises(ValueError, match="letters and digits"):
            LocalFolder(tmp_path).size(key)
