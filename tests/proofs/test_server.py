"""The server as it runs: how it ends, whom it lets in, what it logs, and who does its jobs."""

import json
import re
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from backoffice_api.app import create_app
from backoffice_api.domain.identity.tables import api_tokens
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.database import Database, open_database
from backoffice_api.domain.orders.tables import channels
from backoffice_api.settings import Settings
from tests.databases import Copies
from tests.serving import Server, await_true, graphql, new_token
from tests.thorough import usually_on, within

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
        assert "server.stopped" in [line["event"] for line in server.lines()]

    @usually_on("sqlite")
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

        assert time.monotonic() - begun_s < within(5)
        assert codes_of(migrated) == []

    def test_ends_all_processes(self, sqlite_copies: Copies, tmp_path: Path) -> None:
        url = sqlite_copies.migrated()
        with Server(url, tmp_path / "log", workers=2) as server:
            server.terminate()

            assert server.exit_code() == 0
            assert is_deaf(server)

    @usually_on("postgresql")
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


QUERY = {"query": "{ __typename }"}
# Each route, and what it answers to somebody without a token who asks it rightly.
ROUTES: Mapping[str, Sequence[tuple[str, int, Mapping[str, Any]]]] = {
    "/graphql": (
        ("POST", 401, {"json": QUERY}),
        ("POST", 401, {"json": {"query": "{ __schema { types { name } } }"}}),
        ("POST", 401, {"json": {"query": CREATE}}),
        ("GET", 401, {"params": QUERY}),
        ("GET", 200, {"headers": BROWSER}),  # GraphiQL's page
        ("GET", 401, {"headers": {**BROWSER, "accept": "application/json"}}),
        ("PUT", 405, {"json": QUERY}),
        ("OPTIONS", 405, {}),
    ),
    "/login": (("POST", 401, {"json": {"email": "a@b.example", "password": "x"}}),),
    "/login/code": (("POST", 401, {"json": {"challenge": "x", "code": "123456"}}),),
    "/login/verify": (("POST", 401, {"json": {"code": "123456"}}),),
    "/login/password": (("POST", 401, {"json": {"password": "x", "newPassword": "y"}}),),
    "/logout": (("POST", 401, {}),),
    "/healthz": (("GET", 200, {}),),
    "/readyz": (("GET", 200, {}),),
    "/static/graphiql/{name}": (("GET", 404, {}),),
    # Who knows such an address has it from somebody who may ask for it.
    "/files/{ticket:str}": (("GET", 404, {}), ("PUT", 404, {"content": b"x"})),
    "/uploads/{secret}": (("PUT", 404, {"content": b"x"}),),
    "/media/{name}": (("GET", 404, {}),),
    "/documents/{token:str}": (("GET", 404, {}),),
    "/labels/{ticket:str}": (("GET", 404, {}),),
    "/audit-exports/{token:str}": (("GET", 404, {}),),
    "/person-exports/{token:str}": (("GET", 404, {}),),
    "/received-mails/{id:str}": (("GET", 401, {}),),
    "/journal/{format:str}": (("GET", 401, {}),),
    "/bank-accounts/{id:str}/statements": (("POST", 401, {"content": b"x"}),),
    "/bills": (("POST", 401, {"content": b"x"}),),
    # The code is signed: there is none like this.
    "/return-links/{code:str}": (("GET", 404, {}), ("POST", 404, {"json": {}})),
    "/return-links/{code:str}/photos": (("POST", 404, {"json": {}}),),
    "/survey-links/{code:str}": (("GET", 404, {}), ("POST", 404, {"json": {}})),
    # Signed by the provider; there is none of this name.
    "/webhooks/payments/{provider}": (("POST", 404, {"content": b"{}"}),),
    "/webhooks/mail/{code}": (("POST", 404, {"content": b"{}"}),),
    "/webhooks/tracking/{provider}": (("POST", 404, {"content": b"{}"}),),
}
NOWHERE = (
    "/",
    "/graphql/",
    "/graphiql",
    "/docs",
    "/openapi.json",
    "/metrics",
    "/admin",
    "/.env",
    "/static/graphiql/",
    "/static/graphiql/..%2f..%2f..%2fsettings.py",
    "/static/graphiql/%2e%2e/%2e%2e/%2e%2e/settings.py",
    "/static/graphiql//etc/passwd",
)


@pytest.fixture(scope="module")
def application(sqlite_copies: Copies) -> ASGIApp:
    """The application with everything turned on that a server may show."""
    url = sqlite_copies.migrated()
    return create_app(
        Settings(database_url=url, graphiql=True, introspection=True, worker_in_process=False)
    )


@pytest.fixture(scope="module")
def stranger(application: ASGIApp) -> Iterator[TestClient]:
    """A client without a token."""
    with TestClient(application) as client:
        yield client


def routes(application: Any) -> list[str]:
    """The paths that it serves, found below all that it is wrapped in."""
    while not isinstance(application, Starlette):
        application = application._http if hasattr(application, "_http") else application._app
    return [each.path for each in application.routes if isinstance(each, Route)]


class TestStranger:
    def test_is_tried_at_every_route(self, application: ASGIApp) -> None:
        assert sorted(routes(application)) == sorted(ROUTES)

    @pytest.mark.parametrize(
        ("path", "method", "status", "given"),
        [(path, *each) for path, cases in ROUTES.items() for each in cases],
    )
    def test_is_told_nothing_but_that_it_lives(
        self, stranger: TestClient, path: str, method: str, status: int, given: Any
    ) -> None:
        answer = stranger.request(method, path, **given)

        assert answer.status_code == status
        if status == 401:
            assert answer.headers["www-authenticate"] == "Bearer"
            assert set(answer.json()) == {"errors"}
            assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"

    @pytest.mark.parametrize("path", NOWHERE)
    def test_finds_nothing_elsewhere(self, stranger: TestClient, path: str) -> None:
        answer = stranger.get(path, follow_redirects=False)

        assert answer.status_code in (307, 404)
        assert "BACKOFFICE" not in answer.text
        assert "root:" not in answer.text

    def test_gets_the_page_with_its_files(self, stranger: TestClient) -> None:
        page = stranger.get("/graphql", headers=BROWSER)

        files = re.findall(r'(?:src|href)="(/static/graphiql/[^"]+)"', page.text)
        assert len(files) == 5
        assert [stranger.get(each).status_code for each in files] == [200] * 5


class TestGet:
    def test_runs_no_mutation(self, migrated_url: str, migrated: Database) -> None:
        settings = Settings(database_url=migrated_url, worker_in_process=False)
        bearing = {"authorization": f"Bearer {new_token(migrated)}"}
        with TestClient(create_app(settings), headers=bearing) as client:
            mutation = client.get("/graphql", params={"query": CREATE})
            query = client.get("/graphql", params=QUERY)

        assert (mutation.status_code, query.status_code) == (405, 200)
        assert mutation.headers["allow"] == "POST"
        assert codes_of(migrated) == []


class TestLogs:
    KEY, PASSWORD = "canary-of-a-key", "canary-of-a-password"

    def test_tell_who_asked_and_no_secret(self, sqlite_copies: Copies, tmp_path: Path) -> None:
        url = sqlite_copies.migrated()
        database = open_database(url)
        token = new_token(database)
        with database.reading.connect() as db:
            name = ids.text("tok", db.execute(select(api_tokens.c.id)).scalar_one())
        database.dispose()
        with Server(url, tmp_path / "log", log_level="debug") as server:
            with server.client(token) as client:
                made = graphql(client, CREATE, key=self.KEY)
                login = {"email": "ada@example.com", "password": self.PASSWORD}
                client.post("/login", json=login)
                client.get(f"/graphql?query=x&password={self.PASSWORD}&token={token}")
                as_json = {"content-type": "application/json"}
                client.post("/graphql", content=f'{{"{token}', headers=as_json)
                client.get(f"/{token}")
            server.terminate()
            server.exit_code()

        text = server.log.read_text()
        assert [each for each in (token, self.KEY, self.PASSWORD) if each in text] == []
        lines = [line for line in server.lines() if line["event"] == "request"]
        asked = [line for line in lines if line["path"] == "/graphql"]
        assert [line["status"] for line in asked] == [200, 200, 400]
        assert {line["actor_id"] for line in asked} == {name}
        assert asked[0]["request_id"] == made.headers["x-request-id"]
        assert len({line["request_id"] for line in lines}) == len(lines)

    @usually_on("sqlite")
    def test_are_not_filled_by_probes(self, migrated_url: str, tmp_path: Path) -> None:
        with Server(migrated_url, tmp_path / "log") as server, server.client() as client:
            before = len(server.lines())
            answers = [client.get(path).status_code for path in ("/healthz", "/readyz") * 5]

            assert answers == [200] * 10
            assert len(server.lines()) == before
