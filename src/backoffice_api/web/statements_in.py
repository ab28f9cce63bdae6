"""Statements as files: `POST /bank-accounts/ID/statements`, for what has no room in a request.

The token of the API is the right, as for `bankStatementImport`, and the answer says the same. One
file at a time is read in each process, in a thread: what a file becomes in memory is more than it
is itself.
"""

import asyncio
import json
import re
import zlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from backoffice_api.adapters.statements.reading import read_statements, unzipped
from backoffice_api.context import Threads
from backoffice_api.domain.banking.commands.importing import ImportStatements, import_statements
from backoffice_api.domain.banking.model.files import FILE_BYTES_MAX, CsvMapping, StatementFormat
from backoffice_api.domain.execute import Answer, execute
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.errors import Denied, DomainError
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Caller, Meta
from backoffice_api.web.access_log import request_id
from backoffice_api.web.body import bad_request, read_body
from backoffice_api.web.border import Border
from backoffice_api.web.graphql import IDEMPOTENCY_KEY, Authenticate

T = TypeVar("T")

BODY_TIME_S = 120.0
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


class StatementFiles:
    """Takes files with statements as they are."""

    def __init__(
        self, database: Database, threads: Threads, authenticate: Authenticate[Caller]
    ) -> None:
        self._database = database
        self._threads = threads
        self._authenticate = authenticate
        self._border = Border("statements_in")
        self._one = asyncio.Lock()

    def routes(self) -> list[Route]:
        take = self._border.around(self._take)
        return [Route("/bank-accounts/{id:str}/statements", take, methods=["POST"])]

    async def _take(self, request: Request) -> Response:
        caller = await self._authenticate(request)
        # Before anything is read of the body: who may not send it does so for nothing.
        caller.require(Scope.BANKING_WRITE)
        account = ids.split(request.path_params["id"])
        if account is None or account[0] != "bac":
            raise bad_request("There is no such bank account.", 404)
        meta, ask = _meta(request), _asked(request)
        content = await read_body(request.scope, request.receive, FILE_BYTES_MAX, BODY_TIME_S)
        read = partial(ask, content, bank_account_id=account[1])
        try:
            async with self._one:
                command = await self._in(self._threads.reading, read)
                take = partial(self._import, command, caller, meta)
                answer = await self._in(self._threads.writing, take)
        except Denied:
            raise
        except DomainError as refusal:
            return _refused(refusal)
        made = answer.value
        told = {
            "statementIds": [ids.text("sta", each) for each in made.statement_ids],
            "added": made.added,
            "known": made.known,
            "skipped": made.skipped,
            "replayed": answer.replayed,
        }
        return JSONResponse(told, headers={"Cache-Control": "no-store"})

    def _import(self, command: ImportStatements, caller: Caller, meta: Meta) -> Answer[Any]:
        now = datetime.now(UTC)
        return execute(
            self._database, import_statements, command, caller=caller, now=now, meta=meta
        )

    async def _in(self, threads: ThreadPoolExecutor, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(threads, call)


def _meta(request: Request) -> Meta:
    key = (request.headers.get("idempotency-key") or "").strip('"') or None
    if key is not None and not IDEMPOTENCY_KEY.fullmatch(key):
        raise bad_request("Idempotency-Key must have 1 to 255 printable ASCII characters.")
    return Meta(
        idempotency_key=key,
        dry_run=_flag(request, "dryRun"),
        request_id=request_id(request.scope),
    )


def _asked(request: Request) -> Callable[..., ImportStatements]:
    """What makes a command of the file, as the address asks for it."""
    query = request.query_params
    name = query.get("format")
    if name is not None and name not in StatementFormat.__members__:
        raise bad_request(f"`format` is one of {', '.join(StatementFormat.__members__)}.")
    format = StatementFormat[name] if name else None
    mapping = _mapping(query["mapping"]) if "mapping" in query else None
    allow, reason = _flag(request, "allowMismatch"), query.get("mismatchReason")

    def ask(content: bytes, **of: Any) -> ImportStatements:
        try:
            file = unzipped(content)
        except (ValueError, zlib.error):
            raise bad_request("The file is packed with gzip, and damaged.") from None
        found, drafts = read_statements(file, format, mapping)
        return ImportStatements(
            format=found,
            statements=tuple(drafts),
            allow_mismatch=allow,
            mismatch_reason=reason,
            **of,
        )

    return ask


def _mapping(text: str) -> CsvMapping:
    """The columns of a table, as JSON with the names that the mutation has for them."""
    try:
        given = json.loads(text)
        named = {_CAPITAL.sub("_", name).lower(): value for name, value in given.items()}
        return msgspec.convert(named, CsvMapping)
    except (ValueError, AttributeError, RecursionError) as fault:
        raise bad_request(f"`mapping` is no mapping of columns: {fault}"[:200]) from None


def _flag(request: Request, name: str) -> bool:
    given = request.query_params.get(name, "false")
    if given not in ("true", "false"):
        raise bad_request(f"`{name}` is true or false.")
    return given == "true"


def _refused(refusal: DomainError) -> Response:
    """Each reason with its code and its facts, as the errors of the mutation have them."""
    errors = [
        {"message": str(each), "extensions": {"code": each.code, **_facts(each)}}
        for each in refusal.reasons()
    ]
    return JSONResponse({"errors": errors}, 422, {"Cache-Control": "no-store"})


def _facts(refusal: DomainError) -> Mapping[str, Any]:
    return {
        each.name: _shown(getattr(refusal, each.name))
        for each in fields(refusal)  # type: ignore[arg-type]
    }


def _shown(value: Any) -> Any:
    if isinstance(value, Money):
        return {"amount": str(value.amount), "currency": value.currency}
    if value is None or isinstance(value, int):
        return value
    return [str(each) for each in value] if isinstance(value, tuple) else str(value)
