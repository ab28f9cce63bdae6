"""What the office needs of price sets: one in each state in which something can be done with it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.proofs.office import Office

# Fields that an input needs besides those that its type demands.
WANTED: Mapping[str, tuple[str, ...]] = {
    "PriceSetLookup": ("code",),
    "PriceSetUpdateInput": ("name",),
}


def furnish(office: "Office") -> Mapping[str, Any]:
    """Examples by the names of arguments and input fields."""
    made = office.do(
        "productCreate",
        "product { variants(first: 1) { nodes { id } } }",
        input={"title": "Marked down", "variants": [{"sku": "MARKED"}]},
    )
    variant = made["variants"]["nodes"][0]["id"]
    price = {"variantId": variant, "unitPrice": {"amount": "5.00", "currency": "EUR"}}

    def made_set(code: str) -> str:
        input = {"code": code, "name": code, "currency": "EUR"}
        id = office._id("priceSetCreate", "priceSet", input=input)
        office.do("priceSetSetPrices", id=id, input={"prices": [price]})
        return id

    draft, active = made_set("CHEAP"), made_set("CHEAPER")
    office.do("priceSetSubmit", id=active)
    return {
        "PriceSetEntryInput.variantId": variant,
        "PriceSetCreateInput.code": "CHEAPEST",
        "PriceSetLookup.code": "CHEAP",
        **{f"priceSet{verb}.id": draft for verb in ("Update", "SetPrices", "Submit", "Cancel")},
        "priceSetUndo.id": active,
        "priceSetSimulation.id": draft,
    }
