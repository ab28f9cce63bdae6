"""The journal over HTTP: `GET /journal/csv?from=2026-01-01&to=2026-02-01`, for accountants.

The token of the API is the right, with the scope that reading the books takes. What is asked for
is written to a file first, out of one snapshot, and then sent: a slow reader holds no snapshot.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from backoffice_api.adapters.sheets import write_sheet
from backoffice_api.context import Threads, as_request_error
from backoffice_api.domain.bulk.model.runs import SheetFormat
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Caller
from backoffice_api.domain.ledger.model.refusals import InvalidSpan
from backoffice_api.domain.ledger.model.reports import Span
from backoffice_api.domain.ledger.queries.journal import COLUMNS, beancount_text, journal_rows
from backoffice_api.engine.errors import ErrorCode, RequestError
from backoffice_api.web.body import HttpFault, bad_request
from backoffice_api.web.border import Border
from backoffice_api.web.graphql import Authenticate

T = TypeVar("T")

CHUNK_BYTES = 1 << 20
_MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl",
    "beancount": "text/plain; charset=utf-8",
}


class Journal:
    """Hands out the journal of some days."""

    def __init__(
        self, database: Database, threads: Threads, authenticate: Authenticate[Caller]
    ) -> None:
        self._database = database
        self._threads = threads
        self._authenticate = authenticate
        self._border = Border("journal", _translate)

    def routes(self) -> list[Route]:
        return [Route("/journal/{format:str}", self._border.around(self._respond), methods=["GET"])]

    async def _respond(self, request: Request) -> Response:
        (await self._authenticate(request)).require(Scope.LEDGER_READ)
        format = request.path_params["format"]
        if format not in _MEDIA_TYPES:
            raise bad_request(f"Use one of {', '.join(_MEDIA_TYPES)}.", 404)
        span = Span(_day(request, "from"), _day(request, "to"))
        span.check()
        with ExitStack() as stack:
            folder = stack.enter_context(TemporaryDirectory(prefix="backoffice-"))
            path = Path(folder, f"journal.{format}")
            await self._in(partial(self._write, path, format, span))
            written = stack.pop_all()
        name = f"journal-{span.from_.isoformat()}-{span.to.isoformat()}.{format}"
        headers = {
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
        }
        body = self._chunks(path, written)
        return StreamingResponse(body, headers=headers, media_type=_MEDIA_TYPES[format])

    def _write(self, path: Path, format: str, span: Span) -> None:
        with self._database.reading.connect() as db:
            if format == "beancount":
                with path.open("w", encoding="utf-8") as file:
                    file.writelines(beancount_text(db, span))
                return
            with write_sheet(path, SheetFormat(format), COLUMNS) as sheet:
                for row in journal_rows(db, span):
                    sheet.write(tuple(row))

    async def _chunks(self, path: Path, stack: ExitStack) -> AsyncIterator[bytes]:
        with stack:
            opened = stack.enter_context(path.open("rb"))
            while chunk := await self._in(partial(opened.read, CHUNK_BYTES)):
                yield chunk

    async def _in(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads.reading, call)


def _day(request: Request, name: str) -> date:
    given = request.query_params.get(name, "")
    try:
        if len(given) != len("2026-01-31"):
            raise ValueError
        return date.fromisoformat(given)
    except ValueError:
        raise bad_request(f"`{name}` is a day, as 2026-01-31.") from None


def _translate(error: Exception) -> RequestError | None:
    match error:
        case InvalidSpan():
            return HttpFault(ErrorCode.BAD_USER_INPUT, str(error), status=400)
        case OSError():
            return RequestError(
                ErrorCode.UNAVAILABLE, "Files cannot be written now.", status=503, retry_after_s=30
            )
        case _:
            return as_request_error(error)
