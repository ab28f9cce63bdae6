"""The media of products over GraphQL."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from backoffice_api.domain.kernel.ids import text
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.media.checks import CHECKS
from tests import soundness
from tests.databases import count_statements
from tests.execute.steps import dump, log
from tests.media.received import media_file
from tests.plans import all_indexed
from tests.products.documents import PAYLOAD, done, make, one, variant
from tests.world import World, caller

MEDIA = """version media { id version position altText variant { sku }
    file { path mediaType byteSize width height } focalPoint { xPermille yPermille } }"""


def on(field: str, *, input: bool = True) -> str:
    kind = f"{field[0].upper()}{field[1:]}Input"
    variables = f", $input: {kind}!" if input else ""
    given = ", input: $input" if input else ""
    return (
        f"mutation ($id: ID!, $meta: MutationMeta{variables}) {{ "
        f"{field}(id: $id, meta: $meta{given}) {{ product {{ {MEDIA} }} {PAYLOAD} }} }}"
    )


ADD = on("productAddMedia")
UPDATE = on("productMediaUpdate")
REORDER = on("productReorderMedia")
REMOVE = on("productMediaRemove", input=False)


async def filled(world: World) -> tuple[str, Sequence[str]]:
    """A product with three media."""
    id = (await make(world))["id"]
    for digit in "abc":
        answer = await done(world, ADD, id=id, input={"fileId": media_file(world, digit)})
    return id, [each["id"] for each in answer["product"]["media"]]


def broken(world: World) -> list[str]:
    return soundness.broken(world.database, CHECKS)


class TestProductAddMedia:
    async def test_shows_a_file_behind_the_others(self, world: World) -> None:
        id = (await make(world))["id"]
        large = await variant(world, "SHIRT-L")
        await done(world, ADD, id=id, input={"fileId": media_file(world, "a")})

        given = {
            "fileId": media_file(world, "b"),
            "variantId": large["id"],
            "altText": "From behind",
            "focalPoint": {"xPermille": 500, "yPermille": 333},
        }
        after = await done(world, ADD, id=id, input=given)

        assert after["product"]["version"] == 3
        assert after["product"]["media"][1] == {
            "id": after["product"]["media"][1]["id"],
            "version": 1,
            "position": 1,
            "altText": "From behind",
            "variant": {"sku": "SHIRT-L"},
            "file": {
                "path": f"/media/{'b' * 64}.png",
                "mediaType": "PNG",
                "byteSize": 5,
                "width": 3,
                "height": 2,
            },
            "focalPoint": {"xPermille": 500, "yPermille": 333},
        }
        assert [each["kind"] for each in after["effects"]] == ["product.media_added"]
        of_variant = await one(world, '{ variant(by: {sku: "SHIRT-L"}) { media { altText } } }')
        assert of_variant == {"media": [{"altText": "From behind"}]}
        assert broken(world) == []

    async def test_refuses_what_is_wrong(self, world: World) -> None:
        id, right = (await make(world))["id"], media_file(world)
        other = await make(world, externalIds=[], variants=[{"sku": "X", "optionValues": ["X"]}])
        foreign = (await variant(world, "X"))["id"]
        assert other["id"] != id
        before = dump(world.database)

        found = []
        for wrong in (
            {"fileId": text("mfl", UUID(int=0))},
            {"variantId": foreign},
            {"variantId": text("sku", UUID(int=0))},
            {"altText": "x" * 251},
            {"focalPoint": {"xPermille": 1_001, "yPermille": -1}},
        ):
            answer = await one(world, ADD, id=id, input={"fileId": right, **wrong})
            found.append([each["code"] for each in answer["userErrors"]])

        assert found == [
            ["UNKNOWN_MEDIA_FILE"],
            ["NOT_OF_PRODUCT"],
            ["UNKNOWN_VARIANT"],
            ["INVALID_TEXT"],
            ["OUT_OF_RANGE", "OUT_OF_RANGE"],
        ]
        assert dump(world.database) == before

    async def test_is_held_to_version_key_and_right(self, world: World) -> None:
        id, given = (await make(world))["id"], {"fileId": media_file(world)}
        before = dump(world.database)

        stale = await one(world, ADD, id=id, input=given, meta={"expectedVersion": 9})
        rehearsed = await done(world, ADD, id=id, input=given, meta={"dryRun": True})
        assert (len(rehearsed["product"]["media"]), dump(world.database)) == (1, before)
        first = await done(world, ADD, id=id, input=given, meta={"idempotencyKey": "k"})
        again = await done(world, ADD, id=id, input=given, meta={"idempotencyKey": "k"})
        somebody = caller(*(ALL_SCOPES - {Scope.PRODUCTS_WRITE}))
        answer = await world.ask(ADD, caller=somebody, id=id, input=given)

        assert [each["code"] for each in stale["userErrors"]] == ["STALE_VERSION"]
        assert (again["product"], again["replayed"]) == (first["product"], True)
        (error,) = answer["errors"]
        assert error["extensions"]["code"] == "FORBIDDEN"


class TestProductMediaUpdate:
    async def test_changes_what_is_given(self, world: World) -> None:
        _, media = await filled(world)

        point = {"xPermille": 1, "yPermille": 2}
        await done(world, UPDATE, id=media[1], input={"altText": "Side", "focalPoint": point})
        after = await done(world, UPDATE, id=media[1], input={"focalPoint": None})

        changed = after["product"]["media"][1]
        assert (changed["altText"], changed["focalPoint"], changed["version"]) == ("Side", None, 3)
        assert log(world)[-1].changes == [
            {"path": "focal_x", "before": 1, "after": None},
            {"path": "focal_y", "before": 2, "after": None},
        ]


class TestProductReorderMedia:
    async def test_puts_them_into_an_order(self, world: World) -> None:
        id, (first, second, third) = await filled(world)

        after = await done(world, REORDER, id=id, input={"mediaIds": [third, first, second]})

        shown = after["product"]["media"]
        assert [each["id"] for each in shown] == [third, first, second]
        assert [each["position"] for each in shown] == [0, 1, 2]

    async def test_takes_all_and_no_others(self, world: World) -> None:
        id, (first, second, third) = await filled(world)

        wrong: list[list[Any]] = [
            [first, second],
            [first, second, second],
            [first, second, third, text("med", UUID(int=0))],
        ]
        for order in wrong:
            answer = await one(world, REORDER, id=id, input={"mediaIds": order})
            assert [each["code"] for each in answer["userErrors"]] == ["NOT_ALL_MEDIA"]


class TestProductMediaRemove:
    async def test_closes_the_gap(self, world: World) -> None:
        _, (first, second, third) = await filled(world)

        after = await done(world, REMOVE, id=first)
        again = await one(world, REMOVE, id=first)

        shown = after["product"]["media"]
        assert [(each["id"], each["position"]) for each in shown] == [(second, 0), (third, 1)]
        assert [each["code"] for each in again["userErrors"]] == ["UNKNOWN_MEDIUM"]
        assert broken(world) == []


@pytest.mark.parametrize("number", [1, 3])
async def test_links_take_a_statement_each(world: World, number: int) -> None:
    await filled(world)
    document = f"{{ products(first: {number}) {{ nodes {{ {MEDIA} }} }} }}"

    with (
        count_statements(world.database) as statements,
        all_indexed(world.database.reading, sorts=True),
    ):
        await world.graphql(document)

    assert len([each for each in statements if each.startswith("SELECT")]) <= 4
