"""What follows from the returns of another system: returns, credit notes, stock that came back."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.integrations.commands.documents import channel_of, location_of
from backoffice_api.domain.integrations.model import Counts, Document, Source
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.returns.commands.history import record_credits, record_returns
from backoffice_api.domain.returns.model.history import (
    RecordedCreditDraft,
    RecordedReturn,
    RecordedReturnLine,
)
from backoffice_api.domain.returns.model.matching import MatchEnding

_COUNTED = {
    MatchEnding.FULL: "matched_rows",
    MatchEnding.PARTIAL: "partly_matched_rows",
    MatchEnding.NONE: "unmatched_rows",
    MatchEnding.NO_CUSTOMER: "guest_return_rows",
}


@dataclass(frozen=True, slots=True)
class CameBackRows:
    """What the returns of a batch came to.

    `unmatched`: rows of which not all pieces were matched with sales, by the key of the document
    and the position of the row.
    """

    counts: Counts
    unmatched: tuple[tuple[str, int, MatchEnding], ...]


def record_back(
    uow: UnitOfWork,
    source: Source,
    documents: Sequence[Document],
    variant_ids: Mapping[str, UUID],
    customer_ids: Mapping[str, UUID],
) -> CameBackRows:
    """Returns of goods, matched with sales, and credit notes for charges that were given back.

    The sales of the batch must be there. Of an invoice with both, the goods become a return and
    the charges a credit note.
    """
    documents = [each for each in documents if each.is_return]
    if not documents:
        return CameBackRows(Counts(), ())
    channel_id, location_id = channel_of(uow, source), location_of(uow, source)
    goods = [(each, positions) for each in documents if (positions := _positions(each, True))]
    made = record_returns(
        uow,
        [
            RecordedReturn(
                channel_id=channel_id,
                location_id=location_id,
                number=each.key,
                customer_id=customer_ids[each.customer_key] if each.customer_key else None,
                currency=source.currency,
                returned_at=each.recorded_at,
                external_ids=(ExternalId(source.name, each.key),),
                lines=tuple(_lines(each, positions, variant_ids)),
            )
            for each, positions in goods
        ],
    )
    record_credits(uow, list(_credits(documents, channel_id, source, customer_ids)))
    endings = [
        (each.key, at, ending)
        for (each, positions), of_lines in zip(goods, made.endings, strict=True)
        for at, ending in zip(positions, of_lines, strict=True)
    ]
    counted = Counter(_COUNTED[ending] for _, _, ending in endings)
    return CameBackRows(
        Counts(movements=made.movements, **counted),
        tuple(each for each in endings if each[2] is not MatchEnding.FULL),
    )


def _positions(document: Document, goods: bool) -> Sequence[int]:
    """Where the rows of goods stand in a document, or those of charges."""
    return [at for at, row in enumerate(document.rows) if (row.product_key is not None) is goods]


def _lines(
    document: Document, positions: Sequence[int], variant_ids: Mapping[str, UUID]
) -> Iterator[RecordedReturnLine]:
    for row in (document.rows[at] for at in positions):
        yield RecordedReturnLine(
            variant_id=variant_ids[row.sku],
            sku=row.sku,
            title=row.title or row.sku,
            quantity=-row.quantity,
            unit_price=row.unit_price,
        )


def _credits(
    documents: Sequence[Document],
    channel_id: UUID,
    source: Source,
    customer_ids: Mapping[str, UUID],
) -> Iterator[RecordedCreditDraft]:
    for each in documents:
        for position, at in enumerate(_positions(each, False)):
            row = each.rows[at]
            yield RecordedCreditDraft(
                channel_id=channel_id,
                number=each.key,
                position=position,
                customer_id=customer_ids[each.customer_key] if each.customer_key else None,
                sku=row.sku,
                title=row.title or row.sku,
                quantity=-row.quantity,
                unit_price=row.unit_price,
                credited_at=each.recorded_at,
            )
