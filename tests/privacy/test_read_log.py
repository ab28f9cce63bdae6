"""Who reads personal data is noted after the answer, and of whom it was."""

from collections import Counter
from typing import Any

import orjson

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.domain.privacy import queries
from backoffice_api.domain.tickets.commands.opening import OpenTicket, open_ticket
from backoffice_api.domain.tickets.model.drafts import MessageDraft
from backoffice_api.domain.tickets.queries import first_message
from backoffice_api.web.read_log import WAITING_MAX, ReadLog
from tests.customers import people
from tests.orders.shop import Shop, goods
from tests.world import CLERK, PREPARER, REQUEST_ID, World

NAMES = "query Names($id: ID!) { customer(by: {id: $id}) { name } orders { nodes { id email } } }"
NUMBERS = "query Numbers { orders { nodes { id number } } }"
CONTACTS = "{ customers { nodes { email } } }"


class TestReadLog:
    async def test_notes_whose_data_an_answer_held(self, world: World) -> None:
        shop = Shop(world)
        shop.variant("MUG", 10)
        ana = people.create(world, name="Ana", email="ana@example.com")
        eva = people.create(world, name="Eva", email="eva@example.com")
        shop.create(goods("MUG", 1), customer_id=eva, email="eva@example.com")
        noted = ReadLog(world.database, world.threads, every_s=3_600)

        whom: dict[str, Any] = {"id": ids.text("cus", ana)}
        for document, given in ((NAMES, whom), (NUMBERS, {}), (CONTACTS, {})):
            answer = orjson.dumps(await world.ask(document, **given))
            noted.note(CLERK, PREPARER.prepare(document, None), given, REQUEST_ID, answer)
        await noted.close()

        read = world.read(queries.read_list.page, PageRequest()).rows
        assert {(each.operation, each.customer_id) for each in read} == {
            ("Names", ana),
            ("Names", eva),
            ("customers", None),
        }
        assert {(each.actor_id, each.request_id) for each in read} == {(CLERK.actor.id, REQUEST_ID)}

    async def test_notes_files_and_what_leads_to_people_in_several_steps(
        self, world: World
    ) -> None:
        shop = Shop(world)
        shop.variant("MUG", 10)
        ana = people.create(world, name="Ana", email="ana@example.com")
        placed = shop.place(goods("MUG", 1), customer_id=ana)
        opened = world.run(
            open_ticket,
            OpenTicket(subject="Late", message=MessageDraft(body="Where?"), customer_id=ana),
        ).value
        said = world.read(first_message, opened)
        noted = ReadLog(world.database, world.threads, every_s=3_600)

        line = shop.lines(placed)[0].id
        noted.note_file(CLERK, "mails", REQUEST_ID, ids.text("tms", said))
        noted.note_file(CLERK, "lines", REQUEST_ID, ids.text("oln", line))
        noted.note_file(CLERK, "list", REQUEST_ID, ids.text("fil", opened))
        await noted.close()

        read = world.read(queries.read_list.page, PageRequest()).rows
        assert {(each.operation, each.customer_id) for each in read} == {
            ("mails", ana),
            ("lines", ana),
            ("list", None),
        }

    async def test_notes_the_same_answer_once_for_each_caller(self, world: World) -> None:
        noted = ReadLog(world.database, world.threads, every_s=3_600)
        prepared = PREPARER.prepare(CONTACTS, None)

        for reader in (CLERK, CLERK, THE_SYSTEM):
            noted.note(reader, prepared, {}, REQUEST_ID, b"{}")
        await noted.close()

        read = world.read(queries.read_list.page, PageRequest()).rows
        assert Counter(each.actor_kind for each in read) == {
            CLERK.actor.kind: 1,
            THE_SYSTEM.actor.kind: 1,
        }

    async def test_holds_no_more_than_it_can(self, world: World) -> None:
        noted = ReadLog(world.database, world.threads, every_s=3_600)
        prepared = PREPARER.prepare(CONTACTS, None)

        for number in range(WAITING_MAX + 5):
            noted.note(CLERK, prepared, {}, REQUEST_ID, b"%d" % number)

        assert (len(noted._waiting), noted._lost) == (WAITING_MAX, 5)
        noted._waiting.clear()
        await noted.close()
