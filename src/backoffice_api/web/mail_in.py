"""Mails from outside: `POST /webhooks/mail/CODE`, signed, as raw mail or as JSON.

`Mail-Signature: t=SECONDS,v1=HEX` is an HMAC-SHA256 over the time, a point and the body, with the
secret that the settings name for the mailbox. What is right is kept and answered at once; what is
sent again is there already, and is answered the same.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from backoffice_api.adapters.mail_imap import secrets_of
from backoffice_api.adapters.mail_webhook import ToldBadlyError, mail_told
from backoffice_api.adapters.signatures import is_signed
from backoffice_api.context import Threads
from backoffice_api.domain.mailboxes import queries
from backoffice_api.domain.mailboxes.model.letters import RAW_BYTES_MAX
from backoffice_api.domain.mailboxes.model.mailboxes import Mailbox, MailboxKind, MailboxStatus
from backoffice_api.engine.errors import RequestError
from backoffice_api.tasks.mailboxes import MailDesk
from backoffice_api.web.body import Room, bad_request, read_body
from backoffice_api.web.negotiation import is_json_in_utf8

# A third more than a mail: what hangs on it is told in base64.
BODY_BYTES_MAX = RAW_BYTES_MAX * 4 // 3
BODY_TIME_S = 60.0
# Whoever knows the name of a mailbox can send so much before he is found not to have signed it.
AT_ONCE_MAX = 32
_NO_STORE = {"Cache-Control": "no-store"}

log = structlog.get_logger("backoffice_api.mail_in")


class MailIn:
    """The route. `secrets`: JSON, by the codes of mailboxes; see `BACKOFFICE_MAILBOXES_SECRET`."""

    def __init__(
        self,
        desk: MailDesk,
        threads: Threads,
        secrets: str | None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._desk = desk
        self._threads = threads
        self._secrets = secrets
        self._now = now
        self._room = Room(AT_ONCE_MAX)

    def routes(self) -> list[Route]:
        return [Route("/webhooks/mail/{code}", self._take, methods=["POST"])]

    async def _take(self, request: Request) -> Response:
        code = request.path_params["code"]
        secret = secrets_of(self._secrets, code).get("webhook")
        if not isinstance(secret, str) or not secret:
            return _answer(404, "unknown mailbox")
        try:
            with self._room.taken():
                return await self._taken(request, code, secret)
        except ClientDisconnect:
            return Response(status_code=400)  # which nobody reads any more
        except RequestError as refusal:
            answer = _answer(refusal.status, str(refusal))
            if refusal.retry_after_s is not None:
                answer.headers["Retry-After"] = str(refusal.retry_after_s)
            return answer
        except (SQLAlchemyError, OSError):
            # Whoever sent it sends it again.
            log.exception("mail_in.not_kept", mailbox=code)
            return _answer(503, "try again")

    async def _taken(self, request: Request, code: str, secret: str) -> Response:
        loop = asyncio.get_running_loop()
        body = await read_body(request.scope, request.receive, BODY_BYTES_MAX, BODY_TIME_S)
        header = request.headers.get("mail-signature", "")
        if not is_signed(secret, header, body, self._now()):
            log.warning("mail_in.bad_signature", mailbox=code)
            return _answer(400, "bad signature")
        box = await loop.run_in_executor(self._threads.reading, partial(self._box, code))
        if box is None:
            return _answer(404, "unknown mailbox")
        told = is_json_in_utf8(request.headers.get("content-type"))
        raw = await loop.run_in_executor(self._threads.reading, partial(_raw, body, told))
        keep = partial(self._desk.keep, box.id, raw)
        is_new = await loop.run_in_executor(self._threads.writing, keep)
        return JSONResponse({"received": True, "new": is_new}, headers=_NO_STORE)

    def _box(self, code: str) -> Mailbox | None:
        box: Mailbox | None = self._desk.read(queries.mailbox_with_code, code)
        is_used = box is not None and box.status is MailboxStatus.ACTIVE
        return box if box and is_used and box.kind is MailboxKind.WEBHOOK else None


def _raw(body: bytes, told: bool) -> bytes:
    """The mail itself. Raises: RequestError."""
    if told:
        try:
            body = mail_told(body)
        except ToldBadlyError:
            raise bad_request("The body must tell of a mail; see the documentation.") from None
    if not body:
        raise bad_request("The body must be a mail.")
    if len(body) > RAW_BYTES_MAX:
        raise bad_request(f"A mail has at most {RAW_BYTES_MAX} bytes.", 413)
    return body


def _answer(status: int, message: str) -> Response:
    return JSONResponse({"error": message}, status, headers=_NO_STORE)
