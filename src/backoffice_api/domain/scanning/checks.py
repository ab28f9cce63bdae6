"""What must be true of stored scans."""

from sqlalchemy import and_, case, func, select

from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.scanning.model.scans import MOVING, OF_HALL, ScanKind
from backoffice_api.domain.scanning.tables import scans
from backoffice_api.domain.stock.model.movements import MovementKind
from backoffice_api.domain.stock.tables import movements

_of, _moved = scans.c, movements.c
# What a scan is in the ledger. A count is there as the difference that it found, if any; what is
# picked or packed moves nothing there. What came of a purchase order is there for its receipt.
_KIND = case(
    (_of.kind.in_(sorted(MOVING)), MovementKind.TRANSFER.value),
    (_of.kind == ScanKind.RECEIVE, MovementKind.RECEIPT.value),
    (_of.kind == ScanKind.INSPECT, MovementKind.INSPECTION.value),
    else_=MovementKind.CORRECTION.value,
)
_scanned = (
    select(
        _of.device_id,
        _of.variant_id,
        _KIND.label("kind"),
        func.sum(func.abs(_of.pieces)).label("pieces"),
    )
    .where(_of.kind.not_in(sorted({ScanKind.COUNT, ScanKind.RECEIVE_PURCHASE, *OF_HALL})))
    .group_by(_of.device_id, _of.variant_id, _KIND)
    .subquery("scanned")
)
_posted = (
    select(
        _moved.cause_id.label("device_id"),
        _moved.variant_id,
        _moved.kind,
        func.sum(_moved.quantity).label("pieces"),
    )
    .where(_moved.cause_kind == "dev", _moved.kind != MovementKind.COUNT)
    .group_by(_moved.cause_id, _moved.variant_id, _moved.kind)
    .subquery("posted")
)
_both = _scanned.join(
    _posted,
    and_(
        _posted.c.device_id == _scanned.c.device_id,
        _posted.c.variant_id == _scanned.c.variant_id,
        _posted.c.kind == _scanned.c.kind,
    ),
    full=True,
)

CHECKS: tuple[Check, ...] = (
    Check(
        "SC1",
        "What devices scanned is what was moved for them.",
        select(
            func.coalesce(_scanned.c.device_id, _posted.c.device_id).label("device_id"),
            func.coalesce(_scanned.c.variant_id, _posted.c.variant_id).label("variant_id"),
            _scanned.c.pieces.label("scanned"),
            _posted.c.pieces.label("moved"),
        )
        .select_from(_both)
        .where(func.coalesce(_scanned.c.pieces, 0) != func.coalesce(_posted.c.pieces, 0)),
    ),
)
