"""No password and no token is found anywhere but in the one answer that shows it."""

import io
import logging
from pathlib import Path

import psycopg
import pytest
import structlog
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from backoffice_api.context import Context, as_request_error
from backoffice_api.domain.kernel.pages import Cursors
from backoffice_api.domain.kernel.scopes import ALL_SCOPES
from backoffice_api.engine.run import Terms
from backoffice_api.settings import Settings
from backoffice_api.web import logs
from backoffice_api.web.access_log import AccessLog
from backoffice_api.web.authenticate import Authenticator
from backoffice_api.web.graphql import GraphQLEndpoint
from backoffice_api.web.login import Login
from tests.identity.people import EMAIL, add_token
from tests.world import LIMITS, PREPARER, World

STAFF_CREATE = """
mutation ($input: StaffCreateInput!, $meta: MutationMeta) {
  staffCreate(input: $input, meta: $meta) {
    staff { id timeline { nodes { data changes { before after } } } }
    userErrors { message path }
    effects { summary }
  }
}
"""
SET_PASSWORD = """
mutation ($id: ID!, $input: StaffSetPasswordInput!, $meta: MutationMeta) {
  staffSetPassword(id: $id, input: $input, meta: $meta) { userErrors { message } }
}
"""
TOKEN_CREATE = """
mutation ($input: TokenCreateInput!, $meta: MutationMeta) {
  tokenCreate(input: $input, meta: $meta) { secret userErrors { message } }
}
"""


@pytest.fixture
def log():
    """Everything that the process logs, as it would be written in production."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    stream = io.StringIO()
    logs.configure(Settings(log_level="debug", log_format="json"), stream)
    yield stream
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


class Shop:
    """The server's routes over a database. Notes the secrets that it sends and is sent."""

    def __init__(self, world: World) -> None:
        self.secrets: set[str] = set()
        self.answers: list[str] = []
        self.authenticator = Authenticator(world.database, world.threads)
        terms = Terms(limits=LIMITS, on_bug=_report, translate=as_request_error)

        def make_context(caller, request_id, key):
            cursors = Cursors(b"secret of the tests")
            return Context(world.database, world.threads, caller, cursors, request_id, key)

        graphql = GraphQLEndpoint(PREPARER, self.authenticator.authenticate, make_context, terms)
        login = Login(world.database, world.threads)
        app = Starlette(routes=[Route("/graphql", graphql), *login.routes()])
        self.client = TestClient(AccessLog(app))
        self.token = self.secret(add_token(world, *ALL_SCOPES).secret.reveal())

    def secret(self, text):
        self.secrets.add(text)
        return text

    def graphql(self, query, key=None, **variables):
        meta = {"meta": {"idempotencyKey": key}} if key else {}
        answer = self.client.post(
            "/graphql",
            json={"query": query, "variables": variables | meta},
            headers={"authorization": f"Bearer {self.token}"},
        )
        return self._shown(answer)

    def login(self, password, **more):
        body = {"email": EMAIL, "password": self.secret(password)} | more
        return self._shown(self.client.post("/login", json=body))

    def _shown(self, answer):
        """The answer. A secret that it shows is noted, and may be in no other one."""
        text = answer.text
        content = answer.json() if text else {}
        shown = content.get("token") or (
            ((content.get("data") or {}).get("tokenCreate") or {}).get("secret")
        )
        self.answers.append(text.replace(self.secret(shown), "") if shown else text)
        return content


def _report(bug, reference):
    structlog.get_logger("test").error("graphql.bug", reference=reference, exc_info=bug)


def everything_kept(world):
    """All that the database keeps, byte for byte."""
    url = world.database.writing.url
    if world.database.dialect == "sqlite":
        files = [Path(f"{url.database}{suffix}") for suffix in ("", "-wal")]
        return b"".join(each.read_bytes() for each in files if each.exists())
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    kept = []
    with psycopg.connect(address) as db:
        tables = db.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in tables.fetchall():
            with db.cursor().copy(f'COPY "{table}" TO STDOUT') as rows:
                kept += [bytes(row) for row in rows]
    return b"\n".join(kept)


@pytest.fixture
def used(world, log):
    """A shop that has been given every secret in every way, right and wrong."""
    shop = Shop(world)
    ada = {"name": "Ada", "email": EMAIL, "password": shop.secret("canary one, long enough")}
    made = shop.graphql(STAFF_CREATE, key="one", input=ada)
    id = made["data"]["staffCreate"]["staff"]["id"]
    shop.graphql(STAFF_CREATE, key="one", input=ada)
    shop.graphql(STAFF_CREATE, input=ada | {"password": shop.secret("canary 2")})
    shop.graphql(STAFF_CREATE, input=ada | {"password": shop.secret("canary three " * 99)})
    shop.graphql(STAFF_CREATE, key="one", input=ada | {"password": shop.secret("canary four!" * 2)})
    inline = shop.secret("canary five, in the document")
    shop.graphql(
        f'mutation {{ staffSetPassword(id: "{id}", input: {{password: "{inline}"}})'
        " { userErrors { message } } }"
    )
    unknown = {"password": shop.secret("canary six, beside an unknown field"), "x": 1}
    shop.graphql(SET_PASSWORD, id=id, input=unknown)
    shop.graphql(
        f'mutation {{ staffSetPassword(id: "{id}", input: {{password: "{inline}", x: 1}})'
        " { userErrors { message } } }"
    )
    eleven = {"password": shop.secret("canary eleven, long enough")}
    for _ in range(2):
        shop.graphql(SET_PASSWORD, key="two", id=id, input=eleven)
        shop.graphql(TOKEN_CREATE, key="three", input={"name": "robot", "scopes": []})
    session = shop.login("canary eleven, long enough")["token"]
    shop.login("canary seven, which is wrong")
    shop.login("canary eight, for nobody", email="nobody@shop.example")
    shop.login("canary nine, malformed", email=9)
    shop.client.post("/logout", headers={"authorization": f"Bearer {session}"})
    shop.client.post("/logout", headers={"authorization": f"Bearer {session}"})

    def fail(_connection, _cursor, statement, parameters, *_):
        if "passwords" in statement or "sessions" in statement:
            raise OperationalError(statement, parameters, Exception("gone"))

    event.listen(world.database.writing, "before_cursor_execute", fail)
    shop.login("canary eleven, long enough")
    shop.graphql(SET_PASSWORD, id=id, input={"password": shop.secret("canary ten, long enough")})
    event.remove(world.database.writing, "before_cursor_execute", fail)
    return shop


class TestSecrets:
    def test_are_kept_nowhere(self, world, used):
        kept = everything_kept(world)

        assert b"staff.password_set" in kept, "the search must find what is there"
        assert len(used.secrets) == 14
        assert [each for each in used.secrets if each.encode() in kept] == []

    def test_are_logged_nowhere(self, used, log):
        written = log.getvalue()

        assert "login.refused" in written
        assert "graphql.bug" in written
        assert [each for each in used.secrets if each in written] == []

    def test_are_in_no_answer_but_that_which_shows_them(self, used):
        answers = "".join(used.answers)

        assert "The e-mail address or the password is wrong." in answers
        assert [each for each in used.secrets if each in answers] == []
