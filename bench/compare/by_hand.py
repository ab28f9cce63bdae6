"""The answers of `raw`, read and put together by hand: one statement for each kind of row."""

from base64 import urlsafe_b64encode
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from backoffice_api.domain.orders.model.orders import DERIVED, MACHINE, OrderStatus, blocks
from backoffice_api.domain.orders.model.payments import PaymentStatus

Row = tuple[Any, ...]
Ask = Callable[..., Sequence[Row]]
Answer = Mapping[str, Any]

_PAGE = 50

_NEWEST = """SELECT id, number, status, placed_at, total_minor, currency, customer_id
FROM orders ORDER BY created_at DESC, id DESC LIMIT %s"""
_CUSTOMERS = "SELECT id, name, country FROM customers WHERE id = ANY(%s::uuid[])"
_LINES_OF_MANY = """SELECT order_id, id, quantity, unit_price_micro, currency, variant_id FROM (
  SELECT order_id, id, quantity, unit_price_micro, currency, variant_id,
    row_number() OVER (PARTITION BY order_id ORDER BY position, id) AS number
  FROM order_lines WHERE order_id = ANY(%s::uuid[])
) AS numbered WHERE number <= 10 ORDER BY number"""
_VARIANTS = """SELECT id, sku, option_values, weight_g, product_id FROM variants
WHERE id = ANY(%s::uuid[])"""
_PRODUCTS = "SELECT id, title, brand FROM products WHERE id = ANY(%s::uuid[])"

_ORDER = """SELECT version, created_at, updated_at, number, recorded, status, fulfillment_status,
  has_hold, placed_at, closed_at, cancelled_at, reserved_until, email, phone, note, currency,
  tax_included, unshipped, channel_id, customer_id,
  subtotal_minor, discount_minor, shipping_minor, tax_minor, total_minor,
  current_subtotal_minor, current_discount_minor, current_shipping_minor, current_tax_minor,
  current_total_minor, payment_status, authorized_minor, refunding_minor, written_off_minor,
  current_total_minor - allowance_minor - captured_minor + refunded_minor
FROM orders WHERE id = ANY(%s::uuid[])"""
_CHANNEL = "SELECT id, code, name FROM channels WHERE id = ANY(%s::uuid[])"
_CUSTOMER = "SELECT id, name, email, country FROM customers WHERE id = ANY(%s::uuid[])"
_TAGS = "SELECT tag FROM customer_tags WHERE customer_id = ANY(%s::uuid[]) ORDER BY tag"
_EXTERNAL_IDS = """SELECT system, key FROM external_ids
WHERE subject_id = ANY(%s::uuid[]) ORDER BY system, key"""
_DISCOUNTS = """SELECT label, code, amount_minor, currency FROM order_discounts
WHERE order_id = ANY(%s::uuid[]) ORDER BY position"""
_ADDRESS = """SELECT recipient, lines, district, city, region, postal_code, country
FROM order_addresses WHERE order_id = ANY(%s::uuid[]) AND kind = %s"""
_HOLDS = """SELECT id, kind, note, placed_at FROM order_holds
WHERE order_id = ANY(%s::uuid[]) AND released_at IS NULL ORDER BY placed_at, id"""
_LINES = """SELECT id, position, kind, sku, title, quantity, cancelled, shipped, returned,
  unit_price_micro, currency, subtotal_minor, discount_minor, tax_minor, variant_id
FROM order_lines WHERE order_id = ANY(%s::uuid[]) ORDER BY position, id LIMIT 50"""
_BARCODES = """SELECT variant_id, code, kind FROM barcodes
WHERE variant_id = ANY(%s::uuid[]) ORDER BY code"""
_EVENTS = """SELECT id, type, occurred_at, command, actor_kind, changes FROM events
WHERE subject_id = ANY(%s::uuid[]) ORDER BY sequence DESC, id DESC LIMIT 20"""

_NEWEST_VARIANTS = """SELECT id, sku, option_values FROM variants
ORDER BY created_at DESC, id DESC LIMIT %s"""
_POSITIONS = """SELECT variant_id, sum(on_hand), sum(reserved), sum(available) FROM stock_levels
WHERE variant_id = ANY(%s::uuid[]) GROUP BY variant_id"""
_LEVELS = """SELECT variant_id, id, on_hand, reserved, available, location_id FROM (
  SELECT variant_id, id, on_hand, reserved, available, location_id,
    row_number() OVER (PARTITION BY variant_id ORDER BY created_at DESC, id DESC) AS number
  FROM stock_levels WHERE variant_id = ANY(%s::uuid[])
) AS numbered WHERE number <= 10 ORDER BY number"""
_LOCATIONS = "SELECT id, code, name FROM stock_locations WHERE id = ANY(%s::uuid[])"

_ADDRESS_FIELDS = ("recipient", "lines", "district", "city", "region", "postalCode", "country")


def newest_orders(ask: Ask) -> Answer:
    orders = ask(_NEWEST, _PAGE + 1)
    shown = orders[:_PAGE]
    customers = {
        id: {"id": f"cus_{id.hex()}", "name": name, "country": country}
        for id, name, country in ask(_CUSTOMERS, _ids(row[6] for row in shown))
    }
    rows = ask(_LINES_OF_MANY, _ids(row[0] for row in shown))
    variant_rows = ask(_VARIANTS, _ids(row[5] for row in rows))
    products = _products(ask, (row[4] for row in variant_rows))
    variants = {
        id: {
            "id": f"sku_{id.hex()}",
            "sku": sku,
            "title": " / ".join(options),
            "product": products[product_id],
        }
        for id, sku, options, _, product_id in variant_rows
    }
    lines = defaultdict(list)
    for order_id, id, quantity, price, currency, variant_id in rows:
        lines[order_id].append(
            {
                "id": f"oln_{id.hex()}",
                "quantity": quantity,
                "unitPrice": _price(price, currency),
                "variant": variants.get(variant_id),
            }
        )
    nodes = [
        {
            "id": f"ord_{id.hex()}",
            "number": number,
            "status": status.upper(),
            "placedAt": placed_at,
            "total": _money(total, currency),
            "customer": customers.get(customer_id),
            "lines": {"nodes": lines[id]},
        }
        for id, number, status, placed_at, total, currency, customer_id in shown
    ]
    return {"orders": {"nodes": nodes, "pageInfo": _page_info(orders)}}


def one_order(ask: Ask, id: str) -> Answer:
    key = "{" + id.removeprefix("ord_") + "}"
    (row,) = ask(_ORDER, key)
    created_at, updated_at, number, recorded, status, fulfillment_status, has_hold = row[1:8]
    placed_at, closed_at, cancelled_at, reserved_until, email, phone, note = row[8:15]
    currency, tax_included, unshipped, channel_id, customer_id = row[15:20]
    stands = OrderStatus(status)
    payment_status, authorized, refunding, written_off, outstanding = row[30:35]
    facts = SimpleNamespace(
        status=stands,
        unshipped=unshipped,
        has_hold=has_hold,
        uncancel_until=None,
        currency=currency,
        payment_status=PaymentStatus(payment_status),
        outstanding_minor=outstanding,
        refunding_minor=refunding,
        authorized_minor=authorized,
        authorized=None,
        written_off_minor=written_off,
        written_off=None,
    )
    blocked = blocks(facts)  # type: ignore[arg-type]
    actions = [each for each in MACHINE.actions(stands, blocked) if each.name not in DERIVED]
    ((_, channel_code, channel_name),) = ask(_CHANNEL, _ids([channel_id]))
    found = {
        "id": id,
        "version": row[0],
        "createdAt": created_at,
        "updatedAt": updated_at,
        "number": number,
        "recorded": recorded,
        "status": status.upper(),
        "fulfillmentStatus": fulfillment_status.upper(),
        "hasHold": has_hold,
        "placedAt": placed_at,
        "closedAt": closed_at,
        "cancelledAt": cancelled_at,
        "reservedUntil": reserved_until,
        "email": email,
        "phone": phone,
        "note": note,
        "currency": currency,
        "taxIncluded": tax_included,
        "total": {**_money(row[24], currency), "minorUnits": str(row[24])},
        "ordered": _amounts(row[20:25], currency),
        "current": _amounts(row[25:30], currency),
        "actions": [
            {"name": each.name, "allowed": each.allowed, "blockedBy": each.blocked_by}
            for each in actions
        ],
        "channel": {
            "id": f"chn_{channel_id.hex()}",
            "code": channel_code,
            "name": channel_name,
        },
        "customer": _customer(ask, customer_id) if customer_id else None,
        "discounts": [
            {"label": label, "code": code, "amount": _money(amount, of)}
            for label, code, amount, of in ask(_DISCOUNTS, key)
        ],
        "shippingAddress": _address(ask, key, "shipping"),
        "billingAddress": _address(ask, key, "billing"),
        "holds": [
            {"id": f"hld_{id.hex()}", "kind": kind.upper(), "note": note, "placedAt": placed_at}
            for id, kind, note, placed_at in ask(_HOLDS, key)
        ],
        "externalIds": _external_ids(ask, key),
        "lines": {"nodes": _lines(ask, key)},
        "timeline": {"nodes": [_event(*event) for event in ask(_EVENTS, key)]},
    }
    return {"order": found}


def stock(ask: Ask) -> Answer:
    variants = ask(_NEWEST_VARIANTS, _PAGE + 1)
    shown = variants[:_PAGE]
    keys = _ids(row[0] for row in shown)
    sums = {id: tuple(map(int, found)) for id, *found in ask(_POSITIONS, keys)}
    rows = ask(_LEVELS, keys)
    locations = {
        id: {"id": f"loc_{id.hex()}", "code": code, "name": name}
        for id, code, name in ask(_LOCATIONS, _ids(row[5] for row in rows))
    }
    levels = defaultdict(list)
    for variant_id, id, on_hand, reserved, available, location_id in rows:
        levels[variant_id].append(
            {
                "id": f"lvl_{id.hex()}",
                "onHand": on_hand,
                "reserved": reserved,
                "available": available,
                "location": locations[location_id],
            }
        )
    nodes = []
    for id, sku, options in shown:
        on_hand, reserved, available = sums.get(id, (0, 0, 0))
        position = {
            "onHand": on_hand,
            "reserved": reserved,
            "available": available,
            "byLocation": {"nodes": levels[id]},
        }
        title = " / ".join(options)
        nodes.append({"id": f"sku_{id.hex()}", "sku": sku, "title": title, "stock": position})
    return {"variants": {"nodes": nodes, "pageInfo": _page_info(variants)}}


def _customer(ask: Ask, id: bytes) -> Answer:
    key = _ids([id])
    ((_, name, email, country),) = ask(_CUSTOMER, key)
    return {
        "id": f"cus_{id.hex()}",
        "name": name,
        "email": email,
        "country": country,
        "tags": [tag for (tag,) in ask(_TAGS, key)],
        "externalIds": _external_ids(ask, key),
    }


def _external_ids(ask: Ask, key: str) -> Sequence[Answer]:
    return [{"system": system, "key": known} for system, known in ask(_EXTERNAL_IDS, key)]


def _address(ask: Ask, key: str, kind: str) -> Answer | None:
    found = ask(_ADDRESS, key, kind)
    return dict(zip(_ADDRESS_FIELDS, found[0], strict=True)) if found else None


def _lines(ask: Ask, key: str) -> Sequence[Answer]:
    rows = ask(_LINES, key)
    ids = _ids(row[14] for row in rows)
    variant_rows = ask(_VARIANTS, ids)
    barcodes = defaultdict(list)
    for variant_id, code, kind in ask(_BARCODES, ids):
        barcodes[variant_id].append({"code": code, "kind": kind.upper()})
    products = _products(ask, (row[4] for row in variant_rows))
    variants = {
        id: {
            "id": f"sku_{id.hex()}",
            "sku": sku,
            "title": " / ".join(options),
            "weightG": weight_g,
            "barcodes": barcodes[id],
            "product": products[product_id],
        }
        for id, sku, options, weight_g, product_id in variant_rows
    }
    return [
        {
            "id": f"oln_{row[0].hex()}",
            "position": row[1],
            "kind": row[2].upper(),
            "sku": row[3],
            "title": row[4],
            "quantity": row[5],
            "cancelled": row[6],
            "shipped": row[7],
            "returned": row[8],
            "unitPrice": _price(row[9], row[10]),
            "ordered": {
                "subtotal": {"amount": _decimal(row[11])},
                "discount": {"amount": _decimal(row[12])},
                "tax": {"amount": _decimal(row[13])},
            },
            "variant": variants.get(row[14]),
        }
        for row in rows
    ]


def _products(ask: Ask, ids: Iterable[bytes]) -> Mapping[bytes, Answer]:
    return {
        id: {"id": f"prd_{id.hex()}", "title": title, "brand": brand}
        for id, title, brand in ask(_PRODUCTS, _ids(ids))
    }


def _event(
    id: bytes, type: str, occurred_at: Any, command: str, actor_kind: str, changes: Any
) -> Answer:
    return {
        "id": f"evt_{id.hex()}",
        "type": type,
        "occurredAt": occurred_at,
        "command": command,
        "actor": {"kind": actor_kind.upper(), "id": None},  # the seed acts as the system
        "changes": changes,
    }


def _amounts(minor: Sequence[int], currency: str) -> Answer:
    names = ("subtotal", "discount", "shipping", "tax", "total")
    return {name: _money(each, currency) for name, each in zip(names, minor, strict=True)}


def _money(minor: int, currency: str) -> Answer:
    return {"amount": _decimal(minor), "currency": currency}


def _decimal(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"


def _price(micro: int, currency: str) -> Answer:
    whole, rest = divmod(micro, 1_000_000)
    return {"amount": f"{whole}.{f'{rest:06}'.rstrip('0'):0<2}", "currency": currency}


def _page_info(rows: Sequence[Row]) -> Answer:
    cursor = urlsafe_b64encode(rows[:_PAGE][-1][0]).decode()
    return {"hasNextPage": len(rows) > _PAGE, "endCursor": cursor}


def _ids(raw: Iterable[bytes | None]) -> str:
    """Keys as PostgreSQL reads an array, each once: less work than objects that say the same."""
    return "{" + ",".join([each.hex() for each in dict.fromkeys(raw) if each]) + "}"
