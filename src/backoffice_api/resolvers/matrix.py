"""What can be done with the matrix of a product."""

import strawberry

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.products.commands import matrix as on_matrix
from backoffice_api.schema.matrix import ProductVariantsGenerateInput, ProductVariantsPayload
from backoffice_api.schema.mutations import mutation


@strawberry.type
class MatrixMutation:
    @mutation(on_matrix.generate_variants, ProductVariantsPayload)
    def product_variants_generate(
        id: strawberry.ID, input: ProductVariantsGenerateInput
    ) -> on_matrix.GenerateVariants:
        """Make the variants of a product that its options lack. Those that there are stay.

        Try it with `meta.dryRun` first: the answer shows what would be made.
        """
        return on_matrix.GenerateVariants(
            id=ids.parse("prd", id),
            options=tuple(each.value() for each in input.options),
            sku_pattern=input.sku_pattern,
            prices=tuple(each.value() for each in input.prices),
        )
