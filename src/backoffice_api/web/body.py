"""The body of a request, read no further than it may go."""

import asyncio
from contextlib import aclosing

from starlette.requests import Request

from backoffice_api.engine.errors import ErrorCode, RequestError
from backoffice_api.web.negotiation import is_json_in_utf8

_NO_CONTENT_CODING = ("", "identity")


class HttpFault(RequestError):
    """A fault of the HTTP request around its content: its status says so to every client."""


def bad_request(message: str, status: int = 400) -> HttpFault:
    return HttpFault(ErrorCode.BAD_USER_INPUT, message, status=status)


async def read_json_body(request: Request, limit_bytes: int, limit_s: float) -> bytes:
    """The body that is said to be JSON, read no further than the limit, whatever its length says.

    Raises HttpFault: 415 where it is said to be something else (what pages of other origins may
    send without asking is), 413 where it is larger, 408 where it takes longer to arrive.
    """
    if not is_json_in_utf8(request.headers.get("content-type")):
        raise bad_request("Content-Type must be application/json, in UTF-8.", 415)
    if request.headers.get("content-encoding", "").strip().lower() not in _NO_CONTENT_CODING:
        raise bad_request("Content-Encoding must be identity.", 415)
    return await _read(request, limit_bytes, limit_s)


async def _read(request: Request, limit_bytes: int, limit_s: float) -> bytes:
    too_large = bad_request(f"The body has more than {limit_bytes} bytes.", 413)
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and (
        len(declared) > len(str(limit_bytes)) or int(declared) > limit_bytes
    ):
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(limit_s), aclosing(request.stream()) as chunks:
            async for chunk in chunks:
                body += chunk
                if len(body) > limit_bytes:
                    raise too_large
    except TimeoutError:
        raise bad_request(f"The body took longer than {limit_s:g} s to arrive.", 408) from None
    return bytes(body)
