"""Reads Brazilian NF-e, layout 4.00, with or without the protocol of the tax office.

Source: Manual de Orientação do Contribuinte 7.0 with the layout NF-e 4.00. What a buyer pays is
`vNF`: goods less discounts, freight, insurance and other charges, and the taxes that come on top
(IPI, also of what is sent back, ICMS-ST, FCP-ST, import duty). ICMS, PIS and COFINS are inside the
prices.
"""

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
    tax_ids,
    text,
)
from backoffice_api.adapters.xml_trees import at, each_at, local, text_at
from backoffice_api.domain.kernel.money import Money, total
from backoffice_api.domain.payables.model.bill_documents import (
    BillDocument,
    BillFormat,
    DocumentInstalment,
    DocumentLine,
    UnreadableBill,
)

_CURRENCY = "BRL"
# 100: authorised; 150: authorised after its time.
_AUTHORISED = ("100", "150")
# `indTot`: the item is listed, and not paid for.
_NOT_IN_TOTAL = "0"
_ADDED = ("vFrete", "vSeg", "vOutro")
_TAXES = ("vIPI", "vICMSST", "vFCPST", "vII")
_NONE = Money.zero(_CURRENCY)


def read(root: Element) -> BillDocument:
    """What an NF-e says.

    Raises:
        UnreadableBill: something is missing or wrong, or the tax office did not authorise it.
    """
    status = text_at(root, "protNFe/infProt/cStat")
    if status is not None and status not in _AUTHORISED:
        raise UnreadableBill("cStat", f"the tax office did not authorise it ({status[:10]})")
    invoice = root if local(root) == "NFe" else at(root, "NFe")
    info = None if invoice is None else at(invoice, "infNFe")
    if info is None:
        raise UnreadableBill("infNFe", "it is missing")
    elements = list(each_at(info, "det"))
    check_count(elements)
    lines = [_line(each) for each in elements]
    amount = needed_money(info, _CURRENCY, "total/ICMSTot/vNF")
    tax = total([each.tax for each in lines], _CURRENCY)
    net = total([each.net for each in lines], _CURRENCY)
    relief = money(info, _CURRENCY, "total/ICMSTot/vICMSDeson")
    if relief and net + tax - relief == amount:
        lines.append(DocumentLine("ICMS desonerado", -relief, _NONE))
        net -= relief
    check_sums(lines, net, tax, amount)
    return BillDocument(
        format=BillFormat.NFE,
        is_credit_note=False,
        number=_number(info),
        issued_on=needed_day(info, "ide/dhEmi", "ide/dEmi"),
        due_on=day(info, "cobr/dup/dVenc"),
        instalments=_instalments(info),
        net=net,
        tax=tax,
        total=amount,
        prepaid=_NONE,
        supplier_name=text(info, "emit/xNome") or "-",
        supplier_tax_ids=tax_ids((text_at(info, "emit/CNPJ"), text_at(info, "emit/CPF"))),
        buyer_tax_ids=tax_ids((text_at(info, "dest/CNPJ"), text_at(info, "dest/CPF"))),
        lines=tuple(lines),
        order_reference=reference(info, "compra/xPed"),
        key=_key(info),
        note=text(info, "infAdic/infCpl") or "",
    )


def _line(item: Element) -> DocumentLine:
    product = at(item, "prod")
    if product is None:
        raise UnreadableBill("prod", "it is missing")
    net = needed_money(product, _CURRENCY, "vProd")
    net -= money(product, _CURRENCY, "vDesc") or _NONE
    for name in _ADDED:
        net += money(product, _CURRENCY, name) or _NONE
    if text_at(product, "indTot") == _NOT_IN_TOTAL:
        net = _NONE
    gtin = reference(product, "cEAN", "cEANTrib")
    return DocumentLine(
        description=text(product, "xProd") or "-",
        net=net,
        tax=_taxes(item),
        quantity=decimal(product, "qCom"),
        unit_price=decimal(product, "vUnCom"),
        supplier_sku=reference(product, "cProd"),
        gtin=gtin if gtin and gtin.isdigit() else None,
        order_reference=reference(product, "xPed"),
        order_line=reference(product, "nItemPed"),
    )


def _taxes(item: Element) -> Money:
    found = money(item, _CURRENCY, "impostoDevol/IPI/vIPIDevol") or _NONE
    for group in each_at(item, "imposto"):
        for each in group.iter():
            if local(each) in _TAXES:
                around = Element("around")
                around.append(each)
                found += needed_money(around, _CURRENCY, local(each))
    return found


def _number(info: Element) -> str:
    """Number and series, as people know an NF-e: 4711-1."""
    return f"{needed(info, 'ide/nNF')}-{text_at(info, 'ide/serie') or '0'}"


def _instalments(info: Element) -> tuple[DocumentInstalment, ...]:
    due = [
        (day(each, "dVenc"), money(each, _CURRENCY, "vDup")) for each in each_at(info, "cobr/dup")
    ]
    return tuple(DocumentInstalment(on, part) for on, part in due if on and part)


def _key(info: Element) -> str | None:
    key = (info.get("Id") or "").removeprefix("NFe")
    return key if len(key) == 44 else None
