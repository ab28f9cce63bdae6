"""Definitions: which custom fields there are, of which type, with which rules.

Owner, key and type of a definition never change. New rules hold for values that are set from
then on; those that are there stay.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.custom_fields.model.patterns import InvalidPattern, Pattern
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Faults, Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.kernel.texts import check_distinct, check_size, check_text

DEFINITIONS_MAX = 250
CHOICES_MAX = 250
DESCRIPTION_LENGTH_MAX = 1_000
BOUND_LENGTH_MAX = 40
_KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")


class OwnerType(Choice):
    """Of what kind the records are that have a field."""

    PRODUCT = "product", "Products."
    VARIANT = "variant", "Variants of products."
    CUSTOMER = "customer", "Customers."
    ORDER = "order", "Orders."


# Prefix of their ids and name of their table, by the type of the records.
OWNERS: Mapping[OwnerType, tuple[str, str]] = {
    OwnerType.PRODUCT: ("prd", "products"),
    OwnerType.VARIANT: ("sku", "variants"),
    OwnerType.CUSTOMER: ("cus", "customers"),
    OwnerType.ORDER: ("ord", "orders"),
}


class FieldType(Choice):
    """What a custom field holds."""

    TEXT = "text", "One line of text, at most 500 characters."
    MULTILINE_TEXT = "multiline_text", "Text of any lines, at most 20,000 characters."
    INTEGER = "integer", "A whole number of 64 bits."
    DECIMAL = "decimal", "A number of up to 6 decimals, as a string."
    BOOLEAN = "boolean", "Yes or no."
    DATE = "date", "A calendar day, as 2026-01-31."
    DATE_TIME = "date_time", "A moment with its time zone, as 2026-01-31T09:30:00Z."
    SINGLE_CHOICE = "single_choice", "One of the choices of the definition."
    MULTI_CHOICE = "multi_choice", "Some of the choices of the definition, as a list."
    REFERENCE = "reference", "The id of another record."
    URL = "url", "An address that begins with https:// or http://, at most 500 characters."


# Which types a lower and an upper bound can be given for: on the length of texts, else the value.
BY_LENGTH = frozenset({FieldType.TEXT, FieldType.MULTILINE_TEXT, FieldType.URL})
BY_VALUE = frozenset({FieldType.INTEGER, FieldType.DECIMAL, FieldType.DATE, FieldType.DATE_TIME})
WITH_CHOICES = frozenset({FieldType.SINGLE_CHOICE, FieldType.MULTI_CHOICE})


class DefinitionStatus(Choice):
    """Whether a custom field is in use."""

    ACTIVE = "active", "Values can be set, are shown, and can be filtered by."
    ARCHIVED = "archived", "Out of use: its values are kept, but not shown."


MACHINE = Machine(
    DefinitionStatus.ACTIVE,
    move("update", {DefinitionStatus.ACTIVE}),
    move("archive", {DefinitionStatus.ACTIVE}, DefinitionStatus.ARCHIVED),
    move("restore", {DefinitionStatus.ARCHIVED}, DefinitionStatus.ACTIVE),
)


class DefinitionSortKey(Choice):
    """By what a list of definitions is sorted."""

    KEY = "key", "The key, by code point."
    CREATED_AT = "created_at", "When the definition was made."


@dataclass(frozen=True, slots=True)
class Definition:
    """`minimum` and `maximum` bound the length of texts, the value of numbers and times.

    They are written as values of the type are. `reference_type`: what a reference leads to.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    owner_type: OwnerType
    key: str
    name: str
    description: str
    field_type: FieldType
    is_required: bool
    is_personal: bool
    minimum: str | None
    maximum: str | None
    pattern: str | None
    choices: Sequence[str]
    reference_type: OwnerType | None
    status: DefinitionStatus

    @property
    def actions(self) -> Sequence[Action]:
        return MACHINE.actions(self.status)


@dataclass(frozen=True, slots=True)
class DefinitionCreated(Event):
    type = "custom_field_definition.created"
    subject = "cfd"
    summary = "Custom field {key} was defined."
    id: UUID
    version: int
    key: str


@dataclass(frozen=True, slots=True)
class DefinitionUpdated(Event):
    type = "custom_field_definition.updated"
    subject = "cfd"
    summary = "The definition of custom field {key} was changed."
    id: UUID
    version: int
    key: str


@dataclass(frozen=True, slots=True)
class DefinitionArchived(Event):
    type = "custom_field_definition.archived"
    subject = "cfd"
    summary = "Custom field {key} was taken out of use."
    id: UUID
    version: int
    key: str


@dataclass(frozen=True, slots=True)
class DefinitionRestored(Event):
    type = "custom_field_definition.restored"
    subject = "cfd"
    summary = "Custom field {key} is in use again."
    id: UUID
    version: int
    key: str


@dataclass(eq=False)
class UnknownDefinition(Missing):
    """There is no definition with this id."""

    id: UUID
    message = "There is no such definition of a custom field."


@dataclass(eq=False)
class CustomFieldKeyTaken(Refused):
    """Records of this type have a field with this key, in use or archived."""

    key: str
    message = "There is a custom field {key!r:.90} already."


@dataclass(eq=False)
class InvalidFieldKey(Invalid):
    """A key is small letters, digits and underscores, 60 at most, and begins with a letter."""

    message = "A key is written like wood_kind: small letters, digits, underscores; at most 60."


@dataclass(eq=False)
class RuleNotForType(Invalid):
    """A rule was given that values of this type cannot have, or one is missing that they need."""

    rule: str
    field_type: FieldType
    message = "The rule {rule} does not go with the type {field_type.name}."


@dataclass(eq=False)
class InvalidBound(Invalid):
    """A bound is no value of the type, or the lower one is above the upper one."""

    message = "The bounds are no values of the type, or the lower one is above the upper one."


def check_key(faults: Faults, key: str) -> None:
    if not _KEY.fullmatch(key):
        faults.add(InvalidFieldKey().at("key"))


def check_rules(faults: Faults, definition: Definition) -> None:
    """Note rules that do not go with the type, or that nobody could keep. Bounds apart."""
    kind = definition.field_type
    check_text(definition.name, faults, "name")
    check_text(
        definition.description, faults, "description", minimum=0, maximum=DESCRIPTION_LENGTH_MAX
    )
    check_size(definition.choices, faults, "choices", maximum=CHOICES_MAX)
    check_distinct(tuple(definition.choices), faults, "choices")
    for position, choice in enumerate(definition.choices):
        check_text(choice, faults, "choices", position)
    if bool(definition.choices) != (kind in WITH_CHOICES):
        faults.add(RuleNotForType("choices", kind).at("choices"))
    if (definition.reference_type is not None) != (kind is FieldType.REFERENCE):
        faults.add(RuleNotForType("reference_type", kind).at("reference_type"))
    if definition.pattern is not None:
        _check_pattern(faults, kind, definition.pattern)
    for name in ("minimum", "maximum"):
        if getattr(definition, name) is not None and kind not in BY_LENGTH | BY_VALUE:
            faults.add(RuleNotForType(name, kind).at(name))


def _check_pattern(faults: Faults, kind: FieldType, pattern: str) -> None:
    if kind is not FieldType.TEXT:
        faults.add(RuleNotForType("pattern", kind).at("pattern"))
        return
    try:
        Pattern(pattern)
    except InvalidPattern as fault:
        faults.add(fault.at("pattern"))
