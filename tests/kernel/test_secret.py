"""Secrets and the hashes of passwords."""

from dataclasses import asdict, dataclass

import pytest

from backoffice_api.domain.kernel import answers
from backoffice_api.domain.kernel.secret import PASSWORDS, SALT_BYTES, Passwords, Secret
from backoffice_api.redaction import redacted

TEXT = "canary-in-the-mine"
CHEAP = Passwords(memory_kib=8, passes=1)
SALT = bytes(range(SALT_BYTES))


@dataclass(frozen=True, slots=True)
class _SetSomething:
    name: str
    value: Secret


class TestSecret:
    def test_is_revealed_to_who_asks_for_it(self):
        assert Secret(TEXT).reveal() == TEXT

    @pytest.mark.parametrize("show", [repr, str, "{}".format, "{!r:>40}".format, redacted])
    def test_does_not_show_itself(self, show):
        assert TEXT not in str(show(Secret(TEXT)))

    def test_does_not_show_itself_in_what_holds_it(self):
        command = _SetSomething("a", Secret(TEXT))

        assert TEXT not in repr(command)
        assert TEXT not in str(redacted(command))
        assert TEXT not in repr(asdict(command))

    def test_equals_the_same_text_only(self):
        assert Secret(TEXT) == Secret(TEXT)
        assert hash(Secret(TEXT)) == hash(Secret(TEXT))
        assert Secret(TEXT) != Secret("other")
        assert Secret(TEXT) != TEXT


class TestInputHash:
    def test_tells_secrets_apart(self):
        first = answers.input_hash(_SetSomething("a", Secret("one")), salt="s")

        assert answers.input_hash(_SetSomething("a", Secret("one")), salt="s") == first
        assert answers.input_hash(_SetSomething("a", Secret("two")), salt="s") != first

    def test_salts_secrets(self):
        one = _SetSomething("a", Secret("one"))

        assert answers.input_hash(one, salt="s") != answers.input_hash(one, salt="t")


class TestPasswords:
    def test_keep_argon2id_with_the_parameters_of_owasp(self):
        assert PASSWORDS.hash(Secret(TEXT), SALT).startswith("$argon2id$v=19$m=19456,t=2,p=1$")

    def test_match_the_password_that_was_kept(self):
        kept = CHEAP.hash(Secret(TEXT), SALT)

        assert CHEAP.matches(Secret(TEXT), kept)
        assert not CHEAP.matches(Secret(TEXT.upper()), kept)

    def test_match_however_a_letter_was_composed(self):
        kept = CHEAP.hash(Secret("caf\u00e9"), SALT)

        assert CHEAP.matches(Secret("cafe\u0301"), kept)

    def test_match_nothing_where_nothing_was_kept(self):
        assert not CHEAP.matches(Secret(""), None)

    def test_match_nothing_that_is_no_hash(self):
        assert not CHEAP.matches(Secret(TEXT), "$argon2id$broken")

    def test_know_what_was_kept_at_another_price(self):
        kept = CHEAP.hash(Secret(TEXT), SALT)

        assert PASSWORDS.is_outdated(kept)
        assert not CHEAP.is_outdated(kept)
        assert PASSWORDS.matches(Secret(TEXT), kept)
