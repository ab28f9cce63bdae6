"""The documents in `docs/`: what they show of GraphQL can be asked, and is answered."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.catalog.shelf import collection, rule
from tests.custom_fields.documents import define
from tests.products.documents import make
from tests.world import World

DOCS = Path(__file__).parent.parent / "docs"
_FENCED = re.compile(r"^```graphql\n(.*?)^```$", re.DOTALL | re.MULTILINE)
DOCUMENTS = [
    pytest.param(text, id=f"{file.stem}-{number}")
    for file in sorted(DOCS.glob("*.md"))
    for number, text in enumerate(_FENCED.findall(file.read_text(encoding="utf-8")), start=1)
    if file.stem in {"catalog", "custom-fields"}
]


@pytest.mark.parametrize("document", DOCUMENTS)
async def test_can_be_asked(world: World, document: str) -> None:
    if "DefineWood" not in document:
        await define(world, "wood", "TEXT")
    variables: dict[str, Any] = {"id": (await make(world))["id"]}
    made = await collection(world, rule("TITLE", "EQ", "Shirt"), slug="oak")
    variables["collection"] = made["id"]
    wanted = set(re.findall(r"\$(\w+):", document))

    data = await world.graphql(document, **{name: variables[name] for name in wanted})

    for answer in data.values():
        assert answer
        assert answer.get("userErrors", []) == []
