"""Readiness: what a product must have before a channel shows it, as data.

Each channel has its own list of rules. A product that breaks one is told what to fix, and where.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from backoffice_api.domain.customs.model.profiles import NoFiscalRules, rules_of
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Faults, Invalid, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.texts import check_distinct, check_size

RULES_MAX = 30
FIXES_MAX = 100


class ReadinessKind(Choice):
    """What a rule asks for."""

    VARIANT = "variant", "At least one variant in use."
    PRICE = "price", "A price in the channel's currency for each variant in use."
    DESCRIPTION = "description", "A description."
    BRAND = "brand", "A brand."
    CATEGORY = "category", "A category."
    IMAGE = "image", "A picture with a text for those who cannot see it."
    GTIN = "gtin", "A GTIN for each variant in use."
    WEIGHT = "weight", "A weight for each variant in use."
    CUSTOMS = "customs", "An HS code and a country of origin for each variant in use."
    FISCAL = "fiscal", "A complete fiscal profile of a country for each variant in use."
    FIELD = "field", "A value for a custom field of the product."


# Which kinds take an argument: the country of a fiscal profile, the key of a custom field.
WITH_ARGUMENT = frozenset({ReadinessKind.FISCAL, ReadinessKind.FIELD})


@dataclass(frozen=True, slots=True)
class ReadinessRule:
    """`argument`: the country of a fiscal profile, the key of a custom field."""

    kind: ReadinessKind
    argument: str | None = None


# What a channel asks for that says nothing itself.
DEFAULT_RULES = (ReadinessRule(ReadinessKind.VARIANT), ReadinessRule(ReadinessKind.PRICE))


@dataclass(frozen=True, slots=True)
class Fix:
    """What is lacking, and where: `path` names fields from `subject_kind` and `subject_id` on."""

    kind: ReadinessKind
    message: str
    subject_kind: str
    subject_id: UUID
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Readiness:
    """What a product lacks in a channel; no more than `FIXES_MAX` are named."""

    fixes: tuple[Fix, ...]

    @property
    def ready(self) -> bool:
        return not self.fixes


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules look at of one variant in use."""

    id: UUID
    sku: str
    has_gtin: bool
    weight_g: int | None
    currencies: frozenset[str]
    has_hs_code: bool
    has_origin: bool
    fiscal_countries: frozenset[str]


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """What the rules look at of a product."""

    id: UUID
    description: str
    brand: str | None
    has_category: bool
    has_image: bool
    field_keys: frozenset[str]
    variants: Sequence[Facts]


@dataclass(frozen=True, slots=True)
class ReadinessSet(Event):
    type = "channel.readiness_set"
    subject = "chn"
    summary = "What channel {name} asks of products was set."
    id: UUID
    version: int
    name: str


@dataclass(eq=False)
class NotReady(Refused):
    """The product lacks what the channel asks for; `fixes` says what and where."""

    channel: str
    fixes: tuple[Fix, ...]
    message = "The product is not ready for the channel {channel!r:.90}."


@dataclass(eq=False)
class InvalidReadinessRule(Invalid):
    """A rule lacks its argument, or has one that it does not take or that means nothing."""

    kind: ReadinessKind
    message = "The rule {kind.name} lacks its argument, or has one that means nothing."


def check_rules(faults: Faults, rules: Sequence[ReadinessRule]) -> None:
    """Note rules that make no sense, each where it stands."""
    check_size(tuple(rules), faults, "rules", maximum=RULES_MAX)
    check_distinct(tuple(f"{each.kind} {each.argument}" for each in rules), faults, "rules")
    for position, rule in enumerate(rules):
        if (rule.argument is not None) != (rule.kind in WITH_ARGUMENT):
            faults.add(InvalidReadinessRule(rule.kind).at("rules", position))
        elif rule.kind is ReadinessKind.FISCAL:
            try:
                rules_of(rule.argument or "")
            except NoFiscalRules as fault:
                faults.add(fault.at("rules", position, "argument"))


def kept_rules(rules: Sequence[ReadinessRule]) -> list[Mapping[str, Any]]:
    """Rules as they are kept."""
    return [{"kind": each.kind.value, "argument": each.argument} for each in rules]


def read_rules(kept: Sequence[Mapping[str, Any]]) -> Sequence[ReadinessRule]:
    """Rules as they were kept."""
    return [ReadinessRule(ReadinessKind(each["kind"]), each["argument"]) for each in kept]


def readiness(rules: Sequence[ReadinessRule], currency: str, facts: ProductFacts) -> Readiness:
    """What a product lacks of what the rules ask for, in their order."""
    fixes: list[Fix] = []
    for rule in rules:
        fixes += _of_product(rule, facts)
        for variant in facts.variants:
            fixes += _of_variant(rule, currency, variant)
    return Readiness(tuple(fixes[:FIXES_MAX]))


def _of_product(rule: ReadinessRule, facts: ProductFacts) -> Sequence[Fix]:
    match rule.kind:
        case ReadinessKind.VARIANT if not facts.variants:
            lacking, path = "Add a variant.", "variants"
        case ReadinessKind.DESCRIPTION if not facts.description.strip():
            lacking, path = "Describe the product.", "description"
        case ReadinessKind.BRAND if not facts.brand:
            lacking, path = "Say who makes it.", "brand"
        case ReadinessKind.CATEGORY if not facts.has_category:
            lacking, path = "File the product in a category.", "categories"
        case ReadinessKind.IMAGE if not facts.has_image:
            lacking, path = "Add a picture with an alternative text.", "media"
        case ReadinessKind.FIELD if rule.argument not in facts.field_keys:
            lacking, path = f"Set the custom field {rule.argument}.", "customFields"
        case _:
            return ()
    steps = (path, rule.argument) if rule.argument else (path,)
    return (Fix(rule.kind, lacking, "prd", facts.id, steps),)


def _of_variant(rule: ReadinessRule, currency: str, facts: Facts) -> Sequence[Fix]:
    found: list[tuple[str, tuple[str, ...]]] = []
    match rule.kind:
        case ReadinessKind.PRICE if currency not in facts.currencies:
            found.append((f"Give {facts.sku} a price in {currency}.", ("prices", currency)))
        case ReadinessKind.GTIN if not facts.has_gtin:
            found.append((f"Give {facts.sku} a GTIN.", ("barcodes",)))
        case ReadinessKind.WEIGHT if not facts.weight_g:
            found.append((f"Weigh {facts.sku}.", ("weightG",)))
        case ReadinessKind.CUSTOMS:
            if not facts.has_hs_code:
                found.append((f"Give {facts.sku} an HS code.", ("customs", "hsCode")))
            if not facts.has_origin:
                text = f"Say where {facts.sku} was made."
                found.append((text, ("customs", "countryOfOrigin")))
        case ReadinessKind.FISCAL if rule.argument not in facts.fiscal_countries:
            country = rule.argument or ""
            text = f"Complete the fiscal profile of {facts.sku} for {country}."
            found.append((text, ("fiscalProfiles", country)))
    return [Fix(rule.kind, text, "sku", facts.id, path) for text, path in found]
