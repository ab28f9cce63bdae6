"""What became of payments that a bank was told to make: by its answer, or by hand.

An answer may come again, in part or as a whole: what was noted before changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.rows import insert_or_ignore
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.payables.commands.exporting import post_rejections
from backoffice_api.domain.payables.commands.paying import (
    PaymentDraft,
    add_payments,
    reverse_payments,
)
from backoffice_api.domain.payables.commands.paying_lines import write_lines
from backoffice_api.domain.payables.commands.scheduling import unschedule
from backoffice_api.domain.payables.model.bills import BillStatus
from backoffice_api.domain.payables.model.payment_files import (
    BankReturn,
    ReturnedPayment,
    Verdict,
)
from backoffice_api.domain.payables.model.returns import (
    ReturnOutcome,
    ReturnResult,
    ReturnTaken,
)
from backoffice_api.domain.payables.model.run_events import PaymentRunReopened, PaymentRunReturned
from backoffice_api.domain.payables.model.run_refusals import (
    UnknownPaymentRunLine,
)
from backoffice_api.domain.payables.model.runs import (
    BY_STATEMENT,
    MACHINE,
    SAID_LENGTH_MAX,
    PaymentRun,
    PaymentRunLine,
    RunLineStatus,
    status_by_lines,
)
from backoffice_api.domain.payables.model.settlements import BillPayment, BillPaymentMethod
from backoffice_api.domain.payables.queries import bills as bill_queries
from backoffice_api.domain.payables.queries import runs as queries
from backoffice_api.domain.payables.tables.runs import payment_returns, payment_runs

# What stands on lines whose fate a person has told.
BY_HAND = "by hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPaymentReturn(Command):
    """`content`: the file as it came; `sha256`: of it, in hexadecimal digits."""

    scope = Scope.PAYMENT_RUNS_WRITE
    answer: BankReturn
    sha256: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPaymentRun(Command):
    """`line_ids` empty: all that are under way. `paid_on` None: today."""

    scope = Scope.PAYMENT_RUNS_WRITE
    table = payment_runs
    id: UUID
    line_ids: tuple[UUID, ...] = ()
    is_paid: bool
    paid_on: date | None = None


def import_payment_return(uow: UnitOfWork, command: ImportPaymentReturn) -> ReturnTaken:
    """Settle and reject what a bank says of payments. What it says again changes nothing."""
    row = {"sha256": command.sha256, "created_at": uow.now, "content": command.content}
    is_repeated = insert_or_ignore(uow.db, payment_returns, row) == 0
    answer = command.answer
    said = {each.reference: each for each in answer.payments}
    run_of = queries.runs_of_references(uow.db, said)
    run_ids = set(run_of.values())
    whole = queries.run_id_by_number(uow.db, answer.number) if answer.number else None
    if whole is not None:
        run_ids.add(whole)
    runs = queries.locked_runs(uow.db, run_ids) if run_ids else ()
    lines = queries.lines_by_runs(uow.db, [each.id for each in runs])
    results: list[ReturnResult] = []
    for run in runs:
        rest = answer.rest if run.id == whole else None
        results += _take(uow, run, lines.get(run.id, ()), said, rest)
    known = {each.reference for each in results}
    results += [
        _result(each, ReturnOutcome.UNKNOWN, None)
        for each in answer.payments
        if each.reference not in known
    ]
    return ReturnTaken(is_repeated, tuple(each.id for each in runs), tuple(results))


def record_payment_run(uow: UnitOfWork, command: RecordPaymentRun) -> UUID:
    """Say by hand what became of payments of a run that was given to the bank. Id of the run.

    Raises:
        UnknownPaymentRun, InvalidTransition.
        UnknownPaymentRunLine: the run has no such payment under way.
    """
    run = queries.locked_run(uow.db, command.id)
    MACHINE.check("record", run.status)
    lines = queries.lines_of_run(uow.db, run.id)
    under_way = {each.id: each for each in lines if each.status is RunLineStatus.UNDER_WAY}
    for position, id in enumerate(command.line_ids):
        if id not in under_way:
            raise UnknownPaymentRunLine(id).at("line_ids", position)
    chosen = command.line_ids or tuple(under_way)
    said = {
        under_way[id].reference: ReturnedPayment(
            reference=under_way[id].reference,
            verdict=Verdict.SETTLED if command.is_paid else Verdict.REJECTED,
            code=BY_HAND,
            says=uow.meta.reason or "",
            booked_on=command.paid_on,
        )
        for id in chosen
    }
    _take(uow, run, lines, said, None)
    return run.id


def settle_line(uow: UnitOfWork, line: PaymentRunLine, paid_on: date) -> None:
    """A statement of the bank shows the payment of a line: it is settled, if it was not before."""
    run = queries.locked_run(uow.db, line.run_id)
    lines = queries.lines_of_run(uow.db, run.id)
    shown = ReturnedPayment(line.reference, Verdict.SETTLED, BY_STATEMENT, "", paid_on)
    _take(uow, run, lines, {line.reference: shown}, None)


def reopen_line(uow: UnitOfWork, run: PaymentRun, payment: BillPayment) -> None:
    """A payment of a locked run that a statement alone had shown is under way again.

    It stays paid where anything else speaks for that: what the bank answered, another line that
    shows a part of it. So it does where its bill has gone on: in another run, in dispute, opened
    again by hand.
    """
    lines = queries.lines_of_run(uow.db, run.id)
    line = next(each for each in lines if each.id == payment.run_line_id)
    (bill,) = bill_queries.locked_bills(uow.db, [payment.bill_id])
    goes_on = bill.scheduled_minor or bill.status is BillStatus.DISPUTED
    if (
        line.said_code != BY_STATEMENT
        or goes_on
        or bill_queries.payments_by_ids(uow.db, [payment.id])[payment.id].cleared_minor
    ):
        return
    reverse_payments(uow, [payment.id], are_under_way=True)
    again = replace(
        line,
        status=RunLineStatus.UNDER_WAY,
        said_code=None,
        said=None,
        paid_on=None,
        ended_at=None,
        attempt=line.attempt + 1,
    )
    write_lines(uow, [again])
    now = [again if each.id == line.id else each for each in lines]
    MACHINE.check("reopen", run.status)
    after = save(uow, payment_runs, run, _counted(run, now))
    uow.emit(PaymentRunReopened(after.id, after.version, after.number), before=run, after=after)


def _take(
    uow: UnitOfWork,
    run: PaymentRun,
    lines: Sequence[PaymentRunLine],
    said: Mapping[str, ReturnedPayment],
    rest: ReturnedPayment | None,
) -> Sequence[ReturnResult]:
    """Apply what is said to the lines of a locked run. `rest`: of those that are not named."""
    results: list[ReturnResult] = []
    changed: dict[UUID, PaymentRunLine] = {}
    for line in lines:
        told = said.get(line.reference)
        if told is None and rest is not None and line.status is RunLineStatus.UNDER_WAY:
            told = replace(rest, reference=line.reference)
        if told is None:
            continue
        outcome = _outcome(line, told)
        results.append(_result(told, outcome, line.id))
        if after := _after(uow, line, told, outcome):
            changed[line.id] = after
    if changed:
        _apply(uow, run, lines, changed)
    return results


def _outcome(line: PaymentRunLine, told: ReturnedPayment) -> ReturnOutcome:
    match line.status, told.verdict:
        case _, Verdict.SETTLED if told.amount_minor not in (None, line.amount_minor):
            return ReturnOutcome.CONFLICT
        case RunLineStatus.UNDER_WAY, Verdict.SETTLED:
            return ReturnOutcome.SETTLED
        case RunLineStatus.UNDER_WAY, Verdict.REJECTED:
            return ReturnOutcome.REJECTED
        case RunLineStatus.UNDER_WAY, Verdict.ACCEPTED:
            is_new = line.said_code != told.code[:SAID_LENGTH_MAX]
            return ReturnOutcome.NOTED if is_new else ReturnOutcome.UNCHANGED
        case RunLineStatus.SETTLED, Verdict.SETTLED if (
            line.said_code == BY_STATEMENT and told.code != BY_STATEMENT
        ):
            return ReturnOutcome.NOTED
        case RunLineStatus.SETTLED, Verdict.SETTLED | Verdict.ACCEPTED:
            return ReturnOutcome.UNCHANGED
        case RunLineStatus.REJECTED, Verdict.REJECTED:
            return ReturnOutcome.UNCHANGED
        case _:
            return ReturnOutcome.CONFLICT


def _after(
    uow: UnitOfWork, line: PaymentRunLine, told: ReturnedPayment, outcome: ReturnOutcome
) -> PaymentRunLine | None:
    """The line as it is to be. None: as it was."""
    noted = replace(line, said_code=told.code[:SAID_LENGTH_MAX], said=told.says[:SAID_LENGTH_MAX])
    match outcome:
        case ReturnOutcome.SETTLED:
            paid_on = told.booked_on or uow.now.date()
            status = RunLineStatus.SETTLED
            return replace(noted, status=status, paid_on=paid_on, ended_at=uow.now)
        case ReturnOutcome.REJECTED:
            return replace(noted, status=RunLineStatus.REJECTED, ended_at=uow.now)
        case ReturnOutcome.NOTED:
            return noted
        case _:
            return None


def _apply(
    uow: UnitOfWork,
    before: PaymentRun,
    lines: Sequence[PaymentRunLine],
    changed: Mapping[UUID, PaymentRunLine],
) -> None:
    ended = [changed[each.id] for each in lines if each.id in changed and each.ended_at is None]
    settled = [each for each in ended if each.status is RunLineStatus.SETTLED]
    rejected = [each for each in ended if each.status is RunLineStatus.REJECTED]
    add_payments(uow, [_payment(each) for each in settled])
    if rejected:
        unschedule(uow, {each.bill_id: each.promised_minor for each in rejected}, before.number)
        post_rejections(uow, before, rejected, uow.now.date())
    write_lines(uow, list(changed.values()))
    now = [changed.get(each.id, each) for each in lines]
    after = save(uow, payment_runs, before, _counted(before, now))
    event = PaymentRunReturned(after.id, after.version, after.number, len(settled), len(rejected))
    uow.emit(event, before=before, after=after)


def _counted(run: PaymentRun, lines: Sequence[PaymentRunLine]) -> PaymentRun:
    """The run with what follows from its lines."""
    return replace(
        run,
        status=status_by_lines(run.status, lines),
        settled_minor=_sum(lines, RunLineStatus.SETTLED),
        rejected_minor=_sum(lines, RunLineStatus.REJECTED),
    )


def _payment(line: PaymentRunLine) -> PaymentDraft:
    assert line.paid_on is not None
    return PaymentDraft(
        bill_id=line.bill_id,
        amount=line.amount,
        discount_minor=line.discount_minor,
        paid_on=line.paid_on,
        method=BillPaymentMethod.PAYMENT_RUN,
        reference=line.reference,
        run_line_id=line.id,
        attempt=line.attempt,
        is_posted=True,
    )


def _sum(lines: Sequence[PaymentRunLine], status: RunLineStatus) -> int:
    return sum(each.amount_minor for each in lines if each.status is status)


def _result(told: ReturnedPayment, outcome: ReturnOutcome, line_id: UUID | None) -> ReturnResult:
    return ReturnResult(told.reference, told.verdict, outcome, told.code, told.says, line_id)
