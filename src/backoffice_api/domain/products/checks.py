"""What must be true of stored products."""

from sqlalchemy import exists, select

from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.products.model import VariantKind
from backoffice_api.domain.products.tables import kit_components, variants

CHECKS: tuple[Check, ...] = (
    Check(
        "S9",
        "A kit has components, and nothing else has.",
        select(variants.c.id, variants.c.sku, variants.c.kind).where(
            (variants.c.kind == VariantKind.KIT)
            != exists().where(kit_components.c.kit_id == variants.c.id)
        ),
    ),
)
