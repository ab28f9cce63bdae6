"""Templates that select what they say by a document of their own. On both databases."""

import pytest

from backoffice_api.domain.identity.commands.tokens import (
    CreateToken,
    RevokeToken,
    create_token,
    revoke_token,
)
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Actor, ActorKind, Caller
from backoffice_api.domain.messages.commands.templates import (
    EnableMessageTemplate,
    enable_template,
)
from backoffice_api.domain.messages.commands.writing import SendMessage, send_message
from backoffice_api.domain.messages.model.messages import MessageFailure, MessageStatus
from tests.messages.post import PLACED
from tests.world import caller

SET = """
mutation ($input: MessageTemplateSetInput!) {
  messageTemplateSet(input: $input) {
    template { id revision document revisions { document } }
    userErrors { code path message ... on ScopeNotHeldError { scopes } }
  }
}
"""
PREVIEW = """
query ($input: MessagePreviewInput!) { messagePreview(input: $input) { subject text selected } }
"""
DOCUMENT = """
query ($id: ID!) {
  node(id: $id) {
    ... on Order {
      number customer { name }
      lines(first: 5) { nodes { sku quantity ...Price } }
    }
    ... on Product { title }
  }
}
fragment Price on OrderLine { unitPrice { amount currency } }
"""
TEXT = (
    "{{ order.number }}={{ selected.number }} {% for line in selected.lines.nodes %}"
    "{{ line.quantity }} x {{ line.sku }} at {{ line.unitPrice.amount }}; {% endfor %}"
    "{% if selected.customer.name %}{{ selected.customer.name }}{% else %}a guest{% endif %}"
)
SAID = "W-1=W-1 2 x MUG at 10.00; 1 x POST at 4.50; a guest"
# Document, text and topic; the code, the place and the words of the refusal.
UNFIT = [
    (
        "{ orders { nodes { id } } }",
        "x",
        "ORDER_PLACED",
        "UNFIT_DOCUMENT",
        "document",
        "the form",
    ),
    (
        "query ($id: ID!) { node(id: $id) { ... on Order { numbr } } }",
        "x",
        "ORDER_PLACED",
        "UNFIT_DOCUMENT",
        "document",
        "'numbr'",
    ),
    (
        "query ($id: ID!) { node(id: $id) { ... on Product { title } } }",
        "x",
        "ORDER_PLACED",
        "UNFIT_DOCUMENT",
        "document",
        "selects nothing of an Order",
    ),
    (DOCUMENT, "{{ selected.total }}", "ORDER_PLACED", "UNKNOWN_VARIABLE", "text", "total"),
    (
        DOCUMENT,
        "{{ selected.lines }}",
        "ORDER_PLACED",
        "FORBIDDEN_IN_TEMPLATE",
        "text",
        "what is no text",
    ),
    (None, "{{ selected.number }}", "ORDER_PLACED", "UNKNOWN_VARIABLE", "text", "selected"),
    (DOCUMENT, "x", "TICKET_SURVEY", "NOTHING_TO_SELECT_OF", "document", "about an order"),
]
RIGHTS = frozenset(
    {
        Scope.MESSAGES_READ,
        Scope.MESSAGES_WRITE,
        Scope.ORDERS_READ,
        Scope.CUSTOMERS_READ,
        Scope.PERSONAL_READ,
        Scope.PRODUCTS_READ,
    }
)


@pytest.fixture
def author(post):
    """Whoever sets templates: a token that there is."""
    command = CreateToken(name="Author", scopes=tuple(sorted(RIGHTS)))
    id = post.world.run(create_token, command).value.id
    return Caller(Actor(ActorKind.TOKEN, id, "Author"), RIGHTS)


async def put(post, who, document=DOCUMENT, text=TEXT, topic="ORDER_PLACED"):
    given = {"topic": topic, "locale": "en", "subject": "s", "text": text, "document": document}
    answer = await post.world.ask(SET, caller=who, input=given)
    assert "errors" not in answer, answer
    return answer["data"]["messageTemplateSet"]


async def enabled(post, who):
    made = await put(post, who)
    assert made["userErrors"] == []
    id = ids.parse("mtp", made["template"]["id"])
    post.world.run(enable_template, EnableMessageTemplate(id=id), caller=who)


class TestDocument:
    async def test_gives_a_template_its_words_beside_the_named_ones(self, post, author):
        await enabled(post, author)
        post.place()

        assert post.follow() == 1

        assert post.message().text == SAID
        assert post.broken() == []

    async def test_is_kept_with_each_wording(self, post, author):
        await put(post, author)
        made = await put(post, author, document=None, text="{{ order.number }}")

        assert made["template"] == {
            "id": made["template"]["id"],
            "revision": 2,
            "document": None,
            "revisions": [{"document": None}, {"document": DOCUMENT}],
        }

    async def test_is_answered_with_the_rights_that_its_author_has_then(self, post, author):
        await enabled(post, author)
        order = post.place()
        post.world.run(revoke_token, RevokeToken(id=author.actor.id))

        assert post.refused(send_message, SendMessage(order_id=order, topic=PLACED)) == [
            "SELECTION_NOT_READ"
        ]
        post.follow()

        found = post.message()
        assert (found.status, found.failure) == (
            MessageStatus.SUPPRESSED,
            MessageFailure.BAD_TEMPLATE,
        )
        assert found.reason == (
            "What the template selects cannot be read: "
            "whoever set the template has no access any more."
        )

    async def test_is_checked_when_it_is_set(self, post, author):
        for document, text, topic, code, path, said in UNFIT:
            (error,) = (await put(post, author, document, text, topic))["userErrors"]

            assert (error["code"], error["path"]) == (code, ["input", path])
            assert said in error["message"]

    async def test_takes_the_rights_to_what_it_selects(self, post):
        (error,) = (await put(post, caller(*RIGHTS - {Scope.CUSTOMERS_READ})))["userErrors"]

        assert (error["code"], error["scopes"]) == ("SCOPE_NOT_HELD", ["customers:read"])


class TestPreview:
    async def test_shows_what_was_selected_of_a_real_order(self, post, author):
        order = ids.text("ord", post.place())
        given = {"orderId": order, "topic": "ORDER_PLACED", "subject": "s", "text": TEXT}
        reader = caller(*RIGHTS)

        async def shown(who, **more):
            answer = await post.world.ask(PREVIEW, caller=who, input={**given, **more})
            return answer["data"]["messagePreview"] if answer["data"] else answer["errors"][0]

        found = await shown(reader, document=DOCUMENT)
        assert found["text"] == SAID
        assert found["selected"]["lines"]["nodes"][1]["sku"] == "POST"
        # By the rights of who looks, not of who wrote it.
        blind = caller(Scope.MESSAGES_READ, Scope.PERSONAL_READ)
        refused = await shown(blind, document=DOCUMENT)
        assert "needs scopes" in refused["message"]
