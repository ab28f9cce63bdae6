"""How orders use discount codes: counted with the placing, given back with the calling off.

The count of a code is one guarded UPDATE. Whoever places an order with a code waits for others who
do so, and the limits are read behind that: no two take the last use.
"""

from dataclasses import asdict
from uuid import UUID

from sqlalchemy import bindparam, or_, select, update

from backoffice_api.domain.discounts import queries
from backoffice_api.domain.discounts.model import (
    DiscountCodeGivenBack,
    DiscountCodeUsed,
    DiscountCodeUsedByCustomer,
    DiscountCodeUsedUp,
    DiscountUse,
)
from backoffice_api.domain.discounts.tables import discount_codes, discount_uses
from backoffice_api.domain.kernel.tables import Id
from backoffice_api.domain.kernel.uow import UnitOfWork

_code, _use = discount_codes.c, discount_uses.c
_SHOWN = (_code.version, _code.code, _code.used, _code.once_per_customer)

# Made once: an order with a code runs them.
_TAKE = (
    update(discount_codes)
    .where(
        _code.id == bindparam("taken", type_=Id()),
        or_(_code.usage_limit.is_(None), _code.used < _code.usage_limit),
    )
    .values(used=_code.used + 1)
    .returning(*_SHOWN)
)
_RELEASE = (
    update(discount_codes)
    .where(_code.id == bindparam("released", type_=Id()))
    .values(used=_code.used - 1)
    .returning(*_SHOWN)
)


def take(uow: UnitOfWork, code_id: UUID, order_id: UUID, customer_id: UUID | None) -> None:
    """Count that an order uses a code. Three statements, one less for codes that anybody can use.

    Raises:
        DiscountCodeUsedUp: as many orders use it as may.
        DiscountCodeUsedByCustomer: each customer can use it once, and this one has.
    """
    taken = uow.db.execute(_TAKE, {"taken": code_id}).first()
    if taken is None:
        full = queries.codes_by_ids(uow.db, [code_id])[code_id]
        raise DiscountCodeUsedUp(full.code, full.usage_limit or 0).at("discount_code")
    if taken.once_per_customer and _has_used(uow, code_id, customer_id):
        raise DiscountCodeUsedByCustomer(taken.code).at("discount_code")
    use = DiscountUse(uow.new_id(), code_id, order_id, customer_id, uow.now, None)
    uow.db.execute(discount_uses.insert(), asdict(use))
    uow.emit(DiscountCodeUsed(code_id, taken.version, taken.code, order_id, taken.used))


def give_back(uow: UnitOfWork, order_id: UUID) -> None:
    """Count no longer that an order uses a code, if it does. One statement, two if it does."""
    ended = (
        update(discount_uses)
        .where(_use.order_id == order_id, _use.given_back_at.is_(None))
        .values(given_back_at=uow.now)
        .returning(_use.code_id)
    )
    for code_id in uow.db.execute(ended).scalars().all():
        left = uow.db.execute(_RELEASE, {"released": code_id}).one()
        uow.emit(DiscountCodeGivenBack(code_id, left.version, left.code, order_id, left.used))


def _has_used(uow: UnitOfWork, code_id: UUID, customer_id: UUID | None) -> bool:
    same = _use.code_id == code_id, _use.customer_id == customer_id
    statement = select(_use.id).where(*same, _use.given_back_at.is_(None)).limit(1)
    return uow.db.execute(statement).first() is not None
