"""What variants cost, since when, and what their prices leave. On both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from backoffice_api.domain.kernel.ids import text
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.products import queries
from backoffice_api.domain.products.checks import CHECKS
from backoffice_api.domain.products.commands.products import CreateProduct, create_product
from backoffice_api.domain.products.commands.variants import (
    SetCost,
    UpdateVariant,
    VariantDraft,
    set_cost,
    update_variant,
)
from backoffice_api.domain.products.model.costs import CostSource, PriceMargin
from backoffice_api.domain.products.tables import cost_history, price_history
from tests import soundness
from tests.world import NOW, caller

DAY = timedelta(days=1)
SHOWN = """
query ($id: ID!) { variant(by: {id: $id}) {
  cost { unitCost { amount } }
  costHistory { nodes { unitCost { amount } source validFrom validTo } }
  margins { unitPrice { amount } unitCost { amount } margin { amount currency } percent }
} }
"""
SET = """
mutation ($id: ID!, $input: VariantSetCostInput!) {
  variantSetCost(id: $id, input: $input) { variant { id } userErrors { code } }
}
"""


def euro(amount):
    return UnitPrice(amount * 1_000_000, "EUR")


@pytest.fixture
def cup(world):
    """A cup at 8 euros and 9 dollars."""
    draft = VariantDraft(sku="CUP", prices=(euro(8), UnitPrice(9_000_000, "USD")))
    world.run(create_product, CreateProduct(title="Cup", variants=(draft,)))
    return world.read(queries.variants_by_skus, ["CUP"])["CUP"].id


def broken(world):
    return soundness.broken(world.database, CHECKS)


class TestCostHistory:
    async def test_keeps_each_cost_with_its_time_and_source(self, world, cup):
        world.run(set_cost, SetCost(id=cup, cost=euro(3)))
        supplier = SetCost(id=cup, cost=euro(2), source=CostSource.SUPPLIER)
        world.run(set_cost, supplier, now=NOW + DAY)
        world.run(set_cost, SetCost(id=cup, cost=None), now=NOW + 2 * DAY)

        answer = await world.graphql(SHOWN, id=text("sku", cup))

        days = ["2025-03-01T09:30:00Z", "2025-03-02T09:30:00Z", "2025-03-03T09:30:00Z"]
        assert answer["variant"]["costHistory"]["nodes"] == [
            {"unitCost": None, "source": "MANUAL", "validFrom": days[2], "validTo": None},
            {
                "unitCost": {"amount": "2.00"},
                "source": "SUPPLIER",
                "validFrom": days[1],
                "validTo": days[2],
            },
            {
                "unitCost": {"amount": "3.00"},
                "source": "MANUAL",
                "validFrom": days[0],
                "validTo": days[1],
            },
        ]
        assert answer["variant"]["cost"] is None
        assert broken(world) == []

    def test_holds_only_the_last_cost_of_a_moment(self, world, cup):
        world.run(set_cost, SetCost(id=cup, cost=euro(3)))
        world.run(set_cost, SetCost(id=cup, cost=euro(2)))

        rows = world.read(lambda db: db.execute(cost_history.select()).all())
        assert [(row.cost_micro, row.valid_to) for row in rows] == [(2_000_000, None)]
        assert broken(world) == []

    async def test_is_set_with_its_source(self, world, cup):
        input = {"unitCost": {"amount": "1.5", "currency": "EUR"}, "source": "RECEIPT"}

        await world.graphql(SET, id=text("sku", cup), input=input)

        answer = await world.graphql(SHOWN, id=text("sku", cup))
        (node,) = answer["variant"]["costHistory"]["nodes"]
        assert (node["source"], node["unitCost"]) == ("RECEIPT", {"amount": "1.50"})


class TestMargins:
    async def test_are_what_is_left_of_the_price(self, world, cup):
        world.run(set_cost, SetCost(id=cup, cost=euro(3)))

        answer = await world.graphql(SHOWN, id=text("sku", cup))

        assert answer["variant"]["margins"] == [
            {
                "unitPrice": {"amount": "8.00"},
                "unitCost": {"amount": "3.00"},
                "margin": {"amount": "5.00", "currency": "EUR"},
                "percent": "62.50",
            }
        ]

    def test_are_nothing_in_percent_of_nothing(self):
        assert PriceMargin(euro(0), euro(1)).percent is None
        assert str(PriceMargin(euro(3), euro(4)).percent) == "-33.33"

    @pytest.mark.parametrize("field", ["costHistory { nodes { source } }", "margins { percent }"])
    async def test_and_costs_take_a_right_of_their_own(self, world, cup, field):
        document = f'{{ variant(by: {{sku: "CUP"}}) {{ {field} }} }}'

        answer = await world.ask(document, caller=caller(*ALL_SCOPES - {Scope.COSTS_READ}))

        assert [each["extensions"]["code"] for each in answer["errors"]] == ["FORBIDDEN"]


class TestChecks:
    def test_find_a_history_that_ends_otherwise(self, world, cup):
        world.run(set_cost, SetCost(id=cup, cost=euro(3)))
        world.run(update_variant, UpdateVariant(id=cup, prices=(euro(7),)), now=NOW + DAY)
        assert broken(world) == []
        with world.database.writing.begin() as db:
            db.execute(update(cost_history).values(cost_micro=1))
            db.execute(delete(price_history).where(price_history.c.valid_from > NOW))

        assert broken(world) == ["CAT-06", "CAT-05"]
