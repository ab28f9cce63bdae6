"""What must be true of stored products."""

from typing import Any

from sqlalchemy import Select, and_, exists, func, or_, select

from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.products.model import VariantKind
from backoffice_api.domain.products.tables import (
    cost_history,
    costs,
    kit_components,
    price_history,
    prices,
    variants,
)

_last = (
    select(
        price_history.c.variant_id,
        price_history.c.currency,
        func.max(price_history.c.valid_from).label("since"),
    )
    .group_by(price_history.c.variant_id, price_history.c.currency)
    .subquery("last")
)


def _wrong_prices() -> Select[Any]:
    latest = (
        select(price_history.c.variant_id, price_history.c.currency, price_history.c.price_micro)
        .join(
            _last,
            and_(
                _last.c.variant_id == price_history.c.variant_id,
                _last.c.currency == price_history.c.currency,
                _last.c.since == price_history.c.valid_from,
            ),
        )
        .subquery("latest")
    )
    both = prices.join(
        latest,
        and_(latest.c.variant_id == prices.c.variant_id, latest.c.currency == prices.c.currency),
        full=True,
    )
    return (
        select(
            prices.c.variant_id,
            latest.c.variant_id.label("noted_of"),
            prices.c.price_micro,
            latest.c.price_micro.label("noted"),
        )
        .select_from(both)
        .where(func.coalesce(prices.c.price_micro, -1) != func.coalesce(latest.c.price_micro, -1))
    )


CHECKS: tuple[Check, ...] = (
    Check(
        "S9",
        "A kit has components, and nothing else has.",
        select(variants.c.id, variants.c.sku, variants.c.kind).where(
            (variants.c.kind == VariantKind.KIT)
            != exists().where(kit_components.c.kit_id == variants.c.id)
        ),
    ),
    Check(
        "CAT-06",
        "The cost of a variant is the one that its history ends with.",
        select(variants.c.id, variants.c.sku, costs.c.cost_micro, cost_history.c.cost_micro)
        .outerjoin(costs, costs.c.variant_id == variants.c.id)
        .outerjoin(
            cost_history,
            and_(cost_history.c.variant_id == variants.c.id, cost_history.c.valid_to.is_(None)),
        )
        .where(
            or_(
                func.coalesce(costs.c.cost_micro, -1)
                != func.coalesce(cost_history.c.cost_micro, -1),
                func.coalesce(costs.c.currency, "") != func.coalesce(cost_history.c.currency, ""),
            )
        ),
    ),
    Check(
        "CAT-05",
        "The price of a variant is the one that its history ends with.",
        _wrong_prices(),
    ),
)
