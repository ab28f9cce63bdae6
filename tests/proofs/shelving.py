"""What the office needs of slotting: rules and pick faces to make, to change and to remove."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.proofs.office import Office

# Fields that an input needs besides those that its type demands.
WANTED: Mapping[str, tuple[str, ...]] = {
    "CountScanEntryInput": ("quantity",),
    "LocationSetCapacityInput": ("piecesMax",),
}


def furnish(office: "Office") -> Mapping[str, Any]:
    """Examples by the names of arguments and input fields."""
    site = office._id("locationCreate", "location", input={"code": "YARD", "name": "Yard"})
    bins = [
        office._id(
            "locationCreate",
            "location",
            input={"code": code, "name": code, "kind": "BIN", "parentId": site},
        )
        for code in ("Y-1", "Y-2")
    ]
    made = office.do(
        "productCreate",
        "product { id variants(first: 1) { nodes { id } } }",
        input={"title": "Shelved", "variants": [{"sku": "SHELVED"}]},
    )
    variant = made["variants"]["nodes"][0]["id"]
    ends = {"fromLocationId": site, "toLocationId": bins[0]}
    amounts = {"variantId": variant, "minimum": 1, "maximum": 5}
    stock = {"variantId": variant, "locationId": site, "delta": 9}
    office.do("stockAdjust", input={"lines": [stock]})
    count = office._id("countPlan", "countTask", input={"locationId": site})
    return {
        "countScan.id": count,
        "countSheet.id": count,
        "CountScanEntryInput.code": "SHELVED",
        "CountScanEntryInput.location": "YARD",
        "CountScanEntryInput.quantity": 7,
        **{f"PutawayRuleCreateInput.{name}": id for name, id in ends.items()},
        "putawayRuleRemove.id": office._id("putawayRuleCreate", "rule", input=ends),
        "PickFaceSetInput.locationId": bins[1],
        **{f"PickFaceSetInput.{name}": value for name, value in amounts.items()},
        "pickFaceRemove.id": office._id(
            "pickFaceSet", "pickFace", input={"locationId": bins[0], **amounts}
        ),
        "locationSetCapacity.id": bins[1],
        "LocationSetCapacityInput.piecesMax": 7,
    }
