"""QR codes by which bills ask to be paid: the text of a BR Code, read and held against the bill.

A code names a PIX key. Only a key that two people have agreed to for the supplier is paid (F8), so
a code can point to one of those accounts and to no other one. Codes that only hold the address of
a page at the payee's bank are not taken: what they say can change after it was approved.
"""

from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.errors import Invalid, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.pix_keys import PIX, pix_key
from backoffice_api.domain.payments.model.br_code import BrCode, read_br_code


@dataclass(frozen=True, slots=True)
class PixCode:
    """The code of a bill."""

    bill_id: UUID
    code: str

    @property
    def said(self) -> BrCode:
        return read_br_code(self.code)

    @property
    def key(self) -> str:
        """The key that it names, in canonical form."""
        return key_of(self.said)

    def pays(self, amount: Money) -> bool:
        """So much can be paid by it: it leaves the amount open, or asks for just this."""
        return self.said.amount in (None, amount)


@dataclass(frozen=True, slots=True)
class BillPixCodeSet(Event):
    type = "bill.pix_code_set"
    subject = "bil"
    summary = "The PIX code of bill {number} was set."
    id: UUID
    version: int
    supplier_id: UUID
    number: str


@dataclass(eq=False)
class PixKeyNotAgreed(Refused):
    """The code names a key that is none of the supplier's accounts: add it there first (F8)."""

    message = "The code names no PIX key of the supplier; propose it as a bank account first."


@dataclass(eq=False)
class PixCodeDiffers(Invalid):
    """The code asks for another amount than is open of the bill."""

    open: str
    message = "The code asks for another amount than {open}, which is open of the bill."


@dataclass(eq=False)
class BillTakesNoCode(Refused):
    """The bill is in a payment run, paid, or not owed: no code is set any more."""

    message = "The bill is under way, settled or not owed: its code stays as it is."


def key_of(said: BrCode) -> str:
    """The key that a code names, in canonical form.

    Raises:
        InvalidPixKey: it is none.
    """
    key = pix_key(PIX, said.key)
    assert key is not None
    return key.key
