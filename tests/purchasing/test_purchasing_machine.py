"""Random lives of purchase orders: the sums hold after each step. On both databases."""

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.purchasing.commands.ending import (
    CancelOpenQuantity,
    CancelPurchaseOrder,
    ClosePurchaseOrder,
    ClosePurchaseOrderShort,
    LinePieces,
    cancel_open_quantity,
    cancel_purchase_order,
    close_purchase_order,
    close_purchase_order_short,
)
from backoffice_api.domain.purchasing.commands.receiving import SetReceiptCharges
from backoffice_api.domain.purchasing.commands.receiving import set_receipt_charges as set_charges
from backoffice_api.domain.purchasing.commands.returning import (
    ReturnedLine,
    ReturnPurchase,
    return_purchase,
)
from backoffice_api.domain.purchasing.commands.sending import (
    ConfirmedLine,
    ConfirmPurchaseOrder,
    confirm_purchase_order,
)
from backoffice_api.domain.purchasing.commands.suppliers import UpdateSupplier, update_supplier
from backoffice_api.domain.purchasing.model.receipts import Charge, ChargeBasis, ChargeKind
from tests.purchasing.desk import Desk

TOLERANCE_PERCENT = 20

which = st.integers(0, 1)
pieces = st.integers(1, 9)


class PurchaseMachine(RuleBasedStateMachine):
    """One order of two lines, which may be over-delivered by a fifth."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.order = desk.sent((desk.a, 12), (desk.b, 10))
        self.receipts: list[Any] = []
        self.before = {id: desk.on_hand(id) for id in (desk.a, desk.b)}

    @rule(first=pieces, second=st.integers(0, 5), rejected=st.integers(0, 2))
    def receive(self, first: int, second: int, rejected: int) -> None:
        lines = [(0, first, rejected)] + ([(1, second, 0)] if second else [])
        self.attempt(lambda: self.receipts.append(self.desk.receive(self.order, *lines)))

    @rule(at=which, quantity=pieces)
    def return_some(self, at: int, quantity: int) -> None:
        line = ReturnedLine(line_id=self.lines()[at].id, quantity=quantity)
        command = ReturnPurchase(id=self.order, lines=(line,), reason="broken")
        self.attempt(lambda: self.desk.world.run(return_purchase, command))

    @rule(at=which, quantity=st.integers(0, 12))
    def confirm(self, at: int, quantity: int) -> None:
        line = ConfirmedLine(line_id=self.lines()[at].id, quantity=quantity)
        command = ConfirmPurchaseOrder(id=self.order, lines=(line,))
        self.attempt(lambda: self.desk.world.run(confirm_purchase_order, command))

    @rule(at=which, quantity=pieces)
    def cancel_open(self, at: int, quantity: int) -> None:
        line = LinePieces(line_id=self.lines()[at].id, quantity=quantity)
        command = CancelOpenQuantity(id=self.order, lines=(line,))
        self.attempt(lambda: self.desk.world.run(cancel_open_quantity, command))

    @rule(minor=st.integers(0, 10_000), basis=st.sampled_from(["value", "quantity"]))
    def charge(self, minor: int, basis: str) -> None:
        if self.receipts:
            charge = Charge(ChargeKind.FREIGHT, ChargeBasis(basis), None, minor, "EUR")
            command = SetReceiptCharges(id=self.receipts[-1], charges=(charge,))
            self.attempt(lambda: self.desk.world.run(set_charges, command))

    @rule(way=st.sampled_from(["cancel", "close", "short"]), chance=st.integers(0, 5))
    def end(self, way: str, chance: int) -> None:
        if chance:
            return
        handler, command = {
            "cancel": (cancel_purchase_order, CancelPurchaseOrder),
            "close": (close_purchase_order, ClosePurchaseOrder),
            "short": (close_purchase_order_short, ClosePurchaseOrderShort),
        }[way]
        self.attempt(lambda: self.desk.world.run(handler, command(id=self.order)))

    @invariant()
    def everything_adds_up(self) -> None:
        assert self.desk.broken() == []
        for line in self.lines():
            tolerance = line.quantity * TOLERANCE_PERCENT // 100
            assert 0 <= line.received + line.cancelled <= line.quantity + tolerance
            assert 0 <= line.returned <= line.received
            gained = self.desk.on_hand(line.variant_id) - self.before[line.variant_id]
            assert gained == line.received - line.returned

    def lines(self):
        return self.desk.lines(self.order)

    def attempt(self, act: Callable[[], Any]) -> None:
        """Do it, or be refused and change nothing."""
        before = self.desk.order(self.order), self.lines()
        try:
            act()
        except DomainError:
            assert (self.desk.order(self.order), self.lines()) == before


class TestPurchaseOrders:
    def test_keep_their_sums(self, desk: Desk) -> None:
        tolerance = UpdateSupplier(id=desk.acme, over_tolerance_percent=TOLERANCE_PERCENT)
        desk.world.run(update_supplier, tolerance)

        run_state_machine_as_test(
            lambda: PurchaseMachine(desk),
            settings=settings(
                max_examples=5,
                derandomize=True,
                stateful_step_count=14,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
