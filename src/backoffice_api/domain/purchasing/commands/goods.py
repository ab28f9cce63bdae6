"""How goods of purchasing move: from the supplier to a shelf, and back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.stock.commands.levels import AdjustStock, adjust
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.costs import VariantCost
from backoffice_api.domain.stock.model.levels import AdjustLine, AdjustmentKind
from backoffice_api.domain.stock.model.lots import LotDraft
from backoffice_api.domain.stock.model.movements import Cause
from backoffice_api.domain.stock.queries.costs import costs_by_variants


@dataclass(frozen=True, slots=True)
class Goods:
    """Pieces of a variant that arrive, or, if `quantity` is negative, go back.

    `unit_cost`: what one of them cost that arrives. `lot`: needed where the variant is tracked.
    """

    variant_id: UUID
    quantity: int
    unit_cost: UnitPrice | None = None
    bucket: Bucket = Bucket.SELLABLE
    lot: LotDraft | None = None


def move_goods(uow: UnitOfWork, location_id: UUID, goods: Sequence[Goods], cause: Cause) -> None:
    """Put goods on stock, or take them off it, each with a movement from or to the supplier.

    Goods are valued at what they cost; at the average if they were paid in another currency than
    the one in which the variant is valued.

    Raises:
        ArchivedLocation, KitHasNoStock: nothing can come or go there.
        LotNeeded, LotNotTracked, SerialElsewhere, InsufficientLot: the lots are wrong.
        InsufficientStock: what is to go back is not there, or is promised.
        OutOfRange: it would be more than can be counted.
    """
    valued = costs_by_variants(uow.db, {each.variant_id for each in goods})
    for together in _rounds(goods):
        lines = tuple(
            AdjustLine(
                variant_id=each.variant_id,
                location_id=location_id,
                delta=each.quantity,
                bucket=each.bucket,
                lot=each.lot,
                unit_cost=_cost(each, valued),
            )
            for each in together
        )
        adjust(uow, AdjustStock(kind=AdjustmentKind.RECEIPT, lines=lines, cause=cause))


def _rounds(goods: Sequence[Goods]) -> Iterator[Sequence[Goods]]:
    """The goods in parts that name each place once: pieces of one variant may differ in cost."""
    left = list(goods)
    while left:
        first: dict[tuple[UUID, Bucket, str | None], Goods] = {}
        for each in left:
            code = each.lot.code if each.lot else None
            first.setdefault((each.variant_id, each.bucket, code), each)
        yield list(first.values())
        done = {id(each) for each in first.values()}
        left = [each for each in left if id(each) not in done]


def _cost(goods: Goods, valued: Mapping[UUID, VariantCost]) -> UnitPrice | None:
    book = valued.get(goods.variant_id)
    if goods.unit_cost and book and book.currency != goods.unit_cost.currency:
        return None
    return goods.unit_cost
