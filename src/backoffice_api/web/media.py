"""How files come and go over HTTP: `PUT /uploads/SECRET` and `GET /media/NAME`.

An upload is streamed into a file, bounded in size and time; it is never whole in memory. What is
served never changes, since its name is that of its content, so anybody may keep it for ever.
"""

import asyncio
import re
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, TypeVar

from starlette.concurrency import iterate_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from backoffice_api.adapters.pictures import Cleaned, PictureError, clean
from backoffice_api.context import Threads, as_request_error
from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Meta
from backoffice_api.domain.media import queries
from backoffice_api.domain.media.commands.files import Received, ReceiveMediaFile, receive_file
from backoffice_api.domain.media.model import (
    ENDINGS,
    UPLOAD_BYTES_MAX,
    FileBeingRemoved,
    UnknownUpload,
    Upload,
)
from backoffice_api.domain.media.ports import Storage
from backoffice_api.engine.errors import ErrorCode, RequestError
from backoffice_api.web.access_log import request_id
from backoffice_api.web.body import WrongMethod, bad_request
from backoffice_api.web.border import Border

BODY_TIME_S = 120.0
_PIECE_BYTES = 256 * 1024
_CLEANED_AT_ONCE = 2
_SECRET = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"([0-9a-f]{64})\.([a-z0-9]{3,4})")
_TYPES = {ending: media_type for media_type, ending in ENDINGS.items()}

# For ever: the name is the hash of the content. Nothing in it may load or run, and a page of
# another origin may show it.
_SERVED = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}

R = TypeVar("R")


class Media:
    """The two routes. `now` tells the time."""

    def __init__(
        self,
        database: Database,
        threads: Threads,
        storage: Storage,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._threads = threads
        self._storage = storage
        self._now = now
        self._cleaning = ThreadPoolExecutor(_CLEANED_AT_ONCE, "cleaning")
        self._border = Border("media", _translate)

    def routes(self) -> list[Route]:
        """`/uploads/{secret}` takes the bytes of a file; `/media/{name}` gives them."""
        methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
        return [
            Route("/uploads/{secret}", self._border.around(self._take), methods=methods),
            Route("/media/{name}", self._border.around(self._give), methods=methods),
        ]

    def close(self) -> None:
        """Wait for what is being cleaned; take nothing new."""
        self._cleaning.shutdown()

    async def _take(self, request: Request) -> Response:
        if request.method != "PUT":
            raise WrongMethod("PUT")
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise bad_request("Content-Encoding must be identity.", 415)
        given = request.path_params["secret"]
        secret = Secret(given if _SECRET.fullmatch(given) else "")
        # Before anything is read of the body: who has no leave sends it for nothing.
        if await self._in(self._threads.reading, partial(self._find, secret)) is None:
            raise UnknownUpload
        with tempfile.TemporaryDirectory(prefix="backoffice-upload-") as folder:
            source, target = Path(folder) / "source", Path(folder) / "target"
            await self._receive(request, source)
            cleaned = await self._in(self._cleaning, partial(self._clean, source, target))
            received = await self._in(
                self._threads.writing,
                partial(self._note, secret, cleaned, request_id(request.scope)),
            )
        name = f"{cleaned.hash}.{ENDINGS[cleaned.media_type]}"
        content = {
            "uploadId": ids.text("upl", received.upload_id),
            "fileId": ids.text("mfl", received.file_id),
            "url": f"/media/{name}",
        }
        return JSONResponse(content, 201, {"Cache-Control": "no-store"})

    async def _give(self, request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            raise WrongMethod("GET", "HEAD")
        match = _NAME.fullmatch(request.path_params["name"])
        media_type = _TYPES.get(match[2]) if match else None
        if match is None or media_type is None:
            raise _missing()
        headers = {**_SERVED, "ETag": f'"{match[1]}"'}
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        found = await self._in(self._threads.reading, partial(self._storage.open, match[0]))
        if found is None:
            raise _missing()
        if not media_type.is_shown:
            headers["Content-Disposition"] = "attachment"
        headers["Content-Length"] = str(found.byte_size)
        return StreamingResponse(
            iterate_in_threadpool(found.content), headers=headers, media_type=media_type.served_as
        )

    async def _receive(self, request: Request, source: Path) -> None:
        """Stream the body into a file, a piece at a time."""
        too_large = bad_request(f"A file has at most {UPLOAD_BYTES_MAX} bytes.", 413)
        declared = request.headers.get("content-length", "")
        if declared.isdecimal() and (len(declared) > 12 or int(declared) > UPLOAD_BYTES_MAX):
            raise too_large
        file = await self._in(self._cleaning, partial(_opened, source))
        size, piece = 0, bytearray()
        try:
            async with asyncio.timeout(BODY_TIME_S), aclosing(request.stream()) as chunks:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > UPLOAD_BYTES_MAX:
                        raise too_large
                    piece += chunk
                    if len(piece) >= _PIECE_BYTES:
                        await self._in(self._cleaning, partial(file.write, bytes(piece)))
                        piece.clear()
            await self._in(self._cleaning, partial(file.write, bytes(piece)))
        except TimeoutError:
            raise bad_request(
                f"The body took longer than {BODY_TIME_S:g} s to arrive.", 408
            ) from None
        finally:
            await self._in(self._cleaning, file.close)

    def _clean(self, source: Path, target: Path) -> Cleaned:
        try:
            cleaned = clean(source, target)
        except PictureError as refusal:
            raise bad_request(str(refusal), 422) from None
        self._storage.keep(f"{cleaned.hash}.{ENDINGS[cleaned.media_type]}", target)
        return cleaned

    def _find(self, secret: Secret) -> Upload | None:
        with self._database.fresh.connect() as db:
            return queries.open_upload(db, secret, self._now())

    def _note(self, secret: Secret, cleaned: Cleaned, reference: str) -> Received:
        command = ReceiveMediaFile(
            secret=secret,
            hash=cleaned.hash,
            media_type=cleaned.media_type,
            byte_size=cleaned.byte_size,
            width=cleaned.width,
            height=cleaned.height,
        )
        meta = Meta(request_id=reference)
        answer = execute(
            self._database, receive_file, command, caller=THE_SYSTEM, now=self._now(), meta=meta
        )
        return answer.value

    async def _in(self, threads: ThreadPoolExecutor, call: Callable[[], R]) -> R:
        return await asyncio.get_running_loop().run_in_executor(threads, call)


def _opened(path: Path) -> IO[bytes]:
    return path.open("wb")


def _missing() -> RequestError:
    return bad_request("There is no such file.", 404)


def _translate(error: Exception) -> RequestError | None:
    match error:
        case UnknownUpload():
            return bad_request(str(error), 404)
        case FileBeingRemoved():
            return RequestError(ErrorCode.UNAVAILABLE, str(error), status=503, retry_after_s=5)
        case OSError():
            return RequestError(
                ErrorCode.UNAVAILABLE, "Files cannot be kept now.", status=503, retry_after_s=30
            )
        case _:
            return as_request_error(error)
