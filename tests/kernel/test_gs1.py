"""GS1 element strings: split, checked, read; compared with python-stdnum."""

from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import gs1_128

from backoffice_api.domain.kernel.gs1 import (
    SEPARATOR,
    Element,
    Gs1Fault,
    Gs1Message,
    InvalidGs1,
    element_string,
    parse,
)
from backoffice_api.domain.kernel.gtin import check_digit

TODAY = date(2026, 3, 1)
GTIN = "09506000134352"


def numbers(length):
    return st.text("0123456789", min_size=length, max_size=length)


def checked(length):
    return numbers(length - 1).map(lambda body: body + check_digit(body))


days = st.dates(date(2000, 1, 1), date(2049, 12, 31)).map(lambda day: f"{day:%y%m%d}")
texts = st.text(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-./_", min_size=1, max_size=20
)
VALUES = {
    "00": checked(18),
    "01": checked(14),
    "10": texts,
    "11": days,
    "13": days,
    "15": days,
    "17": days,
    "21": texts,
    "30": numbers(8),
    "37": numbers(3),
    "3103": numbers(6),
    "410": checked(13),
    "414": checked(13),
    "240": texts,
    "400": texts,
    "98": texts,
}
messages = st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=8, unique=True).flatmap(
    lambda ais: st.tuples(*(VALUES[ai].map(lambda value, ai=ai: Element(ai, value)) for ai in ais))
)


class TestParse:
    @given(messages)
    def test_reads_back_whatever_is_written(self, elements):
        assert parse(element_string(elements)) == Gs1Message(elements)

    @given(messages)
    def test_splits_as_python_stdnum_does(self, elements):
        known = tuple(each for each in elements if each.ai != "37")
        if not known:
            return

        theirs = gs1_128.info(element_string(known), separator=SEPARATOR)

        assert [each.ai for each in parse(element_string(known)).elements] == list(theirs)

    @given(messages)
    def test_reads_what_stands_below_the_bars(self, elements):
        printed = "".join(f"({each.ai}){each.value}" for each in elements)

        assert parse(printed) == Gs1Message(elements)

    @given(messages)
    def test_takes_the_name_of_the_symbology_and_a_leading_separator(self, elements):
        assert parse(f"]C1{SEPARATOR}{element_string(elements)}") == Gs1Message(elements)

    @given(st.text(max_size=60))
    def test_refuses_everything_else_in_one_way(self, text):
        with suppress(InvalidGs1):
            assert parse(text).elements

    @pytest.mark.parametrize(
        ("text", "ai", "fault"),
        [
            ("", "", Gs1Fault.EMPTY),
            (SEPARATOR, "", Gs1Fault.EMPTY),
            ("]C1", "", Gs1Fault.EMPTY),
            ("1" * 501, "", Gs1Fault.TOO_LONG),
            ("05123", "05", Gs1Fault.UNKNOWN_AI),
            ("MUG-1", "MU", Gs1Fault.UNKNOWN_AI),
            ("41", "41", Gs1Fault.UNKNOWN_AI),
            (f"01{GTIN[:-1]}9", "01", Gs1Fault.WRONG_CHECK_DIGIT),
            ("01123", "01", Gs1Fault.WRONG_VALUE),
            (f"01{GTIN}10", "10", Gs1Fault.WRONG_VALUE),
            (f"01{GTIN}10{'A' * 21}", "10", Gs1Fault.WRONG_VALUE),
            (f"01{GTIN}10AB~", "10", Gs1Fault.WRONG_VALUE),
            ("17251301", "17", Gs1Fault.WRONG_VALUE),
            ("17250230", "17", Gs1Fault.WRONG_VALUE),
            ("37123456789", "37", Gs1Fault.WRONG_VALUE),
            ("3103ABCDEF", "3103", Gs1Fault.WRONG_VALUE),
            (f"10A{SEPARATOR}10B", "10", Gs1Fault.REPEATED),
            ("(01)", "01", Gs1Fault.WRONG_VALUE),
            ("(9)1", "(9)1", Gs1Fault.UNKNOWN_AI),
            ("(3103)000001x(", "(", Gs1Fault.UNKNOWN_AI),
            ("(310)000001", "310", Gs1Fault.UNKNOWN_AI),
            ("https://example.com/shop", "", Gs1Fault.NO_LINK),
            ("https://example.com/01", "", Gs1Fault.NO_LINK),
            ("https://[", "", Gs1Fault.NO_LINK),
        ],
    )
    def test_says_what_is_wrong(self, text, ai, fault):
        with pytest.raises(InvalidGs1) as refusal:
            parse(text)

        assert (refusal.value.at_ai, refusal.value.fault) == (ai, fault)

    @pytest.mark.parametrize(
        "link",
        [
            f"https://id.gs1.org/01/{GTIN}/10/AB%2F1/21/X?17=250331&lang=de",
            f"http://shop.example/some/where/01/{GTIN[1:]}/10/AB%2F1/21/X?17=250331&linkType=all",
        ],
    )
    def test_reads_links(self, link):
        found = parse(link)

        assert (found.gtin, found.lot, found.serial) == (GTIN, "AB/1", "X")
        assert found.day("17", TODAY) == date(2025, 3, 31)


class TestMessage:
    def test_tells_what_a_pack_says(self):
        found = parse(f"01{GTIN}31030012501725040010LOT-7{SEPARATOR}21S1{SEPARATOR}3012")

        assert (found.gtin, found.lot, found.serial, found.count) == (GTIN, "LOT-7", "S1", 12)
        assert found.net_weight_kg == Decimal("1.250")
        assert found.day("17", TODAY) == date(2025, 4, 30)
        assert (found.sscc, found.gln, found.day("15", TODAY)) == (None, None, None)

    def test_tells_what_a_pallet_says(self):
        sscc = "34567890123456789" + check_digit("34567890123456789")
        found = parse(f"00{sscc}02{GTIN}3748{SEPARATOR}4101234567890128")

        assert (found.sscc, found.gtin, found.count) == (sscc, GTIN, 48)
        assert found.gln == "1234567890128"
        assert found.net_weight_kg is None

    @pytest.mark.parametrize(
        ("value", "today", "day"),
        [
            ("240200", TODAY, date(2024, 2, 29)),
            ("250200", TODAY, date(2025, 2, 28)),
            ("260229", TODAY, None),
            ("000229", TODAY, date(2000, 2, 29)),
            ("760101", TODAY, date(2076, 1, 1)),
            ("770101", TODAY, date(1977, 1, 1)),
            ("010101", date(2099, 1, 1), date(2101, 1, 1)),
            ("000229", date(2099, 1, 1), date(2100, 2, 28)),
        ],
    )
    def test_dates_lie_around_today(self, value, today, day):
        if day is None:
            with pytest.raises(InvalidGs1):
                parse(f"17{value}")
        else:
            assert parse(f"17{value}").day("17", today) == day
