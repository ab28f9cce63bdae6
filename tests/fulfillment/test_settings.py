"""Sites, strategies, calendars, the walk and packagings, on both databases."""

from backoffice_api.domain.fulfillment.commands.settings import (
    SetCalendar,
    SetPackaging,
    SetSite,
    SetStrategy,
    SetWalk,
    set_calendar,
    set_packaging,
    set_site,
    set_strategy,
    set_walk,
)
from backoffice_api.domain.fulfillment.queries import sites


class TestSettings:
    def test_are_set_as_a_whole_under_their_name(self, hall):
        run = hall.world.run
        week = {"name": "Week", "time_zone": "Europe/Berlin", "cut_off": 900}
        calendar = run(set_calendar, SetCalendar(code="w", weekdays=(1, 2), **week)).value
        again = run(set_calendar, SetCalendar(code="w", weekdays=(5, 4), **week)).value
        bay = hall.bin("BAY")
        run(set_walk, SetWalk(location_id=hall.north, place_ids=(bay,)))
        run(set_walk, SetWalk(location_id=hall.north, place_ids=(bay,)))
        run(set_site, SetSite(location_id=hall.north, calendar_id=calendar, country="BR"))
        weights = {"split_weight": 1, "distance_weight": 2, "cost_weight": 3}
        run(set_strategy, SetStrategy(code="x", priority_weight=4, **weights))
        sizes = {"length_mm": 1, "width_mm": 1, "height_mm": 1, "weight_g": 1}
        run(set_packaging, SetPackaging(code="S", name="Small", **sizes))

        assert again == calendar
        found = hall.world.read(sites.calendars_by_ids, [calendar])[calendar]
        assert (list(found.weekdays), found.version) == ([4, 5], 2)
        assert hall.world.read(sites.weights, "x").priority == 4
        assert [
            each.location_id
            for each in hall.world.read(sites.walk_by_sites, [hall.north])[hall.north]
        ] == [bay]

    def test_refuse_what_makes_no_sense(self, hall):
        wrong = SetCalendar(code="", name="", time_zone="Mars", weekdays=(0,), cut_off=-1)

        assert hall.refused(set_calendar, wrong) == [
            "INVALID_TEXT",
            "INVALID_TEXT",
            "NO_SUCH_TIME_ZONE",
            "NO_WEEKDAYS",
            "OUT_OF_RANGE",
        ]
        bay = hall.bin("BAY", hall.south)
        assert hall.refused(set_walk, SetWalk(location_id=hall.north, place_ids=(bay,))) == [
            "NOT_WITHIN"
        ]
        assert hall.refused(set_site, SetSite(location_id=bay)) == ["NOT_A_SITE"]
