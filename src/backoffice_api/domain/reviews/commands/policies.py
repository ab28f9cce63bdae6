"""Policies and rules: in which channels orders are looked at, and what weighs how much."""

from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.countries import UnknownCountry, check_country
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_range, check_size, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders.model.channels import UnknownChannel
from backoffice_api.domain.orders.queries import channels_by_ids
from backoffice_api.domain.reviews import queries
from backoffice_api.domain.reviews.commands.following import begin_following
from backoffice_api.domain.reviews.model.rules import (
    PROVIDER_WAIT_MAX_S,
    SCORE_MAX,
    THRESHOLD_MAX,
    VALUES_MAX,
    WINDOW_HOURS_MAX,
    ReviewPolicy,
    ReviewPolicySet,
    RiskCode,
    RiskRule,
    RiskRuleSet,
    ThresholdsNotInOrder,
)
from backoffice_api.domain.reviews.tables import review_policies, risk_rules


@dataclass(frozen=True, slots=True, kw_only=True)
class SetReviewPolicy(Command):
    """Takes the place of the channel's policy."""

    scope = Scope.ORDERS_REVIEW
    channel_id: UUID
    review_at: int = 40
    reject_at: int = 80
    provider: str | None = None
    provider_wait_s: int = 60
    home_country: str | None = None
    is_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRiskRule(Command):
    """Takes the place of the rule with this code in the channel. None: for all channels."""

    scope = Scope.ORDERS_REVIEW
    code: RiskCode
    channel_id: UUID | None = None
    score: int
    threshold: int | None = None
    window_h: int | None = None
    values: tuple[str, ...] = ()
    is_active: bool = True


def set_review_policy(uow: UnitOfWork, command: SetReviewPolicy) -> UUID:
    """Say how the orders of a channel are looked at, from now on. Id of the policy.

    Raises:
        UnknownChannel, UnknownCountry, OutOfRange, ThresholdsNotInOrder, InvalidText.
    """
    faults = Faults()
    check_range(command.review_at, faults, "review_at", minimum=1, maximum=SCORE_MAX + 1)
    check_range(command.reject_at, faults, "reject_at", minimum=1, maximum=SCORE_MAX + 1)
    if command.reject_at < command.review_at:
        faults.add(ThresholdsNotInOrder().at("reject_at"))
    wait = command.provider_wait_s
    check_range(wait, faults, "provider_wait_s", minimum=1, maximum=PROVIDER_WAIT_MAX_S)
    check_text(command.provider, faults, "provider", maximum=60)
    _check_country(faults, command.home_country)
    _check_channel(uow, faults, command.channel_id)
    faults.check()
    before = queries.policies_by_channels(uow.db, [command.channel_id]).get(command.channel_id)
    after = ReviewPolicy(
        id=before.id if before else uow.new_id(),
        version=before.version if before else 1,
        created_at=before.created_at if before else uow.now,
        updated_at=uow.now,
        channel_id=command.channel_id,
        review_at=command.review_at,
        reject_at=command.reject_at,
        provider=command.provider,
        provider_wait_s=command.provider_wait_s,
        home_country=command.home_country,
        is_active=command.is_active,
    )
    if before:
        after = save(uow, review_policies, before, after)
    else:
        add(uow, review_policies, [after])
    begin_following(uow)
    event = ReviewPolicySet(after.id, after.version, after.channel_id, after.review_at)
    uow.emit(event, before=before, after=after)
    return after.id


def set_risk_rule(uow: UnitOfWork, command: SetRiskRule) -> UUID:
    """Say what a finding weighs, and from where on it is one. Id of the rule.

    Raises:
        UnknownChannel, OutOfRange, TooMany, InvalidText.
    """
    faults = Faults()
    check_size(command.values, faults, "values", maximum=VALUES_MAX)
    faults.check()
    check_range(command.score, faults, "score", minimum=0, maximum=SCORE_MAX)
    check_range(command.threshold, faults, "threshold", minimum=0, maximum=THRESHOLD_MAX)
    check_range(command.window_h, faults, "window_h", minimum=1, maximum=WINDOW_HOURS_MAX)
    for position, value in enumerate(command.values):
        check_text(value, faults, "values", position)
    if command.channel_id:
        _check_channel(uow, faults, command.channel_id)
    faults.check()
    before = _rule(uow, command)
    after = RiskRule(
        id=before.id if before else uow.new_id(),
        version=before.version if before else 1,
        created_at=before.created_at if before else uow.now,
        updated_at=uow.now,
        channel_id=command.channel_id,
        code=command.code,
        score=command.score,
        threshold=command.threshold,
        window_h=command.window_h,
        values=tuple(sorted({each.strip().lower() for each in command.values})),
        is_active=command.is_active,
    )
    if before:
        after = save(uow, risk_rules, before, after)
    else:
        add(uow, risk_rules, [after])
    event = RiskRuleSet(after.id, after.version, after.code, after.channel_id, after.score)
    uow.emit(event, before=before, after=after)
    return after.id


def _check_channel(uow: UnitOfWork, faults: Faults, id: UUID) -> None:
    if id not in channels_by_ids(uow.db, [id]):
        faults.add(UnknownChannel(id.hex).at("channel_id"))


def _check_country(faults: Faults, code: str | None) -> None:
    if code is None:
        return
    try:
        check_country(code)
    except UnknownCountry as fault:
        faults.add(fault.at("home_country"))


def _rule(uow: UnitOfWork, command: SetRiskRule) -> RiskRule | None:
    table, channel = risk_rules.c, command.channel_id
    statement = select_as(RiskRule, risk_rules).where(
        table.code == command.code,
        table.channel_id.is_(None) if channel is None else table.channel_id == channel,
    )
    found = fetch(uow.db, RiskRule, statement)
    # JSON gives lists, which compare otherwise than what was written.
    return replace(found[0], values=tuple(found[0].values)) if found else None
