"""The queries of docs/stock.md, which must run as they stand there. On both databases."""

import re
from pathlib import Path

from backoffice_api.domain.counts.commands.closing import ReviewCount, review_count
from tests.counts.test_counts import Counting
from tests.stock.test_lots import SOON, of_lot, tracked
from tests.transfers.test_transfers import Freight

GUIDE = Path(__file__).parents[2] / "docs" / "stock.md"
QUERIES = re.findall(r"```graphql\n(.*?)```", GUIDE.read_text(), re.DOTALL)


class TestGuide:
    async def test_shows_queries_that_answer(self, depot):
        milk = tracked(depot, "MILK")
        depot.adjust(of_lot(milk, depot.north, "L1", SOON, delta=3))
        Freight(depot).shipped((milk, 1), reference="T-1")
        counting = Counting(depot)
        id = counting.start(variant_ids=(counting.b,), recount_pieces=9)
        counting.enter(id, counting.found(counting.b, counting.zone, 19))
        counting.finish(id)
        counting.run(review_count, ReviewCount(id=id))

        answers = [await depot.world.graphql(query) for query in QUERIES]

        places, lots, under_way, counts, value = answers
        assert [each["code"] for each in places["locations"]["nodes"]] == ["NORTH", "Z", "SOUTH"]
        (lot,) = lots["lots"]["nodes"]
        assert sorted(each["onHand"] for each in lot["places"]) == [1, 2]
        (transfer,) = under_way["transfers"]["nodes"]
        assert transfer["lines"][0]["inTransit"] == 1
        (task,) = counts["countTasks"]["nodes"]
        assert task["lines"]["nodes"][0]["variance"] == -1
        assert value == {"stockValue": {"totals": []}}
