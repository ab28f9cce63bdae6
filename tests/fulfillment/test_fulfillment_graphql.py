"""Fulfillment over GraphQL, from the order to the door, on both databases."""

from datetime import timedelta

import pytest

from backoffice_api.domain.fulfillment.commands.shipping import ShipFulfillment, ship_fulfillment
from backoffice_api.domain.fulfillment.model.fulfillments import FulfillmentState
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.commands.variants import UpdateVariant, update_variant
from tests.databases import count_statements
from tests.fulfillment.test_fulfillments import split
from tests.orders.shop import address, goods
from tests.world import NOW, caller

SET = """
mutation ($site: ID!) {
  calendarSet(input: {
    code: "default", name: "Week", timeZone: "America/Sao_Paulo", weekdays: [1, 2, 3, 4, 5],
    cutOff: 840, holidays: [{day: "2025-03-03", name: "Carnival"}]
  }) { calendar { code weekdays holidays { day name } } userErrors { code } }
  fulfillmentSiteSet(input: {
    locationId: $site, country: "BR", region: "SP", postalCode: "01310-100", weightCheck: REFUSE
  }) { site { country weightCheck location { code } } userErrors { code } }
  routingStrategySet(input: {code: "near", splitWeight: 0, distanceWeight: 1000}) {
    strategy { code splitWeight distanceWeight } userErrors { code }
  }
  packagingSet(input: {
    code: "S", name: "Small", lengthMm: 200, widthMm: 150, heightMm: 100, weightG: 90
  }) { packaging { id code } userErrors { code } }
}
"""
PREVIEW = """
query ($id: ID!) {
  fulfillmentPlanPreview(orderId: $id, strategy: "near") {
    reasons
    routes { name score shipments legs { location { code } pieces steps } missing { quantity } }
  }
}
"""
PLAN = """
mutation ($id: ID!, $dry: Boolean!) {
  fulfillmentPlan(input: {orderIds: [$id], strategy: "near"}, meta: {dryRun: $dry}) {
    fulfillments {
      id number status zone explanation shipBy deliverBy location { code }
      lines { id quantity variant { sku } orderLine { sku } }
    }
    userErrors { code }
  }
}
"""
WAVE = """
mutation ($site: ID!) {
  wavePlan(input: {locationId: $site, zone: "BR-SP"}) {
    wave { id status fulfillments { nodes { number } } } userErrors { code }
  }
}
"""
RELEASE = """
mutation ($id: ID!) { waveRelease(id: $id) { wave { status } userErrors { code } } }
"""
LISTS = """
query ($site: ID!) {
  pickLists(locationId: $site) {
    location { code }
    stops { quantity walk location { code } variant { sku } fulfillment { number } }
  }
}
"""
SCAN = """
mutation ($id: ID!, $code: String!) {
  pickScan(id: $id, input: {code: $code, quantity: 3}) {
    fulfillment { status lines { picked picks { quantity location { code } } } wave { status } }
    userErrors { code path }
  }
}
"""
BOX = """
mutation ($id: ID!) {
  parcelCreate(input: {fulfillmentId: $id}) { parcel { id code } userErrors { code } }
}
"""
PACK = """
mutation ($id: ID!, $code: String!) {
  parcelPack(id: $id, input: {items: [{code: $code, quantity: 3}]}) {
    parcel { lines { quantity } fulfillment { status } } userErrors { code path }
  }
}
"""
WEIGH = """
mutation ($id: ID!, $weight: Int!) {
  parcelUpdate(id: $id, input: {weightG: $weight}) {
    parcel { weightG weightFlag }
    userErrors { code ... on WrongWeightError { measuredG expectedG toleratedG } }
  }
}
"""
SHIP = """
mutation ($id: ID!) {
  fulfillmentShip(id: $id) {
    fulfillment { status order { fulfillmentStatus } parcels { shippedAt } }
    effects { kind } userErrors { code }
  }
}
"""
PAGE = """
query ($id: ID!) {
  order(by: {id: $id}) {
    promise { shipBy deliverBy }
    fulfillments { nodes {
      number status actions { name allowed blockedBy } timeline { nodes { type } }
      lines { quantity variant { sku } } parcels { code } stops { walk } putBacks { quantity }
      wave { name } location { code fulfillmentSite { calendar { code } } }
    } }
  }
}
"""


def weigh(hall, sku, grams):
    id = hall.world.read(products.variants_by_skus, [sku])[sku].id
    hall.world.run(update_variant, UpdateVariant(id=id, weight_g=grams))


class TestLife:
    async def test_leads_from_the_plan_to_the_door(self, hall):
        ask, north = hall.world.graphql, ids.text("loc", hall.north)
        hall.variant("A", 9, 9)
        weigh(hall, "A", 400)
        set_up = await ask(SET, site=north)
        assert all(each["userErrors"] == [] for each in set_up.values())
        assert set_up["calendarSet"]["calendar"]["holidays"] == [
            {"day": "2025-03-03", "name": "Carnival"}
        ]
        order = hall.place(goods("A", 3), shipping_address=address())
        id = ids.text("ord", order)

        preview = (await ask(PREVIEW, id=id))["fulfillmentPlanPreview"]
        assert [(each["name"], each["score"]) for each in preview["routes"]] == [
            ("all from NORTH", 1),
            ("all from SOUTH", 3002),
        ]
        dry = (await ask(PLAN, id=id, dry=True))["fulfillmentPlan"]
        assert dry["fulfillments"][0]["number"] == "W-1-1"
        assert hall.of_order(order) == ()
        (planned,) = (await ask(PLAN, id=id, dry=False))["fulfillmentPlan"]["fulfillments"]
        # Placed on Saturday; Monday is a holiday. The cut-off is at 14:00 in São Paulo.
        assert (planned["shipBy"], planned["zone"]) == ("2025-03-04T17:00:00Z", "BR-SP")
        assert planned["location"]["code"] == "NORTH"

        wave = (await ask(WAVE, site=north))["wavePlan"]["wave"]
        assert wave["fulfillments"]["nodes"] == [{"number": "W-1-1"}]
        assert (await ask(RELEASE, id=wave["id"]))["waveRelease"]["wave"] == {"status": "RELEASED"}
        (found,) = (await ask(LISTS, site=north))["pickLists"]
        assert found["stops"] == [
            {
                "quantity": 3,
                "walk": 0,
                "location": {"code": "NORTH"},
                "variant": {"sku": "A"},
                "fulfillment": {"number": "W-1-1"},
            }
        ]
        scanned = await ask(SCAN, id=planned["id"], code="B")
        assert scanned["pickScan"]["userErrors"] == [
            {"code": "WRONG_ITEM", "path": ["input", "picks", "0", "code"]}
        ]
        picked = (await ask(SCAN, id=planned["id"], code="A"))["pickScan"]["fulfillment"]
        assert (picked["status"], picked["wave"]) == ("PICKED", {"status": "DONE"})

        box = (await ask(BOX, id=planned["id"]))["parcelCreate"]["parcel"]
        assert box["code"] == "W-1-1-P1"
        packed = (await ask(PACK, id=box["id"], code="A"))["parcelPack"]
        assert packed["parcel"]["fulfillment"] == {"status": "PACKED"}
        more = (await ask(PACK, id=box["id"], code="A"))["parcelPack"]
        assert more["userErrors"][0]["code"] == "INVALID_TRANSITION"
        wrong = (await ask(WEIGH, id=box["id"], weight=900))["parcelUpdate"]
        assert wrong["userErrors"] == [
            {"code": "WRONG_WEIGHT", "measuredG": 900, "expectedG": 1200, "toleratedG": 60}
        ]
        assert (await ask(WEIGH, id=box["id"], weight=1210))["parcelUpdate"]["userErrors"] == []
        shipped = (await ask(SHIP, id=planned["id"]))["fulfillmentShip"]

        assert shipped["fulfillment"]["status"] == "SHIPPED"
        assert shipped["fulfillment"]["order"] == {"fulfillmentStatus": "SHIPPED"}
        assert [each["kind"] for each in shipped["effects"]] == [
            "order.shipped",
            "reservation.consumed",
            "fulfillment.shipped",
        ]
        page = (await ask(PAGE, id=id))["order"]
        assert page["promise"]["shipBy"] == "2025-03-04T17:00:00Z"
        assert [each["type"] for each in page["fulfillments"]["nodes"][0]["timeline"]["nodes"]] == [
            "fulfillment.shipped",
            "fulfillment.packed",
            "fulfillment.picked",
            "fulfillment.picked_from",
            "fulfillment.released",
            "fulfillment.updated",
            "fulfillment.planned",
        ]
        assert hall.broken() == []

    async def test_a_page_takes_the_same_statements_whatever_is_on_it(self, hall):
        hall.variant("A", 90)
        one, many = hall.place(goods("A", 1)), hall.place(goods("A", 9))
        hall.plan(one)
        hall.plan(many)

        async def counted(order):
            with count_statements(hall.world.database) as statements:
                await hall.world.graphql(PAGE, id=ids.text("ord", order))
            return len(statements)

        first = await counted(one)
        (id,) = [each.id for each in hall.of_order(many)]
        for _ in range(3):
            split(hall, id, 1)
        assert await counted(many) == first


DELIVER = """
mutation ($id: ID!, $input: FulfillmentDeliverInput!) {
  fulfillmentDeliver(id: $id, input: $input) {
    fulfillment { status deliveredAt order { fulfillmentStatus } actions { name allowed } }
    userErrors { code path }
  }
}
"""


class TestDelivering:
    async def test_is_said_by_hand_of_what_no_carrier_follows(self, hall):
        hall.variant("A", 9)
        id = hall.planned(goods("A", 2))
        hall.release(id)
        hall.pick(id)

        async def told(reason="Picked up at the counter.", at=None):
            given = {"reason": reason, "deliveredAt": at}
            found = await hall.world.graphql(DELIVER, id=ids.text("ful", id), input=given)
            return found["fulfillmentDeliver"]

        assert (await told())["userErrors"] == [{"code": "INVALID_TRANSITION", "path": None}]
        hall.send(id)
        assert (await told(" "))["userErrors"] == [
            {"code": "INVALID_TEXT", "path": ["input", "reason"]}
        ]
        early = (NOW - timedelta(days=1)).isoformat()
        assert (await told(at=early))["userErrors"] == [
            {"code": "ARRIVED_AT_NO_SUCH_TIME", "path": ["input", "deliveredAt"]}
        ]
        fulfillment = (await told())["fulfillment"]
        assert (fulfillment["status"], fulfillment["order"]) == (
            "DELIVERED",
            {"fulfillmentStatus": "DELIVERED"},
        )
        (event,) = (each for each in hall.log(id) if each.type == "fulfillment.delivered")
        assert event.data["reason"] == "Picked up at the counter."
        assert hall.broken() == []


class TestRights:
    @pytest.mark.parametrize(
        "document",
        [
            "{ fulfillments { nodes { id } } }",
            "{ parcels { nodes { id } } }",
            "{ waves { nodes { id } } }",
            "{ pickLists { stops { quantity } } }",
            "{ slaRisk { lateMinutes } }",
            "{ calendars { nodes { code } } }",
        ],
    )
    async def test_are_needed_to_see_anything(self, hall, document):
        blind = caller(*(ALL_SCOPES - {Scope.FULFILLMENT_READ}))

        answer = await hall.world.ask(document, caller=blind)

        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"

    async def test_are_needed_to_see_costs(self, hall):
        document = '{ location(by: {code: "NORTH"}) { fulfillmentSite { pieceCostMinor } } }'
        blind = caller(*(ALL_SCOPES - {Scope.COSTS_READ}))

        answer = await hall.world.ask(document, caller=blind)

        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"

    async def test_are_needed_to_plan(self, hall):
        blind = caller(*(ALL_SCOPES - {Scope.FULFILLMENT_WRITE}))
        variables = {"id": ids.text("ord", hall.north), "dry": True}

        answer = await hall.world.ask(PLAN, caller=blind, **variables)

        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


class TestLateness:
    async def test_is_told_with_its_reasons(self, hall):
        await hall.world.graphql(SET, site=ids.text("loc", hall.north))
        hall.variant("A", 9)
        hall.planned(goods("A", 3))

        text = "{ slaRisk { lateMinutes reasons fulfillment { number } } }"
        (risk,) = (await hall.world.graphql(text))["slaRisk"]

        assert risk["lateMinutes"] > 0
        assert risk["reasons"] == ["It is not released."]
        assert risk["fulfillment"] == {"number": "W-1-1"}

    async def test_is_counted_by_site(self, hall):
        await hall.world.graphql(SET, site=ids.text("loc", hall.north))
        hall.variant("A", 9)
        kept, broken, waiting, called_off = (hall.planned(goods("A", 1)) for _ in range(4))
        hall.packed(kept)
        hall.packed(broken)
        hall.send(kept)
        hall.world.run(ship_fulfillment, ShipFulfillment(id=broken), now=NOW + timedelta(days=5))
        hall.cancelled(called_off)

        text = """
        query ($since: DateTime!) { dispatchFigures(since: $since) {
          location { code } due onTime late waiting delivered deliveredLate
        } }
        """
        counted = (await hall.world.graphql(text, since=NOW.isoformat()))["dispatchFigures"]
        none = (await hall.world.graphql(text, since="2025-03-05T00:00:00Z"))["dispatchFigures"]

        assert hall.of(waiting).status is FulfillmentState.PLANNED
        sums = {"due": 3, "onTime": 1, "late": 1, "waiting": 1, "delivered": 0, "deliveredLate": 0}
        assert (counted, none) == ([{"location": {"code": "NORTH"}, **sums}], [])
