"""Seals: the number of an entry, and the hash that chains it to the one before.

The hash is a link of a chain (`kernel.chains`) over the content of the entry. Anybody can compute
it from an export of the journal. What a posting comes to in
the currency of the books is no part of it, since that may be found later; `verify` recomputes it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from backoffice_api.domain.kernel.chains import canonical
from backoffice_api.domain.ledger.model.entries import JournalEntry, Posting


@dataclass(frozen=True, slots=True)
class Seal:
    """`number` counts from 1 without gaps."""

    number: int
    entry_id: UUID
    sealed_at: datetime
    previous_hash: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class BalanceKey:
    """Whose sums of a month those are."""

    account_id: UUID
    currency: str
    period: date


@dataclass(slots=True)
class Sums:
    """What was debited and credited, also in the currency of the books."""

    debit_minor: int = 0
    credit_minor: int = 0
    base_debit_minor: int = 0
    base_credit_minor: int = 0


def content_of(number: int, entry: JournalEntry, postings: Sequence[Posting]) -> bytes:
    """What an entry says, in the one form in which it is hashed. `postings` in their order."""
    content = {
        "number": number,
        "id": entry.id.hex,
        "createdAt": entry.created_at.isoformat(timespec="microseconds"),
        "bookedOn": entry.booked_on.isoformat(),
        "source": entry.source,
        "description": entry.description,
        "subject": _subject(entry),
        "reverses": _hex(entry.reverses_id),
        "exception": _hex(entry.exception_id),
        "actor": [entry.actor_kind, _hex(entry.actor_id)],
        "postings": [_posting(each) for each in postings],
    }
    return canonical(content)


def sums_of(postings: Iterable[tuple[date, Posting]]) -> Mapping[BalanceKey, Sums]:
    """What postings add to the balances; each with the month that it counts for."""
    sums: dict[BalanceKey, Sums] = defaultdict(Sums)
    for period, each in postings:
        base_minor = each.base_minor or 0
        debited = sums[BalanceKey(each.debit_account_id, each.currency, period)]
        debited.debit_minor += each.amount_minor
        debited.base_debit_minor += base_minor
        credited = sums[BalanceKey(each.credit_account_id, each.currency, period)]
        credited.credit_minor += each.amount_minor
        credited.base_credit_minor += base_minor
    return sums


def _posting(each: Posting) -> Sequence[Any]:
    return [
        each.position,
        each.debit_account_id.hex,
        each.credit_account_id.hex,
        each.currency,
        each.amount_minor,
        _hex(each.channel_id),
        _hex(each.supplier_id),
        _hex(each.product_id),
        _hex(each.location_id),
    ]


def _subject(entry: JournalEntry) -> str | None:
    if entry.subject_prefix is None or entry.subject_id is None:
        return None
    return f"{entry.subject_prefix}_{entry.subject_id.hex}"


def _hex(id: UUID | None) -> str | None:
    return None if id is None else id.hex
