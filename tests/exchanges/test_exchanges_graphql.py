"""Exchanges, reasons and rates over GraphQL. On both databases."""

import pytest

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.filters import Operator, Test
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.returns.model.exchanges import ExchangeSortKey, ExchangeState
from backoffice_api.domain.returns.model.rates import StrainFacts, score_of
from backoffice_api.domain.returns.model.reasons import RootCause
from backoffice_api.domain.returns.model.taxonomy import PRESETS
from backoffice_api.domain.returns.queries import exchanges as on_exchanges
from backoffice_api.domain.returns.queries import reasons as on_reasons
from tests.databases import count_statements
from tests.plans import all_indexed
from tests.world import caller

CREATE = """
mutation ($input: ExchangeCreateInput!, $meta: MutationMeta) {
  exchangeCreate(input: $input, meta: $meta) {
    exchange {
      id number status sendWhen outgoing { amount } promised { amount } deducted { amount }
      return { number exchanges { id } } order { number total { amount } }
      lines { quantity variant { sku } } actions { name allowed }
    }
    userErrors { code path }
    effects { kind summary subject { id } }
  }
}
"""
SETTLE = """
mutation ($id: ID!) {
  exchangeSettle(id: $id, input: {}) {
    exchange {
      status earned { amount } surcharge { amount } refunded { amount } settledAt
      pieces { quantity line { sku exchanged } } timeline(first: 9) { nodes { type } }
    }
    userErrors { code ... on ExchangeNotReadyError { awaited toInspect } }
  }
}
"""
REASONS = """
mutation {
  returnReasonsPreset { reasons { code parent { code } rootCause needsPhoto } userErrors { code } }
}
"""
RATES = """
query ($by: ReturnRateBy!) {
  returnRates(by: $by, since: "2025-01-01T00:00:00Z", until: "2026-01-01T00:00:00Z") {
    shipped returned basisPoints rootCause
    product { title } variant { sku } supplier { code } channel { code } reason { code }
  }
}
"""
SCORE = """
query ($id: ID!) { customer(by: {id: $id}) { returnScore { points parts { kind points } } } }
"""
LISTS = """
{
  exchanges { nodes { id order { number } lines { variant { sku } } return { number } } }
  exchangesCount { value }
  returnReasons { nodes { code parent { code } children { code } } }
  returnReasonsCount { value }
  recordedCredits { nodes { number customer { name } } }
}
"""


def is_(word, value):
    return {"filter": Test(word, Operator.EQ, value)}


class TestPath:
    async def test_sends_other_goods_and_settles(self, counter):
        back = counter.returned(counter.sold(2), 2)
        lines = [{"variantId": ids.text("sku", counter.pen), "quantity": 2}]
        input = {"returnId": ids.text("ret", back), "lines": lines}

        made = (await counter.world.graphql(CREATE, input=input))["exchangeCreate"]

        found = made["exchange"]
        assert (made["userErrors"], found["status"]) == ([], "RESERVED")
        assert [found[name]["amount"] for name in ("outgoing", "promised", "deducted")] == [
            "8.00",
            "20.00",
            "8.00",
        ]
        assert found["return"]["exchanges"] == [{"id": found["id"]}]
        assert found["order"]["total"] == {"amount": "0.00"}
        assert made["effects"][0]["kind"] == "exchange.requested"

        early = (await counter.world.graphql(SETTLE, id=found["id"]))["exchangeSettle"]
        assert early["userErrors"] == [{"code": "EXCHANGE_NOT_READY", "awaited": 2, "toInspect": 0}]

        counter.receive(back, 2)
        counter.inspect(back, 2)
        done = (await counter.world.graphql(SETTLE, id=found["id"]))["exchangeSettle"]["exchange"]
        assert (done["status"], done["refunded"]) == ("SETTLED", {"amount": "12.00"})
        assert done["pieces"] == [{"quantity": 2, "line": {"sku": "MUG", "exchanged": 2}}]
        assert {each["type"] for each in done["timeline"]["nodes"]} == {
            "exchange.requested",
            "exchange.reserved",
            "exchange.released",
            "exchange.settled",
        }

    async def test_gives_reasons_a_tree(self, counter):
        made = (await counter.world.graphql(REASONS))["returnReasonsPreset"]["reasons"]

        assert len(made) == len(PRESETS)
        assert {
            "code": "damaged-on-the-way",
            "parent": {"code": "carrier"},
            "rootCause": "CARRIER",
            "needsPhoto": True,
        } in made
        again = (await counter.world.graphql(REASONS))["returnReasonsPreset"]
        assert again == {"reasons": [], "userErrors": []}

    async def test_tells_how_often_things_come_back(self, counter):
        await counter.world.graphql(REASONS)
        codes = counter.world.read(on_reasons.reason_list.page, PageRequest(size=100)).rows
        late = next(each for each in codes if each.code == "late")
        counter.sold(5)
        back = counter.returned(counter.sold(3), 3, reason_id=late.id)
        counter.receive(back, 2)

        async def rates(by):
            found = (await counter.world.graphql(RATES, by=by))["returnRates"]
            return [(each["shipped"], each["returned"], each["basisPoints"]) for each in found]

        for by in ("PRODUCT", "VARIANT", "CHANNEL", "SUPPLIER", "REASON", "ROOT_CAUSE"):
            assert await rates(by) == [("8", "2", 2500)]
        (by_cause,) = (await counter.world.graphql(RATES, by="ROOT_CAUSE"))["returnRates"]
        assert by_cause["rootCause"] == "CARRIER"
        query = (
            "query ($id: ID!) { customer(by: {id: $id}) { returnScore { points parts { kind } } } }"
        )
        id = ids.text("cus", counter.till.ana)
        score = (await counter.world.graphql(query, id=id))["customer"]["returnScore"]
        assert (score["points"], len(score["parts"])) == (10, 5)

    async def test_refuses_a_window_that_is_too_wide(self, counter):
        query = RATES.replace("2026-01-01", "2028-01-01")

        answer = await counter.world.ask(query, by="PRODUCT")

        assert "732 days" in answer["errors"][0]["message"]


class TestScore:
    @pytest.mark.parametrize(
        ("facts", "points"),
        [
            (StrainFacts(), 0),
            (StrainFacts(shipped=4, returned=4, received=4), 0),
            (StrainFacts(shipped=10, returned=5, received=5), 20),
            (StrainFacts(shipped=10, returned=10, received=10, rejected=10, missing=10), 70),
            (StrainFacts(claims=2, frauds=1), 16),
            (StrainFacts(10, 20, 10, 10, 10, 99, 99), 100),
        ],
    )
    def test_is_the_sum_of_its_parts(self, facts, points):
        found = score_of(facts)

        assert found.points == points == sum(each.points for each in found.parts)


class TestRights:
    async def test_are_needed(self, counter):
        reader = caller(*(ALL_SCOPES - {Scope.RETURNS_WRITE, Scope.REFUNDS_WRITE}))
        blind = caller(*(ALL_SCOPES - {Scope.RETURNS_READ}))
        lines = [{"variantId": ids.text("sku", counter.pen), "quantity": 1}]
        input = {"returnId": "ret_" + "0" * 32, "lines": lines}

        for document, values, who in (
            (CREATE, {"input": input}, reader),
            (SETTLE, {"id": "exc_" + "0" * 32}, reader),
            (REASONS, {}, reader),
            (RATES, {"by": "PRODUCT"}, blind),
            (LISTS, {}, blind),
        ):
            answer = await counter.world.ask(document, caller=who, **values)
            assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


class TestLists:
    async def test_take_as_many_statements_for_more_rows(self, counter):
        await counter.world.graphql(REASONS)

        async def statements():
            with count_statements(counter.world.database) as seen:
                await counter.world.graphql(LISTS)
            return len(seen)

        counter.exchange(counter.returned(counter.sold(1), 1), counter.pen)
        first = await statements()
        for _ in range(2):
            counter.exchange(counter.returned(counter.sold(1), 1), counter.pen)

        assert await statements() == first

    def test_are_read_by_indexes(self, world):
        none = ids.parse("ret", "ret_" + "0" * 32)
        wanted = [
            (on_exchanges.exchange_list, {"sort": ExchangeSortKey.CREATED_AT}),
            (on_exchanges.exchange_list, {"sort": ExchangeSortKey.UPDATED_AT}),
            (on_exchanges.exchange_list, is_("status", ExchangeState.SETTLED)),
            (on_exchanges.exchange_list, is_("return_id", none)),
            (on_exchanges.exchange_list, is_("number", "X")),
            (on_reasons.reason_list, is_("root_cause", RootCause.CARRIER)),
            (on_reasons.reason_list, is_("code", "late")),
            (on_reasons.recorded_credit_list, is_("customer_id", none)),
        ]

        with all_indexed(world.database.reading):
            for listing, how in wanted:
                world.read(listing.page, PageRequest(size=10, **how))
