"""How values are set: by the contexts whose records have them.

patch = patch_of(uow, OwnerType.PRODUCT, before.id, command.custom_fields)
if patch:
    put_values(uow, patch, save(uow, products, before, before).version)
return before.id
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from backoffice_api.domain.custom_fields import queries
from backoffice_api.domain.custom_fields.model.definitions import (
    OWNERS,
    Definition,
    FieldType,
    OwnerType,
)
from backoffice_api.domain.custom_fields.model.events import FIELDS_SET
from backoffice_api.domain.custom_fields.model.values import (
    COLUMNS,
    PATCHES_MAX,
    CustomField,
    FieldPatch,
    InvalidCustomFieldValue,
    Plain,
    StaleCustomField,
    UnknownCustomField,
    ValueFault,
    read,
    shown,
)
from backoffice_api.domain.custom_fields.tables import TYPED, values
from backoffice_api.domain.kernel import events
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.patch import KEEP
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.kernel.tables import metadata
from backoffice_api.domain.kernel.texts import check_distinct, check_size
from backoffice_api.domain.kernel.uow import UnitOfWork

# Where in the input a patch stands.
_INPUT = "custom_fields"


@dataclass(frozen=True, slots=True)
class Patch:
    """What is to change of one record: its fields that differ, with the values they get."""

    owner_type: OwnerType
    owner_id: UUID
    wanted: Sequence[tuple[Definition, tuple[Plain, ...]]]
    changes: Sequence[Mapping[str, Any]]

    def __bool__(self) -> bool:
        return bool(self.wanted)


def patch_of(
    uow: UnitOfWork, owner_type: OwnerType, owner_id: UUID, patches: Sequence[FieldPatch]
) -> Patch:
    """What `patches` would change of a record that the caller has read. Nothing is written.

    Three statements, and one for each type of record that is referred to.

    Raises:
        UnknownCustomField, InvalidCustomFieldValue, StaleCustomField, TooMany, Duplicate.
    """
    faults = Faults()
    check_size(tuple(patches), faults, _INPUT, maximum=PATCHES_MAX)
    check_distinct(tuple(each.key for each in patches), faults, _INPUT)
    faults.check()
    known = queries.definitions_by_keys(uow.db, owner_type, [each.key for each in patches])
    present = {
        each.key: each for each in queries.values_by_owners(uow.db, [owner_id]).get(owner_id, ())
    }
    wanted = []
    for position, patch in enumerate(patches):
        definition = known.get(patch.key)
        if definition is None:
            faults.add(UnknownCustomField(patch.key).at(_INPUT, position, "key"))
            continue
        before = present.get(patch.key)
        _compare(faults, patch, before, position)
        if patch.value is KEEP:
            continue
        try:
            new = read(definition, patch.value)
        except InvalidCustomFieldValue as fault:
            faults.add(fault.at(_INPUT, position, "value"))
            continue
        if new != (before.values if before else ()):
            wanted.append((position, definition, new))
    _check_references(uow, faults, wanted)
    faults.check()
    return Patch(
        owner_type,
        owner_id,
        [(definition, new) for _, definition, new in wanted],
        [_change(definition, present.get(definition.key), new) for _, definition, new in wanted],
    )


def put_values(uow: UnitOfWork, patch: Patch, owner_version: int) -> None:
    """Write a patch, and tell of it. Two statements.

    `owner_version`: that of the record after it.
    """
    changed = [definition.id for definition, _ in patch.wanted]
    uow.db.execute(
        delete(values).where(
            values.c.owner_id == patch.owner_id, among(values.c.definition_id, changed)
        )
    )
    rows = [
        {
            **dict.fromkeys(TYPED),
            "owner_id": patch.owner_id,
            "definition_id": definition.id,
            "position": position,
            "owner_version": owner_version,
            COLUMNS[definition.field_type]: value,
        }
        for definition, several in patch.wanted
        for position, value in enumerate(several)
    ]
    if rows:
        uow.db.execute(values.insert(), rows)
    uow.emit(FIELDS_SET[patch.owner_type](patch.owner_id, owner_version), changes=patch.changes)


def _compare(faults: Faults, patch: FieldPatch, before: CustomField | None, position: int) -> None:
    actual = before.owner_version if before else 0
    if patch.expected_version is not None and patch.expected_version != actual:
        fault = StaleCustomField(patch.key, patch.expected_version, actual)
        faults.add(fault.at(_INPUT, position, "expected_version"))


def _check_references(
    uow: UnitOfWork,
    faults: Faults,
    wanted: Sequence[tuple[int, Definition, tuple[Plain, ...]]],
) -> None:
    by_type: dict[OwnerType, list[tuple[int, str, Plain]]] = {}
    for position, definition, new in wanted:
        if definition.field_type is FieldType.REFERENCE and new:
            assert definition.reference_type is not None, "a reference leads to something"
            named = by_type.setdefault(definition.reference_type, [])
            named.append((position, definition.key, new[0]))
    for owner_type, named in by_type.items():
        _, table_name = OWNERS[owner_type]
        column = metadata.tables[table_name].c.id
        statement = select(column).where(among(column, [id for _, _, id in named]))
        there = set(uow.db.execute(statement).scalars())
        for position, key, id in named:
            if id not in there:
                fault = InvalidCustomFieldValue(key, ValueFault.UNKNOWN_REFERENCE)
                faults.add(fault.at(_INPUT, position, "value"))


def _change(
    definition: Definition, before: CustomField | None, new: tuple[Plain, ...]
) -> Mapping[str, Any]:
    old = before.shown if before else None
    now = shown(definition, new) if new else None
    path = f"custom_fields.{definition.key}"
    return events.change(path, old, now, personal=definition.is_personal)
