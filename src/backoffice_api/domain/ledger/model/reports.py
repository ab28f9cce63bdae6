"""Reports of the books: what accounts come to over a stretch of days."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.ledger.model.accounts import Account, AccountKind
from backoffice_api.domain.ledger.model.refusals import InvalidSpan


@dataclass(frozen=True, slots=True)
class Span:
    """Days from one up to but without another."""

    from_: date
    to: date

    def check(self) -> None:
        """Raises: InvalidSpan."""
        if not self.from_ < self.to:
            raise InvalidSpan().at("to")


@dataclass(frozen=True, slots=True)
class TrialRow:
    """An account over a span: where it stood, what came and went, where it stands.

    `opening` and `closing` are debits less credits.
    """

    account_id: UUID
    opening: Money
    debit: Money
    credit: Money
    closing: Money


@dataclass(frozen=True, slots=True)
class TrialTotal:
    """All debits and credits of a span in a currency. They are the same."""

    debit: Money
    credit: Money


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """`unrated`: how many postings have no amount in the currency of the books yet."""

    from_: date
    to: date
    rows: Sequence[TrialRow]
    totals: Sequence[TrialTotal]
    unrated: int


@dataclass(frozen=True, slots=True)
class ReportLine:
    """What an account comes to; above zero where it is as its kind grows."""

    account_id: UUID
    amount: Money


@dataclass(frozen=True, slots=True)
class ReportSection:
    """The accounts of a kind, and their sum."""

    kind: AccountKind
    lines: Sequence[ReportLine]
    total: Money


@dataclass(frozen=True, slots=True)
class Report:
    """Sections of accounts in the currency of the books. `result`: income less expenses."""

    from_: date
    to: date
    sections: Sequence[ReportSection]
    result: Money
    unrated: int


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A posting as one of its accounts sees it; `balance` is debits less credits up to it."""

    entry_id: UUID
    position: int
    booked_on: date
    counter_account_id: UUID
    debit: Money | None
    credit: Money | None
    balance: Money
    channel_id: UUID | None
    supplier_id: UUID | None
    product_id: UUID | None
    location_id: UUID | None


@dataclass(frozen=True, slots=True)
class AccountStatement:
    """A page of what went over an account. `opening`: before its first line."""

    account_id: UUID
    from_: date
    to: date
    opening: Money
    lines: Sequence[StatementLine]
    closing: Money
    has_next: bool


def section(kind: AccountKind, rows: Iterable[tuple[Account, int]], currency: str) -> ReportSection:
    """The accounts of a kind by their codes. `rows`: debits less credits of any accounts."""
    sign = 1 if kind in (AccountKind.ASSET, AccountKind.EXPENSE) else -1
    of = sorted((each for each in rows if each[0].kind is kind), key=lambda each: each[0].code)
    lines = [
        ReportLine(account.id, Money(sign * minor, currency)) for account, minor in of if minor
    ]
    return ReportSection(kind, lines, Money(sum(each.amount.minor for each in lines), currency))
