"""What must be true of stored returns: every sum and every count is recomputed."""

from typing import Any

from sqlalchemy import (
    Select,
    String,
    and_,
    case,
    cast,
    exists,
    func,
    or_,
    select,
    union_all,
)

from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.orders.model.returning import ReturnStatus
from backoffice_api.domain.orders.tables import order_line_components, order_lines, orders
from backoffice_api.domain.returns.checks.money import MONEY_CHECKS
from backoffice_api.domain.returns.model.inspections import BUCKETS, MONEY, Disposition, Resolution
from backoffice_api.domain.returns.model.returns import OPEN
from backoffice_api.domain.returns.tables import (
    return_inspections,
    return_lines,
    return_orders,
    return_receipts,
    return_series,
    returns,
)
from backoffice_api.domain.stock.tables import movements

_line, _ret = return_lines.c, returns.c
_worth = (
    _line.items_minor + _line.shipping_minor + case((_line.tax_included, 0), else_=_line.tax_minor)
)


def _received() -> Select[Any]:
    of = return_receipts.c
    sums = select(of.line_id, func.sum(of.quantity).label("pieces")).group_by(of.line_id).subquery()
    pieces = func.coalesce(sums.c.pieces, 0)
    return (
        select(_line.id, _line.received, pieces.label("of_receipts"))
        .outerjoin(sums, sums.c.line_id == _line.id)
        .where(_line.received != pieces)
    )


def _inspected() -> Select[Any]:
    of = return_inspections.c

    def pieces(*where: Any) -> Any:
        return func.coalesce(func.sum(case((and_(*where), of.quantity), else_=0)), 0)

    sums = (
        select(
            of.line_id,
            func.sum(of.quantity).label("inspected"),
            pieces(of.resolution.in_(MONEY)).label("to_refund"),
            pieces(of.resolution == Resolution.EXCHANGE).label("to_exchange"),
            pieces(of.resolution == Resolution.REPAIR).label("to_repair"),
            pieces(of.resolution == Resolution.REJECT).label("rejected"),
            pieces(of.disposition == Disposition.MISSING).label("missing"),
            pieces(of.disposition == Disposition.BACK_TO_CUSTOMER).label("sent_back"),
        )
        .group_by(of.line_id)
        .subquery()
    )
    names = [each.name for each in sums.c if each.name != "line_id"]
    return (
        select(_line.id, *(_line[name] for name in names))
        .outerjoin(sums, sums.c.line_id == _line.id)
        .where(or_(*(_line[name] != func.coalesce(sums.c[name], 0) for name in names)))
    )


def _moved() -> Select[Any]:
    """R2: an inspection without its movement, or with one that is not as it says."""
    of, move = return_inspections.c, movements.c
    bucket = case(
        *((of.disposition == each, into.value) for each, into in BUCKETS.items()), else_="sellable"
    )
    return (
        select(of.id, of.disposition, of.quantity, of.movement_id)
        .join(movements, move.id == of.movement_id)
        .where(
            or_(
                move.quantity != of.quantity,
                move.variant_id != of.variant_id,
                move.cause_id != of.return_id,
                cast(move.to_bucket, String) != bucket,
            )
        )
    )


def _unasked() -> Select[Any]:
    """R2: what came back for a return by more than one movement, or by none of an inspection."""
    of, move = return_inspections.c, movements.c
    return select(move.id, move.cause_id, move.quantity).where(
        move.cause_kind == "ret", ~exists().where(of.movement_id == move.id)
    )


def _returned() -> Select[Any]:
    """O1: `orders.commands.returning` in SQL. Of kits, whole ones."""
    ordered, part = order_lines.c, order_line_components.c
    back = _line.received - _line.missing - _line.sent_back
    sums = (
        select(_line.order_line_id, _line.variant_id, func.sum(back).label("pieces"))
        .where(_line.order_line_id.is_not(None))
        .group_by(_line.order_line_id, _line.variant_id)
        .subquery()
    )
    single = (
        select(ordered.id.label("line_id"), func.sum(sums.c.pieces).label("returned"))
        .join(sums, sums.c.order_line_id == ordered.id)
        .where(~ordered.is_kit)
        .group_by(ordered.id)
    )
    kits = (
        select(
            part.line_id,
            func.min(func.coalesce(sums.c.pieces, 0) // part.quantity).label("returned"),
        )
        .outerjoin(
            sums, and_(sums.c.order_line_id == part.line_id, sums.c.variant_id == part.variant_id)
        )
        .group_by(part.line_id)
    )
    expected = union_all(single, kits).subquery("expected")
    returned = cast(func.coalesce(expected.c.returned, 0), ordered.returned.type)
    return (
        select(ordered.order_id, ordered.id, ordered.returned, returned.label("of_returns"))
        .outerjoin(expected, expected.c.line_id == ordered.id)
        .where(ordered.returned != returned)
    )


def _statuses() -> Select[Any]:
    """O4: `orders.model.returning.return_status` in SQL."""
    ordered, of = order_lines.c, orders.c
    sums = (
        select(
            ordered.order_id,
            func.sum(ordered.shipped).label("shipped"),
            func.sum(ordered.returned).label("returned"),
        )
        .group_by(ordered.order_id)
        .subquery()
    )
    open_ones = (
        select(return_orders.c.order_id)
        .join(returns, _ret.id == return_orders.c.return_id)
        .where(_ret.status.in_(OPEN))
        .distinct()
        .subquery()
    )
    returned = func.coalesce(sums.c.returned, 0)
    expected = case(
        (and_(returned == 0, open_ones.c.order_id.is_(None)), ReturnStatus.NONE.value),
        (returned == 0, ReturnStatus.UNDER_WAY.value),
        (returned == sums.c.shipped, ReturnStatus.RETURNED.value),
        else_=ReturnStatus.PARTIALLY_RETURNED.value,
    )
    return (
        select(of.id, of.number, of.return_status.label("stored"), expected.label("expected"))
        .outerjoin(sums, sums.c.order_id == of.id)
        .outerjoin(open_ones, open_ones.c.order_id == of.id)
        .where(cast(of.return_status, String) != expected)
    )


def _numbers() -> Select[Any]:
    of = return_series.c
    drawn = (
        select(_ret.kind, func.count().label("drawn"), func.max(_ret.serial).label("last"))
        .where(~_ret.recorded)
        .group_by(_ret.kind)
        .subquery()
    )
    return (
        select(of.id, of.kind, of.number_next, of.numbers_skipped, drawn.c.drawn)
        .outerjoin(drawn, cast(drawn.c.kind, String) == cast(of.kind, String))
        .where(
            or_(
                of.number_next - 1 - of.numbers_skipped != func.coalesce(drawn.c.drawn, 0),
                drawn.c.last >= of.number_next,
            )
        )
    )


def _orders_of_lines() -> Select[Any]:
    """Lines of an order that its return does not name, or of another one than their line is of."""
    return (
        select(_line.id, _line.return_id, _line.order_id)
        .outerjoin(order_lines, order_lines.c.id == _line.order_line_id)
        .outerjoin(
            return_orders,
            and_(
                return_orders.c.return_id == _line.return_id,
                return_orders.c.order_id == _line.order_id,
            ),
        )
        .where(
            _line.order_id.is_not(None),
            or_(return_orders.c.order_id.is_(None), order_lines.c.order_id != _line.order_id),
        )
    )


CHECKS: tuple[Check, ...] = (
    *MONEY_CHECKS,
    Check("R1-received", "What a return received is the sum of its receipts.", _received()),
    Check("R1-inspected", "What was decided of pieces is the sum of inspections.", _inspected()),
    Check("R2", "What was inspected came into the stock as its movement says.", _moved()),
    Check("R2-once", "Every movement of a return is that of one inspection.", _unasked()),
    Check("R3", "A return is of the orders of its lines.", _orders_of_lines()),
    Check("R4", "The numbers of returns have no gaps.", _numbers()),
    Check("O1-returned", "What came back of an order line is what returns received.", _returned()),
    Check("O4-returns", "How far an order came back is what its lines say.", _statuses()),
)
