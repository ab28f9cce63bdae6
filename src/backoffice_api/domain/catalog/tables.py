"""Where the catalogue lies."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from backoffice_api.domain.catalog.model.categories import PATH_LENGTH_MAX
from backoffice_api.domain.catalog.model.collections import CollectionStatus
from backoffice_api.domain.catalog.model.rules import Match
from backoffice_api.domain.catalog.model.slugs import SLUG_LENGTH_MAX
from backoffice_api.domain.kernel.tables import (
    Id,
    Json,
    aggregate_columns,
    at_least_zero,
    choice,
    line,
    metadata,
    sorted_by,
)

categories = Table(
    "categories",
    metadata,
    *aggregate_columns(),
    Column("parent_id", Id, ForeignKey("categories.id")),
    Column("name", line(), nullable=False),
    Column("slug", line(SLUG_LENGTH_MAX), nullable=False, unique=True),
    Column("description", Text, nullable=False),
    Column("path", line(PATH_LENGTH_MAX), nullable=False, unique=True),
    Column("position", Integer, nullable=False),
    *at_least_zero("position"),
    sorted_by("position"),
    sorted_by("name"),
    sorted_by("created_at"),
    Index(None, "parent_id", "position", "id"),
)

product_categories = Table(
    "product_categories",
    metadata,
    Column("product_id", Id, ForeignKey("products.id"), primary_key=True),
    Column("category_id", Id, ForeignKey("categories.id"), primary_key=True),
    Column("is_primary", Boolean, nullable=False),
    Index(None, "category_id", "product_id"),
    Index(
        "uq_product_categories_primary",
        "product_id",
        unique=True,
        postgresql_where=text("is_primary"),
        sqlite_where=text("is_primary"),
    ),
)

collections = Table(
    "collections",
    metadata,
    *aggregate_columns(),
    Column("name", line(), nullable=False),
    Column("slug", line(SLUG_LENGTH_MAX), nullable=False, unique=True),
    Column("description", Text, nullable=False),
    choice("match", Match),
    Column("rules", Json, nullable=False),
    choice("status", CollectionStatus),
    sorted_by("name"),
    sorted_by("created_at"),
    Index(None, "status", "name"),
)

# By hand: in whatever the rules say, or out of it.
collection_choices = Table(
    "collection_choices",
    metadata,
    Column("collection_id", Id, ForeignKey("collections.id"), primary_key=True),
    Column("product_id", Id, ForeignKey("products.id"), primary_key=True),
    Column("is_included", Boolean, nullable=False),
)

# What follows from rules and choices.
collection_members = Table(
    "collection_members",
    metadata,
    Column("collection_id", Id, ForeignKey("collections.id"), primary_key=True),
    Column("product_id", Id, ForeignKey("products.id"), primary_key=True),
    Index(None, "product_id", "collection_id"),
)

# How far in the event log the members have followed.
collection_progress = Table(
    "collection_progress",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("sequence", BigInteger, nullable=False),
)
