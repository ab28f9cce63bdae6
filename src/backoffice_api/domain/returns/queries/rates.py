"""How often things come back: counted anew whenever somebody asks."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, case, func, select

from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.orders.tables import order_lines, orders
from backoffice_api.domain.products.tables import variants
from backoffice_api.domain.purchasing.tables.suppliers import supplier_items
from backoffice_api.domain.returns.model.rates import (
    RATES_MAX,
    RateBy,
    ReturnRate,
    ReturnScore,
    StrainFacts,
    score_of,
)
from backoffice_api.domain.returns.model.reasons import RootCause
from backoffice_api.domain.returns.model.returns import ReturnKind
from backoffice_api.domain.returns.tables import return_lines, return_reasons, returns

_sold, _back = order_lines.c, return_lines.c
_came_back = _back.received - _back.missing - _back.sent_back


def rates(db: Connection, by: RateBy, since: datetime, until: datetime) -> Sequence[ReturnRate]:
    """Of what was ordered from `since` up to `until` and sent, how much came back up to now.

    Those of which most came back come first, at most `RATES_MAX`. What came back without an order
    that is known counts nowhere.
    """
    window = (orders.c.placed_at >= since, orders.c.placed_at < until, _sold.shipped > 0)
    if by in (RateBy.REASON, RateBy.ROOT_CAUSE):
        return _by_reason(db, by, window)
    joined = order_lines.join(orders, orders.c.id == _sold.order_id)
    key: ColumnElement[Any] = _sold.variant_id
    match by:
        case RateBy.PRODUCT:
            joined = joined.join(variants, variants.c.id == _sold.variant_id)
            key = variants.c.product_id
        case RateBy.SUPPLIER:
            preferred = (
                supplier_items.c.variant_id == _sold.variant_id
            ) & supplier_items.c.is_preferred
            joined = joined.outerjoin(supplier_items, preferred)
            key = supplier_items.c.supplier_id
        case RateBy.CHANNEL:
            key = orders.c.channel_id
        case _:
            pass
    shipped, returned = func.sum(_sold.shipped), func.sum(_sold.returned)
    statement = (
        select(key, shipped, returned)
        .select_from(joined)
        .where(*window)
        .group_by(key)
        .order_by(returned.desc(), shipped.desc(), key)
        .limit(RATES_MAX)
    )
    return [
        ReturnRate(int(sent), int(back), **{f"{by.value}_id": id})
        for id, sent, back in db.execute(statement)
    ]


def _by_reason(
    db: Connection, by: RateBy, window: tuple[ColumnElement[bool], ...]
) -> Sequence[ReturnRate]:
    sold = order_lines.join(orders, orders.c.id == _sold.order_id)
    all_of_it = select(func.coalesce(func.sum(_sold.shipped), 0)).select_from(sold).where(*window)
    shipped = int(db.execute(all_of_it).scalar_one())
    key = _back.reason_id if by is RateBy.REASON else return_reasons.c.root_cause
    returned = func.sum(_came_back)
    statement = (
        select(key, returned)
        .select_from(
            return_lines.join(order_lines, _sold.id == _back.order_line_id)
            .join(orders, orders.c.id == _sold.order_id)
            .outerjoin(return_reasons, return_reasons.c.id == _back.reason_id)
        )
        .where(*window)
        .group_by(key)
        .having(returned > 0)
        .order_by(returned.desc(), key)
        .limit(RATES_MAX)
    )
    found = [(value, int(back)) for value, back in db.execute(statement)]
    if by is RateBy.REASON:
        return [ReturnRate(shipped, back, reason_id=id) for id, back in found]
    return [
        ReturnRate(shipped, back, root_cause=RootCause(cause) if cause else None)
        for cause, back in found
    ]


def rates_by_customers(db: Connection, keys: Iterable[UUID]) -> Mapping[UUID, ReturnRate]:
    """How much of what each customer was ever sent came back. It lacks those sent nothing."""
    statement = (
        select(orders.c.customer_id, func.sum(_sold.shipped), func.sum(_sold.returned))
        .join(order_lines, _sold.order_id == orders.c.id)
        .where(among(orders.c.customer_id, tuple(keys)), _sold.shipped > 0)
        .group_by(orders.c.customer_id)
    )
    return {id: ReturnRate(int(sent), int(back)) for id, sent, back in db.execute(statement)}


def scores_by_customers(db: Connection, keys: Iterable[UUID]) -> Mapping[UUID, ReturnScore]:
    """How much of a strain the returns of customers are, over all that is on record of them."""
    wanted = tuple(keys)
    sent = (
        select(orders.c.customer_id, func.sum(_sold.shipped))
        .join(order_lines, _sold.order_id == orders.c.id)
        .where(among(orders.c.customer_id, wanted))
        .group_by(orders.c.customer_id)
    )
    shipped = {id: int(pieces) for id, pieces in db.execute(sent)}
    facts = {id: pieces for id, *pieces in db.execute(_strain(wanted))}
    return {
        id: score_of(StrainFacts(shipped.get(id, 0), *map(int, facts.get(id, ())))) for id in wanted
    }


def _strain(customer_ids: Sequence[UUID]) -> Select[Any]:
    """What came back, was rejected, was missing; claims and pretences. In the order of facts."""

    def lines(is_so: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((is_so, 1), else_=0))

    return (
        select(
            returns.c.customer_id,
            func.sum(_came_back),
            func.sum(_back.received),
            func.sum(_back.rejected),
            func.sum(_back.missing),
            lines(returns.c.kind == ReturnKind.CLAIM),
            lines(func.coalesce(return_reasons.c.root_cause == RootCause.FRAUD, False)),
        )
        .join(return_lines, _back.return_id == returns.c.id)
        .outerjoin(return_reasons, return_reasons.c.id == _back.reason_id)
        .where(among(returns.c.customer_id, customer_ids))
        .group_by(returns.c.customer_id)
    )
