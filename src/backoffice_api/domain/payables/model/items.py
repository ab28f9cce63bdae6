"""Open items: what a statement of the bank may show, as it is matched with documents."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.money import Money


class OpenItemKind(Choice):
    """What an open item of payables is."""

    BILL_PAYMENT = "bill_payment", "A payment that no statement has shown yet."
    RUN_LINE = "run_line", "A payment of a run that the bank was told to make."
    BILL = "bill", "A bill that is owed, and in no run."
    CREDIT_NOTE = "credit_note", "A credit note: the supplier may pay it back."


@dataclass(frozen=True, slots=True)
class OpenItem:
    """`is_incoming`: money comes in by it. `reference`: what may stand in the statement."""

    id: UUID
    kind: OpenItemKind
    is_incoming: bool
    currency: str
    open_minor: int
    due_on: date
    party_id: UUID
    party_name: str
    reference: str

    @property
    def open(self) -> Money:
        return Money(self.open_minor, self.currency)
