"""What can be asked and done with replenishment."""

from collections.abc import Mapping
from datetime import date
from inspect import Parameter
from typing import Annotated, Any
from uuid import UUID

import strawberry
from sqlalchemy import Connection as Database

from backoffice_api.context import Context
from backoffice_api.domain.kernel import ids, pages
from backoffice_api.domain.replenishment import queries
from backoffice_api.domain.replenishment.commands import ordering as on_ordering
from backoffice_api.domain.replenishment.commands import rules as on_rules
from backoffice_api.schema.connections import (
    Connection,
    Count,
    asked,
    counted,
    listed,
    paged,
    parameter,
)
from backoffice_api.schema.filters import as_filter
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.replenishment import (
    AvailableToPromise,
    PurchaseOrdersFromSuggestionsInput,
    PurchaseOrdersPayload,
    ReplenishmentRule,
    ReplenishmentRuleFilter,
    ReplenishmentRuleInput,
    ReplenishmentRuleSort,
    ReplenishmentRulesPayload,
    ReplenishmentRulesSetInput,
    ReplenishmentSuggestion,
    ReplenishmentSuggestionFilter,
)
from backoffice_api.schema.suppliers import READ

_Filter = Annotated[
    ReplenishmentSuggestionFilter | None, strawberry.argument(description="Only what passes this.")
]
_First = Annotated[int, strawberry.argument(description="At most so many, 1 to 250.")]
_After = Annotated[
    str | None, strawberry.argument(description="Begin behind the row with this cursor.")
]
_Variant = Annotated[strawberry.ID, strawberry.argument(description="Of which variant.")]
_Location = Annotated[
    strawberry.ID | None, strawberry.argument(description="At which location; null: at all.")
]
_Day = Annotated[date, strawberry.argument(description="On which day.")]
_REQUIRED = Parameter.empty


def _suggestions(db: Database, context: Context, arguments: Mapping[str, Any]) -> Any:
    size = pages.bounds(arguments["first"], None)
    cursor = arguments["after"]
    after = context.cursors.open(cursor, queries.SUGGESTION_ORDER, str).id if cursor else None
    page = queries.suggestions(db, as_filter(arguments["filter"]), size=size, after=after)
    return paged(page, context)


def _promise(db: Database, _: Context, arguments: Mapping[str, Any]) -> Any:
    variant_id = ids.parse("sku", arguments["variant_id"])
    location = arguments["location_id"]
    location_id = given_id("loc", location)
    return queries.promise(db, variant_id, location_id, arguments["on"])


@strawberry.type
class ReplenishmentQuery:
    replenishment_rules: Connection[ReplenishmentRule] = listed(
        queries.rule_list,
        "Rules of replenishment, newest first.",
        scope=READ,
        filter=ReplenishmentRuleFilter,
        sort=ReplenishmentRuleSort,
    )
    replenishment_rules_count: Count = counted(
        queries.rule_list, "How many rules there are.", scope=READ, filter=ReplenishmentRuleFilter
    )
    replenishment_suggestions: Connection[ReplenishmentSuggestion] = asked(
        _suggestions,
        [
            parameter("filter", _Filter),
            parameter("first", _First, pages.SIZE_DEFAULT),
            parameter("after", _After),
        ],
        "What should be bought now, and why, by rule; the oldest rule first.",
        scope=READ,
        weight=1,
        multipliers=["first"],
    )
    available_to_promise: AvailableToPromise = asked(
        _promise,
        [
            parameter("variant_id", _Variant, _REQUIRED),
            parameter("on", _Day, _REQUIRED),
            parameter("location_id", _Location),
        ],
        "What can be promised of a variant on a day: what is available now, and what approved "
        "purchase orders bring until then. Overdue pieces count as if they came today.",
        scope=READ,
    )


@strawberry.type
class ReplenishmentMutation:
    @mutation(on_rules.set_replenishment_rules, ReplenishmentRulesPayload)
    def replenishment_rules_set(
        input: ReplenishmentRulesSetInput,
    ) -> on_rules.SetReplenishmentRules:
        """Say how variants are kept at locations. Reorder points are computed at once."""
        return on_rules.SetReplenishmentRules(rules=tuple(map(_rule, input.rules)))

    @mutation(on_rules.remove_replenishment_rule, ReplenishmentRulesPayload)
    def replenishment_rule_remove(id: strawberry.ID) -> on_rules.RemoveReplenishmentRule:
        """Let a variant be kept at a location by no rule any more."""
        return on_rules.RemoveReplenishmentRule(id=ids.parse("rpl", id))

    @mutation(on_ordering.order_suggestions, PurchaseOrdersPayload)
    def purchase_orders_from_suggestions(
        input: PurchaseOrdersFromSuggestionsInput,
    ) -> on_ordering.OrderSuggestions:
        """Make drafts of purchase orders of suggestions, one per supplier and location."""
        return on_ordering.OrderSuggestions(
            chosen=tuple(
                on_ordering.ChosenSuggestion(
                    rule_id=ids.parse("rpl", each.rule_id), quantity=each.quantity
                )
                for each in input.chosen
            )
        )


def _rule(input: ReplenishmentRuleInput) -> on_rules.RuleDraft:
    supplier: UUID | None = given_id("sup", input.supplier_id)
    return on_rules.RuleDraft(
        variant_id=ids.parse("sku", input.variant_id),
        location_id=ids.parse("loc", input.location_id),
        method=input.method,
        minimum=input.minimum,
        maximum=input.maximum,
        reorder_point=input.reorder_point,
        safety=input.safety,
        service_level_permille=input.service_level_permille,
        coverage_days=input.coverage_days,
        supplier_id=supplier,
    )
