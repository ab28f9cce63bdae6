"""What the office needs of banks: accounts, statements, lines in every state, rules."""

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any
from uuid import UUID

from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.domain.ledger.model.accounts import AccountRole
from backoffice_api.tasks.banking import SuggestWork
from tests.banking import files
from tests.banking.desk import NameAccount, name_account

if TYPE_CHECKING:
    from tests.proofs.office import Office

# Fields that an input needs besides those that its type demands.
WANTED: Mapping[str, tuple[str, ...]] = {
    "BankAccountUpdateInput": ("name",),
    "StatementMappingInput": ("amount", "currency"),
    "ReconciliationRuleInput": ("text", "accountId"),
}

ZERO = {"amount": "0.00", "currency": "EUR"}


def furnish(office: "Office") -> Mapping[str, Any]:
    """Examples by the names of arguments and input fields."""
    return _Banking(office).examples()


class _Banking:
    """An account whose lines are fees of 1.00 each."""

    def __init__(self, office: "Office") -> None:
        self.office = office
        self.days = count(1)
        given = {"name": "Giro", "opening": ZERO, "openedOn": "2025-01-01"}
        self.account = office._id("bankAccountCreate", "bankAccount", input=given)
        fees = execute(
            office.database,
            name_account,
            NameAccount(role=AccountRole.BANK_FEES),
            caller=THE_SYSTEM,
            now=datetime.now(UTC),
        ).value
        self.fees = ids.text("acc", fees)

    def examples(self) -> Mapping[str, Any]:
        matched, undone = self._line("one"), self._line("two")
        excluded = self._line("three")
        self.office.do("statementLineExclude", id=excluded, input={"reason": "Twice."})
        rule = self._rule("Fees")
        return {
            "BankAccountCreateInput.name": "Another",
            "bankAccount.id": self.account,
            "bankAccountUpdate.id": self.account,
            "BankAccountUpdateInput.name": "Giro 2",
            "BankStatementImportInput.bankAccountId": self.account,
            "BankStatementImportInput.content": files.packed(files.MT940.encode()),
            "bankBalance.bankAccountId": self.account,
            "bankBalance.on": "2025-02-01",
            "bankStatement.id": self.statement,
            "statementLine.id": matched,
            "StatementLinesMatchInput.lineIds": [self._line("four")],
            "MatchItemInput.kind": "ACCOUNT",
            "MatchItemInput.id": self.fees,
            "statementMatch.id": self._match(matched),
            "statementMatchUndo.id": self._match(undone),
            "statementLineExclude.id": self._line("five"),
            "statementLineInclude.id": excluded,
            "SuggestionAcceptInput.suggestionId": self._suggestion(),
            "SuggestionsFindInput.bankAccountId": self.account,
            "reconciliationRule.id": rule,
            "reconciliationRuleReplace.id": rule,
            "ReconciliationRuleInput.action": "POST",
            "ReconciliationRuleInput.accountId": self.fees,
            "ReconciliationRuleInput.tolerance": ZERO,
        }

    def _file(self, text: str) -> str:
        table = f"day,amount,text\n2025-01-{next(self.days):02},-1.00,{text}\n"
        return files.packed(table.encode())

    def _line(self, text: str) -> str:
        mapping = {"bookedOn": "day", "amount": "amount", "text": ["text"], "currency": "EUR"}
        input = {"bankAccountId": self.account, "content": self._file(text), "mapping": mapping}
        (made,) = self.office.do(
            "bankStatementImport", "statements { id lines { nodes { id } } }", input=input
        )
        self.statement = made["id"]
        id: str = made["lines"]["nodes"][0]["id"]
        return id

    def _match(self, line: str) -> str:
        input = {"lineIds": [line], "items": [{"kind": "ACCOUNT", "id": self.fees}]}
        return self.office._id("statementLinesMatch", "match", input=input)

    def _rule(self, text: str) -> str:
        input = {
            "name": text,
            "tolerance": ZERO,
            "action": "POST",
            "text": text,
            "accountId": self.fees,
        }
        return self.office._id("reconciliationRuleCreate", "rule", input=input)

    def _suggestion(self) -> str:
        line = self._line("Monthly")
        self._rule("Monthly")
        account_id: UUID = ids.parse("bac", self.account)
        SuggestWork(self.office.database)(account_id, lambda *_: True)
        shown = "query ($id: ID!) { statementLine(id: $id) { suggestions { id } } }"
        answer = self.office.ask(shown, {"id": line}).json()
        id: str = answer["data"]["statementLine"]["suggestions"][0]["id"]
        return id
