"""Files that have no room in a request: statements of banks, and bills.

`POST /bank-accounts/ID/statements` and `POST /bills` take a file as it is. The token of the API is
the right, as for `bankStatementImport` and `billImport`, and the answer says the same. One file at
a time is read in each process, in a thread: what it becomes in memory is more than it is itself. A
few more may wait; who comes then is asked to come again.
"""

import asyncio
import json
import re
import zlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import partial
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from backoffice_api.adapters.statements.reading import read_statements, unzipped
from backoffice_api.context import Threads
from backoffice_api.domain.banking.commands.importing import ImportStatements, import_statements
from backoffice_api.domain.banking.model.files import FILE_BYTES_MAX, CsvMapping, StatementFormat
from backoffice_api.domain.banking.model.statements import Imported
from backoffice_api.domain.execute import Answer, Handler, execute
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.errors import Denied, DomainError
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Caller, Command, Meta
from backoffice_api.domain.payables.commands.importing_bills import (
    BillImported,
    ImportBill,
    import_bill,
)
from backoffice_api.domain.payables.model.bill_documents import BILL_FILE_BYTES_MAX
from backoffice_api.resolvers.payment_runs import bill_of
from backoffice_api.web.access_log import request_id
from backoffice_api.web.body import Room, bad_request, read_body
from backoffice_api.web.border import Border
from backoffice_api.web.graphql import IDEMPOTENCY_KEY, Authenticate

T = TypeVar("T")
C = TypeVar("C", bound=Command)
R = TypeVar("R")

BODY_TIME_S = 120.0
# Each holds its file in memory, while it arrives and while it waits for its turn.
AT_ONCE_MAX = 8
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class _Kind(Generic[C, R]):
    """What comes in: how large at most, what is made of it, and what is told of that."""

    bytes_max: int
    handler: Handler[C, R]
    read: Callable[[bytes], C]
    tell: Callable[[R], Mapping[str, Any]]


class FilesIn:
    """Takes files as they are."""

    def __init__(
        self, database: Database, threads: Threads, authenticate: Authenticate[Caller]
    ) -> None:
        self._database = database
        self._threads = threads
        self._authenticate = authenticate
        self._border = Border("files_in")
        self._one = asyncio.Lock()
        self._room = Room(AT_ONCE_MAX)

    def routes(self) -> list[Route]:
        statements, bill = (self._border.around(each) for each in (self._statements, self._bill))
        return [
            Route("/bank-accounts/{id:str}/statements", statements, methods=["POST"]),
            Route("/bills", bill, methods=["POST"]),
        ]

    async def _statements(self, request: Request) -> Response:
        return await self._take(request, _statements_asked)

    async def _bill(self, request: Request) -> Response:
        return await self._take(request, _bill_asked)

    async def _take(
        self, request: Request, ask: Callable[[Request, Caller], _Kind[Any, Any]]
    ) -> Response:
        caller = await self._authenticate(request)
        # Before anything is read of the body: who may not send it does so for nothing.
        kind, meta = ask(request, caller), _meta(request)
        with self._room.taken():
            return await self._taken(request, kind, caller, meta)

    async def _taken(
        self, request: Request, kind: _Kind[Any, Any], caller: Caller, meta: Meta
    ) -> Response:
        content = await read_body(request.scope, request.receive, kind.bytes_max, BODY_TIME_S)
        try:
            async with self._one:
                read = partial(kind.read, content)
                command = await self._in(self._threads.reading, read)
                run = partial(self._run, kind.handler, command, caller, meta)
                answer = await self._in(self._threads.writing, run)
        except Denied:
            raise
        except DomainError as refusal:
            return _refused(refusal)
        told = {**kind.tell(answer.value), "replayed": answer.replayed}
        return JSONResponse(told, headers={"Cache-Control": "no-store"})

    def _run(self, handler: Handler[C, R], command: C, caller: Caller, meta: Meta) -> Answer[R]:
        now = datetime.now(UTC)
        return execute(self._database, handler, command, caller=caller, now=now, meta=meta)

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


def _statements_asked(request: Request, caller: Caller) -> _Kind[ImportStatements, Imported]:
    caller.require(Scope.BANKING_WRITE)
    account_id, query = _id(request.path_params["id"], "bac"), request.query_params
    name = query.get("format")
    if name is not None and name not in StatementFormat.__members__:
        raise bad_request(f"`format` is one of {', '.join(StatementFormat.__members__)}.")
    format = StatementFormat[name] if name else None
    mapping = _mapping(query["mapping"]) if "mapping" in query else None
    allow, reason = _flag(request, "allowMismatch"), query.get("mismatchReason")

    def read(content: bytes) -> ImportStatements:
        try:
            file = unzipped(content)
        except (ValueError, zlib.error):
            raise bad_request("The file is packed with gzip, and damaged.") from None
        found, drafts = read_statements(file, format, mapping)
        return ImportStatements(
            bank_account_id=account_id,
            format=found,
            statements=tuple(drafts),
            allow_mismatch=allow,
            mismatch_reason=reason,
        )

    def tell(made: Imported) -> Mapping[str, Any]:
        return {
            "statementIds": [ids.text("sta", each) for each in made.statement_ids],
            "added": made.added,
            "known": made.known,
            "skipped": made.skipped,
        }

    return _Kind(FILE_BYTES_MAX, import_statements, read, tell)


def _bill_asked(request: Request, caller: Caller) -> _Kind[ImportBill, BillImported]:
    caller.require(Scope.BILLS_WRITE)
    given = request.query_params.get("supplierId")
    supplier_id = None if given is None else _id(given, "sup")
    allow = _flag(request, "allowSimilar")

    def read(content: bytes) -> ImportBill:
        return bill_of(content, supplier_id=supplier_id, allow_similar=allow)

    def tell(made: BillImported) -> Mapping[str, Any]:
        return {
            "billId": ids.text("bil", made.bill_id),
            "linesCount": made.lines_count,
            "matchedCount": made.matched_count,
        }

    return _Kind(BILL_FILE_BYTES_MAX, import_bill, read, tell)


def _id(text: str, prefix: str) -> UUID:
    parts = ids.split(text)
    if parts is None or parts[0] != prefix:
        raise bad_request("There is no such record.", 404)
    return parts[1]


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
