"""Invoices and credit notes: what they come to, and what is refused."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from backoffice_api.domain.invoicing import queries
from backoffice_api.domain.invoicing.commands.crediting import (
    CreateCreditNote,
    create_credit_note,
)
from backoffice_api.domain.invoicing.commands.issuing import CreateInvoice, create_invoice
from backoffice_api.domain.invoicing.commands.numbering import (
    SetInvoiceSeries,
    set_invoice_series,
)
from backoffice_api.domain.invoicing.commands.sellers import SetSeller, set_seller
from backoffice_api.domain.invoicing.model.invoices import (
    InvoiceBasis,
    InvoicedQuantity,
    InvoiceKind,
    InvoiceStatus,
)
from backoffice_api.domain.invoicing.model.taxes import GivenTax
from backoffice_api.domain.invoicing.tables import (
    invoice_lines,
    invoice_series,
    invoice_taxes,
    invoices,
)
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.domain.orders.commands.cancelling import CancelOrder, cancel_order
from backoffice_api.domain.orders.commands.editing import EditOrder, edit_order
from backoffice_api.domain.orders.commands.merging import MergeOrders, merge_orders
from backoffice_api.domain.orders.commands.splitting import SplitOrder, split_order
from backoffice_api.domain.orders.model.edits import LineChange
from backoffice_api.domain.orders.model.lines import LineQuantity
from backoffice_api.domain.orders.model.orders import CancelReason, OrderDiscount
from backoffice_api.domain.taxes.model.categories import TaxCategory
from tests.invoicing.office import SELLER, InvoiceOffice
from tests.orders.shop import POSTAGE, address, euros, goods, price
from tests.world import NOW


def line(id, quantity):
    return InvoicedQuantity(line_id=id, quantity=quantity)


class TestCreateInvoice:
    def test_copies_who_what_and_for_how_much(self, office: InvoiceOffice) -> None:
        order = office.taxed(3)

        found = office.invoice(office.bill(order))

        assert (found.number, found.serial, found.kind) == ("INV-2025-1", 1, InvoiceKind.INVOICE)
        assert (found.net, found.tax, found.total) == (euros(3400), euros(646), euros(4046))
        assert (found.issued_on, found.due_on) == (date(2025, 3, 1), date(2025, 3, 15))
        assert (found.seller["name"], found.seller["iban"]) == ("Acme GmbH", SELLER["iban"])
        assert (found.buyer["name"], found.buyer["city"]) == ("Ana Silva", "São Paulo")
        assert (found.order_number, found.locale) == ("W-1", "de")
        assert [(each.title, each.quantity) for each in office.invoice_lines(found.id)] == [
            ("Thing MUG", 3),
            ("Shipping", 1),
        ]
        assert office.broken() == []

    def test_breaks_taxes_down_by_rate(self, office: InvoiceOffice) -> None:
        office.variant("BOOK", 10)
        books = goods("BOOK", 1, unit_price=price(3_330_000), tax=euros(23))
        order = office.place(goods("MUG", 1, tax=euros(190)), books, POSTAGE)

        taxes = office.world.read(queries.taxes_by_invoices, [id := office.bill(order)])[id]

        assert [
            (each.category.code, str(each.rate), each.net_minor, each.tax_minor) for each in taxes
        ] == [
            ("S", "19", 1000, 190),
            ("S", "7", 333, 23),
            ("Z", "0", 450, 0),
        ]
        assert office.broken() == []

    def test_takes_the_tax_out_of_prices_that_contain_it(self, office: InvoiceOffice) -> None:
        mug = goods("MUG", 1, unit_price=price(11_900_000), tax=euros(190))
        discount = OrderDiscount("Spring", None, 119, "EUR")
        order = office.place(mug, tax_included=True, discounts=(discount,))

        found = office.invoice(
            office.bill(
                order,
                taxes=(GivenTax(line_id=office.lines(order)[0].id, category=TaxCategory.STANDARD),),
            )
        )

        assert (found.net, found.tax, found.total) == (euros(881), euros(190), euros(1071))
        assert found.total == office.order(order).total

    def test_bills_a_part_and_then_the_rest_to_the_cent(self, office: InvoiceOffice) -> None:
        discount = OrderDiscount("Spring", None, 100, "EUR")
        order = office.taxed(7, discounts=(discount,), shipping=None, shipping_tax=None)
        (first,) = office.lines(order)

        parts = [
            office.bill(order, (first.id, 3)),
            office.bill(order, (first.id, 2)),
            office.bill(order),
        ]

        totals = [office.invoice(id).total_minor for id in parts]
        assert sum(totals) == office.order(order).total_minor == 7 * 1190 - 100
        assert office.refused(create_invoice, CreateInvoice(order_id=order)) == [
            "NOTHING_TO_INVOICE"
        ]
        assert office.broken() == []

    def test_bills_what_was_shipped(self, office: InvoiceOffice) -> None:
        order = office.taxed(3)
        command = CreateInvoice(order_id=order, basis=InvoiceBasis.SHIPPED)
        assert office.refused(create_invoice, command) == ["NOTHING_TO_INVOICE"]
        office.ship(order, 2)

        id = office.bill(order, basis=InvoiceBasis.SHIPPED)

        assert [each.quantity for each in office.invoice_lines(id)] == [2, 1]

    def test_bills_what_is_in_a_fulfillment(self, office: InvoiceOffice) -> None:
        order = office.taxed(3)
        first = office.fulfillment(order, 2, "F-1")
        second = office.fulfillment(order, 1, "F-2")

        ids = [office.bill(order, fulfillment_id=id) for id in (first, second)]

        quantities = [[each.quantity for each in office.invoice_lines(id)] for id in ids]
        assert quantities == [[2, 1], [1]]
        assert [office.invoice(id).fulfillment_id for id in ids] == [first, second]

    def test_bills_what_is_in_a_fulfillment_once(self, office: InvoiceOffice) -> None:
        order = office.taxed(3)
        first = office.fulfillment(order, 1, "F-1")
        invoice = office.bill(order, fulfillment_id=first)
        command = CreateInvoice(order_id=order, fulfillment_id=first)

        assert office.refused(create_invoice, command) == ["NOTHING_TO_INVOICE"]
        office.credit(invoice)
        again = office.bill(order, fulfillment_id=first)
        assert [each.quantity for each in office.invoice_lines(again)] == [1, 1]

    def test_leaves_out_what_was_cancelled(self, office: InvoiceOffice) -> None:
        order = office.taxed(3)
        office.world.run(cancel_order, CancelOrder(id=order, reason=CancelReason.CUSTOMER))

        assert office.refused(create_invoice, CreateInvoice(order_id=order)) == [
            "NOTHING_TO_INVOICE"
        ]

    def test_is_refused_without_a_number_a_seller_or_pieces(self, office: InvoiceOffice) -> None:
        draft, order = office.create(goods("MUG")), office.taxed(2)
        (first,) = office.lines(order)
        too_many = CreateInvoice(order_id=order, lines=(line(first.id, 3),))
        unknown = CreateInvoice(order_id=order, lines=(line(office.mug, 1),))

        assert office.refused(create_invoice, CreateInvoice(order_id=draft)) == ["ORDER_NOT_PLACED"]
        assert office.refused(create_invoice, too_many) == ["QUANTITY_EXCEEDED"]
        assert office.refused(create_invoice, unknown) == ["UNKNOWN_ORDER_LINE"]
        office.set_seller(channel_ids=())
        assert office.refused(create_invoice, CreateInvoice(order_id=order)) == ["NO_SELLER"]

    def test_refuses_a_tax_that_contradicts_the_amount(self, office: InvoiceOffice) -> None:
        order = office.taxed(3)
        wrong = GivenTax(line_id=office.lines(order)[0].id, rate_ppm=70_000)

        codes = office.refused(create_invoice, CreateInvoice(order_id=order, taxes=(wrong,)))

        assert codes == ["TAX_CONTRADICTS"]

    def test_says_why_no_tax_is_due(self, office: InvoiceOffice) -> None:
        order = office.place(goods("MUG", 1))
        given = GivenTax(line_id=office.lines(order)[0].id, category=TaxCategory.REVERSE_CHARGE)

        (found,) = office.invoice_lines(office.bill(order, taxes=(given,)))

        assert (found.tax_category, found.tax_reason) == (
            TaxCategory.REVERSE_CHARGE,
            "Reverse charge",
        )

    def test_keeps_the_buyer_out_of_the_log(self, office: InvoiceOffice) -> None:
        id = office.bill(office.taxed(1))

        (issued,) = office.log(id)

        changes = {each["path"]: each["after"] for each in issued.changes}
        assert changes["buyer"] == changes["ship_to"] == "(personal)"
        assert "Ana" not in str(issued)

    @pytest.mark.parametrize("table", [invoices, invoice_lines, invoice_taxes])
    def test_is_never_changed_or_removed(self, office: InvoiceOffice, table) -> None:
        office.bill(office.taxed(1))

        for statement in (update(table).values(tax_minor=1), delete(table)):
            with (
                pytest.raises(IntegrityError, match="cannot be changed"),
                office.world.database.writing.begin() as db,
            ):
                db.execute(statement)


class TestNumbers:
    def test_begin_anew_with_each_year_where_the_seller_is(self, office: InvoiceOffice) -> None:
        office.set_seller(number_digits=4, invoice_prefix="{channel}/{year}-")
        # In Berlin the new year has begun.
        late = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)
        orders = [office.taxed(1) for _ in range(3)]

        numbers = [
            office.invoice(
                office.world.run(create_invoice, CreateInvoice(order_id=id), now=now).value
            ).number
            for id, now in zip(orders, (NOW, NOW, late), strict=True)
        ]

        assert numbers == ["web/2025-0001", "web/2025-0002", "web/2026-0001"]
        assert office.broken() == []

    def test_go_on_above_those_of_another_system(self, office: InvoiceOffice) -> None:
        command = SetInvoiceSeries(
            seller_id=office.seller_id,
            kind=InvoiceKind.INVOICE,
            prefix="INV-2025-",
            number_next=501,
        )
        office.world.run(set_invoice_series, command)

        assert office.invoice(office.bill(office.taxed(1))).number == "INV-2025-501"
        assert office.refused(set_invoice_series, command) == ["OUT_OF_RANGE"]
        assert office.broken() == []

    def test_are_not_used_up_by_a_dry_run(self, office: InvoiceOffice) -> None:
        order = office.taxed(1)
        office.world.run(create_invoice, CreateInvoice(order_id=order), dry_run=True)

        assert office.invoice(office.bill(order)).serial == 1

    def test_that_are_missing_are_found(self, office: InvoiceOffice) -> None:
        office.bill(office.taxed(1))
        with office.world.database.writing.begin() as db:
            db.execute(update(invoice_series).values(number_next=invoice_series.c.number_next + 1))

        assert office.broken() == ["I6"]


class TestCreateCreditNote:
    def test_takes_all_back(self, office: InvoiceOffice) -> None:
        order = office.taxed(3)
        invoice = office.bill(order)

        note = office.invoice(office.credit(invoice))

        assert (note.number, note.kind) == ("CN-2025-1", InvoiceKind.CREDIT_NOTE)
        assert (note.total, note.credits_id) == (euros(4046), invoice)
        found = office.invoice(invoice)
        assert (found.status, found.credited) == (InvoiceStatus.CREDITED, euros(4046))
        assert office.broken() == []
        # What was credited can be invoiced again.
        assert office.invoice(office.bill(order)).total == euros(4046)

    def test_takes_parts_back_that_sum_to_the_whole(self, office: InvoiceOffice) -> None:
        discount = OrderDiscount("Spring", None, 100, "EUR")
        order = office.taxed(7, discounts=(discount,))
        invoice = office.bill(order)
        goods_line, _ = office.invoice_lines(invoice)

        first = office.invoice(office.credit(invoice, (goods_line.id, 3)))
        half_way = office.invoice(invoice)
        rest = office.invoice(office.credit(invoice))

        assert half_way.status is InvoiceStatus.PARTIALLY_CREDITED
        assert half_way.credited == first.total
        assert first.total + rest.total == half_way.total
        assert office.broken() == []

    def test_is_never_for_more_than_was_invoiced(self, office: InvoiceOffice) -> None:
        invoice = office.bill(office.taxed(3))
        goods_line, _ = office.invoice_lines(invoice)
        note = office.credit(invoice, (goods_line.id, 2))
        more = CreateCreditNote(id=invoice, lines=(line(goods_line.id, 2),), reason="x")

        assert office.refused(create_credit_note, more) == ["CREDIT_EXCEEDED"]
        of_note = CreateCreditNote(id=note, reason="x")
        assert office.refused(create_credit_note, of_note) == ["NOT_AN_INVOICE"]
        office.credit(invoice)
        again = CreateCreditNote(id=invoice, reason="x")
        assert office.refused(create_credit_note, again) == ["NOTHING_TO_CREDIT"]

    def test_needs_a_reason(self, office: InvoiceOffice) -> None:
        invoice = office.bill(office.taxed(1))

        codes = office.refused(create_credit_note, CreateCreditNote(id=invoice, reason=" "))

        assert codes == ["INVALID_TEXT"]

    def test_is_told_to_who_follows_the_log(self, office: InvoiceOffice) -> None:
        invoice = office.bill(office.taxed(1))

        note = office.credit(invoice, caller=THE_SYSTEM)

        assert office.events(note) == ["credit_note.issued"]
        assert office.events(invoice) == ["invoice.issued", "invoice.credited"]


class TestKeepInvoiced:
    def test_refuses_another_price_and_fewer_pieces(self, office: InvoiceOffice) -> None:
        order = office.taxed(3)
        (first,) = office.lines(order)
        office.bill(order, (first.id, 2))
        dearer = LineChange(line_id=first.id, unit_price=price(11_000_000))
        fewer = LineChange(line_id=first.id, quantity=1)

        for change in (dearer, fewer):
            command = EditOrder(id=order, lines=(change,))
            assert office.refused(edit_order, command) == ["PIECES_INVOICED"]
        split = SplitOrder(id=order, lines=(LineQuantity(first.id, 2),))
        assert office.refused(split_order, split) == ["PIECES_INVOICED"]
        merge = MergeOrders(id=office.taxed(1), order_ids=(order,))
        assert office.refused(merge_orders, merge) == ["PIECES_INVOICED"]

    def test_leaves_the_rest_alone(self, office: InvoiceOffice) -> None:
        order = office.taxed(3)
        (first,) = office.lines(order)
        invoice = office.bill(order, (first.id, 2))

        office.world.run(split_order, SplitOrder(id=order, lines=(LineQuantity(first.id, 1),)))
        cancelled = (LineQuantity(first.id, 1),)
        command = CancelOrder(id=order, lines=cancelled, reason=CancelReason.CUSTOMER)
        office.world.run(cancel_order, command)
        office.world.run(edit_order, EditOrder(id=order, note="Called"))
        office.credit(invoice)
        dearer = LineChange(line_id=first.id, unit_price=price(11_000_000))
        office.world.run(edit_order, EditOrder(id=order, lines=(dearer,)))

        assert office.lines(order)[0].unit_price == price(11_000_000)
        assert office.broken() == []


class TestSetSeller:
    def test_refuses_what_is_wrong_all_at_once(self, office: InvoiceOffice) -> None:
        command = SetSeller(
            **{
                **SELLER,
                "country": "XX",
                "iban": "DE00",
                "time_zone": "Moon/Sea",
                "invoice_prefix": "INV-{year}",
                "credit_note_prefix": "{shop}-",
                "tax_rates": (0,),
                "gates_dispatch": True,
            }
        )

        assert sorted(office.refused(set_seller, command)) == [
            "INVALID_IBAN",
            "INVALID_NUMBER_PATTERN",
            "INVALID_NUMBER_PATTERN",
            "INVALID_TEXT",
            "NO_SUCH_TIME_ZONE",
            "OUT_OF_RANGE",
            "UNKNOWN_COUNTRY",
        ]

    def test_changes_no_invoice_that_is_there(self, office: InvoiceOffice) -> None:
        invoice = office.bill(office.taxed(1, billing_address=None, shipping_address=address()))

        office.set_seller(name="Acme AG")

        assert office.invoice(invoice).seller["name"] == "Acme GmbH"
