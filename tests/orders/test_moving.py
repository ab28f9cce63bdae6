"""Orders that are split and merged: nothing is lost on the way. On both databases."""

from backoffice_api.domain.customers.commands.customers import CreateCustomer, create_customer
from backoffice_api.domain.customers.model import CustomerDraft, CustomerKind
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.orders.commands.cancelling import UncancelOrder, uncancel_order
from backoffice_api.domain.orders.commands.channels import CreateChannel, create_channel
from backoffice_api.domain.orders.commands.holds import HoldOrder, hold_order
from backoffice_api.domain.orders.commands.imports import ImportOrder, import_order
from backoffice_api.domain.orders.commands.merging import MergeOrders, merge_orders
from backoffice_api.domain.orders.commands.splitting import SplitOrder, split_order
from backoffice_api.domain.orders.model.holds import HoldKind
from backoffice_api.domain.orders.model.imports import ChannelOrderState
from backoffice_api.domain.orders.model.lines import LineQuantity
from backoffice_api.domain.orders.model.moves import MergedShipping
from backoffice_api.domain.orders.model.orders import OrderDiscount, OrderStatus
from backoffice_api.domain.orders.queries import (
    open_holds_by_orders,
    shipping_addresses_by_orders,
)
from tests.databases import count_statements
from tests.orders.kits import kit
from tests.orders.shop import POSTAGE, address, euros, goods, price
from tests.orders.test_importing import tell, told
from tests.orders.test_order_races import all_at_once


def customer(shop):
    draft = CustomerDraft(kind=CustomerKind.PERSON, name="Ana")
    return shop.world.run(create_customer, CreateCustomer(draft=draft)).value


def pieces(shop, id, *quantities):
    lines = zip(shop.lines(id), quantities, strict=False)
    return tuple(LineQuantity(line.id, quantity) for line, quantity in lines if quantity)


def split(shop, id, *quantities, **values):
    command = SplitOrder(id=id, lines=pieces(shop, id, *quantities), **values)
    return shop.world.run(split_order, command).value


def merge(shop, id, *others, **values):
    return shop.world.run(merge_orders, MergeOrders(id=id, order_ids=others, **values)).value


def sums(shop, *orders):
    found = [shop.order(id).current for id in orders]
    return tuple(
        sum(getattr(each, name).minor for each in found)
        for name in ("subtotal", "discount", "shipping", "tax", "total")
    )


class TestSplitOrder:
    def test_makes_an_order_of_some_pieces(self, shop):
        mug = shop.variant("MUG", 9)
        id = shop.place(goods("MUG", 3), POSTAGE, shipping=euros(500), shipping_address=address())

        new = split(shop, id, 1, shipping=euros(200))

        whole, part = shop.order(id), shop.order(new)
        assert (whole.number, part.number) == ("W-1", "W-2")
        assert part.split_from_id == id
        assert part.status is OrderStatus.OPEN
        assert (whole.current.total, part.current.total) == (euros(2_750), euros(1_200))
        assert [line.quantity for line in shop.lines(new)] == [1]
        assert shop.world.read(shipping_addresses_by_orders, [new])[new].city == "São Paulo"
        assert shop.reserved(mug) == 3
        assert shop.broken() == []

    def test_comes_to_the_same_to_the_cent(self, shop):
        shop.variant("MUG", 99, price=price(335_000))
        shop.variant("PEN", 99, price=price(115_000))
        voucher = OrderDiscount("Voucher", None, 101, "EUR")
        id = shop.place(
            goods("MUG", 7, tax=euros(33)), goods("PEN", 9, tax=euros(7)), discounts=(voucher,)
        )
        before = sums(shop, id)

        parts = [id, *(split(shop, id, 1, 1) for _ in range(6))]

        after = sums(shop, *parts)
        assert after[2:] == before[2:]
        assert after[0] - after[1] == before[0] - before[1]
        assert shop.broken() == []

    def test_takes_kits_apart_by_their_pieces(self, shop):
        cup, plate = shop.variant("CUP", 8), shop.variant("PLATE", 4)
        kit(shop, "SET", (cup, 2), (plate, 1), price=price(30_000_000))
        id = shop.place(goods("SET", 4))

        split(shop, id, 3)

        assert (shop.reserved(cup), shop.reserved(plate)) == (8, 4)
        assert shop.broken() == []

    def test_lets_go_what_waits(self, shop):
        mug = shop.variant("MUG", 1)
        _, id = tell(shop, told())

        new = split(shop, id, 1)

        assert (shop.order(id).unshipped, shop.order(new).unshipped) == (1, 1)
        assert shop.reserved(mug) == 1
        assert shop.broken() == []

    def test_copies_holds(self, shop):
        shop.variant("MUG", 9)
        id = shop.place(goods("MUG", 2))
        shop.world.run(hold_order, HoldOrder(id=id, kind=HoldKind.FRAUD))

        new = split(shop, id, 1)

        held = shop.world.read(open_holds_by_orders, [id, new])
        assert [hold.kind for hold in held[new]] == [HoldKind.FRAUD]
        assert len(held[id]) == 1
        assert shop.broken() == []

    def test_tells_of_both_and_leaves_the_money(self, shop):
        shop.variant("MUG", 9)
        id = shop.place(goods("MUG", 2))

        new = split(shop, id, 1)

        assert shop.events(id)[-2:] == ["order.split", "order.to_settle"]
        assert shop.log(id)[-1].data["settlement"] == "leave_open"
        assert shop.events(new) == ["order.split_off"]

    def test_refuses_what_makes_no_sense(self, shop):
        shop.variant("MUG", 9)
        id = shop.place(goods("MUG", 3), POSTAGE, shipping=euros(500))
        shop.ship(id, 1)

        def codes(*quantities, **values):
            command = SplitOrder(id=id, lines=pieces(shop, id, *quantities), **values)
            return shop.refused(split_order, command)

        assert codes() == ["NOTHING_TO_CANCEL"]
        assert codes(3) == ["QUANTITY_EXCEEDED"]
        assert codes(1, shipping=euros(501)) == ["SHIPPING_EXCEEDED"]
        whole = shop.place(goods("MUG", 1))
        command = SplitOrder(id=whole, lines=pieces(shop, whole, 1))
        assert shop.refused(split_order, command) == ["NOTHING_LEFT"]


class TestMergeOrders:
    def test_lets_orders_go_on_in_one_of_them(self, shop):
        mug, pen = shop.variant("MUG", 9), shop.variant("PEN", 9)
        who = customer(shop)
        voucher = OrderDiscount("Voucher", None, 101, "EUR")
        target = shop.place(goods("MUG", 1), shipping=euros(500), customer_id=who)
        other = shop.place(
            goods("MUG", 2), goods("PEN", 3), shipping=euros(400), customer_id=who,
            discounts=(voucher,),
        )  # fmt: skip

        merge(shop, target, other)

        assert [(line.sku, line.quantity, line.added) for line in shop.lines(target)] == [
            ("MUG", 1, 0),
            ("MUG", 2, 2),
            ("PEN", 3, 3),
        ]
        assert shop.order(target).current.total == euros(6_000 - 101 + 500)
        merged = shop.order(other)
        assert (merged.status, merged.merged_into_id) == (OrderStatus.CANCELLED, target)
        assert (shop.reserved(mug), shop.reserved(pen)) == (3, 3)
        assert shop.events(other)[-3:] == ["order.merged", "order.cancelled", "order.to_settle"]
        assert shop.events(target)[-2:] == ["order.extended", "order.to_settle"]
        assert shop.refused(uncancel_order, UncancelOrder(id=other)) == ["NOT_UNCANCELLABLE"]
        assert shop.broken() == []

    def test_comes_to_the_same_where_deliveries_are_kept(self, shop):
        shop.variant("MUG", 99, price=price(335_000))
        who = customer(shop)
        voucher = OrderDiscount("Voucher", None, 33, "EUR")
        orders = [
            shop.place(
                goods("MUG", 3 + number, tax=euros(7)),
                shipping=euros(100),
                shipping_tax=euros(19),
                discounts=(voucher,),
                customer_id=who,
            )
            for number in range(3)
        ]
        before = sums(shop, *orders)

        merge(shop, *orders, shipping=MergedShipping.KEEP)

        assert sums(shop, *orders) == before
        assert shop.broken() == []

    def test_takes_kits_and_holds_along(self, shop):
        cup = shop.variant("CUP", 8)
        kit(shop, "SET", (cup, 2), price=price(30_000_000))
        who = customer(shop)
        target, other = (shop.place(goods("SET", 2), customer_id=who) for _ in range(2))
        shop.world.run(hold_order, HoldOrder(id=other, kind=HoldKind.FRAUD))

        merge(shop, target, other)

        assert shop.reserved(cup) == 8
        assert (shop.order(target).has_hold, shop.order(other).has_hold) == (True, False)
        assert shop.broken() == []

    def test_takes_the_address_that_is_said_to_be_right(self, shop):
        who = customer(shop)
        target = shop.place(POSTAGE, customer_id=who, shipping_address=address())
        other = shop.place(POSTAGE, customer_id=who, shipping_address=address(city="Rio"))
        command = MergeOrders(id=target, order_ids=(other,))
        assert shop.refused(merge_orders, command) == ["NOT_MERGEABLE"]

        merge(shop, target, other, address_of=other)

        assert shop.world.read(shipping_addresses_by_orders, [target])[target].city == "Rio"
        assert shop.broken() == []

    def test_refuses_orders_that_are_not_alike(self, shop):
        shop.variant("MUG", 9)
        command = CreateChannel(code="shop", name="Shop", currency="EUR")
        shop.world.run(create_channel, command)
        who = customer(shop)
        target = shop.place(POSTAGE, customer_id=who)
        shipped = shop.place(goods("MUG", 2), customer_id=who)
        shop.ship(shipped, 1)

        def codes(*others):
            return shop.refused(merge_orders, MergeOrders(id=target, order_ids=others))

        assert codes() == ["NOTHING_TO_CANCEL"]
        assert codes(target) == ["NOT_MERGEABLE"]
        assert codes(shipped) == ["NOT_MERGEABLE"]
        assert codes(shop.place(POSTAGE)) == ["NOT_MERGEABLE"]
        assert codes(shop.place(POSTAGE, customer_id=customer(shop))) == ["NOT_MERGEABLE"]
        assert codes(shop.place(POSTAGE, customer_id=who, tax_included=True)) == ["NOT_MERGEABLE"]
        assert codes(shop.create(POSTAGE, customer_id=who)) == ["INVALID_TRANSITION"]

    def test_happens_once_to_an_order(self, shop):
        mug = shop.variant("MUG", 9)
        who = customer(shop)
        first, second, third = (shop.place(goods("MUG", 2), customer_id=who) for _ in range(3))
        jobs = [
            (merge_orders, MergeOrders(id=first, order_ids=(third,))),
            (merge_orders, MergeOrders(id=second, order_ids=(third,))),
            (merge_orders, MergeOrders(id=third, order_ids=(first, second))),
        ]

        came_to = all_at_once(shop, jobs)

        assert came_to.count("INVALID_TRANSITION") == 2
        assert shop.reserved(mug) == 6
        assert shop.broken() == []

    def test_is_known_to_whoever_imports(self, shop):
        shop.variant("MUG", 9)
        _, target = tell(shop, told("A-1", email="ana@example.com"))
        _, other = tell(shop, told("A-2", email="ana@example.com"))
        merge(shop, target, other)
        order = told("A-2", 1, state=ChannelOrderState.CANCELLED)

        assert shop.refused(import_order, ImportOrder(order=order)) == ["WENT_ON"]

    def test_takes_as_many_statements_for_many_lines_as_for_few(self, shop):
        for number in range(8):
            shop.variant(f"V{number}", 9)
        who = customer(shop)

        def statements(count):
            lines = [goods(f"V{number}") for number in range(count)]
            target, other = (shop.place(*lines, customer_id=who) for _ in range(2))
            with count_statements(shop.world.database) as seen:
                merge(shop, target, other)
                split(shop, target, *(1 for _ in lines))
            return len(seen)

        assert statements(2) == statements(8)


MOVE = """
mutation ($id: ID!, $line: ID!) {
  orderSplit(id: $id, input: {lines: [{lineId: $line, quantity: 1}]}) {
    order { id number splitFrom { number splitOrders(first: 5) { nodes { number } } } }
    userErrors { code }
  }
}
"""
MERGE = """
mutation ($id: ID!, $others: [ID!]!) {
  orderMerge(id: $id, input: {orderIds: $others, shipping: KEEP}) {
    order { number mergedOrders(first: 5) { nodes { number status mergedInto { number } } } }
    userErrors { code }
  }
}
"""


class TestOverGraphql:
    async def test_goes_apart_and_together_again(self, shop):
        shop.variant("MUG", 9)
        whole = shop.place(goods("MUG", 2), customer_id=customer(shop))
        id, line = ids.text("ord", whole), ids.text("oln", shop.lines(whole)[0].id)

        parted = (await shop.world.graphql(MOVE, id=id, line=line))["orderSplit"]
        others = [parted["order"].pop("id")]
        joined = (await shop.world.graphql(MERGE, id=id, others=others))["orderMerge"]

        assert parted["order"] == {
            "number": "W-2",
            "splitFrom": {"number": "W-1", "splitOrders": {"nodes": [{"number": "W-2"}]}},
        }
        assert joined["order"]["mergedOrders"]["nodes"] == [
            {"number": "W-2", "status": "CANCELLED", "mergedInto": {"number": "W-1"}}
        ]
        assert shop.broken() == []
