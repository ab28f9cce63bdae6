"""What the codes of carriers mean: the built-in tables, and the shop's own rows."""

import csv
from collections import Counter

import pytest
from sqlalchemy import select

from backoffice_api.domain.kernel.jobs import jobs
from backoffice_api.domain.tracking.commands import mapping
from backoffice_api.domain.tracking.commands.mapping import (
    RemapTracking,
    RemoveTrackingMapping,
    SetTrackingMapping,
    remap_tracking,
    remove_tracking_mapping,
    set_tracking_mapping,
)
from backoffice_api.domain.tracking.model.mappings import (
    _FOLDER,
    BUILT_IN,
    built_in,
    candidates,
    meaning_of,
)
from backoffice_api.domain.tracking.model.states import TrackingCause, TrackingState
from tests.tracking.hall import told


def meant(source, code):
    found = meaning_of(source, code, {})
    return found and (found.state, found.cause, found.party)


class TestBuiltIn:
    @pytest.mark.parametrize("source", BUILT_IN)
    def test_has_each_code_once_in_words_that_are_known(self, source):
        with (_FOLDER / f"{source}.csv").open(encoding="utf-8") as lines:
            rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))

        assert len(built_in(source)) == len(rows)

    def test_has_the_378_pairs_of_the_correios(self):
        table = built_in("correios")

        states = Counter(each.state for each in table.values())
        assert len(table) == 378
        assert states[TrackingState.DELIVERED] == 16
        assert states[TrackingState.OUT_FOR_DELIVERY] == 2
        assert {code for (_, code), each in table.items() if each.state is None} == {
            "ERROR/0",
            "PAR/29",
            *(f"EST/{n}" for n in (1, 2, 3, 4, 5, 6, 9)),
        }

    @pytest.mark.parametrize(
        ("source", "code", "meaning"),
        [
            ("correios", "BDE/1", ("delivered", None, None)),
            ("correios", "BDE/23", ("returned", None, None)),
            ("correios", "OEC/1", ("out_for_delivery", None, None)),
            ("correios", "BDR/50", ("lost", "stolen", "carrier")),
            ("correios", "BDE/20", ("attempt_failed", "absent", "recipient")),
            ("correios", "PAR/11", ("on_hold", "payment", "recipient")),
            ("correios", "BDE/999", None),
            ("easypost", "delivered/arrived_at_destination", ("delivered", None, None)),
            ("easypost", "in_transit/weather_delay", ("delayed", "weather", "weather")),
            ("easypost", "unknown/lost", ("lost", "missing", "carrier")),
            ("easypost", "error/unknown", (None, None, None)),
            ("shippo", "TRANSIT/out_for_delivery", ("out_for_delivery", None, None)),
            ("shippo", "DELIVERED/-", ("delivered", None, None)),
            ("shippo", "FAILURE/package_lost", ("lost", "missing", "carrier")),
            ("shippo", "HELD_BY_ALIENS/-", None),
            ("nobody", "x", None),
        ],
    )
    def test_reads_what_carriers_say(self, source, code, meaning):
        assert meant(source, code) == meaning

    def test_tries_the_code_then_all_with_its_head(self):
        assert candidates("in_transit/held/x") == ("in_transit/held/x", "in_transit/*")
        assert candidates("plain") == ("plain",)


class TestSetTrackingMapping:
    def set(self, hall, code, state, source="easypost", **values):
        command = SetTrackingMapping(source=source, code=code, state=state, **values)
        return hall.world.run(set_tracking_mapping, command).value

    def remap(self, hall, source="easypost", code=None):
        return hall.world.run(remap_tracking, RemapTracking(source=source, code=code)).value

    def test_reads_again_what_was_told_before_it_was_known(self, hall):
        hall.record(told("beamed/up", -2), told("in_transit/x", -4))
        self.set(hall, "beamed/up", TrackingState.OUT_FOR_DELIVERY)

        done = self.remap(hall, code="beamed/up")

        assert (done.events, done.changed, done.has_more) == (1, 1, False)
        assert hall.tracking().state is TrackingState.OUT_FOR_DELIVERY
        assert hall.events()[-1] == "tracking.updated"
        assert hall.broken() == []

    def test_comes_before_what_is_built_in_until_it_is_removed(self, hall):
        id = self.set(hall, "in_transit/*", TrackingState.ON_HOLD, cause=TrackingCause.OTHER)
        hall.record(told("in_transit/x"))
        assert hall.tracking().state is TrackingState.ON_HOLD

        hall.world.run(remove_tracking_mapping, RemoveTrackingMapping(id=id))
        self.remap(hall, code="in_transit/*")

        found = hall.tracking()
        assert (found.state, found.cause) == (TrackingState.IN_TRANSIT, None)
        assert hall.exceptions() == ["on_hold resolved"]
        assert hall.broken() == []

    def test_counts_its_versions_and_says_which_one_was_read_by(self, hall):
        first = self.set(hall, "x", TrackingState.LOST)

        assert self.set(hall, "x", TrackingState.RETURNED) == first
        assert self.set(hall, "x", TrackingState.RETURNED) == first

        assert hall.events() == ["tracking_mapping.set"] * 2
        hall.record(told("x"))
        assert hall.tracking().state is TrackingState.RETURNED

    def test_enqueues_the_reading(self, hall):
        self.set(hall, "x", None)

        with hall.world.database.reading.connect() as db:
            row = db.execute(select(jobs.c.kind, jobs.c.payload)).one()
        assert tuple(row) == ("tracking.remap", {"source": "easypost", "code": "x"})

    def test_goes_on_with_a_job_where_there_is_much(self, hall, monkeypatch):
        monkeypatch.setattr(mapping, "REMAPPED_AT_ONCE", 2)
        hall.record(*(told("odd/x", -n, f"N{n}") for n in range(1, 4)))

        done = self.remap(hall)

        assert (done.events, done.has_more) == (2, True)

    def test_reading_again_is_the_same_however_often(self, hall):
        hall.record(told("in_transit/x"), told("delivered/x"))
        before = hall.tracking()

        assert [self.remap(hall).changed for _ in range(2)] == [0, 0]
        assert hall.tracking() == before

    def test_refuses_to_change_what_notes_mean(self, hall):
        command = SetTrackingMapping(source="Manual", code="lost", state=None)
        assert hall.refused(set_tracking_mapping, command) == ["MANUAL_CODES_ARE_FIXED"]
        command = RemapTracking(source="manual")
        assert hall.refused(remap_tracking, command) == ["MANUAL_CODES_ARE_FIXED"]
