"""Retention on the wire: for how long what is kept, and what went when its time was over."""

from datetime import date, datetime

import strawberry
from strawberry import UNSET

from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.privacy import queries
from backoffice_api.domain.privacy.model import retention
from backoffice_api.domain.privacy.model.duties import LAWS
from backoffice_api.domain.privacy.model.retention import (
    BY_LAW,
    RetentionSchedule,
    RetentionSortKey,
)
from backoffice_api.schema.aggregates import HasTimeline
from backoffice_api.schema.directives import about
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import filter_input
from backoffice_api.schema.links import one
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, payload

READ = Scope.PRIVACY_READ

choice(RetentionSchedule)
choice(RetentionSortKey)


@node("rtn", retention.RetentionRule, queries.retention_rules_by_ids, scope=READ)
class RetentionRule(Node, Versioned, HasTimeline):
    """For how long the shop keeps something; what has no rule is kept as the law wants it."""

    schedule: RetentionSchedule = about("What is kept.")
    months: int | None = about(
        "For so many months; of what tax law keeps, in whole years from the end of the year. Null: "
        "until somebody asks for erasure."
    )

    @strawberry.field(description="The law that wants it kept at all. Null: none does.")
    def law(parent: strawberry.Parent[retention.RetentionRule]) -> str | None:
        reason = BY_LAW.get(parent.schedule)
        return None if reason is None else LAWS[reason].text


@node("rtr", retention.RetentionRun, queries.retention_runs_by_ids, scope=READ)
class RetentionRun(Node):
    """Evidence: rows of one table that lost what was personal in them when their time was over."""

    created_at: datetime = about("When.")
    schedule: RetentionSchedule = about("By which schedule.")
    place: str = about("The table.")
    cutoff: date = about("What was older than this day.")
    rows: int = about("How many rows.")


@filter_input
class RetentionRunFilter:
    """Which runs. All words that are given must hold."""

    schedule: list[RetentionSchedule] | None = about("By one of these schedules.", default=UNSET)


@strawberry.input(description="For how long something is kept.")
class RetentionRuleSetInput:
    schedule: RetentionSchedule = about("What is kept.")
    months: int | None = about(
        "For so many months, 1 to 1,200; at least 60 of what a law keeps. "
        "Null: until somebody asks for erasure.",
        default=None,
    )


@payload
class RetentionRulePayload(MutationPayload):
    """What setting a rule of retention answers."""

    rule: RetentionRule | None = one(
        queries.retention_rules_by_ids, "value", "The rule as it is now. Null if it was refused."
    )
