"""What of orders can come back: looked up for any number of orders at once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select

from backoffice_api.domain.catalog.model.categories import ids_on
from backoffice_api.domain.catalog.tables import categories, product_categories
from backoffice_api.domain.fulfillment.model.fulfillments import FulfillmentState
from backoffice_api.domain.fulfillment.queries import fulfillments_by_orders
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.rows import among, fetch, select_as
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.orders.model.orders import Order
from backoffice_api.domain.products.tables import variants
from backoffice_api.domain.returns.model.inspections import ItemCondition
from backoffice_api.domain.returns.model.policies import ReturnPolicy, Rule, Verdict
from backoffice_api.domain.returns.model.returnable import (
    ReturnableLine,
    SentOrder,
    frozen,
    judgement,
    parts_of,
    shipping_left,
)
from backoffice_api.domain.returns.queries import lines_by_orders
from backoffice_api.domain.returns.tables import return_policies

_LEFT = frozenset({FulfillmentState.SHIPPED, FulfillmentState.DELIVERED})


def sent_orders(db: Connection, of: Collection[Order]) -> Mapping[UUID, SentOrder]:
    """What of each order was sent, what returns have of it, and the policies that fit."""
    ids = [order.id for order in of]
    lines = orders.lines_by_orders(db, ids)
    components = orders.components_of(db, [line for id in ids for line in lines.get(id, ())])
    held = lines_by_orders(db, ids)
    moments = _moments(db, of)
    parts = {
        order.id: parts_of(order, lines.get(order.id, ()), components, held.get(order.id, ()))
        for order in of
    }
    wanted = {id: {each.variant_id for each in of_order} for id, of_order in parts.items()}
    policies = policies_for(db, of, wanted)
    return {
        order.id: SentOrder(
            order=order,
            parts=parts[order.id],
            shipping_minor=shipping_left(order, held.get(order.id, ())),
            shipped_at=moments[order.id][0],
            delivered_at=moments[order.id][1],
            policies=policies[order.id],
        )
        for order in of
    }


def returnable_lines(
    db: Connection, order_ids: Iterable[UUID], now: datetime
) -> Mapping[UUID, Sequence[ReturnableLine]]:
    """What can come back of each order now, and what its policies say to it."""
    found = orders.orders_by_ids(db, order_ids)
    answer: dict[UUID, Sequence[ReturnableLine]] = {}
    for id, sent in sent_orders(db, list(found.values())).items():
        lines = []
        for each in sent.parts:
            says = judgement(sent, each.variant_id, ItemCondition.UNKNOWN, now)
            pieces = each.returnable
            if not pieces:
                says = type(says)(Verdict.REFUSED, Rule.NOTHING_LEFT, says.policy_id, says.until)
            worth = frozen(sent, {each.key: pieces}).get(each.key)
            value = Money(worth.total if worth else 0, sent.order.currency)
            lines.append(
                ReturnableLine(
                    each.order_id, each.order_line_id, each.variant_id, pieces, value, says
                )
            )
        answer[id] = lines
    return answer


def policies_for(
    db: Connection, of: Collection[Order], wanted: Mapping[UUID, Collection[UUID]]
) -> Mapping[UUID, Mapping[UUID, ReturnPolicy | None]]:
    """The first policy that fits each variant of each order; None where none does."""
    statement = select_as(ReturnPolicy, return_policies)
    known = fetch(
        db,
        ReturnPolicy,
        statement.order_by(return_policies.c.priority, return_policies.c.code),
    )
    if not known:
        return {order.id: {} for order in of}
    filed = (
        _categories(db, {id for ids in wanted.values() for id in ids})
        if any(each.category_id for each in known)
        else {}
    )
    countries = (
        {id: each.country for id, each in orders.shipping_addresses_by_orders(db, wanted).items()}
        if any(each.countries for each in known)
        else {}
    )
    return {
        order.id: {
            variant_id: next(
                (
                    policy
                    for policy in known
                    if policy.channel_id in (None, order.channel_id)
                    and (not policy.countries or countries.get(order.id) in policy.countries)
                    and (
                        policy.category_id is None
                        or policy.category_id in filed.get(variant_id, ())
                    )
                ),
                None,
            )
            for variant_id in wanted[order.id]
        }
        for order in of
    }


def _categories(db: Connection, variant_ids: Collection[UUID]) -> Mapping[UUID, Collection[UUID]]:
    """The categories that each variant is filed in, with those above them."""
    statement = (
        select(variants.c.id, categories.c.path)
        .join(product_categories, product_categories.c.product_id == variants.c.product_id)
        .join(categories, categories.c.id == product_categories.c.category_id)
        .where(among(variants.c.id, variant_ids))
    )
    found: dict[UUID, set[UUID]] = {}
    for row in db.execute(statement):
        found.setdefault(row[0], set()).update(ids_on(row[1]))
    return found


def _moments(
    db: Connection, of: Collection[Order]
) -> Mapping[UUID, tuple[datetime | None, datetime | None]]:
    """When the last goods of each order left, and when the last were delivered.

    What was completed in another system counts from the day of the order.
    """
    sent = fulfillments_by_orders(db, [order.id for order in of])
    found: dict[UUID, tuple[datetime | None, datetime | None]] = {}
    for order in of:
        left = [each for each in sent.get(order.id, ()) if each.status in _LEFT]
        if not left:
            known = order.dated_at if order.recorded else None
            found[order.id] = (known, known)
            continue
        delivered = [each.delivered_at for each in left if each.delivered_at]
        found[order.id] = (
            max(each.shipped_at for each in left if each.shipped_at),
            max(delivered) if len(delivered) == len(left) else None,
        )
    return found
