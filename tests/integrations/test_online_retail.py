"""What is made of the rows of a file. No database."""

from datetime import UTC, datetime

import pytest

from backoffice_api.adapters.csv_file import UnreadableFile
from backoffice_api.adapters.online_retail import WINDOW_ROWS, Rejected
from backoffice_api.domain.integrations.model import (
    DOCUMENT_ROWS_MAX,
    Counts,
    DocumentRow,
    RowAction,
    RowFault,
    RowKind,
    Severity,
    counts_of,
)
from backoffice_api.domain.kernel.money import UnitPrice
from tests.integrations.sheets import codes, documents, faults, items, rejected, row, sheet


def pounds(micro):
    return UnitPrice(micro, "GBP")


def fillers(count):
    """So many rows of other invoices."""
    return [row(f"{600_000 + number}", customer="") for number in range(count)]


class TestDocuments:
    def test_hold_the_rows_of_an_invoice(self, tmp_path):
        path = sheet(
            tmp_path,
            row(title="WHITE HEART ", price="2.55"),
            row(code="post", title="POSTAGE", quantity=1, price="0.001"),
            row("536366", "22633", "", 1, "2010-12-01 08:28:00", "0.0", "", "EIRE"),
        )

        first, second = documents(items(path))

        assert (first.key, first.line, first.customer_key, first.country) == (
            "536365",
            2,
            "17850",
            "GB",
        )
        assert first.recorded_at == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
        assert first.rows == (
            DocumentRow("85123A", "85123", "WHITE HEART", 6, pounds(2_550_000)),
            DocumentRow("POST", None, "POSTAGE", 1, pounds(1_000)),
        )
        assert (second.key, second.line, second.customer_key, second.country) == (
            "536366",
            4,
            None,
            "IE",
        )
        assert second.rows == (DocumentRow("22633", "22633", None, 1, pounds(0)),)

    @pytest.mark.parametrize(
        ("code", "sku", "product_key"),
        [
            ("71053", "71053", "71053"),
            ("85123a", "85123A", "85123"),
            ("15056bl", "15056BL", "15056"),
            ("DCGS0066P", "DCGS0066P", None),
            ("gift_0001_20", "GIFT_0001_20", None),
            ("BANK CHARGES", "BANK CHARGES", None),
            ("1234", "1234", None),
            ("85123ABC", "85123ABC", None),
        ],
    )
    def test_tell_goods_from_charges(self, tmp_path, code, sku, product_key):
        (document,) = documents(items(sheet(tmp_path, row(code=code))))

        assert (document.rows[0].sku, document.rows[0].product_key) == (sku, product_key)

    def test_keep_equal_rows(self, tmp_path):
        (document,) = documents(items(sheet(tmp_path, row(), row())))

        assert len(document.rows) == 2

    def test_take_rows_from_elsewhere_in_the_file(self, tmp_path):
        path = sheet(tmp_path, row(quantity=1), row("C536364", quantity=-1), row(quantity=2))

        back, sale = documents(items(path))

        assert [each.quantity for each in sale.rows] == [1, 2]
        assert (back.key, back.is_return) == ("C536364", True)

    def test_take_rows_from_as_far_as_the_window_reaches(self, tmp_path):
        path = sheet(tmp_path, row(), *fillers(WINDOW_ROWS - 1), row())

        assert [len(each.rows) for each in documents(items(path)) if each.key == "536365"] == [2]

    def test_are_two_where_rows_lie_farther_apart(self, tmp_path):
        path = sheet(tmp_path, row(), *fillers(WINDOW_ROWS), row(quantity=2))

        parts = [each for each in documents(items(path)) if each.key == "536365"]

        assert [(each.line, len(each.rows)) for each in parts] == [(2, 1), (WINDOW_ROWS + 3, 1)]
        assert parts[0].digest != parts[1].digest

    def test_have_the_same_digest_wherever_they_stand(self, tmp_path):
        here = sheet(tmp_path, row(), row(code="71053"), name="here.csv")
        there = sheet(tmp_path, row("536364"), row(), row(code="71053"), name="there.csv.gz")

        (alone,), (_, among) = documents(items(here)), documents(items(there))

        assert alone.digest == among.digest
        assert alone.line != among.line

    @pytest.mark.parametrize(
        "change", [{"price": "2.550"}, {"title": "WHITE HEART "}, {"customer": "17850"}]
    )
    def test_have_the_same_digest_however_they_are_written(self, tmp_path, change):
        (one,) = documents(items(sheet(tmp_path, row(), name="one.csv")))
        (other,) = documents(items(sheet(tmp_path, row(**change), name="other.csv")))

        assert one.digest == other.digest

    @pytest.mark.parametrize("change", [{"title": "X"}, {"quantity": 7}, {"country": "EIRE"}])
    def test_have_another_digest_with_other_rows(self, tmp_path, change):
        (one,) = documents(items(sheet(tmp_path, row(), name="one.csv")))
        (other,) = documents(items(sheet(tmp_path, row(**change), name="other.csv")))

        assert one.digest != other.digest


class TestTimes:
    @pytest.mark.parametrize(
        ("local", "utc"),
        [
            ("2010-12-01 08:26:00", "2010-12-01T08:26:00"),
            ("2011-07-01 08:26:00", "2011-07-01T07:26:00"),
            ("2011-03-27 00:59:59", "2011-03-27T00:59:59"),
            ("2011-03-27 02:00:00", "2011-03-27T01:00:00"),
            ("2011-10-30 00:59:59", "2011-10-29T23:59:59"),
            ("2011-10-30 02:00:00", "2011-10-30T02:00:00"),
        ],
    )
    def test_are_those_of_the_united_kingdom(self, tmp_path, local, utc):
        found = items(sheet(tmp_path, row(at=local)))

        assert documents(found)[0].recorded_at == datetime.fromisoformat(f"{utc}+00:00")
        assert faults(found) == []

    def test_that_were_twice_are_the_first(self, tmp_path):
        found = items(sheet(tmp_path, row(at="2011-10-30 01:30:00")))

        assert documents(found)[0].recorded_at == datetime(2011, 10, 30, 0, 30, tzinfo=UTC)
        assert codes(found) == [(2, "InvoiceDate", "TIME_TWICE")]

    def test_that_never_were_count_on_from_before(self, tmp_path):
        found = items(sheet(tmp_path, row(at="2011-03-27 01:30:00")))

        assert documents(found)[0].recorded_at == datetime(2011, 3, 27, 1, 30, tzinfo=UTC)
        assert codes(found) == [(2, "InvoiceDate", "TIME_SKIPPED")]

    def test_are_those_of_the_first_row(self, tmp_path):
        path = sheet(tmp_path, row(), row(at="2010-12-01 08:27:00"))

        assert documents(items(path))[0].recorded_at.minute == 26


class TestKinds:
    def test_are_told_by_sign_price_and_company(self, tmp_path):
        path = sheet(
            tmp_path,
            row(),
            row(code="22633", price="0.0"),
            row(code="22632", quantity=-2, price="0.0"),
            row("536370", quantity=-3, price="0.0", customer=""),
            row("536371", quantity=4, price="0.0", customer=""),
            row("536372", quantity=5, price="0.0"),
            row("C536373", quantity=-6),
        )

        assert [list(each.kinds()) for each in documents(items(path))] == [
            [RowKind.SALE, RowKind.FREE, RowKind.WRITE_OFF],
            [RowKind.WRITE_OFF],
            [RowKind.FOUND],
            [RowKind.GIVEN],
            [RowKind.RETURNED],
        ]

    def test_are_counted_with_exact_sums(self, tmp_path):
        path = sheet(
            tmp_path,
            row(quantity=2, price="1.25"),
            row(code="PADS", quantity=1, price="0.001"),
            row(code="22633", quantity=3, price="0.0"),
            row("536370", quantity=-3, price="0.0", customer=""),
            row("536371", code="POST", quantity=1000, price="0.0", customer=""),
            row("536374", quantity=1, price="0.005", customer=""),
            row("C536375", quantity=-2, price="1.25"),
            row("C536375", code="POST", quantity=-1, price="0.005"),
            row("C536376", code="D", quantity=-1, price="3.00"),
        )

        assert counts_of(documents(items(path))) == Counts(
            rows_imported=9,
            documents_imported=6,
            orders=2,
            guest_orders=1,
            lines=4,
            free_lines=1,
            charge_lines=1,
            write_off_rows=1,
            write_off_units=3,
            found_rows=1,
            found_units=1000,
            unmoved_rows=1,
            returns=1,
            returned_rows=1,
            returned_units=2,
            credit_notes=2,
            credited_rows=2,
            movements=4,
            sales_micro=2_506_000,
            returned_micro=2_500_000,
            credited_micro=3_005_000,
            rounding_micro=6_000,
        )


class TestRejected:
    @pytest.mark.parametrize(
        ("change", "column", "code"),
        [
            ({"invoice": "53636"}, "InvoiceNo", "BAD_INVOICE"),
            ({"invoice": "B536365"}, "InvoiceNo", "BAD_INVOICE"),
            ({"invoice": "\u0661\u0662\u0663\u0664\u0665\u0666"}, "InvoiceNo", "BAD_INVOICE"),
            ({"code": ""}, "StockCode", "BAD_CODE"),
            ({"code": "=1+1"}, "StockCode", "BAD_CODE"),
            ({"code": "X" * 81}, "StockCode", "BAD_CODE"),
            ({"title": "A\0B"}, "Description", "CONTROL_CHARACTER"),
            ({"title": "X" * 251}, "Description", "TEXT_TOO_LONG"),
            ({"quantity": 0}, "Quantity", "BAD_QUANTITY"),
            ({"quantity": "1.5"}, "Quantity", "BAD_QUANTITY"),
            ({"quantity": "1" * 10}, "Quantity", "BAD_QUANTITY"),
            ({"quantity": "NaN"}, "Quantity", "BAD_QUANTITY"),
            ({"at": "2011-02-30 10:00:00"}, "InvoiceDate", "BAD_DATE"),
            ({"at": "01/12/2010 08:26"}, "InvoiceDate", "BAD_DATE"),
            ({"at": "0001-01-01 00:00:00"}, "InvoiceDate", "BAD_DATE"),
            ({"invoice": "C536365", "quantity": 1}, "Quantity", "BAD_RETURN"),
            ({"price": "-1.00"}, "UnitPrice", "BAD_PRICE"),
            ({"price": "1e3"}, "UnitPrice", "BAD_PRICE"),
            ({"price": "Infinity"}, "UnitPrice", "BAD_PRICE"),
            ({"price": "0.0000001"}, "UnitPrice", "BAD_PRICE"),
            ({"quantity": 999_999_999, "price": "1.00"}, "UnitPrice", "AMOUNT_TOO_LARGE"),
            ({"customer": "17850.5"}, "CustomerID", "BAD_CUSTOMER"),
            ({"country": "Fra\0nce"}, "Country", "CONTROL_CHARACTER"),
        ],
    )
    def test_is_a_row_with_a_bad_field(self, tmp_path, change, column, code):
        found = items(sheet(tmp_path, row(**change)))

        assert codes(found) == [(2, column, code)]
        assert [each.severity for each in faults(found)] == [Severity.ERROR]
        assert documents(found) == []

    def test_is_a_row_of_bytes_that_are_no_text(self, tmp_path):
        path = sheet(tmp_path, row(title="CAF\u00c9").encode("latin-1"), row("536366"))

        found = items(path)

        assert faults(found) == [
            RowFault(
                file="sales.csv",
                line=2,
                column="Description",
                code="NOT_UTF8",
                severity=Severity.ERROR,
                value="CAF\\udcc9",
                action=RowAction.REJECTED,
            )
        ]
        assert [each.key for each in documents(found)] == ["536366"]

    @pytest.mark.parametrize("line", ["536365,85123A,X", row() + ",", "rubbish"])
    def test_is_a_row_with_more_or_fewer_fields(self, tmp_path, line):
        found = items(sheet(tmp_path, line))

        assert [code for _, _, code in codes(found)] == ["FIELD_COUNT"]

    def test_is_a_row_that_cannot_be_made_out(self, tmp_path):
        found = items(sheet(tmp_path, '"' + "x" * 200_000, row()))

        assert codes(found) == [(2, "", "MALFORMED_CSV")]
        assert len(documents(found)) == 1

    def test_is_the_whole_invoice_with_it(self, tmp_path):
        path = sheet(tmp_path, row(), row("536366"), row(quantity="x"), row(code="71053"))

        found = items(path)

        assert [each.key for each in documents(found)] == ["536366"]
        assert codes(found) == [
            (2, "InvoiceNo", "INVOICE_INCOMPLETE"),
            (4, "Quantity", "BAD_QUANTITY"),
            (5, "InvoiceNo", "INVOICE_INCOMPLETE"),
        ]
        assert [each.is_document for each in found if isinstance(each, Rejected)] == [True, False]

    def test_is_an_invoice_of_two_customers(self, tmp_path):
        found = items(sheet(tmp_path, row(), row(customer="12345.0")))

        assert codes(found) == [
            (2, "InvoiceNo", "INVOICE_INCOMPLETE"),
            (3, "CustomerID", "CUSTOMER_DIFFERS"),
        ]

    def test_is_an_invoice_with_more_rows_than_it_may_have(self, tmp_path):
        found = items(sheet(tmp_path, *[row()] * (DOCUMENT_ROWS_MAX + 1), row("536366")))

        assert [each.key for each in documents(found)] == ["536366"]
        assert rejected(found) == DOCUMENT_ROWS_MAX + 1
        assert codes(found)[-1] == (DOCUMENT_ROWS_MAX + 2, "InvoiceNo", "TOO_MANY_ROWS")

    def test_is_an_entry_of_the_books(self, tmp_path):
        path = sheet(
            tmp_path,
            row("A563186", "B", "Adjust bad debt", 1, price="-11062.06", customer=""),
        )

        found = items(path)

        assert codes(found) == [(2, "InvoiceNo", "NOT_A_SALE")]
        assert [(each.severity, each.action) for each in faults(found)] == [
            (Severity.WARNING, RowAction.REJECTED)
        ]

    def test_is_a_file_with_other_columns(self, tmp_path):
        path = sheet(tmp_path, row(), header="Invoice,StockCode")

        with pytest.raises(UnreadableFile) as refusal:
            items(path)

        assert "InvoiceNo,StockCode,Description" in str(refusal.value)

    def test_is_an_empty_file(self, tmp_path):
        path = tmp_path / "sales.csv"
        path.touch()

        with pytest.raises(UnreadableFile):
            items(path)


class TestRemarks:
    def test_are_none_for_a_return(self, tmp_path):
        found = items(sheet(tmp_path, row("C536365", quantity=-1), row("C536365", "D", "", -2)))

        assert (codes(found), documents(found)[0].row_lines) == ([], (2, 3))

    @pytest.mark.parametrize("country", ["Channel Islands", "European Community", "Unspecified"])
    def test_name_what_is_no_country(self, tmp_path, country):
        found = items(sheet(tmp_path, row(country=country), row(country=country)))

        assert documents(found)[0].country is None
        assert codes(found) == [(2, "Country", "COUNTRY_UNKNOWN")]

    @pytest.mark.parametrize(
        ("name", "code"),
        [("EIRE", "IE"), ("RSA", "ZA"), ("USA", "US"), ("Brazil", "BR"), ("Hong Kong", "HK")],
    )
    def test_are_none_for_a_country_by_any_name(self, tmp_path, name, code):
        found = items(sheet(tmp_path, row(country=name)))

        assert (documents(found)[0].country, faults(found)) == (code, [])

    def test_name_what_is_written_off_without_being_stock(self, tmp_path):
        path = sheet(tmp_path, row(code="DCGS0055", quantity=-1, price="0.0", customer=""))

        assert codes(items(path)) == [(2, "StockCode", "NOT_STOCK")]
