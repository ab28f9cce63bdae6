"""Collections: rules, choices by hand, and members that follow."""

from typing import Any
from uuid import UUID

import pytest

from backoffice_api.domain.catalog.commands.members import (
    RefreshCollections,
    refresh_collections,
)
from backoffice_api.domain.kernel.ids import parse, text
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.products import queries as of_products
from backoffice_api.domain.products.commands.kits import SetComponents
from backoffice_api.domain.products.commands.products import ArchiveProduct, archive_product
from backoffice_api.domain.products.commands.variants import UpdateVariant, update_variant
from backoffice_api.domain.products.model.kits import Component
from backoffice_api.domain.stock.commands.kits import set_components
from backoffice_api.domain.stock.commands.levels import AdjustStock, adjust_stock
from backoffice_api.domain.stock.commands.locations import CreateLocation, create_location
from backoffice_api.domain.stock.model.levels import AdjustLine
from tests.catalog.shelf import (
    ARCHIVE,
    CHOOSE,
    FILE,
    GATHER,
    MOVE,
    REGATHER,
    RESTORE,
    broken,
    category,
    collection,
    follow,
    members,
    product,
    rule,
)
from tests.custom_fields.documents import define, put
from tests.databases import count_statements
from tests.execute.steps import dump, log
from tests.products.documents import done, one
from tests.together import listed_cases, together
from tests.world import World, caller

PREVIEW = """query ($input: CollectionPreviewInput!) { collectionPreview(input: $input) {
    count products { title } } }"""
WRONG: list[dict[str, Any]] = [
    rule("TITLE", "GTE", "A"),
    rule("TITLE", "EQ", 7),
    rule("TITLE", "EQ", ""),
    rule("TITLE", "EQ", "a", "EUR"),
    rule("TITLE", "IN", []),
    rule("TITLE", "IN", "a"),
    rule("BRAND", "IS_NULL", "yes"),
    rule("CREATED_AT", "GTE", "yesterday"),
    rule("CATEGORY", "EQ", "chairs"),
    rule("PRICE", "GTE", "1"),
    rule("PRICE", "GTE", "1", "ZZZ"),
    rule("PRICE", "GTE", 1, "EUR"),
    rule("PRICE", "GTE", "1.0000001", "EUR"),
    rule("AVAILABLE", "EQ", 1),
    rule("AVAILABLE", "GTE", True),
    rule("CUSTOM_FIELD", "EQ", "oak"),
    rule("CUSTOM_FIELD", "EQ", {"a": 1}, "wood"),
]


def variant(world: World, sku: str) -> UUID:
    id: UUID = world.read(of_products.variants_by_skus, [sku])[sku].id
    return id


@pytest.fixture
async def shop(world: World) -> World:
    """Ant 1.00 of Wild, Bee 2.00 of Wild, Cat 3.00, Dog without a price."""
    product(world, "Ant", 1_000_000, "Wild")
    product(world, "Bee", 2_000_000, "Wild")
    product(world, "Cat", 3_000_000)
    product(world, "Dog")
    return world


async def ids(world: World) -> dict[str, str]:
    nodes = (await one(world, "{ products { nodes { id title } } }"))["nodes"]
    return {each["title"][0]: each["id"] for each in nodes}


class TestCollectionPreview:
    @together(
        "rules, match, found",
        listed_cases(
            ([rule("TITLE", "EQ", "Ant")], "ALL", "A"),
            ([rule("TITLE", "IN", ["Ant", "Cat"])], "ALL", "AC"),
            ([rule("BRAND", "STARTS_WITH", "W")], "ALL", "AB"),
            ([rule("BRAND", "IS_NULL", True)], "ALL", "CD"),
            ([rule("SKU", "EQ", "DOG")], "ALL", "D"),
            ([rule("CREATED_AT", "LT", "2025-01-01T00:00:00Z")], "ALL", ""),
            ([rule("PRICE", "GTE", "2", "EUR"), rule("BRAND", "EQ", "Wild")], "ALL", "B"),
            ([rule("PRICE", "GTE", "2", "EUR"), rule("BRAND", "EQ", "Wild")], "ANY", "ABC"),
            ([rule("PRICE", "LT", "5", "BRL")], "ALL", ""),
            ([rule("AVAILABLE", "LTE", 0)], "ALL", "ABCD"),
            ([rule("CUSTOM_FIELD", "EQ", "oak", "wood")], "ALL", ""),
            ([], "ALL", ""),
        ),
    )
    async def test_shows_what_would_belong(
        self, shop: World, rules: list[Any], match: str, found: str
    ) -> None:
        answer = await one(shop, PREVIEW, input={"rules": rules, "match": match})

        titles = "".join(sorted(each["title"][0] for each in answer["products"]))
        assert (titles, answer["count"]) == (found, len(found))

    async def test_takes_two_statements(self, shop: World) -> None:
        rules = [rule("TITLE", "EQ", "Ant"), rule("PRICE", "GTE", "1", "EUR")]
        with count_statements(shop.database) as statements:
            await one(shop, PREVIEW, input={"rules": rules})

        assert len([each for each in statements if each.startswith("SELECT")]) == 2

    async def test_of_stock_takes_the_right_to_see_it(self, world: World) -> None:
        somebody = caller(*(ALL_SCOPES - {Scope.STOCK_READ}))
        given = {"rules": [rule("AVAILABLE", "GTE", 1)]}

        preview = await world.ask(PREVIEW, caller=somebody, input=given)
        gather = await world.ask(GATHER, caller=somebody, input={"name": "N", "slug": "n", **given})

        for answer in (preview, gather):
            (error,) = answer["errors"]
            assert error["extensions"]["code"] == "FORBIDDEN"


class TestCollectionCreate:
    async def test_gathers_what_passes(self, shop: World) -> None:
        made = await collection(shop, rule("BRAND", "EQ", "Wild"), match="ANY")

        assert made == {
            "id": made["id"],
            "version": 1,
            "name": "Mine",
            "slug": "mine",
            "match": "ANY",
            "rules": [{"field": "BRAND", "operator": "EQ", "value": "Wild", "key": None}],
            "status": "ACTIVE",
            "productCount": 2,
        }
        assert await members(shop, made["id"]) == "AB"
        assert [each.type for each in log(shop)][-2:] == [
            "collection.created",
            "collection.members_changed",
        ]

    async def test_refuses_rules_that_make_no_sense(self, world: World) -> None:
        before = dump(world.database)

        found = []
        for each in WRONG:
            given = {"name": "N", "slug": "n", "rules": [rule("TITLE", "EQ", "a"), each]}
            answer = await one(world, GATHER, input=given)
            found += [error["path"] for error in answer["userErrors"]]

        assert found == [["input", "rules", "1"]] * len(WRONG)
        assert dump(world.database) == before

    async def test_refuses_an_unknown_category_and_a_taken_slug(self, world: World) -> None:
        await collection(world)
        nobody = rule("CATEGORY", "EQ", text("ctg", UUID(int=0)))

        taken = await one(world, GATHER, input={"name": "N", "slug": "mine"})
        unknown = await one(world, GATHER, input={"name": "N", "slug": "n", "rules": [nobody]})

        codes = [each["userErrors"][0]["code"] for each in (taken, unknown)]
        assert codes == ["SLUG_TAKEN", "UNKNOWN_CATEGORY"]


class TestCollectionUpdate:
    async def test_lets_the_members_follow_the_rules(self, shop: World) -> None:
        id = (await collection(shop, rule("BRAND", "EQ", "Wild")))["id"]

        rules = [rule("PRICE", "GT", "1.5", "EUR")]
        rehearsed = await done(shop, REGATHER, id=id, input={"rules": rules}, meta={"dryRun": True})
        before = await members(shop, id)
        after = await done(shop, REGATHER, id=id, input={"rules": rules})

        assert (rehearsed["collection"]["productCount"], before) == (2, "AB")
        assert [each["summary"] for each in after["effects"]][1:] == [
            "1 products came into collection Mine, 1 went."
        ]
        assert await members(shop, id) == "BC"
        assert broken(shop) == []


class TestCollectionSetProducts:
    async def test_is_stronger_than_the_rules(self, shop: World) -> None:
        id, of = (await collection(shop, rule("BRAND", "EQ", "Wild")))["id"], await ids(shop)

        given = {"includedIds": [of["D"]], "excludedIds": [of["A"]]}
        await done(shop, CHOOSE, id=id, input=given)
        chosen = await members(shop, id)
        await done(shop, CHOOSE, id=id, input={"byRulesIds": [of["A"]], "excludedIds": [of["D"]]})

        assert (chosen, await members(shop, id)) == ("BD", "AB")
        assert broken(shop) == []

    async def test_refuses_what_is_wrong(self, shop: World) -> None:
        id, of = (await collection(shop))["id"], await ids(shop)
        nobody = text("prd", UUID(int=0))

        twice = await one(
            shop, CHOOSE, id=id, input={"includedIds": [of["A"]], "excludedIds": [of["A"]]}
        )
        unknown = await one(shop, CHOOSE, id=id, input={"excludedIds": [nobody]})

        assert [each["code"] for each in twice["userErrors"]] == ["DUPLICATE"]
        assert [(each["code"], each["path"]) for each in unknown["userErrors"]] == [
            ("UNKNOWN_PRODUCT", ["input", "excluded", "0"])
        ]


class TestCollectionArchive:
    async def test_leaves_it_without_members_until_it_is_restored(self, shop: World) -> None:
        id = (await collection(shop, rule("BRAND", "EQ", "Wild")))["id"]

        archived = await done(shop, ARCHIVE, id=id)
        follow(shop)
        refused = await one(shop, REGATHER, id=id, input={"name": "x"})
        restored = await done(shop, RESTORE, id=id)

        assert archived["collection"]["productCount"] == 0
        assert [each["code"] for each in refused["userErrors"]] == ["INVALID_TRANSITION"]
        assert restored["collection"]["productCount"] == 2


class TestMembers:
    async def test_follow_products_prices_and_categories(self, shop: World) -> None:
        chairs = await category(shop, "chairs")
        seats = await category(shop, "seats", chairs)
        await define(shop, "wood", "TEXT")
        of = await ids(shop)
        id = (
            await collection(
                shop,
                rule("PRICE", "GTE", "3", "EUR"),
                rule("CATEGORY", "EQ", chairs),
                rule("CUSTOM_FIELD", "EQ", "oak", "wood"),
                match="ANY",
            )
        )["id"]
        follow(shop)
        seen = [await members(shop, id)]

        command = UpdateVariant(id=variant(shop, "ANT"), prices=(UnitPrice(9_000_000, "EUR"),))
        shop.run(update_variant, command)
        await done(shop, FILE, id=of["B"], input={"categoryIds": [seats]})
        await put(shop, of["D"], wood="oak")
        seen.append(await members(shop, id))
        touched = follow(shop)
        seen.append(await members(shop, id))
        shop.run(archive_product, ArchiveProduct(id=parse("prd", of["C"])))
        follow(shop)
        seen.append(await members(shop, id))

        assert (seen, touched) == (["C", "C", "ABCD", "ABD"], 3)
        assert follow(shop) == 0
        assert broken(shop) == []

    async def test_follow_stock(self, shop: World) -> None:
        id = (await collection(shop, rule("AVAILABLE", "GTE", 5)))["id"]
        place = shop.run(create_location, CreateLocation(code="N", name="N", priority=1)).value
        line = AdjustLine(variant_id=variant(shop, "ANT"), location_id=place, set_to=5)
        shop.run(adjust_stock, AdjustStock(lines=(line,)))

        follow(shop)

        assert await members(shop, id) == "A"

    async def test_count_kits_by_what_can_be_put_together(self, shop: World) -> None:
        id = (await collection(shop, rule("AVAILABLE", "GTE", 5)))["id"]
        place = shop.run(create_location, CreateLocation(code="N", name="N", priority=1)).value
        component = Component(variant(shop, "ANT"), 2)
        shop.run(set_components, SetComponents(id=variant(shop, "BEE"), components=(component,)))
        line = AdjustLine(variant_id=variant(shop, "ANT"), location_id=place, set_to=9)
        shop.run(adjust_stock, AdjustStock(lines=(line,)))
        follow(shop)
        few = await members(shop, id)
        line = AdjustLine(variant_id=variant(shop, "ANT"), location_id=place, set_to=10)
        shop.run(adjust_stock, AdjustStock(lines=(line,)))
        follow(shop)

        assert (few, await members(shop, id)) == ("A", "AB")

    async def test_of_a_moved_category_are_worked_out_by_a_job(self, shop: World) -> None:
        home, chairs = await category(shop, "home"), await category(shop, "chairs")
        of = await ids(shop)
        await done(shop, FILE, id=of["A"], input={"categoryIds": [chairs]})
        id = (await collection(shop, rule("CATEGORY", "EQ", home)))["id"]

        await done(shop, MOVE, id=chairs, input={"parentId": home})
        moved = shop.run(refresh_collections, RefreshCollections()).value

        assert (moved, await members(shop, id)) == (1, "A")

    async def test_take_two_statements_a_collection_for_any_number_of_products(
        self, shop: World
    ) -> None:
        await collection(shop, rule("BRAND", "EQ", "Wild"))
        follow(shop)

        counts = []
        for titles in (["Eel"], ["Fox", "Gnu", "Hen"]):
            for title in titles:
                product(shop, title, brand="Wild")
            shop.settle()
            with count_statements(shop.database) as statements:
                follow(shop)
            counts.append(len(statements))

        assert counts[0] == counts[1]
