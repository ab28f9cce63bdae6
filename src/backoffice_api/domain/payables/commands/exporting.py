"""Giving a payment run to the bank: once, as one file that never changes.

The run is exported in one transaction: from then on its bills count as under way in the books and
nothing can be called off. The file is written after that by a worker, from what the run froze; the
same run always comes to the same bytes, and only one file of it is ever kept. So a worker that
dies at any moment is followed by another one that writes the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.pix_keys import PIX
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.ledger.commands.posting import post
from backoffice_api.domain.ledger.model.accounts import AccountRole
from backoffice_api.domain.ledger.model.entries import Dimensions, EntryDraft, PostingDraft
from backoffice_api.domain.payables.commands.paying_lines import (
    check_accounts_stand,
    move_run,
    write_lines,
)
from backoffice_api.domain.payables.commands.runs import goes_with
from backoffice_api.domain.payables.model.bills import BillStatus
from backoffice_api.domain.payables.model.payment_files import PaymentFileContent, PaymentOrder
from backoffice_api.domain.payables.model.pix_codes import PixCode
from backoffice_api.domain.payables.model.refusals import DiscountTooLate
from backoffice_api.domain.payables.model.run_events import PaymentFileWritten, PaymentRunExported
from backoffice_api.domain.payables.model.run_refusals import BillsNotPayable, MethodMismatch
from backoffice_api.domain.payables.model.runs import (
    SENT,
    PaymentFile,
    PaymentRun,
    PaymentRunLine,
    RunLineStatus,
    file_name,
)
from backoffice_api.domain.payables.queries import bills as bill_queries
from backoffice_api.domain.payables.queries import runs as queries
from backoffice_api.domain.payables.queries.pix_codes import codes_by_bills
from backoffice_api.domain.payables.tables.runs import payment_files, payment_runs

# Name of the job that writes the file of a run.
WRITE_FILE_JOB = "payables.write_payment_file"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPaymentRun(Command):
    scope = Scope.PAYMENT_RUNS_EXPORT
    table = payment_runs
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepPaymentFile(Command):
    """Run by the worker that has written the file."""

    scope = Scope.PAYMENT_RUNS_EXPORT
    table = payment_runs
    id: UUID
    sha256: str
    content: bytes


def export_payment_run(uow: UnitOfWork, command: ExportPaymentRun) -> UUID:
    """Have the file of an approved run written, and count its payments as under way. Its id.

    Asked again, nothing happens: there is one file, and it is the same one.

    Raises:
        UnknownPaymentRun, InvalidTransition.
        BankChangePending, BankAccountGone: an account is not any more what was approved (F8).
        BillsNotPayable: a bill of it is not to be paid any more.
        UnknownPayerAccount, MethodMismatch: the account that pays was archived or set anew.
        DiscountTooLate: it takes a discount that was to be had until an earlier day only.
    """
    before = queries.locked_run(uow.db, command.id)
    if before.status in SENT:
        return before.id
    exported = move_run(before, "export")
    lines = queries.lines_of_run(uow.db, before.id)
    check_accounts_stand(uow, lines)
    payer = queries.payer_account(uow.db, before.payer_account_id)
    if payer.currency != before.currency or not goes_with(before.method, payer):
        raise MethodMismatch(before.method.name)
    # A bank pays today or later.
    pay_on = max(before.pay_on, uow.now.date())
    _check_bills(uow, lines, pay_on)
    actor = uow.caller.actor
    exported = replace(
        exported,
        pay_on=pay_on,
        exported_by_kind=actor.kind.value,
        exported_by_id=actor.id,
        exported_at=uow.now,
    )
    write_lines(uow, [replace(each, status=RunLineStatus.UNDER_WAY) for each in lines])
    after = save(uow, payment_runs, before, exported)
    _post(uow, after, lines)
    if after.format is not None:
        name = ids.text("prn", after.id)
        uow.enqueue(Job(WRITE_FILE_JOB, {"id": name}, once_key=f"{WRITE_FILE_JOB} {name}"))
    event = PaymentRunExported(after.id, after.version, after.number, str(after.total))
    uow.emit(event, before=before, after=after)
    return after.id


def content_of(db: Connection, run_id: UUID) -> PaymentFileContent | None:
    """What the file of an exported run says. None: it has none, or its file is kept already."""
    run = queries.runs_by_ids(db, [run_id]).get(run_id)
    if run is None or run.format is None or run.exported_at is None:
        return None
    if run_id in queries.file_facts_by_runs(db, [run_id]):
        return None
    account = queries.payer_accounts_by_ids(db, [run.payer_account_id])[run.payer_account_id]
    lines = queries.lines_of_run(db, run_id)
    codes = codes_by_bills(db, [each.bill_id for each in lines])
    return PaymentFileContent(
        format=run.format,
        number=run.number,
        serial=run.serial,
        made_at=run.exported_at,
        pay_on=run.pay_on,
        payer=account.payer,
        orders=tuple(
            PaymentOrder(
                each.reference,
                each.amount,
                each.payee,
                each.remittance,
                _code_for(each, codes.get(each.bill_id)),
            )
            for each in lines
        ),
    )


def _code_for(line: PaymentRunLine, code: PixCode | None) -> PixCode | None:
    """The code by which a line is paid: not where it asks for another amount or account."""
    if code is None or (line.bank_code, line.account_number) != (PIX, code.key):
        return None
    return code if code.pays(line.amount) else None


def keep_payment_file(uow: UnitOfWork, command: KeepPaymentFile) -> bool:
    """Keep the file of a run. False: one is kept already, and stays.

    Raises:
        UnknownPaymentRun.
    """
    run = queries.locked_run(uow.db, command.id)
    if run.format is None or run.exported_at is None:
        return False
    if run.id in queries.file_facts_by_runs(uow.db, [run.id]):
        return False
    file = PaymentFile(
        run_id=run.id,
        number=run.number,
        format=run.format,
        name=file_name(run),
        made_at=run.exported_at,
        size_bytes=len(command.content),
        sha256=command.sha256,
        content=command.content,
    )
    add(uow, payment_files, [file])
    after = save(uow, payment_runs, run, run)
    uow.emit(PaymentFileWritten(after.id, after.version, after.number, file.sha256))
    return True


def post_rejections(
    uow: UnitOfWork, run: PaymentRun, lines: Sequence[PaymentRunLine], day: date
) -> None:
    """Take back in the books what a bank refused: it is owed again."""
    post(
        uow,
        *(
            EntryDraft(
                source=f"payment_run_rejected:{each.id}",
                booked_on=day,
                description=f"Rejected by the bank: {each.reference}",
                postings=[_turned(posting) for posting in _postings(each)],
                subject=("prn", run.id),
            )
            for each in lines
        ),
    )


def _check_bills(uow: UnitOfWork, lines: Sequence[PaymentRunLine], pay_on: date) -> None:
    found = bill_queries.locked_bills(uow.db, {each.bill_id for each in lines})
    wrong = [each.number for each in found if each.status is not BillStatus.SCHEDULED]
    if wrong:
        raise BillsNotPayable(tuple(sorted(wrong)))
    taken = {each.bill_id: each.discount_minor for each in lines if each.discount_minor}
    if not taken:
        return
    parts = bill_queries.instalments_by_bills(uow.db, taken)
    for bill in found:
        offers = [
            (each.discount_until, each.discount_minor)
            for each in parts.get(bill.id, ())
            if each.discount_until
        ]
        if taken.get(bill.id, 0) > sum(minor for until, minor in offers if until >= pay_on):
            raise DiscountTooLate(max(until for until, _ in offers))


def _post(uow: UnitOfWork, run: PaymentRun, lines: Sequence[PaymentRunLine]) -> None:
    post(
        uow,
        EntryDraft(
            source=f"payment_run:{run.id}",
            booked_on=uow.now.date(),
            description=f"Payment run {run.number}",
            postings=[posting for each in lines for posting in _postings(each)],
            subject=("prn", run.id),
        ),
    )


def _postings(line: PaymentRunLine) -> list[PostingDraft]:
    about = Dimensions(supplier_id=line.supplier_id)
    parts = (
        (AccountRole.PAYMENTS_UNDER_WAY, line.amount_minor),
        (AccountRole.PURCHASE_DISCOUNTS, line.discount_minor),
    )
    return [
        PostingDraft(
            debit=AccountRole.PAYABLES,
            credit=account,
            amount=Money(minor, line.currency),
            dimensions=about,
        )
        for account, minor in parts
        if minor
    ]


def _turned(posting: PostingDraft) -> PostingDraft:
    return replace(posting, debit=posting.credit, credit=posting.debit)
