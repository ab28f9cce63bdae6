"""What must be true after erasures: nothing of a person is where it was, and nothing is half done.

The rules that need no person to be known by name; what a value was, nobody knows any more.
"""

from sqlalchemy import exists, func, or_, select

from backoffice_api.domain.customers.model import CustomerStatus
from backoffice_api.domain.customers.tables import addresses, customers, tags, tax_ids
from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.kernel.personal import ERASED
from backoffice_api.domain.orders.model.orders import OrderStatus
from backoffice_api.domain.orders.tables import order_addresses, orders
from backoffice_api.domain.privacy.tables import erased_places, erasures, reach

_OF_ERASED = exists().where(erasures.c.customer_id == customers.c.id)

CHECKS: tuple[Check, ...] = (
    Check(
        "X1",
        "A customer who was erased has no name, no contact and is out of use.",
        select(customers.c.id).where(
            _OF_ERASED,
            or_(
                customers.c.name.not_like(f"{ERASED}%"),
                customers.c.email.is_not(None),
                customers.c.phone.is_not(None),
                customers.c.note.is_not(None),
                customers.c.status != CustomerStatus.ARCHIVED,
            ),
        ),
    ),
    Check(
        "X2",
        "A customer who was erased has no address, no tax id and no tag.",
        select(customers.c.id).where(
            _OF_ERASED,
            or_(
                *(
                    exists().where(each.c.customer_id == customers.c.id)
                    for each in (addresses, tax_ids, tags)
                )
            ),
        ),
    ),
    Check(
        "X3",
        "Once an erasure is complete, no order of the customer from before it has an address.",
        select(orders.c.id)
        .join(erasures, erasures.c.customer_id == orders.c.customer_id)
        .where(
            erasures.c.status == "complete",
            orders.c.created_at < erasures.c.updated_at,
            orders.c.status.in_((OrderStatus.CLOSED, OrderStatus.CANCELLED, OrderStatus.DRAFT)),
            exists().where(
                order_addresses.c.order_id == orders.c.id, order_addresses.c.recipient != ERASED
            ),
        ),
    ),
    Check(
        "X4",
        "Erasures add up: what they did in tables is what they did.",
        select(erasures.c.id)
        .outerjoin(erased_places, erased_places.c.erasure_id == erasures.c.id)
        .group_by(erasures.c.id, erasures.c.rows_emptied, erasures.c.rows_removed)
        .having(
            or_(
                func.coalesce(func.sum(erased_places.c.emptied), 0) != erasures.c.rows_emptied,
                func.coalesce(func.sum(erased_places.c.removed), 0) != erasures.c.rows_removed,
            )
        ),
    ),
    Check(
        "X5",
        "Rows are gathered only while something is done with them, but for held orders.",
        select(reach.c.run_id, reach.c.row_id)
        .outerjoin(erasures, erasures.c.id == reach.c.run_id)
        .where(or_(erasures.c.id.is_(None), reach.c.place != orders.name)),
    ),
)
