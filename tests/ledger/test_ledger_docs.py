"""The documents of docs/ledger.md: they are valid, and run."""

import re
from pathlib import Path

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.ledger.commands.chart import CreateAccount, create_account
from backoffice_api.domain.ledger.commands.rates import SetBooks, set_books
from backoffice_api.domain.ledger.model.accounts import AccountKind
from tests.world import World

PAGE = Path(__file__).parent.parent.parent / "docs" / "ledger.md"
DOCUMENTS = re.findall(r"```graphql\n(.*?)```", PAGE.read_text(), re.DOTALL)


async def test_each_of_them_runs(world: World) -> None:
    world.run(set_books, SetBooks(base_currency="EUR"))
    given, closing = {}, None
    for name, kind in (("bank", AccountKind.ASSET), ("rent", AccountKind.EXPENSE)):
        command = CreateAccount(code=name, name=name, kind=kind)
        given[name] = ids.text("acc", world.run(create_account, command).value)
    for document in DOCUMENTS:
        wanted = set(re.findall(r"\$(\w+):", document))

        answer = await world.graphql(document, **{name: given[name] for name in wanted})

        for name in ("journalEntryPost", "budgetSet"):
            assert answer.get(name, {}).get("userErrors", []) == []
        closing = answer.get("accountStatement", {}).get("closing", closing)
    assert closing == {"amount": "-900.00"}
    assert len(answer["budgets"]) == 1
    assert len(DOCUMENTS) == 6
