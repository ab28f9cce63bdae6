"""Payment runs until the bank has them: proposed, approved by another person, cancelled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from backoffice_api.domain.approvals import queries as approvals
from backoffice_api.domain.approvals.commands.asking import ask, withdraw
from backoffice_api.domain.approvals.commands.deciding import grant
from backoffice_api.domain.approvals.model import ApprovalKind
from backoffice_api.domain.approvals.model.events import ApprovalDeclined, ApprovalGranted
from backoffice_api.domain.approvals.model.refusals import ApproverIsCreator
from backoffice_api.domain.kernel import series
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.currencies import exponent
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import CurrencyMismatch, Money
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_size
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.payables.commands.apart import check_no_hand_in
from backoffice_api.domain.payables.commands.paying_lines import (
    frozen_accounts,
    move_run,
    write_lines,
)
from backoffice_api.domain.payables.commands.scheduling import schedule, unschedule
from backoffice_api.domain.payables.model.payment_files import FileFormat, brazilian_account
from backoffice_api.domain.payables.model.proposing import (
    LEFT_OUT_SHOWN_MAX,
    LeftOut,
    ProposedLine,
    Wish,
    propose,
)
from backoffice_api.domain.payables.model.refusals import NotAboveZero
from backoffice_api.domain.payables.model.run_events import (
    PaymentRunApproved,
    PaymentRunCancelled,
    PaymentRunCreated,
)
from backoffice_api.domain.payables.model.run_refusals import (
    MethodMismatch,
    NothingToPay,
    PayOnPast,
)
from backoffice_api.domain.payables.model.runs import (
    LINES_MAX,
    MACHINE,
    NUMBER_DIGITS,
    NUMBER_PREFIX,
    REMITTANCE_LENGTH_MAX,
    PayerAccount,
    PaymentRun,
    PaymentRunLine,
    RunLineStatus,
    RunMethod,
    RunStatus,
)
from backoffice_api.domain.payables.queries import runs as queries
from backoffice_api.domain.payables.tables.runs import (
    payment_run_lines,
    payment_runs,
    run_series,
)
from backoffice_api.domain.purchasing import queries as purchasing

_CURRENCIES = {RunMethod.SEPA: "EUR", RunMethod.CNAB: "BRL"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePaymentRun(Command):
    """`pay_on` None: today. `due_until` None: until the day of payment.

    `cash_limit`: the run comes to no more. `take_discounts`: what is due later is paid, too, if
    a discount is still to be had for it. `bill_ids`: just these, whenever they are due; else those
    of `supplier_ids`, or of all suppliers.
    """

    scope = Scope.PAYMENT_RUNS_WRITE
    payer_account_id: UUID
    method: RunMethod
    pay_on: date | None = None
    due_until: date | None = None
    cash_limit: Money | None = None
    take_discounts: bool = True
    supplier_ids: tuple[UUID, ...] = ()
    bill_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovePaymentRun(Command):
    scope = Scope.PAYMENT_RUNS_APPROVE
    measures = True
    table = payment_runs
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelPaymentRun(Command):
    scope = Scope.PAYMENT_RUNS_WRITE
    table = payment_runs
    id: UUID


@dataclass(frozen=True, slots=True)
class RunProposed:
    """The run, and the first of the bills that are not in it. `left_out_count`: of all."""

    run_id: UUID
    left_out: tuple[LeftOut, ...]
    left_out_count: int


def create_payment_run(uow: UnitOfWork, command: CreatePaymentRun) -> RunProposed:
    """Propose what is to be paid. Its bills are promised to it: no other run pays them.

    Raises:
        UnknownPayerAccount, MethodMismatch, PayOnPast, NotAboveZero, CurrencyMismatch, TooMany.
        NothingToPay: no bill is due, or all are left out.
    """
    account = queries.payer_account(uow.db, command.payer_account_id, "payer_account_id")
    wish = _wish(uow, command, account)
    bill_ids: Sequence[UUID] = command.bill_ids or queries.due_bill_ids(
        uow.db,
        wish.currency,
        wish.due_until,
        wish.pay_on if wish.take_discounts else None,
        command.supplier_ids,
    )
    proposal = propose(wish, queries.locked_candidates(uow.db, bill_ids))
    if not proposal.lines:
        raise NothingToPay(len(proposal.left_out))
    run = _run(uow, wish, account, proposal.lines)
    add(uow, payment_runs, [run])
    add(uow, payment_run_lines, _lines(uow, run, proposal.lines))
    promised = {
        each.bill.id: each.share.amount_minor + each.share.discount_minor for each in proposal.lines
    }
    schedule(uow, [each.bill for each in proposal.lines], promised, run.number)
    label = f"Payment run {run.number}"
    ask(uow, ApprovalKind.PAYMENT_RUN, run.id, run.total, label)
    event = PaymentRunCreated(run.id, run.version, run.number, str(run.total))
    uow.emit(event, after=run)
    shown = proposal.left_out[:LEFT_OUT_SHOWN_MAX]
    return RunProposed(run.id, shown, len(proposal.left_out))


def approve_payment_run(uow: UnitOfWork, command: ApprovePaymentRun) -> UUID:
    """Agree to what somebody else proposed; where two have to, it waits for the other one. Its id.

    The suppliers' accounts are those of now: what is approved is what is paid.

    Raises:
        UnknownPaymentRun, InvalidTransition.
        ApproverIsCreator: the caller proposed it.
        DutyDoneBefore: the caller has a part in what it pays, and the policy keeps that apart.
        NotTheApprover, AgreedBefore: a rule says that somebody else has to.
        BankChangePending, BankAccountGone: see F8.
    """
    before = queries.locked_run(uow.db, command.id)
    MACHINE.check("approve", before.status)
    actor = uow.caller.actor
    if (actor.kind.value, actor.id) == (before.created_by_kind, before.created_by_id):
        raise ApproverIsCreator
    uow.check_amount(Scope.PAYMENT_RUNS_APPROVE, before.total)
    if request := approvals.pending(uow.db, ApprovalKind.PAYMENT_RUN, before.id):
        grant(uow, request)
    else:
        _approve(uow, before)
    return before.id


def cancel_payment_run(uow: UnitOfWork, command: CancelPaymentRun) -> UUID:
    """Call off a run that was not given to the bank: its bills are open again. Its id.

    Raises:
        UnknownPaymentRun, InvalidTransition.
    """
    before = queries.locked_run(uow.db, command.id)
    _cancel(uow, before)
    withdraw(uow, ApprovalKind.PAYMENT_RUN, before.id)
    return before.id


def approve_granted_run(uow: UnitOfWork, event: ApprovalGranted) -> None:
    """Approve the run that everybody has agreed to who was needed."""
    if event.kind is ApprovalKind.PAYMENT_RUN:
        _approve(uow, queries.locked_run(uow.db, event.subject_id))


def cancel_declined_run(uow: UnitOfWork, event: ApprovalDeclined) -> None:
    """Call off the run that was not agreed to."""
    if event.kind is ApprovalKind.PAYMENT_RUN:
        before = queries.locked_run(uow.db, event.subject_id)
        if before.status is RunStatus.DRAFT:
            _cancel(uow, before)


def _wish(uow: UnitOfWork, command: CreatePaymentRun, account: PayerAccount) -> Wish:
    today = uow.now.date()
    pay_on = command.pay_on or today
    currency = account.currency
    exponent(currency)
    faults = Faults()
    check_size(command.bill_ids, faults, "bill_ids", maximum=LINES_MAX)
    check_size(command.supplier_ids, faults, "supplier_ids", maximum=LINES_MAX)
    if pay_on < today:
        faults.add(PayOnPast().at("pay_on"))
    limit = command.cash_limit
    if limit is not None and limit.currency != currency:
        faults.add(CurrencyMismatch(currency, limit.currency).at("cash_limit"))
    elif limit is not None and limit.minor <= 0:
        faults.add(NotAboveZero().at("cash_limit"))
    if not goes_with(command.method, account):
        faults.add(MethodMismatch(command.method.name).at("method"))
    faults.check()
    return Wish(
        method=command.method,
        currency=currency,
        pay_on=pay_on,
        due_until=command.due_until or pay_on,
        cash_limit_minor=limit.minor if limit else None,
        take_discounts=command.take_discounts,
        names_bills=bool(command.bill_ids),
    )


def goes_with(method: RunMethod, account: PayerAccount) -> bool:
    """Whether the file of a run can say that this account pays."""
    if account.currency != _CURRENCIES.get(method, account.currency):
        return False
    match method:
        case RunMethod.SEPA:
            return account.iban is not None
        case RunMethod.CNAB:
            named = brazilian_account(account.bank_code, account.account_number)
            return named is not None and None not in (account.tax_id, account.agreement)
        case RunMethod.MANUAL:
            return True


def _run(
    uow: UnitOfWork, wish: Wish, account: PayerAccount, lines: Sequence[ProposedLine]
) -> PaymentRun:
    formats = {RunMethod.SEPA: account.sepa_format, RunMethod.CNAB: FileFormat.CNAB_240}
    actor = uow.caller.actor
    number = series.draw(uow, run_series, {"only": 1}, prefix=NUMBER_PREFIX, digits=NUMBER_DIGITS)
    return PaymentRun(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        number=number.text,
        serial=number.serial,
        status=MACHINE.start,
        method=wish.method,
        format=formats.get(wish.method),
        payer_account_id=account.id,
        currency=wish.currency,
        pay_on=wish.pay_on,
        due_until=wish.due_until,
        lines_count=len(lines),
        total_minor=Money(sum(each.share.amount_minor for each in lines), wish.currency).minor,
        discount_minor=sum(each.share.discount_minor for each in lines),
        settled_minor=0,
        rejected_minor=0,
        created_by_kind=actor.kind.value,
        created_by_id=actor.id,
        approved_by_kind=None,
        approved_by_id=None,
        approved_at=None,
        exported_by_kind=None,
        exported_by_id=None,
        exported_at=None,
        cancelled_at=None,
    )


def _lines(
    uow: UnitOfWork, run: PaymentRun, proposed: Sequence[ProposedLine]
) -> Sequence[PaymentRunLine]:
    supplier_ids = {each.bill.supplier_id for each in proposed}
    suppliers = purchasing.suppliers_by_ids(uow.db, supplier_ids)
    tax_ids: Mapping[UUID, str] = {}
    if run.method is RunMethod.CNAB:
        tax_ids = queries.brazilian_ids(uow.db, supplier_ids)
    made = []
    for position, each in enumerate(proposed, start=1):
        bill, account = each.bill, each.account
        made.append(
            PaymentRunLine(
                id=uow.new_id(),
                run_id=run.id,
                position=position,
                reference=f"{run.number}-{position:04}",
                status=RunLineStatus.PROPOSED,
                bill_id=bill.id,
                supplier_id=bill.supplier_id,
                due_on=each.share.due_on,
                currency=bill.currency,
                amount_minor=each.share.amount_minor,
                discount_minor=each.share.discount_minor,
                remittance=bill.number[:REMITTANCE_LENGTH_MAX],
                account_id=account.id if account else None,
                holder=account.holder if account else suppliers[bill.supplier_id].name,
                iban=account.iban if account else None,
                bic=account.bic if account else None,
                account_number=account.account_number if account else None,
                bank_code=account.bank_code if account else None,
                tax_id=tax_ids.get(bill.supplier_id),
                said_code=None,
                said=None,
                paid_on=None,
                ended_at=None,
            )
        )
    return made


def _approve(uow: UnitOfWork, before: PaymentRun) -> None:
    check_no_hand_in(uow, before.id)
    approved = move_run(before, "approve")
    lines = queries.lines_of_run(uow.db, before.id)
    write_lines(uow, frozen_accounts(uow, before, lines))
    actor = uow.caller.actor
    approved = replace(
        approved,
        approved_by_kind=actor.kind.value,
        approved_by_id=actor.id,
        approved_at=uow.now,
    )
    after = save(uow, payment_runs, before, approved)
    event = PaymentRunApproved(after.id, after.version, after.number)
    uow.emit(event, before=before, after=after)


def _cancel(uow: UnitOfWork, before: PaymentRun) -> None:
    cancelled = replace(move_run(before, "cancel"), cancelled_at=uow.now)
    lines = queries.lines_of_run(uow.db, before.id)
    ended = [replace(each, status=RunLineStatus.CANCELLED, ended_at=uow.now) for each in lines]
    write_lines(uow, ended)
    unschedule(uow, {each.bill_id: each.promised_minor for each in lines}, before.number)
    after = save(uow, payment_runs, before, cancelled)
    event = PaymentRunCancelled(after.id, after.version, after.number)
    uow.emit(event, before=before, after=after)
