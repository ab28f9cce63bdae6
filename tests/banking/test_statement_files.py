"""Statements of banks as files: every format to the same drafts, whatever a bank makes of it."""

import base64
import contextlib
import gzip
import json
import os
import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from backoffice_api.adapters.statements.cnab240 import read_collections
from backoffice_api.adapters.statements.reading import read_statements, unpacked, unzipped
from backoffice_api.adapters.statements.values import Garbled, minor, with_point
from backoffice_api.domain.banking.model.files import (
    FILE_BYTES_MAX,
    CsvMapping,
    NotBase64,
    StatementDraft,
    StatementFileTooLarge,
    StatementFormat,
    UnreadableStatement,
)
from backoffice_api.domain.kernel.errors import DomainError
from tests.banking import files
from tests.banking.variations import VARIATIONS, Variation

RECORDED = os.environ.get("BACKOFFICE_DATA_DIR")
TABLE = CsvMapping(
    booked_on="data",
    amount="Valor",
    text=("2",),
    balance="Saldo",
    currency="BRL",
    date_format="DD/MM/YYYY",
    decimal_sign=",",
    skipped_lines=1,
)


def read(content: bytes, mapping: CsvMapping | None = None) -> StatementDraft:
    _, (found,) = read_statements(content, mapping=mapping)
    return found


class TestFormats:
    @pytest.mark.parametrize(
        ("content", "mapping", "currency", "opening", "closing"),
        [
            (files.OFX_1, None, "BRL", None, 108_025),
            (files.OFX_2, None, "USD", None, None),
            (files.camt(), None, "EUR", 100_000, 108_025),
            (files.camt("053.001.02"), None, "EUR", 100_000, 108_025),
            (files.camt("052.001.06"), None, "EUR", 100_000, 108_025),
            (files.cnab(), None, "BRL", 100_000, 108_025),
            (files.cnab().replace(b"\r\n", b"\n"), None, "BRL", 100_000, 108_025),
            (files.CSV, TABLE, "BRL", 100_000, 108_025),
            (files.CSV.replace(b"\n", b"\r\n"), TABLE, "BRL", 100_000, 108_025),
            (files.CSV.decode("cp1252").encode("utf-16"), TABLE, "BRL", 100_000, 108_025),
        ],
        ids=["ofx1", "ofx2", "camt8", "camt2", "camt52", "cnab", "lf", "csv", "crlf", "utf16"],
    )
    def test_come_to_the_same(self, content, mapping, currency, opening, closing):
        found = read(content, mapping)

        assert (found.currency, found.opening_minor, found.closing_minor) == (
            currency,
            opening,
            closing,
        )
        assert [(line.booked_on, line.amount_minor) for line in found.lines] == [
            (date(2025, 3, 3), 10_050),
            (date(2025, 3, 4), -2_025),
        ]
        assert found.is_balanced is (None if opening is None else True)

    def test_of_ofx_keep_the_letters_and_the_ids_of_the_bank(self):
        line = read(files.OFX_1).lines[0]
        other = read(files.OFX_2).lines[0]

        assert (line.party_name, line.text) == ("Caf\u00e9 & Cia", "Caf\u00e9 & Cia Pedido W-1")
        assert (line.bank_reference, other.party_name) == ("F1", "Tom & Co")
        assert other.party_account == "9988"

    def test_of_camt_keep_the_payments_of_a_batch(self):
        line = read(files.camt()).lines[0]

        assert [(each.amount_minor, each.party_name, each.reference) for each in line.details] == [
            (6_050, "Ana", "W-1"),
            (4_000, "Bob", None),
        ]
        assert (line.details[0].text, line.details[0].party_account) == ("Order W-1", "DE021203")
        assert (line.value_on, line.bank_reference) == (date(2025, 3, 4), "BANK-1")

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_of_mt940_take_reversals_at_their_word(self, end):
        found = read(files.MT940.replace("\n", end).encode("cp1252"))

        assert [line.amount_minor for line in found.lines] == [10_050, -1_525, -500]
        assert found.is_balanced
        first, second, third = found.lines
        assert (first.party_name, first.reference, first.bank_reference) == ("Ana", "W-1", "BANK-1")
        assert (second.booked_on, second.value_on) == (date(2025, 3, 4), date(2024, 12, 31))
        assert third.text == ""

    def test_of_mt940_keep_lines_without_a_type(self):
        text = files.MT940.replace("100,50NTRFW-1//BANK-1", "100,50")

        assert read(text.encode()).is_balanced

    def test_of_tables_have_debits_and_credits_apart(self):
        table = b'day,in,out\n03-03-25,"1,100.50",\n04-03-25,,20.25\n'
        mapping = CsvMapping(
            booked_on="day", credit="in", debit="out", currency="USD", date_format="DD-MM-YY"
        )

        assert [line.amount_minor for line in read(table, mapping).lines] == [110_050, -2_025]

    def test_of_tables_have_marks_instead_of_signs(self):
        table = b"2025-03-03|10.00|S\n2025-03-04|5|H\n"
        mapping = CsvMapping(
            booked_on="1",
            amount="2",
            mark="3",
            debit_marks=("s",),
            currency="EUR",
            has_header=False,
        )

        assert [line.amount_minor for line in read(table, mapping).lines] == [-1_000, 500]


class TestVariations:
    """Files of the same kinds as other banks write them."""

    @pytest.mark.parametrize("given", VARIATIONS, ids=lambda each: each.name)
    def test_are_read_by_the_specification(self, given: Variation) -> None:
        found = read(given.content, given.mapping)

        assert tuple(line.amount_minor for line in found.lines) == given.amounts
        assert (found.opening_minor, found.closing_minor) == given.balances
        assert (found.currency, found.is_mixed) == (given.currency, False)
        for wanted, name in ((given.parties, "party_name"), (given.references, "reference")):
            told = [getattr(line, name) for line in found.lines]
            assert told[: len(wanted)] == list(wanted)
        if given.account:
            assert found.account == given.account


class TestDamage:
    @pytest.mark.parametrize(
        ("content", "line", "reason"),
        [
            (files.OFX_1.replace(b"100,50", b"$120"), 7, "bad TRNAMT $120"),
            (files.OFX_1[:-60], 9, "it breaks off"),
            (files.camt().replace(b">100.50<", b">12..34<"), 0, "bad amount '12..34'"),
            (files.camt()[:-20], 0, "it is no XML"),
            (b"<!DOCTYPE x [<!ENTITY y 'z'>]>" + files.camt()[38:], 0, "it is no XML"),
            (files.MT940.replace("C100,50", "X100,50").encode(), 2, "another shape"),
            (files.cnab().replace(b"03032025", b"99032025"), 3, "bad date"),
            (files.cnab()[:650], 0, "it breaks off"),
        ],
        ids=["amount", "end", "camt", "xml", "entity", "mark", "day", "cut"],
    )
    def test_is_told_with_its_place(self, content, line, reason):
        with pytest.raises(UnreadableStatement) as refusal:
            read_statements(content)

        assert refusal.value.line == line
        assert reason in refusal.value.reason

    @pytest.mark.parametrize(
        "mapping",
        [
            CsvMapping(booked_on="Data", amount="Betrag", currency="BRL"),
            CsvMapping(booked_on="Data", currency="BRL"),
            CsvMapping(booked_on="Data", amount="Valor", decimal_sign="x"),
            CsvMapping(booked_on="Data", amount="Valor", delimiter="\n"),
            CsvMapping(booked_on="Data", amount="Valor", date_format="DD"),
            CsvMapping(booked_on="Data", amount="Valor", skipped_lines=-1),
            CsvMapping(booked_on="Data", amount="Valor", currency="BRL", decimal_sign="."),
        ],
    )
    def test_of_tables_may_lie_in_the_mapping(self, mapping):
        with pytest.raises(UnreadableStatement):
            read_statements(files.CSV.split(b"\n", 1)[1], mapping=mapping)

    def test_of_what_is_packed_is_told(self):
        with pytest.raises(NotBase64):
            unpacked("@@@")
        with pytest.raises(StatementFileTooLarge):
            read_statements(unpacked(files.packed(b" " * (FILE_BYTES_MAX + 9), is_zipped=True)))

    @settings(max_examples=60)
    @given(
        format=some.sampled_from(list(StatementFormat)[:4]),
        content=some.sampled_from(
            [files.OFX_1, files.OFX_2, files.camt(), files.MT940.encode(), files.cnab()]
        ),
        at=some.integers(0, 2_000),
        put=some.binary(max_size=6),
    )
    def test_of_any_kind_is_refused_or_read(self, format, content, at, put):
        """Never anything but a refusal, wherever a file is damaged and whatever it is taken for."""
        with contextlib.suppress(DomainError):
            read_statements(content[:at] + put + content[at + len(put) :], format)


class TestAmounts:
    @pytest.mark.parametrize(
        ("text", "sign", "found"),
        [
            ("1.234,56", ",", 123_456),
            ("1,234.56-", ".", -123_456),
            ("(12)", ".", -1_200),
            ("1'234.5", ".", 123_450),
            ("\u22121\u00a0000,00", ",", -100_000),
            ("12,34,567.00", ".", 123_456_700),
        ],
    )
    def test_are_read_as_people_write_them(self, text, sign, found):
        assert minor(with_point(text, sign), "EUR") == found

    @pytest.mark.parametrize("text", ["", "1.5", "12.34.5", "1e3", "\u0661", "9" * 30, "1,2,3"])
    def test_are_never_guessed(self, text):
        with pytest.raises(Garbled):
            minor(with_point(text, ","), "EUR")


@pytest.mark.skipif(RECORDED is None, reason="needs BACKOFFICE_DATA_DIR")
class TestRecordedFiles:
    """What banks and the makers of other readers have published, with figures by another reader."""

    FOLDER = Path(RECORDED or ".") / "bank"
    MAPPING = CsvMapping(
        booked_on="1",
        amount="3",
        text=("2",),
        currency_column="4",
        account="5",
        reference="6",
        decimal_sign=",",
    )

    def test_come_to_the_expected_figures_or_complaints(self) -> None:
        told = json.loads((self.FOLDER / "manifest.json").read_text())["files"]

        assert [each["file"] for each in told if self._wrong(each)] == []
        assert len(told) == 27

    def _wrong(self, told: Mapping[str, Any]) -> bool:
        content = (self.FOLDER / told["file"]).read_bytes()
        mapping = self.MAPPING if told["format"] == "csv" else None
        expected = told["statements"]
        try:
            _, found = read_statements(content, mapping=mapping)
        except UnreadableStatement as complaint:
            if told["format"] == "cnab":
                return not self._is_collection(content, expected[0])
            problems = expected[0].get("problems", []) if expected else ["it holds no statement"]
            return not problems or problems[0] not in complaint.reason
        return [self._figures(each, by) for each, by in zip(found, expected, strict=True)] != [
            self._expected(each.currency, by) for each, by in zip(found, expected, strict=True)
        ]

    def _is_collection(self, content: bytes, expected: Mapping[str, Any]) -> bool:
        slips = read_collections(content)
        sums = [
            sum(getattr(each, f"{name}_minor") for each in slips)
            for name in ("nominal", "paid", "fee")
        ]
        names = ("nominal_total", "paid_total", "fees_total")
        codes = {each.occurrence for each in slips}
        return (
            len(slips) == expected["entries"]
            and sums == [minor(expected[name], "BRL") for name in names]
            and codes == expected["occurrence_codes"].keys()
        )

    def _figures(self, found: StatementDraft, by: Mapping[str, Any]) -> list[Any]:
        amounts = [line.amount_minor for line in found.lines]
        figures: list[Any] = [len(amounts), sum(amounts)]
        if "account" in by:
            figures.append(found.account.replace(" ", ""))
        if by.get("opening"):
            figures += [found.opening_minor, found.closing_minor, found.is_balanced]
        if "ledger" in by:
            figures.append(found.closing_minor)
        return figures

    def _expected(self, currency: str, by: Mapping[str, Any]) -> list[Any]:
        if "net" in by:
            return [by["entries"], minor(by["net"], currency)]
        net = minor(by["credit"], currency) - minor(by["debit"], currency)
        figures: list[Any] = [by["entries"], net, by["account"].replace(" ", "")]
        if by.get("opening"):
            figures += [minor(by["opening"], currency), minor(by["closing"], currency)]
            figures.append(by["balanced"])
        if "ledger" in by:
            figures.append(minor(by["ledger"], currency))
        return figures


class TestOddFiles:
    """What is valid but rare, and what is made to keep a server busy."""

    def test_in_packed_files_loses_nothing(self) -> None:
        parts = gzip.compress(files.CSV[:40]) + gzip.compress(files.CSV[40:])

        assert unpacked(base64.b64encode(parts).decode()) == files.CSV
        with pytest.raises(NotBase64):
            unpacked(base64.b64encode(gzip.compress(files.CSV)[:-12]).decode())

    @pytest.mark.parametrize("amount", ["", "NaN", "n/a", "EUR"])
    def test_of_amounts_without_a_number_are_no_zeros(self, amount: str) -> None:
        mapping = CsvMapping(booked_on="1", amount="2", currency="EUR", has_header=False)

        with pytest.raises(UnreadableStatement, match="bad amount"):
            read(f"2025-01-03;{amount}\n".encode(), mapping)

    def test_of_nothing_but_packed_parts_are_not_unpacked(self) -> None:
        empty = gzip.compress(b"")

        assert unzipped(empty * 256) == b""
        with pytest.raises(NotBase64):
            unpacked(base64.b64encode(empty * 257).decode())

    @pytest.mark.parametrize(("text", "sign"), [("12,50", "."), ("-1.5", ","), ("1,00,00", ".")])
    def test_of_decimal_signs_is_no_group_of_thousands(self, text: str, sign: str) -> None:
        with pytest.raises(Garbled):
            with_point(text, sign)
        assert with_point("12,34,567.5", ".") == "1234567.5"

    def test_of_years_is_told(self) -> None:
        mapping = CsvMapping(booked_on="1", amount="2", currency="EUR", date_format="DD/MM/YY")

        assert read(b"d;a\n03/01/25;1.00\n", mapping).lines[0].booked_on == date(2025, 1, 3)
        with pytest.raises(UnreadableStatement):
            read(b"d;a\n03/01/2025;1.00\n", mapping)

    def test_of_currencies_in_lines_of_ofx_is_told(self) -> None:
        other = b"<CURRENCY><CURRATE>5</CURRATE><CURSYM>EUR</CURSYM></CURRENCY></STMTTRN>"

        assert not read(files.OFX_2).is_mixed
        assert read(files.OFX_2.replace(b"</STMTTRN>", other, 1)).is_mixed

    @pytest.mark.parametrize(
        ("content", "mapping"),
        [
            (
                b"d;a\n" + b"2025-01-03;9999999999999999.99\n" * 10,
                CsvMapping(booked_on="1", amount="2", currency="EUR"),
            ),
            (b"a\0b", CsvMapping(booked_on="1", amount="2", currency="EUR")),
            (b"CHARSET:undefined\n<OFX>", None),
            (b"CHARSET:punycode\n<OFX>" + b"-a" * 2_000_000, None),
            (b"<OFX>" + b"<![CDATA[" * 500_000, None),
            (b":20:A" + b"\n" * 2_000_000, None),
            (b"<Document>" + b"<a>" * 5_000_000, None),
            (b"<Document><Stmt>" + b"<Bal/>" * 150_000 + b"<Ntry><Sts/></Ntry>" * 150_000, None),
            (b"<OFX><STMTRS>" + b"<STMTTRN>" * 1_700_000, None),
            (b":20:A" + b"\n:61:" * 3_000_000, None),
            (b";" * 15_000_000, CsvMapping(booked_on="1", amount="2", currency="EUR")),
            (
                b"d;a\n2025-01-03;1" + b" " * 100_000 + b"x1\n",
                CsvMapping(booked_on="1", amount="2", currency="EUR"),
            ),
        ],
    )
    def test_is_told_at_once(self, content: bytes, mapping: CsvMapping | None) -> None:
        begun = time.process_time()

        with pytest.raises((UnreadableStatement, StatementFileTooLarge)):
            read(content, mapping)

        assert time.process_time() - begun < 5
