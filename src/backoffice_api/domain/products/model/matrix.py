"""The matrix of a product: all combinations of the values of its options."""

from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.errors import Invalid

COMBINATIONS_MAX = 500


@dataclass(frozen=True, slots=True)
class OptionValues:
    """The values of one option that there are to be."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Generated:
    """The product, and the variants that were made."""

    product_id: UUID
    variant_ids: tuple[UUID, ...]


@dataclass(eq=False)
class InvalidSkuPattern(Invalid):
    """The pattern names what is no option, or makes the same SKU of two combinations."""

    part: str
    message = "This makes no SKUs: {part!r:.60}. Put each option's name in braces, as {{Size}}."
