"""What `backoffice verify` asks about the books: sums, numbers, the chain of hashes, closed months.

The chain is recomputed entry by entry, and the first one that does not fit is named: what comes
behind it rests on it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    and_,
    extract,
    func,
    literal,
    or_,
    select,
    union_all,
)

from backoffice_api.domain.kernel.chains import GENESIS, linked
from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.kernel.rows import columns_of, fetch
from backoffice_api.domain.ledger import queries
from backoffice_api.domain.ledger.model.entries import JournalEntry, Posting
from backoffice_api.domain.ledger.model.rates import converted
from backoffice_api.domain.ledger.model.sealing import Seal, content_of
from backoffice_api.domain.ledger.tables import (
    balances,
    books,
    entries,
    exceptions,
    periods,
    postings,
    seals,
    unsealed,
)

_PAGE = 1_000


def _broken_link(db: Connection) -> Iterator[Mapping[str, Any]]:
    """The first entry whose hash is not what it says, or that does not follow the one before."""
    number, previous = 0, GENESIS
    while page := _page(db, number):
        lines = queries.postings_by_entries(db, [seal.entry_id for seal, _ in page])
        for seal, entry in page:
            content = content_of(seal.number, entry, lines.get(entry.id, ()))
            expected = linked(previous, content)
            if seal.previous_hash != previous or seal.hash != expected:
                yield {
                    "number": seal.number,
                    "entry": f"jen_{entry.id.hex}",
                    "source": entry.source,
                    "hash": seal.hash.hex(),
                    "recomputed": expected.hex(),
                }
                return
            number, previous = seal.number, seal.hash


def _page(db: Connection, number: int) -> Sequence[tuple[Seal, JournalEntry]]:
    of_seals, of_entries = columns_of(Seal, seals), columns_of(JournalEntry, entries)
    statement = (
        select(*of_seals, *of_entries)
        .join_from(seals, entries, entries.c.id == seals.c.entry_id)
        .where(seals.c.number > number)
        .order_by(seals.c.number)
        .limit(_PAGE)
    )
    width = len(of_seals)
    return [(Seal(*row[:width]), JournalEntry(*row[width:])) for row in db.execute(statement)]


def _miscounted(db: Connection) -> Iterator[Mapping[str, Any]]:
    """Postings whose amount in the currency of the books is not what their rate makes of it."""
    of = postings.c
    last: tuple[Any, ...] | None = None
    while True:
        statement = select(*columns_of(Posting, postings)).where(of.rate_id.is_not(None))
        if last is not None:
            # By the index on the rates, which are few.
            statement = statement.where(
                or_(
                    of.rate_id > last[0],
                    and_(of.rate_id == last[0], of.entry_id > last[1]),
                    and_(of.rate_id == last[0], of.entry_id == last[1], of.position > last[2]),
                )
            )
        statement = statement.order_by(of.rate_id, of.entry_id, of.position).limit(_PAGE)
        page = fetch(db, Posting, statement)
        used = queries.rates_by_ids(db, {each.rate_id for each in page})
        for each in page:
            assert each.rate_id is not None, "only these were asked for"
            last = (each.rate_id, each.entry_id, each.position)
            expected = converted(each.amount_minor, each.currency, used[each.rate_id])
            if each.base_minor != expected:
                yield {
                    "entry": f"jen_{each.entry_id.hex}",
                    "position": each.position,
                    "base_minor": each.base_minor,
                    "recomputed": expected,
                }
        if len(page) < _PAGE:
            return


def _balances_recomputed() -> Any:
    """Balances as they are stored, less the same made of the postings that are sealed."""
    sums = ("debit_minor", "credit_minor", "base_debit_minor", "base_credit_minor")
    nothing = literal(0, Integer)
    parts = [
        select(
            balances.c.account_id,
            balances.c.currency,
            balances.c.period,
            *(balances.c[name].label(name) for name in sums),
        )
    ]
    for column, is_debit in (
        (postings.c.debit_account_id, True),
        (postings.c.credit_account_id, False),
    ):
        amount, base = -postings.c.amount_minor, -func.coalesce(postings.c.base_minor, 0)
        values = (amount, nothing, base, nothing) if is_debit else (nothing, amount, nothing, base)
        parts.append(
            select(
                column,
                postings.c.currency,
                entries.c.period,
                *(value.label(name) for value, name in zip(values, sums, strict=True)),
            )
            .join_from(postings, entries, entries.c.id == postings.c.entry_id)
            .join(seals, seals.c.entry_id == entries.c.id)
        )
    each = union_all(*parts).subquery()
    key = (each.c.account_id, each.c.currency, each.c.period)
    too_much = [func.sum(each.c[name]).label(f"{name}_too_much") for name in sums]
    return (
        select(*key, *too_much)
        .group_by(*key)
        .having(or_(*(func.sum(each.c[name]) != 0 for name in sums)))
    )


_before = seals.alias("before")
_used = (
    select(entries.c.exception_id, func.count().label("entries"))
    .where(entries.c.exception_id.is_not(None))
    .group_by(entries.c.exception_id)
    .subquery("used")
)

CHECKS: tuple[Check, ...] = (
    Check(
        "F1-lines",
        "Every journal entry has a posting, on the day of the entry.",
        select(
            entries.c.id, entries.c.source, entries.c.booked_on, postings.c.booked_on.label("of")
        )
        .outerjoin_from(entries, postings, postings.c.entry_id == entries.c.id)
        .where(or_(postings.c.entry_id.is_(None), postings.c.booked_on != entries.c.booked_on)),
    ),
    Check(
        "F1-months",
        "The period of a journal entry is the month of its day.",
        select(entries.c.id, entries.c.booked_on, entries.c.period).where(
            or_(
                extract("day", entries.c.period) != 1,
                extract("month", entries.c.period) != extract("month", entries.c.booked_on),
                extract("year", entries.c.period) != extract("year", entries.c.booked_on),
            )
        ),
    ),
    Check(
        "F1-base",
        "Postings in the currency of the books count as they are, and others by a rate.",
        select(
            postings.c.entry_id, postings.c.position, postings.c.amount_minor, postings.c.base_minor
        )
        .join_from(postings, books, books.c.base_currency != "")
        .where(
            postings.c.base_minor.is_not(None),
            postings.c.rate_id.is_(None),
            or_(
                postings.c.currency != books.c.base_currency,
                postings.c.base_minor != postings.c.amount_minor,
            ),
        ),
    ),
    Check(
        "F1-rates",
        "What a posting comes to in the currency of the books follows from its rate.",
        _miscounted,
    ),
    Check(
        "F2-sealed",
        "Every journal entry is sealed or waits for its seal, and not both.",
        select(entries.c.id, entries.c.source, seals.c.number)
        .outerjoin_from(entries, seals, seals.c.entry_id == entries.c.id)
        .outerjoin(unsealed, unsealed.c.entry_id == entries.c.id)
        .where(seals.c.number.is_(None) == unsealed.c.entry_id.is_(None)),
    ),
    Check(
        "F2-numbers",
        "The numbers of journal entries begin with 1 and have no gaps.",
        select(seals.c.number, seals.c.entry_id)
        .outerjoin_from(seals, _before, _before.c.number == seals.c.number - 1)
        .where(_before.c.number.is_(None), seals.c.number != 1)
        .order_by(seals.c.number),
    ),
    Check(
        "F2-chain",
        "The hash of every journal entry follows from what it says and from the one before.",
        _broken_link,
    ),
    Check(
        "F2-balances",
        "Balances are the sums of the postings that are sealed.",
        _balances_recomputed(),
    ),
    Check(
        "F6-closed",
        "Nothing came into a period while it was closed but by exception.",
        select(entries.c.id, entries.c.source, entries.c.booked_on, periods.c.closed_at)
        .join_from(entries, periods, periods.c.starts_on == entries.c.period)
        .where(
            periods.c.is_closed,
            entries.c.created_at > periods.c.closed_at,
            entries.c.exception_id.is_(None),
        ),
    ),
    Check(
        "F6-exceptions",
        "Exceptions count the entries that came in by them.",
        select(
            exceptions.c.id,
            exceptions.c.entries_used,
            func.coalesce(_used.c.entries, 0).label("are"),
        )
        .outerjoin_from(exceptions, _used, _used.c.exception_id == exceptions.c.id)
        .where(exceptions.c.entries_used != func.coalesce(_used.c.entries, 0)),
    ),
)
