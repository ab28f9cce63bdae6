"""The documents of docs/payment-runs.md: they run."""

import re
from pathlib import Path

from tests.payables.paying import PayDesk
from tests.stock.depot import shown
from tests.world import World

PAGE = Path(__file__).parent.parent.parent / "docs" / "payment-runs.md"
DOCUMENTS = re.findall(r"```graphql\n(.*?)```", PAGE.read_text(), re.DOTALL)


async def test_each_of_them_runs(world: World) -> None:
    desk = PayDesk(world)
    desk.payee()
    desk.owed("10")
    id = shown("prn", desk.exported(desk.house_bank()))
    assert len(DOCUMENTS) == 4

    for document in DOCUMENTS:
        variables = {"id": id} if "$id" in document else {}
        answer = await world.graphql(document, **variables)

        assert all(answer.values())
        assert all(each.get("userErrors", []) == [] for each in answer.values())
