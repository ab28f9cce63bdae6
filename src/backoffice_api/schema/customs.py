"""Customs and fiscal data on the wire."""

import strawberry
from strawberry import UNSET
from strawberry.scalars import JSON

from backoffice_api.domain.customs import queries
from backoffice_api.domain.customs.model.profiles import InvalidFiscalField
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.payloads import UserError, error
from backoffice_api.schema.products import Variant


@described
class Customs:
    """What a variant is to a customs office, and where it was made."""

    hs_code: str | None = about("Its HS code, 6 to 10 digits. Null if not known.")
    country_of_origin: str | None = about(
        "Where it was made, by the two letters of ISO 3166-1. Null if not known."
    )
    description: str | None = about("What it is, in words for a form. Null if nothing is said.")


@described
class FiscalProfile:
    """What the tax office of a country is told of a variant."""

    country: str = about("The country, by the two letters of ISO 3166-1.")
    data: JSON = about("The fields, by the names that `fiscalCountries` lists.")


@described
class FiscalField:
    """A field of the fiscal profiles of a country."""

    name: str = about("Its name in the profile.")
    description: str = about("What it is.")
    is_required: bool = about("Whether a profile must have it.")
    source: str = about("Where the rule is written.")


@described
class FiscalCountry:
    """A country for which variants can have a fiscal profile."""

    country: str = about("The country, by the two letters of ISO 3166-1.")
    fields: list[FiscalField] = about("The fields of the profile.")


@error(InvalidFiscalField)
class FiscalFieldError(UserError):
    """A field of a fiscal profile is missing, unknown or wrong."""

    field: str = about("The name of the field.")
    reason: str = about("What is wrong, in words.")


attach(
    Variant,
    "customs",
    Customs | None,
    one(queries.customs_by_variants, "id", "Its customs data. Null if nothing is known."),
)
attach(
    Variant,
    "fiscal_profiles",
    list[FiscalProfile],
    many(queries.profiles_by_variants, "id", "What tax offices are told of it, by country."),
)


@strawberry.input(description="Customs data of a variant. What is absent stays; null clears.")
class VariantSetCustomsInput:
    hs_code: str | None = about(
        "Its HS code: 6 to 10 digits, with dots and spaces or without.", default=UNSET
    )
    country_of_origin: str | None = about("Where it was made, by ISO 3166-1.", default=UNSET)
    description: str | None = about("What it is, at most 250 characters.", default=UNSET)


@strawberry.input(description="The fiscal profile of a variant in one country.")
class VariantSetFiscalProfileInput:
    country: str = about("The country, by the two letters of ISO 3166-1.")
    data: JSON | None = about(
        "The fields as texts, all of them; null takes the profile away.", default=UNSET
    )
