"""The door for customers who send goods back: `/return-links/CODE`.

The code in the address is the right: it names one order and nothing else. GET tells what of it can
come back; POST asks for that, as `{"lines": [{"lineId": "…", "quantity": 1}]}`. POST to `…/photos`,
as `{"byteSize": 100000}`, gives leave to upload one photo by the door of all uploads; its id goes
into `photoIds` of the request.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from backoffice_api.context import Threads, as_request_error
from backoffice_api.domain.execute import Answer, execute
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.keys import known_key
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Meta
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.returns import queries
from backoffice_api.domain.returns.commands.links import (
    KEY,
    PhotoByLink,
    RequestByLink,
    photo_by_link,
    request_by_link,
)
from backoffice_api.domain.returns.model.customer_states import CUSTOMER_STATES
from backoffice_api.domain.returns.model.drafts import ReturnLineDraft
from backoffice_api.domain.returns.model.inspections import ItemCondition
from backoffice_api.domain.returns.model.links import (
    LinkedOrder,
    ReturnLinkNotGood,
    TooManyPhotos,
    TooManyRequests,
    read,
)
from backoffice_api.domain.returns.model.reasons import ReasonStatus
from backoffice_api.domain.returns.queries.reasons import reason_list
from backoffice_api.domain.returns.queries.returnable import returnable_lines
from backoffice_api.engine.errors import ErrorCode, RequestError
from backoffice_api.web.access_log import request_id
from backoffice_api.web.body import HttpFault, bad_request, read_json_body
from backoffice_api.web.border import Border

T = TypeVar("T")

PATH = "/return-links/"
BODY_BYTES_MAX = 65_536
BODY_TIME_S = 10.0
_REASONS_SHOWN = 250


class ReturnLinks:
    """Shows what can come back, and takes requests, for whoever has a code."""

    def __init__(
        self,
        database: Database,
        threads: Threads,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._threads = threads
        self._now = now
        self._border = Border("return_links", _translate)

    def routes(self) -> list[Route]:
        return [
            Route(
                f"{PATH}{{code:str}}", self._border.around(self._respond), methods=["GET", "POST"]
            ),
            Route(f"{PATH}{{code:str}}/photos", self._border.around(self._photo), methods=["POST"]),
        ]

    async def _photo(self, request: Request) -> Response:
        code = Secret(request.path_params["code"])
        await self._in(self._threads.reading, partial(self._link, code))
        body = await read_json_body(request.scope, request.receive, BODY_BYTES_MAX, BODY_TIME_S)
        command = PhotoByLink(code=code, byte_size=_byte_size(body))
        made = (await self._run(request, photo_by_link, command)).value
        path = f"/uploads/{made.secret.reveal() if made.secret else ''}"
        content = {"photoId": ids.text("upl", made.id), "uploadPath": path}
        return JSONResponse(content, headers={"Cache-Control": "no-store"})

    async def _respond(self, request: Request) -> Response:
        code = Secret(request.path_params["code"])
        # First without writing: who tries codes at random does not keep the writer busy.
        link = await self._in(self._threads.reading, partial(self._link, code))
        if request.method == "POST":
            content = await self._ask(request, code)
        else:
            content = await self._in(self._threads.reading, partial(self._shown, link))
        return JSONResponse(content, headers={"Cache-Control": "no-store"})

    async def _ask(self, request: Request, code: Secret) -> Mapping[str, Any]:
        body = await read_json_body(request.scope, request.receive, BODY_BYTES_MAX, BODY_TIME_S)
        answer = await self._run(request, request_by_link, _command(code, body))
        return await self._in(self._threads.reading, partial(self._made, answer.value))

    async def _run(self, request: Request, handler: Any, command: Any) -> Answer[Any]:
        run = partial(
            execute,
            self._database,
            handler,
            command,
            caller=THE_SYSTEM,
            now=self._now(),
            meta=Meta(request_id=request_id(request.scope)),
        )
        return await self._in(self._threads.writing, run)

    def _link(self, code: Secret) -> LinkedOrder:
        with self._database.fresh.connect() as db:
            key = known_key(db, KEY)
        if key is None:
            raise ReturnLinkNotGood
        return read(key, code, self._now())

    def _shown(self, link: LinkedOrder) -> Mapping[str, Any]:
        with self._database.fresh.connect() as db:
            order = orders.orders_by_ids(db, [link.order_id]).get(link.order_id)
            if order is None:
                raise ReturnLinkNotGood
            back = returnable_lines(db, [order.id], self._now()).get(order.id, ())
            lines = orders.lines_by_ids(db, {each.order_line_id for each in back})
            reasons = reason_list.page(db, PageRequest(size=_REASONS_SHOWN)).rows
        return {
            "order": order.name,
            "expiresAt": link.expires_at.isoformat(),
            "lines": [
                {
                    "lineId": ids.text("oln", each.order_line_id),
                    "sku": lines[each.order_line_id].sku,
                    "title": lines[each.order_line_id].title,
                    "quantity": each.quantity,
                    "verdict": each.judgement.verdict.name,
                    "until": each.judgement.until and each.judgement.until.isoformat(),
                }
                for each in back
                if each.quantity
            ],
            "reasons": [
                {"id": ids.text("rre", each.id), "name": each.name}
                for each in reasons
                if each.status is ReasonStatus.ACTIVE
            ],
        }

    def _made(self, id: Any) -> Mapping[str, Any]:
        with self._database.fresh.connect() as db:
            made = queries.return_(db, id)
        return {"number": made.number, "status": CUSTOMER_STATES[made.status].name}

    async def _in(self, pool: Any, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(pool, call)


def _command(code: Secret, body: bytes) -> RequestByLink:
    """Raises: HttpFault: the body is not of the form that is asked for."""
    try:
        given = json.loads(body)
        lines = tuple(_line(each) for each in given["lines"])
        note = given.get("note", "")
        photos = tuple(_id("upl", each) for each in given.get("photoIds", ()))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise bad_request("The body must name lines, each with lineId and quantity.") from None
    if not isinstance(note, str):
        raise bad_request("The note must be a text.")
    return RequestByLink(code=code, lines=lines, note=note, photo_ids=photos)


def _byte_size(body: bytes) -> int:
    """Raises: HttpFault: the body is not of the form that is asked for."""
    try:
        size = json.loads(body)["byteSize"]
    except (ValueError, KeyError, TypeError, RecursionError):
        size = None
    if type(size) is not int:
        raise bad_request("The body must name byteSize, the size of the photo in bytes.")
    return size


def _line(given: Any) -> ReturnLineDraft:
    """Raises: KeyError, TypeError, ValueError: something is missing, or of another kind."""
    quantity, note, reason = given["quantity"], given.get("note", ""), given.get("reasonId")
    if type(quantity) is not int or not isinstance(note, str):
        raise TypeError
    return ReturnLineDraft(
        order_line_id=_id("oln", given["lineId"]),
        quantity=quantity,
        reason_id=None if reason is None else _id("rre", reason),
        condition=ItemCondition[given.get("condition", "UNKNOWN")],
        note=note,
    )


def _id(prefix: str, given: Any) -> Any:
    if not isinstance(given, str):
        raise TypeError
    return ids.parse(prefix, given)


def _translate(error: Exception) -> RequestError | None:
    match error:
        case ReturnLinkNotGood():
            return HttpFault(ErrorCode.BAD_USER_INPUT, str(error), status=404)
        case TooManyRequests() | TooManyPhotos():
            return HttpFault(ErrorCode.BAD_USER_INPUT, str(error), status=429)
        case DomainError():
            return HttpFault(ErrorCode.BAD_USER_INPUT, str(error), status=422)
        case _:
            return as_request_error(error)
