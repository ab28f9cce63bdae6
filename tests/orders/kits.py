"""Kits as tests need them."""

from typing import Any
from uuid import UUID

from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.products.commands.kits import SetComponents
from backoffice_api.domain.products.model.kits import Component
from backoffice_api.domain.stock.commands.kits import set_components
from tests.orders.shop import Shop


def set_kit(shop: Shop, kit_id: UUID, *components: tuple[UUID, int], **how: Any) -> Any:
    parts = tuple(Component(id, quantity) for id, quantity in components)
    return shop.world.run(set_components, SetComponents(id=kit_id, components=parts), **how)


def kit(
    shop: Shop, sku: str, *components: tuple[UUID, int], price: UnitPrice | None = None
) -> UUID:
    """A variant that is put together from so many pieces of others."""
    id = shop.variant(sku, price=price)
    set_kit(shop, id, *components)
    return id
