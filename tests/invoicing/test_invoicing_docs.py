"""The documents of docs/invoicing.md: they are valid, and run."""

import re
from pathlib import Path

from tests.invoicing.office import InvoiceOffice
from tests.stock.depot import shown

PAGE = Path(__file__).parent.parent.parent / "docs" / "invoicing.md"
DOCUMENTS = re.findall(r"```graphql\n(.*?)```", PAGE.read_text(), re.DOTALL)


def test_there_are_the_documents_of_five_screens() -> None:
    assert len(DOCUMENTS) == 5


async def test_each_of_them_runs(office: InvoiceOffice) -> None:
    invoice = shown("inv", office.bill(office.taxed(2)))
    for document in DOCUMENTS:
        variables = {"id": invoice} if "$id" in document else {}

        answer = await office.world.graphql(document, **variables)

        assert all(answer.values())
        for each in answer.values():
            assert each.get("userErrors", []) == []
