"""The documents of docs/payables.md: they are valid, and they run."""

import re
from pathlib import Path

from tests.payables.accounting import Accounting
from tests.purchasing.desk import BERT
from tests.stock.depot import shown

PAGE = Path(__file__).parent.parent.parent / "docs" / "payables.md"
DOCUMENTS = re.findall(r"```graphql\n(.*?)```", PAGE.read_text(), re.DOTALL)


async def test_each_of_them_runs(books: Accounting) -> None:
    assert len(DOCUMENTS) == 4
    id = shown("bil", books.submitted(books.goods(6)))
    for document in DOCUMENTS:
        variables = {"id": id} if "$id" in document else {}

        answer = await books.world.graphql(document, caller=BERT, **variables)

        assert all(answer.values())
        for done in answer.values():
            assert not done.get("userErrors")
    assert books.status(books.world.read(_only))[0] == "PAID"


def _only(db):
    from backoffice_api.domain.payables.tables.bills import bills

    return db.execute(bills.select()).one().id
