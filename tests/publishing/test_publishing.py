"""Publishing products in channels: by hand, by the clock, and only when they are ready."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from backoffice_api.domain.kernel.ids import parse, text
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.orders.commands.channels import (
    ArchiveChannel,
    CreateChannel,
    archive_channel,
    create_channel,
)
from backoffice_api.domain.publishing.checks import CHECKS
from backoffice_api.domain.publishing.commands.publications import (
    RunDuePublications,
    run_due_publications,
)
from tests.catalog.shelf import FILE, category
from tests.custom_fields.documents import define, put
from tests.customs.test_customs import PROFILE
from tests.customs.test_customs import SET as CUSTOMS
from tests.databases import count_statements
from tests.execute.steps import dump, log
from tests.media.received import media_file
from tests.media.test_product_media import ADD
from tests.plans import all_indexed
from tests.products.documents import ARCHIVE, CHANGE, PAYLOAD, UPDATE, done, make, one, variant
from tests.soundness import broken
from tests.world import World, caller

SHOWN = """version publications { status publishAt unpublishAt publishedAt channel { code }
    actions { name allowed } }"""
ERRORS = "userErrors { code path ... on NotReadyError { fixes { kind message path subjectId } } }"
PLAIN = PAYLOAD.replace("userErrors", "plain: userErrors")


def on(field: str, answer: str, shown: str) -> str:
    kind = f"{field[0].upper()}{field[1:]}Input"
    return (
        f"mutation ($id: ID!, $input: {kind}!, $meta: MutationMeta) {{ "
        f"{field}(id: $id, input: $input, meta: $meta) {{ {answer} {{ {shown} }} {PLAIN}"
        f" {ERRORS} }} }}"
    )


PUBLISH = on("productPublish", "product", SHOWN)
UNPUBLISH = on("productUnpublish", "product", SHOWN)
ASK_FOR = on("channelSetReadiness", "channel", "version readinessRules { kind argument }")
READINESS = """query ($id: ID!, $channel: ID!) { product(by: {id: $id}) {
    readiness(channel: $channel) { ready fixes { kind message path subjectId } } } }"""
EVERYTHING = [
    {"kind": kind}
    for kind in (
        *("VARIANT", "PRICE", "DESCRIPTION", "BRAND", "CATEGORY", "IMAGE", "GTIN", "WEIGHT"),
        "CUSTOMS",
    )
] + [{"kind": "FISCAL", "argument": "BR"}, {"kind": "FIELD", "argument": "wood"}]
BARE = {
    "description": "",
    "brand": None,
    "optionNames": [],
    "variants": [{"sku": "BARE"}],
    "externalIds": [],
}


class Web:
    """A channel in euros, and a product that is ready for it."""

    def __init__(self, world: World, product: str) -> None:
        self.world = world
        command = CreateChannel(code="web", name="Web", currency="EUR")
        self.channel = text("chn", world.run(create_channel, command).value)
        self.product = product

    async def publish(self, **more: Any) -> Mapping[str, Any]:
        given = {"channelId": self.channel, **more}
        return await done(self.world, PUBLISH, id=self.product, input=given)

    async def refused(self, document: str = PUBLISH, **more: Any) -> list[str]:
        given = {"channelId": self.channel, **more}
        answer = await one(self.world, document, id=self.product, input=given)
        return [each["code"] for each in answer["userErrors"]]

    async def status(self) -> list[str]:
        document = "query ($id: ID!) { product(by: {id: $id}) { publications { status } } }"
        found = await one(self.world, document, id=self.product)
        return [each["status"] for each in found["publications"]]

    def pass_by(self, **time: float) -> int:
        """Let the worker run after so much time. How many publications were due."""
        now = datetime.now(UTC) + timedelta(**time)
        found: int = self.world.run(run_due_publications, RunDuePublications(), now=now).value
        return found

    def broken(self) -> list[str]:
        return self.world.read(lambda db: broken(db, CHECKS))


@pytest.fixture
async def web(world: World) -> Web:
    euros = [{"amount": "5", "currency": "EUR"}]
    made = await make(world, optionNames=[], variants=[{"sku": "TEA", "prices": euros}])
    return Web(world, made["id"])


def later(**time: float) -> str:
    return (datetime.now(UTC) + timedelta(**time)).isoformat()


class TestProductPublish:
    async def test_shows_what_is_ready(self, web: Web) -> None:
        answer = await web.publish()

        (shown,) = answer["product"]["publications"]
        assert (shown["status"], shown["publishAt"], shown["channel"]) == (
            "PUBLISHED",
            None,
            {"code": "web"},
        )
        assert shown["publishedAt"] is not None
        assert shown["actions"] == [
            {"name": "publish", "allowed": False},
            {"name": "schedule", "allowed": False},
            {"name": "unpublish", "allowed": True},
            {"name": "schedule_end", "allowed": True},
        ]
        assert [each["kind"] for each in answer["effects"]] == ["publication.published"]
        assert await web.refused() == ["ALREADY_PUBLISHED"]
        assert web.broken() == []

    async def test_is_refused_with_what_to_fix(self, web: Web) -> None:
        world = web.world
        bare = (await make(world, **BARE))["id"]
        before = dump(world.database)

        given = {"channelId": web.channel}
        answer = await one(world, PUBLISH, id=bare, input=given)

        (error,) = answer["userErrors"]
        assert error == {
            "code": "NOT_READY",
            "path": ["input", "channelId"],
            "fixes": [
                {
                    "kind": "PRICE",
                    "message": "Give BARE a price in EUR.",
                    "path": ["prices", "EUR"],
                    "subjectId": (await variant(world, "BARE"))["id"],
                }
            ],
        }
        assert dump(world.database) == before

    async def test_refuses_what_makes_no_sense(self, web: Web) -> None:
        nobody = text("chn", UUID(int=0))

        assert await web.refused(channelId=nobody) == ["UNKNOWN_CHANNEL"]
        assert await web.refused(until=later(hours=-1)) == ["ENDS_BEFORE_START"]
        wrong = await web.refused(at=later(hours=2), until=later(hours=1))
        assert wrong == ["ENDS_BEFORE_START"]
        web.world.run(archive_channel, ArchiveChannel(id=parse("chn", web.channel)))
        assert await web.refused() == ["CHANNEL_NOT_ACTIVE"]

    async def test_is_held_to_version_key_and_right(self, web: Web) -> None:
        world, given = web.world, {"channelId": web.channel}
        before = dump(world.database)

        meta: dict[str, Any] = {"expectedVersion": 9}
        stale = await one(world, PUBLISH, id=web.product, input=given, meta=meta)
        await done(world, PUBLISH, id=web.product, input=given, meta={"dryRun": True})
        assert dump(world.database) == before
        meta = {"idempotencyKey": "k"}
        first = await done(world, PUBLISH, id=web.product, input=given, meta=meta)
        again = await done(world, PUBLISH, id=web.product, input=given, meta=meta)
        somebody = caller(*(ALL_SCOPES - {Scope.PRODUCTS_WRITE}))
        answer = await world.ask(PUBLISH, caller=somebody, id=web.product, input=given)

        assert [each["code"] for each in stale["userErrors"]] == ["STALE_VERSION"]
        assert (again["product"], again["replayed"]) == (first["product"], True)
        (error,) = answer["errors"]
        assert error["extensions"]["code"] == "FORBIDDEN"


class TestSchedule:
    async def test_shows_and_hides_at_its_moments(self, web: Web) -> None:
        await web.publish(at=later(hours=1), until=later(hours=3))
        seen = [await web.status()]

        early = web.pass_by(minutes=1)
        first = web.pass_by(hours=2)
        seen.append(await web.status())
        second = web.pass_by(hours=4)
        seen.append(await web.status())

        assert seen == [["SCHEDULED"], ["PUBLISHED"], ["UNPUBLISHED"]]
        assert (early, first, second, web.pass_by(hours=5)) == (0, 1, 1, 0)
        assert [each.type for each in log(web.world)][-3:] == [
            "publication.scheduled",
            "publication.published",
            "publication.unpublished",
        ]
        assert web.broken() == []

    async def test_blocks_what_is_not_ready_then(self, web: Web) -> None:
        await web.publish(at=later(hours=1))
        tea = await variant(web.world, "TEA")
        await done(web.world, CHANGE, id=tea["id"], input={"prices": []})

        web.pass_by(hours=2)
        blocked = await web.status()
        again = web.pass_by(hours=3)
        euros = [{"amount": "6", "currency": "EUR"}]
        await done(web.world, CHANGE, id=tea["id"], input={"prices": euros})
        await web.publish()

        assert (blocked, again, await web.status()) == (["BLOCKED"], 0, ["PUBLISHED"])
        assert web.broken() == []

    async def test_runs_many_with_as_many_statements_as_few(self, web: Web) -> None:
        counts = []
        for number in (1, 3):
            for _ in range(number):
                euros = [{"amount": "5", "currency": "EUR"}]
                sku = f"S{number}{_}"
                made = await make(
                    web.world,
                    optionNames=[],
                    externalIds=[],
                    variants=[{"sku": sku, "prices": euros}],
                )
                web.product = made["id"]
                await web.publish(at=later(minutes=1))
            with count_statements(web.world.database) as statements:
                assert web.pass_by(hours=1) == number
            counts.append(len(statements))

        assert counts[0] == counts[1]


class TestProductUnpublish:
    async def test_hides_now_or_later(self, web: Web) -> None:
        never = await web.refused(UNPUBLISH)
        await web.publish()
        given = {"channelId": web.channel, "at": later(hours=1)}
        await done(web.world, UNPUBLISH, id=web.product, input=given)
        still = await web.status()
        web.pass_by(hours=2)
        gone = await web.status()
        await web.publish()
        await done(web.world, UNPUBLISH, id=web.product, input={"channelId": web.channel})

        assert never == ["UNKNOWN_PUBLICATION"]
        assert (still, gone, await web.status()) == (
            ["PUBLISHED"],
            ["UNPUBLISHED"],
            ["UNPUBLISHED"],
        )
        assert await web.refused(UNPUBLISH) == ["INVALID_TRANSITION"]

    async def test_follows_when_the_product_is_archived(self, web: Web) -> None:
        await web.publish()

        answer = await done(web.world, ARCHIVE, id=web.product)

        kinds = [each["kind"] for each in answer["effects"]]
        assert kinds == ["product.archived", "publication.unpublished"]
        assert await web.status() == ["UNPUBLISHED"]
        assert web.broken() == []


class TestReadiness:
    async def test_names_everything_that_is_lacking(self, web: Web) -> None:
        world = web.world
        await done(world, ASK_FOR, id=web.channel, input={"rules": EVERYTHING})
        bare = (await make(world, **BARE))["id"]
        empty = (await make(world, **{**BARE, "variants": []}))["id"]

        lacking = await one(world, READINESS, id=bare, channel=web.channel)
        nothing = await one(world, READINESS, id=empty, channel=web.channel)

        fixes = lacking["readiness"]["fixes"]
        assert [(each["kind"], each["path"]) for each in fixes] == [
            ("PRICE", ["prices", "EUR"]),
            ("DESCRIPTION", ["description"]),
            ("BRAND", ["brand"]),
            ("CATEGORY", ["categories"]),
            ("IMAGE", ["media"]),
            ("GTIN", ["barcodes"]),
            ("WEIGHT", ["weightG"]),
            ("CUSTOMS", ["customs", "hsCode"]),
            ("CUSTOMS", ["customs", "countryOfOrigin"]),
            ("FISCAL", ["fiscalProfiles", "BR"]),
            ("FIELD", ["customFields", "wood"]),
        ]
        assert {each["subjectId"][:4] for each in fixes} == {"prd_", "sku_"}
        assert nothing["readiness"]["fixes"][0]["kind"] == "VARIANT"

    async def test_is_reached_fix_by_fix(self, web: Web) -> None:
        world = web.world
        await done(world, ASK_FOR, id=web.channel, input={"rules": EVERYTHING})
        await define(world, "wood", "TEXT")
        id = (await make(world, **BARE))["id"]
        sku = (await variant(world, "BARE"))["id"]

        await done(world, UPDATE, id=id, input={"description": "Oak.", "brand": "Ours"})
        change = {
            "prices": [{"amount": "5", "currency": "EUR"}],
            "barcodes": [{"code": "4006381333931"}],
            "weightG": 9,
        }
        await done(world, CHANGE, id=sku, input=change)
        await done(world, FILE, id=id, input={"categoryIds": [await category(world, "chairs")]})
        await done(world, ADD, id=id, input={"fileId": media_file(world), "altText": "A chair"})
        customs = {"hsCode": "940161", "countryOfOrigin": "BR"}
        await done(world, CUSTOMS, id=sku, input=customs)
        data = {"ncm": "94016100", "origin": "0"}
        await done(world, PROFILE, id=sku, input={"country": "BR", "data": data})
        before = await one(world, READINESS, id=id, channel=web.channel)
        await put(world, id, wood="oak")
        after = await one(world, READINESS, id=id, channel=web.channel)

        assert [each["kind"] for each in before["readiness"]["fixes"]] == ["FIELD"]
        assert after["readiness"] == {"ready": True, "fixes": []}

    async def test_of_many_products_takes_as_many_statements_as_of_one(self, web: Web) -> None:
        document = """query ($channel: ID!, $first: Int!) { products(first: $first) { nodes {
            readiness(channel: $channel) { ready } } } }"""
        await make(web.world, **BARE)

        counts = []
        for first in (1, 2):
            with (
                count_statements(web.world.database) as statements,
                all_indexed(web.world.database.reading, sorts=True),
            ):
                await one(web.world, document, channel=web.channel, first=first)
            counts.append(len([each for each in statements if each.startswith("SELECT")]))

        assert counts[0] == counts[1] <= 15

    async def test_is_not_known_of_other_channels(self, web: Web) -> None:
        for channel in ("x", text("chn", UUID(int=0))):
            answer = await web.world.ask(READINESS, id=web.product, channel=channel)
            (error,) = answer["errors"]
            assert error["extensions"]["code"] == "BAD_USER_INPUT"


class TestChannelSetReadiness:
    async def test_takes_the_place_of_what_was_asked(self, web: Web) -> None:
        rules = [{"kind": "IMAGE"}, {"kind": "FISCAL", "argument": "BR"}]
        after = await done(web.world, ASK_FOR, id=web.channel, input={"rules": rules})

        assert after["channel"] == {
            "version": 2,
            "readinessRules": [
                {"kind": "IMAGE", "argument": None},
                {"kind": "FISCAL", "argument": "BR"},
            ],
        }
        (change,) = log(web.world)[-1].changes
        assert [each["kind"] for each in change["before"]] == ["variant", "price"]

    async def test_refuses_rules_that_make_no_sense(self, web: Web) -> None:
        before = dump(web.world.database)

        found = []
        for wrong in (
            [{"kind": "FISCAL"}],
            [{"kind": "FISCAL", "argument": "AQ"}],
            [{"kind": "IMAGE", "argument": "BR"}],
            [{"kind": "IMAGE"}, {"kind": "IMAGE"}],
        ):
            answer = await one(web.world, ASK_FOR, id=web.channel, input={"rules": wrong})
            found += [each["code"] for each in answer["userErrors"]]

        assert found == [
            "INVALID_READINESS_RULE",
            "NO_FISCAL_RULES",
            "INVALID_READINESS_RULE",
            "DUPLICATE",
        ]
        assert dump(web.world.database) == before


class TestPublications:
    async def test_are_listed_by_channel_and_status(self, web: Web) -> None:
        await web.publish()
        document = """query ($filter: PublicationFilter) {
            publications(filter: $filter) { nodes { product { title } } }
            publicationsCount(filter: $filter) { value } }"""

        counts = []
        for filter in (
            {"channelId": {"eq": web.channel}, "status": ["PUBLISHED"]},
            {"status": ["BLOCKED"]},
            {"productId": {"eq": web.product}},
        ):
            found = await web.world.graphql(document, filter=filter)
            assert len(found["publications"]["nodes"]) == found["publicationsCount"]["value"]
            counts.append(found["publicationsCount"]["value"])

        assert counts == [1, 0, 1]
