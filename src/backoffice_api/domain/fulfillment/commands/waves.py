"""What can be done with waves: put together, released, given up. Set-based, however large."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, not_, or_, select, update

from backoffice_api.domain.fulfillment import queries
from backoffice_api.domain.fulfillment.commands.writing import locked_orders, tell
from backoffice_api.domain.fulfillment.model.events import FulfillmentReleased, FulfillmentUpdated
from backoffice_api.domain.fulfillment.model.fulfillments import (
    MACHINE as FULFILLMENTS,
)
from backoffice_api.domain.fulfillment.model.fulfillments import (
    PRIORITY_MAX,
    SERVICE_LENGTH_MAX,
    DispatchGate,
    Fulfillment,
    FulfillmentState,
)
from backoffice_api.domain.fulfillment.model.refusals import NotASite
from backoffice_api.domain.fulfillment.model.waves import (
    FULFILLMENTS_DEFAULT,
    FULFILLMENTS_MAX,
    MACHINE,
    BeingPicked,
    NothingForWave,
    Wave,
    WaveCancelled,
    WavePlanned,
    WaveReleased,
)
from backoffice_api.domain.fulfillment.queries.sites import sites_by_ids
from backoffice_api.domain.fulfillment.tables import fulfillment_lines, fulfillments, waves
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.rows import among, fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_range, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders.model.orders import Order, OrderStatus
from backoffice_api.domain.orders.tables import orders
from backoffice_api.domain.reviews.queries import is_unreviewed, unreviewed
from backoffice_api.domain.stock import queries as stock
from backoffice_api.domain.stock.model.locations import SITES, UnknownLocation


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanWave(Command):
    """What is planned at a site and in no wave yet, the most urgent first, at most `limit`.

    `cut_off_at`: only what has to leave until then. `service`, `zone`: only what goes with this
    service, to this zone. `priority_max`: only what is at least that urgent.
    """

    scope = Scope.FULFILLMENT_WRITE
    location_id: UUID
    name: str = ""
    cut_off_at: datetime | None = None
    service: str | None = None
    zone: str | None = None
    priority_max: int | None = None
    limit: int = FULFILLMENTS_DEFAULT


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseWave(Command):
    scope = Scope.FULFILLMENT_WRITE
    table = waves
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelWave(Command):
    scope = Scope.FULFILLMENT_WRITE
    table = waves
    id: UUID


def plan_wave(uow: UnitOfWork, command: PlanWave) -> UUID:
    """Put a wave together of what fits. Its id.

    Left out is what a hold lies on, and what the review has still to judge.

    Raises:
        UnknownLocation, NotASite, InvalidText, OutOfRange.
        NothingForWave: nothing fits.
    """
    _check(uow, command)
    wave = Wave(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        location_id=command.location_id,
        name=command.name.strip() or f"{uow.now:%Y-%m-%d %H:%M}",
        status=MACHINE.start,
        cut_off_at=command.cut_off_at,
        service=command.service,
        zone=command.zone,
        released_at=None,
        done_at=None,
    )
    found = fetch(uow.db, Fulfillment, _fitting(command))
    if not found:
        waiting = _fitting(command, held=True).subquery()
        raise NothingForWave(uow.db.execute(select(func.count()).select_from(waiting)).scalar_one())
    add(uow, waves, [wave])
    _put(uow, [each.id for each in found], wave_id=wave.id)
    pieces = _pieces(uow, [each.id for each in found])
    of = _orders(uow, {each.order_id for each in found})
    for before in found:
        after = replace(before, wave_id=wave.id, version=before.version + 1)
        tell(uow, FulfillmentUpdated, before, after, of[before.order_id], pieces[before.id])
    event = WavePlanned(wave.id, 1, wave.name, len(found), pieces.total())
    uow.emit(event, after=wave)
    return wave.id


def release_wave(uow: UnitOfWork, command: ReleaseWave) -> UUID:
    """Hand the fulfillments of a wave to the hall. Its id.

    Those whose order a hold lies on, or is still to be judged, stay behind, outside of the wave; so
    do those that wait for a document, where the site picks nothing before it is there.

    Raises:
        UnknownWave, InvalidTransition.
        NothingForWave: all of it stays behind.
    """
    before, found, of = _locked(uow, command.id)
    status = MACHINE.check("release", before.status)
    site = sites_by_ids(uow.db, [before.location_id]).get(before.location_id)
    gated = bool(site and site.release_gate)
    unjudged = unreviewed(uow.db, of)
    fit = [
        each
        for each in found
        if each.order_id not in unjudged and _may_leave(each, of[each.order_id], gated=gated)
    ]
    if not fit:
        raise NothingForWave(len(found))
    fit_ids = {each.id for each in fit}
    left = [each for each in found if each.id not in fit_ids]
    after = save(uow, waves, before, replace(before, status=status, released_at=uow.now))
    _put(uow, [each.id for each in fit], status=FulfillmentState.RELEASED)
    _put(uow, [each.id for each in left], wave_id=None)
    pieces = _pieces(uow, [each.id for each in found])
    for each in fit:
        released = replace(
            each, status=FULFILLMENTS.check("release", each.status), version=each.version + 1
        )
        tell(uow, FulfillmentReleased, each, released, of[each.order_id], pieces[each.id])
    for each in left:
        out = replace(each, wave_id=None, version=each.version + 1)
        tell(uow, FulfillmentUpdated, each, out, of[each.order_id], pieces[each.id])
    event = WaveReleased(after.id, after.version, after.name, len(fit), len(left))
    uow.emit(event, before=before, after=after)
    return after.id


def cancel_wave(uow: UnitOfWork, command: CancelWave) -> UUID:
    """Give a wave up; its fulfillments are planned as before, in no wave. Its id.

    Raises:
        UnknownWave, InvalidTransition.
        BeingPicked: somebody has picked some of it.
    """
    before, found, of = _locked(uow, command.id)
    status = MACHINE.check("cancel", before.status)
    waiting = {FulfillmentState.PLANNED, FulfillmentState.RELEASED}
    if any(each.status not in waiting for each in found):
        raise BeingPicked
    after = save(uow, waves, before, replace(before, status=status))
    _put(uow, [each.id for each in found], wave_id=None, status=FulfillmentState.PLANNED)
    pieces = _pieces(uow, [each.id for each in found])
    for each in found:
        out = replace(each, wave_id=None, status=FulfillmentState.PLANNED, version=each.version + 1)
        tell(uow, FulfillmentUpdated, each, out, of[each.order_id], pieces[each.id])
    uow.emit(WaveCancelled(after.id, after.version, after.name), before=before, after=after)
    return after.id


def _check(uow: UnitOfWork, command: PlanWave) -> None:
    faults = Faults()
    check_text(command.name, faults, "name", minimum=0)
    check_text(command.service, faults, "service", maximum=SERVICE_LENGTH_MAX)
    check_text(command.zone, faults, "zone")
    check_range(command.limit, faults, "limit", minimum=1, maximum=FULFILLMENTS_MAX)
    check_range(command.priority_max, faults, "priority_max", minimum=0, maximum=PRIORITY_MAX)
    found = stock.locations_by_ids(uow.db, [command.location_id]).get(command.location_id)
    if found is None:
        faults.add(UnknownLocation(command.location_id).at("location_id"))
    elif found.kind not in SITES:
        faults.add(NotASite().at("location_id"))
    faults.check()


def _fitting(command: PlanWave, *, held: bool = False) -> Select[tuple[Fulfillment]]:
    """What fits a wave, or would if its order were not `held`.

    What fits is locked, passing over what somebody else works on: so two who plan at once share
    it out, and nobody waits.
    """
    of = fulfillments.c
    waits = or_(orders.c.has_hold.is_(True), is_unreviewed())
    statement = (
        select_as(Fulfillment, fulfillments)
        .join(orders, orders.c.id == of.order_id)
        .where(
            of.location_id == command.location_id,
            of.status == FulfillmentState.PLANNED,
            of.wave_id.is_(None),
            orders.c.status == OrderStatus.OPEN,
            waits if held else not_(waits),
        )
        .order_by(of.priority, of.ship_by, of.id)
        .limit(command.limit)
    )
    if not held:
        statement = statement.with_for_update(of=fulfillments, skip_locked=True)
    if command.cut_off_at:
        statement = statement.where(of.ship_by <= command.cut_off_at)
    if command.service is not None:
        statement = statement.where(of.service == command.service)
    if command.zone is not None:
        statement = statement.where(of.zone == command.zone)
    if command.priority_max is not None:
        statement = statement.where(of.priority <= command.priority_max)
    return statement


def _locked(uow: UnitOfWork, id: UUID) -> tuple[Wave, Sequence[Fulfillment], Mapping[UUID, Order]]:
    """A wave with its fulfillments, whose orders nobody changes until the transaction ends."""
    queries.wave(uow.db, id)
    present = queries.fulfillments_by_waves(uow.db, [id]).get(id, ())
    of = locked_orders(uow, {each.order_id for each in present})
    # Read again: some may have left while we waited for the locks.
    wave = queries.wave(uow.db, id)
    found = queries.fulfillments_by_waves(uow.db, [id]).get(id, ())
    return wave, [each for each in found if each.order_id in of], of


def _may_leave(each: Fulfillment, order: Order, *, gated: bool) -> bool:
    return (
        each.status is FulfillmentState.PLANNED
        and order.status is OrderStatus.OPEN
        and not order.has_hold
        and not (gated and each.dispatch_gate is DispatchGate.CLOSED)
    )


def _put(uow: UnitOfWork, ids: Collection[UUID], **values: object) -> None:
    if ids:
        statement = update(fulfillments).where(among(fulfillments.c.id, ids))
        uow.db.execute(
            statement.values(version=fulfillments.c.version + 1, updated_at=uow.now, **values)
        )


def _pieces(uow: UnitOfWork, ids: Collection[UUID]) -> Counter[UUID]:
    of = fulfillment_lines.c
    statement = select(of.fulfillment_id, func.sum(of.quantity)).where(
        among(of.fulfillment_id, ids)
    )
    rows = uow.db.execute(statement.group_by(of.fulfillment_id))
    return Counter({row[0]: row[1] for row in rows})


def _orders(uow: UnitOfWork, ids: Collection[UUID]) -> Mapping[UUID, Order]:
    statement = select_as(Order, orders).where(among(orders.c.id, ids))
    return {order.id: order for order in fetch(uow.db, Order, statement)}
