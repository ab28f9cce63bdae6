from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice_api.redaction import (
    TEXT_LENGTH_MAX,
    is_secret,
    printable,
    redacted,
    shortened,
    without_secrets,
)

TOKEN = "bo_pKsT3v9QxR7mN2aZ5cW8yB4dF6gH1jLk0uE-iOqV_x"


@dataclass(frozen=True, slots=True)
class _SignIn:
    name: str
    password: str


class TestIsSecret:
    @pytest.mark.parametrize(
        "name",
        ["password", "newPassword", "PASSWORD_HASH", "token", "accessToken", "Authorization",
         "Set-Cookie", "X-Api-Key", "apiKey", "private_key", "idempotency_key", "idempotencyKey",
         "Idempotency-Key", "webhook_secret", "email", "eMail", "phoneNumber", "taxId", "tax_id",
         "cpf", "customerCpf", "NIF", "iban", "pin", "cardNumber", "birthDate"],
    )  # fmt: skip
    def test_knows_the_names_of_secrets(self, name: str) -> None:
        assert is_secret(name)

    @pytest.mark.parametrize(
        "name",
        ["request_id", "event", "path", "shipping", "manifest", "actor_id", "sku", "specific"],
    )
    def test_leaves_other_names(self, name: str) -> None:
        assert not is_secret(name)


class TestWithoutSecrets:
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            (f"token was {TOKEN}.", "token was bo_***."),
            (f"/orders/{TOKEN}/x", "/orders/bo_***/x"),
            ("key whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "key whsec_***"),
            ("got bearer abc.def-ghi", "got bearer ***"),
            ("Basic dXNlcjpwYXNz!", "Basic ***"),
            ("Cookie: a=b; c=d", "Cookie: ***"),
            ("postgresql://shop:s3cr/t@db/shop", "postgresql://shop:***@db/shop"),
            ("://:x@redis", "://:***@redis"),
            ("db/shop?password=s3cret&sslmode=on", "db/shop?password=***&sslmode=on"),
            ('{"password": "two words", "a": 1}', '{"password": ***, "a": 1}'),
            ("SignIn(password='two words', a=1)", "SignIn(password=***, a=1)"),
            (r'"{\"token\":\"x\"}"', r'"{\"token\":***}"'),
            ("apiKey = abc)", "apiKey = ***)"),
            ("idempotencyKey: abc}", "idempotencyKey: ***}"),
            ("mail to ana.lima+x@shop.example.com now", "mail to ***@*** now"),
            (
                "[SQL: SELECT 1]\n[parameters: ('a', 'b')]\nend",
                "[SQL: SELECT 1]\n[parameters: ***]\nend",
            ),
            ("DETAIL:  Key (email)=(a b) already exists.", "DETAIL:  Key (email)=(***)"),
            ("Failing row contains (1, Ana, null).", "Failing row contains (***)"),
            ("paid with 4111 1111 1111 1111 today", "paid with *** today"),
            ("paid with 3782-822463-10005", "paid with ***"),
            ("paid with 4111111111111111", "paid with ***"),
            ("the CPF 529.982.247-25 is", "the CPF *** is"),
            ("the CNPJ 12.ABC.345/01DE-35 is", "the CNPJ *** is"),
        ],
    )
    def test_hides_what_has_the_shape_of_a_secret(self, text: str, shown: str) -> None:
        assert without_secrets(text) == shown

    @pytest.mark.parametrize(
        "text",
        [
            "/graphql",
            "GTIN 4006381333931",
            "order 1234567890123456",
            "sqlite:///shop.db",
            "12:30:01",
            "http://127.0.0.1:8000/graphql",
            "about_bo_x",
            "orders:read",
            "3 tokens left",
        ],
    )
    def test_leaves_what_is_none(self, text: str) -> None:
        assert without_secrets(text) == text

    @pytest.mark.parametrize(
        "attack",
        ["://:" * 4000, "a-" * 8000, "token" * 3000, "1 " * 8000, "a@" * 8000, "a." * 8000,
         "Key (" * 3000, "bearer " * 2000, "[parameters:" * 1500, "password: '" * 1500],
    )  # fmt: skip
    @pytest.mark.timeout(10)
    def test_takes_time_in_proportion_to_the_text(self, attack: str) -> None:
        assert len(without_secrets(attack)) <= len(attack) + 3

    @given(before=st.text(max_size=40), after=st.text(max_size=40))
    def test_hides_a_token_in_any_surroundings(self, before: str, after: str) -> None:
        shown = without_secrets(f"{before} {TOKEN} {after}")

        assert TOKEN not in shown


class TestPrintable:
    def test_makes_one_line_of_it(self) -> None:
        assert printable("a\r\nb\x1b[2Jc\x00\u2028d\u202ee\x85") == (
            r"a\r\nb\x1b[2Jc\x00\u2028d\u202ee\x85"
        )

    def test_keeps_what_it_is_told_to_keep(self) -> None:
        assert printable("a\nb\r", keep="\n") == "a\nb\\r"

    def test_writes_lone_surrogates_as_escapes(self) -> None:
        assert printable("a\ud800ção 本") == "a\\ud800ção 本"


class TestShortened:
    def test_leaves_what_fits(self) -> None:
        assert shortened("a" * TEXT_LENGTH_MAX) == "a" * TEXT_LENGTH_MAX

    def test_keeps_the_beginning_and_the_end(self) -> None:
        half = TEXT_LENGTH_MAX // 2
        text = "a" * half + "b" * 7 + "c" * half

        assert shortened(text) == "a" * half + " (7 characters left out) " + "c" * half


class TestRedacted:
    def test_hides_by_name_at_any_depth(self) -> None:
        value = {"input": [{"token": "x", "sku": "A-1"}], "password": 1234, "cpf": None}

        assert redacted(value) == {
            "input": [{"token": "***", "sku": "A-1"}],
            "password": "***",
            "cpf": None,
        }

    def test_looks_into_dataclasses(self) -> None:
        assert redacted(_SignIn("Ana", "hunter2")) == {"name": "Ana", "password": "***"}

    def test_looks_into_the_text_of_anything_else(self) -> None:
        assert redacted(ValueError("password=hunter2")) == "password=***"
        assert redacted(Decimal("1.50")) == "1.50"
        assert redacted(UUID(int=7)) == "00000000-0000-0000-0000-000000000007"

    def test_keeps_plain_values(self) -> None:
        assert redacted([None, True, 3, 2.5, "x", 2**63 - 1]) == [
            None,
            True,
            3,
            2.5,
            "x",
            2**63 - 1,
        ]

    def test_says_how_large_what_it_does_not_show_is(self) -> None:
        assert redacted(b"canary") == "(6 bytes)"
        assert redacted(2**63) == "(integer of 64 bits)"
        assert redacted(10**10_000) == "(integer of 33220 bits)"

    def test_stops_at_a_depth(self) -> None:
        nested: object = "x"
        for _ in range(100):
            nested = [nested]

        assert str(redacted(nested)) == "[" * 8 + "'(nested too deep)'" + "]" * 8

    def test_stops_at_a_number_of_items(self) -> None:
        assert redacted(list(range(1000))) == list(range(250))
        assert redacted({str(n): n for n in range(1000)}) == {str(n): n for n in range(250)}
