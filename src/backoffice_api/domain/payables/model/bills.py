"""Bills: what suppliers ask for, and the credit notes by which they ask for less.

open = total - paid - credited - discounted, never below zero

A credit note has the same shape: its total is what the supplier owes, credited what was set off
against bills, paid what came back as money.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.events import COST
from backoffice_api.domain.kernel.money import Money, UnitPrice
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.payables.model.matching import LineMismatch, MatchStatus

NUMBER_LENGTH_MAX = 80
NOTE_LENGTH_MAX = 4_000
REASON_LENGTH_MAX = 1_000
SOURCE_LENGTH_MAX = 120
LINES_MAX = 500
INSTALMENTS_MAX = 60
ATTACHMENTS_MAX = 20

_RUN = re.compile(r"\d+|[^\W\d_]+")


class BillKind(Choice):
    """Which way the money of a bill goes."""

    BILL = "bill", "The supplier asks for money."
    CREDIT_NOTE = "credit_note", "The supplier owes money, or asks for less."


class BillStatus(Choice):
    """How far a bill is."""

    DRAFT = "draft", "Being written: everything can be changed."
    PENDING_APPROVAL = "pending_approval", "Waits until it matches and somebody else agrees."
    APPROVED = "approved", "In the books, and to be paid."
    SCHEDULED = "scheduled", "Part of a payment run that is under way."
    PARTIALLY_PAID = "partially_paid", "Some of it is paid or set off."
    PAID = "paid", "Nothing is open."
    DISPUTED = "disputed", "Argued about with the supplier: not paid for now."
    REJECTED = "rejected", "Somebody did not agree to it."
    VOIDED = "voided", "Not owed after all; taken back in the books."


_S = BillStatus
# In the books, with something open.
OWED = frozenset({_S.APPROVED, _S.SCHEDULED, _S.PARTIALLY_PAID})
# Neither in the books nor on the way there.
OUTSIDE = frozenset({_S.DRAFT, _S.REJECTED, _S.VOIDED})

MACHINE = Machine(
    _S.DRAFT,
    move("update", {_S.DRAFT}),
    move("submit", {_S.DRAFT}, _S.PENDING_APPROVAL),
    move("match", {_S.PENDING_APPROVAL}),
    move("waive", {_S.PENDING_APPROVAL}),
    move("approve", {_S.PENDING_APPROVAL}, _S.APPROVED),
    move("reject", {_S.PENDING_APPROVAL}, _S.REJECTED),
    move("reopen", {_S.REJECTED}, _S.DRAFT),
    move("schedule", {_S.APPROVED, _S.PARTIALLY_PAID, _S.SCHEDULED}, _S.SCHEDULED),
    move("pay", {_S.APPROVED, _S.PARTIALLY_PAID, _S.SCHEDULED}, _S.PARTIALLY_PAID),
    move("settle", {_S.APPROVED, _S.PARTIALLY_PAID, _S.SCHEDULED}, _S.PAID),
    # A payment came back, or a bill left its run.
    move("unsettle", {_S.PAID, _S.PARTIALLY_PAID, _S.SCHEDULED, _S.DISPUTED}),
    move("credit", {_S.APPROVED, _S.PARTIALLY_PAID}),
    move("dispute", {_S.PENDING_APPROVAL, _S.APPROVED, _S.PARTIALLY_PAID}, _S.DISPUTED),
    move("resolve", {_S.DISPUTED}),
    move(
        "void",
        {_S.DRAFT, _S.PENDING_APPROVAL, _S.APPROVED, _S.DISPUTED, _S.REJECTED},
        _S.VOIDED,
    ),
)
_DERIVED = frozenset({"schedule", "settle", "unsettle"})


class BillSortKey(Choice):
    """By what a list of bills is sorted."""

    CREATED_AT = "created_at", "When it was entered."
    UPDATED_AT = "updated_at", "When it was last changed."
    ISSUED_ON = "issued_on", "The date on it."
    DUE_ON = "due_on", "When the next part of it is due."
    TOTAL = "total", "What it comes to, whatever the currency."


@dataclass(frozen=True, slots=True)
class Bill:
    """`number`: the supplier's; `number_key`: what is compared, without signs and leading zeros.

    `due_on`: of the first instalment with something open, else of the last one.
    `scheduled_minor`: promised by payment runs that are not settled yet. `source_reference`: what
    it was read from, once. `entry_id`: how it stands in the books; None: not (yet).
    `freight_charge_id`: the charge of a carrier whose variance it is.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    supplier_id: UUID
    kind: BillKind
    status: BillStatus
    match_status: MatchStatus
    number: str
    number_key: str
    issued_on: date
    due_on: date
    currency: str
    subtotal_minor: int = field(metadata=COST)
    tax_minor: int = field(metadata=COST)
    total_minor: int = field(metadata=COST)
    scheduled_minor: int = field(metadata=COST)
    paid_minor: int = field(metadata=COST)
    credited_minor: int = field(metadata=COST)
    discounted_minor: int = field(metadata=COST)
    note: str
    reason: str | None
    purchase_return_id: UUID | None
    source_reference: str | None
    entry_id: UUID | None
    created_by_kind: str
    created_by_id: UUID | None
    submitted_by_kind: str | None
    submitted_by_id: UUID | None
    submitted_at: datetime | None
    waived_by_kind: str | None
    waived_by_id: UUID | None
    waiver_reason: str | None
    approved_by_kind: str | None
    approved_by_id: UUID | None
    approved_at: datetime | None
    voided_at: datetime | None
    freight_charge_id: UUID | None

    @property
    def subtotal(self) -> Money:
        return Money(self.subtotal_minor, self.currency)

    @property
    def tax(self) -> Money:
        return Money(self.tax_minor, self.currency)

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)

    @property
    def scheduled(self) -> Money:
        return Money(self.scheduled_minor, self.currency)

    @property
    def paid(self) -> Money:
        return Money(self.paid_minor, self.currency)

    @property
    def credited(self) -> Money:
        return Money(self.credited_minor, self.currency)

    @property
    def discounted(self) -> Money:
        return Money(self.discounted_minor, self.currency)

    @property
    def settled_minor(self) -> int:
        return self.paid_minor + self.credited_minor + self.discounted_minor

    @property
    def open_minor(self) -> int:
        return self.total_minor - self.settled_minor

    @property
    def open(self) -> Money:
        return Money(self.open_minor, self.currency)

    @property
    def authors(self) -> Sequence[tuple[str, UUID | None]]:
        """Kinds and ids of those who may neither approve it nor waive what does not match."""
        made = (self.created_by_kind, self.created_by_id)
        if self.submitted_by_kind is None:
            return (made,)
        return (made, (self.submitted_by_kind, self.submitted_by_id))

    @property
    def actions(self) -> Sequence[Action]:
        found = MACHINE.actions(self.status, self._blocks())
        return [each for each in found if each.name not in _DERIVED]

    def _blocks(self) -> Mapping[str, Sequence[str]]:
        blocks: dict[str, Sequence[str]] = {}
        if self.match_status in (MatchStatus.UNMATCHED, MatchStatus.EXCEPTION):
            blocks["approve"] = ("it does not match",)
        if self.match_status is not MatchStatus.EXCEPTION:
            blocks["waive"] = ("nothing is to be waived",)
        if self.settled_minor or self.scheduled_minor:
            blocks["void"] = ("something is paid, set off or scheduled",)
        if self.scheduled_minor:
            blocks["dispute"] = blocks["credit"] = ("it is scheduled",)
        return blocks


@dataclass(frozen=True, slots=True)
class BillLine:
    """Goods by the line of a purchase order, or a service by the account it is booked to.

    A draft may have lines that are neither yet. `expected_minor`: what the pieces cost by the
    purchase order. `billed_quantity`: pieces of it that count as billed; `waived_quantity`: those
    among them that nobody has received, as somebody else has said is fine.
    """

    id: UUID
    bill_id: UUID
    position: int
    description: str
    order_line_id: UUID | None
    account_id: UUID | None
    quantity: int | None
    unit_price_micro: int | None = field(metadata=COST)
    currency: str
    amount_minor: int = field(metadata=COST)
    tax_minor: int = field(metadata=COST)
    expected_minor: int | None = field(metadata=COST)
    quantity_mismatch: LineMismatch | None
    price_mismatch: LineMismatch | None
    billed_quantity: int
    waived_quantity: int

    @property
    def unit_price(self) -> UnitPrice | None:
        micro = self.unit_price_micro
        return None if micro is None else UnitPrice(micro, self.currency)

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def tax(self) -> Money:
        return Money(self.tax_minor, self.currency)

    @property
    def expected(self) -> Money | None:
        minor = self.expected_minor
        return None if minor is None else Money(minor, self.currency)

    @property
    def variance(self) -> Money | None:
        """What is asked for beyond what was ordered; below zero: less."""
        expected = self.expected
        return None if expected is None else self.amount - expected

    @property
    def mismatches(self) -> Sequence[LineMismatch]:
        found = (self.quantity_mismatch, self.price_mismatch)
        return [each for each in found if each is not None]


@dataclass(frozen=True, slots=True)
class Instalment:
    """A part of a bill that is due on a day. With a discount if it is paid by `discount_until`."""

    bill_id: UUID
    position: int
    due_on: date
    currency: str
    amount_minor: int = field(metadata=COST)
    discount_minor: int = field(metadata=COST)
    discount_until: date | None

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def discount(self) -> Money:
        return Money(self.discount_minor, self.currency)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that belongs to a bill: the paper itself, as a rule."""

    bill_id: UUID
    position: int
    file_id: UUID
    name: str


def number_key(number: str) -> str:
    """What of a supplier's number is compared: letters and digits, without leading zeros.

    `INV-0042`, `inv 42` and `INV/00042` are one number, written by three people.
    """
    parts: list[str] = []
    for run in _RUN.findall(number.casefold()):
        bare = run.lstrip("0") or "0" if run.isdigit() else run
        # Kept apart from digits before: 1001/1 is not 100/11.
        follows_digits = parts and parts[-1].isdigit() and bare.isdigit()
        parts.append(f".{bare}" if follows_digits else bare)
    return "".join(parts)[:NUMBER_LENGTH_MAX] or number[:NUMBER_LENGTH_MAX]


def status_by_money(bill: Bill) -> BillStatus:
    """Where a bill that is owed stands, by what is paid and promised of it."""
    if bill.open_minor == 0:
        return BillStatus.PAID
    if bill.scheduled_minor:
        return BillStatus.SCHEDULED
    return BillStatus.PARTIALLY_PAID if bill.settled_minor else BillStatus.APPROVED


def due_of(bill: Bill, instalments: Sequence[Instalment]) -> date:
    """When the first instalment is due that is not wholly settled; else the last one."""
    left = bill.settled_minor
    due_on = bill.due_on
    for each in sorted(instalments, key=_by_due_date):
        due_on = each.due_on
        left -= each.amount_minor
        if left < 0:
            break
    return due_on


def with_money(bill: Bill, instalments: Sequence[Instalment]) -> Bill:
    """The bill with everything that follows from what is settled and promised of it."""
    status = bill.status if bill.status is _S.DISPUTED else status_by_money(bill)
    return replace(bill, status=status, due_on=due_of(bill, instalments))


def _by_due_date(each: Instalment) -> tuple[date, int]:
    return each.due_on, each.position
