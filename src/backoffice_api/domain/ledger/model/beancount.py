"""The journal as Beancount text: https://beancount.github.io/docs/beancount_language_syntax.html.

Version 3 of the language. Each entry is a transaction that balances in every currency, so a file
of any days is valid by itself.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from backoffice_api.domain.kernel.currencies import EXPONENTS
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.ledger.model.accounts import Account, AccountKind
from backoffice_api.domain.ledger.model.entries import JournalEntry
from backoffice_api.domain.ledger.model.lines import JournalLine
from backoffice_api.domain.ledger.model.rates import ExchangeRate
from backoffice_api.domain.ledger.model.sealing import Seal

_ROOTS: Mapping[AccountKind, str] = {
    AccountKind.ASSET: "Assets",
    AccountKind.LIABILITY: "Liabilities",
    AccountKind.EQUITY: "Equity",
    AccountKind.INCOME: "Income",
    AccountKind.EXPENSE: "Expenses",
}
# What the part of a name may not hold, and what it may not begin with.
_FOREIGN = re.compile(r"[^A-Za-z0-9-]")
_BEGINNING = re.compile(r"[A-Z0-9]")


@dataclass(frozen=True, slots=True)
class Told:
    """An entry with what belongs to it."""

    entry: JournalEntry
    seal: Seal | None
    lines: Iterable[JournalLine]


def names_of(accounts: Iterable[Account]) -> Mapping[UUID, str]:
    """What each account is called there: its kind and its number, as far as that can be said."""
    names: dict[UUID, str] = {}
    taken: set[str] = set()
    for each in accounts:
        part = _FOREIGN.sub("-", each.code)
        if not _BEGINNING.match(part):
            part = f"X{part}"
        name = f"{_ROOTS[each.kind]}:{part}"
        if name in taken:  # Another number differs only in what cannot be said.
            name = f"{name}-{each.id.hex}"
        taken.add(name)
        names[each.id] = name
    return names


def opening(
    accounts: Iterable[Account], names: Mapping[UUID, str], on: date, base: str | None
) -> Iterator[str]:
    """How a file begins: the currency of the books, and every account."""
    if base is not None:
        yield f'option "operating_currency" "{base}"\n\n'
    for each in accounts:
        yield f"{on.isoformat()} open {names[each.id]}\n  name: {_text(each.name)}\n"


def transaction(told: Told, names: Mapping[UUID, str]) -> str:
    """An entry as a transaction; debits are above zero."""
    entry = told.entry
    parts = [f"\n{entry.booked_on.isoformat()} * {_text(entry.description)}\n"]
    parts.append(f'  entry: "jen_{entry.id.hex}"\n  source: {_text(entry.source)}\n')
    if told.seal is not None:
        parts.append(f'  number: {told.seal.number}\n  hash: "{told.seal.hash.hex()}"\n')
    for line in told.lines:
        if line.debit is not None:
            amount: Money = line.debit
        else:
            assert line.credit is not None, "a line has one of both"
            amount = -line.credit
        parts.append(f"  {names[line.account_id]}  {_number(amount)} {amount.currency}\n")
    return "".join(parts)


def price(rate: ExchangeRate) -> str:
    """A rate as a price of the day from which it holds."""
    return (
        f"\n{rate.valid_on.isoformat()} price {rate.from_currency} "
        f"{rate.rate:f} {rate.to_currency}\n"
    )


def _number(amount: Money) -> str:
    return f"{amount.amount:.{EXPONENTS[amount.currency]}f}"


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{" ".join(escaped.split())}"'
