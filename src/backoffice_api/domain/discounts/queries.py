"""What can be asked about discount codes."""

from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.domain.discounts.model import (
    CountedDiscountCode,
    DiscountCode,
    DiscountCodeSortKey,
    UnknownDiscountCode,
    normalised,
)
from backoffice_api.domain.discounts.tables import discount_codes
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.filters import On
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import fetch, one_per, select_as

codes_by_ids = one_per(CountedDiscountCode, discount_codes, discount_codes.c.id)
codes_by_names = one_per(CountedDiscountCode, discount_codes, discount_codes.c.code)

code_list = Listing(
    CountedDiscountCode,
    discount_codes,
    sorts={
        DiscountCodeSortKey.CREATED_AT: discount_codes.c.created_at,
        DiscountCodeSortKey.CODE: discount_codes.c.code,
        DiscountCodeSortKey.USED: discount_codes.c.used,
    },
    words={
        "status": On(discount_codes.c.status),
        "code": On(discount_codes.c.code),
        "channel_id": On(discount_codes.c.channel_id),
        "customer_id": On(discount_codes.c.customer_id),
        "valid_until": On(discount_codes.c.valid_until),
        "created_at": On(discount_codes.c.created_at),
    },
)


def locked_code(db: Connection, id: UUID) -> DiscountCode:
    """The code, which nobody uses or changes until the transaction ends.

    Raises:
        UnknownDiscountCode.
    """
    of = discount_codes.c
    statement = select_as(DiscountCode, discount_codes).where(of.id == id).with_for_update()
    for found in fetch(db, DiscountCode, statement):
        return found
    raise UnknownDiscountCode(ids.text("dsc", id))


def code_named(db: Connection, entered: str) -> CountedDiscountCode:
    """The code as somebody entered it.

    Raises:
        UnknownDiscountCode.
    """
    name = normalised(entered)
    found = codes_by_names(db, [name]).get(name)
    if found is None:
        raise UnknownDiscountCode(entered)
    return found
