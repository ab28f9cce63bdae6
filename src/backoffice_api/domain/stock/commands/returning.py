"""How pieces come back from customers, at what they cost when they left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.stock.commands.ledger import post
from backoffice_api.domain.stock.commands.levels import AdjustStock, adjust
from backoffice_api.domain.stock.commands.lots import lots_of_lines
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.levels import AdjustLine, AdjustmentKind
from backoffice_api.domain.stock.model.locations import CUSTOMER_ID, SCRAP_ID
from backoffice_api.domain.stock.model.lots import LotDraft
from backoffice_api.domain.stock.model.movements import Cause, MovementKind, RecordedMovement
from backoffice_api.domain.stock.queries.lots import tracking_by_variants


@dataclass(frozen=True, slots=True, kw_only=True)
class ComingBack:
    """Pieces that come back to a location. `bucket` None: they are thrown away at once.

    `unit_cost`: what one cost when it left; None: not known, so it is taken at the average.
    """

    variant_id: UUID
    location_id: UUID
    quantity: int
    bucket: Bucket | None
    lot: LotDraft | None = None
    unit_cost: UnitPrice | None = None


def take_back(uow: UnitOfWork, pieces: Sequence[ComingBack], cause: Cause) -> Sequence[UUID]:
    """Let pieces come back, each of `pieces` with a movement of its own: their ids, in order.

    The number of statements does not depend on how many there are, but for pieces of one variant
    and lot that go to one place: these come in one after the other.

    Raises:
        LotNeeded, LotNotTracked: a variant should name a lot, or should not.
        DomainError: as `adjust`, pointing at the position in `pieces` as `lines`.
    """
    posted: dict[int, UUID] = {}
    for positions in _rounds(pieces):
        lines = tuple(_line(pieces[position]) for position in positions)
        done = adjust(uow, AdjustStock(kind=AdjustmentKind.RETURN, lines=lines, cause=cause))
        posted.update(zip(positions, done.movement_ids, strict=True))
    posted.update(_scrap(uow, pieces, cause))
    return [posted[position] for position in range(len(pieces))]


def _rounds(pieces: Sequence[ComingBack]) -> Sequence[Sequence[int]]:
    """Positions of what goes into the stock, so that none names the same place and lot twice."""
    rounds: list[list[int]] = []
    seen: dict[tuple[UUID, UUID, Bucket | None, str | None], int] = {}
    for position, each in enumerate(pieces):
        if each.bucket is None:
            continue
        lot = each.lot.code if each.lot else None
        key = (each.variant_id, each.location_id, each.bucket, lot)
        turn = seen[key] = seen.get(key, -1) + 1
        if turn == len(rounds):
            rounds.append([])
        rounds[turn].append(position)
    return rounds


def _line(each: ComingBack) -> AdjustLine:
    return AdjustLine(
        variant_id=each.variant_id,
        location_id=each.location_id,
        delta=each.quantity,
        bucket=each.bucket or Bucket.SELLABLE,
        lot=each.lot,
        unit_cost=each.unit_cost,
    )


def _scrap(uow: UnitOfWork, pieces: Sequence[ComingBack], cause: Cause) -> Mapping[int, UUID]:
    """What never enters the stock goes past it, from one virtual location to another."""
    scrapped = {at: each for at, each in enumerate(pieces) if each.bucket is None}
    if not scrapped:
        return {}
    lines = [_line(each) for each in scrapped.values()]
    ids = {line.variant_id for line in lines}
    faults = Faults()
    named, _ = lots_of_lines(
        uow, faults, lines, tracking_by_variants(uow.db, ids), products.variants_by_ids(uow.db, ids)
    )
    postings = [
        RecordedMovement(
            kind=MovementKind.RETURN,
            variant_id=each.variant_id,
            from_location_id=CUSTOMER_ID,
            to_location_id=SCRAP_ID,
            quantity=each.quantity,
            cause_kind=cause.kind,
            cause_id=cause.id,
            reason=uow.meta.reason,
            lot_id=lot.id if lot else None,
        )
        for each, lot in zip(scrapped.values(), named, strict=True)
    ]
    return dict(zip(scrapped, post(uow, postings), strict=True))
