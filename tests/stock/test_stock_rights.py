"""Who may see and change stock. On both databases."""

import pytest

from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.resolvers.schema import schema
from tests.stock.depot import shown
from tests.world import caller

LOCATION, VARIANT = "loc_" + "0" * 32, "sku_" + "0" * 32
PLACE = f'variantId: "{VARIANT}", locationId: "{LOCATION}"'
MUTATIONS = {
    "locationCreate": 'input: {code: "SHOP", name: "Shop"}',
    "locationUpdate": f'id: "{LOCATION}", input: {{name: "Shop"}}',
    "locationArchive": f'id: "{LOCATION}"',
    "locationRestore": f'id: "{LOCATION}"',
    "stockAdjust": f"input: {{lines: [{{{PLACE}, delta: 1}}]}}",
    "stockMove": (
        f'input: {{lines: [{{variantId: "{VARIANT}", fromLocationId: "{LOCATION}", '
        f'toLocationId: "{LOCATION}", toBucket: DAMAGED, quantity: 1}}]}}'
    ),
    "stockReconcile": (
        f'input: {{locationId: "{LOCATION}", lines: [{{variantId: "{VARIANT}", quantity: 1}}]}}'
    ),
    "stockForgetSnapshots": 'input: {since: "2025-01-01"}',
    "stockSetTracking": f'input: {{variantId: "{VARIANT}", tracking: LOT}}',
    "stockSetSafety": f"input: {{lines: [{{{PLACE}, safety: 1}}]}}",
}
# Tried with costs.
ABOUT_COSTS = {"stockSetValuation", "stockValue"}
QUERIES = {
    "location": f'(by: {{id: "{LOCATION}"}}) {{ id }}',
    "locations": "{ nodes { id } }",
    "locationsCount": "{ value }",
    "stockLevels": "{ nodes { id } }",
    "stockLevelsCount": "{ value }",
    "stockOn": f'(variantId: "{VARIANT}", on: "2025-01-01") {{ owned }}',
    "stockPosition": f'(variantId: "{VARIANT}") {{ onHand }}',
    "movements": "{ nodes { id } }",
    "movementsCount": "{ value }",
    "reservations": "{ nodes { id } }",
    "reservationsCount": "{ value }",
}
WORDS = ("location", "stock", "movement", "reservation")
NOT_READING = caller(*ALL_SCOPES - {Scope.STOCK_READ})
NOT_WRITING = caller(*ALL_SCOPES - {Scope.STOCK_WRITE})


def is_forbidden(answer):
    """Whether the answer is FORBIDDEN and shows nothing."""
    codes = [each["extensions"]["code"] for each in answer["errors"]]
    shown = [value for value in (answer.get("data") or {}).values() if value is not None]
    return codes == ["FORBIDDEN"] and not shown


# The way through a hall is fulfillment's, what it holds is slotting's.
OF_OTHERS = {"locationSetCapacity", "locationWalkSet"}


def fields_of(root):
    """The fields of a root type that are about stock."""
    return {name for name in root.fields if name.startswith(WORDS)} - OF_OTHERS


class TestMutations:
    def test_are_all_tried_here(self):
        assert fields_of(schema._schema.mutation_type) - ABOUT_COSTS == set(MUTATIONS)

    @pytest.mark.parametrize("name", MUTATIONS)
    async def test_take_the_scope_to_write(self, depot, name):
        document = f"mutation {{ {name}({MUTATIONS[name]}) {{ userErrors {{ code }} }} }}"
        before = depot.everything()

        assert is_forbidden(await depot.world.ask(document, caller=NOT_WRITING))
        assert depot.everything() == before

    @pytest.mark.parametrize("name", MUTATIONS)
    async def test_take_no_other_scope(self, depot, name):
        document = f"mutation {{ {name}({MUTATIONS[name]}) {{ userErrors {{ code }} }} }}"

        answer = await depot.world.ask(document, caller=caller(Scope.STOCK_WRITE))

        assert "errors" not in answer

    async def test_show_nothing_to_who_may_only_write(self, depot):
        arguments = MUTATIONS["locationCreate"]
        document = f"mutation {{ locationCreate({arguments}) {{ location {{ id }} }} }}"
        before = depot.everything()

        assert is_forbidden(await depot.world.ask(document, caller=caller(Scope.STOCK_WRITE)))
        assert depot.everything() == before


class TestQueries:
    def test_are_all_tried_here(self):
        assert fields_of(schema._schema.query_type) - ABOUT_COSTS == set(QUERIES)

    @pytest.mark.parametrize("name", QUERIES)
    async def test_take_the_scope_to_read(self, depot, name):
        document = f"{{ {name} {QUERIES[name]} }}"

        assert is_forbidden(await depot.world.ask(document, caller=NOT_READING))
        answer = await depot.world.ask(document, caller=caller(Scope.STOCK_READ))
        assert "errors" not in answer

    async def test_show_the_stock_of_a_variant_only_with_it(self, depot):
        id = shown("sku", depot.variant("A", 5))
        document = "query ($id: ID!) { variant(by: {id: $id}) { sku stock { onHand } } }"

        assert is_forbidden(await depot.world.ask(document, caller=NOT_READING, id=id))
        both = caller(Scope.STOCK_READ, Scope.PRODUCTS_READ)
        answer = await depot.world.ask(document, caller=both, id=id)
        assert answer["data"]["variant"]["stock"] == {"onHand": 5}

    async def test_show_no_variant_without_the_scope_for_products(self, depot):
        depot.variant("A", 5)
        document = "{ stockLevels { nodes { variant { sku } } } }"

        assert is_forbidden(await depot.world.ask(document, caller=caller(Scope.STOCK_READ)))

    async def test_hide_nodes_from_who_may_not_read(self, depot):
        variant = depot.variant("A", 5)
        depot.reserve((1, variant, 1))
        ids = [
            shown("loc", depot.north),
            shown("lvl", depot.levels()[variant, depot.north].id),
            shown("mov", depot.movements()[0].id),
            shown("rsv", depot.reservations()[0].id),
        ]
        document = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"

        hidden = await depot.world.ask(document, caller=NOT_READING, ids=ids)
        seen = await depot.world.ask(document, caller=caller(Scope.STOCK_READ), ids=ids)

        assert hidden["data"] == {"nodes": [None] * 4}
        assert seen["data"] == {"nodes": [{"id": id} for id in ids]}
