"""The two ways in, over a database: signing in, and bearing a token."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from backoffice_api.context import as_request_error
from backoffice_api.domain.identity.model.factors import NO_DEMAND, Demand
from backoffice_api.domain.kernel.secret import Passwords
from backoffice_api.engine.limits import Limits
from backoffice_api.engine.run import Terms, explain
from backoffice_api.web.access_log import AccessLog
from backoffice_api.web.authenticate import Authenticator
from backoffice_api.web.login import Login
from tests.identity.people import CHEAP, EMAIL, PASSWORD
from tests.world import NOW, World


class Door:
    """`/login`, `/logout`, and `/who`, which says who asks. Time stands until it is moved."""

    def __init__(
        self,
        world: World,
        *,
        client: str = "203.0.113.7",
        passwords: Passwords = CHEAP,
        demand: Demand = NO_DEMAND,
    ) -> None:
        self.now: datetime = NOW
        self.authenticator = Authenticator(
            world.database,
            world.threads,
            demand=demand,
            now=lambda: self.now,
            clock_s=self.clock_s,
        )
        self.login = Login(
            world.database,
            world.threads,
            passwords=passwords,
            demand=demand,
            now=lambda: self.now,
        )
        self._terms = Terms(limits=Limits(), on_bug=_fail, translate=as_request_error)
        app = Starlette(routes=[*self.login.routes(), Route("/who", self._who)])
        self.client = TestClient(AccessLog(app), client=(client, 50_000))

    def clock_s(self) -> float:
        return (self.now - NOW).total_seconds()

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)

    def sign_in(self, email: str = EMAIL, password: str = PASSWORD) -> httpx2.Response:
        return self.client.post("/login", json={"email": email, "password": password})

    def sign_out(self, token: str) -> httpx2.Response:
        return self.client.post("/logout", headers=bearing(token))

    def who(self, token: str) -> str | None:
        """The public id of who bears the token; None: it is refused as it should be."""
        answer = self.client.get("/who", headers=bearing(token))
        if answer.status_code == 200:
            name: str = answer.json()["actor_id"]
            return name
        assert answer.status_code == 401
        assert codes(answer) == ["UNAUTHENTICATED"]
        return None

    async def _who(self, request: Request) -> Response:
        try:
            caller = await self.authenticator.authenticate(request)
        except Exception as error:
            refusal = explain(error, "", self._terms)
            return JSONResponse({"errors": [refusal.formatted()]}, refusal.status)
        return JSONResponse(
            {"actor_id": request.scope["state"]["actor_id"], "name": caller.actor.name}
        )


def bearing(token: str) -> Mapping[str, str]:
    return {"authorization": f"Bearer {token}"}


def codes(answer: httpx2.Response) -> list[str]:
    return [error["extensions"]["code"] for error in answer.json()["errors"]]


def _fail(bug: Exception, _: str) -> Any:
    raise bug
