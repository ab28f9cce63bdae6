"""Real products with their real barcodes, some of them damaged."""

import csv
import gzip
import os
from collections import Counter
from pathlib import Path

import pytest

from tests.thorough import usually_on

DATA_DIR = os.environ.get("BACKOFFICE_DATA_DIR")
FILE = Path(DATA_DIR or ".", "products-gtin", "open_food_facts_sample.csv.gz")

pytestmark = pytest.mark.skipif(
    DATA_DIR is None, reason="BACKOFFICE_DATA_DIR does not name the folder of the real data."
)

# Taken from the file by other means: below, and with a spreadsheet.
PRODUCTS = 2_476
WITHOUT_TITLE = 74
DAMAGED = {
    "BARCODE_WRONG_CHECK_DIGIT": 184,
    "BARCODE_TOO_SHORT": 69,
    "BARCODE_TOO_LONG": 33,
}
RESTORED = 150


def same_numbers() -> int:
    """How many good codes name what an earlier one names, zeros in front of it not counting."""
    with gzip.open(FILE, "rt", encoding="utf-8", newline="") as file:
        codes = [row["code"] for row in csv.DictReader(file)]
    good = [code.lstrip("0") for code in codes if is_good(code)]
    return sum(count - 1 for count in Counter(good).values())


def is_good(code: str) -> bool:
    digits = [int(digit) for digit in reversed(code.lstrip("0"))]
    weights = [3 if place % 2 else 1 for place in range(len(digits))]
    whole = sum(digit * weight for digit, weight in zip(digits, weights, strict=True))
    return 0 < len(digits) <= 14 and whole % 10 == 0


def packed() -> bytes:
    return FILE.read_bytes()


@usually_on("sqlite")
async def test_all_are_imported_and_what_is_damaged_is_told_by_kind(desk):
    content = packed()

    done = await desk.imported("products", content, "products.csv.gz")

    remarks = {each["code"]: each["rows"] for each in done["remarks"]}
    assert (done["status"], done["rowsCreated"], done["rowsRejected"]) == ("FINISHED", PRODUCTS, 0)
    assert sum(DAMAGED.values()) == 286
    assert remarks == {
        **DAMAGED,
        "BARCODE_ZEROS_RESTORED": RESTORED,
        "BARCODE_TAKEN": same_numbers(),
        "TITLE_MISSING": WITHOUT_TITLE,
        "UNKNOWN_COLUMN": 3,
    }
    assert done["unknownColumns"] == ["quantity", "categories", "countries"]
    report = Counter(each["code"] for each in desk.report(done["id"]))
    assert report == remarks
    desk.assert_sound()

    before = len(desk.events())
    again = await desk.imported("products", content, "products.csv.gz")
    assert again["rowsUnchanged"] == PRODUCTS
    assert len(desk.events()) == before
