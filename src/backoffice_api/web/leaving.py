"""uvicorn's protocols for HTTP and WebSockets, which tell the application that they are to stop.

uvicorn waits for answers that are under way, and streams are so for ever: it tells the application
of its end only after them. And a client that takes nothing any more would hold a connection that
is closed: what it was sent is thrown away after a while.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

# Where the state of the application has the event that says it.
LEAVING = "leaving"
ABORT_S = 5.0


def leave(state: Mapping[str, Any]) -> None:
    """Have streams ended, where the application has any."""
    leaving = state.get(LEAVING)
    if leaving is not None:
        leaving.set()


class LeavingSockets(WebSocketsSansIOProtocol):
    """WebSockets that the application closes itself when the server is to stop."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        # The log of requests tells of each socket; uvicorn would, with what its address holds.
        self.logger = logging.getLogger("uvicorn.error.sockets")
        self.logger.setLevel(logging.WARNING)

    def shutdown(self) -> None:
        leave(self.app_state)
        if not self.handshake_complete:
            super().shutdown()

    async def send(self, message: Any) -> None:
        await super().send(message)
        if message["type"] == "websocket.close":
            asyncio.get_running_loop().call_later(ABORT_S, self.transport.abort)
