"""What people post by hand, and how an entry is taken back: by another one, never by a change."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import select

from backoffice_api.domain.kernel.errors import Faults, Missing
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.rows import among, fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_size, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.ledger import queries
from backoffice_api.domain.ledger.commands.posting import accounts_of, post
from backoffice_api.domain.ledger.model.accounts import AccountRole
from backoffice_api.domain.ledger.model.entries import (
    DESCRIPTION_LENGTH_MAX,
    LINES_MAX,
    Dimensions,
    EntryDraft,
    JournalEntry,
    JournalEntryPosted,
    JournalEntryReversed,
    Posting,
    PostingDraft,
)
from backoffice_api.domain.ledger.model.lines import EntryLine, LineDraft, pairs_of
from backoffice_api.domain.ledger.model.refusals import (
    AlreadyReversed,
    ControlAccount,
    EntryOfDocument,
    NeitherDebitNorCredit,
    NothingToPost,
    ReversalStays,
    UnknownAccount,
)
from backoffice_api.domain.ledger.tables import DIMENSIONS, entries, postings

# What the source of an entry begins with that somebody wrote.
_BY_HAND = "manual"


@dataclass(eq=False)
class UnknownDimension(Missing):
    """A line is said to be about something that is not there."""

    id: UUID
    message = "What this line is about is not there."


@dataclass(frozen=True, slots=True, kw_only=True)
class PostJournalEntry(Command):
    """Debits and credits are the same in each currency."""

    scope = Scope.LEDGER_WRITE
    booked_on: date
    description: str
    lines: tuple[EntryLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseJournalEntry(Command):
    """`booked_on` None: today."""

    scope = Scope.LEDGER_WRITE
    entry_id: UUID
    booked_on: date | None = None
    description: str | None = None


def post_journal_entry(uow: UnitOfWork, command: PostJournalEntry) -> UUID:
    """Post what somebody wrote. The entry's id.

    Raises:
        UnbalancedEntry: debits and credits differ; it has the sums.
        NeitherDebitNorCredit, NothingToPost, UnknownAccount, UnknownDimension, TooMany,
        InvalidText: the input is wrong.
        AccountIsArchived, AccountOfOtherCurrency, ControlAccount, PeriodClosed.
    """
    _check(uow, command)
    drafts = [
        LineDraft(
            account=each.account_id,
            amount=each.debit or each.credit or Money(0, "EUR"),
            is_debit=bool(each.debit),
            dimensions=each.dimensions,
        )
        for each in command.lines
    ]
    role = AccountRole.CURRENCY_CLEARING
    pairs = pairs_of(drafts, accounts_of(uow, [role])[role])
    source = f"{_BY_HAND}:{uow.new_id().hex}"
    (id,) = post(
        uow,
        EntryDraft(
            source=source,
            booked_on=command.booked_on,
            description=command.description,
            postings=pairs,
            keeps_day=True,
        ),
    )
    uow.emit(JournalEntryPosted(id, 1, command.booked_on, command.description))
    return id


def reverse_journal_entry(uow: UnitOfWork, command: ReverseJournalEntry) -> UUID:
    """Take an entry back, once. The id of the entry that does it.

    Raises:
        UnknownJournalEntry, AlreadyReversed, EntryOfDocument, ReversalStays, InvalidText.
        AccountIsArchived, PeriodClosed.
    """
    faults = Faults()
    check_text(command.description, faults, "description", maximum=DESCRIPTION_LENGTH_MAX)
    faults.check()
    entry = queries.entry(uow.db, command.entry_id)
    if entry.reverses_id is not None:
        raise ReversalStays().at("id")
    kind, _, _ = entry.source.partition(":")
    if kind != _BY_HAND:
        raise EntryOfDocument(kind).at("id")
    if by := queries.entries_by_reversed(uow.db, [entry.id]).get(entry.id):
        raise AlreadyReversed(by.description).at("id")
    booked_on = command.booked_on or uow.now.date()
    lines = queries.postings_by_entries(uow.db, [entry.id])[entry.id]
    draft = _reversal(entry, lines, booked_on, command.description)
    (id,) = post(uow, replace(draft, keeps_day=True))
    uow.emit(JournalEntryReversed(entry.id, 2, booked_on, id))
    return id


def take_back(
    uow: UnitOfWork, sources: Collection[str], *, booked_on: date, description: str
) -> Sequence[UUID]:
    """Take back what was posted for sources, as part of another command. Ids of the reversals.

    What nothing was posted for, or what was taken back before, is left out.
    """
    found = fetch(
        uow.db,
        JournalEntry,
        select_as(JournalEntry, entries)
        .where(among(entries.c.source, sources))
        .order_by(entries.c.id),
    )
    done = queries.entries_by_reversed(uow.db, [each.id for each in found])
    left = [each for each in found if each.id not in done]
    lines = queries.postings_by_entries(uow.db, [each.id for each in left])
    return post(uow, *(_reversal(each, lines[each.id], booked_on, description) for each in left))


def _reversal(
    entry: JournalEntry, lines: Sequence[Posting], booked_on: date, description: str | None
) -> EntryDraft:
    subject = None
    if entry.subject_prefix is not None and entry.subject_id is not None:
        subject = (entry.subject_prefix, entry.subject_id)
    return EntryDraft(
        source=f"reversal:{entry.id.hex}",
        booked_on=booked_on,
        description=description or f"Taken back: {entry.description}",
        postings=[
            PostingDraft(
                debit=each.credit_account_id,
                credit=each.debit_account_id,
                amount=each.amount,
                dimensions=Dimensions(**{name: getattr(each, name) for name in DIMENSIONS}),
            )
            for each in lines
        ],
        subject=subject,
        reverses_id=entry.id,
        revalues=True,  # What was once posted to an account goes back from it.
    )


def _check(uow: UnitOfWork, command: PostJournalEntry) -> None:
    faults = Faults()
    check_text(command.description, faults, "description", maximum=DESCRIPTION_LENGTH_MAX)
    check_size(command.lines, faults, "lines", maximum=LINES_MAX)
    faults.check()
    if not command.lines:
        raise NothingToPost().at("lines")
    known = queries.accounts_by_ids(uow.db, {each.account_id for each in command.lines})
    missing = missing_dimensions(uow, [each.dimensions for each in command.lines])
    for position, each in enumerate(command.lines):
        amounts = [amount for amount in (each.debit, each.credit) if amount is not None]
        if len(amounts) != 1 or amounts[0].minor <= 0:
            faults.add(NeitherDebitNorCredit().at("lines", position))
        account = known.get(each.account_id)
        if account is None:
            faults.add(UnknownAccount(each.account_id.hex).at("lines", position, "account_id"))
        elif account.is_control:
            faults.add(ControlAccount.of(account).at("lines", position, "account_id"))
        for name in DIMENSIONS:
            id = getattr(each.dimensions, name)
            if id is not None and id in missing[name]:
                faults.add(UnknownDimension(id).at("lines", position, name))
    faults.check()


def missing_dimensions(
    uow: UnitOfWork, about: Sequence[Dimensions]
) -> Mapping[str, Collection[UUID]]:
    """Ids of dimensions that lead nowhere. The tables are of contexts that this one serves."""
    missing: dict[str, Collection[UUID]] = {}
    for name in DIMENSIONS:
        ids = {id for each in about if (id := getattr(each, name)) is not None}
        (foreign,) = postings.c[name].foreign_keys
        if ids:
            present = select(foreign.column).where(among(foreign.column, ids))
            missing[name] = ids - set(uow.db.execute(present).scalars())
        else:
            missing[name] = ids
    return missing
