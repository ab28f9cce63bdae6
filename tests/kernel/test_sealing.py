"""SEC-05: what lies in the database sealed, and what opens it."""

from base64 import b64decode

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import String, Text, cast, insert, select, type_coerce, update

from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.keys import key, keys
from backoffice_api.domain.kernel.personal import ERASED
from backoffice_api.domain.kernel.sealing import CannotOpen, Keyring, key_of
from tests.keyring import RING

OLD = Keyring({"old": bytes(range(32))})
BOTH = Keyring({"new": bytes(range(1, 33)), "old": bytes(range(32))})
PLACE = "webhook_secrets.secret"


class TestKeyring:
    @given(st.text())
    def test_opens_what_it_sealed(self, text: str) -> None:
        sealed = BOTH.seal(PLACE, text)

        assert (key_of(sealed), BOTH.open(PLACE, sealed)) == ("new", text)

    def test_seals_as_aes_256_gcm_with_its_place_as_associated_data(self) -> None:
        version, id, content = OLD.seal(PLACE, "whsec_1").split(":")
        raw = b64decode(content)

        assert (version, id) == ("v1", "old")
        assert AESGCM(bytes(range(32))).decrypt(raw[:12], raw[12:], PLACE.encode()) == b"whsec_1"

    def test_never_seals_the_same_alike(self) -> None:
        assert len({OLD.seal(PLACE, "same") for _ in range(100)}) == 100

    def test_opens_what_an_older_key_sealed(self) -> None:
        assert BOTH.open(PLACE, OLD.seal(PLACE, "kept")) == "kept"

    def test_reads_what_was_never_sealed_as_it_is(self) -> None:
        assert OLD.open(PLACE, "whsec_plain") == "whsec_plain"

    def test_opens_nothing_that_was_moved_to_another_column(self) -> None:
        with pytest.raises(CannotOpen, match="it was changed or moved"):
            OLD.open("keys.value", OLD.seal(PLACE, "text"))

    def test_opens_nothing_that_was_changed(self) -> None:
        sealed = OLD.seal(PLACE, "text")
        changed = sealed[:-4] + ("AAAA" if sealed[-4:] != "AAAA" else "BBBB")

        with pytest.raises(CannotOpen, match="it was changed or moved"):
            OLD.open(PLACE, changed)

    def test_opens_nothing_of_a_key_that_it_has_not(self) -> None:
        with pytest.raises(CannotOpen, match=r"sealed with key new .* not among those given"):
            OLD.open(PLACE, BOTH.seal(PLACE, "text"))

    def test_shows_no_key(self) -> None:
        assert repr(BOTH) == "Keyring(new, old)"


class TestTheBlindIndex:
    def test_is_the_same_for_the_same_and_differs_by_column_and_key(self) -> None:
        index = BOTH.index("a.b", "52998224725")

        assert index == BOTH.index("a.b", "52998224725")
        assert len({index, BOTH.index("a.c", "52998224725"), OLD.index("a.b", "52998224725")}) == 3
        assert "52998224725" not in index

    def test_is_looked_for_under_every_key_and_as_it_was_before(self) -> None:
        assert BOTH.indexes("a.b", "1") == (BOTH.index("a.b", "1"), OLD.index("a.b", "1"), "1")


class TestASealedColumn:
    def test_lies_sealed_and_is_read_open(self, database: Database) -> None:
        with database.writing.begin() as db:
            made = key(db, "cursors")
            stored = db.execute(select(type_coerce(keys.c.value, Text))).scalar_one()

            assert (key(db, "cursors"), key_of(stored)) == (made, "tests")

    def test_of_before_is_read_and_sealed_when_it_is_written_again(
        self, database: Database
    ) -> None:
        with database.writing.begin() as db:
            db.execute(insert(keys).values(name="old", value=cast("plain", Text)))
            assert key(db, "old") == "plain"
            db.execute(update(keys).values(value="written"))
            stored = db.execute(select(type_coerce(keys.c.value, Text))).scalar_one()

        assert (key_of(stored), RING.open("keys.value", stored)) == ("tests", "written")

    def test_leaves_the_word_for_what_was_erased(self, database: Database) -> None:
        with database.writing.begin() as db:
            db.execute(insert(keys).values(name="gone", value=ERASED))

            assert db.execute(select(cast(keys.c.value, String))).scalar_one() == ERASED
            found = select(keys.c.name).where(keys.c.value.is_distinct_from(ERASED))
            assert db.execute(found).all() == []

    def test_is_compared_with_nothing_but_null(self) -> None:
        assert str(keys.c.value.is_(None)) == "keys.value IS NULL"
        for comparison in (
            lambda: keys.c.value == "text",
            lambda: keys.c.value.in_(["text"]),
            lambda: keys.c.value.like("t%"),
            lambda: keys.c.value.desc(),
        ):
            with pytest.raises(TypeError, match="ask its blind index"):
                comparison()
