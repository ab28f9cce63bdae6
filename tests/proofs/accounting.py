"""What the office needs of the books: accounts, entries and a closed month."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.proofs.office import Office

# Fields that an input needs besides those that its type demands.
WANTED: Mapping[str, tuple[str, ...]] = {
    "AccountUpdateInput": ("name",),
}

TEN = {"amount": "10.00", "currency": "EUR"}


def furnish(office: "Office") -> Mapping[str, Any]:
    """Examples by the names of arguments and input fields."""
    return _Accounting(office).examples()


class _Accounting:
    """A small chart, and books in dollars in which nothing is counted yet."""

    def __init__(self, office: "Office") -> None:
        self.office = office
        chart = [
            {"code": "A1", "name": "Till", "kind": "ASSET"},
            {"code": "A2", "name": "Safe", "kind": "ASSET"},
            {"code": "A3", "name": "Drawer", "kind": "ASSET"},
            {"code": "A4", "name": "Old drawer", "kind": "ASSET"},
        ]
        made = office.do("chartInstall", "accounts { id }", input={"accounts": chart})
        self.till, self.safe, self.drawer, self.old = (each["id"] for each in made)
        office.do("accountArchive", id=self.old)
        office.do("booksSet", input={"baseCurrency": "USD"})

    def examples(self) -> Mapping[str, Any]:
        rate = {"validOn": "2026-01-02", "fromCurrency": "EUR", "toCurrency": "GBP", "rate": "0.8"}
        self.office.do("exchangeRatesAdd", input={"source": "ECB", "rates": [rate]})
        return {
            "account.id": self.till,
            "accountUpdate.id": self.till,
            "accountAssignRole.id": self.drawer,
            "AccountAssignRoleInput.role": "CASH",
            "accountArchive.id": self.safe,
            "accountRestore.id": self.old,
            "AccountCreateInput.code": "A9",
            "AccountCreateInput.kind": "ASSET",
            "ChartAccountInput.code": "B1",
            "BudgetLineInput.accountId": self.till,
            "BudgetLineInput.from": "2026-01-01",
            "BudgetLineInput.to": "2027-01-01",
            "BudgetLineInput.amount": {"amount": "10.00", "currency": "USD"},
            "budgetRemove.id": self._budget("Removed"),
            "budgetComparison.budgetId": self._budget("Compared"),
            "budgetComparison.from": "2026-01-01",
            "budgetComparison.to": "2026-02-01",
            "accountStatement.accountId": self.till,
            "accountStatement.from": "2026-01-01",
            "accountStatement.to": "2026-02-01",
            "trialBalance.from": "2026-01-01",
            "trialBalance.to": "2026-02-01",
            "incomeStatement.from": "2026-01-01",
            "incomeStatement.to": "2026-02-01",
            "balanceSheet.on": "2026-02-01",
            "exchangeRate.on": "2026-02-01",
            "exchangeRate.fromCurrency": "EUR",
            "exchangeRate.toCurrency": "GBP",
            "ExchangeRateInput.validOn": "2026-01-03",
            "ExchangeRateInput.fromCurrency": "EUR",
            "ExchangeRateInput.toCurrency": "GBP",
            "journalEntry.id": self._entry(),
            "journalEntryReverse.id": self._entry(),
            "JournalEntryPostInput.bookedOn": "2026-02-10",
            "JournalEntryPostInput.lines": self._lines(),
            "JournalLineInput.accountId": self.till,
            "ledgerPeriod.id": self._closed("2025-01-01"),
            "periodReopen.id": self._closed("2025-02-01"),
            "periodAllowException.id": self._closed("2025-03-01"),
            "PeriodCloseInput.day": "2025-04-01",
            "BooksRevalueInput.day": "2020-01-01",
        }

    def _lines(self) -> list[Mapping[str, Any]]:
        return [
            {"accountId": self.till, "debit": TEN},
            {"accountId": self.drawer, "credit": TEN},
        ]

    def _entry(self) -> str:
        input = {"bookedOn": "2026-01-10", "description": "Change", "lines": self._lines()}
        return self.office._id("journalEntryPost", "journalEntry", input=input)

    def _budget(self, name: str) -> str:
        return self.office._id("budgetSet", "budget", input={"name": name, "lines": []})

    def _closed(self, day: str) -> str:
        return self.office._id("periodClose", "period", input={"day": day})
