"""Lines of statements, and how far each of them is explained.

imported > suggested > matched > reconciled
         > excluded
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Missing
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.states import Action, Machine, move

PAYMENT = {"personal": "payment"}
EXCLUSION_LENGTH_MAX = 250


class LineState(Choice):
    """How far a line of a statement is explained."""

    IMPORTED = "imported", "Nothing is known of it but what the bank tells."
    SUGGESTED = "suggested", "There are suggestions of what it may be."
    MATCHED = "matched", "A part of it is explained and posted, the rest is open."
    RECONCILED = "reconciled", "All of it is explained and posted."
    EXCLUDED = "excluded", "It counts for nothing, as what the bank told twice."


_FRESH = {LineState.IMPORTED, LineState.SUGGESTED}
_OPEN = _FRESH | {LineState.MATCHED}
_EXPLAINED = {LineState.MATCHED, LineState.RECONCILED}

MACHINE = Machine(
    LineState.IMPORTED,
    move("suggest", _FRESH, LineState.SUGGESTED),
    move("forget", {LineState.SUGGESTED}, LineState.IMPORTED),
    move("match", _OPEN, LineState.MATCHED),
    move("reconcile", _OPEN, LineState.RECONCILED),
    move("loosen", _EXPLAINED, LineState.MATCHED),
    move("unmatch", _EXPLAINED, LineState.IMPORTED),
    move("exclude", _FRESH, LineState.EXCLUDED),
    move("include", {LineState.EXCLUDED}, LineState.IMPORTED),
)
# What people do; the others follow from what they do.
_BY_PEOPLE = frozenset({"match", "unmatch", "exclude", "include"})


class LineSortKey(Choice):
    """By what a list of lines is sorted."""

    BOOKED_ON = "booked_on", "The day on which the bank booked it."
    AMOUNT = "amount", "What it comes to; what goes out is below zero."


@dataclass(frozen=True, slots=True)
class StatementLine:
    """`amount_minor`: above zero comes in. `matched_minor`, `write_off_minor`: with its sign.

    `occurrence`: how many lines with the same content stand before it on its day.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    bank_account_id: UUID
    statement_id: UUID
    position: int
    booked_on: date
    value_on: date | None
    currency: str
    amount_minor: int
    matched_minor: int
    write_off_minor: int
    text: str = field(metadata=PAYMENT)
    party_name: str | None = field(metadata=PAYMENT)
    party_account: str | None = field(metadata=PAYMENT)
    reference: str | None
    bank_reference: str | None
    details: Sequence[Mapping[str, Any]] | None = field(metadata=PAYMENT)
    content_hash: bytes
    occurrence: int
    state: LineState
    excluded_because: str | None

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def matched(self) -> Money:
        return Money(self.matched_minor, self.currency)

    @property
    def write_off(self) -> Money:
        return Money(self.write_off_minor, self.currency)

    @property
    def open_minor(self) -> int:
        """What is not explained yet, with the sign of the line."""
        return self.amount_minor - self.matched_minor - self.write_off_minor

    @property
    def open(self) -> Money:
        return Money(self.open_minor, self.currency)

    @property
    def actions(self) -> Sequence[Action]:
        return [each for each in MACHINE.actions(self.state) if each.name in _BY_PEOPLE]


@dataclass(eq=False)
class UnknownStatementLine(Missing):
    """There is no line of a statement with this id."""

    id: UUID
    message = "There is no such line."
