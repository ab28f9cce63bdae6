"""What is posted when something happens in the shop."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.ledger.tables import entries
from backoffice_api.domain.orders.commands.cancelling import CancelOrder, cancel_order
from backoffice_api.domain.orders.model.lines import LineQuantity
from backoffice_api.domain.orders.model.orders import CancelReason, OrderDiscount
from backoffice_api.domain.payments.commands.disputing import (
    CreateDispute,
    ResolveDispute,
    create_dispute,
    resolve_dispute,
)
from backoffice_api.domain.payments.commands.moving import RecordIncoming, record_incoming
from backoffice_api.domain.payments.model.payments import PaymentMethod
from backoffice_api.domain.payments.model.refunds import RefundDestination, RefundReason
from backoffice_api.domain.purchasing.commands.receiving import (
    SetReceiptCharges,
    set_receipt_charges,
)
from backoffice_api.domain.purchasing.commands.returning import (
    ReturnedLine,
    ReturnPurchase,
    return_purchase,
)
from backoffice_api.domain.purchasing.model.receipts import Charge, ChargeBasis, ChargeKind
from backoffice_api.domain.shipping.commands.labels import VoidLabel, void_label
from tests.bookkeeping.counting_house import CountingHouse, opened, trial_balance, wrong
from tests.databases import count_statements
from tests.orders.shop import euros, goods
from tests.purchasing.desk import Desk as BuyersDesk
from tests.shipping.desk import Desk as ShippingDesk
from tests.world import NOW, World

# An order whose parts cannot be shared out without a rest: 31.00 - 1.00 + 5.00 + 6.05 of tax.
ODD: dict[str, Any] = {
    "discounts": (OrderDiscount("Hello", None, 100, "EUR"),),
    "shipping": euros(500),
    "shipping_tax": euros(105),
}


class TestKeepBooks:
    def test_posts_nothing_before_the_books_are_open(self, house: CountingHouse) -> None:
        order_id = house.order(3)
        house.paid(order_id)
        house.shipped(order_id)

        assert house.trial() == {}

    def test_bills_what_leaves_and_uses_up_what_was_paid(self, house: CountingHouse) -> None:
        house.open()
        order_id = house.order(3)

        house.paid(order_id, 2_000)
        assert house.since() == {"bank": 2_000, "customer_deposits": -2_000}
        house.shipped(order_id, 1)
        assert house.since() == {
            "bank": 2_000,
            "customer_deposits": -1_000,
            "cost_of_sales": 400,
            "inventory": -400,
            "sales": -1_000,
        }
        house.shipped(order_id)
        assert house.since() == {
            "bank": 2_000,
            "cost_of_sales": 1_200,
            "inventory": -1_200,
            "receivables": 1_000,
            "sales": -3_000,
        }
        house.paid(order_id)
        assert house.since() == {
            "bank": 3_000,
            "cost_of_sales": 1_200,
            "inventory": -1_200,
            "sales": -3_000,
        }
        assert house.wrong() == []

    @pytest.mark.parametrize("tax_included", [False, True], ids=["besides", "within"])
    def test_shares_every_part_out_to_the_cent(
        self, house: CountingHouse, tax_included: bool
    ) -> None:
        house.open()
        pin = house.hall.variant("PIN", price=UnitPrice(333_333, "EUR"))
        house.adjust(pin, 30, 111_111)
        order_id = house.hall.place(
            goods("MUG", 3, tax=euros(500)),
            goods("PIN", 3),
            tax_included=tax_included,
            customer_id=house.ana,
            **ODD,
        )
        total = house.hall.order(order_id).current_total_minor

        for _ in range(3):
            house.shipped(order_id, 1)

        assert total == (3_500 if tax_included else 4_105)
        within = 500 if tax_included else 0
        assert house.since() == {
            "receivables": total,
            "sales": -3_100 + within,
            "discounts": 100,
            "shipping_income": -500 + (105 if tax_included else 0),
            "output_tax": -605,
            "cost_of_sales": 1_233,
            "inventory": -1_200 + 300,
            "inventory_adjustments": -333,
        }
        assert house.wrong() == []

    def test_takes_back_what_is_cancelled_of_a_part_that_left(self, house: CountingHouse) -> None:
        house.open()
        order_id = house.hall.place(goods("MUG", 3), customer_id=house.ana, **ODD)
        house.shipped(order_id, 1)
        (line,) = house.hall.lines(order_id)

        command = CancelOrder(
            id=order_id, reason=CancelReason.CUSTOMER, lines=(LineQuantity(line.id, 2),)
        )
        house.world.run(cancel_order, command)

        total = house.hall.order(order_id).current_total_minor
        assert house.since()["receivables"] == total
        assert house.since()["shipping_income"] == -500
        assert house.wrong() == []

    def test_does_not_post_what_is_only_tried(self, house: CountingHouse) -> None:
        house.open()
        order_id = house.order(1)
        before = house.sources()

        id = house.pay(order_id, PaymentMethod.BANK_TRANSFER)
        command = house.recording(id)
        house.world.run(*command, dry_run=True)
        assert house.sources() == before
        house.world.run(*command)
        assert house.sources() == [*before, "payment_transaction"]

    def test_books_money_on_the_day_on_which_it_moved(self, house: CountingHouse) -> None:
        today = NOW.date()
        opened(house.world, NOW - timedelta(days=9))
        days = []
        for back in (3, 30, -2):
            id = house.pay(house.order(1), PaymentMethod.BANK_TRANSFER)
            came = RecordIncoming(id=id, received_at=NOW - timedelta(days=back))
            house.world.run(record_incoming, came)
            statement = select(entries.c.booked_on).order_by(entries.c.id.desc()).limit(1)
            days.append(house.world.read(lambda db, last=statement: db.execute(last).scalar()))

        assert days == [today - timedelta(days=3), today - timedelta(days=9), today]

    def test_takes_as_many_statements_for_many_lines(self, house: CountingHouse) -> None:
        house.open()
        for number in range(6):
            house.adjust(house.hall.variant(f"V{number}"), 9, 1_000_000)
        skus = [f"V{number}" for number in range(6)]
        counts = []
        for lines in (skus[:1], skus[:1], skus):  # the first one makes the accounts
            order_id = house.hall.place(*(goods(sku) for sku in lines), customer_id=house.ana)
            (id,) = house.hall.plan(order_id)
            house.hall.packed(id)
            with count_statements(house.world.database) as seen:
                house.hall.send(id)
            counts.append(len(seen))

        assert counts[1] == counts[2]


class TestRefunds:
    @pytest.mark.parametrize(
        ("reason", "is_shipped", "expected"),
        [
            (RefundReason.OTHER, False, {"bank": 2_000, "customer_deposits": -2_000}),
            (RefundReason.DAMAGED, False, {"bank": 2_000, "customer_deposits": -2_000}),
            (
                RefundReason.GOODWILL,
                False,
                {"bank": 2_000, "customer_deposits": -3_000, "goodwill": 1_000},
            ),
            (RefundReason.OTHER, True, {"bank": 2_000, "returns": 1_000}),
            (RefundReason.DAMAGED, True, {"bank": 2_000, "returns": 1_000}),
            (RefundReason.GOODWILL, True, {"bank": 2_000, "goodwill": 1_000}),
        ],
    )
    def test_lessen_what_their_reason_says(
        self,
        house: CountingHouse,
        reason: RefundReason,
        is_shipped: bool,
        expected: dict[str, int],
    ) -> None:
        house.open()
        order_id = house.order(3)
        house.paid(order_id)
        shipped = {"sales": -3_000, "cost_of_sales": 1_200, "inventory": -1_200}
        if is_shipped:
            house.shipped(order_id)

        house.refund(order_id, 1_000, reason=reason)

        assert house.since() == {**expected, **(shipped if is_shipped else {})}
        assert house.wrong() == []

    def test_of_credit_stay_with_the_shop(self, house: CountingHouse) -> None:
        house.credit(700)
        house.open()
        house.credit(500)
        order_id = house.order(3)
        house.pay(order_id, PaymentMethod.STORE_CREDIT, 1_000)
        house.paid(order_id)

        house.refund(
            order_id,
            600,
            reason=RefundReason.OTHER,
            destination=RefundDestination.STORE_CREDIT,
        )

        assert house.balance() == 800
        assert house.since() == {
            "bank": 2_000,
            "customer_deposits": -2_400,
            "goodwill": 500,
            "opening": 700,
            "store_credit": -800,
        }
        assert house.wrong() == []

    def test_by_banks_are_an_expense(self, house: CountingHouse) -> None:
        house.open()
        order_id = house.order(3)
        payment_id = house.paid(order_id)
        house.shipped(order_id)

        dispute_id = house.world.run(create_dispute, CreateDispute(payment_id=payment_id)).value
        house.world.run(resolve_dispute, ResolveDispute(id=dispute_id, is_won=False))

        assert house.since() == {
            "chargebacks": 3_000,
            "cost_of_sales": 1_200,
            "inventory": -1_200,
            "sales": -3_000,
        }
        assert house.wrong() == []


class TestStock:
    def test_is_worth_in_the_books_what_it_is_worth(self, house: CountingHouse) -> None:
        house.adjust(house.hall.variant("DUST"), 7, 3_333)
        house.open()
        house.adjust(house.mug, -3)
        late = house.hall.variant("LATE", 10)
        house.adjust(late, 1, 99_999)

        assert house.trial() == {
            "inventory": 400_002 - 1_200 + 110,
            "inventory_adjustments": 1_200 - 10,
            "opening": -400_002 - 100,
        }
        assert house.wrong() == []

    def test_is_received_and_sent_back(self, world: World) -> None:
        desk = BuyersDesk(world)
        opened(world)
        order = desk.sent((desk.a, 12), (desk.b, 40))
        freight = Charge(ChargeKind.FREIGHT, ChargeBasis.VALUE, None, 100, "EUR")

        receipt = desk.receive(order, (0, 12, 0), (1, 40, 0), charges=(freight,))
        assert world.read(trial_balance) == {
            "inventory": 1_820,
            "goods_not_billed": -1_720,
            "freight_not_billed": -100,
        }
        more = Charge(ChargeKind.DUTY, ChargeBasis.VALUE, None, 150, "EUR")
        world.run(set_receipt_charges, SetReceiptCharges(id=receipt, charges=(more,)))
        line = desk.lines(order)[0]
        back = ReturnPurchase(
            id=order, lines=(ReturnedLine(line_id=line.id, quantity=6),), reason="Broken."
        )
        world.run(return_purchase, back)

        # What is there bears the duty. Six had cost 8.155: the half cent stays with the rest.
        assert world.read(trial_balance) == {
            "inventory": 1_870 - 815,
            "goods_not_billed": -1_720,
            "freight_not_billed": -150,
            "price_variance": 65,
            "supplier_credits": 750,
        }
        most = Charge(ChargeKind.DUTY, ChargeBasis.QUANTITY, None, 150 + 520, "EUR")
        world.run(set_receipt_charges, SetReceiptCharges(id=receipt, charges=(most,)))
        found = world.read(trial_balance)
        # The pieces that went back bear nothing more: their share is a variance.
        assert found["freight_not_billed"] == -670
        assert found["inventory"] - 1_055 + found["price_variance"] - 65 == 520
        assert found["price_variance"] > 65
        assert wrong(world) == []


class TestLabels:
    def test_cost_freight_until_they_are_given_back(self, world: World, tmp_path: Path) -> None:
        desk = ShippingDesk(world, tmp_path)
        opened(world)
        service, _ = desk.fake()
        id = desk.labelled(service)
        cost = desk.shipment(id).cost_minor

        assert cost
        assert world.read(trial_balance) == {"freight_out": cost, "freight_not_billed": -cost}
        desk.run(void_label, VoidLabel(id=id))
        desk.work()
        assert world.read(trial_balance) == {}
