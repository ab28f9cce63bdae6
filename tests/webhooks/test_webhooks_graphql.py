"""Webhooks as a client sees them: over GraphQL, on both databases."""

from datetime import timedelta

import pytest

from backoffice_api.domain.customers.commands.customers import UpdateCustomer, update_customer
from backoffice_api.domain.identity.commands.tokens import RevokeToken, revoke_token
from backoffice_api.domain.identity.model.staff import ScopeNotHeld
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.errors import SeveralFaults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.domain.webhooks.commands.subscribing import UpdateWebhook, updating
from backoffice_api.domain.webhooks.model.deliveries import DeliveryFailure, DeliveryStatus
from backoffice_api.domain.webhooks.model.selecting import Condition
from backoffice_api.domain.webhooks.model.webhooks import PauseReason, WebhookStatus
from backoffice_api.schema.payload_documents import DOCUMENTS
from tests.databases import count_statements
from tests.webhooks.consumer import answer, hang
from tests.webhooks.room import DOCUMENT
from tests.world import caller

SHOWN = "webhook { id status pauseReason eventTypes owner { kind id } } userErrors { code path }"
CREATE = f"""
mutation ($input: WebhookCreateInput!, $meta: MutationMeta) {{
  webhookCreate(input: $input, meta: $meta) {{ {SHOWN} secret replayed effects {{ kind }} }}
}}
"""
STEP = """
mutation ($id: ID!) { %s(id: $id%s) { webhook { id status pauseReason } userErrors { code } } }
"""
LIST = """
query ($filter: WebhookDeliveryFilter) {
  webhookDeliveries(filter: $filter) {
    nodes {
      id status failure reason attempts responseStatus answer sequence eventType
      webhook { name state { failures } } event { type } subject { id }
      tries { nodes { number responseStatus answer } }
    }
  }
  webhookDeliveriesCount(filter: $filter) { value }
}
"""
GIVEN = {
    "name": "partner",
    "url": "https://example.com/hook",
    "eventTypes": ["customer.*"],
    "document": DOCUMENT,
}
RIGHTS = (
    Scope.WEBHOOKS_WRITE,
    Scope.WEBHOOKS_READ,
    Scope.CUSTOMERS_READ,
    Scope.PERSONAL_READ,
)


def step(name: str, input: str = "") -> str:
    return STEP % (name, f", input: {{{input}}}" if input else "")


class TestWebhookCreate:
    async def test_shows_its_secret_once(self, room):
        told = {"input": GIVEN, "meta": {"idempotencyKey": "one"}}

        first = (await room.world.graphql(CREATE, caller=room.owner, **told))["webhookCreate"]
        again = (await room.world.graphql(CREATE, caller=room.owner, **told))["webhookCreate"]

        assert first["secret"].startswith("whsec_")
        assert len(first["secret"]) == len("whsec_") + 44
        assert (again["secret"], again["replayed"]) == (None, True)
        assert again["webhook"] == first["webhook"]
        assert first["webhook"]["owner"]["id"] == ids.text("tok", room.owner.actor.id)
        assert [each["kind"] for each in first["effects"]] == ["webhook.created"]

    @pytest.mark.parametrize(
        ("changed", "code", "path"),
        [
            ({"url": "ftp://example.com/"}, "UNFIT_URL", ["input", "url"]),
            ({"url": "http://169.254.169.254/"}, "UNFIT_URL", ["input", "url"]),
            ({"name": ""}, "INVALID_TEXT", ["input", "name"]),
            ({"eventTypes": []}, "UNKNOWN_EVENT_TYPE", ["input", "eventTypes"]),
            ({"eventTypes": ["nope.*"]}, "UNKNOWN_EVENT_TYPE", ["input", "eventTypes", "0"]),
            (
                {"conditions": [{"fact": "nope", "values": ["1"]}]},
                "UNKNOWN_FACT",
                ["input", "conditions", "0", "fact"],
            ),
            ({"document": "{ me { name } }"}, "UNFIT_DOCUMENT", ["input", "document"]),
            ({"document": "query {"}, "UNFIT_DOCUMENT", ["input", "document"]),
            (
                {"document": 'query ($id: ID!) { node(id: "x") { id } other: me { name } }'},
                "UNFIT_DOCUMENT",
                ["input", "document"],
            ),
            (
                {
                    "document": "query ($id: ID!) { node(id: $id) { ... on Customer "
                    "{ timeline(first: 250) { nodes { id subject { id } changes { path } } } } } }"
                },
                "PAYLOAD_TOO_COSTLY",
                ["input", "document"],
            ),
        ],
    )
    async def test_refuses(self, room, changed, code, path):
        answer = await room.world.graphql(CREATE, caller=room.owner, input={**GIVEN, **changed})

        assert answer["webhookCreate"]["userErrors"] == [{"code": code, "path": path}]
        assert room.told("webhook.created") == []

    async def test_refuses_what_the_caller_may_not_see_himself(self, room):
        given = {**GIVEN, "conditions": [{"fact": "kind", "values": ["x"]}]}
        few = caller(Scope.WEBHOOKS_WRITE, Scope.WEBHOOKS_READ)

        refused = (await room.world.ask(CREATE, caller=few, input=GIVEN))["data"]
        forbidden = await room.world.ask(CREATE, caller=caller(), input=given)

        codes = [each["code"] for each in refused["webhookCreate"]["userErrors"]]
        assert codes == ["SCOPE_NOT_HELD", "SCOPE_NOT_HELD"]
        assert forbidden["errors"][0]["extensions"]["code"] == "FORBIDDEN"


class TestRights:
    async def test_are_those_of_the_owner_when_it_is_sent(self, room, consumer):
        owner = room.token(*RIGHTS)
        made = room.hook(consumer.url, owner=owner)
        dispatcher = room.dispatcher(consumer)
        room.customer()
        room.take_scope(owner, Scope.PERSONAL_READ)

        await room.send(dispatcher)

        (failed,) = room.deliveries()
        assert consumer.received == []
        assert (failed.status, failed.failure) == (
            DeliveryStatus.FAILED,
            DeliveryFailure.FORBIDDEN,
        )
        assert "personal:read" in failed.reason
        assert room.webhook(made.id).status is WebhookStatus.ACTIVE

    async def test_that_ended_stop_the_webhook(self, room, consumer):
        owner = room.token(*RIGHTS)
        made = room.hook(consumer.url, owner=owner)
        room.customer()
        room.run(revoke_token, RevokeToken(id=owner.actor.id), caller=THE_SYSTEM)

        await room.send(room.dispatcher(consumer))

        assert consumer.received == []
        assert room.deliveries()[0].failure is DeliveryFailure.NO_ACCESS
        assert room.webhook(made.id).pause_reason is PauseReason.NO_ACCESS

    async def test_become_those_of_whoever_saves_it(self, room, consumer):
        made = room.hook(consumer.url)
        poor = room.token(Scope.WEBHOOKS_WRITE)
        change = UpdateWebhook(id=made.id, url="https://thief.example/")

        with pytest.raises(SeveralFaults) as refused:
            room.run(updating(DOCUMENTS), change, caller=poor)
        rich = room.token(*RIGHTS)
        room.run(updating(DOCUMENTS), UpdateWebhook(id=made.id, name="new"), caller=rich)

        assert {type(each) for each in refused.value.faults} == {ScopeNotHeld}
        assert room.webhook(made.id).owner_id == rich.actor.id
        assert room.webhook(made.id).url == consumer.url

    async def test_to_the_kind_of_subject_are_needed_for_a_payload_of_nothing(self, room, consumer):
        owner = room.token(*RIGHTS)
        document = "query ($id: ID!) { node(id: $id) { id } }"
        room.hook(consumer.url, owner=owner, document=document)
        room.customer()
        room.take_scope(owner, Scope.CUSTOMERS_READ)

        await room.send(room.dispatcher(consumer))

        assert consumer.received == []
        assert room.deliveries()[0].failure is DeliveryFailure.FORBIDDEN


class TestSelection:
    async def test_is_by_type_fact_and_changed_field(self, room, consumer):
        room.hook(consumer.url, "customer.updated", changed_fields=("tags",))
        wanted = room.customer()
        condition = Condition("customer_id", (ids.text("cus", wanted),))
        given = {"conditions": (condition,)}
        room.hook(consumer.url, "order.placed", "customer.updated", "payment.*", **given)
        for text in ('tags: ["a"]', 'name: "Eva"'):
            change = f"customerUpdate(id: $id, input: {{{text}}}) {{ userErrors {{ code }} }}"
            id = ids.text("cus", wanted)
            await room.world.graphql(f"mutation ($id: ID!) {{ {change} }}", id=id)

        await room.send(room.dispatcher(consumer))

        (received,) = consumer.received
        assert received.json["data"]["node"] == {"id": id, "name": "Eva", "tags": ["a"]}


class TestALife:
    async def test_pauses_resumes_and_catches_up(self, room, consumer):
        made = room.hook(consumer.url)
        id = ids.text("whk", made.id)
        dispatcher = room.dispatcher(consumer)
        room.keep_time()
        paused = await room.world.graphql(step("webhookPause"), id=id)
        room.customer("meanwhile")
        await room.send(dispatcher)
        assert consumer.received == []

        resumed = await room.world.graphql(step("webhookResume", "catchUp: true"), id=id)
        room.work()
        room.keep_time()
        await room.send(dispatcher)
        room.customer("under way")
        consumer.default = hang
        room.world.settle()
        await dispatcher.tick()
        removed = await room.world.graphql(step("webhookRemove"), id=id)
        again = await room.world.graphql(step("webhookPause"), id=id)
        delivery = {"id": ids.text("whd", room.deliveries()[0].id)}
        retry = "mutation ($id: ID!) { webhookDeliveryRetry(id: $id) { userErrors { code } } }"
        retried = await room.world.graphql(retry, **delivery)
        consumer.released.set()
        await dispatcher.drain()
        room.customer("after")
        await room.send(dispatcher)

        assert {each.status for each in room.deliveries()[1:]} == {DeliveryStatus.CANCELLED}
        assert paused["webhookPause"]["webhook"]["pauseReason"] == "BY_HAND"
        assert resumed["webhookResume"]["webhook"]["status"] == "ACTIVE"
        assert removed["webhookRemove"]["webhook"]["status"] == "REMOVED"
        assert again["webhookPause"]["userErrors"] == [{"code": "INVALID_TRANSITION"}]
        assert retried["webhookDeliveryRetry"]["userErrors"] == [{"code": "INVALID_TRANSITION"}]
        names = [each.json["data"]["node"]["name"] for each in consumer.received]
        assert names[0] == "meanwhile"
        assert "after" not in names
        room.verify()

    async def test_catches_up_in_the_order_of_each_subject(self, room, consumer):
        made = room.hook(consumer.url, "customer.*")
        id = ids.text("whk", made.id)
        dispatcher = room.dispatcher(consumer)
        room.keep_time()
        await room.world.graphql(step("webhookPause"), id=id)
        customer = room.customer()
        await room.send(dispatcher)
        await room.world.graphql(step("webhookResume", "catchUp: true"), id=id)
        room.run(update_customer, UpdateCustomer(id=customer, tags=("later",)))

        await room.send(dispatcher)
        assert consumer.received == []
        room.verify()
        room.work()
        room.keep_time()
        await room.send(dispatcher)

        types = [each.json["type"] for each in consumer.received]
        assert types == ["customer.created", "customer.updated"]
        room.verify()

    async def test_replays_from_a_number_under_the_same_id(self, room, consumer):
        for name in ("a", "b"):
            room.customer(name)
        made = room.hook(consumer.url)
        room.customer("c")
        dispatcher = room.dispatcher(consumer)
        await room.send(dispatcher)
        start = room.deliveries()[0].sequence
        replay = "mutation ($id: ID!, $input: WebhookReplayInput!) { webhookReplay"
        replay += "(id: $id, input: $input) { userErrors { code } } }"
        id = ids.text("whk", made.id)

        answers = [
            await room.world.graphql(replay, id=id, input={"afterSequence": after})
            for after in ("0", "0", str(start))
        ]
        room.work()
        room.keep_time()
        await room.send(dispatcher)

        codes = [[e["code"] for e in each["webhookReplay"]["userErrors"]] for each in answers]
        assert codes == [[], ["REPLAY_UNDER_WAY"], ["REPLAY_UNDER_WAY"]]
        names = [each.json["data"]["node"]["name"] for each in consumer.received]
        assert names[0] == "c"
        assert sorted(names[1:]) == ["a", "b", "c"]
        assert len({each.id for each in consumer.received}) == 3
        (ended,) = room.told("webhook.replay_ended")
        assert ended["made"] == 3
        room.verify()

    async def test_is_tried_even_while_it_is_paused(self, room, consumer):
        made = room.hook(consumer.url)
        customer = room.customer()
        id = ids.text("whk", made.id)
        await room.world.graphql(step("webhookPause"), id=id)
        text = "mutation ($id: ID!, $s: ID) { webhookTest(id: $id, input: {subjectId: $s}) "
        text += "{ delivery { id status subject { id } } userErrors { code } } }"
        consumer.answers = [answer(500)]
        for subject in (None, ids.text("cus", customer)):
            await room.world.graphql(text, id=id, s=subject)

        room.keep_time()
        await room.send(room.dispatcher(consumer))

        data = [each.json["data"] for each in consumer.received]
        assert data[0] is None
        assert data[1]["node"]["name"] == "Ana"
        assert {each.json["type"] for each in consumer.received} == {"webhook.test"}
        status = sorted(each.status for each in room.deliveries())
        assert status == [DeliveryStatus.DELIVERED, DeliveryStatus.FAILED]
        assert room.webhook(made.id).pause_reason is PauseReason.BY_HAND


class TestWebhookDeliveries:
    async def test_are_listed_filtered_and_retried_with_few_statements(self, room, consumer):
        consumer.answers = [answer(404, b"no customer ana@example.com here")]
        made = room.hook(consumer.url)
        customer = room.customer()
        dispatcher = room.dispatcher(consumer)
        await room.send(dispatcher)
        for _ in range(2):
            room.customer()
        await room.send(dispatcher, after=timedelta(seconds=6))
        about = {"subjectId": {"eq": ids.text("cus", customer)}}
        whose = {"webhookId": {"eq": ids.text("whk", made.id)}, "status": ["DELIVERED"]}

        with count_statements(room.world.database) as of_one:
            found = await room.world.graphql(LIST, filter=about)
        with count_statements(room.world.database) as of_three:
            everything = await room.world.graphql(LIST, filter=whose)

        (delivery,) = found["webhookDeliveries"]["nodes"]
        tries = delivery["tries"]["nodes"]
        assert [(each["number"], each["responseStatus"]) for each in tries] == [(2, 200), (1, 404)]
        assert tries[1]["answer"] == "no customer ***@*** here"
        assert delivery["webhook"] == {"name": "partner", "state": {"failures": 0}}
        assert delivery["event"] == {"type": "customer.created"}
        assert everything["webhookDeliveriesCount"]["value"] == 3
        assert len(of_one) == len(of_three) <= 8

        retry = "mutation ($id: ID!) { webhookDeliveryRetry(id: $id) "
        retry += "{ delivery { status attempts } userErrors { code } } }"
        answered = await room.world.graphql(retry, id=delivery["id"])
        room.keep_time()
        await room.send(dispatcher)
        assert answered["webhookDeliveryRetry"]["delivery"] == {"status": "PENDING", "attempts": 0}
        assert consumer.received[-1].id == delivery["id"]

    async def test_hide_answers_from_who_may_not_see_persons(self, room):
        few = caller(Scope.WEBHOOKS_READ)

        shown = await room.world.ask("{ webhookDeliveries { nodes { answer } } }", caller=few)
        types = await room.world.ask("{ webhookEventTypes { type facts scope } }", caller=few)

        assert shown["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        placed = next(e for e in types["data"]["webhookEventTypes"] if e["type"] == "order.placed")
        assert placed["scope"] == "ORDERS_READ"
