"""The documents of docs/orders.md run as they are shown. On both databases."""

import re
from pathlib import Path

from backoffice_api.domain.kernel import ids
from tests.orders.shop import goods

PAGE = Path(__file__).parent.parent.parent / "docs" / "orders.md"
DOCUMENTS = re.findall(r"```graphql\n(.*?)```", PAGE.read_text(), re.DOTALL)


def test_there_are_the_documents_of_five_screens():
    assert len(DOCUMENTS) == 5


async def test_each_of_them_runs(shop):
    shop.variant("MUG", 9)
    id = ids.text("ord", shop.place(goods("MUG", 2)))

    for document in DOCUMENTS:
        answer = await shop.world.graphql(document, **({"id": id} if "$id" in document else {}))
        (value,) = answer.values()
        assert value
        assert value.get("userErrors", []) == []
