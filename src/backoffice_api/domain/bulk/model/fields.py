"""What the columns of a file can stand for, by kind of row, and how columns find their fields.

A column is taken for the field that has its name, or one of the names that it has in exports of
Shopify and WooCommerce; capitals, blanks and punctuation do not count. An explicit mapping wins.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backoffice_api.domain.bulk.model import values
from backoffice_api.domain.bulk.model.details import DETAILS, DETAILS_NEEDED, SKU, VARIANT_ID
from backoffice_api.domain.bulk.model.runs import (
    COLUMNS_MAX,
    BulkKind,
    ColumnsMissing,
    UnknownField,
)
from backoffice_api.domain.bulk.model.values import Cell, Field, Locale
from backoffice_api.domain.customers.model import AddressDraft, CustomerKind, CustomerStatus, TaxId
from backoffice_api.domain.customers.model.addresses import normalised_address
from backoffice_api.domain.kernel.errors import DomainError, Invalid
from backoffice_api.domain.kernel.tax_ids import TaxIdKind
from backoffice_api.domain.orders.model.lines import LineKind
from backoffice_api.domain.products.model import ProductStatus
from backoffice_api.domain.stock.model.buckets import Bucket

_SIGNS = re.compile(r"[^a-z0-9]+")
_CODES = re.compile(r"[|,;\s]+")
_TAG_SEPARATORS = re.compile(r"[|,]")
_TAX_ID = re.compile(r"(?P<kind>[a-z_]+)\s*:\s*(?P<value>.+)", re.IGNORECASE)
_ADDRESS = frozenset(
    {
        "label",
        "recipient",
        "lines",
        "district",
        "city",
        "region",
        "postalCode",
        "country",
        "isDefaultShipping",
        "isDefaultBilling",
    }
)


# Stands in a row for a column that the row itself does not have, as a member of a JSON object.
ABSENT = "\ufffe"


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row as it stands in the file, and the line on which it begins.

    `is_broken`: it has not as many cells as there are columns, or cannot be made out.
    """

    line: int
    cells: tuple[Cell, ...]
    is_broken: bool = False


@dataclass(eq=False)
class BrokenRow(Invalid):
    """A row has not as many cells as there are columns, or cannot be made out at all."""

    message = "The row has not as many cells as there are columns, or cannot be made out."


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row with its values by field, None for an empty cell; and what cannot be read of it."""

    raw: RawRow
    given: Mapping[str, Any]
    faults: tuple[tuple[str, DomainError], ...] = ()

    @property
    def line(self) -> int:
        return self.raw.line


def _codes(cell: Cell, _: Locale) -> tuple[Any, ...]:
    """Codes between blanks, commas or bars; or objects that say all of each."""
    return tuple(
        each if isinstance(each, dict) else values.text(each) for each in values.items(cell, _CODES)
    )


def _prices(cell: Cell, locale: Locale) -> tuple[tuple[Any, str], ...]:
    """Amounts with their currency, as `19.90 EUR|21 USD`."""
    found = []
    for each in values.items(cell):
        amount, _, currency = values.text(each).rpartition(" ")
        found.append((values.decimal(amount, locale), currency.strip()))
    return tuple(found)


def _tags(cell: Cell, _: Locale) -> tuple[str, ...]:
    return tuple(values.text(each) for each in values.items(cell, _TAG_SEPARATORS))


def _tax_ids(cell: Cell, _: Locale) -> tuple[TaxId, ...]:
    """With their kinds, as `br_cpf:529.982.247-25`."""
    found = []
    for each in values.items(cell):
        match = _TAX_ID.fullmatch(values.text(each))
        if match is None:
            raise values.UnknownWord(tuple(kind.value for kind in TaxIdKind))
        found.append(TaxId(values.one_of(TaxIdKind)(match["kind"], values.PLAIN), match["value"]))
    return tuple(found)


def _addresses(cell: Cell, _: Locale) -> tuple[AddressDraft, ...]:
    """A JSON array of objects, as exports have it."""
    found = []
    for each in values.objects(cell, _ADDRESS):
        lines = each.get("lines", [])
        texts = [each.get(name) for name in _ADDRESS - {"lines"} if not name.startswith("is")]
        if not isinstance(lines, list) or not all(
            isinstance(part, str | None) for part in (*lines, *texts)
        ):
            raise values.NotAList
        draft = AddressDraft(
            label=each.get("label"),
            recipient=each.get("recipient"),
            lines=tuple(lines),
            district=each.get("district"),
            city=each.get("city") or "",
            region=each.get("region"),
            postal_code=each.get("postalCode"),
            country=each.get("country") or "",
            is_default_shipping=each.get("isDefaultShipping") is True,
            is_default_billing=each.get("isDefaultBilling") is True,
        )
        found.append(normalised_address(draft))
    return tuple(found)


_STATUS = values.one_of(ProductStatus, draft=ProductStatus.ACTIVE, publish=ProductStatus.ACTIVE)
_OF_VARIANT = (
    VARIANT_ID,
    SKU,
    Field("option_values", values.texts, "One value per option, with | between them."),
    *(
        Field(
            f"option{number}_value",
            values.text,
            "A single option value.",
            (f"option {number}", f"Attribute {number} value(s)"),
        )
        for number in (1, 2, 3)
    ),
    Field("variant_status", _STATUS, "active or archived."),
    Field(
        "barcodes",
        _codes,
        "Codes on the packs.",
        (
            "Variant Barcode",
            "GTIN, UPC, EAN, or ISBN",
            "gtin",
            "ean",
            "ean13",
            "upc",
            "barcode",
            "code",
        ),
    ),
    Field("prices", _prices, "Every price, as 19.90 EUR|21.00 USD; replaces all."),
    Field(
        "price",
        values.decimal,
        "The price in the column currency, or in the currency of the import.",
        ("Variant Price", "Regular price", "unit price"),
    ),
    Field("currency", values.text, "Three letters of ISO 4217."),
    Field("weight_g", values.whole, "Weight of a piece in grams.", ("Variant Grams", "grams")),
    Field("weight_kg", values.decimal, "The same in kilograms.", ("Weight (kg)",)),
    Field("length_mm", values.whole, "Length in millimetres."),
    Field("width_mm", values.whole, "Width in millimetres."),
    Field("height_mm", values.whole, "Height in millimetres."),
    Field("variant_external_ids", values.external_ids, "JSON: what others call the variant."),
)
_PRODUCT_NAMED = (
    Field("product_id", values.id_of("prd"), "Our id of the product."),
    Field(
        "product_key",
        values.text,
        "What the other system calls the product: becomes its external id.",
        ("Handle", "Parent", "parent sku", "Product ID"),
    ),
)
_OF_PRODUCT = (
    *_PRODUCT_NAMED,
    Field("title", values.text, "The title; empty: the product stays as it is.",
          ("name", "product name", "product title")),
    Field("description", values.text, "Longer text.", ("Body (HTML)", "Body HTML")),
    Field("brand", values.text, "Who makes it.", ("Vendor", "brands", "manufacturer")),
    Field("option_names", values.texts, "By what the variants differ, with | between them."),
    *(
        Field(
            f"option{number}_name",
            values.text,
            "A single option name.",
            (f"Attribute {number} name",),
        )
        for number in (1, 2, 3)
    ),
    Field("product_status", _STATUS, "active or archived.", ("status",)),
    Field("product_external_ids", values.external_ids, "JSON: what others call the product."),
)  # fmt: skip
_OF_ADDRESS = (
    Field("company", values.text, "Recipient of the address.",
          ("Default Address Company", "Billing Company")),
    Field("address1", values.text, "First line of one address.",
          ("Default Address Address1", "Billing Address 1", "street")),
    Field("address2", values.text, "Second line.",
          ("Default Address Address2", "Billing Address 2")),
    Field("city", values.text, "City.", ("Default Address City", "Billing City")),
    Field("region", values.text, "State or province.",
          ("Default Address Province Code", "Billing State", "province")),
    Field("postal_code", values.text, "Postal code.",
          ("Default Address Zip", "Billing Postcode", "zip", "postcode")),
    Field("address_country", values.text, "Two letters of ISO 3166-1.",
          ("Default Address Country Code", "Billing Country")),
)  # fmt: skip

FIELDS: Mapping[BulkKind, tuple[Field, ...]] = {
    BulkKind.PRODUCTS: (*_OF_PRODUCT, *_OF_VARIANT),
    BulkKind.VARIANTS: (*_PRODUCT_NAMED, *_OF_VARIANT),
    BulkKind.PRICES: (
        VARIANT_ID,
        SKU,
        Field("currency", values.text, "Three letters of ISO 4217; else that of the import."),
        Field("price", values.decimal, "The price of a piece; empty: it has none.",
              ("Variant Price", "Regular price", "unit price")),
    ),
    BulkKind.STOCK: (
        VARIANT_ID,
        SKU,
        Field("location", values.text, "Code of the location.", ("location code", "warehouse")),
        Field("bucket", values.one_of(Bucket), "In which condition they are; else sellable."),
        Field("on_hand", values.whole, "How many pieces there are to be.",
              ("quantity", "stock", "Variant Inventory Qty", "On hand (new)", "count")),
        Field("expected_on_hand", values.whole, "Only if there are so many now.",
              ("On hand (current)",)),
        Field("safety", values.whole, "How many are not to be promised."),
        Field("lot", values.text, "Lot or serial number, of what is tracked.", ("batch", "serial")),
        Field("expires_on", values.day, "Last day of a new lot.", ("expiry", "expiry date")),
        Field("unit_cost", values.decimal, "What a piece cost that comes in.", ("cost",)),
        Field("currency", values.text, "Of the cost; else that of the import."),
    ),
    BulkKind.CUSTOMERS: (
        Field("customer_id", values.id_of("cus"), "Our id of the customer."),
        Field("customer_key", values.text, "What the other system calls it: its external id.",
              ("Customer ID", "user id", "key")),
        Field("kind", values.one_of(CustomerKind), "person or company."),
        Field("name", values.text, "The name.", ("full name", "customer name", "display name")),
        Field("first_name", values.text, "First name, where there is no name."),
        Field("last_name", values.text, "Last name, where there is no name."),
        Field("email", values.text, "E-mail address.", ("e-mail", "email address", "user email")),
        Field("phone", values.text, "Phone number with its country.", ("telephone",)),
        Field("locale", values.text, "Language tag, as pt-BR."),
        Field("country", values.text, "Two letters of ISO 3166-1.", ("country code",)),
        Field("note", values.text, "A note."),
        Field("tags", _tags, "Tags, with | or commas between them."),
        Field("tax_ids", _tax_ids, "As br_cpf:52998224725, with | between them."),
        Field("status", values.one_of(CustomerStatus), "active or archived."),
        Field("external_ids", values.external_ids, "JSON: what other systems call it."),
        Field("addresses", _addresses, "JSON: all addresses; replaces all."),
        *_OF_ADDRESS,
    ),
    BulkKind.ORDERS: (
        Field("order_id", values.id_of("ord"), "Our id of the order."),
        Field("channel", values.text, "Code of the channel."),
        Field("number", values.text, "The order's number.", ("order", "order number")),
        Field("placed_at", values.instant, "When it was placed.",
              ("date", "order date", "created at")),
        Field("customer_id", values.id_of("cus"), "Our id of the customer."),
        Field("customer_key", values.text, "What the other system calls the customer.",
              ("Customer ID",)),
        Field("currency", values.text, "Three letters of ISO 4217; else that of the channel."),
        Field("line_kind", values.one_of(LineKind), "goods or charge."),
        Field("line_sku", values.text, "SKU of the line.", ("sku", "Lineitem sku")),
        Field("line_title", values.text, "Title of the line.", ("Lineitem name", "item name")),
        Field("line_quantity", values.whole, "Pieces.", ("quantity", "Lineitem quantity")),
        Field("line_unit_price", values.decimal, "Price of a piece.",
              ("unit price", "price", "Lineitem price")),
    ),
    **DETAILS,
}  # fmt: skip

# Of each group a file needs a column for one field at least.
_NEEDED: Mapping[BulkKind, tuple[tuple[str, ...], ...]] = {
    BulkKind.PRODUCTS: (
        ("product_id", "product_key", "variant_id", "sku", "barcodes"),
    ),
    BulkKind.VARIANTS: (("variant_id", "sku"),),
    BulkKind.PRICES: (("variant_id", "sku"), ("price",)),
    BulkKind.STOCK: (("variant_id", "sku"), ("location",), ("on_hand", "safety")),
    BulkKind.CUSTOMERS: (("customer_id", "customer_key", "email", "external_ids"),),
    BulkKind.ORDERS: (("order_id", "number"),),
    **DETAILS_NEEDED,
}  # fmt: skip


def field_names(kind: BulkKind) -> Sequence[str]:
    return [each.name for each in FIELDS[kind]]


def fields_of(
    kind: BulkKind, header: Sequence[str], mapping: Mapping[str, str | None]
) -> tuple[str | None, ...]:
    """What each column stands for; None for one that is not known or is to be left out.

    `mapping`: field by title of the column, None to leave it out.

    Raises:
        ColumnsMissing: no column stands for something that every row needs, two columns stand
            for one field, or there are too many.
        UnknownField: the mapping names a field that there is not.
    """
    check_mapping(kind, mapping.values())
    if not header or len(header) > COLUMNS_MAX:
        raise ColumnsMissing(f"The file has no header, or more than {COLUMNS_MAX} columns.")
    found: list[str | None] = []
    for title in header:
        field = mapping[title] if title in mapping else _found(kind, title)
        if field is not None and field in found:
            if title in mapping:
                raise ColumnsMissing(f"Two columns stand for {field}: map one of them.")
            field = None
        found.append(field)
    for group in _NEEDED[kind]:
        if not set(group) & set(found):
            raise ColumnsMissing(f"The file needs a column for {' or '.join(group)}.")
    return tuple(found)


def check_mapping(kind: BulkKind, fields: Iterable[str | None]) -> None:
    """Raises: UnknownField."""
    known = {each.name for each in FIELDS[kind]}
    for field in fields:
        if field is not None and field not in known:
            raise UnknownField(field)


def read_row(kind: BulkKind, fields: Sequence[str | None], raw: RawRow, locale: Locale) -> ReadRow:
    """The row with its values by field. What cannot be read is told by the name of its field."""
    if raw.is_broken:
        return ReadRow(raw, {}, (("", BrokenRow()),))
    reads = _READS[kind]
    given: dict[str, Any] = {}
    faults: list[tuple[str, DomainError]] = []
    for field, cell in zip(fields, raw.cells, strict=True):
        if field is None or cell == ABSENT:
            continue
        if values.is_empty(cell):
            given[field] = None
            continue
        try:
            given[field] = reads[field](cell, locale)
        except DomainError as fault:
            faults.append((field, fault))
    return ReadRow(raw, given, tuple(faults))


def _folded(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title).casefold()
    return _SIGNS.sub("_", plain).strip("_")


_READS = {kind: {each.name: each.read for each in fields} for kind, fields in FIELDS.items()}
# A title to the letter is a field's own name; else what others call a field comes first: a column
# "Customer ID" has the other system's ids, one named customer_id has ours.
_NAMES = {kind: {each.name: each.name for each in fields} for kind, fields in FIELDS.items()}
_ALIASES = {
    kind: {_folded(each.name): each.name for each in fields}
    | {_folded(alias): each.name for each in fields for alias in each.aliases}
    for kind, fields in FIELDS.items()
}


def _found(kind: BulkKind, title: str) -> str | None:
    return _NAMES[kind].get(title) or _ALIASES[kind].get(_folded(title))
