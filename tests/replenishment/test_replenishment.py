"""Rules, suggestions, drafts of them, and what can be promised. On both databases."""

from datetime import datetime, timedelta
from decimal import Decimal
from math import sqrt
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.purchasing.commands.drafts import (
    UpdatePurchaseOrder,
    update_purchase_order,
)
from backoffice_api.domain.purchasing.commands.receiving import (
    ReceivePurchase,
    receive_purchase,
)
from backoffice_api.domain.purchasing.commands.scans import ReceivedLine
from backoffice_api.domain.replenishment import queries
from backoffice_api.domain.replenishment.checks import CHECKS
from backoffice_api.domain.replenishment.commands.measuring import (
    MeasureReplenishment,
    measure_replenishment,
)
from backoffice_api.domain.replenishment.commands.ordering import (
    ChosenSuggestion,
    OrderSuggestions,
    order_suggestions,
)
from backoffice_api.domain.replenishment.commands.rules import (
    RuleDraft,
    SetReplenishmentRules,
    set_replenishment_rules,
)
from backoffice_api.domain.replenishment.model import (
    Demand,
    LeadTime,
    MinimumAndMaximumNeeded,
    NobodySellsIt,
    NothingSuggested,
    ReplenishmentMethod,
    Suggestion,
    lead_time_of,
    safety_stock,
)
from backoffice_api.domain.stock.commands.history import record_movements
from backoffice_api.domain.stock.model.locations import CUSTOMER_ID, SUPPLIER_ID
from backoffice_api.domain.stock.model.movements import MovementKind, RecordedMovement
from tests.databases import count_statements
from tests.purchasing.desk import Desk
from tests.soundness import broken
from tests.stock.depot import shown
from tests.stock.test_stock_rights import is_forbidden
from tests.world import NOW, caller

MIN_MAX = ReplenishmentMethod.MIN_MAX
TODAY = NOW.date()
SUGGESTIONS = """
query ($filter: ReplenishmentSuggestionFilter, $first: Int! = 50, $after: String) {
  replenishmentSuggestions(filter: $filter, first: $first, after: $after) {
    nodes {
      quantity method variant { sku } location { code } supplier { code }
      supplierItem { supplierSku } rule { id }
      explanation {
        text position onHand reserved incoming drafted measuredAt demandDays demandTotal
        demandPerDay demandDeviation leadTimeDays leadDeviationDays leadSamples
        serviceLevelPermille safety reorderPoint orderUpTo needed packSize minimumQuantity
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""


def moved(kind: MovementKind, variant: UUID, location: UUID, many: int, at: datetime):
    came = kind is MovementKind.RECEIPT
    return RecordedMovement(
        kind=kind,
        variant_id=variant,
        from_location_id=SUPPLIER_ID if came else location,
        to_location_id=location if came else CUSTOMER_ID,
        quantity=many,
        occurred_at=at,
    )


def sell(desk: Desk, variant: UUID, *daily: int) -> None:
    """Sell so many pieces in NORTH on each of the last full days; stock is as before."""
    at = NOW - timedelta(days=200)
    history = [moved(MovementKind.RECEIPT, variant, desk.depot.north, sum(daily), at)]
    for number, many in enumerate(daily, start=1):
        moment = NOW - timedelta(days=number)
        if many:
            history.append(moved(MovementKind.SHIPMENT, variant, desk.depot.north, many, moment))
    desk.depot.call(record_movements, history)


def put_rules(desk: Desk, *drafts: RuleDraft):
    return desk.world.run(
        set_replenishment_rules, SetReplenishmentRules(rules=drafts)
    ).value.rule_ids


def by_min_max(desk: Desk, variant: UUID, minimum: int, maximum: int, **values) -> RuleDraft:
    location = values.pop("location_id", desk.depot.north)
    return RuleDraft(
        variant_id=variant,
        location_id=location,
        method=MIN_MAX,
        minimum=minimum,
        maximum=maximum,
        **values,
    )


def suggested(desk: Desk) -> list[Suggestion]:
    return list(desk.world.read(lambda db: queries.suggestions(db, None, size=50)).rows)


def receiving(desk: Desk, order: UUID):
    line = ReceivedLine(line_id=desk.lines(order)[0].id, accepted=1)
    return receive_purchase, ReceivePurchase(id=order, lines=(line,))


def refused(desk: Desk, handler, command) -> list[type[DomainError]]:
    with pytest.raises(DomainError) as refusal:
        desk.world.run(handler, command)
    return [type(each) for each in refusal.value.reasons()]


class TestSafetyStock:
    def test_follows_from_the_spread_of_demand_and_lead_time(self) -> None:
        # 10 a day, half of the days 20 and half 0; 4 days of lead time, give or take one.
        demand = Demand(90, 900, 45 * 400)
        variance = (18_000 - 900**2 / 90) / 89

        assert demand.variance == variance
        expected = 1.6448536 * sqrt(4 * variance + 100 * 1)
        assert safety_stock(demand, LeadTime(4.0, 1.0, 5), 950) == -int(-expected // 1)
        assert safety_stock(demand, LeadTime(4.0, 1.0, 5), 500) == 0

    @settings(max_examples=25)
    @given(
        st.lists(st.integers(0, 50), min_size=2, max_size=90),
        st.integers(0, 60),
        st.integers(500, 998),
    )
    def test_grows_with_the_service_level(self, daily, lead_days, level) -> None:
        demand = Demand(len(daily), sum(daily), sum(each * each for each in daily))
        lead = LeadTime(float(lead_days), 0.0, 0)

        lower, higher = (safety_stock(demand, lead, each) for each in (level, level + 1))

        assert 0 <= lower <= higher

    def test_takes_lead_times_of_three_orders_or_more(self) -> None:
        assert lead_time_of([5.0, 6.0], 9) == LeadTime(9.0, 0.0, 0)
        assert lead_time_of([4.0, 6.0, 8.0], 9) == LeadTime(6.0, 2.0, 3)


class TestRules:
    def test_are_set_many_at_once_and_measured(self, desk: Desk) -> None:
        sell(desk, desk.a, *([2] * 90))
        draft = RuleDraft(
            variant_id=desk.a, location_id=desk.depot.north, service_level_permille=990
        )

        first = put_rules(desk, draft, by_min_max(desk, desk.b, 1, 5))
        again = put_rules(desk, draft)

        assert again == first[:1]
        (found, _) = suggested(desk)
        # 7 days of lead time, always 2 a day: nothing has to be kept for safety.
        assert (found.demand_total, found.safety, found.reorder_point) == (180, 0, 14)
        assert found.order_up_to == 14 + 30 * 2
        assert broken(desk.world.database, CHECKS) == []

    def test_are_refused_with_all_that_is_wrong(self, desk: Desk) -> None:
        wrong = (by_min_max(desk, desk.a, 5, 5), by_min_max(desk, desk.b, 6, 5))

        assert refused(desk, set_replenishment_rules, SetReplenishmentRules(rules=wrong)) == [
            MinimumAndMaximumNeeded,
            MinimumAndMaximumNeeded,
        ]

    def test_take_a_constant_number_of_statements(self, desk: Desk) -> None:
        counts = []
        for drafts in (
            [by_min_max(desk, desk.a, 1, 5)],
            [by_min_max(desk, id, 2, 6, location_id=desk.depot.south) for id in (desk.a, desk.b)],
        ):
            with count_statements(desk.world.database) as seen:
                put_rules(desk, *drafts)
            counts.append(len(seen))

        assert counts[0] == counts[1]


class TestSuggestions:
    def test_say_why(self, desk: Desk) -> None:
        desk.depot.put(desk.a, 4)
        desk.depot.reserve((1, desk.a, 1))
        desk.sent((desk.a, 6))
        desk.draft((desk.a, 2))
        put_rules(desk, by_min_max(desk, desk.a, 11, 40))

        (found,) = suggested(desk)

        # 4 - 1 + 6 + 2 = 11; 29 are missing up to 40, which is five packs of six.
        assert (found.position, found.needed, found.quantity) == (11, 29, 30)
        assert found.text == (
            "11 pieces (on hand 4, reserved 1, incoming 6, drafted 2) are at or below the "
            "reorder point of 11; up to 40, 29 are needed, in packs of 6 and at least 1: 30."
        )

    def test_are_not_made_where_there_is_enough(self, desk: Desk) -> None:
        desk.depot.put(desk.a, 4)
        put_rules(desk, by_min_max(desk, desk.a, 3, 40))

        assert suggested(desk) == []

    def test_take_lead_times_from_receipts(self, desk: Desk) -> None:
        sell(desk, desk.b, *([3, 5] * 45))
        orders = [desk.sent((desk.b, 1)) for _ in range(3)]
        for order, days in zip(orders, (4, 6, 8), strict=True):
            desk.world.run(*receiving(desk, order), now=NOW + timedelta(days=days))
        put_rules(desk, RuleDraft(variant_id=desk.b, location_id=desk.depot.north))
        # Lead times are known only once the goods are here.
        later = NOW + timedelta(days=8)
        measured = desk.world.run(measure_replenishment, MeasureReplenishment(), now=later).value

        assert measured == 1
        (found,) = suggested(desk)
        assert (found.lead_time_days, found.lead_deviation_days, found.lead_samples) == (
            Decimal("6.000"),
            Decimal("2.000"),
            3,
        )
        assert found.demand_days == 90
        # Eight days later, only 82 of the days with sales lie within the 90.
        assert found.demand_total == 82 * 4
        demand = Demand(90, found.demand_total, found.demand_squares)
        assert found.safety == safety_stock(demand, LeadTime(6.0, 2.0, 3), 950)

    async def test_are_asked_for_over_graphql(self, desk: Desk) -> None:
        ids = put_rules(
            desk,
            by_min_max(desk, desk.a, 5, 10),
            by_min_max(desk, desk.b, 5, 10),
            by_min_max(desk, desk.b, 5, 10, location_id=desk.depot.south),
        )

        page = (await desk.world.graphql(SUGGESTIONS, first=2))["replenishmentSuggestions"]
        cursor = page["pageInfo"]["endCursor"]
        rest = (await desk.world.graphql(SUGGESTIONS, first=2, after=cursor))[
            "replenishmentSuggestions"
        ]

        first = page["nodes"][0]
        assert (first["quantity"], first["method"]) == (12, "MIN_MAX")
        assert (first["supplier"], first["supplierItem"]) == (
            {"code": "ACME"},
            {"supplierSku": "ACME-A"},
        )
        reasons = first["explanation"]
        assert (reasons["needed"], reasons["packSize"], reasons["leadTimeDays"]) == (10, 6, "7.000")
        assert (reasons["demandTotal"], reasons["demandPerDay"]) == ("0", "0.000")
        assert page["pageInfo"]["hasNextPage"]
        assert not rest["pageInfo"]["hasNextPage"]
        places = [(each["variant"]["sku"], each["location"]["code"]) for each in rest["nodes"]]
        assert places == [("B", "SOUTH")]
        found = [each["rule"]["id"] for each in page["nodes"] + rest["nodes"]]
        assert found == [shown("rpl", id) for id in ids]

    async def test_are_filtered(self, desk: Desk) -> None:
        put_rules(
            desk,
            by_min_max(desk, desk.a, 5, 10),
            by_min_max(desk, desk.b, 5, 10, location_id=desk.depot.south),
        )
        for filter, expected in (
            ({"variantId": {"eq": shown("sku", desk.a)}}, ["A"]),
            ({"locationId": {"eq": shown("loc", desk.depot.south)}}, ["B"]),
            ({"supplierId": {"eq": shown("sup", desk.acme)}}, ["A", "B"]),
            ({"not": {"variantId": {"eq": shown("sku", desk.a)}}}, ["B"]),
        ):
            answer = await desk.world.graphql(SUGGESTIONS, filter=filter)
            nodes = answer["replenishmentSuggestions"]["nodes"]
            assert [each["variant"]["sku"] for each in nodes] == expected

    async def test_take_as_many_statements_however_many_there_are(self, desk: Desk) -> None:
        counts = []
        for variant in (desk.a, desk.b):
            put_rules(desk, by_min_max(desk, variant, 5, 10))
            with count_statements(desk.world.database) as seen:
                await desk.world.graphql(SUGGESTIONS)
            counts.append(len([each for each in seen if each.startswith("SELECT")]))

        assert counts == [7, 7]


class TestOrderSuggestions:
    def order(self, desk: Desk, *rule_ids: UUID, quantity: int | None = None):
        chosen = tuple(ChosenSuggestion(rule_id=id, quantity=quantity) for id in rule_ids)
        return OrderSuggestions(chosen=chosen)

    async def test_makes_one_draft_per_supplier_and_location(self, desk: Desk) -> None:
        (c,) = desk.depot.variants("C")
        desk.item("OTHER-C", c, (1, 100_000), supplier_id=desk.supplier("OTHER"))
        ids = put_rules(
            desk,
            by_min_max(desk, desk.a, 5, 10),
            by_min_max(desk, desk.b, 5, 10),
            by_min_max(desk, desk.b, 5, 10, location_id=desk.depot.south),
            by_min_max(desk, c, 5, 10),
        )
        document = """
        mutation ($input: PurchaseOrdersFromSuggestionsInput!) {
          purchaseOrdersFromSuggestions(input: $input) {
            purchaseOrders {
              status supplier { code } location { code }
              lines { nodes { supplierSku quantity unitPrice { amount } } }
            }
            userErrors { code }
          }
        }
        """
        given = {"chosen": [{"ruleId": shown("rpl", id)} for id in ids]}

        answer = await desk.world.graphql(document, input=given)
        again = await desk.world.graphql(document, input=given)

        payload = answer["purchaseOrdersFromSuggestions"]
        assert payload["userErrors"] == []
        shape = [
            (
                each["status"],
                each["supplier"]["code"],
                each["location"]["code"],
                [(line["supplierSku"], line["quantity"]) for line in each["lines"]["nodes"]],
            )
            for each in payload["purchaseOrders"]
        ]
        assert shape == [
            ("DRAFT", "ACME", "NORTH", [("ACME-A", 12), ("ACME-B", 10)]),
            ("DRAFT", "ACME", "SOUTH", [("ACME-B", 10)]),
            ("DRAFT", "OTHER", "NORTH", [("OTHER-C", 10)]),
        ]
        assert suggested(desk) == []
        codes = [each["code"] for each in again["purchaseOrdersFromSuggestions"]["userErrors"]]
        assert codes == ["NOTHING_SUGGESTED"] * 4

    def test_takes_another_quantity(self, desk: Desk) -> None:
        (rule,) = put_rules(desk, by_min_max(desk, desk.a, 5, 10))

        made = desk.world.run(order_suggestions, self.order(desk, rule, quantity=600)).value

        (order,) = made.order_ids
        assert desk.pieces(order) == [(600, 0, 0, 0, 0)]
        desk.world.run(update_purchase_order, UpdatePurchaseOrder(id=order, lines=()))
        assert len(suggested(desk)) == 1

    def test_needs_somebody_who_sells_it(self, desk: Desk) -> None:
        (c,) = desk.depot.variants("C")
        enough, unsold = put_rules(
            desk, by_min_max(desk, desk.a, 0, 10), by_min_max(desk, c, 5, 10)
        )
        desk.depot.put(desk.a, 1)

        assert refused(desk, order_suggestions, self.order(desk, enough, unsold)) == [
            NothingSuggested,
            NobodySellsIt,
        ]


class TestAvailableToPromise:
    async def test_adds_what_arrives_until_the_day(self, desk: Desk) -> None:
        desk.depot.put(desk.a, 4, 10)
        desk.depot.reserve((1, desk.a, 1), location_ids=[desk.depot.north])
        desk.sent((desk.a, 6), expected_on=TODAY + timedelta(days=5))
        desk.sent((desk.a, 12), expected_on=TODAY + timedelta(days=9), location_id=desk.depot.south)
        desk.draft((desk.a, 100), expected_on=TODAY)
        document = """
        query ($variant: ID!, $location: ID, $on: Date!) {
          availableToPromise(variantId: $variant, locationId: $location, on: $on) {
            on available expected quantity
          }
          variant(by: {id: $variant}) { availableToPromise { on quantity } }
        }
        """
        given = {"variant": shown("sku", desk.a)}
        north = shown("loc", desk.depot.north)
        days = [(TODAY + timedelta(days=days)).isoformat() for days in (4, 5, 9)]
        found = []
        for location in (north, None):
            for day in days:
                answer = await desk.world.graphql(document, **given, location=location, on=day)
                found.append(answer["availableToPromise"]["quantity"])

        assert found == [3, 9, 9, 13, 19, 31]
        assert answer["availableToPromise"] == {
            "on": days[2],
            "available": 13,
            "expected": 18,
            "quantity": 31,
        }
        assert answer["variant"]["availableToPromise"] == [
            {"on": days[1], "quantity": 19},
            {"on": days[2], "quantity": 31},
        ]


RULE = "rpl_" + "0" * 32
MUTATIONS = {
    "replenishmentRulesSet": "input: {rules: []}",
    "replenishmentRuleRemove": f'id: "{RULE}"',
    "purchaseOrdersFromSuggestions": "input: {chosen: []}",
}
QUERIES = (
    "replenishmentRules { nodes { id } }",
    "replenishmentRulesCount { value }",
    "replenishmentSuggestions { nodes { quantity } }",
    f'availableToPromise(variantId: "sku_{"0" * 32}", on: "2025-01-01") {{ quantity }}',
)


class TestRights:
    async def test_are_needed_to_write(self, world) -> None:
        lacking = caller(*ALL_SCOPES - {Scope.PURCHASING_WRITE})
        for name, arguments in MUTATIONS.items():
            document = f"mutation {{ {name}({arguments}) {{ userErrors {{ code }} }} }}"
            assert is_forbidden(await world.ask(document, caller=lacking)), name
            answer = await world.ask(document, caller=caller(Scope.PURCHASING_WRITE))
            assert "errors" not in answer, name

    async def test_are_needed_to_read(self, world) -> None:
        lacking = caller(*ALL_SCOPES - {Scope.PURCHASING_READ})
        for field in QUERIES:
            assert is_forbidden(await world.ask(f"{{ {field} }}", caller=lacking)), field
            answer = await world.ask(f"{{ {field} }}", caller=caller(Scope.PURCHASING_READ))
            assert "errors" not in answer, field

    async def test_rules_are_set_listed_and_removed(self, desk: Desk) -> None:
        document = """
        mutation ($input: ReplenishmentRulesSetInput!) {
          replenishmentRulesSet(input: $input) {
            rules { id method minimum maximum variant { sku } supplier { code } version
              timeline { nodes { type } } }
            userErrors { code path }
          }
        }
        """
        place = {"variantId": shown("sku", desk.a), "locationId": shown("loc", desk.depot.north)}
        rule = {**place, "method": "MIN_MAX", "minimum": 2, "maximum": 9}
        rule["supplierId"] = shown("sup", desk.acme)

        made = await desk.world.graphql(document, input={"rules": [rule]})
        wrong = await desk.world.graphql(document, input={"rules": [rule, rule]})
        (found,) = made["replenishmentRulesSet"]["rules"]
        removed = await desk.world.graphql(
            f'mutation {{ replenishmentRuleRemove(id: "{found["id"]}") '
            "{ rules { id } userErrors { code } effects { kind } } }"
        )
        listed = await desk.world.graphql(
            "{ replenishmentRules { nodes { id } } replenishmentRulesCount { value } }"
        )

        assert (found["minimum"], found["supplier"], found["version"]) == (2, {"code": "ACME"}, 1)
        assert found["timeline"]["nodes"] == [{"type": "replenishment_rule.set"}]
        assert wrong["replenishmentRulesSet"]["userErrors"] == [
            {"code": "DUPLICATE", "path": ["input", "rules", "1"]}
        ]
        assert removed["replenishmentRuleRemove"]["effects"] == [
            {"kind": "replenishment_rule.removed"}
        ]
        assert listed == {
            "replenishmentRules": {"nodes": []},
            "replenishmentRulesCount": {"value": 0},
        }
