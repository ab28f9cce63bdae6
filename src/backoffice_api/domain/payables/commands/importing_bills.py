"""Bills that came as files: each becomes a draft, with what can be told of its lines.

The file itself was read before, outside of any transaction; it is kept beside the bill.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from backoffice_api.domain.kernel.errors import DomainError, Missing
from backoffice_api.domain.kernel.money import UnitPrice, total
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.payables.commands.entering import CreateBill, create_bill
from backoffice_api.domain.payables.model.bill_documents import BillDocument, DocumentLine
from backoffice_api.domain.payables.model.bills import NOTE_LENGTH_MAX, BillKind
from backoffice_api.domain.payables.model.drafts import BillLineDraft, InstalmentDraft
from backoffice_api.domain.payables.model.refusals import DuplicateBill
from backoffice_api.domain.payables.queries.importing import (
    Ordered,
    bill_of_file,
    ordered_from,
    supplier_ids_by_tax_ids,
)
from backoffice_api.domain.payables.tables.runs import bill_sources
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.purchasing.model.lines import QUANTITY_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportBill(Command):
    """`supplier_id` None: it is found by its tax id. `allow_similar`: as when entering a bill.

    `content`: the file as it came; `sha256`: of it, in hexadecimal digits.
    """

    scope = Scope.BILLS_WRITE
    document: BillDocument
    content: bytes
    media_type: str
    sha256: str
    supplier_id: UUID | None = None
    allow_similar: bool = False


@dataclass(frozen=True, slots=True)
class BillImported:
    """The draft, how many lines it has, and how many of these are for lines of orders."""

    bill_id: UUID
    lines_count: int
    matched_count: int


@dataclass(eq=False)
class SupplierOfBillUnknown(Missing):
    """No supplier, or more than one, has a tax id of this bill: say whose it is."""

    supplier: str
    found: int
    message = "The bill is from {supplier!r:.90}: {found} suppliers have its tax id."


def import_bill(uow: UnitOfWork, command: ImportBill) -> BillImported:
    """Make a draft of a bill that came as a file.

    Raises:
        SupplierOfBillUnknown: nobody has its tax id. UnknownSupplier.
        DuplicateBill: it is there already. SimilarBill: it may be.
        The faults of `create_bill`.
    """
    document = command.document
    if known := bill_of_file(uow.db, command.sha256, document.key):
        raise DuplicateBill(*known)
    supplier_id = command.supplier_id or _supplier(uow, document)
    matched = _matched(uow, document, supplier_id)
    bill_id = create_bill(
        uow,
        CreateBill(
            supplier_id=supplier_id,
            number=document.number,
            issued_on=document.issued_on,
            kind=BillKind.CREDIT_NOTE if document.is_credit_note else BillKind.BILL,
            currency=document.currency,
            lines=tuple(
                _draft(line, matched.get(position)) for position, line in enumerate(document.lines)
            ),
            instalments=_instalments(document),
            due_on=document.due_on,
            note=_note(document),
            source_reference=document.key,
            allow_similar=command.allow_similar,
        ),
    )
    row = {
        "bill_id": bill_id,
        "sha256": command.sha256,
        "created_at": uow.now,
        "format": document.format,
        "media_type": command.media_type,
        "size_bytes": len(command.content),
        "content": command.content,
    }
    uow.db.execute(bill_sources.insert(), row)
    return BillImported(bill_id, len(document.lines), len(matched))


def _supplier(uow: UnitOfWork, document: BillDocument) -> UUID:
    found = supplier_ids_by_tax_ids(uow.db, document.supplier_tax_ids)
    if len(found) != 1:
        raise SupplierOfBillUnknown(document.supplier_name, len(found))
    return found[0]


def _matched(uow: UnitOfWork, document: BillDocument, supplier_id: UUID) -> Mapping[int, Ordered]:
    """The lines of purchase orders that lines are for, by their positions."""
    if document.is_credit_note:
        return {}
    gtins = {each.gtin for each in document.lines if each.gtin}
    variants = products.variants_by_printed_codes(uow.db, sorted(gtins)) if gtins else {}
    of_gtin = {code: each.id for code, each in variants.items()}
    numbers = {each.order_reference for each in document.lines} | {document.order_reference}
    ordered = ordered_from(
        uow.db,
        supplier_id,
        document.currency,
        numbers={each for each in numbers if each},
        skus={each.supplier_sku for each in document.lines if each.supplier_sku},
        variant_ids=set(of_gtin.values()),
    )
    matched: dict[int, Ordered] = {}
    taken: set[UUID] = set()
    for position, line in enumerate(document.lines):
        if _pieces(line.quantity) is None or line.net.minor < 0:
            continue
        number = line.order_reference or document.order_reference
        left = [each for each in ordered if each.line_id not in taken]
        found = _best(line, number, left, of_gtin)
        if found is not None:
            matched[position] = found
            taken.add(found.line_id)
    return matched


def _best(
    line: DocumentLine,
    number: str | None,
    ordered: Sequence[Ordered],
    of_gtin: Mapping[str, UUID],
) -> Ordered | None:
    """The line of an order that a line is for. None: none is for sure.

    Of the order that the bill names before any other; then the oldest with so many pieces left.
    """
    fit = [each for each in ordered if _is_same_goods(line, each, of_gtin)]
    if number is not None and (of_order := [each for each in fit if each.order_number == number]):
        return of_order[0]
    pieces = _pieces(line.quantity) or 0
    return next((each for each in fit if each.billable >= pieces), None)


def _is_same_goods(line: DocumentLine, ordered: Ordered, of_gtin: Mapping[str, UUID]) -> bool:
    if line.gtin is not None and of_gtin.get(line.gtin) == ordered.variant_id:
        return True
    return (line.supplier_sku is not None and line.supplier_sku == ordered.supplier_sku) or (
        line.buyer_sku is not None and line.buyer_sku == ordered.sku
    )


def _draft(line: DocumentLine, ordered: Ordered | None) -> BillLineDraft:
    pieces = _pieces(line.quantity)
    return BillLineDraft(
        description=line.description,
        order_line_id=ordered.line_id if ordered else None,
        quantity=pieces,
        unit_price=_price(line) if pieces else None,
        amount=line.net,
        tax=line.tax,
    )


def _pieces(quantity: Decimal | None) -> int | None:
    """A whole number of pieces. None: it is none."""
    if quantity is None or not 1 <= quantity <= QUANTITY_MAX or quantity % 1:
        return None
    return int(quantity)


def _price(line: DocumentLine) -> UnitPrice | None:
    """The price of a piece. None: it is none, or has more decimals than are kept."""
    if line.unit_price is None or line.unit_price < 0:
        return None
    try:
        return UnitPrice.of(line.unit_price, line.net.currency)
    except DomainError:
        return None


def _instalments(document: BillDocument) -> tuple[InstalmentDraft, ...]:
    """Those of the file, if they come to its total."""
    parts = document.instalments
    if not parts or total([each.amount for each in parts], document.currency) != document.total:
        return ()
    return tuple(InstalmentDraft(due_on=each.due_on, amount=each.amount) for each in parts)


def _note(document: BillDocument) -> str:
    parts: Collection[str] = (
        document.note,
        f"Credits {document.credits}" if document.credits else "",
        f"Paid already: {document.prepaid}" if document.prepaid else "",
    )
    return "\n".join(filter(None, parts))[:NOTE_LENGTH_MAX]
