"""Matches, suggestions and rules on the wire."""

from typing import Any

import strawberry

from backoffice_api.domain.banking import queries
from backoffice_api.domain.banking.model import matches as model
from backoffice_api.domain.banking.model import rules as rule_model
from backoffice_api.domain.banking.model import suggestions as suggestion_model
from backoffice_api.domain.banking.model.items import PREFIXES, ItemKind
from backoffice_api.domain.banking.model.matches import (
    AmountBeyondOpenItem,
    AmountsDoNotMeet,
    MatchOrigin,
    MatchStatus,
)
from backoffice_api.domain.banking.model.rules import LineDirection, RuleAction, RuleSortKey
from backoffice_api.domain.banking.model.suggestions import SuggestionKind, SuggestionReason
from backoffice_api.domain.kernel import ids, money
from backoffice_api.schema.aggregates import ActionState, HasTimeline
from backoffice_api.schema.banking import READ, BankAccount, StatementLine
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.money import Money
from backoffice_api.schema.nodes import Node, Versioned, linked_node, node
from backoffice_api.schema.payloads import MutationPayload, UserError, error, payload

choice(ItemKind, name="StatementItemKind")
choice(MatchOrigin, name="StatementMatchOrigin")
choice(MatchStatus, name="StatementMatchStatus")
choice(LineDirection, name="StatementLineDirection")
choice(RuleAction, name="ReconciliationAction")
choice(RuleSortKey, name="ReconciliationRuleSortKey")
choice(SuggestionKind)
choice(SuggestionReason)


def _item_id(item: model.MatchedItem) -> str:
    return ids.text(PREFIXES[item.kind], item.item_id)


def _account_id(id: Any) -> strawberry.ID | None:
    return strawberry.ID(ids.text("acc", id)) if id else None


@described
class MatchedItem:
    """What lines were matched with."""

    kind: ItemKind = about("What it is.")
    amount: Money = about("How much of it; what goes out is below zero.")
    item: Node | None = linked_node(_item_id, "The thing itself. Null if you may not see it.")

    @strawberry.field(description="Its id.")
    def item_id(parent: strawberry.Parent[model.MatchedItem]) -> strawberry.ID:
        return strawberry.ID(_item_id(parent))


@described
class MatchedLine:
    """How much of a line was matched."""

    line: StatementLine = one(queries.lines_by_ids, "line_id", "The line.")


@node("mat", model.StatementMatch, queries.matches_by_ids, scope=READ)
class StatementMatch(Node, Versioned, HasTimeline):
    """Lines of statements, and what they are. Both sides come to the same."""

    lines_total: Money = about("How much of the lines it explains.")
    items_total: Money = about("What the items come to.")
    write_off: Money = about("The difference, which was given up or gained.")
    origin: MatchOrigin = about("Who matched.")
    status: MatchStatus = about("Whether it holds.")
    actions: list[ActionState] = about("What can be done with it now.")
    bank_account: BankAccount = one(
        queries.accounts_by_ids, "bank_account_id", "The account that the lines are on."
    )
    lines: list[MatchedLine] = many(
        queries.lines_by_matches, "id", "The lines, in no order; at most 200."
    )
    items: list[MatchedItem] = many(queries.items_by_matches, "id", "The items; at most 500.")
    rule: "ReconciliationRule | None" = one(
        queries.rules_by_ids, "rule_id", "The rule that says so. Null: none does."
    )

    @strawberry.field(description="Id of the entry of the journal by which it is posted.")
    def entry_id(parent: strawberry.Parent[model.StatementMatch]) -> strawberry.ID:
        return strawberry.ID(ids.text("jen", parent.entry_id))

    @strawberry.field(description="To which account the difference went. Null: that of fees.")
    def write_off_account_id(
        parent: strawberry.Parent[model.StatementMatch],
    ) -> strawberry.ID | None:
        return _account_id(parent.write_off_account_id)


@node("rru", rule_model.ReconciliationRule, queries.rules_by_ids, scope=READ)
class ReconciliationRule(Node, Versioned, HasTimeline):
    """By what a line is known, and what it is. All conditions that are given must hold."""

    name: str = about("What people call it.")
    priority: int = about("The smallest is asked first.")
    is_active: bool = about("Whether it is asked at all.")
    is_automatic: bool = about("Whether what it says is done without asking, where it is sure.")
    direction: LineDirection | None = about("Only what came, or went. Null: both.")
    text: str | None = about("Words that the line has one after the other. Null: any.")
    pattern: str | None = about("A regular expression found in the line. Null: any.")
    party: str | None = about("Words that the name of who paid has. Null: any.")
    amount_from: Money | None = about("At least so much, without its sign. Null: any.")
    amount_to: Money | None = about("At most so much, without its sign. Null: any.")
    days: int | None = about("Only items due so many days before or after. Null: any.")
    tolerance: Money = about("Differences up to this are written off.")
    action: RuleAction = about("What is done with such a line.")
    bank_account: BankAccount | None = one(
        queries.accounts_by_ids, "bank_account_id", "Only on this account. Null: on any."
    )

    @strawberry.field(description="To which account of the ledger it is posted. Null: to none.")
    def account_id(
        parent: strawberry.Parent[rule_model.ReconciliationRule],
    ) -> strawberry.ID | None:
        return _account_id(parent.account_id)

    @strawberry.field(description="To which account differences go. Null: that of fees.")
    def write_off_account_id(
        parent: strawberry.Parent[rule_model.ReconciliationRule],
    ) -> strawberry.ID | None:
        return _account_id(parent.write_off_account_id)


@described
class SuggestedItem:
    """How much of what."""

    kind: ItemKind = about("What it is.")
    item_id: strawberry.ID = about("Its id.")
    amount: Money = about("How much of it; what goes out is below zero.")


@node("sug", suggestion_model.LineSuggestion, queries.suggestions_by_ids, scope=READ)
class StatementLineSuggestion(Node):
    """What a line may be."""

    rank: int = about("0 is the surest.")
    score: int = about("How sure it is, 0 to 100.")
    kind: SuggestionKind = about("Where it comes from.")
    difference: Money = about("What is written off if it is taken.")
    line: StatementLine = one(queries.lines_by_ids, "line_id", "The line.")
    rule: ReconciliationRule | None = one(
        queries.rules_by_ids, "rule_id", "The rule that says so. Null: none does."
    )

    @strawberry.field(description="Why.")
    def reasons(
        parent: strawberry.Parent[suggestion_model.LineSuggestion],
    ) -> list[SuggestionReason]:
        return [SuggestionReason(each) for each in parent.reasons]

    @strawberry.field(description="What it would be matched with.")
    def items(parent: strawberry.Parent[suggestion_model.LineSuggestion]) -> list[SuggestedItem]:
        return [_suggested(each, parent.currency) for each in parent.items]


def _suggested(kept: Any, currency: str) -> Any:
    kind = ItemKind(kept["kind"])
    return SuggestedItem(
        kind=kind,
        item_id=strawberry.ID(f"{PREFIXES[kind]}_{kept['id']}"),
        amount=money.Money(kept["amount_minor"], currency),  # type: ignore[arg-type]
    )


attach(
    StatementLine,
    "suggestions",
    list[StatementLineSuggestion],
    many(queries.suggestions_by_lines, "id", "What it may be, the surest first; at most 5."),
)
attach(
    StatementLine,
    "matches",
    list[StatementMatch],
    many(queries.matches_by_lines, "id", "By what it was explained, those undone too."),
)


@error(AmountsDoNotMeet)
class AmountsDoNotMeetError(UserError):
    """Lines and items do not come to the same."""

    lines: Money = about("What the lines come to.")
    items: Money = about("What the items come to.")
    difference: Money = about("What is left.")


@error(AmountBeyondOpenItem)
class AmountBeyondOpenItemError(UserError):
    """More is to be matched than is open."""

    maximum: Money = about("What is open.")


@payload
class StatementMatchPayload(MutationPayload):
    """What a mutation of a match answers."""

    match: StatementMatch | None = one(
        queries.matches_by_ids, "value", "The match as it is now. Null if it was refused."
    )


@payload
class StatementLinePayload(MutationPayload):
    """What a mutation of a line answers."""

    line: StatementLine | None = one(
        queries.lines_by_ids, "value", "The line as it is now. Null if it was refused."
    )


@payload
class ReconciliationRulePayload(MutationPayload):
    """What a mutation of a rule answers."""

    rule: ReconciliationRule | None = one(
        queries.rules_by_ids, "value", "The rule as it is now. Null if it was refused."
    )
