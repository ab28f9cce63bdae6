"""Why something about a bill is refused."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused
from backoffice_api.domain.kernel.money import Money


@dataclass(eq=False)
class UnknownBill(Missing):
    """There is no bill with this id."""

    id: UUID
    message = "There is no such bill."


@dataclass(eq=False)
class UnknownBillPayment(Missing):
    """There is no payment of a bill with this id."""

    id: UUID
    message = "There is no such payment of a bill."


@dataclass(eq=False)
class UnknownMatchTolerance(Missing):
    """There is no tolerance with this id."""

    id: UUID
    message = "There is no such tolerance."


@dataclass(eq=False)
class UnknownLedgerAccount(Missing):
    """There is no open account of the ledger with this id."""

    id: UUID
    message = "There is no such account, or it is archived."


@dataclass(eq=False)
class DuplicateBill(Refused):
    """The supplier's number is taken by another bill of its: `bill_id`."""

    bill_id: UUID
    number: str
    message = "There is a bill {number!r:.80} of this supplier already."


@dataclass(eq=False)
class SimilarBill(Refused):
    """Another bill of the supplier looks like the same one: `bill_id`.

    It has the same number but for signs and zeros, or the same date and total. Say that it is
    another one to have it all the same.
    """

    bill_id: UUID
    number: str
    message = "This may be the bill {number!r:.80} once more: allow it if it is not."


@dataclass(eq=False)
class GoodsOrService(Invalid):
    """A line is for goods of a purchase order or for a service of an account, not for both."""

    message = "A line names a line of a purchase order or an account, not both."


@dataclass(eq=False)
class QuantityNeeded(Invalid):
    """A line for goods says how many pieces it is for, and asks for no less than nothing."""

    message = "A line for goods needs a quantity, and an amount of at least zero."


@dataclass(eq=False)
class OrderOfAnotherSupplier(Invalid):
    """The purchase order was sent to another supplier than the one whose bill it is."""

    message = "The purchase order is one of another supplier."


@dataclass(eq=False)
class TotalBelowZero(Invalid):
    """What a bill comes to is at least zero: what the supplier owes is a credit note."""

    message = "A bill comes to at least zero; what the supplier owes is a credit note."


@dataclass(eq=False)
class InstalmentsDiffer(Invalid):
    """The instalments do not come to the total of the bill."""

    instalments: Money
    total: Money
    message = "The instalments come to {instalments}, the bill to {total}."


@dataclass(eq=False)
class InstalmentWrong(Invalid):
    """An instalment is above zero, its discount below it and named with its last day."""

    message = (
        "An instalment is above zero; a discount is less, and has a last day before it is due."
    )


@dataclass(eq=False)
class EmptyBill(Refused):
    """A bill without lines cannot be submitted."""

    message = "It has no lines."


@dataclass(eq=False)
class LineUnassigned(Refused):
    """A line names neither a line of a purchase order nor an account: nobody can book it."""

    position: int
    message = "Line {position} says neither which order it is for nor which account."


@dataclass(eq=False)
class BillNotMatched(Refused):
    """The bill is beyond a tolerance: it must match, or somebody must waive that."""

    message = "It does not match orders and receipts: have that waived, or corrected."


@dataclass(eq=False)
class NothingToWaive(Refused):
    """Nothing about the bill is beyond a tolerance."""

    message = "There is nothing to waive."


@dataclass(eq=False)
class WaiverByCreator(Refused):
    """What does not match is waived by somebody else than who entered or submitted the bill."""

    message = "Who entered the bill cannot waive that: another person has to."


@dataclass(eq=False)
class BillUnderWay(Refused):
    """Something of the bill is paid, set off or scheduled: that has to be taken back first."""

    settled: Money
    scheduled: Money
    message = "Of it, {settled} are settled and {scheduled} scheduled."


@dataclass(eq=False)
class AmountAboveOpen(Refused):
    """More is asked for than is open. `maximum`: how much that is."""

    maximum: Money
    message = "At most {maximum} are open."


@dataclass(eq=False)
class NotAboveZero(Invalid):
    """The amount has to be above zero."""

    message = "The amount has to be above zero."


@dataclass(eq=False)
class WrongKindOfBill(Invalid):
    """Credit notes are set off against bills, of the same supplier and currency."""

    message = "A credit note is set off against a bill of the same supplier."


@dataclass(eq=False)
class UnknownBillCredit(Missing):
    """No credit note was set off under this id."""

    id: UUID
    message = "There is nothing that was set off so."


@dataclass(eq=False)
class CreditReversed(Refused):
    """What was set off was taken back, or takes back something itself."""

    message = "It was taken back."


@dataclass(eq=False)
class DiscountTooLate(Refused):
    """The discount was to be had until `until` only."""

    until: date | None
    message = "There is no such discount on that day."


@dataclass(eq=False)
class PaymentReversed(Refused):
    """The payment was taken back, or takes back another one."""

    message = "The payment was taken back."


@dataclass(eq=False)
class PaymentCleared(Refused):
    """A statement of the bank shows the payment: undo that match first."""

    message = "The bank has shown this payment: undo that first."


@dataclass(eq=False)
class UnknownAttachment(Missing):
    """There is no such file, or it is being removed."""

    id: UUID
    message = "There is no such file."
