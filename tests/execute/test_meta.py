"""How a command is run: once per key, only on the version seen, or only as if."""

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import update

from backoffice_api.domain.execute import NoVersionToCompare, rehearse
from backoffice_api.domain.kernel.answers import IdempotencyKeyReused, InvalidIdempotencyKey
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.errors import NotAllowed, StaleVersion
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Meta, UnitOfWork
from backoffice_api.domain.products import queries
from backoffice_api.domain.products.commands.products import (
    ArchiveProduct,
    CreateProduct,
    UpdateProduct,
    archive_product,
    create_product,
    update_product,
)
from backoffice_api.domain.products.model import SkuTaken, UnknownProduct
from backoffice_api.domain.products.tables import variants
from tests.databases import open_connections
from tests.execute.steps import NOBODY, TEA, at_once, busy, dump, run
from tests.world import CLERK, NOW, World, caller


class TestIdempotencyKey:
    def test_gives_the_first_answer_again(self, world: World) -> None:
        first = world.run(create_product, TEA, idempotency_key="k")
        before = dump(world.database)
        second = world.run(create_product, TEA, idempotency_key="k", reason="again")

        assert second == replace(first, replayed=True)
        assert type(second.value) is UUID
        assert dump(world.database) == before

    def test_gives_it_even_if_the_version_has_grown_since(self, world: World, tea: UUID) -> None:
        change = UpdateProduct(id=tea, title="Green tea")
        first = world.run(update_product, change, idempotency_key="k", expected_version=1)
        second = world.run(update_product, change, idempotency_key="k", expected_version=1)

        assert second == replace(first, replayed=True)

    def test_is_not_good_for_another_input(self, world: World) -> None:
        world.run(create_product, TEA, idempotency_key="k")
        before = dump(world.database)

        with pytest.raises(IdempotencyKeyReused):
            world.run(create_product, replace(TEA, title="Other"), idempotency_key="k")

        assert dump(world.database) == before

    def test_is_not_good_for_another_command(self, world: World, tea: UUID) -> None:
        world.run(archive_product, ArchiveProduct(id=tea), idempotency_key="k")

        with pytest.raises(IdempotencyKeyReused):
            world.run(update_product, UpdateProduct(id=tea), idempotency_key="k")

    def test_is_everybodys_own(self, world: World) -> None:
        world.run(create_product, TEA, idempotency_key="k")

        answer = world.run(
            create_product,
            CreateProduct(title="Other"),
            caller=caller(Scope.PRODUCTS_WRITE),
            idempotency_key="k",
        )

        assert answer.replayed is False

    def test_stays_free_after_a_refusal(self, world: World, tea: UUID) -> None:
        with pytest.raises(SkuTaken):
            world.run(create_product, TEA, idempotency_key="k")
        with world.database.writing.begin() as db:
            db.execute(update(variants).values(sku="OLD"))

        answer = world.run(create_product, TEA, idempotency_key="k")

        assert answer.replayed is False

    @pytest.mark.parametrize("key", ["", "k" * 201])
    def test_is_refused_if_it_is_none(self, world: World, key: str) -> None:
        before = dump(world.database)

        with pytest.raises(InvalidIdempotencyKey):
            world.run(create_product, TEA, idempotency_key=key)

        assert dump(world.database) == before

    def test_lets_one_of_twenty_at_once_do_it(self, shop: Database) -> None:
        runs: list[int] = []

        def counted(uow: UnitOfWork, command: CreateProduct) -> UUID:
            runs.append(1)
            return create_product(uow, command)

        answers = at_once(*[lambda: run(shop, counted, TEA, idempotency_key="k")] * 20)

        assert len(runs) == 1
        assert [answer.replayed for answer in answers].count(False) == 1
        first = next(answer for answer in answers if not answer.replayed)
        assert {answer.value for answer in answers} == {first.value}
        assert all(answer.effects == first.effects for answer in answers)

    def test_refuses_another_input_that_comes_at_once(self, shop: Database) -> None:
        results = at_once(
            lambda: run(shop, create_product, CreateProduct(title="A"), idempotency_key="k"),
            lambda: run(shop, create_product, CreateProduct(title="B"), idempotency_key="k"),
        )

        assert sorted(type(each).__name__ for each in results) == ["Answer", "IdempotencyKeyReused"]


class TestExpectedVersion:
    def test_lets_pass_who_has_seen_the_newest(self, world: World, tea: UUID) -> None:
        world.run(update_product, UpdateProduct(id=tea, title="B"), expected_version=1)
        world.run(update_product, UpdateProduct(id=tea, title="C"), expected_version=2)

        product = world.read(queries.product, tea)
        assert (product.title, product.version) == ("C", 3)

    @pytest.mark.parametrize("expected", [0, 2, -1, 2**31 - 1])
    def test_refuses_who_has_not(self, world: World, tea: UUID, expected: int) -> None:
        before = dump(world.database)

        with pytest.raises(StaleVersion) as refusal:
            world.run(update_product, UpdateProduct(id=tea, title="B"), expected_version=expected)

        assert (refusal.value.expected, refusal.value.actual) == (expected, 1)
        assert refusal.value.path == ("meta", "expected_version")
        assert dump(world.database) == before

    def test_makes_no_sense_for_what_is_made(self, world: World) -> None:
        before = dump(world.database)

        with pytest.raises(NoVersionToCompare) as refusal:
            world.run(create_product, TEA, expected_version=1)

        assert refusal.value.path == ("meta", "expected_version")
        assert dump(world.database) == before

    def test_of_nothing_leaves_the_refusal_to_the_command(self, world: World) -> None:
        with pytest.raises(UnknownProduct):
            world.run(update_product, UpdateProduct(id=NOBODY), expected_version=1)

    def test_lets_one_of_two_at_once_win(self, shop: Database) -> None:
        tea = run(shop, create_product, TEA).value

        results = at_once(
            lambda: run(shop, update_product, UpdateProduct(id=tea, title="A"), expected_version=1),
            lambda: run(shop, update_product, UpdateProduct(id=tea, title="B"), expected_version=1),
        )

        (lost,) = [each for each in results if isinstance(each, StaleVersion)]
        assert (lost.expected, lost.actual) == (1, 2)
        with shop.reading.connect() as db:
            assert queries.product(db, tea).version == 2


class TestDryRun:
    def test_answers_as_if_and_keeps_nothing(self, world: World, tea: UUID) -> None:
        before = dump(world.database)

        answer = world.run(
            update_product, UpdateProduct(id=tea, title="B"), dry_run=True, idempotency_key="k"
        )

        assert [each.summary for each in answer.effects] == ["Product B was changed."]
        assert dump(world.database) == before

    def test_is_refused_as_the_command_itself(self, world: World, tea: UUID) -> None:
        with pytest.raises(SkuTaken):
            world.run(create_product, TEA, dry_run=True)
        with pytest.raises(StaleVersion):
            world.run(update_product, UpdateProduct(id=tea), dry_run=True, expected_version=5)
        with pytest.raises(NotAllowed):
            world.run(create_product, TEA, dry_run=True, caller=caller())

    def test_leaves_the_key_free(self, world: World) -> None:
        world.run(create_product, TEA, dry_run=True, idempotency_key="k")

        assert world.run(create_product, TEA, idempotency_key="k").replayed is False

    def test_shows_the_world_as_it_would_be(self, world: World, tea: UUID) -> None:
        change = UpdateProduct(id=tea, title="B")
        with rehearse(
            world.database, update_product, change, caller=CLERK, now=NOW, meta=Meta(dry_run=True)
        ) as rehearsal:
            title_then = queries.product(rehearsal.db, tea).title

        assert title_then == "B"
        assert world.read(queries.product, tea).title == "Tea"
        assert open_connections(world.database) == 0

    def test_ends_when_looking_at_it_breaks(self, world: World, tea: UUID) -> None:
        change = UpdateProduct(id=tea, title="B")
        with (
            pytest.raises(ZeroDivisionError),
            rehearse(world.database, update_product, change, caller=CLERK, now=NOW, meta=Meta()),
        ):
            raise ZeroDivisionError

        assert world.read(queries.product, tea).title == "Tea"
        assert open_connections(world.database) == 0

    def test_is_tried_again_too(self, world: World, pauses: list[float]) -> None:
        attempts: list[int] = []

        def fails_first(uow: UnitOfWork, command: CreateProduct) -> UUID:
            attempts.append(1)
            made = create_product(uow, command)
            if len(attempts) == 1:
                raise busy(world.database)
            return made

        assert len(world.run(fails_first, TEA, dry_run=True).effects) == 2
        assert len(attempts) == 2
