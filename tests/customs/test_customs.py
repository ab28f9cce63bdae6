"""Customs data and fiscal profiles of variants."""

from collections.abc import Mapping
from typing import Any

import pytest

from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from tests.databases import count_statements
from tests.execute.steps import dump, log
from tests.products.documents import PAYLOAD, done, make, one, variant
from tests.world import World, caller

SHOWN = "version customs { hsCode countryOfOrigin description } fiscalProfiles { country data }"
ERRORS = "userErrors { code path ... on FiscalFieldError { field reason } }"
PLAIN = PAYLOAD.replace("userErrors", "plain: userErrors")


def on(field: str) -> str:
    kind = f"{field[0].upper()}{field[1:]}Input"
    return (
        f"mutation ($id: ID!, $input: {kind}!, $meta: MutationMeta) {{ "
        f"{field}(id: $id, input: $input, meta: $meta) {{ variant {{ {SHOWN} }} {PLAIN}"
        f" {ERRORS} }} }}"
    )


SET = on("variantSetCustoms")
PROFILE = on("variantSetFiscalProfile")
RIGHT = {"ncm": "6109.10.00", "cest": "28.038.00", "origin": "0"}


@pytest.fixture
async def shirt(world: World) -> str:
    await make(world)
    id: str = (await variant(world, "SHIRT-M"))["id"]
    return id


class TestVariantSetCustoms:
    async def test_keeps_digits_and_what_is_not_named(self, world: World, shirt: str) -> None:
        given = {"hsCode": "6109.10.00 10", "countryOfOrigin": "PT", "description": "T-shirt"}
        await done(world, SET, id=shirt, input=given)

        after = await done(world, SET, id=shirt, input={"description": None})

        assert after["variant"] == {
            "version": 3,
            "customs": {"hsCode": "6109100010", "countryOfOrigin": "PT", "description": None},
            "fiscalProfiles": [],
        }
        assert [each["kind"] for each in after["effects"]] == ["variant.customs_set"]
        changes = [{"path": "description", "before": "T-shirt", "after": None}]
        assert log(world)[-1].changes == changes

    async def test_is_gone_when_all_is_cleared(self, world: World, shirt: str) -> None:
        await done(world, SET, id=shirt, input={"hsCode": "610910"})

        after = await done(world, SET, id=shirt, input={"hsCode": None})

        assert after["variant"]["customs"] is None

    async def test_refuses_what_is_wrong(self, world: World, shirt: str) -> None:
        before = dump(world.database)

        found = []
        for given in (
            {"hsCode": "61091"},
            {"hsCode": "61091000101"},
            {"hsCode": "771000"},
            {"hsCode": "001000"},
            {"hsCode": "\u0666" * 6},
            {"countryOfOrigin": "UK"},
            {"description": ""},
        ):
            answer = await one(world, SET, id=shirt, input=given)
            found += [(each["code"], each["path"][-1]) for each in answer["userErrors"]]

        assert found == [
            *([("INVALID_HS_CODE", "hsCode")] * 5),
            ("UNKNOWN_COUNTRY", "countryOfOrigin"),
            ("INVALID_TEXT", "description"),
        ]
        assert dump(world.database) == before

    async def test_is_held_to_version_key_and_right(self, world: World, shirt: str) -> None:
        given = {"hsCode": "610910"}
        before = dump(world.database)

        stale = await one(world, SET, id=shirt, input=given, meta={"expectedVersion": 9})
        await done(world, SET, id=shirt, input=given, meta={"dryRun": True})
        assert dump(world.database) == before
        first = await done(world, SET, id=shirt, input=given, meta={"idempotencyKey": "k"})
        again = await done(world, SET, id=shirt, input=given, meta={"idempotencyKey": "k"})
        somebody = caller(*(ALL_SCOPES - {Scope.PRODUCTS_WRITE}))
        answer = await world.ask(SET, caller=somebody, id=shirt, input=given)

        assert [each["code"] for each in stale["userErrors"]] == ["STALE_VERSION"]
        assert (again["variant"], again["replayed"]) == (first["variant"], True)
        (error,) = answer["errors"]
        assert error["extensions"]["code"] == "FORBIDDEN"


class TestVariantSetFiscalProfile:
    async def test_keeps_what_brazil_wants_to_know(self, world: World, shirt: str) -> None:
        after = await done(world, PROFILE, id=shirt, input={"country": "BR", "data": RIGHT})
        gone = await done(world, PROFILE, id=shirt, input={"country": "BR", "data": None})

        kept = {"ncm": "61091000", "cest": "2803800", "origin": "0"}
        assert after["variant"]["fiscalProfiles"] == [{"country": "BR", "data": kept}]
        assert gone["variant"]["fiscalProfiles"] == []
        assert log(world)[-1].changes == [
            {"path": "fiscal_profiles.BR", "before": kept, "after": None}
        ]

    @pytest.mark.parametrize(
        ("wrong", "fields"),
        [
            ({"ncm": "6109100"}, ["ncm"]),
            ({"ncm": "77091000"}, ["ncm"]),
            ({"ncm": 61091000}, ["ncm"]),
            ({"cest": "2903800"}, ["cest"]),
            ({"cest": "280380"}, ["cest"]),
            ({"origin": "9"}, ["origin"]),
            ({"origin": "\u0660"}, ["origin"]),
            ({"ncm": None, "origin": None}, ["ncm", "origin"]),
            ({"cfop": "5102"}, ["cfop"]),
        ],
    )
    async def test_refuses_what_is_wrong(
        self, world: World, shirt: str, wrong: Mapping[str, Any], fields: list[str]
    ) -> None:
        answer = await one(
            world, PROFILE, id=shirt, input={"country": "BR", "data": {**RIGHT, **wrong}}
        )

        assert [each["field"] for each in answer["userErrors"]] == fields
        assert {each["code"] for each in answer["userErrors"]} == {"INVALID_FISCAL_FIELD"}
        assert [each["path"] for each in answer["userErrors"]] == [
            ["input", "data", field] for field in fields
        ]

    async def test_refuses_a_country_without_rules_and_what_is_no_object(
        self, world: World, shirt: str
    ) -> None:
        other = await one(world, PROFILE, id=shirt, input={"country": "AQ", "data": {}})
        text = await one(world, PROFILE, id=shirt, input={"country": "BR", "data": "x"})

        codes = [each["userErrors"][0]["code"] for each in (other, text)]
        assert codes == ["NO_FISCAL_RULES", "INVALID_FISCAL_FIELD"]


class TestFiscalCountries:
    async def test_say_which_fields_there_are(self, world: World) -> None:
        found = await one(
            world, "{ fiscalCountries { country fields { name isRequired source } } }"
        )

        assert [(each["country"], [f["name"] for f in each["fields"]]) for each in found] == [
            ("BR", ["ncm", "cest", "origin"])
        ]
        assert all(field["source"] for field in found[0]["fields"])


async def test_links_take_a_statement_each(world: World, shirt: str) -> None:
    document = f"{{ variants {{ nodes {{ {SHOWN} }} }} }}"

    with count_statements(world.database) as statements:
        await world.graphql(document)

    assert len([each for each in statements if each.startswith("SELECT")]) == 3
