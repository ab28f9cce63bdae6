"""What must be true of stored prices."""

from sqlalchemy import select

from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.pricing.tables import list_prices, price_set_entries, price_sets

_entry, _set, _price = price_set_entries.c, price_sets.c, list_prices.c
_put = (
    select(_price.id)
    .where(
        _price.price_list_id == _entry.price_list_id,
        _price.variant_id == _entry.variant_id,
        _price.minimum_quantity == _entry.minimum_quantity,
        _price.valid_from == _set.activated_at,
    )
    .exists()
)

CHECKS: tuple[Check, ...] = (
    Check(
        "PR1",
        "What a price set that is in force says of a price list stands in the list.",
        select(_entry.id, _entry.price_list_id, _entry.variant_id)
        .join(price_sets, _set.id == _entry.price_set_id)
        .where(_set.status == "active", _entry.price_list_id.is_not(None), ~_put),
    ),
)
