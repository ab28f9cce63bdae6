import pytest

from backoffice_api.web.negotiation import answer_type, is_json_in_utf8, prefers_html

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


class TestAnswerType:
    @pytest.mark.parametrize(
        ("accept", "expected"),
        [
            (None, JSON),
            ("", JSON),
            ("*/*", JSON),
            ("application/*", JSON),
            (BROWSER, JSON),
            ("application/json", JSON),
            ("APPLICATION/JSON; charset=utf-8", JSON),
            (GRAPHQL, GRAPHQL),
            (f"{GRAPHQL};charset=utf-8", GRAPHQL),
            (f"{GRAPHQL}, application/json;q=0.9", GRAPHQL),
            (f"application/json, {GRAPHQL}", GRAPHQL),
            (f"{GRAPHQL}, */*;q=0.1", GRAPHQL),
            (f"{GRAPHQL};q=0.5, application/json", JSON),
            (f"{GRAPHQL};q=0, */*", JSON),
            ("application/json;q=0, */*", None),
            ("application/*;q=0, */*;q=0.5", None),
            ("*/*;q=0", None),
            ("text/html", None),
            ("image/*", None),
            ("application/json;q=2", None),
            ("application/json;q=nonsense", None),
            ("application/json;q=nan", None),
            (",,;;q", None),
        ],
    )
    def test_follows_the_header(self, accept: str | None, expected: str | None) -> None:
        assert answer_type(accept) == expected


class TestPrefersHtml:
    @pytest.mark.parametrize("accept", [BROWSER, "text/html", "text/html, application/json;q=0.5"])
    def test_holds_for_browsers(self, accept: str) -> None:
        assert prefers_html(accept)

    @pytest.mark.parametrize(
        "accept", [None, "*/*", "application/json", f"{GRAPHQL}, text/html", "text/html;q=0"]
    )
    def test_does_not_hold_for_clients_of_the_api(self, accept: str | None) -> None:
        assert not prefers_html(accept)


class TestIsJsonInUtf8:
    @pytest.mark.parametrize(
        "content_type",
        [
            "application/json",
            "application/json; charset=utf-8",
            'Application/JSON;charset="UTF-8"',
            "application/json; boundary=x",
        ],
    )
    def test_holds_for_json(self, content_type: str) -> None:
        assert is_json_in_utf8(content_type)

    @pytest.mark.parametrize(
        "content_type",
        [
            None,
            "",
            "text/plain",
            "application/graphql",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/json; charset=utf-16",
            "application/json; charset=latin1",
            "application/json, text/plain",
        ],
    )
    def test_does_not_hold_for_others(self, content_type: str | None) -> None:
        assert not is_json_in_utf8(content_type)
