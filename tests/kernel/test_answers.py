"""Idempotency keys: what counts as the same input, and whose key it is."""

from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from backoffice_api.domain.kernel import answers
from backoffice_api.domain.kernel.answers import (
    KEPT,
    KEY_LENGTH_MAX,
    IdempotencyKeyReused,
    InvalidIdempotencyKey,
    input_hash,
)
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.patch import KEEP, Keep
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command

NOW = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)


ONE = UUID(int=1)
PRICE = UnitPrice(1, "EUR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Paint(Command):
    scope = Scope.PRODUCTS_WRITE
    id: UUID = ONE
    colour: str | Keep | None = "red"
    layers: tuple[int, ...] = (1, 2)
    price: UnitPrice | None = PRICE
    due: datetime = NOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Wash(Paint):
    scope = Scope.PRODUCTS_WRITE


def hash_of(command: Command) -> str:
    return input_hash(command, salt="somebody key")


class TestInputHash:
    def test_is_the_same_for_equal_commands(self) -> None:
        assert hash_of(Paint()) == hash_of(Paint())

    def test_does_not_depend_on_the_salt_where_there_is_no_secret(self) -> None:
        assert hash_of(Paint()) == input_hash(Paint(), salt="another")

    @pytest.mark.parametrize(
        "change",
        [
            {"id": UUID(int=2)},
            {"colour": "blue"},
            {"colour": None},
            {"colour": KEEP},
            {"layers": ()},
            {"layers": (2, 1)},
            {"price": None},
            {"price": UnitPrice(1, "USD")},
            {"due": NOW + timedelta(microseconds=1)},
        ],
    )
    def test_differs_with_each_field(self, change: dict[str, object]) -> None:
        assert hash_of(replace(Paint(), **change)) != hash_of(Paint())  # type: ignore[arg-type]

    def test_covers_every_field(self) -> None:
        assert {each.name for each in fields(Paint)} == {"id", "colour", "layers", "price", "due"}

    def test_differs_with_the_command(self) -> None:
        assert hash_of(Wash()) != hash_of(Paint())

    def test_tells_a_text_from_what_is_to_be_kept(self) -> None:
        assert hash_of(Paint(colour="keep")) != hash_of(Paint(colour=KEEP))

    @given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
    def test_tells_any_text_from_what_is_to_be_kept(self, colour: str) -> None:
        assert hash_of(Paint(colour=colour)) != hash_of(Paint(colour=KEEP))


class TestClaim:
    def test_gives_the_key_to_the_first(self, database: Database) -> None:
        with database.writing.begin() as db:
            assert answers.claim(db, "token:1", "k", "Paint", "h", now=NOW) is None

    def test_answers_the_second_what_was_kept(self, database: Database) -> None:
        with database.writing.begin() as db:
            answers.claim(db, "token:1", "k", "Paint", "h", now=NOW)
            answers.keep(db, "token:1", "k", {"value": ["ä", 1, None]})

        with database.writing.begin() as db:
            kept = answers.claim(db, "token:1", "k", "Paint", "h", now=NOW)
        assert kept == {"value": ["ä", 1, None]}

    def test_refuses_another_input(self, database: Database) -> None:
        with database.writing.begin() as db:
            answers.claim(db, "token:1", "k", "Paint", "h", now=NOW)
            with pytest.raises(IdempotencyKeyReused):
                answers.claim(db, "token:1", "k", "Paint", "other", now=NOW)

    def test_lets_each_actor_have_keys_of_its_own(self, database: Database) -> None:
        with database.writing.begin() as db:
            answers.claim(db, "token:1", "k", "Paint", "h", now=NOW)

            assert answers.claim(db, "token:2", "k", "Paint", "other", now=NOW) is None

    @pytest.mark.parametrize("key", ["", "k" * (KEY_LENGTH_MAX + 1), "k" * 100_000, "k\0"])
    def test_refuses_a_key_that_cannot_be_kept(self, database: Database, key: str) -> None:
        with (
            database.writing.begin() as db,
            pytest.raises(InvalidIdempotencyKey) as refusal,
        ):
            answers.claim(db, "token:1", key, "Paint", "h", now=NOW)

        assert str(refusal.value) == "An idempotency key has 1 to 200 characters."
        assert refusal.value.path == ("meta", "idempotency_key")

    def test_takes_the_longest_key(self, database: Database) -> None:
        key = "\U0001f600" * KEY_LENGTH_MAX
        with database.writing.begin() as db:
            answers.claim(db, "token:1", key, "Paint", "h", now=NOW)
            answers.keep(db, "token:1", key, [1])

            assert answers.claim(db, "token:1", key, "Paint", "h", now=NOW) == [1]


class TestForgetOld:
    def test_drops_what_is_older_than_30_days_a_few_at_a_time(self, database: Database) -> None:
        with database.writing.begin() as db:
            for age in range(28, 34):
                answers.claim(db, "system", f"{age}", "Paint", "h", now=NOW - timedelta(days=age))

            dropped = [answers.forget_old(db, now=NOW, limit=2) for _ in range(3)]
            kept = db.execute(select(func.min(answers.answers.c.created_at))).scalar()

        assert dropped == [2, 1, 0]
        assert kept == NOW - KEPT
