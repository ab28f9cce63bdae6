"""Documents that are asked for by an id or a hash, over HTTP."""

from hashlib import sha256

import httpx2
import orjson
import pytest

from backoffice_api.engine.prepare import Preparer
from tests.engine.shop import SdlRules
from tests.web.server import GRAPHQL, JSON, SCHEMA, Server, codes

HELLO = "{ hello }"
HASH = sha256(HELLO.encode()).hexdigest()
PERSISTED = {"persistedQuery": {"version": 1, "sha256Hash": HASH}}


def trusting(*, only: bool = False) -> Server:
    preparer = Preparer(SCHEMA, SdlRules(SCHEMA), trusted_only=only)
    for text, id in ((HELLO, "hello"), ("mutation { orderPlace { key } }", "place")):
        preparer.trust(text, [id])
    return Server(preparer=preparer)


def send(server: Server, accept: str = GRAPHQL, **payload: object) -> httpx2.Response:
    return server.send(orjson.dumps(payload), {"accept": accept})


class TestTrustedDocuments:
    def test_are_answered_by_their_ids(self) -> None:
        server = trusting()

        for response in (send(server, documentId="hello"), server.get(documentId="hello")):
            assert response.status_code == 200
            assert response.json()["data"] == {"hello": "world"}

    def test_that_change_something_want_a_post(self) -> None:
        server = trusting()

        assert server.get(documentId="place").status_code == 405
        assert send(server, documentId="place").status_code == 200

    @pytest.mark.parametrize(("accept", "status"), [(GRAPHQL, 400), (JSON, 200)])
    def test_that_nobody_knows_are_one_error(self, accept: str, status: int) -> None:
        response = send(trusting(), accept, documentId="unknown")

        assert response.status_code == status
        assert codes(response) == ["PERSISTED_QUERY_NOT_FOUND"]

    @pytest.mark.parametrize(("accept", "status"), [(GRAPHQL, 400), (JSON, 200)])
    def test_may_be_the_only_ones(self, accept: str, status: int) -> None:
        server = trusting(only=True)

        assert send(server, documentId="hello").json()["data"] == {"hello": "world"}
        response = send(server, accept, query="{ __typename }")
        assert response.status_code == status
        assert codes(response) == ["DOCUMENT_NOT_TRUSTED"]

    def test_are_for_those_who_may_ask(self) -> None:
        response = trusting().get({"authorization": None}, documentId="hello")

        assert (response.status_code, codes(response)) == (401, ["UNAUTHENTICATED"])


class TestAutomaticPersistedQueries:
    @pytest.mark.parametrize("accept", [GRAPHQL, JSON])
    def test_go_as_clients_of_apollo_expect(self, accept: str) -> None:
        server = Server()

        unknown = send(server, accept, extensions=PERSISTED)
        with_text = send(server, accept, query=HELLO, extensions=PERSISTED)
        alone = send(server, accept, extensions=PERSISTED)
        by_get = server.get(extensions=orjson.dumps(PERSISTED).decode())

        assert unknown.status_code == 200
        assert unknown.json() == {
            "errors": [
                {
                    "message": "PersistedQueryNotFound",
                    "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"},
                }
            ]
        }
        for response in (with_text, alone, by_get):
            assert response.status_code == 200
            assert response.json()["data"] == {"hello": "world"}

    def test_with_the_hash_of_another_text_are_refused(self) -> None:
        response = send(Server(), query="{ hello } ", extensions=PERSISTED)

        assert (response.status_code, codes(response)) == (400, ["BAD_USER_INPUT"])
