"""What must be true of stored purchase orders, receipts and returns. Each in one pass."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Subquery,
    Table,
    and_,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    union_all,
)

from backoffice_api.domain.approvals.model import ApprovalKind, ApprovalStatus
from backoffice_api.domain.approvals.tables import approval_requests
from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.kernel.rounding import is_not_half_even, micro_per_minor
from backoffice_api.domain.purchasing.model.bank import BankChangeStatus
from backoffice_api.domain.purchasing.model.orders import ENDED, PurchaseOrderStatus
from backoffice_api.domain.purchasing.model.series import DocumentKind
from backoffice_api.domain.purchasing.tables.orders import (
    purchase_order_lines,
    purchase_orders,
    purchase_return_lines,
    purchase_returns,
    receipt_charges,
    receipt_lines,
    receipts,
    series,
)
from backoffice_api.domain.purchasing.tables.suppliers import (
    supplier_bank_accounts,
    supplier_bank_changes,
)
from backoffice_api.domain.stock.tables import movements

_ROWS_AT_ONCE = 1_000

_order = purchase_orders.c
_line = purchase_order_lines.c
_left = _line.quantity - _line.cancelled


def _sum(column: ColumnElement[Any], name: str) -> ColumnElement[Any]:
    return func.sum(column).label(name)


def _line_amounts() -> Select[Any]:
    step = micro_per_minor(_line.currency)
    price, quantity = _line.unit_price_micro, _line.quantity
    whole = (_line.tax_minor // quantity) * _left
    rest = (_line.tax_minor % quantity) * _left
    tax = whole + (2 * rest + quantity) // (2 * quantity)
    return select(
        _line.order_id,
        _line.id,
        _line.subtotal_minor,
        _line.current_subtotal_minor,
        _line.current_tax_minor,
    ).where(
        or_(
            is_not_half_even(price * quantity, _line.subtotal_minor, step),
            is_not_half_even(price * _left, _line.current_subtotal_minor, step),
            _line.current_tax_minor != tax,
        )
    )


def _order_amounts() -> Select[Any]:
    names = ("subtotal_minor", "tax_minor", "current_subtotal_minor", "current_tax_minor")
    sums = (
        select(_line.order_id, *(_sum(_line[name], name) for name in names))
        .group_by(_line.order_id)
        .subquery("sums")
    )
    expected = {name: func.coalesce(sums.c[name], 0) for name in names}
    shown = [each.label(f"{name}_of_lines") for name, each in expected.items()]
    return (
        select(_order.id, _order.number, *(_order[name] for name in names), *shown)
        .select_from(purchase_orders.outerjoin(sums, sums.c.order_id == _order.id))
        .where(or_(*(_order[name] != each for name, each in expected.items())))
    )


def _counted(table: Table, *names: str) -> Subquery:
    """Sums of pieces per line of the order."""
    return (
        select(table.c.order_line_id, *(_sum(table.c[name], name) for name in names))
        .group_by(table.c.order_line_id)
        .subquery()
    )


def _line_pieces() -> Select[Any]:
    came = _counted(receipt_lines, "accepted", "rejected")
    went = _counted(purchase_return_lines, "quantity")
    expected = {
        "received": func.coalesce(came.c.accepted, 0),
        "rejected": func.coalesce(came.c.rejected, 0),
        "returned": func.coalesce(went.c.quantity, 0),
    }
    shown = [each.label(f"{name}_in_fact") for name, each in expected.items()]
    return (
        select(_line.id, *(_line[name] for name in expected), *shown)
        .select_from(
            purchase_order_lines.outerjoin(came, came.c.order_line_id == _line.id).outerjoin(
                went, went.c.order_line_id == _line.id
            )
        )
        .where(or_(*(_line[name] != each for name, each in expected.items())))
    )


def _statuses() -> Select[Any]:
    sums = (
        select(_line.order_id, _sum(_line.received, "received"), _sum(_line.open, "open"))
        .group_by(_line.order_id)
        .subquery("sums")
    )
    received, still_open = func.coalesce(sums.c.received, 0), func.coalesce(sums.c.open, 0)
    status = PurchaseOrderStatus
    some = (status.PARTIALLY_RECEIVED, status.RECEIVED, status.CLOSED)
    return (
        select(_order.id, _order.number, _order.status, received, still_open)
        .select_from(purchase_orders.outerjoin(sums, sums.c.order_id == _order.id))
        .where(
            or_(
                and_(_order.status.in_(ENDED), still_open > 0),
                and_(_order.status == status.PARTIALLY_RECEIVED, still_open == 0),
                # What is closed short may have got nothing at all.
                and_(_order.status.in_(some[:2]), received == 0),
                and_(not_(_order.status.in_(some)), received > 0),
            )
        )
    )


def _receipt_amounts() -> Select[Any]:
    of_lines = (
        select(
            receipt_lines.c.receipt_id,
            _sum(receipt_lines.c.value_minor, "goods"),
            _sum(receipt_lines.c.charges_minor, "charges"),
        )
        .group_by(receipt_lines.c.receipt_id)
        .subquery("of_lines")
    )
    given = (
        select(receipt_charges.c.receipt_id, _sum(receipt_charges.c.amount_minor, "charges"))
        .group_by(receipt_charges.c.receipt_id)
        .subquery("given")
    )
    of = receipts.c
    charges = func.coalesce(given.c.charges, 0)
    return (
        select(of.id, of.number, of.goods_minor, of.charges_minor, of_lines.c.goods, charges)
        .select_from(
            receipts.outerjoin(of_lines, of_lines.c.receipt_id == of.id).outerjoin(
                given, given.c.receipt_id == of.id
            )
        )
        .where(
            or_(
                of.goods_minor != func.coalesce(of_lines.c.goods, -1),
                of.charges_minor != charges,
                of.charges_minor != func.coalesce(of_lines.c.charges, -1),
            )
        )
    )


def _unit_costs() -> Select[Any]:
    of = receipt_lines.c
    step = micro_per_minor(of.currency)
    whole = of.unit_price_micro * of.accepted + of.charges_minor * step
    return select(of.receipt_id, of.id, of.accepted, of.charges_minor, of.unit_cost_micro).where(
        or_(
            is_not_half_even(of.unit_price_micro * of.accepted, of.value_minor, step),
            and_(of.accepted > 0, is_not_half_even(whole, of.unit_cost_micro, of.accepted)),
        )
    )


def _return_amounts() -> Select[Any]:
    of = purchase_returns.c
    sums = (
        select(
            purchase_return_lines.c.return_id,
            _sum(purchase_return_lines.c.amount_minor, "amount"),
        )
        .group_by(purchase_return_lines.c.return_id)
        .subquery("sums")
    )
    return (
        select(of.id, of.number, of.amount_minor, sums.c.amount)
        .select_from(purchase_returns.outerjoin(sums, sums.c.return_id == of.id))
        .where(of.amount_minor != func.coalesce(sums.c.amount, -1))
    )


def _ledger() -> Select[Any]:
    """Pieces of each receipt and return by variant, less what was moved for it."""
    came, went = receipt_lines.c, purchase_return_lines.c
    of = movements.c
    sides = union_all(
        select(came.receipt_id.label("cause_id"), came.variant_id, came.accepted.label("pieces")),
        select(went.return_id, went.variant_id, went.quantity),
        select(of.cause_id, of.variant_id, -of.quantity).where(of.cause_kind.in_(("rcp", "prt"))),
    ).subquery("sides")
    surplus = func.sum(sides.c.pieces)
    return (
        select(sides.c.cause_id, sides.c.variant_id, surplus.label("not_moved"))
        .group_by(sides.c.cause_id, sides.c.variant_id)
        .having(surplus != 0)
    )


def _numbers() -> Select[Any]:
    used = union_all(
        *(
            select(literal(kind.value).label("kind"), func.count().label("documents")).where(
                table.c.serial > 0
            )
            for kind, table in (
                (DocumentKind.PURCHASE_ORDER, purchase_orders),
                (DocumentKind.RECEIPT, receipts),
                (DocumentKind.DEBIT_NOTE, purchase_returns),
            )
        )
    ).subquery("used")
    of = series.c
    return (
        select(of.kind, of.number_next, of.numbers_skipped, used.c.documents)
        .join(used, used.c.kind == of.kind)
        .where(of.number_next - 1 - of.numbers_skipped != used.c.documents)
    )


def _accounts() -> Select[Any]:
    account, change = supplier_bank_accounts.c, supplier_bank_changes.c
    return (
        select(account.id, account.supplier_id, account.change_id)
        .join(supplier_bank_changes, change.id == account.change_id)
        .where(
            or_(
                change.status != BankChangeStatus.APPROVED,
                change.decided_by_id.is_(None),
                change.supplier_id != account.supplier_id,
                and_(
                    change.proposed_by_kind == change.decided_by_kind,
                    change.proposed_by_id == change.decided_by_id,
                ),
            )
        )
    )


def _numbers_of_accounts(db: Connection) -> Iterator[Mapping[str, Any]]:
    """Accounts with other numbers than were approved: these are sealed, so they are opened."""
    account, change = supplier_bank_accounts.c, supplier_bank_changes.c
    numbers = [each[name] for each in (account, change) for name in ("iban", "account_number")]
    statement = (
        select(account.id, account.change_id, *numbers)
        .join(supplier_bank_changes, change.id == account.change_id)
        .execution_options(yield_per=_ROWS_AT_ONCE)
    )
    for id, change_id, *values in db.execute(statement):
        if values[:2] != values[2:]:
            yield {"id": id, "change_id": change_id}


def _waits() -> Select[Any]:
    """Both ways: an order that waits for nobody, and a decision that nothing waits for."""
    asked = approval_requests.c
    is_asked = exists().where(
        asked.kind == ApprovalKind.PURCHASE_ORDER,
        asked.subject_id == _order.id,
        asked.status == ApprovalStatus.PENDING,
    )
    waits = _order.status == PurchaseOrderStatus.PENDING_APPROVAL
    return select(_order.id, _order.number, _order.status).where(waits != is_asked)


CHECKS: tuple[Check, ...] = (
    Check("A4", "A purchase order waits while somebody has to decide on it.", _waits()),
    Check("U1", "Amounts of a line of a purchase order are price times quantity.", _line_amounts()),
    Check("U2", "Amounts of a purchase order are the sums of its lines.", _order_amounts()),
    Check(
        "U3",
        "A line was received, rejected and returned as its receipts and returns say.",
        _line_pieces(),
    ),
    Check("U4", "The state of a purchase order is that of its lines.", _statuses()),
    Check(
        "U5", "A receipt comes to its lines, and its charges are all spread.", _receipt_amounts()
    ),
    Check("U6", "What a received piece cost is its price and its share.", _unit_costs()),
    Check("U7", "A return comes to its lines.", _return_amounts()),
    Check("U8", "What was received and returned is what the ledger says.", _ledger()),
    Check("U9", "Numbers of purchasing have no gaps.", _numbers()),
    Check("F8", "Bank accounts of suppliers were approved by another person.", _accounts()),
    Check(
        "F8-numbers",
        "Bank accounts of suppliers have the numbers that were approved.",
        _numbers_of_accounts,
    ),
)
