"""Cursors that only we can make, and sizes of pages."""

import string
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice_api.domain.kernel import pages
from backoffice_api.domain.kernel.pages import Cursors, InvalidCursor, InvalidPage, Position

ID = UUID("01956f3a-5c00-7abc-8def-0123456789ab")
CURSORS = Cursors(b"a secret")
SORT = "orders title asc"
SIGNS = string.ascii_letters + string.digits + "-_"


def sealed(value: str | int | datetime = "Tea") -> str:
    return CURSORS.seal(Position(SORT, value, ID))


class TestCursors:
    @pytest.mark.parametrize(
        ("value", "kind"),
        [
            ("", str),
            ("São Paulo ☂ \U0001f600", str),
            (0, int),
            (-(2**63), int),
            (2**63 - 1, int),
            (datetime(2025, 3, 1, 9, 30, 0, 123456, tzinfo=UTC), datetime),
            (date(2025, 3, 1), date),
        ],
    )
    def test_open_what_they_sealed(self, value: str | int | datetime, kind: type) -> None:
        position = Position(SORT, value, ID)

        assert CURSORS.open(CURSORS.seal(position), SORT, kind) == position

    @given(st.text(st.characters(exclude_categories=["Cs"])), st.uuids())
    def test_open_any_text(self, value: str, id: UUID) -> None:
        position = Position(SORT, value, id)

        assert CURSORS.open(CURSORS.seal(position), SORT, str) == position

    def test_are_good_for_urls(self) -> None:
        assert set(sealed("?" * 50)) <= set(SIGNS)

    def test_refuse_the_cursor_of_another_list_or_order(self) -> None:
        for other in ("orders title desc", "products title asc", ""):
            with pytest.raises(InvalidCursor) as refusal:
                CURSORS.open(sealed(), other, str)

            assert refusal.value.code == "INVALID_CURSOR"
            assert str(refusal.value) == "This is not a cursor of this list."

    def test_refuse_one_that_was_sealed_with_another_secret(self) -> None:
        with pytest.raises(InvalidCursor):
            Cursors(b"another secret").open(sealed(), SORT, str)

    def test_refuse_one_whose_content_was_changed(self) -> None:
        content = bytearray(urlsafe_b64decode(sealed() + "=" * (-len(sealed()) % 4)))
        for position in range(len(content)):
            changed = bytearray(content)
            changed[position] ^= 1
            forged = urlsafe_b64encode(bytes(changed)).decode().rstrip("=")

            with pytest.raises(InvalidCursor):
                CURSORS.open(forged, SORT, str)

    @pytest.mark.parametrize(
        "cursor",
        [
            "",
            "=",
            "A",
            "AAAA",
            "é",
            "\0",
            "null",
            "[]",
            "A" * 15,
            "A" * 16,
            "A" * 100_000,
            "\ud800",
        ],
    )
    def test_refuse_what_is_none(self, cursor: str) -> None:
        with pytest.raises(InvalidCursor):
            CURSORS.open(cursor, SORT, str)

    @given(st.text() | st.text(SIGNS, min_size=16))
    def test_refuse_anything_that_is_made_up(self, cursor: str) -> None:
        with pytest.raises(InvalidCursor):
            CURSORS.open(cursor, SORT, str)


class TestBounds:
    @pytest.mark.parametrize(
        ("first", "last", "size"),
        [(None, None, 50), (1, None, 1), (250, None, 250), (None, 1, 1), (None, 250, 250)],
    )
    def test_are_the_number_that_is_given(
        self, first: int | None, last: int | None, size: int
    ) -> None:
        assert pages.bounds(first, last) == size

    @pytest.mark.parametrize("size", [0, -1, 251, 2**31 - 1, -(2**31)])
    @pytest.mark.parametrize("name", ["first", "last"])
    def test_refuse_what_is_no_size(self, name: str, size: int) -> None:
        first, last = (size, None) if name == "first" else (None, size)

        with pytest.raises(InvalidPage) as refusal:
            pages.bounds(first, last)

        assert str(refusal.value) == f"`{name}` is between 1 and 250."
        assert refusal.value.path == (name,)

    def test_refuse_both_at_once(self) -> None:
        with pytest.raises(InvalidPage, match=r"^Give `first` or `last`, not both\.$"):
            pages.bounds(10, 10)
