"""Mailboxes and mails as a client sees them: over GraphQL, on both databases."""

import re
from pathlib import Path

import pytest

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.mailboxes import queries
from backoffice_api.domain.mailboxes.model.mailboxes import MailboxKind
from tests.databases import count_statements
from tests.mailboxes.room import mail
from tests.messages.post import Script
from tests.plans import all_indexed, assert_indexed
from tests.world import NOW, caller

CREATE = """
mutation ($input: MailboxCreateInput!, $meta: MutationMeta) {
  mailboxCreate(input: $input, meta: $meta) {
    mailbox { id version code kind status folder priority source team { id } state { trouble }
      actions { name allowed } }
    userErrors { code path } replayed effects { kind }
  }
}
"""
UPDATE = """
mutation ($id: ID!, $input: MailboxUpdateInput!, $meta: MutationMeta) {
  mailboxUpdate(id: $id, input: $input, meta: $meta) {
    mailbox { name doneFolder version } userErrors { code path }
  }
}
"""
LIST = """
query ($filter: ReceivedMailFilter, $first: Int) {
  receivedMails(filter: $filter, first: $first) {
    nodes { id status outcome sender senderName subject mailId quotedFrom automatic
      mailbox { code team { id } } ticket { id number } message { body receivedMail { id } }
      parts { name mediaType file { path } } actions { name allowed } }
  }
  receivedMailsCount(filter: $filter) { value }
}
"""
SENT = """
{
  sentMails(filter: {status: [SENT]}) { nodes { id status recipient copies subject mailId
    ticket { receivedMails { nodes { id } } sentMails { nodes { id } } }
    message { body sentState sentMail { id } } mailbox { code } } }
  sentMailsCount { value }
}
"""
VERB = "mutation ($id: ID!) { %s(id: $id) { userErrors { code path } } }"
GIVEN = {
    "code": "support",
    "name": "Shop",
    "address": "support@shop.example",
    "kind": "IMAP",
}


class TestMailboxes:
    async def test_are_made_once_changed_and_disabled(self, room):
        world = room.world
        rehearsed = await world.graphql(CREATE, input=GIVEN, meta={"dryRun": True})
        assert rehearsed["mailboxCreate"]["mailbox"]["code"] == "support"
        made = [
            (await world.graphql(CREATE, input=GIVEN, meta={"idempotencyKey": "a"}))[
                "mailboxCreate"
            ]
            for _ in range(2)
        ]
        box = made[0]["mailbox"]
        assert (box["status"], box["source"], box["state"]) == ("ACTIVE", "EMAIL", None)
        assert (made[1]["replayed"], made[1]["mailbox"]["id"]) == (True, box["id"])

        changed = await world.graphql(
            UPDATE, id=box["id"], input={"doneFolder": "Done"}, meta={"expectedVersion": 1}
        )
        assert changed["mailboxUpdate"]["mailbox"] == {
            "name": "Shop",
            "doneFolder": "Done",
            "version": 2,
        }
        for verb in ("mailboxDisable", "mailboxEnable"):
            answer = (await world.graphql(VERB % verb, id=box["id"]))[verb]
            assert answer["userErrors"] == []
        listed = await world.graphql("{ mailboxes { nodes { code status } } }")
        assert listed["mailboxes"]["nodes"] == [{"code": "support", "status": "ACTIVE"}]

    async def test_refuse_what_makes_no_sense(self, room):
        room.mailbox()
        nobody = ids.text("tem", room.world.read(queries.active_mailboxes)[0].id)
        cases = [
            ({"code": "A b"}, "INVALID_MAILBOX_CODE"),
            ({"code": "other", "name": " "}, "INVALID_TEXT"),
            ({"code": "other", "address": "nobody"}, "INVALID_EMAIL"),
            ({"code": "other", "address": "a+b@shop.example"}, "DETAIL_IN_ADDRESS"),
            ({"code": "other", "folder": 'a"\r\nx'}, "INVALID_FOLDER"),
            ({"code": "other", "teamId": nobody}, "UNKNOWN_TICKET_TEAM"),
            ({"code": "other"}, "MAILBOX_TAKEN"),
            ({"address": "other@shop.example"}, "MAILBOX_TAKEN"),
        ]
        for given, code in cases:
            answer = (await room.world.graphql(CREATE, input={**GIVEN, **given}))["mailboxCreate"]
            assert [each["code"] for each in answer["userErrors"]] == [code]
            assert answer["mailbox"] is None
        found = await room.world.graphql("{ mailboxes { nodes { id } } }")
        assert len(found["mailboxes"]["nodes"]) == 1

    @pytest.mark.parametrize(
        ("document", "scope"),
        [
            (
                CREATE.replace("$input: MailboxCreateInput!, ", "$input: MailboxCreateInput!, "),
                None,
            ),
            (VERB % "receivedMailRetry", Scope.TICKETS_READ),
            (VERB % "sentMailResend", Scope.TICKETS_READ),
            ("{ receivedMails { nodes { id } } }", Scope.TICKETS_WRITE),
            ("{ receivedMails { nodes { sender } } }", Scope.TICKETS_READ),
            ("{ sentMails { nodes { recipient } } }", Scope.TICKETS_READ),
            (
                '{ receivedMails(filter: {sender: {eq: "a@b"}}) { nodes { id } } }',
                Scope.TICKETS_READ,
            ),
        ],
    )
    async def test_take_the_right_to_it(self, room, document, scope):
        room.mailbox()
        received = room.take(mail())
        clerk = caller(*([scope] if scope else [Scope.TICKETS_READ, Scope.TICKETS_WRITE]))
        given = {"input": GIVEN} if "$input" in document else {}
        given |= {"id": ids.text("rcm", received.id)} if "$id" in document else {}

        answer = await room.world.ask(document, caller=clerk, **given)

        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


class TestMails:
    async def test_are_listed_with_what_became_of_them(self, room):
        box = room.mailbox()
        room.take(mail("Hi\r\n\r\nOn Monday Bea wrote:\r\n> Ho"))
        room.take(mail(id="two@x", Precedence="bulk", sender="news@example.com"))
        parked = room.take(b"no mail")
        cases = [
            ({}, 3),
            ({"status": ["TAKEN"]}, 1),
            ({"outcome": ["AUTOMATIC"]}, 1),
            ({"mailboxId": {"eq": ids.text("mbx", box)}}, 3),
            ({"sender": {"eq": "NEWS@example.com"}}, 1),
            ({"mailId": {"eq": "one@example.com"}}, 1),
            ({"createdAt": {"lt": NOW.isoformat()}}, 0),
        ]
        for given, count in cases:
            with count_statements(room.world.database) as counted:
                found = await room.world.graphql(LIST, filter=given)
            assert (
                len(found["receivedMails"]["nodes"])
                == found["receivedMailsCount"]["value"]
                == count
            )
            assert len(counted) <= 20
        first = (await room.world.graphql(LIST, filter={"status": ["TAKEN"]}))["receivedMails"]
        node = first["nodes"][0]
        assert node["message"]["receivedMail"]["id"] == node["id"]
        assert node["message"]["body"][: node["quotedFrom"]] == "Hi\n\n"
        id = ids.text("rcm", parked.id)
        for verb in ("receivedMailRetry", "receivedMailDismiss"):
            answer = (await room.world.graphql(VERB % verb, id=id))[verb]
            assert answer["userErrors"] == []
            room.read()
        again = await room.world.graphql(VERB % "receivedMailDismiss", id=id)
        assert again["receivedMailDismiss"]["userErrors"][0]["code"] == "INVALID_TRANSITION"

    async def test_that_were_sent_are_found_from_all_sides(self, room):
        room.mailbox()
        first = room.take(mail())
        room.reply(first.ticket_id)
        room.send(Script())

        found = await room.world.graphql(SENT)

        (node,) = found["sentMails"]["nodes"]
        assert (node["recipient"], node["message"]["sentState"]) == ("ana@example.com", "SENT")
        assert node["message"]["sentMail"]["id"] == node["id"]
        assert node["ticket"]["sentMails"]["nodes"] == [{"id": node["id"]}]
        assert len(node["ticket"]["receivedMails"]["nodes"]) == 1

    def test_are_found_by_indexes(self, room):
        room.mailbox("chat", "chat@shop.example", MailboxKind.FAKE_CHANNEL)
        id = room.mailbox()
        ticket = room.take(mail(), id).ticket_id
        database = room.world.database
        with all_indexed(database.reading), database.reading.connect() as db:
            queries.abandoned_mails(db, NOW, 20)
            queries.to_forget(db, NOW, 20)
            queries.count_from(db, "ana@example.com", NOW)
            queries.taken_before(db, "a@b", "ana@example.com")
            queries.tickets_of_mails(db, ["a@b", "c@d"])
            queries.sent_with_mail_id(db, "a@b")
            queries.own_addresses(db, ["a@b"])
            queries.conversation_on(db, id, ticket)
        with database.reading.connect() as db:
            for listing in (queries.received_list, queries.sent_list, queries.mailbox_list):
                statement = listing.select_page([listing.table.c.id], PageRequest(size=5), None, 6)
                assert_indexed(db, statement)


class TestDocuments:
    async def test_of_the_queue_are_answered(self, room):
        room.mailbox()
        room.take(b"no mail")
        file = Path(__file__).parents[2] / "operations" / "MailQueue.graphql"

        data = await room.world.graphql(file.read_text(encoding="utf-8"))

        assert data["receivedMailsCount"]["value"] == 1
        assert data["receivedMails"]["nodes"][0]["outcome"] == "UNREADABLE"

    @pytest.mark.parametrize("position", [0, 1])
    async def test_can_be_asked(self, room, position):
        text = (Path(__file__).parents[2] / "docs" / "mail.md").read_text(encoding="utf-8")
        document = re.findall(r"^```graphql\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)[position]

        data = await room.world.graphql(document)

        assert all(each.get("userErrors", []) == [] for each in data.values())
