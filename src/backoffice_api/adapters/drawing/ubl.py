"""Draws electronic invoices and credit notes in UBL 2.1, as EN 16931 takes it.

Sources: OASIS UBL 2.1 (2013); EN 16931-1:2017 and CEN/TS 16931-3-2. No extension of a country.
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

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_NAMESPACES = {
    "cac": f"{_UBL}CommonAggregateComponents-2",
    "cbc": f"{_UBL}CommonBasicComponents-2",
}


def draw(sheets: Sequence[Sheet], title: str) -> bytes:
    """The invoice or credit note as XML.

    Raises:
        Refused: EN 16931 does not take it.
    """
    (sheet,) = sheets
    check_en_16931(sheet)
    name = "CreditNote" if sheet["is_credit_note"] else "Invoice"
    root = Element(f"{{{_UBL}{name}-2}}{name}", _NAMESPACES)
    _head(root, sheet)
    _parties(root, sheet)
    _payment(root, sheet)
    _totals(root, sheet)
    for line in sheet["lines"]:
        _line(root, sheet, line)
    return written(root.tree, {**_NAMESPACES, "": f"{_UBL}{name}-2"})


def _head(root: Element, sheet: Sheet) -> None:
    root.add("cbc:CustomizationID", GUIDELINE)
    root.add("cbc:ID", sheet["number"])
    root.add("cbc:IssueDate", sheet["issued_on"])
    if sheet["is_credit_note"]:
        root.add("cbc:CreditNoteTypeCode", CREDIT_NOTE_CODE)
    else:
        root.add("cbc:DueDate", sheet["due_on"])
        root.add("cbc:InvoiceTypeCode", INVOICE_CODE)
    root.add("cbc:Note", sheet["reason"] or sheet["note"] or None)
    root.add("cbc:DocumentCurrencyCode", sheet["currency"])
    root.add("cbc:BuyerReference", sheet["order"])
    root.add("cac:OrderReference").add("cbc:ID", sheet["order"])
    if credited := sheet["credits"]:
        reference = root.add("cac:BillingReference").add("cac:InvoiceDocumentReference")
        reference.add("cbc:ID", credited["number"])
        reference.add("cbc:IssueDate", credited["issued_on"])


def _parties(root: Element, sheet: Sheet) -> None:
    seller, buyer = sheet["seller"], sheet["buyer"]
    _party(root.add("cac:AccountingSupplierParty").add("cac:Party"), seller, with_vat=True)
    _party(root.add("cac:AccountingCustomerParty").add("cac:Party"), buyer, with_vat=True)
    if (ship_to := sheet["ship_to"]) and ship_to["country"]:
        delivery = root.add("cac:Delivery")
        _address(delivery.add("cac:DeliveryLocation").add("cac:Address"), ship_to)
        if ship_to["name"]:
            name = delivery.add("cac:DeliveryParty").add("cac:PartyName")
            name.add("cbc:Name", ship_to["name"])


def _party(party: Element, given: Mapping[str, Any], *, with_vat: bool) -> None:
    if given["trade_name"]:
        party.add("cac:PartyName").add("cbc:Name", given["trade_name"])
    _address(party.add("cac:PostalAddress"), given)
    if with_vat and (number := vat_id(given)):
        scheme = party.add("cac:PartyTaxScheme")
        scheme.add("cbc:CompanyID", number)
        scheme.add("cac:TaxScheme").add("cbc:ID", "VAT")
    entity = party.add("cac:PartyLegalEntity")
    entity.add("cbc:RegistrationName", given["name"])
    entity.add("cbc:CompanyID", legal_id(given))
    if given["phone"] or given["email"]:
        contact = party.add("cac:Contact")
        contact.add("cbc:Telephone", given["phone"])
        contact.add("cbc:ElectronicMail", given["email"])


def _address(address: Element, given: Mapping[str, Any]) -> None:
    lines = [each for each in (*given["lines"], given["district"]) if each]
    for name, each in zip(("StreetName", "AdditionalStreetName"), lines, strict=False):
        address.add(f"cbc:{name}", each)
    address.add("cbc:CityName", given["city"])
    address.add("cbc:PostalZone", given["postal_code"])
    address.add("cbc:CountrySubentity", given["region"])
    for each in lines[2:3]:
        address.add("cac:AddressLine").add("cbc:Line", each)
    address.add("cac:Country").add("cbc:IdentificationCode", given["country"])


def _payment(root: Element, sheet: Sheet) -> None:
    if iban := sheet["seller"]["iban"]:
        means = root.add("cac:PaymentMeans")
        means.add("cbc:PaymentMeansCode", SEPA_TRANSFER)
        means.add("cbc:PaymentID", sheet["number"])
        account = means.add("cac:PayeeFinancialAccount")
        account.add("cbc:ID", iban)
        if bic := sheet["seller"]["bic"]:
            account.add("cac:FinancialInstitutionBranch").add("cbc:ID", bic)
    if not sheet["due_on"]:
        # BR-CO-25: who owes something is told when it is due.
        root.add("cac:PaymentTerms").add("cbc:Note", "Due on receipt")


def _totals(root: Element, sheet: Sheet) -> None:
    total = root.add("cac:TaxTotal")
    _amount(total, "cbc:TaxAmount", sheet["tax_minor"], sheet)
    for tax in sheet["taxes"]:
        part = total.add("cac:TaxSubtotal")
        _amount(part, "cbc:TaxableAmount", tax["net_minor"], sheet)
        _amount(part, "cbc:TaxAmount", tax["tax_minor"], sheet)
        _category(part.add("cac:TaxCategory"), tax, with_reason=True)
    sums = root.add("cac:LegalMonetaryTotal")
    _amount(sums, "cbc:LineExtensionAmount", sheet["net_minor"], sheet)
    _amount(sums, "cbc:TaxExclusiveAmount", sheet["net_minor"], sheet)
    _amount(sums, "cbc:TaxInclusiveAmount", sheet["total_minor"], sheet)
    _amount(sums, "cbc:PayableAmount", sheet["total_minor"], sheet)


def _line(root: Element, sheet: Sheet, line: Sheet) -> None:
    name, counted = (
        ("cac:CreditNoteLine", "cbc:CreditedQuantity")
        if sheet["is_credit_note"]
        else ("cac:InvoiceLine", "cbc:InvoicedQuantity")
    )
    element = root.add(name)
    element.add("cbc:ID", str(line["position"]))
    element.add(counted, str(line["quantity"]), unitCode=PIECE)
    _amount(element, "cbc:LineExtensionAmount", line["net_minor"], sheet)
    if discount := line_discount(line, sheet):
        allowance = element.add("cac:AllowanceCharge")
        allowance.add("cbc:ChargeIndicator", "false")
        allowance.add("cbc:AllowanceChargeReason", "Discount")
        _amount(allowance, "cbc:Amount", discount, sheet)
    item = element.add("cac:Item")
    item.add("cbc:Name", title_of(line))
    if line["sku"]:
        item.add("cac:SellersItemIdentification").add("cbc:ID", line["sku"])
    _category(item.add("cac:ClassifiedTaxCategory"), line, with_reason=False)
    price = element.add("cac:Price")
    price.add("cbc:PriceAmount", net_price(line, sheet), currencyID=sheet["currency"])


def _category(element: Element, tax: Sheet, *, with_reason: bool) -> None:
    element.add("cbc:ID", CATEGORY_CODES[tax["category"]])
    if tax["category"] != "outside":
        element.add("cbc:Percent", percent(tax["rate_ppm"]))
    if with_reason:
        element.add("cbc:TaxExemptionReason", tax["reason"])
    element.add("cac:TaxScheme").add("cbc:ID", "VAT")


def _amount(parent: Element, name: str, minor: int, sheet: Sheet) -> None:
    parent.add(name, amount(minor, sheet["decimals"]), currencyID=sheet["currency"])


if __name__ == "__main__":
    answer(draw)
