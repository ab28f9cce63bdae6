"""The tree of categories, and what is filed in it."""

from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as examples
from hypothesis import strategies as st

from backoffice_api.domain.catalog import queries
from backoffice_api.domain.catalog.commands.categories import (
    CreateCategory,
    MoveCategory,
    create_category,
    move_category,
)
from backoffice_api.domain.catalog.model.categories import CategoryInItself
from backoffice_api.domain.kernel.ids import parse, text
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from tests.catalog.shelf import (
    ADD,
    CATEGORY,
    CHANGE,
    DELETE,
    FILE,
    MOVE,
    broken,
    category,
    collection,
    product,
    rule,
)
from tests.databases import count_statements
from tests.execute.steps import at_once, dump, log
from tests.plans import all_indexed
from tests.products.documents import done, one
from tests.world import World, caller

NOBODY = text("ctg", UUID(int=0))


async def tree(world: World) -> dict[str, list[str]]:
    """The slugs right below each category, and below nothing, in their order."""
    document = """{ categories { nodes { slug parent { slug } } } }"""
    found: dict[str, list[str]] = {}
    for each in (await one(world, document))["nodes"]:
        above = each["parent"]["slug"] if each["parent"] else ""
        found.setdefault(above, []).append(each["slug"])
    return found


class TestCategoryCreate:
    async def test_makes_a_tree(self, world: World) -> None:
        home = await category(world, "home")
        chairs = await category(world, "chairs", home)
        await category(world, "tables", home)
        stools = await category(world, "stools", chairs)

        assert await tree(world) == {
            "": ["home"],
            "home": ["chairs", "tables"],
            "chairs": ["stools"],
        }
        document = f"query ($id: ID!) {{ node(id: $id) {{ ... on Category {{ {CATEGORY} }} }} }}"
        assert await one(world, document, id=stools) == {
            "id": stools,
            "version": 1,
            "name": "Stools",
            "slug": "stools",
            "description": "",
            "parent": {"slug": "chairs"},
            "ancestors": [{"slug": "home"}, {"slug": "chairs"}],
        }
        assert broken(world) == []

    async def test_refuses_what_is_wrong(self, world: World) -> None:
        deepest = None
        for depth in range(10):
            deepest = await category(world, f"level-{depth}", deepest)
        before = dump(world.database)

        found = []
        for wrong in (
            {"name": ""},
            {"slug": "Chairs"},
            {"slug": "chairs-"},
            {"slug": "x" * 121},
            {"slug": "level-1"},
            {"parentId": NOBODY},
            {"parentId": deepest},
        ):
            answer = await one(world, ADD, input={"name": "C", "slug": "chairs", **wrong})
            found += [each["code"] for each in answer["userErrors"]]

        assert found == [
            "INVALID_TEXT",
            "INVALID_SLUG",
            "INVALID_SLUG",
            "INVALID_SLUG",
            "SLUG_TAKEN",
            "UNKNOWN_CATEGORY",
            "TOO_DEEP",
        ]
        assert dump(world.database) == before

    async def test_is_rehearsed_and_done_once(self, world: World) -> None:
        given, before = {"name": "C", "slug": "chairs"}, dump(world.database)

        rehearsed = await done(world, ADD, input=given, meta={"dryRun": True})
        assert (rehearsed["category"]["slug"], dump(world.database)) == ("chairs", before)
        first = await done(world, ADD, input=given, meta={"idempotencyKey": "k"})
        again = await done(world, ADD, input=given, meta={"idempotencyKey": "k"})

        assert again["category"] == first["category"]
        assert again["replayed"] is True

    async def test_takes_the_right_to_change_products(self, world: World) -> None:
        answer = await world.ask(
            ADD,
            caller=caller(*(ALL_SCOPES - {Scope.PRODUCTS_WRITE})),
            input={"name": "C", "slug": "c"},
        )

        (error,) = answer["errors"]
        assert error["extensions"] == {"code": "FORBIDDEN", "scopes": ["products:write"]}


class TestCategoryUpdate:
    async def test_changes_what_is_given(self, world: World) -> None:
        id = await category(world, "chairs")
        await category(world, "tables")

        after = await done(world, CHANGE, id=id, input={"slug": "seats"})
        taken = await one(world, CHANGE, id=id, input={"slug": "tables"})

        shown = after["category"]
        assert (shown["name"], shown["slug"], shown["version"]) == ("Chairs", "seats", 2)
        assert log(world)[-1].changes == [{"path": "slug", "before": "chairs", "after": "seats"}]
        assert [each["code"] for each in taken["userErrors"]] == ["SLUG_TAKEN"]


class TestCategoryMove:
    async def test_takes_along_what_lies_under_it(self, world: World) -> None:
        home, garden = await category(world, "home"), await category(world, "garden")
        chairs = await category(world, "chairs", home)
        await category(world, "stools", chairs)
        tables = await category(world, "tables", garden)

        after = await done(world, MOVE, id=chairs, input={"parentId": garden, "afterId": tables})

        assert after["category"]["ancestors"] == [{"slug": "garden"}]
        assert await tree(world) == {
            "": ["home", "garden"],
            "chairs": ["stools"],
            "garden": ["tables", "chairs"],
        }
        assert broken(world) == []

    async def test_gives_siblings_an_order(self, world: World) -> None:
        ids = {slug: await category(world, slug) for slug in ("a", "b", "c", "d")}

        await done(world, MOVE, id=ids["d"], input={"parentId": None, "afterId": ids["a"]})
        await done(world, MOVE, id=ids["b"], input={"parentId": None})

        assert await tree(world) == {"": ["b", "a", "d", "c"]}

    async def test_makes_no_cycle_and_nothing_too_deep(self, world: World) -> None:
        top = lowest = await category(world, "level-0")
        for depth in range(1, 9):
            lowest = await category(world, f"level-{depth}", lowest)
        side = await category(world, "side")
        under = await category(world, "under", side)
        before = dump(world.database)

        found = []
        for id, given in (
            (top, {"parentId": lowest}),
            (top, {"parentId": top}),
            (side, {"parentId": lowest}),
            (side, {"parentId": NOBODY}),
            (side, {"parentId": None, "afterId": under}),
            (side, {"parentId": None, "afterId": side}),
        ):
            answer = await one(world, MOVE, id=id, input=given)
            found += [each["code"] for each in answer["userErrors"]]

        assert found == [
            "CATEGORY_IN_ITSELF",
            "CATEGORY_IN_ITSELF",
            "TOO_DEEP",
            "UNKNOWN_CATEGORY",
            "NOT_A_SIBLING",
            "NOT_A_SIBLING",
        ]
        assert dump(world.database) == before

    async def test_of_two_at_once_makes_no_cycle(self, world: World) -> None:
        first, second = [parse("ctg", await category(world, slug)) for slug in "ab"]

        def move(id: UUID, parent_id: UUID) -> Any:
            return lambda: world.run(move_category, MoveCategory(id=id, parent_id=parent_id))

        found = at_once(move(first, second), move(second, first))

        assert sorted(isinstance(each, CategoryInItself) for each in found) == [False, True]
        assert broken(world) == []

    @settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @examples(moves=st.lists(st.tuples(st.integers(0, 5), st.integers(-1, 5)), max_size=8))
    def test_keeps_every_path_that_of_its_parent(
        self, world: World, moves: list[tuple[int, int]]
    ) -> None:
        rows = world.read(queries.category_list.page, PageRequest()).rows
        ids = [each.id for each in rows] or _six(world)

        for who, where in moves:
            parent_id = ids[where] if where >= 0 else None
            with suppress(CategoryInItself):
                world.run(move_category, MoveCategory(id=ids[who], parent_id=parent_id))

        assert broken(world) == []


def _six(world: World) -> list[UUID]:
    return [
        world.run(create_category, CreateCategory(name=slug, slug=slug)).value for slug in "abcdef"
    ]


class TestCategoryDelete:
    async def test_removes_one_that_nothing_lies_under(self, world: World) -> None:
        home = await category(world, "home")
        chairs = await category(world, "chairs", home)
        id = product(world, "Stool")
        await done(world, FILE, id=id, input={"categoryIds": [chairs]})

        full = await one(world, DELETE, id=home)
        gone = await done(world, DELETE, id=chairs)

        (error,) = full["userErrors"]
        assert error == {
            "__typename": "CategoryNotEmptyError",
            "code": "CATEGORY_NOT_EMPTY",
            "path": ["id"],
            "categories": 1,
            "collections": 0,
        }
        assert gone["category"] is None
        assert [each["kind"] for each in gone["effects"]] == ["category.deleted"]
        assert await tree(world) == {"": ["home"]}

    async def test_refuses_one_that_rules_name(self, world: World) -> None:
        id = await category(world, "chairs")
        await collection(world, rule("CATEGORY", "EQ", id))

        answer = await one(world, DELETE, id=id)

        (error,) = answer["userErrors"]
        assert (error["categories"], error["collections"]) == (0, 1)


class TestProductSetCategories:
    async def test_files_a_product_under_these_alone(self, world: World) -> None:
        ids = [await category(world, slug) for slug in ("a", "b", "c")]
        id = product(world, "Stool")

        first = await done(world, FILE, id=id, input={"categoryIds": ids[:2]})
        given = {"categoryIds": ids[1:], "primaryId": ids[2]}
        after = await done(world, FILE, id=id, input=given)
        again = await done(world, FILE, id=id, input=given)

        assert first["product"]["primaryCategory"] == {"slug": "a"}
        assert after["product"] == {
            "version": 3,
            "categories": [{"slug": "c"}, {"slug": "b"}],
            "primaryCategory": {"slug": "c"},
            "collections": [],
        }
        assert [each["kind"] for each in after["effects"]] == ["product.categories_set"]
        assert again["effects"] == []
        assert broken(world) == []

    async def test_refuses_what_is_wrong(self, world: World) -> None:
        id, chairs = product(world, "Stool"), await category(world, "chairs")
        before = dump(world.database)

        found = []
        for given in (
            {"categoryIds": [chairs, NOBODY]},
            {"categoryIds": [chairs, chairs]},
            {"categoryIds": [], "primaryId": chairs},
        ):
            answer = await one(world, FILE, id=id, input=given)
            found += [(each["code"], each["path"]) for each in answer["userErrors"]]

        assert found == [
            ("UNKNOWN_CATEGORY", ["input", "categoryIds", "1"]),
            ("DUPLICATE", ["input", "categoryIds", "1"]),
            ("PRIMARY_NOT_AMONG", ["input", "primaryId"]),
        ]
        assert dump(world.database) == before

    async def test_lets_products_be_found_by_subtree(self, world: World) -> None:
        home, garden = await category(world, "home"), await category(world, "garden")
        chairs = await category(world, "chairs", home)
        for title, place in (("Stool", chairs), ("Lamp", home), ("Rake", garden)):
            await done(world, FILE, id=product(world, title), input={"categoryIds": [place]})
        product(world, "Void")
        document = """query ($filter: ProductFilter) { products(filter: $filter) {
            nodes { title categories { slug } primaryCategory { slug } } } }"""

        found = []
        with all_indexed(world.database.reading, sorts=True):
            for filter in (
                {"categoryId": {"eq": home}},
                {"categoryId": {"eq": chairs}},
                {"categoryId": {"in": [chairs, garden]}},
                {"categoryId": {"eq": NOBODY}},
            ):
                nodes = (await one(world, document, filter=filter))["nodes"]
                found.append(sorted(each["title"] for each in nodes))

        assert found == [["Lamp", "Stool"], ["Stool"], ["Rake", "Stool"], []]

    async def test_is_read_with_a_statement_for_each_link(self, world: World) -> None:
        chairs = await category(world, "chairs")
        document = """{ products { nodes { categories { slug ancestors { slug } }
            primaryCategory { slug } collections { slug productCount } } } }"""

        counts = []
        for title in ("Stool", "Bench"):
            await done(world, FILE, id=product(world, title), input={"categoryIds": [chairs]})
            with count_statements(world.database) as statements:
                await world.graphql(document)
            counts.append(len([each for each in statements if each.startswith("SELECT")]))

        assert counts[0] == counts[1] <= 6


@pytest.mark.parametrize("field", ["categories", "collections"])
async def test_lists_take_the_right_to_see_products(world: World, field: str) -> None:
    answer = await world.ask(
        f"{{ {field} {{ nodes {{ slug }} }} }}", caller=caller(Scope.PRODUCTS_WRITE)
    )

    (error,) = answer["errors"]
    assert error["extensions"] == {"code": "FORBIDDEN", "scopes": ["products:read"]}
