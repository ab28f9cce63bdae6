"""What can be done with kits."""

import strawberry

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.products.commands.kits import SetComponents
from backoffice_api.domain.stock.commands import kits as on_kits
from backoffice_api.schema.kits import VariantSetComponentsInput
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.products import VariantPayload


@strawberry.type
class KitMutation:
    @mutation(on_kits.set_components, VariantPayload)
    def variant_set_components(
        id: strawberry.ID, input: VariantSetComponentsInput
    ) -> SetComponents:
        """Make a variant a kit of others, or say that it is none any more.

        A kit has no stock of its own: whoever orders it is promised its components. Lines of
        orders keep what they were made of.
        """
        return SetComponents(
            id=ids.parse("sku", id),
            components=tuple(each.value() for each in input.components),
        )
