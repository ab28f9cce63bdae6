"""What can be asked about bills, their lines, instalments and payments."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, and_, exists, or_, select

from backoffice_api.domain.kernel.filters import On, OnMoney
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import among, fetch, many_per, one_per, select_as
from backoffice_api.domain.ledger.model.accounts import Account, AccountRole
from backoffice_api.domain.ledger.tables import accounts
from backoffice_api.domain.payables.model.bills import (
    Attachment,
    Bill,
    BillKind,
    BillLine,
    BillSortKey,
    BillStatus,
    Instalment,
)
from backoffice_api.domain.payables.model.refusals import UnknownBill, UnknownBillPayment
from backoffice_api.domain.payables.model.settlements import (
    BillCredit,
    BillPayment,
    BillPaymentSortKey,
)
from backoffice_api.domain.payables.tables.bills import (
    bill_attachments,
    bill_credits,
    bill_instalments,
    bill_lines,
    bill_payments,
    bills,
)
from backoffice_api.domain.payables.tables.runs import payment_run_lines

bills_by_ids = one_per(Bill, bills, bills.c.id)
bills_by_freight_charges = one_per(
    Bill, bills, bills.c.freight_charge_id, bills.c.status != BillStatus.VOIDED
)
bill_lines_by_ids = one_per(BillLine, bill_lines, bill_lines.c.id)
lines_by_bills = many_per(BillLine, bill_lines, bill_lines.c.bill_id, bill_lines.c.position)
instalments_by_bills = many_per(
    Instalment,
    bill_instalments,
    bill_instalments.c.bill_id,
    bill_instalments.c.due_on,
    bill_instalments.c.position,
)
attachments_by_bills = many_per(
    Attachment, bill_attachments, bill_attachments.c.bill_id, bill_attachments.c.position
)
payments_by_ids = one_per(BillPayment, bill_payments, bill_payments.c.id)
payments_by_bills = many_per(
    BillPayment,
    bill_payments,
    bill_payments.c.bill_id,
    bill_payments.c.created_at,
    bill_payments.c.id,
)
credits_by_ids = one_per(BillCredit, bill_credits, bill_credits.c.id)
credits_by_bills = many_per(
    BillCredit, bill_credits, bill_credits.c.bill_id, bill_credits.c.created_at, bill_credits.c.id
)
credits_by_credit_notes = many_per(
    BillCredit,
    bill_credits,
    bill_credits.c.credit_note_id,
    bill_credits.c.created_at,
    bill_credits.c.id,
)
accounts_by_ids = one_per(Account, accounts, accounts.c.id)

bill_list = Listing(
    Bill,
    bills,
    sorts={
        BillSortKey.CREATED_AT: bills.c.created_at,
        BillSortKey.UPDATED_AT: bills.c.updated_at,
        BillSortKey.ISSUED_ON: bills.c.issued_on,
        BillSortKey.DUE_ON: bills.c.due_on,
        BillSortKey.TOTAL: bills.c.total_minor,
    },
    words={
        "supplier_id": On(bills.c.supplier_id),
        "kind": On(bills.c.kind),
        "status": On(bills.c.status),
        "match_status": On(bills.c.match_status),
        "number": On(bills.c.number),
        "issued_on": On(bills.c.issued_on),
        "due_on": On(bills.c.due_on),
        "total": OnMoney(bills.c.total_minor, bills.c.currency),
        "open": OnMoney(bills.c.open_minor, bills.c.currency),
        "created_at": On(bills.c.created_at),
    },
    searched="bil",
)

payment_list = Listing(
    BillPayment,
    bill_payments,
    sorts={BillPaymentSortKey.CREATED_AT: bill_payments.c.created_at},
)


def bill(db: Connection, id: UUID, *path: str) -> Bill:
    """Raises: UnknownBill."""
    if found := bills_by_ids(db, [id]).get(id):
        return found
    raise UnknownBill(id).at(*(path or ("id",)))


def locked_bill(db: Connection, id: UUID, *path: str) -> Bill:
    """The bill `id`, which nobody else can change until the transaction ends.

    Raises:
        UnknownBill: there is none.
    """
    if found := locked_bills(db, [id]):
        return found[0]
    raise UnknownBill(id).at(*(path or ("id",)))


def locked_bills(db: Connection, ids: Collection[UUID]) -> Sequence[Bill]:
    """These bills, locked in one order, so that two who need the same do not wait for each other.

    Those that do not exist are left out.
    """
    statement = select_as(Bill, bills).where(among(bills.c.id, ids)).order_by(bills.c.id)
    return fetch(db, Bill, statement.with_for_update())


def lines_of(db: Connection, bill_id: UUID) -> Sequence[BillLine]:
    return lines_by_bills(db, [bill_id]).get(bill_id, ())


def instalments_of(db: Connection, bill_id: UUID) -> Sequence[Instalment]:
    return instalments_by_bills(db, [bill_id]).get(bill_id, ())


def attachments_of(db: Connection, bill_id: UUID) -> Sequence[Attachment]:
    return attachments_by_bills(db, [bill_id]).get(bill_id, ())


def payment(db: Connection, id: UUID) -> BillPayment:
    """Raises: UnknownBillPayment."""
    if found := payments_by_ids(db, [id]).get(id):
        return found
    raise UnknownBillPayment(id).at("id")


def payment_of_run_line(db: Connection, run_line_id: UUID) -> BillPayment | None:
    """The payment that came of a line of a payment run, unless the line is under way again."""
    paid, of = bill_payments.c, payment_run_lines.c
    statement = (
        select_as(BillPayment, bill_payments)
        .join(payment_run_lines, and_(of.id == paid.run_line_id, of.attempt == paid.attempt))
        .where(paid.run_line_id == run_line_id, paid.reverses_id.is_(None))
    )
    return next(iter(fetch(db, BillPayment, statement)), None)


def is_reversed(db: Connection, payment_id: UUID) -> bool:
    """Whether the payment was taken back."""
    statement = select(exists().where(bill_payments.c.reverses_id == payment_id))
    return bool(db.execute(statement).scalar_one())


def bill_of_number(db: Connection, supplier_id: UUID, number: str) -> Bill | None:
    """The supplier's bill of this very number that counts. None: there is none."""
    of = bills.c
    mine = of.supplier_id == supplier_id, of.kind == BillKind.BILL, of.number == number
    counts = of.status.not_in((BillStatus.REJECTED, BillStatus.VOIDED))
    found = fetch(db, Bill, select_as(Bill, bills).where(*mine, counts))
    return found[0] if found else None


def accounts_by_roles(db: Connection, roles: Collection[AccountRole]) -> Mapping[AccountRole, UUID]:
    """The accounts in use that have these roles."""
    of = accounts.c
    statement = select(of.role, of.id).where(of.role.in_(roles), of.is_archived.is_(False))
    return {row.role: row.id for row in db.execute(statement)}


def alike(
    db: Connection,
    *,
    supplier_id: UUID,
    kind: BillKind,
    number: str,
    key: str,
    issued_on: date,
    total_minor: int,
    currency: str,
    but: UUID | None,
) -> Sequence[Bill]:
    """Bills of the supplier that may be the same one: by number, or by date and total.

    The one with the very same number comes first.
    """
    same_number = bills.c.number_key == key
    same_sum = and_(
        bills.c.issued_on == issued_on,
        bills.c.total_minor == total_minor,
        bills.c.currency == currency,
    )
    statement = (
        select_as(Bill, bills)
        .where(
            bills.c.supplier_id == supplier_id,
            bills.c.kind == kind,
            bills.c.status.not_in([BillStatus.REJECTED, BillStatus.VOIDED]),
            or_(same_number, same_sum),
        )
        .order_by((bills.c.number != number), bills.c.created_at, bills.c.id)
        .limit(1)
    )
    if but is not None:
        statement = statement.where(bills.c.id != but)
    return fetch(db, Bill, statement)
