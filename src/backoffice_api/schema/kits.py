"""Kits on the wire: what a variant is put together from."""

import strawberry

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.products import queries
from backoffice_api.domain.products.model.kits import Component
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.products import Variant


@described
class KitComponent:
    """What one kit holds of a variant."""

    quantity: int = about("Pieces of it in one kit.")
    variant: Variant = one(queries.variants_by_ids, "component_id", "What is in the kit.")


attach(
    Variant,
    "components",
    list[KitComponent],
    many(
        queries.components_by_kits,
        "id",
        "What one kit is put together from, at most 50. Empty if it is no kit.",
    ),
)


@strawberry.input(description="So many pieces of a variant in one kit.")
class KitComponentInput:
    variant_id: strawberry.ID = about("What is in the kit; no kit itself.")
    quantity: int = about("Pieces of it in one kit, 1 to 1,000,000.", default=1)

    def value(self) -> Component:
        """Raises: MalformedId."""
        return Component(ids.parse("sku", self.variant_id), self.quantity)


@strawberry.input(description="What a variant is put together from.")
class VariantSetComponentsInput:
    components: list[KitComponentInput] = about(
        "At most 50, in place of those it had. None: it is no kit any more."
    )
