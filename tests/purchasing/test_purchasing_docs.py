"""The documents of docs/purchasing.md: they are valid, and the queries run."""

import re
from pathlib import Path

from tests.purchasing.desk import Desk
from tests.stock.depot import shown

PAGE = Path(__file__).parent.parent.parent / "docs" / "purchasing.md"
DOCUMENTS = re.findall(r"```graphql\n(.*?)```", PAGE.read_text(), re.DOTALL)


def test_there_are_the_documents_of_five_screens() -> None:
    assert len(DOCUMENTS) == 5


async def test_each_of_them_runs(desk: Desk) -> None:
    ids = {"mutation": shown("por", desk.sent((desk.a, 6))), "query": shown("sku", desk.a)}
    for document in DOCUMENTS:
        variables = {"id": ids[document.split()[0]]} if "$id" in document else {}

        answer = await desk.world.graphql(document, **variables)

        assert all(answer.values())
