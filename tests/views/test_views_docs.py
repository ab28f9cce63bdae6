"""The documents of docs/views.md: they are valid, and they run."""

import re
from pathlib import Path

from tests.views.desk import Desk

PAGE = Path(__file__).parent.parent.parent / "docs" / "views.md"
DOCUMENTS = re.findall(r"```graphql\n(.*?)```", PAGE.read_text(), re.DOTALL)


def test_there_are_the_documents_of_five_screens() -> None:
    assert len(DOCUMENTS) == 5


async def test_each_of_them_runs(desk: Desk) -> None:
    (order,) = desk.orders(1)
    run = await desk.started(mutation="orderHold", items={"ids": [order]}, input={})
    for document in DOCUMENTS:
        known = {"run": run, "order": order}
        variables = {name: value for name, value in known.items() if f"${name}" in document}

        answer = await desk.world.graphql(document, **variables)

        assert all(each is not None for each in answer.values())
        for each in answer.values():
            assert not isinstance(each, dict) or each.get("userErrors", []) == []
