"""What must be true of the books of the shop, once they are open."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)

from backoffice_api.domain.bookkeeping.model.postings import BILLED
from backoffice_api.domain.bookkeeping.queries import STOCK_VALUES, kept_in
from backoffice_api.domain.bookkeeping.tables import line_postings, openings
from backoffice_api.domain.fulfillment.tables import fulfillments
from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.kernel.hexadecimal import digits_of
from backoffice_api.domain.ledger.model.accounts import AccountRole
from backoffice_api.domain.ledger.tables import accounts, entries, postings
from backoffice_api.domain.orders.model.orders import ALL_SENT
from backoffice_api.domain.orders.tables import orders
from backoffice_api.domain.payments.model.transactions import TransactionKind
from backoffice_api.domain.payments.tables import store_credits, transactions
from backoffice_api.domain.purchasing.tables.orders import receipts
from backoffice_api.domain.returns.model.claims import ClaimState
from backoffice_api.domain.returns.model.refunds import ReturnRefundKind
from backoffice_api.domain.returns.tables.claims import carrier_claims
from backoffice_api.domain.returns.tables.money import return_refund_reversals, return_refunds

_posting, _order = postings.c, orders.c
_opened_at = select(openings.c.created_at).scalar_subquery()
_are_open = exists(select(openings.c.id))
_debit, _credit = accounts.alias("debit"), accounts.alias("credit")
_promise = entries.alias("promise")
_MONEY = {
    AccountRole.BANK,
    AccountRole.CASH,
    AccountRole.PAYMENTS_IN_TRANSIT,
    AccountRole.STORE_CREDIT,
}
# What customers owe and have ahead may only be so much, and not both.
_CUSTOMERS = {AccountRole.RECEIVABLES: 1, AccountRole.CUSTOMER_DEPOSITS: -1}


def _differing(role: AccountRole, expected: Select[Any]) -> Select[Any]:
    """Currencies in which an account is not what it should be, with the difference."""
    kept, should = kept_in(role), expected.subquery("should")
    currency, minor = should.c
    both = union_all(
        select(kept.c.currency, kept.c.minor), select(currency, -minor.label("minor"))
    ).subquery("both")
    difference = func.sum(both.c.minor)
    return (
        select(both.c.currency, difference.label("difference_minor"))
        .where(_are_open)
        .group_by(both.c.currency)
        .having(difference != 0)
    )


def _unposted(source: str, table: Any, since: ColumnElement[Any], *where: Any) -> Select[Any]:
    """Rows since the opening that no entry was made for."""
    made = entries.c.source == literal(f"{source}:").concat(digits_of(table.c.id))
    return (
        select(table.c.id, since.label("since"))
        .outerjoin(entries, made)
        .where(since > _opened_at, entries.c.id.is_(None), *where)
    )


def _moved_by(roles: Collection[AccountRole]) -> ColumnElement[int]:
    sign = case((_debit.c.role.in_(roles), 1), else_=0) - case(
        (_credit.c.role.in_(roles), 1), else_=0
    )
    return func.sum(sign * _posting.amount_minor)


def _by_orders(*columns: ColumnElement[Any]) -> Select[Any]:
    """Sums over all entries of each order."""
    return (
        select(entries.c.subject_id.label("order_id"), *columns)
        .join(postings, _posting.entry_id == entries.c.id)
        .join(_debit, _debit.c.id == _posting.debit_account_id)
        .join(_credit, _credit.c.id == _posting.credit_account_id)
        .where(entries.c.subject_prefix == "ord")
        .group_by(entries.c.subject_id)
    )


def _payments() -> Select[Any]:
    """Orders whose money moved otherwise than their transactions since the opening say."""
    of = transactions.c
    sign = case((of.kind == TransactionKind.CAPTURE, 1), else_=-1)
    told = (
        select(of.order_id, func.sum(sign * of.amount_minor).label("minor"))
        .where(of.created_at > _opened_at, of.kind.in_(_MOVING))
        .group_by(of.order_id)
        .subquery("told")
    )
    posted = _by_orders(_moved_by(_MONEY).label("minor")).subquery("posted")
    return (
        select(told.c.order_id, told.c.minor, posted.c.minor.label("posted_minor"))
        .outerjoin(posted, posted.c.order_id == told.c.order_id)
        .where(told.c.minor != func.coalesce(posted.c.minor, 0))
    )


_MOVING = (
    TransactionKind.CAPTURE,
    TransactionKind.REVERSAL,
    TransactionKind.REFUND,
    TransactionKind.CHARGEBACK,
)


def _billed() -> Select[Any]:
    """Orders of which all has left that are not billed for what they come to."""
    parts = line_postings.c
    sign = case((_debit.c.role == AccountRole.RECEIVABLES, 1), else_=-1)
    sums = (
        select(parts.order_id, func.sum(sign * _posting.amount_minor).label("minor"))
        .join(
            postings,
            and_(_posting.entry_id == parts.entry_id, _posting.position == parts.position),
        )
        .join(_debit, _debit.c.id == _posting.debit_account_id)
        .where(parts.part.in_(BILLED))
        .group_by(parts.order_id)
        .subquery("sums")
    )
    return (
        select(_order.id, _order.number, _order.current_total_minor, sums.c.minor)
        .join(sums, sums.c.order_id == _order.id)
        .where(
            _order.fulfillment_status.in_(ALL_SENT),
            _order.unshipped == 0,
            sums.c.minor != _order.current_total_minor,
        )
    )


def _both() -> Select[Any]:
    """Orders that owe and have ahead at once, or less than nothing of either."""
    owed, ahead = (
        (sign * _moved_by({role})).label(role.value) for role, sign in _CUSTOMERS.items()
    )
    sums = _by_orders(owed, ahead).subquery("sums")
    return select(sums).where(
        or_(
            sums.c.receivables < 0,
            sums.c.customer_deposits < 0,
            and_(sums.c.receivables > 0, sums.c.customer_deposits > 0),
        )
    )


CHECKS: tuple[Check, ...] = (
    Check(
        "F7-ledger",
        "The inventory account is what all stock is worth.",
        _differing(AccountRole.INVENTORY, STOCK_VALUES),
    ),
    Check(
        "F1-credit",
        "The account of store credit is what customers have.",
        _differing(
            AccountRole.STORE_CREDIT,
            select(
                store_credits.c.currency, -func.sum(store_credits.c.balance_minor).label("minor")
            ).group_by(store_credits.c.currency),
        ),
    ),
    Check(
        "F1-payments",
        "Money that moved since the books are open was posted.",
        _unposted(
            "payment_transaction",
            transactions,
            transactions.c.created_at,
            transactions.c.kind.in_(_MOVING),
        ),
    ),
    Check(
        "F1-shipments",
        "What left the house since the books are open was posted.",
        _unposted("shipment", fulfillments, fulfillments.c.shipped_at)
        .join(orders, _order.id == fulfillments.c.order_id)
        .where(_order.current_total_minor > 0),
    ),
    Check(
        "F1-receipts",
        "What arrived since the books are open was posted.",
        _unposted("receipt", receipts, receipts.c.created_at, receipts.c.goods_minor > 0),
    ),
    Check(
        "F1-promises",
        "What was given back for returned goods since the books are open was posted.",
        _unposted(
            "return_refund",
            return_refunds,
            return_refunds.c.created_at,
            return_refunds.c.kind == ReturnRefundKind.UNITS,
            return_refunds.c.items_minor + return_refunds.c.shipping_minor > 0,
        ),
    ),
    Check(
        "F1-reversals",
        "What was posted as given back for goods, and was not, is posted as not given.",
        _unposted(
            "return_reversal",
            return_refund_reversals,
            return_refund_reversals.c.created_at,
            return_refund_reversals.c.kind == ReturnRefundKind.UNITS,
            exists(
                select(_promise.c.id).where(
                    _promise.c.source
                    == literal("return_refund:").concat(
                        digits_of(return_refund_reversals.c.return_refund_id)
                    )
                )
            ),
        ),
    ),
    Check(
        "F1-claims",
        "What carriers paid for claims since the books are open was posted.",
        _unposted("carrier_claim", carrier_claims, carrier_claims.c.paid_at),
    ),
    Check(
        "F1-claims-owed",
        "The account of claims on carriers is what those owe that have granted one.",
        _differing(
            AccountRole.CARRIER_CLAIMS,
            select(
                carrier_claims.c.currency,
                func.sum(carrier_claims.c.granted_minor).label("minor"),
            )
            .join(
                entries,
                entries.c.source
                == literal("carrier_claim_grant:").concat(digits_of(carrier_claims.c.id)),
            )
            .where(carrier_claims.c.status == ClaimState.GRANTED)
            .group_by(carrier_claims.c.currency),
        ),
    ),
    Check("M4-paid", "Money posted of an order is what its transactions say.", _payments()),
    Check("M4-billed", "An order that has left is billed for what it comes to.", _billed()),
    Check("M4-sides", "A customer owes for an order, or has paid ahead, but not both.", _both()),
)
