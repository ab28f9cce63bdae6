"""Setting the QR code by which a bill is paid."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete

from backoffice_api.domain.kernel import events
from backoffice_api.domain.kernel.errors import Invalid
from backoffice_api.domain.kernel.money import CurrencyMismatch
from backoffice_api.domain.kernel.pix_keys import PIX
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.payables.commands.writing import save_bill
from backoffice_api.domain.payables.model.bills import Bill, BillKind, BillStatus
from backoffice_api.domain.payables.model.pix_codes import (
    BillPixCodeSet,
    BillTakesNoCode,
    PixCode,
    PixCodeDiffers,
    PixKeyNotAgreed,
    key_of,
)
from backoffice_api.domain.payables.queries import bills as queries
from backoffice_api.domain.payables.queries.pix_codes import codes_by_bills
from backoffice_api.domain.payables.tables.bills import bill_pix_codes, bills
from backoffice_api.domain.payments.model.br_code import CURRENCY, read_br_code
from backoffice_api.domain.purchasing.queries import accounts_by_suppliers

_TAKES = (
    BillStatus.DRAFT,
    BillStatus.PENDING_APPROVAL,
    BillStatus.APPROVED,
    BillStatus.PARTIALLY_PAID,
    BillStatus.DISPUTED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetBillPixCode(Command):
    """`code`: the text of the QR code. None: it is paid otherwise."""

    scope = Scope.BILLS_WRITE
    table = bills
    id: UUID
    code: str | None


def set_bill_pix_code(uow: UnitOfWork, command: SetBillPixCode) -> UUID:
    """Keep the QR code that a bill is paid by, or take it away. Its id.

    Raises:
        UnknownBill.
        BillTakesNoCode: it is in a run, paid, or no bill that is owed.
        InvalidBrCode: the code is damaged, or is not for PIX with a key in it.
        InvalidPixKey, PixKeyNotAgreed: its key is none, or none of the supplier's (F8).
        CurrencyMismatch, PixCodeDiffers: it asks for something else than is open.
    """
    before = queries.locked_bill(uow.db, command.id)
    if before.status not in _TAKES or before.kind is not BillKind.BILL:
        raise BillTakesNoCode
    text = None if command.code is None else command.code.strip()
    if text is not None:
        try:
            _check(uow, before, text)
        except Invalid as fault:
            raise fault.at("code") from None
    present = codes_by_bills(uow.db, [before.id]).get(before.id)
    uow.db.execute(delete(bill_pix_codes).where(bill_pix_codes.c.bill_id == before.id))
    if text is not None:
        uow.db.execute(bill_pix_codes.insert().values(bill_id=before.id, code=text))
    after = save_bill(uow, before, before)
    told = events.change("pix_code", present and present.code, text, personal=True)
    event = BillPixCodeSet(after.id, after.version, after.supplier_id, after.number)
    uow.emit(event, before=before, after=after, changes=[told])
    return after.id


def _check(uow: UnitOfWork, bill: Bill, text: str) -> None:
    said = read_br_code(text)
    if bill.currency != CURRENCY:
        raise CurrencyMismatch(CURRENCY, bill.currency)
    key = key_of(said)
    accounts = accounts_by_suppliers(uow.db, [bill.supplier_id]).get(bill.supplier_id, ())
    if not any(each.bank_code == PIX and each.account_number == key for each in accounts):
        raise PixKeyNotAgreed
    if not PixCode(bill.id, text).pays(bill.open):
        raise PixCodeDiffers(str(bill.open))
