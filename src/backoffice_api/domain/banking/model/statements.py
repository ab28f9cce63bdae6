"""Statements that were imported, and which of their lines are new."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from backoffice_api.domain.banking.model.files import (
    LineDraft,
    StatementDraft,
    StatementFormat,
)
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.states import Action, Machine, move

# A statement with more lines is taken in parts, by jobs.
LINES_AT_ONCE = 2_000
PART_LINES = 2_000
STATEMENTS_MAX = 400


class StatementStatus(Choice):
    """How far a statement is taken in."""

    IMPORTING = "importing", "It is long: its lines come in, part by part."
    IMPORTED = "imported", "All its lines are here."


MACHINE = Machine(
    StatementStatus.IMPORTING,
    move("finish", {StatementStatus.IMPORTING}, StatementStatus.IMPORTED),
)


class StatementSortKey(Choice):
    """By what a list of statements is sorted."""

    ENDS_ON = "ends_on", "The last day that it tells of."
    CREATED_AT = "created_at", "When it was imported."


@dataclass(frozen=True, slots=True)
class BankStatement:
    """`line_count`: lines of the file. `added_count`: those that no other import had brought.

    `mismatch_reason`: why it was taken although its balances and lines do not fit together.
    `previous_id`: the statement whose closing balance it begins with; None: not known yet.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    bank_account_id: UUID
    format: StatementFormat
    reference: str
    currency: str
    opening_minor: int | None
    closing_minor: int | None
    total_minor: int
    starts_on: date
    ends_on: date
    line_count: int
    added_count: int
    status: StatementStatus
    mismatch_reason: str | None
    previous_id: UUID | None
    content_hash: bytes

    @property
    def opening(self) -> Money | None:
        minor = self.opening_minor
        return None if minor is None else Money(minor, self.currency)

    @property
    def closing(self) -> Money | None:
        minor = self.closing_minor
        return None if minor is None else Money(minor, self.currency)

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)

    @property
    def known_count(self) -> int:
        """Lines that were here before. Only once it is imported."""
        return self.line_count - self.added_count

    @property
    def actions(self) -> Sequence[Action]:
        return MACHINE.actions(self.status)


@dataclass(frozen=True, slots=True)
class Imported:
    """`known`: lines that were here before. `skipped`: statements of other accounts in the file.

    Lines of long statements come later, and are counted neither as added nor as known.
    """

    statement_ids: tuple[UUID, ...]
    added: int
    known: int
    skipped: int


@dataclass(eq=False)
class UnknownBankStatement(Missing):
    """There is no statement with this id."""

    id: UUID
    message = "There is no such statement."


@dataclass(eq=False)
class BalanceMismatch(Refused):
    """Opening balance and lines of a statement do not come to its closing balance."""

    statement: str
    opening: Money
    lines: Money
    closing: Money
    message = (
        "The statement {statement!r:.40} does not balance: {opening} and lines of {lines} do not "
        "come to {closing}."
    )


@dataclass(eq=False)
class StatementMixesCurrencies(Invalid):
    """A statement has balances or lines in another currency than its account."""

    currency: str
    message = "The statement is in {currency}, and some of it in another currency."


@dataclass(eq=False)
class StatementInOtherCurrency(Invalid):
    """A statement is in another currency than the bank account."""

    wanted: str
    given: str
    message = "The account is in {wanted}, the statement in {given}."


@dataclass(eq=False)
class StatementOfOtherAccount(Invalid):
    """No statement of the file is of this account. `accounts`: of which, masked."""

    accounts: tuple[str, ...]
    message = "The file has no statement of this account, but of {accounts}."


@dataclass(eq=False)
class ReasonNeeded(Invalid):
    """Taking a statement that does not balance takes a reason."""

    message = "Say why the statement is taken although it does not balance."


@dataclass(frozen=True, slots=True)
class Counted:
    """A line, the hash of its content, and how many equal ones of its day stand before it."""

    line: LineDraft
    content_hash: bytes
    occurrence: int


def content_hash(line: LineDraft) -> bytes:
    """What a line is known by. Two lines with the same hash are told apart by being counted."""
    parts = (
        line.booked_on.isoformat(),
        str(line.amount_minor),
        line.text.casefold(),
        (line.party_name or "").casefold(),
        line.party_account or "",
        line.reference or "",
        line.bank_reference or "",
    )
    # Each with its length, so that nothing can slip from one part into the next.
    return sha256("".join(f"{len(part)}:{part}" for part in parts).encode()).digest()


class Counter:
    """Counts equal lines of an account over all statements of one file."""

    def __init__(self) -> None:
        self._seen: dict[bytes, int] = {}

    def count(self, lines: Sequence[LineDraft]) -> Sequence[Counted]:
        found = []
        for line in lines:
            key = content_hash(line)
            occurrence = self._seen.get(key, 0)
            self._seen[key] = occurrence + 1
            found.append(Counted(line, key, occurrence))
        return found


def statement_hash(draft: StatementDraft, counted: Sequence[Counted]) -> bytes:
    """What a statement is known by: the same one is not taken twice."""
    digest = sha256()
    head = (draft.reference, draft.opening_minor, draft.closing_minor, draft.starts_on)
    digest.update(repr((*head, draft.ends_on)).encode())
    for each in counted:
        digest.update(each.content_hash)
        digest.update(each.occurrence.to_bytes(4))
    return digest.digest()
