"""What a code means that somebody scans while picking and packing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.domain.fulfillment.model.fulfillments import Fulfillment
from backoffice_api.domain.fulfillment.queries import (
    fulfillments_by_ids,
    fulfillments_by_numbers,
)
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.gs1 import Gs1Message, InvalidGs1, parse
from backoffice_api.domain.kernel.gtin import InvalidGtin, normal
from backoffice_api.domain.kernel.texts import storable
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.model import Variant


@dataclass(frozen=True, slots=True)
class Item:
    """A variant that a code names, the pieces that one scan stands for, and the lot it says."""

    variant: Variant
    pieces: int
    lot: str | None = None


def item_by_code(db: Connection, text: str) -> Item | None:
    """By barcode, else by SKU, else by our id. None: it names no variant. At most 3 statements."""
    code = storable(text).strip()
    message = _message(code)
    gtin = message.gtin if message else _gtin(code)
    lot = (message.serial or message.lot) if message else None
    packs = products.packs_by_keys(db, [code, *([gtin] if gtin else [])])
    if pack := next(iter(packs.values()), None):
        count = (message.count if message else None) or 1
        variant = products.variants_by_ids(db, [pack.variant_id])[pack.variant_id]
        return Item(variant, pack.pack_quantity * count, lot)
    if found := products.variants_by_skus(db, [code]).get(code):
        return Item(found, 1)
    id = _own(code)
    known = products.variants_by_ids(db, [id]).get(id) if id else None
    return Item(known, 1) if known else None


def fulfillments_by_names(
    db: Connection, names: Collection[str]
) -> Mapping[str, Sequence[Fulfillment]]:
    """The fulfillments of each name, an id or a number; of a number there may be several.

    Two statements.
    """
    own = {name: parts[1] for name in names if (parts := ids.split(name)) and parts[0] == "ful"}
    by_id = fulfillments_by_ids(db, own.values())
    by_number = fulfillments_by_numbers(db, set(names) - set(own))
    return {**by_number, **{name: [by_id[id]] for name, id in own.items() if id in by_id}}


def _own(code: str) -> UUID | None:
    parts = ids.split(code)
    return parts[1] if parts and parts[0] == "sku" else None


def _message(code: str) -> Gs1Message | None:
    if _gtin(code):
        return None
    try:
        return parse(code)
    except InvalidGs1:
        return None


def _gtin(code: str) -> str | None:
    try:
        return normal(code)
    except InvalidGtin:
        return None
