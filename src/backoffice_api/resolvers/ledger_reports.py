"""What can be asked of the books as a whole: reports and statements."""

import inspect
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import strawberry
from sqlalchemy import Connection as Db

from backoffice_api.context import Context
from backoffice_api.domain.kernel import ids, pages
from backoffice_api.domain.kernel.currencies import exponent
from backoffice_api.domain.kernel.pages import InvalidCursor, Position
from backoffice_api.domain.ledger import queries
from backoffice_api.domain.ledger.model.reports import Span
from backoffice_api.domain.ledger.queries import reports
from backoffice_api.domain.ledger.queries.statements import Place, account_statement
from backoffice_api.schema.connections import PageInfo, asked, parameter
from backoffice_api.schema.ledger import READ
from backoffice_api.schema.ledger_reports import (
    AccountStatement,
    BalanceSheet,
    IncomeStatement,
    ShownStatement,
    TrialBalance,
)
from backoffice_api.schema.scalars import CurrencyCode

_REQUIRED = inspect.Parameter.empty
_STATEMENT = "account_statement"
_PREFIXES: Mapping[str, str] = {
    "channel_id": "chn",
    "supplier_id": "sup",
    "product_id": "prd",
    "location_id": "loc",
}

_From = Annotated[date, strawberry.argument(description="From this day on.", name="from")]
_To = Annotated[date, strawberry.argument(description="Up to but without this day.")]
_On = Annotated[date, strawberry.argument(description="When this day begins.")]
_InBase = Annotated[
    bool, strawberry.argument(description="All in the currency of the books, added up.")
]
_Currency = Annotated[
    CurrencyCode | None, strawberry.argument(description="Only amounts of this currency.")
]
_Own = Annotated[
    CurrencyCode | None,
    strawberry.argument(
        description="The currency. Null: that of the account, or else that of the books."
    ),
]
_AccountId = Annotated[strawberry.ID, strawberry.argument(description="Which account.")]
_About = Annotated[
    strawberry.ID | None, strawberry.argument(description="Only what is about this one.")
]
_First = Annotated[
    int | None, strawberry.argument(description="At most so many lines, 1 to 250; else 50.")
]
_After = Annotated[
    str | None, strawberry.argument(description="Begin behind the line with this cursor.")
]


def _trial_balance(db: Db, _: Context, arguments: Mapping[str, Any]) -> Any:
    dimensions = {
        name: ids.parse(prefix, arguments[name])
        for name, prefix in _PREFIXES.items()
        if arguments.get(name)
    }
    currency = arguments.get("currency")
    if currency is not None:
        exponent(currency)
    return reports.trial_balance(
        db,
        Span(arguments["from_"], arguments["to"]),
        in_base=arguments["in_base"],
        currency=currency,
        dimensions=dimensions,
    )


def _income_statement(db: Db, _: Context, arguments: Mapping[str, Any]) -> Any:
    return reports.income_statement(db, Span(arguments["from_"], arguments["to"]))


def _balance_sheet(db: Db, _: Context, arguments: Mapping[str, Any]) -> Any:
    return reports.balance_sheet(db, arguments["on"])


def _account_statement(db: Db, context: Context, arguments: Mapping[str, Any]) -> Any:
    id = ids.parse("acc", arguments["account_id"])
    account = queries.account(db, id, "account_id")
    currency = arguments.get("currency") or account.currency or queries.base_currency(db)
    exponent(currency)
    after = arguments.get("after")
    page = account_statement(
        db,
        id,
        currency,
        Span(arguments["from_"], arguments["to"]),
        None if after is None else _place(context, after, id),
        pages.bounds(arguments.get("first"), None),
    )
    cursors = [
        context.cursors.seal(
            Position(
                f"{_STATEMENT} {id.hex}",
                f"{each.booked_on.isoformat()} {each.position}",
                each.entry_id,
            )
        )
        for each in (*page.lines[:1], *page.lines[-1:])
    ]
    info = PageInfo(
        has_next_page=page.has_next,
        has_previous_page=after is not None,
        start_cursor=cursors[0] if cursors else None,
        end_cursor=cursors[-1] if cursors else None,
    )
    return ShownStatement(id, page.from_, page.to, page.opening, page.lines, page.closing, info)


def _place(context: Context, cursor: str, account_id: UUID) -> Place:
    """Raises: InvalidCursor."""
    position = context.cursors.open(cursor, f"{_STATEMENT} {account_id.hex}", str)
    day, _, number = str(position.value).partition(" ")
    if not number.isdecimal():
        raise InvalidCursor
    return Place(date.fromisoformat(day), position.id, int(number))


@strawberry.type
class LedgerReportQuery:
    trial_balance: TrialBalance = asked(
        _trial_balance,
        [
            parameter("from_", _From, _REQUIRED),
            parameter("to", _To, _REQUIRED),
            parameter("in_base", _InBase, False),
            parameter("currency", _Currency),
            *(parameter(name, _About) for name in _PREFIXES),
        ],
        "What every account came to over some days: by currency, or in that of the books. Whole "
        "months are read from balances; narrowed to a channel, supplier, product or location, "
        "posting by posting.",
        scope=READ,
        weight=50,
    )
    income_statement: IncomeStatement = asked(
        _income_statement,
        [parameter("from_", _From, _REQUIRED), parameter("to", _To, _REQUIRED)],
        "What was earned and spent over some days, in the currency of the books.",
        scope=READ,
        weight=50,
    )
    balance_sheet: BalanceSheet = asked(
        _balance_sheet,
        [parameter("on", _On, _REQUIRED)],
        "What the shop has and owes when a day begins, in the currency of the books.",
        scope=READ,
        weight=50,
    )
    account_statement: AccountStatement = asked(
        _account_statement,
        [
            parameter("account_id", _AccountId, _REQUIRED),
            parameter("from_", _From, _REQUIRED),
            parameter("to", _To, _REQUIRED),
            parameter("currency", _Own),
            parameter("first", _First),
            parameter("after", _After),
        ],
        "What went over an account, oldest first, with what stood on it behind each line.",
        scope=READ,
        weight=1,
        multipliers=["first"],
    )
