"""The border of the doors beside GraphQL: whatever goes wrong, clients get the same form."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from backoffice_api.context import as_request_error
from backoffice_api.engine.limits import Limits
from backoffice_api.engine.run import Terms, Translate, explain
from backoffice_api.web.access_log import request_id
from backoffice_api.web.body import WrongMethod
from backoffice_api.web.graphql import refusal_headers

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]


class Border:
    """Stands around the endpoints of one door.

    `door` names it in the log. `translate` says what may be told of an exception, and how; what is
    nobody's fault but ours is masked, with a reference that the log has too.
    """

    def __init__(self, door: str, translate: Translate = as_request_error) -> None:
        self._door = door
        self._log = structlog.get_logger(f"backoffice_api.{door}")
        self._terms = Terms(limits=Limits(), on_bug=self._report, translate=translate)

    def around(self, endpoint: Endpoint) -> Endpoint:
        """The endpoint, which now answers whatever happens. No refusal may be stored."""

        async def answer(request: Request) -> Response:
            try:
                return await endpoint(request)
            except ClientDisconnect:
                return Response(status_code=400)  # which nobody reads any more
            except Exception as error:
                return self._refused(request, error)

        return answer

    def _refused(self, request: Request, error: Exception) -> Response:
        refusal = explain(error, request_id(request.scope), self._terms)
        client = request.client.host if request.client else None
        self._log.warning(f"{self._door}.refused", code=refusal.code.value, client=client)
        content = {"errors": [reason.formatted() for reason in refusal.reasons()]}
        headers = {"Cache-Control": "no-store", **refusal_headers(refusal)}
        if isinstance(refusal, WrongMethod):
            headers["Allow"] = ", ".join(refusal.allowed)
        return JSONResponse(content, refusal.status, headers)

    def _report(self, bug: Exception, reference: str) -> None:
        self._log.error(f"{self._door}.bug", reference=reference, exc_info=bug)
