"""The documents of docs/shipping.md: they are valid, and run."""

import re
from pathlib import Path

from backoffice_api.domain.kernel import ids
from tests.shipping.desk import Desk

PAGE = Path(__file__).parent.parent.parent / "docs" / "shipping.md"
DOCUMENTS = re.findall(r"```graphql\n(.*?)```", PAGE.read_text(), re.DOTALL)


async def test_each_of_them_runs(desk: Desk) -> None:
    _, (parcel,) = desk.pack()
    given = {"parcel": ids.text("pcl", parcel), "service": ids.text("svc", desk.service)}
    for document in DOCUMENTS:
        wanted = set(re.findall(r"\$(\w+):", document))

        answer = await desk.world.graphql(document, **{name: given[name] for name in wanted})

        for each in answer.values():
            assert each.get("userErrors", []) == []
    assert len(DOCUMENTS) == 5
