"""Who belongs to collections: worked out from rules and choices, and kept.

Members follow the event log: what is told of a product, of a variant, or of anything that names a
variant (stock does) has that product looked at again. So no write of a product waits for its
collections. What concerns many products at once, as a moved category, and the passing of time
have all of them worked out anew, by a job.
"""

from collections.abc import Collection as Some
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, insert, literal, select, update

from backoffice_api.domain.catalog import queries
from backoffice_api.domain.catalog.model.collections import Collection, CollectionMembersChanged
from backoffice_api.domain.catalog.tables import collection_members, collection_progress
from backoffice_api.domain.kernel import log
from backoffice_api.domain.kernel.events import Logged, events, settled
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.rows import among, insert_or_ignore
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.products import queries as of_products
from backoffice_api.domain.products.tables import kit_components, products

FOLLOW_JOB = "catalog.follow_events"
EVENTS_MAX = 1_000
_FOLLOWER = "members"


@dataclass(frozen=True, slots=True)
class RefreshCollections(Command):
    """Run by the worker every hour, and when a category was moved."""

    scope = Scope.PRODUCTS_WRITE


@dataclass(frozen=True, slots=True)
class FollowEvents(Command):
    """Run by the worker every few seconds."""

    scope = Scope.PRODUCTS_WRITE


def refresh_collections(uow: UnitOfWork, command: RefreshCollections) -> int:
    """Work out anew who belongs to each collection. How many products came or went."""
    return sum(refresh(uow, each) for each in queries.all_collections(uow.db))


def follow_events(uow: UnitOfWork, command: FollowEvents) -> int:
    """Look again at the products that the next events are about. How many products those were.

    If there may be more events, another job goes on.
    """
    mine = collection_progress.c.name == _FOLLOWER
    statement = select(collection_progress.c.sequence).where(mine).with_for_update()
    known = uow.db.execute(statement).scalar()
    if known is None:  # There never was a collection.
        return 0
    page = log.feed(uow.db, known, EVENTS_MAX, None)
    if not page.rows:
        return 0
    touched = _products_in(uow, page.rows)
    if touched:
        for each in queries.all_collections(uow.db):
            if each.rules:
                refresh(uow, each, touched)
    uow.db.execute(update(collection_progress).where(mine).values(sequence=page.rows[-1].sequence))
    if page.has_next:
        uow.enqueue(Job(FOLLOW_JOB))
    return len(touched)


def begin_following(uow: UnitOfWork) -> None:
    """Follow the log from here on, if it is not followed already.

    A new collection is worked out from what there is; only what comes later is of interest, and
    what is being written just now.
    """
    present = select(func.coalesce(func.max(events.c.sequence), 0)).where(settled(uow.db))
    here = uow.db.execute(present).scalar_one()
    insert_or_ignore(uow.db, collection_progress, {"name": _FOLLOWER, "sequence": here})


def refresh(uow: UnitOfWork, found: Collection, only: Some[UUID] | None = None) -> int:
    """Write down who belongs to a collection, of all products or of `only` these.

    Two statements, whatever their number. How many came or went.
    """
    members = collection_members.c
    looked_at = products.c.id.in_(tuple(only)) if only is not None else literal(True)
    belonging = select(products.c.id).where(queries.belonging(found), looked_at)
    present = select(members.product_id).where(members.collection_id == found.id)
    gone = delete(collection_members).where(
        members.collection_id == found.id, members.product_id.not_in(belonging)
    )
    if only is not None:
        gone = gone.where(among(members.product_id, only))
        present = present.where(among(members.product_id, only))
    removed = uow.db.execute(gone).rowcount
    came = select(literal(found.id, members.collection_id.type), products.c.id).where(
        queries.belonging(found), looked_at, products.c.id.not_in(present)
    )
    added = uow.db.execute(
        insert(collection_members).from_select(["collection_id", "product_id"], came),
        execution_options={"preserve_rowcount": True},
    ).rowcount
    if added or removed:
        event = CollectionMembersChanged(found.id, found.version, found.name, added, removed)
        uow.emit(event)
    return added + removed


def _products_in(uow: UnitOfWork, told: Sequence[Logged]) -> Some[UUID]:
    """The products that events are about, themselves or by a variant."""
    of = {each.subject_id for each in told if each.subject_kind == "prd"}
    by_variant = {each.subject_id for each in told if each.subject_kind == "sku"}
    by_variant |= {UUID(hex=id) for each in told if (id := each.data.get("variant_id"))}
    # What is told of a component concerns the kits that are made of it.
    kits = select(kit_components.c.kit_id).where(among(kit_components.c.component_id, by_variant))
    by_variant |= set(uow.db.execute(kits).scalars())
    found = of_products.variants_by_ids(uow.db, by_variant)
    return of | {each.product_id for each in found.values()}
