"""Exports of what is there. On both databases."""

import csv
import io
import json

import pytest

from backoffice_api import exporting
from backoffice_api.exporting import EXPORTS, Format, export
from backoffice_api.importing import import_file
from tests.databases import count_statements
from tests.integrations.sheets import row, sheet

ROWS = (
    row(title="=HYPERLINK(1)", price="1.005"),
    row("536366", "71053", "LANTERN", 3, "2011-07-01 09:00:00", "3.39", "", "EIRE"),
)


@pytest.fixture
def shop(database, tmp_path):
    import_file(database, sheet(tmp_path, *ROWS))
    return database


def as_csv(database, name):
    file = io.StringIO(newline="")
    export(database, EXPORTS[name], Format.CSV, file)
    return list(csv.DictReader(io.StringIO(file.getvalue(), newline="")))


def as_json(database, name):
    file = io.StringIO()
    export(database, EXPORTS[name], Format.JSONL, file)
    return [json.loads(line) for line in file.getvalue().splitlines()]


def without_ids(rows):
    return [{name: value for name, value in row.items() if not name.endswith("id")} for row in rows]


class TestExport:
    def test_writes_orders(self, shop):
        assert without_ids(as_csv(shop, "orders"))[1] == {
            "number": "536366",
            "channel": "online-retail",
            "placed_at": "2011-07-01T08:00:00Z",
            "status": "closed",
            "fulfillment_status": "shipped",
            "currency": "GBP",
            "subtotal": "10.17",
            "discount": "0.00",
            "shipping": "0.00",
            "tax": "0.00",
            "total": "10.17",
            "current_total": "10.17",
        }

    def test_writes_products_without_formulas(self, shop):
        first, second = without_ids(as_csv(shop, "products"))

        assert (first["sku"], first["product"], first["variant"]) == (
            "85123A",
            "'=HYPERLINK(1)",
            "'=HYPERLINK(1)",
        )
        assert (second["sku"], second["brand"], second["weight_g"]) == ("71053", "", "")

    def test_writes_customers(self, shop):
        assert without_ids(as_csv(shop, "customers")) == [
            {
                "kind": "person",
                "name": "Customer 17850",
                "email": "",
                "phone": "",
                "country": "GB",
                "status": "active",
                "created_at": "2010-12-01T08:26:00Z",
            }
        ]

    def test_writes_stock(self, shop):
        assert {(each["sku"], each["on_hand"]) for each in as_csv(shop, "stock")} == {
            ("85123A", "-6"),
            ("71053", "-3"),
        }

    def test_writes_values_as_they_are_in_json(self, shop):
        first, _ = as_json(shop, "products")
        level, _ = sorted(as_json(shop, "stock"), key=lambda each: each["on_hand"])
        _, order = as_json(shop, "orders")

        assert (first["product"], first["brand"]) == ("=HYPERLINK(1)", None)
        assert level["on_hand"] == -6
        assert (order["total"], order["placed_at"]) == ("10.17", "2011-07-01T08:00:00Z")

    @pytest.mark.parametrize("name", EXPORTS)
    def test_of_nothing_is_a_header(self, database, name):
        file = io.StringIO()

        assert export(database, EXPORTS[name], Format.CSV, file) == 0
        assert file.getvalue() == ",".join(EXPORTS[name].columns) + "\n"

    def test_goes_on_from_page_to_page(self, database, tmp_path, monkeypatch):
        rows = [row(f"{600_000 + number}", customer="") for number in range(7)]
        import_file(database, sheet(tmp_path, *rows))
        monkeypatch.setattr(exporting, "PAGE_SIZE", 3)
        seen = []

        with count_statements(database) as statements:
            count = export(
                database, EXPORTS["orders"], Format.CSV, io.StringIO(), progress=seen.append
            )

        assert (count, seen) == (7, [3, 6, 7])
        assert len([each for each in statements if each.startswith("SELECT")]) == 3 * 2
