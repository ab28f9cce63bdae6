"""The real file, imported into a database: the figures that are known of it.

Where the import itself could be wrong in the same way, they were taken from the file by other
means; those of the issue are there, too. That takes a minute: a usual run imports the first days.
"""

import csv
import gzip
import json
import os
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path

import pytest
from sqlalchemy import func, select

from backoffice_api.domain.all_checks import CHECKS
from backoffice_api.domain.customers.tables import customers
from backoffice_api.domain.integrations.model import Counts
from backoffice_api.domain.kernel import checks
from backoffice_api.domain.kernel.database import open_database
from backoffice_api.domain.orders.tables import order_lines, orders
from backoffice_api.domain.products.tables import products, variants
from backoffice_api.domain.returns.tables import return_lines
from backoffice_api.domain.returns.tables.credits import recorded_credits
from backoffice_api.domain.stock.model.movements import MovementKind
from backoffice_api.domain.stock.tables import levels, movements
from backoffice_api.importing.sales import Report, import_file
from tests.databases import BACKENDS
from tests.soundness import broken
from tests.thorough import THOROUGH
from tests.together import together

DATA_DIR = os.environ.get("BACKOFFICE_DATA_DIR")
FILE = Path(DATA_DIR or ".", "online-retail", "online_retail.csv.gz")

pytestmark = [
    pytest.mark.skipif(
        DATA_DIR is None, reason="BACKOFFICE_DATA_DIR does not name the folder of the real data."
    ),
    pytest.mark.timeout(600),
]

READ = 541_909
RETURNED, CREDITED = 8_704, 584
REJECTED = 3


class Imported:
    """A database with the real file in it: imported, then imported again."""

    def __init__(self, url, facts):
        self.database = open_database(url, statement_timeout_s=0)
        self.first = Counts(**facts["first"])
        self.second = Counts(**facts["second"])
        self.remarks = {code: rows for code, _, rows in facts["remarks"]}
        self.errors = [code for code, severity, _ in facts["remarks"] if severity == "error"]
        self.rows = facts["rows"]

    def value(self, statement):
        with self.database.reading.connect() as db:
            return db.execute(statement).scalar_one()

    def values(self, statement):
        with self.database.reading.connect() as db:
            return [tuple(row) for row in db.execute(statement)]


@pytest.fixture(scope="module", params=BACKENDS)
def imported(request, test_run):
    """Made by whichever worker of the run comes first, for all of them."""
    copies = request.getfixturevalue(
        "sqlite_copies" if request.param == "sqlite" else "postgres_copies"
    )
    with test_run.once(f"online-retail-{request.param}.json") as known:
        if not known.exists():
            url = copies.fresh()
            known.write_text(json.dumps({"url": url, **facts_of(url, known.with_suffix(".csv"))}))
        facts = json.loads(known.read_text())
    imported = Imported(facts["url"], facts)
    yield imported
    imported.database.dispose()


def facts_of(url, report_path):
    database = open_database(url)
    try:
        first = import_file(database, FILE, report_path=report_path)
        second = import_file(database, FILE)
    finally:
        database.dispose()
    with report_path.open(newline="") as file:
        rows = sum(1 for _ in csv.DictReader(file))
    return {
        "first": asdict(first.counts),
        "second": asdict(second.counts),
        "remarks": remarks_of(first),
        "rows": rows,
    }


def remarks_of(report: Report):
    return [(str(each.code), each.severity, each.rows) for each in report.remarks]


FIRST_ROWS = 10_000


class TestItsFirstDays:
    def test_come_to_what_the_rows_say_once(self, database, tmp_path):
        start = tmp_path / "first_days.csv"
        with gzip.open(FILE, "rt", encoding="utf-8", newline="") as file:
            start.write_text("".join(islice(file, 1 + FIRST_ROWS)), encoding="utf-8")
        with start.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        invoices = {row["InvoiceNo"] for row in rows}
        sold = [row for row in rows if int(row["Quantity"]) > 0 and Decimal(row["UnitPrice"]) > 0]
        total = sum(int(row["Quantity"]) * Decimal(row["UnitPrice"]) for row in sold)
        customers_known = {row["CustomerID"] for row in rows} - {""}

        first = import_file(database, start).counts
        second = import_file(database, start).counts

        assert (first.rows_read, first.rows_imported) == (FIRST_ROWS, FIRST_ROWS)
        assert (first.documents_imported, first.customers) == (len(invoices), len(customers_known))
        assert first.lines - first.free_lines == len(sold)
        assert first.sales_micro == total * 1_000_000
        assert (second.rows_merged, second.documents_merged) == (FIRST_ROWS, len(invoices))
        with database.reading.connect() as db:
            assert db.scalar(select(func.sum(orders.c.total_minor))) == total * 100
        assert broken(database, CHECKS) == []


@pytest.mark.skipif(not THOROUGH, reason="takes a minute")
class TestTheRealFile:
    def test_is_accounted_for_row_by_row(self, imported):
        counts = imported.first

        assert counts.closes
        assert (counts.rows_read, counts.rows_deferred, counts.rows_rejected) == (READ, 0, REJECTED)
        assert (counts.rows_imported, counts.rows_merged) == (READ - REJECTED, 0)
        assert counts.rows_imported == 530_103 + 400 + 1_336 + 779 + RETURNED + CREDITED

    def test_is_accounted_for_invoice_by_invoice(self, imported):
        counts = imported.first

        assert counts.documents_imported == 19_959 + 1_336 + 762 + 4 + 3_836
        assert (counts.documents_deferred, counts.documents_rejected) == (0, 3)
        assert counts.documents_merged == 0

    def test_has_so_many_products_variants_and_customers(self, imported):
        counts = imported.first

        assert (counts.products, counts.variants, counts.customers) == (3_386, 3_926, 4_372)
        assert imported.value(select(func.count()).select_from(products)) == 3_386
        assert imported.value(select(func.count()).select_from(variants)) == 3_926
        assert imported.value(select(func.count()).select_from(customers)) == 4_372

    def test_has_so_many_orders(self, imported):
        guests = select(func.count()).select_from(orders).where(orders.c.customer_id.is_(None))

        assert (imported.first.orders, imported.first.guest_orders) == (19_959, 1_427)
        assert imported.value(select(func.count()).select_from(orders)) == 19_959
        assert imported.value(guests) == 1_427

    def test_has_so_many_lines(self, imported):
        counts = imported.first
        lines = select(func.count()).select_from(order_lines)
        free = lines.where(order_lines.c.unit_price_micro == 0)
        charges = lines.where(order_lines.c.variant_id.is_(None))

        assert (counts.lines, counts.free_lines, counts.charge_lines) == (530_503, 400, 2_385)
        assert imported.value(lines) == 530_103 + 400
        assert imported.value(free) == 400
        assert imported.value(charges) == 2_385

    def test_sells_one_thing_in_several_lines_of_an_order(self, imported):
        repeated = (
            select(order_lines.c.order_id)
            .group_by(order_lines.c.order_id, order_lines.c.sku)
            .having(func.count() > 1)
            .subquery()
        )

        assert imported.value(select(func.count()).select_from(repeated)) == 9_601

    def test_comes_to_the_penny(self, imported):
        rounded = [
            (order_lines.c.sku, order_lines.c.unit_price_micro, order_lines.c.rounding_micro)
        ]
        odd = select(*rounded[0]).where(order_lines.c.rounding_micro != 0).order_by("sku")
        totals = select(func.sum(orders.c.total_minor))

        assert imported.first.sales_micro == 10_655_622_484_000
        assert imported.first.posted_micro == 10_655_622_480_000
        assert imported.first.rounding_micro == 4_000
        assert imported.value(totals) == 1_065_562_248
        assert imported.values(odd) == [
            ("BANK CHARGES", 1_000, 1_000),
            *[("PADS", 1_000, 1_000)] * 3,
        ]

    def test_writes_stock_off(self, imported):
        counts = imported.first
        scrapped = select(func.count(), func.sum(movements.c.quantity)).where(
            movements.c.kind == MovementKind.SCRAP
        )

        assert (counts.write_off_rows, counts.write_off_units) == (1_336, 206_957)
        # Twelve of them are of what is never stock.
        assert imported.values(scrapped) == [(1_324, 206_898)]
        assert imported.remarks["NOT_STOCK"] == 12 + 11

    def test_finds_and_gives_away_stock(self, imported):
        counts = imported.first
        found = select(func.count(), func.sum(movements.c.quantity)).where(
            movements.c.kind == MovementKind.CORRECTION
        )

        assert (counts.found_rows, counts.found_units) == (772, 57_447)
        assert (counts.given_rows, counts.given_units) == (7, 13_133)
        assert imported.values(found) == [(762, 52_876)]

    def test_matches_returns_with_sales(self, imported):
        counts = imported.first
        shares = select(func.count(), func.sum(return_lines.c.refunded))
        known = shares.where(return_lines.c.order_line_id.is_not(None))
        counted = select(func.sum(order_lines.c.returned))

        assert (counts.returns, counts.returned_rows) == (3_359 + 63, RETURNED)
        assert (counts.matched_rows, counts.partly_matched_rows) == (7_432, 51)
        assert (counts.unmatched_rows, counts.guest_return_rows) == (1_056, 165)
        assert imported.values(shares)[0][1] == counts.returned_units
        assert imported.value(counted) == imported.values(known)[0][1]

    def test_takes_credits_without_goods(self, imported):
        credited = select(func.count(), func.sum(recorded_credits.c.amount_minor))

        assert (imported.first.credit_notes, imported.first.credited_rows) == (414 + 63, CREDITED)
        assert imported.values(credited) == [(CREDITED, imported.first.credited_micro // 10_000)]

    def test_moves_each_piece_once(self, imported):
        back = imported.first.returned_units
        pieces = 5_579_012 + 206_898 - 52_876 + 13_132 - back
        moved = select(func.count()).select_from(movements)
        heart = select(levels.c.on_hand).where(
            levels.c.variant_id == variants.c.id, variants.c.sku == "85123A"
        )

        shares = imported.value(select(func.count()).select_from(return_lines))
        assert imported.first.movements == 528_118 + 1_324 + 762 + 6 + shares
        assert imported.value(moved) == imported.first.movements
        assert imported.value(select(func.sum(levels.c.on_hand))) == -pieces
        assert imported.value(heart) == -34_212 + 2_578

    def test_begins_and_ends_when_the_shop_says(self, imported):
        (first, last), *_ = imported.values(
            select(func.min(orders.c.placed_at), func.max(orders.c.placed_at))
        )
        summer = select(orders.c.placed_at).where(orders.c.number == "558638")

        assert first == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
        assert last == datetime(2011, 12, 9, 12, 50, tzinfo=UTC)
        assert imported.value(summer) == datetime(2011, 7, 1, 7, 16, tzinfo=UTC)

    def test_is_remarked_on(self, imported):
        assert imported.remarks == {
            "NOT_A_SALE": REJECTED,
            "NOT_STOCK": 23,
            "COUNTRY_UNKNOWN": 51,
            "RETURN_NOT_MATCHED": 1_056,
            "RETURN_PARTLY_MATCHED": 51,
            "RETURN_OF_GUEST": 165,
        }
        assert imported.errors == []
        assert imported.rows == sum(imported.remarks.values())

    def test_imports_nothing_new_the_second_time(self, imported):
        assert imported.second == Counts(
            rows_read=READ,
            rows_merged=READ - REJECTED,
            rows_rejected=REJECTED,
            documents_merged=19_959 + 1_336 + 762 + 4 + 3_836,
            documents_rejected=3,
        )

    @together("check", {check.id: check for check in CHECKS})
    def test_breaks_no_invariant(self, imported, check):
        with imported.database.reading.connect() as db:
            (finding,) = checks.verify(db, [check])

        assert finding.rows == []
