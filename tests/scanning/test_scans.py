"""Batches of scans: sent again, out of order and cut off, and done once. On both databases."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.products.commands.kits import SetComponents
from backoffice_api.domain.products.model.kits import Component
from backoffice_api.domain.scanning.commands.scans import TakeScans, take_scans
from backoffice_api.domain.scanning.model.scans import SCANS_MAX, ScanKind, ScanStatus
from backoffice_api.domain.stock.commands.kits import set_components
from backoffice_api.domain.stock.model.lots import Lot, Tracking
from backoffice_api.domain.stock.tables import lots
from tests.databases import count_statements
from tests.scanning.floor import CASE_GTIN, MUG_GTIN, scan
from tests.stock.depot import line
from tests.thorough import THOROUGH
from tests.world import CLERK, NOW, caller

RECEIVE, MOVE, PUT_AWAY = ScanKind.RECEIVE, ScanKind.MOVE, ScanKind.PUT_AWAY
ADJUST, COUNT = ScanKind.ADJUST, ScanKind.COUNT

BATCH = """
mutation ($id: ID!, $input: ScanBatchInput!, $meta: MutationMeta) {
  scanBatch(id: $id, input: $input, meta: $meta) {
    device { code }
    results { sequence status refusal message }
    userErrors { code path }
    effects { kind summary }
    replayed
  }
}
"""


def shown(sequence, **values):
    at = (NOW - timedelta(hours=1)).isoformat()
    return {"sequence": sequence, "kind": "RECEIVE", "code": "MUG", "scannedAt": at, **values}


async def batch(floor, *scans, who=None, **meta):
    given = {"id": floor.shown_device, "input": {"scans": list(scans)}, "meta": meta}
    answer = await floor.world.ask(BATCH, caller=who or floor.holder, **given)
    return answer["data"]["scanBatch"] if answer.get("data") else answer


class TestScanBatch:
    async def test_does_what_was_scanned(self, floor):
        answer = await batch(
            floor,
            shown(1, code=CASE_GTIN, quantity=2),
            shown(2, kind="PUT_AWAY", quantity=20, toLocation="SOUTH"),
            shown(3, kind="ADJUST", quantity=-1, location=ids.text("loc", floor.south)),
            shown(4, code="NOTHING"),
        )

        done = {"status": "ACCEPTED", "refusal": None, "message": None}
        assert answer == {
            "device": {"code": "SCAN-1"},
            "results": [
                {"sequence": 1, **done},
                {"sequence": 2, **done},
                {"sequence": 3, **done},
                {
                    "sequence": 4,
                    "status": "REFUSED",
                    "refusal": "UNKNOWN_CODE",
                    "message": "No variant has the code 'NOTHING'.",
                },
            ],
            "userErrors": [],
            "effects": [
                {
                    "kind": "device.scans_taken",
                    "summary": "3 scans of device SCAN-1 were taken.",
                }
            ],
            "replayed": False,
        }
        assert floor.stock() == {("MUG", "NORTH"): 4, ("MUG", "SOUTH"): 19}
        assert {each.cause_id for each in floor.movements()} == {floor.device_id}
        assert floor.all_broken() == []

    def test_does_nothing_twice(self, floor):
        sent = (scan(1, quantity=5), scan(2, MOVE, quantity=2, to_location="SOUTH"))

        assert floor.said(*sent) == ["accepted", "accepted"]
        assert floor.said(*sent, scan(3), scan(3)) == [
            "duplicate",
            "duplicate",
            "accepted",
            "duplicate",
        ]
        assert floor.said(scan(1, quantity=6)) == ["SEQUENCE_REUSED"]
        assert floor.stock() == {("MUG", "NORTH"): 4, ("MUG", "SOUTH"): 2}

    async def test_is_replayed_by_its_key_and_can_be_tried(self, floor):
        dry = await batch(floor, shown(1, quantity=5), dryRun=True)
        assert dry["results"][0]["status"] == "ACCEPTED"
        assert floor.stock() == {}

        first = await batch(floor, shown(1, quantity=5), idempotencyKey="k")
        again = await batch(floor, shown(1, quantity=5), idempotencyKey="k")

        assert first["results"] == again["results"]
        assert (first["replayed"], again["replayed"]) == (False, True)
        assert floor.stock() == {("MUG", "NORTH"): 5}

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"code": "NOTHING"}, "UNKNOWN_CODE"),
            ({"location": "NOWHERE"}, "UNKNOWN_PLACE"),
            ({"location": "SUPPLIER"}, "PLACE_NOT_IN_USE"),
            ({"kind": MOVE}, "SAME_PLACE"),
            ({"kind": MOVE, "to_location": "NORTH"}, "SAME_PLACE"),
            ({"kind": MOVE, "to_location": "NOWHERE"}, "UNKNOWN_PLACE"),
            ({"kind": MOVE, "to_location": "SOUTH"}, "INSUFFICIENT_STOCK"),
            ({"kind": ADJUST, "quantity": -1}, "INSUFFICIENT_STOCK"),
            ({"at": 60 * 24 + 1}, "SCANNED_IN_FUTURE"),
            ({"code": CASE_GTIN, "quantity": 1_000_000_000}, "OUT_OF_RANGE"),
        ],
    )
    def test_refuses_a_scan_and_goes_on(self, floor, given, said):
        other = scan(2, quantity=3, location="SOUTH")

        assert floor.said(scan(1, **given), other) == [said, "accepted"]
        assert floor.stock() == {("MUG", "SOUTH"): 3}
        # What was refused is not kept: the number is free for the same, or for what is right.
        assert floor.said(scan(1, quantity=1)) == ["accepted"]

    def test_takes_what_comes_back_in_the_same_batch(self, floor):
        said = floor.said(scan(1, MOVE, quantity=2, to_location="SOUTH"), scan(2, quantity=2))

        assert said == ["accepted", "accepted"]
        assert floor.stock() == {("MUG", "SOUTH"): 2}

    def test_takes_no_promised_pieces_away(self, floor):
        floor.put(floor.mug, 5)
        floor.reserve((1, floor.mug, 4))

        said = floor.said(
            scan(1, MOVE, quantity=2, to_location="SOUTH"),
            scan(2, COUNT, quantity=3, at=24 * 60),
            scan(3, MOVE, quantity=1, to_location="SOUTH"),
        )

        assert said == ["INSUFFICIENT_STOCK", "INSUFFICIENT_STOCK", "accepted"]
        assert floor.counts(floor.mug) == [(4, 4), (1, 0)]

    def test_keeps_no_kits(self, floor):
        (tray,) = floor.variants("TRAY")
        parts = (Component(floor.mug, 2),)
        floor.world.run(set_components, SetComponents(id=tray, components=parts))

        assert floor.said(scan(1, code="TRAY")) == ["KIT_HAS_NO_STOCK"]

    def test_is_for_whoever_holds_the_device(self, floor):
        command = TakeScans(id=floor.device_id, scans=(scan(1),))

        refused = floor.refusals(lambda: floor.world.run(take_scans, command, caller=CLERK))

        assert [each.code for each in refused] == ["NOT_YOUR_DEVICE"]

    async def test_takes_the_right(self, floor):
        answer = await batch(floor, shown(1), who=caller(*ALL_SCOPES - {Scope.STOCK_WRITE}))

        assert [each["extensions"]["code"] for each in answer["errors"]] == ["FORBIDDEN"]
        assert floor.stock() == {}

    @pytest.mark.parametrize(
        ("wrong", "codes"),
        [
            ({"sequence": 0}, ["OUT_OF_RANGE"]),
            ({"quantity": 0}, ["OUT_OF_RANGE"]),
            ({"kind": COUNT, "quantity": -1}, ["OUT_OF_RANGE"]),
            ({"quantity": 2**31}, ["OUT_OF_RANGE"]),
            ({"code": ""}, ["INVALID_TEXT"]),
            ({"code": "x" * 501}, ["INVALID_TEXT"]),
            ({"location": "x" * 251}, ["INVALID_TEXT"]),
        ],
    )
    def test_refuses_what_a_broken_device_sends(self, floor, wrong, codes):
        attempt = scan(**{"sequence": 1, "at": 1, **wrong})

        refused = floor.refusals(lambda: floor.send(scan(2), attempt))

        assert [(each.code, each.path[:2]) for each in refused] == [
            (code, ("scans", 1)) for code in codes
        ]

    def test_takes_so_many_at_once(self, floor):
        refused = floor.refusals(lambda: floor.send(*[scan(1)] * (SCANS_MAX + 1)))

        assert [each.code for each in refused] == ["TOO_MANY"]

    def test_takes_as_many_statements_for_two_hundred_as_for_two(self, floor):
        day = [scan(n, at=1) for n in range(1, 201)]
        day += [scan(n, MOVE, to_location="SOUTH", at=2) for n in range(201, 301)]
        day += [scan(n, COUNT, quantity=n, at=0) for n in range(301, 401)]
        floor.put(floor.mug, 1, 1)
        counts = []
        for some in (day[:2], day[200:202], day[300:302], day[2:200], day[202:300], day[302:]):
            with count_statements(floor.world.database) as seen:
                assert set(floor.said(*some)) == {"accepted"}
            # Many rows go by COPY on PostgreSQL, which SQLAlchemy does not see.
            apart = ("BEGIN", "INSERT INTO stock_movements", "INSERT INTO device_scans")
            counts.append(len([each for each in seen if not each.startswith(apart)]))

        assert counts[:3] == counts[3:]


class TestCounts:
    def test_are_to_be_made_again_where_too_much_has_moved_since(self, floor, monkeypatch):
        monkeypatch.setattr("backoffice_api.domain.scanning.commands.scans.MOVES_MAX", 2)
        came = [scan(number, RECEIVE, quantity=number, at=10 * number) for number in (1, 2, 3, 4)]
        assert set(floor.said(*came)) == {"accepted"}

        late, soon = scan(5, COUNT, quantity=1, at=15), scan(6, COUNT, quantity=4, at=25)

        assert floor.said(late, soon) == ["COUNTED_TOO_LONG_AGO", "accepted"]
        assert floor.stock() == {("MUG", "NORTH"): 4 + 3 + 4}

    def test_say_how_many_there_were_then(self, floor):
        floor.send(scan(1, quantity=10))
        floor.put(floor.mug, 14)

        floor.send(scan(2, COUNT, quantity=7))

        # Three were missing in the morning; the four that were found since are there.
        assert floor.stock() == {("MUG", "NORTH"): 11}

    def test_have_seen_what_comes_in_later_but_was_before(self, floor):
        floor.send(scan(1, quantity=10), scan(3, COUNT, quantity=12))
        assert floor.stock() == {("MUG", "NORTH"): 12}

        floor.send(scan(2, quantity=2), scan(4, quantity=1))

        assert floor.stock() == {("MUG", "NORTH"): 13}
        assert floor.all_broken() == []

    def test_of_the_last_moment_count(self, floor):
        floor.send(scan(2, COUNT, quantity=5))
        floor.send(scan(1, COUNT, quantity=9))

        assert floor.stock() == {("MUG", "NORTH"): 5}
        floor.adjust(line(floor.mug, floor.north, delta=1))
        assert floor.said(scan(3, COUNT, quantity=8)) == ["accepted"]
        assert floor.stock() == {("MUG", "NORTH"): 9}


def a_day(numbers, size):
    """What somebody scans in a day: in this order, all that is moved is there."""
    there = {"NORTH": 0, "SOUTH": 0}
    for sequence in range(1, size + 1):
        place = numbers.choice(["NORTH", "SOUTH"])
        other = "SOUTH" if place == "NORTH" else "NORTH"
        kind = numbers.choices(list(ScanKind), weights=(4, 4, 5, 1, 1, 0, 0, 0, 0))[0]
        pieces = numbers.randint(1, 9)
        at = sequence * 0.7  # minutes: 2,000 of them fit into the day
        match kind:
            case ScanKind.MOVE | ScanKind.PUT_AWAY if there[place] >= pieces:
                there[place] -= pieces
                there[other] += pieces
                yield scan(
                    sequence, kind, quantity=pieces, location=place, to_location=other, at=at
                )
            case ScanKind.COUNT:
                there[place] = max(0, there[place] + numbers.randint(-2, 2))
                yield scan(sequence, kind, quantity=there[place], location=place, at=at)
            case ScanKind.ADJUST if there[place]:
                there[place] -= 1
                yield scan(sequence, kind, quantity=-1, location=place, at=at)
            case _:
                there[place] += pieces
                yield scan(sequence, RECEIVE, quantity=pieces, location=place, at=at)


def sent_badly(floor, device_id, numbers, day, part):
    """Send a day in shuffled batches, some twice, some lost on the way, until all is accepted."""
    left = list(day)
    for _ in range(60):
        numbers.shuffle(left)
        kept = []
        for start in range(0, len(left), part):
            some = left[start : start + part]
            if numbers.random() < 0.2:  # cut off before it arrived
                kept += some
                continue
            outcomes = floor.send(*some, device_id=device_id)
            if numbers.random() < 0.3:  # cut off before the answer arrived
                outcomes = floor.send(*some, device_id=device_id)
            refused = {each.sequence for each in outcomes if each.status is ScanStatus.REFUSED}
            kept += [each for each in some if each.sequence in refused]
        left = kept
        if not left:
            return
        if len(left) < part:
            # What is left hangs together: it is sent as one.
            part = len(left)
    raise AssertionError("The device never gets rid of its scans.")


class TestTracked:
    """Lots and serial numbers, as the code says them, or beside it."""

    async def test_is_scanned_with_what_tells_it_apart(self, floor):
        floor.track(floor.mug, Tracking.LOT)
        code = f"(01){MUG_GTIN.zfill(14)}(17)270930(10)L-7"

        answer = await batch(
            floor,
            shown(1, code=code, quantity=4),
            shown(2, kind="PUT_AWAY", lot="L-7", toLocation="SOUTH", quantity=3),
            shown(3, kind="PUT_AWAY", lot="L-7", toLocation="SOUTH", quantity=2),
            shown(4, quantity=1),
            shown(5, kind="ADJUST", lot="L-8", quantity=-1),
            shown(6, kind="COUNT", lot="L-7", quantity=5, location="SOUTH"),
        )

        assert [each["refusal"] for each in answer["results"]] == [
            None,
            None,
            "INSUFFICIENT_LOT",
            "LOT_NEEDED",
            "INSUFFICIENT_LOT",
            None,
        ]
        assert floor.stock() == {("MUG", "NORTH"): 1, ("MUG", "SOUTH"): 5}
        (lot,) = floor.world.read(lots_of, floor.mug)
        assert (lot.code, str(lot.expires_on)) == ("L-7", "2027-09-30")
        assert floor.all_broken() == []

    def test_serial_number_is_one_piece(self, floor):
        floor.track(floor.mug, Tracking.SERIAL)

        assert floor.said(scan(1, lot="A"), scan(2, lot="B"), scan(3, lot="A")) == [
            "accepted",
            "accepted",
            "SERIAL_ELSEWHERE",
        ]
        # It went and came back, in whichever order that is heard of.
        away = scan(4, MOVE, lot="A", location="SOUTH", to_location="NORTH", at=9)
        assert floor.said(away) == ["INSUFFICIENT_LOT"]
        gone = scan(5, MOVE, lot="A", to_location="SOUTH", at=8)
        assert floor.said(away, gone, scan(6, lot="C", quantity=2)) == [
            "accepted",
            "accepted",
            "SERIAL_ELSEWHERE",
        ]
        assert floor.stock() == {("MUG", "NORTH"): 2}
        assert floor.all_broken() == []

    def test_promised_pieces_stay_whatever_their_lot(self, floor):
        floor.track(floor.mug, Tracking.LOT)
        floor.send(scan(1, lot="A", quantity=2), scan(2, lot="B", quantity=2))
        floor.reserve((1, floor.mug, 3))

        out = [scan(3, MOVE, lot=lot, to_location="SOUTH") for lot in ("A", "B")]

        assert floor.said(out[0], replace(out[1], sequence=4)) == ["accepted", "INSUFFICIENT_STOCK"]

    def test_takes_no_lot_of_what_has_none(self, floor):
        assert floor.said(scan(1, lot="A")) == ["LOT_NOT_TRACKED"]


def lots_of(db, variant_id):
    return fetch(db, Lot, select_as(Lot, lots).where(lots.c.variant_id == variant_id))


class TestAnyOrder:
    def test_comes_to_the_same_ledger_lot_by_lot(self, floor):
        cup = floor.coded("CUP")
        for variant in (floor.mug, cup):
            floor.track(variant, Tracking.LOT)
        other = floor.register("SCAN-2", token_id=floor.token_id)
        parts = [list(a_day(random.Random(seed), 40)) for seed in (5, 6)]
        day = [
            replace(each, sequence=2 * each.sequence + at, lot="AB"[at])
            for at, part in enumerate(parts)
            for each in part
        ]
        assert set(floor.said(*day)) == {"accepted"}

        cups = [replace(each, code="CUP") for each in day]
        sent_badly(floor, other, random.Random(7), cups, 9)

        stock = floor.stock()
        assert stock[("CUP", "NORTH")] == stock[("MUG", "NORTH")]
        assert floor.ledger(cup) == floor.ledger(floor.mug)
        assert floor.all_broken() == []

    @pytest.mark.parametrize(
        ("seed", "size", "part"),
        [(1, 120, 17), (2, 60, 1), (3, 2_000 if THOROUGH else 260, 130)],
    )
    def test_comes_to_the_same_ledger(self, floor, seed, size, part):
        """The same day with cups, once straight on one device, once badly on another."""
        cup = floor.coded("CUP")
        other = floor.register("SCAN-2", token_id=floor.token_id)
        day = list(a_day(random.Random(seed), size))
        assert set(floor.said(*day)) == {"accepted"}

        cups = [replace(each, code="CUP") for each in day]
        sent_badly(floor, other, random.Random(seed + 100), cups, part)

        stock = floor.stock()
        assert stock[("CUP", "NORTH")] == stock[("MUG", "NORTH")]
        assert stock[("CUP", "SOUTH")] == stock[("MUG", "SOUTH")]
        assert floor.ledger(cup) == floor.ledger(floor.mug)
        assert floor.all_broken() == []
