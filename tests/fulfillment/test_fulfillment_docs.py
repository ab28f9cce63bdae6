"""The documents in `docs/fulfillment.md`: they can be asked, and are answered."""

import re
from pathlib import Path

import pytest

from backoffice_api.domain.kernel import ids
from tests.orders.shop import goods

FILE = Path(__file__).parents[2] / "docs" / "fulfillment.md"
_FENCED = re.compile(r"^```graphql\n(.*?)^```$", re.DOTALL | re.MULTILINE)
DOCUMENTS = _FENCED.findall(FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("number", range(len(DOCUMENTS)))
async def test_can_be_asked(hall, number):
    hall.variant("A", 9)
    variables = {
        "order": ids.text("ord", hall.place(goods("A", 1))),
        "site": ids.text("loc", hall.north),
    }
    hall.release(hall.planned(goods("A", 1)))
    wanted = set(re.findall(r"\$(\w+):", DOCUMENTS[number]))

    data = await hall.world.graphql(DOCUMENTS[number], **{name: variables[name] for name in wanted})

    assert all(answer is not None for answer in data.values())
