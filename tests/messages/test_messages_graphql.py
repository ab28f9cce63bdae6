"""Templates and messages as a client sees them: over GraphQL, on both databases."""

import pytest

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from tests.databases import count_statements
from tests.messages.post import Script
from tests.world import caller

SET = """
mutation ($input: MessageTemplateSetInput!, $meta: MutationMeta) {
  messageTemplateSet(input: $input, meta: $meta) {
    template { id status revision subject actions { name allowed } revisions { revision } }
    userErrors { code message path } effects { kind } replayed
  }
}
"""
PREVIEW = """
query ($input: MessagePreviewInput!) {
  messagePreview(input: $input) { locale subject text html }
}
"""
LIST = """
query ($filter: MessageFilter, $first: Int) {
  messages(filter: $filter, first: $first) {
    nodes { id status topic recipient subject order { number } template { locale }
      customer { name } resendOf { id } }
  }
  messagesCount(filter: $filter) { value }
}
"""


class TestMessageTemplateSet:
    async def test_is_told_where_a_template_is_wrong(self, post):
        given = {"topic": "ORDER_PLACED", "locale": "en", "subject": "x", "text": "{{ nope }}"}

        answer = (await post.world.graphql(SET, input=given))["messageTemplateSet"]

        assert answer["template"] is None
        assert answer["userErrors"] == [
            {
                "code": "UNKNOWN_VARIABLE",
                "message": "Line 1: there is no 'nope' here.",
                "path": ["input", "text"],
            }
        ]

    async def test_is_done_once_and_rehearsed_without_a_trace(self, post):
        given = {"topic": "ORDER_PLACED", "locale": "en"}
        await post.world.graphql(SET, input=given, meta={"dryRun": True})
        assert post.events() == []

        for _ in range(2):
            meta = {"idempotencyKey": "one"}
            answer = await post.world.graphql(SET, input=given, meta=meta)

        assert answer["messageTemplateSet"]["replayed"] is True
        assert answer["messageTemplateSet"]["template"]["status"] == "DISABLED"
        assert post.events() == ["message_template.set"]


class TestMessagePreview:
    async def test_shows_a_draft_on_a_real_order(self, post):
        id = ids.text("ord", post.place())
        given = {"orderId": id, "topic": "ORDER_PLACED"}
        own = {"subject": "{{ order.number }}", "text": "{{ order.total }}"}

        shipped = (await post.world.graphql(PREVIEW, input=given))["messagePreview"]
        drafted = (await post.world.graphql(PREVIEW, input={**given, **own}))["messagePreview"]

        assert (shipped["locale"], shipped["subject"]) == ("en", "Your order W-1")
        assert drafted == {"locale": "en", "subject": "W-1", "text": "24.50 EUR", "html": None}
        assert post.messages() == []

    async def test_says_where_a_draft_cannot_be_written(self, post):
        id = ids.text("ord", post.place())
        given = {"orderId": id, "topic": "ORDER_PLACED", "subject": "x", "text": "{{ 1|trim(1) }}"}

        answer = await post.world.ask(PREVIEW, input=given)

        assert answer["errors"][0]["message"].startswith("Line 1: It cannot be written")
        assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"

    async def test_takes_the_right_to_see_persons(self, post):
        given = {"orderId": ids.text("ord", post.place()), "topic": "ORDER_PLACED"}

        answer = await post.world.ask(PREVIEW, caller=caller(Scope.MESSAGES_READ), input=given)

        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


class TestMessages:
    @pytest.mark.parametrize(
        ("filter", "count"),
        [
            ({}, 2),
            ({"status": ["SENT"]}, 1),
            ({"topic": ["ORDER_PLACED"]}, 2),
            ({"failure": ["REFUSED"]}, 0),
            ({"recipient": {"eq": "bea@example.com"}}, 1),
            ({"recipient": {"startsWith": "zoe"}}, 0),
        ],
    )
    async def test_are_filtered_and_counted(self, post, filter, count):
        post.template()
        post.place()
        post.follow()
        post.send(Script())
        post.place(email="bea@example.com")
        post.follow()

        answer = await post.world.graphql(LIST, filter=filter)

        assert len(answer["messages"]["nodes"]) == answer["messagesCount"]["value"] == count

    @pytest.mark.parametrize("shown", ["recipient", "subject", "text", "html", "reason"])
    async def test_hide_persons_from_who_may_not_see_them(self, post, shown):
        clerk = caller(Scope.MESSAGES_READ)

        answer = await post.world.ask(f"{{ messages {{ nodes {{ {shown} }} }} }}", caller=clerk)

        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"

    async def test_are_not_found_by_who_they_went_to_without_that_right(self, post):
        text = '{ messagesCount(filter: {recipient: {eq: "ana@example.com"}}) { value } }'

        answer = await post.world.ask(text, caller=caller(Scope.MESSAGES_READ))

        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"

    async def test_are_shown_under_their_order(self, post):
        post.template()
        id = post.place()
        post.follow()
        text = "query ($id: ID!) { order(by: {id: $id}) { messages { nodes { status } } } }"

        found = await post.world.graphql(text, id=ids.text("ord", id))

        assert found["order"]["messages"]["nodes"] == [{"status": "QUEUED"}]

    async def test_take_a_constant_number_of_statements(self, post):
        post.template()
        for _ in range(4):
            post.place(customer_id=post.customer())
        post.follow()

        counts = []
        for first in (1, 4):
            with count_statements(post.world.database) as counted:
                await post.world.graphql(LIST, first=first)
            counts.append(len(counted))

        assert counts[0] == counts[1]


class TestMessageSend:
    async def test_writes_by_hand_and_again(self, post):
        post.template()
        order = ids.text("ord", post.place())
        send = """
        mutation ($order: ID!) {
          messageSend(input: {orderId: $order, topic: ORDER_PLACED}) {
            message { id status } userErrors { code }
          }
        }"""
        resend = """
        mutation ($id: ID!) {
          messageResend(id: $id, input: {recipient: "bea@example.com"}) {
            message { status recipient resendOf { id } } userErrors { code }
          }
        }"""

        sent = (await post.world.graphql(send, order=order))["messageSend"]["message"]
        post.send(Script(), minutes=50_000_000)  # it was written by the clock of the wall
        again = (await post.world.graphql(resend, id=sent["id"]))["messageResend"]["message"]

        assert sent["status"] == "QUEUED"
        assert again == {
            "status": "QUEUED",
            "recipient": "bea@example.com",
            "resendOf": {"id": sent["id"]},
        }


class TestMessageVariables:
    async def test_are_the_words_of_a_topic(self, post):
        text = "{ messageVariables(topic: REFUND_MADE) { path kind } }"

        found = (await post.world.graphql(text))["messageVariables"]

        assert {"path": "refund.amount", "kind": "text"} in found
        assert {"path": "order.lines", "kind": "list"} in found

    async def test_shipped_wordings_are_there_in_three_languages(self, post):
        found = await post.world.graphql("{ messageWordings { topic locale subject html } }")

        assert len(found["messageWordings"]) == 3 * 10
