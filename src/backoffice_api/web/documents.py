"""Documents over HTTP: `GET /documents/TOKEN`, an address that is signed and good for a while.

The token names the document and the moment until which it is good. So a browser needs nothing
else for a link, and nothing has to be kept for it; a proxy's log holds nothing of use later.
"""

import asyncio
import hmac
from base64 import b64decode
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from backoffice_api.adapters.storage import Storage
from backoffice_api.context import Threads, as_request_error
from backoffice_api.domain.invoicing import queries
from backoffice_api.domain.invoicing.commands.documents import LINK_KEY
from backoffice_api.domain.invoicing.model.documents import (
    Document,
    DocumentStatus,
    LinkNotGood,
    signature,
)
from backoffice_api.domain.kernel import ids, keys
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.engine.errors import ErrorCode, RequestError
from backoffice_api.schema.documents import PATH
from backoffice_api.web.access_log import request_id
from backoffice_api.web.body import HttpFault
from backoffice_api.web.border import Border
from backoffice_api.web.read_log import NoteFile

T = TypeVar("T")

CHUNK_BYTES = 1 << 20
# 16 bytes of id, 5 of the moment, 32 of the signature, in base64 without its padding.
_TOKEN_LENGTH = 71
_ID_BYTES, _MOMENT_BYTES, _SIGNATURE_BYTES = 16, 5, 32


class Documents:
    """The route. `now` tells the time; `note` is told of files that were asked for."""

    path = PATH

    def __init__(
        self,
        database: Database,
        threads: Threads,
        storage: Storage,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        note: NoteFile = lambda *_: None,
    ) -> None:
        self._note = note
        self._database = database
        self._threads = threads
        self._storage = storage
        self._now = now
        self._border = Border("documents", _translate)

    def routes(self) -> list[Route]:
        respond = self._border.around(self._respond)
        return [Route(f"{self.path}{{token:str}}", respond, methods=["GET"])]

    def _about(self, found: Any) -> str:
        return ids.text("doc", found.id)

    async def _respond(self, request: Request) -> Response:
        found = await self._in(partial(self._find, request.path_params["token"]))
        stack = ExitStack()
        try:
            path = stack.enter_context(self._storage.local(found.key))
        except FileNotFoundError:
            raise LinkNotGood from None
        # Whoever has the address: who got it, the log of events says.
        self._note(THE_SYSTEM, f"GET {self.path}", request_id(request.scope), self._about(found))
        headers = {
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{found.name}"',
            "Content-Length": str(found.size_bytes),
            "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
            "X-Content-Type-Options": "nosniff",
        }
        body = self._chunks(path, stack)
        return StreamingResponse(body, headers=headers, media_type=found.media_type)

    async def _chunks(self, path: Path, stack: ExitStack) -> AsyncIterator[bytes]:
        with stack:
            opened = stack.enter_context(path.open("rb"))
            while chunk := await self._in(partial(opened.read, CHUNK_BYTES)):
                yield chunk

    def _find(self, token: str) -> Document:
        """The document that a token names. Raises: LinkNotGood.

        It only reads: anybody can ask, and must not keep those waiting who write.
        """
        if len(token) != _TOKEN_LENGTH or not token.isascii():
            raise LinkNotGood
        try:
            content = b64decode(f"{token}=", altchars=b"-_", validate=True)
        except ValueError:
            raise LinkNotGood from None
        if len(content) != _ID_BYTES + _MOMENT_BYTES + _SIGNATURE_BYTES:
            raise LinkNotGood
        id = UUID(bytes=content[:_ID_BYTES])
        expires = int.from_bytes(content[_ID_BYTES : _ID_BYTES + _MOMENT_BYTES], "big")
        given = content[_ID_BYTES + _MOMENT_BYTES :]
        with self._database.fresh.connect() as db:
            key = keys.known_key(db, LINK_KEY)
            if key is None or not hmac.compare_digest(given, signature(key, id, expires)):
                raise LinkNotGood
            found = queries.documents_by_ids(db, [id]).get(id)
        is_late = self._now().timestamp() >= expires
        if is_late or found is None or found.status is not DocumentStatus.RENDERED:
            raise LinkNotGood
        return found

    async def _in(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads.reading, call)


def _translate(error: Exception) -> RequestError | None:
    match error:
        case LinkNotGood():
            return HttpFault(ErrorCode.BAD_USER_INPUT, str(error), status=404)
        case _:
            return as_request_error(error)
