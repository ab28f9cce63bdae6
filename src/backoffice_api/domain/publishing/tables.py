"""Where publications and the rules of readiness lie."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, UniqueConstraint, text

from backoffice_api.domain.kernel.tables import (
    Id,
    Instant,
    Json,
    aggregate_columns,
    choice,
    metadata,
    sorted_by,
)
from backoffice_api.domain.publishing.model.publications import PublicationStatus

publications = Table(
    "publications",
    metadata,
    *aggregate_columns(),
    Column("product_id", Id, ForeignKey("products.id"), nullable=False),
    Column("channel_id", Id, ForeignKey("channels.id"), nullable=False),
    choice("status", PublicationStatus),
    Column("publish_at", Instant),
    Column("unpublish_at", Instant),
    Column("published_at", Instant),
    UniqueConstraint("product_id", "channel_id"),
    CheckConstraint(
        "(status = 'scheduled') = (publish_at IS NOT NULL)", name="scheduled_has_moment"
    ),
    CheckConstraint(
        "(status = 'published') = (published_at IS NOT NULL)", name="published_at_while_published"
    ),
    sorted_by("created_at"),
    sorted_by("updated_at"),
    Index(None, "channel_id", "created_at", "id"),
    Index(None, "status", "created_at", "id"),
    *(
        # What is due next: only few have a moment at any time.
        Index(
            None,
            name,
            "id",
            postgresql_where=text(f"{name} IS NOT NULL"),
            sqlite_where=text(f"{name} IS NOT NULL"),
        )
        for name in ("publish_at", "unpublish_at")
    ),
)

channel_readiness = Table(
    "channel_readiness",
    metadata,
    Column("channel_id", Id, ForeignKey("channels.id"), primary_key=True),
    Column("rules", Json, nullable=False),
)
