"""Orders that are edited after they were placed. On both databases."""

from concurrent.futures import ThreadPoolExecutor

from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.commands.buffers import (
    SetChannelStockRules,
    StockRuleDraft,
    set_channel_stock_rules,
)
from backoffice_api.domain.orders.commands.editing import EditOrder, edit_order
from backoffice_api.domain.orders.model.edits import LineChange
from backoffice_api.domain.orders.model.orders import FulfillmentStatus, OrderDiscount
from backoffice_api.domain.orders.model.settlement import Settlement
from tests.databases import count_statements
from tests.orders.kits import kit
from tests.orders.shop import POSTAGE, address, euros, goods, price


def edit(shop, id, *changes, **values):
    command = EditOrder(id=id, lines=tuple(changes), **values)
    return shop.world.run(edit_order, command)


def change(line, quantity=None, **values):
    return LineChange(line_id=line.id, quantity=quantity, **values)


class TestEditOrder:
    def test_adds_pieces_and_promises_them(self, shop):
        mug = shop.variant("MUG", 2, 3)
        id = shop.place(goods("MUG", 2))

        edit(shop, id, change(shop.lines(id)[0], 5))

        (line,) = shop.lines(id)
        assert (line.ordered_quantity, line.quantity, line.added, line.cancelled) == (2, 5, 3, 0)
        assert shop.order(id).current.total == euros(5_000)
        assert shop.order(id).unshipped == 5
        assert shop.reserved(mug) == 5
        assert shop.broken() == []

    def test_takes_pieces_off_and_gives_them_back(self, shop):
        mug = shop.variant("MUG", 9)
        id = shop.place(goods("MUG", 5), POSTAGE)

        edit(shop, id, change(shop.lines(id)[0], 2))

        line, _ = shop.lines(id)
        assert (line.ordered_quantity, line.added, line.cancelled) == (5, 0, 3)
        assert shop.order(id).total == euros(5_450)
        assert shop.order(id).current.total == euros(2_450)
        assert shop.reserved(mug) == 2
        assert shop.broken() == []

    def test_adds_lines_of_goods_and_charges(self, shop):
        shop.variant("MUG", 9)
        pen = shop.variant("PEN", 9, price=price(333_000))
        id = shop.place(goods("MUG"))

        edit(shop, id, add_lines=(goods("PEN", 3), POSTAGE))

        assert [line.position for line in shop.lines(id)] == [0, 1, 2]
        assert [line.added for line in shop.lines(id)] == [0, 3, 1]
        assert [line.ordered_quantity for line in shop.lines(id)] == [1, 0, 0]
        assert shop.order(id).current.total == euros(1_000 + 100 + 450)
        assert shop.reserved(pen) == 3
        assert shop.broken() == []

    def test_changes_goods_for_others_of_which_there_are_just_enough(self, shop):
        mug = shop.variant("MUG", 3)
        id = shop.place(goods("MUG", 3))

        edit(shop, id, change(shop.lines(id)[0], 0), add_lines=(goods("MUG", 3),))

        assert [line.current_quantity for line in shop.lines(id)] == [0, 3]
        assert shop.reserved(mug) == 3
        assert shop.broken() == []

    def test_promises_the_components_of_kits(self, shop):
        cup, plate = shop.variant("CUP", 20), shop.variant("PLATE", 20)
        kit(shop, "SET", (cup, 2), (plate, 1), price=price(30_000_000))
        id = shop.place(goods("SET"))

        edit(shop, id, change(shop.lines(id)[0], 3), add_lines=(goods("SET"),))
        assert (shop.reserved(cup), shop.reserved(plate)) == (8, 4)
        assert shop.broken() == []

        edit(shop, id, change(shop.lines(id)[0], 1))
        assert (shop.reserved(cup), shop.reserved(plate)) == (4, 2)
        assert shop.broken() == []

    def test_lets_wait_what_the_channel_may_sell_beyond_the_stock(self, shop):
        mug = shop.variant("MUG", 2)
        rule = StockRuleDraft(channel_id=shop.channel_id, variant_id=mug, backorder_limit=10)
        shop.world.run(set_channel_stock_rules, SetChannelStockRules(rules=(rule,)))
        id = shop.place(goods("MUG", 3))
        line = shop.lines(id)[0]

        edit(shop, id, change(line, 6))
        assert shop.reserved(mug) == 2
        assert shop.broken() == []

        edit(shop, id, change(line, 1))
        assert shop.reserved(mug) == 1
        edit(shop, id, change(line, 4))
        assert shop.reserved(mug) == 2
        assert shop.broken() == []

    def test_changes_prices_and_lets_the_tax_follow(self, shop):
        shop.variant("MUG", 9)
        id = shop.place(goods("MUG", 3, tax=euros(300)), tax_included=True)

        edit(shop, id, change(shop.lines(id)[0], unit_price=price(5_000_000)))

        (line,) = shop.lines(id)
        assert (line.current.subtotal, line.current.tax) == (euros(1_500), euros(150))
        assert line.price_given is True
        assert shop.broken() == []

    def test_takes_the_tax_of_what_is_wanted(self, shop):
        shop.variant("MUG", 9)
        id = shop.place(goods("MUG", 7, tax=euros(700)), tax_included=True)

        edit(shop, id, change(shop.lines(id)[0], 3, tax=euros(101)))

        assert shop.lines(id)[0].current.tax == euros(101)
        assert shop.broken() == []

    def test_shares_out_discounts_anew(self, shop):
        shop.variant("MUG", 9)
        shop.variant("PEN", 9)
        id = shop.place(goods("MUG", 1), goods("PEN", 1))

        edit(shop, id, discounts=(OrderDiscount("Sorry", None, 301, "EUR"),))

        assert [line.discount_minor for line in shop.lines(id)] == [151, 150]
        assert shop.order(id).current.total == euros(1_699)
        assert shop.broken() == []

    def test_leaves_what_was_shipped_its_discount(self, shop):
        shop.variant("MUG", 9)
        shop.variant("PEN", 9)
        voucher = OrderDiscount("Voucher", None, 200, "EUR")
        id = shop.place(goods("MUG", 1), goods("PEN", 1), discounts=(voucher,))
        shop.ship(id, 1)

        edit(shop, id, discounts=(OrderDiscount("Voucher", None, 500, "EUR"),))

        assert [line.discount_minor for line in shop.lines(id)] == [100, 400]
        assert shop.broken() == []
        less = EditOrder(id=id, discounts=(OrderDiscount("Voucher", None, 99, "EUR"),))
        assert shop.refused(edit_order, less) == ["DISCOUNT_TOO_SMALL"]

    def test_changes_what_else_is_written_on_it(self, shop):
        shop.variant("MUG", 9)
        id = shop.place(goods("MUG"), email="a@example.com", shipping=euros(500))

        edit(
            shop,
            id,
            shipping=euros(300),
            shipping_address=address(city="Rio"),
            email="b@example.com",
            phone="+5511999990000",
            note="Ring twice",
        )

        order = shop.order(id)
        assert (order.email, order.phone, order.note) == (
            "b@example.com",
            "+5511999990000",
            "Ring twice",
        )
        assert order.current.total == euros(1_300)
        assert address_of(shop, id).city == "Rio"
        assert shop.broken() == []

    def test_tells_what_changed_and_how_it_is_settled(self, shop):
        shop.variant("MUG", 9)
        id = shop.place(goods("MUG", 2))
        line = shop.lines(id)[0]

        edit(shop, id, change(line, 3), settlement=Settlement.CHARGE)

        edited, settled = shop.log(id)[-2:]
        assert (edited.type, settled.type) == ("order.edited", "order.to_settle")
        (told,) = edited.data["lines"]
        assert (told["sku"], told["added"], told["removed"]) == ("MUG", 1, 0)
        assert settled.data["settlement"] == "charge"
        assert settled.data["total_before_minor"] == 2_000
        assert settled.data["total_after_minor"] == 3_000
        assert "lines" in {each["path"].split(".")[0] for each in edited.changes}

    def test_tells_nobody_to_settle_where_nothing_is_to_be(self, shop):
        shop.variant("MUG", 9)
        id = shop.place(goods("MUG", 2))

        edit(shop, id, note="Ring twice")

        assert shop.events(id)[-1] == "order.edited"

    def test_shows_beforehand_what_it_would_do(self, shop):
        mug = shop.variant("MUG", 9)
        id = shop.place(goods("MUG", 2))
        before = shop.everything()
        command = EditOrder(
            id=id, lines=(change(shop.lines(id)[0], 3),), settlement=Settlement.CHARGE
        )

        would = shop.world.run(edit_order, command, dry_run=True)

        assert shop.everything() == before
        assert shop.reserved(mug) == 2
        done = shop.world.run(edit_order, command)
        assert [each.kind for each in would.effects] == [each.kind for each in done.effects]
        assert [each.kind for each in done.effects] == [
            "order.edited",
            "order.to_settle",
            "reservation.made",
            "payment.created",
            "receivable.expected",
        ]

    def test_leaves_what_has_left_the_house(self, shop):
        shop.variant("MUG", 9)
        id = shop.place(goods("MUG", 3), POSTAGE)
        shop.ship(id, 2)
        line = shop.lines(id)[0]

        for refused in (
            change(line, 1),
            change(line, unit_price=price(1)),
            change(line, tax=euros(1)),
        ):
            codes = shop.refused(edit_order, EditOrder(id=id, lines=(refused,)))
            assert codes == ["PIECES_SHIPPED"]

        edit(shop, id, change(line, 2))
        assert shop.order(id).fulfillment_status is FulfillmentStatus.SHIPPED
        assert shop.broken() == []

    def test_refuses_what_makes_no_sense(self, shop):
        shop.variant("MUG", 3)
        id = shop.place(goods("MUG", 2))
        other = shop.lines(shop.place(POSTAGE))[0]
        line = shop.lines(id)[0]

        def codes(*changes, **values):
            return shop.refused(edit_order, EditOrder(id=id, lines=tuple(changes), **values))

        assert codes() == ["NOTHING_CHANGED"]
        assert codes(change(line, 2)) == ["NOTHING_CHANGED"]
        assert codes(change(line, 0)) == ["NOTHING_LEFT"]
        assert codes(change(line, -1)) == ["OUT_OF_RANGE"]
        assert codes(change(line, 4)) == ["INSUFFICIENT_STOCK"]
        assert codes(change(line, 1), change(line, 1)) == ["DUPLICATE"]
        assert codes(change(other, 1)) == ["UNKNOWN_ORDER_LINE"]
        assert codes(change(line, unit_price=price(-1))) == ["NEGATIVE_AMOUNT"]
        assert codes(add_lines=(goods("PEN"),)) == ["UNKNOWN_VARIANT"]
        too_much = OrderDiscount("Voucher", None, 2_001, "EUR")
        assert codes(discounts=(too_much,)) == ["DISCOUNT_TOO_LARGE"]

    def test_refuses_a_price_below_the_discount_on_it(self, shop):
        shop.variant("MUG", 3)
        id = shop.place(goods("MUG"), discounts=(OrderDiscount("V", None, 600, "EUR"),))
        cheap = change(shop.lines(id)[0], unit_price=price(5_000_000))

        refused = shop.refused(edit_order, EditOrder(id=id, lines=(cheap,)))

        assert refused == ["DISCOUNT_TOO_LARGE"]
        edit(shop, id, cheap, discounts=())
        assert shop.order(id).current.total == euros(500)
        assert shop.broken() == []

    def test_is_for_orders_that_are_placed(self, shop):
        id = shop.create(POSTAGE)

        assert shop.refused(edit_order, EditOrder(id=id, note="x")) == ["INVALID_TRANSITION"]

    def test_takes_as_many_statements_for_many_lines_as_for_few(self, shop):
        for number in range(8):
            shop.variant(f"V{number}", 9)

        def statements(count):
            id = shop.place(*(goods(f"V{number}") for number in range(count)))
            half = shop.lines(id)[: count // 2]
            grown = [change(line, 3) for line in half]
            added = tuple(goods(f"V{number}") for number in range(count))
            with count_statements(shop.world.database) as seen:
                edit(shop, id, *grown, add_lines=added)
            return len(seen)

        assert statements(2) == statements(8)


def address_of(shop, id):
    return shop.world.read(queries.shipping_addresses_by_orders, [id])[id]


class TestTwoEditors:
    def test_are_told_when_the_order_is_another_one_by_now(self, shop):
        shop.variant("MUG", 9)
        id = shop.place(goods("MUG", 1))
        version = shop.order(id).version
        edit(shop, id, note="first")

        command = EditOrder(id=id, note="second")
        codes = shop.refused(edit_order, command, expected_version=version)

        assert codes == ["STALE_VERSION"]

    def test_at_once_both_get_their_pieces_or_nothing(self, shop):
        """They exchange the same two goods crosswise, and never wait for each other for good."""
        mug, pen = shop.variant("MUG", 10), shop.variant("PEN", 10)
        orders = [
            shop.place(goods("MUG", 2), goods("PEN", 2), POSTAGE),
            shop.place(goods("PEN", 2), goods("MUG", 2), POSTAGE),
        ]

        def work(number):
            id = orders[number % 2]
            first, second, _ = shop.lines(id)
            wanted = 1 + number % 3
            try:
                edit(shop, id, change(first, wanted), change(second, 4 - wanted))
            except DomainError as refusal:
                assert refusal.code in ("NOTHING_CHANGED", "INSUFFICIENT_STOCK")  # noqa: PT017

        with ThreadPoolExecutor(2 if shop.world.database.dialect == "sqlite" else 6) as pool:
            list(pool.map(work, range(18)))

        wanted = [line.unshipped for id in orders for line in shop.lines(id)]
        assert shop.reserved(mug) + shop.reserved(pen) == sum(wanted)
        assert shop.broken() == []
