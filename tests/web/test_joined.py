import asyncio
from typing import Any

from backoffice_api.web.joined import Joining


class Transport:
    """Notes what it is told to do."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def writelines(self, parts: list[bytes]) -> None:
        self.told.append(parts)

    def close(self) -> None:
        self.told.append("close")

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return self.told[-1:] == ["close"]


class TestJoining:
    async def test_sends_together_what_one_turn_writes(self) -> None:
        transport = Transport()
        joining = Joining(transport, asyncio.get_running_loop())  # type: ignore[arg-type]

        joining.write(b"head")
        joining.write(b"body")
        assert transport.told == []
        await asyncio.sleep(0)
        joining.write(b"next")
        await asyncio.sleep(0)

        assert transport.told == [[b"head", b"body"], [b"next"]]

    async def test_sends_what_is_left_before_it_closes(self) -> None:
        transport = Transport()
        joining = Joining(transport, asyncio.get_running_loop())  # type: ignore[arg-type]

        joining.write(b"last")
        joining.close()
        await asyncio.sleep(0)

        assert transport.told == [[b"last"], "close"]
        assert joining.is_closing()
