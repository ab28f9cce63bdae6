"""Suggestions: kept for lines, taken, and found anew for those that wait."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import delete, select

from backoffice_api.domain.banking import queries
from backoffice_api.domain.banking.commands.matching import MatchLines, match_lines_with
from backoffice_api.domain.banking.model.accounts import UnknownBankAccountOfShop
from backoffice_api.domain.banking.model.events import LineExcluded, LineIncluded
from backoffice_api.domain.banking.model.items import ItemDraft, ItemKind
from backoffice_api.domain.banking.model.lines import (
    EXCLUSION_LENGTH_MAX,
    MACHINE,
    LineState,
    StatementLine,
    UnknownStatementLine,
)
from backoffice_api.domain.banking.model.matches import MatchOrigin, WriteOff
from backoffice_api.domain.banking.model.suggestions import (
    LineSuggestion,
    Suggestion,
    UnknownSuggestion,
    certain,
)
from backoffice_api.domain.banking.tables.matching import suggestions
from backoffice_api.domain.banking.tables.statements import bank_accounts, statement_lines
from backoffice_api.domain.kernel.aggregates import add, save, save_all
from backoffice_api.domain.kernel.errors import DomainError, Faults
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork

# Name of the job that looks at all lines of an account that wait.
SUGGEST_JOB = "banking.suggest"
# Name of the job that runs `suggest_for_all`.
ALL_JOB = "banking.suggest_for_all"
# So many lines are noted in one transaction.
BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class FindSuggestions(Command):
    scope = Scope.BANKING_WRITE
    bank_account_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestForAll(Command):
    """Documents come and go, so what was suggested is looked at again now and then."""

    scope = Scope.BANKING_WRITE


@dataclass(frozen=True, slots=True)
class Found:
    """What was found for a line, as it was read."""

    line: StatementLine
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepSuggestions(Command):
    """Of lines that were read a while ago."""

    scope = Scope.BANKING_WRITE
    found: tuple[Found, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptSuggestion(Command):
    scope = Scope.BANKING_WRITE
    suggestion_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcludeLine(Command):
    scope = Scope.BANKING_WRITE
    table = statement_lines
    id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncludeLine(Command):
    scope = Scope.BANKING_WRITE
    table = statement_lines
    id: UUID


def find_suggestions(uow: UnitOfWork, command: FindSuggestions) -> UUID:
    """Have all lines of an account looked at that wait, by a job. Id of the account.

    Raises:
        UnknownBankAccountOfShop.
    """
    if not queries.accounts_by_ids(uow.db, [command.bank_account_id]):
        raise UnknownBankAccountOfShop(command.bank_account_id).at("bank_account_id")
    uow.enqueue(suggest_job(command.bank_account_id))
    return command.bank_account_id


def suggest_job(account_id: UUID) -> Job:
    """The job that looks at the lines of an account; one of them waits at a time."""
    payload = {"bank_account_id": account_id.hex}
    return Job(SUGGEST_JOB, payload, once_key=f"{SUGGEST_JOB}:{account_id.hex}")


def keep_suggestions(uow: UnitOfWork, command: KeepSuggestions) -> int:
    """Keep what was found, instead of what was found before. How many lines were matched by rules.

    What is sure, and by a rule that is applied without being asked, is matched at once. Lines that
    somebody has changed since they were read are left alone.
    """
    found = _unchanged(uow, command.found)
    lines = [each.line.id for each in found]
    uow.db.execute(delete(suggestions).where(among(suggestions.c.line_id, lines)))
    rest = [each for each in found if not _applied(uow, each)]
    changes = []
    for each in rest:
        action = "suggest" if each.suggestions else "forget"
        wanted = LineState.SUGGESTED if each.suggestions else LineState.IMPORTED
        if each.line.state is not wanted:
            state = MACHINE.check(action, each.line.state)
            changes.append((each.line, replace(each.line, state=state)))
    save_all(uow, statement_lines, changes)
    rows = [
        _kept(uow, each.line, rank, suggestion)
        for each in rest
        for rank, suggestion in enumerate(each.suggestions)
    ]
    add(uow, suggestions, rows)
    return len(found) - len(rest)


def accept_suggestion(uow: UnitOfWork, command: AcceptSuggestion) -> UUID:
    """Match a line as it was suggested. Id of the match.

    Raises:
        UnknownSuggestion: there is none, or the line was looked at or matched since.
        As `match_lines_with`.
    """
    found = queries.suggestions_by_ids(uow.db, [command.suggestion_id]).get(command.suggestion_id)
    if found is None:
        raise UnknownSuggestion(command.suggestion_id).at("suggestion_id")
    items = tuple(
        ItemDraft(
            ItemKind(str(each["kind"])),
            UUID(str(each["id"])),
            Money(int(str(each["amount_minor"])), found.currency),
        )
        for each in found.items
    )
    return match_lines_with(
        uow,
        MatchLines(
            line_ids=(found.line_id,),
            items=items,
            write_off=_write_off(found.difference, found.write_off_account_id),
            origin=MatchOrigin.SUGGESTION,
            rule_id=found.rule_id,
        ),
    )


def exclude_line(uow: UnitOfWork, command: ExcludeLine) -> UUID:
    """Leave a line out: it counts for nothing any more. Its id.

    Raises:
        UnknownStatementLine, InvalidTransition, InvalidText.
    """
    before = _line(uow, command.id)
    state = MACHINE.check("exclude", before.state)
    faults = Faults()
    check_text(command.reason, faults, "reason", maximum=EXCLUSION_LENGTH_MAX)
    faults.check()
    after = replace(before, state=state, excluded_because=command.reason)
    after = save(uow, statement_lines, before, after)
    uow.db.execute(delete(suggestions).where(suggestions.c.line_id == after.id))
    event = LineExcluded(after.id, after.version, command.reason)
    uow.emit(event, before=before, after=after)
    return after.id


def include_line(uow: UnitOfWork, command: IncludeLine) -> UUID:
    """Let a line count again that was left out. Its id.

    Raises:
        UnknownStatementLine, InvalidTransition.
    """
    before = _line(uow, command.id)
    state = MACHINE.check("include", before.state)
    after = save(uow, statement_lines, before, replace(before, state=state, excluded_because=None))
    uow.emit(LineIncluded(after.id, after.version), before=before, after=after)
    return after.id


def _line(uow: UnitOfWork, id: UUID) -> StatementLine:
    found = queries.lines_by_ids(uow.db, [id]).get(id)
    if found is None:
        raise UnknownStatementLine(id).at("id")
    return found


def _unchanged(uow: UnitOfWork, found: Sequence[Found]) -> Sequence[Found]:
    table = statement_lines.c
    statement = (
        select(table.id, table.version)
        .where(among(table.id, [each.line.id for each in found]))
        .order_by(table.id)
        .with_for_update()
    )
    versions = {row.id: row.version for row in uow.db.execute(statement)}
    return [each for each in found if versions.get(each.line.id) == each.line.version]


def _applied(uow: UnitOfWork, found: Found) -> bool:
    """Whether a rule was applied without being asked, and nothing stood against it."""
    sure = certain(found.suggestions)
    if sure is None:
        return False
    currency = found.line.currency
    mark = uow.mark()
    point = uow.db.begin_nested()
    try:
        match_lines_with(
            uow,
            MatchLines(
                line_ids=(found.line.id,),
                items=tuple(
                    ItemDraft(each.kind, each.id, Money(each.amount_minor, currency))
                    for each in sure.items
                ),
                write_off=_write_off(
                    Money(sure.difference_minor, currency), sure.write_off_account_id
                ),
                origin=MatchOrigin.RULE,
                rule_id=sure.rule_id,
            ),
        )
    except DomainError:
        point.rollback()
        uow.forget(mark)
        return False
    point.commit()
    return True


def _write_off(difference: Money, account_id: UUID | None) -> WriteOff | None:
    return WriteOff(abs(difference), account_id) if difference else None


def _kept(uow: UnitOfWork, line: StatementLine, rank: int, found: Suggestion) -> LineSuggestion:
    return LineSuggestion(
        id=uow.new_id(),
        line_id=line.id,
        rank=rank,
        score=found.score,
        kind=found.kind,
        currency=line.currency,
        items=[
            {"kind": each.kind.value, "id": each.id.hex, "amount_minor": each.amount_minor}
            for each in found.items
        ],
        reasons=[each.value for each in found.reasons],
        difference_minor=found.difference_minor,
        write_off_account_id=found.write_off_account_id,
        rule_id=found.rule_id,
    )


def suggest_for_all(uow: UnitOfWork, command: SuggestForAll) -> int:
    """Have the lines of all accounts looked at that wait. How many accounts that are."""
    table = statement_lines.c
    waiting = (
        select(table.id)
        .where(
            table.bank_account_id == bank_accounts.c.id,
            table.state.in_((LineState.IMPORTED, LineState.SUGGESTED)),
        )
        .exists()
    )
    found = uow.db.execute(select(bank_accounts.c.id).where(waiting)).scalars().all()
    uow.enqueue(*(suggest_job(each) for each in found))
    return len(found)
