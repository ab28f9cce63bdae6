"""Merging: of two variants that are the same thing, one stays."""

from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Refused
from backoffice_api.domain.kernel.events import Event


class MergeBlock(Choice):
    """What stands in the way of merging a variant into another one."""

    KIT = "kit", "One of them is a kit, or part of one."
    RESERVED = "reserved", "Pieces of it are promised."
    IN_TRANSIT = "in_transit", "Pieces of it are on their way between two locations."
    BELOW_ZERO = "below_zero", "There are fewer than no pieces of it somewhere."
    TRACKED = "tracked", "Pieces of one of them are told apart by lots or serial numbers."


@dataclass(frozen=True, slots=True)
class VariantMerged(Event):
    """What named it still does; what is there of it is there of the other one now."""

    type = "variant.merged"
    subject = "sku"
    summary = "Variant {sku} was merged into {into_sku}."
    id: UUID
    version: int
    sku: str
    into_id: UUID
    into_sku: str
    pieces: int
    barcodes: int
    external_ids: int


@dataclass(frozen=True, slots=True)
class VariantAbsorbed(Event):
    type = "variant.absorbed"
    subject = "sku"
    summary = "Variant {merged_sku} was merged into {sku}."
    id: UUID
    version: int
    sku: str
    merged_id: UUID
    merged_sku: str


@dataclass(eq=False)
class MergeIntoItself(Invalid):
    """A variant is merged into another one."""

    message = "A variant cannot be merged into itself."


@dataclass(eq=False)
class MergeBlocked(Refused):
    """Something stands in the way; `block` says what. Put it in order and try again."""

    sku: str
    block: MergeBlock
    message = "{sku!r:.90} cannot be merged: {block.description}"


@dataclass(eq=False)
class MergedAway(Refused):
    """The variant was merged into another one; it is not taken into use again."""

    sku: str
    message = "{sku!r:.90} was merged into another variant."
