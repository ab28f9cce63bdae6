"""A desk at which files are imported and exported: uploads, jobs done at once, files read back."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from backoffice_api.adapters.sheets import read_sheet
from backoffice_api.adapters.storage import LocalFolder
from backoffice_api.bulk_jobs import imports
from backoffice_api.bulk_jobs.bench import Bench
from backoffice_api.bulk_jobs.tasks import bulk_tasks
from backoffice_api.domain.all_checks import CHECKS
from backoffice_api.domain.bulk.commands.files import CreateUpload, create_upload
from backoffice_api.domain.bulk.model.runs import BulkImport, SheetFormat
from backoffice_api.domain.bulk.queries import runs
from backoffice_api.domain.identity.tables import api_tokens
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.events import events
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.kernel.uow import Caller
from backoffice_api.web.files import Files
from backoffice_api.worker import Worker
from tests.soundness import broken
from tests.world import CLERK, NOW, World

IMPORT = """
mutation ($input: BulkImportCreateInput!, $meta: MutationMeta) {
  bulkImportCreate(input: $input, meta: $meta) {
    bulkImport { id status job { status } } userErrors { code path }
  }
}
"""
SHOW = """
query ($id: ID!) {
  bulkImport(id: $id) {
    status dryRun rowsTotal rowsRead rowsCreated rowsChanged rowsUnchanged rowsRejected
    unknownColumns error remarks { code severity action rows }
    job { status progressDone progressTotal } report { name } failedRows { name }
    columns { title field } actions { name allowed }
  }
}
"""
EXPORT = """
mutation ($input: BulkExportCreateInput!) {
  bulkExportCreate(input: $input) { bulkExport { id } userErrors { code path } }
}
"""


class Desk:
    """Time stands still, unless it is moved."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.now = NOW
        self.storage = LocalFolder(folder)
        self.bench = Bench(world.database, self.storage, lambda: self.now)
        self.files = Files(self.bench, world.threads, upload_max_bytes=1_000_000)
        self.client = TestClient(Starlette(routes=self.files.routes()))
        self.worker = Worker(world.database, {}, bulk_tasks(self.bench))
        self.let_in(CLERK.actor.id, *ALL_SCOPES)

    def let_in(self, id: UUID | None, *scopes: Scope) -> None:
        """Make a token with an id, with these rights in the place of those that it had."""
        row = {
            "id": id,
            "version": 1,
            "created_at": NOW,
            "updated_at": NOW,
            "name": "tests",
            "hint": "bo_",
            "scopes": list(scopes),
            "secret_hash": f"{id}",
        }
        with self.world.database.writing.begin() as db:
            db.execute(api_tokens.delete().where(api_tokens.c.id == id))
            db.execute(api_tokens.insert(), row)

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)

    def announce(self, name: str, *, caller: Caller = CLERK) -> tuple[str, str]:
        """Id and address of a file that may be sent."""
        made = self.world.run(create_upload, CreateUpload(name=name), caller=caller).value
        return ids.text("fil", made.file_id), f"/files/{made.secret.reveal()}"

    def upload(self, name: str, content: bytes | str, *, caller: Caller = CLERK) -> str:
        """Id of a file with this content."""
        id, path = self.announce(name, caller=caller)
        sent = self.client.put(path, content=content)
        assert sent.status_code == 201, sent.text
        return id

    def work(self) -> None:
        """Do all jobs that are due, slice after slice."""
        for _ in range(100):
            if not self.worker.work(self.now + timedelta(days=3650)):
                return
        raise AssertionError("The jobs do not come to an end.")

    async def begun(self, kind: str, name: str, content: bytes | str, **options: Any) -> str:
        """Id of an import that was asked for."""
        file_id = self.upload(name, content)
        given = {"kind": kind.upper(), "fileId": file_id, **options}
        answer = (await self.world.graphql(IMPORT, input=given))["bulkImportCreate"]
        assert answer["userErrors"] == []
        id: str = answer["bulkImport"]["id"]
        return id

    async def imported(
        self, kind: str, content: bytes | str, name: str = "rows.csv", **options: Any
    ) -> Mapping[str, Any]:
        """An import that was done, with its id."""
        id = await self.begun(kind, name, content, **options)
        self.work()
        return await self.shown(id)

    async def shown(self, id: str) -> Mapping[str, Any]:
        found = (await self.world.graphql(SHOW, id=id))["bulkImport"]
        return {"id": id, **found}

    async def exported(self, kind: str, format: str = "CSV", **options: Any) -> bytes:
        """What an export has written."""
        given = {"kind": kind.upper(), "format": format, **options}
        answer = (await self.world.graphql(EXPORT, input=given))["bulkExportCreate"]
        assert answer["userErrors"] == []
        self.work()
        id = ids.parse("bex", answer["bulkExport"]["id"])
        export = self.world.read(runs.exports_by_ids, [id])[id]
        assert export.error is None
        assert export.file_id is not None
        return self.content(export.file_id)

    def content(self, file_id: UUID) -> bytes:
        with self.storage.local(file_id.hex) as path:
            return path.read_bytes()

    def run_of(self, id: str) -> BulkImport:
        key = ids.parse("bim", id)
        found: BulkImport = self.world.read(runs.imports_by_ids, [key])[key]
        return found

    def report(self, id: str) -> Sequence[Mapping[str, str]]:
        """The remarks on single rows, as the file has them."""
        run = self.run_of(id)
        assert run.report_id is not None
        return table(self.content(run.report_id))

    def failed_rows(self, id: str) -> bytes:
        run = self.run_of(id)
        assert run.failed_rows_id is not None
        return self.content(run.failed_rows_id)

    def events(self) -> Sequence[str]:
        """Types of all events but those of files and imports themselves."""
        with self.world.database.reading.connect() as db:
            found = db.execute(select(events.c.type).order_by(events.c.sequence)).scalars()
            return [each for each in found if not each.startswith(("file.", "bulk_"))]

    def assert_sound(self) -> None:
        """Every check of `backoffice verify` holds."""
        assert broken(self.world.database, CHECKS) == []


def table(content: bytes) -> Sequence[Mapping[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def lines(content: bytes) -> Sequence[Mapping[str, Any]]:
    return [json.loads(line) for line in content.splitlines()]


def cells(path: Path, format: SheetFormat) -> tuple[Sequence[str], list[tuple[Any, ...]]]:
    """Header and rows of a file, as an import reads them."""
    with read_sheet(path, format, name=path.name) as sheet:
        return sheet.header, [row.cells for row in sheet.rows()]


__all__ = ["Desk", "cells", "imports", "lines", "table"]
