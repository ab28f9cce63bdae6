"""What is said of matches and rules on the wire."""

import strawberry
from strawberry import UNSET

from backoffice_api.domain.banking.model.items import PREFIXES, ItemDraft, ItemKind
from backoffice_api.domain.banking.model.matches import WriteOff
from backoffice_api.domain.banking.model.rules import (
    LineDirection,
    RuleAction,
    RuleDraft,
    RuleSortKey,
)
from backoffice_api.domain.kernel import ids
from backoffice_api.schema.directives import about
from backoffice_api.schema.filters import SortDirection, filter_input
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.money import MoneyInput


@strawberry.input(description="What lines are, or a part of it.")
class MatchItemInput:
    kind: ItemKind = about("What it is.")
    id: strawberry.ID = about("Its id; of ACCOUNT that of an account of the ledger.")
    amount: MoneyInput | None = about(
        "How much of it; what goes out is below zero. Null: all that is open of it; of ACCOUNT, "
        "what the others leave.",
        default=None,
    )

    def value(self) -> ItemDraft:
        return ItemDraft(
            self.kind,
            ids.parse(PREFIXES[self.kind], self.id),
            self.amount.value() if self.amount else None,
        )


@strawberry.input(description="A difference that is not worth a question.")
class WriteOffInput:
    maximum: MoneyInput = about("At most so much, either way.")
    account_id: strawberry.ID | None = about(
        "To which account of the ledger. Null: that of fees and small differences.", default=None
    )

    def value(self) -> WriteOff:
        account = self.account_id
        return WriteOff(self.maximum.value(), given_id("acc", account))


@strawberry.input(description="Lines of statements, and what they are.")
class StatementLinesMatchInput:
    line_ids: list[strawberry.ID] = about("The lines, of one account; at most 200.")
    items: list[MatchItemInput] = about("What they are; at most 500.")
    write_off: WriteOffInput | None = about(
        "Where a difference goes. Null: there is none, or the rest of a single line stays open.",
        default=None,
    )


@strawberry.input(description="Which suggestion is taken.")
class SuggestionAcceptInput:
    suggestion_id: strawberry.ID = about("Its id.")


@strawberry.input(description="Whose lines are looked at.")
class SuggestionsFindInput:
    bank_account_id: strawberry.ID = about("The account.")


@strawberry.input(description="Why a line counts for nothing.")
class StatementLineExcludeInput:
    reason: str = about("Why, 1 to 250 characters.")


@strawberry.input(description="A rule: by what a line is known, and what it is.")
class ReconciliationRuleInput:
    name: str = about("What people call it, 1 to 250 characters.")
    tolerance: MoneyInput = about(
        "Differences up to this are written off; names the currency of the lines. POST takes zero."
    )
    action: RuleAction = about("What is done with such a line.")
    priority: int = about("The smallest is asked first, 0 to 1,000,000.", default=100)
    is_active: bool = about("Whether it is asked at all.", default=True)
    is_automatic: bool = about(
        "Whether what it says is done without asking, where it is sure.", default=False
    )
    bank_account_id: strawberry.ID | None = about("Only on this account.", default=None)
    direction: LineDirection | None = about("Only what came, or went.", default=None)
    text: str | None = about(
        "Words that the line has one after the other, at most 100 characters.", default=None
    )
    pattern: str | None = about(
        "A regular expression found in the first 300 characters of the line, capitals or not; at "
        "most 200 characters, without repetitions of repetitions, look-around and references back.",
        default=None,
    )
    party: str | None = about("Words that the name of who paid has.", default=None)
    amount_from: MoneyInput | None = about("At least so much, without its sign.", default=None)
    amount_to: MoneyInput | None = about("At most so much, without its sign.", default=None)
    days: int | None = about("Only items due so many days before or after.", default=None)
    account_id: strawberry.ID | None = about(
        "To which account of the ledger; POST only.", default=None
    )
    write_off_account_id: strawberry.ID | None = about(
        "To which account differences go. Null: that of fees.", default=None
    )

    def value(self) -> RuleDraft:
        bank, account, write_off = (
            self.bank_account_id,
            self.account_id,
            self.write_off_account_id,
        )
        return RuleDraft(
            name=self.name,
            tolerance=self.tolerance.value(),
            action=self.action,
            priority=self.priority,
            is_active=self.is_active,
            is_automatic=self.is_automatic,
            bank_account_id=given_id("bac", bank),
            direction=self.direction,
            text=self.text,
            pattern=self.pattern,
            party=self.party,
            amount_from=self.amount_from.value() if self.amount_from else None,
            amount_to=self.amount_to.value() if self.amount_to else None,
            days=self.days,
            account_id=given_id("acc", account),
            write_off_account_id=given_id("acc", write_off),
        )


@filter_input
class ReconciliationRuleFilter:
    """Which rules. All words that are given must hold."""

    is_active: bool | None = about("Whether they are asked.", default=UNSET)


@strawberry.input(description="The order of a list of rules.")
class ReconciliationRuleSort:
    key: RuleSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.ASC)
