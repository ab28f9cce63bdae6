"""Rules that open tickets: what happened in the shop that somebody should look into.

    disabled > enabled > disabled
    either   > removed

Each cause opens one ticket at most, whichever rule it was and however often it is looked at. A
rule opens no more than so many tickets within a day: a carrier that fails opens a few, not
thousands. What it held back is kept, too, so that it is seen, and opens none later.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Faults, Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.tickets.model.acts import Subject
from backoffice_api.domain.tickets.model.words import TicketPriority
from backoffice_api.domain.tracking.model.exceptions import TrackingExceptionKind

RULES_MAX = 200
RANK_MAX = 10_000
AFTER_DAYS_MAX = 365
DAILY_MAX = 10_000
DAILY_USUAL = 200
DAY = timedelta(days=1)

# Nothing is opened for what happened longer ago: an import of history wakes nobody.
OPENED_WITHIN = timedelta(days=3)
TRIED_DAYS_MAX = 366
TRIED_MAX = 10_000
SAMPLES_MAX = 20


class TicketCause(Choice):
    """What opens a ticket."""

    LATE_PARCEL = "late_parcel", "A parcel is late: the carrier says so, or its day is past."
    PARCEL_EXCEPTION = "parcel_exception", "Something else is wrong with a parcel."
    REFUND_OVERDUE = "refund_overdue", "Money is not paid back so many days after it was to be."
    REFUND_FAILED = "refund_failed", "A provider refused to pay money back."
    UNMATCHED_PAYMENT = (
        "unmatched_payment",
        "Money came into the bank, and so many days later nobody knows for what.",
    )
    LOW_RATING = "low_rating", "A customer gave few stars."


# These are found by looking at what is still open, the others by following the log.
BY_TIME = frozenset({TicketCause.REFUND_OVERDUE, TicketCause.UNMATCHED_PAYMENT})

LATE = frozenset({TrackingExceptionKind.OVERDUE, TrackingExceptionKind.DELAYED})


class TicketRuleStatus(Choice):
    """Whether a rule opens tickets."""

    DISABLED = "disabled", "It opens none."
    ENABLED = "enabled", "It opens tickets for what happens from now on."
    REMOVED = "removed", "It is kept for the tickets that it opened, and opens none."


class TicketRuleSortKey(Choice):
    """By what a list of rules is sorted."""

    RANK = "rank", "In the order in which they are tried."
    CREATED_AT = "created_at", "When it was made."


class TicketOpeningSortKey(Choice):
    """By what a list of causes is sorted."""

    CREATED_AT = "created_at", "When the rule saw it."


MACHINE = Machine(
    TicketRuleStatus.DISABLED,
    move("set", {TicketRuleStatus.DISABLED, TicketRuleStatus.ENABLED}),
    move("enable", {TicketRuleStatus.DISABLED}, TicketRuleStatus.ENABLED),
    move("disable", {TicketRuleStatus.ENABLED}, TicketRuleStatus.DISABLED),
    move(
        "remove",
        {TicketRuleStatus.DISABLED, TicketRuleStatus.ENABLED},
        TicketRuleStatus.REMOVED,
    ),
)


@dataclass(frozen=True, slots=True)
class TicketRule:
    """`rank`: of rules for one cause, the first that fits opens the ticket.

    `exceptions`: of which kinds, for PARCEL_EXCEPTION; empty: of any. `after_days`: for causes that
    are found by time. `enabled_at`: what fell due before is left alone.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    code: str
    title: str
    cause: TicketCause
    status: TicketRuleStatus
    rank: int
    exceptions: Sequence[str]
    after_days: int | None
    priority: TicketPriority
    team_id: UUID | None
    tags: Sequence[str]
    daily_max: int
    enabled_at: datetime | None

    @property
    def actions(self) -> Sequence[Action]:
        return MACHINE.actions(self.status)


@dataclass(frozen=True, slots=True)
class TicketOpening:
    """That a rule saw a cause. `ticket_id` None: it had opened enough that day."""

    id: UUID
    cause: TicketCause
    subject_kind: str
    subject_id: UUID
    rule_id: UUID
    ticket_id: UUID | None
    occurred_at: datetime
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """Something that may open a ticket. `subject`: opens one at most, for this cause.

    `kind`: of the exception, if it is one. `title`: what the ticket is called; `text`: its first
    note. `about`: what else it is linked to.
    """

    cause: TicketCause
    subject: Subject
    occurred_at: datetime
    title: str
    text: str
    kind: TrackingExceptionKind | None = None
    order_id: UUID | None = None
    customer_id: UUID | None = None
    about: tuple[Subject, ...] = ()

    @property
    def key(self) -> str:
        """Names the cause: the `cause_key` of its ticket."""
        return f"{self.cause.value}:{self.subject.id.hex}"


@dataclass(frozen=True, slots=True)
class RuleTrial:
    """What a rule would have opened. `held_back`: beyond what it opens within a day.

    `known`: causes that some rule has seen already. `is_complete` False: there was more than is
    looked at.
    """

    opened: int
    held_back: int
    known: int
    is_complete: bool
    samples: Sequence[Happened]


@dataclass(frozen=True, slots=True)
class TicketRuleSet(Event):
    type = "ticket_rule.set"
    subject = "tkr"
    summary = "The rule {code} was set: {cause}."
    id: UUID
    version: int
    code: str
    cause: TicketCause


@dataclass(frozen=True, slots=True)
class TicketRuleEnabled(Event):
    type = "ticket_rule.enabled"
    subject = "tkr"
    summary = "The rule {code} opens tickets."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class TicketRuleDisabled(Event):
    type = "ticket_rule.disabled"
    subject = "tkr"
    summary = "The rule {code} opens no tickets any more."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class TicketRuleRemoved(Event):
    type = "ticket_rule.removed"
    subject = "tkr"
    summary = "The rule {code} was removed."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class TicketRuleHeldBack(Event):
    """It had opened as many tickets as it may within a day. `causes`: how many opened none."""

    type = "ticket_rule.held_back"
    subject = "tkr"
    summary = "The rule {code} held back {causes} tickets: it opens {daily_max} a day at most."
    id: UUID
    version: int
    code: str
    causes: int
    daily_max: int


@dataclass(eq=False)
class UnknownTicketRule(Missing):
    """There is no rule with this id."""

    id: UUID
    message = "There is no such rule."


@dataclass(eq=False)
class UnfitRule(Invalid):
    """A rule says what its cause has no use for, or lacks what it needs.

    Days are for causes that are found by time, kinds of exceptions for exceptions of parcels.
    """

    message = (
        "`afterDays` goes with causes that are found by time, and these need it; "
        "`exceptions` goes with PARCEL_EXCEPTION."
    )


@dataclass(eq=False)
class CannotBeTried(Refused):
    """Nothing of the past is known by which a rule for this cause could be tried."""

    cause: TicketCause
    message = "Rules for {cause} cannot be tried: their causes are told when they happen."


def fits(rule: TicketRule, what: Happened) -> bool:
    """Whether a rule opens a ticket for this: for nothing that happened before it was enabled."""
    if rule.cause is not what.cause:
        return False
    if rule.enabled_at is None or what.occurred_at < rule.enabled_at:
        return False
    return what.kind is None or not rule.exceptions or what.kind.value in rule.exceptions


def first_fitting(rules: Iterable[TicketRule], what: Happened) -> TicketRule | None:
    """The rule that opens a ticket for this. None: no rule does. `rules` in their order."""
    return next((each for each in rules if fits(each, what)), None)


def let_through(times: Sequence[datetime], daily_max: int) -> int:
    """How many of these, in order of time, a rule opens tickets for: so many within a day."""
    opened: list[datetime] = []
    oldest = 0
    for at in times:
        while oldest < len(opened) and opened[oldest] <= at - DAY:
            oldest += 1
        if len(opened) - oldest < daily_max:
            opened.append(at)
    return len(opened)


def check_fit(
    cause: TicketCause,
    exceptions: tuple[TrackingExceptionKind, ...],
    after_days: int | None,
    faults: Faults,
) -> None:
    """Note if a rule says what its cause has no use for, or lacks what it needs."""
    if (cause in BY_TIME) is (after_days is None):
        faults.add(UnfitRule().at("after_days"))
    if exceptions and cause is not TicketCause.PARCEL_EXCEPTION:
        faults.add(UnfitRule().at("exceptions"))
