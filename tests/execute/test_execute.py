"""The one door: all or nothing, by right, and with everything in the log."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from backoffice_api.domain import execute as door
from backoffice_api.domain.execute import Answer
from backoffice_api.domain.kernel.errors import NotAllowed, SeveralFaults
from backoffice_api.domain.kernel.events import Effect, Logged
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import InvalidText
from backoffice_api.domain.kernel.uow import Actor, ActorKind, Caller, UnitOfWork
from backoffice_api.domain.products import queries
from backoffice_api.domain.products.commands.drafts import VariantDraft
from backoffice_api.domain.products.commands.products import (
    ArchiveProduct,
    CreateProduct,
    UpdateProduct,
    archive_product,
    create_product,
    update_product,
)
from backoffice_api.domain.products.model import ProductCreated, ProductUpdated, UnknownProduct
from tests.databases import open_connections
from tests.execute.steps import NOBODY, TEA, dump, log
from tests.world import CLERK, REQUEST_ID, World, caller


class TestExecute:
    def test_answers_what_the_handler_does_and_what_it_changed(self, world: World) -> None:
        answer = world.run(create_product, TEA)

        product = world.read(queries.product, answer.value)
        variant = world.read(queries.variants_of, answer.value)[0]
        assert answer == Answer(
            product.id,
            [
                Effect("product.created", f"prd_{product.id.hex}", "Product Tea was created."),
                Effect("variant.created", f"sku_{variant.id.hex}", "Variant TEA was created."),
            ],
            replayed=False,
        )

    def test_leaves_no_trace_of_what_is_refused(self, world: World, tea: UUID) -> None:
        before = dump(world.database)

        def change_much_and_refuse(uow: UnitOfWork, command: ArchiveProduct) -> UUID:
            archive_product(uow, command)
            uow.enqueue(Job("mail"))
            raise UnknownProduct(command.id)

        with pytest.raises(UnknownProduct):
            world.run(change_much_and_refuse, ArchiveProduct(id=tea), idempotency_key="k")

        assert dump(world.database) == before

    def test_leaves_no_trace_of_what_breaks(self, world: World, tea: UUID) -> None:
        before = dump(world.database)

        def change_and_break(uow: UnitOfWork, command: ArchiveProduct) -> UUID:
            archive_product(uow, command)
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            world.run(change_and_break, ArchiveProduct(id=tea), idempotency_key="k")

        assert dump(world.database) == before
        assert open_connections(world.database) == 0

    def test_asks_for_the_right_before_anything_else(self, world: World) -> None:
        before = dump(world.database)

        with pytest.raises(NotAllowed) as refusal:
            world.run(
                update_product,
                UpdateProduct(id=NOBODY, title=""),
                caller=caller(Scope.PRODUCTS_READ),
                idempotency_key="k" * 1_000,
                expected_version=7,
                reason="r" * 2_000,
            )

        assert refusal.value.scope == "products:write"
        assert dump(world.database) == before

    def test_refuses_a_reason_and_a_reference_that_are_too_long(self, world: World) -> None:
        before = dump(world.database)

        with pytest.raises(SeveralFaults) as refusal:
            world.run(create_product, TEA, reason="r" * 1_001, reference="r" * 1_001)

        found = refusal.value.reasons()
        assert [fault.path for fault in found] == [("meta", "reason"), ("meta", "reference")]
        assert {type(fault) for fault in found} == {InvalidText}
        assert dump(world.database) == before

    def test_takes_the_longest_reason_and_reference(self, world: World) -> None:
        world.run(create_product, TEA, reason="ä" * 1_000, reference="\U0001f600" * 1_000)

        assert {len(each.reason or "") for each in log(world)} == {1_000}

    def test_gives_back_its_connection(self, world: World) -> None:
        world.run(create_product, TEA)

        assert open_connections(world.database) == 0


class TestEvents:
    def test_tell_who_did_what_when_and_why(self, world: World, tea: UUID) -> None:
        hour = datetime(2025, 3, 2, 8, 0, tzinfo=UTC)
        world.run(
            update_product,
            UpdateProduct(id=tea, title="Green tea", brand="Ours"),
            now=hour,
            reason="It is green.",
            reference="https://example.org/1",
            idempotency_key="green-1",
        )

        told = log(world)[-1]
        assert told == Logged(
            sequence=3,
            id=told.id,
            type="product.updated",
            subject_kind="prd",
            subject_id=tea,
            subject_version=2,
            actor_kind="token",
            actor_id=CLERK.actor.id,
            command="UpdateProduct",
            request_id=REQUEST_ID,
            occurred_at=hour,
            reason="It is green.",
            reference="https://example.org/1",
            idempotency_key="green-1",
            changes=[
                {"path": "title", "before": "Tea", "after": "Green tea"},
                {"path": "brand", "before": None, "after": "Ours"},
            ],
            data={"title": "Green tea"},
        )

    def test_tell_all_that_a_new_thing_has(self, world: World, tea: UUID) -> None:
        assert log(world)[0].changes == [
            {"path": "title", "before": None, "after": "Tea"},
            {"path": "description", "before": None, "after": ""},
            {"path": "option_names", "before": None, "after": []},
            {"path": "status", "before": None, "after": "active"},
        ]

    def test_of_the_system_have_no_actor_id(self, world: World) -> None:
        system = Caller(Actor(ActorKind.SYSTEM), CLERK.scopes)

        world.run(create_product, TEA, caller=system)

        assert {(each.actor_kind, each.actor_id) for each in log(world)} == {("system", None)}

    def test_are_numbered_in_the_order_in_which_they_were_told(self, world: World) -> None:
        world.run(create_product, replace(TEA, variants=(VariantDraft(sku="A"),)))
        world.run(create_product, replace(TEA, variants=(VariantDraft(sku="B"),)))

        assert [(each.sequence, each.type) for each in log(world)] == [
            (1, "product.created"),
            (2, "variant.created"),
            (3, "product.created"),
            (4, "variant.created"),
        ]


class TestReactions:
    def test_happen_in_the_same_transaction(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def describe(uow: UnitOfWork, event: ProductCreated) -> None:
            update_product(uow, UpdateProduct(id=event.id, description="New!"))

        monkeypatch.setattr(door, "TOGETHER", {ProductCreated: (describe,)})
        answer = world.run(create_product, CreateProduct(title="Tea"))

        assert world.read(queries.product, answer.value).description == "New!"
        assert [each.kind for each in answer.effects] == ["product.created", "product.updated"]
        assert [(each.type, each.command) for each in log(world)] == [
            ("product.created", "CreateProduct"),
            ("product.updated", "CreateProduct"),
        ]

    def test_react_to_each_other(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        def describe(uow: UnitOfWork, event: ProductCreated) -> None:
            update_product(uow, UpdateProduct(id=event.id, description="New!"))

        def archive(uow: UnitOfWork, event: ProductUpdated) -> None:
            archive_product(uow, ArchiveProduct(id=event.id))

        monkeypatch.setattr(
            door, "TOGETHER", {ProductCreated: (describe,), ProductUpdated: (archive,)}
        )
        world.run(create_product, CreateProduct(title="Tea"))

        assert [each.type for each in log(world)] == [
            "product.created",
            "product.updated",
            "product.archived",
        ]

    def test_that_refuse_undo_everything(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = dump(world.database)

        def refuse(uow: UnitOfWork, event: ProductCreated) -> None:
            raise UnknownProduct(event.id)

        monkeypatch.setattr(door, "TOGETHER", {ProductCreated: (refuse,)})
        with pytest.raises(UnknownProduct):
            world.run(create_product, TEA, idempotency_key="k")

        assert dump(world.database) == before

    def test_that_never_end_are_stopped(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = dump(world.database)
        reacted: list[UUID] = []

        def repeat(uow: UnitOfWork, event: ProductCreated) -> None:
            reacted.append(event.id)
            uow.emit(event)

        monkeypatch.setattr(door, "TOGETHER", {ProductCreated: (repeat,)})
        monkeypatch.setattr(door, "EVENTS_MAX", 20)
        with pytest.raises(RuntimeError, match="more than 20 events after one command"):
            world.run(create_product, CreateProduct(title="Tea"))

        assert len(reacted) == 20
        assert dump(world.database) == before
