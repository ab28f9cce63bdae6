"""What can be asked about how much locations hold."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import BigInteger, Connection, cast, func, select

from backoffice_api.domain.kernel.rows import among, one_per
from backoffice_api.domain.products.tables import variants
from backoffice_api.domain.stock.model.capacity import Capacity, Fill
from backoffice_api.domain.stock.tables import levels
from backoffice_api.domain.stock.tables.capacity import location_capacities

capacities_by_locations = one_per(Capacity, location_capacities, location_capacities.c.location_id)

_VOLUME = (
    cast(func.coalesce(variants.c.length_mm, 0), BigInteger)
    * func.coalesce(variants.c.width_mm, 0)
    * func.coalesce(variants.c.height_mm, 0)
)
_WEIGHT = cast(func.coalesce(variants.c.weight_g, 0), BigInteger)


def fills_by_locations(db: Connection, ids: Iterable[UUID]) -> Mapping[UUID, Fill]:
    """What lies at locations, in whatever condition; not what lies at their parts."""
    statement = (
        select(
            levels.c.location_id,
            func.sum(levels.c.on_hand),
            func.sum(levels.c.on_hand * _VOLUME),
            func.sum(levels.c.on_hand * _WEIGHT),
        )
        .join(variants, variants.c.id == levels.c.variant_id)
        .where(among(levels.c.location_id, ids), levels.c.on_hand > 0)
        .group_by(levels.c.location_id)
    )
    return {row[0]: Fill(int(row[1]), int(row[2]), int(row[3])) for row in db.execute(statement)}


def room_of_variants(db: Connection, ids: Iterable[UUID]) -> Mapping[UUID, Fill]:
    """What one piece of each variant takes."""
    statement = select(variants.c.id, _VOLUME, _WEIGHT).where(among(variants.c.id, ids))
    return {row[0]: Fill(1, int(row[1]), int(row[2])) for row in db.execute(statement)}
