"""What can be asked about media."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select

from backoffice_api.domain.kernel.rows import (
    among,
    columns_of,
    fetch,
    many_per,
    one_per,
    select_as,
)
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.media.model import (
    FileStatus,
    MediaFile,
    Medium,
    UnknownMedium,
    Upload,
    secret_hash,
)
from backoffice_api.domain.media.tables import (
    attached_files,
    media_files,
    media_uploads,
    product_media,
)

files_by_ids = one_per(MediaFile, media_files, media_files.c.id)
kept_files_by_ids = one_per(
    MediaFile, media_files, media_files.c.id, media_files.c.status == FileStatus.KEPT
)
uploads_by_ids = one_per(Upload, media_uploads, media_uploads.c.id)
media_by_ids = one_per(Medium, product_media, product_media.c.id)
media_by_products = many_per(
    Medium,
    product_media,
    product_media.c.product_id,
    product_media.c.position,
    product_media.c.id,
)
media_by_variants = many_per(
    Medium,
    product_media,
    product_media.c.variant_id,
    product_media.c.position,
    product_media.c.id,
)


def files_by_subjects(db: Connection, ids: Iterable[UUID]) -> Mapping[UUID, Sequence[MediaFile]]:
    """What was attached to each subject, in its order."""
    statement = (
        select(attached_files.c.subject_id, *columns_of(MediaFile, media_files))
        .join(media_files, media_files.c.id == attached_files.c.file_id)
        .where(among(attached_files.c.subject_id, ids))
        .order_by(attached_files.c.subject_id, attached_files.c.position)
    )
    found: dict[UUID, list[MediaFile]] = {}
    for row in db.execute(statement):
        found.setdefault(row[0], []).append(MediaFile(*row[1:]))
    return found


def open_upload(db: Connection, secret: Secret, now: datetime) -> Upload | None:
    """The upload that may be done with this secret now. None: there is none, or not any more."""
    statement = select_as(Upload, media_uploads).where(
        media_uploads.c.secret_hash == secret_hash(secret),
        media_uploads.c.expires_at > now,
        media_uploads.c.file_id.is_(None),
    )
    return next(iter(fetch(db, Upload, statement)), None)


def medium(db: Connection, id: UUID) -> Medium:
    """The medium `id`.

    Raises:
        UnknownMedium: there is none.
    """
    if found := media_by_ids(db, [id]).get(id):
        return found
    raise UnknownMedium(id).at("id")


def media_of(db: Connection, product_id: UUID) -> Sequence[Medium]:
    """The media of a product, in their order."""
    return media_by_products(db, [product_id]).get(product_id, ())


def doomed_files(db: Connection, limit: int) -> Sequence[MediaFile]:
    """Files that are to be removed, in any order."""
    statement = select_as(MediaFile, media_files).where(media_files.c.status == FileStatus.DOOMED)
    return fetch(db, MediaFile, statement.limit(limit))


def files_of_uploads(db: Connection, ids: Iterable[UUID]) -> Mapping[UUID, MediaFile]:
    """What was uploaded with each leave, where something was."""
    statement = (
        select(media_uploads.c.id, *columns_of(MediaFile, media_files))
        .join(media_files, media_files.c.id == media_uploads.c.file_id)
        .where(among(media_uploads.c.id, ids))
    )
    return {row[0]: MediaFile(*row[1:]) for row in db.execute(statement)}
