"""uvicorn's HTTP protocol, with the head and the body of an answer in one write.

uvicorn writes them one after the other, and each write is a system call that may wake the reader:
of what costs little else, an answer in two pieces costs half as much again.
"""

import asyncio
from typing import Any

from backoffice_api.web.heads import BoundedHeads
from backoffice_api.web.leaving import ABORT_S, leave


class JoinedWrites(BoundedHeads):
    """The protocol over a transport that keeps writes back until the event loop turns."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(Joining(transport, self.loop))  # type: ignore[arg-type]

    def shutdown(self) -> None:
        leave(self.app_state)
        super().shutdown()


class Joining:
    """A transport whose writes of one turn of the event loop leave together, in their order."""

    __slots__ = ("_loop", "_parts", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> None:
        if not self._parts:
            self._loop.call_soon(self._flush)
        self._parts.append(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()
        if self._transport.get_write_buffer_size() > 0:
            # It waits until the client has taken the rest, who may have no mind to.
            self._loop.call_later(ABORT_S, self._transport.abort)

    def _flush(self) -> None:
        if self._parts:
            parts, self._parts = self._parts, []
            self._transport.writelines(parts)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
