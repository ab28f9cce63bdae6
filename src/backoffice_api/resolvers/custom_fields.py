"""What can be asked and done with definitions of custom fields."""

import strawberry

from backoffice_api.domain.custom_fields import queries
from backoffice_api.domain.custom_fields.commands import definitions as on_definitions
from backoffice_api.domain.kernel import ids
from backoffice_api.schema.connections import Connection, Count, counted, listed
from backoffice_api.schema.custom_fields import (
    READ,
    CustomFieldDefinition,
    CustomFieldDefinitionCreateInput,
    CustomFieldDefinitionFilter,
    CustomFieldDefinitionPayload,
    CustomFieldDefinitionSort,
    CustomFieldDefinitionUpdateInput,
)
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.payloads import keep


@strawberry.type
class CustomFieldQuery:
    custom_field_definitions: Connection[CustomFieldDefinition] = listed(
        queries.definition_list,
        "Definitions of custom fields, by key.",
        scope=READ,
        filter=CustomFieldDefinitionFilter,
        sort=CustomFieldDefinitionSort,
    )
    custom_field_definitions_count: Count = counted(
        queries.definition_list,
        "How many definitions there are.",
        scope=READ,
        filter=CustomFieldDefinitionFilter,
    )


@strawberry.type
class CustomFieldMutation:
    @mutation(on_definitions.create_definition, CustomFieldDefinitionPayload)
    def custom_field_definition_create(
        input: CustomFieldDefinitionCreateInput,
    ) -> on_definitions.CreateDefinition:
        """Define a custom field."""
        return on_definitions.CreateDefinition(
            owner_type=input.owner_type,
            key=input.key,
            name=input.name,
            field_type=input.field_type,
            description=input.description,
            is_required=input.is_required,
            is_personal=input.is_personal,
            minimum=input.minimum,
            maximum=input.maximum,
            pattern=input.pattern,
            choices=tuple(input.choices),
            reference_type=input.reference_type,
        )

    @mutation(on_definitions.update_definition, CustomFieldDefinitionPayload)
    def custom_field_definition_update(
        id: strawberry.ID, input: CustomFieldDefinitionUpdateInput
    ) -> on_definitions.UpdateDefinition:
        """Change a definition. What is absent stays; null clears. Values that are there stay."""
        return on_definitions.UpdateDefinition(
            id=ids.parse("cfd", id),
            name=keep(input.name),
            description=keep(input.description),
            is_required=keep(input.is_required),
            is_personal=keep(input.is_personal),
            minimum=keep(input.minimum, nullable=True),
            maximum=keep(input.maximum, nullable=True),
            pattern=keep(input.pattern, nullable=True),
            choices=keep(input.choices),
        )

    @mutation(on_definitions.archive_definition, CustomFieldDefinitionPayload)
    def custom_field_definition_archive(id: strawberry.ID) -> on_definitions.ArchiveDefinition:
        """Take a custom field out of use. Its values are kept, but neither shown nor set."""
        return on_definitions.ArchiveDefinition(id=ids.parse("cfd", id))

    @mutation(on_definitions.restore_definition, CustomFieldDefinitionPayload)
    def custom_field_definition_restore(id: strawberry.ID) -> on_definitions.RestoreDefinition:
        """Take a custom field into use again, with the values it had."""
        return on_definitions.RestoreDefinition(id=ids.parse("cfd", id))
