"""What can be asked and done to explain lines of statements."""

import strawberry

from backoffice_api.domain.banking import queries
from backoffice_api.domain.banking.commands import matching, rules, suggesting
from backoffice_api.domain.kernel import ids
from backoffice_api.schema.banking import READ, BankAccountPayload
from backoffice_api.schema.connections import Connection, listed
from backoffice_api.schema.lookups import found_by_id
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.reconciling import (
    ReconciliationRule,
    ReconciliationRulePayload,
    StatementLinePayload,
    StatementMatch,
    StatementMatchPayload,
)
from backoffice_api.schema.reconciling_inputs import (
    ReconciliationRuleFilter,
    ReconciliationRuleInput,
    ReconciliationRuleSort,
    StatementLineExcludeInput,
    StatementLinesMatchInput,
    SuggestionAcceptInput,
    SuggestionsFindInput,
)


@strawberry.type
class ReconcilingQuery:
    statement_match: StatementMatch | None = found_by_id(
        "mat",
        queries.matches_by_ids,
        "Its id.",
        "One match of lines with what they are.",
        scope=READ,
    )
    reconciliation_rule: ReconciliationRule | None = found_by_id(
        "rru", queries.rules_by_ids, "Its id.", "One rule.", scope=READ
    )
    reconciliation_rules: Connection[ReconciliationRule] = listed(
        queries.rule_list,
        "Rules by which lines are known, in the order in which they are asked.",
        scope=READ,
        filter=ReconciliationRuleFilter,
        sort=ReconciliationRuleSort,
    )


@strawberry.type
class ReconcilingMutation:
    @mutation(matching.match_lines_with, StatementMatchPayload)
    def statement_lines_match(input: StatementLinesMatchInput) -> matching.MatchLines:
        """Say what lines are: documents are settled, and it is posted.

        Both sides come to the same, or differ by what is written off. Of a single line a part may
        be explained; the rest stays open.
        """
        return matching.MatchLines(
            line_ids=tuple(ids.parse("stl", each) for each in input.line_ids),
            items=tuple(each.value() for each in input.items),
            write_off=input.write_off.value() if input.write_off else None,
        )

    @mutation(matching.undo_match, StatementMatchPayload)
    def statement_match_undo(id: strawberry.ID) -> matching.UndoMatch:
        """Take a match back: documents are open again, the posting is reversed, and what it has
        taught is forgotten.
        """
        return matching.UndoMatch(id=ids.parse("mat", id))

    @mutation(suggesting.accept_suggestion, StatementMatchPayload)
    def suggestion_accept(input: SuggestionAcceptInput) -> suggesting.AcceptSuggestion:
        """Match a line as it was suggested."""
        return suggesting.AcceptSuggestion(suggestion_id=ids.parse("sug", input.suggestion_id))

    @mutation(suggesting.find_suggestions, BankAccountPayload)
    def suggestions_find(input: SuggestionsFindInput) -> suggesting.FindSuggestions:
        """Have all lines of an account looked at that wait, by a job."""
        return suggesting.FindSuggestions(bank_account_id=ids.parse("bac", input.bank_account_id))

    @mutation(suggesting.exclude_line, StatementLinePayload)
    def statement_line_exclude(
        id: strawberry.ID, input: StatementLineExcludeInput
    ) -> suggesting.ExcludeLine:
        """Leave a line out, as one that the bank told twice: it counts for nothing."""
        return suggesting.ExcludeLine(id=ids.parse("stl", id), reason=input.reason)

    @mutation(suggesting.include_line, StatementLinePayload)
    def statement_line_include(id: strawberry.ID) -> suggesting.IncludeLine:
        """Let a line count again that was left out."""
        return suggesting.IncludeLine(id=ids.parse("stl", id))

    @mutation(rules.create_rule, ReconciliationRulePayload)
    def reconciliation_rule_create(input: ReconciliationRuleInput) -> rules.CreateRule:
        """Make a rule. It is asked whenever suggestions are looked for."""
        return rules.CreateRule(draft=input.value())

    @mutation(rules.replace_rule, ReconciliationRulePayload)
    def reconciliation_rule_replace(
        id: strawberry.ID, input: ReconciliationRuleInput
    ) -> rules.ReplaceRule:
        """Change a rule, as a whole. What it has matched stays."""
        return rules.ReplaceRule(id=ids.parse("rru", id), draft=input.value())
