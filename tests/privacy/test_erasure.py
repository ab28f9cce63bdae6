"""Nothing of a person is left, wherever it was."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import MetaData, Table, select, text
from sqlalchemy.exc import ProgrammingError

from backoffice_api.domain.bulk.tables import stored_files
from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.ids import IdSource
from backoffice_api.domain.kernel.jobs import Job, enqueue, jobs
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.personal import ERASED
from backoffice_api.domain.mailboxes.tables import received_mails
from backoffice_api.domain.orders.commands.cancelling import CancelOrder, cancel_order
from backoffice_api.domain.orders.model.orders import CancelReason
from backoffice_api.domain.privacy import queries
from backoffice_api.domain.privacy.commands.erasing import (
    PURGE_JOB,
    ContinueErasures,
    EraseCustomer,
    continue_erasures,
    erase_customer,
)
from backoffice_api.domain.privacy.commands.reaching import by_address
from backoffice_api.domain.privacy.commands.retaining import ApplyRetention, apply_retention
from backoffice_api.domain.privacy.model.erasures import ErasureStatus
from backoffice_api.domain.privacy.tables import doomed_files
from backoffice_api.domain.tickets.commands.opening import OpenTicket, open_ticket
from backoffice_api.domain.tickets.commands.writing import ReceiveOnTicket, receive
from backoffice_api.domain.tickets.model.drafts import MessageDraft, ParticipantDraft
from backoffice_api.domain.tickets.model.words import TicketRole
from backoffice_api.domain.tickets.queries import participants_by_tickets, ticket_message_list
from backoffice_api.domain.tickets.tables import ticket_messages, ticket_participants
from backoffice_api.tasks import privacy as privacy_tasks
from backoffice_api.tasks.privacy import ForgetSpace, LogInUseError, RemoveFiles
from tests.bulk.desk import IMPORT
from tests.bulk.desk import Desk as BulkDesk
from tests.customers import people
from tests.orders.shop import Shop, goods
from tests.plans import assert_indexed
from tests.privacy.household import Household
from tests.privacy.planting import TOKEN, found, lawless, plant, take_constraints_away
from tests.world import CLERK, NOW, World


class TestErasure:
    def test_leaves_no_value_in_any_table(
        self, database_url: str, opens: Callable[..., Database]
    ) -> None:
        database = opens(database_url)
        take_constraints_away(database)
        with lawless(database) as db:
            customer_id = plant(db)
        with database.reading.connect() as db:
            planted = found(db)

        command = EraseCustomer(customer_id=customer_id)
        execute(database, erase_customer, command, caller=CLERK, now=NOW)

        assert len(planted) > 100
        with database.reading.connect() as db:
            left = found(db)
        assert left == []
        with database.reading.connect() as db:
            assert PURGE_JOB in db.execute(select(jobs.c.kind)).scalars().all()
        assert not ForgetSpace(database)()
        if database.dialect == "sqlite":
            file = Path(str(database.writing.url.database))
            for each in (file, file.with_name(f"{file.name}-wal")):
                assert not each.exists() or TOKEN.encode() not in each.read_bytes().lower()

    async def test_takes_lists_away_in_which_people_may_be(
        self, world: World, tmp_path: Path
    ) -> None:
        desk = BulkDesk(world, tmp_path)
        ana = people.create(world, name="Ana Zulu", email="ana@example.com")
        assert b"Ana Zulu" in await desk.exported("CUSTOMERS")
        await desk.exported("PRODUCTS")

        world.run(erase_customer, EraseCustomer(customer_id=ana))

        with world.database.reading.connect() as db:
            rows = db.execute(select(stored_files.c.name, stored_files.c.status)).all()
            doomed = db.execute(select(doomed_files.c.storage)).scalars().all()
        kept = {name.partition(".")[0]: status.value for name, status in rows}
        assert kept == {"customers": "removed", "products": "stored"}
        assert doomed == ["bulk"]
        RemoveFiles(world.database, lambda _: desk.bench.storage, lambda: NOW)()
        contents = _contents(tmp_path)
        assert len(contents) == 1
        assert b"Ana Zulu" not in contents[0]

    async def test_leaves_lists_alone_while_it_waits(self, world: World, tmp_path: Path) -> None:
        """One person with an open order would else take everybody's lists away each day."""
        shop = Shop(world)
        shop.variant("MUG", 5)
        ana = people.create(world, name="Ana Zulu", email="ana@example.com")
        shop.place(goods("MUG", 1), customer_id=ana)
        desk = BulkDesk(world, tmp_path)
        world.run(erase_customer, EraseCustomer(customer_id=ana))

        def lists_after(days: int) -> list[str]:
            now = NOW + timedelta(days=days)
            assert world.run(continue_erasures, ContinueErasures(), now=now).value == 1
            with world.database.reading.connect() as db:
                return [each.value for each in db.execute(select(stored_files.c.status)).scalars()]

        await desk.exported("CUSTOMERS")
        # It may have been under way when something was erased the day before.
        assert lists_after(1) == ["removed"]
        await desk.exported("CUSTOMERS")
        assert [sorted(lists_after(days)) for days in (2, 3)] == [["removed", "stored"]] * 2

    async def test_takes_no_file_from_an_import_under_way(
        self, world: World, tmp_path: Path
    ) -> None:
        desk = BulkDesk(world, tmp_path)
        ana = people.create(world, name="Ana Zulu", email="ana@example.com")
        tried = await desk.imported("CUSTOMERS", "name,kind\nBea,person\n", dryRun=True)
        run = desk.run_of(tried["id"])
        given = {"kind": "CUSTOMERS", "fileId": ids.text("fil", run.file_id)}
        asked = (await world.graphql(IMPORT, input=given))["bulkImportCreate"]
        assert asked["userErrors"] == []

        world.run(erase_customer, EraseCustomer(customer_id=ana))

        assert desk.content(run.file_id).startswith(b"name")
        with world.database.reading.connect() as db:
            statement = select(stored_files.c.status).where(stored_files.c.id == run.file_id)
            assert db.execute(statement).scalar_one().value == "stored"

    def test_is_put_off_while_somebody_reads_the_log(
        self, database_url: str, opens: Callable[..., Database], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(privacy_tasks, "EMPTYING_WAIT_MS", 1)
        database = opens(database_url)
        with database.reading.connect() as reader:
            reader.execute(select(jobs.c.id)).all()
            with database.writing.begin() as db:
                enqueue(db, [Job("x", {})], now=NOW, new_id=IdSource())

            if database.dialect == "sqlite":
                with pytest.raises(LogInUseError):
                    ForgetSpace(database)()
            else:
                assert not ForgetSpace(database)()

        assert not ForgetSpace(database)()

    def test_leaves_limits_of_time_as_they_were_when_it_fails(
        self,
        postgres_url: str,
        opens: Callable[..., Database],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(privacy_tasks, "places", tuple)
        monkeypatch.setattr(privacy_tasks, "of_anybody", lambda: [Table("nowhere", MetaData())])
        database = opens(postgres_url, pool_size=1)

        with pytest.raises(ProgrammingError):
            ForgetSpace(database)()

        with database.writing.connect() as db:
            assert db.execute(text("SHOW statement_timeout")).scalar_one() == "10s"

    def test_looks_for_addresses_through_an_index(self, database: Database) -> None:
        with database.reading.connect() as db:
            for table in (received_mails, ticket_messages, ticket_participants):
                assert_indexed(db, by_address(UUID(int=1), table))

    def test_finds_a_person_in_the_tickets_of_others(self, world: World) -> None:
        ana = people.create(world, name="Ana Zulu", email="ana.zulu@example.com")
        bea = people.create(world, name="Bea", email="bea@example.com")
        open_hers = OpenTicket(
            subject="Ours",
            message=MessageDraft(body="Bea wrote this."),
            customer_id=bea,
            participants=(ParticipantDraft(role=TicketRole.CC, email="Ana.Zulu@example.com"),),
        )
        ticket = world.run(open_ticket, open_hers).value
        said = MessageDraft(body="Ana wrote this.", author_email="Ana.Zulu@example.com")
        world.run(receive, ReceiveOnTicket(id=ticket, message=said))

        world.run(erase_customer, EraseCustomer(customer_id=ana))

        bodies = [each.body for each in world.read(ticket_message_list.page, PageRequest()).rows]
        assert sorted(bodies) == [ERASED, "Bea wrote this."]
        left = world.read(participants_by_tickets, [ticket]).get(ticket, ())
        assert "ana" not in str(left).lower()


def _contents(folder: Path) -> list[bytes]:
    return [each.read_bytes() for each in folder.rglob("*") if each.is_file()]


ERASE = """
mutation ($id: ID!, $request: ID, $dry: Boolean!) {
  customerErase(input: {customerId: $id, requestId: $request}, meta: {dryRun: $dry}) {
    erasure {
      status rounds againOn rowsEmptied rowsRemoved rowsKept
      places { place emptied removed kept reason law keptUntil }
      request { status }
      customer { name email status addresses { city } }
    }
    userErrors { code path }
    effects { kind }
  }
}"""


RUNS = "{ retentionRuns { nodes { schedule place cutoff rows } } }"


class TestWholePerson:
    async def erase(self, house: Household, *, dry: bool = False, **given: Any) -> Any:
        id = ids.text("cus", house.zuleika)
        answer = await house.world.graphql(ERASE, id=id, dry=dry, **given)
        return answer["customerErase"]

    async def test_goes_as_far_as_the_law_allows_and_then_altogether(self, world: World) -> None:
        house = Household(world)
        await house.write()
        with world.database.writing.begin() as db:
            (job,) = enqueue(db, [Job("x", {"city": "São Paulo"})], now=NOW, new_id=IdSource())
        before = house.found()

        dry = await self.erase(house, dry=True)

        assert (house.found(), house.attached()) == (before, 1)
        assert dry["erasure"]["rowsEmptied"] > 0

        done = (await self.erase(house))["erasure"]

        assert done["places"] == dry["erasure"]["places"]
        assert done["customer"]["name"].startswith("(erased)")
        assert done["customer"] | {"name": ""} == {
            "name": "",
            "email": None,
            "status": "ARCHIVED",
            "addresses": [],
        }
        kept = {each["place"]: each for each in done["places"] if each["kept"]}
        assert kept["orders"]["reason"] == "CONTRACT"
        assert kept["invoices"]["reason"] == "INVOICES"
        assert kept["invoices"]["law"] == "GDPR art. 17(3)(b); LGPD art. 16 I"
        assert kept["invoices"]["keptUntil"] == "2036-01-01"
        # Of the order under way, and of the invoice, and nowhere else.
        assert house.found() == {
            "events.changes",
            "invoices.buyer",
            "invoices.ship_to",
            "order_addresses.lines",
            "order_addresses.recipient",
            "orders.email",
            "orders.note",
        }
        assert house.attached() == 0
        assert house.wrong() == []

        world.run(cancel_order, CancelOrder(id=house.open_id, reason=CancelReason.CUSTOMER))
        house.go_on(datetime(2035, 12, 31, tzinfo=UTC))

        assert house.found() == {"invoices.buyer", "invoices.ship_to"}
        # Others live there, too.
        assert world.read(
            lambda db: db.execute(select(jobs.c.payload).where(jobs.c.id == job)).scalar_one()
        ) == {"city": "São Paulo"}

        freed = datetime(2036, 1, 1, tzinfo=UTC)
        held = freed - timedelta(days=1)
        assert world.run(apply_retention, ApplyRetention(), now=held).value == 0
        assert world.run(apply_retention, ApplyRetention(), now=freed, dry_run=True).value == 1
        assert "invoices.buyer" in house.found()
        assert world.run(apply_retention, ApplyRetention(), now=freed).value == 1
        house.go_on(freed)

        assert house.found() == set()
        (evidence,) = (await world.graphql(RUNS))["retentionRuns"]["nodes"]
        assert evidence == {
            "schedule": "INVOICES",
            "place": "invoices",
            "cutoff": "2026-01-01",
            "rows": 1,
        }
        house.go_on(freed + timedelta(days=1))
        erasure = world.read(queries.erasure_of, house.zuleika)
        assert (erasure.status, erasure.again_on) == (ErasureStatus.COMPLETE, None)
        assert house.wrong() == []


class TestSweep:
    def test_leaves_amounts_alone_that_look_like_a_postal_code(self, world: World) -> None:
        codes = [str(110001 + number) for number in range(20)]
        id = people.create(
            world, addresses=tuple(people.address(postal_code=each) for each in codes)
        )
        payload = {"minor": 110001, "all": [1100012], "text": "to 110001 Delhi", "code": "110001"}
        with world.database.writing.begin() as db:
            (job,) = enqueue(db, [Job("x", payload)], now=NOW, new_id=IdSource())

        world.run(erase_customer, EraseCustomer(customer_id=id))

        (left,) = world.read(
            lambda db: db.execute(select(jobs.c.payload).where(jobs.c.id == job)).scalars()
        )
        assert left == payload | {"text": "to (erased) Delhi", "code": "(erased)"}
