"""Rows of a person that were gathered, as conditions on their tables."""

from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select

from backoffice_api.domain.privacy.queries.registry import Place, Way
from backoffice_api.domain.privacy.tables import reach


def rows_of(place: Place, run_id: UUID, *, held: bool | None = False) -> ColumnElement[bool]:
    """Rows of a place that were gathered. `held` None: whether they have to stay or not."""
    if place.has_id:
        mine = select(reach.c.row_id).where(
            reach.c.run_id == run_id, reach.c.place == place.name, *_held(held)
        )
        return place.table.c.id.in_(mine)
    led = [way.column.in_(_ids_of(way, run_id, held)) for way in place.ways]
    if held is False and len(led) > 1:
        # By one way it may go, by another it has to stay.
        stays = [
            way.column.is_(None) | way.column.not_in(_ids_of(way, run_id, True))
            for way in place.ways
        ]
        return and_(or_(*led), *stays)
    return or_(*led)


def _held(held: bool | None) -> list[ColumnElement[bool]]:
    if held is None:
        return []
    return [reach.c.hold.is_not(None) if held else reach.c.hold.is_(None)]


def _ids_of(way: Way, run_id: UUID, held: bool | None) -> Select[tuple[UUID]]:
    mine = select(reach.c.row_id).where(reach.c.run_id == run_id, *_held(held))
    return mine if way.to is None else mine.where(reach.c.place == way.to.name)
