"""Draws electronic invoices and credit notes as UN/CEFACT CII, as EN 16931 takes it.

Sources: UN/CEFACT Cross Industry Invoice D16B; EN 16931-1:2017 and CEN/TS 16931-3-3; it is the
profile EN 16931 of Factur-X 1.0, too.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from backoffice_api.adapters.drawing.numbers import (
    CATEGORY_CODES,
    CREDIT_NOTE_CODE,
    GUIDELINE,
    INVOICE_CODE,
    PIECE,
    SEPA_TRANSFER,
    amount,
    check_en_16931,
    legal_id,
    line_discount,
    net_price,
    percent,
    title_of,
    vat_id,
)
from backoffice_api.adapters.drawing.pipe import Sheet, answer
from backoffice_api.adapters.drawing.trees import Element, written

_UN = "urn:un:unece:uncefact:data:standard:"
_NAMESPACES = {
    "rsm": f"{_UN}CrossIndustryInvoice:100",
    "ram": f"{_UN}ReusableAggregateBusinessInformationEntity:100",
    "udt": f"{_UN}UnqualifiedDataType:100",
    "qdt": f"{_UN}QualifiedDataType:100",
}
_DAY = "102"


def draw(sheets: Sequence[Sheet], title: str) -> bytes:
    """The invoice or credit note as XML.

    Raises:
        Refused: EN 16931 does not take it.
    """
    (sheet,) = sheets
    check_en_16931(sheet)
    root = Element(f"{{{_NAMESPACES['rsm']}}}CrossIndustryInvoice", _NAMESPACES)
    context = root.add("rsm:ExchangedDocumentContext")
    context.add("ram:GuidelineSpecifiedDocumentContextParameter").add("ram:ID", GUIDELINE)
    document = root.add("rsm:ExchangedDocument")
    document.add("ram:ID", sheet["number"])
    document.add("ram:TypeCode", CREDIT_NOTE_CODE if sheet["is_credit_note"] else INVOICE_CODE)
    _day(document.add("ram:IssueDateTime"), "udt", sheet["issued_on"])
    if said := sheet["reason"] or sheet["note"]:
        document.add("ram:IncludedNote").add("ram:Content", said)
    transaction = root.add("rsm:SupplyChainTradeTransaction")
    for line in sheet["lines"]:
        _line(transaction.add("ram:IncludedSupplyChainTradeLineItem"), sheet, line)
    _agreement(transaction.add("ram:ApplicableHeaderTradeAgreement"), sheet)
    delivery = transaction.add("ram:ApplicableHeaderTradeDelivery")
    if (ship_to := sheet["ship_to"]) and ship_to["country"]:
        place = delivery.add("ram:ShipToTradeParty")
        place.add("ram:Name", ship_to["name"] or None)
        _address(place, ship_to)
    _settlement(transaction.add("ram:ApplicableHeaderTradeSettlement"), sheet)
    return written(root.tree, _NAMESPACES)


def _line(item: Element, sheet: Sheet, line: Sheet) -> None:
    item.add("ram:AssociatedDocumentLineDocument").add("ram:LineID", str(line["position"]))
    product = item.add("ram:SpecifiedTradeProduct")
    product.add("ram:SellerAssignedID", line["sku"] or None)
    product.add("ram:Name", title_of(line))
    price = item.add("ram:SpecifiedLineTradeAgreement").add("ram:NetPriceProductTradePrice")
    price.add("ram:ChargeAmount", net_price(line, sheet))
    counted = item.add("ram:SpecifiedLineTradeDelivery")
    counted.add("ram:BilledQuantity", str(line["quantity"]), unitCode=PIECE)
    settled = item.add("ram:SpecifiedLineTradeSettlement")
    tax = settled.add("ram:ApplicableTradeTax")
    tax.add("ram:TypeCode", "VAT")
    _category(tax, line)
    if discount := line_discount(line, sheet):
        allowance = settled.add("ram:SpecifiedTradeAllowanceCharge")
        allowance.add("ram:ChargeIndicator").add("udt:Indicator", "false")
        allowance.add("ram:ActualAmount", amount(discount, sheet["decimals"]))
        allowance.add("ram:Reason", "Discount")
    sums = settled.add("ram:SpecifiedTradeSettlementLineMonetarySummation")
    sums.add("ram:LineTotalAmount", amount(line["net_minor"], sheet["decimals"]))


def _agreement(agreement: Element, sheet: Sheet) -> None:
    agreement.add("ram:BuyerReference", sheet["order"])
    _party(agreement.add("ram:SellerTradeParty"), sheet["seller"])
    _party(agreement.add("ram:BuyerTradeParty"), sheet["buyer"])
    ordered = agreement.add("ram:BuyerOrderReferencedDocument")
    ordered.add("ram:IssuerAssignedID", sheet["order"])


def _party(party: Element, given: Mapping[str, Any]) -> None:
    party.add("ram:Name", given["name"])
    if legal_id(given) or given["trade_name"]:
        organization = party.add("ram:SpecifiedLegalOrganization")
        organization.add("ram:ID", legal_id(given))
        organization.add("ram:TradingBusinessName", given["trade_name"])
    if given["phone"] or given["email"]:
        contact = party.add("ram:DefinedTradeContact")
        if given["phone"]:
            phone = contact.add("ram:TelephoneUniversalCommunication")
            phone.add("ram:CompleteNumber", given["phone"])
        if given["email"]:
            contact.add("ram:EmailURIUniversalCommunication").add("ram:URIID", given["email"])
    _address(party, given)
    if number := vat_id(given):
        party.add("ram:SpecifiedTaxRegistration").add("ram:ID", number, schemeID="VA")


def _address(party: Element, given: Mapping[str, Any]) -> None:
    lines = [*given["lines"], given["district"]]
    address = party.add("ram:PostalTradeAddress")
    address.add("ram:PostcodeCode", given["postal_code"])
    for name, each in zip(("LineOne", "LineTwo", "LineThree"), filter(None, lines), strict=False):
        address.add(f"ram:{name}", each)
    address.add("ram:CityName", given["city"])
    address.add("ram:CountryID", given["country"])
    address.add("ram:CountrySubDivisionName", given["region"])


def _settlement(settlement: Element, sheet: Sheet) -> None:
    decimals = sheet["decimals"]
    settlement.add("ram:PaymentReference", sheet["number"])
    settlement.add("ram:InvoiceCurrencyCode", sheet["currency"])
    if iban := sheet["seller"]["iban"]:
        means = settlement.add("ram:SpecifiedTradeSettlementPaymentMeans")
        means.add("ram:TypeCode", SEPA_TRANSFER)
        means.add("ram:PayeePartyCreditorFinancialAccount").add("ram:IBANID", iban)
        if bic := sheet["seller"]["bic"]:
            bank = means.add("ram:PayeeSpecifiedCreditorFinancialInstitution")
            bank.add("ram:BICID", bic)
    for tax in sheet["taxes"]:
        part = settlement.add("ram:ApplicableTradeTax")
        part.add("ram:CalculatedAmount", amount(tax["tax_minor"], decimals))
        part.add("ram:TypeCode", "VAT")
        part.add("ram:ExemptionReason", tax["reason"])
        part.add("ram:BasisAmount", amount(tax["net_minor"], decimals))
        _category(part, tax)
    terms = settlement.add("ram:SpecifiedTradePaymentTerms")
    if sheet["due_on"]:
        _day(terms.add("ram:DueDateDateTime"), "udt", sheet["due_on"])
    else:
        # BR-CO-25: who owes something is told when it is due.
        terms.add("ram:Description", "Due on receipt")
    sums = settlement.add("ram:SpecifiedTradeSettlementHeaderMonetarySummation")
    sums.add("ram:LineTotalAmount", amount(sheet["net_minor"], decimals))
    sums.add("ram:TaxBasisTotalAmount", amount(sheet["net_minor"], decimals))
    taxes = amount(sheet["tax_minor"], decimals)
    sums.add("ram:TaxTotalAmount", taxes, currencyID=sheet["currency"])
    sums.add("ram:GrandTotalAmount", amount(sheet["total_minor"], decimals))
    sums.add("ram:DuePayableAmount", amount(sheet["total_minor"], decimals))
    if credited := sheet["credits"]:
        reference = settlement.add("ram:InvoiceReferencedDocument")
        reference.add("ram:IssuerAssignedID", credited["number"])
        _day(reference.add("ram:FormattedIssueDateTime"), "qdt", credited["issued_on"])


def _category(tax: Element, given: Sheet) -> None:
    tax.add("ram:CategoryCode", CATEGORY_CODES[given["category"]])
    if given["category"] != "outside":
        tax.add("ram:RateApplicablePercent", percent(given["rate_ppm"]))


def _day(parent: Element, prefix: str, iso: str) -> None:
    parent.add(f"{prefix}:DateTimeString", iso.replace("-", ""), format=_DAY)


if __name__ == "__main__":
    answer(draw)
