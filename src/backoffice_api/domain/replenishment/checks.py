"""What must be true of stored rules of replenishment."""

from sqlalchemy import and_, or_, select

from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.replenishment.model import ReplenishmentMethod
from backoffice_api.domain.replenishment.tables import rules, targets

CHECKS: tuple[Check, ...] = (
    Check(
        "R10",
        "Every rule of replenishment was measured, and what it gives is kept.",
        select(
            rules.c.id,
            rules.c.method,
            rules.c.minimum,
            rules.c.maximum,
            rules.c.reorder_point.label("given"),
            targets.c.reorder_point,
            targets.c.order_up_to,
        )
        .select_from(rules.outerjoin(targets, targets.c.rule_id == rules.c.id))
        .where(
            or_(
                targets.c.rule_id.is_(None),
                and_(
                    rules.c.method == ReplenishmentMethod.MIN_MAX,
                    or_(
                        targets.c.reorder_point != rules.c.minimum,
                        targets.c.order_up_to != rules.c.maximum,
                    ),
                ),
                and_(
                    rules.c.method == ReplenishmentMethod.REORDER_POINT,
                    rules.c.reorder_point != targets.c.reorder_point,
                ),
            )
        ),
    ),
)
