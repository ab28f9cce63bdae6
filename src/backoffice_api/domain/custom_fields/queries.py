"""What can be asked about custom fields, and how records are found by them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    and_,
    false,
    func,
    select,
    true,
    union_all,
)

from backoffice_api.domain.custom_fields.model.definitions import (
    Definition,
    DefinitionSortKey,
    DefinitionStatus,
    OwnerType,
    UnknownDefinition,
)
from backoffice_api.domain.custom_fields.model.values import (
    COLUMNS,
    CustomField,
    day_of,
    instant_of,
    micro_of,
)
from backoffice_api.domain.custom_fields.tables import definitions, values
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.errors import Invalid
from backoffice_api.domain.kernel.filters import Keyed, On, Operator
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import among, columns_of, one_per

_INT64 = 1 << 63

# Columns whose values are the same or not, but none is more than another one.
_WITHOUT_ORDER = frozenset({"flag", "reference_id"})

definitions_by_ids = one_per(Definition, definitions, definitions.c.id)

definition_list = Listing(
    Definition,
    definitions,
    sorts={
        DefinitionSortKey.KEY: definitions.c.key,
        DefinitionSortKey.CREATED_AT: definitions.c.created_at,
    },
    words={
        "owner_type": On(definitions.c.owner_type),
        "status": On(definitions.c.status),
        "field_type": On(definitions.c.field_type),
        "key": On(definitions.c.key),
    },
    descending=False,
)


@dataclass(eq=False)
class NotComparable(Invalid):
    """A custom field was compared with what no field can hold: a float, a list, an object."""

    key: str
    message = "The custom field {key!r:.90} cannot be compared with this."


def definition(db: Connection, id: UUID) -> Definition:
    """The definition `id`.

    Raises:
        UnknownDefinition: there is none.
    """
    if found := definitions_by_ids(db, [id]).get(id):
        return found
    raise UnknownDefinition(id).at("id")


def definitions_by_keys(
    db: Connection, owner_type: OwnerType, keys: Iterable[str]
) -> Mapping[str, Definition]:
    """The definitions in use for records of this type, by their keys."""
    statement = select(*columns_of(Definition, definitions)).where(
        definitions.c.owner_type == owner_type,
        definitions.c.status == DefinitionStatus.ACTIVE,
        among(definitions.c.key, set(keys)),
    )
    found = (Definition(*row) for row in db.execute(statement))
    return {each.key: each for each in found}


def count_of(db: Connection, owner_type: OwnerType) -> int:
    """How many fields records of this type have, archived ones too."""
    statement = select(func.count()).where(definitions.c.owner_type == owner_type)
    return int(db.execute(statement).scalar_one())


def values_by_owners(
    db: Connection, owner_ids: Iterable[UUID], keys: Sequence[str] | None = None
) -> Mapping[UUID, Sequence[CustomField]]:
    """The fields in use of each record that have a value, by key. One statement.

    `keys`: only these; None: all.
    """
    width = len(fields(Definition))
    statement = (
        select(
            *columns_of(Definition, definitions),
            *(values.c[name] for name in dict.fromkeys(COLUMNS.values())),
            values.c.owner_id,
            values.c.owner_version,
        )
        .join(definitions, definitions.c.id == values.c.definition_id)
        .where(among(values.c.owner_id, owner_ids), definitions.c.status == DefinitionStatus.ACTIVE)
        .order_by(values.c.owner_id, definitions.c.key, values.c.position)
    )
    if keys is not None:
        statement = statement.where(among(definitions.c.key, keys))
    found: dict[UUID, list[CustomField]] = {}
    rows = db.execute(statement)
    for (owner_id, _), of_field in groupby(rows, lambda row: (row.owner_id, row.key)):
        several = list(of_field)
        kept = tuple(next(value for value in row[width:-2] if value is not None) for row in several)
        field = CustomField(Definition(*several[0][:width]), kept, several[0].owner_version)
        found.setdefault(owner_id, []).append(field)
    return found


def value_by_owners(
    db: Connection, owner_ids: Iterable[UUID], key: str
) -> Mapping[UUID, CustomField]:
    """The field `key` of each record that has a value for it."""
    found = values_by_owners(db, owner_ids, (key,))
    return {id: of_record[0] for id, of_record in found.items()}


@dataclass(frozen=True, slots=True, eq=False)
class OnCustomFields:
    """A word that tests custom fields of a listed record; its values are `Keyed`.

    Which type the field has is not known here. But each value lies in the column of its type, so
    what is asked is looked up in each column that could hold it: "12.50" in texts and in decimals.
    Personal fields are not found by, since what is found would tell their values.
    """

    id: Column[Any]
    owner_type: OwnerType

    def __call__(self, operator: Operator, value: Any) -> ColumnElement[bool]:
        if not isinstance(value, Keyed):  # An empty list of tests: all of them hold.
            return true()
        owners = select(values.c.owner_id)
        named = values.c.definition_id == self._definition(value.key)
        if operator is Operator.IS_NULL:
            found = self.id.in_(owners.where(named))
            return ~found if value.value else found
        parts = [
            owners.where(named, On(values.c[name])(operator, operand))
            for name, operand in _operands(operator, value)
        ]
        if not parts:
            return false()
        return self.id.in_(parts[0] if len(parts) == 1 else union_all(*parts))

    def _definition(self, key: str) -> Any:
        return (
            select(definitions.c.id)
            .where(
                and_(
                    definitions.c.owner_type == self.owner_type,
                    definitions.c.key == key,
                    definitions.c.status == DefinitionStatus.ACTIVE,
                    definitions.c.is_personal.is_(False),
                )
            )
            .scalar_subquery()
        )


def _operands(operator: Operator, asked: Keyed) -> Iterator[tuple[str, Any]]:
    """Columns that could hold what is asked for, each with what it is compared with."""
    if operator is Operator.STARTS_WITH:
        yield "text", asked.value
        return
    several = asked.value if operator is Operator.IN else (asked.value,)
    found: dict[str, list[Any]] = {}
    if isinstance(asked.value, bool) and operator is not Operator.EQ:
        raise NotComparable(asked.key)  # Yes is not more than no.
    for each in several:
        for name, operand in _readings(asked.key, each):
            found.setdefault(name, []).append(operand)
    for name, operands in found.items():
        if name in _WITHOUT_ORDER and operator not in (Operator.EQ, Operator.IN):
            continue
        yield name, tuple(operands) if operator is Operator.IN else operands[0]


def _readings(key: str, value: Any) -> Iterator[tuple[str, Any]]:
    match value:
        case bool():
            yield "flag", value
        case int():
            if -_INT64 <= value < _INT64:
                yield "integer", value
            if (micro := micro_of(str(value))) is not None:
                yield "decimal_micro", micro
        case str():
            yield "text", value
            if (micro := micro_of(value)) is not None:
                yield "decimal_micro", micro
            if (day := day_of(value)) is not None:
                yield "day", day
            elif (instant := instant_of(value)) is not None:
                yield "instant", instant
            if (parts := ids.split(value)) is not None:
                yield "reference_id", parts[1]
        case _:
            raise NotComparable(key)
