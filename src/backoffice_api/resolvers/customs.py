"""What can be asked and done with customs and fiscal data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import strawberry
from strawberry import UNSET

from backoffice_api.context import Context
from backoffice_api.domain.customs.commands import customs as on_customs
from backoffice_api.domain.customs.model.profiles import (
    FISCAL_RULES,
    FiscalField,
    InvalidFiscalField,
)
from backoffice_api.domain.kernel import ids
from backoffice_api.schema.connections import asked
from backoffice_api.schema.customs import (
    FiscalCountry,
    VariantSetCustomsInput,
    VariantSetFiscalProfileInput,
)
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.payloads import keep
from backoffice_api.schema.products import READ, VariantPayload


@dataclass(frozen=True, slots=True)
class _Country:
    country: str
    fields: list[FiscalField]


_COUNTRIES = [_Country(country, list(rules.fields)) for country, rules in FISCAL_RULES.items()]


def _countries(_db: Any, _context: Context, _arguments: Mapping[str, Any]) -> list[_Country]:
    return _COUNTRIES


@strawberry.type
class CustomsQuery:
    fiscal_countries: list[FiscalCountry] = asked(
        _countries,
        [],
        "The countries for which variants can have a fiscal profile.",
        scope=READ,
    )


@strawberry.type
class CustomsMutation:
    @mutation(on_customs.set_customs, VariantPayload)
    def variant_set_customs(
        id: strawberry.ID, input: VariantSetCustomsInput
    ) -> on_customs.SetCustoms:
        """Set what a variant is to a customs office. What is absent stays; null clears."""
        return on_customs.SetCustoms(
            id=ids.parse("sku", id),
            hs_code=keep(input.hs_code, nullable=True),
            country_of_origin=keep(input.country_of_origin, nullable=True),
            description=keep(input.description, nullable=True),
        )

    @mutation(on_customs.set_fiscal_profile, VariantPayload)
    def variant_set_fiscal_profile(
        id: strawberry.ID, input: VariantSetFiscalProfileInput
    ) -> on_customs.SetFiscalProfile:
        """Set what the tax office of a country is told of a variant."""
        if input.data is UNSET:
            raise InvalidFiscalField("data", "is missing").at("data")
        if input.data is not None and not isinstance(input.data, dict):
            raise InvalidFiscalField("data", "is no object").at("data")
        return on_customs.SetFiscalProfile(
            id=ids.parse("sku", id), country=input.country, data=input.data
        )
