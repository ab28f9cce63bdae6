"""Defining custom fields over GraphQL."""

from typing import Any

from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from tests.custom_fields.documents import ARCHIVE, DEFINE, REDEFINE, RESTORE, define, put
from tests.execute.steps import dump
from tests.products.documents import done, make, one
from tests.world import World, caller

TEXT = {"ownerType": "PRODUCT", "key": "wood", "name": "Wood", "type": "TEXT"}
WRONG: list[tuple[dict[str, Any], list[tuple[str, list[str]]]]] = [
    ({"key": "Wood"}, [("INVALID_FIELD_KEY", ["key"])]),
    ({"key": "w" * 61}, [("INVALID_FIELD_KEY", ["key"])]),
    ({"name": ""}, [("INVALID_TEXT", ["name"])]),
    ({"choices": ["a"]}, [("RULE_NOT_FOR_TYPE", ["choices"])]),
    ({"referenceType": "ORDER"}, [("RULE_NOT_FOR_TYPE", ["referenceType"])]),
    ({"pattern": "("}, [("INVALID_PATTERN", ["pattern"])]),
    ({"minimum": "-1"}, [("INVALID_BOUND", ["minimum"])]),
    ({"minimum": "5", "maximum": "4"}, [("INVALID_BOUND", ["maximum"])]),
    ({"type": "SINGLE_CHOICE"}, [("RULE_NOT_FOR_TYPE", ["choices"])]),
    ({"type": "MULTI_CHOICE", "choices": ["a", "a"]}, [("DUPLICATE", ["choices", "1"])]),
    ({"type": "REFERENCE"}, [("RULE_NOT_FOR_TYPE", ["referenceType"])]),
    ({"type": "BOOLEAN", "minimum": "1"}, [("RULE_NOT_FOR_TYPE", ["minimum"])]),
    ({"type": "DATE", "minimum": "today"}, [("INVALID_BOUND", ["minimum"])]),
    ({"type": "DECIMAL", "maximum": "0.0000001"}, [("INVALID_BOUND", ["minimum"])]),
    (
        {"type": "INTEGER", "pattern": "a", "name": ""},
        [("INVALID_TEXT", ["name"]), ("RULE_NOT_FOR_TYPE", ["pattern"])],
    ),
]


class TestCustomFieldDefinitionCreate:
    async def test_defines_a_field(self, world: World) -> None:
        made = await define(world, "wood", "TEXT", pattern="[a-z]+", maximum="20")

        assert made == {
            "id": made["id"],
            "version": 1,
            "ownerType": "PRODUCT",
            "key": "wood",
            "name": "Wood",
            "description": "",
            "type": "TEXT",
            "isRequired": False,
            "isPersonal": False,
            "minimum": None,
            "maximum": "20",
            "pattern": "[a-z]+",
            "choices": [],
            "referenceType": None,
            "status": "ACTIVE",
            "actions": [
                {"name": "update", "allowed": True},
                {"name": "archive", "allowed": True},
                {"name": "restore", "allowed": False},
            ],
        }
        document = "query ($id: ID!) { node(id: $id) { ... on CustomFieldDefinition { key } } }"
        assert await one(world, document, id=made["id"]) == {"key": "wood"}

    async def test_refuses_what_is_wrong(self, world: World) -> None:
        before = dump(world.database)

        found = []
        for wrong, _ in WRONG:
            answer = await one(world, DEFINE, input={**TEXT, **wrong})
            assert answer["definition"] is None
            found.append([(each["code"], each["path"][1:]) for each in answer["userErrors"]])

        assert found == [faults for _, faults in WRONG]
        assert dump(world.database) == before

    async def test_refuses_a_key_that_the_same_records_have(self, world: World) -> None:
        await define(world, "wood", "TEXT")
        await define(world, "wood", "TEXT", ownerType="VARIANT")

        answer = await one(world, DEFINE, input=TEXT)

        (error,) = answer["userErrors"]
        assert (error["code"], error["path"]) == ("CUSTOM_FIELD_KEY_TAKEN", ["input", "key"])

    async def test_is_rehearsed_and_done_once(self, world: World) -> None:
        before = dump(world.database)

        rehearsed = await done(world, DEFINE, input=TEXT, meta={"dryRun": True})
        assert (rehearsed["definition"]["key"], dump(world.database)) == ("wood", before)
        first = await done(world, DEFINE, input=TEXT, meta={"idempotencyKey": "k"})
        again = await done(world, DEFINE, input=TEXT, meta={"idempotencyKey": "k"})

        assert again == {**first, "replayed": True}


class TestCustomFieldDefinitionUpdate:
    async def test_changes_what_is_given(self, world: World) -> None:
        made = await define(world, "wood", "SINGLE_CHOICE", choices=["oak"])

        after = await done(
            world, REDEFINE, id=made["id"], input={"name": "Timber", "choices": ["oak", "ash"]}
        )

        expected = {**made, "version": 2, "name": "Timber", "choices": ["oak", "ash"]}
        assert after["definition"] == expected
        assert [each["kind"] for each in after["effects"]] == ["custom_field_definition.updated"]

    async def test_refuses_what_does_not_go_with_the_type(self, world: World) -> None:
        made = await define(world, "wood", "SINGLE_CHOICE", choices=["oak"])

        answer = await one(world, REDEFINE, id=made["id"], input={"choices": []})

        assert [each["code"] for each in answer["userErrors"]] == ["RULE_NOT_FOR_TYPE"]

    async def test_compares_the_version(self, world: World) -> None:
        made = await define(world, "wood", "TEXT")

        meta = {"expectedVersion": 7}
        answer = await one(world, REDEFINE, id=made["id"], input={"name": "x"}, meta=meta)

        assert [each["code"] for each in answer["userErrors"]] == ["STALE_VERSION"]


class TestCustomFieldDefinitionArchive:
    async def test_hides_the_values_until_it_is_restored(self, world: World) -> None:
        made = await define(world, "wood", "TEXT")
        product = (await make(world))["id"]
        await put(world, product, wood="oak")
        shown = """query ($id: ID!) { product(by: {id: $id}) { customFields { value } }
            products(filter: {customFields: [{key: "wood", eq: "oak"}]}) { nodes { id } } }"""

        await done(world, ARCHIVE, id=made["id"])
        hidden = await world.graphql(shown, id=product)
        await done(world, RESTORE, id=made["id"])
        back = await world.graphql(shown, id=product)

        assert hidden == {"product": {"customFields": []}, "products": {"nodes": []}}
        assert back == {
            "product": {"customFields": [{"value": "oak"}]},
            "products": {"nodes": [{"id": product}]},
        }
        answer = await one(world, RESTORE, id=made["id"])
        assert [each["code"] for each in answer["userErrors"]] == ["INVALID_TRANSITION"]


class TestDefinitions:
    async def test_are_listed_by_key(self, world: World) -> None:
        for key, type in (("b", "TEXT"), ("a", "DATE"), ("c", "TEXT")):
            await define(world, key, type)
        await define(world, "d", "TEXT", ownerType="ORDER")

        document = """query ($filter: CustomFieldDefinitionFilter) {
            customFieldDefinitions(filter: $filter) { nodes { key } }
            customFieldDefinitionsCount(filter: $filter) { value } }"""
        found = [
            await world.graphql(document, filter=filter)
            for filter in ({}, {"ownerType": ["PRODUCT"], "type": ["TEXT"]}, {"key": {"eq": "a"}})
        ]

        keys = [
            [each["key"] for each in answer["customFieldDefinitions"]["nodes"]] for answer in found
        ]
        assert keys == [["a", "b", "c", "d"], ["b", "c"], ["a"]]
        counts = [answer["customFieldDefinitionsCount"]["value"] for answer in found]
        assert counts == [4, 2, 1]

    async def test_take_rights_of_their_own(self, world: World) -> None:
        for document, scope in (
            ("{ customFieldDefinitions { nodes { key } } }", Scope.FIELDS_READ),
            (ARCHIVE, Scope.FIELDS_WRITE),
        ):
            but_one = caller(*(ALL_SCOPES - {scope}))

            answer = await world.ask(document, caller=but_one, id="cfd_" + "0" * 32)

            (error,) = answer["errors"]
            assert error["extensions"] == {"code": "FORBIDDEN", "scopes": [scope.value]}
