"""How files come and go: leave to upload, receipt, removal of what nothing shows.

Removing takes three steps, since the storage is not part of the transaction: files are doomed,
then removed from the storage by the worker, then forgotten. Wherever that ends too early, the
next run goes on; a file that is doomed can neither be shown nor received.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select, update

from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.rows import among, fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.texts import check_range
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.media.model import (
    SECRET_BYTES,
    UNUSED_LIFE_S,
    UPLOAD_BYTES_MAX,
    UPLOAD_LIFE_S,
    FileBeingRemoved,
    FileContent,
    FileReceived,
    FileStatus,
    MediaFile,
    MediaType,
    UnknownUpload,
    Upload,
    UploadCreated,
    new_secret,
    secret_hash,
)
from backoffice_api.domain.media.tables import (
    attached_files,
    media_files,
    media_uploads,
    product_media,
)

DOOM_JOB = "media.doom_unused_files"
REMOVE_JOB = "media.remove_files"
DOOMED_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateMediaUpload(Command):
    scope = Scope.PRODUCTS_WRITE
    byte_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveMediaFile(Command):
    """What was uploaded with a secret, and is in the storage now. Run as the system."""

    scope = Scope.PRODUCTS_WRITE
    secret: Secret
    hash: str
    media_type: MediaType
    byte_size: int
    width: int | None
    height: int | None


@dataclass(frozen=True, slots=True)
class DoomUnusedFiles(Command):
    """Run by the worker every hour."""

    scope = Scope.PRODUCTS_WRITE


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetMediaFiles(Command):
    """These files are not in the storage any more."""

    scope = Scope.PRODUCTS_WRITE
    file_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class NewUpload:
    """A leave that was given. The secret is None when the answer is given again."""

    id: UUID
    secret: Secret | None


@dataclass(frozen=True, slots=True)
class Received:
    """What an upload came to."""

    upload_id: UUID
    file_id: UUID


def create_upload(uow: UnitOfWork, command: CreateMediaUpload) -> NewUpload:
    """Give leave to upload one file, once, within an hour.

    Raises:
        OutOfRange: the file would be too large.
    """
    faults = Faults()
    check_range(command.byte_size, faults, "byte_size", minimum=1, maximum=UPLOAD_BYTES_MAX)
    faults.check()
    secret = new_secret(uow.random_bytes(SECRET_BYTES))
    made = Upload(uow.new_id(), uow.now, uow.now + timedelta(seconds=UPLOAD_LIFE_S), None)
    add(uow, media_uploads, [made], secret_hash=[secret_hash(secret)])
    uow.emit(UploadCreated(made.id, 1), after=made)
    return NewUpload(made.id, secret)


def receive_file(uow: UnitOfWork, command: ReceiveMediaFile) -> Received:
    """Note what was uploaded; the same content is the file that there is already.

    Raises:
        UnknownUpload: the secret opens nothing, or not any more.
        FileBeingRemoved: the same file is being removed right now.
    """
    statement = (
        select_as(Upload, media_uploads)
        .where(
            media_uploads.c.secret_hash == secret_hash(command.secret),
            media_uploads.c.expires_at > uow.now,
            media_uploads.c.file_id.is_(None),
        )
        .with_for_update()
    )
    upload = next(iter(fetch(uow.db, Upload, statement)), None)
    if upload is None:
        raise UnknownUpload
    content = FileContent(
        command.hash, command.media_type, command.byte_size, command.width, command.height
    )
    file_id = note_file(uow, content)
    uow.db.execute(
        update(media_uploads).where(media_uploads.c.id == upload.id).values(file_id=file_id)
    )
    uow.emit(FileReceived(upload.id, 2, file_id, command.byte_size))
    return Received(upload.id, file_id)


def note_file(uow: UnitOfWork, content: FileContent) -> UUID:
    """Note a file that is in the storage; the same content is the one that there is already.

    Raises:
        FileBeingRemoved: the same file is being removed right now.
    """
    return _known(uow, content.hash) or _new(uow, content)


def doom_unused_files(uow: UnitOfWork, command: DoomUnusedFiles) -> int:
    """Have files removed that nothing has shown for a day. How many these are.

    Uploads that were never done are forgotten. If there may be more, another job goes on.
    """
    over = uow.now - timedelta(seconds=UNUSED_LIFE_S)
    uow.db.execute(
        delete(media_uploads).where(
            media_uploads.c.expires_at <= over, media_uploads.c.file_id.is_(None)
        )
    )
    shown = select(product_media.c.file_id).where(product_media.c.file_id == media_files.c.id)
    attached = select(attached_files.c.file_id).where(attached_files.c.file_id == media_files.c.id)
    unused = (
        select(media_files.c.id)
        .where(
            media_files.c.status == FileStatus.KEPT,
            media_files.c.received_at <= over,
            ~shown.exists(),
            ~attached.exists(),
        )
        .order_by(media_files.c.id)
        .limit(DOOMED_MAX)
        .with_for_update()
    )
    ids = uow.db.execute(unused).scalars().all()
    uow.db.execute(
        update(media_files).where(among(media_files.c.id, ids)).values(status=FileStatus.DOOMED)
    )
    if ids:
        uow.enqueue(Job(REMOVE_JOB, once_key=REMOVE_JOB))
    if len(ids) == DOOMED_MAX:
        uow.enqueue(Job(DOOM_JOB))
    return len(ids)


def forget_files(uow: UnitOfWork, command: ForgetMediaFiles) -> int:
    """Forget files that are not in the storage any more. How many these were."""
    mine = among(media_files.c.id, command.file_ids)
    gone = delete(media_files).where(mine, media_files.c.status == FileStatus.DOOMED)
    return uow.db.execute(gone).rowcount


def _known(uow: UnitOfWork, hash: str) -> UUID | None:
    """The file with this content, received once more. None: there is none."""
    statement = (
        select(media_files.c.id, media_files.c.status)
        .where(media_files.c.hash == hash)
        .with_for_update()
    )
    row = uow.db.execute(statement).one_or_none()
    if row is None:
        return None
    if row.status is FileStatus.DOOMED:
        raise FileBeingRemoved
    uow.db.execute(
        update(media_files).where(media_files.c.id == row.id).values(received_at=uow.now)
    )
    found: UUID = row.id
    return found


def _new(uow: UnitOfWork, content: FileContent) -> UUID:
    made = MediaFile(
        id=uow.new_id(),
        created_at=uow.now,
        hash=content.hash,
        media_type=content.media_type,
        byte_size=content.byte_size,
        width=content.width,
        height=content.height,
    )
    add(uow, media_files, [made], status=[FileStatus.KEPT], received_at=[uow.now])
    return made.id
