"""The matrix of a product on the wire."""

import strawberry

from backoffice_api.domain.products import queries
from backoffice_api.domain.products.model.matrix import OptionValues
from backoffice_api.schema.directives import about
from backoffice_api.schema.links import many, one
from backoffice_api.schema.money import UnitPriceInput
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.products import Product, Variant


@strawberry.input(description="The values of one option that there are to be.")
class OptionValuesInput:
    name: str = about("The option, as the product names it.")
    values: list[str] = about("Its values.")

    def value(self) -> OptionValues:
        return OptionValues(self.name, tuple(self.values))


@strawberry.input(description="The variants that a product is to have.")
class ProductVariantsGenerateInput:
    options: list[OptionValuesInput] = about(
        "Each option of the product once; at most 500 combinations of their values."
    )
    sku_pattern: str = about(
        "How SKUs are made, with options in braces: `TEE-{Size}-{Colour}`. Values are put in "
        "capitals, with hyphens for what is no letter or digit."
    )
    prices: list[UnitPriceInput] = about(
        "Prices that each new variant gets, at most one per currency.", default_factory=list
    )


@payload
class ProductVariantsPayload(MutationPayload):
    """What making variants answers."""

    product: Product | None = one(
        queries.products_by_generated, "value", "The product. Null if it was refused."
    )
    variants: list[Variant] = many(
        queries.variants_by_generated,
        "value",
        "The variants that were made, or would be; at most 250. Empty if none was missing.",
    )
