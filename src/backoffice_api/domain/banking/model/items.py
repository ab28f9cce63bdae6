"""What lines of statements may be: documents with something open, or postings to an account."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.money import Money

ITEMS_MAX = 500
PARTY_LENGTH_MAX = 250


class ItemKind(Choice):
    """What a line, or a part of it, is matched with."""

    RECEIVABLE = "receivable", "Money that a customer owes."
    PAYOUT = "payout", "What a provider or a marketplace pays out."
    BILL_PAYMENT = "bill_payment", "A payment to a supplier that is on its way."
    RUN_LINE = "run_line", "A payment of a run that the bank was given."
    BILL = "bill", "A bill of a supplier that is paid by it."
    CREDIT_NOTE = "credit_note", "A credit note that a supplier pays out."
    ACCOUNT = "account", "An account of the ledger, to which it is posted as it is."


# Prefixes of the ids of what there is by kind.
PREFIXES = {
    ItemKind.RECEIVABLE: "rcv",
    ItemKind.PAYOUT: "pyo",
    ItemKind.BILL_PAYMENT: "bpy",
    ItemKind.RUN_LINE: "pyl",
    ItemKind.BILL: "bil",
    ItemKind.CREDIT_NOTE: "bil",
    ItemKind.ACCOUNT: "acc",
}


@dataclass(frozen=True, slots=True)
class OpenItem:
    """`open_minor`: above zero will come in, below it will go out. `party`: names who it is.

    `group`: what it is paid with, which banks may book as one line. None: nothing. `lost_minor`:
    what was written off of it, and may come all the same; nobody expects it.
    """

    kind: ItemKind
    id: UUID
    currency: str
    open_minor: int
    due_on: date
    party: str
    party_name: str
    reference: str
    group: str | None = None
    lost_minor: int = 0

    @property
    def expected(self) -> Money:
        """What a line that names it is taken to be."""
        return Money(self.open_minor or self.lost_minor, self.currency)

    @property
    def most(self) -> Money:
        return Money(self.open_minor + self.lost_minor, self.currency)


@dataclass(frozen=True, slots=True)
class ItemDraft:
    """What is to be matched. `amount` None: all that is open of it; with an account, of the line.

    Above zero comes in, below it goes out.
    """

    kind: ItemKind
    id: UUID
    amount: Money | None = None
