"""The documents of docs/purchasing.md: they are valid, and the queries run."""

import re
from pathlib import Path

import pytest

from tests.purchasing.desk import Desk
from tests.stock.depot import shown

PAGE = Path(__file__).parent.parent.parent / "docs" / "purchasing.md"
DOCUMENTS = re.findall(r"```graphql\n(.*?)```", PAGE.read_text(), re.DOTALL)


def test_there_are_the_documents_of_five_screens() -> None:
    assert len(DOCUMENTS) == 5


@pytest.mark.parametrize("document", DOCUMENTS)
async def test_runs(desk: Desk, document: str) -> None:
    order = desk.sent((desk.a, 6))
    id = shown("por" if "mutation" in document else "sku", order if "mut" in document else desk.a)
    variables = {"id": id} if "$id" in document else {}

    answer = await desk.world.graphql(document, **variables)

    assert all(answer.values())
