"""What can be asked and done with putting away, pick faces and the room at locations."""

import strawberry

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.slotting import queries
from backoffice_api.domain.slotting.commands import rules
from backoffice_api.domain.stock.commands import capacity
from backoffice_api.schema.connections import Connection, Count, counted, listed
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.slotting import (
    LocationSetCapacityInput,
    PickFace,
    PickFaceFilter,
    PickFacePayload,
    PickFaceSetInput,
    PickFaceSort,
    PutawayRule,
    PutawayRuleCreateInput,
    PutawayRuleFilter,
    PutawayRulePayload,
    PutawayRuleSort,
)
from backoffice_api.schema.stock import READ, LocationPayload


@strawberry.type
class SlottingQuery:
    putaway_rules: Connection[PutawayRule] = listed(
        queries.putaway_rule_list,
        "Where pieces go that lie where goods come in, in the order in which it is asked.",
        scope=READ,
        filter=PutawayRuleFilter,
        sort=PutawayRuleSort,
    )
    pick_faces: Connection[PickFace] = listed(
        queries.pick_face_list,
        "Places that are picked from and filled from others, newest first.",
        scope=READ,
        filter=PickFaceFilter,
        sort=PickFaceSort,
    )
    pick_faces_count: Count = counted(
        queries.pick_face_list,
        "How many pick faces there are.",
        scope=READ,
        filter=PickFaceFilter,
    )


@strawberry.type
class SlottingMutation:
    @mutation(rules.create_putaway_rule, PutawayRulePayload)
    def putaway_rule_create(input: PutawayRuleCreateInput) -> rules.CreatePutawayRule:
        """Say where pieces go that lie where goods come in."""
        return rules.CreatePutawayRule(
            from_location_id=ids.parse("loc", input.from_location_id),
            to_location_id=ids.parse("loc", input.to_location_id),
            priority=input.priority,
            bucket=input.bucket,
            variant_id=given_id("sku", input.variant_id),
            product_id=given_id("prd", input.product_id),
            category_id=given_id("ctg", input.category_id),
            shipped_min=input.shipped_min,
            tracking=input.tracking,
        )

    @mutation(rules.remove_putaway_rule, PutawayRulePayload)
    def putaway_rule_remove(id: strawberry.ID) -> rules.RemovePutawayRule:
        """Put pieces away by a rule no more."""
        return rules.RemovePutawayRule(id=ids.parse("pwr", id))

    @mutation(rules.set_pick_face, PickFacePayload)
    def pick_face_set(input: PickFaceSetInput) -> rules.SetPickFace:
        """Have a place that is picked from filled as soon as there are few pieces."""
        return rules.SetPickFace(
            location_id=ids.parse("loc", input.location_id),
            variant_id=ids.parse("sku", input.variant_id),
            minimum=input.minimum,
            maximum=input.maximum,
        )

    @mutation(rules.remove_pick_face, PickFacePayload)
    def pick_face_remove(id: strawberry.ID) -> rules.RemovePickFace:
        """Fill a place no more."""
        return rules.RemovePickFace(id=ids.parse("pfc", id))

    @mutation(capacity.set_location_capacity, LocationPayload)
    def location_set_capacity(
        id: strawberry.ID, input: LocationSetCapacityInput
    ) -> capacity.SetLocationCapacity:
        """Say how much a location holds. What lies there already stays, even if it is more."""
        return capacity.SetLocationCapacity(
            id=ids.parse("loc", id),
            pieces_max=input.pieces_max,
            volume_max_cm3=input.volume_max_cm3,
            weight_max_g=input.weight_max_g,
            policy=input.policy,
        )
