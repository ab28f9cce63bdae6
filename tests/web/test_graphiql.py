import gzip
import re
from html.parser import HTMLParser

import pytest
from graphql import parse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from backoffice_api.web import graphiql


async def _endpoint(request: Request) -> Response:
    return graphiql.page(request) if graphiql.is_wanted(request) else PlainTextResponse("data")


CLIENT = TestClient(
    Starlette(routes=[Route("/graphql", _endpoint, methods=["GET", "POST"]), *graphiql.routes()])
)
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
JAVASCRIPT = "/static/graphiql/graphiql.min.js"


class _Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.script = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] in {"script", "style"}:
            self.script += data.strip()


def addresses() -> list[str]:
    tags = _Tags(CLIENT.get("/graphql", headers=BROWSER).text).tags
    found = [attrs.get("src") or attrs.get("href") for _tag, attrs in tags]
    return [address for address in found if address]


class TestIsWanted:
    @pytest.mark.parametrize(
        ("method", "address", "accept", "wanted"),
        [
            ("GET", "/graphql", BROWSER["Accept"], True),
            ("GET", "/graphql", "*/*", False),
            ("GET", "/graphql", "application/graphql-response+json", False),
            ("GET", "/graphql?query={__typename}", BROWSER["Accept"], False),
            ("POST", "/graphql", BROWSER["Accept"], False),
        ],
    )
    def test_tells_browsers_from_programs(
        self, method: str, address: str, accept: str, wanted: bool
    ) -> None:
        answer = CLIENT.request(method, address, headers={"Accept": accept})

        assert answer.text.startswith("<!doctype html>") is wanted


class TestPage:
    def test_has_a_strict_policy(self) -> None:
        answer = CLIENT.get("/graphql", headers=BROWSER)

        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["cache-control"] == "no-cache"
        assert answer.headers["vary"] == "Accept"
        assert answer.headers["content-security-policy"] == (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
            "font-src 'self' data:; connect-src 'self' ws://testserver wss://testserver; "
            "base-uri 'none'; form-action 'none'; "
            "frame-ancestors 'none'"
        )

    def test_opens_no_sockets_elsewhere(self) -> None:
        for host in ("evil.example; script-src *", "a b", ""):
            answer = CLIENT.get("/graphql", headers={**BROWSER, "host": host})
            policy = answer.headers["content-security-policy"]
            assert "connect-src 'self'; base-uri" in policy, host

    def test_has_no_inline_script_style_or_handler(self) -> None:
        parsed = _Tags(CLIENT.get("/graphql", headers=BROWSER).text)

        names = {name for _tag, attrs in parsed.tags for name in attrs}
        assert parsed.script == ""
        assert "style" not in names
        assert not [name for name in names if name.startswith("on")]

    def test_loads_only_files_of_ours_that_are_there(self) -> None:
        assert [re.sub(r"\?v=[0-9a-f]{16}$", "", address) for address in addresses()] == [
            "/static/graphiql/icon.svg",
            "/static/graphiql/graphiql.min.css",
            "/static/graphiql/page.css",
            "/static/graphiql/graphiql.min.js",
            "/static/graphiql/start.js",
        ]
        assert [CLIENT.get(address).status_code for address in addresses()] == [200] * 5

    def test_has_what_its_script_looks_for(self) -> None:
        parsed = _Tags(CLIENT.get("/graphql", headers=BROWSER).text)
        script = CLIENT.get("/static/graphiql/start.js").text

        wanted = set(re.findall(r'element\("([a-z]+)"\)', script))
        assert wanted == {"status", "access", "forget", "hint", "graphiql", "token"}
        assert wanted <= {attrs["id"] for _tag, attrs in parsed.tags if "id" in attrs}


class TestFiles:
    def test_of_a_named_version_may_be_kept_for_ever(self) -> None:
        for address in addresses():
            answer = CLIENT.get(address)
            assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"

    @pytest.mark.parametrize("query", ["", "?v=0123456789abcdef"])
    def test_of_no_or_another_version_are_asked_for_again(self, query: str) -> None:
        assert CLIENT.get(JAVASCRIPT + query).headers["cache-control"] == "no-cache"

    def test_are_not_sent_twice(self) -> None:
        etag = CLIENT.get(JAVASCRIPT).headers["etag"]

        again = CLIENT.get(JAVASCRIPT, headers={"If-None-Match": etag})
        other = CLIENT.get(JAVASCRIPT, headers={"If-None-Match": 'W/"other"'})

        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == etag
        assert other.status_code == 200

    def test_are_compressed_where_that_is_understood(self) -> None:
        plain = CLIENT.get(JAVASCRIPT, headers={"Accept-Encoding": "identity"})
        with CLIENT.stream("GET", JAVASCRIPT, headers={"Accept-Encoding": "gzip"}) as answer:
            packed = b"".join(answer.iter_raw())

        assert "content-encoding" not in plain.headers
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
        assert gzip.decompress(packed) == plain.content
        assert len(packed) < len(plain.content) / 2

    @pytest.mark.parametrize(
        ("name", "media_type"),
        [
            ("graphiql.min.js", "text/javascript; charset=utf-8"),
            ("graphiql.min.css", "text/css; charset=utf-8"),
            ("icon.svg", "image/svg+xml"),
            ("welcome.graphql", "text/plain; charset=utf-8"),
            ("LICENSES.txt", "text/plain; charset=utf-8"),
        ],
    )
    def test_say_what_they_are(self, name: str, media_type: str) -> None:
        assert CLIENT.get(f"/static/graphiql/{name}").headers["content-type"] == media_type

    @pytest.mark.parametrize(
        "name", ["index.html", "missing.js", "..%2f..%2fgraphiql.py", "%2e%2e/logs.py", ""]
    )
    def test_are_none_but_those_listed(self, name: str) -> None:
        assert CLIENT.get(f"/static/graphiql/{name}").status_code == 404

    def test_load_nothing_from_elsewhere(self) -> None:
        bundle = CLIENT.get(JAVASCRIPT).text
        styles = CLIENT.get("/static/graphiql/graphiql.min.css").text

        assert re.findall(r"url\((?!data:)[^)]*\)|@import", styles) == []
        assert re.findall(r"new Function\(|[^.\w]eval\(|sourceMappingURL", bundle) == []

    def test_carry_the_licences_of_what_they_contain(self) -> None:
        text = CLIENT.get("/static/graphiql/LICENSES.txt").text

        for package in ("graphiql 3.8.3", "react 18.3.1", "codemirror 5.65", "graphql 16.11.0"):
            assert f"\n{package}" in text


class TestWelcomeQuery:
    def test_is_one_query(self) -> None:
        document = parse(graphiql.WELCOME_QUERY.read_text(encoding="utf-8"))

        assert len(document.definitions) == 1
