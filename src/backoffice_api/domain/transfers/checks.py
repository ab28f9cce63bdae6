"""What must be true of stored transfers."""

from sqlalchemy import and_, case, func, or_, select

from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.stock import queries as stock
from backoffice_api.domain.stock.model.reservations import OwnerKind
from backoffice_api.domain.stock.queries.transit import in_transit_by_causes
from backoffice_api.domain.transfers.model import TransferStatus
from backoffice_api.domain.transfers.tables import transfer_lines, transfers

_line = transfer_lines.c
_under_way = in_transit_by_causes()
_pieces = (
    select(
        _under_way.c.cause_id,
        _under_way.c.variant_id,
        func.sum(_under_way.c.pieces).label("pieces"),
    )
    .where(_under_way.c.cause_kind == OwnerKind.TRANSFER.value)
    .group_by(_under_way.c.cause_id, _under_way.c.variant_id)
    .subquery("pieces")
)
_expected = _line.shipped - _line.received - _line.rejected - _line.lost
_held = stock.held_by_lines(OwnerKind.TRANSFER)
_wanted = case((transfers.c.status == TransferStatus.READY, _line.quantity), else_=0)
_open = {TransferStatus.IN_TRANSIT, TransferStatus.PARTIALLY_RECEIVED}

CHECKS: tuple[Check, ...] = (
    Check(
        "S10",
        "What is in transit for a line is what was shipped and has not arrived.",
        select(_line.id, _expected.label("expected"), _pieces.c.pieces)
        .outerjoin(
            _pieces,
            and_(_pieces.c.cause_id == _line.transfer_id, _pieces.c.variant_id == _line.variant_id),
        )
        .where(_expected != func.coalesce(_pieces.c.pieces, 0)),
    ),
    Check(
        "S10-strays",
        "Nothing is in transit for what is no line of a transfer.",
        select(_pieces)
        .outerjoin(
            transfer_lines,
            and_(_pieces.c.cause_id == _line.transfer_id, _pieces.c.variant_id == _line.variant_id),
        )
        .where(_line.id.is_(None), _pieces.c.pieces != 0),
    ),
    Check(
        "S4-transfers",
        "A transfer holds its pieces exactly while it is ready.",
        select(_line.id, _wanted.label("wanted"), _held.c.allocated)
        .join(transfers, transfers.c.id == _line.transfer_id)
        .outerjoin(_held, _held.c.line_id == _line.id)
        .where(
            or_(
                _wanted != func.coalesce(_held.c.allocated, 0),
                func.coalesce(_held.c.soft, 0) != 0,
            )
        ),
    ),
    Check(
        "S10-status",
        "A transfer is under way exactly while some of it is.",
        select(transfers.c.id, transfers.c.status, func.sum(_expected).label("in_transit"))
        .join(transfer_lines, _line.transfer_id == transfers.c.id)
        .group_by(transfers.c.id, transfers.c.status)
        .having((func.sum(_expected) > 0) != transfers.c.status.in_(_open)),
    ),
)
