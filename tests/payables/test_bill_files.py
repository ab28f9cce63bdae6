"""Bills from XML: what our own invoices say comes back, and nothing that is wrong is taken."""

from datetime import date
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice_api.adapters.bill_xml.embedded import xml_of
from backoffice_api.adapters.bill_xml.reading import read_bill
from backoffice_api.adapters.drawing import cii, factur_x
from backoffice_api.domain.customers.model import TaxId
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.tax_ids import TaxIdKind
from backoffice_api.domain.payables.model.bill_documents import (
    BillFormat,
    DocumentInstalment,
    DocumentLine,
    UnreadableBill,
    with_tax,
)
from tests.payables.bill_samples import CNPJ, VAT, cii_bill, nfe_bill, sheet, ubl_bill

CII = "urn:un:unece:uncefact:data:standard:"


def euros(minor: int) -> Money:
    return Money(minor, "EUR")


class TestEuropeanBills:
    @pytest.mark.parametrize(
        ("content", "format"), [(ubl_bill(), BillFormat.UBL), (cii_bill(), BillFormat.CII)]
    )
    def test_say_what_was_written(self, content: bytes, format: BillFormat) -> None:
        found = read_bill(content)

        assert found.format is format
        assert (found.number, found.is_credit_note) == ("INV-4711", False)
        assert (found.issued_on, found.due_on) == (date(2025, 3, 1), date(2025, 3, 31))
        assert (found.net, found.tax, found.total) == (euros(4_002), euros(641), euros(4_643))
        assert found.supplier_tax_ids == (TaxId(TaxIdKind.VAT, VAT),)
        assert (found.supplier_name, found.note) == ("Tassen GmbH", "Thanks")
        assert found.order_reference == "PO-7"
        cup, book = found.lines
        assert (cup.description, cup.supplier_sku) == ("CUP & more", "CUP")
        assert (cup.quantity, cup.unit_price) == (Decimal(3), Decimal("10.01"))
        assert (cup.net, cup.tax) == (euros(3_003), euros(571))
        assert (book.net, book.tax) == (euros(999), euros(70))

    def test_may_take_back(self) -> None:
        credit = {"is_credit_note": True, "reason": "Broken", "due_on": None}
        credited = {"number": "INV-4700", "issued_on": "2025-02-01"}

        for content in (ubl_bill(**credit, credits=credited), cii_bill(**credit, credits=credited)):
            found = read_bill(content)
            assert (found.is_credit_note, found.credits) == (True, "INV-4700")

    def test_may_be_in_a_pdf(self) -> None:
        pdf = factur_x.draw([sheet()], "a bill")

        assert read_bill(pdf) == read_bill(cii.draw([sheet()], "a bill"))

    def test_may_have_no_lines(self) -> None:
        tree = ElementTree.fromstring(cii_bill())
        trade = tree.find(f"{{{CII}CrossIndustryInvoice:100}}SupplyChainTradeTransaction")
        assert trade is not None
        item = f"{{{CII}ReusableAggregateBusinessInformationEntity:100}}"
        for each in trade.findall(f"{item}IncludedSupplyChainTradeLineItem"):
            trade.remove(each)

        found = read_bill(ElementTree.tostring(tree))

        (line,) = found.lines
        assert (line.net, line.tax, found.total) == (euros(4_002), euros(641), euros(4_643))

    def test_have_charges_and_a_rounding(self) -> None:
        xml = ubl_bill().decode()
        charge = (
            "<cac:AllowanceCharge><cbc:ChargeIndicator>true</cbc:ChargeIndicator>"
            "<cbc:AllowanceChargeReason>Freight</cbc:AllowanceChargeReason>"
            '<cbc:Amount currencyID="EUR">5.00</cbc:Amount></cac:AllowanceCharge><cac:TaxTotal>'
        )
        xml = xml.replace("<cac:TaxTotal>", charge, 1)
        for old, new in (
            ("40.02</cbc:TaxExclusive", "45.02</cbc:TaxExclusive"),
            ("46.43", "51.43"),
        ):
            xml = xml.replace(old, new)
        rounding = '<cbc:PayableRoundingAmount currencyID="EUR">-0.03</cbc:PayableRoundingAmount>'
        xml = xml.replace("<cbc:PayableAmount", f"{rounding}<cbc:PayableAmount")

        found = read_bill(xml.encode())

        assert found.total == euros(5_140)
        assert [(each.description, each.net) for each in found.lines[2:]] == [
            ("Freight", euros(500)),
            ("Rounding", euros(-3)),
        ]


class TestNfe:
    def test_says_what_was_written(self) -> None:
        instalments = (
            "<cobr><dup><nDup>001</nDup><dVenc>2025-04-01</dVenc><vDup>40.00</vDup></dup>"
            "<dup><nDup>002</nDup><dVenc>2025-05-01</dVenc><vDup>60.00</vDup></dup></cobr><pag>"
        )
        xml = nfe_bill().decode().replace("<pag>", instalments)

        found = read_bill(xml.encode())

        assert (found.format, found.number) == (BillFormat.NFE, "4711-1")
        assert found.total == Money(10_000, "BRL")
        assert found.supplier_tax_ids == (TaxId(TaxIdKind.CNPJ, CNPJ),)
        assert len(found.key or "") == 44
        assert found.instalments == (
            DocumentInstalment(date(2025, 4, 1), Money(4_000, "BRL")),
            DocumentInstalment(date(2025, 5, 1), Money(6_000, "BRL")),
        )
        (line,) = found.lines
        assert (line.supplier_sku, line.gtin, line.quantity) == ("CANECA", None, Decimal(2))

    def test_that_was_denied_is_refused(self) -> None:
        inner = nfe_bill().decode().partition("?>")[2]
        denied = "<protNFe><infProt><cStat>110</cStat></infProt></protNFe>"

        with pytest.raises(UnreadableBill, match="cStat"):
            read_bill(f"<nfeProc>{inner}{denied}</nfeProc>".encode())


class TestWrongBills:
    @pytest.mark.parametrize(
        ("old", "new", "element"),
        [
            ("46.43</cbc:TaxInclusive", "46.44</cbc:TaxInclusive", "total"),
            ("30.03</cbc:LineExt", "30.02</cbc:LineExt", "lines"),
            ("40.02</cbc:TaxExclusive", "40.021</cbc:TaxExclusive", "TaxExclusiveAmount"),
            ("40.02</cbc:TaxExclusive", "1e9</cbc:TaxExclusive", "TaxExclusiveAmount"),
            (">2025-03-01<", ">yesterday<", "IssueDate"),
            (">EUR</", ">ZZZ</", "currency"),
            ("INV-4711", "", "ID"),
            ("<?xml", '<!DOCTYPE a [<!ENTITY b "c">]><?xml', "file"),
            ("Invoice", "Faktura", "Faktura"),
        ],
    )
    def test_are_refused_by_name(self, old: str, new: str, element: str) -> None:
        xml = ubl_bill().decode()
        assert old in xml

        with pytest.raises(UnreadableBill) as caught:
            read_bill(xml.replace(old, new).encode())

        assert caught.value.element == element

    def test_too_large_or_without_an_invoice_are_refused(self) -> None:
        with pytest.raises(UnreadableBill, match="more than 5000000 bytes"):
            read_bill(b"x" * 5_000_001)
        with pytest.raises(UnreadableBill, match="it cannot be read"):
            xml_of(b"%PDF-1.7 nothing")


class TestShares:
    @settings(max_examples=15)
    @given(
        nets=st.lists(st.integers(-10_000, 1_000_000), min_size=1, max_size=8),
        rate=st.sampled_from(["0", "7", "19", "5.5"]),
        off=st.integers(-3, 3),
    )
    def test_of_tax_sum_to_it(self, nets: list[int], rate: str, off: int) -> None:
        lines = [DocumentLine("x", euros(net), euros(0)) for net in nets]
        exact = [Decimal(net) * Decimal(rate) / 100 for net in nets]
        tax = euros(int(sum(exact)) + off)

        found = with_tax(lines, exact, tax)

        assert sum(each.tax.minor for each in found) == tax.minor
