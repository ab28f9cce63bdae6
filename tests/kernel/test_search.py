"""The search: the same words find the same things on both databases."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select, text

from backoffice_api.domain.kernel import search
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.ids import IdSource
from backoffice_api.domain.kernel.search import (
    ENTRY_WORDS_MAX,
    QUERY_WORDS_MAX,
    WORD_LENGTH_MAX,
    entries,
    words_of,
)
from tests.plans import assert_indexed

TEA, SHIRT, SHOE = UUID(int=1), UUID(int=2), UUID(int=3)
SHOP = {
    TEA: ("Green TEA, 100 g", "São Paulo"),
    SHIRT: ("T-shirt", None, "green / M"),
    SHOE: ("Schuh ÆØ", "4006381333931", ""),
}
new_id = IdSource()


def found(db: Connection, query: str, kind: str = "thg") -> set[UUID]:
    matching = search.matching(entries.c.subject_id, kind, query)
    return set(db.execute(select(entries.c.subject_id).where(matching)).scalars())


@pytest.fixture
def shop(database: Database) -> Database:
    with database.writing.begin() as db:
        search.put(db, "thg", SHOP)
    return database


class TestWordsOf:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("", []),
            (" \t\n,;-", []),
            ("São Paulo", ["sao", "paulo"]),
            ("Straße ﬁx Ⅷ ²", ["strasse", "fix", "viii", "2"]),
            ("snake_case T-shirt's", ["snake", "case", "t", "shirt", "s"]),
            ("ℌİ", ["hi"]),
            ("日本 Ελλάς ΕΛΛΑΣ", ["日本", "ελλασ", "ελλασ"]),
            ("a" * 100, ["a" * WORD_LENGTH_MAX]),
        ],
    )
    def test_are_small_and_without_accents(self, text: str, words: Sequence[str]) -> None:
        assert words_of(text) == words

    @given(st.text())
    def test_are_their_own_words(self, text: str) -> None:
        words = words_of(text)

        assert words_of(" ".join(words)) == words
        assert all(word == word.casefold() and 0 < len(word) <= WORD_LENGTH_MAX for word in words)


class TestMatching:
    @pytest.mark.parametrize(
        ("query", "subjects"),
        [
            ("green", {TEA, SHIRT}),
            ("GREEN t", {TEA, SHIRT}),
            ("gre te", {TEA}),
            ("te gre", {TEA}),
            ("sao", {TEA}),
            ("SÃO", {TEA}),
            ("100", {TEA}),
            ("t-shirt", {SHIRT}),
            ("shirt green m", {SHIRT}),
            ("400638", {SHOE}),
            ("æ", {SHOE}),
            ("hirt", set()),
            ("green blue", set()),
            ("", set()),
            ("---", set()),
        ],
    )
    def test_finds_what_has_words_that_begin_so(
        self, shop: Database, query: str, subjects: set[UUID]
    ) -> None:
        with shop.reading.connect() as db:
            assert found(db, query) == subjects

    def test_finds_only_its_kind(self, shop: Database) -> None:
        with shop.reading.connect() as db:
            assert found(db, "green", kind="sku") == set()

    @pytest.mark.parametrize(
        "query",
        [
            '"',
            '"tea" OR "shirt"',
            "green AND",
            "NEAR(green tea)",
            "tea*",
            "words:tea",
            "tea' | 'shirt",
            "!tea",
            "tea:*",
            "\\",
            "%",
            "a" * 100_000,
            "tea " * 10_000,
            "\ud800",
        ],
    )
    def test_takes_signs_for_nothing_but_signs(self, shop: Database, query: str) -> None:
        with shop.reading.connect() as db:
            assert found(db, query) <= {TEA}

    def test_looks_at_the_first_words_only(self, shop: Database) -> None:
        with shop.reading.connect() as db:
            assert found(db, "tea " * QUERY_WORDS_MAX + "nothing") == {TEA}

    def test_finds_any_text_by_the_beginnings_of_its_words(self, database: Database) -> None:
        with database.writing.connect() as db:

            @settings(max_examples=150, deadline=None)
            @given(
                st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
                st.integers(1, 5),
            )
            @example("\U0001e900 adlam", 1)
            @example("\u0378 unassigned \u1e9e", 2)
            def check(content: str, length: int) -> None:
                subject = new_id()
                search.put(db, "thg", {subject: (content,)})
                words = [word[:length] for word in words_of(content)][:QUERY_WORDS_MAX]

                assert (subject in found(db, " ".join(words))) is bool(words)

            check()

    def test_uses_the_index(self, shop: Database) -> None:
        matching = search.matching(entries.c.subject_id, "thg", "green te")
        with shop.reading.connect() as db:
            assert_indexed(db, select(entries.c.subject_id).where(matching), walks=["search_fts"])


class TestPut:
    def test_replaces_what_it_was_found_under(self, shop: Database) -> None:
        with shop.writing.begin() as db:
            search.put(db, "thg", {TEA: ("Coffee",)})

        with shop.reading.connect() as db:
            assert found(db, "tea") == set()
            assert found(db, "coffee") == {TEA}

    def test_of_nothing_does_nothing(self, shop: Database) -> None:
        with shop.writing.begin() as db:
            search.put(db, "thg", {})

        with shop.reading.connect() as db:
            assert found(db, "green") == {TEA, SHIRT}

    def test_keeps_no_more_words_than_there_is_room_for(self, database: Database) -> None:
        words = [f"w{number}x" for number in range(ENTRY_WORDS_MAX + 1)]
        with database.writing.begin() as db:
            search.put(db, "thg", {TEA: words})

            assert found(db, words[-2]) == {TEA}
            assert found(db, words[-1]) == set()

    def test_keeps_the_longest_entry(self, database: Database) -> None:
        longest = [chr(0x20000 + number) * WORD_LENGTH_MAX for number in range(ENTRY_WORDS_MAX)]
        with database.writing.begin() as db:
            search.put(db, "thg", {TEA: longest})

            assert found(db, longest[-1]) == {TEA}


class TestDrop:
    def test_lets_nothing_be_found(self, shop: Database) -> None:
        with shop.writing.begin() as db:
            search.drop(db, [TEA, SHOE])

        with shop.reading.connect() as db:
            assert found(db, "green") == {SHIRT}
            assert found(db, "schuh") == set()

    def test_leaves_an_index_that_is_whole(self, shop: Database) -> None:
        with shop.writing.begin() as db:
            search.drop(db, [TEA])
            if shop.dialect == "sqlite":
                check = "INSERT INTO search_fts (search_fts, rank) VALUES ('integrity-check', 1)"
                db.execute(text(check))
