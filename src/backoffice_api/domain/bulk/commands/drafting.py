"""From the fields of a row to the parts of a variant: barcodes, options, prices, weight."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from backoffice_api.domain.bulk.model.barcodes import read_barcode
from backoffice_api.domain.bulk.model.fields import ReadRow
from backoffice_api.domain.bulk.model.remarks import Results
from backoffice_api.domain.bulk.model.values import PLAIN, NotAList, NotWhole, one_of
from backoffice_api.domain.integrations.model import RowAction, Severity
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.products.model import Barcode, BarcodeKind, PackLevel

Given = Mapping[str, Any]

# What Shopify writes for a product without options.
_NO_OPTIONS = {"option1_name": "Title", "option1_value": "Default Title"}
_BARCODE = frozenset({"code", "kind", "packQuantity", "level"})
_GRAMS_PER_KG = 1_000


@dataclass(frozen=True, slots=True)
class Weight:
    """A weight that was given. `grams` None: not known."""

    grams: int | None


def barcodes_of(given: Given, row: ReadRow, results: Results) -> tuple[Barcode, ...] | None:
    """The barcodes of a row; damaged ones are remarked on. None: it does not speak of them.

    One that is damaged is kept as a code of another kind, so that it is found by what is printed
    on the pack; one whose zeros can be restored becomes the GTIN that it was.

    Raises:
        NotAList, UnknownWord: it is not described as exports describe it.
    """
    if "barcodes" not in given:
        return None
    found: dict[str, Barcode] = {}
    for each in given["barcodes"] or ():
        if isinstance(each, dict):
            barcode = _described(each)
        else:
            read = read_barcode(each)
            if read.damage is not None:
                severity = Severity.WARNING if read.damage.is_repaired else Severity.ERROR
                code = read.damage.value.upper()
                results.remark(row, "barcodes", code, severity, RowAction.IMPORTED)
            kind = BarcodeKind.GTIN if read.is_gtin else BarcodeKind.OTHER
            barcode = Barcode(read.code, kind, 1)
        found.setdefault(barcode.code, barcode)
    return tuple(found.values())


def _described(each: Mapping[str, Any]) -> Barcode:
    quantity = each.get("packQuantity", 1)
    whole = isinstance(quantity, int) and not isinstance(quantity, bool)
    if not each.keys() <= _BARCODE or not isinstance(each.get("code"), str) or not whole:
        raise NotAList().at("barcodes")
    kind = one_of(BarcodeKind)(each.get("kind", "gtin"), PLAIN)
    level = one_of(PackLevel)(each.get("level", PackLevel.EACH.value), PLAIN)
    return Barcode(each["code"], kind, quantity, level)


def option_names_of(given: Given) -> tuple[str, ...] | None:
    """The names of the options, or None if the row does not speak of them."""
    if "option_names" in given:
        return tuple(given["option_names"] or ())
    return _numbered(given, "name")


def option_values_of(given: Given, names: Sequence[str]) -> tuple[str, ...] | None:
    """The values of the options, or None if the row does not speak of them."""
    if "option_values" in given:
        return tuple(given["option_values"] or ())
    found = _numbered(given, "value")
    # What has no options has no value either, whatever a file writes there.
    return found if found is None or names else ()


def _numbered(given: Given, part: str) -> tuple[str, ...] | None:
    fields = [f"option{number}_{part}" for number in (1, 2, 3)]
    if not any(field in given for field in fields):
        return None
    found = [given.get(field) for field in fields]
    if found[0] == _NO_OPTIONS[fields[0]] and not any(found[1:]):
        return ()
    return tuple(each for each in found if each is not None)


def weight_of(given: Given) -> Weight | None:
    """The weight, or None if the row does not speak of it.

    Raises:
        NotWhole: it is no whole number of grams.
    """
    if "weight_g" in given:
        return Weight(given["weight_g"])
    if "weight_kg" not in given:
        return None
    if given["weight_kg"] is None:
        return Weight(None)
    grams = given["weight_kg"] * _GRAMS_PER_KG
    if grams != grams.to_integral_value():
        raise NotWhole().at("weight_kg")
    return Weight(int(grams))


def price_of(amount: Decimal | None, currency: str) -> UnitPrice | None:
    """Raises: UnknownCurrency, TooPrecise, AmountTooLarge."""
    return None if amount is None else UnitPrice.of(amount, currency.strip().upper())
