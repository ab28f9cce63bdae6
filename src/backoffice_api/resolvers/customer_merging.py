"""What can be asked and done with duplicates of customers, and with their consents."""

import inspect
from collections.abc import Mapping
from typing import Annotated, Any

import strawberry
from sqlalchemy import Connection as Database

from backoffice_api.context import Context
from backoffice_api.domain.customers.commands import consents as on_consents
from backoffice_api.domain.customers.commands import duplicates as on_duplicates
from backoffice_api.domain.customers.commands import merging as on_merging
from backoffice_api.domain.customers.model import merging as model
from backoffice_api.domain.customers.queries import merging as queries
from backoffice_api.domain.kernel import ids
from backoffice_api.schema.connections import Connection, Count, asked, counted, listed, parameter
from backoffice_api.schema.customer_consents import CustomerConsentsRecordInput
from backoffice_api.schema.customer_merging import (
    CustomerDuplicate,
    CustomerDuplicateFilter,
    CustomerDuplicatePayload,
    CustomerDuplicateSort,
    CustomerMergeInput,
    CustomerMergePayload,
    CustomerMergePreview,
)
from backoffice_api.schema.customers import READ, CustomerPayload
from backoffice_api.schema.mutations import mutation

_Into = Annotated[strawberry.ID, strawberry.argument(description="The customer that stays.")]
_From = Annotated[strawberry.ID, strawberry.argument(description="The duplicate.")]


def _preview(db: Database, _: Context, arguments: Mapping[str, Any]) -> model.MergePreview:
    return queries.merge_preview(
        db, ids.parse("cus", arguments["into_id"]), ids.parse("cus", arguments["from_id"])
    )


@strawberry.type
class CustomerMergingQuery:
    customer_duplicates: Connection[CustomerDuplicate] = listed(
        queries.duplicate_list,
        "Pairs of customers that may be one, the likeliest first.",
        scope=READ,
        filter=CustomerDuplicateFilter,
        sort=CustomerDuplicateSort,
    )
    customer_duplicates_count: Count = counted(
        queries.duplicate_list,
        "How many pairs of customers may be one.",
        scope=READ,
        filter=CustomerDuplicateFilter,
    )
    customer_merge_preview: CustomerMergePreview = asked(
        _preview,
        [
            parameter("into_id", _Into, inspect.Parameter.empty),
            parameter("from_id", _From, inspect.Parameter.empty),
        ],
        "What merging two customers would do now. A dry run of `customerMerge` says besides "
        "whether it can be done.",
        scope=READ,
        weight=10,
    )


@strawberry.type
class CustomerMergingMutation:
    @mutation(on_merging.merge_customers, CustomerMergePayload)
    def customer_merge(id: strawberry.ID, input: CustomerMergeInput) -> on_merging.MergeCustomers:
        """Let a duplicate go on in this customer, which gets all that it has. Undone in 30 days."""
        return on_merging.MergeCustomers(
            id=ids.parse("cus", id), from_id=ids.parse("cus", input.from_id)
        )

    @mutation(on_merging.undo_merge, CustomerMergePayload)
    def customer_merge_undo(id: strawberry.ID) -> on_merging.UndoMerge:
        """Make two customers again of what was merged: what went over goes back, and no more."""
        return on_merging.UndoMerge(id=ids.parse("cmr", id))

    @mutation(on_duplicates.dismiss_duplicate, CustomerDuplicatePayload)
    def customer_duplicate_dismiss(id: strawberry.ID) -> on_duplicates.DismissDuplicate:
        """Say that two customers are two. They are not shown as duplicates again."""
        return on_duplicates.DismissDuplicate(id=ids.parse("cdu", id))

    @mutation(on_consents.record_consents, CustomerPayload)
    def customer_consents_record(
        id: strawberry.ID, input: CustomerConsentsRecordInput
    ) -> on_consents.RecordConsents:
        """Record what a customer said of channels. Of each, what was said last counts."""
        return on_consents.RecordConsents(
            id=ids.parse("cus", id), consents=tuple(each.value() for each in input.consents)
        )
