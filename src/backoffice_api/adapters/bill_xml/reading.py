"""Reads a bill from a file, whatever its form."""

from backoffice_api.adapters.bill_xml import cii, nfe, ubl
from backoffice_api.adapters.bill_xml.embedded import xml_of
from backoffice_api.adapters.xml_trees import BadXml, local, parse
from backoffice_api.domain.payables.model.bill_documents import (
    BILL_FILE_BYTES_MAX,
    BillDocument,
    UnreadableBill,
)

_READERS = {
    "Invoice": ubl.read,
    "CreditNote": ubl.read,
    "CrossIndustryInvoice": cii.read,
    "nfeProc": nfe.read,
    "NFe": nfe.read,
}
PDF_BEGINNING = b"%PDF-"


def read_bill(content: bytes) -> BillDocument:
    """What the bill says: XML, or a PDF with XML in it.

    Raises:
        UnreadableBill: it is no bill in a form that is known, or does not add up.
    """
    if len(content) > BILL_FILE_BYTES_MAX:
        raise UnreadableBill("file", f"it has more than {BILL_FILE_BYTES_MAX} bytes")
    xml = xml_of(content) if content.startswith(PDF_BEGINNING) else content
    try:
        root = parse(xml)
    except BadXml as fault:
        raise UnreadableBill("file", str(fault)) from None
    reader = _READERS.get(local(root))
    if reader is None:
        raise UnreadableBill(local(root)[:80], "it is neither UBL, CII nor NF-e")
    return reader(root)
