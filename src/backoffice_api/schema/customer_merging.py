"""Merges of customers and duplicates on the wire."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from backoffice_api.domain.customers import queries as customers
from backoffice_api.domain.customers.model import merging as model
from backoffice_api.domain.customers.model.merging import (
    DuplicateReason,
    DuplicateSortKey,
    DuplicateStatus,
    LaterMerge,
    MergeStatus,
    MergeTooLarge,
    UndoWindowOver,
)
from backoffice_api.domain.customers.queries import merging as queries
from backoffice_api.schema.aggregates import ActionState, Actor, HasTimeline, actor_of
from backoffice_api.schema.customers import READ, Customer
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import SortDirection, filter_input
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, UserError, error, payload

choice(MergeStatus, name="CustomerMergeStatus")
choice(DuplicateStatus, name="CustomerDuplicateStatus")
choice(DuplicateReason, name="CustomerDuplicateReason")
choice(DuplicateSortKey, name="CustomerDuplicateSortKey")


def _actor(parent: strawberry.Parent[model.Merge]) -> Actor:
    return actor_of(parent.actor_kind, parent.actor_id)


@described
class CustomerMergeCount:
    """How many things of one kind go over from the duplicate."""

    table_name: str = about("Of which kind, as `orders`.")
    count: int = about("How many.")


@node("cmr", model.Merge, queries.merges_by_ids, scope=READ)
class CustomerMerge(Node, Versioned):
    """A duplicate that went on in another customer."""

    status: MergeStatus = about("Whether it holds.")
    actions: list[ActionState] = about("What can be done with it now.")
    undo_until: datetime = about("Until when it can be undone.")
    filled: list[str] = about("Fields that the one that stays took over, having had nothing there.")
    merged_by: Actor = about("Who merged them.", resolver=_actor)
    moved: list[CustomerMergeCount] = many(
        queries.moved_by_merges, "id", "What went over, by kind."
    )
    into: Customer = one(customers.customers_by_ids, "into_id", "The one that stays.")
    from_: Customer = one(customers.customers_by_ids, "from_id", "The duplicate.", name="from")


@described
class CustomerMergePreview:
    """What a merge would do now."""

    counts: list[CustomerMergeCount] = about("What would go over, by kind.")
    filled: list[str] = about("Fields that the one that stays would take over.")
    into: Customer = one(customers.customers_by_ids, "into_id", "The one that would stay.")
    from_: Customer = one(
        customers.customers_by_ids, "from_id", "The one that would go.", name="from"
    )


@node("cdu", model.Duplicate, queries.duplicates_by_ids, scope=READ)
class CustomerDuplicate(Node, Versioned, HasTimeline):
    """Two customers that may be one."""

    status: DuplicateStatus = about("What became of them.")
    actions: list[ActionState] = about("What can be done with them now.")
    score: int = about("How likely they are one, from 1 to 100.")
    reasons: list[DuplicateReason] = about("Why they may be one.")
    first: Customer = one(customers.customers_by_ids, "first_id", "The older one.")
    second: Customer = one(customers.customers_by_ids, "second_id", "The newer one.")


attach(
    Customer,
    "merged_into",
    CustomerMerge | None,
    one(queries.merges_of, "id", "The merge by which it went on in another one. Null: none."),
)
attach(
    Customer,
    "merges",
    list[CustomerMerge],
    many(queries.merges_into, "id", "Merges by which duplicates went on in it, oldest first."),
)
attach(
    Customer,
    "duplicates",
    list[CustomerDuplicate],
    many(
        queries.duplicates_by_customers,
        "id",
        "Pairs it is one of, the likeliest first. A job finds them within minutes.",
    ),
)


@filter_input
class CustomerDuplicateFilter:
    """Which pairs. All words that are given must hold."""

    status: list[DuplicateStatus] | None = about("In one of these states.", default=UNSET)


@strawberry.input(description="The order of a list of pairs.")
class CustomerDuplicateSort:
    key: DuplicateSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(description="Which customer goes on in this one.")
class CustomerMergeInput:
    from_id: strawberry.ID = about("The duplicate.")


@error(MergeTooLarge)
class MergeTooLargeError(UserError):
    """Together they would have more of something than a customer can have."""

    what: str = about("Of what.")
    maximum: int = about("How many a customer can have.")


@error(UndoWindowOver)
class UndoWindowOverError(UserError):
    """What was merged long ago has gone its own way since."""

    undo_until: datetime = about("Until when it could be undone.")


@error(LaterMerge)
class LaterMergeError(UserError):
    """The customer that stayed was merged itself since: that is to be undone first."""

    merge: CustomerMerge | None = one(queries.merges_by_ids, "merge_id", "That merge.")


@payload
class CustomerMergePayload(MutationPayload):
    """What merging customers, or undoing it, answers. That of a dry run is its preview."""

    customer_merge: CustomerMerge | None = one(
        queries.merges_by_ids, "value", "The merge as it is, or would be. Null if it was refused."
    )


@payload
class CustomerDuplicatePayload(MutationPayload):
    """What saying that two customers are two answers."""

    customer_duplicate: CustomerDuplicate | None = one(
        queries.duplicates_by_ids, "value", "The pair as it is now. Null if it was refused."
    )
