"""The life of imports: tried, interrupted, called off, retried, given up. On both databases."""

import gzip
from io import BytesIO
from itertools import count

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from backoffice_api.bulk_jobs import imports as work
from backoffice_api.bulk_jobs.imports import import_slice
from backoffice_api.bulk_jobs.tasks import prune_files
from backoffice_api.domain.all_checks import CHECKS
from backoffice_api.domain.bulk.tables import bulk_imports, bulk_rejected_rows
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.products.tables import products
from tests import soundness
from tests.bulk.desk import EXPORT, IMPORT, table
from tests.world import CLERK, caller

ROWS = "sku,title,price\n" + "".join(f"S{n},T{n},{n}\n" for n in range(25)) + "BAD,Bad,x\n"
RETRY = """
mutation ($id: ID!) { bulkImportRetry(id: $id) {
  bulkImport { id retryOf { id } } userErrors { code }
} }
"""
CANCEL = """
mutation ($id: ID!) { bulkImportCancel(id: $id) {
  bulkImport { status } userErrors { code }
} }
"""
DOWNLOAD = """
mutation ($id: ID!, $input: BulkImportDownloadInput!) {
  bulkImportDownload(id: $id, input: $input) { path file { name } userErrors { code } }
}
"""
LISTS = """
query ($filter: BulkImportFilter) {
  bulkImports(filter: $filter) { nodes { file status source { name } } }
  bulkImportsCount(filter: $filter) { value }
  bulkExports { nodes { kind } } bulkExportsCount { value }
}
"""


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(work, "BATCH_ROWS", 10)


TIMELINE = """
query ($id: ID!) { node(id: $id) { ... on BulkImport { timeline { nodes { type data } } } } }
"""
RUNS = count()


def titles(desk):
    with desk.world.database.reading.connect() as db:
        return sorted(db.execute(select(products.c.title)).scalars())


class TestDryRun:
    async def test_finds_the_same_and_keeps_nothing(self, desk):
        tried = await desk.imported("products", ROWS, currency="EUR", dryRun=True)
        done = await desk.imported("products", ROWS, currency="EUR")

        assert (tried["rowsCreated"], tried["rowsRejected"], tried["dryRun"]) == (25, 1, True)
        assert {**tried, "id": "", "dryRun": False} == {**done, "id": ""}
        assert len(titles(desk)) == 25
        assert len([each for each in desk.events() if each == "product.created"]) == 25


class TestSlices:
    async def test_go_on_behind_one_another(self, desk):
        id = ids.parse("bim", await desk.begun("products", "rows.csv", ROWS, currency="EUR"))
        seen = []

        def progress(done, total):
            seen.append((done, total))
            return True

        steps = [import_slice(desk.bench, id, progress, slice_s=0) for _ in range(4)]

        assert steps == [True, True, True, False]
        assert seen == [(10, 26), (20, 26), (26, 26)]
        assert len(titles(desk)) == 25
        desk.assert_sound()

    async def test_stop_where_the_job_was_taken_away(self, desk):
        id = ids.parse("bim", await desk.begun("products", "rows.csv", ROWS, currency="EUR"))

        assert import_slice(desk.bench, id, lambda *_: False) is False

        assert len(titles(desk)) == 10


class TestAnInterruptedImport:
    async def test_goes_on_behind_its_last_batch(self, desk):
        """As after `kill -9` between two batches, or in the middle of one."""
        id = await desk.begun("products", "rows.csv", ROWS, currency="EUR")
        key = ids.parse("bim", id)

        class Killed(BaseException):
            pass

        def die(*_):
            raise Killed

        with pytest.raises(Killed):
            import_slice(desk.bench, key, die)
        with desk.world.database.writing.connect() as db:
            # In the middle: whatever a transaction did that never ended.
            db.execute(bulk_imports.update().values(batches=9))
            db.rollback()
        desk.work()

        done = await desk.shown(id)
        assert (done["status"], done["rowsCreated"], done["rowsRejected"]) == ("FINISHED", 25, 1)
        assert [each["sku"] for each in table(desk.failed_rows(id))] == ["BAD"]
        desk.assert_sound()


class TestCancelled:
    async def test_keeps_what_was_imported(self, desk):
        id = await desk.begun("products", "rows.csv", ROWS, currency="EUR")
        import_slice(desk.bench, ids.parse("bim", id), lambda *_: True, slice_s=0)

        answer = (await desk.world.graphql(CANCEL, id=id))["bulkImportCancel"]
        desk.work()

        assert answer == {"bulkImport": {"status": "CANCELLED"}, "userErrors": []}
        assert len(titles(desk)) == 10
        again = (await desk.world.graphql(CANCEL, id=id))["bulkImportCancel"]
        assert again["userErrors"] == [{"code": "INVALID_TRANSITION"}]


class TestRetry:
    async def test_takes_up_the_rejected_rows_alone(self, desk):
        done = await desk.imported("prices", "sku,currency,price\nMUG,EUR,1\nCUP,EUR,-2\n")
        assert done["rowsRejected"] == 2
        await desk.imported("products", "sku,title\nMUG,Mug\nCUP,Cup\n")

        answer = (await desk.world.graphql(RETRY, id=done["id"]))["bulkImportRetry"]
        desk.work()

        again = await desk.shown(answer["bulkImport"]["id"])
        assert answer["bulkImport"]["retryOf"] == {"id": done["id"]}
        assert (again["rowsTotal"], again["rowsChanged"], again["rowsRejected"]) == (2, 1, 1)
        assert [each["code"] for each in again["remarks"]] == ["NEGATIVE_PRICE"]

    async def test_is_refused_where_nothing_was_rejected(self, desk):
        done = await desk.imported("products", "sku,title\nMUG,Mug\n")

        answer = (await desk.world.graphql(RETRY, id=done["id"]))["bulkImportRetry"]

        assert answer["userErrors"] == [{"code": "NOTHING_TO_RETRY"}]
        assert [each["allowed"] for each in done["actions"]] == [False, False]


def workbook(*last: int) -> bytes:
    """One with a title in its first cell, and something in that of this row and column."""
    content = BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, "title")
        sheet.write_string(*last, "x")
    return content.getvalue()


class TestFiles:
    @pytest.mark.parametrize(
        ("name", "content", "words"),
        [
            ("a.csv", "", "there is no header"),
            ("a.csv", "name,brand\nA,B\n", "needs a column for product_id"),
            ("a.csv.gz", b"\x1f\x8b\x08rubbish", ""),
            (
                "a.csv.gz",
                gzip.compress(b"sku,title\nA," + b'"\n",' * 600_000),
                "a row has more than",
            ),
            ("a.xlsx", b"PK rubbish", "no workbook"),
            ("a.xlsx", workbook(1_048_575, 16_383), "too much memory"),
            ("a.jsonl", "rubbish\n", "no JSON object"),
            ("a.csv", b"sku,t\xfftle\n", ""),
        ],
    )
    async def test_that_cannot_be_used_end_the_import(self, desk, name, content, words):
        done = await desk.imported("products", content, name)

        if done["status"] == "FINISHED":
            assert (done["rowsTotal"], done["unknownColumns"]) == (0, ["t\ufffdtle"])
            return
        assert (done["status"], done["job"]["status"]) == ("FAILED", "SUCCEEDED")
        assert words in done["error"]
        assert titles(desk) == []

    async def test_report_columns_that_nobody_knows(self, desk):
        done = await desk.imported("products", "SKU,Title,Colour of the box\nA,A,red\n")

        assert done["unknownColumns"] == ["Colour of the box"]
        assert done["remarks"] == [
            {"code": "UNKNOWN_COLUMN", "severity": "INFO", "action": "IMPORTED", "rows": 1}
        ]

    async def test_are_read_as_they_are_mapped(self, desk):
        mapping = [{"title": "A", "field": "title"}, {"title": "title", "field": None}]

        await desk.imported("products", "sku,A,title\nS,Right,Wrong\n", mapping=mapping)

        assert titles(desk) == ["Right"]

    async def test_are_removed_after_their_time(self, desk):
        done = await desk.imported("products", ROWS, currency="EUR")
        run = desk.run_of(done["id"])

        assert prune_files(desk.bench) is False
        assert desk.content(run.file_id)
        desk.wait(days=8)
        prune_files(desk.bench)

        for id in (run.file_id, run.report_id, run.failed_rows_id):
            with pytest.raises(FileNotFoundError):
                desk.content(id)
        with desk.world.database.reading.connect() as db:
            assert db.execute(select(bulk_rejected_rows)).all() == []
        answer = (await desk.world.graphql(RETRY, id=done["id"]))["bulkImportRetry"]
        assert answer["userErrors"] == [{"code": "NOTHING_TO_RETRY"}]
        desk.assert_sound()


class TestRights:
    @pytest.mark.parametrize(
        ("kind", "scope"),
        [
            ("PRODUCTS", Scope.PRODUCTS_WRITE),
            ("PRICES", Scope.PRODUCTS_WRITE),
            ("STOCK", Scope.STOCK_WRITE),
            ("CUSTOMERS", Scope.CUSTOMERS_WRITE),
            ("ORDERS", Scope.IMPORTS_WRITE),
        ],
    )
    async def test_to_import_are_those_to_write(self, desk, kind, scope):
        id = desk.upload("a.csv", "sku\n")
        who = CLERK.__class__(CLERK.actor, ALL_SCOPES - {scope})

        answer = await desk.world.ask(IMPORT, caller=who, input={"kind": kind, "fileId": id})

        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"

    @pytest.mark.parametrize(
        ("kind", "scope"),
        [
            ("PRODUCTS", Scope.PRODUCTS_READ),
            ("STOCK", Scope.STOCK_READ),
            ("CUSTOMERS", Scope.PERSONAL_READ),
            ("ORDERS", Scope.ORDERS_READ),
        ],
    )
    async def test_to_export_are_those_to_read(self, desk, kind, scope):
        who = CLERK.__class__(CLERK.actor, ALL_SCOPES - {scope})

        answer = await desk.world.ask(EXPORT, caller=who, input={"kind": kind})

        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"

    async def test_that_were_withdrawn_end_the_import(self, desk):
        id = await desk.begun("products", "rows.csv", ROWS, currency="EUR")
        desk.let_in(CLERK.actor.id, *(ALL_SCOPES - {Scope.PRODUCTS_WRITE}))
        desk.work()

        done = await desk.shown(id)
        assert done["status"] == "FAILED"
        assert done["error"] == "This needs the scope products:write."
        assert titles(desk) == []

    async def test_to_files_are_their_owners(self, desk):
        id = desk.upload("a.csv", "sku\n", caller=caller(Scope.BULK_WRITE))

        answer = await desk.world.graphql(IMPORT, input={"kind": "PRODUCTS", "fileId": id})

        assert answer["bulkImportCreate"]["userErrors"] == [
            {"code": "UNKNOWN_FILE", "path": ["input", "fileId"]}
        ]

    async def test_to_what_stood_in_a_file_of_customers_are_those_to_personal_data(self, desk):
        done = await desk.imported("customers", "email,phone\nada@shop.example,1\n")
        given = {"id": done["id"], "input": {"download": "REPORT"}}
        who = CLERK.__class__(CLERK.actor, ALL_SCOPES - {Scope.PERSONAL_READ})

        refused = await desk.world.ask(DOWNLOAD, caller=who, **given)
        answer = (await desk.world.graphql(DOWNLOAD, **given))["bulkImportDownload"]

        assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        fetched = desk.client.get(answer["path"])
        assert table(fetched.content)[0]["code"] == "INVALID_PHONE"


class TestLists:
    async def test_are_filtered_and_link_to_files(self, desk):
        await desk.imported("products", "sku,title\nA,A\n", "good.csv")
        await desk.imported("stock", "sku\n", "bad.csv")
        await desk.exported("prices")

        failed = await desk.world.graphql(LISTS, filter={"status": ["FAILED"]})
        stock = await desk.world.graphql(LISTS, filter={"kind": ["PRODUCTS"]})

        assert failed["bulkImports"]["nodes"] == [
            {"file": "bad.csv", "status": "FAILED", "source": {"name": "bad.csv"}}
        ]
        assert [each["file"] for each in stock["bulkImports"]["nodes"]] == ["good.csv"]
        assert failed["bulkExports"] == {"nodes": [{"kind": "PRICES"}]}
        assert failed["bulkImportsCount"] == {"value": 1}


class TestMeta:
    async def test_asks_for_one_import_however_often_it_is_sent(self, desk):
        given = {
            "input": {"kind": "PRODUCTS", "fileId": desk.upload("a.csv", "sku,title\nA,A\n")},
            "meta": {"idempotencyKey": "k"},
        }
        first = (await desk.world.graphql(IMPORT, **given))["bulkImportCreate"]
        again = (await desk.world.graphql(IMPORT, **given))["bulkImportCreate"]

        assert again["bulkImport"]["id"] == first["bulkImport"]["id"]
        assert len((await desk.world.graphql(LISTS))["bulkImports"]["nodes"]) == 1

    async def test_asks_for_none_when_it_is_only_tried(self, desk):
        given = {"kind": "PRODUCTS", "fileId": desk.upload("a.csv", "sku,title\nA,A\n")}

        tried = await desk.world.graphql(IMPORT, input=given, meta={"dryRun": True})

        assert tried["bulkImportCreate"]["bulkImport"]["status"] == "QUEUED"
        assert (await desk.world.graphql(LISTS))["bulkImports"]["nodes"] == []
        desk.work()
        assert titles(desk) == []

    async def test_keeps_who_has_seen_less_from_calling_off(self, desk):
        id = await desk.begun("products", "rows.csv", ROWS)
        document = CANCEL.replace("(id: $id)", "(id: $id, meta: {expectedVersion: 9})")

        answer = (await desk.world.graphql(document, id=id))["bulkImportCancel"]

        assert answer["userErrors"] == [{"code": "STALE_VERSION"}]

    async def test_is_told_in_the_timeline(self, desk):
        done = await desk.imported("products", "sku,title\nA,A\n")

        timeline = await desk.world.graphql(TIMELINE, id=done["id"])

        ended, started = timeline["node"]["timeline"]["nodes"]
        assert (started["type"], started["data"]) == (
            "bulk_import.started",
            {"kind": "products", "file": "rows.csv"},
        )
        assert (ended["type"], ended["data"]) == (
            "bulk_import.ended",
            {"file": "rows.csv", "status": "finished", "rows_read": 1, "rows_rejected": 0},
        )


class TestChecks:
    @pytest.mark.parametrize(
        ("column", "broken"), [("rows_created", "B1"), ("rows_rejected", "B2")]
    )
    async def test_find_counts_that_somebody_changed(self, desk, column, broken):
        await desk.imported("products", ROWS, currency="EUR")
        with desk.world.database.writing.begin() as db:
            db.execute(bulk_imports.update().values({column: 7}))

        assert broken in soundness.broken(desk.world.database, CHECKS)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(good=st.lists(st.booleans(), min_size=1, max_size=12))
async def test_good_rows_go_in_whatever_stands_between_them(desk, good):
    run = next(RUNS)
    rows = "".join(f"R{run}-{n},T,{n if each else 'x'}\n" for n, each in enumerate(good))

    done = await desk.imported("products", f"sku,title,price\n{rows}", currency="EUR")

    assert (done["rowsCreated"], done["rowsRejected"]) == (sum(good), len(good) - sum(good))
    if not all(good):
        failed = table(desk.failed_rows(done["id"]))
        wanted = [f"R{run}-{n}" for n, each in enumerate(good) if not each]
        assert [each["sku"] for each in failed] == wanted
