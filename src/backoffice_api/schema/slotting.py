"""Putting away, pick faces, and how much locations hold, on the wire."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from backoffice_api.domain.catalog import queries as catalog
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.slotting import model, queries
from backoffice_api.domain.slotting.model import (
    PRIORITY_DEFAULT,
    PickFaceSortKey,
    PutawayRuleSortKey,
)
from backoffice_api.domain.stock import queries as stock
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.capacity import CapacityPolicy
from backoffice_api.domain.stock.model.lots import Tracking
from backoffice_api.domain.stock.queries.capacity import (
    capacities_by_locations,
    fills_by_locations,
)
from backoffice_api.schema.aggregates import HasTimeline
from backoffice_api.schema.catalog import Category
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import IdFilter, SortDirection, filter_input
from backoffice_api.schema.links import attach, one
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.products import Product, Variant
from backoffice_api.schema.stock import READ, Location

for _choices in (CapacityPolicy, PickFaceSortKey, PutawayRuleSortKey):
    choice(_choices)


@described
class LocationCapacity:
    """How much a location holds. Null: as much as one likes, by this measure."""

    pieces_max: int | None = about("Pieces.")
    volume_max_cm3: int | None = about("Volume in cubic centimetres.")
    weight_max_g: int | None = about("Weight in grams.")
    policy: CapacityPolicy = about("What happens where more is put there than fits.")
    updated_at: datetime = about("When that was said.")


@described
class LocationFill:
    """What lies at a location, and not at its parts. What has no sizes or weight takes no room."""

    pieces: int = about("Pieces, in whatever condition.")

    volume_litres: int = about("Volume in litres, rounded up.")
    weight_kg: int = about("Weight in kilograms, rounded up.")


@node("pwr", model.PutawayRule, queries.putaway_rules_by_ids, scope=READ)
class PutawayRule(Node, Versioned, HasTimeline):
    """Where pieces go that lie where goods come in. What it does not name does not matter."""

    priority: int = about(
        "Of several rules that fit, the smallest number counts whose location has room."
    )
    bucket: Bucket = about("Pieces in this condition.")
    shipped_min: int | None = about(
        "Only variants that sell fast: of which so many pieces left for customers in 30 days."
    )
    tracking: Tracking | None = about("Only variants whose pieces are told apart like this.")
    from_location: Location = one(
        stock.locations_by_ids, "from_location_id", "Where goods come in."
    )
    to_location: Location = one(stock.locations_by_ids, "to_location_id", "Where they go.")
    variant: Variant | None = one(
        products.variants_by_ids, "variant_id", "Only this variant.", scope=Scope.PRODUCTS_READ
    )
    product: Product | None = one(
        products.products_by_ids, "product_id", "Only of this product.", scope=Scope.PRODUCTS_READ
    )
    category: Category | None = one(
        catalog.categories_by_ids,
        "category_id",
        "Only of this category, or one below it.",
        scope=Scope.PRODUCTS_READ,
    )


@node("pfc", model.PickFace, queries.pick_faces_by_ids, scope=READ)
class PickFace(Node, Versioned, HasTimeline):
    """A place that is picked from, and is filled from others as soon as there are few pieces."""

    minimum: int = about("With so many pieces or fewer it is to be filled.")
    maximum: int = about("Up to so many pieces.")
    location: Location = one(stock.locations_by_ids, "location_id", "Where it is.")
    variant: Variant = one(
        products.variants_by_ids, "variant_id", "What is picked there.", scope=Scope.PRODUCTS_READ
    )


@filter_input
class PutawayRuleFilter:
    """Which rules. All words that are given must hold."""

    from_location_id: IdFilter | None = about("For what lies there.", default=UNSET)
    to_location_id: IdFilter | None = about("That put pieces there.", default=UNSET)


@filter_input
class PickFaceFilter:
    """Which pick faces. All words that are given must hold."""

    location_id: IdFilter | None = about("At such a location.", default=UNSET)
    variant_id: IdFilter | None = about("Of such a variant.", default=UNSET)


@strawberry.input(description="The order of a list of rules of putting away.")
class PutawayRuleSort:
    key: PutawayRuleSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.ASC)


@strawberry.input(description="The order of a list of pick faces.")
class PickFaceSort:
    key: PickFaceSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(description="A rule of putting away. What it does not name does not matter.")
class PutawayRuleCreateInput:
    from_location_id: strawberry.ID = about("Where goods come in.")
    to_location_id: strawberry.ID = about("Where they go.")
    priority: int = about(
        "0 to 1,000,000: of several rules, the smallest number counts.", default=PRIORITY_DEFAULT
    )
    bucket: Bucket = about("Pieces in this condition.", default=Bucket.SELLABLE)
    variant_id: strawberry.ID | None = about("Only this variant.", default=None)
    product_id: strawberry.ID | None = about("Only of this product.", default=None)
    category_id: strawberry.ID | None = about("Only of this category.", default=None)
    shipped_min: int | None = about(
        "Only variants of which so many pieces left for customers in 30 days.", default=None
    )
    tracking: Tracking | None = about("Only variants told apart like this.", default=None)


@strawberry.input(description="Between how many pieces a place that is picked from is kept.")
class PickFaceSetInput:
    location_id: strawberry.ID = about("Where it is.")
    variant_id: strawberry.ID = about("What is picked there.")
    minimum: int = about("With so many pieces or fewer it is to be filled.")
    maximum: int = about("Up to so many pieces; more than the minimum.")


@strawberry.input(description="All that a location holds; what is absent is not bounded.")
class LocationSetCapacityInput:
    pieces_max: int | None = about("Pieces.", default=None)
    volume_max_cm3: int | None = about("Volume in cubic centimetres.", default=None)
    weight_max_g: int | None = about("Weight in grams.", default=None)
    policy: CapacityPolicy = about(
        "What happens where more is put there than fits.", default=CapacityPolicy.REFUSE
    )


for _name, _type, _query, _says in (
    (
        "capacity",
        LocationCapacity | None,
        capacities_by_locations,
        "How much it holds. Null: as much as one likes.",
    ),
    (
        "fill",
        LocationFill | None,
        fills_by_locations,
        "What lies there itself. Null: nothing.",
    ),
):
    attach(Location, _name, _type, one(_query, "id", _says))


@payload
class PutawayRulePayload(MutationPayload):
    """What a mutation of a rule of putting away answers."""

    rule: PutawayRule | None = one(
        queries.putaway_rules_by_ids, "value", "The rule. Null if it was refused, or is no more."
    )


@payload
class PickFacePayload(MutationPayload):
    """What a mutation of a pick face answers."""

    pick_face: PickFace | None = one(
        queries.pick_faces_by_ids,
        "value",
        "It as it is now. Null if it was refused, or is no more.",
    )
