"""What must be true of stored statements and their lines."""

from sqlalchemy import and_, func, or_, select

from backoffice_api.domain.banking.model.lines import LineState
from backoffice_api.domain.banking.model.matches import MatchStatus
from backoffice_api.domain.banking.tables.matching import match_items, match_lines, matches
from backoffice_api.domain.banking.tables.statements import bank_statements, statement_lines
from backoffice_api.domain.kernel.checks import Check

_statement = bank_statements.c
_previous = bank_statements.alias("previous")
_brought = (
    select(statement_lines.c.statement_id, func.count().label("lines"))
    .group_by(statement_lines.c.statement_id)
    .subquery("brought")
)
_line, _match = statement_lines.c, matches.c
_taken = (
    select(
        match_lines.c.line_id,
        func.sum(match_lines.c.amount_minor - match_lines.c.write_off_minor).label("matched"),
        func.sum(match_lines.c.write_off_minor).label("write_off"),
    )
    .join(matches, matches.c.id == match_lines.c.match_id)
    .where(matches.c.status == MatchStatus.ACTIVE)
    .group_by(match_lines.c.line_id)
    .subquery("taken")
)
_of_lines = (
    select(
        match_lines.c.match_id,
        func.sum(match_lines.c.amount_minor).label("lines"),
        func.sum(match_lines.c.write_off_minor).label("write_off"),
    )
    .group_by(match_lines.c.match_id)
    .subquery("of_lines")
)
_of_items = (
    select(match_items.c.match_id, func.sum(match_items.c.amount_minor).label("total"))
    .group_by(match_items.c.match_id)
    .subquery("of_items")
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
    Check(
        "F5",
        "Of a line so much is explained and written off as its matches say: all of it, once it is "
        "reconciled; nothing, while it is only imported or suggested, or left out.",
        select(_line.id, _line.matched_minor, _taken.c.matched, _line.write_off_minor)
        .outerjoin(_taken, _taken.c.line_id == _line.id)
        .where(
            or_(
                _line.matched_minor != func.coalesce(_taken.c.matched, 0),
                _line.write_off_minor != func.coalesce(_taken.c.write_off, 0),
                and_(
                    _line.state == LineState.RECONCILED,
                    _line.matched_minor + _line.write_off_minor != _line.amount_minor,
                ),
            )
        ),
    ),
    Check(
        "F5-match",
        "The lines of a match come to what its items and its write-off come to.",
        select(_match.id, _match.lines_minor, _of_lines.c.lines, _of_items.c.total)
        .outerjoin(_of_lines, _of_lines.c.match_id == _match.id)
        .outerjoin(_of_items, _of_items.c.match_id == _match.id)
        .where(
            or_(
                _match.lines_minor != func.coalesce(_of_lines.c.lines, 0),
                _match.items_minor != func.coalesce(_of_items.c.total, 0),
                _match.write_off_minor != func.coalesce(_of_lines.c.write_off, 0),
            )
        ),
    ),
)
