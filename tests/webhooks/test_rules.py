"""Webhooks: which events they want, when a failed delivery is tried again, whom a rest is for."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice_api.domain.kernel.events import COSTS, Logged
from backoffice_api.domain.webhooks.model.deliveries import (
    ATTEMPTS_MAX,
    DeliveryFailure,
    asked_rest,
    next_pause,
    rest,
)
from backoffice_api.domain.webhooks.model.selecting import Condition, Selection, types_named
from tests.world import NOW

CHANCES = st.floats(min_value=0, max_value=1, exclude_max=True)
ID = UUID(int=5)


def logged(**data):
    """An order that was placed, with these facts."""
    changes = [{"path": "status", "before": None, "after": "open"}]
    return Logged(
        1,
        ID,
        "order.placed",
        "ord",
        ID,
        1,
        "token",
        ID,
        "X",
        "",
        NOW,
        None,
        None,
        None,
        changes,
        data,
    )


class TestSelection:
    @pytest.mark.parametrize(
        ("selection", "wanted"),
        [
            (Selection(("order.placed",)), True),
            (Selection(("order.*",)), True),
            (Selection(("*",)), True),
            (Selection(("orders.*", "order.place", "order")), False),
            (Selection(("*",), changed_fields=("status", "total")), True),
            (Selection(("*",), changed_fields=("total",)), False),
            (Selection(("*",), (Condition("channel_id", (f"chn_{ID.hex}",)),)), True),
            (Selection(("*",), (Condition("channel_id", ("web",)),)), False),
            (Selection(("*",), (Condition("lines", ("3", "4")),)), True),
            (Selection(("*",), (Condition("tags", ("b",)),)), True),
            (Selection(("*",), (Condition("paid", ("true",)),)), True),
            (Selection(("*",), (Condition("paid", ("True",)),)), False),
            (Selection(("*",), (Condition("gift", ("None", "null")),)), False),
            (Selection(("*",), (Condition(COSTS, ("{'x': 1}",)),)), False),
        ],
    )
    def test_wants(self, selection, wanted):
        facts = {"channel_id": ID.hex, "lines": 3, "tags": ["a", "b"], "paid": True, "gift": None}

        assert selection.wants(logged(**facts, **{COSTS: {"x": 1}})) is wanted

    def test_names_types_for_a_statement_if_they_are_few(self):
        known = ("order.placed", "order.paid", "payment.made")

        assert types_named(["order.*", "gone.type"], known) == (
            "gone.type",
            "order.paid",
            "order.placed",
        )
        assert types_named(["*"], known) is None


class TestNextPause:
    @given(chances=st.lists(CHANCES, min_size=ATTEMPTS_MAX, max_size=ATTEMPTS_MAX))
    @settings(max_examples=15)
    def test_spreads_ten_tries_over_more_than_75_hours(self, chances):
        failure = DeliveryFailure.STATUS
        pauses = [next_pause(n, failure, each) for n, each in enumerate(chances, start=1)]

        assert pauses[-1] is None
        total = sum(pauses[:-1], timedelta())
        assert timedelta(hours=75) <= total <= timedelta(hours=84)

    @pytest.mark.parametrize(
        ("asked", "pause"),
        [
            (0, timedelta(seconds=5)),
            (3_600, timedelta(hours=1)),
            (10**9, timedelta(hours=24)),
        ],
    )
    def test_grows_to_what_the_receiver_asks_for_within_a_day(self, asked, pause):
        assert next_pause(1, DeliveryFailure.STATUS, 0.0, asked) == pause

    def test_is_none_where_trying_cannot_help(self):
        for each in ("GONE", "FORBIDDEN", "NO_ACCESS", "UNFIT_DOCUMENT", "TOO_LARGE"):
            assert next_pause(1, DeliveryFailure[each], 0.0) is None

    def test_and_rests_are_bounded(self):
        seconds = [rest(failures).total_seconds() for failures in (0, 4, 5, 6, 7, 8, 1_000)]

        assert seconds == [0, 0, 5, 15, 60, 300, 300]
        assert asked_rest(-5) == timedelta()
