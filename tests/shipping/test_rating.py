"""What parcels cost and when they arrive: pure calculation."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice_api.domain.shipping.model.carriers import (
    Area,
    CarrierService,
    CarrierStatus,
    Surcharge,
    SurchargeKind,
)
from backoffice_api.domain.shipping.model.quotes import Offer, Wish, ranked
from backoffice_api.domain.shipping.model.rating import (
    LineKind,
    Piece,
    Place,
    PriceLine,
    RateRefusal,
    RateRow,
    Zone,
    billable_g,
    in_area,
    price_of_weight,
    promised_on,
    refusals,
    surcharges_for,
    zone_of,
)

NOW = datetime(2025, 3, 3, 12, tzinfo=UTC)
SERVICE = CarrierService(
    id=UUID(int=1),
    version=1,
    created_at=NOW,
    updated_at=NOW,
    carrier_id=UUID(int=2),
    code="std",
    name="Standard",
    status=CarrierStatus.ACTIVE,
    transit_days_min=1,
    transit_days_max=3,
    cut_off_minute=None,
    works_saturdays=False,
    weight_max_g=30_000,
    length_max_mm=1_200,
    girth_max_mm=3_000,
    volumetric_divisor=5_000,
    countries=["BR"],
    collects_cash=False,
)
SAO_PAULO = Place("BR", "SP", "01304-001")
ROWS = (RateRow("Z", 1_000, 500), RateRow("Z", 5_000, 900, 1_000, 100))


def surcharge(kind: SurchargeKind, amount: int = 0, bps: int = 0, **more: object) -> Surcharge:
    given = {
        "minimum_minor": 0,
        "over_weight_g": None,
        "over_length_mm": None,
        "over_girth_mm": None,
        "areas_given": (),
        **more,
    }
    return Surcharge(
        service_id=SERVICE.id,
        position=0,
        kind=kind,
        label=kind.value,
        amount_minor=amount,
        share_bps=bps,
        currency="EUR",
        **given,  # type: ignore[arg-type]
    )


class TestBillableWeight:
    def test_is_that_of_the_space_where_it_is_more(self) -> None:
        box = Piece(2_000, 400, 300, 200)

        assert billable_g(box, 5_000) == 4_800
        assert billable_g(box, 4_999) == 4_801  # a begun gram counts
        assert billable_g(replace(box, weight_g=4_801), 5_000) == 4_801
        assert billable_g(box, None) == 2_000
        assert billable_g(replace(box, height_mm=None), 5_000) == 2_000

    @settings(max_examples=25)
    @given(
        st.integers(1, 30_000), st.tuples(*[st.integers(1, 2_000)] * 3), st.permutations([0, 1, 2])
    )
    def test_does_not_depend_on_how_the_parcel_lies(
        self, weight: int, sides: tuple[int, int, int], order: list[int]
    ) -> None:
        turned = [sides[each] for each in order]

        assert billable_g(Piece(weight, *sides), 5_000) == billable_g(Piece(weight, *turned), 5_000)
        assert billable_g(Piece(weight, *sides), 5_000) >= weight


class TestPriceOfWeight:
    @pytest.mark.parametrize(
        ("weight_g", "minor"),
        [(1, 500), (1_000, 500), (1_001, 900), (5_000, 900), (5_001, 1_000), (7_000, 1_100)],
    )
    def test_goes_up_by_rows_then_by_steps(self, weight_g: int, minor: int) -> None:
        assert price_of_weight(ROWS, "Z", weight_g) == minor

    def test_is_not_known_for_what_is_too_heavy_or_elsewhere(self) -> None:
        assert price_of_weight(ROWS[:1], "Z", 1_001) is None
        assert price_of_weight(ROWS, "Y", 1) is None

    @settings(max_examples=25)
    @given(
        st.lists(st.tuples(st.integers(1, 9_000), st.integers(0, 900)), min_size=1, max_size=6),
        st.integers(1, 20_000),
        st.integers(0, 500),
    )
    def test_never_falls_with_the_weight_where_the_rows_do_not(
        self, steps: list[tuple[int, int]], weight_g: int, more: int
    ) -> None:
        up_to, minor, rows = 0, 0, []
        for grams, rise in steps:
            up_to, minor = up_to + grams, minor + rise
            rows.append(RateRow("Z", up_to, minor))
        rows[-1] = replace(rows[-1], step_g=500, step_minor=10)
        light, heavy = (price_of_weight(rows, "Z", weight_g + each) for each in (0, more))

        assert light is not None
        assert heavy is not None
        assert light <= heavy


class TestZoneOf:
    ZONES = (
        Zone("LAND", "BR"),
        Zone("STATE", "BR", region="SP"),
        Zone("CITY", "BR", postal_from="01000", postal_to="05999"),
    )

    def test_takes_the_closest(self) -> None:
        assert zone_of(SAO_PAULO, self.ZONES) == "CITY"
        assert zone_of(replace(SAO_PAULO, postal_code="05999-999"), self.ZONES) == "CITY"
        assert zone_of(replace(SAO_PAULO, postal_code="06000-000"), self.ZONES) == "STATE"
        assert zone_of(Place("BR", "RJ", None), self.ZONES) == "LAND"
        assert zone_of(Place("PT", None, "1000"), self.ZONES) is None

    @settings(max_examples=25)
    @given(st.integers(0, 99_999), st.integers(0, 99_999), st.integers(0, 99_999))
    def test_holds_exactly_the_codes_between(self, first: int, last: int, code: int) -> None:
        low, high = sorted((first, last))
        area = Area("BR", f"{low:05}", f"{high:05}")

        assert in_area(Place("BR", None, f"{code:05}-000"), area) is (low <= code <= high)


class TestSurcharges:
    def test_of_each_kind_come_where_they_belong(self) -> None:
        several = (
            surcharge(SurchargeKind.FUEL, bps=1_250),
            surcharge(SurchargeKind.BULKY, 2_500, over_length_mm=1_000),
            surcharge(
                SurchargeKind.REMOTE_AREA,
                700,
                areas_given=[{"country": "BR", "postal_from": "01300", "postal_to": "01399"}],
            ),
            surcharge(SurchargeKind.INSURANCE, bps=100, minimum_minor=300),
            surcharge(SurchargeKind.CASH_ON_DELIVERY, 200, bps=50),
        )
        piece = Piece(900, 1_001, 100, 100, value_minor=10_000, cash_minor=20_000)

        lines = list(surcharges_for(several, piece, SAO_PAULO, 900))

        assert [(each.kind, each.minor) for each in lines] == [
            (LineKind.FUEL, 112),  # 112.5, half to even
            (LineKind.BULKY, 2_500),
            (LineKind.REMOTE_AREA, 700),
            (LineKind.INSURANCE, 300),
            (LineKind.CASH_ON_DELIVERY, 300),
        ]
        plain = list(surcharges_for(several, Piece(900), Place("BR", None, None), 900))
        assert [each.kind for each in plain] == [LineKind.FUEL]


class TestRefusals:
    def test_are_told_together(self) -> None:
        long = Piece(30_001, 1_201, 500, 500, cash_minor=1)

        assert refusals(SERVICE, long, Place("PT", None, None)) == [
            RateRefusal.NOT_SERVED,
            RateRefusal.TOO_HEAVY,
            RateRefusal.TOO_LONG,
            RateRefusal.TOO_THICK,
            RateRefusal.NO_CASH,
        ]
        assert refusals(SERVICE, Piece(30_000, 1_200, 450, 450), SAO_PAULO) == []


class TestPromisedOn:
    @pytest.mark.parametrize(
        ("at", "cut_off", "saturdays", "day"),
        [
            (datetime(2025, 3, 3, 12, tzinfo=UTC), None, False, date(2025, 3, 6)),
            # 15:00 in São Paulo is 18:00 in UTC.
            (datetime(2025, 3, 3, 18, 0, tzinfo=UTC), 900, False, date(2025, 3, 6)),
            (datetime(2025, 3, 3, 18, 1, tzinfo=UTC), 900, False, date(2025, 3, 7)),
            (datetime(2025, 3, 6, 12, tzinfo=UTC), None, False, date(2025, 3, 11)),
            (datetime(2025, 3, 6, 12, tzinfo=UTC), None, True, date(2025, 3, 10)),
            (datetime(2025, 3, 8, 12, tzinfo=UTC), None, False, date(2025, 3, 13)),
        ],
    )
    def test_counts_working_days_from_the_day_it_leaves(
        self, at: datetime, cut_off: int | None, saturdays: bool, day: date
    ) -> None:
        service = replace(SERVICE, cut_off_minute=cut_off, works_saturdays=saturdays)

        assert promised_on(service, at, "America/Sao_Paulo") == day


def offer(number: int, minor: int | None, day: int, late: int | None = None) -> Offer:
    return Offer(
        carrier_id=UUID(int=9),
        service_id=UUID(int=number),
        currency="EUR",
        billable_g=1,
        promised_on=date(2025, 3, day),
        lines=() if minor is None else (PriceLine(LineKind.WEIGHT, "", minor),),
        refusals=(RateRefusal.TOO_HEAVY,) if minor is None else (),
        late_permille=late,
    )


class TestRanked:
    def test_counts_the_risk_of_being_late_into_the_price(self) -> None:
        unreliable, dear, no = offer(1, 1_000, 6, late=90), offer(2, 1_080, 6), offer(3, None, 4)
        several = [no, unreliable, dear]

        assert ranked(several, Wish.BEST, None) == [dear, unreliable, no]
        assert ranked(several, Wish.CHEAPEST, None) == [unreliable, dear, no]

    def test_puts_what_comes_too_late_behind_what_is_in_time(self) -> None:
        cheap, quick = offer(1, 500, 9), offer(2, 2_000, 5)

        assert ranked([cheap, quick], Wish.BEST, date(2025, 3, 6)) == [quick, cheap]
        assert ranked([cheap, quick], Wish.BEST, None) == [cheap, quick]
        assert ranked([cheap, quick], Wish.FASTEST, None) == [quick, cheap]
