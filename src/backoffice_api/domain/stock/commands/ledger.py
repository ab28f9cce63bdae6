"""How levels and movements are written: the few statements that every command is made of.

Everybody takes locks in the same order, so that two commands never wait for each other crosswise:
locations, then levels that are missing (made by variant and location), then levels by id, then
the reservations of these levels, which nobody changes without the lock of their level.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import starmap
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, select, update

from backoffice_api.domain.kernel.batches import UpdateEach, insert_many
from backoffice_api.domain.kernel.rows import (
    Reading,
    columns_of,
    fetch,
    insert_or_ignore,
    select_as,
)
from backoffice_api.domain.kernel.tables import Id, Instant
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.stock import queries
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.levels import KitHasNoStock, Place, StockLevel, place_of
from backoffice_api.domain.stock.model.locations import Location
from backoffice_api.domain.stock.model.lots import Tracking
from backoffice_api.domain.stock.model.movements import RecordedMovement
from backoffice_api.domain.stock.tables import (
    levels,
    locations,
    lot_levels,
    movements,
    variant_settings,
)


@dataclass(frozen=True, slots=True)
class Change:
    """By how many pieces a locked level is to change."""

    level_id: UUID
    on_hand: int = 0
    reserved: int = 0


_HOLD, _HOLD_ALONE = (
    Reading(
        lambda named, alone=alone: (
            select_as(Location, locations)  # type: ignore[misc]
            .where(named(locations.c.id, "ids"))
            .order_by(locations.c.id)
            .with_for_update(read=not alone, key_share=not alone)
        )
    )
    for alone in (False, True)
)
_LOCK_TRACKED = Reading(
    lambda named: (
        select(*columns_of(StockLevel, levels), variant_settings.c.tracking)
        .outerjoin(variant_settings, variant_settings.c.variant_id == levels.c.variant_id)
        .where(named(levels.c.id, "ids"))
        .order_by(levels.c.id)
        .with_for_update(of=levels, key_share=True)
    )
)

_add = UpdateEach(
    lambda given: (
        update(levels)
        .where(levels.c.id == given("id"))
        .values(
            on_hand=levels.c.on_hand + given("on_hand"),
            reserved=levels.c.reserved + given("reserved"),
            version=levels.c.version + 1,
            updated_at=given("now"),
        )
    ),
    id=Id(),
    on_hand=Integer(),
    reserved=Integer(),
    now=Instant(),
)


def _lot_change(sign: Literal[1, -1]) -> UpdateEach:
    return UpdateEach(
        lambda given: (
            update(lot_levels)
            .where(
                lot_levels.c.level_id == given("level_id"), lot_levels.c.lot_id == given("lot_id")
            )
            .values(on_hand=lot_levels.c.on_hand + sign * given("pieces"))
        ),
        level_id=Id(),
        lot_id=Id(),
        pieces=Integer(),
    )


_take_off_lots, _add_to_lots = _lot_change(-1), _lot_change(1)


def hold_locations(
    uow: UnitOfWork, ids: Iterable[UUID], *, exclusively: bool = False
) -> Mapping[UUID, Location]:
    """Locations that stay as they are until the transaction ends.

    Many may hold one at a time, unless `exclusively`. A movement would take the same lock for its
    foreign key, only too late to know whether the location is still in use.
    """
    hold = _HOLD_ALONE if exclusively else _HOLD
    return {each.id: each for each in starmap(Location, hold(uow.db, ids=ids))}


def make_levels(
    uow: UnitOfWork, places: Collection[Place], of: Mapping[UUID, Location]
) -> Mapping[Place, UUID]:
    """The levels of places at the locations `of`; made where there is none.

    Raises:
        KitHasNoStock: one of the variants is a kit.
    """
    present = queries.level_ids_by_places(uow.db, places)
    missing = sorted(set(places) - present.keys())
    if not missing:
        return present
    for kit in products.kits_among(uow.db, {place.variant_id for place in missing}):
        raise KitHasNoStock(kit.sku)
    rows: list[dict[str, Any]] = [
        {
            "id": uow.new_id(),
            "version": 1,
            "created_at": uow.now,
            "updated_at": uow.now,
            "variant_id": place.variant_id,
            "location_id": place.location_id,
            "bucket": place.bucket,
            "on_hand": 0,
            "reserved": 0,
            "safety": 0,
            "negative_allowed": (
                place.bucket is Bucket.SELLABLE and of[place.location_id].negative_allowed
            ),
        }
        for place in missing
    ]
    if insert_or_ignore(uow.db, levels, *rows) < len(rows):
        # Others have made some of them at the same moment, with ids of theirs.
        return queries.level_ids_by_places(uow.db, places)
    made = {place: row["id"] for place, row in zip(missing, rows, strict=True)}
    return {**present, **made}


def lock_levels(uow: UnitOfWork, *where: ColumnElement[bool]) -> Sequence[StockLevel]:
    """The levels that pass, in the order of their ids, as they are until the transaction ends."""
    statement = select_as(StockLevel, levels).where(*where).order_by(levels.c.id)
    return fetch(uow.db, StockLevel, statement.with_for_update(key_share=True))


@dataclass(frozen=True, slots=True)
class Locked:
    """Levels that stay as they are, and how the pieces of their variants are told apart."""

    levels: Mapping[Place, StockLevel]
    tracking: Mapping[UUID, Tracking]


def lock_tracked(uow: UnitOfWork, ids: Collection[UUID]) -> Locked:
    """The same for levels by their ids, with what their variants are tracked by."""
    rows = _LOCK_TRACKED(uow.db, ids=ids)
    found = [StockLevel(*row[:-1]) for row in rows]
    return Locked(
        {place_of(level): level for level in found},
        {level.variant_id: row[-1] for level, row in zip(found, rows, strict=True) if row[-1]},
    )


def change_levels(uow: UnitOfWork, changes: Sequence[Change]) -> None:
    """Add to levels that are locked. One statement; each level is named at most once."""
    changed = _add(
        uow.db,
        [
            {
                "id": each.level_id,
                "on_hand": each.on_hand,
                "reserved": each.reserved,
                "now": uow.now,
            }
            for each in changes
        ],
    )
    if changed != len(changes):
        raise RuntimeError(f"{len(changes)} levels were to change, {changed} did")


def post(uow: UnitOfWork, postings: Sequence[RecordedMovement]) -> Sequence[UUID]:
    """Write movements into the ledger. Their ids. The levels are the caller's to change."""
    if not postings:
        return ()
    count, actor = len(postings), uow.caller.actor
    columns: dict[str, Sequence[Any]] = {
        "id": [uow.new_id() for _ in postings],
        "kind": [each.kind for each in postings],
        "variant_id": [each.variant_id for each in postings],
        "from_location_id": [each.from_location_id for each in postings],
        "to_location_id": [each.to_location_id for each in postings],
        "quantity": [each.quantity for each in postings],
        "from_bucket": [each.from_bucket for each in postings],
        "to_bucket": [each.to_bucket for each in postings],
        "lot_id": [each.lot_id for each in postings],
        "cause_kind": [each.cause_kind for each in postings],
        "cause_id": [each.cause_id for each in postings],
        "actor_kind": [actor.kind] * count,
        "actor_id": [actor.id] * count,
        "reason": [each.reason for each in postings],
        "occurred_at": [each.occurred_at or uow.now for each in postings],
        "recorded_at": [uow.now] * count,
    }
    insert_many(uow.db, movements, columns)
    return columns["id"]


def change_lots(
    uow: UnitOfWork,
    postings: Sequence[RecordedMovement],
    level_ids: Mapping[Place, UUID],
    kinds: Mapping[UUID, Tracking],
) -> None:
    """Let the lots of levels that are locked follow the movements that name one.

    Sorted, so that a serial number leaves one level before it enters another: it can be in one
    only. `kinds`: of each lot that is named.
    """
    deltas: Counter[tuple[UUID, UUID]] = Counter()
    for each in postings:
        if each.lot_id is not None:
            origin = Place(each.variant_id, each.from_location_id, each.from_bucket)
            destination = Place(each.variant_id, each.to_location_id, each.to_bucket)
            if origin in level_ids:
                deltas[level_ids[origin], each.lot_id] -= each.quantity
            if destination in level_ids:
                deltas[level_ids[destination], each.lot_id] += each.quantity
    if not deltas:
        return
    less = {key: -pieces for key, pieces in sorted(deltas.items()) if pieces < 0}
    more = {key: pieces for key, pieces in sorted(deltas.items()) if pieces > 0}
    if _take_off_lots(uow.db, _lot_rows(less)) != len(less):
        raise RuntimeError("a lot left a level where it was not")
    empty = [
        {"level_id": level_id, "lot_id": lot_id, "kind": kinds[lot_id], "on_hand": 0}
        for level_id, lot_id in more
    ]
    insert_or_ignore(uow.db, lot_levels, *empty)
    _add_to_lots(uow.db, _lot_rows(more))


def _lot_rows(pieces: Mapping[tuple[UUID, UUID], int]) -> Sequence[Mapping[str, Any]]:
    return [
        {"level_id": level_id, "lot_id": lot_id, "pieces": count}
        for (level_id, lot_id), count in pieces.items()
    ]
