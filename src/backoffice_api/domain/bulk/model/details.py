"""What the columns of files of details can stand for: custom fields, costs, prices of lists."""

from collections.abc import Mapping

from backoffice_api.domain.bulk.model import values
from backoffice_api.domain.bulk.model.runs import BulkKind
from backoffice_api.domain.bulk.model.values import Field

SKU = Field("sku", values.text, "The SKU.", ("Variant SKU", "article number", "artikelnummer"))
VARIANT_ID = Field("variant_id", values.id_of("sku"), "Our id of the variant.")
_OF_FIELD = (
    Field("field", values.text, "Key of the custom field.", ("key", "custom field")),
    Field("value", values.text, "Its value; empty: none. Choices with | between them."),
)

DETAILS: Mapping[BulkKind, tuple[Field, ...]] = {
    BulkKind.PRODUCT_FIELDS: (
        Field("product_id", values.id_of("prd"), "Our id of the product."),
        *_OF_FIELD,
    ),
    BulkKind.VARIANT_FIELDS: (VARIANT_ID, SKU, *_OF_FIELD),
    BulkKind.CUSTOMER_FIELDS: (
        Field("customer_id", values.id_of("cus"), "Our id of the customer."),
        *_OF_FIELD,
    ),
    BulkKind.COSTS: (
        VARIANT_ID,
        SKU,
        Field(
            "unit_cost",
            values.decimal,
            "What a piece costs; empty: nobody knows.",
            ("cost", "Cost per item"),
        ),
        Field("currency", values.text, "Three letters of ISO 4217; else that of the import."),
    ),
    BulkKind.LIST_PRICES: (
        Field("price_list", values.text, "Code of the price list.", ("list",)),
        VARIANT_ID,
        SKU,
        Field(
            "minimum_quantity",
            values.whole,
            "From how many pieces on; else 1.",
            ("from quantity", "quantity"),
        ),
        Field("price", values.decimal, "The price of a piece; empty: none from then on."),
        Field("valid_from", values.instant, "From when; else from now on."),
        Field("valid_to", values.instant, "Until when; else without an end."),
    ),
}

DETAILS_NEEDED: Mapping[BulkKind, tuple[tuple[str, ...], ...]] = {
    BulkKind.PRODUCT_FIELDS: (("product_id",), ("field",), ("value",)),
    BulkKind.VARIANT_FIELDS: (("variant_id", "sku"), ("field",), ("value",)),
    BulkKind.CUSTOMER_FIELDS: (("customer_id",), ("field",), ("value",)),
    BulkKind.COSTS: (("variant_id", "sku"), ("unit_cost",)),
    BulkKind.LIST_PRICES: (("price_list",), ("variant_id", "sku"), ("price",)),
}
