"""The server as it runs: how it ends, whom it lets in, what it logs, and who does its jobs."""

import json
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from backoffice_api.app import create_app
from backoffice_api.context import Threads
from backoffice_api.domain.identity.tables import api_tokens
from backoffice_api.domain.kernel import jobs
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.events import events
from backoffice_api.domain.kernel.ids import IdSource
from backoffice_api.domain.kernel.jobs import Job, JobStatus
from backoffice_api.domain.orders.tables import channels
from backoffice_api.domain.stock.commands.reservations import EXPIRE_JOB
from backoffice_api.domain.stock.model.reservations import ReservationStatus
from backoffice_api.domain.stock.tables import reservations
from backoffice_api.migrate import migrate
from backoffice_api.settings import Settings
from tests.orders.shop import Shop, goods
from tests.serving import PROGRAM, Program, Server, await_true, graphql, new_token
from tests.world import NOW, World

CREATE = 'mutation { channelCreate(input: {code: "x", name: "X", currency: "EUR"}) { replayed } }'
BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def codes_of(database: Database) -> list[str]:
    """The codes of all channels."""
    with database.reading.connect() as db:
        return list(db.execute(select(channels.c.code)).scalars())


class OpenRequest:
    """A mutation whose body has not been sent yet, and for which the server waits."""

    def __init__(self, server: Server, token: str) -> None:
        self.body = json.dumps({"query": CREATE}).encode()
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=60)
        head = (
            "POST /graphql HTTP/1.1",
            "Host: localhost",
            f"Authorization: Bearer {token}",
            "Content-Type: application/json",
            f"Content-Length: {len(self.body)}",
            "Expect: 100-continue",
        )
        self.socket.sendall("\r\n".join((*head, "", "")).encode())
        # The server says so when it begins to read: the request is under way then.
        assert self.socket.recv(1_000).startswith(b"HTTP/1.1 100 ")

    def finish(self) -> bytes:
        """Send the body; the whole answer."""
        self.socket.sendall(self.body)
        answer = b""
        while part := self.socket.recv(10_000):
            answer += part
        return answer

    def close(self) -> None:
        self.socket.close()


def is_deaf(server: Server) -> bool:
    """Whether nobody listens on its port any longer."""
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", server.port)) != 0


class TestShutdown:
    def test_answers_what_is_under_way(
        self, migrated_url: str, migrated: Database, tmp_path: Path
    ) -> None:
        token = new_token(migrated)
        with (
            Server(migrated_url, tmp_path / "log", worker_in_process="true") as server,
            closing(OpenRequest(server, token)) as request,
        ):
            server.terminate()
            await_true(lambda: is_deaf(server), "it takes no new requests")

            answer = request.finish()

            assert server.exit_code() == 0
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert answer.endswith(b"}}")
        assert codes_of(migrated) == ["x"]
        assert server.lines()[-1]["event"] == "server.stopped"

    def test_does_not_wait_longer_than_it_is_told(
        self, migrated_url: str, migrated: Database, tmp_path: Path
    ) -> None:
        token = new_token(migrated)
        with (
            Server(migrated_url, tmp_path / "log", shutdown_timeout_s=1) as server,
            closing(OpenRequest(server, token)),
        ):
            begun_s = time.monotonic()
            server.terminate()

            assert server.exit_code() == 0

        assert time.monotonic() - begun_s < 10
        assert codes_of(migrated) == []

    def test_ends_all_processes(self, tmp_path: Path) -> None:
        url = f"sqlite:///{tmp_path}/shop.db"
        migrate(url)
        with Server(url, tmp_path / "log", workers=2) as server:
            server.terminate()

            assert server.exit_code() == 0
            assert is_deaf(server)

    def test_notes_who_was_there(
        self, migrated_url: str, migrated: Database, tmp_path: Path
    ) -> None:
        token = new_token(migrated)
        with Server(migrated_url, tmp_path / "log") as server:
            with server.client(token) as client:
                assert graphql(client, "{ __typename }").status_code == 200
            server.terminate()
            server.exit_code()

        with migrated.reading.connect() as db:
            assert db.execute(select(api_tokens.c.last_used_at)).scalar_one() is not None
