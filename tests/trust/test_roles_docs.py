"""What `docs/roles.md` shows can be asked, and is answered."""

import re
from pathlib import Path

from backoffice_api.domain.kernel import ids
from tests.identity.people import add_staff
from tests.orders.shop import Shop
from tests.world import World

PAGE = (Path(__file__).parent.parent.parent / "docs" / "roles.md").read_text(encoding="utf-8")


async def test_can_be_asked(world: World) -> None:
    shop = Shop(world)
    given = {
        "staff": ids.text("stf", add_staff(world)),
        "channel": ids.text("chn", shop.channel_id),
    }
    documents = re.findall(r"^```graphql\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert len(documents) == 4

    for document in documents:
        wanted = set(re.findall(r"\$(\w+):", document.split("{")[0]))
        data = await world.graphql(document, **{name: given[name] for name in wanted})
        for answer in data.values():
            assert not isinstance(answer, dict) or answer.get("userErrors", []) == []
