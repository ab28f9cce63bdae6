"""What can be done with publications: shown, hidden, at once or at a moment.

Nothing is shown that lacks what its channel asks for: not by hand, and not by the clock. What is
not ready when its moment comes is blocked, and says so, until somebody publishes it again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete

from backoffice_api.domain.kernel import events
from backoffice_api.domain.kernel.aggregates import add, save, save_all
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders.model.channels import Channel, ChannelNotActive, ChannelStatus
from backoffice_api.domain.orders.queries import channels_by_ids
from backoffice_api.domain.orders.tables import channels
from backoffice_api.domain.products import queries as of_products
from backoffice_api.domain.products.model import MACHINE as PRODUCT_MACHINE
from backoffice_api.domain.products.model import ProductArchived
from backoffice_api.domain.products.tables import products
from backoffice_api.domain.publishing import queries
from backoffice_api.domain.publishing.model.publications import (
    MACHINE,
    AlreadyPublished,
    EndsBeforeStart,
    ProductPublished,
    ProductUnpublished,
    Publication,
    PublicationBlocked,
    PublicationEvent,
    PublicationScheduled,
    PublicationStatus,
    UnknownPublication,
)
from backoffice_api.domain.publishing.model.readiness import (
    NotReady,
    ReadinessRule,
    ReadinessSet,
    check_rules,
    kept_rules,
)
from backoffice_api.domain.publishing.tables import channel_readiness, publications

RUN_DUE_JOB = "publishing.run_due"
DUE_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishProduct(Command):
    """`at` None: now. `until` None: until somebody ends it."""

    scope = Scope.PRODUCTS_WRITE
    table = products
    id: UUID
    channel_id: UUID
    at: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpublishProduct(Command):
    """`at` None: now."""

    scope = Scope.PRODUCTS_WRITE
    table = products
    id: UUID
    channel_id: UUID
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RunDuePublications(Command):
    """Run by the worker every minute."""

    scope = Scope.PRODUCTS_WRITE


@dataclass(frozen=True, slots=True, kw_only=True)
class SetReadiness(Command):
    """All that the channel `id` asks of products."""

    scope = Scope.ORDERS_WRITE
    table = channels
    id: UUID
    rules: tuple[ReadinessRule, ...]


def publish_product(uow: UnitOfWork, command: PublishProduct) -> UUID:
    """Show a product in a channel, now or from a moment on. Id of the product.

    Whether it is ready is asked when it is shown: a product that is to be shown later may still
    lack something.

    Raises:
        UnknownProduct, UnknownChannel.
        InvalidTransition: the product is archived.
        ChannelNotActive: the channel is archived.
        AlreadyPublished: it is shown there.
        NotReady: it lacks what the channel asks for.
        EndsBeforeStart: it would be hidden before it is shown.
    """
    product = of_products.product(uow.db, command.id)
    PRODUCT_MACHINE.check("update", product.status)
    channel = queries.channel(uow.db, command.channel_id)
    if channel.status is not ChannelStatus.ACTIVE:
        raise ChannelNotActive(channel.code).at("channel_id")
    is_later = command.at is not None and command.at > uow.now
    if command.until is not None and command.until <= (command.at or uow.now):
        raise EndsBeforeStart().at("until")
    before = queries.publication(uow.db, product.id, channel.id, lock=True)
    if before is not None and before.status is PublicationStatus.PUBLISHED:
        raise AlreadyPublished().at("channel_id")
    if not is_later:
        found = queries.readiness_by_products(uow.db, [product.id], channel.id)[product.id]
        if not found.ready:
            raise NotReady(channel.code, found.fixes).at("channel_id")
    base = before or _new(uow, product.id, channel.id)
    after = replace(
        base,
        status=MACHINE.check("schedule" if is_later else "publish", base.status),
        publish_at=command.at if is_later else None,
        unpublish_at=command.until,
        published_at=None if is_later else uow.now,
    )
    if before is None:
        add(uow, publications, [after])
    else:
        after = save(uow, publications, before, after)
    _tell(uow, PublicationScheduled if is_later else ProductPublished, channel, before, after)
    return product.id


def unpublish_product(uow: UnitOfWork, command: UnpublishProduct) -> UUID:
    """Hide a product from a channel, now or from a moment on. Id of the product.

    Raises:
        UnknownProduct, UnknownChannel, UnknownPublication.
        InvalidTransition: it is not shown, and not to be shown.
        EndsBeforeStart: it would be hidden before it is shown.
    """
    product = of_products.product(uow.db, command.id)
    channel = queries.channel(uow.db, command.channel_id)
    before = queries.publication(uow.db, product.id, channel.id, lock=True)
    if before is None:
        raise UnknownPublication().at("channel_id")
    if command.at is not None and command.at > uow.now:
        MACHINE.check("schedule_end", before.status)
        if before.publish_at is not None and command.at <= before.publish_at:
            raise EndsBeforeStart().at("at")
        after = save(uow, publications, before, replace(before, unpublish_at=command.at))
        _tell(uow, PublicationScheduled, channel, before, after)
        return product.id
    after = save(uow, publications, before, _hidden(before))
    _tell(uow, ProductUnpublished, channel, before, after)
    return product.id


def run_due_publications(uow: UnitOfWork, command: RunDuePublications) -> int:
    """Show and hide what is due, a bounded number. How many these were.

    If there may be more, another job goes on.
    """
    found = queries.due(uow.db, uow.now, DUE_MAX)
    known = channels_by_ids(uow.db, {each.channel_id for each in found})
    fit = _fit_to_be_shown(uow, found, known)
    changes = [(each, _run(uow, each, each.id in fit)) for each in found]
    saved = save_all(uow, publications, changes)
    kinds = {
        PublicationStatus.PUBLISHED: ProductPublished,
        PublicationStatus.BLOCKED: PublicationBlocked,
        PublicationStatus.UNPUBLISHED: ProductUnpublished,
    }
    for before, after in zip(found, saved, strict=True):
        _tell(uow, kinds[after.status], known[after.channel_id], before, after)
    if len(found) >= DUE_MAX:
        uow.enqueue(Job(RUN_DUE_JOB))
    return len(found)


def set_readiness(uow: UnitOfWork, command: SetReadiness) -> UUID:
    """Say what a channel asks of products; what is shown already stays. Id of the channel.

    Raises:
        UnknownChannel.
        InvalidReadinessRule, NoFiscalRules, TooMany, Duplicate: the rules make no sense.
    """
    faults = Faults()
    check_rules(faults, command.rules)
    faults.check()
    before = queries.channel(uow.db, command.id)
    old = queries.rules_by_channels(uow.db, [before.id])[before.id]
    after = save(uow, channels, before, before)
    uow.db.execute(delete(channel_readiness).where(channel_readiness.c.channel_id == after.id))
    uow.db.execute(
        channel_readiness.insert().values(channel_id=after.id, rules=kept_rules(command.rules))
    )
    change = events.change("readiness_rules", kept_rules(old), kept_rules(command.rules))
    uow.emit(ReadinessSet(after.id, after.version, after.name), changes=[change])
    return after.id


def hide_archived(uow: UnitOfWork, event: ProductArchived) -> None:
    """A product that is out of use is shown nowhere any more."""
    statement = (
        select_as(Publication, publications)
        .where(
            publications.c.product_id == event.id,
            publications.c.status != PublicationStatus.UNPUBLISHED,
        )
        .order_by(publications.c.id)
        .with_for_update()
    )
    shown = fetch(uow.db, Publication, statement)
    known = channels_by_ids(uow.db, {each.channel_id for each in shown}) if shown else {}
    saved = save_all(uow, publications, [(each, _hidden(each)) for each in shown])
    for before, after in zip(shown, saved, strict=True):
        _tell(uow, ProductUnpublished, known[after.channel_id], before, after)


def _new(uow: UnitOfWork, product_id: UUID, channel_id: UUID) -> Publication:
    return Publication(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        product_id=product_id,
        channel_id=channel_id,
        status=MACHINE.start,
        publish_at=None,
        unpublish_at=None,
        published_at=None,
    )


def _hidden(before: Publication) -> Publication:
    return replace(
        before,
        status=MACHINE.check("unpublish", before.status),
        publish_at=None,
        unpublish_at=None,
        published_at=None,
    )


def _run(uow: UnitOfWork, before: Publication, is_fit: bool) -> Publication:
    """What a publication that is due becomes."""
    if before.unpublish_at is not None and before.unpublish_at <= uow.now:
        return _hidden(before)
    status = MACHINE.check("publish" if is_fit else "block", before.status)
    return replace(
        before,
        status=status,
        publish_at=None,
        unpublish_at=before.unpublish_at if is_fit else None,
        published_at=uow.now if is_fit else None,
    )


def _fit_to_be_shown(
    uow: UnitOfWork, found: Sequence[Publication], known: Mapping[UUID, Channel]
) -> frozenset[UUID]:
    """Ids of those whose product is ready, and whose channel is in use."""
    fit: set[UUID] = set()
    for channel in known.values():
        if channel.status is not ChannelStatus.ACTIVE:
            continue
        here = [each for each in found if each.channel_id == channel.id and each.publish_at]
        ready = queries.readiness_by_products(
            uow.db, [each.product_id for each in here], channel.id
        )
        fit |= {each.id for each in here if ready[each.product_id].ready}
    return frozenset(fit)


def _tell(
    uow: UnitOfWork,
    kind: type[PublicationEvent],
    channel: Channel,
    before: Publication | None,
    after: Publication,
) -> None:
    event = kind(after.id, after.version, after.product_id, channel.id, channel.code)
    uow.emit(event, before=before, after=after)
