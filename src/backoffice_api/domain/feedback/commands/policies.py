"""Policies: who is asked about what, set for a kind and a channel."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from backoffice_api.domain.feedback import queries
from backoffice_api.domain.feedback.model.measures import (
    MEASURES,
    SCALES,
    FeedbackKind,
    FeedbackMeasure,
    MeasureDoesNotFit,
)
from backoffice_api.domain.feedback.model.policies import (
    DELAY_HOURS_MAX,
    OPEN_DAYS_MAX,
    PAUSE_DAYS_MAX,
    FeedbackPolicy,
    FeedbackPolicySet,
    OnlyForReviews,
    check_link_base,
)
from backoffice_api.domain.feedback.tables import feedback_policies, feedback_progress
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults, Invalid
from backoffice_api.domain.kernel.events import events
from backoffice_api.domain.kernel.rows import insert_or_ignore
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_range
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries as orders

FOLLOWER = "feedback"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFeedbackPolicy(Command):
    """Takes the place of the policy of this kind and channel."""

    scope = Scope.FEEDBACK_WRITE
    kind: FeedbackKind
    measure: FeedbackMeasure
    link_base: str
    channel_id: UUID | None = None
    is_active: bool = True
    delay_h: int = 24
    open_days: int = 30
    pause_days: int = 30
    needs_consent: bool = True
    low_score: int | None = None
    publish_from: int | None = None


def set_feedback_policy(uow: UnitOfWork, command: SetFeedbackPolicy) -> UUID:
    """Say who is asked about what; it holds for what happens from now on. Id of the policy.

    What is planned already is asked as the policy then says.

    Raises:
        MeasureDoesNotFit, InvalidLinkBase, OutOfRange, OnlyForReviews.
        UnknownChannel.
    """
    _check(uow, command)
    before = queries.policy_of(uow.db, command.kind, command.channel_id)
    after = FeedbackPolicy(
        id=before.id if before else uow.new_id(),
        version=before.version if before else 1,
        created_at=before.created_at if before else uow.now,
        updated_at=uow.now,
        kind=command.kind,
        channel_id=command.channel_id,
        measure=command.measure,
        is_active=command.is_active,
        delay_h=command.delay_h,
        open_days=command.open_days,
        pause_days=command.pause_days,
        needs_consent=command.needs_consent,
        link_base=command.link_base,
        low_score=command.low_score,
        publish_from=command.publish_from,
    )
    if before:
        after = save(uow, feedback_policies, before, after)
    else:
        add(uow, feedback_policies, [after])
    _begin_following(uow)
    event = FeedbackPolicySet(
        after.id, after.version, after.kind, after.channel_id, after.is_active
    )
    uow.emit(event, before=before, after=after)
    return after.id


def _check(uow: UnitOfWork, command: SetFeedbackPolicy) -> None:
    faults = Faults()
    if command.measure not in MEASURES[command.kind]:
        faults.add(MeasureDoesNotFit(command.measure).at("measure"))
    try:
        check_link_base(command.link_base)
    except Invalid as fault:
        faults.add(fault)
    check_range(command.delay_h, faults, "delay_h", minimum=0, maximum=DELAY_HOURS_MAX)
    check_range(command.open_days, faults, "open_days", minimum=1, maximum=OPEN_DAYS_MAX)
    check_range(command.pause_days, faults, "pause_days", minimum=0, maximum=PAUSE_DAYS_MAX)
    lowest, highest = SCALES[command.measure]
    check_range(command.low_score, faults, "low_score", minimum=lowest, maximum=highest)
    check_range(command.publish_from, faults, "publish_from", minimum=lowest, maximum=highest)
    if command.publish_from is not None and command.kind is not FeedbackKind.REVIEW:
        faults.add(OnlyForReviews().at("publish_from"))
    faults.check()
    if command.channel_id:
        orders.channel(uow.db, command.channel_id)


def _begin_following(uow: UnitOfWork) -> None:
    """Follow the log from here on, if it is not followed already: nobody is asked of the past."""
    here = uow.db.execute(select(func.coalesce(func.max(events.c.sequence), 0))).scalar_one()
    insert_or_ignore(uow.db, feedback_progress, {"name": FOLLOWER, "sequence": here})
