"""What carriers send, read as they document it, and whatever else may come."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from backoffice_api.adapters import tracking_correios, tracking_easypost, tracking_shippo
from backoffice_api.adapters.tracking_fields import Garbled
from backoffice_api.domain.tracking.model.mappings import meaning_of
from backoffice_api.domain.tracking.model.states import TrackingState

RECORDED = os.environ.get("BACKOFFICE_DATA_DIR")

TRACKER = {
    "object": "Tracker",
    "carrier": "USPS",
    "tracking_code": "EZ1",
    "tracking_details": [
        {
            "status": "in_transit",
            "status_detail": "arrived_at_facility",
            "message": "Arrived",
            "datetime": "2025-02-07T08:25:26Z",
            "tracking_location": {"city": "HOUSTON", "state": "TX", "country": None},
        }
    ],
}
TRACK = {
    "carrier": "usps",
    "tracking_number": "92",
    "tracking_status": {
        "status": "TRANSIT",
        "substatus": {"code": "out_for_delivery"},
        "status_details": "Out",
        "status_date": "2016-12-08T15:19:00Z",
        "location": {"city": "Berkeley", "state": "CA"},
    },
    "tracking_history": None,
}
RASTRO = """<?xml version="1.0"?><r><objeto><numero>BE1BR</numero>
<evento><tipo>BDE</tipo><status>01</status><data>23/07/2018</data><hora>09:48</hora>
<descricao>Entregue</descricao><local>CDD</local><cidade>GUARULHOS</cidade><uf>SP</uf></evento>
</objeto><objeto><numero>XX</numero><erro>?</erro></objeto></r>"""

JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(max_size=8),
    lambda inner: (
        some.lists(inner, max_size=3)
        | some.dictionaries(
            some.sampled_from(
                ["object", "tracking_details", "tracking_number", "tracking_status", "datetime"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


def states(drafts):
    meanings = [meaning_of(each.source, each.code, {}) for each in drafts]
    return [each and each.state for each in meanings]


class TestEasyPost:
    @pytest.mark.parametrize("payload", [TRACKER, {"description": "x", "result": TRACKER}])
    def test_reads_a_tracker_and_the_one_in_a_webhook(self, payload):
        (event,) = tracking_easypost.events_of(payload)

        assert (event.carrier, event.number) == ("USPS", "EZ1")
        assert event.code == "in_transit/arrived_at_facility"
        assert (event.text, event.place) == ("Arrived", "HOUSTON, TX")
        assert event.occurred_at == datetime(2025, 2, 7, 8, 25, 26, tzinfo=UTC)
        assert states([event]) == [TrackingState.IN_TRANSIT]

    @pytest.mark.parametrize(
        "payload", [{}, {"result": None}, {**TRACKER, "tracking_details": [{"datetime": "x"}]}]
    )
    def test_says_so_when_it_makes_no_sense(self, payload):
        with pytest.raises(Garbled):
            tracking_easypost.events_of(payload)


class TestShippo:
    def test_reads_the_present_status_where_there_is_no_history(self):
        (event,) = tracking_shippo.events_of({"event": "track_updated", "data": TRACK})

        assert (event.code, event.place) == ("TRANSIT/out_for_delivery", "Berkeley, CA")
        assert states([event]) == [TrackingState.OUT_FOR_DELIVERY]

    def test_says_so_when_it_makes_no_sense(self):
        with pytest.raises(Garbled):
            tracking_shippo.events_of({"detail": "Carrier is not supported."})


class TestCorreios:
    def test_reads_all_parcels_that_are_known(self):
        (event,) = tracking_correios.events_of(RASTRO.encode())

        assert (event.carrier, event.number, event.code) == ("correios", "BE1BR", "BDE/1")
        assert event.place == "CDD, GUARULHOS, SP"
        assert event.occurred_at == datetime(2018, 7, 23, 12, 48, tzinfo=UTC)
        assert states([event]) == [TrackingState.DELIVERED]

    @pytest.mark.parametrize(
        "answer",
        [
            b"",
            b"no xml",
            b'<!DOCTYPE r [<!ENTITY a "b">]><r>&a;</r>',
            RASTRO.replace("23/07/2018", "31/02/2018").encode(),
        ],
    )
    def test_says_so_when_it_makes_no_sense(self, answer):
        with pytest.raises(Garbled):
            tracking_correios.events_of(answer)


class TestAnything:
    @settings(max_examples=50)
    @given(some.dictionaries(some.text(max_size=5), JSON) | JSON.filter(lambda x: type(x) is dict))
    def test_is_read_or_garbled(self, payload):
        for adapter in (tracking_easypost, tracking_shippo):
            try:
                adapter.events_of(payload)
            except Garbled:
                continue

    @settings(max_examples=30)
    @given(some.binary(max_size=60))
    def test_that_is_binary_is_read_or_garbled(self, answer):
        try:
            assert tracking_correios.events_of(answer) == []
        except Garbled:
            return


@pytest.mark.skipif(RECORDED is None, reason="BACKOFFICE_DATA_DIR names no folder of data")
class TestRecorded:
    def test_answers_are_read_and_known(self):
        folder = Path(RECORDED) / "tracking" / "samples"
        drafts = []
        for file in folder.glob("easypost-tracker_[cr]*.json"):
            payload = json.loads(file.read_text(encoding="utf-8"))
            for tracker in payload.get("trackers", [payload]):
                drafts += tracking_easypost.events_of(tracker)
        for name in ("create", "get_status"):
            text = (folder / f"shippo-{name}-0.json").read_text(encoding="utf-8")
            drafts += tracking_shippo.events_of(json.loads(text))
        for file in folder.glob("correios-*.xml"):
            drafts += tracking_correios.events_of(file.read_bytes())

        assert len(drafts) > 20
        assert None not in [meaning_of(each.source, each.code, {}) for each in drafts]
