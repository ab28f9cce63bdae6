"""Assessing: an order is judged by rules, and by an outside provider if the policy says so."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.contacts import email_key
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.rows import insert_or_ignore
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_range, storable
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.orders.commands.holds import (
    HoldOrder,
    ReleaseHold,
    put_hold,
    release_hold,
)
from backoffice_api.domain.orders.model.events import OrderUncancelled
from backoffice_api.domain.orders.model.holds import HOLDS_MAX, HoldKind
from backoffice_api.domain.orders.model.orders import PROMISED, Order, OrderAddress
from backoffice_api.domain.reviews import queries
from backoffice_api.domain.reviews.commands.following import ASSESS_JOB
from backoffice_api.domain.reviews.model.reviews import (
    MACHINE,
    OrderReviewed,
    Review,
    ReviewSettled,
    ReviewStatus,
    ReviewVoided,
)
from backoffice_api.domain.reviews.model.rules import (
    KINDS,
    SCORE_MAX,
    ReviewPolicy,
    RiskCode,
    Verdict,
    Weight,
    fused,
    verdict,
    weights,
)
from backoffice_api.domain.reviews.model.signals import (
    Hit,
    Signal,
    hits,
    is_about_addresses,
)
from backoffice_api.domain.reviews.tables import review_keys, review_signals, reviews

EXPLANATION_LENGTH_MAX = 500
_VELOCITIES = (RiskCode.VELOCITY_EMAIL, RiskCode.VELOCITY_ADDRESS, RiskCode.VELOCITY_CUSTOMER)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessOrder(Command):
    """Run by the worker for each order of a channel with a policy."""

    scope = Scope.ORDERS_REVIEW
    order_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidReview(Command):
    """Run by the worker for an order that was called off."""

    scope = Scope.ORDERS_REVIEW
    order_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleReview(Command):
    """What the outside provider says. `score` None: it did not answer in time."""

    scope = Scope.ORDERS_REVIEW
    table = reviews
    id: UUID
    score: int | None
    explanation: str = ""


def assess_order(uow: UnitOfWork, command: AssessOrder) -> UUID | None:
    """Judge an order that was placed. Id of the review. None: there is nothing to judge any more.

    What may go on is accepted at once; else a hold is put on it. Done once per order.

    Raises:
        UnknownOrder.
    """
    order = orders.locked_order(uow.db, command.order_id)
    policy = queries.policies_by_channels(uow.db, [order.channel_id]).get(order.channel_id)
    if policy is None or not policy.is_active or order.status not in PROMISED:
        return None
    if queries.reviews_by_orders(uow.db, [order.id]):
        return None
    weighed = weights(queries.rules_of(uow.db, order.channel_id))
    velocity = _velocities(uow, order, weighed)
    facts = queries.facts_of(
        uow.db,
        order,
        home_country=policy.home_country,
        velocity=velocity,
        payments_since=_window(weighed, RiskCode.FAILED_PAYMENTS, uow.now),
    )
    found = hits(facts, weighed)
    review = _new_review(uow, order, policy, [each.score for each in found])
    codes = [each.code for each in found]
    hold_id = None if review.status is ReviewStatus.ACCEPTED else _held(uow, order, codes)
    review = replace(review, hold_id=hold_id)
    add(uow, reviews, [review])
    _add_signals(uow, review, found, 0)
    event = OrderReviewed(
        review.id,
        review.version,
        order.id,
        order.name,
        review.score,
        review.verdict,
        review.status,
        {each.code.value: each.score for each in found},
    )
    uow.emit(event, after=review)
    return review.id


def settle_review(uow: UnitOfWork, command: SettleReview) -> UUID | None:
    """Take in what the outside provider says. Id of the review. None: it waits no more.

    Silence never lets an order go on: it has a person look.

    Raises:
        UnknownReview.
        OutOfRange: the score is none.
    """
    faults = Faults()
    check_range(command.score, faults, "score", minimum=0, maximum=SCORE_MAX)
    faults.check()
    known = queries.reviews_by_ids(uow.db, [command.id]).get(command.id)
    # The order first, as everybody who changes both does.
    order = orders.locked_order(uow.db, known.order_id) if known else None
    before = queries.locked_review(uow.db, command.id)
    if order is None or before.status is not ReviewStatus.WAITING:
        return None
    present = queries.signals_by_reviews(uow.db, [before.id]).get(before.id, ())
    said = _said(command)
    score = fused([*(each.score for each in present), said.score])
    policy = queries.policies_by_channels(uow.db, [order.channel_id])[order.channel_id]
    judged = verdict(score, policy)
    if command.score is None and judged is Verdict.ACCEPT:
        judged = Verdict.REVIEW
    passes = judged is Verdict.ACCEPT
    status = MACHINE.check("pass" if passes else "queue", before.status)
    settled = replace(before, score=score, verdict=judged, status=status, provider_due_at=None)
    after = save(uow, reviews, before, _decided(uow, settled) if passes else settled)
    _add_signals(uow, after, [said], len(present))
    event = ReviewSettled(
        after.id, after.version, after.order_id, after.score, after.verdict, after.status
    )
    uow.emit(event, before=before, after=after)
    if passes:
        let_go(uow, after)
    return after.id


def void_review(uow: UnitOfWork, command: VoidReview) -> UUID | None:
    """End the review of an order that was called off. Its id. None: there is none to end."""
    found = queries.reviews_by_orders(uow.db, [command.order_id]).get(command.order_id)
    if found is None:
        return None
    before = queries.locked_review(uow.db, found.id)
    if "void" not in MACHINE.allowed(before.status):
        return None
    status = MACHINE.check("void", before.status)
    ended = _decided(uow, replace(before, status=status, provider_due_at=None))
    after = save(uow, reviews, before, ended)
    uow.emit(ReviewVoided(after.id, after.version, after.order_id), before=before, after=after)
    return after.id


def hold_again(uow: UnitOfWork, event: OrderUncancelled) -> None:
    """Hold an order that is taken up again unless its review lets it go on.

    Calling it off has ended the hold. One that was called off before it was judged is judged now.
    """
    order = orders.locked_order(uow.db, event.id)
    known = queries.reviews_by_orders(uow.db, [order.id]).get(order.id)
    if known is None:
        if queries.unreviewed(uow.db, [order.id]):
            once = f"{ASSESS_JOB} {order.id.hex} {event.version}"
            uow.enqueue(Job(ASSESS_JOB, {"order_id": str(order.id)}, once_key=once))
        return
    before = queries.locked_review(uow.db, known.id)
    is_held = before.hold_id is not None and _is_on(uow, before.hold_id)
    if before.status is ReviewStatus.ACCEPTED or is_held:
        return
    hold_id = _put(uow, order, HoldKind.FRAUD)
    save(uow, reviews, before, replace(before, hold_id=hold_id))


def let_go(uow: UnitOfWork, review: Review) -> None:
    """Take the hold of a review off its order, if it still is on it."""
    if review.hold_id is None:
        return
    if _is_on(uow, review.hold_id):
        release_hold(uow, ReleaseHold(id=review.order_id, hold_id=review.hold_id))


def _is_on(uow: UnitOfWork, hold_id: UUID) -> bool:
    """Whether a hold still is on its order: somebody may have released it by hand."""
    found = orders.holds_by_ids(uow.db, [hold_id]).get(hold_id)
    return found is not None and found.released_at is None


def _new_review(
    uow: UnitOfWork, order: Order, policy: ReviewPolicy, scores: Sequence[int]
) -> Review:
    score = fused(scores)
    judged = verdict(score, policy)
    status = MACHINE.start
    due_at = None
    if policy.provider:
        due_at = uow.now + timedelta(seconds=policy.provider_wait_s)
    else:
        status = MACHINE.check("pass" if judged is Verdict.ACCEPT else "queue", status)
    review = Review(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        order_id=order.id,
        channel_id=order.channel_id,
        score=score,
        verdict=judged,
        status=status,
        assignee_id=None,
        hold_id=None,
        provider=policy.provider,
        provider_due_at=due_at,
        decided_at=None,
        decided_by_kind=None,
        decided_by_id=None,
        outcome=None,
        outcome_at=None,
    )
    return _decided(uow, review) if status is ReviewStatus.ACCEPTED else review


def _decided(uow: UnitOfWork, review: Review) -> Review:
    actor = uow.caller.actor
    return replace(
        review,
        decided_at=uow.now,
        decided_by_kind=actor.kind.value,
        decided_by_id=actor.id,
    )


def _held(uow: UnitOfWork, order: Order, codes: Sequence[RiskCode]) -> UUID | None:
    """Put a hold on an order, as what was found. Its id, or None as of `_put`."""
    return _put(uow, order, HoldKind.ADDRESS if is_about_addresses(codes) else HoldKind.FRAUD)


def _put(uow: UnitOfWork, order: Order, kind: HoldKind) -> UUID | None:
    """Put a hold on an order. Its id. None: there are so many on it that it waits anyway."""
    if len(orders.open_holds_by_orders(uow.db, [order.id]).get(order.id, ())) >= HOLDS_MAX:
        return None
    return put_hold(uow, order, HoldOrder(id=order.id, kind=kind, note="To be reviewed.")).id


def _said(command: SettleReview) -> Hit:
    if command.score is None:
        text = "The outside provider did not answer in time."
        return Hit(RiskCode.PROVIDER_SILENT, 0, text, {})
    text = storable(command.explanation)[:EXPLANATION_LENGTH_MAX]
    return Hit(RiskCode.PROVIDER, command.score, text, {})


def _add_signals(uow: UnitOfWork, review: Review, found: Sequence[Hit], first: int) -> None:
    signals = [
        Signal(
            id=uow.new_id(),
            review_id=review.id,
            position=position,
            code=each.code,
            kind=KINDS[each.code],
            score=each.score,
            explanation=each.explanation,
            facts=each.facts,
        )
        for position, each in enumerate(found, start=first)
    ]
    add(uow, review_signals, signals)


def _velocities(
    uow: UnitOfWork, order: Order, weighed: Mapping[RiskCode, Weight]
) -> Mapping[RiskCode, int]:
    """How many orders, with this one, share something with it within the window of each rule.

    Of orders that were judged: what they share is noted here, as digests.
    """
    placed_at = order.placed_at or uow.now
    digests = _digests(uow, order)
    rows = [
        {"order_id": order.id, "code": code, "digest": digest, "placed_at": placed_at}
        for code, digest in digests.items()
    ]
    insert_or_ignore(uow.db, review_keys, *rows)
    found = {}
    for code, digest in digests.items():
        if code not in weighed:
            continue
        since = placed_at - timedelta(hours=weighed[code].window_h)
        statement = select(func.count()).where(
            review_keys.c.code == code,
            review_keys.c.digest == digest,
            review_keys.c.placed_at > since,
            review_keys.c.placed_at <= placed_at,
        )
        found[code] = uow.db.execute(statement).scalar_one()
    return found


def _window(weighed: Mapping[RiskCode, Weight], code: RiskCode, until: datetime) -> datetime:
    """Since when is looked at, up to `until`."""
    return until - timedelta(hours=weighed[code].window_h if code in weighed else 0)


def _digests(uow: UnitOfWork, order: Order) -> Mapping[RiskCode, str]:
    address = orders.shipping_addresses_by_orders(uow.db, [order.id]).get(order.id)
    texts = {
        RiskCode.VELOCITY_EMAIL: email_key(order.email) if order.email else None,
        RiskCode.VELOCITY_ADDRESS: _as_text(address) if address else None,
        RiskCode.VELOCITY_CUSTOMER: order.customer_id.hex if order.customer_id else None,
    }
    return {
        code: hashlib.sha256(text.encode()).hexdigest()
        for code in _VELOCITIES
        if (text := texts[code])
    }


def _as_text(address: OrderAddress) -> str:
    """The same for the same place, however it is written in capitals, spaces and signs."""
    parts = (*address.lines, address.postal_code or "", address.city, address.country)
    return "".join(each for each in "".join(parts).casefold() if each.isalnum())
