"""What can be asked about fulfillments, parcels and waves."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection, select

from backoffice_api.domain.fulfillment.model.fulfillments import (
    OPEN,
    Fulfillment,
    FulfillmentLine,
    FulfillmentSortKey,
    Parcel,
    ParcelLine,
    ParcelSortKey,
    Pick,
    Planned,
    PutBack,
    UnknownFulfillment,
    UnknownParcel,
)
from backoffice_api.domain.fulfillment.model.packing import Packaging, PackagingSortKey
from backoffice_api.domain.fulfillment.model.waves import UnknownWave, Wave, WaveSortKey
from backoffice_api.domain.fulfillment.tables import (
    fulfillment_lines,
    fulfillments,
    packagings,
    parcel_lines,
    parcels,
    picks,
    put_backs,
    waves,
)
from backoffice_api.domain.kernel.filters import On, Within
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import among, fetch, many_per, one_per, select_as

fulfillments_by_ids = one_per(Fulfillment, fulfillments, fulfillments.c.id)
fulfillments_by_orders = many_per(
    Fulfillment, fulfillments, fulfillments.c.order_id, fulfillments.c.created_at, fulfillments.c.id
)
fulfillments_by_waves = many_per(
    Fulfillment, fulfillments, fulfillments.c.wave_id, fulfillments.c.priority, fulfillments.c.id
)
# Channels may have orders of one number, and so fulfillments.
fulfillments_by_numbers = many_per(
    Fulfillment, fulfillments, fulfillments.c.number, fulfillments.c.id
)
fulfillment_lines_by_ids = one_per(FulfillmentLine, fulfillment_lines, fulfillment_lines.c.id)
lines_by_fulfillments = many_per(
    FulfillmentLine,
    fulfillment_lines,
    fulfillment_lines.c.fulfillment_id,
    fulfillment_lines.c.position,
    fulfillment_lines.c.id,
)
parcels_by_ids = one_per(Parcel, parcels, parcels.c.id)
parcels_by_codes = one_per(Parcel, parcels, parcels.c.code)
# Without those that were taken apart again.
parcels_by_fulfillments = many_per(
    Parcel,
    parcels,
    parcels.c.fulfillment_id,
    parcels.c.created_at,
    parcels.c.id,
    where=(parcels.c.removed_at.is_(None),),
)
lines_by_parcels = many_per(
    ParcelLine, parcel_lines, parcel_lines.c.parcel_id, parcel_lines.c.fulfillment_line_id
)
picks_by_lines = many_per(Pick, picks, picks.c.fulfillment_line_id, picks.c.id)
put_backs_by_ids = one_per(PutBack, put_backs, put_backs.c.id)
put_backs_by_fulfillments = many_per(
    PutBack, put_backs, put_backs.c.fulfillment_id, put_backs.c.noted_at, put_backs.c.id
)
waves_by_ids = one_per(Wave, waves, waves.c.id)
packagings_by_ids = one_per(Packaging, packagings, packagings.c.id)
packagings_by_codes = one_per(Packaging, packagings, packagings.c.code)

fulfillment_list = Listing(
    Fulfillment,
    fulfillments,
    sorts={
        FulfillmentSortKey.CREATED_AT: fulfillments.c.created_at,
        FulfillmentSortKey.UPDATED_AT: fulfillments.c.updated_at,
        FulfillmentSortKey.PRIORITY: fulfillments.c.priority,
    },
    words={
        "status": On(fulfillments.c.status),
        "order_id": On(fulfillments.c.order_id),
        "location_id": On(fulfillments.c.location_id),
        "wave_id": On(fulfillments.c.wave_id),
        "number": On(fulfillments.c.number),
        "service": On(fulfillments.c.service),
        "zone": On(fulfillments.c.zone),
        "ship_by": On(fulfillments.c.ship_by),
        "created_at": On(fulfillments.c.created_at),
        "variant_id": Within(
            fulfillments.c.id, fulfillment_lines.c.fulfillment_id, fulfillment_lines.c.variant_id
        ),
    },
)

parcel_list = Listing(
    Parcel,
    parcels,
    sorts={ParcelSortKey.CREATED_AT: parcels.c.created_at},
    words={
        "code": On(parcels.c.code),
        "order_id": On(parcels.c.order_id),
        "fulfillment_id": On(parcels.c.fulfillment_id),
        "created_at": On(parcels.c.created_at),
    },
)

wave_list = Listing(
    Wave,
    waves,
    sorts={WaveSortKey.CREATED_AT: waves.c.created_at},
    words={
        "status": On(waves.c.status),
        "location_id": On(waves.c.location_id),
        "created_at": On(waves.c.created_at),
    },
)

packaging_list = Listing(
    Packaging,
    packagings,
    sorts={PackagingSortKey.CODE: packagings.c.code},
    words={"code": On(packagings.c.code)},
    descending=False,
)


def fulfillment(db: Connection, id: UUID) -> Fulfillment:
    """The fulfillment `id`.

    Raises:
        UnknownFulfillment: there is none.
    """
    if found := fulfillments_by_ids(db, [id]).get(id):
        return found
    raise UnknownFulfillment(id).at("id")


def parcel(db: Connection, id: UUID) -> Parcel:
    """The parcel `id`.

    Raises:
        UnknownParcel: there is none.
    """
    if found := parcels_by_ids(db, [id]).get(id):
        return found
    raise UnknownParcel(id).at("id")


def wave(db: Connection, id: UUID) -> Wave:
    """The wave `id`.

    Raises:
        UnknownWave: there is none.
    """
    if found := waves_by_ids(db, [id]).get(id):
        return found
    raise UnknownWave(id).at("id")


def open_by_orders(
    db: Connection, order_ids: Collection[UUID]
) -> Mapping[UUID, Sequence[Fulfillment]]:
    """The fulfillments of orders that have neither left nor been cancelled, oldest first."""
    statement = (
        select_as(Fulfillment, fulfillments)
        .where(among(fulfillments.c.order_id, order_ids), fulfillments.c.status.in_(OPEN))
        .order_by(fulfillments.c.created_at, fulfillments.c.id)
    )
    found: dict[UUID, list[Fulfillment]] = {}
    for each in fetch(db, Fulfillment, statement):
        found.setdefault(each.order_id, []).append(each)
    return found


def fulfillments_by_planned(
    db: Connection, keys: Iterable[Planned]
) -> Mapping[Planned, Sequence[Fulfillment]]:
    """The fulfillments that were planned together, in their order."""
    wanted = tuple(keys)
    found = fulfillments_by_ids(db, {id for each in wanted for id in each.fulfillment_ids})
    return {each: [found[id] for id in each.fulfillment_ids if id in found] for each in wanted}


def fulfillments_by_number_or_id(
    db: Connection, number: str, id: UUID | None, limit: int = 20
) -> Sequence[UUID]:
    """The ids of the fulfillments of this number, and of this id, newest first."""
    statement = select(fulfillments.c.id).where(
        (fulfillments.c.number == number) if id is None else (fulfillments.c.id == id)
    )
    return tuple(db.execute(statement.order_by(fulfillments.c.id.desc()).limit(limit)).scalars())


def parcels_by_code_or_id(
    db: Connection, texts: Collection[str], id: UUID | None
) -> Sequence[UUID]:
    """The ids of the parcels with one of these codes, or with this id."""
    named = among(parcels.c.code, texts) if id is None else parcels.c.id == id
    return tuple(db.execute(select(parcels.c.id).where(named).order_by(parcels.c.id)).scalars())
