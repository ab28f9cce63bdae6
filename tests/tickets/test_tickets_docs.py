"""The documents in `docs/tickets.md` can be asked, and are answered."""

import re
from pathlib import Path

from backoffice_api.domain.kernel.ids import text
from tests.tickets.office import Office

DOCS = Path(__file__).parent.parent.parent / "docs"
FENCED = re.compile(r"^```graphql\n(.*?)^```$", re.DOTALL | re.MULTILINE)
DOCUMENTS = FENCED.findall((DOCS / "tickets.md").read_text(encoding="utf-8"))


async def test_can_be_asked(office: Office) -> None:
    given = {
        "id": text("tic", office.open()),
        "customer": text("cus", office.customer()),
        "team": text("tem", office.team()),
    }
    for document in DOCUMENTS:
        wanted = set(re.findall(r"\$(\w+):", document))

        data = await office.world.graphql(document, **{name: given[name] for name in wanted})

        for answer in data.values():
            assert answer
            assert answer.get("userErrors", []) == []
