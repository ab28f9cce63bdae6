"""Payouts: what providers and marketplaces pay to the bank, and what it is made of."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import DomainError, Faults, Invalid, Missing, Refused
from backoffice_api.domain.kernel.money import CurrencyMismatch, Money
from backoffice_api.domain.kernel.texts import OutOfRange, TooMany, check_text
from backoffice_api.domain.payments.model.payments import (
    PROVIDER_LENGTH_MAX,
    REFERENCE_LENGTH_MAX,
)
from backoffice_api.domain.payments.model.transactions import TransactionKind
from backoffice_api.domain.receivables.model.receivables import ReceivableState

LINES_MAX = 5_000
CSV_LENGTH_MAX = 1_000_000
DELAY_DAYS_MAX = 400
# Without terms, a provider is given so many days before its payout is late.
DELAY_DAYS_DEFAULT = 2
BASIS_POINTS = 10_000
_COLUMNS = ("kind", "reference", "gross", "fee", "net")


class PayoutLineKind(Choice):
    """What a line of a payout is about."""

    CHARGE = "charge", "Money of a buyer."
    REFUND = "refund", "Money that went back to a buyer."
    CHARGEBACK = "chargeback", "Money that a bank took back."
    FEE = "fee", "What the provider keeps, for no single payment."
    ADJUSTMENT = "adjustment", "What the provider adds or takes off otherwise."


# The money of ours that a line tells of.
MOVED_BY = {
    PayoutLineKind.CHARGE: TransactionKind.CAPTURE,
    PayoutLineKind.REFUND: TransactionKind.REFUND,
    PayoutLineKind.CHARGEBACK: TransactionKind.CHARGEBACK,
}


class PayoutFinding(Choice):
    """What was found when a line was compared with our own books."""

    MATCHED = "matched", "It is as we know it."
    UNKNOWN = "unknown", "We know of no such money."
    WRONG_AMOUNT = "wrong_amount", "We know of it with another amount."
    WRONG_FEE = "wrong_fee", "The fee is not what was agreed."
    PAID_BEFORE = "paid_before", "Another line has paid it out already."
    NOT_COMPARED = "not_compared", "A fee or an adjustment: there is nothing to compare it with."


class PayoutSortKey(Choice):
    """By what a list of payouts is sorted."""

    ARRIVES_ON = "arrives_on", "The day on which it should be at the bank."
    CREATED_AT = "created_at", "When it was imported."
    UPDATED_AT = "updated_at", "When it was last changed."
    AMOUNT = "amount", "What is paid out, whatever the currency."


class PayoutLineSortKey(Choice):
    """By what the lines of a payout are sorted."""

    POSITION = "position", "Their place in the payout."


@dataclass(frozen=True, slots=True)
class PayoutLineDraft:
    """`gross` is below zero for what went back; `net` is `gross` without `fee`."""

    kind: PayoutLineKind
    reference: str
    gross: Money
    fee: Money
    net: Money


@dataclass(frozen=True, slots=True)
class PayoutTerms:
    """What was agreed with a provider. `fee_bp`: hundredths of a per cent of the gross amount.

    `delay_days`: how many days after the capture its payout should be at the bank. The fee is
    compared where `fee_bp` is given; `fee_fixed_minor` is added to it, in `currency`.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    provider: str
    delay_days: int
    currency: str | None
    fee_bp: int | None
    fee_fixed_minor: int

    @property
    def fee_fixed(self) -> Money | None:
        return None if self.currency is None else Money(self.fee_fixed_minor, self.currency)

    def fee_of(self, gross: Money) -> Money | None:
        """What the provider may keep of a charge, rounded half-even. None: not agreed."""
        if self.fee_bp is None or (self.currency is not None and self.currency != gross.currency):
            return None
        whole, rest = divmod(gross.minor * self.fee_bp, BASIS_POINTS)
        twice = 2 * rest
        up = twice > BASIS_POINTS or (twice == BASIS_POINTS and whole % 2 == 1)
        return Money(whole + up + self.fee_fixed_minor, gross.currency)


@dataclass(frozen=True, slots=True)
class Payout:
    """`reference`: what the provider calls it. `amount_minor` is below zero where it takes money.

    `fee_minor`: what it kept of all lines. `differences`: how many lines are not as we know them.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    provider: str
    reference: str
    state: ReceivableState
    arrives_on: date
    currency: str
    amount_minor: int
    settled_minor: int
    open_minor: int
    fee_minor: int
    differences: int
    settled_on: date | None
    digest: str

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def settled(self) -> Money:
        return Money(self.settled_minor, self.currency)

    @property
    def open(self) -> Money:
        return Money(self.open_minor, self.currency)

    @property
    def fee(self) -> Money:
        return Money(self.fee_minor, self.currency)


@dataclass(frozen=True, slots=True)
class PayoutLine:
    """`expected_minor`, `expected_fee_minor`: what we know of it. None: nothing."""

    id: UUID
    payout_id: UUID
    position: int
    kind: PayoutLineKind
    reference: str
    currency: str
    gross_minor: int
    fee_minor: int
    net_minor: int
    finding: PayoutFinding
    transaction_id: UUID | None
    expected_minor: int | None
    expected_fee_minor: int | None

    @property
    def gross(self) -> Money:
        return Money(self.gross_minor, self.currency)

    @property
    def fee(self) -> Money:
        return Money(self.fee_minor, self.currency)

    @property
    def net(self) -> Money:
        return Money(self.net_minor, self.currency)

    @property
    def expected(self) -> Money | None:
        minor = self.expected_minor
        return None if minor is None else Money(minor, self.currency)

    @property
    def expected_fee(self) -> Money | None:
        minor = self.expected_fee_minor
        return None if minor is None else Money(minor, self.currency)


# What somebody should look at.
DIFFERENCES = frozenset(PayoutFinding) - {PayoutFinding.MATCHED, PayoutFinding.NOT_COMPARED}


@dataclass(eq=False)
class UnknownPayout(Missing):
    """There is no payout with this id."""

    id: UUID
    message = "There is no such payout."


@dataclass(eq=False)
class PayoutNotBalanced(Refused):
    """The lines do not come to what is paid out."""

    stated: Money
    lines: Money
    difference: Money
    message = "The payout says {stated}, and its lines come to {lines}: {difference} is missing."


@dataclass(eq=False)
class PayoutDiffers(Refused):
    """The provider's payout with this reference was imported before, with other lines."""

    reference: str
    message = "The payout {reference!r:.60} was imported before, and it was another one."


@dataclass(eq=False)
class LineNotBalanced(Invalid):
    """Gross without fee is not net."""

    net: Money
    message = "Gross without the fee is {net}."


@dataclass(eq=False)
class WrongSign(Invalid):
    """Charges are above zero; refunds and chargebacks below."""

    message = "Charges are above zero, refunds and chargebacks below it."


@dataclass(eq=False)
class InvalidPayoutFile(Invalid):
    """A row of the file cannot be read."""

    row: int
    message = "Row {row} is none of the columns kind, reference, gross, fee and net."


@dataclass(eq=False)
class LinesOrFile(Invalid):
    """Either lines are given or a file."""

    message = "Give either lines or a file."


def expected_on(captured_at: datetime, terms: PayoutTerms | None) -> date:
    """The day by which a provider should have paid out what it captured."""
    delay = DELAY_DAYS_DEFAULT if terms is None else terms.delay_days
    return captured_at.date() + timedelta(days=delay)


def read_csv(text: str, currency: str) -> Sequence[PayoutLineDraft]:
    """Lines of a CSV with the columns kind, reference, gross, fee and net; amounts as `12.50`.

    Raises:
        TooMany: the file is too long.
        InvalidPayoutFile, TooPrecise, AmountTooLarge, NotADecimal.
    """
    if len(text) > CSV_LENGTH_MAX:
        raise TooMany(CSV_LENGTH_MAX).at("csv")
    # Line ends of any kind are read as one.
    reader = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=None))
    try:
        rows = iter(list(reader))
    except csv.Error:
        raise InvalidPayoutFile(reader.line_num).at("csv") from None
    header = tuple(each.strip().lower() for each in next(rows, ()))
    if set(header) != set(_COLUMNS) or len(header) != len(_COLUMNS):
        raise InvalidPayoutFile(1).at("csv")
    places = [header.index(name) for name in _COLUMNS]
    found = []
    for number, row in enumerate(rows, start=2):
        if not any(each.strip() for each in row):
            continue
        try:
            kind, reference, *amounts = (row[place].strip() for place in places)
            gross, fee, net = (Decimal(each) for each in amounts)
            known = PayoutLineKind(kind.lower())
        except (InvalidOperation, ValueError, IndexError):
            raise InvalidPayoutFile(number).at("csv") from None
        try:
            parts = [Money.of(each, currency) for each in (gross, fee, net)]
        except DomainError as fault:
            raise fault.at("csv") from None
        found.append(PayoutLineDraft(known, reference, *parts))
    return found


def check_payout(
    faults: Faults, provider: str, reference: str, amount: Money, lines: Sequence[PayoutLineDraft]
) -> None:
    """Note what is wrong with a payout in itself."""
    check_text(provider, faults, "provider", maximum=PROVIDER_LENGTH_MAX)
    check_text(reference, faults, "reference", maximum=REFERENCE_LENGTH_MAX)
    if len(lines) > LINES_MAX:
        faults.add(TooMany(LINES_MAX).at("lines"))
        return
    if not lines:
        faults.add(OutOfRange(1, LINES_MAX).at("lines"))
    for position, each in enumerate(lines):
        here = ("lines", position)
        check_text(each.reference, faults, *here, "reference", minimum=0, maximum=120)
        mixed = {each.gross.currency, each.fee.currency, each.net.currency} - {amount.currency}
        if mixed:
            faults.add(CurrencyMismatch(amount.currency, mixed.pop()).at(*here))
            continue
        if each.gross - each.fee != each.net:
            faults.add(LineNotBalanced(each.gross - each.fee).at(*here, "net"))
        is_back = each.kind in (PayoutLineKind.REFUND, PayoutLineKind.CHARGEBACK)
        is_charge = each.kind is PayoutLineKind.CHARGE
        if (is_charge and each.gross.minor <= 0) or (is_back and each.gross.minor >= 0):
            faults.add(WrongSign().at(*here, "gross"))


def check_sum(amount: Money, lines: Sequence[PayoutLineDraft]) -> None:
    """Raises: PayoutNotBalanced."""
    found = Money(sum(each.net.minor for each in lines), amount.currency)
    if found != amount:
        raise PayoutNotBalanced(amount, found, amount - found).at("amount")


def payout_state(payout: Payout, today: date) -> ReceivableState:
    """The state that its sums and the day come to."""
    if not payout.open_minor:
        return ReceivableState.SETTLED
    if payout.arrives_on < today:
        return ReceivableState.OVERDUE
    if payout.settled_minor:
        return ReceivableState.PARTIALLY_SETTLED
    return ReceivableState.DUE if payout.arrives_on == today else ReceivableState.EXPECTED
