"""Customs data of a variant: what it is to a customs office, and where it was made."""

from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.countries import UnknownCountry, check_country
from backoffice_api.domain.kernel.errors import Faults, Invalid
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.texts import check_text

HS_CODE_LENGTH_MAX = 10
_PUNCTUATION = str.maketrans("", "", ". ")


@dataclass(frozen=True, slots=True)
class Customs:
    """`hs_code` has 6 to 10 digits; `country_of_origin` is that of ISO 3166-1."""

    hs_code: str | None = None
    country_of_origin: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class CustomsSet(Event):
    type = "variant.customs_set"
    subject = "sku"
    summary = "The customs data of variant {sku} were set."
    id: UUID
    version: int
    sku: str


@dataclass(eq=False)
class InvalidHsCode(Invalid):
    """An HS code has 6 to 10 digits, the first two of which are a chapter that there is."""

    message = "An HS code has 6 to 10 digits and begins with a chapter, 01 to 99 without 77."


def canonical_hs_code(given: str) -> str:
    """The digits of an HS code that is written with dots and spaces or without.

    Source: Harmonized System, World Customs Organization, edition 2022: six digits, of which two
    are the chapter (01 to 97; 77 is kept free). Countries add up to four digits of their own, and
    use the chapters 98 and 99.

    Raises:
        InvalidHsCode: it is none.
    """
    digits = given.translate(_PUNCTUATION)
    is_number = digits.isascii() and digits.isdecimal()
    if not is_number or not 6 <= len(digits) <= HS_CODE_LENGTH_MAX or digits[:2] in ("00", "77"):
        raise InvalidHsCode
    return digits


def checked(faults: Faults, given: Customs) -> Customs:
    """The data in their canonical form; what is wrong is noted."""
    check_text(given.description, faults, "description")
    hs_code = given.hs_code
    if hs_code is not None:
        try:
            hs_code = canonical_hs_code(hs_code)
        except InvalidHsCode as fault:
            faults.add(fault.at("hs_code"))
    if given.country_of_origin is not None:
        try:
            check_country(given.country_of_origin)
        except UnknownCountry as fault:
            faults.add(fault.at("country_of_origin"))
    return Customs(hs_code, given.country_of_origin, given.description)
