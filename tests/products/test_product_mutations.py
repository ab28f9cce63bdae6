"""Making, changing, archiving and restoring products over GraphQL."""

from typing import Any

import pytest

from backoffice_api.domain.kernel.ids import text
from tests.execute.steps import NOBODY, dump
from tests.products.documents import (
    ARCHIVE,
    CREATE,
    RESTORE,
    SHIRT,
    UPDATE,
    done,
    make,
    one,
    product,
    refused,
    variant,
)
from tests.world import World

UNKNOWN = text("prd", NOBODY)


class TestProductCreate:
    async def test_makes_a_product_and_its_variants(self, world: World) -> None:
        made = await make(world)

        assert made == {
            "id": made["id"],
            "version": 1,
            "title": "Shirt",
            "description": "Cotton.",
            "brand": "Ours",
            "optionNames": ["Size"],
            "status": "ACTIVE",
            "actions": [
                {"name": "update", "allowed": True, "blockedBy": []},
                {"name": "archive", "allowed": True, "blockedBy": []},
                {"name": "restore", "allowed": False, "blockedBy": ["state is ACTIVE"]},
            ],
            "externalIds": [{"system": "erp", "key": "17"}],
            "variants": {
                "nodes": [
                    {"sku": "SHIRT-L", "status": "ACTIVE", "optionValues": ["L"]},
                    {"sku": "SHIRT-M", "status": "ACTIVE", "optionValues": ["M"]},
                ]
            },
        }
        assert await product(world, made["id"]) == made

    async def test_needs_no_more_than_a_title(self, world: World) -> None:
        made = (await done(world, CREATE, input={"title": "Tea"}))["product"]

        assert (made["brand"], made["description"], made["variants"]) == (None, "", {"nodes": []})

    async def test_takes_as_many_variants_as_one_can_have(self, world: World) -> None:
        variants = [{"sku": f"S{n}", "optionValues": [f"{n}"]} for n in range(250)]

        made = await make(world, variants=variants)

        assert len(made["variants"]["nodes"]) == 250

    @pytest.mark.parametrize(
        ("wrong", "faults"),
        [
            ({"title": " "}, [("INVALID_TEXT", ["input", "title"])]),
            ({"title": "x" * 251}, [("INVALID_TEXT", ["input", "title"])]),
            ({"description": "x" * 20_001}, [("INVALID_TEXT", ["input", "description"])]),
            ({"brand": ""}, [("INVALID_TEXT", ["input", "brand"])]),
            ({"optionNames": ["a", ""]}, [("INVALID_TEXT", ["input", "optionNames", "1"])]),
            ({"optionNames": ["a", "a"]}, [("DUPLICATE", ["input", "optionNames", "1"])]),
            (
                {"optionNames": [f"{n}" for n in range(11)]},
                [("TOO_MANY", ["input", "optionNames"])],
            ),
            (
                {"externalIds": [{"system": "", "key": "1"}]},
                [("INVALID_TEXT", ["input", "externalIds", "0", "system"])],
            ),
            (
                {"externalIds": [{"system": "a", "key": "1"}, {"system": "a", "key": "2"}]},
                [("TOO_MANY_EXTERNAL_IDS", ["input", "externalIds"])],
            ),
        ],
    )
    async def test_refuses_what_is_wrong(
        self, world: World, wrong: dict[str, Any], faults: list[Any]
    ) -> None:
        before = dump(world.database)

        found = await refused(world, CREATE, input={"title": "Tea", **wrong})

        assert found == faults
        assert dump(world.database) == before

    @pytest.mark.parametrize(
        ("wrong", "code", "path"),
        [
            ({"sku": ""}, "INVALID_TEXT", ["sku"]),
            ({"sku": "x" * 81}, "INVALID_TEXT", ["sku"]),
            ({"optionValues": ["M", "L"]}, "OPTIONS_MISMATCH", ["optionValues"]),
            ({"optionValues": [" "]}, "INVALID_TEXT", ["optionValues", "0"]),
            ({"weightG": -1}, "OUT_OF_RANGE", ["weightG"]),
            ({"lengthMm": 100_001}, "OUT_OF_RANGE", ["lengthMm"]),
            ({"barcodes": [{"code": ""}]}, "INVALID_GTIN", ["barcodes", "0", "code"]),
            (
                {"barcodes": [{"code": "", "kind": "OTHER"}]},
                "INVALID_TEXT",
                ["barcodes", "0", "code"],
            ),
            ({"barcodes": [{"code": "4006381333932"}]}, "INVALID_GTIN", ["barcodes", "0", "code"]),
            (
                {"barcodes": [{"code": "X", "kind": "OTHER", "packQuantity": 0}]},
                "OUT_OF_RANGE",
                ["barcodes", "0", "packQuantity"],
            ),
            (
                {"barcodes": [{"code": f"{n}", "kind": "OTHER"} for n in range(21)]},
                "TOO_MANY",
                ["barcodes"],
            ),
            (
                {"barcodes": [{"code": "X", "kind": "OTHER"}] * 2},
                "BARCODE_TAKEN",
                ["barcodes", "1", "code"],
            ),
            (
                {"prices": [{"amount": "-0.01", "currency": "EUR"}]},
                "NEGATIVE_PRICE",
                ["prices", "0"],
            ),
            (
                {"prices": [{"amount": "1", "currency": "EUR"}] * 2},
                "DUPLICATE",
                ["prices", "1"],
            ),
            (
                {"externalIds": [{"system": "s", "key": "k" * 251}]},
                "INVALID_TEXT",
                ["externalIds", "0", "key"],
            ),
        ],
    )
    async def test_refuses_a_wrong_variant_where_it_stands(
        self, world: World, wrong: dict[str, Any], code: str, path: list[str]
    ) -> None:
        before = dump(world.database)
        variants = [
            {"sku": "A", "optionValues": ["S"]},
            {"sku": "B", "optionValues": ["M"], **wrong},
        ]

        found = await refused(
            world, CREATE, input={"title": "Tea", "optionNames": ["Size"], "variants": variants}
        )

        assert found == [(code, ["input", "variants", "1", *path])]
        assert dump(world.database) == before

    @pytest.mark.parametrize(
        ("second", "code", "path"),
        [
            ({"sku": "A"}, "DUPLICATE", ["1"]),
            ({"optionValues": [" s "]}, "OPTIONS_TAKEN", ["1", "optionValues"]),
            (
                {"barcodes": [{"code": "04006381333931", "kind": "GTIN"}]},
                "BARCODE_TAKEN",
                ["1", "barcodes", "0", "code"],
            ),
            (
                {"externalIds": [{"system": "erp", "key": "1"}]},
                "EXTERNAL_ID_TAKEN",
                ["1", "externalIds", "0"],
            ),
        ],
    )
    async def test_refuses_two_variants_that_are_one(
        self, world: World, second: dict[str, Any], code: str, path: list[str]
    ) -> None:
        first = {
            "sku": "A",
            "optionValues": ["S"],
            "barcodes": [{"code": "4006381333931"}],
            "externalIds": [{"system": "erp", "key": "1"}],
        }
        variants = [first, {"sku": "B", "optionValues": ["M"], **second}]

        found = await refused(
            world, CREATE, input={"title": "Tea", "optionNames": ["Size"], "variants": variants}
        )

        assert found == [(code, ["input", "variants", *path])]

    async def test_refuses_what_other_products_have(self, world: World) -> None:
        await make(world)
        before = dump(world.database)
        taken = {
            "sku": "SHIRT-M",
            "optionValues": ["M"],
            "barcodes": [{"code": "4006381333931"}],
            "externalIds": [{"system": "erp", "key": "17-M"}],
        }

        names = await refused(world, CREATE, input={**SHIRT, "variants": []})
        parts = await refused(
            world, CREATE, input={"title": "T", "optionNames": ["Size"], "variants": [taken]}
        )

        here = ["input", "variants", "0"]
        assert names == [("EXTERNAL_ID_TAKEN", ["input", "externalIds"])]
        assert parts == [
            ("SKU_TAKEN", [*here, "sku"]),
            ("BARCODE_TAKEN", [*here, "barcodes", "0", "code"]),
            ("EXTERNAL_ID_TAKEN", [*here, "externalIds", "0"]),
        ]
        assert dump(world.database) == before

    async def test_tells_all_faults_at_once(self, world: World) -> None:
        wrong = {
            "title": "",
            "optionNames": ["Size"],
            "variants": [
                {"sku": "X", "optionValues": []},
                {"sku": "Y", "optionValues": ["M"], "weightG": -5},
            ],
        }

        assert await refused(world, CREATE, input=wrong) == [
            ("INVALID_TEXT", ["input", "title"]),
            ("OPTIONS_MISMATCH", ["input", "variants", "0", "optionValues"]),
            ("OUT_OF_RANGE", ["input", "variants", "1", "weightG"]),
        ]

    async def test_takes_options_as_long_as_they_may_be(self, world: World) -> None:
        names = [f"{n}" for n in range(10)]
        values = ["\u0390" * 250] * 10  # each of its letters is three when capitals do not count

        made = await make(world, optionNames=names, variants=[{"sku": "A", "optionValues": values}])

        assert made["variants"]["nodes"][0]["optionValues"] == values


class TestProductUpdate:
    async def test_changes_what_is_given_and_keeps_the_rest(self, world: World) -> None:
        before = await make(world)

        answer = await done(world, UPDATE, id=before["id"], input={"title": "Jersey"})

        assert answer["product"] == {**before, "version": 2, "title": "Jersey"}
        assert answer["effects"] == [
            {"kind": "product.updated", "summary": "Product Jersey was changed."}
        ]

    async def test_clears_what_is_null(self, world: World) -> None:
        before = await make(world)

        answer = await done(
            world,
            UPDATE,
            id=before["id"],
            input={"brand": None, "externalIds": [], "title": None, "description": None},
        )

        assert answer["product"] == {**before, "version": 2, "brand": None, "externalIds": []}

    async def test_makes_the_search_find_it_by_its_new_title(self, world: World) -> None:
        before = await make(world)

        await done(world, UPDATE, id=before["id"], input={"title": "Jersey"})

        found = """{
            old: products(search: "shirt") { nodes { id } }
            new: products(search: "jers") { nodes { id } }
            variants(search: "jersey l") { nodes { sku } }
        }"""
        assert await world.graphql(found) == {
            "old": {"nodes": []},
            "new": {"nodes": [{"id": before["id"]}]},
            "variants": {"nodes": [{"sku": "SHIRT-L"}]},
        }

    @pytest.mark.parametrize(
        ("input", "code", "path"),
        [
            ({"title": ""}, "INVALID_TEXT", ["input", "title"]),
            ({"brand": "x" * 251}, "INVALID_TEXT", ["input", "brand"]),
            (
                {"externalIds": [{"system": "erp", "key": "99"}]},
                "EXTERNAL_ID_TAKEN",
                ["input", "externalIds"],
            ),
        ],
    )
    async def test_refuses_what_is_wrong(
        self, world: World, input: dict[str, Any], code: str, path: list[str]
    ) -> None:
        id = (await make(world))["id"]
        await make(world, variants=[], externalIds=[{"system": "erp", "key": "99"}])
        before = dump(world.database)

        assert await refused(world, UPDATE, id=id, input=input) == [(code, path)]
        assert dump(world.database) == before

    async def test_refuses_what_is_not_there_or_archived(self, world: World) -> None:
        id = (await make(world))["id"]
        await done(world, ARCHIVE, id=id)

        assert await refused(world, UPDATE, id=UNKNOWN, input={}) == [("UNKNOWN_PRODUCT", ["id"])]
        assert await refused(world, UPDATE, id=id, input={}) == [("INVALID_TRANSITION", None)]

    @pytest.mark.parametrize("id", ["", "prd_1", "sku_" + "0" * 32, "x" * 10_000])
    async def test_does_not_take_what_is_no_id(self, world: World, id: str) -> None:
        answer = await world.ask(UPDATE, id=id, input={})

        (error,) = answer["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert error["message"] == "This is no id of the form prd_ and 32 hexadecimal digits."


class TestArchiveAndRestore:
    async def test_take_it_out_of_use_and_back(self, world: World) -> None:
        made = await make(world)

        archived = (await done(world, ARCHIVE, id=made["id"]))["product"]
        restored = (await done(world, RESTORE, id=made["id"]))["product"]

        assert (archived["status"], archived["version"]) == ("ARCHIVED", 2)
        assert [each["name"] for each in archived["actions"] if each["allowed"]] == ["restore"]
        assert restored == {**made, "version": 3}

    async def test_are_refused_where_they_make_no_sense(self, world: World) -> None:
        id = (await make(world))["id"]

        assert await refused(world, RESTORE, id=id) == [("INVALID_TRANSITION", None)]
        await done(world, ARCHIVE, id=id)
        assert await refused(world, ARCHIVE, id=id) == [("INVALID_TRANSITION", None)]
        assert await refused(world, ARCHIVE, id=UNKNOWN) == [("UNKNOWN_PRODUCT", ["id"])]
        assert await refused(world, RESTORE, id=UNKNOWN) == [("UNKNOWN_PRODUCT", ["id"])]

    async def test_say_what_would_be_possible(self, world: World) -> None:
        id = (await make(world))["id"]
        document = RESTORE.replace(
            "code message path", "... on InvalidTransitionError { action present allowed }"
        )

        (error,) = (await one(world, document, id=id))["userErrors"]

        assert error == {
            "__typename": "InvalidTransitionError",
            "action": "restore",
            "present": "ACTIVE",
            "allowed": ["update", "archive"],
        }


class TestMeta:
    async def test_a_repeated_key_answers_what_the_first_did(self, world: World) -> None:
        first = await done(world, CREATE, input=SHIRT, meta={"idempotencyKey": "one"})
        second = await done(world, CREATE, input=SHIRT, meta={"idempotencyKey": "one"})

        assert (first["replayed"], second["replayed"]) == (False, True)
        assert {**second, "replayed": False} == first

    async def test_a_key_is_not_good_for_another_input(self, world: World) -> None:
        await done(world, CREATE, input=SHIRT, meta={"idempotencyKey": "one"})

        found = await refused(
            world, CREATE, input={"title": "Other"}, meta={"idempotencyKey": "one"}
        )

        assert found == [("IDEMPOTENCY_KEY_REUSED", None)]

    @pytest.mark.parametrize("key", ["", "x" * 201])
    async def test_a_key_has_1_to_200_characters(self, world: World, key: str) -> None:
        found = await refused(world, CREATE, input=SHIRT, meta={"idempotencyKey": key})

        assert found == [("INVALID_IDEMPOTENCY_KEY", ["meta", "idempotencyKey"])]

    async def test_a_dry_run_shows_everything_and_keeps_nothing(self, world: World) -> None:
        before = dump(world.database)

        answer = await done(world, CREATE, input=SHIRT, meta={"dryRun": True})

        assert len(answer["product"]["variants"]["nodes"]) == 2
        assert [each["kind"] for each in answer["effects"]] == [
            "product.created",
            "variant.created",
            "variant.created",
        ]
        assert dump(world.database) == before
        assert await product(world, answer["product"]["id"]) is None

    async def test_a_stale_version_is_refused_with_the_present_one(self, world: World) -> None:
        id = (await make(world))["id"]
        document = UPDATE.replace(
            "code message path", "path ... on StaleVersionError { expected actual }"
        )

        answer = await one(
            world, document, id=id, input={"title": "B"}, meta={"expectedVersion": 7}
        )

        assert answer["userErrors"] == [
            {
                "__typename": "StaleVersionError",
                "path": ["meta", "expectedVersion"],
                "expected": 7,
                "actual": 1,
            }
        ]
        assert (await product(world, id))["version"] == 1

    async def test_a_version_of_nothing_is_refused(self, world: World) -> None:
        found = await refused(world, CREATE, input=SHIRT, meta={"expectedVersion": 1})

        assert found == [("NO_VERSION_TO_COMPARE", ["meta", "expectedVersion"])]

    async def test_reason_and_reference_are_kept_in_the_log(self, world: World) -> None:
        meta = {"reason": "New season.", "reference": "https://example.org/9"}

        id = (await done(world, CREATE, input={"title": "Tea"}, meta=meta))["product"]["id"]

        found = await world.graphql(
            "query ($id: ID!) { node(id: $id) { ... on Product { timeline { nodes {"
            " type command reason reference requestId actor { kind } } } } } }",
            id=id,
        )
        assert found["node"]["timeline"]["nodes"] == [
            {
                "type": "product.created",
                "command": "CreateProduct",
                "requestId": "test-request",
                "actor": {"kind": "TOKEN"},
                **meta,
            }
        ]

    async def test_reason_and_reference_have_a_limit(self, world: World) -> None:
        meta = {"reason": "x" * 1_001, "reference": "y" * 1_001}

        found = await refused(world, CREATE, input=SHIRT, meta=meta)

        assert found == [
            ("INVALID_TEXT", ["meta", "reason"]),
            ("INVALID_TEXT", ["meta", "reference"]),
        ]

    async def test_several_mutations_follow_each_other(self, world: World) -> None:
        document = """mutation {
            a: productCreate(input: {title: "A"}, meta: {dryRun: true}) { product { title } }
            b: productCreate(input: {title: "B"}) { product { title } }
            c: productCreate(input: {title: "C"}, meta: {dryRun: true}) { product { title } }
        }"""

        answer = await world.graphql(document)

        assert [each["product"]["title"] for each in answer.values()] == ["A", "B", "C"]
        assert await world.graphql("{ products { nodes { title } } }") == {
            "products": {"nodes": [{"title": "B"}]}
        }


async def test_a_variant_of_a_product_is_as_it_was_given(world: World) -> None:
    made = await make(world)

    found = await variant(world, "SHIRT-M")

    assert found == {
        "id": found["id"],
        "version": 1,
        "sku": "SHIRT-M",
        "title": "M",
        "optionValues": ["M"],
        "status": "ACTIVE",
        "weightG": 200,
        "lengthMm": None,
        "widthMm": None,
        "heightMm": None,
        "actions": made["actions"],
        "barcodes": [{"code": "4006381333931", "kind": "GTIN", "packQuantity": 1}],
        "prices": [
            {"unitPrice": {"amount": "0.0375", "currency": "BRL"}},
            {"unitPrice": {"amount": "19.90", "currency": "EUR"}},
        ],
        "externalIds": [{"system": "erp", "key": "17-M"}],
        "product": {"id": made["id"]},
    }
