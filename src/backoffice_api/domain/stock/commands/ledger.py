"""How levels and movements are written: the few statements that every command is made of.

Everybody takes locks in the same order, so that two commands never wait for each other crosswise:
locations, then levels that are missing (made by variant and location), then levels by id, then
the reservations of these levels, which nobody changes without the lock of their level.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, update

from backoffice_api.domain.kernel.batches import UpdateEach, insert_many
from backoffice_api.domain.kernel.rows import among, fetch, insert_or_ignore, select_as
from backoffice_api.domain.kernel.tables import Id, Instant
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.stock import queries
from backoffice_api.domain.stock.model.levels import StockLevel
from backoffice_api.domain.stock.model.locations import Location
from backoffice_api.domain.stock.model.movements import RecordedMovement
from backoffice_api.domain.stock.tables import levels, locations, movements


@dataclass(frozen=True, slots=True)
class Change:
    """By how many pieces a locked level is to change."""

    level_id: UUID
    on_hand: int = 0
    reserved: int = 0


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


def hold_locations(
    uow: UnitOfWork, ids: Iterable[UUID], *, exclusively: bool = False
) -> Mapping[UUID, Location]:
    """Locations that stay as they are until the transaction ends.

    Many may hold one at a time, unless `exclusively`. A movement would take the same lock for its
    foreign key, only too late to know whether the location is still in use.
    """
    statement = select_as(Location, locations).where(among(locations.c.id, ids))
    statement = statement.order_by(locations.c.id)
    statement = statement.with_for_update(read=not exclusively, key_share=not exclusively)
    return {each.id: each for each in fetch(uow.db, Location, statement)}


def make_levels(
    uow: UnitOfWork, places: Collection[tuple[UUID, UUID]], of: Mapping[UUID, Location]
) -> Mapping[tuple[UUID, UUID], UUID]:
    """The levels of pairs of a variant and one of the locations `of`; made where there is none."""
    present = queries.level_ids_by_places(uow.db, places)
    missing = sorted(set(places) - present.keys())
    if not missing:
        return present
    rows: list[dict[str, Any]] = [
        {
            "id": uow.new_id(),
            "version": 1,
            "created_at": uow.now,
            "updated_at": uow.now,
            "variant_id": variant_id,
            "location_id": location_id,
            "on_hand": 0,
            "reserved": 0,
            "safety": 0,
            "negative_allowed": of[location_id].negative_allowed,
        }
        for variant_id, location_id in missing
    ]
    if insert_or_ignore(uow.db, levels, *rows) < len(rows):
        # Others have made some of them at the same moment, with ids of theirs.
        return queries.level_ids_by_places(uow.db, places)
    made = {(row["variant_id"], row["location_id"]): row["id"] for row in rows}
    return {**present, **made}


def lock_levels(uow: UnitOfWork, *where: ColumnElement[bool]) -> Sequence[StockLevel]:
    """The levels that pass, in the order of their ids, as they are until the transaction ends."""
    statement = select_as(StockLevel, levels).where(*where).order_by(levels.c.id)
    return fetch(uow.db, StockLevel, statement.with_for_update(key_share=True))


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
