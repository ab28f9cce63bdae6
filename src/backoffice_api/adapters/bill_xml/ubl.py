"""Reads bills and credit notes in UBL 2.1.

Sources: OASIS UBL 2.1 (2013); EN 16931-1:2017 and CEN/TS 16931-3-2. Names are looked for whatever
their namespace's prefix; what a country adds is left aside.
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
from backoffice_api.adapters.xml_trees import at, below, each_at, local, text_at
from backoffice_api.domain.customers.model import TaxId
from backoffice_api.domain.kernel.money import Money, total
from backoffice_api.domain.payables.model.bill_documents import (
    BillDocument,
    BillFormat,
    DocumentInstalment,
    DocumentLine,
    with_tax,
)

CREDIT_NOTE_CODES = ("381", "396", "261", "262")
_GTIN = "0160"


def read(root: Element) -> BillDocument:
    """What an invoice or credit note says.

    Raises:
        UnreadableBill: something that a bill has is missing or wrong.
    """
    is_note = local(root) == "CreditNote"
    currency = needed(root, "DocumentCurrencyCode")
    elements = list(each_at(root, "CreditNoteLine" if is_note else "InvoiceLine"))
    check_count(elements)
    lines = [_line(each, currency) for each in elements]
    exact = [
        scaled(decimal(each, "Item/ClassifiedTaxCategory/Percent") or Decimal(), line.net)
        for each, line in zip(elements, lines, strict=True)
    ]
    for each in each_at(root, "AllowanceCharge"):
        lines.append(_charge(each, currency))
        exact.append(scaled(decimal(each, "TaxCategory/Percent") or Decimal(), lines[-1].net))
    sums = below(root, "LegalMonetaryTotal")
    net = needed_money(sums, currency, "TaxExclusiveAmount")
    amount = needed_money(sums, currency, "TaxInclusiveAmount")
    if rounding := money(sums, currency, "PayableRoundingAmount"):
        lines.append(DocumentLine("Rounding", rounding, Money.zero(currency)))
        exact.append(Decimal())
        net, amount = net + rounding, amount + rounding
    tax = _tax(root, currency)
    lines = list(with_tax(lines, exact, tax))
    check_sums(lines, net, tax, amount)
    supplier = below(root, "AccountingSupplierParty/Party")
    buyer = below(root, "AccountingCustomerParty/Party")
    due = [
        (day(each, "InstallmentDueDate", "PaymentDueDate"), money(each, currency, "Amount"))
        for each in each_at(root, "PaymentTerms")
    ]
    return BillDocument(
        format=BillFormat.UBL,
        is_credit_note=is_note or text_at(root, "InvoiceTypeCode") in CREDIT_NOTE_CODES,
        number=needed(root, "ID"),
        issued_on=needed_day(root, "IssueDate"),
        due_on=day(root, "DueDate", "PaymentMeans/PaymentDueDate", "PaymentTerms/PaymentDueDate"),
        instalments=tuple(DocumentInstalment(on, part) for on, part in due if on and part),
        net=net,
        tax=tax,
        total=amount,
        prepaid=money(sums, currency, "PrepaidAmount") or Money.zero(currency),
        supplier_name=_name(supplier),
        supplier_tax_ids=_ids(supplier),
        buyer_tax_ids=_ids(buyer),
        lines=tuple(lines),
        order_reference=reference(root, "OrderReference/ID"),
        credits=reference(root, "BillingReference/InvoiceDocumentReference/ID"),
        note=text(root, "Note") or "",
    )


def _line(line: Element, currency: str) -> DocumentLine:
    item = below(line, "Item")
    return DocumentLine(
        description=text(item, "Name", "Description") or "-",
        net=needed_money(line, currency, "LineExtensionAmount"),
        tax=Money.zero(currency),
        quantity=decimal(line, "InvoicedQuantity", "CreditedQuantity"),
        unit_price=_price(line),
        supplier_sku=reference(item, "SellersItemIdentification/ID"),
        buyer_sku=reference(item, "BuyersItemIdentification/ID"),
        gtin=_gtin(item),
        order_reference=reference(line, "OrderLineReference/OrderReference/ID"),
        order_line=reference(line, "OrderLineReference/LineID"),
    )


def _price(line: Element) -> Decimal | None:
    price = decimal(line, "Price/PriceAmount")
    per = decimal(line, "Price/BaseQuantity")
    return price / per if price is not None and per else price


def _gtin(item: Element) -> str | None:
    for each in each_at(item, "StandardItemIdentification/ID"):
        if each.get("schemeID") in (None, _GTIN, "GTIN", "EAN"):
            return (each.text or "").strip() or None
    return None


def _charge(charge: Element, currency: str) -> DocumentLine:
    amount = needed_money(charge, currency, "Amount")
    is_charge = text_at(charge, "ChargeIndicator") == "true"
    words = "Charge" if is_charge else "Allowance"
    return DocumentLine(
        description=text(charge, "AllowanceChargeReason") or words,
        net=amount if is_charge else -amount,
        tax=Money.zero(currency),
    )


def _tax(root: Element, currency: str) -> Money:
    """In the document's currency; the same tax may be told in another one, too."""
    own = [
        each
        for each in each_at(root, "TaxTotal")
        if (amount := at(each, "TaxAmount")) is not None
        and amount.get("currencyID", currency) == currency
    ]
    return total([needed_money(each, currency, "TaxAmount") for each in own], currency)


def _name(party: Element) -> str:
    return text(party, "PartyLegalEntity/RegistrationName", "PartyName/Name") or "-"


def _ids(party: Element) -> tuple[TaxId, ...]:
    paths = ("PartyTaxScheme/CompanyID", "PartyLegalEntity/CompanyID", "PartyIdentification/ID")
    return tax_ids(each.text for path in paths for each in each_at(party, path))
