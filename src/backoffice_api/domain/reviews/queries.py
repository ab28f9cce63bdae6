"""What can be asked about reviews."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, or_, select

from backoffice_api.domain.customers.queries import customers_by_ids
from backoffice_api.domain.customs.queries import customs_by_variants
from backoffice_api.domain.kernel.filters import On, Within
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import among, fetch, many_per, one_per, select_as
from backoffice_api.domain.orders import queries as orders_queries
from backoffice_api.domain.orders.model.lines import LineKind, OrderLine
from backoffice_api.domain.orders.model.orders import PROMISED, Order, OrderStatus
from backoffice_api.domain.orders.tables import orders
from backoffice_api.domain.payments.tables import payments
from backoffice_api.domain.products.queries import variants_by_ids
from backoffice_api.domain.reviews.model.reviews import (
    BAD,
    Review,
    ReviewOutcome,
    ReviewSortKey,
    ReviewStatus,
    SignalFigures,
    UnknownReview,
)
from backoffice_api.domain.reviews.model.rules import (
    ReviewPolicy,
    RiskCode,
    RiskRule,
    RiskRuleSortKey,
)
from backoffice_api.domain.reviews.model.signals import Facts, Signal
from backoffice_api.domain.reviews.tables import (
    review_policies,
    review_signals,
    reviews,
    risk_rules,
)

# With how many other orders one is compared.
HISTORY_MAX = 50
USUAL_MAX = 200

policies_by_ids = one_per(ReviewPolicy, review_policies, review_policies.c.id)
policies_by_channels = one_per(ReviewPolicy, review_policies, review_policies.c.channel_id)
rules_by_ids = one_per(RiskRule, risk_rules, risk_rules.c.id)
reviews_by_ids = one_per(Review, reviews, reviews.c.id)
reviews_by_orders = one_per(Review, reviews, reviews.c.order_id)
signals_by_ids = one_per(Signal, review_signals, review_signals.c.id)
signals_by_reviews = many_per(
    Signal,
    review_signals,
    review_signals.c.review_id,
    review_signals.c.position,
    review_signals.c.id,
)

review_list = Listing(
    Review,
    reviews,
    sorts={
        ReviewSortKey.CREATED_AT: reviews.c.created_at,
        ReviewSortKey.SCORE: reviews.c.score,
        ReviewSortKey.UPDATED_AT: reviews.c.updated_at,
    },
    words={
        "status": On(reviews.c.status),
        "verdict": On(reviews.c.verdict),
        "outcome": On(reviews.c.outcome),
        "channel_id": On(reviews.c.channel_id),
        "order_id": On(reviews.c.order_id),
        "assignee_id": On(reviews.c.assignee_id),
        "score": On(reviews.c.score),
        "signal": Within(reviews.c.id, review_signals.c.review_id, review_signals.c.code),
        "created_at": On(reviews.c.created_at),
    },
)

rule_list = Listing(
    RiskRule,
    risk_rules,
    sorts={RiskRuleSortKey.CREATED_AT: risk_rules.c.created_at},
    words={"code": On(risk_rules.c.code), "channel_id": On(risk_rules.c.channel_id)},
)


def locked_review(db: Connection, id: UUID) -> Review:
    """The review `id`, which nobody else can change until the transaction ends.

    Raises:
        UnknownReview: there is none.
    """
    statement = select_as(Review, reviews).where(reviews.c.id == id).with_for_update()
    if found := fetch(db, Review, statement):
        return found[0]
    raise UnknownReview(id).at("id")


def rules_of(db: Connection, channel_id: UUID) -> Sequence[RiskRule]:
    """The rules that may concern a channel: its own, and those for all."""
    statement = select_as(RiskRule, risk_rules).where(
        or_(risk_rules.c.channel_id.is_(None), risk_rules.c.channel_id == channel_id)
    )
    return fetch(db, RiskRule, statement)


def unreviewed(db: Connection, order_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Those of the orders that are still to be judged, as their channel's policy says.

    They were placed a few seconds ago, and no hold of a review can be on them yet: who lets goods
    go asks this besides the holds.
    """
    statement = select(orders.c.id).where(among(orders.c.id, order_ids), is_unreviewed())
    return frozenset(db.execute(statement).scalars())


def is_unreviewed() -> ColumnElement[bool]:
    """Whether an order is still to be judged. What was split off one was judged with it."""
    policy = review_policies.c
    is_wanted = exists().where(
        policy.channel_id == orders.c.channel_id,
        policy.is_active,
        # What was placed while the policy was off is not judged when it is switched on again.
        orders.c.placed_at >= policy.updated_at,
    )
    return and_(
        orders.c.status.in_(PROMISED),
        orders.c.split_from_id.is_(None),
        is_wanted,
        ~exists().where(reviews.c.order_id == orders.c.id),
    )


def waiting_for_provider(db: Connection, limit: int) -> Sequence[Review]:
    """Reviews about which the outside provider is to be asked, most urgent first."""
    statement = (
        select_as(Review, reviews)
        .where(reviews.c.status == ReviewStatus.WAITING)
        .order_by(reviews.c.provider_due_at, reviews.c.id)
        .limit(limit)
    )
    return fetch(db, Review, statement)


def facts_of(
    db: Connection,
    order: Order,
    *,
    home_country: str | None,
    velocity: Mapping[RiskCode, int],
    payments_since: datetime,
) -> Facts:
    """What is known of an order. Eleven statements at most."""
    addresses = {
        each.kind.value: each
        for each in orders_queries.addresses_by_orders(db, [order.id]).get(order.id, ())
    }
    lines = orders_queries.lines_of(db, order.id)
    skus, weightless, without_customs = _goods(db, lines)
    customer = (
        customers_by_ids(db, [order.customer_id]).get(order.customer_id)
        if order.customer_id
        else None
    )
    history = _totals(db, order, orders.c.customer_id, order.customer_id, HISTORY_MAX)
    return Facts(
        total=order.total,
        email=order.email or (customer.email if customer else None),
        has_phone=bool(order.phone or (customer and customer.phone)),
        shipping=addresses.get("shipping"),
        billing=addresses.get("billing"),
        customer_country=customer.country if customer else None,
        home_country=home_country,
        is_known_customer=bool(history),
        history=history,
        usual=_totals(db, order, orders.c.channel_id, order.channel_id, USUAL_MAX),
        velocity=velocity,
        has_goods=bool(skus),
        without_weight=weightless,
        without_customs=without_customs,
        charges=[
            text
            for line in lines
            if line.kind is LineKind.CHARGE
            for text in (line.sku, line.title)
        ],
        failed_payments=_failed_payments(db, order, payments_since),
    )


def figures(db: Connection, since: datetime) -> Sequence[SignalFigures]:
    """How each signal did in reviews made at `since` or later, by code."""
    was_right = or_(
        reviews.c.outcome.in_(BAD),
        and_(reviews.c.outcome.is_(None), reviews.c.status == ReviewStatus.REJECTED),
    )
    was_wrong = or_(
        reviews.c.outcome == ReviewOutcome.LEGITIMATE,
        and_(reviews.c.outcome.is_(None), reviews.c.status == ReviewStatus.ACCEPTED),
    )
    statement = (
        select(
            review_signals.c.code,
            func.count(),
            func.sum(case((was_right, 1), else_=0)),
            func.sum(case((was_wrong, 1), else_=0)),
        )
        .join(reviews, reviews.c.id == review_signals.c.review_id)
        .where(reviews.c.created_at >= since)
        .group_by(review_signals.c.code)
        .order_by(review_signals.c.code)
    )
    return [
        SignalFigures(code, hits, int(right), int(wrong))
        for code, hits, right, wrong in db.execute(statement)
    ]


def _failed_payments(db: Connection, order: Order, since: datetime) -> int:
    """Payments that failed: those of the order, and those of its customer's others since then."""
    theirs = payments.c.order_id == order.id
    if order.customer_id:
        others = select(orders.c.id).where(
            orders.c.customer_id == order.customer_id, orders.c.created_at > since
        )
        theirs = or_(theirs, payments.c.order_id.in_(others))
    statement = select(func.count()).where(theirs, payments.c.failure.is_not(None))
    return db.execute(statement).scalar_one()


def _goods(
    db: Connection, lines: Sequence[OrderLine]
) -> tuple[Sequence[str], Sequence[str], Sequence[str]]:
    """SKUs of the goods, of those without a weight, of those without customs data."""
    ids = [line.variant_id for line in lines if line.variant_id]
    variants = variants_by_ids(db, ids)
    customs = customs_by_variants(db, ids)

    def lacks_customs(id: UUID) -> bool:
        known = customs.get(id)
        return known is None or not (known.hs_code and known.country_of_origin)

    found = [variants[id] for id in dict.fromkeys(ids) if id in variants]
    return (
        [each.sku for each in found],
        [each.sku for each in found if each.weight_g is None],
        [each.sku for each in found if lacks_customs(each.id)],
    )


def _totals(
    db: Connection, order: Order, column: ColumnElement[UUID], key: UUID | None, limit: int
) -> Sequence[int]:
    """What other placed orders with the same `column` came to, in this currency, newest first."""
    if key is None:
        return ()
    statement = (
        select(orders.c.total_minor, orders.c.currency, orders.c.id)
        .where(
            column == key,
            orders.c.status.in_((OrderStatus.OPEN, OrderStatus.CLOSED)),
        )
        .order_by(orders.c.created_at.desc(), orders.c.id.desc())
        .limit(limit + 1)
    )
    return [
        total
        for total, currency, id in db.execute(statement)
        if id != order.id and currency == order.currency
    ][:limit]
