"""The door for customers who are asked: `/survey-links/CODE`.

The code in the address is the right: it names one survey and nothing else. GET tells what is
asked, as JSON or, to a browser, as a page with a form; it changes nothing, since programs that
read mail follow links. POST answers, as `{"score": 5, "comment": "…"}` or from the form; with
`{"stop": true}` the customer is asked nothing any more.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar
from urllib.parse import parse_qsl
from uuid import UUID

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from backoffice_api.context import Threads, as_request_error
from backoffice_api.domain.execute import execute
from backoffice_api.domain.feedback import queries
from backoffice_api.domain.feedback.commands.answering import (
    AnswerByLink,
    RatedLine,
    answer_by_link,
)
from backoffice_api.domain.feedback.model.links import KEY, SurveyLinkNotGood, read
from backoffice_api.domain.feedback.model.measures import FeedbackKind
from backoffice_api.domain.feedback.model.product_reviews import ReviewDraft
from backoffice_api.domain.feedback.model.surveys import Survey, SurveyStatus, TooManyAnswers
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.keys import known_key
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Meta
from backoffice_api.domain.orders import queries as orders
from backoffice_api.engine.errors import ErrorCode, RequestError
from backoffice_api.web.access_log import request_id
from backoffice_api.web.body import HttpFault, bad_request, read_body, read_json_body
from backoffice_api.web.border import Border
from backoffice_api.web.fields import field
from backoffice_api.web.negotiation import prefers_html
from backoffice_api.web.survey_pages import Asked, AskedLine, page, thanks

T = TypeVar("T")

PATH = "/survey-links/"
BODY_BYTES_MAX = 262_144
BODY_TIME_S = 10.0
LINES_SHOWN_MAX = 100
FORM = "application/x-www-form-urlencoded"
# A page of its own: it loads nothing, and sends its form to nobody else.
_PAGE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'",
}


class SurveyLinks:
    """Shows what is asked, and takes answers, for whoever has a code."""

    def __init__(
        self,
        database: Database,
        threads: Threads,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._threads = threads
        self._now = now
        self._border = Border("survey_links", _translate)

    def routes(self) -> list[Route]:
        endpoint = self._border.around(self._respond)
        return [Route(f"{PATH}{{code:str}}", endpoint, methods=["GET", "POST"])]

    async def _respond(self, request: Request) -> Response:
        as_page = prefers_html(field(request.scope, b"accept"))
        code = Secret(request.path_params["code"])
        # First without writing: who tries codes at random does not keep the writer busy.
        asked = await self._in(self._threads.reading, partial(self._asked, code))
        if request.method == "POST":
            asked = await self._answer(request, code)
        if not as_page:
            return JSONResponse(_shown(asked), headers={"Cache-Control": "no-store"})
        shown = thanks() if request.method == "POST" else page(asked)
        return HTMLResponse(shown, headers=_PAGE_HEADERS)

    async def _answer(self, request: Request, code: Secret) -> Asked:
        scope, receive = request.scope, request.receive
        is_form = (field(scope, b"content-type") or "").partition(";")[0].strip().lower() == FORM
        take = read_body if is_form else read_json_body
        body = await take(scope, receive, BODY_BYTES_MAX, BODY_TIME_S)
        command = _of_form(code, body) if is_form else _of_json(code, body)
        run = partial(
            execute,
            self._database,
            answer_by_link,
            command,
            caller=THE_SYSTEM,
            now=self._now(),
            meta=Meta(request_id=request_id(scope)),
        )
        await self._in(self._threads.writing, run)
        return await self._in(self._threads.reading, partial(self._asked, code))

    def _asked(self, code: Secret) -> Asked:
        with self._database.fresh.connect() as db:
            key = known_key(db, KEY)
            if key is None:
                raise SurveyLinkNotGood
            id = read(key, code, self._now())
            survey = queries.surveys_by_ids(db, [id]).get(id)
            if survey is None or survey.status is SurveyStatus.REMOVED:
                raise SurveyLinkNotGood
            return Asked(
                measure=survey.measure,
                score=survey.score,
                comment=survey.comment,
                stop=survey.stopped_at is not None,
                lines=_lines(db, survey),
            )

    async def _in(self, pool: Any, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(pool, call)


def _lines(db: Any, survey: Survey) -> tuple[AskedLine, ...]:
    """What was bought and sent, and what the buyer said of it, if the shop wants to know."""
    order_id = survey.order_id
    if survey.kind is not FeedbackKind.ORDER or order_id is None:
        return ()
    if queries.Policies(db).active(FeedbackKind.REVIEW, survey.channel_id) is None:
        return ()
    bought = [each for each in orders.lines_of(db, order_id) if each.variant_id and each.shipped]
    said = queries.reviews_by_lines(db, [each.id for each in bought])
    return tuple(
        AskedLine(
            id=ids.text("oln", each.id),
            title=each.title,
            rating=said[each.id].rating if each.id in said else None,
            text=said[each.id].text if each.id in said else "",
        )
        for each in bought[:LINES_SHOWN_MAX]
    )


def _shown(asked: Asked) -> Mapping[str, Any]:
    return {
        "measure": asked.measure.name,
        "lowest": asked.scale[0],
        "highest": asked.scale[1],
        "score": asked.score,
        "comment": asked.comment,
        "stop": asked.stop,
        "lines": [
            {"lineId": each.id, "title": each.title, "rating": each.rating, "text": each.text}
            for each in asked.lines
        ],
    }


def _of_json(code: Secret, body: bytes) -> AnswerByLink:
    """Raises: HttpFault: the body is not of the form that is asked for."""
    try:
        given = json.loads(body)
        lines = tuple(_line(each) for each in given.get("lines", ()))
        score, stop, comment = given.get("score"), given.get("stop"), given.get("comment", "")
        if not isinstance(comment, str) or not (score is None or type(score) is int):
            raise TypeError
        if not (stop is None or isinstance(stop, bool)):
            raise TypeError
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise bad_request("The body must have a score, and lines with lineId and rating.") from None
    if score is None and stop is None and not lines:
        raise bad_request("The body must have a score, lines or stop.")
    return AnswerByLink(code=code, score=score, comment=comment, lines=lines, stop=stop)


def _line(given: Any) -> RatedLine:
    """Raises: KeyError, TypeError, ValueError: something is missing, or of another kind."""
    rating = given["rating"]
    texts = [given.get(name, "") for name in ("title", "text", "author")]
    if type(rating) is not int or not all(isinstance(each, str) for each in texts):
        raise TypeError
    title, text, author = texts
    review = ReviewDraft(rating=rating, title=title, text=text)
    return RatedLine(order_line_id=_line_id(given["lineId"]), review=review, author=author)


def _of_form(code: Secret, body: bytes) -> AnswerByLink:
    """Raises: HttpFault: the body is not of the form that is asked for."""
    try:
        given = dict(parse_qsl(body.decode("utf-8"), max_num_fields=3 * LINES_SHOWN_MAX))
        score = int(given["score"]) if "score" in given else None
        lines = tuple(
            RatedLine(
                order_line_id=_line_id(id),
                review=ReviewDraft(rating=int(rating), text=given.get(f"text-{id}", "")),
            )
            for name, rating in given.items()
            if (id := name.removeprefix("rating-")) != name
        )
    except (ValueError, RecursionError):
        raise bad_request("The form is not the one that was shown.") from None
    stop = "stop" in given
    if score is None and not stop and not lines:
        raise bad_request("Choose a score.")
    comment = given.get("comment", "")
    return AnswerByLink(code=code, score=score, comment=comment, lines=lines, stop=stop)


def _line_id(given: Any) -> UUID:
    if not isinstance(given, str):
        raise TypeError
    return ids.parse("oln", given)


def _translate(error: Exception) -> RequestError | None:
    match error:
        case SurveyLinkNotGood():
            return HttpFault(ErrorCode.BAD_USER_INPUT, str(error), status=404)
        case TooManyAnswers():
            return HttpFault(ErrorCode.BAD_USER_INPUT, str(error), status=429)
        case DomainError():
            return HttpFault(ErrorCode.BAD_USER_INPUT, str(error), status=422)
        case _:
            return as_request_error(error)
