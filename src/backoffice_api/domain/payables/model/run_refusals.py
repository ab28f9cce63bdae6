"""Why something about a payment run is refused."""

from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused


@dataclass(eq=False)
class UnknownPaymentRun(Missing):
    """There is no payment run with this id."""

    id: UUID
    message = "There is no such payment run."


@dataclass(eq=False)
class UnknownPaymentRunLine(Missing):
    """The run has no such payment."""

    id: UUID
    message = "The run has no such payment."


@dataclass(eq=False)
class UnknownPayerAccount(Missing):
    """There is no such account to pay from, or it is archived."""

    id: UUID
    message = "There is no such account to pay from, or it is archived."


@dataclass(eq=False)
class NothingToPay(Refused):
    """No bill is left for the run: see what was left out, and why, in a dry run."""

    left_out: int
    message = "There is nothing to pay; {left_out} bills were left out."


@dataclass(eq=False)
class PayerPaysFromAccount(Invalid):
    """A PIX key names an account to be paid to; nobody pays from one."""

    message = "A run pays from an account, not from a PIX key."


@dataclass(eq=False)
class MethodMismatch(Invalid):
    """The account or the currency does not go with the method.

    SEPA takes euros and an IBAN; CNAB takes reais, a bank with its branch as `341-1234`, a number
    with its check digit as `56789-0`, a CNPJ or CPF, and the number of the agreement.
    """

    method: str
    message = "The account does not have what {method} takes, or another currency."


@dataclass(eq=False)
class BankChangePending(Refused):
    """A change of a supplier's bank accounts waits for approval: nothing is paid to it until then.

    Source: invariant F8 of the design.
    """

    suppliers: tuple[str, ...]
    message = "A change of bank accounts waits for approval: {suppliers}."


@dataclass(eq=False)
class BankAccountGone(Refused):
    """A supplier has no account any more that can be paid this way, or has another one since.

    Cancel the run, and propose it again.
    """

    suppliers: tuple[str, ...]
    message = "The bank accounts of these suppliers changed: {suppliers}."


@dataclass(eq=False)
class BillsNotPayable(Refused):
    """Bills of the run are not to be paid any more."""

    bills: tuple[str, ...]
    message = "These bills are not to be paid any more: {bills}."


@dataclass(eq=False)
class PayOnPast(Invalid):
    """A bank pays today or later."""

    message = "The day of payment is past."
