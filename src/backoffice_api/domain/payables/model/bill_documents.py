"""What a bill says that came as a file, whatever its form: words for parsers and importers."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_FLOOR, Context, Decimal

from backoffice_api.domain.customers.model import TaxId
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid
from backoffice_api.domain.kernel.money import Money

BILL_FILE_BYTES_MAX = 5_000_000
IDENTITY = {"personal": "identity"}
_EXACT = Context(prec=60)


class BillFormat(Choice):
    """The form of a bill that is a file."""

    UBL = "ubl", "OASIS UBL 2.1, invoice or credit note (XRechnung, Peppol, EN 16931)."
    CII = "cii", "UN/CEFACT Cross Industry Invoice (Factur-X, ZUGFeRD, XRechnung)."
    NFE = "nfe", "Brazilian NF-e, layout 4.00."


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """`quantity` and `unit_price` None: it is a charge, or an allowance if `net` is below zero.

    `order_reference`, `order_line`: our purchase order and its line, as the supplier names them.
    """

    description: str
    net: Money
    tax: Money
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    supplier_sku: str | None = None
    buyer_sku: str | None = None
    gtin: str | None = None
    order_reference: str | None = None
    order_line: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentInstalment:
    due_on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class BillDocument:
    """A bill as a file says it. Its lines sum to `net` and `tax`, and those to `total`.

    `due_on` None: it says nothing. `key`: what names the document everywhere (the access key of
    an NF-e). `prepaid`: how much of the total is paid already. `credits`: the number of the bill
    that a credit note is about.
    """

    format: BillFormat
    is_credit_note: bool
    number: str
    issued_on: date
    due_on: date | None
    instalments: tuple[DocumentInstalment, ...]
    net: Money
    tax: Money
    total: Money
    prepaid: Money
    supplier_name: str = field(metadata=IDENTITY)
    supplier_tax_ids: tuple[TaxId, ...] = field(metadata=IDENTITY)
    buyer_tax_ids: tuple[TaxId, ...] = field(metadata=IDENTITY)
    lines: tuple[DocumentLine, ...]
    order_reference: str | None = None
    credits: str | None = None
    key: str | None = None
    note: str = ""

    @property
    def currency(self) -> str:
        return self.total.currency


@dataclass(eq=False)
class UnreadableBill(Invalid):
    """A file is no bill that can be read. `element`: where in it."""

    element: str
    why: str
    message = "{element}: {why}."


def with_tax(
    lines: Sequence[DocumentLine], exact: Sequence[Decimal], tax: Money
) -> Sequence[DocumentLine]:
    """The lines with their shares of `tax`, which sum to it. `exact`: in minor units, by line.

    Each share is the exact one, cut down; the minor units left over go to the largest remainders.
    What a document has rounded in another way than by its lines goes to its largest line.
    """
    cut = [int(each.to_integral_value(ROUND_FLOOR, context=_EXACT)) for each in exact]
    left = tax.minor - sum(cut)
    if lines and 0 <= left <= len(lines):
        remainders = [each - whole for each, whole in zip(exact, cut, strict=True)]
        for position in sorted(range(len(cut)), key=lambda at: (-remainders[at], at))[:left]:
            cut[position] += 1
    elif lines:
        cut[max(range(len(lines)), key=lambda at: abs(lines[at].net.minor))] += left
    return [
        replace(line, tax=Money(share, tax.currency))
        for line, share in zip(lines, cut, strict=True)
    ]
