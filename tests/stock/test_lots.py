"""Lots and serial numbers: known wherever they lie and in every movement. On both databases."""

from datetime import date, timedelta

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.stock.commands.history import record_movements
from backoffice_api.domain.stock.commands.lots import (
    BlockLot,
    SetTracking,
    UpdateLot,
    block_lot,
    set_tracking,
    update_lot,
)
from backoffice_api.domain.stock.commands.reservations import consume
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.levels import AdjustmentKind, MoveLine
from backoffice_api.domain.stock.model.lots import (
    Lot,
    LotDraft,
    LotPieces,
    LotShare,
    LotStatus,
    Tracking,
    first_expired,
)
from backoffice_api.domain.stock.queries.lots import lots_by_codes
from backoffice_api.domain.stock.tables import lot_levels, movements
from tests.databases import count_statements
from tests.stock.depot import CAUSE, line, line_id, shown
from tests.stock.test_stock_history import received
from tests.world import NOW, caller

SOON, LATER = NOW.date() + timedelta(days=10), NOW.date() + timedelta(days=900)


def tracked(depot, sku, tracking=Tracking.LOT):
    (id,) = depot.variants(sku)
    depot.world.run(set_tracking, SetTracking(variant_id=id, tracking=tracking))
    return id


def of_lot(variant, place, code, expires_on=None, **amounts):
    return line(variant, place, lot=LotDraft(code=code, expires_on=expires_on), **amounts)


def lot(depot, variant, code, kind=Tracking.LOT):
    return depot.world.read(lots_by_codes, [(variant, code)], {variant: kind})[variant, code]


def where(depot, variant):
    """How many pieces of each lot lie where, in which bucket."""

    def read(db):
        rows = db.execute(lot_levels.select().where(lot_levels.c.on_hand > 0)).all()
        return {(row.level_id, row.lot_id): row.on_hand for row in rows}

    places = {level.id: at for at, level in depot.places().items() if at.variant_id == variant}
    return {
        (places[level_id].location_id, places[level_id].bucket, lot_id): pieces
        for (level_id, lot_id), pieces in depot.world.read(read).items()
        if level_id in places
    }


@pytest.fixture
def milk(depot):
    """Of a variant with lots: 3 pieces of L1 that expire later and 4 of L2 that expire soon."""
    depot.milk = tracked(depot, "MILK")
    depot.adjust(
        of_lot(depot.milk, depot.north, "L1", LATER, delta=3),
        of_lot(depot.milk, depot.north, "L2", SOON, delta=4),
    )
    depot.l1, depot.l2 = lot(depot, depot.milk, "L1"), lot(depot, depot.milk, "L2")
    return depot


class TestTracking:
    def test_changes_only_while_there_is_nothing(self, depot):
        variant = depot.variant("A", 5)
        command = SetTracking(variant_id=variant, tracking=Tracking.LOT)

        (fault,) = depot.refusals(lambda: depot.world.run(set_tracking, command))
        assert (fault.code, fault.quantity) == ("STILL_IN_STOCK", 5)
        depot.put(variant, 0)
        depot.world.run(set_tracking, command)

        assert depot.events()[-1] == "variant.tracking_set"

    def test_needs_a_lot_exactly_where_there_are_lots(self, milk):
        plain = milk.variant("A")

        (fault,) = milk.refusals(lambda: milk.adjust(line(milk.milk, milk.north, delta=1)))
        assert (fault.code, fault.path) == ("LOT_NEEDED", ("lines", 0, "lot"))
        (fault,) = milk.refusals(lambda: milk.adjust(of_lot(plain, milk.north, "L", delta=1)))
        assert fault.code == "LOT_NOT_TRACKED"

    def test_is_held_by_the_database(self, milk):
        movement = received(milk.milk, milk.north, 1)

        with pytest.raises(IntegrityError):
            milk.call(record_movements, [movement])

        row = {
            "id": line_id(9),
            "kind": "correction",
            "variant_id": milk.variant("OTHER"),
            "from_location_id": milk.north,
            "to_location_id": milk.south,
            "quantity": 1,
            "actor_kind": "system",
            "occurred_at": NOW,
            "recorded_at": NOW,
            "lot_id": milk.l1.id,
        }
        with pytest.raises(IntegrityError), milk.world.database.writing.begin() as db:
            db.execute(insert(movements).values(row))


class TestLots:
    def test_are_kept_apart_at_one_level(self, milk):
        assert milk.counts(milk.milk) == [(7, 0)]
        assert where(milk, milk.milk) == {
            (milk.north, Bucket.SELLABLE, milk.l1.id): 3,
            (milk.north, Bucket.SELLABLE, milk.l2.id): 4,
        }
        assert (milk.l2.expires_on, milk.l2.received_on) == (SOON, NOW.date())
        assert milk.broken() == []

    def test_are_adjusted_each_by_itself(self, milk):
        milk.adjust(
            of_lot(milk.milk, milk.north, "L1", set_to=5, expected_on_hand=3),
            of_lot(milk.milk, milk.north, "L2", delta=-2),
        )

        assert milk.counts(milk.milk) == [(7, 0)]
        assert sorted(where(milk, milk.milk).values()) == [2, 5]
        assert [each.quantity for each in milk.movements()] == [3, 4, 2, 2]
        (fault,) = milk.refusals(lambda: milk.adjust(of_lot(milk.milk, milk.north, "L2", delta=-3)))
        assert (fault.code, fault.requested, fault.available) == ("INSUFFICIENT_LOT", 3, 2)
        assert milk.broken() == []

    def test_move_with_their_pieces(self, milk):
        move = MoveLine(
            variant_id=milk.milk,
            from_location_id=milk.north,
            to_location_id=milk.south,
            to_bucket=Bucket.QUARANTINE,
            quantity=2,
            lot_id=milk.l2.id,
        )

        milk.move(move)

        assert where(milk, milk.milk) == {
            (milk.north, Bucket.SELLABLE, milk.l1.id): 3,
            (milk.north, Bucket.SELLABLE, milk.l2.id): 2,
            (milk.south, Bucket.QUARANTINE, milk.l2.id): 2,
        }
        assert milk.broken() == []

    def test_are_recorded_from_the_past(self, milk):
        milk.call(record_movements, [received(milk.milk, milk.south, 6, lot_id=milk.l1.id)])

        assert where(milk, milk.milk)[milk.south, Bucket.SELLABLE, milk.l1.id] == 6
        assert milk.broken() == []

    def test_take_as_many_statements_for_many_as_for_one(self, milk):
        with count_statements(milk.world.database) as one:
            milk.adjust(of_lot(milk.milk, milk.north, "N1", delta=1))
        with count_statements(milk.world.database) as many:
            milk.adjust(*(of_lot(milk.milk, milk.north, f"M{n}", delta=1) for n in range(9)))

        assert len(many) == len(one)


class TestShipping:
    def test_takes_what_expires_first(self, milk):
        milk.reserve((1, milk.milk, 5))

        milk.call(consume, {line_id(1): 5}, cause=CAUSE)

        assert where(milk, milk.milk) == {(milk.north, Bucket.SELLABLE, milk.l1.id): 2}
        shipped = {each.lot_id: each.quantity for each in milk.movements()[2:]}
        assert shipped == {milk.l2.id: 4, milk.l1.id: 1}
        assert milk.broken() == []

    def test_takes_the_lots_that_are_named(self, milk):
        milk.reserve((1, milk.milk, 3))

        milk.call(
            consume, {line_id(1): 3}, cause=CAUSE, lots={line_id(1): [LotPieces(milk.l1.id, 3)]}
        )

        assert where(milk, milk.milk) == {(milk.north, Bucket.SELLABLE, milk.l2.id): 4}

    def test_leaves_what_is_blocked_or_has_expired(self, milk):
        milk.reserve((1, milk.milk, 5))
        milk.world.run(block_lot, BlockLot(id=milk.l2.id))

        (fault,) = milk.refusals(lambda: milk.call(consume, {line_id(1): 5}, cause=CAUSE))
        assert (fault.code, fault.requested, fault.available) == ("NO_LOT_TO_SHIP", 5, 3)
        named = {line_id(1): [LotPieces(milk.l2.id, 1)]}
        (fault,) = milk.refusals(
            lambda: milk.call(consume, {line_id(1): 1}, cause=CAUSE, lots=named)
        )
        assert fault.code == "LOT_IS_BLOCKED"
        expired = UpdateLot(id=milk.l1.id, expires_on=NOW.date() - timedelta(days=1))
        milk.world.run(update_lot, expired)
        (fault,) = milk.refusals(lambda: milk.call(consume, {line_id(1): 1}, cause=CAUSE))
        assert (fault.code, fault.available) == ("NO_LOT_TO_SHIP", 0)


class TestSerials:
    @pytest.fixture
    def phone(self, depot):
        """A variant with serial numbers, of which NORTH has S1."""
        depot.phone = tracked(depot, "PHONE", Tracking.SERIAL)
        depot.adjust(of_lot(depot.phone, depot.north, "S1", delta=1))
        depot.s1 = lot(depot, depot.phone, "S1", Tracking.SERIAL)
        return depot

    @pytest.mark.parametrize("place", ["north", "south"])
    def test_are_in_one_place_at_a_time(self, phone, place):
        again = of_lot(phone.phone, getattr(phone, place), "S1", delta=1)
        (fault,) = phone.refusals(lambda: phone.adjust(again))
        assert fault.code == "SERIAL_ELSEWHERE"

    def test_are_one_piece(self, phone):
        two = of_lot(phone.phone, phone.north, "S2", delta=2)
        (fault,) = phone.refusals(lambda: phone.adjust(two))
        assert fault.code == "SERIAL_ELSEWHERE"

    def test_move_and_come_back(self, phone):
        there = {"variant_id": phone.phone, "quantity": 1, "lot_id": phone.s1.id}
        phone.move(
            MoveLine(from_location_id=phone.north, to_location_id=phone.south, **there),
            MoveLine(from_location_id=phone.south, to_location_id=phone.north, **there),
            MoveLine(from_location_id=phone.north, to_location_id=phone.south, **there),
        )
        phone.reserve((1, phone.phone, 1))
        phone.call(consume, {line_id(1): 1}, cause=CAUSE)
        phone.adjust(of_lot(phone.phone, phone.north, "S1", delta=1))

        assert where(phone, phone.phone) == {(phone.north, Bucket.SELLABLE, phone.s1.id): 1}
        assert phone.broken() == []

    def test_are_held_apart_by_the_database(self, phone):
        phone.adjust(of_lot(phone.phone, phone.south, "S2", delta=1))
        levels = phone.levels()
        row = {
            "level_id": levels[phone.phone, phone.south].id,
            "lot_id": phone.s1.id,
            "kind": Tracking.SERIAL,
            "on_hand": 1,
        }
        for statement in (
            insert(lot_levels).values(row),
            update(lot_levels).values(on_hand=2),
            update(lot_levels).values(kind=Tracking.LOT),
        ):
            with pytest.raises(IntegrityError), phone.world.database.writing.begin() as db:
                db.execute(statement)


def some_lot(number, expires_on, status=LotStatus.ACTIVE):
    at = NOW + timedelta(minutes=number)
    return Lot(
        line_id(number), 1, at, at, line_id(99), Tracking.LOT, str(number), expires_on, None, status
    )


class TestFirstExpired:
    def test_orders_by_expiry_then_age_and_leaves_what_is_not_good(self):
        today = date(2025, 3, 1)
        there = [
            (some_lot(1, None), 5),
            (some_lot(2, date(2025, 5, 1)), 2),
            (some_lot(3, date(2025, 4, 1)), 1),
            (some_lot(4, date(2025, 2, 28)), 9),
            (some_lot(5, today), 1),
            (some_lot(6, date(2025, 4, 1), LotStatus.BLOCKED), 9),
            (some_lot(7, date(2025, 5, 1)), 0),
        ]

        shares = first_expired(there, 6, today)

        assert shares == [
            LotShare(line_id(5), 1, 1),
            LotShare(line_id(3), 1, 1),
            LotShare(line_id(2), 2, 2),
            LotShare(line_id(1), 2, 5),
        ]
        assert sum(share.quantity for share in first_expired(there, 100, today)) == 9


class TestGraphql:
    async def test_shows_a_lot_with_all_that_became_of_it(self, milk):
        document = """query ($id: ID!, $level: ID!) {
          lot(id: $id) {
            code kind status expiresOn actions { name allowed } variant { sku }
            places { onHand level { bucket location { code } } }
            movements { nodes { quantity lot { code } } }
          }
          lots(filter: {levelId: {eq: $level}}, sort: {key: CODE, direction: ASC}) {
            nodes { code }
          }
          lotsCount(filter: {expiresOn: {lt: "2025-04-01"}}) { value }
          never: lotsCount(filter: {receivedOn: {isNull: true, lt: "2025-04-01"}}) { value }
          variants { nodes { stockSettings { tracking valuation } } }
        }"""
        level = milk.levels()[milk.milk, milk.north].id

        answer = await milk.world.graphql(
            document, id=shown("lot", milk.l2.id), level=shown("lvl", level)
        )

        assert answer["lot"] == {
            "code": "L2",
            "kind": "LOT",
            "status": "ACTIVE",
            "expiresOn": SOON.isoformat(),
            "actions": [
                {"name": "update", "allowed": True},
                {"name": "block", "allowed": True},
                {"name": "unblock", "allowed": False},
            ],
            "variant": {"sku": "MILK"},
            "places": [
                {"onHand": 4, "level": {"bucket": "SELLABLE", "location": {"code": "NORTH"}}}
            ],
            "movements": {"nodes": [{"quantity": 4, "lot": {"code": "L2"}}]},
        }
        assert [each["code"] for each in answer["lots"]["nodes"]] == ["L1", "L2"]
        assert answer["lotsCount"] == {"value": 1}
        assert answer["never"] == {"value": 0}
        settings = answer["variants"]["nodes"][0]["stockSettings"]
        assert settings == {"tracking": "LOT", "valuation": "AVERAGE"}

    async def test_suggests_what_expires_first(self, depot):
        variant = tracked(depot, "A")
        depot.adjust(
            of_lot(variant, depot.north, "B1", date(2999, 1, 2), delta=3),
            of_lot(variant, depot.north, "B2", date(2999, 1, 1), delta=3),
        )
        document = """query ($of: ID!, $at: ID!) {
          lotSuggestion(variantId: $of, locationId: $at, quantity: 4) {
            quantity available lot { code }
          }
        }"""

        answer = await depot.world.graphql(
            document, of=shown("sku", variant), at=shown("loc", depot.north)
        )

        assert answer["lotSuggestion"] == [
            {"quantity": 3, "available": 3, "lot": {"code": "B2"}},
            {"quantity": 1, "available": 3, "lot": {"code": "B1"}},
        ]

    async def test_takes_lots_in_and_blocks_them(self, depot):
        (variant,) = depot.variants("A")
        of, at = shown("sku", variant), shown("loc", depot.north)
        await depot.world.graphql(
            """mutation ($of: ID!) {
              stockSetTracking(input: {variantId: $of, tracking: LOT}) { userErrors { code } }
            }""",
            of=of,
        )
        adjust = """mutation ($of: ID!, $at: ID!, $lot: LotInput) {
          stockAdjust(input: {kind: RECEIPT, lines: [
            {variantId: $of, locationId: $at, delta: 2, lot: $lot}
          ]}) {
            movements { lot { id code expiresOn } }
            userErrors { code path ... on LotNeededError { sku tracking } }
          }
        }"""

        refused = await depot.world.graphql(adjust, of=of, at=at)
        done = await depot.world.graphql(
            adjust, of=of, at=at, lot={"code": "X", "expiresOn": "2026-01-31"}
        )

        assert refused["stockAdjust"]["userErrors"] == [
            {
                "code": "LOT_NEEDED",
                "path": ["input", "lines", "0", "lot"],
                "sku": "A",
                "tracking": "LOT",
            }
        ]
        (movement,) = done["stockAdjust"]["movements"]
        id = movement["lot"].pop("id")
        assert movement == {"lot": {"code": "X", "expiresOn": "2026-01-31"}}
        block = """mutation ($id: ID!) {
          lotBlock(id: $id) { lot { status } userErrors { code } }
        }"""
        blocked = await depot.world.graphql(block, id=id)
        again = await depot.world.graphql(block, id=id)
        assert blocked["lotBlock"] == {"lot": {"status": "BLOCKED"}, "userErrors": []}
        assert again["lotBlock"]["userErrors"] == [{"code": "INVALID_TRANSITION"}]

    @pytest.mark.parametrize(
        ("document", "missing"),
        [
            ("{ lots { nodes { id } } }", Scope.STOCK_READ),
            ("{ lotsCount { value } }", Scope.STOCK_READ),
            (
                f'{{ lotSuggestion(variantId: "sku_{0:032}", locationId: "loc_{0:032}", '
                "quantity: 1) { quantity } }",
                Scope.STOCK_READ,
            ),
            ('mutation { lotBlock(id: "lot_%s") { replayed } }' % ("0" * 32), Scope.STOCK_WRITE),
            ('mutation { lotUnblock(id: "lot_%s") { replayed } }' % ("0" * 32), Scope.STOCK_WRITE),
            (
                'mutation { lotUpdate(id: "lot_%s", input: {}) { replayed } }' % ("0" * 32),
                Scope.STOCK_WRITE,
            ),
        ],
    )
    async def test_takes_the_right(self, depot, document, missing):
        answer = await depot.world.ask(document, caller=caller(*ALL_SCOPES - {missing}))

        assert [each["extensions"]["code"] for each in answer["errors"]] == ["FORBIDDEN"]


def test_kinds_of_adjustments_take_lots_too(milk):
    scrapped = of_lot(milk.milk, milk.north, "L2", delta=-1)

    milk.adjust(scrapped, kind=AdjustmentKind.SCRAP)

    assert milk.movements()[-1].lot_id == milk.l2.id
