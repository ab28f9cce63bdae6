"""Returns from the request to the last cent, by commands."""

from datetime import timedelta

import pytest

from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.orders.commands.lines import LineDraft
from backoffice_api.domain.orders.model.orders import OrderDiscount
from backoffice_api.domain.returns.commands.deciding import (
    ApproveReturn,
    CancelReturn,
    ExpireReturns,
    approve_return,
    cancel_return,
    expire_returns,
)
from backoffice_api.domain.returns.commands.inspecting import WaiveReturn, waive_return
from backoffice_api.domain.returns.commands.receiving import ReceiveReturn, receive_return
from backoffice_api.domain.returns.commands.refunding import GiveGoodwill, give_goodwill
from backoffice_api.domain.returns.model.drafts import ReturnLineDraft, ScannedPieces
from backoffice_api.domain.returns.model.inspections import Disposition, Resolution
from backoffice_api.domain.stock.commands.levels import AdjustStock, adjust_stock
from backoffice_api.domain.stock.model.levels import AdjustLine
from backoffice_api.domain.stock.queries import movement_list
from backoffice_api.domain.stock.queries.costs import entries_by_movements
from tests.orders.kits import kit
from tests.orders.shop import goods
from tests.returns.desk import euros
from tests.world import NOW


def _state(desk, order_id):
    order = desk.order(order_id)
    returned = [line.returned for line in desk.lines(order_id)]
    return order.return_status.value, returned, order.refunded_minor


class TestAReturn:
    def test_goes_from_the_request_to_the_last_cent(self, desk):
        order_id = desk.bought(3)
        id = desk.request(desk.line(order_id, 2))
        assert desk.return_(id).status.value == "approved"
        assert _state(desk, order_id) == ("under_way", [0], 0)

        desk.receive(id)
        assert _state(desk, order_id) == ("partially_returned", [2], 0)
        desk.inspect(id, 1)
        desk.inspect(id, 1, Disposition.SCRAP)
        desk.refund(id)
        desk.resolve(id)

        done = desk.return_(id)
        assert (done.status.value, done.number, done.refunded_minor) == (
            "resolved",
            "RMA-000001",
            2_000,
        )
        assert _state(desk, order_id) == ("partially_returned", [2], 2_000)
        assert desk.position(desk.mug).on_hand == 4_998
        assert desk.events(id) == [
            "return.requested",
            "return.approved",
            "return.received",
            "return.inspected",
            "return.restocked",
            "return.inspected",
            "return.refund_made",
            "return.resolved",
        ]
        assert desk.wrong() == []

    def test_brings_each_piece_in_once_at_what_it_cost_when_it_left(self, desk):
        order_id = desk.bought(2)
        more = AdjustLine(
            variant_id=desk.mug,
            location_id=desk.north,
            delta=100,
            unit_cost=UnitPrice(9_000_000, "EUR"),
        )
        desk.world.run(adjust_stock, AdjustStock(lines=(more,)))
        id = desk.back(order_id, 2)

        page = desk.world.read(movement_list.page, PageRequest(size=50))
        came = [each for each in page.rows if each.cause_id == id]
        assert [(each.kind.value, each.quantity) for each in came] == [("return", 2)]
        event = next(each for each in desk.log(id) if each.type == "return.restocked")
        assert event.data["pieces"][0]["quantity"] == 2
        entry = desk.world.read(entries_by_movements, [came[0].id])[came[0].id]
        assert (entry.quantity, entry.value_micro) == (2, 8_000_000)

    def test_can_be_of_several_orders_and_pays_each_back(self, desk):
        first, second = desk.bought(1), desk.bought(2)
        id = desk.request(desk.line(first), desk.line(second, 2))
        desk.receive(id)
        desk.inspect(id, at=0)
        desk.inspect(id, at=1)
        desk.refund(id)

        assert _state(desk, first) == ("returned", [1], 1_000)
        assert _state(desk, second) == ("returned", [2], 2_000)
        assert desk.events(id).count("return.refund_made") == 2
        assert desk.wrong() == []

    def test_without_an_order_becomes_store_credit(self, desk):
        line = ReturnLineDraft(variant_id=desk.mug, quantity=2, unit_value=euros(700))
        id = desk.request(line, customer_id=desk.ana)
        assert (desk.return_(id).rule.value, desk.return_(id).status.value) == (
            "no_order",
            "requested",
        )
        desk.world.run(approve_return, ApproveReturn(id=id))
        desk.receive(id)
        desk.inspect(id)
        desk.refund(id)
        desk.resolve(id)

        assert desk.balance() == 1_400
        assert desk.wrong() == []

    def test_shares_discount_tax_and_delivery_to_the_last_cent(self, desk):
        order_id = desk.sent(
            LineDraft(sku="MUG", quantity=3, tax=euros(100)),
            discounts=(OrderDiscount("Sale", None, 200, "EUR"),),
            shipping=euros(500),
            tax_included=False,
        )
        total = desk.order(order_id).total_minor
        assert total == 3_000 - 200 + 500 + 100
        paid = []
        for _ in range(3):
            id = desk.back(order_id)
            desk.refund(id)
            paid.append(desk.return_(id).refunded_minor)

        assert paid == [1_133, 1_135, 1_132]
        assert desk.order(order_id).refunded_minor == total
        assert desk.wrong() == []

    def test_of_a_kit_comes_by_component_with_its_share_of_the_price(self, desk):
        lid = desk.stocked("LID", 50)
        kit(desk, "SET", (desk.mug, 2), (lid, 1), price=UnitPrice(25_000_000, "EUR"))
        order_id = desk.sent(goods("SET", 1))
        line = desk.lines(order_id)[0]
        id = desk.request(ReturnLineDraft(order_line_id=line.id, variant_id=lid, quantity=1))
        desk.receive(id)
        assert desk.lines(order_id)[0].returned == 0
        rest = desk.request(ReturnLineDraft(order_line_id=line.id, variant_id=desk.mug, quantity=2))
        desk.receive(rest, 1)
        assert (desk.lines(order_id)[0].returned, desk.wrong()) == (0, [])
        desk.receive(rest)

        values = [desk.return_(each).value_minor for each in (id, rest)]
        assert values == [833, 1_667]
        assert _state(desk, order_id)[:2] == ("returned", [1])
        assert desk.wrong() == []


class TestReceiving:
    def test_takes_what_is_scanned_and_keeps_apart_what_was_not_announced(self, desk):
        order_id = desk.bought(5)
        other = desk.stocked("CUP", 5)
        id = desk.request(desk.line(order_id, 2))
        scans = (ScannedPieces(code="MUG", quantity=6), ScannedPieces(code="CUP"))
        desk.world.run(receive_return, ReceiveReturn(id=id, scans=scans))

        found = [
            (each.origin.value, each.sku, each.received, each.order_id is None, each.items_minor)
            for each in desk.of_return(id)
        ]
        assert found == [
            ("requested", "MUG", 2, False, 2_000),
            ("over", "MUG", 3, False, 3_000),
            ("over", "MUG", 1, True, 0),
            ("wrong_item", "CUP", 1, True, 0),
        ]
        assert desk.return_(id).status.value == "received"
        assert _state(desk, order_id)[:2] == ("returned", [5])
        assert (desk.position(other).on_hand, desk.wrong()) == (5, [])

    def test_waits_for_the_rest_until_it_is_called_off(self, desk):
        order_id = desk.bought(3)
        id = desk.request(desk.line(order_id, 3))
        desk.receive(id, 1)
        assert desk.return_(id).status.value == "partially_received"
        desk.world.run(cancel_return, CancelReturn(id=id))

        after = desk.return_(id)
        assert (after.status.value, after.value_minor) == ("received", 1_000)
        assert desk.request(desk.line(order_id, 2))
        assert desk.wrong() == []


class TestInspecting:
    @pytest.mark.parametrize(
        ("disposition", "resolution", "bucket", "returned"),
        [
            (Disposition.REFURBISH, Resolution.REFUND, "damaged", 1),
            (Disposition.QUARANTINE, Resolution.REJECT, "quarantine", 1),
            (Disposition.TO_SUPPLIER, Resolution.STORE_CREDIT, "quarantine", 1),
            (Disposition.SCRAP, Resolution.REFUND, None, 1),
            (Disposition.MISSING, Resolution.REJECT, None, 0),
            (Disposition.BACK_TO_CUSTOMER, Resolution.REPAIR, None, 0),
        ],
    )
    def test_puts_pieces_where_they_belong(self, desk, disposition, resolution, bucket, returned):
        order_id = desk.bought(1)
        id = desk.request(desk.line(order_id))
        desk.receive(id)
        desk.inspect(id, 1, disposition, resolution)

        position = desk.position(desk.mug)
        there = {"damaged": position.damaged, "quarantine": position.quarantine}
        assert there == {each: int(each == bucket) for each in there}
        assert position.on_hand == 4_999
        assert desk.lines(order_id)[0].returned == returned
        assert desk.wrong() == []


class TestPayingBack:
    def test_keeps_the_fee_of_the_policy_and_gives_goodwill_apart(self, desk):
        desk.policy(code="fee", window_days=30, priority=1, fee_basis_points=1_500)
        order_id = desk.bought(2)
        id = desk.back(order_id, 2)
        desk.refund(id, 1)
        desk.refund(id, 1, amount=euros(900))
        command = GiveGoodwill(id=id, amount=euros(250), note="It took so long.")
        desk.world.run(give_goodwill, command)

        done = desk.return_(id)
        assert (done.refunded_minor, done.fee_minor, done.goodwill_minor) == (1_750, 250, 250)
        assert desk.order(order_id).refunded_minor == 2_000
        assert desk.wrong() == []

    def test_gives_store_credit_where_that_was_decided(self, desk):
        order_id = desk.bought(2)
        id = desk.request(desk.line(order_id, 2))
        desk.receive(id)
        desk.inspect(id, 2, resolution=Resolution.STORE_CREDIT)
        desk.refund(id)

        assert (desk.balance(), desk.order(order_id).refunded_minor) == (2_000, 2_000)
        assert desk.wrong() == []

    def test_pays_what_need_not_come_back(self, desk):
        order_id = desk.bought(2)
        id = desk.request(desk.line(order_id, 2))
        desk.world.run(waive_return, WaiveReturn(id=id))
        desk.refund(id)
        desk.resolve(id)

        assert _state(desk, order_id) == ("none", [0], 2_000)
        assert desk.wrong() == []


class TestThePolicies:
    @pytest.mark.parametrize(
        ("terms", "days", "said"),
        [
            ({"window_days": 30}, 29, ("approved", "allowed", "within_window")),
            ({"window_days": 30}, 31, ("requested", "refused", "window_over")),
            ({"window_days": 30, "auto_decline": True}, 31, ("declined", "refused", "window_over")),
            ({"window_days": 30, "excluded": True}, 1, ("requested", "refused", "excluded")),
            (
                {"window_days": 30, "auto_approve_minor": 999},
                1,
                ("requested", "review", "over_limit"),
            ),
        ],
    )
    def test_judge_what_is_asked_for(self, desk, terms, days, said):
        desk.policy(code="usual", window_start="shipment", **terms)
        order_id = desk.bought(1)
        id = desk.request(desk.line(order_id), now=NOW + timedelta(days=days))

        after = desk.return_(id)
        assert (after.status.value, after.verdict.value, after.rule.value) == said
        assert desk.wrong() == []

    def test_end_what_nobody_sends(self, desk):
        order_id = desk.bought(2)
        id = desk.request(desk.line(order_id, 2))
        late = NOW + timedelta(days=31)
        assert desk.world.run(expire_returns, ExpireReturns(), now=late).value == 1

        assert desk.return_(id).status.value == "expired"
        assert _state(desk, order_id)[:2] == ("none", [0])
        assert desk.request(desk.line(order_id, 2))
        assert desk.wrong() == []
