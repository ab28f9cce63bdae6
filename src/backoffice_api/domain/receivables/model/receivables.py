"""Receivables: money that is expected, of whom, and by which day.

    expected > due > overdue > settled
             > partially settled > settled
    written off, when it is given up; called off, when it is not owed any more

What a payment asks for becomes receivables, one for each instalment; what a provider has captured
becomes one that its next payout should settle. Sums tell the state: nobody sets it. That the day
has come is noted by a job, so that lists can be filtered by the state and people can be told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Missing, Refused
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.payments.model.payments import BY_HAND, Payment, PaymentMethod

NOTE_LENGTH_MAX = 1_000


class ReceivableKind(Choice):
    """How it should come in."""

    BANK_TRANSFER = "bank_transfer", "By a transfer that the buyer makes."
    CASH_ON_DELIVERY = "cash_on_delivery", "From the carrier, who collects it at the door."
    TERMS = "terms", "Later, by the due dates of a schedule."
    PIX = "pix", "By PIX."
    BOLETO = "boleto", "By boleto."
    PAYOUT = "payout", "From a provider, which has captured it and pays it out."


# Which payments the buyer, or the carrier, pays to the shop itself.
KINDS: Mapping[PaymentMethod, ReceivableKind] = {
    PaymentMethod.BANK_TRANSFER: ReceivableKind.BANK_TRANSFER,
    PaymentMethod.CASH_ON_DELIVERY: ReceivableKind.CASH_ON_DELIVERY,
    PaymentMethod.TERMS: ReceivableKind.TERMS,
    PaymentMethod.PIX: ReceivableKind.PIX,
    PaymentMethod.BOLETO: ReceivableKind.BOLETO,
}


class ReceivableState(Choice):
    """How far it is. Derived of its sums and of the day."""

    EXPECTED = "expected", "It is not due yet."
    DUE = "due", "It is due today."
    PARTIALLY_SETTLED = "partially_settled", "Some of it has come, and the rest is not late."
    OVERDUE = "overdue", "Its day has passed, and some of it is missing."
    SETTLED = "settled", "All of it that is owed has come."
    WRITTEN_OFF = "written_off", "What has not come is given up."
    CALLED_OFF = "called_off", "It is not owed any more."


_S = ReceivableState
OPEN_STATES = (_S.EXPECTED, _S.DUE, _S.PARTIALLY_SETTLED, _S.OVERDUE)
_OPEN = set(OPEN_STATES)

MACHINE = Machine(
    _S.EXPECTED,
    move("fall_due", {_S.EXPECTED}, _S.DUE),
    move("grow_overdue", {_S.EXPECTED, _S.DUE, _S.PARTIALLY_SETTLED}, _S.OVERDUE),
    move("settle_in_part", {_S.EXPECTED, _S.DUE}, _S.PARTIALLY_SETTLED),
    # What was given up may come all the same.
    move("settle", _OPEN | {_S.WRITTEN_OFF}, _S.SETTLED),
    move("unsettle", {_S.SETTLED, _S.PARTIALLY_SETTLED, _S.OVERDUE}, _S.EXPECTED),
    move("write_off", _OPEN, _S.WRITTEN_OFF),
    move("call_off", _OPEN, _S.CALLED_OFF),
    move("dispute", _OPEN),
    move("end_dispute", _OPEN),
)
# The other moves follow from what becomes of its payment.
_BY_PEOPLE = ("write_off", "dispute", "end_dispute")


class ReceivableSortKey(Choice):
    """By what a list of receivables is sorted."""

    DUE_ON = "due_on", "The day by which it is due."
    CREATED_AT = "created_at", "When it was made."
    UPDATED_AT = "updated_at", "When it was last changed."
    OPEN = "open", "What is open of it, whatever the currency."


class SettlementSource(Choice):
    """What settled a receivable."""

    PAYMENT = "payment", "The payment was captured, or noted as paid."
    BANK = "bank", "A line of a bank statement was matched with it."
    PAYOUT = "payout", "A payout of its provider held it."


@dataclass(frozen=True, slots=True)
class Receivable:
    """Sums are in minor units of `currency`; `open_minor` is what is left of the amount.

    `recovered_minor`: what came, and is among what is settled, though it was written off.

    `transaction_id`: what a provider captured; None: the shop is paid itself. `position`: which
    instalment of the payment. `settled_on`: when the last of it came. `dunned`: the number of the
    last dunning step. `disputed_at`: since when the customer contests it.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    order_id: UUID
    customer_id: UUID | None
    payment_id: UUID
    position: int
    transaction_id: UUID | None
    kind: ReceivableKind
    provider: str
    state: ReceivableState
    due_on: date
    currency: str
    amount_minor: int
    settled_minor: int
    written_off_minor: int
    recovered_minor: int
    called_off_minor: int
    open_minor: int
    settled_on: date | None
    disputed_at: datetime | None
    dispute_note: str
    dunned: int

    def money(self, minor: int) -> Money:
        return Money(minor, self.currency)

    @property
    def amount(self) -> Money:
        return self.money(self.amount_minor)

    @property
    def settled(self) -> Money:
        return self.money(self.settled_minor)

    @property
    def written_off(self) -> Money:
        return self.money(self.written_off_minor)

    @property
    def recovered(self) -> Money:
        return self.money(self.recovered_minor)

    @property
    def lost_minor(self) -> int:
        """What was written off and has not come since."""
        return self.written_off_minor - self.recovered_minor

    @property
    def called_off(self) -> Money:
        return self.money(self.called_off_minor)

    @property
    def open(self) -> Money:
        return self.money(self.open_minor)

    @property
    def is_disputed(self) -> bool:
        return self.disputed_at is not None

    @property
    def actions(self) -> Sequence[Action]:
        found = MACHINE.actions(self.state, blocks(self))
        return [each for each in found if each.name in _BY_PEOPLE]


@dataclass(frozen=True, slots=True)
class Settlement:
    """What came of a receivable. Below zero: it was taken back. Never changed."""

    id: UUID
    created_at: datetime
    receivable_id: UUID
    source: SettlementSource
    booked_on: date
    currency: str
    amount_minor: int

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


@dataclass(frozen=True, slots=True)
class OpenItem:
    """What a line of a bank statement may settle: a receivable or a payout.

    `prefix` is that of its id. `open` is below zero where a provider takes money. `party`: of whom
    it comes, a customer or a provider; `party_id` None: a provider, or a guest. `reference`: what
    it is called in the line, if all goes well. `lost_minor`: what was written off of it, and may
    come all the same.
    """

    id: UUID
    prefix: str
    kind: str
    open: Money
    due_on: date
    party_id: UUID | None
    party: str
    reference: str
    lost_minor: int


@dataclass(eq=False)
class UnknownReceivable(Missing):
    """There is no receivable with this id."""

    id: UUID
    message = "There is no such receivable."


@dataclass(eq=False)
class SettledBeyondOpen(Refused):
    """More would settle it than is open of it, or more be taken back than has settled it."""

    maximum: Money
    message = "At most {maximum} is possible."


@dataclass(eq=False)
class SettledByPayout(Refused):
    """The provider pays it out together with others: its payout is what the bank knows."""

    message = "A payout settles this."


@dataclass(eq=False)
class AlreadyDisputed(Refused):
    """The customer contests it already."""

    message = "It is disputed already."


@dataclass(eq=False)
class NotDisputed(Refused):
    """The customer does not contest it."""

    message = "It is not disputed."


def blocks(each: Receivable) -> Mapping[str, Sequence[str]]:
    """What, besides its state, stands in the way of actions, in words."""
    by_payout = (str(SettledByPayout()),) if each.kind is ReceivableKind.PAYOUT else ()
    return {
        "write_off": by_payout,
        "dispute": (str(AlreadyDisputed()),) if each.is_disputed else by_payout,
        "end_dispute": () if each.is_disputed else (str(NotDisputed()),),
    }


def is_to_shop(payment: Payment) -> bool:
    """The buyer or a carrier pays it to the shop, and nobody has captured it before."""
    return payment.provider == BY_HAND and payment.method in KINDS


def state_of(each: Receivable, today: date) -> ReceivableState:
    """The state that its sums and the day come to."""
    if not each.open_minor:
        if each.lost_minor:
            return _S.WRITTEN_OFF
        return _S.SETTLED if each.settled_minor else _S.CALLED_OFF
    if each.due_on < today:
        return _S.OVERDUE
    if each.settled_minor:
        return _S.PARTIALLY_SETTLED
    return _S.DUE if each.due_on == today else _S.EXPECTED


def with_sums(
    each: Receivable,
    today: date,
    *,
    settled: int = 0,
    written_off: int = 0,
    called_off: int = 0,
    booked_on: date | None = None,
) -> Receivable:
    """The receivable with so much more settled, written off or called off, and its state.

    What settles it beyond what is open recovers what was written off; what is taken back is taken
    of that first.
    """
    recovered = max(settled - each.open_minor, 0)
    if settled < 0:
        recovered = -min(-settled, each.recovered_minor)
    after = replace(
        each,
        settled_minor=each.settled_minor + settled,
        written_off_minor=each.written_off_minor + written_off,
        recovered_minor=each.recovered_minor + recovered,
        called_off_minor=each.called_off_minor + called_off,
        open_minor=each.open_minor - settled + recovered - written_off - called_off,
    )
    after = replace(after, state=state_of(after, today))
    if after.state is not _S.SETTLED:
        return replace(after, settled_on=None)
    return replace(after, settled_on=booked_on or each.settled_on or today)


def shares(of: Sequence[Receivable], amount_minor: int) -> Mapping[UUID, int]:
    """What each gets of money that came: the earliest due first, then what was written off.

    What is beyond all of them is nobody's.
    """
    left, found = amount_minor, dict[UUID, int]()
    ordered = sorted(of, key=lambda each: (each.due_on, each.position))
    for each in ordered:
        found[each.id] = min(left, each.open_minor)
        left -= found[each.id]
    for each in ordered:
        recovered = min(left, each.lost_minor)
        found[each.id] += recovered
        left -= recovered
    return {id: minor for id, minor in found.items() if minor}


def owed(of: Sequence[Receivable], outstanding_minor: int) -> Mapping[UUID, int]:
    """What is to be open of each, so that all of an order come to no more than it still owes.

    The earliest due keeps what is owed; what is beyond is called off, the last due first. What was
    called off comes back when more is owed again.
    """
    left, found = max(outstanding_minor, 0), dict[UUID, int]()
    for each in sorted(of, key=lambda each: (each.due_on, each.position, each.id)):
        found[each.id] = min(left, each.open_minor + each.called_off_minor)
        left -= found[each.id]
    return found
