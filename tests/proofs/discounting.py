"""What the office needs of discount codes: some to use, to change, and to put out of use."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.proofs.office import Office

# Fields that an input needs besides those that its type demands.
WANTED: Mapping[str, tuple[str, ...]] = {
    "DiscountCodeCreateInput": ("code", "percentBp"),
    "DiscountCodeLookup": ("code",),
    "DiscountCodeUpdateInput": ("label",),
    "TicketDiscountCodeInput": ("percentBp",),
}


def furnish(office: "Office") -> Mapping[str, Any]:
    """Examples by the names of arguments and input fields."""

    def made(code: str) -> str:
        given = {"code": code, "percentBp": 1000}
        return office._id("discountCodeCreate", "discountCode", input=given)

    kept = made("KEPT")
    return {
        "DiscountCodeCreateInput.code": "ANOTHER",
        "DiscountCodeCreateInput.percentBp": 1000,
        "TicketDiscountCodeInput.percentBp": 1000,
        "DiscountCodeLookup.code": "kept",
        "discountCode.id": kept,
        "discountCodeUpdate.id": kept,
        "discountCodeDisable.id": made("GONE"),
    }
