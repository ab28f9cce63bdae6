"""What can be asked about privacy: erasures, requests, schedules, readers."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.domain.kernel.filters import On
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import fetch, many_per, one_per, select_as
from backoffice_api.domain.privacy.model.duties import LAWS, Reason
from backoffice_api.domain.privacy.model.erasures import (
    ErasedPlace,
    Erasure,
    ErasureSortKey,
)
from backoffice_api.domain.privacy.tables import erased_places, erasures

erasures_by_ids = one_per(Erasure, erasures, erasures.c.id)
places_by_erasures = many_per(
    ErasedPlace,
    erased_places,
    erased_places.c.erasure_id,
    erased_places.c.round,
    erased_places.c.place,
)
erasure_list = Listing(
    Erasure,
    erasures,
    sorts={ErasureSortKey.CREATED_AT: erasures.c.created_at},
    words={"status": On(erasures.c.status), "customer_id": On(erasures.c.customer_id)},
)


def erasure_of(db: Connection, customer_id: UUID) -> Erasure | None:
    """The erasure of a customer. None: nobody has erased it."""
    statement = select_as(Erasure, erasures).where(erasures.c.customer_id == customer_id)
    return next(iter(fetch(db, Erasure, statement)), None)


def due_erasures(db: Connection, today: date, limit: int) -> Sequence[Erasure]:
    """Erasures that are to be looked at again, those due for longest first, locked."""
    statement = (
        select_as(Erasure, erasures)
        .where(erasures.c.again_on <= today)
        .order_by(erasures.c.again_on, erasures.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return fetch(db, Erasure, statement)


def years_kept(db: Connection) -> Mapping[Reason, int]:
    """For how many years the law keeps what it keeps, as the shop has set it."""
    return {reason: law.years for reason, law in LAWS.items() if law.years is not None}
