"""How entries come into the books: with the command that causes them, in its transaction.

Closed months. What a person posts into one is refused, unless a recorded exception lets it in.
What the shop does is never held up by a closed month: it is booked on the first day that is open,
and its description keeps the day on which it happened.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, literal, or_, select

from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.rows import among, insert_or_ignore
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.ledger.model.accounts import DEFAULT_CHART, AccountRole
from backoffice_api.domain.ledger.model.entries import (
    AccountRef,
    EntryDraft,
    JournalEntry,
    Posting,
    PostingDraft,
)
from backoffice_api.domain.ledger.model.periods import month_of, open_day
from backoffice_api.domain.ledger.model.refusals import (
    AccountIsArchived,
    AccountOfOtherCurrency,
    PeriodClosed,
    SameAccountTwice,
    UnknownAccount,
)
from backoffice_api.domain.ledger.tables import (
    accounts,
    books,
    entries,
    exceptions,
    periods,
    postings,
)

_CODES_TRIED_MAX = 10


@dataclass(frozen=True, slots=True)
class _Account:
    """What posting has to know of an account."""

    id: UUID
    code: str
    role: AccountRole | None
    currency: str | None
    is_archived: bool


@dataclass(slots=True)
class _Calendar:
    """The currency of the books, the closed months, and the exceptions with what is left of each.

    `exceptions` has a list of ids per month, an id as often as it may be used.
    """

    base_currency: str | None
    closed: Collection[date]
    exceptions: Mapping[date, list[UUID]]


def post(uow: UnitOfWork, *drafts: EntryDraft) -> Sequence[UUID]:
    """Post entries. Their ids, in the order of the drafts; five statements, however many.

    Drafts without postings are left out; what was posted for a source before is not posted again.

    Raises:
        UnknownAccount, AccountIsArchived, AccountOfOtherCurrency, SameAccountTwice: of accounts
        given by their ids; those of roles take everything.
        PeriodClosed: a draft keeps its day, and nothing lets it into that month.
    """
    wanted = {each.source: each for each in drafts if any(line.amount for line in each.postings)}
    ids = dict(_posted(uow, wanted))
    fresh = [each for source, each in wanted.items() if source not in ids]
    if fresh:
        known = _accounts(uow, {ref for each in fresh for ref in _refs(each.postings)})
        calendar = _calendar(uow, {month_of(each.booked_on) for each in fresh})
        made = [_entry(uow, each, calendar) for each in fresh]
        lines = [
            (entry.booked_on, line)
            for entry, each in zip(made, fresh, strict=True)
            for line in _lines(entry, each, known, calendar.base_currency)
        ]
        add(uow, entries, made)
        add(uow, postings, [line for _, line in lines], booked_on=[day for day, _ in lines])
        ids |= {entry.source: entry.id for entry in made}
    return [ids[source] for source in wanted]


def accounts_of(uow: UnitOfWork, refs: Collection[AccountRef]) -> Mapping[AccountRef, UUID]:
    """The accounts that play roles, made from the default chart where nobody does; ids as given.

    Raises:
        UnknownAccount: there is no account with one of the ids.
    """
    return {ref: each.id for ref, each in _accounts(uow, refs).items()}


def _posted(uow: UnitOfWork, sources: Collection[str]) -> Mapping[str, UUID]:
    if not sources:
        return {}
    statement = select(entries.c.source, entries.c.id).where(among(entries.c.source, sources))
    return {row.source: row.id for row in uow.db.execute(statement)}


def _accounts(uow: UnitOfWork, refs: Collection[AccountRef]) -> Mapping[AccountRef, _Account]:
    roles = {each for each in refs if isinstance(each, AccountRole)}
    ids = {each for each in refs if isinstance(each, UUID)}
    of = _found(uow, roles, ids)
    for suffix in range(_CODES_TRIED_MAX):
        missing = sorted(roles - of.keys())
        if not missing:
            break
        # Where somebody else's account has the number of the default chart, a part of it is tried.
        _make(uow, missing, f".{suffix}" if suffix else "")
        of = {**of, **_found(uow, missing, ())}
    for ref in refs:
        if ref not in of:
            raise UnknownAccount(ref.hex if isinstance(ref, UUID) else ref.name)
    return of


def _found(
    uow: UnitOfWork, roles: Collection[AccountRole], ids: Collection[UUID]
) -> Mapping[AccountRef, _Account]:
    if not roles and not ids:
        return {}
    of = accounts.c
    statement = select(of.id, of.code, of.role, of.currency, of.is_archived)
    either = [
        *([among(of.role, sorted(roles))] if roles else []),
        *([among(of.id, sorted(ids))] if ids else []),
    ]
    rows = [_Account(*row) for row in uow.db.execute(statement.where(or_(*either)))]
    return {
        **{each.id: each for each in rows if each.id in ids},
        **{each.role: each for each in rows if each.role is not None},
    }


def _make(uow: UnitOfWork, roles: Iterable[AccountRole], suffix: str) -> None:
    """Make the accounts of roles, unless others do so at the same moment. In one order for all."""
    rows: list[dict[str, Any]] = []
    for role in roles:
        code, kind, name = DEFAULT_CHART[role]
        rows.append(
            {
                "id": uow.new_id(),
                "version": 1,
                "created_at": uow.now,
                "updated_at": uow.now,
                "code": f"{code}{suffix}",
                "name": name,
                "kind": kind,
                "role": role,
                "parent_id": None,
                "currency": None,
                "is_archived": False,
            }
        )
    insert_or_ignore(uow.db, accounts, *rows)


def _calendar(uow: UnitOfWork, months: Collection[date]) -> _Calendar:
    """What is to be known of the months, and of those behind them."""
    one = select(literal(1).label("one")).subquery()
    base = select(books.c.base_currency).scalar_subquery()
    closed = and_(periods.c.is_closed, periods.c.starts_on >= min(months))
    usable = and_(
        exceptions.c.period_id == periods.c.id,
        exceptions.c.expires_at > uow.now,
        exceptions.c.entries_used < exceptions.c.entries_max,
    )
    left = exceptions.c.entries_max - exceptions.c.entries_used
    statement = select(base, periods.c.starts_on, exceptions.c.id, left).select_from(
        one.outerjoin(periods, closed).outerjoin(exceptions, usable)
    )
    rows = uow.db.execute(statement.order_by(exceptions.c.created_at)).all()
    allowed: dict[date, list[UUID]] = {}
    for _, month, exception_id, count in rows:
        if exception_id is not None:
            allowed.setdefault(month, []).extend([exception_id] * count)
    return _Calendar(rows[0][0], {row[1] for row in rows if row[1] is not None}, allowed)


def _refs(drafts: Iterable[PostingDraft]) -> Collection[AccountRef]:
    return {ref for each in drafts if each.amount for ref in (each.debit, each.credit)}


def _entry(uow: UnitOfWork, draft: EntryDraft, calendar: _Calendar) -> JournalEntry:
    prefix, subject_id = draft.subject or (None, None)
    day, exception_id = _day(draft, calendar)
    moved = "" if day == draft.booked_on else f" (of {draft.booked_on.isoformat()})"
    return JournalEntry(
        id=uow.new_id(),
        created_at=uow.now,
        booked_on=day,
        period=month_of(day),
        source=draft.source,
        description=f"{draft.description}{moved}",
        subject_prefix=prefix,
        subject_id=subject_id,
        reverses_id=draft.reverses_id,
        exception_id=exception_id,
        actor_kind=uow.caller.actor.kind.value,
        actor_id=uow.caller.actor.id,
    )


def _day(draft: EntryDraft, calendar: _Calendar) -> tuple[date, UUID | None]:
    """On which day an entry is booked, and by which exception. See the head of this file."""
    month = month_of(draft.booked_on)
    if month not in calendar.closed:
        return draft.booked_on, None
    if not draft.keeps_day:
        return open_day(draft.booked_on, calendar.closed), None
    if allowed := calendar.exceptions.get(month):
        return draft.booked_on, allowed.pop()
    raise PeriodClosed(month).at("booked_on")


def _lines(
    entry: JournalEntry, draft: EntryDraft, known: Mapping[AccountRef, _Account], base: str | None
) -> Sequence[Posting]:
    lines = []
    for position, each in enumerate(line for line in draft.postings if line.amount):
        debit, credit = known[each.debit], known[each.credit]
        if each.amount.minor < 0:
            debit, credit = credit, debit
        _check(debit, credit, each.amount.currency, revalues=draft.revalues)
        minor = abs(each.amount.minor)
        lines.append(
            Posting(
                entry_id=entry.id,
                position=position,
                debit_account_id=debit.id,
                credit_account_id=credit.id,
                currency=each.amount.currency,
                amount_minor=minor,
                base_minor=minor if each.amount.currency == base else None,
                rate_id=None,
                channel_id=each.dimensions.channel_id,
                supplier_id=each.dimensions.supplier_id,
                product_id=each.dimensions.product_id,
                location_id=each.dimensions.location_id,
            )
        )
    return lines


def _check(debit: _Account, credit: _Account, currency: str, *, revalues: bool) -> None:
    if debit.id == credit.id:
        raise SameAccountTwice(debit.code)
    for each in (debit, credit):
        if each.is_archived:
            raise AccountIsArchived(each.code)
        if each.currency is not None and each.currency != currency and not revalues:
            raise AccountOfOtherCurrency(each.code, each.currency)
