"""The body of a request, read no further than it may go."""

from collections.abc import Iterator
from contextlib import contextmanager

from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

from backoffice_api.engine.errors import ErrorCode, RequestError
from backoffice_api.engine.within import within
from backoffice_api.web.fields import field
from backoffice_api.web.negotiation import is_json_in_utf8

_NO_CONTENT_CODING = ("", "identity")
_RETRY_AFTER_S = 10


class HttpFault(RequestError):
    """A fault of the HTTP request around its content: its status says so to every client."""


class WrongMethod(HttpFault):
    """The address takes other methods, which the answer names."""

    def __init__(self, *allowed: str) -> None:
        super().__init__(
            ErrorCode.BAD_USER_INPUT, f"The method must be {' or '.join(allowed)}.", status=405
        )
        self.allowed = allowed


def bad_request(message: str, status: int = 400) -> HttpFault:
    return HttpFault(ErrorCode.BAD_USER_INPUT, message, status=status)


class Room:
    """Room for so many large bodies at once in this process: each is held in memory."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._held = 0

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Room for one more. Raises RequestError THROTTLED: there is none."""
        if self._held >= self._at_once:
            raise RequestError(
                ErrorCode.THROTTLED,
                f"{self._at_once} files are taken at once, which is the limit.",
                retry_after_s=_RETRY_AFTER_S,
            )
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1


async def read_json_body(scope: Scope, receive: Receive, limit_bytes: int, limit_s: float) -> bytes:
    """The body that is said to be JSON, read no further than the limit, whatever its length says.

    Raises HttpFault: 415 where it is said to be something else (what pages of other origins may
    send without asking is), 413 where it is larger, 408 where it takes longer to arrive. Raises
    ClientDisconnect where the client leaves.
    """
    if not is_json_in_utf8(field(scope, b"content-type")):
        raise bad_request("Content-Type must be application/json, in UTF-8.", 415)
    return await read_body(scope, receive, limit_bytes, limit_s)


async def read_body(scope: Scope, receive: Receive, limit_bytes: int, limit_s: float) -> bytes:
    """The body, whatever it is said to be; otherwise as `read_json_body`."""
    if (field(scope, b"content-encoding") or "").strip().lower() not in _NO_CONTENT_CODING:
        raise bad_request("Content-Encoding must be identity.", 415)
    declared = field(scope, b"content-length") or ""
    if declared.isdecimal() and (
        len(declared) > len(str(limit_bytes)) or int(declared) > limit_bytes
    ):
        raise _too_large(limit_bytes)
    try:
        return await within(limit_s, _read(receive, limit_bytes))
    except TimeoutError:
        raise bad_request(f"The body took longer than {limit_s:g} s to arrive.", 408) from None


async def _read(receive: Receive, limit_bytes: int) -> bytes:
    body = bytearray()  # not bytes: many small parts would be copied again and again
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > limit_bytes:
            raise _too_large(limit_bytes)
        if not message.get("more_body", False):
            return bytes(body)


def _too_large(limit_bytes: int) -> HttpFault:
    return bad_request(f"The body has more than {limit_bytes} bytes.", 413)
