"""Stock that others keep: what they report, compared and healed. On both databases."""

from datetime import timedelta

from backoffice_api.domain.stock.model.movements import MovementKind
from tests.databases import count_statements
from tests.stock.depot import line, shown
from tests.world import NOW

RECONCILE = """
mutation ($input: StockReconcileInput!, $meta: MutationMeta) {
  stockReconcile(input: $input, meta: $meta) {
    location { code }
    lines { reported expected drift variant { sku } }
    userErrors { code path }
  }
}
"""


def report(depot, *pieces, **values):
    lines = [{"variantId": shown("sku", id), "quantity": count} for id, count in pieces]
    return {"locationId": shown("loc", depot.north), "lines": lines, **values}


async def reconciled(depot, *pieces, meta=None, **values):
    given = {"input": report(depot, *pieces, **values), "meta": meta or {}}
    answer = await depot.world.ask(RECONCILE, **given)
    return answer["data"]["stockReconcile"]


class TestStockReconcile:
    async def test_heals_what_has_drifted_as_of_the_report(self, depot):
        a, b = depot.variant("A", 10), depot.variant("B", 5)
        (c,) = depot.variants("C")
        at = NOW - timedelta(hours=1)
        depot.adjust(line(a, depot.north, delta=-2))
        pieces = [(a, 0), (b, 5), (c, 1)]

        told = await reconciled(depot, *pieces, meta={"dryRun": True})
        assert [(each["expected"], each["drift"]) for each in told["lines"]] == [
            (8, -8),
            (5, 0),
            (0, 1),
        ]
        assert depot.pieces(a) == {(depot.north, "sellable"): 8}

        told = await reconciled(depot, (a, 1), (c, 1), reportedAt=at.isoformat())

        # All of them came after the report: what there was then is one more than nothing.
        assert told["lines"] == [
            {"reported": 1, "expected": 0, "drift": 1, "variant": {"sku": "A"}},
            {"reported": 1, "expected": 0, "drift": 1, "variant": {"sku": "C"}},
        ]
        assert told["location"] == {"code": "NORTH"}
        assert depot.pieces(a) == {(depot.north, "sellable"): 9}
        last = depot.movements()[-1]
        assert (last.kind, last.cause_kind, last.cause_id) == (
            MovementKind.COUNT,
            "loc",
            depot.north,
        )
        assert depot.broken() == []

    async def test_refuses_what_cannot_be(self, depot):
        a = depot.variant("A", 3)
        depot.reserve((1, a, 3))
        soon = "2100-01-01T00:00:00Z"

        wrong = await reconciled(depot, (a, 3), (a, -1), reportedAt=soon)
        short = await reconciled(depot, (a, 2))

        assert [each["code"] for each in wrong["userErrors"]] == [
            "REPORTED_LATER",
            "OUT_OF_RANGE",
            "DUPLICATE",
        ]
        assert [each["code"] for each in short["userErrors"]] == ["INSUFFICIENT_STOCK"]
        assert wrong["lines"] == []

    async def test_takes_as_many_statements_for_twenty_lines_as_for_two(self, depot):
        variants = depot.variants(*(f"V{number}" for number in range(22)))
        counts = []
        for some in (variants[:2], variants[2:]):
            with count_statements(depot.world.database) as seen:
                await depot.world.graphql(
                    RECONCILE, input=report(depot, *((id, 4) for id in some)), meta={}
                )
            counts.append(len(seen))

        assert counts[0] == counts[1]
