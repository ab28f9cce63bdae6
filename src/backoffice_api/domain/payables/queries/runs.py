"""What can be asked about payment runs, their lines and files, and the accounts they pay from."""

from base64 import b64encode
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Connection, or_, select

from backoffice_api.domain.kernel.filters import On, OnMoney
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import among, fetch, many_per, one_per, select_as
from backoffice_api.domain.kernel.tax_ids import TaxIdKind
from backoffice_api.domain.payables.model.bill_documents import BillFormat
from backoffice_api.domain.payables.model.bills import BillKind, BillStatus
from backoffice_api.domain.payables.model.payment_files import FileFormat
from backoffice_api.domain.payables.model.proposing import Candidate
from backoffice_api.domain.payables.model.returns import ReturnTaken
from backoffice_api.domain.payables.model.run_refusals import (
    UnknownPayerAccount,
    UnknownPaymentRun,
)
from backoffice_api.domain.payables.model.runs import (
    PayerAccount,
    PayerAccountSortKey,
    PaymentFile,
    PaymentRun,
    PaymentRunLine,
    RunLineSortKey,
    RunSortKey,
)
from backoffice_api.domain.payables.queries import bills as bill_queries
from backoffice_api.domain.payables.queries.pix_codes import keys_by_bills
from backoffice_api.domain.payables.tables.bills import bill_instalments, bills
from backoffice_api.domain.payables.tables.runs import (
    bill_sources,
    payer_accounts,
    payment_files,
    payment_run_lines,
    payment_runs,
)
from backoffice_api.domain.purchasing import queries as purchasing
from backoffice_api.domain.purchasing.model.bank import BankChangeStatus
from backoffice_api.domain.purchasing.tables.suppliers import supplier_bank_changes

CANDIDATES_MAX = 2_000
_CONSIDERED = (
    BillStatus.APPROVED,
    BillStatus.PARTIALLY_PAID,
    BillStatus.SCHEDULED,
    BillStatus.DISPUTED,
    BillStatus.PENDING_APPROVAL,
)


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A file without its content."""

    run_id: UUID
    number: str
    format: FileFormat
    name: str
    made_at: datetime
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class FileContent:
    """What stands in a file."""

    run_id: UUID
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()


@dataclass(frozen=True, slots=True)
class BillSource:
    """The file that a bill was read from."""

    bill_id: UUID
    sha256: str
    format: BillFormat
    media_type: str
    size_bytes: int
    content: bytes

    @property
    def base64(self) -> str:
        return b64encode(self.content).decode()


payer_accounts_by_ids = one_per(PayerAccount, payer_accounts, payer_accounts.c.id)
payer_accounts_by_names = one_per(PayerAccount, payer_accounts, payer_accounts.c.name)
runs_by_ids = one_per(PaymentRun, payment_runs, payment_runs.c.id)
run_lines_by_ids = one_per(PaymentRunLine, payment_run_lines, payment_run_lines.c.id)
lines_by_runs = many_per(
    PaymentRunLine, payment_run_lines, payment_run_lines.c.run_id, payment_run_lines.c.position
)
files_by_runs = one_per(PaymentFile, payment_files, payment_files.c.run_id)
file_facts_by_runs = one_per(FileFacts, payment_files, payment_files.c.run_id)
file_contents_by_runs = one_per(FileContent, payment_files, payment_files.c.run_id)
sources_by_bills = one_per(BillSource, bill_sources, bill_sources.c.bill_id)

run_list = Listing(
    PaymentRun,
    payment_runs,
    sorts={
        RunSortKey.CREATED_AT: payment_runs.c.created_at,
        RunSortKey.PAY_ON: payment_runs.c.pay_on,
        RunSortKey.TOTAL: payment_runs.c.total_minor,
    },
    words={
        "status": On(payment_runs.c.status),
        "method": On(payment_runs.c.method),
        "payer_account_id": On(payment_runs.c.payer_account_id),
        "number": On(payment_runs.c.number),
        "total": OnMoney(payment_runs.c.total_minor, payment_runs.c.currency),
        "pay_on": On(payment_runs.c.pay_on),
        "created_at": On(payment_runs.c.created_at),
    },
)

run_line_list = Listing(
    PaymentRunLine,
    payment_run_lines,
    sorts={RunLineSortKey.POSITION: payment_run_lines.c.position},
    words={"status": On(payment_run_lines.c.status)},
    descending=False,
)

payer_account_list = Listing(
    PayerAccount,
    payer_accounts,
    sorts={PayerAccountSortKey.NAME: payer_accounts.c.name},
    words={"is_archived": On(payer_accounts.c.is_archived)},
    descending=False,
)


def payer_account(db: Connection, id: UUID, *path: str) -> PayerAccount:
    """Raises: UnknownPayerAccount: there is none, or it is archived."""
    found = payer_accounts_by_ids(db, [id]).get(id)
    if found is None or found.is_archived:
        raise UnknownPayerAccount(id).at(*(path or ("id",)))
    return found


def locked_run(db: Connection, id: UUID) -> PaymentRun:
    """The run, which nobody else can change until the transaction ends.

    Raises:
        UnknownPaymentRun: there is none.
    """
    if found := locked_runs(db, [id]):
        return found[0]
    raise UnknownPaymentRun(id).at("id")


def locked_runs(db: Connection, ids: Collection[UUID]) -> Sequence[PaymentRun]:
    """These runs, locked in one order."""
    statement = select_as(PaymentRun, payment_runs).where(among(payment_runs.c.id, ids))
    return fetch(db, PaymentRun, statement.order_by(payment_runs.c.id).with_for_update())


def lines_of_run(db: Connection, run_id: UUID) -> Sequence[PaymentRunLine]:
    return lines_by_runs(db, [run_id]).get(run_id, ())


def runs_of_references(db: Connection, references: Collection[str]) -> Mapping[str, UUID]:
    """The runs of lines that a bank names, by the reference of the line."""
    if not references:
        return {}
    statement = select(payment_run_lines.c.reference, payment_run_lines.c.run_id)
    statement = statement.where(among(payment_run_lines.c.reference, references))
    return {row[0]: row[1] for row in db.execute(statement)}


def run_id_by_number(db: Connection, number: str) -> UUID | None:
    statement = select(payment_runs.c.id).where(payment_runs.c.number == number)
    return db.execute(statement).scalar()


def due_bill_ids(
    db: Connection,
    currency: str,
    due_until: date,
    discount_on: date | None,
    supplier_ids: Collection[UUID],
) -> Sequence[UUID]:
    """Bills with something due by a day, or with a discount still to be had on `discount_on`.

    What is due first comes first; no more than `CANDIDATES_MAX`.
    """
    due = bill_instalments.c.due_on <= due_until
    if discount_on is not None:
        due = or_(due, bill_instalments.c.discount_until >= discount_on)
    statement = (
        select(bills.c.id)
        .where(
            bills.c.status.in_(_CONSIDERED),
            bills.c.kind == BillKind.BILL,
            bills.c.currency == currency,
            bills.c.open_minor > 0,
            bills.c.id.in_(select(bill_instalments.c.bill_id).where(due)),
        )
        .order_by(bills.c.due_on, bills.c.id)
        .limit(CANDIDATES_MAX)
    )
    if supplier_ids:
        statement = statement.where(among(bills.c.supplier_id, supplier_ids))
    return db.execute(statement).scalars().all()


def locked_candidates(db: Connection, bill_ids: Collection[UUID]) -> Sequence[Candidate]:
    """These bills, which nobody else can change, with what decides whether they are paid."""
    found = bill_queries.locked_bills(db, bill_ids) if bill_ids else ()
    parts = bill_queries.instalments_by_bills(db, [each.id for each in found])
    supplier_ids = {each.supplier_id for each in found}
    accounts = purchasing.accounts_by_suppliers(db, supplier_ids)
    pending = suppliers_with_pending_changes(db, supplier_ids)
    keys = keys_by_bills(db, [each.id for each in found])
    return [
        Candidate(
            bill=each,
            instalments=parts.get(each.id, ()),
            accounts=accounts.get(each.supplier_id, ()),
            has_pending_change=each.supplier_id in pending,
            pix_key=keys.get(each.id),
        )
        for each in found
    ]


def suppliers_with_pending_changes(db: Connection, ids: Collection[UUID]) -> Collection[UUID]:
    """Those suppliers for whom a change of bank accounts waits for approval (F8)."""
    if not ids:
        return ()
    statement = (
        select(supplier_bank_changes.c.supplier_id)
        .where(
            supplier_bank_changes.c.status == BankChangeStatus.PROPOSED,
            among(supplier_bank_changes.c.supplier_id, ids),
        )
        .distinct()
    )
    return frozenset(db.execute(statement).scalars())


def brazilian_ids(db: Connection, supplier_ids: Collection[UUID]) -> Mapping[UUID, str]:
    """The CNPJ or CPF of suppliers, for files of Brazilian banks."""
    found = purchasing.tax_ids_by_suppliers(db, supplier_ids)
    kinds = (TaxIdKind.CNPJ, TaxIdKind.CPF)
    return {
        id: each.value for id, of in found.items() for each in reversed(of) if each.kind in kinds
    }


def runs_by_taken(
    db: Connection, taken: Collection[ReturnTaken]
) -> Mapping[ReturnTaken, Sequence[PaymentRun]]:
    """The runs that answers of banks are about, by the answer."""
    found = runs_by_ids(db, {id for each in taken for id in each.run_ids})
    return {each: [found[id] for id in each.run_ids if id in found] for each in taken}
