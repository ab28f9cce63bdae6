"""What can be done with files: announced, received, fetched, removed after their time."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import delete, update

from backoffice_api.domain.bulk.model.files import (
    KEPT,
    MACHINE,
    TICKET_BYTES,
    TICKET_GOOD_FOR,
    FileExpected,
    FileFetched,
    FileNotThere,
    FileOffered,
    FileReceived,
    FileRemoved,
    FileStatus,
    FileWritten,
    StoredFile,
    TicketSpent,
    UnknownFile,
    ticket_hash,
)
from backoffice_api.domain.bulk.model.runs import SheetFormat
from backoffice_api.domain.bulk.queries import runs as queries
from backoffice_api.domain.bulk.tables import (
    bulk_rejected_rows,
    bulk_remarks,
    file_tickets,
    stored_files,
)
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork

FORGOTTEN_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateUpload(Command):
    """`format` None: what the name ends in."""

    scope = Scope.BULK_WRITE
    name: str
    format: SheetFormat | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveFile(Command):
    """The bearer of the ticket has sent the file; it is whole, and lies in the storage."""

    scope = None
    ticket: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchFile(Command):
    """The bearer of the ticket is about to be sent the file."""

    scope = None
    ticket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepFile(Command):
    """A file that a job has written, or that was brought by the command line, is in the storage.

    `file_id`: from which its place there follows.
    """

    scope = Scope.BULK_WRITE
    file_id: UUID
    name: str
    format: SheetFormat
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetFiles(Command):
    """These files are not in the storage any more: their time was over."""

    scope = Scope.BULK_WRITE
    file_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class NewTicket:
    """The right to send or fetch a file. The secret is None when the answer is given again."""

    file_id: UUID
    secret: Secret | None


def create_upload(uow: UnitOfWork, command: CreateUpload) -> NewTicket:
    """Announce a file: what address it may be sent to, once. It is the caller's alone.

    Raises:
        InvalidText: the name is empty or too long.
        UnknownFormat: the format follows neither from the name nor from the input.
    """
    faults = Faults()
    check_text(command.name, faults, "name")
    faults.check()
    format = command.format or SheetFormat.of_name(command.name)
    made = _new(uow, uow.new_id(), command.name, format, FileStatus.EXPECTED)
    add(uow, stored_files, [made])
    uow.emit(FileExpected(made.id, made.version), after=made)
    return new_ticket(uow, made, is_upload=True)


def receive_file(uow: UnitOfWork, command: ReceiveFile) -> UUID:
    """Note that a file was sent, whole. Its id.

    Raises:
        TicketSpent: the address is not good, or not any more.
    """
    before = use_ticket(uow, command.ticket, is_upload=True)
    after = replace(
        before,
        status=MACHINE.check("receive", before.status),
        size_bytes=command.size_bytes,
        sha256=command.sha256,
        expires_at=uow.now + KEPT,
    )
    after = save(uow, stored_files, before, after)
    event = FileReceived(after.id, after.version, command.size_bytes)
    uow.emit(event, before=before, after=after)
    return after.id


def fetch_file(uow: UnitOfWork, command: FetchFile) -> UUID:
    """Let the bearer of the ticket have the file, this once. Its id.

    Raises:
        TicketSpent: the address is not good, or not any more.
        FileNotThere: the file was removed meanwhile.
    """
    found = use_ticket(uow, command.ticket, is_upload=False)
    if found.status is not FileStatus.STORED:
        raise FileNotThere()
    uow.emit(FileFetched(found.id, found.version))
    return found.id


def keep_file(uow: UnitOfWork, command: KeepFile) -> UUID:
    """Note a file that is in the storage. It is the caller's. Its id."""
    made = replace(
        _new(uow, command.file_id, command.name, command.format, FileStatus.STORED),
        size_bytes=command.size_bytes,
        sha256=command.sha256,
    )
    add(uow, stored_files, [made])
    uow.emit(FileWritten(made.id, made.version, command.size_bytes), after=made)
    return made.id


def forget_files(uow: UnitOfWork, command: ForgetFiles) -> int:
    """Note that files are gone, and drop what was kept of the rows of their imports. How many."""
    found = queries.files_by_ids(uow.db, command.file_ids)
    count = 0
    for before in found.values():
        if before.status is FileStatus.REMOVED:
            continue
        after = replace(before, status=MACHINE.check("remove", before.status))
        after = save(uow, stored_files, before, after)
        uow.emit(FileRemoved(after.id, after.version), before=before, after=after)
        count += 1
    for import_id in queries.imports_of_files(uow.db, list(found)):
        for table in (bulk_remarks, bulk_rejected_rows):
            uow.db.execute(delete(table).where(table.c.import_id == import_id))
    uow.db.execute(delete(file_tickets).where(file_tickets.c.file_id.in_(list(found))))
    return count


def new_ticket(uow: UnitOfWork, file: StoredFile, *, is_upload: bool) -> NewTicket:
    """An address for one file, good once and for a quarter of an hour."""
    digits = urlsafe_b64encode(uow.random_bytes(TICKET_BYTES)).rstrip(b"=").decode()
    secret = Secret(digits)
    uow.db.execute(
        file_tickets.insert(),
        {
            "hash": ticket_hash(secret),
            "file_id": file.id,
            "is_upload": is_upload,
            "expires_at": uow.now + TICKET_GOOD_FOR,
        },
    )
    if not is_upload:
        uow.emit(FileOffered(file.id, file.version))
    return NewTicket(file.id, secret)


def use_ticket(uow: UnitOfWork, hash: str, *, is_upload: bool) -> StoredFile:
    """The file of a ticket, which is spent by this: of two who bring it at once, one is refused.

    Raises:
        TicketSpent: it is not good, or not any more.
    """
    spent = uow.db.execute(
        update(file_tickets)
        .where(
            file_tickets.c.hash == hash,
            file_tickets.c.is_upload == is_upload,
            file_tickets.c.used_at.is_(None),
            file_tickets.c.expires_at > uow.now,
        )
        .values(used_at=uow.now)
        .returning(file_tickets.c.file_id)
    ).scalar_one_or_none()
    if spent is None:
        raise TicketSpent()
    return queries.stored_file(uow.db, spent)


def own_file(uow: UnitOfWork, id: UUID, *path: str) -> StoredFile:
    """A file of the caller's that is there.

    Raises:
        UnknownFile: there is none, or it is somebody else's.
        FileNotThere: it was not uploaded yet, or removed after its time.
    """
    found = queries.files_by_ids(uow.db, [id]).get(id)
    if found is None or not found.is_of(uow.caller):
        raise UnknownFile(id).at(*path)
    if found.status is not FileStatus.STORED:
        raise FileNotThere().at(*path)
    return found


def _new(
    uow: UnitOfWork, id: UUID, name: str, format: SheetFormat, status: FileStatus
) -> StoredFile:
    return StoredFile(
        id=id,
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        name=name,
        format=format,
        status=status,
        actor_kind=uow.caller.actor.kind,
        actor_id=uow.caller.actor.id,
        size_bytes=None,
        sha256=None,
        expires_at=uow.now + KEPT,
    )
