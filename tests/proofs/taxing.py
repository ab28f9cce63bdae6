"""What the office needs of taxes: rates to change and to remove."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.proofs.office import Office

# Fields that an input needs besides those that its type demands.
WANTED: Mapping[str, tuple[str, ...]] = {
    "TaxRateCreateInput": ("country", "rate"),
    "TaxRateUpdateInput": ("name",),
    "VariantSetTaxClassInput": ("taxClass",),
}


def furnish(office: "Office") -> Mapping[str, Any]:
    """Examples by the names of arguments and input fields."""

    def made(country: str) -> str:
        given = {"name": country, "country": country, "rate": "20", "validFrom": "2020-01-01"}
        return office._id("taxRateCreate", "taxRate", input=given)

    kept = made("FI")
    price = {"amount": "10.00", "currency": "EUR"}
    goods = office.do(
        "productCreate",
        "product { variants(first: 1) { nodes { id } } }",
        input={"title": "Taxed", "variants": [{"sku": "TAXED", "prices": [price]}]},
    )
    channel = {"code": "taxed", "name": "Taxed", "currency": "EUR", "numberPrefix": "T-"}
    taxed = office._id("channelCreate", "channel", input=channel)
    return {
        "TaxRateCreateInput.country": "SE",
        "TaxRateCreateInput.rate": "25",
        "TaxRateCreateInput.validFrom": "2020-01-01",
        "TaxRateUpdateInput.validFrom": "2020-01-01",
        "TaxRateUpdateInput.rate": "21",
        "TaxTermsSetInput.country": "DE",
        "TaxTermsSetInput.timeZone": "UTC",
        "TaxCalculateInput.country": "FI",
        "TaxCalculateInput.channelId": taxed,
        "taxTermsSet.id": taxed,
        "VariantSetTaxClassInput.taxClass": "books",
        "variantSetTaxClass.id": goods["variants"]["nodes"][0]["id"],
        "taxRate.id": kept,
        "taxRateUpdate.id": kept,
        "taxRateRemove.id": made("NO"),
    }
