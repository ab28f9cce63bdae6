"""Which price applies, and why; what it was before. On both databases."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.orders.commands.channels import CreateChannel, create_channel
from backoffice_api.domain.orders.commands.placing import PlaceOrder, place_order
from backoffice_api.domain.pricing.commands.lists import ArchivePriceList, archive_price_list
from backoffice_api.domain.pricing.model.lists import PriceListStatus
from backoffice_api.domain.pricing.model.offers import (
    Buyer,
    OfferedPrice,
    PriceVerdict,
    applying,
    judged,
)
from backoffice_api.domain.products.commands.variants import UpdateVariant, update_variant
from tests.databases import count_statements
from tests.orders.shop import goods
from tests.plans import all_indexed
from tests.pricing.market import DAY, euro
from tests.world import NOW, caller

PRICE_FOR = """
query ($variant: ID!, $channel: ID!, $customer: ID, $quantity: Int! = 1, $at: DateTime) {
  priceFor(variantId: $variant, channelId: $channel, customerId: $customer, quantity: $quantity,
      at: $at) {
    unitPrice { amount currency }
    candidates { verdict minimumQuantity unitPrice { amount } priceList { code } }
    lowest { current { amount } since lowest { amount } }
  }
}
"""


async def asked(market, **values):
    given = {"variant": ids.text("sku", market.cup), "channel": ids.text("chn", market.channel_id)}
    answer = await market.world.graphql(PRICE_FOR, **{**given, **values})
    return answer["priceFor"]


class TestPriceFor:
    async def test_says_which_price_applies_and_why(self, market):
        market.list("SALE", market.price(8), market.price(6, 10), priority=20)
        market.list("VIP", market.price(5), customer_tag="vip", priority=10)
        market.list("LATER", market.price(1), valid_from=NOW + 365 * 10 * DAY, priority=5)
        market.draft_list("DRAFT")

        answer = await asked(market, quantity=10)

        assert answer["unitPrice"] == {"amount": "6.00", "currency": "EUR"}
        assert answer["candidates"] == [
            {
                "verdict": verdict,
                "minimumQuantity": minimum,
                "unitPrice": {"amount": amount},
                "priceList": code and {"code": code},
            }
            for code, verdict, minimum, amount in [
                ("LATER", "NOT_YET", 1, "1.00"),
                ("VIP", "OTHER_CUSTOMERS", 1, "5.00"),
                ("SALE", "APPLIES", 10, "6.00"),
                ("SALE", "LESS_PRIORITY", 1, "8.00"),
                (None, "LESS_PRIORITY", 1, "10.00"),
            ]
        ]

    async def test_knows_the_customer(self, market):
        market.list("VIP", market.price(5), customer_tag="vip")
        customer = ids.text("cus", market.customer("vip", "other"))

        assert (await asked(market, customer=customer))["unitPrice"]["amount"] == "5.00"
        assert (await asked(market))["unitPrice"]["amount"] == "10.00"

    async def test_takes_the_rights(self, market):
        given = {
            "variant": ids.text("sku", market.cup),
            "channel": ids.text("chn", market.channel_id),
        }
        document = """
        query ($variant: ID!, $channel: ID!, $customer: ID) {
          priceFor(variantId: $variant, channelId: $channel, customerId: $customer) {
            unitPrice { amount }
          }
        }
        """
        reader = caller(Scope.PRODUCTS_READ)

        async def codes(**how):
            answer = await market.world.ask(document, **given, **how)
            return [each["extensions"]["code"] for each in answer.get("errors", [])]

        assert await codes(caller=reader) == []
        assert await codes(caller=caller(Scope.ORDERS_READ)) == ["FORBIDDEN"]
        customer = ids.text("cus", market.customer("vip"))
        assert await codes(caller=reader, customer=customer) == ["FORBIDDEN"]

    async def test_knows_no_other_channel_and_no_odd_quantity(self, market):
        assert await asked(market, channel=ids.text("chn", market.cup)) is None
        given = {
            "variant": ids.text("sku", market.cup),
            "channel": ids.text("chn", market.channel_id),
        }
        answer = await market.world.ask(PRICE_FOR, **given, quantity=0)
        assert [each["extensions"]["code"] for each in answer["errors"]] == ["BAD_USER_INPUT"]

    def test_takes_three_statements_through_indexes(self, market):
        market.list("SALE", market.price(8))
        database = market.world.database
        with (
            all_indexed(database.reading, sorts=True),
            count_statements(database) as statements,
        ):
            market.answer()

        assert len([each for each in statements if each.startswith("SELECT")]) == 3


class TestTime:
    def test_changes_prices_when_it_was_said(self, market):
        sale = market.list("SALE", market.price(9))
        market.set(sale, market.price(8, valid_from=NOW + DAY))
        market.set(sale, market.price(4, valid_from=NOW + 2 * DAY, valid_to=NOW + 3 * DAY))

        days = [market.costs(at=NOW + number * DAY) for number in range(5)]

        assert days == [9, 8, 4, 8, 8]
        assert market.costs(at=NOW - DAY) == 10

    def test_leaves_what_applied_as_it_was(self, market):
        sale = market.list("SALE", market.price(9))
        market.set(sale, market.price(7), now=NOW + DAY)
        market.set(sale, market.price(None), now=NOW + 2 * DAY)
        market.world.run(archive_price_list, ArchivePriceList(id=sale), now=NOW + 3 * DAY)

        assert [market.costs(at=NOW + number * DAY) for number in range(4)] == [9, 7, 10, 10]

    def test_of_a_list_is_kept_by_its_dates(self, market):
        market.list("SALE", market.price(9), valid_from=NOW + DAY, valid_to=NOW + 2 * DAY)

        assert [market.costs(at=NOW + number * DAY) for number in range(3)] == [10, 9, 10]

    def test_ends_a_price_with_its_list(self, market):
        sale = market.list("SALE", market.price(9))
        market.world.run(archive_price_list, ArchivePriceList(id=sale), now=NOW + DAY)

        answer = market.answer(at=NOW + DAY)
        assert [each.verdict for each in answer.candidates] == ["not_active", "applies"]


class TestLowestPrice:
    """Directive 98/6/EC, article 6a: the lowest price of the 30 days before the reduction."""

    def test_is_that_of_the_30_days_before_the_reduction(self, market):
        sale = market.list("SALE", market.price(7), now=NOW)
        market.set(sale, market.price(12), now=NOW + 20 * DAY)
        market.set(sale, market.price(9), now=NOW + 40 * DAY)

        found = market.answer(at=NOW + 45 * DAY).lowest

        assert (found.current, found.since, found.lowest) == (euro(9), NOW + 40 * DAY, euro(7))
        market.set(sale, market.price(8), now=NOW + 60 * DAY)
        assert market.answer(at=NOW + 61 * DAY).lowest.lowest == euro(9)

    def test_knows_the_history_of_base_prices(self, market):
        change = UpdateVariant(id=market.cup, prices=(euro(6),))
        market.world.run(update_variant, change, now=NOW + 10 * DAY)
        market.world.run(update_variant, replace(change, prices=(euro(5),)), now=NOW + 20 * DAY)

        found = market.answer(at=NOW + 21 * DAY).lowest

        assert (found.current, found.since, found.lowest) == (euro(5), NOW + 20 * DAY, euro(6))

    def test_does_not_count_prices_for_some(self, market):
        market.list("VIP", market.price(1), customer_tag="vip", now=NOW)
        sale = market.list("SALE", market.price(9), now=NOW + DAY)

        assert market.answer(at=NOW + 2 * DAY).lowest.lowest == euro(10)
        market.set(sale, market.price(None), now=NOW + 3 * DAY)
        assert market.answer(at=NOW + 4 * DAY).lowest.lowest == euro(9)

    def test_is_nothing_where_there_was_no_price(self, market):
        answer = market.answer()

        assert (answer.lowest.since, answer.lowest.lowest) == (NOW, None)
        nothing = UpdateVariant(id=market.cup, prices=())
        market.world.run(update_variant, nothing, now=NOW + DAY)
        assert market.answer(at=NOW + 2 * DAY).lowest is None


class TestOrders:
    def price_of(self, market, *lines, **values):
        order_id = market.create(*lines, **values)
        return [line.unit_price_micro // 1_000_000 for line in market.lines(order_id)]

    def test_take_the_price_of_a_list_for_their_quantity(self, market):
        market.list("SALE", market.price(8), market.price(6, 10))
        vip = market.list("VIP", market.price(5), customer_tag="vip", priority=1)
        assert vip

        assert self.price_of(market, goods("CUP"), goods("CUP", 10)) == [8, 6]
        customer = market.customer("vip")
        assert self.price_of(market, goods("CUP"), customer_id=customer) == [5]
        assert self.price_of(market, goods("CUP", unit_price=euro(3))) == [3]

    def test_take_no_price_of_another_channel(self, market):
        command = CreateChannel(code="other", name="Other", currency="EUR", number_prefix="O-")
        other = market.world.run(create_channel, command).value
        market.list("OTHER", market.price(1), channel_id=other)
        market.list("OWN", market.price(9), channel_id=market.channel_id)

        assert self.price_of(market, goods("CUP")) == [9]

    def test_take_the_price_of_when_they_are_placed(self, market):
        sale = market.list("SALE", market.price(8))
        draft = market.create(goods("CUP", 2), goods("CUP", unit_price=euro(3)))
        market.set(sale, market.price(7), now=NOW + DAY)

        market.world.run(place_order, PlaceOrder(id=draft), now=NOW + 2 * DAY)

        assert [line.unit_price for line in market.lines(draft)] == [euro(7), euro(3)]

    def test_take_a_price_where_the_variant_has_none(self, market):
        pot = market.variant("POT", 5, price=UnitPrice(1, "USD"))
        market.list("ALL", replace(market.price(4), variant_id=pot))

        assert self.price_of(market, goods("POT")) == [4]

    def test_ask_as_often_for_many_lines_as_for_one(self, market):
        market.list("SALE", market.price(8), market.price(7, 5))
        counts = []
        for lines in ([goods("CUP")], [goods("CUP", number) for number in range(1, 20)]):
            with count_statements(market.world.database) as statements:
                market.create(*lines)
            counts.append(len(statements))

        assert counts[0] == counts[1]


moments = st.none() | st.integers(-3, 3).map(lambda number: NOW + timedelta(days=number))
offers = st.builds(
    OfferedPrice,
    list_id=st.sampled_from([None, *(UUID(int=number) for number in range(3))]),
    list_code=st.sampled_from("AB"),
    priority=st.integers(0, 2),
    status=st.sampled_from(PriceListStatus),
    channel_id=st.none() | st.just(UUID(int=9)),
    customer_tag=st.none() | st.just("vip"),
    begins_at=st.lists(moments.filter(bool), max_size=1).map(tuple),
    ends_at=st.lists(moments.filter(bool), max_size=1).map(tuple),
    variant_id=st.just(UUID(int=1)),
    minimum_quantity=st.integers(1, 3),
    currency=st.just("EUR"),
    price_micro=st.none() | st.integers(0, 5),
    valid_from=moments,
    valid_to=moments,
)


class TestJudged:
    @settings(max_examples=100)
    @given(st.lists(offers, max_size=6), st.integers(1, 3), st.booleans())
    def test_lets_one_price_apply_and_none_that_may_not(self, prices, quantity, is_vip):
        buyer = Buyer(None, frozenset({"vip"} if is_vip else ()), quantity, NOW)

        found = judged(prices, buyer)

        assert len(found) == len(prices)
        winners = [each for each in found if each.verdict is PriceVerdict.APPLIES]
        assert len(winners) <= 1
        assert [each.offered for each in winners] == [
            each for each in [applying(prices, buyer)] if each
        ]
        for each in winners:
            offer = each.offered
            assert offer.price_micro is not None
            assert offer.minimum_quantity <= quantity
            assert offer.channel_id is None
            assert is_vip or offer.customer_tag is None
            assert offer.valid_from is None or offer.valid_from <= NOW
            assert offer.valid_to is None or offer.valid_to > NOW
