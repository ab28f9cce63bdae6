"""What the settings switch on and off in the whole application."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from backoffice_api.app import create_app
from backoffice_api.domain.kernel.database import Database
from backoffice_api.settings import Settings
from tests.databases import Copies
from tests.serving import new_token
from tests.web.server import BROWSER

OPERATIONS = Path(__file__).parents[2] / "operations"


@pytest.fixture(scope="module")
def url(sqlite_copies: Copies) -> str:
    return sqlite_copies.migrated()


@pytest.fixture
def serving(url: str, opens: Callable[..., Database]) -> Callable[..., Any]:
    token = new_token(opens(url))

    @contextmanager
    def serving(**given: Any) -> Iterator[TestClient]:
        settings = Settings(database_url=url, worker_in_process=False, log_level="error", **given)
        headers = {"authorization": f"Bearer {token}"}
        with TestClient(create_app(settings), headers=headers) as client:
            yield client

    return serving


def metric(client: TestClient, name: str) -> float:
    text = client.get("/metrics").text
    [line] = [each for each in text.splitlines() if each.startswith(f"{name} ")]
    return float(line.split()[1])


class TestDefaults:
    def test_say_nothing_to_strangers(self, serving: Callable[..., Any]) -> None:
        with serving() as client:
            assert client.get("/metrics").status_code == 404
            page = client.get("/graphql", headers={"accept": BROWSER})

        assert "html" not in page.headers["content-type"]


class TestTrustedOnly:
    def test_answers_the_stored_operations_and_nothing_else(
        self, serving: Callable[..., Any]
    ) -> None:
        with serving(
            trusted_documents=str(OPERATIONS),
            trusted_documents_only=True,
            graphiql=True,
            introspection=True,
            metrics="open",
        ) as client:
            answer = client.post("/graphql", json={"documentId": "Me"})
            other = client.post("/graphql", json={"query": "{ __typename }"})
            page = client.get("/graphql", headers={"accept": BROWSER})
            script = client.get("/static/graphiql/start.js")
            compiled = metric(client, "backoffice_graphql_compiled_total")

        assert answer.json()["data"]["me"]["name"] == "tests"
        assert other.json()["errors"][0]["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED"
        assert "html" not in page.headers["content-type"]
        assert script.status_code == 404
        assert compiled == 1


class TestSwitches:
    def test_leave_everything_to_graphql_core(self, serving: Callable[..., Any]) -> None:
        with serving(compiled_execution=False, metrics="open") as client:
            answer = client.post("/graphql", json={"query": "{ me { name } }"})
            text = client.get("/metrics").text

        assert answer.json()["data"] == {"me": {"name": "tests"}}
        assert 'backoffice_graphql_requests_total{kind="query",outcome="OK"} 1.0' in text
        assert "compiled" not in text

    def test_take_no_hashes(self, serving: Callable[..., Any]) -> None:
        asked = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}}
        with serving(automatic_persisted_queries=False, metrics="token") as client:
            answer = client.post("/graphql", json=asked)
            figures = client.get("/metrics")
            stranger = client.get("/metrics", headers={"authorization": ""})

        error = answer.json()["errors"][0]
        assert error["extensions"]["code"] == "PERSISTED_QUERY_NOT_SUPPORTED"
        assert (figures.status_code, stranger.status_code) == (200, 401)
