"""Where media lie; their content lies in the storage."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
)

from backoffice_api.domain.kernel import personal
from backoffice_api.domain.kernel.tables import (
    Id,
    Instant,
    aggregate_columns,
    at_least_zero,
    choice,
    line,
    metadata,
)
from backoffice_api.domain.media.model import FileStatus, MediaType

media_files = Table(
    "media_files",
    metadata,
    Column("id", Id, primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    choice("media_type", MediaType),
    Column("byte_size", Integer, nullable=False),
    Column("width", Integer),
    Column("height", Integer),
    choice("status", FileStatus),
    # When it was last uploaded: what nothing shows is kept for a while from then on.
    Column("received_at", Instant, nullable=False),
    *at_least_zero("byte_size"),
    Index(None, "status", "received_at"),
)

media_uploads = Table(
    "media_uploads",
    metadata,
    Column("id", Id, primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("file_id", Id, ForeignKey("media_files.id", ondelete="SET NULL"), index=True),
)

# What is shown elsewhere than on products: photos as evidence, by whose they are.
attached_files = Table(
    "attached_files",
    metadata,
    Column("subject_id", Id, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("file_id", Id, ForeignKey("media_files.id"), nullable=False, index=True),
    *at_least_zero("position"),
    info=personal.of("subject_id", goes=True),
)

product_media = Table(
    "product_media",
    metadata,
    *aggregate_columns(),
    Column("product_id", Id, ForeignKey("products.id"), nullable=False),
    Column("variant_id", Id),
    Column("file_id", Id, ForeignKey("media_files.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("alt_text", line(), nullable=False),
    Column("focal_x", Integer),
    Column("focal_y", Integer),
    *at_least_zero("position"),
    # A medium is for a variant of its product, or for none.
    ForeignKeyConstraint(["variant_id", "product_id"], ["variants.id", "variants.product_id"]),
    CheckConstraint("(focal_x IS NULL) = (focal_y IS NULL)", name="focal_point_whole"),
    Index(None, "product_id", "position", "id"),
    Index(None, "variant_id", "position", "id"),
)
