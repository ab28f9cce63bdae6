"""What must be true of stored margins."""

from sqlalchemy import and_, func, or_, select

from backoffice_api.domain.bookkeeping.tables import line_postings
from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.ledger.tables import accounts, entries, postings
from backoffice_api.domain.margins.tables import shares
from backoffice_api.domain.orders.tables import order_lines

_share, _posting, _line = shares.c, postings.c, line_postings.c
_sum = func.sum(_share.amount_minor)

CHECKS: tuple[Check, ...] = (
    Check(
        "F1-restatements",
        "A restatement adds to margins what it takes from them.",
        select(_share.restatement_id, _share.measure, _share.currency, _sum.label("sum_minor"))
        .group_by(_share.restatement_id, _share.measure, _share.currency)
        .having(_sum != 0),
    ),
    Check(
        "F1-order-lines",
        "What is posted of a line is posted of its order.",
        select(_line.entry_id, _line.position, _line.order_line_id, entries.c.source)
        .join(order_lines, order_lines.c.id == _line.order_line_id)
        .join(entries, entries.c.id == _line.entry_id)
        .where(
            or_(
                _line.order_id != order_lines.c.order_id,
                and_(entries.c.subject_prefix == "ord", entries.c.subject_id != _line.order_id),
            )
        ),
    ),
    Check(
        "F1-sold",
        "What is sold is told line by line.",
        select(_posting.entry_id, _posting.position, entries.c.source)
        .join(
            accounts,
            and_(
                accounts.c.role == "sales",
                or_(
                    accounts.c.id == _posting.debit_account_id,
                    accounts.c.id == _posting.credit_account_id,
                ),
            ),
        )
        .join(entries, entries.c.id == _posting.entry_id)
        .outerjoin(
            line_postings,
            and_(_line.entry_id == _posting.entry_id, _line.position == _posting.position),
        )
        .where(entries.c.source.like("shipment:%"), _line.entry_id.is_(None)),
    ),
)
