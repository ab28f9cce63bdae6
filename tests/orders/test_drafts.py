"""Drafts: made and changed. On both databases."""

from datetime import timedelta
from uuid import UUID

import pytest

from backoffice_api.domain.customers.commands.customers import (
    ArchiveCustomer,
    CreateCustomer,
    archive_customer,
    create_customer,
)
from backoffice_api.domain.customers.model import CustomerDraft, CustomerKind
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.money import Money, UnitPrice
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.commands.channels import ArchiveChannel, archive_channel
from backoffice_api.domain.orders.commands.drafts import (
    CreateOrder,
    UpdateOrder,
    create_order,
    update_order,
)
from backoffice_api.domain.orders.commands.lines import LineDraft
from backoffice_api.domain.orders.commands.placing import PlaceOrder, place_order
from backoffice_api.domain.orders.model.lines import LineKind
from backoffice_api.domain.orders.model.orders import AddressKind, OrderDiscount, OrderStatus
from backoffice_api.domain.products.commands.products import ArchiveProduct, archive_product
from backoffice_api.domain.products.commands.variants import ArchiveVariant, archive_variant
from backoffice_api.domain.products.queries import variants_by_ids
from backoffice_api.domain.stock.commands.reservations import (
    ExpireReservations,
    expire_reservations,
)
from tests.orders.shop import POSTAGE, address, euros, goods, price
from tests.world import NOW

LATER = NOW + timedelta(hours=1)
SHOP_1 = ExternalId("shop", "1")


def discount(minor, label="Voucher", code=None, currency="EUR"):
    return OrderDiscount(label, code, minor, currency)


class TestCreateOrder:
    def test_makes_a_draft_without_a_number(self, shop):
        mug = shop.variant("MUG", 5)

        id = shop.create(goods("MUG", 3), POSTAGE, shipping=euros(250), note="Ring twice.")

        order = shop.order(id)
        assert (order.number, order.placed_at, order.status) == (None, None, OrderStatus.DRAFT)
        assert (order.note, order.currency, order.unshipped) == ("Ring twice.", "EUR", 3)
        assert order.total == euros(3_000 + 450 + 250)
        first, second = shop.lines(id)
        assert (first.kind, first.variant_id, first.sku) == (LineKind.GOODS, mug, "MUG")
        assert (first.title, first.price_given) == ("Thing MUG", False)
        assert (second.kind, second.variant_id, second.sku) == (LineKind.CHARGE, None, "POST")
        assert (second.title, second.price_given) == ("Postage", True)
        assert shop.reserved(mug) == 0
        assert shop.broken() == []

    def test_finds_variants_by_id_too(self, shop):
        mug = shop.variant("MUG")

        id = shop.create(LineDraft(variant_id=mug, quantity=1, title="Our mug"))

        assert [(line.sku, line.title) for line in shop.lines(id)] == [("MUG", "Our mug")]

    def test_keeps_contacts_in_canonical_form(self, shop):
        id = shop.create(email=" Ana@Example.com ", phone="+55 (11) 91234-5678")

        order = shop.order(id)
        assert (order.email, order.phone) == ("Ana@example.com", "+5511912345678")

    def test_keeps_addresses(self, shop):
        billing = address(AddressKind.BILLING, recipient="Ana Ltda")
        id = shop.create(shipping_address=address(), billing_address=billing)

        parts = shop.world.read(queries.parts, id)

        assert parts.address(AddressKind.SHIPPING) == address()
        assert parts.address(AddressKind.BILLING) == billing

    def test_shares_discounts_out_over_the_lines(self, shop):
        shop.variant("MUG")
        shop.variant("PEN", price=price(5_000_000))

        id = shop.create(
            goods("MUG"), goods("PEN"), discounts=(discount(100), discount(1, "Cent", "C1"))
        )

        assert [line.discount_minor for line in shop.lines(id)] == [67, 34]
        assert shop.order(id).ordered.discount == euros(101)
        assert shop.order(id).total == euros(1_500 - 101)
        assert shop.broken() == []

    def test_adds_tax_that_prices_do_not_contain(self, shop):
        shop.variant("MUG")
        line = goods("MUG", 2, tax=euros(380))
        how = {"shipping": euros(500), "shipping_tax": euros(95)}

        without, within = shop.create(line, **how), shop.create(line, tax_included=True, **how)

        assert shop.order(without).ordered.tax == euros(475)
        assert shop.order(without).total == euros(2_000 + 500 + 475)
        assert shop.order(within).ordered.tax == euros(475)
        assert shop.order(within).total == euros(2_000 + 500)
        assert shop.broken() == []

    def test_reserves_until_a_moment(self, shop):
        mug = shop.variant("MUG", 5)

        id = shop.create(goods("MUG", 4), reserve_until=LATER)

        assert shop.reserved(mug) == 4
        assert shop.order(id).reserved_until == LATER

    def test_changes_nothing_when_its_reservations_expire(self, shop):
        mug = shop.variant("MUG", 5)
        id = shop.create(goods("MUG", 4), reserve_until=LATER)
        before = shop.order(id)

        shop.world.run(expire_reservations, ExpireReservations(), now=LATER)

        assert shop.reserved(mug) == 0
        assert shop.order(id) == before
        assert shop.broken() == []
        shop.world.run(place_order, PlaceOrder(id=id), now=LATER)
        assert shop.reserved(mug) == 4

    def test_makes_an_order_that_is_sent_twice_once(self, shop):
        shop.create(external_ids=(SHOP_1,))

        again = CreateOrder(channel="web", external_ids=(SHOP_1,))

        assert shop.refused(create_order, again) == ["EXTERNAL_ID_TAKEN"]
        found = shop.world.read(queries.orders_by_external_ids, [SHOP_1])
        assert list(found) == [SHOP_1]

    def test_can_have_a_customer(self, shop):
        draft = CustomerDraft(kind=CustomerKind.PERSON, name="Ana")
        customer = shop.world.run(create_customer, CreateCustomer(draft=draft)).value

        assert shop.order(shop.create(customer_id=customer)).customer_id == customer

        shop.world.run(archive_customer, ArchiveCustomer(id=customer))
        command = CreateOrder(channel="web", customer_id=customer)
        assert shop.refused(create_order, command) == ["CUSTOMER_NOT_ACTIVE"]

    def test_refuses_channels_that_are_unknown_or_archived(self, shop):
        for channel in ("else", UUID(int=1)):
            assert shop.refused(create_order, CreateOrder(channel=channel)) == ["UNKNOWN_CHANNEL"]
        shop.world.run(archive_channel, ArchiveChannel(id=shop.channel_id))

        command = CreateOrder(channel=shop.channel_id)
        assert shop.refused(create_order, command) == ["CHANNEL_NOT_ACTIVE"]

    def test_refuses_what_is_not_for_sale(self, shop):
        mug, pen = shop.variant("MUG"), shop.variant("PEN")
        shop.world.run(archive_variant, ArchiveVariant(id=mug))
        product = shop.world.read(variants_by_ids, [pen])[pen].product_id
        shop.world.run(archive_product, ArchiveProduct(id=product))
        command = CreateOrder(channel="web", lines=(goods("MUG"), goods("PEN")))

        codes = shop.refused(create_order, command)

        assert codes == ["VARIANT_NOT_FOR_SALE", "VARIANT_NOT_FOR_SALE"]

    def test_tells_all_faults_of_its_lines_at_once(self, shop):
        mug = shop.variant("MUG", price=UnitPrice(1, "USD"))
        lines = (
            goods("ELSE"),
            LineDraft(variant_id=UUID(int=1), quantity=1),
            LineDraft(quantity=1),
            LineDraft(variant_id=mug, sku="MUG", quantity=1),
            goods("MUG"),
            goods("MUG", 0, unit_price=price(1)),
            goods("MUG", 1_000_000_001, unit_price=price(1)),
            goods("MUG", unit_price=UnitPrice(1, "USD")),
            goods("MUG", unit_price=price(-1)),
            goods("MUG", unit_price=price(1), tax=euros(-1)),
            goods("MUG", unit_price=price(1), tax=Money(1, "USD")),
            goods("MUG", 1_000_000_000, unit_price=price(10**13)),
            goods("MUG", 2, unit_price=price(10**18)),
            LineDraft(kind=LineKind.CHARGE, title="Postage", quantity=1),
            LineDraft(kind=LineKind.CHARGE, unit_price=price(1), quantity=1),
            goods("MUG", unit_price=price(1), title=""),
        )

        with pytest.raises(DomainError) as refusal:
            shop.create(*lines)

        found = [(each.code, each.path) for each in refusal.value.reasons()]
        assert found == [
            ("UNKNOWN_VARIANT", ("lines", 0, "sku")),
            ("UNKNOWN_VARIANT", ("lines", 1, "variant_id")),
            ("VARIANT_NEEDED", ("lines", 2)),
            ("VARIANT_NEEDED", ("lines", 3)),
            ("UNKNOWN_PRICE", ("lines", 4, "unit_price")),
            ("OUT_OF_RANGE", ("lines", 5, "quantity")),
            ("OUT_OF_RANGE", ("lines", 6, "quantity")),
            ("CURRENCY_MISMATCH", ("lines", 7, "unit_price")),
            ("NEGATIVE_AMOUNT", ("lines", 8, "unit_price")),
            ("NEGATIVE_AMOUNT", ("lines", 9, "tax")),
            ("CURRENCY_MISMATCH", ("lines", 10, "tax")),
            ("AMOUNT_TOO_LARGE", ("lines", 11, "unit_price")),
            ("AMOUNT_TOO_LARGE", ("lines", 12, "unit_price")),
            ("CHARGE_INCOMPLETE", ("lines", 13)),
            ("CHARGE_INCOMPLETE", ("lines", 14)),
            ("INVALID_TEXT", ("lines", 15, "title")),
        ]

    @pytest.mark.parametrize(
        ("values", "code", "path"),
        [
            ({"shipping": euros(-1)}, "NEGATIVE_AMOUNT", ("shipping",)),
            ({"shipping": euros(10**14 + 1)}, "AMOUNT_TOO_LARGE", ("shipping",)),
            ({"shipping_tax": Money(1, "USD")}, "CURRENCY_MISMATCH", ("shipping_tax",)),
            ({"discounts": (discount(1, ""),)}, "INVALID_TEXT", ("discounts", 0, "label")),
            ({"discounts": (discount(1, code=""),)}, "INVALID_TEXT", ("discounts", 0, "code")),
            ({"discounts": (discount(-1),)}, "NEGATIVE_AMOUNT", ("discounts", 0, "amount")),
            (
                {"discounts": (discount(1, currency="USD"),)},
                "CURRENCY_MISMATCH",
                ("discounts", 0, "amount"),
            ),
            ({"discounts": (discount(1),)}, "DISCOUNT_TOO_LARGE", ("discounts",)),
            ({"discounts": (discount(0),) * 51}, "TOO_MANY", ("discounts",)),
            ({"email": "ana"}, "INVALID_EMAIL", ("email",)),
            ({"phone": "1"}, "INVALID_PHONE", ("phone",)),
            ({"note": "x" * 5_001}, "INVALID_TEXT", ("note",)),
            ({"customer_id": UUID(int=1)}, "UNKNOWN_CUSTOMER", ("customer_id",)),
            (
                {"shipping_address": address(country="XX")},
                "UNKNOWN_COUNTRY",
                ("shipping_address", "country"),
            ),
            (
                {"billing_address": address(AddressKind.BILLING, recipient="")},
                "INVALID_TEXT",
                ("billing_address", "recipient"),
            ),
            ({"external_ids": (SHOP_1, SHOP_1)}, "TOO_MANY_EXTERNAL_IDS", ("external_ids",)),
            ({"place": True, "reserve_until": LATER}, "RESERVED_OR_PLACED", ("reserve_until",)),
            ({"reserve_until": NOW}, "EXPIRY_NOT_AHEAD", ()),
            ({"lines": (POSTAGE,) * 251}, "TOO_MANY", ("lines",)),
            ({"place": True}, "EMPTY_ORDER", ()),
        ],
    )
    def test_refuses_what_makes_no_sense(self, shop, values, code, path):
        with pytest.raises(DomainError) as refusal:
            shop.world.run(create_order, CreateOrder(channel="web", **values))

        assert [(each.code, each.path) for each in refusal.value.reasons()] == [(code, path)]
        assert shop.everything()[1] == []

    def test_refuses_a_sum_that_is_too_large(self, shop):
        shop.variant("MUG")
        line = goods("MUG", 1, unit_price=price(10**18))
        command = CreateOrder(channel="web", lines=(line, goods("MUG")))

        assert shop.refused(create_order, command) == ["AMOUNT_TOO_LARGE"]
        assert shop.order(shop.create(line)).total == euros(10**14)
        assert shop.broken() == []

    def test_keeps_nothing_of_a_dry_run(self, shop):
        mug = shop.variant("MUG", 5)
        before = shop.everything()
        command = CreateOrder(channel="web", lines=(goods("MUG"),), place=True)

        answer = shop.world.run(create_order, command, dry_run=True)

        assert [each.kind for each in answer.effects] == [
            "order.created",
            "reservation.made",
            "order.placed",
        ]
        assert (shop.everything(), shop.reserved(mug)) == (before, 0)
        assert shop.order(shop.place(goods("MUG"))).number == "W-1"

    def test_answers_a_repeated_key_with_the_first_order(self, shop):
        mug = shop.variant("MUG", 5)
        command = CreateOrder(channel="web", lines=(goods("MUG"),), place=True)

        first = shop.world.run(create_order, command, idempotency_key="one")
        second = shop.world.run(create_order, command, idempotency_key="one")

        assert (first.replayed, second.replayed) == (False, True)
        assert second.value == first.value
        assert shop.reserved(mug) == 1


class TestUpdateOrder:
    def test_changes_what_is_given_and_keeps_the_rest(self, shop):
        shop.variant("MUG")
        id = shop.create(
            goods("MUG", 2),
            shipping=euros(500),
            note="Old",
            email="ana@example.com",
            shipping_address=address(),
            external_ids=(SHOP_1,),
        )
        lines = shop.lines(id)

        shop.world.run(update_order, UpdateOrder(id=id, note="New", email=None))

        order = shop.order(id)
        assert (order.note, order.email, order.version) == ("New", None, 2)
        assert order.total == euros(2_500)
        assert shop.lines(id) == lines
        parts = shop.world.read(queries.parts, id)
        assert (parts.addresses, parts.external_ids) == ((address(),), (SHOP_1,))
        assert shop.broken() == []

    def test_replaces_lines_as_a_whole(self, shop):
        shop.variant("MUG")
        shop.variant("PEN")
        id = shop.create(goods("MUG", 2), discounts=(discount(100),))

        command = UpdateOrder(id=id, lines=(goods("PEN", 3), POSTAGE))
        shop.world.run(update_order, command)

        lines = shop.lines(id)
        assert [(line.sku, line.quantity) for line in lines] == [("PEN", 3), ("POST", 1)]
        assert [line.discount_minor for line in lines] == [87, 13]
        assert shop.order(id).total == euros(3_450 - 100)
        assert shop.broken() == []

    def test_shares_out_discounts_anew(self, shop):
        shop.variant("MUG")
        id = shop.create(goods("MUG", 2), discounts=(discount(100),))

        shop.world.run(update_order, UpdateOrder(id=id, discounts=(discount(70), discount(5))))

        assert [line.discount_minor for line in shop.lines(id)] == [75]
        assert shop.order(id).total == euros(1_925)
        assert shop.broken() == []

    def test_changes_amounts_addresses_and_names(self, shop):
        shop.variant("MUG")
        id = shop.create(goods("MUG", tax=euros(100)), shipping_address=address())
        new = address(AddressKind.BILLING, city="Recife")

        shop.world.run(
            update_order,
            UpdateOrder(
                id=id,
                shipping=euros(300),
                shipping_tax=euros(30),
                tax_included=True,
                shipping_address=None,
                billing_address=new,
                phone="+5511912345678",
                external_ids=(SHOP_1,),
            ),
        )

        order = shop.order(id)
        assert (order.total, order.ordered.tax) == (euros(1_300), euros(130))
        assert (order.tax_included, order.phone) == (True, "+5511912345678")
        parts = shop.world.read(queries.parts, id)
        assert (parts.addresses, parts.external_ids) == ((new,), (SHOP_1,))
        shop.world.run(update_order, UpdateOrder(id=id, shipping=None, tax_included=False))
        assert shop.order(id).total == euros(1_000 + 130)
        assert shop.broken() == []

    def test_moves_reservations_to_the_new_lines(self, shop):
        mug, pen = shop.variant("MUG", 5), shop.variant("PEN", 5)
        id = shop.create(goods("MUG", 4), reserve_until=LATER)

        shop.world.run(update_order, UpdateOrder(id=id, lines=(goods("PEN", 2),)))

        assert (shop.reserved(mug), shop.reserved(pen)) == (0, 2)
        assert shop.broken() == []

    def test_reserves_nothing_more_once_the_time_is_over(self, shop):
        mug, pen = shop.variant("MUG", 5), shop.variant("PEN", 5)
        id = shop.create(goods("MUG", 4), reserve_until=LATER)

        command = UpdateOrder(id=id, lines=(goods("PEN", 2),))
        shop.world.run(update_order, command, now=LATER)

        assert (shop.reserved(mug), shop.reserved(pen)) == (0, 0)
        assert shop.broken() == []

    def test_changes_nothing_where_new_lines_cannot_be_reserved(self, shop):
        mug, _pen = shop.variant("MUG", 5), shop.variant("PEN", 1)
        id = shop.create(goods("MUG", 4), reserve_until=LATER)

        codes = shop.refused(update_order, UpdateOrder(id=id, lines=(goods("PEN", 2),)))

        assert codes == ["INSUFFICIENT_STOCK"]
        assert (shop.reserved(mug), [line.sku for line in shop.lines(id)]) == (4, ["MUG"])

    def test_tells_what_changed_and_masks_what_is_personal(self, shop):
        shop.variant("MUG")
        id = shop.create(goods("MUG"), email="ana@example.com", shipping_address=address())

        shop.world.run(
            update_order,
            UpdateOrder(id=id, email="bia@example.com", shipping_address=None, lines=()),
        )

        assert shop.events(id) == ["order.created", "order.updated"]
        changes = {each["path"]: each for each in shop.log(id)[-1].changes}
        assert changes["email"] == {"path": "email", "before": "(personal)", "after": "(personal)"}
        assert changes["addresses"]["before"] == "(personal)"
        assert changes["total_minor"]["before"] == 1_000
        assert changes["lines"]["after"] == []
        assert changes["lines"]["before"][0]["sku"] == "MUG"

    def test_refuses_orders_that_are_placed(self, shop):
        shop.variant("MUG", 1)
        id = shop.place(goods("MUG"))

        assert shop.refused(update_order, UpdateOrder(id=id, note="x")) == ["INVALID_TRANSITION"]

    def test_refuses_external_ids_of_others(self, shop):
        shop.create(external_ids=(SHOP_1,))
        id = shop.create()

        command = UpdateOrder(id=id, external_ids=(SHOP_1,))

        assert shop.refused(update_order, command) == ["EXTERNAL_ID_TAKEN"]

    def test_refuses_what_makes_no_sense(self, shop):
        id = shop.create()
        command = UpdateOrder(id=id, email="x", lines=(goods("ELSE"),), shipping=Money(1, "USD"))

        assert shop.refused(update_order, command) == [
            "CURRENCY_MISMATCH",
            "INVALID_EMAIL",
            "UNKNOWN_VARIANT",
        ]
