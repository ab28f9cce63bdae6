"""How staff sign in and out: a password for a session, and a code where there is a second factor.

A right password of an account with a second factor is answered by a challenge, which goes with the
code to `/login/code`. A code sent with the password does both at once.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import Concatenate, ParamSpec, TypeVar
from uuid import UUID

import msgspec
import structlog
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from backoffice_api.context import Threads, as_request_error
from backoffice_api.domain.execute import Handler, execute
from backoffice_api.domain.identity.commands.answering import (
    AnswerChallenge,
    VerifySession,
    answer_challenge,
    verify_session,
)
from backoffice_api.domain.identity.commands.challenges import (
    ClaimCode,
    NewChallenge,
    claim_code,
)
from backoffice_api.domain.identity.commands.sessions import (
    EndSession,
    NewSession,
    StartSession,
    end_session,
    start_session,
)
from backoffice_api.domain.identity.commands.staff import ChangeOwnPassword, change_own_password
from backoffice_api.domain.identity.commands.tries import Candidate, ClaimTry, claim_try
from backoffice_api.domain.identity.model.factors import (
    NO_DEMAND,
    ChallengeOver,
    CodeRefused,
    Demand,
)
from backoffice_api.domain.identity.model.origins import Origin, origin
from backoffice_api.domain.identity.model.providers import NobodyLinked, SignInOver
from backoffice_api.domain.identity.model.staff import (
    Session,
    TooManyTries,
    WrongCredentials,
    kind_of,
    secret_hash,
)
from backoffice_api.domain.identity.queries import factors
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
from backoffice_api.web.fields import field

BODY_BYTES_MAX = 4_096
BODY_TIME_S = 10.0

C = TypeVar("C", bound=Command)
P = ParamSpec("P")
R = TypeVar("R")

log = structlog.get_logger("backoffice_api.login")


class _Given(msgspec.Struct):
    email: str
    password: Secret
    code: Secret | None = None


class _Answered(msgspec.Struct):
    challenge: Secret
    code: Secret


class _Proved(msgspec.Struct):
    code: Secret


class _Changed(msgspec.Struct, rename="camel"):
    password: Secret
    new_password: Secret


G = TypeVar("G", bound=msgspec.Struct)


class Login:
    """The routes. `passwords` says what one try costs; `now` tells the time.

    `demand`: of whom a second factor is demanded. Who lacks it is told to set it up.
    """

    def __init__(
        self,
        database: Database,
        threads: Threads,
        *,
        passwords: Passwords = PASSWORDS,
        demand: Demand = NO_DEMAND,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._threads = threads
        self._passwords = passwords
        self._demand = demand
        self.now = now
        self._border = Border("login", _translate)

    def routes(self) -> list[Route]:
        """`/login` takes `{"email", "password"}`, `/login/code` `{"challenge", "code"}`.

        The others take the header of any request as well: `/login/verify` `{"code"}`,
        `/login/password` `{"password", "newPassword"}`, `/logout` nothing.
        """
        doors = {
            "/login": self._log_in,
            "/login/code": self._answer,
            "/login/verify": self._verify,
            "/login/password": self._change_password,
            "/logout": self._log_out,
        }
        return [self.route(path, answer) for path, answer in doors.items()]

    def route(self, path: str, answer: Callable[[Request], Awaitable[Response]]) -> Route:
        """A door to be knocked at by POST, whose answers nobody stores."""
        methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
        return Route(path, self._border.around(partial(self._respond, answer)), methods=methods)

    async def _respond(
        self, answer: Callable[[Request], Awaitable[Response]], request: Request
    ) -> Response:
        if request.method != "POST":
            raise WrongMethod("POST")
        response = await answer(request)
        response.headers["Cache-Control"] = "no-store"
        return response

    async def _log_in(self, request: Request) -> Response:
        given = await read_as(request, _Given, "the texts email and password")
        origin = origin_of(request)
        meta = Meta(request_id=request_id(request.scope))
        claim = ClaimTry(email=given.email, address=origin.address)
        candidate = await self.execute(claim_try, claim, THE_SYSTEM, meta)
        check = partial(self._check, candidate, given.password, origin)
        start = await _in(self._threads.hashing, check)
        if start is None or candidate.account is None:
            raise WrongCredentials
        caller = candidate.account.caller
        made = await self.execute(start_session, start, caller, meta)
        if isinstance(made, NewChallenge):
            if given.code is None or made.secret is None:
                return asked(made)
            return await self._ended(made.secret, given.code, origin, meta)
        return await self.shown(made)

    async def _answer(self, request: Request) -> Response:
        given = await read_as(request, _Answered, "the texts challenge and code")
        meta = Meta(request_id=request_id(request.scope))
        return await self._ended(given.challenge, given.code, origin_of(request), meta)

    async def _ended(self, secret: Secret, code: Secret, origin: Origin, meta: Meta) -> Response:
        """The end of a sign-in that waits for a code."""
        challenge = await self.read(factors.open_challenge, secret, self.now())
        if challenge is None:
            raise ChallengeOver
        claim = ClaimCode(staff_id=challenge.staff_id, address=origin.address)
        command = AnswerChallenge(
            challenge_id=challenge.id,
            staff_id=challenge.staff_id,
            way=challenge.way,
            code=code,
            tried=await self.execute(claim_code, claim, THE_SYSTEM, meta),
            origin=origin,
        )
        made = await self.execute(answer_challenge, command, challenge.caller, meta)
        return await self.shown(made, verified=True)

    async def _verify(self, request: Request) -> Response:
        found = await self.read(self._find, bearer_secret(request))
        if found is None:
            raise unauthenticated()
        caller, _ = found
        given = await read_as(request, _Proved, "the text code")
        meta = Meta(request_id=request_id(request.scope))
        claim = ClaimCode(staff_id=_whose(caller), address=origin_of(request).address)
        tried = await self.execute(claim_code, claim, THE_SYSTEM, meta)
        await self.execute(
            verify_session, VerifySession(code=given.code, tried=tried), caller, meta
        )
        return Response(status_code=204)

    async def _change_password(self, request: Request) -> Response:
        found = await self.read(self._find, bearer_secret(request))
        if found is None:
            raise unauthenticated()
        caller, _ = found
        given = await read_as(request, _Changed, "the texts password and newPassword")
        members = await self.read(queries.staff_by_ids, [_whose(caller)])
        origin, meta = origin_of(request), Meta(request_id=request_id(request.scope))
        # The present one is braked as at the front door: whoever found a session may not guess it.
        claim = ClaimTry(email=members[_whose(caller)].email, address=origin.address)
        candidate = await self.execute(claim_try, claim, THE_SYSTEM, meta)
        check = partial(self._check, candidate, given.password, origin)
        right = await _in(self._threads.hashing, check)
        if right is None:
            raise WrongCredentials
        command = ChangeOwnPassword(
            verified=right.verified, password=given.new_password, tried=right.tried
        )
        handler = partial(change_own_password, passwords=self._passwords)
        await self.execute(handler, command, caller, meta)
        return Response(status_code=204)

    async def _log_out(self, request: Request) -> Response:
        secret = bearer_secret(request)
        if kind_of(secret) is ActorKind.TOKEN:
            raise bad_request("This is an API token: it is not signed out, but revoked.")
        found = await self.read(self._find, secret)
        if found is None:
            raise unauthenticated()
        caller, session = found
        meta = Meta(request_id=request_id(request.scope))
        await self.execute(end_session, EndSession(id=session.id), caller, meta)
        return Response(status_code=204)

    async def shown(self, made: NewSession, *, verified: bool = False) -> Response:
        """A session that was started. `verified`: by a second factor, too."""
        assert made.secret is not None, "only a repeated answer has none, and this has no key"
        log.info("login.succeeded", session=ids.text("ses", made.id), verified=verified)
        must_enrol = False
        if not verified and self._demand != NO_DEMAND:
            bearer = await self.read(queries.authenticate, made.secret, self.now())
            must_enrol = bearer is not None and self._demand.concerns(bearer.caller.scopes)
        return JSONResponse(
            {
                "token": made.secret.reveal(),
                "expiresAt": moment(made.expires_at),
                # Then it opens nothing: the second factor is to be set up first.
                "mustEnrol": must_enrol,
            }
        )

    def _check(self, candidate: Candidate, password: Secret, origin: Origin) -> StartSession | None:
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
            origin=origin,
        )

    def _find(self, db: Connection, secret: Secret) -> tuple[Caller, Session] | None:
        """Whose open session it is."""
        hash = secret_hash(secret)
        bearer = queries.authenticate(db, secret, self.now())
        session = queries.sessions_by_hashes(db, [hash]).get(hash)
        return (bearer.caller, session) if bearer and session else None

    async def read(
        self, query: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        def ask() -> R:
            with self._database.fresh.connect() as db:
                return query(db, *args, **kwargs)

        return await _in(self._threads.reading, ask)

    async def execute(self, handler: Handler[C, R], command: C, caller: Caller, meta: Meta) -> R:
        call = partial(
            execute,
            self._database,
            handler,
            command,
            caller=caller,
            now=self.now(),
            meta=meta,
        )
        return (await _in(self._threads.writing, call)).value


async def read_as(request: Request, shape: type[G], names: str) -> G:
    """The body of a request, as what it should be.

    Raises:
        RequestError: it is something else, too long or too slow. `names` says what was expected.
    """
    body = await read_json_body(request.scope, request.receive, BODY_BYTES_MAX, BODY_TIME_S)
    try:
        return msgspec.json.decode(body, type=shape, dec_hook=_as_secret)
    except (ValueError, RecursionError):
        # The body holds a password, and the text of the exception may quote it.
        raise bad_request(f"The body must be JSON with {names}.") from None


def origin_of(request: Request) -> Origin:
    """Where a request comes from: what is kept of it with a session."""
    agent = field(request.scope, b"user-agent")
    return origin(request.client.host if request.client else None, agent)


def _as_secret(_: type[Secret], value: object) -> Secret:
    if not isinstance(value, str):
        raise TypeError("a secret is a text")
    return Secret(value)


def asked(made: NewChallenge) -> Response:
    """A sign-in that waits for a code."""
    assert made.secret is not None, "only a repeated answer has none, and this has no key"
    content = {"challenge": made.secret.reveal(), "expiresAt": moment(made.expires_at)}
    return JSONResponse(content)


def moment(at: datetime) -> str:
    """A moment as it stands in answers."""
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"


def _whose(caller: Caller) -> UUID:
    assert caller.staff_id is not None, "only staff have sessions"
    return caller.staff_id


def _translate(error: Exception) -> RequestError | None:
    match error:
        case WrongCredentials() | CodeRefused() | ChallengeOver() | NobodyLinked() | SignInOver():
            return unauthenticated(str(error))
        case TooManyTries(retry_after_s):
            return RequestError(ErrorCode.THROTTLED, str(error), retry_after_s=retry_after_s)
        case _:
            return as_request_error(error)


async def _in(threads: ThreadPoolExecutor, call: Callable[[], R]) -> R:
    return await asyncio.get_running_loop().run_in_executor(threads, call)
