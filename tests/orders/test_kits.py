"""Kits: sold as one thing, promised, shipped and given back by component. On both databases."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from backoffice_api.domain.all_checks import CHECKS
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.money import Money, UnitPrice
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.commands.cancelling import CancelOrder, cancel_order
from backoffice_api.domain.orders.commands.drafts import (
    CreateOrder,
    ReserveOrder,
    UpdateOrder,
    create_order,
    reserve_order,
    update_order,
)
from backoffice_api.domain.orders.commands.placing import PlaceOrder, place_order
from backoffice_api.domain.orders.model.kits import LineComponent, parts_of, shares, weights
from backoffice_api.domain.orders.model.lines import LineQuantity
from backoffice_api.domain.orders.model.orders import CancelReason
from backoffice_api.domain.orders.tables import order_line_components, order_lines
from backoffice_api.domain.products.commands.kits import SetComponents
from backoffice_api.domain.products.commands.variants import ArchiveVariant, archive_variant
from backoffice_api.domain.products.model.kits import Component
from backoffice_api.domain.products.tables import kit_components, variants
from backoffice_api.domain.stock import queries as stock
from backoffice_api.domain.stock.commands.kits import set_components
from backoffice_api.domain.stock.commands.levels import AdjustStock, adjust_stock
from backoffice_api.domain.stock.commands.reservations import consume
from backoffice_api.domain.stock.model.levels import AdjustLine, InsufficientStock, Shortage
from backoffice_api.domain.stock.model.movements import Cause
from backoffice_api.domain.stock.model.reservations import OPEN, NotReserved
from backoffice_api.domain.stock.queries.positions import positions_by_variants
from tests import soundness
from tests.databases import count_statements
from tests.orders.kits import kit, set_kit
from tests.orders.shop import goods
from tests.stock.depot import Call, run_call
from tests.world import NOW, caller

SET = """
mutation ($id: ID!, $input: VariantSetComponentsInput!, $meta: MutationMeta) {
  variantSetComponents(id: $id, input: $input, meta: $meta) {
    variant { kind components { quantity variant { sku } } stock { onHand available } }
    userErrors { code path message }
    effects { kind summary }
    replayed
  }
}
"""


def shown(id):
    return ids.text("sku", id)


def available(shop, variant_id):
    return shop.position(variant_id).available


def broken(shop):
    return soundness.broken(shop.world.database, CHECKS)


def held(shop, order_id):
    """How many pieces of each variant are promised to the order, by SKU."""
    lines = [line.id for line in shop.lines(order_id)]
    found = shop.world.read(stock.reservations_by_lines, lines)
    pieces = Counter()
    for of_line in found.values():
        for each in of_line:
            if each.status in OPEN:
                pieces[each.variant_id] += each.quantity
    known = shop.world.read(
        lambda db: dict(db.execute(select(variants.c.id, variants.c.sku)).all())
    )
    return {known[id]: count for id, count in sorted(pieces.items())}


@pytest.fixture
def gift(shop):
    """A gift of two mugs and a spoon; 10 mugs, 4 of them in the other warehouse, and 7 spoons."""
    shop.mug = shop.variant("MUG", 6, 4)
    shop.spoon = shop.variant("SPOON", 7, price=UnitPrice(5_000_000, "EUR"))
    shop.gift = kit(
        shop, "GIFT", (shop.mug, 2), (shop.spoon, 1), price=UnitPrice(20_000_000, "EUR")
    )
    return shop


class TestSetComponents:
    async def test_makes_a_variant_a_kit(self, gift):
        plain = gift.variant("BOX")
        input = {"components": [{"variantId": shown(gift.mug), "quantity": 3}]}

        answer = await gift.world.graphql(SET, id=shown(plain), input=input)

        assert answer["variantSetComponents"] == {
            "variant": {
                "kind": "KIT",
                "components": [{"quantity": 3, "variant": {"sku": "MUG"}}],
                "stock": {"onHand": 0, "available": 3},
            },
            "userErrors": [],
            "effects": [
                {
                    "kind": "variant.components_set",
                    "summary": "Variant BOX is made of 1 components.",
                }
            ],
            "replayed": False,
        }

    async def test_takes_the_kit_apart_for_good(self, gift):
        answer = await gift.world.graphql(SET, id=shown(gift.gift), input={"components": []})

        variant = answer["variantSetComponents"]["variant"]
        assert (variant["kind"], variant["components"]) == ("SINGLE", [])
        assert variant["stock"] == {"onHand": 0, "available": 0}
        assert broken(gift) == []

    async def test_is_done_once_and_can_be_tried(self, gift):
        input = {"components": [{"variantId": shown(gift.spoon)}]}
        dry = await gift.world.graphql(SET, id=shown(gift.gift), input=input, meta={"dryRun": True})
        assert dry["variantSetComponents"]["variant"]["stock"]["available"] == 7
        assert available(gift, gift.gift) == 5
        meta = {"idempotencyKey": "k", "expectedVersion": 2}

        first = await gift.world.graphql(SET, id=shown(gift.gift), input=input, meta=meta)
        again = await gift.world.graphql(SET, id=shown(gift.gift), input=input, meta=meta)

        assert (first["variantSetComponents"]["replayed"], available(gift, gift.gift)) == (False, 7)
        assert again["variantSetComponents"]["replayed"]

    @pytest.mark.parametrize(
        ("of", "components", "codes"),
        [
            ("mug", [("spoon", 1)], ["KEPT_IN_STOCK"]),
            ("fresh", [("gift", 1)], ["NESTED_KIT"]),
            ("part", [("mug", 1)], ["NESTED_KIT"]),
            ("gift", [("gift", 1)], ["ITS_OWN_COMPONENT"]),
            ("gift", [("mug", 1), ("mug", 2)], ["DUPLICATE"]),
            ("gift", [("mug", 0)], ["OUT_OF_RANGE"]),
            ("gift", [("mug", 1_000_001)], ["OUT_OF_RANGE"]),
            ("gift", [("nobody", 1)], ["UNKNOWN_VARIANT"]),
        ],
    )
    async def test_refuses_what_makes_no_kit(self, gift, of, components, codes):
        known = {"mug": gift.mug, "spoon": gift.spoon, "gift": gift.gift}
        known |= {"fresh": gift.variant("FRESH"), "part": gift.variant("PART")}
        known["nobody"] = type(gift.mug)(int=5)
        kit(gift, "OTHER", (known["part"], 1))
        parts = tuple(Component(known[name], quantity) for name, quantity in components)

        command = SetComponents(id=known[of], components=parts)

        assert gift.refused(set_components, command) == codes

    async def test_takes_the_right(self, gift):
        somebody = caller(Scope.PRODUCTS_READ, Scope.STOCK_READ)

        answer = await gift.world.ask(
            SET, caller=somebody, id=shown(gift.gift), input={"components": []}
        )

        assert [each["extensions"]["code"] for each in answer["errors"]] == ["FORBIDDEN"]
        assert available(gift, gift.gift) == 5

    async def test_is_found_by_kind_and_by_component(self, gift):
        document = """
        query ($id: ID!) {
          variants(filter: {kind: [KIT], componentId: {eq: $id}}) { nodes { sku } }
        }
        """

        answer = await gift.world.graphql(document, id=shown(gift.spoon))

        assert answer == {"variants": {"nodes": [{"sku": "GIFT"}]}}


class TestTheDatabase:
    @pytest.mark.parametrize(
        "breaking",
        [
            lambda shop: insert(kit_components).values(
                kit_id=shop.gift, component_id=shop.other, position=9, quantity=1
            ),
            lambda shop: insert(kit_components).values(
                kit_id=shop.mug, component_id=shop.spoon, position=0, quantity=1
            ),
            lambda shop: update(variants).where(variants.c.id == shop.mug).values(kind="kit"),
            lambda shop: update(variants).where(variants.c.id == shop.gift).values(kind="single"),
        ],
        ids=["a kit in a kit", "parts of no kit", "a kit with stock", "no kit with parts"],
    )
    def test_refuses(self, gift, breaking):
        gift.other = kit(gift, "OTHER", (gift.mug, 1))

        with pytest.raises(IntegrityError), gift.world.database.writing.begin() as db:
            db.execute(breaking(gift))

    def test_refuses_stock_of_a_kit(self, gift):
        sql = text(
            "INSERT INTO stock_levels (id, version, created_at, updated_at, variant_id, "
            "location_id, on_hand, reserved, safety, negative_allowed) SELECT :id, 1, created_at, "
            "updated_at, :kit, location_id, 0, 0, 0, negative_allowed FROM stock_levels LIMIT 1"
        )
        raw = gift.world.database.dialect == "sqlite"
        values = {"id": gift.gift, "kit": gift.gift}

        with pytest.raises(IntegrityError), gift.world.database.writing.begin() as db:
            db.execute(sql, {name: id.bytes if raw else id for name, id in values.items()})

    def test_has_no_part_in_adjusting_a_kit(self, gift):
        line = AdjustLine(variant_id=gift.gift, location_id=gift.locations[0], delta=1)

        assert gift.refused(adjust_stock, AdjustStock(lines=(line,))) == ["KIT_HAS_NO_STOCK"]


class TestAvailability:
    def test_is_that_of_the_scarcest_component(self, gift):
        assert available(gift, gift.gift) == 5

        gift.place(goods("SPOON", 4))

        assert available(gift, gift.gift) == 3

    def test_is_nothing_where_a_component_was_never_kept(self, gift):
        ghost = gift.variant("GHOST")

        assert available(gift, kit(gift, "BOX", (gift.mug, 1), (ghost, 1))) == 0

    def test_takes_one_statement_for_any_number_of_kits(self, gift):
        found = [gift.gift, *(kit(gift, f"K{n}", (gift.mug, n)) for n in range(1, 6)), gift.mug]

        with count_statements(gift.world.database) as statements:
            positions = gift.world.read(positions_by_variants, found)

        assert len([each for each in statements if each.startswith("SELECT")]) == 1
        assert [positions[id].available for id in found] == [5, 10, 5, 3, 2, 2, 10]


class TestPlacing:
    async def test_promises_the_components(self, gift):
        order_id = gift.place(goods("GIFT", 3))

        assert held(gift, order_id) == {"MUG": 6, "SPOON": 3}
        assert (available(gift, gift.gift), gift.order(order_id).total.minor) == (2, 6_000)
        assert broken(gift) == []

    def test_adds_up_what_kits_and_plain_lines_want(self, gift):
        other = kit(gift, "PAIR", (gift.mug, 1))
        lines = (goods("GIFT", 3), goods("MUG", 3), goods("PAIR", 1))

        order_id = gift.place(*lines)

        assert held(gift, order_id) == {"MUG": 10, "SPOON": 3}
        assert available(gift, other) == 0
        assert gift.refused(
            create_order, CreateOrder(channel="web", lines=(goods("PAIR"),), place=True)
        ) == ["INSUFFICIENT_STOCK"]

    def test_names_component_and_kit_where_it_falls_short(self, gift):
        kit(gift, "PAIR", (gift.mug, 2))
        command = CreateOrder(
            channel="web", lines=(goods("GIFT", 4), goods("PAIR"), goods("MUG")), place=True
        )

        with pytest.raises(InsufficientStock) as refusal:
            gift.world.run(create_order, command)

        assert refusal.value.shortages == (
            Shortage(gift.mug, "MUG", requested=11, available=10, kit_skus=("GIFT", "PAIR")),
        )

    async def test_shows_shortages_of_kits(self, gift):
        document = """
        mutation { orderCreate(input: {
          channel: {code: "web"}, place: true, lines: [{sku: "GIFT", quantity: 8}]
        }) { userErrors { ... on InsufficientStockError {
          shortages { sku requested available kitSkus }
        } } } }
        """

        answer = await gift.world.graphql(document)

        assert answer["orderCreate"]["userErrors"][0]["shortages"] == [
            {"sku": "MUG", "requested": 16, "available": 10, "kitSkus": ["GIFT"]},
            {"sku": "SPOON", "requested": 8, "available": 7, "kitSkus": ["GIFT"]},
        ]

    def test_takes_a_constant_number_of_statements(self, gift):
        few = CreateOrder(channel="web", lines=(goods("GIFT"),), place=True)
        kits = [f"K{n}" for n in range(5)]
        for sku in kits:
            kit(gift, sku, (gift.mug, 1), (gift.spoon, 1))
        gift.world.run(
            adjust_stock,
            AdjustStock(
                lines=tuple(
                    AdjustLine(variant_id=id, location_id=gift.locations[0], delta=100)
                    for id in (gift.mug, gift.spoon)
                )
            ),
        )
        many = CreateOrder(
            channel="web", lines=tuple(goods(sku, 2) for sku in (*kits, "GIFT")), place=True
        )
        counts = []
        for command in (few, many):
            with count_statements(gift.world.database) as statements:
                gift.world.run(create_order, command)
            counts.append(len(statements))

        assert counts[0] == counts[1]

    def test_keeps_what_was_in_the_kit_when_it_was_ordered(self, gift):
        draft = gift.create(goods("GIFT", 2))
        set_kit(gift, gift.gift, (gift.spoon, 2))

        gift.world.run(place_order, PlaceOrder(id=draft))

        assert held(gift, draft) == {"MUG": 4, "SPOON": 2}
        assert broken(gift) == []

    def test_refuses_a_kit_with_a_component_out_of_use(self, gift):
        gift.world.run(archive_variant, ArchiveVariant(id=gift.spoon))

        command = CreateOrder(channel="web", lines=(goods("GIFT"),), place=True)

        assert gift.refused(create_order, command) == ["VARIANT_NOT_FOR_SALE"]


class TestDrafts:
    def test_hold_components_until_they_are_placed(self, gift):
        until = NOW + timedelta(hours=1)
        draft = gift.create(goods("GIFT", 2), goods("MUG"), reserve_until=until)
        assert held(gift, draft) == {"MUG": 5, "SPOON": 2}
        later = until + timedelta(hours=1)
        gift.world.run(reserve_order, ReserveOrder(id=draft, until=later))
        assert held(gift, draft) == {"MUG": 5, "SPOON": 2}

        gift.world.run(place_order, PlaceOrder(id=draft))

        assert held(gift, draft) == {"MUG": 5, "SPOON": 2}
        assert broken(gift) == []

    def test_exchange_components_with_their_lines(self, gift):
        draft = gift.create(goods("GIFT", 2), reserve_until=NOW + timedelta(hours=1))
        command = UpdateOrder(id=draft, lines=(goods("GIFT", 1), goods("SPOON")))

        gift.world.run(update_order, command)

        assert held(gift, draft) == {"MUG": 2, "SPOON": 2}
        stored = gift.world.read(lambda db: db.execute(select(order_line_components)).all())
        assert len(stored) == 2
        assert broken(gift) == []


class TestCancelling:
    def test_gives_back_components(self, gift):
        order_id = gift.place(goods("GIFT", 3), goods("MUG"))
        line = gift.lines(order_id)[0]
        part = CancelOrder(
            id=order_id, lines=(LineQuantity(line.id, 2),), reason=CancelReason.CUSTOMER
        )

        gift.world.run(cancel_order, part)

        assert held(gift, order_id) == {"MUG": 3, "SPOON": 1}
        assert broken(gift) == []
        gift.world.run(cancel_order, CancelOrder(id=order_id, reason=CancelReason.CUSTOMER))
        assert (held(gift, order_id), available(gift, gift.gift)) == ({}, 5)
        assert broken(gift) == []


class TestShipping:
    def ship(self, shop, order_id, quantity):
        line = shop.lines(order_id)[0]
        parts = parts_of(shop.world.read(queries.components_of, shop.lines(order_id)))

        def call(uow):
            cause = Cause("ord", order_id)
            consume(uow, {line.id: quantity}, cause=cause, parts=parts)

        shop.world.run(run_call, Call(call=call))

    def test_takes_the_components_of_each_kit(self, gift):
        order_id = gift.place(goods("GIFT", 3))

        self.ship(gift, order_id, 2)

        assert held(gift, order_id) == {"MUG": 2, "SPOON": 1}
        assert (gift.position(gift.mug).on_hand, gift.position(gift.spoon).on_hand) == (6, 5)

    def test_refuses_more_than_was_promised(self, gift):
        order_id = gift.place(goods("GIFT", 3))

        with pytest.raises(NotReserved) as refusal:
            self.ship(gift, order_id, 4)

        assert (refusal.value.requested, refusal.value.reserved) == (12, 9)


class TestShares:
    async def test_of_the_price_sum_to_the_line(self, gift):
        document = """
        query ($id: ID!) { order(by: {id: $id}) { lines { nodes { isKit components {
          sku perKit quantity currentQuantity
          ordered { subtotal { amount } discount { amount } }
          current { subtotal { amount } }
          variant { sku }
        } } } } }
        """
        order_id = gift.place(goods("GIFT", 3, unit_price=UnitPrice(19_990_000, "EUR")))

        answer = await gift.world.graphql(document, id=ids.text("ord", order_id))

        (line,) = answer["order"]["lines"]["nodes"]
        assert line == {
            "isKit": True,
            "components": [
                {
                    "sku": "MUG",
                    "perKit": 2,
                    "quantity": 6,
                    "currentQuantity": 6,
                    "ordered": {"subtotal": {"amount": "47.98"}, "discount": {"amount": "0.00"}},
                    "current": {"subtotal": {"amount": "47.98"}},
                    "variant": {"sku": "MUG"},
                },
                {
                    "sku": "SPOON",
                    "perKit": 1,
                    "quantity": 3,
                    "currentQuantity": 3,
                    "ordered": {"subtotal": {"amount": "11.99"}, "discount": {"amount": "0.00"}},
                    "current": {"subtotal": {"amount": "11.99"}},
                    "variant": {"sku": "SPOON"},
                },
            ],
        }

    def test_are_by_pieces_where_a_price_is_missing(self):
        priced = UnitPrice(1, "EUR")

        assert weights([priced, None], [2, 3]) == [2, 3]
        assert weights([UnitPrice(0, "EUR")], [2]) == [2]
        assert weights([priced, UnitPrice(2**62, "EUR")], [1, 4]) == [0, 2**61]

    def test_of_a_line_sum_to_it_whatever_the_weights(self, gift):
        order_id = gift.place(goods("GIFT", 3))
        (line,) = gift.lines(order_id)

        @settings(max_examples=25)
        @given(st.lists(st.integers(0, 2**62), min_size=1, max_size=6).filter(any))
        def sums_close(given_weights):
            components = [
                LineComponent(line.id, position, gift.mug, "MUG", 1, weight)
                for position, weight in enumerate(given_weights)
            ]
            found = shares(line, components)
            total = sum(each.ordered.subtotal.minor for each in found)
            assert Money(total, "EUR") == line.ordered.subtotal

        sums_close()


WISHES = st.lists(
    st.tuples(
        st.sampled_from(["place", "cancel", "adjust"]),
        st.sampled_from(["GIFT", "PAIR", "MUG", "SPOON"]),
        st.integers(1, 4),
    ),
    min_size=1,
    max_size=12,
)


class TestAnyHistory:
    def test_never_oversells_and_keeps_its_sums(self, gift):
        """On whatever is left from the example before: the checks hold at every moment."""
        kit(gift, "PAIR", (gift.mug, 2))
        orders = []

        @settings(max_examples=10, suppress_health_check=list(HealthCheck))
        @given(WISHES)
        def history(wishes):
            for verb, sku, number in wishes:
                step(gift, orders, verb, sku, number)
            for sku, id in (("MUG", gift.mug), ("SPOON", gift.spoon)):
                position = gift.position(id)
                assert 0 <= position.reserved <= position.on_hand, sku
                promised = sum(held(gift, each).get(sku, 0) for each in orders)
                assert position.reserved == promised, sku
            mugs, spoons = available(gift, gift.mug), available(gift, gift.spoon)
            assert available(gift, gift.gift) == min(mugs // 2, spoons)
            assert broken(gift) == []

        history()


def step(shop, orders, verb, sku, number):
    """One step of a history; what cannot be done is refused, and changes nothing."""
    try:
        match verb:
            case "place":
                orders.append(shop.place(goods(sku, number), goods("GIFT", 1)))
            case "adjust":
                line = AdjustLine(
                    variant_id=shop.mug, location_id=shop.locations[0], delta=number - 2 or 1
                )
                shop.world.run(adjust_stock, AdjustStock(lines=(line,)))
            case "cancel" if orders:
                order_id = orders[number % len(orders)]
                lines = (LineQuantity(shop.lines(order_id)[0].id, 1),)
                command = CancelOrder(id=order_id, lines=lines, reason=CancelReason.OTHER)
                shop.world.run(cancel_order, command)
    except DomainError:
        pass


class TestChecks:
    @pytest.mark.parametrize(
        ("breaking", "found"),
        [
            (update(order_line_components).values(quantity=3), ["S4-orders", "S9-orders"]),
            (update(order_lines).values(is_kit=False), ["S9-orders"]),
            (delete(kit_components), ["S9"]),
        ],
        ids=["another quantity", "a line that is no kit", "a kit of nothing"],
    )
    def test_find_what_no_command_writes(self, gift, breaking, found):
        gift.place(goods("GIFT"))
        assert broken(gift) == []

        with gift.world.database.writing.begin() as db:
            db.execute(breaking)

        assert broken(gift) == found


class TestManyBuyers:
    def test_of_kits_and_parts_get_what_there_is(self, gift):
        """Each of 40 wants a gift and a mug, in either order: 10 mugs make three of them."""
        lines = [(goods("GIFT"), goods("MUG")), (goods("MUG"), goods("GIFT"))]
        commands = [
            CreateOrder(channel="web", lines=lines[number % 2], place=True) for number in range(40)
        ]

        def buy(command):
            try:
                return gift.world.run(create_order, command).value
            except DomainError as refusal:
                return refusal.code

        writers = 2 if gift.world.database.dialect == "sqlite" else 8
        with ThreadPoolExecutor(writers) as buyers:
            came_to = Counter(str(each) for each in buyers.map(buy, commands))

        assert came_to["INSUFFICIENT_STOCK"] == 37
        assert (gift.position(gift.mug).reserved, gift.position(gift.spoon).reserved) == (9, 3)
        assert broken(gift) == []

    def test_race_with_whoever_takes_the_kit_into_stock(self, gift):
        """Either it becomes a kit, or it is kept: never both."""
        plain = gift.variant("NEW")
        line = AdjustLine(variant_id=plain, location_id=gift.locations[0], delta=1)
        kits = SetComponents(id=plain, components=(Component(gift.mug, 1),))
        jobs = [(adjust_stock, AdjustStock(lines=(line,))), (set_components, kits)]

        def run(job):
            try:
                gift.world.run(*job)
            except DomainError as refusal:
                return refusal.code
            return "done"

        with ThreadPoolExecutor(2) as threads:
            came_to = list(threads.map(run, jobs))

        assert sorted(came_to) in (["KIT_HAS_NO_STOCK", "done"], ["KEPT_IN_STOCK", "done"])
        assert broken(gift) == []
