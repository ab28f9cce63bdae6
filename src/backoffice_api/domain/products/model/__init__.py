"""Products and their variants: words and rules.

A product is what a shop shows; a variant is what it keeps, prices and counts, under a SKU. A
product without options has one variant. Nothing that was ever sold is deleted: it is archived.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Faults, Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.gtin import InvalidGtin, check_gtin, normal
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX, TEXT_LENGTH_MAX
from backoffice_api.domain.kernel.texts import (
    check_distinct,
    check_range,
    check_size,
    check_text,
)

OPTIONS_MAX = 10
VARIANTS_MAX = 250
BARCODES_MAX = 20
PRICES_MAX = 50
WEIGHT_G_MAX = 100_000_000
SIZE_MM_MAX = 100_000
PACK_QUANTITY_MAX = 1_000_000


class ProductStatus(Choice):
    """Whether a product or variant is in use."""

    ACTIVE = "active", "In use."
    ARCHIVED = "archived", "Out of use: kept for the orders and movements that name it."


MACHINE = Machine(
    ProductStatus.ACTIVE,
    move("update", {ProductStatus.ACTIVE}),
    move("archive", {ProductStatus.ACTIVE}, ProductStatus.ARCHIVED),
    move("restore", {ProductStatus.ARCHIVED}, ProductStatus.ACTIVE),
)


class VariantKind(Choice):
    """Whether a variant is kept in stock itself."""

    SINGLE = "single", "Pieces of it are kept in stock."
    KIT = "kit", "Sold as one thing, and put together from pieces of others, which are kept."


class BarcodeKind(Choice):
    """What a barcode is."""

    GTIN = "gtin", "A GS1 number of 8, 12, 13 or 14 digits with a valid check digit."
    OTHER = "other", "Any other code: an own label, a supplier's code."


class BarcodeFormat(Choice):
    """How a barcode is made up."""

    GTIN_8 = "gtin_8", "GTIN-8, as in EAN-8."
    GTIN_12 = "gtin_12", "GTIN-12, as in UPC-A."
    GTIN_13 = "gtin_13", "GTIN-13, as in EAN-13."
    GTIN_14 = "gtin_14", "GTIN-14, as in ITF-14: mostly on cases."
    INTERNAL = "internal", "No GS1 number: it means something only in this shop."


class PackLevel(Choice):
    """What kind of pack carries a barcode."""

    EACH = "each", "A single piece."
    INNER = "inner", "A pack of pieces within a case."
    CASE = "case", "A case, as it comes from the supplier."
    PALLET = "pallet", "A pallet."


class ProductSortKey(Choice):
    """By what a list of products is sorted."""

    CREATED_AT = "created_at", "When the product was made."
    UPDATED_AT = "updated_at", "When the product was last changed."
    TITLE = "title", "The title, by code point."


class VariantSortKey(Choice):
    """By what a list of variants is sorted."""

    CREATED_AT = "created_at", "When the variant was made."
    SKU = "sku", "The SKU, by code point."


@dataclass(frozen=True, slots=True)
class Product:
    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    title: str
    description: str
    brand: str | None
    option_names: Sequence[str]
    status: ProductStatus

    @property
    def actions(self) -> Sequence[Action]:
        return MACHINE.actions(self.status)


@dataclass(frozen=True, slots=True)
class Variant:
    """`option_values` are in the order of the product's `option_names`."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    product_id: UUID
    sku: str
    option_values: Sequence[str]
    status: ProductStatus
    weight_g: int | None
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    kind: VariantKind = VariantKind.SINGLE
    merged_into_id: UUID | None = None

    @property
    def title(self) -> str:
        return " / ".join(self.option_values)

    @property
    def actions(self) -> Sequence[Action]:
        return MACHINE.actions(self.status)


@dataclass(frozen=True, slots=True)
class Barcode:
    """A code that is printed on a pack of `pack_quantity` pieces."""

    code: str
    kind: BarcodeKind
    pack_quantity: int
    level: PackLevel = PackLevel.EACH

    @property
    def format(self) -> BarcodeFormat:
        if self.kind is BarcodeKind.GTIN:
            return BarcodeFormat(f"gtin_{len(self.code)}")
        return BarcodeFormat.INTERNAL


@dataclass(frozen=True, slots=True)
class Pack:
    """What carries a barcode: so many pieces of a variant."""

    variant_id: UUID
    pack_quantity: int
    level: PackLevel


@dataclass(frozen=True, slots=True)
class Price:
    """The price of one piece in one currency, in millionths of its main unit."""

    currency: str
    price_micro: int

    @property
    def unit_price(self) -> UnitPrice:
        return UnitPrice(self.price_micro, self.currency)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one piece costs the shop, in millionths of the currency's main unit."""

    currency: str
    cost_micro: int

    @property
    def unit_cost(self) -> UnitPrice:
        return UnitPrice(self.cost_micro, self.currency)


@dataclass(frozen=True, slots=True)
class ProductCreated(Event):
    type = "product.created"
    subject = "prd"
    summary = "Product {title} was created."
    id: UUID
    version: int
    title: str


@dataclass(frozen=True, slots=True)
class ProductUpdated(Event):
    type = "product.updated"
    subject = "prd"
    summary = "Product {title} was changed."
    id: UUID
    version: int
    title: str


@dataclass(frozen=True, slots=True)
class ProductArchived(Event):
    type = "product.archived"
    subject = "prd"
    summary = "Product {title} was archived."
    id: UUID
    version: int
    title: str


@dataclass(frozen=True, slots=True)
class ProductRestored(Event):
    type = "product.restored"
    subject = "prd"
    summary = "Product {title} is in use again."
    id: UUID
    version: int
    title: str


@dataclass(frozen=True, slots=True)
class VariantCreated(Event):
    type = "variant.created"
    subject = "sku"
    summary = "Variant {sku} was created."
    id: UUID
    version: int
    sku: str


@dataclass(frozen=True, slots=True)
class VariantUpdated(Event):
    type = "variant.updated"
    subject = "sku"
    summary = "Variant {sku} was changed."
    id: UUID
    version: int
    sku: str


@dataclass(frozen=True, slots=True)
class VariantArchived(Event):
    type = "variant.archived"
    subject = "sku"
    summary = "Variant {sku} was archived."
    id: UUID
    version: int
    sku: str


@dataclass(frozen=True, slots=True)
class VariantRestored(Event):
    type = "variant.restored"
    subject = "sku"
    summary = "Variant {sku} is in use again."
    id: UUID
    version: int
    sku: str


@dataclass(frozen=True, slots=True)
class CostSet(Event):
    """The amounts themselves are behind a scope of their own, so the log does not show them."""

    type = "variant.cost_set"
    subject = "sku"
    summary = "The cost of variant {sku} was set."
    id: UUID
    version: int
    sku: str


@dataclass(eq=False)
class UnknownProduct(Missing):
    """There is no product with this id."""

    id: UUID
    message = "There is no such product."


@dataclass(eq=False)
class UnknownVariant(Missing):
    """There is no variant with this id or SKU."""

    name: str
    message = "There is no variant {name!r:.90}."


@dataclass(eq=False)
class SkuTaken(Refused):
    """Another variant has this SKU."""

    sku: str
    message = "Another variant has the SKU {sku!r:.90}."


@dataclass(eq=False)
class BarcodeTaken(Refused):
    """Another variant has this barcode: a code names one thing."""

    barcode: str
    message = "Another variant has the barcode {barcode!r:.90}."


@dataclass(eq=False)
class OptionsTaken(Refused):
    """Another variant of the product has the same options."""

    options: str
    message = "Another variant of this product has the options {options!r:.90}."


@dataclass(eq=False)
class OptionsMismatch(Invalid):
    """A variant needs exactly one value for each option of its product."""

    wanted: int
    given: int
    message = "The product has {wanted} options, {given} values were given."


@dataclass(eq=False)
class NegativePrice(Invalid):
    """A price or cost is below zero."""

    message = "A price is zero or more."


def options_key(values: Sequence[str]) -> str:
    """What must be unique among the variants of a product: the values, capitals not counting.

    A digest, since ten values of 250 characters are more than an index takes.
    """
    folded = [value.strip().casefold() for value in values]
    return sha256(json.dumps(folded).encode()).hexdigest()


def barcode_key(barcode: Barcode) -> str:
    """What must be unique among all barcodes: a GTIN is the same with leading zeros."""
    return normal(barcode.code) if barcode.kind is BarcodeKind.GTIN else barcode.code


def check_product(
    faults: Faults, *, title: str | None, description: str | None, brand: str | None
) -> None:
    check_text(title, faults, "title")
    check_text(description, faults, "description", minimum=0, maximum=TEXT_LENGTH_MAX)
    check_text(brand, faults, "brand")


def check_option_names(faults: Faults, names: tuple[str, ...]) -> None:
    check_size(names, faults, "option_names", maximum=OPTIONS_MAX)
    check_distinct(names, faults, "option_names")
    for position, name in enumerate(names):
        check_text(name, faults, "option_names", position)


def check_measures(faults: Faults, *path: str | int, **measures: int | None) -> None:
    """Weight in grams and sizes in millimetres, by the names of the columns."""
    for name, value in measures.items():
        maximum = WEIGHT_G_MAX if name == "weight_g" else SIZE_MM_MAX
        check_range(value, faults, *path, name, minimum=0, maximum=maximum)


def check_barcodes(faults: Faults, barcodes: tuple[Barcode, ...], *path: str | int) -> None:
    check_size(barcodes, faults, *path, "barcodes", maximum=BARCODES_MAX)
    for position, each in enumerate(barcodes):
        here = (*path, "barcodes", position)
        check_range(
            each.pack_quantity, faults, *here, "pack_quantity", minimum=1, maximum=PACK_QUANTITY_MAX
        )
        if each.kind is BarcodeKind.OTHER:
            check_text(each.code, faults, *here, "code", maximum=CODE_LENGTH_MAX)
            continue
        try:
            check_gtin(each.code)
        except InvalidGtin as fault:
            faults.add(fault.at(*here, "code"))


def check_prices(faults: Faults, prices: tuple[UnitPrice, ...], *path: str | int) -> None:
    check_size(prices, faults, *path, "prices", maximum=PRICES_MAX)
    check_distinct(tuple(price.currency for price in prices), faults, *path, "prices")
    for position, price in enumerate(prices):
        if price.micro < 0:
            faults.add(NegativePrice().at(*path, "prices", position))
