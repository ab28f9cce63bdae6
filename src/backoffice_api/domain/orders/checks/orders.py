"""What must be true of the amounts and states of orders. Sums over all rows, each in one pass."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    exists,
    func,
    or_,
    select,
)

from backoffice_api.domain.approvals.model import ApprovalKind, ApprovalStatus
from backoffice_api.domain.approvals.tables import approval_requests
from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.kernel.currencies import EXPONENTS
from backoffice_api.domain.kernel.money import UNIT_PRICE_DECIMALS
from backoffice_api.domain.orders.model.lines import LineKind
from backoffice_api.domain.orders.model.orders import PROMISED, FulfillmentStatus, OrderStatus
from backoffice_api.domain.orders.model.quotes import QuoteStatus
from backoffice_api.domain.orders.tables import (
    channels,
    holds,
    order_discounts,
    order_lines,
    order_quotes,
    orders,
)

_line = order_lines.c
_order = orders.c
_left = _line.quantity - _line.cancelled


def _micro_per_minor() -> ColumnElement[int]:
    """Millionths per minor unit of a line's currency."""
    codes: dict[int, list[str]] = {}
    for code, decimals in EXPONENTS.items():
        codes.setdefault(decimals, []).append(code)
    del codes[2]  # Nearly all of them: the CASE falls back on it.
    steps = [
        (_line.currency.in_(of_step), 10 ** (UNIT_PRICE_DECIMALS - decimals))
        for decimals, of_step in codes.items()
    ]
    return case(*steps, else_=10 ** (UNIT_PRICE_DECIMALS - 2))


def _is_not_half_even(
    exact: ColumnElement[int], rounded: ColumnElement[int], step: ColumnElement[int]
) -> ColumnElement[bool]:
    """`rounded` minor units are not what `exact` millionths round to."""
    twice = 2 * func.abs(exact - rounded * step)
    return or_(twice > step, and_(twice == step, rounded % 2 == 1))


def _wrong_lines(*wrong: ColumnElement[bool]) -> Select[Any]:
    return select(
        _line.order_id,
        _line.id,
        _line.quantity,
        _line.cancelled,
        _line.shipped,
        _line.returned,
        _line.unit_price_micro,
        _line.subtotal_minor,
        _line.rounding_micro,
        _line.current_subtotal_minor,
    ).where(or_(*wrong))


def _line_amounts() -> Select[Any]:
    step = _micro_per_minor()
    exact = _line.unit_price_micro * _line.quantity
    return _wrong_lines(
        exact != _line.subtotal_minor * step + _line.rounding_micro,
        _is_not_half_even(exact, _line.subtotal_minor, step),
        _is_not_half_even(_line.unit_price_micro * _left, _line.current_subtotal_minor, step),
    )


def _share_left(amount: ColumnElement[int]) -> ColumnElement[int]:
    """`amounts.share_left` in SQL: amount x left / quantity, rounded half up, within 64 bits."""
    whole = (amount // _line.quantity) * _left
    rest = (amount % _line.quantity) * _left
    return whole + (2 * rest + _line.quantity) // (2 * _line.quantity)


def _line_shares() -> Select[Any]:
    discount, tax = _share_left(_line.discount_minor), _share_left(_line.tax_minor)
    return select(
        _line.order_id,
        _line.id,
        _line.current_discount_minor,
        discount.label("discount_of_what_is_left"),
        _line.current_tax_minor,
        tax.label("tax_of_what_is_left"),
    ).where(or_(_line.current_discount_minor != discount, _line.current_tax_minor != tax))


def _sums_of_lines() -> Subquery:
    """One row per order that has lines."""
    is_goods = _line.kind == LineKind.GOODS
    sums = {
        "subtotal": _line.subtotal_minor,
        "discount": _line.discount_minor,
        "tax": _line.tax_minor,
        "current_subtotal": _line.current_subtotal_minor,
        "current_discount": _line.current_discount_minor,
        "current_tax": _line.current_tax_minor,
        "left_over": _left,
        "shipped": _line.shipped,
        "delivered": _line.delivered,
        "unshipped": case((is_goods, _left - _line.shipped), else_=0),
    }
    return (
        select(_line.order_id, *(func.sum(each).label(name) for name, each in sums.items()))
        .group_by(_line.order_id)
        .subquery("sums")
    )


def _order_amounts() -> Select[Any]:
    sums = _sums_of_lines()
    cancelled = _order.status == OrderStatus.CANCELLED
    shipping = case((cancelled, 0), else_=_order.shipping_minor)
    shipping_tax = case((cancelled, 0), else_=_order.shipping_tax_minor)
    expected = {
        "subtotal_minor": _of(sums, "subtotal"),
        "discount_minor": _of(sums, "discount"),
        "tax_minor": _of(sums, "tax") + _order.shipping_tax_minor,
        "current_subtotal_minor": _of(sums, "current_subtotal"),
        "current_discount_minor": _of(sums, "current_discount"),
        "current_shipping_minor": shipping,
        "current_tax_minor": _of(sums, "current_tax") + shipping_tax,
    }
    return _compared(sums, expected)


def _compared(sums: Subquery, expected: dict[str, ColumnElement[Any]]) -> Select[Any]:
    """Orders with a column that is not as it follows from their lines."""
    shown = [
        column
        for name, each in expected.items()
        for column in (_order[name], each.label(f"{name}_of_lines"))
    ]
    return (
        select(_order.id, _order.number, *shown)
        .select_from(orders.outerjoin(sums, sums.c.order_id == _order.id))
        .where(or_(*(_order[name] != each for name, each in expected.items())))
    )


def _of(sums: Subquery, name: str) -> ColumnElement[int]:
    return func.coalesce(sums.c[name], 0)


def _discounts() -> Select[Any]:
    given = (
        select(order_discounts.c.order_id, func.sum(order_discounts.c.amount_minor).label("amount"))
        .group_by(order_discounts.c.order_id)
        .subquery("given")
    )
    amount = func.coalesce(given.c.amount, 0)
    return (
        select(_order.id, _order.number, _order.discount_minor, amount.label("discounts"))
        .select_from(orders.outerjoin(given, given.c.order_id == _order.id))
        .where(_order.discount_minor != amount)
    )


def _currencies() -> Select[Any]:
    of_lines = (
        select(_order.id, _order.currency, _line.currency.label("other"))
        .join(order_lines, _line.order_id == _order.id)
        .where(_line.currency != _order.currency)
    )
    of_discounts = (
        select(_order.id, _order.currency, order_discounts.c.currency.label("other"))
        .join(order_discounts, order_discounts.c.order_id == _order.id)
        .where(order_discounts.c.currency != _order.currency)
    )
    return select(of_lines.union_all(of_discounts).subquery("other"))


def _fulfillment() -> Select[Any]:
    sums = _sums_of_lines()
    unshipped, shipped = _of(sums, "unshipped"), _of(sums, "shipped")
    delivered = _of(sums, "delivered")
    status = case(
        (and_(shipped > 0, unshipped > 0), FulfillmentStatus.PARTIALLY_SHIPPED.value),
        (and_(shipped > 0, delivered == shipped), FulfillmentStatus.DELIVERED.value),
        (delivered > 0, FulfillmentStatus.PARTIALLY_DELIVERED.value),
        (shipped > 0, FulfillmentStatus.SHIPPED.value),
        (
            and_(unshipped > 0, _order.status.in_(PROMISED)),
            FulfillmentStatus.ALLOCATED.value,
        ),
        else_=FulfillmentStatus.UNALLOCATED.value,
    )
    return _compared(sums, {"unshipped": unshipped, "fulfillment_status": cast(status, String)})


def _status() -> Select[Any]:
    sums = _sums_of_lines()
    is_cancelled = _order.status == OrderStatus.CANCELLED
    is_placed = _order.status.in_((*PROMISED, OrderStatus.CLOSED))
    return (
        select(_order.id, _order.number, _order.status, sums.c.left_over)
        .join(sums, sums.c.order_id == _order.id)
        .where(
            or_(and_(is_cancelled, sums.c.left_over > 0), and_(is_placed, sums.c.left_over == 0))
        )
    )


def _holds() -> Select[Any]:
    is_held = exists().where(holds.c.order_id == _order.id, holds.c.released_at.is_(None))
    return select(_order.id, _order.number, _order.has_hold).where(
        or_(and_(_order.has_hold, ~is_held), and_(~_order.has_hold, is_held))
    )


def _held_lines() -> Select[Any]:
    return (
        select(holds.c.id, holds.c.order_id, holds.c.line_id)
        .join(order_lines, _line.id == holds.c.line_id)
        .where(_line.order_id != holds.c.order_id)
    )


def _waits() -> Select[Any]:
    """Both ways: an order that waits for nobody, and a decision that nothing waits for."""
    asked = approval_requests.c
    is_asked = exists().where(
        asked.kind == ApprovalKind.ORDER,
        asked.subject_id == _order.id,
        asked.status == ApprovalStatus.PENDING,
    )
    waits = _order.status == OrderStatus.PENDING_APPROVAL
    return select(_order.id, _order.number, _order.status).where(waits != is_asked)


def _quotes() -> Select[Any]:
    of = order_quotes.c
    is_open = exists().where(
        of.order_id == _order.id,
        of.status == QuoteStatus.OPEN,
        of.number == _order.quote_count,
        of.valid_until == _order.quoted_until,
        of.total_minor == _order.total_minor,
    )
    any_open = exists().where(of.order_id == _order.id, of.status == QuoteStatus.OPEN)
    return select(_order.id, _order.status, _order.quote_count, _order.quoted_until).where(
        or_(
            and_(
                _order.quoted_until.is_not(None), or_(~is_open, _order.status != OrderStatus.DRAFT)
            ),
            and_(_order.quoted_until.is_(None), any_open),
        )
    )


def _series() -> Select[Any]:
    drawn = (
        select(
            _order.channel_id,
            func.count().label("drawn"),
            func.max(_order.serial).label("highest"),
        )
        .where(_order.number.is_not(None), ~_order.recorded)
        .group_by(_order.channel_id)
        .subquery("drawn")
    )
    count, highest = func.coalesce(drawn.c.drawn, 0), func.coalesce(drawn.c.highest, 0)
    channel = channels.c
    return (
        select(
            channel.id,
            channel.code,
            channel.number_next,
            channel.numbers_skipped,
            count.label("orders_placed"),
            highest.label("highest_serial"),
        )
        .select_from(channels.outerjoin(drawn, drawn.c.channel_id == channel.id))
        .where(
            or_(
                channel.number_next != count + channel.numbers_skipped + 1,
                channel.number_next <= highest,
            )
        )
    )


def _serials() -> Select[Any]:
    digits = cast(_order.serial, String)
    ending = func.substr(_order.number, func.length(_order.number) - func.length(digits) + 1)
    return select(_order.id, _order.number, _order.serial).where(
        or_(
            and_(_order.number.is_(None), _order.serial != 0),
            and_(_order.number.is_not(None), ~_order.recorded, ending != digits),
        )
    )


CHECKS: tuple[Check, ...] = (
    Check(
        "O1",
        "No more of a line is cancelled and shipped than was ordered, nor returned than shipped.",
        _wrong_lines(
            _line.quantity < 1,
            _line.cancelled < 0,
            _line.shipped < 0,
            _line.cancelled > _line.quantity - _line.shipped,
            _line.returned < 0,
            _line.returned > _line.shipped,
        ),
    ),
    Check("O3-line", "A line comes to price times quantity, rounded half-even.", _line_amounts()),
    Check("O3-left", "What is left of a line bears its share of discount and tax.", _line_shares()),
    Check("O3-order", "An order comes to the sum of its lines.", _order_amounts()),
    Check("O3-discounts", "The discounts of an order are shared out over its lines.", _discounts()),
    Check("M5-orders", "All amounts of an order are in its currency.", _currencies()),
    Check(
        "O4-goods",
        "Lines say how far an order is fulfilled, and what is left of it.",
        _fulfillment(),
    ),
    Check(
        "O4-cancelled",
        "An order is cancelled when nothing is left of it, and only then.",
        _status(),
    ),
    Check("O4-holds", "An order is on hold while an open hold is on it.", _holds()),
    Check("O5", "A hold on a line lies on the order of the line.", _held_lines()),
    Check(
        "O4-quotes", "A draft has a quote that binds while one is open, as it offers.", _quotes()
    ),
    Check("A4-orders", "An order waits for approval while somebody has to decide on it.", _waits()),
    Check("O6-gaps", "Numbers drawn in a channel have no gaps.", _series()),
    Check("O6-serials", "A number ends with its serial.", _serials()),
)
