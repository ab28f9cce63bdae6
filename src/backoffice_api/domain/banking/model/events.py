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


@dataclass(frozen=True, slots=True)
class LinesMatched(Event):
    type = "statement_match.made"
    subject = "mat"
    summary = "Lines of statements were matched ({lines}) with what they are ({items}): {amount}."
    id: UUID
    version: int
    bank_account_id: UUID
    lines: int
    items: int
    amount: str


@dataclass(frozen=True, slots=True)
class MatchUndone(Event):
    type = "statement_match.undone"
    subject = "mat"
    summary = "A match of lines of statements was taken back ({lines})."
    id: UUID
    version: int
    bank_account_id: UUID
    lines: int


@dataclass(frozen=True, slots=True)
class LineExcluded(Event):
    type = "statement_line.excluded"
    subject = "stl"
    summary = "A line of a statement was left out: {reason}."
    id: UUID
    version: int
    reason: str


@dataclass(frozen=True, slots=True)
class LineIncluded(Event):
    type = "statement_line.included"
    subject = "stl"
    summary = "A line of a statement counts again."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class ReconciliationRuleSet(Event):
    type = "reconciliation_rule.set"
    subject = "rru"
    summary = "The rule {name} was set."
    id: UUID
    version: int
    name: str
