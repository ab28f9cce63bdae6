"""For how long which data are kept, and what was removed when their time was over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.states import Action
from backoffice_api.domain.privacy.model.duties import LAWS, YEARS_MIN, Reason, held_since

MONTHS_MIN = 1
MONTHS_MAX = 1_200
_YEAR = 12


class RetentionSchedule(Choice):
    """What is kept for the same time."""

    INVOICES = "invoices", "Buyers on invoices: as long as tax law wants, from the end of the year."
    BANK_LINES = "bank_lines", "Who paid, on statements of accounts: the same."
    MESSAGES = "messages", "Addresses and texts of messages that were written to customers."
    DELIVERIES = "deliveries", "Where parcels went, and what was told of them on their way."
    READS = "reads", "Who read personal data."
    PRINTS = "prints", "Files of slips, pick lists and labels. Papers can be drawn again."


# Those that a law prescribes: kept at least so long, whoever wants to be erased.
BY_LAW: Mapping[RetentionSchedule, Reason] = {
    RetentionSchedule.INVOICES: Reason.INVOICES,
    RetentionSchedule.BANK_LINES: Reason.BANK_LINES,
}

# What holds until the shop says otherwise. None: nothing is removed by itself.
DEFAULT_MONTHS: Mapping[RetentionSchedule, int | None] = {
    RetentionSchedule.INVOICES: (LAWS[Reason.INVOICES].years or 0) * _YEAR,
    RetentionSchedule.BANK_LINES: (LAWS[Reason.BANK_LINES].years or 0) * _YEAR,
    RetentionSchedule.MESSAGES: None,
    RetentionSchedule.DELIVERIES: None,
    RetentionSchedule.READS: 24,
    RetentionSchedule.PRINTS: 12,
}


class RetentionSortKey(Choice):
    """By what lists of retention are sorted."""

    CREATED_AT = "created_at", "When it was made."


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """`months` None: what falls under it is kept until somebody asks for erasure."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    schedule: RetentionSchedule
    months: int | None

    @property
    def actions(self) -> Sequence[Action]:
        return ()


@dataclass(frozen=True, slots=True)
class RetentionRun:
    """Evidence: so many rows of a table lost what was personal in them. `cutoff`: older ones."""

    id: UUID
    created_at: datetime
    schedule: RetentionSchedule
    place: str
    cutoff: date
    rows: int


@dataclass(frozen=True, slots=True)
class RetentionRuleSet(Event):
    type = "retention_rule.set"
    subject = "rtn"
    summary = "Another time was set for {schedule}."
    id: UUID
    version: int
    schedule: RetentionSchedule
    months: int | None


def months_min(schedule: RetentionSchedule) -> int:
    """The shortest time that can be set: what a law prescribes is not gone by a slip."""
    return YEARS_MIN * _YEAR if schedule in BY_LAW else MONTHS_MIN


def years_of(months: int) -> int:
    """Whole years that cover so many months."""
    return -(-months // _YEAR)


def cutoff_of(schedule: RetentionSchedule, months: int, today: date) -> date:
    """What is older than this day has been kept long enough."""
    if schedule in BY_LAW:
        return held_since(today, years_of(months))
    month = today.year * _YEAR + today.month - 1 - months
    return date(month // _YEAR, month % _YEAR + 1, min(today.day, 28))
