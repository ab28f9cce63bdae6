"""Fiscal profiles: what the tax office of a country wants to know of a variant.

Each country has rules of its own, which are a `FiscalRules`: which fields there are, and what
makes them right. Another country is one more entry of `FISCAL_RULES`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from backoffice_api.domain.kernel.errors import Faults, Invalid
from backoffice_api.domain.kernel.events import Event


@dataclass(frozen=True, slots=True)
class FiscalField:
    """A field of a country's profile. `source`: where the rule is written."""

    name: str
    description: str
    is_required: bool
    source: str


@dataclass(frozen=True, slots=True)
class FiscalProfile:
    """The profile of a variant in one country: canonical values by the names of the fields."""

    country: str
    data: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FiscalProfileSet(Event):
    type = "variant.fiscal_profile_set"
    subject = "sku"
    summary = "The fiscal profile of variant {sku} for {country} was set."
    id: UUID
    version: int
    sku: str
    country: str


@dataclass(eq=False)
class NoFiscalRules(Invalid):
    """There are no rules for fiscal profiles of this country."""

    country: str
    message = "There are no fiscal profiles for {country!r:.40}."


@dataclass(eq=False)
class InvalidFiscalField(Invalid):
    """A field of a fiscal profile is missing, unknown or wrong."""

    field: str
    reason: str
    message = "The fiscal field {field:.60} {reason}."


class FiscalRules(Protocol):
    """What a country wants to know of what is sold."""

    @property
    def fields(self) -> Sequence[FiscalField]:
        """The fields of the profile."""

    def check(self, field: str, value: str) -> str:
        """The canonical value of a field.

        Raises:
            InvalidFiscalField: it is wrong.
        """


@dataclass(frozen=True, slots=True)
class _Pattern:
    """Digits in a number, with what people write between them."""

    field: FiscalField
    pattern: re.Pattern[str]
    reason: str


class BrazilRules:
    """What a Brazilian invoice (NF-e) says of a product.

    Sources: NCM: eight digits of the Nomenclatura Comum do Mercosul, as in the TIPI (Decreto
    11.158/2022). CEST: seven digits, of which two are the segment, 01 to 28 (Convênio ICMS
    142/2018). Origin: table A of the codes of tax situation (Convênio s/nº of 1970, as changed
    by Ajuste SINIEF 20/2012 and 15/2013).
    """

    _PATTERNS: Mapping[str, _Pattern] = {
        each.field.name: each
        for each in (
            _Pattern(
                FiscalField("ncm", "NCM, 8 digits.", True, "TIPI, Decreto 11.158/2022"),
                re.compile(r"(?!00|77)[0-9]{8}"),
                "has 8 digits, of which the first two are a chapter",
            ),
            _Pattern(
                FiscalField("cest", "CEST, 7 digits.", False, "Convênio ICMS 142/2018"),
                re.compile(r"(0[1-9]|1[0-9]|2[0-8])[0-9]{5}"),
                "has 7 digits, of which the first two are a segment from 01 to 28",
            ),
            _Pattern(
                FiscalField(
                    "origin",
                    "Origin of the goods, 0 to 8: 0 domestic, 1 imported directly, 2 bought from "
                    "an importer, 3 to 5 and 8 by imported content, 6 and 7 without a domestic "
                    "equivalent.",
                    True,
                    "Convênio s/nº 1970, table A; Ajuste SINIEF 20/2012 and 15/2013",
                ),
                re.compile(r"[0-8]"),
                "is a digit from 0 to 8",
            ),
        )
    }

    @property
    def fields(self) -> Sequence[FiscalField]:
        return [each.field for each in self._PATTERNS.values()]

    def check(self, field: str, value: str) -> str:
        digits = value.replace(".", "").replace(" ", "")
        rule = self._PATTERNS[field]
        if not rule.pattern.fullmatch(digits):
            raise InvalidFiscalField(field, rule.reason)
        return digits


FISCAL_RULES: Mapping[str, FiscalRules] = {"BR": BrazilRules()}


def rules_of(country: str) -> FiscalRules:
    """The rules of a country.

    Raises:
        NoFiscalRules: there are none.
    """
    if country not in FISCAL_RULES:
        raise NoFiscalRules(country).at("country")
    return FISCAL_RULES[country]


def checked(faults: Faults, country: str, given: Mapping[str, Any]) -> Mapping[str, str]:
    """A profile in its canonical form; what is wrong is noted. Fields that are null are absent.

    Raises:
        NoFiscalRules: the country has none.
    """
    rules = rules_of(country)
    known = {each.name: each for each in rules.fields}
    found: dict[str, str] = {}
    for name, value in given.items():
        if name not in known:
            faults.add(InvalidFiscalField(name[:60], "is unknown").at("data", name[:60]))
        elif value is not None:
            try:
                text = value if isinstance(value, str) else ""
                found[name] = rules.check(name, text)
            except InvalidFiscalField as fault:
                faults.add(fault.at("data", name))
    for name, field in known.items():
        if field.is_required and given.get(name) is None:
            faults.add(InvalidFiscalField(name, "is missing").at("data", name))
    return found


def is_complete(country: str, data: Mapping[str, str]) -> bool:
    """Whether a profile has all that its country requires."""
    return all(each.name in data for each in rules_of(country).fields if each.is_required)
