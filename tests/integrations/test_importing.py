"""What an import leaves behind. On both databases."""

import csv
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest

from backoffice_api.adapters.csv_file import UnreadableFile
from backoffice_api.adapters.online_retail import WINDOW_ROWS
from backoffice_api.domain.all_checks import CHECKS
from backoffice_api.domain.integrations.model import (
    BATCH_DOCUMENTS_MAX,
    Counts,
    RowAction,
    Severity,
)
from backoffice_api.domain.kernel.errors import NotAllowed
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.importing import sales as importing
from backoffice_api.importing.sales import Progress, import_file
from tests.databases import count_statements
from tests.integrations.sheets import row, sheet, state
from tests.soundness import broken
from tests.world import caller

# One of everything: a sale of three rows, a guest, stock written off, found and given, a return.
SALE = (
    row(title="WHITE HEART ", quantity=6, price="2.55"),
    row(code="85123b", title="", quantity=2, price="0.0"),
    row(code="POST", title="POSTAGE", quantity=1, price="0.005"),
)
GUEST = row("536366", "71053", "LANTERN", 3, "2011-07-01 09:00:00", "3.39", "", "EIRE")
WRITTEN_OFF = row("536367", "71053", "damaged", -4, price="0.0", customer="")
FOUND = row("536368", "85123A", "found", 10, price="0.0", customer="")
GIVEN = row("536369", "22633", "", 1, price="0.0", customer="12345.0", country="France")
RETURNED = row("C536370", "22632", "HAND WARMER", -1, customer="14527.0")
ROWS = (*SALE, GUEST, WRITTEN_OFF, FOUND, GIVEN, RETURNED)
THEN = datetime(2010, 12, 1, 8, 26, tzinfo=UTC)


@pytest.fixture
def file(tmp_path):
    return sheet(tmp_path, *ROWS)


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(importing, "BATCH_DOCUMENTS_MAX", 2)


def assert_verified(database):
    assert broken(database, CHECKS) == []


class TestImportFile:
    def test_makes_orders_of_sales(self, database, file):
        import_file(database, file)

        found = state(database)
        assert found["orders"] == [
            ("536365", "closed", THEN, 1530),
            ("536366", "closed", datetime(2011, 7, 1, 8, 0, tzinfo=UTC), 1017),
        ]
        assert found["lines"] == [
            ("536365", 0, "goods", "85123A", "85123A", "WHITE HEART", 6, 6, 2_550_000, 1530, 0),
            ("536365", 1, "goods", "85123B", "85123B", "85123B", 2, 2, 0, 0, 0),
            ("536365", 2, "charge", None, "POST", "POSTAGE", 1, 0, 5_000, 0, 5_000),
            ("536366", 0, "goods", "71053", "71053", "LANTERN", 3, 3, 3_390_000, 1017, 0),
        ]

    def test_moves_stock(self, database, file):
        import_file(database, file)

        found = state(database)
        here, away, scrap, books = "online-retail", "CUSTOMER", "SCRAP", "CORRECTION"
        assert found["movements"] == sorted(
            [
                ("shipment", "85123A", here, away, 6, "536365", None, THEN),
                ("shipment", "85123B", here, away, 2, "536365", None, THEN),
                ("shipment", "71053", here, away, 3, "536366", None, found["orders"][1][2]),
                ("scrap", "71053", here, scrap, 4, None, "536367: damaged", THEN),
                ("correction", "85123A", books, here, 10, None, "536368: found", THEN),
                ("shipment", "22633", here, away, 1, None, "536369", THEN),
                ("return", "22632", away, here, 1, None, None, THEN),
            ],
            key=repr,
        )
        assert [(sku, on_hand) for _, sku, on_hand, _ in found["levels"]] == [
            ("22632", 1),
            ("22633", -1),
            ("71053", -7),
            ("85123A", 4),
            ("85123B", -2),
        ]

    def test_makes_variants_of_all_goods_that_are_named(self, database, file):
        import_file(database, file)

        found = state(database)
        assert [(sku, values) for sku, values, _ in found["variants"]] == [
            ("22632", ["HAND WARMER"]),
            ("22633", ["22633"]),
            ("71053", ["LANTERN"]),
            ("85123A", ["WHITE HEART"]),
            ("85123B", ["85123B"]),
        ]
        assert [title for title, _, _ in found["products"]] == [
            "22633",
            "HAND WARMER",
            "LANTERN",
            "WHITE HEART",
        ]

    def test_makes_customers_of_all_that_are_named(self, database, file):
        import_file(database, file)

        found = state(database)
        assert found["customers"] == [
            ("Customer 12345", "FR", THEN),
            ("Customer 14527", "GB", THEN),
            ("Customer 17850", "GB", THEN),
        ]
        assert [key for kind, _, key in found["external_ids"] if kind == "ord"] == [
            "536365",
            "536366",
        ]

    def test_reports_counts_that_close(self, database, file):
        report = import_file(database, file)

        assert report.counts == Counts(
            rows_read=8,
            rows_imported=8,
            documents_imported=6,
            products=4,
            variants=5,
            customers=3,
            orders=2,
            guest_orders=1,
            lines=4,
            free_lines=1,
            charge_lines=1,
            write_off_rows=1,
            write_off_units=4,
            found_rows=1,
            found_units=10,
            given_rows=1,
            given_units=1,
            returns=1,
            returned_rows=1,
            returned_units=1,
            unmatched_rows=1,
            movements=7,
            sales_micro=25_475_000,
            returned_micro=2_550_000,
            rounding_micro=5_000,
        )
        assert report.counts.closes
        assert report.counts.posted_micro == 25_470_000
        assert (report.resumed, report.dry_run, report.errors) == (False, False, 0)

    def test_keeps_every_invariant(self, database, file):
        import_file(database, file)

        assert_verified(database)

    def test_comes_to_the_same_in_small_batches(self, database, file, small_batches):
        import_file(database, file)

        found = state(database)
        assert [(status, batches) for status, batches, _, _ in found["runs"]] == [("finished", 3)]
        assert found["runs"][0][3]["rows_imported"] == 8
        assert_verified(database)

    def test_imports_nothing_new_the_second_time(self, database, file):
        import_file(database, file)
        before = state(database)

        report = import_file(database, file)

        after = state(database)
        assert report.counts == Counts(
            rows_read=8,
            rows_merged=8,
            documents_merged=6,
        )
        assert {name for name in before if before[name] != after[name]} == {"runs", "events"}
        assert after["events"] - before["events"] == Counter(
            {("import.started",): 1, ("import.finished",): 1}
        )

    def test_knows_invoices_from_another_file(self, database, tmp_path, file):
        import_file(database, file)
        more = sheet(tmp_path, GUEST, row("536380", "71053"), name="more.csv.gz")

        report = import_file(database, more)

        assert (report.counts.rows_merged, report.counts.rows_imported) == (1, 1)
        assert report.counts.orders == 1

    def test_rejects_what_is_known_with_other_rows(self, database, tmp_path, file):
        import_file(database, file)
        before = state(database)
        other = sheet(tmp_path, row("536366", "71053", quantity=99), name="other.csv")

        report = import_file(database, other, report_path=tmp_path / "rows.csv")

        assert (report.counts.rows_rejected, report.counts.documents_rejected) == (1, 1)
        assert report.errors == 1
        assert state(database)["lines"] == before["lines"]
        assert (tmp_path / "rows.csv").read_text().splitlines()[1] == (
            "other.csv,2,InvoiceNo,DOCUMENT_DIFFERS,error,536366,rejected"
        )

    def test_names_what_was_untitled_as_soon_as_it_can(self, database, file, tmp_path):
        import_file(database, file)
        later = sheet(
            tmp_path,
            row("536390", "22633", "HAND WARMER"),
            row("536390", "85123B", "WHITE HEART"),
            name="later.csv",
        )

        import_file(database, later)

        found = state(database)
        assert [values for sku, values, _ in found["variants"] if sku in ("22633", "85123B")] == [
            ["HAND WARMER"],
            ["WHITE HEART (85123B)"],
        ]
        assert ("HAND WARMER", THEN, 2) in found["products"]
        assert ("sku", "22633 hand warmer") in found["found_by"]

    def test_resumes_a_run_that_broke_off(self, database, file, small_batches, monkeypatch):
        class PowerCut(Exception):
            pass

        def cut(progress):
            raise PowerCut

        with pytest.raises(PowerCut):
            import_file(database, file, progress=cut)
        report = import_file(database, file)

        assert report.resumed
        assert report.counts.rows_imported == 8
        assert report.counts.rows_merged == 0

    def test_goes_on_with_one_run_when_two_import_at_once(self, database, tmp_path, small_batches):
        rows = [row(f"{600_000 + number}", f"{number:05}") for number in range(12)]
        path = sheet(tmp_path, *rows)
        together = Barrier(2)

        def run(_):
            together.wait()
            return import_file(database, path)

        with ThreadPoolExecutor(2) as threads:
            reports = list(threads.map(run, range(2)))

        found = state(database)
        assert [(each[0], each[1]) for each in found["orders"]] == [
            (f"{600_000 + number}", "closed") for number in range(12)
        ]
        assert len(found["movements"]) == 12
        assert sum(counts["rows_imported"] for *_, counts in found["runs"]) == 12
        assert max(report.counts.rows_imported for report in reports) == 12
        assert_verified(database)

    def test_tells_how_far_it_is(self, database, file, small_batches):
        seen: list[Progress] = []

        import_file(database, file, progress=seen.append)

        assert [each.rows_read for each in seen] == [4, 6, 8]
        assert {each.bytes_total for each in seen} == {file.stat().st_size}
        assert seen[-1].bytes_read == file.stat().st_size

    def test_takes_the_same_statements_for_more_rows(self, database, tmp_path):
        def statements(count, name):
            rows = [
                row(f"{600_000 + 1_000 * count + n}", f"{count:02}{n:03}") for n in range(count)
            ]
            with count_statements(database) as seen:
                import_file(database, sheet(tmp_path, *rows, name=name))
            return len(seen)

        statements(1, "first.csv")  # makes channel and location

        assert statements(40, "forty.csv") == statements(10, "ten.csv")

    def test_needs_the_right_to_import(self, database, file):
        everything_else = caller(*(ALL_SCOPES - {Scope.IMPORTS_WRITE}))

        with pytest.raises(NotAllowed):
            import_file(database, file, caller=everything_else)

        assert state(database)["runs"] == []

    def test_keeps_what_came_before_the_damage(self, database, tmp_path):
        enough = WINDOW_ROWS + 2 * BATCH_DOCUMENTS_MAX
        path = sheet(tmp_path, *(row(f"{600_000 + n}") for n in range(enough)), name="s.gz")
        path.write_bytes(path.read_bytes()[:-100])

        with pytest.raises(UnreadableFile):
            import_file(database, path)

        assert len(state(database)["orders"]) == BATCH_DOCUMENTS_MAX
        assert state(database)["runs"][0][:2] == ("running", 1)
        assert_verified(database)

    def test_finishes_a_file_without_rows(self, database, tmp_path):
        report = import_file(database, sheet(tmp_path))

        assert report.counts == Counts()
        assert [status for status, *_ in state(database)["runs"]] == ["finished"]


class TestDryRun:
    def test_keeps_nothing(self, database, file):
        before = state(database)

        import_file(database, file, dry_run=True)

        assert state(database) == before

    def test_tells_what_would_be_imported(self, database, file, small_batches):
        rehearsed = import_file(database, file, dry_run=True)
        done = import_file(database, file)

        assert rehearsed.counts == done.counts
        assert rehearsed.remarks == done.remarks

    def test_counts_what_comes_in_several_batches_once(self, database, tmp_path, small_batches):
        path = sheet(tmp_path, *(row(f"{536_365 + number}") for number in range(6)))

        counts = import_file(database, path, dry_run=True).counts

        assert (counts.products, counts.variants, counts.customers, counts.orders) == (1, 1, 1, 6)

    def test_tells_what_is_known_already(self, database, file):
        import_file(database, file)

        assert import_file(database, file, dry_run=True).counts.rows_merged == 8


class TestRowReport:
    def test_has_a_line_per_remark(self, database, tmp_path):
        back = row("C536365", "71053", quantity=-1)
        path = sheet(tmp_path, back, row(quantity="=1+1"), row("536366"))

        report = import_file(database, path, report_path=tmp_path / "rows.csv")

        assert (tmp_path / "rows.csv").read_text() == (
            "file,line,column,code,severity,value,action\n"
            "sales.csv,3,Quantity,BAD_QUANTITY,error,'=1+1,rejected\n"
            "sales.csv,2,StockCode,RETURN_NOT_MATCHED,warning,71053,imported\n"
        )
        assert [(each.code, each.severity, each.action, each.rows) for each in report.remarks] == [
            ("BAD_QUANTITY", Severity.ERROR, RowAction.REJECTED, 1),
            ("RETURN_NOT_MATCHED", Severity.WARNING, RowAction.IMPORTED, 1),
        ]

    def test_is_bounded_and_says_so(self, database, tmp_path, monkeypatch):
        monkeypatch.setattr(importing, "REPORTED_PER_CODE_MAX", 3)
        path = sheet(tmp_path, *(row("C536365", quantity=-1) for _ in range(8)), "rubbish")

        import_file(database, path, report_path=tmp_path / "rows.csv")

        with (tmp_path / "rows.csv").open() as file:
            lines = list(csv.reader(file))
        shown = [line[1] for line in lines if line[3] == "RETURN_NOT_MATCHED"]
        assert shown == ["2", "3", "4", ""]
        more = ["", "", "", "RETURN_NOT_MATCHED", "warning", "5 more", "imported"]
        assert lines[-1] == more
        assert [line[1] for line in lines if line[3] == "FIELD_COUNT"] == ["10"]

    def test_cuts_long_values(self, database, tmp_path):
        path = sheet(tmp_path, row(customer="9" * 5_000))

        import_file(database, path, report_path=tmp_path / "rows.csv")

        assert re.findall("9+", (tmp_path / "rows.csv").read_text()) == ["9" * 200]
