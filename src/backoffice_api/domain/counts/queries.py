"""What can be asked about counts."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, case, func, select

from backoffice_api.domain.counts.model import (
    DONE,
    CountLine,
    CountLineSortKey,
    CountSortKey,
    CountTask,
    Spot,
    UnknownCount,
)
from backoffice_api.domain.counts.tables import count_lines, count_tasks
from backoffice_api.domain.kernel.filters import On
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import among, one_per
from backoffice_api.domain.stock.model.levels import Place
from backoffice_api.domain.stock.queries import level_ids_by_places, levels_by_ids
from backoffice_api.domain.stock.queries.lots import lots_at_levels

counts_by_ids = one_per(CountTask, count_tasks, count_tasks.c.id)
lines_by_ids = one_per(CountLine, count_lines, count_lines.c.id)

count_list = Listing(
    CountTask,
    count_tasks,
    sorts={
        CountSortKey.CREATED_AT: count_tasks.c.created_at,
        CountSortKey.UPDATED_AT: count_tasks.c.updated_at,
    },
    words={
        "status": On(count_tasks.c.status),
        "location_id": On(count_tasks.c.location_id),
        "created_at": On(count_tasks.c.created_at),
    },
)

line_list = Listing(
    CountLine,
    count_lines,
    sorts={CountLineSortKey.POSITION: count_lines.c.position},
    words={
        "status": On(count_lines.c.status),
        "variant_id": On(count_lines.c.variant_id),
        "location_id": On(count_lines.c.location_id),
    },
    descending=False,
)


@dataclass(frozen=True, slots=True)
class Progress:
    """How many lines a count has, and how many of them have their number."""

    lines: int = 0
    counted: int = 0
    differing: int = 0


def progress_by_counts(db: Connection, ids: Iterable[UUID]) -> Mapping[UUID, Progress]:
    """How far counts are."""
    of = count_lines.c
    done = func.sum(case((of.status.in_(DONE), 1), else_=0))
    differing = func.sum(case((of.counted != of.expected, 1), else_=0))
    statement = (
        select(of.task_id, func.count(), done, differing)
        .where(among(of.task_id, ids))
        .group_by(of.task_id)
    )
    return {row[0]: Progress(row[1], int(row[2]), int(row[3])) for row in db.execute(statement)}


def count_task(db: Connection, id: UUID) -> CountTask:
    """The count `id`.

    Raises:
        UnknownCount: there is none.
    """
    if found := counts_by_ids(db, [id]).get(id):
        return found
    raise UnknownCount(id).at("id")


@dataclass(frozen=True, slots=True)
class Books:
    """How many pieces the books say there are now."""

    on_hand: int


def books_by_lines(db: Connection, ids: Iterable[UUID]) -> Mapping[UUID, Books]:
    """What the books say of lines; only of counts that are not blind."""
    of = count_lines.c
    statement = (
        select(of.id, of.variant_id, of.location_id, of.bucket, of.lot_id)
        .join(count_tasks, count_tasks.c.id == of.task_id)
        .where(among(of.id, ids), count_tasks.c.blind.is_(False))
    )
    spots = {row[0]: Spot(*row[1:]) for row in db.execute(statement)}
    pieces = _pieces_of_spots(db, spots.values())
    return {id: Books(pieces.get(spot, 0)) for id, spot in spots.items()}


def _pieces_of_spots(db: Connection, spots: Collection[Spot]) -> Mapping[Spot, int]:
    """How many pieces there are now, of the lots that spots name, or of all."""
    places = {spot: Place(spot.variant_id, spot.location_id, spot.bucket) for spot in spots}
    level_ids = level_ids_by_places(db, places.values())
    present = levels_by_ids(db, level_ids.values())
    at_levels = lots_at_levels(db, level_ids.values())
    found: dict[Spot, int] = {}
    for spot, place in places.items():
        if level_id := level_ids.get(place):
            by_lot = {lot.id: pieces for lot, pieces in at_levels.get(level_id, ())}
            on_hand = present[level_id].on_hand
            found[spot] = on_hand if spot.lot_id is None else by_lot.get(spot.lot_id, 0)
    return found
