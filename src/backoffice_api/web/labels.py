"""Labels over HTTP: `GET /labels/<ticket>` fetches one, once.

The ticket in the address is the right, as with other files: a browser or a print server needs no
token for it, and what a proxy has logged is of no use later.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backoffice_api.context import Threads, as_request_error
from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.domain.shipping import queries
from backoffice_api.domain.shipping.commands.labels import (
    FetchLabel,
    LabelTicketSpent,
    fetch_label,
    ticket_hash,
)
from backoffice_api.domain.shipping.model.shipments import LabelFormat
from backoffice_api.domain.shipping.ports import LabelStorage
from backoffice_api.engine.errors import ErrorCode, RequestError
from backoffice_api.web.body import HttpFault, WrongMethod
from backoffice_api.web.border import Border

T = TypeVar("T")

PATH = "/labels/"
_MEDIA_TYPES = {
    LabelFormat.PDF: "application/pdf",
    LabelFormat.ZPL: "application/zpl",
    LabelFormat.PNG: "image/png",
}


class Labels:
    """Hands out the files of labels."""

    def __init__(self, database: Database, threads: Threads, storage: LabelStorage) -> None:
        self._database = database
        self._threads = threads
        self._storage = storage
        self._border = Border("labels", _translate)

    def routes(self) -> list[Route]:
        return [Route(f"{PATH}{{ticket:str}}", self._border.around(self._respond), methods=["GET"])]

    async def _respond(self, request: Request) -> Response:
        # Starlette answers HEAD where GET is; a look must not spend the ticket.
        if request.method != "GET":
            raise WrongMethod("GET")
        command = FetchLabel(ticket=ticket_hash(Secret(request.path_params["ticket"])))
        # First without writing: who tries addresses at random does not keep the writer busy.
        if await self._read(partial(self._known, command.ticket)) is False:
            raise LabelTicketSpent
        run = partial(
            execute,
            self._database,
            fetch_label,
            command,
            caller=THE_SYSTEM,
            now=datetime.now(UTC),
        )
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(self._threads.writing, run)
        content, format = await self._read(partial(self._file, answer.value))
        headers = {
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="label.{format.value}"',
        }
        return Response(content, headers=headers, media_type=_MEDIA_TYPES[format])

    def _known(self, ticket: str) -> bool:
        with self._database.fresh.connect() as db:
            return queries.good_ticket(db, ticket) is not None

    def _file(self, id: object) -> tuple[bytes, LabelFormat]:
        with self._database.fresh.connect() as db:
            label = queries.labels_by_ids(db, [id])[id]
        content = self._storage.read(label.key)
        if content is None:
            raise LabelTicketSpent
        return content, label.format

    async def _read(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads.reading, call)


def _translate(error: Exception) -> RequestError | None:
    match error:
        case LabelTicketSpent():
            return HttpFault(ErrorCode.BAD_USER_INPUT, str(error), status=404)
        case OSError():
            return RequestError(
                ErrorCode.UNAVAILABLE, "Files cannot be read now.", status=503, retry_after_s=30
            )
        case _:
            return as_request_error(error)
