"""Adding, changing, archiving and restoring variants over GraphQL, and what they cost."""

from typing import Any

import pytest

from backoffice_api.domain.kernel.ids import text
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from tests.execute.steps import NOBODY, dump
from tests.products.documents import (
    ADD,
    ARCHIVE,
    CHANGE,
    RETIRE,
    REVIVE,
    done,
    make,
    on_variant,
    refused,
    variant,
)
from tests.world import World, caller

UNKNOWN = text("sku", NOBODY)
SET_COST = on_variant("variantSetCost", input="VariantSetCostInput")
COST = (
    "query ($sku: String!) { variant(by: {sku: $sku}) { cost { unitCost { amount currency } } } }"
)
CHANGES = """query ($id: ID!) { node(id: $id) { ... on Variant { timeline(first: 1) { nodes {
    type command data changes { path before after } } } } } }"""


async def last_event(world: World, id: str) -> dict[str, Any]:
    found = await world.graphql(CHANGES, id=id)
    (event,) = found["node"]["timeline"]["nodes"]
    event["changes"] = {each["path"]: (each["before"], each["after"]) for each in event["changes"]}
    return dict(event)


class TestVariantCreate:
    async def test_adds_a_variant_to_a_product(self, world: World) -> None:
        product = await make(world)
        draft = {
            "sku": "SHIRT-S",
            "optionValues": ["S"],
            "barcodes": [{"code": "LABEL 7", "kind": "OTHER", "packQuantity": 12}],
            "prices": [{"amount": "9", "currency": "JPY"}],
            "heightMm": 5,
        }

        answer = await done(world, ADD, input={"productId": product["id"], "variant": draft})

        added = answer["variant"]
        assert added == await variant(world, "SHIRT-S")
        assert added["product"] == {"id": product["id"]}
        assert added["barcodes"] == [{"code": "LABEL 7", "kind": "OTHER", "packQuantity": 12}]
        assert added["prices"] == [{"unitPrice": {"amount": "9", "currency": "JPY"}}]
        assert (added["title"], added["heightMm"], added["version"]) == ("S", 5, 1)
        assert answer["effects"] == [
            {"kind": "variant.created", "summary": "Variant SHIRT-S was created."}
        ]

    @pytest.mark.parametrize(
        ("draft", "code", "path"),
        [
            ({"sku": ""}, "INVALID_TEXT", ["sku"]),
            ({"optionValues": []}, "OPTIONS_MISMATCH", ["optionValues"]),
            ({"optionValues": ["m"]}, "OPTIONS_TAKEN", ["optionValues"]),
            ({"sku": "SHIRT-M"}, "SKU_TAKEN", ["sku"]),
            (
                {"barcodes": [{"code": "4006381333931"}]},
                "BARCODE_TAKEN",
                ["barcodes", "0", "code"],
            ),
            (
                {"externalIds": [{"system": "erp", "key": "17-M"}]},
                "EXTERNAL_ID_TAKEN",
                ["externalIds", "0"],
            ),
        ],
    )
    async def test_refuses_what_is_wrong_where_it_stands(
        self, world: World, draft: dict[str, Any], code: str, path: list[str]
    ) -> None:
        product = await make(world)
        before = dump(world.database)
        wrong = {"sku": "SHIRT-S", "optionValues": ["S"], **draft}

        found = await refused(world, ADD, input={"productId": product["id"], "variant": wrong})

        assert found == [(code, ["input", "variant", *path])]
        assert dump(world.database) == before

    async def test_refuses_a_product_that_is_not_there_or_archived(self, world: World) -> None:
        product = await make(world)
        await done(world, ARCHIVE, id=product["id"])
        draft = {"sku": "S", "optionValues": ["S"]}

        nowhere = await refused(
            world, ADD, input={"productId": text("prd", NOBODY), "variant": draft}
        )
        archived = await refused(world, ADD, input={"productId": product["id"], "variant": draft})

        assert nowhere == [("UNKNOWN_PRODUCT", ["input", "productId"])]
        assert archived == [("INVALID_TRANSITION", None)]

    async def test_refuses_more_than_a_product_can_have(self, world: World) -> None:
        drafts = [{"sku": f"S{n}", "optionValues": [f"{n}"]} for n in range(250)]
        product = await make(world, variants=drafts)
        one_more = {"sku": "S", "optionValues": ["S"]}

        found = await refused(world, ADD, input={"productId": product["id"], "variant": one_more})

        assert found == [("TOO_MANY", None)]


class TestVariantUpdate:
    async def test_changes_what_is_given_and_keeps_the_rest(self, world: World) -> None:
        await make(world)
        before = await variant(world, "SHIRT-M")

        answer = await done(world, CHANGE, id=before["id"], input={"sku": "SHIRT-MEDIUM"})

        assert answer["variant"] == {**before, "version": 2, "sku": "SHIRT-MEDIUM"}
        assert await variant(world, "SHIRT-M") is None

    async def test_replaces_lists_as_a_whole(self, world: World) -> None:
        await make(world)
        before = await variant(world, "SHIRT-M")
        given = {
            "barcodes": [{"code": "X", "kind": "OTHER"}],
            "prices": [{"amount": "1.5", "currency": "EUR"}],
            "externalIds": [],
            "optionValues": ["XM"],
            "weightG": None,
        }

        after = (await done(world, CHANGE, id=before["id"], input=given))["variant"]

        assert after == {
            **before,
            "version": 2,
            "title": "XM",
            "optionValues": ["XM"],
            "weightG": None,
            "barcodes": [{"code": "X", "kind": "OTHER", "packQuantity": 1}],
            "prices": [{"unitPrice": {"amount": "1.50", "currency": "EUR"}}],
            "externalIds": [],
        }

    async def test_tells_the_log_what_has_changed_prices_too(self, world: World) -> None:
        await make(world)
        id = (await variant(world, "SHIRT-L"))["id"]

        given = {"prices": [{"amount": "2", "currency": "EUR"}], "weightG": 300}
        await done(world, CHANGE, id=id, input=given)

        assert await last_event(world, id) == {
            "type": "variant.updated",
            "command": "UpdateVariant",
            "data": {"sku": "SHIRT-L"},
            "changes": {
                "prices": ([], [{"micro": 2_000_000, "currency": "EUR"}]),
                "weight_g": (None, 300),
            },
        }

    @pytest.mark.parametrize(
        ("input", "code", "path"),
        [
            ({"sku": "SHIRT-L"}, "SKU_TAKEN", ["sku"]),
            ({"optionValues": ["l"]}, "OPTIONS_TAKEN", ["optionValues"]),
            ({"optionValues": []}, "OPTIONS_MISMATCH", ["optionValues"]),
            ({"weightG": 100_000_001}, "OUT_OF_RANGE", ["weightG"]),
            (
                {"prices": [{"amount": "-1", "currency": "EUR"}]},
                "NEGATIVE_PRICE",
                ["prices", "0"],
            ),
            (
                {"barcodes": [{"code": "96385074"}]},
                "BARCODE_TAKEN",
                ["barcodes", "0", "code"],
            ),
        ],
    )
    async def test_refuses_what_is_wrong(
        self, world: World, input: dict[str, Any], code: str, path: list[str]
    ) -> None:
        await make(world)
        other = {"sku": "OTHER", "barcodes": [{"code": "00000096385074"}]}
        await make(world, optionNames=[], variants=[other], externalIds=[])
        id = (await variant(world, "SHIRT-M"))["id"]
        before = dump(world.database)

        assert await refused(world, CHANGE, id=id, input=input) == [(code, ["input", *path])]
        assert dump(world.database) == before

    async def test_refuses_what_is_not_there_or_archived(self, world: World) -> None:
        await make(world)
        id = (await variant(world, "SHIRT-M"))["id"]
        await done(world, RETIRE, id=id)

        assert await refused(world, CHANGE, id=id, input={}) == [("INVALID_TRANSITION", None)]
        assert await refused(world, CHANGE, id=UNKNOWN, input={}) == [("UNKNOWN_VARIANT", ["id"])]


class TestArchiveAndRestore:
    async def test_take_it_out_of_use_and_back(self, world: World) -> None:
        await make(world)
        before = await variant(world, "SHIRT-M")

        archived = (await done(world, RETIRE, id=before["id"]))["variant"]
        restored = (await done(world, REVIVE, id=before["id"]))["variant"]

        assert (archived["status"], archived["version"]) == ("ARCHIVED", 2)
        assert restored == {**before, "version": 3}

    async def test_leave_its_options_to_others_meanwhile(self, world: World) -> None:
        product = await make(world)
        id = (await variant(world, "SHIRT-M"))["id"]
        await done(world, RETIRE, id=id)
        successor = {"sku": "SHIRT-M2", "optionValues": ["M"]}
        await done(world, ADD, input={"productId": product["id"], "variant": successor})

        assert await refused(world, REVIVE, id=id) == [("OPTIONS_TAKEN", ["id", "optionValues"])]

    async def test_are_refused_where_they_make_no_sense(self, world: World) -> None:
        await make(world)
        id = (await variant(world, "SHIRT-M"))["id"]

        assert await refused(world, REVIVE, id=id) == [("INVALID_TRANSITION", None)]
        await done(world, RETIRE, id=id)
        assert await refused(world, RETIRE, id=id) == [("INVALID_TRANSITION", None)]
        assert await refused(world, RETIRE, id=UNKNOWN) == [("UNKNOWN_VARIANT", ["id"])]
        assert await refused(world, REVIVE, id=UNKNOWN) == [("UNKNOWN_VARIANT", ["id"])]


class TestVariantSetCost:
    async def test_sets_and_takes_away_what_one_piece_costs(self, world: World) -> None:
        await make(world)
        id = (await variant(world, "SHIRT-M"))["id"]

        cost = {"unitCost": {"amount": "0.055", "currency": "EUR"}}
        answer = await done(world, SET_COST, id=id, input=cost)
        held = await world.graphql(COST, sku="SHIRT-M")
        await done(world, SET_COST, id=id, input={"unitCost": None})

        assert answer["variant"]["version"] == 2
        assert held == {"variant": {"cost": {"unitCost": {"amount": "0.055", "currency": "EUR"}}}}
        assert await world.graphql(COST, sku="SHIRT-M") == {"variant": {"cost": None}}

    async def test_does_not_show_the_amount_in_the_log(self, world: World) -> None:
        await make(world)
        id = (await variant(world, "SHIRT-M"))["id"]

        await done(world, SET_COST, id=id, input={"unitCost": {"amount": "7", "currency": "EUR"}})

        assert await last_event(world, id) == {
            "type": "variant.cost_set",
            "command": "SetCost",
            "data": {"sku": "SHIRT-M"},
            "changes": {},
        }

    @pytest.mark.parametrize(
        ("amount", "code"),
        [
            ("-0.000001", "NEGATIVE_PRICE"),
            ("0.0000001", "TOO_PRECISE"),
            ("99999999999999999999", "AMOUNT_TOO_LARGE"),
        ],
    )
    async def test_refuses_what_is_no_cost(self, world: World, amount: str, code: str) -> None:
        await make(world)
        id = (await variant(world, "SHIRT-M"))["id"]
        before = dump(world.database)

        cost = {"unitCost": {"amount": amount, "currency": "EUR"}}
        ((found, _),) = await refused(world, SET_COST, id=id, input=cost)

        assert found == code
        assert dump(world.database) == before

    async def test_takes_a_right_of_its_own(self, world: World) -> None:
        await make(world)
        id = (await variant(world, "SHIRT-M"))["id"]
        before = dump(world.database)
        everything_else = caller(*(ALL_SCOPES - {Scope.COSTS_WRITE, Scope.COSTS_READ}))

        to_set = await world.ask(SET_COST, caller=everything_else, id=id, input={"unitCost": None})
        to_see = await world.ask(COST, caller=everything_else, sku="SHIRT-M")

        for answer, scope in ((to_set, "costs:write"), (to_see, "costs:read")):
            (error,) = answer["errors"]
            assert error["extensions"] == {"code": "FORBIDDEN", "scopes": [scope]}
            assert "data" not in answer
        assert dump(world.database) == before
