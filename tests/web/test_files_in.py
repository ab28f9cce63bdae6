"""Files that a request has no room for, by the same rights and checks. On both databases."""

import asyncio
import gzip
import json
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.testclient import TestClient

from backoffice_api.domain.banking.model.files import FILE_BYTES_MAX
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Caller
from backoffice_api.web.files_in import AT_ONCE_MAX, FilesIn
from tests.banking import files
from tests.banking.desk import Desk
from tests.payables.accounting import Accounting
from tests.payables.bill_samples import ubl_bill
from tests.world import World, caller


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


class Counter:
    """Where files are handed in for the account of a desk."""

    def __init__(self, desk: Desk, *scopes: Scope) -> None:
        async def authenticate(_: Request) -> Caller:
            return caller(*scopes)

        doors = FilesIn(desk.world.database, desk.world.threads, authenticate)
        self.client = TestClient(Starlette(routes=doors.routes()))
        self.path = f"/bank-accounts/{ids.text('bac', desk.account_id)}/statements"

    def hand_in(
        self, content: bytes, *, key: str | None = None, path: str | None = None, **asked: str
    ) -> Any:
        headers = {} if key is None else {"Idempotency-Key": key}
        return self.client.post(path or self.path, content=content, params=asked, headers=headers)


def big() -> bytes:
    """A statement of more than a megabyte."""
    entry = files.CAMT_ENTRY_IN.encode()
    closing = 1_000 + 100.50 + 80.25 - 100.50 + 100.50 * 1_700
    return files.camt(closing=f"{closing:.2f}").replace(entry, entry * 1_701)


class TestStatementFiles:
    def test_are_taken_as_they_are_once(self, desk: Desk) -> None:
        counter = Counter(desk, Scope.BANKING_WRITE)
        content = big()
        assert 1_000_000 < len(content) < FILE_BYTES_MAX

        tried = counter.hand_in(content, dryRun="true").json()
        first = counter.hand_in(content, key="march")
        again = counter.hand_in(gzip.compress(content), key="march").json()
        other = counter.hand_in(content, format="CAMT").json()

        assert tried["added"] == first.json()["added"] == 1_702
        assert again == {**first.json(), "replayed": True}
        assert (other["added"], other["known"]) == (0, 1_702)
        assert other["statementIds"] == first.json()["statementIds"]
        assert len(desk.lines()) == 1_702

    def test_may_be_tables(self, desk: Desk) -> None:
        mapping = {"bookedOn": "1", "amount": "2", "currency": "EUR", "hasHeader": False}

        taken = Counter(desk, Scope.BANKING_WRITE).hand_in(
            b"2025-03-03;1.50\n", mapping=json.dumps(mapping)
        )

        assert (taken.status_code, desk.lines()[0].amount_minor) == (200, 150)

    def test_are_refused_with_all_that_is_wrong(self, desk: Desk) -> None:
        counter = Counter(desk, Scope.BANKING_WRITE)

        (fault,) = counter.hand_in(files.camt(closing="1080.26")).json()["errors"]

        facts = {name: fault["extensions"][name] for name in ("code", "opening", "closing")}
        assert facts == {
            "code": "BALANCE_MISMATCH",
            "opening": {"amount": "1000.00", "currency": "EUR"},
            "closing": {"amount": "1080.26", "currency": "EUR"},
        }
        answers = [
            counter.hand_in(b"what is this?"),
            counter.hand_in(files.camt(), format="XLS"),
            counter.hand_in(files.camt(), mapping="[1]"),
            counter.hand_in(files.camt(), dryRun="perhaps"),
            counter.hand_in(gzip.compress(files.camt())[:-9]),
            counter.hand_in(b" " * (FILE_BYTES_MAX + 1)),
            counter.client.post("/bank-accounts/x/statements", content=b"x"),
            Counter(desk, Scope.BANKING_READ).hand_in(files.camt()),
        ]
        codes = [each.status_code for each in answers]
        assert codes == [422, 400, 400, 400, 400, 413, 404, 403]
        assert desk.lines() == []
        taken = counter.hand_in(
            files.camt(closing="1080.26"), allowMismatch="true", mismatchReason="cut by the bank"
        )
        assert taken.json()["added"] == 2

    async def test_wait_for_their_turn_in_bounds(self, desk: Desk) -> None:
        """Each of them is in memory: those who send slowly do not fill it."""
        counter = Counter(desk, Scope.BANKING_WRITE)
        never = asyncio.Event()
        told: list[Any] = []

        async def receive() -> Any:
            await never.wait()

        async def send(message: Any) -> None:
            told.append(message)

        async def come() -> None:
            scope = {"type": "http", "method": "POST", "path": counter.path, "headers": []}
            await counter.client.app(scope | {"query_string": b""}, receive, send)

        waiting = [asyncio.create_task(come()) for _ in range(AT_ONCE_MAX)]
        await asyncio.sleep(0.01)
        await come()
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

        assert told[0]["status"] == 429
        assert (b"retry-after", b"10") in told[0]["headers"]
        assert counter.hand_in(files.camt()).status_code == 200


class TestBills:
    def test_are_drafts_as_those_of_the_mutation(self, world: World) -> None:
        books = Accounting(world)
        counter = Counter(Desk(world), Scope.BILLS_WRITE)
        spaces = b" " * 2_000_000
        content = ubl_bill().replace(b"</cbc:ID>", b"</cbc:ID>" + spaces, 1)

        unknown = counter.hand_in(content, path="/bills").json()
        supplier = ids.text("sup", books.supplier)
        made = counter.hand_in(content, path="/bills", key="b", supplierId=supplier)
        again = counter.hand_in(content, path="/bills", supplierId=supplier)

        assert unknown["errors"][0]["extensions"]["code"] == "SUPPLIER_OF_BILL_UNKNOWN"
        assert (made.status_code, made.json()["linesCount"]) == (200, 2)
        assert books.bill(ids.parse("bil", made.json()["billId"])).number == "INV-4711"
        assert again.json()["errors"][0]["extensions"]["code"] == "DUPLICATE_BILL"
        codes = [
            counter.hand_in(b"x", path="/bills").status_code,
            counter.hand_in(content, path="/bills", supplierId="x").status_code,
            Counter(Desk(world), Scope.BILLS_READ).hand_in(content, path="/bills").status_code,
        ]
        assert codes == [422, 404, 403]
