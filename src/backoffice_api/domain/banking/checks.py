"""What must be true of stored statements and their lines."""

from sqlalchemy import func, or_, select

from backoffice_api.domain.banking.tables import bank_statements, statement_lines
from backoffice_api.domain.kernel.checks import Check

_statement = bank_statements.c
_previous = bank_statements.alias("previous")
_brought = (
    select(statement_lines.c.statement_id, func.count().label("lines"))
    .group_by(statement_lines.c.statement_id)
    .subquery("brought")
)

CHECKS: tuple[Check, ...] = (
    Check(
        "F5-statement",
        "Opening balance and lines of a statement come to its closing balance, or it says why not.",
        select(
            _statement.id,
            _statement.opening_minor,
            _statement.total_minor,
            _statement.closing_minor,
        ).where(
            _statement.mismatch_reason.is_(None),
            _statement.opening_minor + _statement.total_minor != _statement.closing_minor,
        ),
    ),
    Check(
        "F5-chain",
        "A statement begins with the closing balance of the one that it follows.",
        select(_statement.id, _statement.opening_minor, _previous.c.closing_minor)
        .join(_previous, _previous.c.id == _statement.previous_id)
        .where(
            or_(
                _statement.bank_account_id != _previous.c.bank_account_id,
                _statement.opening_minor != _previous.c.closing_minor,
                _previous.c.closing_minor.is_(None),
            )
        ),
    ),
    Check(
        "F5-brought",
        "A statement has brought as many lines as it says.",
        select(_statement.id, _statement.added_count, _brought.c.lines)
        .outerjoin(_brought, _brought.c.statement_id == _statement.id)
        .where(_statement.added_count != func.coalesce(_brought.c.lines, 0)),
    ),
)
