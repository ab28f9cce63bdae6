"""What a rule would have opened: it is tried against the past, and nothing is kept."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.texts import OutOfRange, check_range
from backoffice_api.domain.tickets.model.rules import (
    AFTER_DAYS_MAX,
    BY_TIME,
    DAILY_MAX,
    DAILY_USUAL,
    DAY,
    SAMPLES_MAX,
    TRIED_DAYS_MAX,
    TRIED_MAX,
    CannotBeTried,
    Happened,
    RuleTrial,
    TicketCause,
    check_fit,
    let_through,
)
from backoffice_api.domain.tickets.queries.causes import Window, told_since, was_overdue
from backoffice_api.domain.tickets.queries.rules import seen
from backoffice_api.domain.tracking.model.exceptions import TrackingExceptionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedRule:
    """The terms of a rule that need not be there yet, and since when it is thought of."""

    cause: TicketCause
    since: datetime
    exceptions: tuple[TrackingExceptionKind, ...] = ()
    after_days: int | None = None
    daily_max: int = DAILY_USUAL


def try_rule(db: Connection, tried: TriedRule, now: datetime) -> RuleTrial:
    """How many tickets a rule would have opened since then, had it been the only one.

    Raises:
        OutOfRange, UnfitRule: the terms make no sense.
        CannotBeTried.
    """
    faults = Faults()
    check_range(tried.after_days, faults, "after_days", minimum=1, maximum=AFTER_DAYS_MAX)
    check_range(tried.daily_max, faults, "daily_max", minimum=1, maximum=DAILY_MAX)
    check_fit(tried.cause, tried.exceptions, tried.after_days, faults)
    if not now - TRIED_DAYS_MAX * DAY <= tried.since <= now:
        faults.add(OutOfRange(0, TRIED_DAYS_MAX).at("since"))
    faults.check()
    if tried.cause is TicketCause.LOW_RATING:
        raise CannotBeTried(tried.cause)
    if tried.cause in BY_TIME:
        window = Window(tried.since, now, tried.after_days or 0)
        found = was_overdue(db, tried.cause, window)
    else:
        found = told_since(db, tried.cause, tried.since)
    once: dict[str, Happened] = {}
    for each in found[:TRIED_MAX]:
        if not tried.exceptions or each.kind in tried.exceptions:
            once.setdefault(each.key, each)
    causes = sorted(once.values(), key=lambda each: each.occurred_at)
    known = seen(db, {each.subject.id for each in causes})
    opened = let_through([each.occurred_at for each in causes], tried.daily_max)
    return RuleTrial(
        opened=opened,
        held_back=len(causes) - opened,
        known=sum((each.cause, each.subject.id) in known for each in causes),
        is_complete=len(found) <= TRIED_MAX,
        samples=causes[-SAMPLES_MAX:][::-1],
    )
