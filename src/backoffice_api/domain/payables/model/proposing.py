"""What a payment run pays: proposed by rules, with a reason for everything that is left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.pix_keys import PIX
from backoffice_api.domain.payables.model.bills import Bill, BillKind, BillStatus, Instalment
from backoffice_api.domain.payables.model.payment_files import brazilian_account
from backoffice_api.domain.payables.model.runs import LINES_MAX, RunMethod
from backoffice_api.domain.purchasing.model.bank import BankAccount

LEFT_OUT_SHOWN_MAX = 250


class LeftOutReason(Choice):
    """Why a bill is not in a run."""

    NOT_APPROVED = "not_approved", "Nobody has approved the bill yet."
    SCHEDULED = "scheduled", "Another run pays it."
    DISPUTED = "disputed", "It is argued about with the supplier."
    NOTHING_OWED = "nothing_owed", "It is paid, rejected, voided, or a credit note."
    NOTHING_DUE = "nothing_due", "Nothing of it is due by that day."
    OTHER_CURRENCY = "other_currency", "It is in another currency than the run."
    BANK_CHANGE_PENDING = (
        "bank_change_pending",
        "A change of the supplier's bank accounts waits for approval.",
    )
    NO_BANK_ACCOUNT = "no_bank_account", "The supplier has no account that can be paid this way."
    CASH_LIMIT = "cash_limit", "The run would come to more than was allowed."
    TOO_MANY_LINES = "too_many_lines", "A run has no more lines than that."


@dataclass(frozen=True, slots=True)
class Candidate:
    """A bill that may be paid, with its instalments and the accounts of its supplier.

    `pix_key`: the key that the code of the bill names.
    """

    bill: Bill
    instalments: Sequence[Instalment]
    accounts: Sequence[BankAccount]
    has_pending_change: bool
    pix_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """`names_bills`: the bills were chosen by hand, so all that is open of them is paid."""

    method: RunMethod
    currency: str
    pay_on: date
    due_until: date
    cash_limit_minor: int | None
    take_discounts: bool
    names_bills: bool


@dataclass(frozen=True, slots=True)
class Share:
    """What of a bill is paid: so much money, and so much that is taken off for paying early."""

    amount_minor: int
    discount_minor: int
    due_on: date


@dataclass(frozen=True, slots=True)
class ProposedLine:
    bill: Bill
    share: Share
    account: BankAccount | None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A bill that is not in the run. `amount_minor`: what would have been paid of it."""

    bill_id: UUID
    currency: str
    amount_minor: int
    reason: LeftOutReason

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


@dataclass(frozen=True, slots=True)
class Proposal:
    lines: tuple[ProposedLine, ...]
    left_out: tuple[LeftOut, ...]


_BY_STATUS = {
    BillStatus.DRAFT: LeftOutReason.NOT_APPROVED,
    BillStatus.PENDING_APPROVAL: LeftOutReason.NOT_APPROVED,
    BillStatus.SCHEDULED: LeftOutReason.SCHEDULED,
    BillStatus.DISPUTED: LeftOutReason.DISPUTED,
}
_PAYABLE = (BillStatus.APPROVED, BillStatus.PARTIALLY_PAID)


def propose(wish: Wish, candidates: Sequence[Candidate]) -> Proposal:
    """What is paid and what is left out.

    Under a cash limit, bills with a discount to be had go first, then what is due first; a bill
    that does not fit is left out as a whole, and smaller ones after it may still fit.
    """
    lines: list[ProposedLine] = []
    left_out: list[LeftOut] = []
    spent = 0
    shares = [(each, share_of(each.bill, each.instalments, wish)) for each in candidates]
    for each, share in sorted(shares, key=_urgency):
        bill = each.bill
        reason = _reason(wish, each, share)
        amount = share.amount_minor if share else bill.open_minor
        if reason is None and len(lines) == LINES_MAX:
            reason = LeftOutReason.TOO_MANY_LINES
        limit = wish.cash_limit_minor
        if reason is None and limit is not None and spent + amount > limit:
            reason = LeftOutReason.CASH_LIMIT
        if reason is not None or share is None:
            why = reason or LeftOutReason.NOTHING_DUE
            left_out.append(LeftOut(bill.id, bill.currency, amount, why))
            continue
        spent += amount
        lines.append(ProposedLine(bill, share, _account_of(wish, each)))
    return Proposal(tuple(lines), tuple(left_out))


def share_of(bill: Bill, instalments: Sequence[Instalment], wish: Wish) -> Share | None:
    """What of a bill is to be paid on the day. None: nothing.

    What is settled of it counts for the instalments that are due first. A discount is taken with
    an instalment that is paid as a whole by its last day.
    """
    settled = bill.settled_minor
    amount = discount = 0
    due: list[date] = []
    for each in sorted(instalments, key=lambda part: (part.due_on, part.position)):
        covered = min(settled, each.amount_minor)
        settled -= covered
        left = each.amount_minor - covered
        until = each.discount_until
        saved = each.discount_minor if not covered and until and until >= wish.pay_on else 0
        is_due = each.due_on <= wish.due_until or wish.names_bills
        if left and (is_due or (saved and wish.take_discounts)):
            amount += left - saved
            discount += saved
            due.append(each.due_on)
    return Share(amount, discount, min(due)) if amount else None


def account_for(
    method: RunMethod, accounts: Sequence[BankAccount], pix_key: str | None = None
) -> BankAccount | None:
    """The account that is paid to: the newest one that the method can name. None: none can.

    `pix_key`: the key that a code asks for, which goes before where the method takes keys.
    """
    fit = [each for each in accounts if _is_fit(method, each)]
    if method is RunMethod.CNAB and pix_key is not None:
        named = [each for each in fit if (each.bank_code, each.account_number) == (PIX, pix_key)]
        fit = named or fit
    return max(fit, key=lambda each: each.id, default=None)


def _account_of(wish: Wish, each: Candidate) -> BankAccount | None:
    return account_for(wish.method, each.accounts, each.pix_key)


def _is_fit(method: RunMethod, account: BankAccount) -> bool:
    match method:
        case RunMethod.SEPA:
            return account.iban is not None
        case RunMethod.CNAB:
            code, number = account.bank_code, account.account_number
            return code == PIX or brazilian_account(code, number) is not None
        case RunMethod.MANUAL:
            return True


def _urgency(each: tuple[Candidate, Share | None]) -> tuple[bool, date, UUID]:
    candidate, share = each
    saves = share is not None and share.discount_minor > 0
    return not saves, share.due_on if share else candidate.bill.due_on, candidate.bill.id


def _reason(wish: Wish, each: Candidate, share: Share | None) -> LeftOutReason | None:
    bill = each.bill
    if bill.currency != wish.currency:
        return LeftOutReason.OTHER_CURRENCY
    if bill.kind is not BillKind.BILL or bill.status not in _PAYABLE:
        return _BY_STATUS.get(bill.status, LeftOutReason.NOTHING_OWED)
    if share is None:
        return LeftOutReason.NOTHING_DUE
    if each.has_pending_change:
        return LeftOutReason.BANK_CHANGE_PENDING
    if wish.method is not RunMethod.MANUAL and _account_of(wish, each) is None:
        return LeftOutReason.NO_BANK_ACCOUNT
    return None
