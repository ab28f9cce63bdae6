"""The documents in `docs/exchanges.md` can be asked, and are answered."""

import re
from pathlib import Path

import pytest

from backoffice_api.domain.kernel import ids

DOCS = Path(__file__).parents[2] / "docs" / "exchanges.md"
FENCED = re.compile(r"^```graphql\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("document", FENCED.findall(DOCS.read_text(encoding="utf-8")))
async def test_can_be_asked(counter, document):
    back = counter.returned(counter.sold(1), 1)
    given = {"return": ids.text("ret", back), "variant": ids.text("sku", counter.pen)}
    wanted = set(re.findall(r"\$(\w+):", document))

    data = await counter.world.graphql(document, **{name: given[name] for name in wanted})

    assert all(answer is not None for answer in data.values())
    for answer in data.values():
        assert not isinstance(answer, dict) or answer.get("userErrors", []) == []
