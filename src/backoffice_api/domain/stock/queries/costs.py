"""What can be asked about costs. Only who may see costs may ask."""

from backoffice_api.domain.kernel.rows import one_per
from backoffice_api.domain.stock.model.costs import CostEntry, CostKind, VariantCost
from backoffice_api.domain.stock.tables import cost_entries, costs

costs_by_variants = one_per(VariantCost, costs, costs.c.variant_id)

# What came in or left with a movement; a variance says nothing of its own pieces.
entries_by_movements = one_per(
    CostEntry,
    cost_entries,
    cost_entries.c.movement_id,
    cost_entries.c.kind.in_([CostKind.ENTRY, CostKind.EXIT]),
)
