"""From cells to values, and from titles to fields. No database."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice_api.domain.bulk.model import values
from backoffice_api.domain.bulk.model.barcodes import BarcodeDamage, read_barcode
from backoffice_api.domain.bulk.model.fields import ABSENT, RawRow, fields_of, read_row
from backoffice_api.domain.bulk.model.filters import filter_from, plain_filter
from backoffice_api.domain.bulk.model.remarks import RowRemark, summed
from backoffice_api.domain.bulk.model.runs import BulkKind, ColumnsMissing, SheetFormat
from backoffice_api.domain.bulk.model.values import PLAIN, locale_of
from backoffice_api.domain.integrations.model import RowAction, Severity
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.filters import All, AnyOf, Not, Operator, Test
from backoffice_api.domain.kernel.gtin import check_digit
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.products.model import ProductStatus

GERMAN, BRITISH, AMERICAN = locale_of("de-DE"), locale_of("en-GB"), locale_of("en-US")


class TestNumbers:
    @pytest.mark.parametrize(
        ("cell", "locale", "number"),
        [
            ("12.50", PLAIN, "12.50"),
            (" -3 ", PLAIN, "-3"),
            (19.9, PLAIN, "19.9"),
            (4006381333931.0, PLAIN, "4006381333931"),
            ("1.234,50", GERMAN, "1234.50"),
            ("1 234 567,5", locale_of("fr"), "1234567.5"),
            ("12,50", GERMAN, "12.50"),
            ("1,234.50", BRITISH, "1234.50"),
        ],
    )
    def test_are_read_as_the_locale_writes_them(self, cell, locale, number):
        assert values.decimal(cell, locale) == Decimal(number)

    @pytest.mark.parametrize(
        ("cell", "locale"),
        [
            ("1,5", PLAIN),
            ("1,234", PLAIN),
            ("1e5", PLAIN),
            ("NaN", PLAIN),
            ("", PLAIN),
            ("1.5", GERMAN),
            ("12.34,5", GERMAN),
            ("1,23.5", BRITISH),
            ("1.234.50", BRITISH),
            (True, PLAIN),
            (float("nan"), PLAIN),
            ([], PLAIN),
        ],
    )
    def test_that_could_mean_something_else_are_refused(self, cell, locale):
        with pytest.raises(DomainError):
            values.decimal(cell, locale)

    @pytest.mark.parametrize("cell", ["1.5", "x", 1.5, str(1 << 63)])
    def test_that_are_not_whole_are_refused(self, cell):
        with pytest.raises(values.NotWhole):
            values.whole(cell, PLAIN)

    @given(st.decimals(allow_nan=False, allow_infinity=False, places=4, max_value=10**12))
    def test_come_back_from_how_a_locale_writes_them(self, number):
        written = f"{number:,.4f}".translate(str.maketrans(",.", ".,"))

        assert values.decimal(written, GERMAN) == number


class TestMoments:
    @pytest.mark.parametrize(
        ("cell", "locale", "moment"),
        [
            ("2026-01-31", PLAIN, datetime(2026, 1, 31, tzinfo=UTC)),
            ("2026-01-31T09:30:00+02:00", PLAIN, datetime(2026, 1, 31, 7, 30, tzinfo=UTC)),
            ("2026-01-31 09:30", PLAIN, datetime(2026, 1, 31, 9, 30, tzinfo=UTC)),
            ("31.01.2026", GERMAN, datetime(2026, 1, 31, tzinfo=UTC)),
            ("03/04/2026 8:05", BRITISH, datetime(2026, 4, 3, 8, 5, tzinfo=UTC)),
            ("03/04/2026", AMERICAN, datetime(2026, 3, 4, tzinfo=UTC)),
        ],
    )
    def test_are_read_as_the_locale_writes_them(self, cell, locale, moment):
        assert values.instant(cell, locale) == moment

    @pytest.mark.parametrize("cell", ["03/04/2026", "2026-02-30", "20260131", "now", 45_000])
    def test_that_could_mean_something_else_are_refused(self, cell):
        with pytest.raises(values.NotADate):
            values.instant(cell, PLAIN)

    @pytest.mark.parametrize(
        ("cell", "locale"),
        [
            (date(2026, 5, 1), PLAIN),
            (datetime(2026, 5, 1, 23, 59, tzinfo=UTC), PLAIN),
            ("2026-05-01", PLAIN),
            (" 2026-05-01T00:00:00+02:00 ", PLAIN),
            ("2026-05-01 23:30:00-0300", PLAIN),
            ("1.5.2026", GERMAN),
            ("5/1/2026 23:00", AMERICAN),
        ],
    )
    def test_are_read_as_the_days_that_are_written(self, cell, locale):
        assert values.day(cell, locale) == date(2026, 5, 1)


class TestWords:
    @pytest.mark.parametrize(
        ("cell", "locale", "truth"),
        [("TRUE", PLAIN, True), (0, PLAIN, False), (True, PLAIN, True), ("Nein", GERMAN, False)],
    )
    def test_say_yes_or_no(self, cell, locale, truth):
        assert values.boolean(cell, locale) is truth

    @pytest.mark.parametrize("cell", ["ja", "maybe", 2, ""])
    def test_that_say_neither_are_refused(self, cell):
        with pytest.raises(values.NotABoolean):
            values.boolean(cell, PLAIN)

    def test_of_a_set_may_be_in_capitals(self):
        assert values.one_of(ProductStatus)(" Active ", PLAIN) is ProductStatus.ACTIVE
        with pytest.raises(values.UnknownWord):
            values.one_of(ProductStatus)("gone", PLAIN)

    @pytest.mark.parametrize("cell", ["[1", '{"a": 1}', {"a": 1}, ["x"] * 251])
    def test_in_lists_are_told_apart(self, cell):
        with pytest.raises(values.NotAList):
            values.objects(cell, frozenset())


class TestBarcodes:
    @given(st.integers(0, 10**13 - 1), st.integers(0, 6))
    def test_that_lost_or_got_zeros_are_restored(self, number, more):
        body = str(number)
        code = body + check_digit(body)

        read = read_barcode("0" * more + code)

        if not int(code):
            return
        assert read.is_gtin
        assert read.code.lstrip("0") == code.lstrip("0")
        assert read.damage in (None, BarcodeDamage.ZEROS_RESTORED)

    @given(st.text(max_size=30))
    def test_are_never_gtins_without_the_right_check_digit(self, code):
        read = read_barcode(code)

        assert read.is_gtin is (read.damage in (None, BarcodeDamage.ZEROS_RESTORED))
        if read.is_gtin:
            assert check_digit(read.code[:-1]) == read.code[-1]


class TestColumns:
    def test_are_found_by_what_others_call_them(self):
        header = ("Handle", "VARIANT SKU", "Body (HTML)", "Größe", "sku")

        assert fields_of(BulkKind.PRODUCTS, header, {}) == (
            "product_key",
            "sku",
            "description",
            None,
            None,
        )

    def test_of_ours_and_of_others_are_told_apart(self):
        assert fields_of(BulkKind.CUSTOMERS, ("customer_id", "Customer ID"), {}) == (
            "customer_id",
            "customer_key",
        )

    @pytest.mark.parametrize(
        ("header", "mapping"),
        [((), {}), (("brand",), {}), (("sku", "x"), {"x": "sku"}), (("sku",) * 201, {})],
    )
    def test_that_are_not_enough_are_refused(self, header, mapping):
        with pytest.raises(ColumnsMissing):
            fields_of(BulkKind.PRODUCTS, header, mapping)

    def test_that_a_row_lacks_say_nothing(self):
        row = read_row(BulkKind.PRODUCTS, ("sku", "title"), RawRow(2, ("A", ABSENT)), PLAIN)

        assert row.given == {"sku": "A"}

    @pytest.mark.parametrize(
        ("name", "format"),
        [("a.CSV", "csv"), ("a.csv.gz", "csv"), ("a.b.xlsx", "xlsx"), ("a.ndjson", "jsonl")],
    )
    def test_of_files_follow_from_their_names(self, name, format):
        assert SheetFormat.of_name(name).value == format


class TestFilters:
    def test_come_back_from_plain_values(self):
        filter = All(
            (
                Test("id", Operator.IN, (UUID(int=1), UUID(int=2))),
                AnyOf(
                    (Test("total", Operator.GTE, Money(1, "EUR")), Not(Test("a", Operator.EQ, 1)))
                ),
                Test("at", Operator.LT, datetime(2026, 1, 31, tzinfo=UTC)),
                Test("status", Operator.EQ, ProductStatus.ACTIVE),
            )
        )

        assert filter_from(plain_filter(filter)) == filter
        assert filter_from(plain_filter(None)) is None


class TestRemarks:
    def test_are_kept_up_to_a_bound_and_counted_beyond(self, monkeypatch):
        monkeypatch.setattr("backoffice_api.domain.bulk.model.remarks.REPORTED_PER_CODE_MAX", 3)
        remark = RowRemark(2, "sku", "SKU_TAKEN", Severity.ERROR, "A", RowAction.REJECTED)

        first = summed((), [remark] * 2)
        second = summed(first.summary, [remark] * 5)

        assert (len(first.kept), len(second.kept), second.kept_before) == (2, 1, 2)
        assert [each["rows"] for each in second.summary] == [7]
