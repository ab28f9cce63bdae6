"""Orders that are placed, at once or from a draft. On both databases."""

from datetime import timedelta
from uuid import UUID

import pytest

from backoffice_api.domain.customers.commands.customers import CreateCustomer, create_customer
from backoffice_api.domain.customers.model import CustomerDraft, CustomerKind
from backoffice_api.domain.orders.commands.channels import ArchiveChannel, archive_channel
from backoffice_api.domain.orders.commands.drafts import (
    CreateOrder,
    ReserveOrder,
    create_order,
    reserve_order,
)
from backoffice_api.domain.orders.commands.placing import PlaceOrder, place_order
from backoffice_api.domain.orders.model.orders import FulfillmentStatus, OrderStatus
from backoffice_api.domain.products.commands.variants import (
    ArchiveVariant,
    UpdateVariant,
    archive_variant,
    update_variant,
)
from backoffice_api.domain.stock.model.levels import InsufficientStock, Shortage
from tests.databases import count_statements
from tests.orders.shop import POSTAGE, address, euros, goods, price
from tests.world import NOW


class TestPlaceOrder:
    def test_gives_a_number_and_promises_the_stock(self, shop):
        mug = shop.variant("MUG", 10)
        id = shop.create(goods("MUG", 3))

        shop.world.run(place_order, PlaceOrder(id=id))

        order = shop.order(id)
        assert (order.number, order.serial) == ("W-1", 1)
        assert order.status is OrderStatus.OPEN
        assert order.fulfillment_status is FulfillmentStatus.ALLOCATED
        assert (order.placed_at, order.unshipped) == (NOW, 3)
        assert shop.reserved(mug) == 3
        assert shop.broken() == []

    def test_takes_the_list_prices_of_now(self, shop):
        mug = shop.variant("MUG", 10)
        id = shop.create(goods("MUG", 3), goods("MUG", 1, unit_price=price(2_000_000)))
        shop.world.run(update_variant, UpdateVariant(id=mug, prices=(price(1_115_000),)))

        shop.world.run(place_order, PlaceOrder(id=id))

        assert [line.subtotal_minor for line in shop.lines(id)] == [334, 200]
        assert [line.rounding_micro for line in shop.lines(id)] == [5_000, 0]
        assert shop.order(id).total == euros(534)
        assert shop.broken() == []

    def test_takes_from_several_warehouses(self, shop):
        mug = shop.variant("MUG", 2, 3)

        shop.place(goods("MUG", 5))

        assert shop.reserved(mug) == 5
        assert shop.broken() == []

    def test_makes_what_was_reserved_for_a_while_last(self, shop):
        mug = shop.variant("MUG", 3)
        id = shop.create(goods("MUG", 3), reserve_until=NOW + timedelta(hours=1))

        shop.world.run(place_order, PlaceOrder(id=id))

        assert shop.reserved(mug) == 3
        assert shop.order(id).reserved_until is None
        assert shop.broken() == []

    def test_sells_charges_without_stock(self, shop):
        id = shop.place(POSTAGE)

        assert shop.order(id).total == euros(450)
        assert shop.order(id).unshipped == 0
        assert shop.broken() == []

    def test_refuses_as_a_whole_what_is_not_there(self, shop):
        mug, pen = shop.variant("MUG", 10), shop.variant("PEN", 1)
        id = shop.create(goods("MUG", 3), goods("PEN", 1), goods("PEN", 1))

        with pytest.raises(InsufficientStock) as refusal:
            shop.world.run(place_order, PlaceOrder(id=id))

        assert refusal.value.shortages == (Shortage(pen, "PEN", 2, 1),)
        assert (shop.reserved(mug), shop.reserved(pen)) == (0, 0)
        assert shop.order(id).number is None

    def test_burns_no_number_when_refused(self, shop):
        shop.variant("MUG", 1)
        empty = shop.create()
        assert shop.refused(place_order, PlaceOrder(id=empty)) == ["EMPTY_ORDER"]
        wanted = CreateOrder(channel="web", lines=(goods("MUG", 2),), place=True)
        assert shop.refused(create_order, wanted) == ["INSUFFICIENT_STOCK"]

        assert shop.order(shop.place(goods("MUG"))).number == "W-1"

    def test_refuses_what_is_no_longer_for_sale(self, shop):
        mug = shop.variant("MUG", 1)
        id = shop.create(goods("MUG"))
        shop.world.run(archive_variant, ArchiveVariant(id=mug))

        assert shop.refused(place_order, PlaceOrder(id=id)) == ["VARIANT_NOT_FOR_SALE"]

    def test_refuses_what_has_no_price_any_more(self, shop):
        mug = shop.variant("MUG", 1)
        id = shop.create(goods("MUG"))
        shop.world.run(update_variant, UpdateVariant(id=mug, prices=()))

        assert shop.refused(place_order, PlaceOrder(id=id)) == ["UNKNOWN_PRICE"]

    def test_refuses_archived_channels(self, shop):
        shop.variant("MUG", 1)
        id = shop.create(goods("MUG"))
        shop.world.run(archive_channel, ArchiveChannel(id=shop.channel_id))

        assert shop.refused(place_order, PlaceOrder(id=id)) == ["CHANNEL_NOT_ACTIVE"]

    def test_happens_once(self, shop):
        shop.variant("MUG", 1)
        id = shop.place(goods("MUG"))

        assert shop.refused(place_order, PlaceOrder(id=id)) == ["INVALID_TRANSITION"]

    def test_refuses_what_is_not_there(self, shop):
        assert shop.refused(place_order, PlaceOrder(id=UUID(int=1))) == ["UNKNOWN_ORDER"]

    def test_tells_all_that_happened(self, shop):
        shop.variant("MUG", 1)
        before = len(shop.events())

        id = shop.place(goods("MUG"))

        assert shop.events()[before:] == ["order.created", "reservation.made", "order.placed"]
        assert shop.order(id).version == 2

    def test_refuses_a_version_that_is_not_the_present_one(self, shop):
        shop.variant("MUG", 1)
        id = shop.create(goods("MUG"))

        codes = shop.refused(place_order, PlaceOrder(id=id), expected_version=2)

        assert codes == ["STALE_VERSION"]
        shop.world.run(place_order, PlaceOrder(id=id), expected_version=1)


class TestStatements:
    def test_are_at_most_20_for_three_lines(self, shop):
        """With customer, address, idempotency key and the answer."""
        for sku in ("A", "B", "C"):
            shop.variant(sku, 5)
        draft = CustomerDraft(kind=CustomerKind.PERSON, name="Ana")
        customer = shop.world.run(create_customer, CreateCustomer(draft=draft)).value
        command = CreateOrder(
            channel="web",
            customer_id=customer,
            lines=(goods("A"), goods("B", 2), goods("C", 3)),
            shipping=euros(450),
            shipping_address=address(),
            place=True,
        )

        with count_statements(shop.world.database) as seen:
            id = shop.world.run(create_order, command, idempotency_key="one").value
            shop.order(id)

        statements = [each for each in seen if not each.startswith("BEGIN")]
        assert len(statements) <= 20, "\n".join(statements)

    def test_do_not_grow_with_the_lines(self, shop):
        for number in range(8):
            shop.variant(f"V{number}", 5)

        def statements(count):
            lines = tuple(goods(f"V{number}") for number in range(count))
            command = CreateOrder(channel="web", lines=lines, place=True)
            with count_statements(shop.world.database) as seen:
                shop.world.run(create_order, command)
            return len(seen)

        assert statements(2) == statements(8)

    def test_take_the_number_after_the_stock_and_few_after_it(self, shop):
        """Everybody who sells in the channel waits from the draw of the number to the commit."""
        shop.variant("MUG", 5)
        with count_statements(shop.world.database) as seen:
            shop.place(goods("MUG"))

        drawn = next(i for i, each in enumerate(seen) if each.startswith("UPDATE channels"))
        promised = next(i for i, each in enumerate(seen) if "UPDATE stock_levels" in each)
        assert promised < drawn
        assert len(seen) - drawn <= 5


class TestReserveOrder:
    def test_holds_stock_until_a_moment(self, shop):
        mug = shop.variant("MUG", 5)
        id = shop.create(goods("MUG", 4), POSTAGE)

        shop.world.run(reserve_order, ReserveOrder(id=id, until=NOW + timedelta(hours=1)))

        assert shop.reserved(mug) == 4
        order = shop.order(id)
        assert order.reserved_until == NOW + timedelta(hours=1)
        assert order.fulfillment_status is FulfillmentStatus.UNALLOCATED
        assert shop.events(id) == ["order.created", "order.reserved"]
        assert shop.broken() == []

    def test_can_be_made_longer(self, shop):
        mug = shop.variant("MUG", 5)
        id = shop.create(goods("MUG", 5), reserve_until=NOW + timedelta(hours=1))

        shop.world.run(reserve_order, ReserveOrder(id=id, until=NOW + timedelta(hours=2)))

        assert shop.reserved(mug) == 5
        assert shop.order(id).reserved_until == NOW + timedelta(hours=2)
        assert shop.broken() == []

    def test_refuses_the_past(self, shop):
        shop.variant("MUG", 5)
        id = shop.create(goods("MUG", 5))

        codes = shop.refused(reserve_order, ReserveOrder(id=id, until=NOW))

        assert codes == ["EXPIRY_NOT_AHEAD"]

    def test_refuses_what_is_not_there(self, shop):
        shop.variant("MUG", 5)
        id = shop.create(goods("MUG", 6))
        later = NOW + timedelta(hours=1)

        codes = shop.refused(reserve_order, ReserveOrder(id=id, until=later))

        assert codes == ["INSUFFICIENT_STOCK"]

    def test_refuses_empty_drafts_and_orders_that_are_placed(self, shop):
        shop.variant("MUG", 5)
        later = NOW + timedelta(hours=1)
        empty, placed = shop.create(), shop.place(goods("MUG"))

        assert shop.refused(reserve_order, ReserveOrder(id=empty, until=later)) == ["EMPTY_ORDER"]
        assert shop.refused(reserve_order, ReserveOrder(id=placed, until=later)) == [
            "INVALID_TRANSITION"
        ]
