"""Ids: unique, growing, and of one shape for the world."""

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.ids import IdSource, MalformedId

ID = UUID("01956f3a-5c00-7abc-8def-0123456789ab")
TEXT = "ord_01956f3a5c007abc8def0123456789ab"


class TestIdSource:
    def test_makes_uuids_of_version_7(self) -> None:
        id = IdSource()()

        assert (id.version, id.variant) == (7, RFC_4122)

    def test_begins_with_the_milliseconds_since_1970(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(time, "time_ns", lambda: 1_645_557_742_000_123_456)

        # The hour is that of the example in RFC 9562, appendix A.6.
        assert IdSource()().hex.startswith("017f22e279b07")

    def test_grows_within_one_millisecond(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(time, "time_ns", lambda: 1_645_557_742_000_000_000)
        source = IdSource()

        made = [source() for _ in range(20_000)]

        assert all(earlier < later for earlier, later in pairwise(made))
        assert {id.version for id in made} == {7}
        assert {id.variant for id in made} == {RFC_4122}

    def test_grows_when_the_clock_goes_back(self, monkeypatch: pytest.MonkeyPatch) -> None:
        hours = iter([2_000_000_000, 1_000_000_000, 3_000_000_000])
        monkeypatch.setattr(time, "time_ns", lambda: next(hours))
        source = IdSource()

        first, second, third = source(), source(), source()

        assert first < second < third

    def test_makes_different_ones_for_several_threads(self) -> None:
        source = IdSource()
        with ThreadPoolExecutor(8) as threads:
            parts = threads.map(lambda _: [source() for _ in range(500)], range(8))

        made = [id for part in parts for id in part]
        assert len(set(made)) == 4_000

    def test_makes_different_ones_in_two_processes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(time, "time_ns", lambda: 1_645_557_742_000_000_000)

        assert IdSource()() != IdSource()()


class TestText:
    def test_is_a_prefix_and_the_digits(self) -> None:
        assert ids.text("ord", ID) == TEXT

    @given(st.uuids(), st.from_regex(r"[a-z]{3,4}", fullmatch=True))
    def test_can_be_read_back(self, id: UUID, prefix: str) -> None:
        assert ids.parse(prefix, ids.text(prefix, id)) == id
        assert ids.split(ids.text(prefix, id)) == (prefix, id)


class TestParse:
    @pytest.mark.parametrize(
        "text",
        [
            "",
            "ord_",
            "ord",
            ID.hex,
            str(ID),
            f"ord_{ID}",
            TEXT.upper(),
            TEXT[:-1],
            f"{TEXT}0",
            f"{TEXT}\n",
            f" {TEXT}",
            TEXT.replace("0", "\u0660"),
            TEXT.replace("_", "-"),
            f"toolong_{ID.hex}",
            "ord_" + "g" * 32,
            "\0",
            "9" * 100_000,
        ],
    )
    def test_refuses_what_has_another_shape(self, text: str) -> None:
        assert ids.split(text) is None
        with pytest.raises(MalformedId) as refusal:
            ids.parse("ord", text)

        assert str(refusal.value) == "This is no id of the form ord_ and 32 hexadecimal digits."
        assert refusal.value.code == "MALFORMED_ID"

    def test_refuses_an_id_of_another_kind(self) -> None:
        with pytest.raises(MalformedId) as refusal:
            ids.parse("prd", TEXT)

        assert refusal.value.wanted == "prd"

    @given(st.text())
    def test_never_fails_otherwise(self, text: str) -> None:
        found = ids.split(text)

        assert found is None or ids.text(*found) == text
