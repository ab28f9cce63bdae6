"""Orders of another system, as tests need them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders.commands.history import (
    RecordedIds,
    RecordedLine,
    RecordedOrder,
    record_orders,
)
from backoffice_api.domain.orders.model.lines import LineKind
from tests.orders.shop import Shop
from tests.world import NOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(Command):
    scope = Scope.IMPORTS_WRITE
    orders: tuple[RecordedOrder, ...]


def record_all(uow: UnitOfWork, command: Record) -> Mapping[str, RecordedIds]:
    return record_orders(uow, command.orders)


def charge(**values: Any) -> RecordedLine:
    given = {
        "kind": LineKind.CHARGE,
        "variant_id": None,
        "sku": "POST",
        "title": "POSTAGE",
        "quantity": 1,
        "unit_price": UnitPrice(18_000_000, "EUR"),
    }
    return RecordedLine(**{**given, **values})


def recorded(shop: Shop, number: str, *lines: RecordedLine, **values: Any) -> RecordedOrder:
    given = {
        "channel_id": shop.channel_id,
        "customer_id": None,
        "currency": "EUR",
        "placed_at": NOW.replace(year=2011),
        "external_ids": (),
    }
    return RecordedOrder(number=number, lines=lines or (charge(),), **{**given, **values})


def record(shop: Shop, *orders: RecordedOrder, **how: Any) -> Mapping[str, RecordedIds]:
    found: Mapping[str, RecordedIds] = shop.world.run(
        record_all, Record(orders=orders), **how
    ).value
    return found
