"""How entries come into the books: with the command that causes them, in its transaction."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select

from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.rows import among, insert_or_ignore
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.ledger.model.accounts import DEFAULT_CHART, AccountRole
from backoffice_api.domain.ledger.model.entries import AccountRef, EntryDraft, JournalEntry, Posting
from backoffice_api.domain.ledger.tables import accounts, books, entries, postings


def post(uow: UnitOfWork, *drafts: EntryDraft) -> Sequence[UUID]:
    """Post entries. Their ids, in the order of the drafts; a constant number of statements.

    Drafts without postings are left out; what was posted for a source before is not posted again.
    """
    wanted = {each.source: each for each in drafts if each.postings}
    ids = dict(_posted(uow, wanted))
    fresh = [each for source, each in wanted.items() if source not in ids]
    if fresh:
        of = accounts_of(uow, {ref for each in fresh for ref in _refs(each)})
        base = uow.db.execute(select(books.c.base_currency)).scalar()
        made = [_entry(uow, each) for each in fresh]
        lines = [
            (entry.booked_on, line)
            for entry, each in zip(made, fresh, strict=True)
            for line in _lines(entry, each, of, base)
        ]
        add(uow, entries, made)
        add(uow, postings, [line for _, line in lines], booked_on=[day for day, _ in lines])
        ids |= {entry.source: entry.id for entry in made}
    return [ids[source] for source in wanted]


def accounts_of(uow: UnitOfWork, refs: Collection[AccountRef]) -> Mapping[AccountRef, UUID]:
    """The accounts that play roles, made from the default chart where nobody does; ids as given."""
    roles = {each for each in refs if isinstance(each, AccountRole)}
    of: dict[AccountRef, UUID] = {each: each for each in refs if isinstance(each, UUID)}
    of |= _playing(uow, roles)
    missing = sorted(roles - of.keys())
    if missing:
        _make(uow, missing)
        of |= _playing(uow, missing)
    return of


def _posted(uow: UnitOfWork, sources: Collection[str]) -> Mapping[str, UUID]:
    if not sources:
        return {}
    statement = select(entries.c.source, entries.c.id).where(among(entries.c.source, sources))
    return dict(uow.db.execute(statement).tuples())


def _playing(uow: UnitOfWork, roles: Collection[AccountRole]) -> Mapping[AccountRef, UUID]:
    if not roles:
        return {}
    statement = select(accounts.c.role, accounts.c.id).where(among(accounts.c.role, roles))
    return dict(uow.db.execute(statement).tuples())


def _make(uow: UnitOfWork, roles: Sequence[AccountRole]) -> None:
    for role in roles:
        code, kind, name = DEFAULT_CHART[role]
        row = {
            "id": uow.new_id(),
            "version": 1,
            "created_at": uow.now,
            "updated_at": uow.now,
            "code": code,
            "name": name,
            "kind": kind,
            "role": role,
            "parent_id": None,
            "currency": None,
            "is_archived": False,
        }
        insert_or_ignore(uow.db, accounts, row)


def _refs(draft: EntryDraft) -> Collection[AccountRef]:
    return {ref for each in draft.postings for ref in (each.debit, each.credit)}


def _entry(uow: UnitOfWork, draft: EntryDraft) -> JournalEntry:
    prefix, subject_id = draft.subject or (None, None)
    return JournalEntry(
        id=uow.new_id(),
        created_at=uow.now,
        booked_on=draft.booked_on,
        period=draft.booked_on.replace(day=1),
        source=draft.source,
        description=draft.description,
        subject_prefix=prefix,
        subject_id=subject_id,
        reverses_id=draft.reverses_id,
        actor_kind=uow.caller.actor.kind.value,
        actor_id=uow.caller.actor.id,
    )


def _lines(
    entry: JournalEntry, draft: EntryDraft, of: Mapping[AccountRef, UUID], base: str | None
) -> Sequence[Posting]:
    return [
        Posting(
            entry_id=entry.id,
            position=position,
            debit_account_id=of[each.debit],
            credit_account_id=of[each.credit],
            currency=each.amount.currency,
            amount_minor=each.amount.minor,
            base_minor=each.amount.minor if each.amount.currency == base else None,
            rate_id=None,
            channel_id=each.dimensions.channel_id,
            supplier_id=each.dimensions.supplier_id,
            product_id=each.dimensions.product_id,
            location_id=each.dimensions.location_id,
        )
        for position, each in enumerate(draft.postings)
    ]
