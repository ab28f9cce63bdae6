"""What one field of one record was, found without reading all of the record's history."""

from collections.abc import Mapping
from typing import Any

import pytest

from backoffice_api.domain.kernel.field_history import CHECKS
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from tests.custom_fields.documents import define, put
from tests.databases import count_statements
from tests.plans import all_indexed
from tests.products.documents import UPDATE, done, make, one
from tests.soundness import broken
from tests.world import World, caller

HISTORY = """query ($subject: ID!, $field: String!, $first: Int! = 50, $after: String) {
    fieldHistory(subject: $subject, field: $field, first: $first, after: $after) {
        nodes { before after event { type actor { kind } reason } }
        pageInfo { hasNextPage endCursor } } }"""
CUSTOMER = """mutation ($input: CustomerCreateInput!) { customerCreate(input: $input) {
    customer { id } userErrors { code } } }"""
RENAME = """mutation ($id: ID!, $input: CustomerUpdateInput!) { customerUpdate(
    id: $id, input: $input) { customer { id } userErrors { code } } }"""


async def history(world: World, subject: str, field: str, **more: Any) -> list[tuple[Any, Any]]:
    found = await one(world, HISTORY, subject=subject, field=field, **more)
    return [(each["before"], each["after"]) for each in found["nodes"]]


class TestFieldHistory:
    async def test_goes_back_to_when_the_record_was_made(self, world: World) -> None:
        id = (await make(world))["id"]
        for title in ("Blouse", "Vest"):
            await done(world, UPDATE, id=id, input={"title": title})
        await done(world, UPDATE, id=id, input={"brand": None}, meta={"reason": "unknown"})

        assert await history(world, id, "title") == [
            ("Blouse", "Vest"),
            ("Shirt", "Blouse"),
            (None, "Shirt"),
        ]
        found = await one(world, HISTORY, subject=id, field="brand")
        assert found["nodes"][0] == {
            "before": "Ours",
            "after": None,
            "event": {"type": "product.updated", "actor": {"kind": "TOKEN"}, "reason": "unknown"},
        }

    async def test_is_paged(self, world: World) -> None:
        id = (await make(world))["id"]
        for number in range(4):
            await done(world, UPDATE, id=id, input={"title": f"T{number}"})

        seen: list[Any] = []
        after, more = None, True
        while more:
            found: Mapping[str, Any] = await one(
                world, HISTORY, subject=id, field="title", first=2, after=after
            )
            seen.append([each["after"] for each in found["nodes"]])
            after, more = found["pageInfo"]["endCursor"], found["pageInfo"]["hasNextPage"]

        assert seen == [["T3", "T2"], ["T1", "T0"], ["Shirt"]]

    async def test_knows_custom_fields_and_hides_personal_values(self, world: World) -> None:
        await define(world, "wood", "TEXT")
        product = (await make(world))["id"]
        await put(world, product, wood="oak")
        given = {"kind": "PERSON", "name": "Ann Canary"}
        customer = (await done(world, CUSTOMER, input=given))["customer"]["id"]
        await done(world, RENAME, id=customer, input={"name": "Bea Canary"})

        assert await history(world, product, "custom_fields.wood") == [(None, "oak")]
        assert await history(world, customer, "name") == [
            ("(personal)", "(personal)"),
            (None, "(personal)"),
        ]

    async def test_is_empty_where_there_is_nothing_to_see(self, world: World) -> None:
        id = (await make(world))["id"]

        assert await history(world, id, "nothing") == []
        assert await history(world, "x", "title") == []
        assert await history(world, "prd_" + "0" * 32, "title") == []
        somebody = caller(*(ALL_SCOPES - {Scope.PRODUCTS_READ}))
        answer = await world.ask(HISTORY, caller=somebody, subject=id, field="title")
        assert answer["data"]["fieldHistory"]["nodes"] == []

    async def test_takes_the_right_to_read_events(self, world: World) -> None:
        somebody = caller(*(ALL_SCOPES - {Scope.EVENTS_READ}))

        answer = await world.ask(HISTORY, caller=somebody, subject="x", field="title")

        (error,) = answer["errors"]
        assert error["extensions"] == {"code": "FORBIDDEN", "scopes": ["events:read"]}

    @pytest.mark.parametrize("cursor", ["", "abc", "A" * 24])
    async def test_refuses_what_is_no_cursor(self, world: World, cursor: str) -> None:
        answer = await world.ask(HISTORY, subject="x", field="title", after=cursor)

        (error,) = answer["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT"

    async def test_reads_only_what_changed_the_field(self, world: World) -> None:
        id = (await make(world))["id"]
        await done(world, UPDATE, id=id, input={"title": "Vest"})

        with (
            count_statements(world.database) as statements,
            # What is sorted, and walked, are the few events that were found.
            all_indexed(
                world.database.reading, sorts=True, walks=["anon_1", "anon_2", "(subquery-2)"]
            ),
        ):
            await history(world, id, "title")

        assert len([each for each in statements if each.startswith("SELECT")]) == 1
        assert broken(world.database, CHECKS) == []
