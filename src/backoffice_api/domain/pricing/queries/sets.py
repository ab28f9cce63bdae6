"""What can be asked about price sets."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, and_, or_, select

from backoffice_api.domain.kernel.filters import On, Within
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import among, fetch, one_per, select_as
from backoffice_api.domain.pricing.model.sets import (
    PriceSet,
    PriceSetEntry,
    PriceSetEntrySortKey,
    PriceSetSortKey,
    PriceSetStatus,
    PriceSimulation,
    Target,
    UnknownPriceSet,
    simulated,
)
from backoffice_api.domain.pricing.tables import list_prices, price_set_entries, price_sets
from backoffice_api.domain.products import queries as products

price_sets_by_ids = one_per(PriceSet, price_sets, price_sets.c.id)
price_sets_by_codes = one_per(PriceSet, price_sets, price_sets.c.code)

price_set_list = Listing(
    PriceSet,
    price_sets,
    sorts={
        PriceSetSortKey.CREATED_AT: price_sets.c.created_at,
        PriceSetSortKey.CODE: price_sets.c.code,
    },
    words={
        "status": On(price_sets.c.status),
        "code": On(price_sets.c.code),
        "variant_id": Within(
            price_sets.c.id, price_set_entries.c.price_set_id, price_set_entries.c.variant_id
        ),
        "created_at": On(price_sets.c.created_at),
    },
)

entry_list = Listing(
    PriceSetEntry,
    price_set_entries,
    sorts={PriceSetEntrySortKey.GIVEN: price_set_entries.c.id},
    words={"variant_id": On(price_set_entries.c.variant_id)},
    descending=False,
)


def price_set(db: Connection, id: UUID) -> PriceSet:
    """The price set `id`.

    Raises:
        UnknownPriceSet: there is none.
    """
    if found := price_sets_by_ids(db, [id]).get(id):
        return found
    raise UnknownPriceSet(id).at("id")


def entries_of(db: Connection, set_id: UUID) -> Sequence[PriceSetEntry]:
    """All that a set changes, in the order in which it was given."""
    statement = (
        select_as(PriceSetEntry, price_set_entries)
        .where(price_set_entries.c.price_set_id == set_id)
        .order_by(price_set_entries.c.id)
    )
    return fetch(db, PriceSetEntry, statement)


def due_set(db: Connection, now: datetime) -> PriceSet | None:
    """The one that should have begun, or been undone, first. None: nothing is due."""
    of = price_sets.c
    is_due = or_(
        and_(
            of.status == PriceSetStatus.SCHEDULED, or_(of.starts_at.is_(None), of.starts_at <= now)
        ),
        and_(of.status == PriceSetStatus.ACTIVE, of.ends_at <= now),
    )
    # What ends, ends before something else begins.
    order = (of.status, of.starts_at, of.id)
    found = fetch(
        db, PriceSet, select_as(PriceSet, price_sets).where(is_due).order_by(*order).limit(1)
    )
    return found[0] if found else None


def present_prices(
    db: Connection, currency: str, targets: Sequence[Target], now: datetime
) -> Mapping[Target, int | None]:
    """What the prices are now, in millionths; None, or lacking: there is none. Two statements."""
    found: dict[Target, int | None] = {}
    base = [each.variant_id for each in targets if each.price_list_id is None]
    for variant_id, prices in products.prices_by_variants(db, base).items() if base else ():
        for each in prices:
            if each.currency == currency:
                found[Target(None, variant_id)] = each.price_micro
    listed = [each for each in targets if each.price_list_id is not None]
    if listed:
        of = list_prices.c
        statement = (
            select(of.price_list_id, of.variant_id, of.minimum_quantity, of.price_micro)
            .where(
                among(of.price_list_id, sorted({each.price_list_id for each in listed if each})),
                among(of.variant_id, sorted({each.variant_id for each in listed})),
                of.valid_from <= now,
                or_(of.valid_to.is_(None), of.valid_to > now),
            )
            # Of several the one counts that began last.
            .order_by(of.valid_from)
        )
        found.update({Target(row[0], row[1], row[2]): row[3] for row in db.execute(statement)})
    return found


def standing_over(
    db: Connection, of: PriceSet, variant_ids: Sequence[UUID]
) -> Mapping[UUID, PriceSetEntry]:
    """By variant, the base price of the set that began next after `of` and is still in force."""
    entry, other = price_set_entries.c, price_sets.c
    statement = (
        select_as(PriceSetEntry, price_set_entries)
        .join(price_sets, other.id == entry.price_set_id)
        .where(
            among(entry.variant_id, variant_ids),
            entry.price_list_id.is_(None),
            other.status == PriceSetStatus.ACTIVE,
            other.currency == of.currency,
            other.activated_at > of.activated_at,
        )
        # Of several the one that began first is seen last.
        .order_by(other.activated_at.desc())
    )
    return {each.variant_id: each for each in fetch(db, PriceSetEntry, statement)}


def simulation(
    db: Connection, id: UUID, now: datetime, *, first: int, skip: int, below_cost: bool
) -> PriceSimulation:
    """What a set does, or has done, to prices and margins. Four statements.

    Raises:
        UnknownPriceSet: there is none.
    """
    of = price_set(db, id)
    entries = entries_of(db, id)
    if of.activated_at is None:
        old = present_prices(db, of.currency, [each.target for each in entries], now)
    else:
        old = {each.target: each.before_micro for each in entries}
    costs = products.costs_by_variants(db, {each.variant_id for each in entries})
    known = {variant_id: each.unit_cost for variant_id, each in costs.items()}
    return simulated(
        of.currency, entries, old, known, first=first, skip=skip, below_cost=below_cost
    )
