"""What must hold of discount codes, whoever wrote them."""

from sqlalchemy import func, or_, select

from backoffice_api.domain.discounts.tables import discount_codes, discount_uses
from backoffice_api.domain.kernel.checks import Check

_counted = (
    select(discount_uses.c.code_id, func.count().label("uses"))
    .where(discount_uses.c.given_back_at.is_(None))
    .group_by(discount_uses.c.code_id)
    .subquery("counted")
)
_uses = func.coalesce(_counted.c.uses, 0)

CHECKS = (
    Check(
        "DC1",
        "A discount code counts the orders that use it, and no more than may.",
        select(discount_codes.c.id, discount_codes.c.used, _uses.label("uses"))
        .outerjoin(_counted, _counted.c.code_id == discount_codes.c.id)
        .where(or_(discount_codes.c.used != _uses, discount_codes.c.usage_limit < _uses)),
    ),
)
