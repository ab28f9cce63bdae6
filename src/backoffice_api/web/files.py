"""Files over HTTP: `PUT /files/<ticket>` brings one, `GET /files/<ticket>` fetches one.

The ticket in the address is the right: made for one file and one direction, good once and for a
short time. So a browser needs no token for a link, and a proxy's log holds nothing of use later.
What comes is written to the storage as it comes; nothing is held in memory.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from backoffice_api.bulk_jobs.bench import Bench
from backoffice_api.context import Threads, as_request_error
from backoffice_api.domain.bulk.commands.files import (
    FetchFile,
    ReceiveFile,
    fetch_file,
    receive_file,
)
from backoffice_api.domain.bulk.model.files import StoredFile, Ticket, TicketSpent, ticket_hash
from backoffice_api.domain.bulk.model.runs import SheetFormat
from backoffice_api.domain.bulk.queries import runs as queries
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Actor
from backoffice_api.engine.errors import ErrorCode, RequestError
from backoffice_api.web.access_log import request_id
from backoffice_api.web.body import HttpFault, WrongMethod, bad_request
from backoffice_api.web.border import Border
from backoffice_api.web.read_log import NoteFile

T = TypeVar("T")

PATH = "/files/"
UPLOAD_TIME_S = 600
CHUNK_BYTES = 1 << 20

_MEDIA_TYPES = {
    SheetFormat.CSV: "text/csv; charset=utf-8",
    SheetFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    SheetFormat.JSONL: "application/jsonl",
}
_ODD = re.compile(r"[^A-Za-z0-9._-]+")


class Files:
    """The two ways of a file: in and out."""

    def __init__(
        self,
        bench: Bench,
        threads: Threads,
        *,
        upload_max_bytes: int,
        upload_time_s: float = UPLOAD_TIME_S,
        note: NoteFile = lambda *_: None,
    ) -> None:
        self._note = note
        self._bench = bench
        self._threads = threads
        self._max_bytes = upload_max_bytes
        self._time_s = upload_time_s
        self._border = Border("files", _translate)

    def routes(self) -> list[Route]:
        path = f"{PATH}{{ticket:str}}"
        return [Route(path, self._border.around(self._respond), methods=["GET", "PUT"])]

    async def _respond(self, request: Request) -> Response:
        if request.method == "PUT":
            return await self._receive(request)
        # Starlette answers HEAD where GET is; a look must not spend the ticket.
        if request.method == "GET":
            return await self._send(request)
        raise WrongMethod("GET", "PUT")

    async def _receive(self, request: Request) -> Response:
        ticket = await self._ticket(request, is_upload=True)
        too_large = bad_request(f"The file has more than {self._max_bytes} bytes.", 413)
        declared = request.headers.get("content-length", "")
        if declared.isdecimal() and int(declared[:20]) > self._max_bytes:
            raise too_large
        with ExitStack() as stack:
            storing = self._bench.storage.writing(ticket.file_id.hex)
            # Leaves with what went wrong, so that nothing of the file stays.
            writing = stack.enter_context(storing)
            try:
                async with asyncio.timeout(self._time_s):
                    async for chunk in request.stream():
                        await self._in(partial(writing.write, chunk))
                        if writing.size_bytes > self._max_bytes:
                            raise too_large
            except TimeoutError:
                late = f"The file took longer than {self._time_s:g} s to arrive."
                raise bad_request(late, 408) from None
            if declared.isdecimal() and writing.size_bytes != int(declared):
                raise bad_request("The file broke off.")
            # Of two who bring the same ticket one is refused here, before his file is in place.
            command = ReceiveFile(
                ticket=ticket.hash, size_bytes=writing.size_bytes, sha256=writing.sha256
            )
            id = await self._write(partial(self._bench.run, receive_file, command, THE_SYSTEM))
        return JSONResponse({"id": ids.text("fil", id), "sizeBytes": command.size_bytes}, 201)

    async def _send(self, request: Request) -> Response:
        ticket = await self._ticket(request, is_upload=False)
        command = FetchFile(ticket=ticket.hash)
        id = await self._write(partial(self._bench.run, fetch_file, command, THE_SYSTEM))
        file = await self._read(partial(self._file, id))
        stack = ExitStack()
        try:
            path = stack.enter_context(self._bench.storage.local(file.key))
        except FileNotFoundError:
            raise TicketSpent() from None
        # Its ticket was the owner's alone. Who is in a list, nobody knows without reading it.
        owner = replace(THE_SYSTEM, actor=Actor(file.actor_kind, file.actor_id, ""))
        self._note(owner, f"GET {PATH}", request_id(request.scope), ids.text("fil", id))
        headers = {
            "Content-Disposition": _disposition(file.name),
            "Content-Length": str(file.size_bytes),
        }
        body = self._chunks(path, stack)
        return StreamingResponse(body, headers=headers, media_type=_MEDIA_TYPES[file.format])

    async def _chunks(self, path: Path, stack: ExitStack) -> AsyncIterator[bytes]:
        with stack:
            opened = stack.enter_context(path.open("rb"))
            while chunk := await self._read(partial(opened.read, CHUNK_BYTES)):
                yield chunk

    async def _ticket(self, request: Request, *, is_upload: bool) -> Ticket:
        """A ticket that is good, for now. Raises: TicketSpent."""
        hash = ticket_hash(Secret(request.path_params["ticket"]))
        found = await self._read(partial(self._find, hash))
        if found is None or found.is_upload != is_upload or not found.is_good(self._bench.now()):
            raise TicketSpent()
        return found

    def _find(self, hash: str) -> Ticket | None:
        with self._bench.database.fresh.connect() as db:
            return queries.tickets_by_hashes(db, [hash]).get(hash)

    def _file(self, id: object) -> StoredFile:
        with self._bench.database.fresh.connect() as db:
            return queries.files_by_ids(db, [id])[id]

    async def _read(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads.reading, call)

    async def _write(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads.writing, call)

    async def _in(self, call: Callable[[], T]) -> T:
        return await asyncio.to_thread(call)


def _disposition(name: str) -> str:
    """To be saved, under its name; RFC 6266 with RFC 8187 for what is not ASCII."""
    plain = _ODD.sub("_", name) or "file"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _translate(error: Exception) -> RequestError | None:
    match error:
        case TicketSpent():
            return HttpFault(ErrorCode.BAD_USER_INPUT, str(error), status=404)
        case DomainError():
            return HttpFault(ErrorCode.BAD_USER_INPUT, str(error), status=409)
        case _:
            return as_request_error(error)
