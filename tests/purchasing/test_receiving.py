"""Receiving goods, what they cost, and sending them back. On both databases."""

from datetime import timedelta

import pytest

from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.money import CurrencyMismatch, UnitPrice
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.states import InvalidTransition
from backoffice_api.domain.products.commands.variants import UpdateVariant, update_variant
from backoffice_api.domain.products.model import Barcode, BarcodeKind
from backoffice_api.domain.purchasing import queries
from backoffice_api.domain.purchasing.commands.items import (
    BreakDraft,
    CreateSupplierItem,
    create_supplier_item,
)
from backoffice_api.domain.purchasing.commands.receiving import (
    ReceivePurchase,
    SetReceiptCharges,
    receive_purchase,
    set_receipt_charges,
)
from backoffice_api.domain.purchasing.commands.returning import (
    ReturnedLine,
    ReturnPurchase,
    return_purchase,
)
from backoffice_api.domain.purchasing.commands.scans import ReceivedLine
from backoffice_api.domain.purchasing.commands.suppliers import UpdateSupplier, update_supplier
from backoffice_api.domain.purchasing.model.lines import MoreThanLeft, OverReceipt
from backoffice_api.domain.purchasing.model.receipts import (
    Charge,
    ChargeBasis,
    ChargeKind,
    CodeNotOrdered,
    NothingReceived,
    NothingToBear,
    ReceiptLineUnnamed,
    ReceivedLater,
    WeightUnknown,
)
from backoffice_api.domain.purchasing.model.suppliers import OverReceiptPolicy
from backoffice_api.domain.stock.commands.lots import (
    SetTracking,
    SetValuation,
    set_tracking,
    set_valuation,
)
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.costs import ValuationMethod
from backoffice_api.domain.stock.model.levels import InsufficientStock
from backoffice_api.domain.stock.model.locations import SUPPLIER_ID
from backoffice_api.domain.stock.model.lots import LotDraft, LotNeeded, Tracking
from backoffice_api.domain.stock.queries import level_list
from backoffice_api.domain.stock.queries.costs import costs_by_variants
from tests.purchasing.desk import Desk, euros
from tests.stock.depot import line
from tests.world import NOW


def charge(minor: int, basis: ChargeBasis = ChargeBasis.VALUE) -> Charge:
    return Charge(ChargeKind.FREIGHT, basis, None, minor, "EUR")


def refused(desk: Desk, handler, command) -> list[DomainError]:
    with pytest.raises(DomainError) as refusal:
        desk.world.run(handler, command)
    assert desk.broken() == []
    return list(refusal.value.reasons())


def receiving(order, *lines: ReceivedLine, **values) -> ReceivePurchase:
    return ReceivePurchase(id=order, lines=lines, **values)


class TestReceivePurchase:
    def test_puts_accepted_pieces_on_stock(self, desk: Desk) -> None:
        order = desk.sent((desk.a, 12), (desk.b, 10))

        receipt = desk.receive(order, (0, 5, 0), (1, 3, 2))

        assert desk.status(order) == "PARTIALLY_RECEIVED"
        assert desk.pieces(order) == [(12, 5, 0, 0, 0), (10, 3, 2, 0, 0)]
        assert (desk.on_hand(desk.a), desk.on_hand(desk.b)) == (5, 3)
        moved = [
            (each.from_location_id, each.quantity, each.cause_kind, each.cause_id)
            for each in desk.depot.movements()
        ]
        assert moved == [
            (SUPPLIER_ID, 5, "rcp", receipt),
            (SUPPLIER_ID, 3, "rcp", receipt),
        ]
        assert desk.broken() == []

    def test_ends_with_all_received_in_several_receipts_with_numbers(self, desk: Desk) -> None:
        order = desk.sent((desk.a, 12))

        receipts = [desk.receive(order, (0, each, 0)) for each in (5, 7)]

        found = desk.world.read(queries.receipts_by_ids, receipts)
        assert [found[id].number for id in receipts] == ["GR-1", "GR-2"]
        assert desk.status(order) == "RECEIVED"
        assert desk.broken() == []

    def test_refuses_more_than_the_tolerance(self, desk: Desk) -> None:
        update = UpdateSupplier(id=desk.acme, over_tolerance_percent=10)
        desk.world.run(update_supplier, update)
        order = desk.sent((desk.b, 25))
        line = desk.lines(order)[0].id

        faults = refused(
            desk, receive_purchase, receiving(order, ReceivedLine(line_id=line, accepted=28))
        )
        desk.receive(order, (0, 27, 0))

        assert [(type(each), each.maximum) for each in faults] == [(OverReceipt, 27)]
        assert desk.status(order) == "RECEIVED"
        assert desk.on_hand(desk.b) == 27
        assert desk.broken() == []

    def test_takes_any_surplus_where_the_supplier_may(self, desk: Desk) -> None:
        update = UpdateSupplier(id=desk.acme, over_receipt=OverReceiptPolicy.ACCEPT)
        desk.world.run(update_supplier, update)
        order = desk.sent((desk.b, 1))

        desk.receive(order, (0, 1000, 0))

        assert desk.pieces(order) == [(1, 1000, 0, 0, 0)]

    def test_calls_off_a_small_rest(self, desk: Desk) -> None:
        desk.world.run(update_supplier, UpdateSupplier(id=desk.acme, short_tolerance_percent=5))
        order = desk.sent((desk.b, 100))

        desk.receive(order, (0, 94, 0))
        before = desk.status(order)
        desk.receive(order, (0, 1, 0))

        assert (before, desk.status(order)) == ("PARTIALLY_RECEIVED", "RECEIVED")
        assert desk.pieces(order) == [(100, 95, 0, 5, 0)]
        assert desk.broken() == []

    def test_finds_lines_by_scanned_packs_and_supplier_skus(self, desk: Desk) -> None:
        codes = (
            Barcode("4006381333931", BarcodeKind.GTIN, 1),
            Barcode("14006381333938", BarcodeKind.GTIN, 6),
        )
        desk.world.run(update_variant, UpdateVariant(id=desk.a, barcodes=codes))
        order = desk.sent((desk.a, 12), (desk.b, 5), (desk.a, 6))

        desk.world.run(
            receive_purchase,
            receiving(
                order,
                ReceivedLine(scan="14006381333938", accepted=2),
                ReceivedLine(scan="4006381333931", accepted=3, rejected=1, rejection="torn"),
                ReceivedLine(scan="ACME-B", accepted=5),
            ),
        )

        assert desk.pieces(order) == [(12, 12, 1, 0, 0), (5, 5, 0, 0, 0), (6, 3, 0, 0, 0)]
        assert desk.broken() == []

    def test_refuses_what_makes_no_sense(self, desk: Desk) -> None:
        order = desk.sent((desk.a, 12))
        line = desk.lines(order)[0].id
        draft = desk.draft((desk.a, 6))

        assert [
            type(refused(desk, receive_purchase, command)[0])
            for command in (
                receiving(order),
                receiving(order, ReceivedLine(line_id=line)),
                receiving(order, ReceivedLine(accepted=1)),
                receiving(order, ReceivedLine(scan="nothing", accepted=1)),
                receiving(
                    order,
                    ReceivedLine(line_id=line, accepted=1),
                    received_at=NOW + timedelta(days=1),
                ),
                receiving(draft, ReceivedLine(line_id=line, accepted=1)),
            )
        ] == [
            NothingReceived,
            NothingReceived,
            ReceiptLineUnnamed,
            CodeNotOrdered,
            ReceivedLater,
            InvalidTransition,
        ]
        assert desk.depot.movements() == []


class TestLandedCost:
    def costs(self, desk: Desk, receipt) -> list[tuple[int, int, int]]:
        """Of each line: value, share of the charges, and cost of a piece in millionths."""
        found = desk.world.read(queries.lines_by_receipts, [receipt])[receipt]
        return [(each.value_minor, each.charges_minor, each.unit_cost_micro) for each in found]

    def test_is_the_price_without_charges(self, desk: Desk) -> None:
        receipt = desk.receive(desk.sent((desk.a, 12), (desk.b, 10)), (0, 12, 0), (1, 3, 0))

        assert self.costs(desk, receipt) == [(1500, 0, 1_250_000), (16, 0, 55_000)]

    def test_shares_charges_without_losing_a_cent(self, desk: Desk) -> None:
        order = desk.sent((desk.a, 6), (desk.b, 3), (desk.a, 3))

        receipt = desk.receive(
            order,
            (0, 6, 0),
            (1, 3, 0),
            (2, 3, 0),
            charges=(charge(1000), charge(100, ChargeBasis.QUANTITY)),
        )

        costs = self.costs(desk, receipt)
        assert [share for _, share, _ in costs] == [657 + 50, 14 + 25, 329 + 25]
        assert costs[0] == (750, 707, (6 * 1_250_000 + 7_070_000) // 6)
        found = desk.world.read(queries.receipts_by_ids, [receipt])[receipt]
        assert found.landed == euros("22.41")
        assert desk.broken() == []

    def test_is_set_later_by_weight(self, desk: Desk) -> None:
        order = desk.sent((desk.a, 6), (desk.b, 2))
        receipt = desk.receive(order, (0, 6, 0), (1, 2, 0), charges=(charge(500),))
        by_weight = SetReceiptCharges(id=receipt, charges=(charge(700, ChargeBasis.WEIGHT),))

        faults = refused(desk, set_receipt_charges, by_weight)

        assert [(type(each), each.skus) for each in faults] == [(WeightUnknown, ("A", "B"))]

    def test_by_weight_uses_what_was_known_at_the_receipt(self, desk: Desk) -> None:
        desk.world.run(update_variant, UpdateVariant(id=desk.a, weight_g=100))
        desk.world.run(update_variant, UpdateVariant(id=desk.b, weight_g=50))
        order = desk.sent((desk.a, 6), (desk.b, 2))
        receipt = desk.receive(order, (0, 6, 0), (1, 2, 0))
        by_weight = SetReceiptCharges(id=receipt, charges=(charge(700, ChargeBasis.WEIGHT),))

        desk.world.run(set_receipt_charges, by_weight)

        assert [share for _, share, _ in self.costs(desk, receipt)] == [600, 100]
        assert desk.broken() == []

    @pytest.mark.parametrize("method", ValuationMethod)
    def test_that_comes_late_raises_what_is_still_there(
        self, desk: Desk, method: ValuationMethod
    ) -> None:
        """By average, pieces that came since stand for those that have left."""
        command = SetValuation(variant_id=desk.a, method=method)
        desk.world.run(set_valuation, command)
        receipt = desk.receive(desk.sent((desk.a, 12)), (0, 12, 0))
        desk.depot.adjust(line(desk.a, desk.depot.north, delta=-8))
        desk.receive(desk.sent((desk.a, 6)), (0, 6, 0))

        def value() -> tuple[int, int]:
            found = desk.world.read(costs_by_variants, [desk.a])[desk.a]
            return found.quantity, found.value_micro

        told = []
        for minor in (1_200, 600, 0):
            charges = (charge(minor),) if minor else ()
            desk.world.run(set_receipt_charges, SetReceiptCharges(id=receipt, charges=charges))
            told.append(value())
            assert desk.broken() == []

        bearing = 4 if method is ValuationMethod.FIFO else 10
        goods = 10 * 1_250_000
        assert told == [
            (10, goods + bearing * 1_000_000),
            (10, goods + bearing * 500_000),
            (10, goods),
        ]
        desk.depot.adjust(line(desk.a, desk.depot.north, delta=-10))
        charges = (charge(1_200),)
        desk.world.run(set_receipt_charges, SetReceiptCharges(id=receipt, charges=charges))
        assert value() == (0, 0)
        assert desk.broken() == []

    def test_needs_something_to_bear_it(self, desk: Desk) -> None:
        order = desk.sent((desk.a, 6))
        line = desk.lines(order)[0].id
        rejected = ReceivedLine(line_id=line, rejected=2)
        other = Charge(ChargeKind.DUTY, ChargeBasis.VALUE, None, 5, "USD")

        nothing = refused(desk, receive_purchase, receiving(order, rejected, charges=(charge(5),)))
        foreign = refused(desk, receive_purchase, receiving(order, rejected, charges=(other,)))

        assert [type(each) for each in nothing] == [NothingToBear]
        assert [type(each) for each in foreign] == [CurrencyMismatch]


class TestReturnPurchase:
    def returning(self, desk: Desk, order, quantity: int, **values) -> ReturnPurchase:
        line = ReturnedLine(line_id=desk.lines(order)[0].id, quantity=quantity, **values)
        return ReturnPurchase(id=order, lines=(line,), reason="broken")

    def test_takes_goods_off_stock_with_a_debit_note(self, desk: Desk) -> None:
        order = desk.sent((desk.a, 12))
        desk.receive(order, (0, 12, 0))

        returned = desk.world.run(return_purchase, self.returning(desk, order, 5)).value

        found = desk.world.read(queries.returns_by_ids, [returned])[returned]
        assert (found.number, found.amount) == ("DN-1", euros("6.25"))
        assert desk.on_hand(desk.a) == 7
        assert desk.pieces(order) == [(12, 12, 0, 0, 5)]
        assert desk.status(order) == "RECEIVED"
        assert desk.broken() == []

    def test_is_of_no_more_than_was_received(self, desk: Desk) -> None:
        order = desk.sent((desk.a, 12))
        desk.receive(order, (0, 6, 0))
        amount = {"amount": euros("1")}
        desk.world.run(return_purchase, self.returning(desk, order, 2, **amount))

        faults = refused(desk, return_purchase, self.returning(desk, order, 5))

        assert [(type(each), each.maximum) for each in faults] == [(MoreThanLeft, 4)]
        assert desk.on_hand(desk.a) == 4

    def test_is_of_what_is_still_there(self, desk: Desk) -> None:
        order = desk.sent((desk.a, 12))
        desk.receive(order, (0, 6, 0))
        desk.depot.reserve((1, desk.a, 4))

        faults = refused(desk, return_purchase, self.returning(desk, order, 3))

        assert [type(each) for each in faults] == [InsufficientStock]
        assert desk.on_hand(desk.a) == 6


class TestStock:
    """What stock is told of goods: their cost, their lots, their condition."""

    def cost(self, desk: Desk, variant) -> tuple[int, int] | None:
        """Pieces that are valued, and what one of them costs, in millionths."""
        found = desk.world.read(costs_by_variants, [variant]).get(variant)
        return (found.quantity, found.unit_cost_micro) if found else None

    def test_values_goods_at_what_they_cost_in_the_end(self, desk: Desk) -> None:
        order = desk.sent((desk.a, 12))

        desk.receive(order, (0, 6, 0))
        desk.receive(order, (0, 6, 0), charges=(charge(600),))

        # Six at 1.25, and six at 1.25 + 1.00.
        assert self.cost(desk, desk.a) == (12, 1_750_000)
        assert desk.broken() == []

    def test_values_lines_of_one_variant_each_at_its_price(self, desk: Desk) -> None:
        order = desk.sent((desk.a, 100), (desk.a, 50))

        desk.receive(order, (0, 100, 0), (1, 50, 0))

        assert self.cost(desk, desk.a) == (150, 1_150_000)
        assert desk.on_hand(desk.a) == 150
        assert desk.broken() == []

    def test_takes_the_average_for_another_currency(self, desk: Desk) -> None:
        desk.receive(desk.sent((desk.a, 6)), (0, 6, 0))
        dollars = desk.supplier("USA", currency="USD")
        prices = (BreakDraft(1, UnitPrice(9_000_000, "USD")),)
        item = CreateSupplierItem(
            supplier_id=dollars, variant_id=desk.a, supplier_sku="U", prices=prices
        )
        desk.world.run(create_supplier_item, item)

        desk.receive(desk.sent((desk.a, 6), supplier_id=dollars), (0, 6, 0))

        assert self.cost(desk, desk.a) == (12, 1_250_000)
        assert desk.broken() == []

    def test_needs_lots_where_pieces_are_told_apart(self, desk: Desk) -> None:
        tracking = SetTracking(variant_id=desk.a, tracking=Tracking.LOT)
        desk.world.run(set_tracking, tracking)
        order = desk.sent((desk.a, 12))
        line = desk.lines(order)[0].id
        lots = [
            ReceivedLine(line_id=line, accepted=pieces, lot=LotDraft(code=code))
            for code, pieces in (("L1", 5), ("L2", 4), ("L1", 1))
        ]

        without = refused(
            desk, receive_purchase, receiving(order, ReceivedLine(line_id=line, accepted=1))
        )
        receipt = desk.world.run(receive_purchase, receiving(order, *lots)).value
        back = ReturnedLine(line_id=line, quantity=2, lot=LotDraft(code="L2"))
        desk.world.run(return_purchase, ReturnPurchase(id=order, lines=(back,), reason="broken"))

        assert [type(each) for each in without] == [LotNeeded]
        found = desk.world.read(queries.lines_by_receipts, [receipt])[receipt]
        assert [(each.lot_code, each.accepted) for each in found] == [("L1", 6), ("L2", 4)]
        assert desk.pieces(order) == [(12, 10, 0, 0, 2)]
        assert desk.broken() == []

    def test_puts_goods_where_they_are_inspected(self, desk: Desk) -> None:
        order = desk.sent((desk.a, 12))
        line = ReceivedLine(
            line_id=desk.lines(order)[0].id, accepted=12, bucket=Bucket.QUALITY_CHECK
        )

        desk.world.run(receive_purchase, receiving(order, line))

        page = desk.world.read(level_list.page, PageRequest())
        (level,) = [each for each in page.rows if each.variant_id == desk.a]
        assert (level.bucket, level.on_hand, level.available) == (Bucket.QUALITY_CHECK, 12, 0)
        assert desk.broken() == []
