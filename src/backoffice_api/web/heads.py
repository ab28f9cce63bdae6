"""The head of a request, bounded in bytes and in time: its line and its headers.

Neither uvicorn nor its parser bounds them. A header without an end would be kept in memory until
there is none left, and whoever connects and says nothing would hold his connection for ever: a
process has only so many. Bodies have bounds of their own (`body`), but for what follows the last
part of one: that is headers again, which nobody reads.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES_MAX = 65_536
HEAD_S = 10.0
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\n\r\n"


class BoundedHeads(HttpToolsProtocol):
    """The protocol, which ends a connection whose next request does not begin to be one."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._is_awaited = True
        self._passed = 0
        self._head_bytes = 0
        self._late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._hurry()

    def connection_lost(self, exc: Exception | None) -> None:
        self._in_time()
        super().connection_lost(exc)

    def on_header(self, name: bytes, value: bytes) -> None:
        # What comes after a body is not to be taken for a header (RFC 9110, 6.5.1).
        if self._is_awaited:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_time()
        self._is_awaited = False
        self._pass()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._pass()
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._is_awaited = True
        self._pass()
        super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        before = self._passed
        if not self._is_awaited and not self._is_answering():
            # The rest of a body that nobody reads any more: it and the next head have as long.
            self._hurry()
        super().data_received(data)
        # As a rule a head, a body or both have come to their end: nothing of a next one is there.
        if self._passed != before:
            return
        self._head_bytes += len(data)
        if self._head_bytes > HEAD_BYTES_MAX:
            if self._is_awaited:
                self.transport.write(_TOO_LARGE)
            self.transport.close()
        elif self._is_awaited and not self._is_answering():
            self._hurry()

    def _pass(self) -> None:
        self._passed += 1
        self._head_bytes = 0

    def _is_answering(self) -> bool:
        """Whether an answer is under way: when it ends, uvicorn counts the time that follows."""
        return self.cycle is not None and not self.cycle.response_complete

    def _hurry(self) -> None:
        if self._late is None:
            self._late = self.loop.call_later(HEAD_S, self._give_up)

    def _in_time(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _give_up(self) -> None:
        self._late = None
        # Nothing was asked, so nothing is answered; what is left to be written is thrown away.
        self.transport.abort()
