"""Lines of statements are matched with what they are, and matches are taken back.

A match settles documents, posts to the books and notes on the lines what is explained of them: all
in one transaction. Lines are locked in one order first, so that two who match the same line, or
the same document, come one after the other; the second one sees what the first has left.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import delete, select

from backoffice_api.domain.banking import queries
from backoffice_api.domain.banking.commands.documents import documents_by_ids, source_of
from backoffice_api.domain.banking.commands.learning import learn, unlearn
from backoffice_api.domain.banking.model.accounts import BankAccount, BankAccountIsArchived
from backoffice_api.domain.banking.model.events import LinesMatched, MatchUndone
from backoffice_api.domain.banking.model.items import ITEMS_MAX, ItemDraft, ItemKind, OpenItem
from backoffice_api.domain.banking.model.lines import (
    MACHINE as LINES,
)
from backoffice_api.domain.banking.model.lines import StatementLine, UnknownStatementLine
from backoffice_api.domain.banking.model.matches import (
    LINES_MAX,
    MACHINE,
    AmountBeyondOpenItem,
    LinesOfSeveralAccounts,
    MatchedItem,
    MatchedLine,
    MatchOrigin,
    NothingToMatch,
    Share,
    StatementMatch,
    UnknownMatch,
    UnknownOpenItem,
    WriteOff,
    shares,
)
from backoffice_api.domain.banking.tables.matching import (
    match_items,
    match_lines,
    matches,
    suggestions,
)
from backoffice_api.domain.banking.tables.statements import statement_lines
from backoffice_api.domain.kernel.aggregates import add, save, save_all
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import CurrencyMismatch, Money
from backoffice_api.domain.kernel.rows import among, fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_size
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.ledger.commands.posting import post
from backoffice_api.domain.ledger.model.accounts import AccountRole
from backoffice_api.domain.ledger.model.entries import AccountRef, EntryDraft, PostingDraft
from backoffice_api.domain.ledger.model.refusals import ControlAccount
from backoffice_api.domain.ledger.queries import accounts_by_ids
from backoffice_api.domain.ledger.tables import postings


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchLines(Command):
    """`write_off`: a difference that is not worth a question. `rule_id`: the rule that says so."""

    scope = Scope.BANKING_WRITE
    line_ids: tuple[UUID, ...]
    items: tuple[ItemDraft, ...]
    write_off: WriteOff | None = None
    origin: MatchOrigin = MatchOrigin.PERSON
    rule_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoMatch(Command):
    scope = Scope.BANKING_WRITE
    table = matches
    id: UUID


@dataclass(frozen=True, slots=True)
class _Chosen:
    """An item of a match: how much of it, with its sign. `item` None: an account."""

    draft: ItemDraft
    amount: Money
    item: OpenItem | None


def match_lines_with(uow: UnitOfWork, command: MatchLines) -> UUID:
    """Say what lines are: 1-1, 1-n, n-1 or n-m. Id of the match.

    Both sides come to the same, or differ by what may be written off; of one line a part may be
    explained.

    Raises:
        NothingToMatch, TooMany, ControlAccount, UnknownStatementLine, LinesOfSeveralAccounts,
        InvalidTransition, BankAccountIsArchived, UnknownOpenItem, CurrencyMismatch,
        AmountBeyondOpenItem, AmountsDoNotMeet; and what the ledger and the documents refuse.
    """
    _check(command)
    _check_accounts(uow, command)
    lines = _locked(uow, command.line_ids)
    account = queries.accounts_by_ids(uow.db, [lines[0].bank_account_id])[lines[0].bank_account_id]
    if account.is_archived:
        raise BankAccountIsArchived().at("line_ids")
    if command.write_off and command.write_off.maximum.currency != account.currency:
        fault = CurrencyMismatch(account.currency, command.write_off.maximum.currency)
        raise fault.at("write_off", "maximum")
    for line in lines:
        LINES.check("match", line.state)
    total = Money(sum(line.open_minor for line in lines), account.currency)
    chosen = _chosen(uow, command, total)
    items = sum(each.amount.minor for each in chosen)
    taken = shares(lines, items, command.write_off)
    made = _match(uow, account, command, taken, chosen)
    booked_on = max(line.booked_on for line in lines)
    settled = [_settle(uow, each, booked_on) for each in chosen]
    rows = [
        MatchedItem(
            made.id,
            place,
            each.draft.kind,
            each.draft.id,
            settled_id,
            each.amount.currency,
            each.amount.minor,
        )
        for place, (each, settled_id) in enumerate(zip(chosen, settled, strict=True))
    ]
    (entry_id,) = post(uow, _entry(account, made, chosen, booked_on))
    made = replace(made, entry_id=entry_id)
    add(uow, matches, [made])
    add(uow, match_items, rows)
    parts = [MatchedLine(made.id, s.line.id, s.amount_minor, s.write_off_minor) for s in taken]
    add(uow, match_lines, parts)
    _note(uow, taken)
    if command.origin is not MatchOrigin.RULE:
        learn(uow, made, lines, [(each.draft, each.item) for each in chosen])
    event = LinesMatched(
        made.id, made.version, account.id, len(lines), len(chosen), str(made.lines_total)
    )
    uow.emit(event, after=made)
    return made.id


def undo_match(uow: UnitOfWork, command: UndoMatch) -> UUID:
    """Take a match back: documents are open again, the posting is reversed. Its id.

    Raises:
        UnknownMatch, InvalidTransition; and what the ledger and the documents refuse.
    """
    before = queries.matches_by_ids(uow.db, [command.id]).get(command.id)
    if before is None:
        raise UnknownMatch(command.id).at("id")
    parts = queries.lines_by_matches(uow.db, [before.id])[before.id]
    lines = {line.id: line for line in _locked(uow, tuple(each.line_id for each in parts))}
    # Read again behind the lock: somebody else may have undone it meanwhile.
    before = queries.matches_by_ids(uow.db, [command.id])[command.id]
    status = MACHINE.check("undo", before.status)
    booked_on = max(line.booked_on for line in lines.values())
    for each in queries.items_by_matches(uow.db, [before.id]).get(before.id, ()):
        if each.kind is not ItemKind.ACCOUNT:
            source = source_of(each.kind)
            source.unsettle(uow, each.kind, each.settled_id, each.amount, booked_on)
    _reverse(uow, before, booked_on)
    after = save(uow, matches, before, replace(before, status=status))
    changes = []
    for part in parts:
        line = lines[part.line_id]
        matched = line.matched_minor - (part.amount_minor - part.write_off_minor)
        write_off = line.write_off_minor - part.write_off_minor
        action = "loosen" if matched or write_off else "unmatch"
        state = LINES.check(action, line.state)
        changes.append(
            (line, replace(line, matched_minor=matched, write_off_minor=write_off, state=state))
        )
    save_all(uow, statement_lines, changes)
    unlearn(uow, before.id)
    event = MatchUndone(after.id, after.version, after.bank_account_id, len(parts))
    uow.emit(event, before=before, after=after)
    return after.id


def _check(command: MatchLines) -> None:
    faults = Faults()
    check_size(command.line_ids, faults, "line_ids", maximum=LINES_MAX)
    check_size(command.items, faults, "items", maximum=ITEMS_MAX)
    faults.check()
    ids = {(each.kind, each.id) for each in command.items}
    if (
        not command.line_ids
        or not command.items
        or len(set(command.line_ids)) < len(command.line_ids)
        or len(ids) < len(command.items)
    ):
        raise NothingToMatch().at("items")


def _check_accounts(uow: UnitOfWork, command: MatchLines) -> None:
    """Documents alone are booked against what documents prove. No statement if none is named."""
    named: list[tuple[UUID, tuple[str | int, ...]]] = [
        (draft.id, ("items", place, "id"))
        for place, draft in enumerate(command.items)
        if draft.kind is ItemKind.ACCOUNT
    ]
    if command.write_off and command.write_off.account_id:
        named.append((command.write_off.account_id, ("write_off", "account_id")))
    found = accounts_by_ids(uow.db, {id for id, _ in named}) if named else {}
    faults = Faults()
    for id, path in named:
        # Which there is not, the ledger says.
        if (account := found.get(id)) and account.is_control:
            faults.add(ControlAccount.of(account).at(*path))
    faults.check()


def _locked(uow: UnitOfWork, ids: Sequence[UUID]) -> Sequence[StatementLine]:
    """The lines, which nobody else can match until the transaction ends, in the order given."""
    statement = (
        select_as(StatementLine, statement_lines)
        .where(among(statement_lines.c.id, ids))
        .order_by(statement_lines.c.id)
        .with_for_update()
    )
    found = {line.id: line for line in fetch(uow.db, StatementLine, statement)}
    for place, id in enumerate(ids):
        if id not in found:
            raise UnknownStatementLine(id).at("line_ids", place)
    if len({line.bank_account_id for line in found.values()}) > 1:
        raise LinesOfSeveralAccounts().at("line_ids")
    return [found[id] for id in ids]


def _chosen(uow: UnitOfWork, command: MatchLines, total: Money) -> Sequence[_Chosen]:
    """The items with their amounts. One account may take what the others leave."""
    wanted: dict[ItemKind, set[UUID]] = {}
    for draft in command.items:
        wanted.setdefault(draft.kind, set()).add(draft.id)
    found = documents_by_ids(uow.db, total.currency, wanted)
    faults = Faults()
    chosen: list[_Chosen] = []
    rest: int | None = None
    for place, draft in enumerate(command.items):
        item = found.get(draft.id)
        if draft.amount and draft.amount.currency != total.currency:
            fault = CurrencyMismatch(total.currency, draft.amount.currency)
            faults.add(fault.at("items", place, "amount"))
        elif draft.kind is ItemKind.ACCOUNT:
            if draft.amount is None and rest is not None:
                faults.add(NothingToMatch().at("items", place, "amount"))
            rest = place if draft.amount is None else rest
            chosen.append(_Chosen(draft, draft.amount or Money.zero(total.currency), None))
        elif item is None or item.kind is not draft.kind:
            faults.add(UnknownOpenItem(draft.id).at("items", place, "id"))
        else:
            amount, most = draft.amount or item.expected, item.most
            if abs(amount.minor) > abs(most.minor) or amount.minor * most.minor <= 0:
                faults.add(AmountBeyondOpenItem(most).at("items", place, "amount"))
            chosen.append(_Chosen(draft, amount, item))
    faults.check()
    if rest is not None:
        left = total.minor - sum(each.amount.minor for each in chosen)
        chosen[rest] = replace(chosen[rest], amount=Money(left, total.currency))
    for place, each in enumerate(chosen):
        if not each.amount:
            raise NothingToMatch().at("items", place, "amount")
    return chosen


def _match(
    uow: UnitOfWork,
    account: BankAccount,
    command: MatchLines,
    taken: Sequence[Share],
    chosen: Sequence[_Chosen],
) -> StatementMatch:
    write_off = sum(each.write_off_minor for each in taken)
    given = command.write_off.account_id if command.write_off and write_off else None
    id = uow.new_id()
    return StatementMatch(
        id=id,
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        bank_account_id=account.id,
        currency=account.currency,
        lines_minor=sum(each.amount_minor for each in taken),
        items_minor=sum(each.amount.minor for each in chosen),
        write_off_minor=write_off,
        write_off_account_id=given,
        origin=command.origin,
        rule_id=command.rule_id,
        # Its entry is not made yet.
        entry_id=id,
        status=MACHINE.start,
    )


def _settle(uow: UnitOfWork, chosen: _Chosen, booked_on: date) -> UUID:
    kind, id = chosen.draft.kind, chosen.draft.id
    if kind is ItemKind.ACCOUNT:
        return id
    return source_of(kind).settle(uow, kind, id, chosen.amount, booked_on)


def _entry(
    account: BankAccount, made: StatementMatch, chosen: Sequence[_Chosen], booked_on: date
) -> EntryDraft:
    """The bank account against what each item is kept as, and against what is written off."""
    bank: AccountRef = account.ledger_account_id or AccountRole.BANK
    sides: list[tuple[AccountRef, int]] = []
    for each in chosen:
        kind = each.draft.kind
        counterpart = (
            each.draft.id if kind is ItemKind.ACCOUNT else source_of(kind).counterpart(kind)
        )
        sides.append((counterpart, each.amount.minor))
    if made.write_off_minor:
        sides.append((made.write_off_account_id or AccountRole.BANK_FEES, made.write_off_minor))
    return EntryDraft(
        source=f"bank_match:{made.id.hex}",
        booked_on=booked_on,
        description=f"Line of a statement of {account.name}"[:200],
        postings=[
            PostingDraft(
                debit=bank if minor > 0 else counterpart,
                credit=counterpart if minor > 0 else bank,
                amount=Money(abs(minor), made.currency),
            )
            for counterpart, minor in sides
        ],
        subject=("mat", made.id),
    )


def _reverse(uow: UnitOfWork, match: StatementMatch, booked_on: date) -> None:
    table = postings.c
    statement = (
        select(table.debit_account_id, table.credit_account_id, table.amount_minor)
        .where(table.entry_id == match.entry_id)
        .order_by(table.position)
    )
    draft = EntryDraft(
        source=f"bank_match:{match.id.hex}:undo",
        booked_on=booked_on,
        description="A line of a statement was matched wrongly",
        postings=[
            PostingDraft(
                debit=row.credit_account_id,
                credit=row.debit_account_id,
                amount=Money(row.amount_minor, match.currency),
            )
            for row in uow.db.execute(statement)
        ],
        subject=("mat", match.id),
        reverses_id=match.entry_id,
    )
    post(uow, draft)


def _note(uow: UnitOfWork, taken: Sequence[Share]) -> None:
    """Note on the lines what is explained of them; what was suggested for them is done with."""
    changes = []
    for each in taken:
        line = each.line
        after = replace(
            line,
            matched_minor=line.matched_minor + each.amount_minor - each.write_off_minor,
            write_off_minor=line.write_off_minor + each.write_off_minor,
        )
        action = "match" if after.open_minor else "reconcile"
        changes.append((line, replace(after, state=LINES.check(action, line.state))))
    save_all(uow, statement_lines, changes)
    ids = [each.line.id for each in taken]
    uow.db.execute(delete(suggestions).where(among(suggestions.c.line_id, ids)))
