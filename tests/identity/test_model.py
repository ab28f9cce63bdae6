"""The form of secrets."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice_api.domain.identity.model.staff import (
    SECRET_BYTES,
    caller_of,
    hint_of,
    kind_of,
    new_secret,
    secret_hash,
)
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.uow import ActorKind
from backoffice_api.redaction import without_secrets
from tests.world import CLERK

RANDOM = bytes(range(SECRET_BYTES))
TOKEN = new_secret(ActorKind.TOKEN, RANDOM)
SESSION = new_secret(ActorKind.STAFF, RANDOM)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


class TestNewSecret:
    def test_has_a_prefix_and_48_signs(self):
        assert re.fullmatch(r"bo_[A-Za-z0-9_-]{48}", TOKEN.reveal())
        assert re.fullmatch(r"bs_[A-Za-z0-9_-]{48}", SESSION.reveal())

    @given(st.binary(min_size=SECRET_BYTES, max_size=SECRET_BYTES))
    def test_is_known_for_what_it_is(self, random):
        assert kind_of(new_secret(ActorKind.TOKEN, random)) is ActorKind.TOKEN
        assert kind_of(new_secret(ActorKind.STAFF, random)) is ActorKind.STAFF

    @given(st.binary(min_size=SECRET_BYTES, max_size=SECRET_BYTES))
    def test_is_hidden_from_logs(self, random):
        secret = new_secret(ActorKind.STAFF, random).reveal()

        assert without_secrets(f"got {secret} twice") == "got bs_*** twice"


class TestKindOf:
    @given(position=st.integers(3, 50), sign=st.sampled_from(ALPHABET))
    def test_notices_one_wrong_sign(self, position, sign):
        text = TOKEN.reveal()
        wrong = text[:position] + sign + text[position + 1 :]

        assert (kind_of(Secret(wrong)) is None) == (wrong != text)

    @pytest.mark.parametrize(
        "text",
        ["", "bo_", TOKEN.reveal()[:-1], TOKEN.reveal() + "A", "bs" + TOKEN.reveal()[2:],
         "bx" + TOKEN.reveal()[2:], TOKEN.reveal() + "\n", "bo_" + "A" * 47 + "\u0665"],
    )  # fmt: skip
    def test_is_none_for_anything_else(self, text):
        assert kind_of(Secret(text)) is None


class TestSecretHash:
    def test_is_sha256(self):
        known = new_secret(ActorKind.TOKEN, bytes(SECRET_BYTES))

        assert known.reveal() == "bo_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACA0Ovj"
        assert secret_hash(known) == (
            "f2c023b52fb7e18ef4c614f4a843f3983662464a733abab369fb1f1e2885a018"
        )


class TestHintOf:
    def test_shows_four_of_48_signs(self):
        assert hint_of(TOKEN) == TOKEN.reveal()[:7]


class TestCallerOf:
    def test_drops_rights_that_this_version_does_not_know(self):
        caller = caller_of(ActorKind.TOKEN, CLERK.actor.id, "robot", ["orders:read", "moon:write"])

        assert caller.scopes == {Scope.ORDERS_READ}
