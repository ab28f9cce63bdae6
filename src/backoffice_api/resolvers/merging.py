"""What can be done with variants that are the same thing."""

import strawberry

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.products.commands.merging import MergeVariant
from backoffice_api.domain.stock.commands import merging as on_merging
from backoffice_api.schema.merging import VariantMergeInput
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.products import VariantPayload


@strawberry.type
class MergingMutation:
    @mutation(on_merging.merge_variant, VariantPayload)
    def variant_merge(id: strawberry.ID, input: VariantMergeInput) -> MergeVariant:
        """Let another variant take the place of this one, which is archived for good.

        Its stock is moved by movements, its barcodes and external ids lead to the other one.
        Movements and lines of orders that name it stay as they are.
        """
        return MergeVariant(id=ids.parse("sku", id), into_id=ids.parse("sku", input.into_id))
