"""What must be true of stored stock: every sum recomputed from what it is made of."""

from sqlalchemy import (
    CTE,
    ColumnElement,
    and_,
    case,
    false,
    func,
    not_,
    null,
    or_,
    select,
    union_all,
)

from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.locations import KEPT, LocationKind
from backoffice_api.domain.stock.model.lots import Tracking
from backoffice_api.domain.stock.model.reservations import OPEN, ReservationStatus
from backoffice_api.domain.stock.tables import (
    levels,
    locations,
    lot_levels,
    movements,
    reservations,
    variant_settings,
)

# What went from where to where: the ledger is read once, and few rows are left of it.
_of = movements.c
_way = (
    _of.variant_id,
    _of.from_location_id,
    _of.from_bucket,
    _of.to_location_id,
    _of.to_bucket,
    _of.lot_id,
)
_ways = select(*_way, func.sum(_of.quantity).label("pieces")).group_by(*_way).cte("ways")

_sides = union_all(
    select(
        _ways.c.variant_id,
        _ways.c.to_location_id.label("location_id"),
        _ways.c.to_bucket.label("bucket"),
        _ways.c.lot_id,
        _ways.c.pieces,
    ),
    select(
        _ways.c.variant_id,
        _ways.c.from_location_id,
        _ways.c.from_bucket,
        _ways.c.lot_id,
        -_ways.c.pieces,
    ),
).subquery("sides")
_place = (_sides.c.variant_id, _sides.c.location_id, _sides.c.bucket)

# What every variant gained at every location in the end, virtual ones too.
_balances = (
    select(*_place, func.sum(_sides.c.pieces).label("pieces")).group_by(*_place).cte("balances")
)
# The same lot by lot, of what is tracked.
_lot_balances = (
    select(*_place, _sides.c.lot_id, func.sum(_sides.c.pieces).label("pieces"))
    .where(_sides.c.lot_id.is_not(None))
    .group_by(*_place, _sides.c.lot_id)
    .cte("lot_balances")
)

_soft = reservations.c.status == ReservationStatus.SOFT
_open = reservations.c.status.in_(OPEN)

_promised = (
    select(reservations.c.level_id, func.sum(reservations.c.quantity).label("pieces"))
    .where(_open)
    .group_by(reservations.c.level_id)
    .subquery("promised")
)

_kept = locations.c.kind.in_(KEPT)
_moved = func.coalesce(_balances.c.pieces, 0)
_held = func.coalesce(_promised.c.pieces, 0)


def _of_level(sums: CTE) -> ColumnElement[bool]:
    """Whether a sum of movements is that of a level."""
    return and_(
        sums.c.variant_id == levels.c.variant_id,
        sums.c.location_id == levels.c.location_id,
        sums.c.bucket == levels.c.bucket,
    )


_wrong_sums = union_all(
    select(
        levels.c.variant_id,
        levels.c.location_id,
        levels.c.bucket,
        levels.c.on_hand,
        _moved.label("moved"),
    )
    .outerjoin(_balances, _of_level(_balances))
    .where(levels.c.on_hand != _moved),
    # What was moved to or from a location that keeps stock, and has no level there.
    select(
        _balances.c.variant_id,
        _balances.c.location_id,
        _balances.c.bucket,
        null(),
        _balances.c.pieces,
    )
    .join(locations, and_(locations.c.id == _balances.c.location_id, _kept))
    .outerjoin(levels, _of_level(_balances))
    .where(levels.c.id.is_(None), _balances.c.pieces != 0),
).subquery("wrong_sums")

_lot_moved = func.coalesce(_lot_balances.c.pieces, 0)
_at_lot = and_(lot_levels.c.level_id == levels.c.id, lot_levels.c.lot_id == _lot_balances.c.lot_id)

_wrong_lots = union_all(
    select(
        lot_levels.c.level_id,
        lot_levels.c.lot_id,
        lot_levels.c.on_hand,
        _lot_moved.label("moved"),
    )
    .join(levels, levels.c.id == lot_levels.c.level_id)
    .outerjoin(
        _lot_balances,
        and_(_of_level(_lot_balances), _lot_balances.c.lot_id == lot_levels.c.lot_id),
    )
    .where(lot_levels.c.on_hand != _lot_moved),
    select(levels.c.id, _lot_balances.c.lot_id, null(), _lot_balances.c.pieces)
    .join(_lot_balances, _of_level(_lot_balances))
    .outerjoin(lot_levels, _at_lot)
    .where(lot_levels.c.lot_id.is_(None), _lot_balances.c.pieces != 0),
).subquery("wrong_lots")

_of_lots = (
    select(lot_levels.c.level_id, func.sum(lot_levels.c.on_hand).label("pieces"))
    .group_by(lot_levels.c.level_id)
    .subquery("of_lots")
)
_in_lots = func.coalesce(_of_lots.c.pieces, 0)
_tracked = variant_settings.c.tracking != Tracking.NONE

_everywhere = union_all(
    select(levels.c.variant_id, levels.c.on_hand.label("pieces")),
    select(_balances.c.variant_id, _balances.c.pieces).join(
        locations, and_(locations.c.id == _balances.c.location_id, not_(_kept))
    ),
).subquery("everywhere")

_parent = locations.alias("parent")
_sellable = levels.c.bucket == Bucket.SELLABLE
_available = case((_sellable, levels.c.on_hand - levels.c.reserved - levels.c.safety), else_=0)

CHECKS: tuple[Check, ...] = (
    Check("S1", "A level holds what its movements come to.", select(_wrong_sums)),
    Check("S1-lots", "A level holds of each lot what its movements come to.", select(_wrong_lots)),
    Check(
        "S2",
        "A movement moves something, from one location or bucket to another one.",
        select(movements.c.sequence, movements.c.quantity).where(
            or_(
                movements.c.quantity <= 0,
                and_(
                    movements.c.from_location_id == movements.c.to_location_id,
                    movements.c.from_bucket == movements.c.to_bucket,
                ),
            )
        ),
    ),
    Check(
        "S3",
        "What lies at physical locations, and what virtual ones gave and got, comes to nothing.",
        select(_everywhere.c.variant_id, func.sum(_everywhere.c.pieces).label("surplus"))
        .group_by(_everywhere.c.variant_id)
        .having(func.sum(_everywhere.c.pieces) != 0),
    ),
    Check(
        "S4",
        "What is reserved of a level is what its open reservations come to.",
        select(
            levels.c.id.label("level_id"),
            levels.c.variant_id,
            levels.c.location_id,
            levels.c.reserved,
            _held.label("held"),
        )
        .outerjoin(_promised, _promised.c.level_id == levels.c.id)
        .where(levels.c.reserved != _held),
    ),
    Check(
        "S5",
        "Available is on hand less reserved less safety of what is sellable, of the rest nothing; "
        "no more is reserved than is there, unless negative stock is allowed.",
        select(
            levels.c.id.label("level_id"),
            levels.c.on_hand,
            levels.c.reserved,
            levels.c.safety,
            levels.c.available,
        ).where(
            or_(
                levels.c.available != _available,
                and_(not_(_sellable), or_(levels.c.reserved != 0, levels.c.safety != 0)),
                levels.c.reserved < 0,
                levels.c.safety < 0,
                and_(levels.c.reserved > levels.c.on_hand, not_(levels.c.negative_allowed)),
            )
        ),
    ),
    Check(
        "S6",
        "Only locations that keep stock have levels, those in transit a bucket of their own; none "
        "is below zero unless it is sellable and its location allows it.",
        select(
            levels.c.id.label("level_id"),
            levels.c.on_hand,
            levels.c.negative_allowed,
            locations.c.negative_allowed.label("location_allows"),
            locations.c.kind,
        )
        .join(locations, locations.c.id == levels.c.location_id)
        .where(
            or_(
                and_(levels.c.on_hand < 0, not_(levels.c.negative_allowed)),
                and_(_sellable, levels.c.negative_allowed != locations.c.negative_allowed),
                and_(not_(_sellable), levels.c.negative_allowed),
                (levels.c.bucket == Bucket.IN_TRANSIT)
                != (locations.c.kind == LocationKind.IN_TRANSIT),
                not_(_kept),
            )
        ),
    ),
    Check(
        "S7",
        "A reservation expires exactly while it is soft, and is of what its level is of.",
        select(
            reservations.c.id.label("reservation_id"),
            reservations.c.status,
            reservations.c.expires_at,
            reservations.c.level_id,
        )
        .join(levels, levels.c.id == reservations.c.level_id)
        .where(
            or_(
                and_(_soft, reservations.c.expires_at.is_(None)),
                and_(not_(_soft), reservations.c.expires_at.is_not(None)),
                reservations.c.variant_id != levels.c.variant_id,
                reservations.c.location_id != levels.c.location_id,
            )
        ),
    ),
    Check(
        "S8",
        "Of a tracked variant every piece belongs to a lot.",
        select(
            levels.c.id.label("level_id"),
            levels.c.variant_id,
            levels.c.on_hand,
            _in_lots.label("in_lots"),
        )
        .outerjoin(_of_lots, _of_lots.c.level_id == levels.c.id)
        .outerjoin(variant_settings, variant_settings.c.variant_id == levels.c.variant_id)
        .where(
            or_(
                and_(_tracked, levels.c.on_hand != _in_lots),
                and_(not_(func.coalesce(_tracked, false())), _in_lots != 0),
            )
        ),
    ),
    Check(
        "S8-serials",
        "A serial number is in one place at a time.",
        select(lot_levels.c.lot_id, func.sum(lot_levels.c.on_hand).label("pieces"))
        .where(lot_levels.c.kind == Tracking.SERIAL)
        .group_by(lot_levels.c.lot_id)
        .having(func.sum(lot_levels.c.on_hand) > 1),
    ),
    Check(
        "L1",
        "A location's path leads over the one that it is a part of to itself.",
        select(locations.c.id.label("location_id"), locations.c.parent_id, locations.c.depth)
        .outerjoin(_parent, _parent.c.id == locations.c.parent_id)
        .where(
            or_(
                not_(locations.c.path.like(func.coalesce(_parent.c.path, "") + "%")),
                func.length(locations.c.path) != 33 * locations.c.depth,
                locations.c.depth != func.coalesce(_parent.c.depth, 0) + 1,
            )
        ),
    ),
)
