"""What can be done with definitions of custom fields: made, changed, archived, restored."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select

from backoffice_api.domain.custom_fields import queries
from backoffice_api.domain.custom_fields.model.definitions import (
    DEFINITIONS_MAX,
    MACHINE,
    CustomFieldKeyTaken,
    Definition,
    DefinitionArchived,
    DefinitionCreated,
    DefinitionRestored,
    DefinitionUpdated,
    FieldType,
    OwnerType,
    check_key,
    check_rules,
)
from backoffice_api.domain.custom_fields.model.values import check_bounds
from backoffice_api.domain.custom_fields.tables import definitions
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import TooMany
from backoffice_api.domain.kernel.uow import Command, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateDefinition(Command):
    scope = Scope.FIELDS_WRITE
    owner_type: OwnerType
    key: str
    name: str
    field_type: FieldType
    description: str = ""
    is_required: bool = False
    is_personal: bool = False
    minimum: str | None = None
    maximum: str | None = None
    pattern: str | None = None
    choices: tuple[str, ...] = ()
    reference_type: OwnerType | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateDefinition(Command):
    """Rules hold for values that are set from now on. Owner, key and type never change."""

    scope = Scope.FIELDS_WRITE
    table = definitions
    id: UUID
    name: str | Keep = KEEP
    description: str | Keep = KEEP
    is_required: bool | Keep = KEEP
    is_personal: bool | Keep = KEEP
    minimum: str | Keep | None = KEEP
    maximum: str | Keep | None = KEEP
    pattern: str | Keep | None = KEEP
    choices: tuple[str, ...] | Keep = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveDefinition(Command):
    scope = Scope.FIELDS_WRITE
    table = definitions
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreDefinition(Command):
    scope = Scope.FIELDS_WRITE
    table = definitions
    id: UUID


def create_definition(uow: UnitOfWork, command: CreateDefinition) -> UUID:
    """Define a custom field. Id of the definition.

    Raises:
        CustomFieldKeyTaken: records of this type have a field with this key, archived or not.
        TooMany: they have `DEFINITIONS_MAX` fields.
        InvalidFieldKey, InvalidText, RuleNotForType, InvalidBound, InvalidPattern, Duplicate:
            the input is wrong.
    """
    made = Definition(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        owner_type=command.owner_type,
        key=command.key,
        name=command.name,
        description=command.description,
        field_type=command.field_type,
        is_required=command.is_required,
        is_personal=command.is_personal,
        minimum=command.minimum,
        maximum=command.maximum,
        pattern=command.pattern,
        choices=command.choices,
        reference_type=command.reference_type,
        status=MACHINE.start,
    )
    faults = Faults()
    check_key(faults, made.key)
    _check(faults, made)
    taken = select(definitions.c.id).where(
        definitions.c.owner_type == made.owner_type, definitions.c.key == made.key
    )
    if uow.db.execute(taken).first():
        raise CustomFieldKeyTaken(made.key).at("key")
    if queries.count_of(uow.db, made.owner_type) >= DEFINITIONS_MAX:
        raise TooMany(DEFINITIONS_MAX).at("owner_type")
    add(uow, definitions, [made])
    uow.emit(DefinitionCreated(made.id, made.version, made.key), after=made)
    return made.id


def update_definition(uow: UnitOfWork, command: UpdateDefinition) -> UUID:
    """Change what is given of a definition; what is absent stays. Its id.

    Raises:
        UnknownDefinition, InvalidTransition.
        InvalidText, RuleNotForType, InvalidBound, InvalidPattern, Duplicate: the change is wrong.
    """
    before = queries.definition(uow.db, command.id)
    MACHINE.check("update", before.status)
    after = replace(
        before,
        name=patched(command.name, before.name),
        description=patched(command.description, before.description),
        is_required=patched(command.is_required, before.is_required),
        is_personal=patched(command.is_personal, before.is_personal),
        minimum=patched(command.minimum, before.minimum),
        maximum=patched(command.maximum, before.maximum),
        pattern=patched(command.pattern, before.pattern),
        choices=patched(command.choices, tuple(before.choices)),
    )
    _check(Faults(), after)
    after = save(uow, definitions, before, after)
    uow.emit(DefinitionUpdated(after.id, after.version, after.key), before=before, after=after)
    return after.id


def archive_definition(uow: UnitOfWork, command: ArchiveDefinition) -> UUID:
    """Take a custom field out of use: its values are kept, but neither shown nor set. Its id.

    Raises:
        UnknownDefinition, InvalidTransition.
    """
    before = queries.definition(uow.db, command.id)
    after = _move(uow, before, "archive")
    uow.emit(DefinitionArchived(after.id, after.version, after.key), before=before, after=after)
    return after.id


def restore_definition(uow: UnitOfWork, command: RestoreDefinition) -> UUID:
    """Take a custom field into use again, with the values it had. Its id.

    Raises:
        UnknownDefinition, InvalidTransition.
    """
    before = queries.definition(uow.db, command.id)
    after = _move(uow, before, "restore")
    uow.emit(DefinitionRestored(after.id, after.version, after.key), before=before, after=after)
    return after.id


def _check(faults: Faults, definition: Definition) -> None:
    check_rules(faults, definition)
    faults.check()
    check_bounds(faults, definition)
    faults.check()


def _move(uow: UnitOfWork, before: Definition, action: str) -> Definition:
    """The only place that changes the status of a definition."""
    after = replace(before, status=MACHINE.check(action, before.status))
    return save(uow, definitions, before, after)
