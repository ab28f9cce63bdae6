"""Kits: variants that are sold as one thing and put together from pieces of others.

A kit has no stock of its own. How many there are follows from its components, and whoever promises
a kit promises them. A component is kept in stock itself: a kit is no part of a kit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.errors import Faults, Invalid, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.texts import Duplicate, check_range, check_size
from backoffice_api.domain.products.model import PACK_QUANTITY_MAX, ProductStatus

COMPONENTS_MAX = 50


@dataclass(frozen=True, slots=True)
class Component:
    """`quantity` pieces of a variant are in one kit."""

    variant_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class KitComponent:
    """What one kit holds of a variant, and what is known of that variant."""

    kit_id: UUID
    component_id: UUID
    position: int
    quantity: int
    sku: str
    status: ProductStatus


@dataclass(frozen=True, slots=True)
class Kit:
    """What a kit is made of, as the log tells it: SKUs with the pieces of each."""

    components: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class ComponentsSet(Event):
    type = "variant.components_set"
    subject = "sku"
    summary = "Variant {sku} is made of {components} components."
    id: UUID
    version: int
    sku: str
    components: int


@dataclass(eq=False)
class NestedKit(Refused):
    """A kit cannot be part of a kit, nor can a part of one become a kit."""

    sku: str
    message = "{sku!r:.90} is a kit, or is part of one: kits are not nested."


@dataclass(eq=False)
class KeptInStock(Refused):
    """The variant is kept in stock, or was: it cannot become a kit, which has none of its own."""

    sku: str
    message = "{sku!r:.90} has stock of its own; make a new variant to be the kit."


@dataclass(eq=False)
class ItsOwnComponent(Invalid):
    """A kit is named as a component of itself."""

    message = "A kit cannot be part of itself."


def check_components(faults: Faults, kit_id: UUID, components: Sequence[Component]) -> None:
    """Note what is wrong with the components of a kit, taken by themselves."""
    check_size(components, faults, "components", maximum=COMPONENTS_MAX)
    seen: set[UUID] = set()
    for position, each in enumerate(components):
        here = ("components", position)
        check_range(each.quantity, faults, *here, "quantity", minimum=1, maximum=PACK_QUANTITY_MAX)
        if each.variant_id == kit_id:
            faults.add(ItsOwnComponent().at(*here, "variant_id"))
        if each.variant_id in seen:
            faults.add(Duplicate(str(each.variant_id)).at(*here, "variant_id"))
        seen.add(each.variant_id)
