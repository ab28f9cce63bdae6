"""The server as it is run: sockets and streams over the network, and how they end with it."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import orjson
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from backoffice_api.domain.kernel.database import Database, open_database
from backoffice_api.web.sockets import PROTOCOL
from tests.databases import Copies
from tests.serving import Server, graphql, new_token

QUERY = 'subscription { events(after: "0", types: ["customer.*"]) { type } }'
CREATE = 'mutation { customerCreate(input: {kind: PERSON, name: "Ada"}) { userErrors { code } } }'
STOPPING_MAX_S = 10.0


@pytest.fixture(scope="module")
def database(postgres_copies: Copies) -> Iterator[tuple[str, Database]]:
    url = postgres_copies.migrated()
    database = open_database(url)
    yield url, database
    database.dispose()
    postgres_copies.drop(url)


def say(socket: ClientConnection, **message: Any) -> None:
    socket.send(orjson.dumps(message).decode())


def hear(socket: ClientConnection) -> Any:
    return orjson.loads(socket.recv(30))


def opened(stack: ExitStack, server: Server, token: str, **how: Any) -> ClientConnection:
    url = f"ws://127.0.0.1:{server.port}/graphql"
    socket = stack.enter_context(connect(url, subprotocols=[PROTOCOL], **how))  # type: ignore[list-item]
    say(socket, type="connection_init", payload={"Authorization": f"Bearer {token}"})
    assert hear(socket) == {"type": "connection_ack"}
    return socket


def test_tells_until_it_stops_and_stops_in_time(
    database: tuple[str, Database], tmp_path: Path
) -> None:
    url, made = database
    token = new_token(made)
    with (
        Server(url, tmp_path / "one.log") as one,
        Server(url, tmp_path / "two.log") as two,
        one.client(token) as here,
        two.client(token) as there,
        ExitStack() as stack,
    ):
        with pytest.raises(InvalidStatus, match="403"):
            opened(stack, one, token, origin="https://elsewhere.example")
        large = opened(stack, one, token)
        with suppress(ConnectionClosed):  # perhaps before all of it was sent
            say(large, type="ping", payload={"long": "x" * 256_000})
        with pytest.raises(ConnectionClosed):
            hear(large)

        socket = opened(stack, one, token)
        say(socket, type="subscribe", id="a", payload={"query": QUERY})
        accept = {"accept": "text/event-stream"}
        with there.stream("POST", "/graphql", json={"query": QUERY}, headers=accept) as stream:
            lines = stream.iter_lines()
            assert next(lines) == ":"
            for _ in range(2):  # by the second both follow; what they follow is in other processes
                begun_s = time.monotonic()
                graphql(here, CREATE)
                assert hear(socket)["payload"]["data"]["events"] == {"type": "customer.created"}
                assert any(line.startswith("data: ") for line in lines)
                heard_s = time.monotonic() - begun_s

            begun_s = time.monotonic()
            one.terminate()
            two.terminate()
            with pytest.raises(ConnectionClosed) as end:
                hear(socket)
            assert end.value.rcvd is not None
            assert end.value.rcvd.code == 1001
            assert [line for line in lines if line] == []
        assert (one.exit_code(), two.exit_code()) == (0, 0)
        assert time.monotonic() - begun_s < STOPPING_MAX_S
        assert heard_s < STOPPING_MAX_S
