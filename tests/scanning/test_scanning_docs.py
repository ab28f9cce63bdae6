"""The documents of docs/scanning.md and docs/pricing.md run as they are shown."""

import re
from pathlib import Path

import pytest

from backoffice_api.domain.counts.commands.planning import PlanCount, plan_count
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import ALL_SCOPES
from backoffice_api.domain.kernel.uow import Caller
from backoffice_api.domain.pricing.commands.sets import CreatePriceSet, create_price_set
from tests.orders.kits import kit
from tests.orders.shop import goods
from tests.pricing.market import Market
from tests.scanning.crew import Crew
from tests.scanning.floor import Floor
from tests.slotting.yard import Yard

DOCS = Path(__file__).parent.parent.parent / "docs"
_FENCED = re.compile(r"^```graphql\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def documents(name):
    found = _FENCED.findall((DOCS / name).read_text(encoding="utf-8"))
    assert found
    return found


async def answers(world, document, caller, values):
    wanted = set(re.findall(r"\$(\w+):", document.split("{", 1)[0]))
    given = {name: values[name] for name in wanted}
    answer = await world.ask(document, caller=caller, **given)
    assert "errors" not in answer, answer
    return answer["data"]


class TestScanning:
    @pytest.mark.parametrize("document", documents("scanning.md"))
    async def test_shows_what_runs(self, world, document):
        if "$fulfillment" in document:
            crew = Crew(world)
            number, _ = crew.ready(goods("MUG", 2))
            values = {"device": ids.text("dev", crew.device_id), "fulfillment": number}
            holder = Caller(crew.actor, ALL_SCOPES)
        elif "$order" in document:
            yard = Yard(world)
            mug = yard.depot.variant("MUG")
            yard.item("ACME-MUG", mug, (1, 1_250_000))
            sent = yard.sent((mug, 9))
            values, holder = {"device": ids.text("dev", yard.device_id)}, yard.holder
            values["order"] = yard.order(sent).number
        else:
            floor = Floor(world)
            values, holder = {"code": "MUG", "device": floor.shown_device}, floor.holder
            if "$count" in document:
                floor.put(floor.mug, 9)
                planned = world.run(plan_count, PlanCount(location_id=floor.north)).value
                values["count"] = ids.text("cnt", planned)

        data = await answers(world, document, holder, values)

        results = data.get("scanBatch", {}).get("results", [])
        assert [each["status"] for each in results] == ["ACCEPTED"] * len(results)


class TestPricing:
    @pytest.mark.parametrize("document", documents("pricing.md"))
    async def test_shows_what_runs(self, world, document):
        market = Market(world)
        kit(market, "SET", (market.cup, 2), price=None)
        market.place(goods("SET"))
        drafted = CreatePriceSet(code="SPRING", name="Spring", currency="EUR")
        values = {
            "set": ids.text("pst", world.run(create_price_set, drafted).value),
            "list": ids.text("pls", market.list("SALE")),
            "variant": ids.text("sku", market.cup),
            "channel": ids.text("chn", market.channel_id),
            "number": "W-1",
        }

        data = await world.graphql(
            document,
            **{name: values[name] for name in re.findall(r"\$(\w+):", document.split("{", 1)[0])},
        )

        for answer in data.values():
            assert answer
            assert answer.get("userErrors", []) == []
