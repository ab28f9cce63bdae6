"""Setting custom fields, reading them, and finding records by them."""

from collections.abc import Mapping
from typing import Any

import pytest

from backoffice_api.domain.custom_fields.checks import CHECKS
from backoffice_api.domain.kernel.ids import text
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from tests.custom_fields.documents import FIELDS, SET, define, put
from tests.databases import count_statements
from tests.execute.steps import dump, log
from tests.orders.shop import POSTAGE, Shop
from tests.plans import all_indexed
from tests.products.documents import PAYLOAD, done, make, one
from tests.soundness import broken
from tests.world import World, caller

TYPES: Mapping[str, tuple[str, dict[str, Any]]] = {
    "wood": ("TEXT", {"pattern": "[a-z ]+", "minimum": "2", "maximum": "9"}),
    "care": ("MULTILINE_TEXT", {}),
    "legs": ("INTEGER", {"minimum": "0", "maximum": "100"}),
    "height": ("DECIMAL", {"minimum": "-1.5"}),
    "vegan": ("BOOLEAN", {}),
    "since": ("DATE", {"minimum": "2020-01-01"}),
    "sold_at": ("DATE_TIME", {}),
    "grade": ("SINGLE_CHOICE", {"choices": ["A", "B"]}),
    "rooms": ("MULTI_CHOICE", {"choices": ["bath", "hall", "attic"]}),
    "twin": ("REFERENCE", {"referenceType": "PRODUCT"}),
    "page": ("URL", {}),
}

# Right values, as they are given and as they are shown.
RIGHT: list[tuple[str, Any, Any]] = [
    ("wood", "old oak", "old oak"),
    ("care", "Oil it.\nNever wash it.", "Oil it.\nNever wash it."),
    ("legs", 4, 4),
    ("legs", "4", 4),
    ("height", "72.50", "72.5"),
    ("height", -1, "-1"),
    ("vegan", False, False),
    ("since", "2024-02-29", "2024-02-29"),
    ("sold_at", "2025-03-01T10:30:00+01:00", "2025-03-01T09:30:00Z"),
    ("grade", "B", "B"),
    ("rooms", ["attic", "bath"], ["bath", "attic"]),
    ("page", "https://example.com/oak?x=1", "https://example.com/oak?x=1"),
]

WRONG: list[tuple[str, Any, str]] = [
    ("wood", 7, "NOT_OF_TYPE"),
    ("wood", "o", "TOO_SMALL"),
    ("wood", "x" * 10, "TOO_LARGE"),
    ("wood", "Oak", "NO_MATCH"),
    ("wood", "o\nk", "NOT_OF_TYPE"),
    ("wood", "o\0k", "NOT_OF_TYPE"),
    ("care", "x" * 20_001, "NOT_OF_TYPE"),
    ("legs", 1.5, "NOT_OF_TYPE"),
    ("legs", True, "NOT_OF_TYPE"),
    ("legs", "4.0", "NOT_OF_TYPE"),
    ("legs", 101, "TOO_LARGE"),
    ("legs", 2**63, "NOT_OF_TYPE"),
    ("height", "-1.6", "TOO_SMALL"),
    ("height", "0.0000001", "NOT_OF_TYPE"),
    ("height", 1.5, "NOT_OF_TYPE"),
    ("vegan", "true", "NOT_OF_TYPE"),
    ("since", "2025-02-29", "NOT_OF_TYPE"),
    ("since", "2019-12-31", "TOO_SMALL"),
    ("sold_at", "2025-03-01T10:30:00", "NOT_OF_TYPE"),
    ("grade", "C", "NO_CHOICE"),
    ("rooms", "bath", "NOT_OF_TYPE"),
    ("rooms", ["bath", "bath"], "NO_CHOICE"),
    ("twin", "prd_" + "0" * 32, "UNKNOWN_REFERENCE"),
    ("twin", "sku_" + "0" * 32, "NOT_OF_TYPE"),
    ("page", "javascript:alert(1)", "NOT_OF_TYPE"),
    ("page", "https://[x", "NOT_OF_TYPE"),
    ("page", "https://e.com/" + "x" * 500, "TOO_LARGE"),
]


@pytest.fixture
async def shelf(world: World) -> tuple[World, str]:
    """A product, and a field of every type for it."""
    for key, (type, rules) in TYPES.items():
        await define(world, key, type, **rules)
    return world, (await make(world))["id"]


def shown(product: Mapping[str, Any]) -> dict[str, Any]:
    return {each["key"]: each["value"] for each in product["customFields"]}


class TestProductSetCustomFields:
    async def test_keeps_a_value_of_each_type(self, shelf: tuple[World, str]) -> None:
        world, id = shelf
        for key, given, expected in RIGHT:
            assert shown(await put(world, id, **{key: given}))[key] == expected
        assert shown(await put(world, id, twin=id))["twin"] == id

        assert broken(world.database, CHECKS) == []

    async def test_refuses_what_breaks_a_rule(self, shelf: tuple[World, str]) -> None:
        world, id = shelf
        before = dump(world.database)

        for key, value, fault in WRONG:
            answer = await one(world, SET, id=id, fields=[{"key": key, "value": value}])
            path = ["input", "customFields", "0", "value"]
            assert answer["userErrors"] == [
                {
                    "__typename": "CustomFieldValueError",
                    "code": "INVALID_CUSTOM_FIELD_VALUE",
                    "path": path,
                    "key": key,
                    "fault": fault,
                }
            ], (key, value)
        assert dump(world.database) == before

    async def test_changes_what_is_named_and_tells_from_what_to_what(self, world: World) -> None:
        await define(world, "wood", "TEXT")
        await define(world, "legs", "INTEGER")
        await define(world, "owner", "TEXT", isPersonal=True)
        id = (await make(world))["id"]
        await put(world, id, wood="oak", legs=4, owner="Ann")

        after = await put(world, id, wood="ash", legs=None, owner="Bob")

        assert after == {
            "version": 3,
            "customFields": [
                {
                    "key": "owner",
                    "name": "Owner",
                    "type": "TEXT",
                    "value": None,
                    "personalValue": "Bob",
                    "ownerVersion": 3,
                },
                {
                    "key": "wood",
                    "name": "Wood",
                    "type": "TEXT",
                    "value": "ash",
                    "personalValue": None,
                    "ownerVersion": 3,
                },
            ],
        }
        last = log(world)[-1]
        assert (last.type, last.subject_version) == ("product.fields_set", 3)
        assert sorted(last.changes, key=lambda each: each["path"]) == [
            {"path": "custom_fields.legs", "before": 4, "after": None},
            {"path": "custom_fields.owner", "before": "(personal)", "after": "(personal)"},
            {"path": "custom_fields.wood", "before": "oak", "after": "ash"},
        ]

    async def test_does_nothing_where_nothing_differs(self, shelf: tuple[World, str]) -> None:
        world, id = shelf
        await put(world, id, wood="oak", rooms=["bath", "hall"])

        answer = await done(
            world,
            SET,
            id=id,
            fields=[
                {"key": "wood", "value": "oak"},
                {"key": "rooms", "value": ["hall", "bath"]},
                {"key": "legs", "value": None},
            ],
        )

        assert (answer["effects"], answer["product"]["version"]) == ([], 2)

    async def test_compares_field_by_field(self, shelf: tuple[World, str]) -> None:
        world, id = shelf
        await put(world, id, wood="oak")
        await put(world, id, legs=4)

        def expecting(key: str, value: Any, version: int) -> dict[str, Any]:
            return {"key": key, "value": value, "expectedVersion": version}

        # The product is at version 3; the wood was set at 2 and is still what was seen.
        await done(world, SET, id=id, fields=[expecting("wood", "ash", 2)])
        answer = await one(
            world, SET, id=id, fields=[expecting("wood", "elm", 2), expecting("vegan", True, 0)]
        )

        assert answer["userErrors"] == [
            {
                "__typename": "StaleCustomFieldError",
                "code": "STALE_CUSTOM_FIELD",
                "path": ["input", "customFields", "0", "expectedVersion"],
                "key": "wood",
                "expected": 2,
                "actual": 4,
            }
        ]

    async def test_does_not_clear_what_must_have_a_value(self, world: World) -> None:
        await define(world, "wood", "TEXT", isRequired=True)
        id = (await make(world))["id"]
        await put(world, id, wood="oak")

        answer = await one(world, SET, id=id, fields=[{"key": "wood", "value": None}])

        assert [each["fault"] for each in answer["userErrors"]] == ["REQUIRED"]

    async def test_refuses_unknown_and_repeated_keys(self, shelf: tuple[World, str]) -> None:
        world, id = shelf
        unknown = await one(world, SET, id=id, fields=[{"key": "colour", "value": 1}])
        twice = await one(world, SET, id=id, fields=[{"key": "legs", "value": 1}] * 2)
        many = [{"key": f"k{number}", "value": 1} for number in range(101)]
        too_many = await one(world, SET, id=id, fields=many)

        codes = [each["userErrors"][0]["code"] for each in (unknown, twice, too_many)]
        assert codes == ["UNKNOWN_CUSTOM_FIELD", "DUPLICATE", "TOO_MANY"]

    async def test_is_rehearsed_and_done_once(self, shelf: tuple[World, str]) -> None:
        world, id = shelf
        before, fields = dump(world.database), [{"key": "rooms", "value": ["hall"]}]

        rehearsed = await done(world, SET, id=id, fields=fields, meta={"dryRun": True})
        assert shown(rehearsed["product"]) == {"rooms": ["hall"]}
        assert dump(world.database) == before
        first = await done(world, SET, id=id, fields=fields, meta={"idempotencyKey": "k"})
        again = await done(world, SET, id=id, fields=fields, meta={"idempotencyKey": "k"})

        assert again == {**first, "replayed": True}

    async def test_takes_as_many_statements_for_many_as_for_few(
        self, shelf: tuple[World, str]
    ) -> None:
        world, id = shelf
        counts = []
        for values in ({"legs": 1, "twin": id}, {key: given for key, given, _ in RIGHT}):
            with count_statements(world.database) as statements:
                await put(world, id, **values)
            counts.append(len([each for each in statements if not each.startswith("SELECT")]))

        assert counts[0] == counts[1]


class TestOtherOwners:
    @pytest.mark.parametrize("owner", ["variant", "customer", "order"])
    async def test_have_fields_of_their_own(self, world: World, owner: str) -> None:
        await define(world, "wood", "TEXT", ownerType=owner.upper())
        await make(world)
        if owner == "variant":
            document = '{ variant(by: {sku: "SHIRT-M"}) { id } }'
            id = (await one(world, document))["id"]
        elif owner == "customer":
            create = """mutation { customerCreate(input: {kind: PERSON, name: "Ann"}) {
                customer { id } userErrors { code } } }"""
            id = (await done(world, create))["customer"]["id"]
        else:
            id = text("ord", Shop(world).create(POSTAGE))
        field = f"{owner}SetCustomFields"
        document = f"""mutation ($id: ID!) {{ {field}(id: $id, input: {{customFields: [
            {{key: "wood", value: "oak"}}]}}) {{ {owner} {{ {FIELDS} }} {PAYLOAD} }} }}"""

        answer = await done(world, document, id=id)
        found = await one(
            world,
            f'{{ {owner}s(filter: {{customFields: [{{key: "wood", eq: "oak"}}]}}) '
            "{ nodes { id } } }",
        )

        assert shown(answer[owner]) == {"wood": "oak"}
        assert [each["kind"] for each in answer["effects"]] == [f"{owner}.fields_set"]
        assert found == {"nodes": [{"id": id}]}

    async def test_take_the_right_to_change_them(self, world: World) -> None:
        for owner, prefix, scope in (
            ("product", "prd", Scope.PRODUCTS_WRITE),
            ("customer", "cus", Scope.CUSTOMERS_WRITE),
            ("order", "ord", Scope.ORDERS_WRITE),
        ):
            document = f"""mutation {{ {owner}SetCustomFields(id: "{prefix}_{"0" * 32}", input: {{
                customFields: []}}) {{ userErrors {{ code }} }} }}"""

            answer = await world.ask(document, caller=caller(*(ALL_SCOPES - {scope})))

            (error,) = answer["errors"]
            assert error["extensions"] == {"code": "FORBIDDEN", "scopes": [scope.value]}


class TestCustomFields:
    async def test_are_asked_by_key(self, shelf: tuple[World, str]) -> None:
        world, id = shelf
        await put(world, id, wood="oak", legs=4)

        document = """query ($id: ID!) { product(by: {id: $id}) {
            some: customFields(keys: ["legs", "twin"]) { key value }
            customField(key: "wood") { value definition { key maximum } }
            none: customField(key: "page") { value } } }"""

        assert await one(world, document, id=id) == {
            "some": [{"key": "legs", "value": 4}],
            "customField": {"value": "oak", "definition": {"key": "wood", "maximum": "9"}},
            "none": None,
        }

    async def test_of_many_records_are_read_at_once(self, shelf: tuple[World, str]) -> None:
        world, id = shelf
        other = (await make(world, title="Other", variants=[], externalIds=[]))["id"]
        await put(world, id, wood="oak", legs=4)
        await put(world, other, wood="ash")

        with count_statements(world.database) as statements:
            found = await one(world, "{ products { nodes { customFields { key value } } } }")

        assert found["nodes"] == [
            {"customFields": [{"key": "wood", "value": "ash"}]},
            {"customFields": [{"key": "legs", "value": 4}, {"key": "wood", "value": "oak"}]},
        ]
        assert len([each for each in statements if each.startswith("SELECT")]) <= 2

    async def test_that_are_personal_take_the_right_to_see_that(self, world: World) -> None:
        answer = await world.ask(
            "{ products { nodes { customFields { personalValue } } } }",
            caller=caller(*(ALL_SCOPES - {Scope.PERSONAL_READ})),
        )

        (error,) = answer["errors"]
        assert error["extensions"] == {"code": "FORBIDDEN", "scopes": ["personal:read"]}


FILTERS: list[tuple[dict[str, Any], str]] = [
    ({"key": "wood", "eq": "oak"}, "AC"),
    ({"key": "wood", "in": ["oak", "elm"]}, "ABC"),
    ({"key": "wood", "startsWith": "e"}, "B"),
    ({"key": "wood", "isNull": False}, "ABC"),
    ({"key": "wood", "isNull": True}, "D"),
    ({"key": "legs", "eq": 4}, "A"),
    ({"key": "legs", "gte": 3}, "AB"),
    ({"key": "legs", "gt": 3, "lt": 5}, "A"),
    ({"key": "height", "lte": "72.5"}, "AB"),
    ({"key": "height", "eq": "72.500"}, "A"),
    ({"key": "height", "gt": 72}, "A"),
    ({"key": "vegan", "eq": True}, "C"),
    ({"key": "vegan", "eq": False}, "A"),
    ({"key": "since", "lt": "2024-01-01"}, "B"),
    ({"key": "sold_at", "gte": "2025-03-01T10:30:00+01:00"}, "A"),
    ({"key": "grade", "eq": "B"}, "D"),
    ({"key": "rooms", "eq": "hall"}, "BC"),
    ({"key": "page", "startsWith": "https://"}, "D"),
    ({"key": "nothing", "eq": "oak"}, ""),
    ({"key": "wood", "eq": "72.5"}, ""),
    ({"key": "legs", "eq": 2**70}, ""),
    ({"key": "secret", "eq": "x"}, ""),
]


class TestFilters:
    async def test_find_records_by_any_type(self, shelf: tuple[World, str]) -> None:
        world, first = shelf
        await define(world, "secret", "TEXT", isPersonal=True)
        ids = {"A": first}
        for title in "BCD":
            made = await make(world, title=title, variants=[], externalIds=[])
            ids[title] = made["id"]
        await put(
            world, ids["A"], wood="oak", legs=4, height="72.5", vegan=False,
            sold_at="2025-03-01T09:30:00Z", secret="x",
        )  # fmt: skip
        await put(
            world, ids["B"], wood="elm", legs=3, height="-1", since="2023-05-05",
            rooms=["hall", "attic"],
        )  # fmt: skip
        await put(world, ids["C"], wood="oak", vegan=True, rooms=["hall"])
        await put(world, ids["D"], grade="B", page="https://example.com")
        names = {id: name for name, id in ids.items()}
        document = """query ($fields: [CustomFieldFilter!]) {
            products(filter: {customFields: $fields}) { nodes { id } } }"""

        found = []
        for filter, _ in FILTERS:
            nodes = (await one(world, document, fields=[filter]))["nodes"]
            found.append("".join(sorted(names[each["id"]] for each in nodes)))
        both = [{"key": "wood", "eq": "oak"}, {"key": "vegan", "eq": True}]
        at_once = await one(world, document, fields=both)
        negated = await one(
            world,
            '{ products(filter: {not: {customFields: [{key: "wood", eq: "oak"}]}}) {'
            " nodes { id } } }",
        )

        assert found == [expected for _, expected in FILTERS]
        assert [names[each["id"]] for each in at_once["nodes"]] == ["C"]
        assert sorted(names[each["id"]] for each in negated["nodes"]) == ["B", "D"]

    @pytest.mark.parametrize("value", [1.5, [], {"a": 1}])
    async def test_refuse_what_no_field_holds(self, world: World, value: Any) -> None:
        document = """query ($value: JSON!) { products(filter: {customFields: [
            {key: "wood", eq: $value}]}) { nodes { id } } }"""

        answer = await world.ask(document, value=value)

        (error,) = answer["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT"

    async def test_have_an_index_for_each_type(self, shelf: tuple[World, str]) -> None:
        world, _ = shelf
        document = """query ($value: JSON!) { products(filter: {customFields: [
            {key: "wood", eq: $value}]}) { nodes { id customFields { value } } } }"""

        with all_indexed(world.database.reading, sorts=True):
            for value in ("oak", "12.5", 4, True, "2025-01-01", "2025-01-01T00:00:00Z"):
                await world.graphql(document, value=value)
