"""One order from the shop to the doorstep over GraphQL, with what goes wrong on the way.

Placed, paid, reviewed, allocated, picked, packed, invoiced, labelled, shipped, tracked, delivered:
in three shipments from two sites, as a piece was not found. On both databases.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from backoffice_api.domain.all_checks import CHECKS
from backoffice_api.domain.fulfillment.commands import keeping
from backoffice_api.domain.identity.commands.tokens import CreateToken, create_token
from backoffice_api.domain.invoicing.commands.sellers import SetSeller, set_seller
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import ALL_SCOPES
from backoffice_api.domain.kernel.uow import Actor, ActorKind, Caller
from backoffice_api.domain.messages.commands import writing
from backoffice_api.domain.messages.commands.sending import SEND_JOB
from backoffice_api.domain.messages.ports import MailOutcome
from backoffice_api.domain.orders.commands import backorders
from backoffice_api.domain.reviews.commands import following
from backoffice_api.domain.scanning.commands.devices import RegisterDevice, register_device
from backoffice_api.domain.subscriptions import JOBS
from backoffice_api.task import Task
from backoffice_api.tasks.messages import SendMessages
from backoffice_api.tasks.shipping import tasks_of
from backoffice_api.worker import Worker
from tests.invoicing.office import SELLER
from tests.messages.post import Script
from tests.shipping.desk import Desk
from tests.soundness import broken

_KINDS = (
    following.FOLLOW_JOB,
    following.ASSESS_JOB,
    writing.FOLLOW_JOB,
    backorders.FILL_JOB,
    keeping.FILL_JOB,
)
_PLACE = """
  recipient: "Ana Silva", lines: ["Rua Augusta"], city: "São Paulo", region: "SP"
  postalCode: "01304-001",
"""
SET_UP = """
mutation ($channel: ID!) {
  channelUpdate(id: $channel, input: {paymentGate: PAID}) { userErrors { code } }
  reviewPolicySet(input: {channelId: $channel}) { userErrors { code } }
  placed: messageTemplateSet(input: {topic: ORDER_PLACED, locale: "en"}) { template { id } }
  shipped: messageTemplateSet(input: {topic: ORDER_SHIPPED, locale: "en"}) { template { id } }
  arrived: messageTemplateSet(input: {topic: ORDER_DELIVERED, locale: "en"}) { template { id } }
}
"""
ENABLE = "mutation ($id: ID!) { messageTemplateEnable(id: $id) { userErrors { code } } }"
PLACE = f"""
mutation ($channel: ID!, $meta: MutationMeta) {{
  orderCreate(meta: $meta, input: {{
    channel: {{id: $channel}}, place: true, email: "ana@mailinator.com", phone: "+5511999999999"
    shippingAddress: {{ {_PLACE} country: "BR" }}
    billingAddress: {{ {_PLACE} country: "US" }}
    lines: [
      {{sku: "MUG", quantity: 3, tax: {{amount: "5.70", currency: "EUR"}}}}
      {{sku: "BOOK", quantity: 2, tax: {{amount: "1.40", currency: "EUR"}}}}
    ]
  }}) {{ order {{ id number }} replayed userErrors {{ code }} }}
}}
"""
STAND = """
query ($id: ID!) {
  order(by: {id: $id}) {
    status paymentStatus fulfillmentStatus holds { kind }
    review { id status }
    lines { nodes { quantity shipped delivered } }
    trackings { nodes { carrier number state } }
    fulfillments { nodes { id number status location { code } lines { id quantity picked } } }
    timeline(first: 100) { nodes { type } }
  }
}
"""
ASK = """
mutation ($id: ID!) {
  paymentCreate(input: {orderId: $id, method: BANK_TRANSFER}) { payment { id } userErrors { code } }
}
"""
PAID = """
mutation ($id: ID!, $amount: Decimal!) {
  paymentRecord(id: $id, input: {amount: {amount: $amount, currency: "EUR"}}) {
    payment { order { paymentStatus } } userErrors { code }
  }
}
"""
ACCEPT = "mutation ($id: ID!) { reviewAccept(id: $id, input: {}) { userErrors { code } } }"
PLAN = """
mutation ($id: ID!) {
  fulfillmentPlan(input: {orderIds: [$id]}) { fulfillments { number } userErrors { code } }
}
"""
WAVE = """
mutation ($site: ID!) {
  wavePlan(input: {locationId: $site}) {
    wave { id } userErrors { code ... on NothingForWaveError { held } }
  }
}
"""
RELEASE = "mutation ($id: ID!) { waveRelease(id: $id) { wave { status } userErrors { code } } }"
SCANS = """
mutation ($id: ID!, $scans: [ScanInput!]!) {
  scanBatch(id: $id, input: {scans: $scans}) { results { status refusal } userErrors { code } }
}
"""
SHORT = """
mutation ($id: ID!) {
  fulfillmentFinishPicking(id: $id, input: {short: true}) {
    fulfillment { status } userErrors { code }
  }
}
"""
ADJUST = """
mutation ($sku: ID!, $empty: ID!, $site: ID!) {
  stockAdjust(input: {lines: [
    {variantId: $sku, locationId: $empty, setTo: 0, bucket: QUARANTINE}
    {variantId: $sku, locationId: $site, setTo: 1}
  ]}) { userErrors { code } }
}
"""
BILL = """
mutation ($order: ID!, $id: ID!) {
  invoiceCreate(input: {orderId: $order, fulfillmentId: $id}) {
    invoice { total { amount } } userErrors { code }
  }
}
"""
WEIGH = """
mutation ($id: ID!) {
  parcelUpdate(id: $id, input: {weightG: 900}) { userErrors { code } }
}
"""
SEND = """
mutation ($service: ID!, $parcel: ID!) {
  shipmentCreate(input: {serviceId: $service, parcels: [{parcelId: $parcel}]}) {
    shipments { id } userErrors { code }
  }
}
"""
LABEL = "mutation ($id: ID!) { labelBuy(id: $id, input: {}) { userErrors { code } } }"
LEAVE = """
mutation ($id: ID!) {
  fulfillmentShip(id: $id) { fulfillment { status } userErrors { code } }
}
"""
TOLD = """
mutation ($events: [TrackingEventInput!]!) {
  trackingRecord(input: {events: $events}) { results { outcome } }
}
"""
CLOSE = """
mutation ($id: ID!) {
  orderClose(id: $id) {
    order { status } userErrors { code ... on LeftToShipError { quantity } }
  }
}
"""
JOURNEY = (Path(__file__).parents[2] / "operations" / "OrderJourney.graphql").read_text()


class Story:
    """A shop with mugs in NORTH and two books in SOUTH, a phone, a carrier and a mail server."""

    def __init__(self, world, folder):
        self.world = world
        self.desk = Desk(world, folder)
        self.shop = self.desk.shop
        self.book = self.shop.variant("BOOK", 0, 2)
        service, self.carrier = self.desk.fake()
        self.service = ids.text("svc", service)
        self.north, self.south = (ids.text("loc", each) for each in self.shop.locations)
        world.run(set_seller, SetSeller(**SELLER, channel_ids=(self.shop.channel_id,)))
        token = CreateToken(name="Phone", scopes=())
        token_id = world.run(create_token, token).value.id
        self.phone = Caller(Actor(ActorKind.TOKEN, token_id, "Phone"), ALL_SCOPES)
        self.mailer = Script(MailOutcome.LATER)
        device = RegisterDevice(code="PHONE", name="Phone", token_id=token_id)
        self.device = ids.text("dev", world.run(register_device, device).value)
        self.hours = 0
        self.scanned = 0

    async def ask(self, document, **variables):
        """What the only field of a document answers."""
        (answer,) = (await self.world.graphql(document, **variables)).values()
        assert not answer.get("userErrors"), answer
        return answer

    async def order(self, id):
        return (await self.world.graphql(STAND, id=id))["order"]

    def work(self):
        """What workers do until nothing is left, an hour later each time."""
        self.hours += 1
        now = datetime.now(UTC) + timedelta(hours=self.hours)
        tasks = {
            **tasks_of(self.world.database, self.desk.carriers, self.desk.storage, lambda: now),
            SEND_JOB: Task(
                lambda *_: SendMessages(self.world.database, self.mailer, lambda: now)(), every_s=10
            ),
        }
        self.world.settle()
        worker = Worker(self.world.database, {kind: JOBS[kind] for kind in _KINDS}, tasks)
        worker.work(now - timedelta(minutes=30))
        while worker.work(now):
            pass

    async def scans(self, *scans):
        """What becomes of scans of the phone."""
        given = []
        for each in scans:
            self.scanned += 1
            at = datetime.now(UTC) - timedelta(minutes=1)
            given.append({"sequence": self.scanned, "scannedAt": at.isoformat(), **each})
        document = await self.world.ask(SCANS, caller=self.phone, id=self.device, scans=given)
        return [
            each["refusal"] or each["status"] for each in document["data"]["scanBatch"]["results"]
        ]

    async def pick(self, number, *skus):
        scans = [{"kind": "PICK", "code": sku, "fulfillment": number} for sku in skus]
        return await self.scans(*scans)

    async def pack(self, number, *skus):
        """Pack everything into one box. Its id."""
        scans = [
            {"kind": "PACK", "code": sku, "fulfillment": number, "parcel": f"BOX-{number}"}
            for sku in skus
        ]
        assert set(await self.scans(*scans)) == {"ACCEPTED"}
        text = "query ($code: String!) { codeResolve(code: $code) { candidates { node { id } } } }"
        (found,) = (await self.ask(text, code=f"BOX-{number}"))["candidates"]
        return found["node"]["id"]

    async def send(self, order, fulfillment, parcel):
        """Bill, label and ship what is packed."""
        await self.ask(BILL, order=order, id=fulfillment)
        await self.ask(WEIGH, id=parcel)
        sent = await self.ask(SEND, service=self.service, parcel=parcel)
        await self.ask(LABEL, id=sent["shipments"][0]["id"])
        self.work()
        shipped = await self.ask(LEAVE, id=fulfillment)
        assert shipped["fulfillment"]["status"] == "SHIPPED"

    async def tell(self, *events):
        """What carriers tell: of a tracking, which code, how many minutes ago."""
        now = datetime.now(UTC)
        given = [
            {
                "carrier": tracking["carrier"],
                "number": tracking["number"],
                "source": "easypost",
                "code": code,
                "occurredAt": (now - timedelta(minutes=minutes)).isoformat(),
            }
            for tracking, code, minutes in events
        ]
        told = await self.ask(TOLD, events=given)
        return [each["outcome"] for each in told["results"]]


def stand(order):
    """How an order stands, in three words."""
    return order["status"], order["paymentStatus"], order["fulfillmentStatus"]


class TestOneOrder:
    async def test_comes_from_the_shop_to_the_doorstep(self, world, tmp_path):
        story = Story(world, tmp_path)
        ask, channel = story.ask, ids.text("chn", story.shop.channel_id)
        made = await world.graphql(SET_UP, channel=channel)
        for topic in ("placed", "shipped", "arrived"):
            await ask(ENABLE, id=made[topic]["template"]["id"])
        # Placed twice by a client that got no answer.
        meta = {"idempotencyKey": "once"}
        placed = [await ask(PLACE, channel=channel, meta=meta) for _ in range(2)]
        assert [each["replayed"] for each in placed] == [False, True]
        id = placed[1]["order"]["id"]
        order = await story.order(id)
        assert stand(order) == ("OPEN", "UNPAID", "ALLOCATED")
        early = (await world.graphql(CLOSE, id=id))["orderClose"]["userErrors"]
        assert early == [{"code": "LEFT_TO_SHIP", "quantity": 5}]
        # Paid in two parts; then judged, and looked at by somebody.
        payment = (await ask(ASK, id=id))["payment"]["id"]
        for amount, status in (("50.00", "PARTIALLY_PAID"), ("7.10", "PAID")):
            paid = await ask(PAID, id=payment, amount=amount)
            assert paid["payment"]["order"]["paymentStatus"] == status
        await ask(PLAN, id=id)
        unjudged = await world.graphql(WAVE, site=story.north)
        assert unjudged["wavePlan"]["userErrors"] == [{"code": "NOTHING_FOR_WAVE", "held": 1}]
        story.work()
        order = await story.order(id)
        assert (order["review"]["status"], order["holds"]) == ("OPEN", [{"kind": "FRAUD"}])
        await ask(ACCEPT, id=order["review"]["id"])
        # Two shipments from two sites, each in a wave; one book is not found.
        for site in (story.north, story.south):
            wave = (await ask(WAVE, site=site))["wave"]["id"]
            assert (await ask(RELEASE, id=wave))["wave"]["status"] == "RELEASED"
        found = {
            each["location"]["code"]: each
            for each in (await story.order(id))["fulfillments"]["nodes"]
        }
        mugs, books = found["NORTH"], found["SOUTH"]
        assert await story.pick(mugs["number"], "MUG", "BOOK", "MUG", "MUG") == [
            "ACCEPTED",
            "WRONG_ITEM",
            "ACCEPTED",
            "ACCEPTED",
        ]
        assert await story.pick(books["number"], "BOOK") == ["ACCEPTED"]
        assert (await ask(SHORT, id=books["id"]))["fulfillment"]["status"] == "PICKED"
        boxes = [
            await story.pack(mugs["number"], "MUG", "MUG", "MUG"),
            await story.pack(books["number"], "BOOK"),
        ]
        # The carrier sells a label and answers what nobody can read: it is not bought twice.
        story.carrier.tell("garbage")
        await story.send(id, mugs["id"], boxes[0])
        story.work()
        await story.send(id, books["id"], boxes[1])
        assert len(story.carrier.sold()) == 2
        order = await story.order(id)
        assert stand(order) == ("OPEN", "PAID", "PARTIALLY_SHIPPED")
        # What was not found is promised to nobody again: it lies in quarantine, to be counted.
        assert "PLANNED" not in {each["status"] for each in order["fulfillments"]["nodes"]}
        # The book is written off in SOUTH, one comes in NORTH, and is sent after the others.
        await ask(ADJUST, sku=ids.text("sku", story.book), empty=story.south, site=story.north)
        story.work()
        story.work()
        planned = (await story.order(id))["fulfillments"]["nodes"]
        (late,) = (each for each in planned if each["status"] == "PLANNED")
        assert late["location"] == {"code": "NORTH"}
        await ask(RELEASE, id=(await ask(WAVE, site=story.north))["wave"]["id"])
        assert await story.pick(late["number"], "BOOK") == ["ACCEPTED"]
        await story.send(id, late["id"], await story.pack(late["number"], "BOOK"))
        order = await story.order(id)
        assert stand(order) == ("OPEN", "PAID", "SHIPPED")
        # Carriers tell twice, in any order, and what nobody knows.
        one, two, three = order["trackings"]["nodes"]
        delivered = (one, "delivered/x", 5)
        told = await story.tell(delivered, (one, "in_transit/x", 30), delivered, (two, "odd/x", 3))
        assert told == ["RECORDED", "RECORDED", "REPEATED", "RECORDED"]
        assert stand(await story.order(id))[2] == "PARTIALLY_DELIVERED"
        await story.tell((two, "delivered/x", 2), (three, "delivered/x", 1))
        order = await story.order(id)
        assert stand(order) == ("OPEN", "PAID", "DELIVERED")
        assert [(each["shipped"], each["delivered"]) for each in order["lines"]["nodes"]] == [
            (3, 3),
            (2, 2),
        ]
        # The mail server was down at first; nothing is lost, and nothing is sent twice.
        for _ in range(3):
            story.work()
        topics = [each.subject.split()[-1] for each in story.mailer.mails]
        assert len(topics) == 1 + 7
        # The screen of the whole way takes one query.
        seen = await ask(JOURNEY, by={"id": id})
        ended = [each["status"] for each in seen["fulfillments"]["nodes"]]
        assert sorted(ended) == ["CANCELLED", *["DELIVERED"] * 3]
        assert [each["state"] for each in seen["trackings"]["nodes"]] == ["DELIVERED"] * 3
        assert len(seen["invoices"]["nodes"]) == len(seen["shipments"]["nodes"]) == 3
        allowed = {each["name"] for each in seen["actions"] if each["allowed"]}
        assert "close" in allowed
        assert (await ask(CLOSE, id=id))["order"]["status"] == "CLOSED"
        assert broken(world.database, CHECKS) == []
