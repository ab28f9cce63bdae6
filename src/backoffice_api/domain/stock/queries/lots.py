"""What can be asked about lots: which there are, where they lie, where they went."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Subquery, literal, not_, select, tuple_

from backoffice_api.domain.kernel.filters import On, Operator
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import among, columns_of, many_per, one_per
from backoffice_api.domain.products.tables import barcodes
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.locations import CUSTOMER_ID
from backoffice_api.domain.stock.model.lots import (
    Lot,
    LotLevel,
    LotShare,
    LotSortKey,
    Tracking,
    first_expired,
)
from backoffice_api.domain.stock.tables import (
    levels,
    lot_levels,
    lots,
    movements,
    variant_settings,
)

# How many lots are read at once, where they are read one after the other.
PORTION_MAX = 1_000

lots_by_ids = one_per(Lot, lots, lots.c.id)
lot_levels_by_lots = many_per(
    LotLevel,
    lot_levels,
    lot_levels.c.lot_id,
    lot_levels.c.level_id,
    where=(lot_levels.c.on_hand > 0,),
)


@dataclass(frozen=True, slots=True, eq=False)
class AtLevel:
    """A word that holds for lots of which a level holds a piece. Null: no level does."""

    lot_id: ColumnElement[Any]

    def __call__(self, operator: Operator, value: Any) -> ColumnElement[bool]:
        there = select(lot_levels.c.lot_id).where(lot_levels.c.on_hand > 0)
        if operator is Operator.IS_NULL:
            anywhere = self.lot_id.in_(there)
            return not_(anywhere) if value else anywhere
        of = value if operator is Operator.IN else (value,)
        return self.lot_id.in_(there.where(among(lot_levels.c.level_id, of)))


lot_list = Listing(
    Lot,
    lots,
    sorts={LotSortKey.CREATED_AT: lots.c.created_at, LotSortKey.CODE: lots.c.code},
    words={
        "status": On(lots.c.status),
        "code": On(lots.c.code),
        "variant_id": On(lots.c.variant_id),
        "level_id": AtLevel(lots.c.id),
        "expires_on": On(lots.c.expires_on),
        "received_on": On(lots.c.received_on),
        "created_at": On(lots.c.created_at),
    },
)


def tracking_by_variants(db: Connection, ids: Iterable[UUID]) -> Mapping[UUID, Tracking]:
    """How the pieces of variants are told apart; only of those where they are."""
    settings = variant_settings.c
    statement = select(settings.variant_id, settings.tracking).where(
        among(settings.variant_id, ids), settings.tracking != Tracking.NONE
    )
    return {row[0]: row[1] for row in db.execute(statement)}


def lots_by_codes(
    db: Connection, codes: Iterable[tuple[UUID, str]], tracking: Mapping[UUID, Tracking]
) -> Mapping[tuple[UUID, str], Lot]:
    """The lot of each variant and code that there is, of the kind that it is tracked by."""
    wanted = set(codes)
    statement = select(*columns_of(Lot, lots)).where(
        among(lots.c.variant_id, {variant_id for variant_id, _ in wanted}),
        among(lots.c.code, {code for _, code in wanted}),
    )
    found = (Lot(*row) for row in db.execute(statement))
    return {
        key: lot
        for lot in found
        if (key := (lot.variant_id, lot.code)) in wanted and tracking[key[0]] is lot.kind
    }


def lots_by_code_or_id(
    db: Connection, codes: Collection[str], id: UUID | None, barcode_keys: Collection[str] = ()
) -> Sequence[UUID]:
    """The ids of the lots of these codes, or of this id, the latest first; at most 20.

    `barcode_keys`: only of variants that have one of these barcodes, if they are given.
    """
    named = among(lots.c.code, codes) if id is None else lots.c.id == id
    statement = select(lots.c.id).where(named)
    if barcode_keys:
        packed = select(barcodes.c.variant_id).where(among(barcodes.c.key, barcode_keys))
        statement = statement.where(lots.c.variant_id.in_(packed))
    return tuple(db.execute(statement.order_by(lots.c.id.desc()).limit(20)).scalars())


def lots_at_levels(
    db: Connection, level_ids: Iterable[UUID]
) -> Mapping[UUID, Sequence[tuple[Lot, int]]]:
    """The lots at each of these levels, with the pieces that there are of them."""
    statement = (
        select(lot_levels.c.level_id, lot_levels.c.on_hand, *columns_of(Lot, lots))
        .join(lots, lots.c.id == lot_levels.c.lot_id)
        .where(among(lot_levels.c.level_id, level_ids), lot_levels.c.on_hand > 0)
    )
    found: defaultdict[UUID, list[tuple[Lot, int]]] = defaultdict(list)
    for row in db.execute(statement):
        found[row[0]].append((Lot(*row[2:]), row[1]))
    return found


def lots_along(db: Connection, level_ids: Collection[UUID]) -> Iterator[tuple[UUID, Lot, int]]:
    """The lots at all of these levels with their pieces, level by level in the order of their ids.

    They are read as they are taken, `PORTION_MAX` at a time, each with one statement.
    """
    here = lot_levels.c
    statement = (
        select(here.level_id, here.on_hand, *columns_of(Lot, lots))
        .join(lots, lots.c.id == here.lot_id)
        .where(among(here.level_id, level_ids), here.on_hand > 0)
        .order_by(here.level_id, here.lot_id)
        .limit(PORTION_MAX)
    )
    start: tuple[UUID, UUID] | None = None
    while True:
        behind = statement
        if start:
            end = tuple_(literal(start[0], here.level_id.type), literal(start[1], here.lot_id.type))
            behind = statement.where(tuple_(here.level_id, here.lot_id) > end)
        portion = [(row[0], Lot(*row[2:]), int(row[1])) for row in db.execute(behind)]
        yield from portion
        if len(portion) < PORTION_MAX:
            return
        start = portion[-1][0], portion[-1][1].id


def suggestion(
    db: Connection, variant_id: UUID, location_id: UUID, quantity: int, today: date
) -> Sequence[LotShare]:
    """Which lots at a location to take so many pieces of: what expires first, first."""
    statement = select(levels.c.id).where(
        levels.c.variant_id == variant_id,
        levels.c.location_id == location_id,
        levels.c.bucket == Bucket.SELLABLE,
    )
    at_levels = lots_at_levels(db, db.execute(statement).scalars())
    there = [each for of_level in at_levels.values() for each in of_level]
    return first_expired(there, quantity, today)


def shipped_by_lots() -> Subquery:
    """What went to customers of each lot, as a table for those who own the causes.

    One row per movement: `lot_id`, `cause_kind`, `cause_id`, `quantity`, `occurred_at`.
    """
    of = movements.c
    return (
        select(of.lot_id, of.cause_kind, of.cause_id, of.quantity, of.occurred_at)
        .where(of.lot_id.is_not(None), of.to_location_id == CUSTOMER_ID)
        .subquery("shipped")
    )
