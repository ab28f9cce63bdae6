"""What the work on files needs: the database, the storage, the clock, and who is at work."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from backoffice_api.adapters.storage import Storage
from backoffice_api.domain.bulk.commands.files import KeepFile, keep_file
from backoffice_api.domain.bulk.model.runs import SheetFormat
from backoffice_api.domain.execute import Handler, execute
from backoffice_api.domain.identity.queries import staff as identity
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.ids import IdSource
from backoffice_api.domain.kernel.uow import THE_SYSTEM, ActorKind, Caller, Command, Meta

C = TypeVar("C", bound=Command)
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Bench:
    """Where the work is done. `new_id` makes the keys of files that are written."""

    database: Database
    storage: Storage
    now: Callable[[], datetime]
    new_id: Callable[[], UUID] = field(default_factory=IdSource)

    def run(self, handler: Handler[C, R], command: C, caller: Caller, request_id: str = "") -> R:
        """Run one command, as the one on whose behalf the work is done."""
        meta = Meta(request_id=request_id)
        return execute(
            self.database, handler, command, caller=caller, now=self.now(), meta=meta
        ).value

    def caller(self, kind: ActorKind, id: UUID | None) -> Caller | None:
        """Who asked for the work, with the rights of now. None: nobody any more."""
        if id is None:
            return THE_SYSTEM if kind is ActorKind.SYSTEM else None
        with self.database.fresh.connect() as db:
            return identity.present_caller(db, kind, id, self.now())

    def keep(
        self,
        write: Callable[[str], tuple[int, str]],
        name: str,
        format: SheetFormat,
        caller: Caller,
        *,
        id: UUID | None = None,
    ) -> UUID:
        """Have a file written under a new key, and note it as the caller's. Its id.

        `write` is given the key, and answers how many bytes it has and their SHA-256. `id`: that
        of a file which is there already.
        """
        file_id = id or self.new_id()
        size_bytes, sha256 = write(file_id.hex)
        command = KeepFile(
            file_id=file_id, name=name, format=format, size_bytes=size_bytes, sha256=sha256
        )
        try:
            return self.run(keep_file, command, caller)
        except DomainError:
            self.storage.remove(file_id.hex)
            raise
