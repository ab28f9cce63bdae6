"""Where definitions and values of custom fields lie.

Each value has a column of its own type, with an index of its own, so that records can be found
by it. Values of several choices are several rows.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from backoffice_api.domain.custom_fields.model.definitions import (
    BOUND_LENGTH_MAX,
    DefinitionStatus,
    FieldType,
    OwnerType,
)
from backoffice_api.domain.custom_fields.model.patterns import PATTERN_LENGTH_MAX
from backoffice_api.domain.custom_fields.model.values import LINE_LENGTH_MAX
from backoffice_api.domain.kernel import personal
from backoffice_api.domain.kernel.tables import (
    Id,
    Instant,
    Json,
    aggregate_columns,
    choice,
    line,
    metadata,
    sorted_by,
)

definitions = Table(
    "custom_field_definitions",
    metadata,
    *aggregate_columns(),
    choice("owner_type", OwnerType),
    Column("key", line(60), nullable=False),
    Column("name", line(), nullable=False),
    Column("description", Text, nullable=False),
    choice("field_type", FieldType),
    Column("is_required", Boolean, nullable=False),
    Column("is_personal", Boolean, nullable=False),
    Column("minimum", String(BOUND_LENGTH_MAX)),
    Column("maximum", String(BOUND_LENGTH_MAX)),
    Column("pattern", String(PATTERN_LENGTH_MAX)),
    Column("choices", Json, nullable=False),
    choice("reference_type", OwnerType, nullable=True),
    choice("status", DefinitionStatus),
    UniqueConstraint("owner_type", "key"),
    sorted_by("key"),
    sorted_by("created_at"),
    Index(None, "owner_type", "status", "key"),
    Index(None, "status", "key"),
    Index(None, "field_type", "key"),
)

# One of them holds the value.
TYPED = ("text", "long_text", "integer", "decimal_micro", "flag", "day", "instant", "reference_id")

# Those that records can be found by: all but long texts.
INDEXED = tuple(name for name in TYPED if name != "long_text")

values = Table(
    "custom_field_values",
    metadata,
    # A record of another context, of the definition's `owner_type`.
    Column("owner_id", Id, primary_key=True),
    Column("definition_id", Id, ForeignKey("custom_field_definitions.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    # Of the owner, when the value was set.
    Column("owner_version", Integer, nullable=False),
    Column("text", line(LINE_LENGTH_MAX), info=personal.CUSTOM),
    Column("long_text", Text, info=personal.CUSTOM),
    Column("integer", BigInteger),
    Column("decimal_micro", BigInteger),
    Column("flag", Boolean),
    Column("day", Date),
    Column("instant", Instant),
    Column("reference_id", Id),
    CheckConstraint(
        " + ".join(f"(CASE WHEN {name} IS NULL THEN 0 ELSE 1 END)" for name in TYPED) + " = 1",
        name="one_type",
    ),
    Index(None, "definition_id", "owner_id"),
    *(
        Index(
            None,
            "definition_id",
            name,
            "owner_id",
            postgresql_where=text(f"{name} IS NOT NULL"),
            sqlite_where=text(f"{name} IS NOT NULL"),
        )
        for name in INDEXED
    ),
    info=personal.of("owner_id", goes=True),
)
