"""The screens of those who answer tickets, over GraphQL."""

from typing import Any

from sqlalchemy import update

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.tickets import queries
from backoffice_api.domain.tickets.model.words import TicketAfterReply
from backoffice_api.domain.tickets.tables import tickets
from tests.databases import count_statements
from tests.plans import all_indexed
from tests.tickets.office import Office, later
from tests.world import NOW, caller

OPEN = """
mutation ($input: TicketOpenInput!, $meta: MutationMeta) {
  ticketOpen(input: $input, meta: $meta) {
    ticket {
      id number version subject status assignee { id name } team { name }
      links { relation subject { id } } participants { role email }
    }
    userErrors { code path } replayed effects { kind }
  }
}"""
REPLY = """
mutation ($id: ID!, $input: TicketReplyInput!) {
  ticketReply(id: $id, input: $input) {
    message { body author visibility }
    ticket { status actions { name allowed } moves { toStatus } }
    userErrors { code }
  }
}"""
INBOX = """
query ($filter: TicketFilter, $search: String, $sort: TicketSort) {
  tickets(filter: $filter, search: $search, sort: $sort) { nodes { number } }
  ticketsCount(filter: $filter, search: $search) { value }
}"""
PAGE = """
query ($id: ID!) {
  ticket(by: {id: $id}) {
    subject tags priority
    messages(first: 10) { nodes { body agent { name } attachments { path } } }
    timeline { nodes { type } }
    mergedInto { number }
  }
  node(id: $id) { id }
}"""


class TestTickets:
    async def test_are_opened_answered_and_found(self, office: Office) -> None:
        (ana,) = office.people("ana")
        office.team(ana, is_default=True)
        customer = ids.text("cus", office.customer())
        given = {
            "subject": "Where is my mug?",
            "body": "It has not come.",
            "authorEmail": "Ana@Example.com",
            "customerId": customer,
            "priority": "HIGH",
            "tags": ["late"],
            "links": [{"subjectId": customer}],
        }
        meta = {"idempotencyKey": "a"}
        first = (await office.world.graphql(OPEN, input=given, meta=meta))["ticketOpen"]
        again = (await office.world.graphql(OPEN, input=given, meta=meta))["ticketOpen"]

        assert again["replayed"]
        assert again["ticket"] == first["ticket"]
        ticket = first["ticket"]
        assert [each["kind"] for each in first["effects"]] == ["ticket.opened", "ticket.assigned"]
        assert ticket["assignee"] == {"id": ids.text("stf", ana), "name": "ana"}
        assert ticket["links"] == [{"relation": "ABOUT", "subject": {"id": customer}}]
        assert ticket["participants"] == [{"role": "REQUESTER", "email": "Ana@example.com"}]

        input = {"body": "Tomorrow.", "then": "RESOLVE"}
        answer = (await office.world.graphql(REPLY, id=ticket["id"], input=input))["ticketReply"]
        assert answer["ticket"]["status"] == "RESOLVED"
        assert answer["ticket"]["moves"] == [{"toStatus": "NEW"}, {"toStatus": "RESOLVED"}]
        allowed = [each["name"] for each in answer["ticket"]["actions"] if each["allowed"]]
        assert "reopen" in allowed
        assert "answer" not in [each["name"] for each in answer["ticket"]["actions"]]

        found: Any = {"nodes": [{"number": "T-000001"}]}
        for question in (
            {"filter": {"participant": {"eq": "ANA@example.com"}, "tag": {"eq": "late"}}},
            {"filter": {"subjectId": {"eq": customer}, "isSnoozed": False}},
            {"search": "tomorr"},
            {"sort": {"key": "PRIORITY", "direction": "DESC"}},
            {"filter": {"assigneeId": {"isNull": False}}, "sort": {"key": "DUE_AT"}},
        ):
            answer = await office.world.graphql(INBOX, **question)
            assert (answer["tickets"], answer["ticketsCount"]) == (found, {"value": 1})
        page = await office.world.graphql(PAGE, id=ticket["id"])
        assert [each["body"] for each in page["ticket"]["messages"]["nodes"]] == [
            "It has not come.",
            "Tomorrow.",
        ]
        assert {"type": "ticket.moved"} in page["ticket"]["timeline"]["nodes"]

    async def test_are_refused_and_hidden_without_the_rights(self, office: Office) -> None:
        office.open()
        dry = {"subject": "S", "body": "B", "links": [{"subjectId": "ord_" + "0" * 32}]}
        refused = (await office.world.graphql(OPEN, input=dry))["ticketOpen"]
        assert refused["userErrors"] == [
            {"code": "UNKNOWN_LINK_SUBJECT", "path": ["input", "links", "0", "subjectId"]}
        ]

        reader = caller(Scope.TICKETS_READ)
        hidden = await office.world.ask("{ tickets { nodes { subject } } }", caller=reader)
        assert hidden["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        seen = await office.world.ask("{ tickets { nodes { number status } } }", caller=reader)
        assert seen["data"]["tickets"]["nodes"] == [{"number": "T-000001", "status": "NEW"}]
        denied = await office.world.ask(OPEN, caller=reader, input={"subject": "S", "body": "B"})
        assert denied["errors"][0]["extensions"]["code"] == "FORBIDDEN"

    async def test_take_as_many_statements_for_many_as_for_two(self, office: Office) -> None:
        people = office.people("ana", "ben", "eva")
        customer = office.customer()
        document = """{
          tickets {
            nodes {
              tags assignee { name } team { members { agent { name } } } customer { id }
              links { subjectId } participants { email agent { name } } moves { toStatus }
              messages(first: 2) { nodes { body attachments { path } } }
            }
          }
          customers { nodes { tickets(first: 3) { nodes { number } } } }
        }"""

        async def counted() -> int:
            with count_statements(office.world.database) as seen:
                await office.world.graphql(document)
            return len(seen)

        counts = []
        for number, agent in enumerate(people):
            team = office.team(agent, name=f"Team {number}")
            for _ in range(2):
                message = {"author_email": f"{number}@example.com"}
                office.open(team_id=team, customer_id=customer, tags=("a",), message=message)
            customer = office.customer()
            counts.append(await counted())

        assert len(set(counts)) == 1

    async def test_are_a_list_for_views_and_runs(self, office: Office) -> None:
        id = ids.text("tic", office.open())
        view = """mutation { savedViewCreate(input: {
          name: "Mine", target: "tickets", filter: {status: ["NEW"]}, sort: {key: "DUE_AT"}
        }) { savedView { id count { value } } userErrors { code } } }"""
        preview = """query ($view: ID!) {
          bulkRunPreview(input: {
            mutation: "ticketTag", items: {viewId: $view}, input: {added: ["seen"]}
          }, first: 3) { itemsTotal items { subjectId status } }
        }"""

        saved = (await office.world.graphql(view))["savedViewCreate"]
        assert saved["userErrors"] == []
        assert saved["savedView"]["count"] == {"value": 1}
        shown = await office.world.graphql(preview, view=saved["savedView"]["id"])
        assert shown["bulkRunPreview"]["items"] == [{"subjectId": id, "status": "SUCCEEDED"}]

    async def test_show_who_has_how_much_to_do(self, office: Office) -> None:
        ana, ben = office.people("ana", "ben")
        id = office.team(ana, ben)
        opened = [office.open(team_id=id) for _ in range(3)]
        office.open(team_id=id, skill="French")
        office.reply(opened[2], then=TicketAfterReply.RESOLVE)
        due = update(tickets).where(tickets.c.id == opened[1]).values(next_due_at=NOW)
        with office.world.database.writing.begin() as db:
            db.execute(due)
        document = """query ($id: ID!, $before: DateTime!) { ticketTeam(id: $id) {
          workload(before: $before) { agent { name } live late nextDueAt }
        } }"""

        with all_indexed(office.world.database.reading, sorts=True):
            office.world.read(queries.workloads_by_teams, [id], NOW)
        given = {"id": ids.text("tem", id), "before": later(hours=1).isoformat()}
        shown = (await office.world.graphql(document, **given))["ticketTeam"]["workload"]

        assert [each["agent"] and each["agent"]["name"] for each in shown[:1]] == ["ben"]
        assert shown[0]["nextDueAt"] == "2025-03-01T09:30:00Z"
        assert sorted((each["live"], each["late"]) for each in shown) == [(1, 0), (1, 0), (1, 1)]
