"""Claims, refusals at the door, and customers' links. On both databases."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert
from starlette.applications import Starlette
from starlette.testclient import TestClient

from backoffice_api.domain.fulfillment.tables import fulfillment_lines, parcel_lines
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.filters import Operator, Test
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.domain.media.commands.files import ReceiveMediaFile, receive_file
from backoffice_api.domain.media.model import MediaType
from backoffice_api.domain.returns import queries
from backoffice_api.domain.returns.commands.links import CreateReturnLink, create_return_link
from backoffice_api.domain.returns.commands.refusals import OpenRefusal, open_refusal
from backoffice_api.domain.returns.model.claims import ClaimSortKey, ClaimState
from backoffice_api.domain.returns.model.links import (
    REQUESTS_A_DAY_MAX,
    UPLOADS_A_DAY_MAX,
    LinkedOrder,
    ReturnLinkNotGood,
    read,
    signed,
)
from backoffice_api.domain.returns.model.returns import ReturnKind, ReturnOrigin, ReturnState
from backoffice_api.domain.returns.queries import claims as on_claims
from backoffice_api.domain.tracking.commands.recording import NoteTracking, note_tracking
from backoffice_api.domain.tracking.model.states import TrackingState
from backoffice_api.web.access_log import AccessLog
from backoffice_api.web.return_links import ReturnLinks
from tests.plans import all_indexed
from tests.tracking.hall import Hall
from tests.world import NOW, caller

OPEN = """
mutation ($input: ClaimOpenInput!) {
  claimOpen(input: $input) {
    return {
      id number kind status lines { waived refundable }
      carrierClaims {
        id number status carrier claimed { amount } exception { kind } tracking { number }
        parcel { id } return { number }
      }
    }
    userErrors { code path }
  }
}
"""
CLAIM = """
  claim { status granted { amount } reference actions { name allowed } }
  userErrors { code ... on ClaimTooHighError { maximum { amount } } }
"""
SUBMIT = (
    'mutation ($id: ID!) { done: carrierClaimSubmit(id: $id, input: {reference: "Z-1"}) {'
    f"{CLAIM}}} }}"
)
GRANT = (
    "mutation ($id: ID!, $amount: MoneyInput) { done: carrierClaimGrant(id: $id, "
    f"input: {{amount: $amount}}) {{{CLAIM}}} }}"
)
PAY = f"mutation ($id: ID!) {{ done: carrierClaimPay(id: $id) {{{CLAIM}}} }}"
REJECT = f"mutation ($id: ID!) {{ done: carrierClaimReject(id: $id, input: {{}}) {{{CLAIM}}} }}"
COMES = """
mutation ($input: ReturnShipmentCreateInput!) {
  returnShipmentCreate(input: $input) {
    shipment {
      number dropOffCode tracking { state } return { status shipments { carrier } }
    }
    userErrors { code }
  }
}
"""
LINK = """
mutation ($id: ID!) {
  returnLinkCreate(input: {orderId: $id, days: 7}) { path order { number } userErrors { code } }
}
"""


@pytest.fixture
def hall(counter):
    hall = Hall(counter.world)
    hall._shop = counter.shop
    return hall


def parcel_of(counter, hall, order, mugs):
    """A parcel that has left, with so many pieces of the first line of an order."""
    (parcel,) = hall.parcels(order)
    line, of = uuid4(), hall.parcel(parcel).fulfillment_id
    with counter.world.database.writing.begin() as db:
        row = {
            "id": line,
            "fulfillment_id": of,
            "order_line_id": counter.shop.lines(order)[0].id,
            "variant_id": counter.mug,
            "position": 0,
            "quantity": mugs,
            "picked": mugs,
            "packed": mugs,
            "shipped": mugs,
        }
        db.execute(insert(fulfillment_lines), [row])
        packed = {"parcel_id": parcel, "fulfillment_line_id": line, "quantity": mugs}
        db.execute(insert(parcel_lines), [packed])
    return parcel


def returns_of(counter, order):
    return counter.world.read(queries.returns_by_orders, [order]).get(order, ())


class TestClaims:
    async def test_are_paid_by_the_shop_and_by_the_carrier(self, counter, hall):
        order = counter.sold(2)
        parcel = parcel_of(counter, hall, order, 2)
        hall.follow(parcel_id=parcel)
        lost = NoteTracking(id=hall.tracking().id, state=TrackingState.LOST, text="Gone.")
        counter.world.run(note_tracking, lost)
        line = {"orderLineId": ids.text("oln", counter.shop.lines(order)[0].id), "quantity": 2}
        where = {"exceptionId": ids.text("tex", hall.exception().id)}

        made = await counter.world.graphql(
            OPEN, input={"kind": "LOST", "lines": [line], "where": where}
        )

        found = made["claimOpen"]["return"]
        assert (found["kind"], found["status"]) == ("CLAIM", "APPROVED")
        assert found["lines"] == [{"waived": 2, "refundable": 2}]
        (claim,) = found["carrierClaims"]
        assert claim == {
            "id": claim["id"],
            "number": f"{found['number']}-C1",
            "status": "OPEN",
            "carrier": "usps",
            "claimed": {"amount": "20.00"},
            "exception": {"kind": "LOST"},
            "tracking": {"number": "N1"},
            "parcel": {"id": ids.text("pcl", parcel)},
            "return": {"number": found["number"]},
        }

        async def do(document, **values):
            return (await counter.world.graphql(document, id=claim["id"], **values))["done"]

        early = await do(PAY)
        assert early["userErrors"][0]["code"] == "INVALID_TRANSITION"
        assert (await do(SUBMIT))["claim"]["reference"] == "Z-1"
        assert (await do(REJECT))["claim"]["status"] == "REJECTED"
        await do(SUBMIT)
        beyond = await do(GRANT, amount={"amount": "20.01", "currency": "EUR"})
        assert beyond["userErrors"] == [{"code": "CLAIM_TOO_HIGH", "maximum": {"amount": "20.00"}}]
        await do(GRANT, amount={"amount": "15.00", "currency": "EUR"})
        paid = (await do(PAY))["claim"]
        assert (paid["status"], paid["granted"]) == ("PAID", {"amount": "15.00"})
        assert counter.broken() == []

    async def test_name_a_carrier(self, counter):
        order = counter.sold(1)
        line = {"orderLineId": ids.text("oln", counter.shop.lines(order)[0].id), "quantity": 1}
        input = {"kind": "DAMAGED", "lines": [line], "where": {}}

        made = (await counter.world.graphql(OPEN, input=input))["claimOpen"]

        assert made["userErrors"] == [{"code": "CARRIER_NEEDED", "path": ["input", "carrier"]}]
        assert returns_of(counter, order) == ()

    async def test_take_the_right_to_approve(self, counter):
        input = {"kind": "LOST", "lines": [{"orderLineId": "oln_" + "0" * 32, "quantity": 1}]}
        clerk = caller(*(ALL_SCOPES - {Scope.RETURNS_APPROVE}))

        answer = await counter.world.ask(OPEN, caller=clerk, input=input)

        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"

    def test_are_listed_by_indexes(self, world):
        some = UUID(int=0)
        wanted = [
            {"sort": ClaimSortKey.UPDATED_AT},
            {"filter": Test("status", Operator.EQ, ClaimState.PAID)},
            {"filter": Test("carrier", Operator.EQ, "usps")},
            {"filter": Test("return_id", Operator.EQ, some)},
        ]

        with all_indexed(world.database.reading):
            for how in wanted:
                world.read(on_claims.claim_list.page, PageRequest(size=10, **how))


class TestRefusals:
    def test_open_when_a_parcel_turns_round(self, counter, hall):
        order = counter.sold(3)
        parcel = parcel_of(counter, hall, order, 2)
        hall.follow(parcel_id=parcel)
        for state in (TrackingState.RETURNING, TrackingState.RETURNED):
            note = NoteTracking(id=hall.tracking().id, state=state, text="Back.")
            counter.world.run(note_tracking, note)

        (found,) = returns_of(counter, order)
        assert (found.kind, found.status) == (ReturnKind.REFUSAL, ReturnState.IN_TRANSIT)
        assert [line.requested for line in counter.lines(found.id)] == [2]
        assert counter.broken() == []

    def test_leave_alone_what_comes_back_already(self, counter, hall):
        order = counter.sold(2)
        parcel = parcel_of(counter, hall, order, 2)
        hall.follow(parcel_id=parcel)
        counter.returned(order, 2)
        note = NoteTracking(id=hall.tracking().id, state=TrackingState.RETURNING, text="Back.")

        counter.world.run(note_tracking, note)

        assert hall.tracking().state is TrackingState.RETURNING
        assert [each.kind for each in returns_of(counter, order)] == [ReturnKind.RETURN]

    def test_are_one_for_each_parcel(self, counter, hall):
        order = counter.sold(2)
        parcel = parcel_of(counter, hall, order, 2)
        counter.world.run(open_refusal, OpenRefusal(parcel_id=parcel))
        empty = hall.parcels(order)[0]

        def refused(parcel_id):
            return counter.shop.refused(open_refusal, OpenRefusal(parcel_id=parcel_id))

        assert refused(parcel) == ["PARCEL_REFUSED_BEFORE"]
        assert refused(empty) == ["PARCEL_NOT_ON_ITS_WAY"]
        assert refused(UUID(int=1)) == ["UNKNOWN_PARCEL"]


class TestComingBack:
    async def test_follows_the_parcel_that_the_carrier_brings(self, counter, hall):
        back = counter.returned(counter.sold(2), 2)
        input = {
            "returnId": ids.text("ret", back),
            "carrier": "usps",
            "number": "n1",
            "dropOffCode": "QR-77",
        }

        made = (await counter.world.graphql(COMES, input=input))["returnShipmentCreate"]

        assert made == {
            "shipment": {
                "number": "N1",
                "dropOffCode": "QR-77",
                "tracking": {"state": "CREATED"},
                "return": {"status": "AWAITING_ITEMS", "shipments": [{"carrier": "usps"}]},
            },
            "userErrors": [],
        }
        again = (await counter.world.graphql(COMES, input=input))["returnShipmentCreate"]
        assert [each["code"] for each in again["userErrors"]] == ["NUMBER_OF_ANOTHER"]
        moving = NoteTracking(id=hall.tracking().id, state=TrackingState.IN_TRANSIT, text="Seen.")
        counter.world.run(note_tracking, moving)
        assert counter.return_(back).status is ReturnState.IN_TRANSIT
        assert counter.broken() == []

    async def test_takes_a_return_that_waits(self, counter):
        back = counter.returned(counter.sold(1), 1, approve=False)
        input = {"returnId": ids.text("ret", back), "carrier": "usps", "number": "N1"}

        made = (await counter.world.graphql(COMES, input=input))["returnShipmentCreate"]

        assert made["userErrors"][0]["code"] == "NOT_AWAITED"


class TestCodes:
    KEY = "ab" * 32

    def test_say_what_was_signed(self):
        link = LinkedOrder(UUID(int=7), NOW)

        assert read(self.KEY, signed(self.KEY, link), NOW - timedelta(seconds=1)) == link

    @pytest.mark.parametrize("change", ["", "x", "é", "A" * 72])
    def test_are_good_for_nothing_when_they_are_made_up(self, change):
        with pytest.raises(ReturnLinkNotGood):
            read(self.KEY, Secret(change), NOW)

    def test_are_good_for_nothing_when_they_are_changed(self):
        code = signed(self.KEY, LinkedOrder(UUID(int=7), NOW)).reveal()

        for at in range(len(code)):
            other = code[:at] + ("A" if code[at] != "A" else "B") + code[at + 1 :]
            # The last letter has bits that stand for nothing.
            if at < len(code) - 1:
                with pytest.raises(ReturnLinkNotGood):
                    read(self.KEY, Secret(other), NOW - timedelta(days=1))

    def test_end(self):
        with pytest.raises(ReturnLinkNotGood):
            read(self.KEY, signed(self.KEY, LinkedOrder(UUID(int=7), NOW)), NOW)

    def test_are_those_of_one_key(self):
        code = signed("cd" * 32, LinkedOrder(UUID(int=7), NOW))

        with pytest.raises(ReturnLinkNotGood):
            read(self.KEY, code, NOW - timedelta(days=1))


class TestLinks:
    async def test_let_customers_ask_for_a_return(self, counter):
        order, other = counter.sold(3), counter.sold(1)
        made = await counter.world.graphql(LINK, id=ids.text("ord", order))
        path = made["returnLinkCreate"]["path"]
        routes = ReturnLinks(counter.world.database, counter.world.threads, lambda: NOW).routes()

        with TestClient(AccessLog(Starlette(routes=routes))) as client:
            shown = client.get(path).json()
            (line,) = shown["lines"]
            asked = client.post(path, json={"lines": [{"lineId": line["lineId"], "quantity": 2}]})
            more = client.post(path, json={"lines": [{"lineId": line["lineId"], "quantity": 2}]})
            foreign = ids.text("oln", counter.shop.lines(other)[0].id)
            others = client.post(path, json={"lines": [{"lineId": foreign, "quantity": 1}]})
            senseless = client.post(path, json={"lines": [{"quantity": "many"}]})
            wrong = client.get(path[:-2])
            json = {"content-type": "application/json"}
            deep = client.post(path, content="[" * 60_000, headers=json)

        assert (shown["order"], line["sku"], line["quantity"]) == (
            made["returnLinkCreate"]["order"]["number"],
            "MUG",
            3,
        )
        assert asked.json() == {"number": "RMA-000001", "status": "UNDER_REVIEW"}
        assert asked.headers["cache-control"] == "no-store"
        assert [each.status_code for each in (more, others, senseless, wrong, deep)] == [
            422,
            422,
            400,
            404,
            400,
        ]
        (found,) = returns_of(counter, order)
        assert (found.origin, found.status) == (ReturnOrigin.CUSTOMER, ReturnState.REQUESTED)

    async def test_bring_photos_by_the_door_of_all_uploads(self, counter):
        order, other = counter.sold(3), counter.sold(1)
        codes = [
            counter.world.run(create_return_link, CreateReturnLink(order_id=id)).value.code.reveal()
            for id in (order, other)
        ]
        line = ids.text("oln", counter.shop.lines(order)[0].id)
        routes = ReturnLinks(counter.world.database, counter.world.threads, lambda: NOW).routes()

        def uploaded(client, code, media_type):
            given = client.post(f"/return-links/{code}/photos", json={"byteSize": 9}).json()
            secret = Secret(given["uploadPath"].removeprefix("/uploads/"))
            content = {"hash": given["photoId"][-32:] * 2, "media_type": media_type}
            command = ReceiveMediaFile(secret=secret, byte_size=9, width=3, height=3, **content)
            counter.world.run(receive_file, command, caller=THE_SYSTEM)
            return given["photoId"]

        with TestClient(Starlette(routes=routes)) as client:

            def ask(*photos):
                body = {"lines": [{"lineId": line, "quantity": 1}], "photoIds": photos}
                return client.post(f"/return-links/{codes[0]}", json=body).status_code

            photo = uploaded(client, codes[0], MediaType.JPEG)
            paper = uploaded(client, codes[0], MediaType.PDF)
            foreign = uploaded(client, codes[1], MediaType.JPEG)
            empty = client.post(f"/return-links/{codes[0]}/photos", json={"byteSize": 9}).json()
            refused = [ask(each) for each in (paper, foreign, empty["photoId"], "upl_x", 7)]
            assert ask(photo, photo) == 200
            leaves = [
                client.post(f"/return-links/{codes[0]}/photos", json={"byteSize": size}).status_code
                for size in ("9", 10**9, *[9] * UPLOADS_A_DAY_MAX)
            ]

        assert refused == [422, 422, 422, 422, 400]
        assert leaves == [400, 422, *[200] * (UPLOADS_A_DAY_MAX - 3), *[429] * 3]
        (found,) = returns_of(counter, order)
        document = "query ($id: ID!) { return(id: $id) { photos { mediaType width } } }"
        shown = await counter.world.graphql(document, id=ids.text("ret", found.id))
        assert shown["return"]["photos"] == [{"mediaType": "JPEG", "width": 3}]

    def test_are_bounded(self, counter):
        order = counter.sold(9)
        command = CreateReturnLink(order_id=order)
        code = counter.world.run(create_return_link, command).value.code.reveal()
        line = ids.text("oln", counter.shop.lines(order)[0].id)
        routes = ReturnLinks(counter.world.database, counter.world.threads, lambda: NOW).routes()
        body = {"lines": [{"lineId": line, "quantity": 1}]}

        with TestClient(Starlette(routes=routes)) as client:
            statuses = [
                client.post(f"/return-links/{code}", json=body).status_code
                for _ in range(REQUESTS_A_DAY_MAX + 1)
            ]

        assert statuses == [200] * REQUESTS_A_DAY_MAX + [429]

    def test_keep_the_code_to_themselves(self, counter):
        command = CreateReturnLink(order_id=counter.sold(1))
        first = counter.world.run(create_return_link, command, idempotency_key="k").value
        again = counter.world.run(create_return_link, command, idempotency_key="k").value

        assert first.code is not None
        assert (again.code, again.order_id) == (None, first.order_id)
