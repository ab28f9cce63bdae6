"""What a page of somebody else can have a browser do here: nothing.

Asked of every door of the application, so that a new one is asked too.
"""

import re
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from backoffice_api.app import create_app
from backoffice_api.settings import Settings
from backoffice_api.web.access_log import path_shown
from backoffice_api.web.graphql import Shortcut
from tests.application import Application
from tests.databases import Copies

EVIL = "https://evil.example"
OURS = "https://admin.shop.example"
# What a form or a script may send to another origin without asking first (Fetch, 4.8).
SIMPLE = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x")
MUTATION = {"query": 'mutation { sessionEnd(id: "ses_1") { replayed } }'}


@pytest.fixture(scope="module")
def url(sqlite_copies: Copies) -> Iterator[str]:
    url = sqlite_copies.migrated()
    yield url
    sqlite_copies.drop(url)


@pytest.fixture(scope="module")
def app(url: str) -> Any:
    return create_app(Settings(database_url=url, cors_origins=(OURS,), worker_in_process=False))


@pytest.fixture(scope="module")
def client(app: Any) -> Iterator[Application]:
    with Application(app) as client:
        yield client


def routes_of(app: Any) -> list[Route]:
    layer = app
    while not isinstance(layer, Starlette):
        layer = layer._app
    return [each for each in layer.routes if isinstance(each, Route)]


@pytest.fixture(scope="module")
def doors(app: Any) -> list[tuple[str, str]]:
    """Every method of every route, with something in place of each part that varies."""
    return [
        (method, re.sub(r"\{[^}]*\}", "x", route.path))
        for route in routes_of(app)
        for method in sorted(route.methods or {"GET", "POST"})
        if method != "HEAD"
    ]


class TestEveryDoor:
    def test_sets_no_cookie_and_lets_nobody_keep_or_guess(
        self, client: Application, doors: list[tuple[str, str]]
    ) -> None:
        odd = []
        for method, path in doors:
            answer = client.send(method, path, origin=EVIL, cookie="session=bs_x")
            head = answer.headers
            if (
                "set-cookie" in head
                or head.get("x-content-type-options") != "nosniff"
                or "no-store" not in head.get("cache-control", "")
                or "access-control-allow-origin" in head
                or "access-control-allow-credentials" in head
            ):
                odd.append((method, path, dict(head)))

        assert len(doors) > 20
        assert odd == []

    def test_takes_nothing_that_a_page_may_send_unasked(
        self, client: Application, doors: list[tuple[str, str]]
    ) -> None:
        """No session is in the browser that could be used, and bodies of forms are not read."""
        taken = [
            (path, kind, answer.status_code)
            for method, path in doors
            if method == "POST"
            for kind in SIMPLE
            if (
                answer := client.send(
                    "POST", path, orjson.dumps(MUTATION), **{"content-type": kind, "origin": EVIL}
                )
            ).status_code
            < 400
        ]

        assert taken == []

    def test_keeps_what_is_a_right_out_of_the_log(self, app: Any) -> None:
        """Addresses that open something by themselves, as long as they are good."""
        rights = [
            re.sub(r"\{[^}]*\}", "canary\n2", route.path)
            for route in routes_of(app)
            if re.search(r"\{(code|secret|ticket|token)\b", route.path)
            and not route.path.startswith("/webhooks/")  # where it names a mailbox, and is signed
        ]

        assert len(rights) == 9
        assert [each for each in rights if "2" in path_shown(each)] == []


class TestMutations:
    def test_are_sent_by_post_as_json(self, client: Application) -> None:
        body = orjson.dumps(MUTATION)
        by_get = client.send("GET", "/graphql?query=mutation%7Bx%7D", authorization="Bearer x")
        statuses = [
            client.send("POST", "/graphql", body, **{"content-type": kind}).status_code
            for kind in SIMPLE
        ]

        # Who is not signed in learns nothing else; who is, tests/web/test_graphql_http.py shows.
        assert by_get.status_code == 401
        assert statuses == [401, 401, 401]


class TestCors:
    @pytest.mark.parametrize(
        ("origin", "allowed"),
        [(OURS, OURS), (EVIL, None), ("null", None), (f"{OURS}.evil.example", None)],
    )
    def test_lets_in_the_pages_that_are_named(
        self, client: Application, origin: str, allowed: str | None
    ) -> None:
        asked = {
            "origin": origin,
            "access-control-request-method": "POST",
            "access-control-request-headers": "authorization,content-type",
        }
        answer = client.send("OPTIONS", "/graphql", **asked)

        assert answer.headers.get("access-control-allow-origin") == allowed
        assert "access-control-allow-credentials" not in answer.headers


def test_the_shortcut_is_inside_the_guard(app: Any) -> None:
    """What is answered without routing is answered behind the same layers."""
    layers = []
    layer = app
    while not isinstance(layer, Starlette):
        layers.append(type(layer).__name__)
        layer = layer._app

    assert layers.index("SecurityHeaders") < layers.index("CrossOrigin")
    assert layers.index("CrossOrigin") < layers.index(Shortcut.__name__)
