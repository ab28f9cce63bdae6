"""Signed messages from outside: `POST /webhooks/payments/PROVIDER`.

A message whose signature is right is stored as it came and answered at once; a worker does the
rest. What is sent again is there already, and is answered the same.
"""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.inbox import (
    BODY_BYTES_MAX,
    EVENT_ID_LENGTH_MAX,
    ReceiveMessage,
    receive_message,
)
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Meta
from backoffice_api.domain.payments.ports import BadSignatureError, SignedEvent
from backoffice_api.engine.errors import RequestError
from backoffice_api.web.access_log import request_id
from backoffice_api.web.body import read_json_body

BODY_TIME_S = 10.0
_NO_STORE = {"Cache-Control": "no-store"}

log = structlog.get_logger("backoffice_api.webhooks_in")


class Signer(Protocol):
    """Who knows what messages of a provider are signed with."""

    def check_event(self, headers: Mapping[str, str], body: bytes, now: datetime) -> SignedEvent:
        """Raises: BadSignatureError, ValueError."""


class WebhooksIn:
    """The route for one topic: `signers` by the names of their providers.

    `job`: the kind of the job that handles its messages.
    """

    def __init__(
        self,
        database: Database,
        writing: ThreadPoolExecutor,
        topic: str,
        signers: Mapping[str, Signer],
        job: str,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._writing = writing
        self._topic = topic
        self._signers = signers
        self._job = job
        self._now = now

    def routes(self) -> list[Route]:
        return [Route(f"/webhooks/{self._topic}/{{provider}}", self._take, methods=["POST"])]

    async def _take(self, request: Request) -> Response:
        provider = request.path_params["provider"]
        signer = self._signers.get(provider)
        if signer is None:
            return _answer(404, "unknown provider")
        try:
            body = await read_json_body(request.scope, request.receive, BODY_BYTES_MAX, BODY_TIME_S)
        except ClientDisconnect:
            return Response(status_code=400)  # which nobody reads any more
        except RequestError as refusal:
            return _answer(refusal.status, str(refusal))
        try:
            event = signer.check_event(request.headers, body, self._now())
            command = self._command(provider, event, body)
        except BadSignatureError:
            log.warning("webhooks_in.bad_signature", topic=self._topic, provider=provider)
            return _answer(400, "bad signature")
        except (ValueError, RecursionError):  # Nested too deeply to be read.
            return _answer(400, "no event")
        keep = partial(self._keep, command, request_id(request.scope))
        try:
            await asyncio.get_running_loop().run_in_executor(self._writing, keep)
        except SQLAlchemyError:
            # The provider sends it again.
            log.exception("webhooks_in.not_kept", topic=self._topic, provider=provider)
            return _answer(503, "try again")
        return JSONResponse({"received": True}, headers=_NO_STORE)

    def _command(self, provider: str, event: SignedEvent, body: bytes) -> ReceiveMessage:
        """Raises: ValueError."""
        text = body.decode()
        if not 1 <= len(event.id) <= EVENT_ID_LENGTH_MAX or "\0" in text + event.id + event.type:
            raise ValueError("no event")
        return ReceiveMessage(
            topic=self._topic,
            provider=provider,
            event_id=event.id,
            type=event.type[:EVENT_ID_LENGTH_MAX],
            body=text,
            job=self._job,
        )

    def _keep(self, command: ReceiveMessage, name: str) -> None:
        meta = Meta(request_id=name)
        execute(
            self._database,
            receive_message,
            command,
            caller=THE_SYSTEM,
            now=self._now(),
            meta=meta,
        )


def _answer(status: int, message: str) -> Response:
    return JSONResponse({"error": message}, status, headers=_NO_STORE)
