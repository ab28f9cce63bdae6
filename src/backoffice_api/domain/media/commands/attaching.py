"""How files are attached to what other contexts own: photos as evidence, papers of bills."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.media.model import FileStatus, UnknownMediaFile
from backoffice_api.domain.media.tables import attached_files, media_files


def attach_files(
    uow: UnitOfWork, files: Mapping[UUID, Sequence[UUID]], path: str = "photo_ids"
) -> None:
    """Show files with subjects that have none yet. From now on they are kept.

    `path`: where they stand in the input.

    Raises:
        UnknownMediaFile: there is no such file, or it is being removed.
    """
    named = {file_id for of_subject in files.values() for file_id in of_subject}
    if not named:
        return
    statement = (
        select(media_files.c.id)
        .where(among(media_files.c.id, named), media_files.c.status == FileStatus.KEPT)
        .order_by(media_files.c.id)
        .with_for_update(read=True)
    )
    kept = set(uow.db.execute(statement).scalars())
    faults = Faults()
    for missing in sorted(named - kept):
        faults.add(UnknownMediaFile(missing).at(path))
    faults.check()
    rows: list[dict[str, Any]] = [
        {"subject_id": subject_id, "position": position, "file_id": file_id}
        for subject_id, of_subject in files.items()
        for position, file_id in enumerate(of_subject)
    ]
    uow.db.execute(attached_files.insert(), rows)


def replace_files(
    uow: UnitOfWork, subject_id: UUID, file_ids: Iterable[UUID], path: str = "photo_ids"
) -> None:
    """Show these files with a subject, each once, and no others for its sake any more.

    `path`: where they stand in the input.

    Raises:
        UnknownMediaFile: there is no such file, or it is being removed.
    """
    uow.db.execute(delete(attached_files).where(attached_files.c.subject_id == subject_id))
    attach_files(uow, {subject_id: tuple(dict.fromkeys(file_ids))}, path)
