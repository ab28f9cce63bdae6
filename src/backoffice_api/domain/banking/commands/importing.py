"""Statements come in: checked, and each of their lines once, whoever brings it how often.

Files are read before the command runs, so that no transaction waits for that.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from backoffice_api.domain.banking import queries
from backoffice_api.domain.banking.commands.taking import receive, take_at_once
from backoffice_api.domain.banking.model.accounts import (
    BankAccount,
    BankAccountIsArchived,
    UnknownBankAccountOfShop,
    is_named,
)
from backoffice_api.domain.banking.model.files import (
    StatementDraft,
    StatementFormat,
)
from backoffice_api.domain.banking.model.statements import (
    LINES_AT_ONCE,
    MACHINE,
    STATEMENTS_MAX,
    BalanceMismatch,
    BankStatement,
    Counted,
    Counter,
    Imported,
    ReasonNeeded,
    StatementInOtherCurrency,
    StatementMixesCurrencies,
    StatementOfOtherAccount,
    statement_hash,
)
from backoffice_api.domain.banking.tables.statements import (
    bank_statements,
    statement_lines,
    statement_parts,
)
from backoffice_api.domain.kernel.bank_accounts import masked
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.rows import among, in_parts
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_size, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork

REASON_LENGTH_MAX = 1_000
PAGES_MAX = 50
_ACCOUNTS_SHOWN_MAX = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportStatements(Command):
    """What was read of a file. `mismatch_reason`: why statements that do not balance are taken."""

    scope = Scope.BANKING_WRITE
    bank_account_id: UUID
    format: StatementFormat
    statements: tuple[StatementDraft, ...]
    allow_mismatch: bool = False
    mismatch_reason: str | None = None


def import_statements(uow: UnitOfWork, command: ImportStatements) -> Imported:
    """Take over the statements of an account. Lines that are here already add nothing.

    A statement that was imported before, by whomever, answers as that one.

    Raises:
        UnknownBankAccountOfShop, BankAccountIsArchived, StatementOfOtherAccount,
        StatementInOtherCurrency, StatementMixesCurrencies, ReasonNeeded, TooMany.
        BalanceMismatch: one does not balance, and that is not allowed.
    """
    account = queries.accounts_by_ids(uow.db, [command.bank_account_id]).get(
        command.bank_account_id
    )
    if account is None:
        raise UnknownBankAccountOfShop(command.bank_account_id).at("bank_account_id")
    if account.is_archived:
        raise BankAccountIsArchived().at("bank_account_id")
    drafts = _own(account, command.statements)
    _check(account, drafts, command)
    counter = Counter()
    counted = [(draft, counter.count(draft.lines)) for draft in drafts]
    present = _present(uow, account, [statement_hash(*each) for each in counted])
    found: list[UUID] = []
    added = known = 0
    for draft, lines in counted:
        key = statement_hash(draft, lines)
        if key in present:
            found.append(present[key])
            known += len(lines)
            continue
        made = _statement(uow, account, command, draft, key)
        before = _before(uow, made)
        made = replace(made, previous_id=before[0] if before else None)
        apart = _told_apart(uow, made, lines, [each for each in before if each not in found])
        is_long = len(lines) > LINES_AT_ONCE
        made = receive(uow, made, apart) if is_long else take_at_once(uow, made, apart)
        present[key] = made.id
        found.append(made.id)
        if not is_long:
            added, known = added + made.added_count, known + made.known_count
    return Imported(tuple(found), added, known, len(command.statements) - len(drafts))


def _own(account: BankAccount, drafts: Sequence[StatementDraft]) -> Sequence[StatementDraft]:
    """The statements of the account. A file that names no account is about it."""
    own = [each for each in drafts if not each.account or is_named(account, each.account)]
    if not own or (account.masked_number is None and len({each.account for each in own}) > 1):
        named = sorted({masked(each.account) for each in drafts})
        raise StatementOfOtherAccount(tuple(named[:_ACCOUNTS_SHOWN_MAX])).at("bank_account_id")
    return own


def _check(
    account: BankAccount, drafts: Sequence[StatementDraft], command: ImportStatements
) -> None:
    faults = Faults()
    check_size(list(drafts), faults, "content", maximum=STATEMENTS_MAX)
    if command.allow_mismatch and not (command.mismatch_reason or "").strip():
        faults.add(ReasonNeeded().at("mismatch_reason"))
    check_text(command.mismatch_reason, faults, "mismatch_reason", maximum=REASON_LENGTH_MAX)
    for draft in drafts:
        if draft.currency != account.currency:
            faults.add(StatementInOtherCurrency(account.currency, draft.currency).at("content"))
        elif draft.is_mixed:
            faults.add(StatementMixesCurrencies(draft.currency).at("content"))
        elif (mismatch := _mismatch(draft)) and not command.allow_mismatch:
            faults.add(mismatch.at("content"))
    faults.check()


def _mismatch(draft: StatementDraft) -> BalanceMismatch | None:
    if draft.opening_minor is None or draft.closing_minor is None or draft.is_balanced:
        return None
    return BalanceMismatch(
        draft.reference,
        Money(draft.opening_minor, draft.currency),
        Money(draft.total_minor, draft.currency),
        Money(draft.closing_minor, draft.currency),
    )


def _statement(
    uow: UnitOfWork,
    account: BankAccount,
    command: ImportStatements,
    draft: StatementDraft,
    key: bytes,
) -> BankStatement:
    days = [line.booked_on for line in draft.lines]
    told = [each for each in (draft.starts_on, draft.ends_on) if each]
    today = uow.now.date()
    return BankStatement(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        bank_account_id=account.id,
        format=command.format,
        reference=draft.reference,
        currency=draft.currency,
        opening_minor=draft.opening_minor,
        closing_minor=draft.closing_minor,
        total_minor=draft.total_minor,
        starts_on=min((*told, *days), default=today),
        ends_on=max((*told, *days), default=today),
        line_count=len(draft.lines),
        added_count=0,
        status=MACHINE.start,
        mismatch_reason=command.mismatch_reason if draft.is_balanced is False else None,
        previous_id=None,
        content_hash=key,
    )


def _present(uow: UnitOfWork, account: BankAccount, keys: Sequence[bytes]) -> dict[bytes, UUID]:
    table = bank_statements.c
    statement = select(table.content_hash, table.id).where(
        table.bank_account_id == account.id, among(table.content_hash, keys)
    )
    return {row.content_hash: row.id for row in uow.db.execute(statement)}


def _before(uow: UnitOfWork, made: BankStatement) -> Sequence[UUID]:
    """The statement whose closing balance this one begins with; then those before it in turn that
    tell of a day of this one, too.
    """
    if made.opening_minor is None:
        return ()
    table = bank_statements.c
    last = (
        select(table.id)
        .where(
            table.bank_account_id == made.bank_account_id,
            table.closing_minor == made.opening_minor,
            table.ends_on <= made.starts_on,
        )
        .order_by(table.ends_on.desc(), table.id.desc())
        .limit(1)
    )
    found: list[UUID] = []
    id = uow.db.execute(last).scalar()
    while id is not None and id not in found and len(found) < PAGES_MAX:
        found.append(id)
        earlier = select(table.previous_id).where(table.id == id, table.ends_on >= made.starts_on)
        id = uow.db.execute(earlier).scalar()
    return found


def _told_apart(
    uow: UnitOfWork, made: BankStatement, lines: Sequence[Counted], before: Sequence[UUID]
) -> Sequence[Counted]:
    """The lines, counted on from equal ones that statements before this one have brought.

    As its opening balance holds those already, they are others, though they look alike: as two
    fees of one day, on two pages that come in files of their own. But if they come to nothing, it
    may begin before them as well; then they are the same if it has them all.
    """
    if not before:
        return lines
    table = statement_lines.c
    seen: dict[bytes, int] = {}
    told = select(func.count(), func.coalesce(func.sum(table.amount_minor), 0)).where(
        among(table.statement_id, before), table.booked_on >= made.starts_on
    )
    count, total = uow.db.execute(told).one()
    for part in in_parts({each.content_hash for each in lines}):
        statement = (
            select(table.content_hash, func.count())
            .where(among(table.statement_id, before), among(table.content_hash, part))
            .group_by(table.content_hash)
        )
        seen |= {row[0]: row[1] for row in uow.db.execute(statement)}
    own: dict[bytes, int] = {}
    for each in lines:
        own[each.content_hash] = own.get(each.content_hash, 0) + 1
    waiting = select(statement_parts.c.lines).where(among(statement_parts.c.statement_id, before))
    for part in uow.db.execute(waiting).scalars():
        for each in part:
            if date.fromisoformat(each["booked_on"]) >= made.starts_on:
                count, total = count + 1, total + each["amount_minor"]
                key = bytes.fromhex(each["hash"])
                seen[key] = seen.get(key, 0) + 1
    if not total and count == sum(min(own.get(key, 0), seen[key]) for key in seen):
        return lines
    return [
        replace(each, occurrence=each.occurrence + seen.get(each.content_hash, 0)) for each in lines
    ]
