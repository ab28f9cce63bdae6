"""Lists of orders and channels: filters, sorts, search, counts, and the indexes behind them."""

from datetime import timedelta
from uuid import UUID

import pytest

from backoffice_api.domain.customers.commands.customers import CreateCustomer, create_customer
from backoffice_api.domain.customers.model import CustomerDraft, CustomerKind
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.filters import All, Keyed, Operator, Test
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.commands.cancelling import CancelOrder, cancel_order
from backoffice_api.domain.orders.commands.holds import HoldOrder, hold_order
from backoffice_api.domain.orders.commands.placing import PlaceOrder, place_order
from backoffice_api.domain.orders.model.channels import ChannelSortKey, ChannelStatus
from backoffice_api.domain.orders.model.holds import HoldKind
from backoffice_api.domain.orders.model.orders import (
    CancelReason,
    FulfillmentStatus,
    OrderSortKey,
    OrderStatus,
)
from backoffice_api.domain.orders.model.payments import PaymentStatus
from backoffice_api.domain.orders.model.returning import ReturnStatus
from tests.databases import count_statements
from tests.orders.history import record, recorded
from tests.orders.shop import POSTAGE, euros, goods
from tests.plans import all_indexed
from tests.together import listed_cases, together
from tests.world import NOW

LIST = """
query ($filter: OrderFilter, $search: String, $sort: OrderSort) {
  orders(filter: $filter, search: $search, sort: $sort) { nodes { note } }
  ordersCount(filter: $filter, search: $search) { value precision }
}
"""

EVERYTHING = """
{ orders(first: 10) { nodes {
  number total { amount } customer { id } channel { code } holds { kind } discounts { label }
  shippingAddress { city } externalIds { key } actions { name }
  lines(first: 20) { nodes {
    sku variant { sku product { title } } reservations(first: 5) { nodes { quantity } }
  } }
} } }
"""


def at(hours):
    return NOW + timedelta(hours=hours)


@pytest.fixture
def orders(shop):
    """Four orders, made an hour after each other, called by their notes."""
    shop.variant("MUG", 99)
    shop.variant("PEN", 99)
    run = shop.world.run
    customer = CreateCustomer(draft=CustomerDraft(kind=CustomerKind.PERSON, name="Ana"))
    customer_id = run(create_customer, customer).value
    made = {
        "draft": shop.create(goods("MUG"), note="draft", now=at(0)),
        "open": shop.create(goods("PEN", 3), note="open", customer_id=customer_id, now=at(1)),
        "held": shop.place(
            POSTAGE, note="held", external_ids=(ExternalId("shop", "Ext 77"),), now=at(2)
        ),
        "cancelled": shop.place(goods("MUG", 2), note="cancelled", now=at(3)),
    }
    run(hold_order, HoldOrder(id=made["held"], kind=HoldKind.FRAUD), now=at(2))
    cancel = CancelOrder(id=made["cancelled"], reason=CancelReason.OTHER)
    run(cancel_order, cancel, now=at(3))
    run(place_order, PlaceOrder(id=made["open"]), now=at(4))
    return {**made, "customer": customer_id}


async def listed(shop, **variables):
    answer = await shop.world.graphql(LIST, **variables)
    notes = [each["note"] for each in answer["orders"]["nodes"]]
    assert answer["ordersCount"] == {"value": len(notes), "precision": "EXACT"}
    return notes


class TestFilter:
    @together(
        "filter, notes",
        listed_cases(
            ({}, ["cancelled", "held", "open", "draft"]),
            ({"status": ["OPEN"]}, ["held", "open"]),
            ({"status": ["DRAFT", "CANCELLED"]}, ["cancelled", "draft"]),
            ({"fulfillmentStatus": ["ALLOCATED"]}, ["open"]),
            ({"hasHold": True}, ["held"]),
            ({"hasHold": False, "status": ["OPEN"]}, ["open"]),
            ({"customerId": {"isNull": False}}, ["open"]),
            ({"number": {"eq": "W-1"}}, ["held"]),
            ({"number": {"startsWith": "W-"}}, ["cancelled", "held", "open"]),
            ({"number": {"isNull": True}}, ["draft"]),
            ({"placedAt": {"gte": "2025-03-01T12:30:00Z"}}, ["cancelled", "open"]),
            ({"createdAt": {"lt": "2025-03-01T10:30:00Z"}}, ["draft"]),
            ({"updatedAt": {"gte": "2025-03-01T13:30:00Z"}}, ["open"]),
            ({"total": {"currency": "EUR", "gte": "20.00"}}, ["cancelled", "open"]),
            ({"total": {"currency": "EUR", "lte": "4.50"}}, ["held"]),
            ({"total": {"currency": "USD", "gte": "0"}}, []),
            ({"sku": {"eq": "MUG"}}, ["cancelled", "draft"]),
            ({"sku": {"startsWith": "P"}}, ["held", "open"]),
            ({"not": {"sku": {"eq": "MUG"}}, "status": ["OPEN"]}, ["held", "open"]),
            ({"or": [{"hasHold": True}, {"status": ["DRAFT"]}]}, ["held", "draft"]),
        ),
    )
    async def test_finds_orders(self, shop, orders, filter, notes):
        assert await listed(shop, filter=filter) == notes

    async def test_finds_orders_by_customer_and_channel(self, shop, orders):
        customer = {"eq": ids.text("cus", orders["customer"])}
        channel = {"in": [ids.text("chn", shop.channel_id)]}

        assert await listed(shop, filter={"customerId": customer}) == ["open"]
        assert len(await listed(shop, filter={"channelId": channel})) == 4
        assert await listed(shop, filter={"channelId": {"eq": "chn_" + "0" * 32}}) == []


class TestSearch:
    @together(
        "words, notes",
        listed_cases(
            ("w 2", ["cancelled"]),
            ("ext 77", ["held"]),
            ("mug", ["cancelled", "draft"]),
            ("thing", ["cancelled", "open", "draft"]),
            ("post", ["held"]),
            ("ana", []),
        ),
    )
    async def test_looks_at_numbers_names_and_lines(self, shop, orders, words, notes):
        assert await listed(shop, search=words) == notes


class TestSort:
    @together(
        "key, notes",
        listed_cases(
            ("CREATED_AT", ["draft", "open", "held", "cancelled"]),
            ("UPDATED_AT", ["draft", "held", "cancelled", "open"]),
            ("PLACED_AT", ["draft", "held", "cancelled", "open"]),
            ("NUMBER", ["draft", "held", "cancelled", "open"]),
            ("TOTAL", ["held", "draft", "cancelled", "open"]),
        ),
    )
    async def test_orders_by_a_key_in_both_directions(self, shop, orders, key, notes):
        assert await listed(shop, sort={"key": key, "direction": "ASC"}) == notes
        assert await listed(shop, sort={"key": key}) == notes[::-1]

    async def test_takes_recorded_orders_by_when_they_were_placed(self, shop, orders):
        record(shop, recorded(shop, "1"))

        notes = await listed(shop, sort={"key": "CREATED_AT", "direction": "ASC"})

        assert notes[0] == ""


class TestStatements:
    async def test_do_not_grow_with_the_orders(self, shop):
        shop.variant("MUG", 99)
        shop.variant("PEN", 99)

        async def statements(count):
            for _ in range(count):
                shop.place(goods("MUG"), goods("PEN"), POSTAGE)
            with count_statements(shop.world.database) as seen:
                await shop.world.graphql(EVERYTHING)
            return len([each for each in seen if not each.startswith("BEGIN")])

        assert await statements(1) == await statements(7) == 10


TESTS = [
    Test("status", Operator.EQ, OrderStatus.OPEN),
    Test("fulfillment_status", Operator.EQ, FulfillmentStatus.SHIPPED),
    Test("payment_status", Operator.EQ, PaymentStatus.PAID),
    Test("return_status", Operator.EQ, ReturnStatus.RETURNED),
    Test("has_hold", Operator.EQ, True),
    Test("channel_id", Operator.EQ, UUID(int=1)),
    Test("customer_id", Operator.EQ, UUID(int=1)),
    Test("created_at", Operator.GTE, NOW),
]
# What passes has to be sorted: it is not in the order of the list in any index.
SORTED_TESTS = [
    Test("placed_at", Operator.GTE, NOW),
    Test("updated_at", Operator.GTE, NOW),
    Test("total", Operator.GTE, euros(100)),
    Test("number", Operator.EQ, "W-1"),
    Test("number", Operator.STARTS_WITH, "W-"),
    Test("sku", Operator.EQ, "MUG"),
    Test("discount_code_id", Operator.EQ, UUID(int=1)),
    Test("lot_id", Operator.EQ, UUID(int=1)),
    Test("custom_fields", Operator.EQ, Keyed("gift", "yes")),
]


class TestPlans:
    def test_cover_every_word_of_the_list(self):
        assert {each.word for each in (*TESTS, *SORTED_TESTS)} == set(queries.order_list.words)

    @pytest.mark.parametrize("test", TESTS, ids=lambda test: test.word)
    def test_of_filters_walk_an_index_in_order(self, shop, test):
        with all_indexed(shop.world.database.reading):
            shop.world.read(queries.order_list.page, PageRequest(filter=All((test,))))

    @pytest.mark.parametrize("test", SORTED_TESTS, ids=lambda test: test.word)
    def test_of_other_filters_read_only_what_passes(self, shop, test):
        request = PageRequest(filter=All((test,)))
        with all_indexed(shop.world.database.reading, sorts=True, walks=["anon_1"]):
            shop.world.read(queries.order_list.page, request)
            shop.world.read(queries.order_list.count, request, 1_000)

    @pytest.mark.parametrize("sort", OrderSortKey)
    def test_of_sorts_walk_an_index(self, shop, sort):
        with all_indexed(shop.world.database.reading):
            shop.world.read(queries.order_list.page, PageRequest(sort=sort))
            shop.world.read(queries.order_list.page, PageRequest(sort=sort, backwards=True))

    def test_of_searches_use_the_index_of_words(self, shop):
        with all_indexed(shop.world.database.reading, sorts=True):
            shop.world.read(queries.order_list.page, PageRequest(search="mug"))

    def test_of_links_use_indexes(self, shop):
        one, two = UUID(int=1), UUID(int=2)
        order_list, line_list = queries.order_list, queries.line_list
        with all_indexed(shop.world.database.reading):
            shop.world.read(
                order_list.pages_by, order_list.table.c.customer_id, [one], PageRequest()
            )
            shop.world.read(line_list.pages_by, line_list.table.c.order_id, [one], PageRequest())
        with all_indexed(shop.world.database.reading, sorts=True):
            for query in (
                queries.orders_by_ids,
                queries.lines_by_ids,
                queries.lines_by_orders,
                queries.discounts_by_orders,
                queries.shipping_addresses_by_orders,
                queries.open_holds_by_orders,
                queries.holds_by_ids,
                queries.channels_by_ids,
            ):
                shop.world.read(query, [one, two])
            shop.world.read(queries.channels_by_codes, ["web"])
            shop.world.read(queries.orders_by_numbers, [queries.OrderNumber("web", "W-1")])

    @pytest.mark.parametrize("sort", ChannelSortKey)
    def test_of_channels_walk_an_index(self, shop, sort):
        status = Test("status", Operator.EQ, ChannelStatus.ACTIVE)
        code = Test("code", Operator.STARTS_WITH, "w")
        with all_indexed(shop.world.database.reading):
            shop.world.read(queries.channel_list.page, PageRequest(sort=sort))
            shop.world.read(queries.channel_list.page, PageRequest(filter=status))
            shop.world.read(queries.channel_list.page, PageRequest(filter=code))
