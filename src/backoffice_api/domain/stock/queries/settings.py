"""How stock treats variants."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.domain.kernel.rows import one_per
from backoffice_api.domain.stock.model.settings import StockSettings
from backoffice_api.domain.stock.tables import variant_settings

_stored = one_per(StockSettings, variant_settings, variant_settings.c.variant_id)


def by_variants(db: Connection, ids: Iterable[UUID]) -> Mapping[UUID, StockSettings]:
    """The settings of each variant; what is usual for one that nobody has set."""
    wanted = tuple(ids)
    found = _stored(db, wanted)
    return {id: found.get(id) or StockSettings(id) for id in wanted}
