"""How staff sign in through an identity provider.

`POST /login/provider` says where to go, and gives a secret that stays in the page. The provider
sends people back to a page of the client, with a code and a state: it sends both and the secret to
`POST /login/provider/code`, and is answered as at `/login`. No cookie is set.
"""

from typing import Protocol

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from backoffice_api.adapters.oidc import ProviderFailsError, UnfitTokenError
from backoffice_api.domain.identity.commands.challenges import NewChallenge
from backoffice_api.domain.identity.commands.providers import (
    ComeBack,
    SetOut,
    SignInThrough,
    come_back,
    set_out,
    sign_in_through,
)
from backoffice_api.domain.identity.model.providers import Identity, NobodyLinked, Outward
from backoffice_api.domain.identity.queries import staff as queries
from backoffice_api.domain.identity.queries.providers import owner_of
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.uow import THE_SYSTEM, ActorKind, Meta
from backoffice_api.engine.run import unavailable
from backoffice_api.web.access_log import request_id
from backoffice_api.web.authenticate import unauthenticated
from backoffice_api.web.login import Login, asked, moment, origin_of, read_as

log = structlog.get_logger("backoffice_api.login")


class Vouches(Protocol):
    """A provider that says who somebody is."""

    async def sign_in_url(self, outward: Outward) -> str: ...
    async def identity(self, code: Secret, verifier: Secret, nonce: str) -> Identity: ...


class _Begun(msgspec.Struct):
    """Nothing needs to be said."""


class _Back(msgspec.Struct):
    login: Secret
    state: str
    code: Secret


class ProviderLogin:
    """The two routes, beside those of `login`."""

    def __init__(self, login: Login, provider: Vouches) -> None:
        self._login = login
        self._provider = provider

    def routes(self) -> list[Route]:
        """`/login/provider` takes `{}`, `/login/provider/code` `{"login", "state", "code"}`."""
        return [
            self._login.route("/login/provider", self._begin),
            self._login.route("/login/provider/code", self._end),
        ]

    async def _begin(self, request: Request) -> Response:
        await read_as(request, _Begun, "an object")
        command = SetOut(address=origin_of(request).address)
        meta = Meta(request_id=request_id(request.scope))
        on_the_way = await self._login.execute(set_out, command, THE_SYSTEM, meta)
        try:
            url = await self._provider.sign_in_url(on_the_way.outward)
        except ProviderFailsError as failure:
            raise self._fails(failure) from None
        return JSONResponse(
            {
                "url": url,
                "login": on_the_way.secret.reveal(),
                "expiresAt": moment(on_the_way.expires_at),
            }
        )

    async def _end(self, request: Request) -> Response:
        given = await read_as(request, _Back, "the texts login, state and code")
        meta = Meta(request_id=request_id(request.scope))
        command = ComeBack(secret=given.login, state=given.state)
        returned = await self._login.execute(come_back, command, THE_SYSTEM, meta)
        try:
            identity = await self._provider.identity(given.code, returned.verifier, returned.nonce)
        except ProviderFailsError as failure:
            raise self._fails(failure) from None
        except UnfitTokenError as fault:
            log.warning("login.provider_unfit", reason=str(fault))
            raise unauthenticated("The provider does not vouch for you.") from None
        now = self._login.now()
        staff_id = await self._login.read(owner_of, identity)
        caller = None
        if staff_id is not None:
            caller = await self._login.read(queries.present_caller, ActorKind.STAFF, staff_id, now)
        if staff_id is None or caller is None:
            raise NobodyLinked
        through = SignInThrough(staff_id=staff_id, identity=identity, origin=origin_of(request))
        made = await self._login.execute(sign_in_through, through, caller, meta)
        if isinstance(made, NewChallenge):
            return asked(made)
        return await self._login.shown(made, verified=identity.by_second_factor)

    def _fails(self, failure: ProviderFailsError) -> Exception:
        log.warning("login.provider_fails", reason=str(failure))
        return unavailable("The identity provider cannot answer now; try again soon.")
