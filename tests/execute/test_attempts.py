"""What cannot be done because of others is tried again, and nothing else is."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import OperationalError, ProgrammingError

from backoffice_api.domain.execute import ATTEMPTS_MAX, Answer
from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.products import queries
from backoffice_api.domain.products.commands import drafts
from backoffice_api.domain.products.commands.products import (
    CreateProduct,
    UpdateProduct,
    create_product,
)
from backoffice_api.domain.products.model import Product, SkuTaken, Variant
from backoffice_api.domain.products.tables import products, variants
from tests.execute.steps import NOBODY, TEA, Meeting, at_once, busy, dump, log, run
from tests.world import World


class TestAttempts:
    def test_go_on_while_others_are_in_the_way(self, world: World, pauses: list[float]) -> None:
        attempts: list[int] = []

        def fails_twice(uow: UnitOfWork, command: CreateProduct) -> UUID:
            attempts.append(1)
            made = create_product(uow, command)
            if len(attempts) <= 2:
                raise busy(world.database)
            return made

        answer = world.run(fails_twice, TEA, idempotency_key="k")

        assert len(attempts) == 3
        assert len(answer.effects) == 2
        assert [each.type for each in log(world)] == ["product.created", "variant.created"]
        assert len(pauses) == 2

    def test_come_to_an_end(self, world: World, pauses: list[float]) -> None:
        attempts: list[int] = []
        before = dump(world.database)

        def always_fails(uow: UnitOfWork, command: CreateProduct) -> UUID:
            attempts.append(1)
            create_product(uow, command)
            raise busy(world.database)

        with pytest.raises(OperationalError):
            world.run(always_fails, TEA)

        assert len(attempts) == ATTEMPTS_MAX
        assert len(pauses) == ATTEMPTS_MAX - 1
        assert sum(pauses) < 0.32
        assert dump(world.database) == before

    def test_are_one_for_what_is_simply_wrong(self, world: World, pauses: list[float]) -> None:
        attempts: list[int] = []

        def asks_nonsense(uow: UnitOfWork, command: CreateProduct) -> UUID:
            attempts.append(1)
            uow.db.execute(text("SELECT nothing FROM nowhere"))
            return NOBODY

        with pytest.raises((ProgrammingError, OperationalError)):
            world.run(asks_nonsense, TEA)

        assert (len(attempts), pauses) == (1, [])

    def test_are_made_again_when_two_change_one_record(self, postgres_shop: Database) -> None:
        tea = run(postgres_shop, create_product, TEA).value
        both_have_read = Meeting()

        def add_a_sign(uow: UnitOfWork, command: UpdateProduct) -> UUID:
            before = queries.product(uow.db, command.id)
            both_have_read()
            return save(uow, products, before, replace(before, title=f"{before.title}!")).id

        change = UpdateProduct(id=tea)
        results = at_once(*[lambda: run(postgres_shop, add_a_sign, change)] * 2)

        assert [type(each) for each in results] == [Answer, Answer]
        assert both_have_read.times == 3
        with postgres_shop.reading.connect() as db:
            product = queries.product(db, tea)
        assert (product.title, product.version) == ("Tea!!", 3)

    def test_end_a_real_deadlock(self, postgres_shop: Database) -> None:
        ids = [
            run(postgres_shop, create_product, CreateProduct(title=title)).value
            for title in ("A", "B")
        ]
        both_hold_one = Meeting()

        @dataclass(frozen=True, slots=True, kw_only=True)
        class Touch(Command):
            scope = Scope.PRODUCTS_WRITE
            ids: tuple[UUID, ...]

        def touch(uow: UnitOfWork, command: Touch) -> int:
            for id in command.ids:
                count = update(products).where(products.c.id == id)
                uow.db.execute(count.values(version=products.c.version + 1))
                if id == command.ids[0]:
                    both_hold_one()
            return len(command.ids)

        results = at_once(
            lambda: run(postgres_shop, touch, Touch(ids=tuple(ids))),
            lambda: run(postgres_shop, touch, Touch(ids=tuple(ids[::-1]))),
        )

        assert [each.value for each in results] == [2, 2]
        assert both_hold_one.times == 3
        with postgres_shop.reading.connect() as db:
            assert {each.version for each in queries.products_by_ids(db, ids).values()} == {3}

    def test_turn_a_broken_constraint_into_the_refusal(
        self, postgres_shop: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        both_have_looked = Meeting()
        check_free = drafts.check_free

        def look_and_meet(*arguments: Any) -> None:
            check_free(*arguments)
            both_have_looked()

        monkeypatch.setattr(drafts, "check_free", look_and_meet)
        results = at_once(*[lambda: run(postgres_shop, create_product, TEA)] * 2)

        (lost,) = [each for each in results if isinstance(each, DomainError)]
        assert (type(lost), lost.path) == (SkuTaken, ("variants", 0, "sku"))
        with postgres_shop.reading.connect() as db:
            assert len(fetch(db, Variant, select_as(Variant, variants))) == 1
            assert len(fetch(db, Product, select_as(Product, products))) == 1
