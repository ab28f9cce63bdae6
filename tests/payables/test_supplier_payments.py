"""Payments of public bodies, read whatever their columns are called and taken over once."""

import csv
import gzip
import os
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from backoffice_api.adapters import supplier_payments
from backoffice_api.adapters.csv_file import CsvFile
from backoffice_api.cli.program import main
from backoffice_api.domain.kernel.database import Database, open_database
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.payables.checks import CHECKS
from backoffice_api.domain.payables.queries import bills as queries
from backoffice_api.domain.payables.queries import open_items
from backoffice_api.domain.payables.tables.bills import bill_payments, bills
from backoffice_api.domain.purchasing.tables.suppliers import suppliers
from backoffice_api.importing.payments import import_payments
from tests import soundness
from tests.databases import Copies
from tests.thorough import THOROUGH

DATA_DIR = os.environ.get("BACKOFFICE_DATA_DIR")
REAL = sorted(Path(DATA_DIR or ".", "supplier-payments").glob("*.csv.gz"))

HEADERS = (
    "Body Name,Organisational Unit,Expenditure Category,Expenditure Code,Paid Date,Trans No,"
    "Amount,Type,Supplier ID,Supplier Name ",
    "client,supplier_name,AMOUNT,paid_date,trans_no,Type of Expenditure,supplier_id",
)
FIRST = """\
Town,Culture,Grants,D1,07/04/2015,1001_1,"1,054.11",Revenue,200_1,Redacted personal data
Town,Culture,Grants,D1,07/04/2015,1001_2,-20.5,Revenue,200_1,Redacted personal data
Town,Culture,Grants,D1,07/04/2015,1001_2,-20.5,Revenue,200_1,Redacted personal data
Town,Legal,Fees,D2,08/04/2015,1002_1,0,Revenue,300,LAWYERS LTD
Town,Legal,Fees,D2,08/04/2015,1003_1,£600.00,Revenue,,
,,xxx,,,,,,,
Town,Legal,Fees,D2,31/02/2015,1004_1,70.00,Revenue,300,LAWYERS LTD
"""
SECOND = "Town,Lawyers,500.00,2015-04-09,1002_1,Capital,300\n"
TIMES = "Town,Lawyers,500.00,00:00:00,1005_1,Capital,300\n" * 3


def write(folder: Path, name: str, header: str, rows: str) -> Path:
    path = folder / name
    path.write_text(f"{header}\n{rows}", encoding="utf-8")
    return path


def value(database: Database, statement) -> object:
    with database.reading.connect() as db:
        return db.execute(statement).scalar_one()


def broken(database: Database) -> list[str]:
    return soundness.broken(database, CHECKS)


class TestImport:
    def test_takes_bills_with_their_payments_once(self, database: Database, tmp_path: Path) -> None:
        first = write(tmp_path, "a.csv", HEADERS[0], FIRST)
        second = write(tmp_path, "b.csv", HEADERS[1], SECOND)
        times = write(tmp_path, "c.csv", HEADERS[1], TIMES)
        paths = [first, second, times]

        rehearsed = import_payments(database, paths, dry_run=True)
        report = import_payments(database, paths, report_path=tmp_path / "rows.csv")

        counts = report.counts
        assert (counts.rows_read, counts.rows_imported, counts.rows_rejected) == (11, 6, 5)
        assert counts.imported_minor == 105411 - 2 * 2050 + 60000 + 50000
        # What is left out: three rows without a day, and one with a day that never was.
        assert (counts.rejected_minor, counts.closes, counts.suppliers) == (157000, True, 3)
        assert rehearsed.counts.rows_imported == 6
        assert [each.refused for each in report.files] == [None, None, "NO_DATES"]
        with (tmp_path / "rows.csv").open() as file:
            remarks = [(each["file"], each["line"], each["code"]) for each in csv.DictReader(file)]
        assert remarks == [
            ("a.csv", "7", "STRAY_ROW"),
            ("a.csv", "8", "BAD_DATE"),
            ("c.csv", "1", "NO_DATES"),
        ]
        with database.reading.connect() as db:
            found = queries.bill_list.page(db, PageRequest()).rows
        assert sorted((each.kind.name, each.number, each.total_minor) for each in found) == [
            ("BILL", "1001_1", 105411),
            ("BILL", "1002_1", 0),
            ("BILL", "1002_1 (2)", 50000),
            ("BILL", "1003_1", 60000),
            ("CREDIT_NOTE", "1001_2", 2050),
            ("CREDIT_NOTE", "1001_2 (4)", 2050),
        ]
        assert {each.status.name for each in found} == {"PAID"}
        assert broken(database) == []
        with database.reading.connect() as db:
            assert open_items(db, "GBP") == []

        again = import_payments(database, paths)

        assert (again.counts.rows_imported, again.counts.rows_merged) == (0, 6)
        assert again.counts.closes
        assert value(database, select(func.count()).select_from(bills)) == 6

    def test_goes_on_where_it_was_interrupted(
        self, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("backoffice_api.importing.payments.RECORDED_MAX", 2)
        path = write(tmp_path, "a.csv", HEADERS[0], FIRST)

        class Killed(Exception):
            pass

        recorded = []

        def stop(*arguments: object, **options: object) -> object:
            if len(recorded) == 2:
                raise Killed
            recorded.append(execute(*arguments, **options))
            return recorded[-1]

        with monkeypatch.context() as patched:
            from backoffice_api.importing import payments as importing_payments

            execute = importing_payments.execute
            patched.setattr(importing_payments, "execute", stop)
            with pytest.raises(Killed):
                import_payments(database, [path])
        assert value(database, select(func.count()).select_from(bills)) == 4

        report = import_payments(database, [path])

        assert (report.counts.rows_imported, report.counts.closes) == (5, True)
        assert broken(database) == []


class TestCommand:
    def test_prints_figures_that_close(self, tmp_path: Path, sqlite_copies: Copies) -> None:
        url = sqlite_copies.migrated()
        path = write(tmp_path, "a.csv", HEADERS[0], FIRST)

        result = CliRunner().invoke(
            main, ["import", "supplier-payments", str(path), "--database", url]
        )

        assert result.exit_code == 1
        assert "7 = 5 + 0 + 2" in result.stdout
        assert "STRAY_ROW" in result.stdout


@pytest.mark.skipif(not REAL, reason="BACKOFFICE_DATA_DIR does not name the folder of real data.")
@pytest.mark.timeout(120)
class TestRealFiles:
    def test_are_all_accounted_for(self, sqlite_url: str) -> None:
        paths = REAL if THOROUGH else REAL[:4]
        database = open_database(sqlite_url, statement_timeout_s=0)
        try:
            report = import_payments(database, paths)
            counts = report.counts
            if THOROUGH:
                assert (counts.rows_read, counts.rows_imported) == (61_529, 57_692)
                assert Counter(each.refused for each in report.files) == {None: 16, "NO_DATES": 1}
                assert {each.code: each.rows for each in report.remarks} == {
                    "NO_DATES": 1,
                    "STRAY_ROW": 1,
                }
                assert counts.rows_rejected == 3_836 + 1
            assert counts.closes
            assert counts.read_minor == _sum_of(paths)
            owed = select(func.sum(bill_payments.c.amount_minor))
            by_kind = owed.join(bills, bills.c.id == bill_payments.c.bill_id)
            paid = value(database, by_kind.where(bills.c.kind == "bill"))
            given_back = value(database, by_kind.where(bills.c.kind == "credit_note"))
            assert paid - given_back == counts.imported_minor
            assert counts.suppliers == value(database, select(func.count()).select_from(suppliers))
            assert broken(database) == []
        finally:
            database.dispose()


def _sum_of(paths: Sequence[Path]) -> int:
    """What all amounts come to, taken from the files by other means than the import."""
    total = Decimal(0)
    for path in paths:
        with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                amounts = [text for title, text in row.items() if title.strip().lower() == "amount"]
                total += sum(Decimal(text) for text in amounts if text)
    return int(total * 100)


def test_a_file_without_a_needed_column_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "Paid Date,Trans No,Amount,Supplier Name", "1/1/2015,1,2.50,X")

    with CsvFile(path) as file:
        sheet = supplier_payments.read(file)

    assert (sheet.refused, sheet.rejected_rows, sheet.rejected_minor) == ("COLUMN_MISSING", 1, 250)
