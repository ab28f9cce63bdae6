"""What stock is worth, by average and by layers, and the cost of what left. On both databases."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from backoffice_api.domain.kernel.money import AmountTooLarge, UnitPrice
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.stock.commands.lots import SetValuation, set_valuation
from backoffice_api.domain.stock.commands.reservations import consume
from backoffice_api.domain.stock.model.costs import Book, CostKind, Layer, ValuationMethod, divided
from backoffice_api.domain.stock.model.levels import AdjustmentKind, MoveLine
from backoffice_api.domain.stock.queries.costs import costs_by_variants
from backoffice_api.domain.stock.tables import cost_entries, cost_layers
from tests.databases import count_statements
from tests.stock.depot import CAUSE, line, line_id, shown
from tests.world import caller

AVERAGE, FIFO = ValuationMethod.AVERAGE, ValuationMethod.FIFO
VALUED = """
query ($id: ID!) {
  variant(by: {id: $id}) {
    valuation { method quantity unitCost { amount currency } total { amount } }
  }
  movements(sort: {key: OCCURRED_AT, direction: DESC}) {
    nodes { quantity cost { kind unitCost { amount } total { amount } } }
  }
}
"""


def euros(amount):
    return UnitPrice.of(Decimal(amount), "EUR")


def bought(depot, variant, pieces, cost, place=None):
    unit_cost = None if cost is None else euros(cost)
    receipt = line(variant, place or depot.north, delta=pieces, unit_cost=unit_cost)
    depot.adjust(receipt, kind=AdjustmentKind.RECEIPT)


def sold(depot, variant, pieces, number=1):
    depot.reserve((number, variant, pieces))
    depot.call(consume, {line_id(number): pieces}, cause=CAUSE)


def state(depot, variant):
    """Pieces, value and unit cost, the latter in millionths."""
    found = depot.world.read(costs_by_variants, [variant]).get(variant)
    return found and (found.quantity, found.value_micro, found.unit_cost_micro)


def entries(depot):
    """Kind, pieces and value of each entry, in their order."""

    def read(db):
        of = cost_entries.c
        rows = db.execute(select(of.kind, of.quantity, of.value_micro).order_by(of.sequence))
        return [tuple(row) for row in rows]

    return depot.world.read(read)


def with_method(depot, sku, method):
    (variant,) = depot.variants(sku)
    depot.world.run(set_valuation, SetValuation(variant_id=variant, method=method))
    return variant


class TestAverage:
    def test_moves_with_what_comes_in_and_stays_with_what_leaves(self, depot):
        variant = depot.variant("A")

        bought(depot, variant, 4, "1.00")
        bought(depot, variant, 2, "4.00", depot.south)
        assert state(depot, variant) == (6, 12_000_000, 2_000_000)
        sold(depot, variant, 3)

        assert state(depot, variant) == (3, 6_000_000, 2_000_000)
        assert entries(depot) == [
            (CostKind.ENTRY, 4, 4_000_000),
            (CostKind.ENTRY, 2, 8_000_000),
            (CostKind.EXIT, -3, -6_000_000),
        ]
        assert depot.broken() == []

    def test_leaves_nothing_behind_with_the_last_piece(self, depot):
        variant = depot.variant("A")
        bought(depot, variant, 2, "1.00")
        bought(depot, variant, 1, "0.000001")

        for number in (1, 2, 3):
            sold(depot, variant, 1, number)

        assert state(depot, variant) == (0, 0, 666_667)
        assert [value for _, _, value in entries(depot)][2:] == [-666_667, -666_667, -666_667]
        assert depot.broken() == []

    def test_takes_what_comes_in_without_a_cost_for_average(self, depot):
        variant = depot.variant("A")
        bought(depot, variant, 1, "3.00")

        bought(depot, variant, 2, None)

        assert state(depot, variant) == (3, 9_000_000, 3_000_000)

    def test_begins_with_what_was_there(self, depot):
        variant = depot.variant("A", 5, 1)
        assert state(depot, variant) is None

        bought(depot, variant, 2, "2.00")

        assert state(depot, variant) == (8, 16_000_000, 2_000_000)
        assert entries(depot) == [
            (CostKind.OPENING, 6, 12_000_000),
            (CostKind.ENTRY, 2, 4_000_000),
        ]
        assert depot.broken() == []

    def test_knows_what_it_cost_when_more_left_than_there_was(self, depot):
        free = depot.location("FREE", negative_allowed=True)
        variant = depot.variant("A")
        bought(depot, variant, 1, "1.00", free)

        depot.adjust(line(variant, free, delta=-3))
        assert state(depot, variant) == (-2, -2_000_000, 1_000_000)
        bought(depot, variant, 5, "2.00", free)

        assert state(depot, variant) == (3, 6_000_000, 2_000_000)
        assert entries(depot)[-2:] == [
            (CostKind.ENTRY, 5, 10_000_000),
            (CostKind.VARIANCE, 0, -2_000_000),
        ]
        assert depot.broken() == []

    def test_does_not_change_by_moves_in_the_house(self, depot):
        variant = depot.variant("A")
        bought(depot, variant, 4, "1.00")
        places = {"from_location_id": depot.north, "to_location_id": depot.south}

        depot.move(MoveLine(variant_id=variant, quantity=2, **places))

        assert state(depot, variant) == (4, 4_000_000, 1_000_000)
        assert len(entries(depot)) == 1

    def test_refuses_another_currency_and_less_than_nothing(self, depot):
        variant = depot.variant("A")
        bought(depot, variant, 1, "1.00")
        other = line(variant, depot.north, delta=1, unit_cost=UnitPrice(1, "USD"))
        below = line(variant, depot.north, delta=1, unit_cost=UnitPrice(-1, "EUR"))

        (fault,) = depot.refusals(lambda: depot.adjust(other))
        assert (fault.code, fault.left, fault.right) == ("CURRENCY_MISMATCH", "EUR", "USD")
        (fault,) = depot.refusals(lambda: depot.adjust(below))
        assert (fault.code, fault.path) == ("NEGATIVE_COST", ("lines", 0, "unit_cost"))

    def test_refuses_what_cannot_be_counted(self, depot):
        variant = depot.variant("A", 5)
        most = "9223372036854.775807"

        with pytest.raises(AmountTooLarge):
            bought(depot, variant, 1, most)  # five pieces were there, and would cost as much each

        assert state(depot, variant) is None
        assert entries(depot) == []


class TestFifo:
    def test_takes_the_oldest_layers_first(self, depot):
        variant = with_method(depot, "A", FIFO)
        bought(depot, variant, 2, "1.00")
        bought(depot, variant, 3, "4.00")

        sold(depot, variant, 3)

        assert entries(depot)[-1] == (CostKind.EXIT, -3, -6_000_000)
        assert state(depot, variant) == (2, 8_000_000, 4_000_000)
        assert depot.broken() == []

    def test_pays_for_what_left_before_it_came(self, depot):
        variant = with_method(depot, "A", FIFO)
        free = depot.location("FREE", negative_allowed=True)
        bought(depot, variant, 1, "1.00", free)
        depot.adjust(line(variant, free, delta=-3))

        bought(depot, variant, 5, "2.00", free)
        depot.adjust(line(variant, free, delta=-1))

        assert state(depot, variant) == (2, 4_000_000, 2_000_000)
        assert depot.broken() == []

    def test_is_chosen_while_there_is_nothing(self, depot):
        variant = depot.variant("A")
        bought(depot, variant, 1, "1.00")
        command = SetValuation(variant_id=variant, method=FIFO)

        (fault,) = depot.refusals(lambda: depot.world.run(set_valuation, command))
        assert fault.code == "STILL_IN_STOCK"
        sold(depot, variant, 1)
        depot.world.run(set_valuation, command)
        bought(depot, variant, 1, "5.00")
        bought(depot, variant, 1, "7.00")
        sold(depot, variant, 1, 2)

        assert entries(depot)[-1] == (CostKind.EXIT, -1, -5_000_000)
        assert depot.broken() == []

    def test_never_takes_more_of_a_layer_than_there_was(self, depot):
        variant = with_method(depot, "A", FIFO)
        bought(depot, variant, 2, "1.00")

        with pytest.raises(IntegrityError), depot.world.database.writing.begin() as db:
            db.execute(update(cost_layers).values(consumed=3))


class TestRaces:
    def test_value_every_piece_when_the_first_costs_come_at_once(self, depot):
        variant = depot.variant("A", 1, 1)
        start = Barrier(6)

        def buy(number):
            start.wait()
            for _ in range(3):
                cost = f"{number}.00" if number % 2 else None
                bought(depot, variant, 2, cost, depot.north if number < 3 else depot.south)

        with ThreadPoolExecutor(6) as threads:
            list(threads.map(buy, range(6)))

        assert state(depot, variant)[0] == 2 + 6 * 3 * 2
        assert depot.broken() == []


class TestStatements:
    def test_are_one_more_for_what_is_not_valued(self, depot):
        variant = depot.variant("A")

        with count_statements(depot.world.database) as seen:
            depot.adjust(line(variant, depot.north, delta=1))

        assert len([each for each in seen if "stock_costs" in each]) == 1
        assert not [each for each in seen if "cost_entries" in each]

    @pytest.mark.parametrize("method", [AVERAGE, FIFO])
    def test_do_not_depend_on_the_number_of_lines(self, depot, method):
        variants = [with_method(depot, f"V{number}", method) for number in range(6)]
        for each in variants:
            bought(depot, each, 2, "1.00")

        with count_statements(depot.world.database) as one:
            depot.adjust(line(variants[0], depot.north, delta=-1))
        with count_statements(depot.world.database) as many:
            depot.adjust(*(line(each, depot.north, delta=-1) for each in variants[1:]))

        assert len(many) == len(one)


class TestGraphql:
    async def test_shows_costs(self, depot):
        variant = depot.variant("A")
        adjust = """mutation ($of: ID!, $at: ID!) {
          stockAdjust(input: {kind: RECEIPT, lines: [{
            variantId: $of, locationId: $at, delta: 3, unitCost: {amount: "0.335", currency: "EUR"}
          }]}) { userErrors { code } }
        }"""
        of, at = shown("sku", variant), shown("loc", depot.north)

        await depot.world.graphql(adjust, of=of, at=at)
        answer = await depot.world.graphql(VALUED, id=of)

        assert answer["variant"]["valuation"] == {
            "method": "AVERAGE",
            "quantity": "3",
            "unitCost": {"amount": "0.335", "currency": "EUR"},
            "total": {"amount": "1.00"},
        }
        (movement,) = answer["movements"]["nodes"]
        assert movement["cost"] == {
            "kind": "ENTRY",
            "unitCost": {"amount": "0.335"},
            "total": {"amount": "1.00"},
        }

    @pytest.mark.parametrize(
        ("document", "missing"),
        [
            ("{ movements { nodes { cost { kind } } } }", Scope.COSTS_READ),
            ("{ variants { nodes { valuation { quantity } } } }", Scope.COSTS_READ),
            ('{ stockValue(on: "2025-03-01") { on } }', Scope.COSTS_READ),
            (
                f'mutation {{ stockSetValuation(input: {{variantId: "sku_{0:032}", method: FIFO}})'
                " { replayed } }",
                Scope.COSTS_WRITE,
            ),
            (
                f'mutation {{ stockAdjust(input: {{lines: [{{variantId: "sku_{0:032}", '
                f'locationId: "loc_{0:032}", delta: 1, unitCost: {{amount: "1", currency: "EUR"}}'
                "}]}) { replayed } }",
                Scope.COSTS_WRITE,
            ),
        ],
    )
    async def test_takes_the_right(self, depot, document, missing):
        answer = await depot.world.ask(document, caller=caller(*ALL_SCOPES - {missing}))

        assert [each["extensions"]["code"] for each in answer["errors"]] == ["FORBIDDEN"]


flows = st.lists(
    st.tuples(st.integers(1, 9), st.none() | st.integers(0, 5_000_000), st.booleans()), max_size=30
)


class TestBook:
    @settings(max_examples=60)
    @given(method=st.sampled_from([AVERAGE, FIFO]), flows=flows)
    def test_adds_up_whatever_comes_and_goes(self, method, flows):
        book = Book(method, "EUR", 0, 0, 1_000_000)
        value = 0

        for pieces, cost, comes in flows:
            if comes:
                value += sum(book.enter(pieces, None if cost is None else UnitPrice(cost, "EUR")))
            else:
                value -= book.leave(pieces)
            assert book.value_micro == value
            if book.quantity == 0:
                assert value == 0
            assert (book.value_micro >= 0) or book.quantity < 0
            if method is FIFO and book.quantity >= 0:
                left = [(layer.left, layer.unit_cost_micro) for layer in book.layers]
                assert sum(pieces for pieces, _ in left) == book.quantity
                assert sum(pieces * unit for pieces, unit in left) == value

    @pytest.mark.parametrize(
        ("value", "by", "expected"),
        [(5, 2, 2), (7, 2, 4), (-5, 2, -2), (-7, 2, -4), (5, -2, -2), (1, 3, 0), (2, 3, 1)],
    )
    def test_rounds_half_to_even(self, value, by, expected):
        assert divided(value, by) == expected

    def test_takes_layers_in_their_order(self):
        layers = [Layer(None, 2, 1, 10), Layer(None, 5, 0, 20)]
        book = Book(FIFO, "EUR", 6, 110, 20, layers)

        assert book.leave(3) == 10 + 2 * 20
        assert [layer.left for layer in layers] == [0, 3]
