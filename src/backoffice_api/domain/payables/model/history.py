"""Payments that other systems have recorded: taken over as bills that are paid."""

from dataclasses import dataclass
from datetime import date

from backoffice_api.domain.payables.model.bills import NUMBER_LENGTH_MAX

# Room for what tells bills apart that share a number.
NUMBER_MAX = NUMBER_LENGTH_MAX - 10
RECORDED_MAX = 5_000
SUPPLIER_KEY_MAX = 70


@dataclass(frozen=True, slots=True)
class RecordedPayment:
    """One line that was paid to a supplier; below zero: that the supplier gave back.

    `occurrence`: the how-manieth row of its file that says the very same, from 1.
    `supplier_key` empty: nobody is named. `supplier_name` empty: it is withheld.
    """

    line: int
    number: str
    occurrence: int
    paid_on: date
    amount_minor: int
    supplier_key: str
    supplier_name: str
    description: str

    @property
    def key(self) -> str:
        """What makes it the same one, whatever file it comes in."""
        said = (self.number, self.supplier_key, self.paid_on.isoformat(), str(self.amount_minor))
        return "|".join((*said, str(self.occurrence)))
