"""Trackings as a client sees them: over GraphQL, on both databases."""

import pytest

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from tests.databases import count_statements
from tests.tracking.hall import told
from tests.world import caller

RECORD = """
mutation ($events: [TrackingEventInput!]!, $meta: MutationMeta) {
  trackingRecord(input: {events: $events}, meta: $meta) {
    results { outcome refusal message tracking { number state } }
    userErrors { code } effects { kind } replayed
  }
}
"""
SHOW = """
query ($id: ID!) {
  tracking(by: {id: $id}) {
    carrier number state cause party stateAt heardAt eventCount promisedAt deliveredAt
    actions { name allowed } order { number } parcel { code tracking { number } }
    events(first: 5) { nodes {
      source code text place occurredAt recordedBy { kind }
      reading { state cause party mappingVersion }
    } }
    exceptions(first: 5) { nodes { kind status tracking { id } owner { id } } }
    timeline(first: 5) { nodes { type } }
  }
}
"""
LIST = """
query ($filter: TrackingFilter, $first: Int) {
  trackings(filter: $filter, first: $first) {
    nodes { id number order { number } events(first: 2) { nodes { code reading { state } } }
      exceptions(first: 2) { nodes { kind } } }
  }
  trackingsCount(filter: $filter) { value }
}
"""


def event(code, number="N1", **values):
    return {
        "carrier": "usps",
        "number": number,
        "source": "easypost",
        "code": code,
        "occurredAt": "2025-03-01T08:00:00Z",
        **values,
    }


class TestTrackingRecord:
    async def test_answers_for_each_event(self, hall):
        events = [event("in_transit/held"), event("in_transit/held"), event("")]

        answer = (await hall.world.graphql(RECORD, events=events))["trackingRecord"]

        assert answer == {
            "results": [
                {
                    "outcome": "RECORDED",
                    "refusal": None,
                    "message": None,
                    "tracking": {"number": "N1", "state": "ON_HOLD"},
                },
                {
                    "outcome": "REPEATED",
                    "refusal": None,
                    "message": None,
                    "tracking": {"number": "N1", "state": "ON_HOLD"},
                },
                {
                    "outcome": "REFUSED",
                    "refusal": "INVALID_TEXT",
                    "message": "This takes 1 to 120 characters.",
                    "tracking": None,
                },
            ],
            "userErrors": [],
            "effects": [
                {"kind": "tracking.created"},
                {"kind": "tracking.updated"},
                {"kind": "tracking.exception"},
            ],
            "replayed": False,
        }

    async def test_needs_the_right(self, hall):
        reader = caller(Scope.TRACKING_READ)

        answer = await hall.world.ask(RECORD, caller=reader, events=[event("in_transit/x")])

        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


class TestTracking:
    async def test_shows_what_was_told_and_what_it_means(self, hall):
        order_id, (parcel,) = hall.shipped()
        id = ids.text("trk", hall.follow("N1", parcel))
        hall.record(told("in_transit/held", -2, place="Porto", text="Held"))

        found = (await hall.world.graphql(SHOW, id=id))["tracking"]

        (shown,) = found["events"]["nodes"]
        assert shown == {
            "source": "easypost",
            "code": "in_transit/held",
            "text": "Held",
            "place": "Porto",
            "occurredAt": "2025-03-01T07:30:00Z",
            "recordedBy": {"kind": "TOKEN"},
            "reading": {
                "state": "ON_HOLD",
                "cause": "OTHER",
                "party": "CARRIER",
                "mappingVersion": "built-in 1",
            },
        }
        assert found["order"] == {"number": hall.shop.order(order_id).number}
        assert found["parcel"] == {"code": hall.parcel(parcel).code, "tracking": {"number": "N1"}}
        assert found["exceptions"]["nodes"] == [
            {"kind": "ON_HOLD", "status": "OPEN", "tracking": {"id": id}, "owner": None}
        ]
        assert [each["name"] for each in found["actions"] if each["allowed"]][-1] == "deliver"

    async def test_is_found_by_its_number(self, hall):
        hall.follow("N1")
        text = '{ tracking(by: {number: {carrier: "USPS", number: "n 1"}}) { number } }'

        assert (await hall.world.graphql(text))["tracking"] == {"number": "N1"}

    async def test_is_shown_under_its_order(self, hall):
        order_id, (parcel,) = hall.shipped()
        hall.follow("N1", parcel)
        text = (
            "query ($id: ID!) { order(by: {id: $id}) { trackings(first: 5) { nodes { number } } } }"
        )

        found = await hall.world.graphql(text, id=ids.text("ord", order_id))

        assert found["order"]["trackings"]["nodes"] == [{"number": "N1"}]


class TestTrackings:
    @pytest.mark.parametrize(
        ("filter", "numbers"),
        [
            ({}, {"N1", "N2"}),
            ({"state": ["ON_HOLD"]}, {"N1"}),
            ({"cause": ["OTHER"], "party": ["CARRIER"]}, {"N1"}),
            ({"number": {"eq": "N2"}}, {"N2"}),
            ({"carrier": {"eq": "dhl"}}, set()),
            ({"orderId": {"isNull": True}}, {"N1", "N2"}),
            ({"heardAt": {"lt": "2020-01-01T00:00:00Z"}}, set()),
        ],
    )
    async def test_are_filtered(self, hall, filter, numbers):
        hall.record(told("in_transit/held", number="N1"), told("in_transit/x", number="N2"))

        answer = await hall.world.graphql(LIST, filter=filter)

        assert {each["number"] for each in answer["trackings"]["nodes"]} == numbers
        assert answer["trackingsCount"]["value"] == len(numbers)

    async def test_take_a_constant_number_of_statements(self, hall):
        hall.record(*(told("in_transit/held", number=f"N{n}") for n in range(6)))

        counts = []
        for first in (1, 6):
            with count_statements(hall.world.database) as counted:
                await hall.world.graphql(LIST, first=first)
            counts.append(len(counted))

        assert counts[0] == counts[1]


class TestUnknownTrackingCodes:
    async def test_are_listed_until_they_are_given_a_meaning(self, hall):
        hall.record(told("odd/x", text="Beamed up"))
        text = "{ unknownTrackingCodes { source code text events } }"
        expected = {"source": "easypost", "code": "odd/x", "text": "Beamed up", "events": 1}
        assert (await hall.world.graphql(text))["unknownTrackingCodes"] == [expected]

        known = 'input: {source: "easypost", code: "odd/*", state: LOST}'
        await hall.world.graphql(
            f"mutation {{ trackingMappingSet({known}) {{ mapping {{ version }} }} }}"
        )
        again = 'mutation { trackingRemap(input: {source: "easypost"}) { events changed hasMore } }'
        assert (await hall.world.graphql(again))["trackingRemap"] == {
            "events": 1,
            "changed": 1,
            "hasMore": False,
        }

        assert (await hall.world.graphql(text))["unknownTrackingCodes"] == []
        assert hall.tracking().state == "lost"
