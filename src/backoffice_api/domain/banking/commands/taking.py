"""The lines of statements are taken over: at once, or part by part where there are many."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_, select, update

from backoffice_api.domain.banking import queries
from backoffice_api.domain.banking.commands.suggesting import suggest_job
from backoffice_api.domain.banking.model.events import StatementImported, StatementReceived
from backoffice_api.domain.banking.model.files import DetailDraft, LineDraft
from backoffice_api.domain.banking.model.lines import MACHINE as LINES
from backoffice_api.domain.banking.model.lines import StatementLine
from backoffice_api.domain.banking.model.statements import (
    MACHINE,
    PART_LINES,
    BankStatement,
    Counted,
    StatementStatus,
)
from backoffice_api.domain.banking.tables.statements import (
    bank_statements,
    statement_lines,
    statement_parts,
)
from backoffice_api.domain.kernel import search
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.rows import among, in_parts
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork

# Name of the job that runs `take_part`.
TAKE_JOB = "banking.take_statement_part"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakePart(Command):
    """The next part of a long statement."""

    scope = Scope.BANKING_WRITE
    statement_id: UUID


def take_at_once(uow: UnitOfWork, made: BankStatement, lines: Sequence[Counted]) -> BankStatement:
    """Take over all of a statement at once."""
    fresh = _fresh(uow, made.bank_account_id, lines)
    status = MACHINE.check("finish", made.status)
    after = replace(made, added_count=len(fresh), status=status)
    add(uow, bank_statements, [after])
    _follow(uow, after)
    _add_lines(uow, after, fresh)
    uow.emit(_imported(after), after=after)
    if fresh:
        uow.enqueue(suggest_job(after.bank_account_id))
    return after


def receive(uow: UnitOfWork, made: BankStatement, lines: Sequence[Counted]) -> BankStatement:
    """Keep a long statement, whose lines are taken over by jobs."""
    add(uow, bank_statements, [made])
    _follow(uow, made)
    parts = [lines[start : start + PART_LINES] for start in range(0, len(lines), PART_LINES)]
    rows = [
        {"statement_id": made.id, "position": position, "lines": [_kept(each) for each in part]}
        for position, part in enumerate(parts)
    ]
    uow.db.execute(statement_parts.insert(), rows)
    uow.enqueue(_next(made.id, 0))
    reason = made.mismatch_reason
    event = StatementReceived(made.id, made.version, made.bank_account_id, made.line_count, reason)
    uow.emit(event, after=made)
    return made


def take_part(uow: UnitOfWork, command: TakePart) -> int:
    """Take over the next part of a long statement, and go on. How many lines were new."""
    before = queries.statements_by_ids(uow.db, [command.statement_id])[command.statement_id]
    table = statement_parts.c
    statement = (
        select(table.position, table.lines)
        .where(table.statement_id == before.id)
        .order_by(table.position)
        .limit(2)
        .with_for_update()
    )
    parts = uow.db.execute(statement).all()
    if before.status is StatementStatus.IMPORTED:
        return 0
    lines = [_counted(each) for each in parts[0].lines] if parts else []
    new = _insert(uow, before, lines, parts[0].position * PART_LINES if parts else 0)
    after = replace(before, added_count=before.added_count + new)
    if len(parts) < 2:
        after = replace(after, status=MACHINE.check("finish", before.status))
    after = save(uow, bank_statements, before, after)
    if parts:
        uow.db.execute(
            delete(statement_parts).where(
                table.statement_id == before.id, table.position == parts[0].position
            )
        )
    if after.status is StatementStatus.IMPORTED:
        uow.emit(_imported(after), before=before, after=after)
        uow.enqueue(suggest_job(after.bank_account_id))
    else:
        uow.enqueue(_next(after.id, parts[1].position))
    return new


def _insert(uow: UnitOfWork, statement: BankStatement, lines: Sequence[Counted], start: int) -> int:
    fresh = _fresh(uow, statement.bank_account_id, lines)
    _add_lines(uow, statement, [(start + position, each) for position, each in fresh])
    return len(fresh)


def _fresh(
    uow: UnitOfWork, account_id: UUID, lines: Sequence[Counted]
) -> Sequence[tuple[int, Counted]]:
    """The lines that are not here yet, each with its place in the statement.

    Whoever brings the same ones at the same time breaks the constraint, and sees them when tried
    again.
    """
    table = statement_lines.c
    known: set[tuple[bytes, int]] = set()
    for part in in_parts({each.content_hash for each in lines}):
        statement = select(table.content_hash, table.occurrence).where(
            table.bank_account_id == account_id, among(table.content_hash, part)
        )
        known.update((row.content_hash, row.occurrence) for row in uow.db.execute(statement))
    return [
        (position, each)
        for position, each in enumerate(lines)
        if (each.content_hash, each.occurrence) not in known
    ]


def _add_lines(
    uow: UnitOfWork, statement: BankStatement, fresh: Sequence[tuple[int, Counted]]
) -> None:
    rows = [_line(uow, statement, position, each) for position, each in fresh]
    add(uow, statement_lines, rows)
    found_by = {
        row.id: (row.text, row.party_name, row.party_account, row.reference, row.bank_reference)
        for row in rows
    }
    search.add(uow.db, "stl", found_by)


def _line(
    uow: UnitOfWork, statement: BankStatement, position: int, counted: Counted
) -> StatementLine:
    line = counted.line
    return StatementLine(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        bank_account_id=statement.bank_account_id,
        statement_id=statement.id,
        position=position,
        booked_on=line.booked_on,
        value_on=line.value_on,
        currency=statement.currency,
        amount_minor=line.amount_minor,
        matched_minor=0,
        write_off_minor=0,
        text=line.text,
        party_name=line.party_name,
        party_account=line.party_account,
        reference=line.reference,
        bank_reference=line.bank_reference,
        details=[asdict(each) for each in line.details] or None,
        content_hash=counted.content_hash,
        occurrence=counted.occurrence,
        state=LINES.start,
        excluded_because=None,
    )


def _follow(uow: UnitOfWork, made: BankStatement) -> None:
    """Let the first statement after this one follow it, if it begins where this one ends."""
    if made.closing_minor is None:
        return
    table = bank_statements.c
    following = (
        select(table.id)
        .where(
            table.bank_account_id == made.bank_account_id,
            table.starts_on >= made.ends_on,
            table.id != made.id,
            table.previous_id.is_(None),
            table.opening_minor == made.closing_minor,
            or_(table.starts_on > made.starts_on, table.id > made.id),
        )
        .order_by(table.starts_on, table.id)
        .limit(1)
        .scalar_subquery()
    )
    statement = update(bank_statements).where(table.id == following)
    uow.db.execute(statement.values(previous_id=made.id))


def _imported(statement: BankStatement) -> StatementImported:
    return StatementImported(
        statement.id,
        statement.version,
        statement.bank_account_id,
        statement.line_count,
        statement.added_count,
        statement.mismatch_reason,
    )


def _next(statement_id: UUID, position: int) -> Job:
    return Job(
        TAKE_JOB,
        {"statement_id": statement_id.hex},
        once_key=f"{TAKE_JOB}:{statement_id.hex}:{position}",
    )


def _kept(counted: Counted) -> Mapping[str, Any]:
    """A line as JSON."""
    line = counted.line
    value_on = line.value_on.isoformat() if line.value_on else None
    return {
        **asdict(line),
        "booked_on": line.booked_on.isoformat(),
        "value_on": value_on,
        "hash": counted.content_hash.hex(),
        "occurrence": counted.occurrence,
    }


def _counted(kept: Mapping[str, Any]) -> Counted:
    values = dict(kept)
    key, occurrence = bytes.fromhex(values.pop("hash")), values.pop("occurrence")
    value_on = values["value_on"]
    values["booked_on"] = date.fromisoformat(values["booked_on"])
    values["value_on"] = date.fromisoformat(value_on) if value_on else None
    values["details"] = tuple(DetailDraft(**each) for each in values["details"])
    return Counted(LineDraft(**values), key, occurrence)
