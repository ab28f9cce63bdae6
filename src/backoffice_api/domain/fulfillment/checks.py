"""What must be true of stored fulfillments. Sums over all rows, each in one pass."""

from typing import Any

from sqlalchemy import Select, and_, case, exists, func, literal, or_, select

from backoffice_api.domain.fulfillment.model.fulfillments import OPEN, FulfillmentState
from backoffice_api.domain.fulfillment.model.waves import WaveStatus
from backoffice_api.domain.fulfillment.tables import (
    fulfillment_lines,
    fulfillments,
    parcel_lines,
    parcels,
    picks,
    waves,
)
from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.orders.model.orders import OrderStatus
from backoffice_api.domain.orders.tables import order_line_components, order_lines, orders
from backoffice_api.domain.stock.model.reservations import ReservationStatus
from backoffice_api.domain.stock.tables import locations, reservations

_of = fulfillments.c
_line = fulfillment_lines.c
_S = FulfillmentState
_GONE = (_S.SHIPPED, _S.DELIVERED)
_HELD = sorted(OPEN - {_S.BACKORDERED})


def _planned() -> Select[Any]:
    """O2: by line of an order and variant."""
    part = order_line_components.c
    per = func.coalesce(part.quantity, 1)
    ordered = order_lines.c
    sums = (
        select(_line.order_line_id, _line.variant_id, func.sum(_line.quantity).label("pieces"))
        .join(fulfillments, _of.id == _line.fulfillment_id)
        .where(_of.status != _S.CANCELLED)
        .group_by(_line.order_line_id, _line.variant_id)
        .subquery("planned")
    )
    left = (ordered.quantity - ordered.cancelled) * per
    return (
        select(sums.c.order_line_id, sums.c.variant_id, sums.c.pieces, left.label("left_of_it"))
        .join(order_lines, ordered.id == sums.c.order_line_id)
        .outerjoin(
            order_line_components,
            and_(part.line_id == ordered.id, part.variant_id == sums.c.variant_id),
        )
        .where(sums.c.pieces > left)
    )


def _promised() -> Select[Any]:
    """S4: what open fulfillments are to send is allocated at their site."""
    top = locations.alias("top")
    # A path begins with the id of the site, of 32 digits and a slash.
    at_site = (
        select(
            reservations.c.line_id,
            reservations.c.variant_id,
            top.c.id.label("site_id"),
            func.sum(reservations.c.quantity).label("pieces"),
        )
        .join(locations, locations.c.id == reservations.c.location_id)
        .join(top, top.c.path == func.substr(locations.c.path, 1, 33))
        .where(reservations.c.status == ReservationStatus.ALLOCATED)
        .group_by(reservations.c.line_id, reservations.c.variant_id, top.c.id)
        .subquery("at_site")
    )
    wanted = (
        select(
            _line.order_line_id,
            _line.variant_id,
            _of.location_id,
            func.sum(_line.quantity).label("pieces"),
        )
        .join(fulfillments, _of.id == _line.fulfillment_id)
        .where(_of.status.in_(_HELD))
        .group_by(_line.order_line_id, _line.variant_id, _of.location_id)
        .subquery("wanted")
    )
    held = func.coalesce(at_site.c.pieces, 0)
    return (
        select(wanted, held.label("allocated"))
        .outerjoin(
            at_site,
            and_(
                at_site.c.line_id == wanted.c.order_line_id,
                at_site.c.variant_id == wanted.c.variant_id,
                at_site.c.site_id == wanted.c.location_id,
            ),
        )
        .where(wanted.c.pieces > held)
    )


def _picked() -> Select[Any]:
    sums = (
        select(picks.c.fulfillment_line_id, func.sum(picks.c.quantity).label("pieces"))
        .group_by(picks.c.fulfillment_line_id)
        .subquery("picked")
    )
    taken = func.coalesce(sums.c.pieces, 0)
    return (
        select(_line.id, _line.picked, taken.label("taken"))
        .outerjoin(sums, sums.c.fulfillment_line_id == _line.id)
        .where(_line.picked != taken)
    )


def _packed() -> Select[Any]:
    sums = (
        select(
            parcel_lines.c.fulfillment_line_id, func.sum(parcel_lines.c.quantity).label("pieces")
        )
        .group_by(parcel_lines.c.fulfillment_line_id)
        .subquery("in_parcels")
    )
    packed = func.coalesce(sums.c.pieces, 0)
    return (
        select(_line.id, _line.packed, packed.label("in_parcels"))
        .outerjoin(sums, sums.c.fulfillment_line_id == _line.id)
        .where(_line.packed != packed)
    )


def _states() -> Select[Any]:
    """What a fulfillment's lines say of how far it is."""
    sums = (
        select(
            _line.fulfillment_id,
            func.sum(_line.quantity).label("pieces"),
            func.sum(_line.picked).label("picked"),
            func.sum(_line.packed).label("packed"),
            func.sum(_line.shipped).label("shipped"),
        )
        .group_by(_line.fulfillment_id)
        .subquery("sums")
    )
    of = sums.c
    is_whole = case(
        (_of.status.in_(_GONE), and_(of.shipped == of.pieces, of.picked == of.pieces)),
        (_of.status.in_((_S.PACKED, _S.READY)), of.packed == of.pieces),
        (_of.status == _S.PICKED, of.picked == of.pieces),
        (_of.status == _S.PICKING, literal(value=True)),
        else_=of.picked == 0,
    )
    return (
        select(_of.id, _of.number, _of.status, of.pieces, of.picked, of.packed, of.shipped)
        .join(sums, of.fulfillment_id == _of.id)
        .where(~is_whole)
    )


def _shipped() -> Select[Any]:
    """O1: an order counts as shipped at least what its fulfillments have sent."""
    part = order_line_components.c
    per = func.coalesce(part.quantity, 1)
    ordered = order_lines.c
    sums = (
        select(_line.order_line_id, _line.variant_id, func.sum(_line.shipped).label("pieces"))
        .group_by(_line.order_line_id, _line.variant_id)
        .subquery("sent")
    )
    return (
        select(ordered.id, ordered.shipped, sums.c.variant_id, sums.c.pieces)
        .join(sums, sums.c.order_line_id == ordered.id)
        .outerjoin(
            order_line_components,
            and_(part.line_id == ordered.id, part.variant_id == sums.c.variant_id),
        )
        .where(sums.c.pieces > ordered.shipped * per)
    )


def _delivered() -> Select[Any]:
    """Both ways: of kits, all their pieces are counted as one."""
    part = order_line_components.c
    ordered = order_lines.c
    sums = (
        select(_line.order_line_id, _line.variant_id, func.sum(_line.quantity).label("pieces"))
        .join(fulfillments, _of.id == _line.fulfillment_id)
        .where(_of.status == _S.DELIVERED)
        .group_by(_line.order_line_id, _line.variant_id)
        .subquery("there")
    )
    there = func.coalesce(sums.c.pieces, 0)
    return (
        select(ordered.id, ordered.delivered, sums.c.variant_id, there.label("pieces"))
        .outerjoin(sums, sums.c.order_line_id == ordered.id)
        .outerjoin(
            order_line_components,
            and_(part.line_id == ordered.id, part.variant_id == sums.c.variant_id),
        )
        .where(there != ordered.delivered * func.coalesce(part.quantity, 1))
    )


def _of_ended_orders() -> Select[Any]:
    return (
        select(_of.id, _of.number, _of.status, orders.c.status.label("status_of_order"))
        .join(orders, orders.c.id == _of.order_id)
        .where(_of.status.in_(sorted(OPEN)), orders.c.status != OrderStatus.OPEN)
    )


def _waves() -> Select[Any]:
    """A wave that is released has something left to pick; one that is done has not."""
    left = exists().where(_of.wave_id == waves.c.id, _of.status.in_((_S.RELEASED, _S.PICKING)))
    return select(waves.c.id, waves.c.name, waves.c.status).where(
        or_(
            and_(waves.c.status == WaveStatus.DONE, left),
            and_(
                waves.c.status == WaveStatus.CANCELLED,
                exists().where(_of.wave_id == waves.c.id),
            ),
        )
    )


def _parcels() -> Select[Any]:
    """A parcel has left with its fulfillment, and not without it."""
    has_left = parcels.c.shipped_at.is_not(None)
    return (
        select(parcels.c.id, parcels.c.code, _of.number, _of.status)
        .join(fulfillments, _of.id == parcels.c.fulfillment_id)
        .where(
            or_(
                and_(has_left, _of.status.not_in(_GONE)),
                and_(~has_left, parcels.c.removed_at.is_(None), _of.status.in_(_GONE)),
                parcels.c.order_id != _of.order_id,
            )
        )
    )


CHECKS: tuple[Check, ...] = (
    Check(
        "O2-fulfillments", "Fulfillments of a line are of no more than is left of it.", _planned()
    ),
    Check(
        "S4-fulfillments", "What fulfillments are to send is allocated where they are.", _promised()
    ),
    Check("O4-picks", "What of a line is picked was taken from somewhere.", _picked()),
    Check("O4-packed", "What of a line is packed lies in parcels.", _packed()),
    Check("O4-fulfillments", "The state of a fulfillment follows from its lines.", _states()),
    Check("O1-fulfillments", "What fulfillments have sent is shipped for the order.", _shipped()),
    Check("O4-delivered", "What fulfillments brought has arrived for the order.", _delivered()),
    Check("O4-under-way", "Only open orders have something under way.", _of_ended_orders()),
    Check("O4-waves", "Waves end when nothing of them is left to pick.", _waves()),
    Check("O4-parcels", "Parcels leave with their fulfillment.", _parcels()),
)
