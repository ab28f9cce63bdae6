"""What happens to bank accounts, statements and their lines."""

from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.events import Event


@dataclass(frozen=True, slots=True)
class BankAccountCreated(Event):
    type = "bank_account.created"
    subject = "bac"
    summary = "The bank account {name} was made."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class BankAccountUpdated(Event):
    type = "bank_account.updated"
    subject = "bac"
    summary = "The bank account {name} was changed."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class StatementImported(Event):
    """`mismatch_reason`: why it was taken although it does not balance. None: it does."""

    type = "bank_statement.imported"
    subject = "sta"
    summary = "A statement of {lines} lines was imported; {added} of them are new."
    id: UUID
    version: int
    bank_account_id: UUID
    lines: int
    added: int
    mismatch_reason: str | None


@dataclass(frozen=True, slots=True)
class StatementReceived(Event):
    """A long statement: its lines come in later."""

    type = "bank_statement.received"
    subject = "sta"
    summary = "A statement of {lines} lines was received; they come in part by part."
    id: UUID
    version: int
    bank_account_id: UUID
    lines: int
    mismatch_reason: str | None
