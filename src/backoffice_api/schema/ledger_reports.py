"""Reports of the books on the wire."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from backoffice_api.domain.ledger import queries
from backoffice_api.domain.ledger.model.accounts import AccountKind
from backoffice_api.schema.connections import PageInfo
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.ledger import Account, JournalEntry
from backoffice_api.schema.links import one
from backoffice_api.schema.money import Money


@described
class TrialBalanceRow:
    """An account over the days of the report."""

    opening: Money = about("Debits less credits before the first day.")
    debit: Money = about("What was debited.")
    credit: Money = about("What was credited.")
    closing: Money = about("Debits less credits when the last day had ended.")
    account: Account = one(queries.accounts_by_ids, "account_id", "The account.")


@described
class TrialBalanceTotal:
    """What was debited and credited in a currency. It is the same."""

    debit: Money = about("All debits.")
    credit: Money = about("All credits.")


@described
class TrialBalance:
    """What every account came to, by its code; those without anything are left out."""

    from_: date = about("From this day on.", name="from")
    to: date = about("Up to but without this day.")
    rows: list[TrialBalanceRow] = about(
        "A row per account, and per currency unless in that of the books."
    )
    totals: list[TrialBalanceTotal] = about("The sums, one per currency.")
    unrated: int = about("How many postings are not counted in the currency of the books yet.")


@described
class LedgerReportLine:
    """What an account comes to."""

    amount: Money = about("How much; above zero where it stands as accounts of its kind do.")
    account: Account = one(queries.accounts_by_ids, "account_id", "The account.")


@described
class LedgerReportSection:
    """The accounts of a kind."""

    kind: AccountKind = about("The kind.")
    lines: list[LedgerReportLine] = about("Its accounts by their codes, without those of zero.")
    total: Money = about("Their sum.")


@described
class IncomeStatement:
    """What was earned and spent, in the currency of the books."""

    from_: date = about("From this day on.", name="from")
    to: date = about("Up to but without this day.")
    sections: list[LedgerReportSection] = about("Income, then expenses.")
    result: Money = about("Income less expenses.")
    unrated: int = about("How many postings are not counted in the currency of the books yet.")


@described
class BalanceSheet:
    """What the shop has and owes, in the currency of the books."""

    to: date = about("When this day begins.")
    sections: list[LedgerReportSection] = about("Assets, liabilities, equity.")
    result: Money = about("What has been earned less what was spent, ever: it belongs to equity.")
    unrated: int = about("How many postings are not counted in the currency of the books yet.")


@described
class AccountStatementLine:
    """A posting as the account sees it."""

    booked_on: date = about("The day it counts for.")
    debit: Money | None = about("What was debited. Null: it was credited.")
    credit: Money | None = about("What was credited. Null: it was debited.")
    balance: Money = about("Debits less credits up to and with it.")
    entry: JournalEntry = one(queries.entries_by_ids, "entry_id", "Its entry.")
    counter_account: Account = one(
        queries.accounts_by_ids, "counter_account_id", "The account on the other side."
    )


@described
class AccountStatement:
    """What went over an account in one currency, oldest first, page by page."""

    from_: date = about("From this day on.", name="from")
    to: date = about("Up to but without this day.")
    opening: Money = about("Debits less credits before the first line of this page.")
    lines: list[AccountStatementLine] = about("The lines of this page.")
    closing: Money = about("Debits less credits behind the last line of this page.")
    page_info: PageInfo = about("What lies behind this page.")
    account: Account = one(queries.accounts_by_ids, "account_id", "The account.")


@dataclass(frozen=True, slots=True)
class ShownStatement:
    """A page of a statement, with where it stands."""

    account_id: UUID
    from_: date
    to: date
    opening: Any
    lines: Any
    closing: Any
    page_info: PageInfo
