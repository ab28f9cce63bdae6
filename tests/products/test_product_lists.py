"""Finding products and variants: lookups, filters, sorts, searches, pages, counts."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest

from backoffice_api.domain.kernel.ids import text
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.products.commands.drafts import VariantDraft
from backoffice_api.domain.products.commands.products import (
    ArchiveProduct,
    CreateProduct,
    archive_product,
    create_product,
)
from tests.databases import count_statements
from tests.plans import all_indexed
from tests.products.documents import ARCHIVE, RETIRE, SHIRT, done, make, one, variant
from tests.world import NOW, World, caller

READ = caller(Scope.PRODUCTS_READ)
TITLES = ["Ant", "Bee", "Cat", "Dog", "Elk"]


# Filters and orders of products, with the first letters of those that they show.
FILTERS = [
    ("{}", "EDCBA"),
    ("{status: [ACTIVE]}", "DCBA"),
    ("{status: [ACTIVE, ARCHIVED]}", "EDCBA"),
    ("{status: []}", ""),
    ('{title: {eq: "Bee"}}', "B"),
    ('{title: {in: ["Bee", "Cat", "Cow"]}}', "CB"),
    ("{title: {in: []}}", ""),
    ('{title: {startsWith: "C"}}', "C"),
    ('{title: {startsWith: "c"}}', ""),
    ('{title: {startsWith: ""}}', "EDCBA"),
    ("{brand: {isNull: true}}", "ECA"),
    ("{brand: {isNull: false}}", "DB"),
    ('{brand: {eq: "Wild"}, title: {startsWith: "D"}}', "D"),
    ('{sku: {eq: "CAT"}}', "C"),
    ('{sku: {startsWith: "D"}}', "D"),
    ("{sku: {isNull: true}}", ""),
    ('{createdAt: {gte: "2025-03-01T09:03:00Z"}}', "ED"),
    ('{createdAt: {lt: "2025-03-01T10:01:00+01:00"}}', "A"),
    ('{updatedAt: {gte: "2025-03-01T10:00:00Z"}}', "E"),
    ('{or: [{title: {eq: "Ant"}}, {brand: {eq: "Wild"}}]}', "DBA"),
    ("{or: []}", ""),
    ("{and: []}", "EDCBA"),
    ("{and: [{status: [ACTIVE]}, {brand: {isNull: true}}]}", "CA"),
    ('{not: {brand: {eq: "Wild"}}}', "ECA"),
    ('{not: {or: [{title: {eq: "Ant"}}, {not: {status: [ACTIVE]}}]}}', "DCB"),
    ("{title: null, brand: {eq: null}}", "EDCBA"),
    ("{not: {}}", ""),
]
ORDERS = [
    ("first: 50", "EDCBA"),
    ("sort: {key: CREATED_AT}", "EDCBA"),
    ("sort: {key: CREATED_AT, direction: ASC}", "ABCDE"),
    ("sort: {key: UPDATED_AT}", "EDCBA"),
    ("sort: {key: TITLE}", "EDCBA"),
    ("sort: {key: TITLE, direction: ASC}, first: 2", "AB"),
    ("last: 2", "BA"),
    ("last: 2, sort: {key: TITLE, direction: ASC}", "DE"),
    ('search: "ca"', "C"),
    ('search: "wild"', "DB"),
    ('search: "wild dog"', "D"),
    ('search: "wild", filter: {title: {eq: "Bee"}}', "B"),
    ('search: ""', ""),
    ('search: "og"', ""),
]


# Names of variants, and the SKU of the one that has it.
NAMES: list[tuple[dict[str, Any], str | None]] = [
    ({"sku": "SHIRT-M"}, "SHIRT-M"),
    ({"sku": "shirt-m"}, None),
    ({"sku": ""}, None),
    ({"sku": "x" * 10_000}, None),
    ({"barcode": "4006381333931"}, "SHIRT-M"),
    ({"barcode": "04006381333931"}, "SHIRT-M"),
    ({"barcode": "4006381333932"}, None),
    ({"barcode": "1234567890123"}, "SHIRT-L"),
    ({"barcode": "LABEL"}, "SHIRT-L"),
    ({"barcode": ""}, None),
    ({"externalId": {"system": "erp", "key": "17-M"}}, "SHIRT-M"),
    ({"externalId": {"system": "erp", "key": "17"}}, None),
    ({"id": text("sku", UUID(int=0))}, None),
]


@pytest.fixture
def zoo(world: World) -> World:
    """Five products, one a minute, each with a variant of its name; the last one archived."""
    for minute, title in enumerate(TITLES):
        command = CreateProduct(
            title=title,
            brand="Wild" if minute % 2 else None,
            variants=(VariantDraft(sku=title.upper()),),
        )
        id = world.run(create_product, command, now=NOW.replace(minute=minute)).value
    world.run(archive_product, ArchiveProduct(id=id), now=NOW.replace(hour=10))
    return world


async def titles(world: World, arguments: str) -> list[str]:
    found = await one(world, f"{{ products({arguments}) {{ nodes {{ title }} }} }}")
    return [each["title"] for each in found["nodes"]]


class TestProduct:
    async def test_is_found_by_its_id_and_by_external_ids(self, world: World) -> None:
        id = (await make(world))["id"]

        document = """query ($id: ID!) {
            a: product(by: {id: $id}) { id }
            b: product(by: {externalId: {system: "erp", key: "17"}}) { id }
            c: product(by: {externalId: {system: "erp", key: "17-M"}}) { id }
            d: product(by: {externalId: {system: "ERP", key: "17"}}) { id }
        }"""

        found = await world.graphql(document, id=id)
        assert found == {"a": {"id": id}, "b": {"id": id}, "c": None, "d": None}

    async def test_is_not_found_by_a_longer_name_that_begins_like_its_own(
        self, world: World
    ) -> None:
        longest = "S" * 80
        medium, large = SHIRT["variants"]
        await make(world, variants=[{**medium, "sku": longest}, large])

        document = "query ($by: VariantLookup!) { variant(by: $by) { sku } }"
        found = [await one(world, document, by={"sku": sku}) for sku in (longest, longest + "S")]

        assert found == [{"sku": longest}, None]

    async def test_is_found_archived_too(self, world: World) -> None:
        id = (await make(world))["id"]
        await done(world, ARCHIVE, id=id)

        found = await one(
            world,
            '{ product(by: {externalId: {system: "erp", key: "17"}}) { status variants {'
            " nodes { status } } } }",
        )

        assert found == {"status": "ARCHIVED", "variants": {"nodes": [{"status": "ACTIVE"}] * 2}}

    @pytest.mark.parametrize("by", ["{}", "{id: null}", '{id: "x", externalId: null}'])
    async def test_is_named_in_one_way(self, world: World, by: str) -> None:
        answer = await world.ask(f"{{ product(by: {by}) {{ id }} }}")

        assert {each["extensions"]["code"] for each in answer["errors"]} == {
            "GRAPHQL_VALIDATION_FAILED"
        }


class TestVariant:
    async def test_is_found_by_any_of_its_names(self, world: World) -> None:
        own = [{"code": "1234567890123", "kind": "OTHER"}, {"code": "LABEL", "kind": "OTHER"}]
        medium, large = SHIRT["variants"]
        await make(world, variants=[medium, {**large, "barcodes": own}])

        document = "query ($by: VariantLookup!) { variant(by: $by) { sku } }"
        found = [await one(world, document, by=by) for by, _ in NAMES]

        assert [each and each["sku"] for each in found] == [sku for _, sku in NAMES]

    async def test_is_found_archived_too(self, world: World) -> None:
        await make(world)
        await done(world, RETIRE, id=(await variant(world, "SHIRT-M"))["id"])

        assert (await variant(world, "SHIRT-M"))["status"] == "ARCHIVED"

    async def test_is_found_among_wrong_codes_of_one_request(self, world: World) -> None:
        await make(world)

        document = """{
            a: variant(by: {barcode: "4006381333932"}) { sku }
            b: variant(by: {barcode: "4006381333931"}) { sku }
        }"""

        assert await world.graphql(document) == {"a": None, "b": {"sku": "SHIRT-M"}}


class TestProducts:
    async def test_are_those_that_pass_the_filter(self, zoo: World) -> None:
        found = {each: await titles(zoo, f"filter: {each}") for each, _ in FILTERS}

        assert {key: "".join(title[0] for title in each) for key, each in found.items()} == dict(
            FILTERS
        )

    async def test_come_in_the_order_asked_for(self, zoo: World) -> None:
        found = {each: await titles(zoo, each) for each, _ in ORDERS}

        assert {key: "".join(title[0] for title in each) for key, each in found.items()} == dict(
            ORDERS
        )

    @pytest.mark.parametrize(
        "sort", ["", "sort: {key: TITLE, direction: ASC}", "sort: {key: UPDATED_AT}"]
    )
    async def test_can_be_walked_from_both_ends(self, zoo: World, sort: str) -> None:
        page = """nodes { title } edges { cursor node { title } }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"""
        whole = await titles(zoo, f"first: 50 {sort}")

        async def walk(size: str, around: str, edge: str, more: str) -> list[list[str]]:
            pages, cursor = [], None
            while True:
                document = (
                    f"query ($cursor: String) {{ products({size}: 2, {around}: $cursor {sort})"
                    f" {{ {page} }} }}"
                )
                found = await one(zoo, document, cursor=cursor)
                assert [each["node"] for each in found["edges"]] == found["nodes"]
                info = found["pageInfo"]
                assert info["startCursor"] == found["edges"][0]["cursor"]
                assert info["endCursor"] == found["edges"][-1]["cursor"]
                pages.append([each["title"] for each in found["nodes"]])
                if not info[more]:
                    return pages
                cursor = info[edge]

        forwards = await walk("first", "after", "endCursor", "hasNextPage")
        backwards = await walk("last", "before", "startCursor", "hasPreviousPage")

        assert forwards == [whole[:2], whole[2:4], whole[4:]]
        assert backwards == [whole[3:], whole[1:3], whole[:1]]

    @pytest.mark.parametrize(
        "arguments",
        [
            "first: 0",
            "last: 0",
            "first: 2, last: 2",
            'first: 2, before: "x"',
            'last: 2, after: "x"',
            'after: "x", before: "x"',
            'after: ""',
            'after: "abc"',
            'before: "AAAAAAAAAAAAAAAAAAAAAAAA"',
        ],
    )
    async def test_refuse_what_is_no_page(self, zoo: World, arguments: str) -> None:
        answer = await zoo.ask(f"{{ products({arguments}) {{ nodes {{ id }} }} }}")

        (error,) = answer["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert zoo.bugs == []

    async def test_refuse_the_cursor_of_another_list_order_or_shop(self, zoo: World) -> None:
        found = await one(zoo, "{ products { pageInfo { endCursor } } }")
        cursor = found["pageInfo"]["endCursor"]
        changed = cursor[:-3] + ("A" if cursor[-3] != "A" else "B") + cursor[-2:]

        for document, given in (
            ("query ($c: String) { variants(after: $c) { nodes { id } } }", cursor),
            (
                "query ($c: String) { products(after: $c, sort: {key: TITLE}) { nodes { id } } }",
                cursor,
            ),
            (
                "query ($c: String) { products(after: $c, sort: {key: CREATED_AT, direction: ASC})"
                " { nodes { id } } }",
                cursor,
            ),
            ("query ($c: String) { products(after: $c) { nodes { id } } }", changed),
        ):
            answer = await zoo.ask(document, c=given)

            (error,) = answer["errors"]
            assert error["extensions"]["code"] == "BAD_USER_INPUT"
            assert error["message"] == "This is not a cursor of this list."

    @pytest.mark.parametrize(
        "filter",
        [
            "{title: {in: [" + '"x", ' * 251 + "]}}",
            "{or: [" + '{title: {eq: "x"}}, ' * 60 + "]}",
        ],
    )
    async def test_refuse_a_filter_that_is_too_large(self, zoo: World, filter: str) -> None:
        answer = await zoo.ask(f"{{ products(filter: {filter}) {{ nodes {{ id }} }} }}")

        (error,) = answer["errors"]
        assert error["extensions"]["code"] in ("BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED")
        assert zoo.bugs == []

    async def test_refuse_a_filter_by_what_is_no_id(self, zoo: World) -> None:
        answer = await zoo.ask('{ variants(filter: {productId: {eq: "x"}}) { nodes { id } } }')

        (error,) = answer["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT"

    async def test_take_as_many_statements_for_many_as_for_few(self, zoo: World) -> None:
        document = """query ($first: Int!) { products(first: $first) { nodes {
            title externalIds { key } timeline(first: 3) { nodes { type actor { kind } } }
            variants(first: 2) { nodes { sku barcodes { code } prices { unitPrice { amount } }
              cost { unitCost { amount } } externalIds { key } product { title } } }
        } } }"""

        counts = []
        for first in (2, 5):
            with count_statements(zoo.database) as statements:
                await zoo.graphql(document, first=first)
            counts.append(len([each for each in statements if each.startswith("SELECT")]))

        # products, then external ids, timelines and variants, then five links of variants
        assert counts == [9, 9]


class TestVariants:
    @pytest.mark.parametrize(
        ("arguments", "found"),
        [
            ("", ["ELK", "DOG", "CAT", "BEE", "ANT"]),
            ("sort: {key: SKU, direction: ASC}, first: 2", ["ANT", "BEE"]),
            ('filter: {sku: {startsWith: "C"}}', ["CAT"]),
            ("filter: {status: [ARCHIVED]}", []),
            ("filter: {barcode: {isNull: true}}, first: 1", ["ELK"]),
            ('filter: {barcode: {eq: "1"}}', []),
            ('search: "bee"', ["BEE"]),
            ('search: "ee"', []),
            ('filter: {createdAt: {lt: "2025-03-01T09:02:00Z"}}', ["BEE", "ANT"]),
        ],
    )
    async def test_are_those_that_are_asked_for(
        self, zoo: World, arguments: str, found: list[str]
    ) -> None:
        arguments = f"({arguments})" if arguments else ""

        answer = await one(zoo, f"{{ variants{arguments} {{ nodes {{ sku }} }} }}")

        assert [each["sku"] for each in answer["nodes"]] == found

    async def test_can_be_asked_of_products(self, zoo: World) -> None:
        ids = await one(zoo, "{ products(first: 2) { nodes { id } } }")
        first, second = (each["id"] for each in ids["nodes"])

        document = """query ($one: ID!, $both: [ID!]!) {
            one: variants(filter: {productId: {eq: $one}}) { nodes { sku } }
            both: variants(filter: {productId: {in: $both}}) { nodes { sku } }
        }"""
        found = await zoo.graphql(document, one=first, both=[first, second])

        assert found == {
            "one": {"nodes": [{"sku": "ELK"}]},
            "both": {"nodes": [{"sku": "ELK"}, {"sku": "DOG"}]},
        }


class TestCounts:
    @pytest.mark.parametrize(
        ("arguments", "count"),
        [
            ("", {"value": 5, "precision": "EXACT"}),
            ("(limit: 4)", {"value": 4, "precision": "AT_LEAST"}),
            ("(limit: 5)", {"value": 5, "precision": "EXACT"}),
            ("(limit: 10000)", {"value": 5, "precision": "EXACT"}),
            ("(filter: {brand: {isNull: true}})", {"value": 3, "precision": "EXACT"}),
            ('(search: "wild", limit: 1)', {"value": 1, "precision": "AT_LEAST"}),
        ],
    )
    async def test_go_no_further_than_the_limit(
        self, zoo: World, arguments: str, count: Mapping[str, Any]
    ) -> None:
        document = f"{{ productsCount{arguments} {{ value precision }} }}"

        assert await one(zoo, document) == count

    @pytest.mark.parametrize("limit", [0, -1, 10_001])
    async def test_refuse_what_is_no_limit(self, zoo: World, limit: int) -> None:
        answer = await zoo.ask(f"{{ variantsCount(limit: {limit}) {{ value }} }}")

        (error,) = answer["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert error["message"] == "`limit` is between 1 and 10000."


class TestNodes:
    async def test_find_anything_by_its_id(self, world: World) -> None:
        product = (await make(world))["id"]
        shirt = (await variant(world, "SHIRT-M"))["id"]
        ids = [shirt, "nonsense", product, text("prd", UUID(int=0)), shirt, "zzz_" + "0" * 32]

        document = """query ($ids: [ID!]!) {
            nodes(ids: $ids) { __typename id ... on Variant { sku } ... on Versioned { version } }
        }"""
        with count_statements(world.database) as statements:
            found = await world.graphql(document, ids=ids)

        a_variant = {"__typename": "Variant", "id": shirt, "sku": "SHIRT-M", "version": 1}
        a_product = {"__typename": "Product", "id": product, "version": 1}
        assert found["nodes"] == [a_variant, None, a_product, None, a_variant, None]
        assert len([each for each in statements if each.startswith("SELECT")]) == 2

    async def test_are_250_at_most(self, world: World) -> None:
        document = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"

        most = await world.graphql(document, ids=["x"] * 250)
        answer = await world.ask(document, ids=["x"] * 251)

        assert most == {"nodes": [None] * 250}
        (error,) = answer["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT"

    async def test_are_not_there_for_who_may_not_see_them(self, world: World) -> None:
        id = (await make(world))["id"]
        document = "query ($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id } }"

        answer = await world.ask(document, caller=caller(Scope.STOCK_READ), id=id)

        assert answer["data"] == {"node": None, "nodes": [None]}


class TestRights:
    @pytest.mark.parametrize(
        "document",
        [
            "{ products { nodes { id } } }",
            "{ variants { nodes { id } } }",
            "{ productsCount { value } }",
            "{ variantsCount { value } }",
            '{ product(by: {id: "x"}) { id } }',
            '{ variant(by: {sku: "x"}) { id } }',
            '{ node(id: "x") { ... on Product { title } } }',
        ],
    )
    async def test_to_see_products_are_one(self, world: World, document: str) -> None:
        answer = await world.ask(document, caller=caller(*(ALL_SCOPES - {Scope.PRODUCTS_READ})))

        (error,) = answer["errors"]
        assert error["extensions"] == {"code": "FORBIDDEN", "scopes": ["products:read"]}

    async def test_to_see_costs_and_events_are_others(self, world: World) -> None:
        for document, scope in (
            ("{ variants { nodes { cost { unitCost { amount } } } } }", "costs:read"),
            ("{ products { nodes { timeline { nodes { type } } } } }", "events:read"),
            ("{ products { nodes { timeline { edges { cursor } } } } }", "events:read"),
        ):
            answer = await world.ask(document, caller=READ)

            (error,) = answer["errors"]
            assert error["extensions"] == {"code": "FORBIDDEN", "scopes": [scope]}


async def test_every_question_has_an_index(zoo: World) -> None:
    with all_indexed(
        zoo.database.reading, sorts=True, walks=["search_fts", "(subquery-3)", "anon_1"]
    ):
        for document in (
            "{ products(first: 5) { nodes { variants { nodes { sku barcodes { code } } } } } }",
            '{ variant(by: {sku: "ANT"}) { product { title } } }',
            '{ variant(by: {barcode: "4006381333931"}) { sku } }',
            '{ product(by: {externalId: {system: "erp", key: "1"}}) { id } }',
            '{ products(search: "an") { nodes { id } } }',
        ):
            await zoo.graphql(document)
