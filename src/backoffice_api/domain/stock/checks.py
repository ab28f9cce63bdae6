"""What must be true of stored stock: every sum recomputed from what it is made of."""

from sqlalchemy import and_, func, not_, null, or_, select, union_all

from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.stock.model.locations import PHYSICAL
from backoffice_api.domain.stock.model.reservations import OPEN, ReservationStatus
from backoffice_api.domain.stock.tables import levels, locations, movements, reservations

# What went from where to where: the ledger is read once, and few rows are left of it.
_ways = (
    select(
        movements.c.variant_id,
        movements.c.from_location_id,
        movements.c.to_location_id,
        func.sum(movements.c.quantity).label("pieces"),
    )
    .group_by(movements.c.variant_id, movements.c.from_location_id, movements.c.to_location_id)
    .cte("ways")
)

_sides = union_all(
    select(_ways.c.variant_id, _ways.c.to_location_id.label("location_id"), _ways.c.pieces),
    select(_ways.c.variant_id, _ways.c.from_location_id, -_ways.c.pieces),
).subquery("sides")

# What every variant gained at every location in the end, virtual ones too.
_balances = (
    select(_sides.c.variant_id, _sides.c.location_id, func.sum(_sides.c.pieces).label("pieces"))
    .group_by(_sides.c.variant_id, _sides.c.location_id)
    .cte("balances")
)

_soft = reservations.c.status == ReservationStatus.SOFT
_open = reservations.c.status.in_(OPEN)

_promised = (
    select(reservations.c.level_id, func.sum(reservations.c.quantity).label("pieces"))
    .where(_open)
    .group_by(reservations.c.level_id)
    .subquery("promised")
)

_kept = locations.c.kind.in_(PHYSICAL)
_moved = func.coalesce(_balances.c.pieces, 0)
_held = func.coalesce(_promised.c.pieces, 0)

_wrong_sums = union_all(
    select(levels.c.variant_id, levels.c.location_id, levels.c.on_hand, _moved.label("moved"))
    .outerjoin(
        _balances,
        and_(
            _balances.c.variant_id == levels.c.variant_id,
            _balances.c.location_id == levels.c.location_id,
        ),
    )
    .where(levels.c.on_hand != _moved),
    # What was moved to or from a physical location, and has no level there.
    select(_balances.c.variant_id, _balances.c.location_id, null(), _balances.c.pieces)
    .join(locations, and_(locations.c.id == _balances.c.location_id, _kept))
    .outerjoin(
        levels,
        and_(
            levels.c.variant_id == _balances.c.variant_id,
            levels.c.location_id == _balances.c.location_id,
        ),
    )
    .where(levels.c.id.is_(None)),
).subquery("wrong_sums")

_everywhere = union_all(
    select(levels.c.variant_id, levels.c.on_hand.label("pieces")),
    select(_balances.c.variant_id, _balances.c.pieces).join(
        locations, and_(locations.c.id == _balances.c.location_id, not_(_kept))
    ),
).subquery("everywhere")

CHECKS: tuple[Check, ...] = (
    Check("S1", "A level holds what its movements come to.", select(_wrong_sums)),
    Check(
        "S2",
        "A movement moves something, from one location to another one.",
        select(movements.c.sequence, movements.c.quantity).where(
            or_(
                movements.c.quantity <= 0,
                movements.c.from_location_id == movements.c.to_location_id,
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
        "Available is on hand less reserved less safety; no more is reserved than is there, "
        "unless negative stock is allowed.",
        select(
            levels.c.id.label("level_id"),
            levels.c.on_hand,
            levels.c.reserved,
            levels.c.safety,
            levels.c.available,
        ).where(
            or_(
                levels.c.available != levels.c.on_hand - levels.c.reserved - levels.c.safety,
                levels.c.reserved < 0,
                levels.c.safety < 0,
                and_(levels.c.reserved > levels.c.on_hand, not_(levels.c.negative_allowed)),
            )
        ),
    ),
    Check(
        "S6",
        "Only physical locations have levels, and none is below zero unless its location allows.",
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
                levels.c.negative_allowed != locations.c.negative_allowed,
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
)
