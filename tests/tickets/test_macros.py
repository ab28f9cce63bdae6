"""Macros and canned answers, shared drafts, checklists, and who is at a ticket."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.tickets.commands.drafting import ForgetPresences, forget_presences
from tests.orders.shop import goods
from tests.tickets.office import later
from tests.tickets.service import Service
from tests.world import CLERK, World, caller

SET_ANSWER = """mutation ($input: CannedAnswerSetInput!) { done: cannedAnswerSet(input: $input) {
  answer { id code texts { locale text } } userErrors { code path message } effects { kind } } }"""
SET_MACRO = """mutation ($input: TicketMacroSetInput!) { done: ticketMacroSet(input: $input) {
  macro { id code answer { code } team { name } } userErrors { code path } } }"""
APPLY = """mutation ($id: ID!, $input: TicketMacroApplyInput!, $dry: Boolean!) {
  done: ticketApplyMacro(id: $id, input: $input, meta: {dryRun: $dry}) {
    ticket { status priority tags team { name } draft { text revision }
      messages(last: 1) { nodes { body visibility } } }
    effects { kind } userErrors { code path } } }"""
PREVIEW = """query ($input: CannedAnswerPreviewInput!) {
  shown: cannedAnswerPreview(input: $input) { locale text } }"""
TEXT = (
    "Hello {{ customer.name }}, order {{ order.number }} has "
    "{% for line in order.lines %}{{ line.quantity }} x {{ line.title }}{% endfor %}. "
    "{{ agent.name }}, {{ ticket.number }}"
)


@pytest.fixture
def service(world: World) -> Service:
    return Service(world)


class TestMacros:
    async def test_do_several_things_in_one_command(self, service: Service) -> None:
        world, shop = service.world, service.shop
        team = service.office.team(name="Goods")
        order = shop.place(goods("MUG", 2), customer_id=shop.ana)
        ticket = service.office.open(customer_id=shop.ana, tags=("old",), language="de")
        texts = [{"locale": "en", "text": TEXT}, {"locale": "de-AT", "text": "Hallo!"}]
        given = {"code": "late", "title": "Late", "texts": texts}
        made = (await world.graphql(SET_ANSWER, input=given))["done"]["answer"]
        given = {
            "code": "late",
            "title": "Late",
            "answerId": made["id"],
            "writing": "REPLY",
            "priority": "HIGH",
            "teamId": ids.text("tem", team),
            "addTags": ["late"],
            "removeTags": ["old"],
            "moveTo": "PENDING_INTERNAL",
        }
        macro = (await world.graphql(SET_MACRO, input=given))["done"]["macro"]
        assert (macro["answer"], macro["team"]) == ({"code": "late"}, {"name": "Goods"})

        id = ids.text("tic", ticket)
        how = {"macroId": macro["id"], "orderId": ids.text("ord", order), "locale": "en"}
        trial = (await world.graphql(APPLY, id=id, input=how, dry=True))["done"]
        logged = len(service.logged())
        done = (await world.graphql(APPLY, id=id, input=how, dry=False))["done"]

        assert trial == done
        assert done["userErrors"] == []
        number = service.office.ticket(ticket).number
        name = shop.order(order).name
        body = f"Hello Ana, order {name} has 2 x Thing MUG. clerk, {number}"
        assert done["ticket"] == {
            "status": "PENDING_INTERNAL",
            "priority": "HIGH",
            "tags": ["late"],
            "team": {"name": "Goods"},
            "draft": None,
            "messages": {"nodes": [{"body": body, "visibility": "PUBLIC"}]},
        }
        assert [each.type for each in service.logged()[logged:]][-1] == "ticket.moved"
        assert "ticket.macro_applied" in {each["kind"] for each in done["effects"]}
        # On many tickets, it is a run.
        (action,) = [
            each
            for each in (await world.graphql("{ bulkActions { name lists } }"))["bulkActions"]
            if each["name"] == "ticketApplyMacro"
        ]
        assert action["lists"] == ["tickets"]
        # Without being told in which language: that of the ticket.
        source = {"answerId": made["id"]}
        shown = await world.graphql(PREVIEW, input={"ticketId": id, "source": source})
        assert shown["shown"] == {"locale": "de-AT", "text": "Hallo!"}
        service.office.verify()

    async def test_speak_of_no_order_of_others(self, service: Service) -> None:
        world = service.world
        of_bob = service.shop.place(goods("MUG", 1), customer_id=service.office.customer("Bob"))
        ticket = service.office.open(customer_id=service.shop.ana)
        id = ids.text("tic", ticket)

        async def shown(text: str, order: UUID | None = None, **how: Any) -> Any:
            given = {"ticketId": id, "source": {"text": text}}
            if order:
                given["orderId"] = ids.text("ord", order)
            return await world.ask(PREVIEW, input=given, **how)

        plain = await shown("[{{ order.number }}]")
        assert plain["data"]["shown"] == {"locale": "en", "text": "[]"}
        for source, reason in (
            ("{{ order.secret }}", "there is no 'secret' here"),
            ("{{ ticket.__class__ }}", "there is no '__class__' here"),
            ("{% for x in order.lines %}", "Line 1"),
        ):
            refused = await shown(source)
            assert refused["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
            assert reason in refused["errors"][0]["message"]
        strange = await shown("{{ order.recipient }}", of_bob)
        assert strange["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
        reader = caller(Scope.TICKETS_READ)
        denied = await shown("Hello", caller=reader)
        assert denied["errors"][0]["extensions"]["code"] == "FORBIDDEN"

    async def test_are_refused_where_they_say_nothing_or_too_much(self, service: Service) -> None:
        world = service.world

        async def refused(document: str, **given: Any) -> list[str]:
            done = await world.graphql(document, input={"code": "x", "title": "X", **given})
            return [each["code"] for each in done["done"]["userErrors"]]

        answer = ids.text("cnd", service.answer())
        assert await refused(SET_ANSWER, texts=[]) == ["INVALID_TEXT"]
        bad = [{"locale": "en", "text": "{{ nobody }}"}, {"locale": "en", "text": "Hi"}]
        assert await refused(SET_ANSWER, texts=bad) == ["UNKNOWN_VARIABLE", "DUPLICATE"]
        assert await refused(SET_MACRO) == ["NOTHING_IN_MACRO"]
        assert await refused(SET_MACRO, answerId=answer) == ["NOTHING_IN_MACRO"]
        assert await refused(SET_MACRO, moveTo="SPAM") == ["NO_MOVE_OF_MACRO"]
        assert await refused(SET_MACRO, teamId=ids.text("tem", UUID(int=1))) == [
            "UNKNOWN_TICKET_TEAM"
        ]


class TestDrafts:
    async def test_are_shared_sent_and_kept_apart_from_the_log(self, service: Service) -> None:
        world = service.world
        ticket = service.office.open()
        id = ids.text("tic", ticket)
        logged = len(service.logged())
        service.save(ticket, "Dear", 0)
        (ana,) = service.office.people("Ana")
        service.save(ticket, "Dear you", 1, caller=service.office.who(ana))
        document = """query ($id: ID!) { ticket(by: {id: $id}) {
          draft { revision text editor { kind } agent { name } } } }"""
        shown = (await world.graphql(document, id=id))["ticket"]["draft"]
        assert shown == {
            "revision": 2,
            "text": "Dear you",
            "editor": {"kind": "STAFF"},
            "agent": {"name": "Ana"},
        }
        save = """mutation ($id: ID!) { done: ticketDraftSave(id: $id,
          input: {text: "Mine", baseRevision: 1}) { userErrors { code
            ... on TicketDraftChangedError { expected actual editor { kind } } } } }"""
        (late,) = (await world.graphql(save, id=id))["done"]["userErrors"]
        assert late == {
            "code": "TICKET_DRAFT_CHANGED",
            "expected": 1,
            "actual": 2,
            "editor": {"kind": "STAFF"},
        }
        assert len(service.logged()) == logged
        answer = service.answer("Yours, {{ agent.name }}")
        macro = service.macro(answer_id=answer, writing="draft")
        how = {"macroId": ids.text("mac", macro)}
        put = (await world.graphql(APPLY, id=id, input=how, dry=False))["done"]["ticket"]
        assert put["draft"] == {"text": "Dear you\n\nYours, clerk", "revision": 3}
        send = """mutation ($id: ID!) { done: ticketDraftSend(id: $id,
          input: {baseRevision: 3, then: RESOLVE}) { ticket { status draft { revision }
            messages(last: 1) { nodes { body } } } userErrors { code } } }"""
        sent = (await world.graphql(send, id=id))["done"]
        assert sent["ticket"] == {
            "status": "RESOLVED",
            "draft": None,
            "messages": {"nodes": [{"body": "Dear you\n\nYours, clerk"}]},
        }

    def test_of_two_at_once_one_is_told(self, service: Service) -> None:
        ticket = service.office.open()
        service.save(ticket, "Dear", 0)
        both = Barrier(2)

        def save(text: str) -> str:
            both.wait()
            try:
                service.save(ticket, text, 1)
            except DomainError as refusal:
                return refusal.code
            return "saved"

        with ThreadPoolExecutor(2) as threads:
            ends = sorted(threads.map(save, ["Ana's", "Bob's"]))

        assert ends == ["TICKET_DRAFT_CHANGED", "saved"]


class TestDesk:
    async def test_shows_who_else_is_at_a_ticket(self, service: Service) -> None:
        world = service.world
        id = ids.text("tic", service.office.open())
        (ana,) = service.office.people("Ana")
        document = """mutation ($id: ID!, $activity: TicketActivity) { done: ticketPresence(id: $id,
          input: {activity: $activity}) { ticket { presences { activity actor { kind }
            agent { name } } } effects { kind } } }"""

        async def tell(activity: str | None, by: Any = CLERK) -> Any:
            answer = await world.ask(document, id=id, activity=activity, caller=by)
            assert answer["data"]["done"]["effects"] == []
            return answer["data"]["done"]["ticket"]["presences"]

        await tell("VIEWING")
        found = await tell("TYPING", service.office.who(ana))
        typing = {"activity": "TYPING", "actor": {"kind": "STAFF"}, "agent": {"name": "Ana"}}
        viewing = {"activity": "VIEWING", "actor": {"kind": "TOKEN"}, "agent": None}
        assert found == [viewing, typing]
        assert await tell(None) == [typing]
        # It was told by the clock on the wall.
        gone = world.run(forget_presences, ForgetPresences(), now=later(days=40_000)).value
        assert gone == 1

    async def test_ticks_off_checklists_and_knows_by_whom(self, service: Service) -> None:
        world = service.world
        id = ids.text("tic", service.office.open())
        template = """mutation { done: checklistTemplateSet(input: {code: "lost", title: "Lost",
          items: ["Ask the carrier", "Tell the customer"]}) { template { id } } }"""
        of = (await world.graphql(template))["done"]["template"]["id"]
        add = """mutation ($id: ID!, $input: TicketChecklistAddInput!) {
          done: ticketChecklistAdd(id: $id, input: $input) { checklist { id version }
            userErrors { code } } }"""
        empty = (await world.graphql(add, id=id, input={"title": "x"}))["done"]
        assert empty["userErrors"] == [{"code": "EMPTY_CHECKLIST"}]
        made = (await world.graphql(add, id=id, input={"templateId": of}))["done"]["checklist"]
        tick = """mutation ($id: ID!, $at: Int!, $is: Boolean!) { done: ticketChecklistTick(id: $id,
          input: {position: $at, isTicked: $is}) { checklist { version ticket { checklists {
            title items { position text tickedAt tickedBy { kind } } } } }
          userErrors { code } effects { kind } } }"""
        done = (await world.graphql(tick, id=made["id"], at=2, **{"is": True}))["done"]
        (shown,) = done["checklist"]["ticket"]["checklists"]
        assert shown["title"] == "Lost"
        first, second = shown["items"]
        assert first == {
            "position": 1,
            "text": "Ask the carrier",
            "tickedAt": None,
            "tickedBy": None,
        }
        assert second["tickedAt"] is not None
        assert second["tickedBy"] == {"kind": "TOKEN"}
        for at, ticked, code in (
            (2, True, "ITEM_TICKED_ALREADY"),
            (9, True, "UNKNOWN_CHECKLIST_ITEM"),
        ):
            no = (await world.graphql(tick, id=made["id"], at=at, **{"is": ticked}))["done"]
            assert no["userErrors"] == [{"code": code}]
        back = (await world.graphql(tick, id=made["id"], at=2, **{"is": False}))["done"]
        assert [each["kind"] for each in back["effects"]] == ["ticket_checklist.unticked"]
        gone = """mutation ($id: ID!) { done: ticketChecklistRemove(id: $id) {
          ticket { checklists { id } } } }"""
        assert (await world.graphql(gone, id=made["id"]))["done"]["ticket"] == {"checklists": []}
