"""Received mails themselves: `GET /received-mails/ID`, as they came, while they are kept.

The token of the API is the right, with the scopes that reading what people wrote takes. What is
handed out may be anything: it is a download, which no browser shows or runs.
"""

import asyncio
from functools import partial
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backoffice_api.context import Threads, as_request_error
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Caller
from backoffice_api.domain.mailboxes import queries
from backoffice_api.domain.mailboxes.model.received import ReceivedMail, UnknownReceivedMail
from backoffice_api.domain.reaching import is_seen
from backoffice_api.engine.errors import ErrorCode, RequestError
from backoffice_api.tasks.mailboxes import MailDesk
from backoffice_api.web.access_log import request_id
from backoffice_api.web.body import bad_request
from backoffice_api.web.border import Border
from backoffice_api.web.graphql import Authenticate
from backoffice_api.web.read_log import NoteFile


class ReceivedMails:
    """Hands out mails as they came."""

    def __init__(
        self,
        desk: MailDesk,
        threads: Threads,
        authenticate: Authenticate[Caller],
        note: NoteFile = lambda *_: None,
    ) -> None:
        self._note = note
        self._desk = desk
        self._threads = threads
        self._authenticate = authenticate
        self._border = Border("received_mails", _translate)

    def routes(self) -> list[Route]:
        give = self._border.around(self._give)
        return [Route("/received-mails/{id:str}", give, methods=["GET"])]

    async def _give(self, request: Request) -> Response:
        caller = await self._authenticate(request)
        caller.require(Scope.TICKETS_READ)
        caller.require(Scope.PERSONAL_READ)
        parts = ids.split(request.path_params["id"])
        if parts is None or parts[0] != "rcm":
            raise _missing()
        find = partial(self._raw, caller, parts[1])
        raw = await asyncio.get_running_loop().run_in_executor(self._threads.reading, find)
        self._note(caller, "GET /received-mails", request_id(request.scope), ids.text(*parts))
        headers = {
            "Cache-Control": "no-store",
            "Content-Disposition": 'attachment; filename="mail.eml"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(raw, headers=headers, media_type="message/rfc822")

    def _raw(self, caller: Caller, id: UUID) -> bytes:
        # Of a ticket out of reach there is no mail, as there is none that nobody has sent.
        if not self._desk.read(is_seen, caller, "rcm", id):
            raise _missing()
        found: ReceivedMail = self._desk.read(queries.received, id)
        if not found.is_kept:
            raise _missing()
        with self._desk.storage.local(found.content_key) as path:
            return path.read_bytes()


def _missing() -> RequestError:
    return bad_request("There is no such mail, or it is not kept any more.", 404)


def _translate(error: Exception) -> RequestError | None:
    match error:
        case UnknownReceivedMail() | FileNotFoundError():
            return _missing()
        case OSError():
            return RequestError(
                ErrorCode.UNAVAILABLE, "Files cannot be read now.", status=503, retry_after_s=30
            )
        case _:
            return as_request_error(error)
