"""Reads bills and credit notes in UN/CEFACT CII, as in Factur-X, ZUGFeRD 2 and XRechnung.

Sources: UN/CEFACT Cross Industry Invoice D16B; EN 16931-1:2017 and CEN/TS 16931-3-3.
"""

from decimal import Decimal
from xml.etree.ElementTree import Element

from backoffice_api.adapters.bill_xml.fields import (
    check_count,
    check_sums,
    day,
    decimal,
    money,
    needed,
    needed_day,
    needed_money,
    reference,
    scaled,
    tax_ids,
    text,
)
from backoffice_api.adapters.bill_xml.ubl import CREDIT_NOTE_CODES
from backoffice_api.adapters.xml_trees import at, below, each_at, text_at
from backoffice_api.domain.customers.model import TaxId
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.payables.model.bill_documents import (
    BillDocument,
    BillFormat,
    DocumentInstalment,
    DocumentLine,
    UnreadableBill,
    with_tax,
)

_GTIN = "0160"
_DAY = "DateTimeString"


def read(root: Element) -> BillDocument:
    """What an invoice or credit note says.

    The profiles MINIMUM and BASIC WL of Factur-X have no lines: then it has one with the total.

    Raises:
        UnreadableBill: something that a bill has is missing or wrong.
    """
    document = _part(root, "ExchangedDocument")
    trade = _part(root, "SupplyChainTradeTransaction")
    agreement = _part(trade, "ApplicableHeaderTradeAgreement")
    settlement = _part(trade, "ApplicableHeaderTradeSettlement")
    currency = needed(settlement, "InvoiceCurrencyCode")
    sums = _part(settlement, "SpecifiedTradeSettlementHeaderMonetarySummation")
    net = needed_money(sums, currency, "TaxBasisTotalAmount")
    lines, exact = _lines(trade, settlement, net)
    amount = needed_money(sums, currency, "GrandTotalAmount")
    if rounding := money(sums, currency, "RoundingAmount"):
        lines.append(DocumentLine("Rounding", rounding, Money.zero(currency)))
        exact.append(Decimal())
        # The grand total is before it is rounded.
        net, amount = net + rounding, amount + rounding
    tax = _tax(sums, currency)
    lines = list(with_tax(lines, exact, tax))
    check_sums(lines, net, tax, amount)
    seller = below(agreement, "SellerTradeParty")
    buyer = below(agreement, "BuyerTradeParty")
    terms = list(each_at(settlement, "SpecifiedTradePaymentTerms"))
    due = [(day(each, f"DueDateDateTime/{_DAY}"), _partial(each, currency)) for each in terms]
    return BillDocument(
        format=BillFormat.CII,
        is_credit_note=text_at(document, "TypeCode") in CREDIT_NOTE_CODES,
        number=needed(document, "ID"),
        issued_on=needed_day(document, f"IssueDateTime/{_DAY}"),
        due_on=next((on for on, _ in due if on), None),
        instalments=tuple(DocumentInstalment(on, part) for on, part in due if on and part),
        net=net,
        tax=tax,
        total=amount,
        prepaid=money(sums, currency, "TotalPrepaidAmount") or Money.zero(currency),
        supplier_name=text(seller, "Name") or "-",
        supplier_tax_ids=_ids(seller),
        buyer_tax_ids=_ids(buyer),
        lines=tuple(lines),
        order_reference=reference(agreement, "BuyerOrderReferencedDocument/IssuerAssignedID"),
        credits=reference(settlement, "InvoiceReferencedDocument/IssuerAssignedID"),
        note=text(document, "IncludedNote/Content") or "",
    )


def _part(element: Element, name: str) -> Element:
    found = at(element, name)
    if found is None:
        raise UnreadableBill(name, "it is missing")
    return found


def _lines(
    trade: Element, settlement: Element, net: Money
) -> tuple[list[DocumentLine], list[Decimal]]:
    """The lines, charges and allowances, and the exact tax of each in minor units."""
    currency = net.currency
    elements = list(each_at(trade, "IncludedSupplyChainTradeLineItem"))
    if not elements:
        return [DocumentLine("Total", net, Money.zero(currency))], [Decimal()]
    check_count(elements)
    rate = "SpecifiedLineTradeSettlement/ApplicableTradeTax/RateApplicablePercent"
    lines = [_line(each, currency) for each in elements]
    exact = [
        scaled(decimal(each, rate) or Decimal(), line.net)
        for each, line in zip(elements, lines, strict=True)
    ]
    for each in each_at(settlement, "SpecifiedTradeAllowanceCharge"):
        lines.append(_charge(each, currency))
        of_charge = decimal(each, "CategoryTradeTax/RateApplicablePercent") or Decimal()
        exact.append(scaled(of_charge, lines[-1].net))
    return lines, exact


def _line(line: Element, currency: str) -> DocumentLine:
    product = below(line, "SpecifiedTradeProduct")
    agreement = below(line, "SpecifiedLineTradeAgreement")
    return DocumentLine(
        description=text(product, "Name", "Description") or "-",
        net=needed_money(
            line,
            currency,
            "SpecifiedLineTradeSettlement/SpecifiedTradeSettlementLineMonetarySummation"
            "/LineTotalAmount",
        ),
        tax=Money.zero(currency),
        quantity=decimal(line, "SpecifiedLineTradeDelivery/BilledQuantity"),
        unit_price=_price(agreement),
        supplier_sku=reference(product, "SellerAssignedID"),
        buyer_sku=reference(product, "BuyerAssignedID"),
        gtin=_gtin(product),
        order_reference=reference(agreement, "BuyerOrderReferencedDocument/IssuerAssignedID"),
        order_line=reference(agreement, "BuyerOrderReferencedDocument/LineID"),
    )


def _price(agreement: Element) -> Decimal | None:
    price = decimal(agreement, "NetPriceProductTradePrice/ChargeAmount")
    per = decimal(agreement, "NetPriceProductTradePrice/BasisQuantity")
    return price / per if price is not None and per else price


def _gtin(product: Element) -> str | None:
    for each in each_at(product, "GlobalID"):
        if each.get("schemeID") in (None, _GTIN):
            return (each.text or "").strip() or None
    return None


def _charge(charge: Element, currency: str) -> DocumentLine:
    amount = needed_money(charge, currency, "ActualAmount")
    is_charge = text_at(charge, "ChargeIndicator/Indicator") == "true"
    return DocumentLine(
        description=text(charge, "Reason") or ("Charge" if is_charge else "Allowance"),
        net=amount if is_charge else -amount,
        tax=Money.zero(currency),
    )


def _partial(terms: Element, currency: str) -> Money | None:
    return money(terms, currency, "PartialPaymentAmount")


def _tax(sums: Element, currency: str) -> Money:
    """In the document's currency; the same tax may be told in another one, too."""
    for each in each_at(sums, "TaxTotalAmount"):
        if each.get("currencyID", currency) == currency:
            return needed_money(_wrapped(each), currency, "TaxTotalAmount")
    return Money.zero(currency)


def _wrapped(element: Element) -> Element:
    around = Element("sums")
    around.append(element)
    return around


def _ids(party: Element) -> tuple[TaxId, ...]:
    paths = ("SpecifiedTaxRegistration/ID", "SpecifiedLegalOrganization/ID", "ID", "GlobalID")
    return tax_ids(each.text for path in paths for each in each_at(party, path))
