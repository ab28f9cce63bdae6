"""Electronic invoices: they pass the published schemas, and say what the invoice says."""

import io
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import facturx
import pytest
from pypdf import PdfReader

from backoffice_api.domain.invoicing.model.documents import DocumentKind, DocumentStatus
from backoffice_api.domain.invoicing.model.taxes import GivenTax
from backoffice_api.domain.orders.model.orders import OrderDiscount
from backoffice_api.domain.taxes.model.categories import TaxCategory
from tests.invoicing.office import InvoiceOffice
from tests.invoicing.press import Press
from tests.orders.shop import POSTAGE, address, euros, goods, price

PLAIN = {
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
}


@pytest.fixture
def press(office: InvoiceOffice, tmp_path: Path) -> Press:
    return Press(office, tmp_path)


def varied(office: InvoiceOffice) -> Any:
    """An order with two rates, one line without tax, a discount and postage."""
    office.variant("BOOK", 10)
    books = goods("BOOK", 3, unit_price=price(3_333_300), tax=euros(68))
    discount = OrderDiscount("Spring", None, 100, "EUR")
    return office.place(
        goods("MUG", 2, tax=euros(369)),
        books,
        POSTAGE,
        discounts=(discount,),
        shipping=euros(400),
        shipping_tax=euros(76),
        shipping_address=address(country="DE", city="Köln & Bonn <1>"),
    )


def texts(xml: bytes, *paths: str) -> list[list[str | None]]:
    tree = ElementTree.fromstring(xml)
    return [[each.text for each in tree.iterfind(path, PLAIN)] for path in paths]


class TestUbl:
    def test_passes_the_schema_and_comes_to_the_invoice(self, press: Press) -> None:
        invoice = press.office.bill(varied(press.office))

        xml = press.drawn(press.ask(DocumentKind.UBL, "inv", invoice))

        assert facturx.xml_check_xsd(xml, flavor="ubl-2.1-invoice") is True
        found = press.office.invoice(invoice)
        net, payable, taxes, lines, rates, city = texts(
            xml,
            ".//cac:LegalMonetaryTotal/cbc:LineExtensionAmount",
            ".//cac:LegalMonetaryTotal/cbc:PayableAmount",
            "cac:TaxTotal/cac:TaxSubtotal/cbc:TaxAmount",
            "cac:InvoiceLine/cbc:LineExtensionAmount",
            "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/cbc:Percent",
            ".//cac:Delivery//cbc:CityName",
        )
        assert [Decimal(payable[0] or "")] == [found.total.amount]
        assert sum(map(Decimal, lines)) == Decimal(net[0] or "") == found.net.amount
        assert sum(map(Decimal, taxes)) == found.tax.amount
        assert (rates, city) == (["19", "7", "0"], ["Köln & Bonn <1>"])

    def test_lines_are_price_times_quantity_without_the_discount(self, press: Press) -> None:
        invoice = press.office.bill(varied(press.office))

        xml = press.drawn(press.ask(DocumentKind.UBL, "inv", invoice))

        tree = ElementTree.fromstring(xml)
        for line in tree.iterfind("cac:InvoiceLine", PLAIN):
            pieces = Decimal(line.findtext("cbc:InvoicedQuantity", "", PLAIN))
            each = Decimal(line.findtext("cac:Price/cbc:PriceAmount", "", PLAIN))
            off = Decimal(line.findtext("cac:AllowanceCharge/cbc:Amount", "0", PLAIN))
            net = Decimal(line.findtext("cbc:LineExtensionAmount", "", PLAIN))
            assert abs(pieces * each - off - net) <= Decimal("0.005")

    def test_of_a_credit_note_names_the_invoice(self, press: Press) -> None:
        invoice = press.office.bill(varied(press.office))
        note = press.office.credit(invoice)

        xml = press.drawn(press.ask(DocumentKind.UBL, "inv", note))

        assert facturx.xml_check_xsd(xml, flavor="ubl-2.1-creditnote") is True
        credited, code = texts(
            xml, ".//cac:InvoiceDocumentReference/cbc:ID", "cbc:CreditNoteTypeCode"
        )
        assert (credited, code) == (["INV-2025-1"], ["381"])

    def test_is_given_up_where_the_standard_wants_more(self, press: Press) -> None:
        order = press.office.place(goods("MUG", 1))
        id = press.ask(DocumentKind.UBL, "inv", press.office.bill(order))

        press.drawing(id)

        found = press.document(id)
        assert found.status is DocumentStatus.FAILED
        assert found.error == "The buyer has no name, which EN 16931 asks for."


class TestCii:
    def test_passes_the_schema_and_comes_to_the_invoice(self, press: Press) -> None:
        invoice = press.office.bill(varied(press.office))

        xml = press.drawn(press.ask(DocumentKind.CII, "inv", invoice))

        assert facturx.xml_check_xsd(xml, flavor="factur-x", level="en16931") is True
        found = press.office.invoice(invoice)
        payable, lines = texts(xml, ".//ram:DuePayableAmount", ".//ram:LineTotalAmount")
        assert Decimal(payable[0] or "") == found.total.amount
        *parts, whole = map(Decimal, lines)
        assert sum(parts) == whole == found.net.amount

    def test_takes_prices_that_contain_the_tax(self, press: Press) -> None:
        mug = goods("MUG", 3, unit_price=price(11_900_000), tax=euros(570))
        order = press.office.place(mug, tax_included=True, shipping_address=address(country="DE"))
        invoice = press.office.bill(order)

        xml = press.drawn(press.ask(DocumentKind.CII, "inv", invoice))

        assert texts(xml, ".//ram:ChargeAmount", ".//ram:GrandTotalAmount") == [
            ["10.000000"],
            ["35.70"],
        ]

    def test_says_why_no_tax_is_due(self, press: Press) -> None:
        order = press.office.place(goods("MUG", 1), shipping_address=address(country="FR"))
        line = press.office.lines(order)[0].id
        given = GivenTax(line_id=line, category=TaxCategory.INTRA_COMMUNITY)
        invoice = press.office.bill(order, taxes=(given,))

        xml = press.drawn(press.ask(DocumentKind.CII, "inv", invoice))

        assert facturx.xml_check_xsd(xml, flavor="factur-x", level="en16931") is True
        assert texts(xml, ".//ram:ExemptionReason", ".//ram:CategoryCode") == [
            ["Intra-community supply"],
            ["K", "K"],
        ]


class TestFacturX:
    def test_is_a_pdf_with_the_invoice_inside(self, press: Press) -> None:
        invoice = press.office.bill(varied(press.office))

        pdf = press.drawn(press.ask(DocumentKind.FACTUR_X, "inv", invoice))

        name, xml = facturx.get_facturx_xml_from_pdf(pdf, check_xsd=True)
        assert name == "factur-x.xml"
        total = texts(xml, ".//ram:GrandTotalAmount")[0][0]
        assert Decimal(total or "") == press.office.invoice(invoice).total.amount
        reader = PdfReader(io.BytesIO(pdf))
        assert "Rechnung INV-2025-1" in reader.pages[0].extract_text()
        metadata = reader.xmp_metadata
        assert metadata is not None
        assert metadata.get_element("", "http://www.aiim.org/pdfa/ns/id/", "part") is not None
