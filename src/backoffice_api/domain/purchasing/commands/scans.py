"""From scanned codes to lines of a purchase order."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.texts import check_range, check_text
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.model import Barcode, barcode_key
from backoffice_api.domain.purchasing.model.lines import (
    QUANTITY_MAX,
    PurchaseOrderLine,
    UnknownPurchaseOrderLine,
    dealt_out,
)
from backoffice_api.domain.purchasing.model.receipts import (
    CodeNotOrdered,
    NothingReceived,
    ReceiptLineUnnamed,
)
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.lots import LotDraft


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedLine:
    """What arrived, by line of the order or by a scanned code: one of both.

    Of a code that is on a pack of several pieces, packs are counted. `accepted` go on stock,
    `rejected` do not; `rejection` says why. Accepted pieces go into `bucket`; `lot` is needed
    where the variant is tracked.
    """

    line_id: UUID | None = None
    scan: str | None = None
    accepted: int = 0
    rejected: int = 0
    rejection: str | None = None
    bucket: Bucket = Bucket.SELLABLE
    lot: LotDraft | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """Pieces of one line of the order, and of one bucket and lot, that arrived."""

    line: PurchaseOrderLine
    accepted: int
    rejected: int
    rejection: str | None
    bucket: Bucket = Bucket.SELLABLE
    lot: LotDraft | None = None


def arrivals(
    uow: UnitOfWork,
    faults: Faults,
    present: Sequence[PurchaseOrderLine],
    received: Sequence[ReceivedLine],
) -> Sequence[Arrival]:
    """What arrived of each line of the order; several inputs may be of the same line.

    Of a code, pieces go to the lines of its variant that wait for them, in their order. What is
    wrong is noted.
    """
    packs = _packs(uow, [each.scan for each in received if each.scan is not None])
    by_id = {line.id: line for line in present}
    found: list[Arrival] = []
    for position, each in enumerate(received):
        here = ("lines", position)
        _check(faults, each, *here)
        if (each.line_id is None) == (each.scan is None):
            faults.add(ReceiptLineUnnamed().at(*here))
        elif each.line_id is not None:
            if each.line_id in by_id:
                line = by_id[each.line_id]
                found.append(_arrival(line, each, each.accepted, each.rejected))
            else:
                faults.add(UnknownPurchaseOrderLine(each.line_id).at(*here, "line_id"))
        else:
            lines, pieces = _scanned(present, packs, each.scan or "")
            if lines:
                found += _dealt(lines, each, pieces, pieces_of(found))
            else:
                faults.add(CodeNotOrdered(each.scan or "").at(*here, "scan"))
    return _merged(found)


def _packs(uow: UnitOfWork, codes: Sequence[str]) -> Mapping[str, tuple[UUID, int]]:
    """The variant of each code that is known, and how many pieces the pack holds."""
    variants = products.variants_by_printed_codes(uow.db, codes) if codes else {}
    barcodes = products.barcodes_by_variants(uow.db, {each.id for each in variants.values()})
    return {
        code: (each.id, _pieces(code, barcodes.get(each.id, ()))) for code, each in variants.items()
    }


def _pieces(code: str, barcodes: Sequence[Barcode]) -> int:
    for each in barcodes:
        if code == each.code or code.zfill(14) == barcode_key(each):
            return each.pack_quantity
    return 1


def _scanned(
    present: Sequence[PurchaseOrderLine], packs: Mapping[str, tuple[UUID, int]], code: str
) -> tuple[Sequence[PurchaseOrderLine], int]:
    """The lines that a code is on, and how many pieces it stands for."""
    if code in packs:
        variant_id, pieces = packs[code]
        return [line for line in present if line.variant_id == variant_id], pieces
    # What is printed on the box is often the supplier's own number, or ours.
    named = [line for line in present if code in (line.supplier_sku, line.sku)]
    return named, 1


def _dealt(
    lines: Sequence[PurchaseOrderLine],
    each: ReceivedLine,
    pieces: int,
    came: Mapping[UUID, int],
) -> Sequence[Arrival]:
    accepted = dealt_out(lines, each.accepted * pieces, came)
    by_id = {line.id: line for line in lines}
    found = [_arrival(by_id[id], each, share, 0) for id, share in accepted.items()]
    if each.rejected:
        found.append(_arrival(lines[0], each, 0, each.rejected * pieces))
    return found


def _arrival(line: PurchaseOrderLine, each: ReceivedLine, accepted: int, rejected: int) -> Arrival:
    return Arrival(line, accepted, rejected, each.rejection, each.bucket, each.lot)


def pieces_of(found: Sequence[Arrival]) -> Mapping[UUID, int]:
    """Accepted pieces by line."""
    came = Counter[UUID]()
    for each in found:
        came[each.line.id] += each.accepted
    return came


def _merged(found: Sequence[Arrival]) -> Sequence[Arrival]:
    """One arrival per line, bucket and lot, in the order in which they were named first."""
    merged: dict[tuple[UUID, Bucket, LotDraft | None], Arrival] = {}
    for each in found:
        key = (each.line.id, each.bucket, each.lot)
        before = merged.get(key)
        merged[key] = (
            each
            if before is None
            else replace(
                before,
                accepted=before.accepted + each.accepted,
                rejected=before.rejected + each.rejected,
                rejection=before.rejection or each.rejection,
            )
        )
    return list(merged.values())


def _check(faults: Faults, each: ReceivedLine, *here: str | int) -> None:
    for name in ("accepted", "rejected"):
        value = getattr(each, name)
        check_range(value, faults, *here, name, minimum=0, maximum=QUANTITY_MAX)
    if each.accepted + each.rejected == 0:
        faults.add(NothingReceived().at(*here))
    check_text(each.rejection, faults, *here, "rejection")
