"""Merging variants, on the wire."""

import strawberry

from backoffice_api.domain.products import queries
from backoffice_api.domain.products.model.merging import MergeBlock, MergeBlocked
from backoffice_api.schema.directives import about
from backoffice_api.schema.enums import choice
from backoffice_api.schema.links import attach, one
from backoffice_api.schema.payloads import UserError, error
from backoffice_api.schema.products import Variant

choice(MergeBlock)

attach(
    Variant,
    "merged_into",
    Variant | None,
    one(
        queries.variants_by_ids,
        "merged_into_id",
        "What it was merged into, and is no more itself. Null if it was not.",
    ),
)


@strawberry.input(description="Which variant stays.")
class VariantMergeInput:
    into_id: strawberry.ID = about("The variant that takes over stock, barcodes and external ids.")


@error(MergeBlocked)
class MergeBlockedError(UserError):
    """Something stands in the way of merging."""

    block: MergeBlock = about("What it is.")
