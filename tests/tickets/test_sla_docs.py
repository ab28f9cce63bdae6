"""The documents in `docs/sla.md`: they can be asked, and are answered."""

import re
from pathlib import Path

import pytest

from backoffice_api.domain.kernel import ids
from tests.tickets.office import Office

FILE = Path(__file__).parents[2] / "docs" / "sla.md"
_FENCED = re.compile(r"^```graphql\n(.*?)^```$", re.DOTALL | re.MULTILINE)
DOCUMENTS = _FENCED.findall(FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("number", range(len(DOCUMENTS)))
async def test_can_be_asked(office: Office, number: int) -> None:
    given = {"id": ids.text("tic", office.open())} if "$id" in DOCUMENTS[number] else {}

    data = await office.world.graphql(DOCUMENTS[number], **given)

    assert all(answer is not None for answer in data.values())
