"""Codes: what a scanner reads off a pack, a shelf or a piece of paper, and what it may mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.gs1 import LENGTH_MAX, Element, Gs1Message, InvalidGs1, parse
from backoffice_api.domain.kernel.gtin import InvalidGtin, normal
from backoffice_api.domain.kernel.texts import storable
from backoffice_api.domain.products.model import PackLevel

CANDIDATES_MAX = 20


class CodeKind(Choice):
    """What a code names."""

    BARCODE = "barcode", "A pack of a variant, by a code that is printed on it."
    VARIANT = "variant", "A variant, by its SKU or its id."
    LOT = "lot", "A lot or a serial number, by its code or its id."
    LOCATION = "location", "A location, by its code or its id."
    ORDER = "order", "An order, by its number or its id."
    FULFILLMENT = "fulfillment", "What is picked for an order, by its number or its id."
    PARCEL = "parcel", "A parcel, by what is printed on it or its id."
    RETURN = "return", "A return, by its number or its id."


@dataclass(frozen=True, slots=True)
class ScannedCode:
    """A code as it was read, and what can be told of it by itself.

    `message` is what it says if it is a GS1 element string, `id` what it is if it is one of our
    ids: the prefix and the key.
    """

    text: str
    message: Gs1Message | None
    id: tuple[str, UUID] | None

    @property
    def barcode_keys(self) -> Sequence[str]:
        """Under which keys a barcode is found: as it is, and as a GTIN of 14 digits."""
        gtin = self.message.gtin if self.message else _gtin(self.text)
        return (self.text, gtin) if gtin else (self.text,)

    @property
    def lot_codes(self) -> Sequence[str]:
        """What may be the code of a lot, or a serial number: what it says, or all of it."""
        said = (self.message.serial, self.message.lot) if self.message else ()
        return [*filter(None, said)] or [self.text]

    def id_of(self, prefix: str) -> UUID | None:
        return self.id[1] if self.id and self.id[0] == prefix else None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that a code may mean. `quantity`: pieces of the variant that were scanned with it.

    That is what the pack holds, times the count that the code says. 1 where nothing is counted.
    """

    kind: CodeKind
    subject: str
    quantity: int = 1
    level: PackLevel | None = None


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a code says, and what it may mean, the likeliest first."""

    code: str
    message: Gs1Message | None
    today: date
    candidates: Sequence[Candidate]

    @property
    def elements(self) -> Sequence[Element]:
        return self.message.elements if self.message else ()

    @property
    def gtin(self) -> str | None:
        return self.message.gtin if self.message else _gtin(self.code)

    @property
    def sscc(self) -> str | None:
        return self.message.sscc if self.message else None

    @property
    def gln(self) -> str | None:
        return self.message.gln if self.message else None

    @property
    def lot(self) -> str | None:
        return self.message.lot if self.message else None

    @property
    def serial(self) -> str | None:
        return self.message.serial if self.message else None

    @property
    def count(self) -> int | None:
        return self.message.count if self.message else None

    @property
    def net_weight_kg(self) -> Decimal | None:
        return self.message.net_weight_kg if self.message else None

    @property
    def produced_on(self) -> date | None:
        return self._day("11")

    @property
    def packed_on(self) -> date | None:
        return self._day("13")

    @property
    def best_before(self) -> date | None:
        return self._day("15")

    @property
    def expires_on(self) -> date | None:
        return self._day("17")

    def _day(self, ai: str) -> date | None:
        return self.message.day(ai, self.today) if self.message else None


def read_code(text: str) -> ScannedCode:
    """What can be told of a code without looking anything up."""
    code = storable(text[: LENGTH_MAX + 1]).strip()
    return ScannedCode(code, _message(code), ids.split(code))


def _message(code: str) -> Gs1Message | None:
    # Digits that are a GTIN are one, though some would pass for a lot or a serial as well.
    if _gtin(code):
        return None
    try:
        return parse(code)
    except InvalidGs1:
        return None


def _gtin(code: str) -> str | None:
    try:
        return normal(code)
    except InvalidGtin:
        return None
