"""Deliveries: one event for one webhook, tried until it is taken or given up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Missing
from backoffice_api.domain.kernel.states import Action, Machine, move

# So many of one webhook are under way at once: what keeps a slow one from taking all.
BUDGET = 4
# Longer than any try can take; then whoever had it is dead.
LEASE = timedelta(seconds=90)
KEPT_FOR = timedelta(days=30)
ANSWER_LENGTH_MAX = 500
REASON_LENGTH_MAX = 500
TEST_TYPE = "webhook.test"

# Behind the first try, the second, and so on. The schedule that Standard Webhooks gives for an
# example: ten tries in 75 h and 35 min; chance adds up to a tenth to each pause.
_PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
ATTEMPTS_MAX = len(_PAUSES) + 1
_JITTER = 0.1
_ASKED_MAX = timedelta(hours=24)

# A receiver that fails so often in a row is left alone for a while, longer each time.
_FAILURES_BEFORE_REST = 5
_RESTS_S = (5, 15, 60, 300)


class DeliveryStatus(Choice):
    """How far a delivery is."""

    WAITING = "waiting", "Waits for an earlier one of the same subject, or for the webhook."
    PENDING = "pending", "Is sent as soon as its time has come."
    SENDING = "sending", "Is being sent."
    DELIVERED = "delivered", "The receiver took it: it answered 2xx."
    FAILED = "failed", "Given up."
    CANCELLED = "cancelled", "Not sent, since the webhook was removed."


class DeliveryFailure(Choice):
    """Why a delivery failed, the last time or for good."""

    STATUS = "status", "The receiver answered with another status than 2xx."
    REDIRECT = "redirect", "The receiver answered with a redirect, which is never followed."
    GONE = "gone", "The receiver answered 410."
    TIMEOUT = "timeout", "The receiver took too long."
    UNREACHABLE = "unreachable", "The receiver could not be reached, or broke off."
    ADDRESS_REFUSED = "address_refused", "The URL leads to an address or port that is not called."
    FORBIDDEN = "forbidden", "Whoever saved the webhook may not see this any more."
    NO_ACCESS = "no_access", "Whoever saved the webhook has no access any more."
    UNFIT_DOCUMENT = "unfit_document", "The document does not fit the schema any more."
    TOO_LARGE = "too_large", "The payload is larger than 256 kB."
    NOT_MADE = "not_made", "The payload could not be made just now."
    BROKEN_OFF = "broken_off", "The server ended while it was being sent."


# Trying these again cannot help.
_FOR_GOOD = frozenset(
    {
        DeliveryFailure.GONE,
        DeliveryFailure.FORBIDDEN,
        DeliveryFailure.NO_ACCESS,
        DeliveryFailure.UNFIT_DOCUMENT,
        DeliveryFailure.TOO_LARGE,
    }
)
# These say nothing about the receiver.
OURS = (_FOR_GOOD - {DeliveryFailure.GONE}) | {DeliveryFailure.NOT_MADE}

MACHINE = Machine(
    DeliveryStatus.WAITING,
    move("promote", {DeliveryStatus.WAITING}, DeliveryStatus.PENDING),
    move("hold", {DeliveryStatus.PENDING}, DeliveryStatus.WAITING),
    move("begin", {DeliveryStatus.PENDING, DeliveryStatus.SENDING}, DeliveryStatus.SENDING),
    move("succeed", {DeliveryStatus.SENDING}, DeliveryStatus.DELIVERED),
    move("postpone", {DeliveryStatus.SENDING}, DeliveryStatus.PENDING),
    move("fail", {DeliveryStatus.SENDING}, DeliveryStatus.FAILED),
    move(
        "cancel",
        {DeliveryStatus.WAITING, DeliveryStatus.PENDING, DeliveryStatus.SENDING},
        DeliveryStatus.CANCELLED,
    ),
    move(
        "retry",
        {DeliveryStatus.DELIVERED, DeliveryStatus.FAILED, DeliveryStatus.CANCELLED},
        DeliveryStatus.WAITING,
    ),
)
OPEN = (DeliveryStatus.WAITING, DeliveryStatus.PENDING, DeliveryStatus.SENDING)
SETTLED = (DeliveryStatus.DELIVERED, DeliveryStatus.FAILED, DeliveryStatus.CANCELLED)


class DeliverySortKey(Choice):
    """By what a list of deliveries is sorted."""

    CREATED_AT = "created_at", "When it was first to be sent."


class AttemptSortKey(Choice):
    """By what a list of tries is sorted."""

    CREATED_AT = "created_at", "When it was tried."


@dataclass(frozen=True, slots=True)
class Delivery:
    """`sequence` and `event_id` None: it is a test, of no event.

    What was sent is not kept; what was answered is, in part.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    webhook_id: UUID
    event_id: UUID | None
    sequence: int | None
    event_type: str
    subject_kind: str
    subject_id: UUID
    subject_version: int
    occurred_at: datetime
    status: DeliveryStatus
    failure: DeliveryFailure | None
    reason: str
    attempts: int
    due_at: datetime
    first_attempt_at: datetime | None
    settled_at: datetime | None
    response_status: int | None
    duration_ms: int | None
    answer: str

    @property
    def actions(self) -> Sequence[Action]:
        """What a person can do with it; the other moves are the dispatcher's."""
        return [each for each in MACHINE.actions(self.status) if each.name == "retry"]

    @property
    def is_test(self) -> bool:
        return self.sequence is None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to send a delivery."""

    id: UUID
    created_at: datetime
    delivery_id: UUID
    number: int
    failure: DeliveryFailure | None
    reason: str
    response_status: int | None
    duration_ms: int
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a try. `failure` None: it was taken.

    `retry_after_s`: for how long the receiver wants to be left alone.
    """

    failure: DeliveryFailure | None = None
    reason: str = ""
    response_status: int | None = None
    duration_ms: int = 0
    answer: str = ""
    retry_after_s: int | None = None


@dataclass(eq=False)
class UnknownDelivery(Missing):
    """There is no delivery with this id; they are kept for 30 days."""

    id: UUID
    message = "There is no such delivery."


def next_pause(
    attempts: int, failure: DeliveryFailure, chance: float, retry_after_s: int | None = None
) -> timedelta | None:
    """How long to wait after `attempts` tries of which the last failed. None: give up.

    `chance`, at least 0 and below 1, spreads those who failed together. What the receiver asks
    for holds if it is longer, up to a day.
    """
    if failure in _FOR_GOOD or attempts >= ATTEMPTS_MAX:
        return None
    pause = _PAUSES[attempts - 1] * (1 + _JITTER * chance)
    if retry_after_s is not None:
        pause = max(pause, asked_rest(retry_after_s))
    return pause


def asked_rest(retry_after_s: int) -> timedelta:
    """What a receiver asks for, within bounds."""
    # Compared as numbers: a large one is no stretch of time.
    return timedelta(seconds=max(0, min(retry_after_s, int(_ASKED_MAX.total_seconds()))))


def rest(failures: int) -> timedelta:
    """For how long a receiver that failed so often in a row is left alone."""
    if failures < _FAILURES_BEFORE_REST:
        return timedelta()
    return timedelta(seconds=_RESTS_S[min(failures - _FAILURES_BEFORE_REST, len(_RESTS_S) - 1)])
