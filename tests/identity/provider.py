"""An identity provider on this machine, which says whatever a test has it say."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from backoffice_api.domain.identity.model.providers import challenge_of
from backoffice_api.domain.kernel.secret import Secret

CLIENT = "backoffice"
CLIENT_SECRET = "what the provider knows us by"
PAGE = "https://admin.shop.example/signed-in"
CODE = "a code of the provider"


class FakeProvider:
    """What it publishes, which keys it has, and the token that it gives for `CODE`."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.key = ECKey.generate_key("P-256", {"kid": "one", "use": "sig"})
        self.published: dict[str, Any] = {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/keys",
        }
        self.asked: list[str] = []
        self.claims: dict[str, Any] = {}
        self.header: dict[str, Any] = {"alg": "ES256", "kid": "one"}
        self.signed_with: ECKey | OctKey | None = None
        self.token: str | None = None
        self.challenge = ""
        self.nonce = ""

    def set_out(self, url: str) -> str:
        """Somebody comes with this address: the state with which they go back."""
        given = {key: value for key, [value] in parse_qs(urlsplit(url).query).items()}
        assert given["response_type"] == "code"
        assert given["code_challenge_method"] == "S256"
        assert (given["client_id"], given["redirect_uri"]) == (CLIENT, PAGE)
        self.challenge, self.nonce = given["code_challenge"], given["nonce"]
        return given["state"]

    def rotate(self, kid: str) -> None:
        self.key = ECKey.generate_key("P-256", {"kid": kid, "use": "sig"})
        self.header["kid"] = kid

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, Any]:
        self.asked.append(path)
        match path:
            case "/.well-known/openid-configuration":
                return 200, self.published
            case "/keys":
                return 200, {"keys": [self.key.as_dict(private=False)]}
            case "/token":
                fits = challenge_of(Secret(form["code_verifier"])) == self.challenge
                if not fits or form["code"] != CODE:
                    return 400, {"error": "invalid_grant"}
                return 200, {"id_token": self.token or self._token(), "token_type": "Bearer"}
        return 404, {}

    def _token(self) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "0042",
            "iat": now,
            "exp": now + 300,
            "nonce": self.nonce,
            **self.claims,
        }
        stated = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(self.header, stated, self.signed_with or self.key)


@contextmanager
def provider() -> Iterator[FakeProvider]:
    """A provider that answers until the end of the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    fake = FakeProvider(f"http://127.0.0.1:{server.server_port}")
    server.fake = fake  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        self._answer({key: value for key, [value] in parse_qs(body).items()})

    def _answer(self, form: dict[str, str]) -> None:
        status, content = self.server.fake.answer(self.path, form)  # type: ignore[attr-defined]
        body = orjson.dumps(content)
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
