"""Who may do what with channels and orders, and see what of them. On both databases."""

from dataclasses import fields

import pytest
from strawberry.utils.str_converters import to_camel_case

from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.orders.model import orders as model
from backoffice_api.resolvers.schema import schema
from backoffice_api.schema.directives import Personal
from backoffice_api.schema.rules import rules_of
from tests.orders.shop import address, goods
from tests.world import caller

READER = caller(Scope.ORDERS_READ)

ORDER = "ord_" + "0" * 32
CHANNEL = "chn_" + "0" * 32
MUTATIONS = {
    "channelCreate": 'input: {code: "x", name: "X", currency: "EUR"}',
    "channelUpdate": f'id: "{CHANNEL}", input: {{name: "X"}}',
    "channelArchive": f'id: "{CHANNEL}"',
    "channelRestore": f'id: "{CHANNEL}"',
    "channelStockRulesSet": "input: {rules: []}",
    "channelStockRuleRemove": f'id: "csr_{"0" * 32}"',
    "channelStockTell": f'input: {{channelId: "{CHANNEL}", variantIds: []}}',
    "channelStockReconcile": f'input: {{channelId: "{CHANNEL}", lines: []}}',
    "orderCreate": 'input: {channel: {code: "web"}}',
    "orderUpdate": f'id: "{ORDER}", input: {{note: "x"}}',
    "orderReserve": f'id: "{ORDER}", input: {{until: "2999-01-01T00:00:00Z"}}',
    "orderPlace": f'id: "{ORDER}"',
    "orderCancel": f'id: "{ORDER}", input: {{reason: OTHER}}',
    "orderHold": f'id: "{ORDER}", input: {{}}',
    "orderHoldAssign": f'id: "{ORDER}", input: {{holdId: "hld_{"0" * 32}"}}',
    "orderReleaseHold": f'id: "{ORDER}", input: {{}}',
    "orderClose": f'id: "{ORDER}"',
    "orderEdit": f'id: "{ORDER}", input: {{note: "x"}}',
    "orderUncancel": f'id: "{ORDER}", input: {{}}',
    "orderSplit": f'id: "{ORDER}", input: {{lines: []}}',
    "orderMerge": f'id: "{ORDER}", input: {{orderIds: []}}',
    "orderQuoteSend": f'id: "{ORDER}", input: {{validUntil: "2999-01-01T00:00:00Z"}}',
    "orderQuoteAccept": f'id: "{ORDER}", input: {{quote: 1}}',
    "orderImport": (
        'input: {channel: {code: "web"}, externalId: "1", changedAt: "2026-01-01T00:00:00Z"}'
    ),
    "orderImportBatch": "input: {orders: []}",
    "orderReopen": f'id: "{ORDER}"',
    "channelSetReadiness": f'id: "{CHANNEL}", input: {{rules: []}}',
    "orderSetCustomFields": f'id: "{ORDER}", input: {{customFields: []}}',
    "orderComment": f'id: "{ORDER}", input: {{body: "x"}}',
}
QUERIES = (
    f'{{ order(by: {{id: "{ORDER}"}}) {{ id }} }}',
    "{ orders { nodes { id } } }",
    "{ ordersCount { value } }",
    "{ holds { nodes { id } } }",
    "{ holdsCount { value } }",
    f'{{ channel(by: {{id: "{CHANNEL}"}}) {{ id }} }}',
    "{ channels { nodes { id } } }",
    "{ channelsCount { value } }",
    "{ channelStockRules { nodes { id } } }",
    f'{{ channelStock(channelId: "{CHANNEL}", variantIds: []) {{ quantity }} }}',
)
# Each with the scope that it takes besides the one to read orders.
BEHIND_A_SCOPE = {
    "email": Scope.PERSONAL_READ,
    "phone": Scope.PERSONAL_READ,
    "shippingAddress { recipient }": Scope.PERSONAL_READ,
    "shippingAddress { lines }": Scope.PERSONAL_READ,
    "billingAddress { country }": Scope.PERSONAL_READ,
    "customer { id }": Scope.CUSTOMERS_READ,
    "timeline { nodes { type } }": Scope.EVENTS_READ,
    "lines { nodes { variant { sku } } }": Scope.PRODUCTS_READ,
    "lines { nodes { reservations { nodes { quantity } } } }": Scope.STOCK_READ,
}


def is_forbidden(answer):
    """Whether the answer is FORBIDDEN and shows nothing."""
    codes = [each["extensions"]["code"] for each in answer["errors"]]
    shown = [value for value in (answer.get("data") or {}).values() if value is not None]
    return codes == ["FORBIDDEN"] and not shown


class TestMutations:
    def test_are_all_tried_here(self):
        names = schema._schema.mutation_type.fields
        ours = {name for name in names if name.startswith(("channel", "order"))}
        assert ours == set(MUTATIONS)

    @pytest.mark.parametrize("name", MUTATIONS)
    async def test_take_the_scope_to_write(self, world, name):
        document = f"mutation {{ {name}({MUTATIONS[name]}) {{ userErrors {{ code }} }} }}"
        somebody = caller(*ALL_SCOPES - {Scope.ORDERS_WRITE})

        assert is_forbidden(await world.ask(document, caller=somebody))

    @pytest.mark.parametrize("name", MUTATIONS)
    async def test_are_run_by_who_may_only_write(self, world, name):
        document = f"mutation {{ {name}({MUTATIONS[name]}) {{ userErrors {{ code }} }} }}"

        answer = await world.ask(document, caller=caller(Scope.ORDERS_WRITE))

        assert "errors" not in answer


class TestQueries:
    @pytest.mark.parametrize("document", QUERIES)
    async def test_take_the_scope_to_read(self, world, document):
        somebody = caller(*ALL_SCOPES - {Scope.ORDERS_READ})

        assert is_forbidden(await world.ask(document, caller=somebody))

    @pytest.mark.parametrize("document", QUERIES)
    async def test_are_answered_with_it(self, world, document):
        assert "errors" not in await world.ask(document, caller=READER)

    @pytest.mark.parametrize("field", BEHIND_A_SCOPE)
    async def test_take_more_for_some_fields(self, shop, field):
        shop.variant("MUG", 5)
        shop.place(goods("MUG"), email="ana@example.com", shipping_address=address())
        document = f"{{ orders(first: 1) {{ nodes {{ id {field} }} }} }}"
        more = caller(Scope.ORDERS_READ, BEHIND_A_SCOPE[field])

        assert is_forbidden(await shop.world.ask(document, caller=READER))
        assert "errors" not in await shop.world.ask(document, caller=more)

    async def test_of_orders_of_a_customer_take_both_scopes(self, world):
        document = "{ customers { nodes { orders { nodes { id } } } } }"
        one = caller(Scope.CUSTOMERS_READ)
        both = caller(Scope.CUSTOMERS_READ, Scope.ORDERS_READ)

        assert is_forbidden(await world.ask(document, caller=one))
        assert "errors" not in await world.ask(document, caller=both)


class TestPersonalFields:
    def test_are_marked_alike_in_the_rows_and_in_the_schema(self):
        rules = rules_of(schema)
        for type_name, row in {"Order": model.Order, "OrderAddress": model.OrderAddress}.items():
            definition = schema.get_type_by_name(type_name)
            classes = {
                each.python_name: directive.kind
                for each in definition.fields
                for directive in each.directives
                if isinstance(directive, Personal)
            }
            marked = {each.name: each.metadata.get("personal") for each in fields(row)}

            assert classes == {name: kind for name, kind in marked.items() if kind}
            for name in classes:
                scopes = rules.scopes_of_field(type_name, to_camel_case(name))
                assert scopes == {Scope.PERSONAL_READ.value}

    async def test_are_masked_in_the_log(self, shop):
        shop.create(email="ana@example.com", phone="+5511912345678", shipping_address=address())

        text = str([each.changes for each in shop.log()])

        assert "(personal)" in text
        for secret in ("ana@example.com", "5511912345678", "Ana Silva", "Augusta", "01304"):
            assert secret not in text
