"""How staff sign in and out: a password for a session, `POST /login` and `POST /logout`."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from backoffice_api.context import Threads, as_request_error
from backoffice_api.domain.execute import Handler, execute
from backoffice_api.domain.identity.commands.sessions import (
    EndSession,
    NewSession,
    StartSession,
    end_session,
    start_session,
)
from backoffice_api.domain.identity.commands.tries import Candidate, ClaimTry, claim_try
from backoffice_api.domain.identity.model.staff import (
    Session,
    TooManyTries,
    WrongCredentials,
    kind_of,
    secret_hash,
)
from backoffice_api.domain.identity.queries import staff as queries
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.secret import PASSWORDS, SALT_BYTES, Passwords, Secret
from backoffice_api.domain.kernel.uow import THE_SYSTEM, ActorKind, Caller, Command, Meta
from backoffice_api.engine.errors import ErrorCode, RequestError
from backoffice_api.web.access_log import request_id
from backoffice_api.web.authenticate import bearer_secret, unauthenticated
from backoffice_api.web.body import WrongMethod, bad_request, read_json_body
from backoffice_api.web.border import Border

BODY_BYTES_MAX = 4_096
BODY_TIME_S = 10.0

C = TypeVar("C", bound=Command)
R = TypeVar("R")

log = structlog.get_logger("backoffice_api.login")


class _Given(msgspec.Struct):
    email: str
    password: Secret


class Login:
    """The two routes. `passwords` says what one try costs; `now` tells the time."""

    def __init__(
        self,
        database: Database,
        threads: Threads,
        *,
        passwords: Passwords = PASSWORDS,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._threads = threads
        self._passwords = passwords
        self._now = now
        self._border = Border("login", _translate)

    def routes(self) -> list[Route]:
        """`/login` takes `{"email", "password"}`; `/logout` takes the header of any request."""
        methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
        return [
            Route(
                "/login", self._border.around(partial(self._respond, self._log_in)), methods=methods
            ),
            Route(
                "/logout",
                self._border.around(partial(self._respond, self._log_out)),
                methods=methods,
            ),
        ]

    async def _respond(
        self, answer: Callable[[Request], Awaitable[Response]], request: Request
    ) -> Response:
        if request.method != "POST":
            raise WrongMethod("POST")
        response = await answer(request)
        response.headers["Cache-Control"] = "no-store"
        return response

    async def _log_in(self, request: Request) -> Response:
        body = await read_json_body(request.scope, request.receive, BODY_BYTES_MAX, BODY_TIME_S)
        given = _given(body)
        address = request.client.host if request.client else None
        meta = Meta(request_id=request_id(request.scope))
        claim = ClaimTry(email=given.email, address=address)
        candidate = await self._execute(claim_try, claim, THE_SYSTEM, meta)
        check = partial(self._check, candidate, given.password)
        start = await _in(self._threads.hashing, check)
        if start is None or candidate.account is None:
            raise WrongCredentials
        made = await self._execute(start_session, start, candidate.account.caller, meta)
        log.info("login.succeeded", session=ids.text("ses", made.id))
        return _shown(made)

    async def _log_out(self, request: Request) -> Response:
        secret = bearer_secret(request)
        if kind_of(secret) is ActorKind.TOKEN:
            raise bad_request("This is an API token: it is not signed out, but revoked.")
        found = await _in(self._threads.reading, partial(self._find, secret))
        if found is None:
            raise unauthenticated()
        caller, session = found
        meta = Meta(request_id=request_id(request.scope))
        await self._execute(end_session, EndSession(id=session.id), caller, meta)
        return Response(status_code=204)

    def _check(self, candidate: Candidate, password: Secret) -> StartSession | None:
        """What starts the session. None: the password is wrong, or there is no such account."""
        account = candidate.account
        kept = account.password_hash if account else None
        # Also where there is no account: the time must not tell.
        matches = self._passwords.matches(password, kept)
        if account is None or not matches:
            return None
        renewed = None
        if self._passwords.is_outdated(account.password_hash):
            renewed = self._passwords.hash(password, secrets.token_bytes(SALT_BYTES))
        return StartSession(
            staff_id=account.staff_id,
            verified=account.password_hash,
            renewed=renewed,
            tried=candidate.tried,
        )

    def _find(self, secret: Secret) -> tuple[Caller, Session] | None:
        """Whose open session it is."""
        hash = secret_hash(secret)
        with self._database.fresh.connect() as db:
            bearer = queries.authenticate(db, secret, self._now())
            session = queries.sessions_by_hashes(db, [hash]).get(hash)
        return (bearer.caller, session) if bearer and session else None

    async def _execute(self, handler: Handler[C, R], command: C, caller: Caller, meta: Meta) -> R:
        call = partial(
            execute,
            self._database,
            handler,
            command,
            caller=caller,
            now=self._now(),
            meta=meta,
        )
        return (await _in(self._threads.writing, call)).value


def _given(body: bytes) -> _Given:
    try:
        return msgspec.json.decode(body, type=_Given, dec_hook=_as_secret)
    except (ValueError, RecursionError):
        # The body holds a password, and the text of the exception may quote it.
        raise bad_request("The body must be JSON with the texts email and password.") from None


def _as_secret(_: type[Secret], value: object) -> Secret:
    if not isinstance(value, str):
        raise TypeError("a secret is a text")
    return Secret(value)


def _shown(made: NewSession) -> Response:
    assert made.secret is not None, "only a repeated answer has none, and this has no key"
    ends_at = made.expires_at.astimezone(UTC).replace(tzinfo=None)
    return JSONResponse({"token": made.secret.reveal(), "expiresAt": f"{ends_at.isoformat()}Z"})


def _translate(error: Exception) -> RequestError | None:
    match error:
        case WrongCredentials():
            return unauthenticated(str(error))
        case TooManyTries(retry_after_s):
            return RequestError(ErrorCode.THROTTLED, str(error), retry_after_s=retry_after_s)
        case _:
            return as_request_error(error)


async def _in(threads: ThreadPoolExecutor, call: Callable[[], R]) -> R:
    return await asyncio.get_running_loop().run_in_executor(threads, call)
