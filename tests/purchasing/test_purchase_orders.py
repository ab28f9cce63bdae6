"""The life of a purchase order, from the draft to its end. On both databases."""

from datetime import date, timedelta

import pytest

from backoffice_api.domain.approvals.model.refusals import ApproverIsCreator
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.states import InvalidTransition
from backoffice_api.domain.products.model import UnknownVariant
from backoffice_api.domain.purchasing.commands.approving import (
    ApprovePurchaseOrder,
    DeclinePurchaseOrder,
    SubmitPurchaseOrder,
    approve_purchase_order,
    decline_purchase_order,
    submit_purchase_order,
)
from backoffice_api.domain.purchasing.commands.drafts import (
    CreatePurchaseOrder,
    UpdatePurchaseOrder,
    create_purchase_order,
    update_purchase_order,
)
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
from backoffice_api.domain.purchasing.commands.lines import PurchaseLineDraft
from backoffice_api.domain.purchasing.commands.sending import (
    ConfirmedLine,
    ConfirmPurchaseOrder,
    confirm_purchase_order,
)
from backoffice_api.domain.purchasing.commands.series import SetSeries, set_series
from backoffice_api.domain.purchasing.commands.suppliers import (
    ArchiveSupplier,
    UpdateSupplier,
    archive_supplier,
    update_supplier,
)
from backoffice_api.domain.purchasing.model.lines import (
    MoreThanLeft,
    PriceNeeded,
    PurchaseLineUnnamed,
)
from backoffice_api.domain.purchasing.model.orders import BelowMinimumOrder, EmptyPurchaseOrder
from backoffice_api.domain.purchasing.model.series import DocumentKind
from backoffice_api.domain.purchasing.model.suppliers import SupplierNotActive
from backoffice_api.domain.stock.model.locations import SUPPLIER_ID, VirtualLocation
from tests.purchasing.desk import ANNA, BERT, Desk, euros, price
from tests.world import NOW

TODAY = NOW.date()


def submit(desk: Desk, id, caller=ANNA):
    desk.world.run(submit_purchase_order, SubmitPurchaseOrder(id=id), caller=caller)


def refused(desk: Desk, handler, command, **how) -> list[type[DomainError]]:
    with pytest.raises(DomainError) as refusal:
        desk.world.run(handler, command, **how)
    assert desk.broken() == []
    return [type(each) for each in refusal.value.reasons()]


class TestCreatePurchaseOrder:
    def test_takes_prices_of_the_supplier_by_quantity(self, desk: Desk) -> None:
        order = desk.draft((desk.a, 99), (desk.a, 100), (desk.b, 3))

        assert [each.unit_price_micro for each in desk.lines(order)] == [
            1_250_000,
            1_100_000,
            55_000,
        ]
        # 0.165 is halfway, and goes to the even cent.
        assert [each.subtotal_minor for each in desk.lines(order)] == [12_375, 11_000, 16]
        assert desk.order(order).total == euros("233.91")
        assert [each.supplier_sku for each in desk.lines(order)] == ["ACME-A", "ACME-A", "ACME-B"]
        assert desk.broken() == []

    def test_takes_prices_and_tax_that_are_given(self, desk: Desk) -> None:
        line = PurchaseLineDraft(
            supplier_sku="ACME-A", quantity=2, unit_price=price(2_000_000), tax=euros("0.76")
        )
        command = CreatePurchaseOrder(
            supplier_id=desk.acme, location_id=desk.depot.north, lines=(line,)
        )

        order = desk.order(desk.world.run(create_purchase_order, command).value)

        assert (order.subtotal, order.tax, order.total) == (
            euros("4.00"),
            euros("0.76"),
            euros("4.76"),
        )

    def test_refuses_lines_that_say_too_little(self, desk: Desk) -> None:
        (other,) = desk.depot.variants("OTHER")
        lines = (
            PurchaseLineDraft(quantity=1),
            PurchaseLineDraft(sku="A", supplier_sku="ACME-A", quantity=1),
            PurchaseLineDraft(sku="nothing", quantity=1),
            PurchaseLineDraft(variant_id=other, quantity=1),
        )
        given = {"supplier_id": desk.acme, "location_id": desk.depot.north}

        assert refused(desk, create_purchase_order, CreatePurchaseOrder(lines=lines, **given)) == [
            PurchaseLineUnnamed,
            PurchaseLineUnnamed,
            UnknownVariant,
            PriceNeeded,
        ]
        given["location_id"] = SUPPLIER_ID
        assert refused(desk, create_purchase_order, CreatePurchaseOrder(**given)) == [
            VirtualLocation
        ]

    def test_is_not_for_archived_suppliers(self, desk: Desk) -> None:
        desk.world.run(archive_supplier, ArchiveSupplier(id=desk.acme))
        command = CreatePurchaseOrder(supplier_id=desk.acme, location_id=desk.depot.north)

        assert refused(desk, create_purchase_order, command) == [SupplierNotActive]


class TestUpdatePurchaseOrder:
    def test_replaces_lines_of_drafts_only(self, desk: Desk) -> None:
        order = desk.draft((desk.a, 6))
        lines = (PurchaseLineDraft(sku="B", quantity=100),)
        update = UpdatePurchaseOrder(id=order, lines=lines, note="soon")

        desk.world.run(update_purchase_order, update)

        assert [each.sku for each in desk.lines(order)] == ["B"]
        assert desk.order(order).total == euros("5.50")
        submit(desk, order)
        assert refused(desk, update_purchase_order, update) == [InvalidTransition]


class TestSubmitPurchaseOrder:
    def test_waits_for_another_person_without_a_limit(self, desk: Desk) -> None:
        order = desk.draft((desk.a, 6))

        submit(desk, order)

        assert (desk.status(order), desk.order(order).number) == ("PENDING_APPROVAL", "PO-1")

    def test_needs_nobody_up_to_the_limit(self, desk: Desk) -> None:
        desk.limit("7.50")
        small, large = desk.draft((desk.a, 6)), desk.draft((desk.a, 6), (desk.b, 1))

        submit(desk, small)
        submit(desk, large)

        assert (desk.status(small), desk.status(large)) == ("APPROVED", "PENDING_APPROVAL")
        assert desk.order(small).approved_by_kind is None
        assert desk.broken() == []

    def test_draws_numbers_without_gaps(self, desk: Desk) -> None:
        desk.world.run(
            set_series,
            SetSeries(kind=DocumentKind.PURCHASE_ORDER, prefix="B-", number_next=100),
        )
        empty, first, second = desk.draft(), desk.draft((desk.a, 6)), desk.draft((desk.b, 6))

        assert refused(desk, submit_purchase_order, SubmitPurchaseOrder(id=empty), caller=ANNA) == [
            EmptyPurchaseOrder
        ]
        submit(desk, first)
        submit(desk, second)

        assert [desk.order(id).number for id in (first, second)] == ["B-100", "B-101"]
        assert desk.broken() == []

    def test_needs_the_minimum_of_the_supplier(self, desk: Desk) -> None:
        minimum = UpdateSupplier(id=desk.acme, minimum_order=Money(751, "EUR"))
        desk.world.run(update_supplier, minimum)
        order = desk.draft((desk.a, 6))

        assert refused(desk, submit_purchase_order, SubmitPurchaseOrder(id=order)) == [
            BelowMinimumOrder
        ]


class TestApprovePurchaseOrder:
    def test_takes_another_person(self, desk: Desk) -> None:
        order = desk.draft((desk.a, 6))
        submit(desk, order)
        approve = ApprovePurchaseOrder(id=order)

        assert refused(desk, approve_purchase_order, approve, caller=ANNA) == [ApproverIsCreator]
        desk.world.run(approve_purchase_order, approve, caller=BERT)

        assert desk.status(order) == "APPROVED"
        assert desk.order(order).approved_by_id == BERT.actor.id

    def test_takes_somebody_who_did_not_submit_it_either(self, desk: Desk) -> None:
        order = desk.draft((desk.a, 6))
        submit(desk, order, caller=BERT)

        for caller in (ANNA, BERT):
            assert refused(
                desk, approve_purchase_order, ApprovePurchaseOrder(id=order), caller=caller
            ) == [ApproverIsCreator]

    def test_may_be_declined_and_submitted_again_under_its_number(self, desk: Desk) -> None:
        order = desk.draft((desk.a, 6))
        submit(desk, order)

        desk.world.run(decline_purchase_order, DeclinePurchaseOrder(id=order), caller=BERT)
        declined = desk.status(order)
        submit(desk, order)

        assert declined == "DRAFT"
        assert (desk.status(order), desk.order(order).number) == ("PENDING_APPROVAL", "PO-1")
        assert desk.broken() == []


class TestSendAndConfirm:
    def test_expects_goods_after_the_lead_time(self, desk: Desk) -> None:
        order = desk.sent((desk.a, 6), expected_on=None)
        fixed = desk.sent((desk.a, 6), expected_on=date(2025, 6, 1))

        assert [each.expected_on for each in desk.lines(order)] == [TODAY + timedelta(days=7)]
        assert [each.expected_on for each in desk.lines(fixed)] == [date(2025, 6, 1)]

    def test_calls_off_what_is_not_confirmed(self, desk: Desk) -> None:
        order = desk.sent((desk.a, 6), (desk.b, 10))
        lines = desk.lines(order)
        later = TODAY + timedelta(days=30)
        less = ConfirmedLine(line_id=lines[1].id, quantity=4, expected_on=later)

        desk.world.run(confirm_purchase_order, ConfirmPurchaseOrder(id=order, lines=(less,)))

        first, second = desk.lines(order)
        assert (first.confirmed, first.cancelled) == (6, 0)
        assert (second.confirmed, second.cancelled, second.expected_on) == (4, 6, later)
        assert desk.status(order) == "CONFIRMED"
        assert desk.order(order).current_total == euros("7.72")
        assert desk.order(order).total == euros("8.05")
        assert desk.broken() == []

    def test_may_be_confirmed_to_nothing(self, desk: Desk) -> None:
        order = desk.sent((desk.a, 6))
        none = ConfirmedLine(line_id=desk.lines(order)[0].id, quantity=0)

        desk.world.run(confirm_purchase_order, ConfirmPurchaseOrder(id=order, lines=(none,)))

        assert desk.status(order) == "CANCELLED"
        assert desk.broken() == []


class TestEnding:
    def cancel(self, desk: Desk, order, quantity: int) -> CancelOpenQuantity:
        pieces = LinePieces(line_id=desk.lines(order)[0].id, quantity=quantity)
        return CancelOpenQuantity(id=order, lines=(pieces,))

    def test_calls_off_open_pieces_only(self, desk: Desk) -> None:
        order = desk.sent((desk.a, 12))
        desk.receive(order, (0, 5, 2))

        assert refused(desk, cancel_open_quantity, self.cancel(desk, order, 8)) == [MoreThanLeft]
        desk.world.run(cancel_open_quantity, self.cancel(desk, order, 7))

        assert desk.pieces(order) == [(12, 5, 2, 7, 0)]
        assert desk.status(order) == "RECEIVED"
        desk.world.run(close_purchase_order, ClosePurchaseOrder(id=order))
        assert desk.status(order) == "CLOSED"
        assert desk.broken() == []

    def test_cancels_an_order_of_which_nothing_is_left(self, desk: Desk) -> None:
        order = desk.sent((desk.a, 12))

        desk.world.run(cancel_open_quantity, self.cancel(desk, order, 12))

        assert desk.status(order) == "CANCELLED"
        assert desk.broken() == []

    def test_closes_short(self, desk: Desk) -> None:
        order = desk.sent((desk.a, 12), (desk.b, 4))
        desk.receive(order, (0, 5, 0))

        desk.world.run(close_purchase_order_short, ClosePurchaseOrderShort(id=order))

        assert desk.pieces(order) == [(12, 5, 0, 7, 0), (4, 0, 0, 4, 0)]
        assert desk.status(order) == "CLOSED"
        assert desk.broken() == []

    def test_cancels_only_what_has_not_arrived(self, desk: Desk) -> None:
        cancelled, received = desk.sent((desk.a, 12)), desk.sent((desk.a, 12))
        desk.receive(received, (0, 1, 0))

        desk.world.run(cancel_purchase_order, CancelPurchaseOrder(id=cancelled))

        assert desk.status(cancelled) == "CANCELLED"
        assert desk.order(cancelled).current_total == euros("0.00")
        assert refused(desk, cancel_purchase_order, CancelPurchaseOrder(id=received)) == [
            InvalidTransition
        ]
