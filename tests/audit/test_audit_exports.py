"""What `docs/audit.md` shows can be asked; its program checks exports, and sees through them."""

import re
from pathlib import Path
from typing import Any

import orjson
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from backoffice_api.adapters.storage import LocalFolder
from backoffice_api.domain.audit.commands.exporting import (
    ExpireAuditExports,
    ExportLog,
    expire_audit_exports,
    export_log,
)
from backoffice_api.domain.audit.model.exports import KEPT, AuditRangeEmpty
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.errors import NotAllowed
from backoffice_api.domain.kernel.events import events
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.privacy.commands.erasing import EraseCustomer, erase_customer
from backoffice_api.tasks.audit import WriteAuditExport
from backoffice_api.web.audit_exports import AuditExports
from tests.audit.test_seals import customers, seal
from tests.databases import count_statements
from tests.world import NOW, World, caller

PAGE = (Path(__file__).parent.parent.parent / "docs" / "audit.md").read_text(encoding="utf-8")
LIST = """
query { auditSeals(first: 2) {
  nodes { number count hash previousHash signature } pageInfo { hasNextPage } } }"""


def fenced(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def checked(content: bytes) -> Any:
    """The head that the program of the page finds."""
    (code,) = fenced("python")
    there: dict[str, Any] = {}
    exec(code, there)
    return there["check"](content.decode().splitlines())


class TestExport:
    async def test_is_written_fetched_and_checked_by_anybody(
        self, world: World, tmp_path: Path
    ) -> None:
        gone, *_ = customers(world, 3, reason="told by Zuleika")
        seal(world)
        world.run(erase_customer, EraseCustomer(customer_id=gone))
        seal(world)
        listed, asked, fetch = fenced("graphql")
        (head,) = (await world.graphql(listed))["auditSeals"]["nodes"]
        made = (await world.graphql(asked))["auditExport"]["export"]
        early = (await world.graphql(fetch, id=made["id"]))["auditExportDownload"]
        storage = LocalFolder(tmp_path)
        WriteAuditExport(world.database, storage, lambda: NOW)(ids.parse("aux", made["id"]))
        given = (await world.graphql(fetch, id=made["id"]))["auditExportDownload"]
        door = AuditExports(world.database, world.threads, storage, now=lambda: NOW)
        client = TestClient(Starlette(routes=door.routes()))
        fetched = client.get(given["path"])

        assert early["userErrors"] == [{"code": "AUDIT_EXPORT_NOT_THERE"}]
        assert (given["export"]["seals"], given["export"]["fileBytes"]) == (
            2,
            str(len(fetched.content)),
        )
        assert client.get(f"{given['path'][:-3]}abc").status_code == 404
        assert checked(fetched.content)["hash"] == head["hash"]
        assert b"Zuleika" in fetched.content  # of the two who stay
        lines = [orjson.loads(each) for each in fetched.content.splitlines()]
        erased = [each for each in lines if "erased" in each]
        assert {each["content"]["reason"] for each in erased} == {None}

        for old, new in ((b"Zuleika", b"Iracema"), (b'"count":3', b'"count":2')):
            with pytest.raises(AssertionError):
                checked(fetched.content.replace(old, new))
        cut = fetched.content.splitlines(keepends=True)
        with pytest.raises(AssertionError):
            checked(b"".join(cut[1:]))

        later = NOW + 2 * KEPT
        (key,) = world.run(expire_audit_exports, ExpireAuditExports(), now=later).value
        assert key == ids.parse("aux", made["id"]).hex
        assert client.get(given["path"]).status_code == 404

    def test_is_of_what_was_asked_for(self, world: World, tmp_path: Path) -> None:
        for _ in range(3):
            customers(world, 2)
            seal(world)
        with world.database.reading.connect() as db:
            numbers = db.execute(events.select().order_by(events.c.sequence)).all()
        asked = ExportLog(after_sequence=numbers[1].sequence, until_sequence=numbers[3].sequence)
        id = world.run(export_log, asked).value
        storage = LocalFolder(tmp_path)
        WriteAuditExport(world.database, storage)(id)

        with storage.local(id.hex) as path:
            content = path.read_bytes()
        assert checked(content)["number"] == 2
        assert content.count(b"\n") == 3

    def test_takes_rights_to_all_that_is_in_it(self, world: World) -> None:
        for lacking in (Scope.COSTS_READ, Scope.PERSONAL_READ, Scope.AUDIT_EXPORT):
            rights = {Scope.COSTS_READ, Scope.PERSONAL_READ, Scope.AUDIT_EXPORT} - {lacking}
            with pytest.raises(NotAllowed):
                world.run(export_log, ExportLog(), caller=caller(*rights))
        with pytest.raises(AuditRangeEmpty):
            world.run(export_log, ExportLog(after_sequence=5, until_sequence=5))


class TestSeals:
    async def test_are_listed_newest_first(self, world: World) -> None:
        for _ in range(3):
            customers(world, 1)
            seal(world)
        with count_statements(world.database) as statements:
            page = (await world.graphql(LIST))["auditSeals"]

        assert [each["number"] for each in page["nodes"]] == ["3", "2"]
        assert page["nodes"][0]["previousHash"] == page["nodes"][1]["hash"]
        assert page["pageInfo"] == {"hasNextPage": True}
        assert len(statements) <= 4


class TestKeys:
    async def test_stand_in_the_log(self, world: World) -> None:
        """A10: under which key something was asked for, too."""
        world_made = (
            'mutation { channelCreate(meta: {idempotencyKey: "k-1", reason: "why"}, '
            'input: {code: "x", name: "X", currency: "EUR"}) { replayed } }'
        )
        await world.graphql(world_made)
        shown = await world.graphql("{ events(first: 1) { nodes { idempotencyKey reason } } }")

        assert shown["events"]["nodes"] == [{"idempotencyKey": "k-1", "reason": "why"}]
