"""Custom fields on the wire: definitions, values, and filters by them."""

import inspect
from typing import Annotated, Any

import strawberry
from graphql import GraphQLAbstractType, GraphQLResolveInfo
from strawberry import UNSET
from strawberry.scalars import JSON

from backoffice_api.domain.custom_fields import queries
from backoffice_api.domain.custom_fields.model import definitions as model
from backoffice_api.domain.custom_fields.model import values
from backoffice_api.domain.custom_fields.model.definitions import (
    DefinitionSortKey,
    DefinitionStatus,
    FieldType,
    OwnerType,
    RuleNotForType,
)
from backoffice_api.domain.custom_fields.model.values import (
    InvalidCustomFieldValue,
    StaleCustomField,
    ValueFault,
)
from backoffice_api.domain.kernel.patch import KEEP
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.schema.aggregates import ActionState, HasTimeline
from backoffice_api.schema.connections import parameter
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import KeyedFilter, SortDirection, StringFilter, filter_input
from backoffice_api.schema.links import linked_with, one
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, UserError, error, payload

READ = Scope.FIELDS_READ

choice(DefinitionSortKey, name="CustomFieldDefinitionSortKey")
choice(DefinitionStatus, name="CustomFieldDefinitionStatus")
choice(FieldType, name="CustomFieldType")
choice(OwnerType, name="CustomFieldOwnerType")
choice(ValueFault, name="CustomFieldFault")


@node("cfd", model.Definition, queries.definitions_by_ids, scope=READ)
class CustomFieldDefinition(Node, Versioned, HasTimeline):
    """What a shop wants to know of its records of one type beyond their own fields."""

    owner_type: OwnerType = about("Which records have it.")
    key: str = about("Its name for programs, unique among those of the same records.")
    name: str = about("Its name for people.")
    description: str = about("What it is for. Empty if nothing is said.")
    field_type: FieldType = about("What it holds.", name="type")
    is_required: bool = about("Once it has a value, that can be changed but not cleared.")
    is_personal: bool = about(
        "Its values are personal data: shown with the scope personal:read, masked in the log, "
        "and not to be filtered by."
    )
    minimum: str | None = about(
        "Least length of texts, least value of numbers and times. Null: none."
    )
    maximum: str | None = about(
        "Greatest length of texts, greatest value of numbers and times. Null: none."
    )
    pattern: str | None = about("What the whole text must match. Null: anything.")
    choices: list[str] = about("What can be chosen, at most 250. Empty if it is no choice.")
    reference_type: OwnerType | None = about("What it leads to. Null if it is no reference.")
    status: DefinitionStatus = about("Whether it is in use.")
    actions: list[ActionState] = about("What can be done with it now.")


@described
class CustomField:
    """The value of a custom field of one record."""

    key: str = about("The key of the field.")

    @strawberry.field(description="The name of the field for people.")
    def name(parent: strawberry.Parent[values.CustomField]) -> str:
        return parent.definition.name

    @strawberry.field(name="type", description="What the field holds.")
    def field_type(parent: strawberry.Parent[values.CustomField]) -> FieldType:
        return parent.definition.field_type

    value: JSON | None = about(
        "The value as its type writes it; a list for several choices. Null if it is personal."
    )
    personal_value: JSON | None = about(
        "The value where it is personal, else null.",
        personal="custom",
        scope=Scope.PERSONAL_READ,
    )
    owner_version: int = about(
        "The version that the record got when the value was set; give it as `expectedVersion` to "
        "change only what you have seen."
    )

    @strawberry.field(description="How the field is defined.")
    def definition(parent: strawberry.Parent[values.CustomField]) -> CustomFieldDefinition:
        found: Any = parent.definition
        return found


_Keys = Annotated[
    list[str] | None, strawberry.argument(description="Only these, at most 250; null: all.")
]
_Key = Annotated[str, strawberry.argument(description="The key of the field.")]


@strawberry.interface(description="Something that can have custom fields.")
class HasCustomFields:
    custom_fields: list[CustomField] = linked_with(
        queries.values_by_owners,
        "id",
        [parameter("keys", _Keys)],
        "Its custom fields that have a value, by key; at most 250.",
        default=(),
    )
    custom_field: CustomField | None = linked_with(
        queries.value_by_owners,
        "id",
        [parameter("key", _Key, inspect.Parameter.empty)],
        "One of its custom fields. Null if it has no value.",
    )

    @classmethod
    def resolve_type(
        cls, value: Any, info: GraphQLResolveInfo[Any], abstract: GraphQLAbstractType
    ) -> str:
        return Node.resolve_type(value, info, abstract)


@error(InvalidCustomFieldValue)
class CustomFieldValueError(UserError):
    """A value breaks a rule of the custom field."""

    key: str = about("The key of the field.")
    fault: ValueFault = about("What is wrong with the value.")


@error(StaleCustomField)
class StaleCustomFieldError(UserError):
    """Somebody else set the custom field since you read it."""

    key: str = about("The key of the field.")
    expected: int = about("The version that was given.")
    actual: int = about("The version at which it was set. 0: it has no value now.")


@error(RuleNotForType)
class RuleNotForTypeError(UserError):
    """A rule was given that fields of this type cannot have, or one is missing that they need."""

    rule: str = about("Which rule.")
    field_type: FieldType = about("The type of the field.", name="type")


@strawberry.input(
    description="Tests one custom field by its key. All tests that are given must hold. A personal "
    "field passes none of them, nor does one that is not defined."
)
class CustomFieldFilter(KeyedFilter):
    eq: JSON | None = about("Is this; of several choices: has this one.", default=UNSET)
    in_: list[JSON] | None = about("Is one of these, at most 250.", name="in", default=UNSET)
    gte: JSON | None = about("Is at least this.", default=UNSET)
    gt: JSON | None = about("Is more than this.", default=UNSET)
    lte: JSON | None = about("Is at most this.", default=UNSET)
    lt: JSON | None = about("Is less than this.", default=UNSET)
    starts_with: str | None = about("Starts with this, capitals counting.", default=UNSET)
    is_null: bool | None = about("True: has no value. False: has one.", default=UNSET)


@filter_input
class CustomFieldDefinitionFilter:
    """Which definitions. All words that are given must hold."""

    owner_type: list[OwnerType] | None = about("Of records of these types.", default=UNSET)
    status: list[DefinitionStatus] | None = about("In one of these states.", default=UNSET)
    field_type: list[FieldType] | None = about("Of one of these types.", name="type", default=UNSET)
    key: StringFilter | None = about("By key.", default=UNSET)


@strawberry.input(description="The order of a list of definitions.")
class CustomFieldDefinitionSort:
    key: DefinitionSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.ASC)


@strawberry.input(description="A custom field to be defined.")
class CustomFieldDefinitionCreateInput:
    owner_type: OwnerType = about("Which records are to have it.")
    key: str = about("Small letters, digits and underscores, at most 60; never changes.")
    name: str = about("Its name for people, at most 250 characters.")
    field_type: FieldType = about("What it holds; never changes.", name="type")
    description: str = about("What it is for, at most 1,000 characters.", default="")
    is_required: bool = about("Whether its value cannot be cleared.", default=False)
    is_personal: bool = about("Whether its values are personal data.", default=False)
    minimum: str | None = about(
        "Least length of texts, least value of numbers and times.", default=None
    )
    maximum: str | None = about(
        "Greatest length of texts, greatest value of numbers and times.", default=None
    )
    pattern: str | None = about(
        "For TEXT: a regular expression for the whole text, of at most 200 characters, without "
        "back-references and lookarounds. It is matched in linear time.",
        default=None,
    )
    choices: list[str] = about("For choices: what can be chosen.", default_factory=list)
    reference_type: OwnerType | None = about("For references: what it leads to.", default=None)


@strawberry.input(
    description="What is to change of a definition. What is absent stays. New rules hold for "
    "values that are set from now on."
)
class CustomFieldDefinitionUpdateInput:
    name: str | None = about("Its name for people.", default=UNSET)
    description: str | None = about("What it is for.", default=UNSET)
    is_required: bool | None = about("Whether its value cannot be cleared.", default=UNSET)
    is_personal: bool | None = about("Whether its values are personal data.", default=UNSET)
    minimum: str | None = about("Least length or value; null: none.", default=UNSET)
    maximum: str | None = about("Greatest length or value; null: none.", default=UNSET)
    pattern: str | None = about("What the whole text must match; null: anything.", default=UNSET)
    choices: list[str] | None = about("What can be chosen.", default=UNSET)


@strawberry.input(description="What one custom field is to be.")
class CustomFieldInput:
    key: str = about("The key of the field.")
    value_: JSON | None = about(
        "The value as its type writes it; decimals as strings. Null clears it. Absent: it stays, "
        "and is only compared.",
        name="value",
        default=UNSET,
    )
    expected_version: int | None = about(
        "Set it only if its `ownerVersion` is still this; 0: only if it has no value.",
        default=None,
    )

    def value(self) -> values.FieldPatch:
        value = KEEP if self.value_ is UNSET else self.value_
        return values.FieldPatch(self.key, value, self.expected_version)


@strawberry.input(description="Custom fields to be set. Those that are not named stay.")
class CustomFieldsInput:
    custom_fields: list[CustomFieldInput] = about("At most 100, each key once.")

    def patches(self) -> tuple[values.FieldPatch, ...]:
        return tuple(each.value() for each in self.custom_fields)


@payload
class CustomFieldDefinitionPayload(MutationPayload):
    """What a mutation of a definition answers."""

    definition: CustomFieldDefinition | None = one(
        queries.definitions_by_ids, "value", "The definition as it is now. Null if it was refused."
    )
