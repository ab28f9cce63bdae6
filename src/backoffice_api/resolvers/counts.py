"""What can be asked and done with counts."""

import strawberry

from backoffice_api.domain.counts import queries
from backoffice_api.domain.counts.commands import closing, counting, planning
from backoffice_api.domain.kernel import ids
from backoffice_api.schema.connections import Connection, Count, counted, listed
from backoffice_api.schema.counts import (
    CountEnterInput,
    CountPlanInput,
    CountRecountInput,
    CountTask,
    CountTaskFilter,
    CountTaskPayload,
    CountTaskSort,
)
from backoffice_api.schema.lookups import found_by_id
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.stock import READ


@strawberry.type
class CountQuery:
    count_task: CountTask | None = found_by_id(
        "cnt", queries.counts_by_ids, "Its id.", "One count. Null if there is none.", scope=READ
    )
    count_tasks: Connection[CountTask] = listed(
        queries.count_list,
        "Counts, newest first.",
        scope=READ,
        filter=CountTaskFilter,
        sort=CountTaskSort,
    )
    count_tasks_count: Count = counted(
        queries.count_list, "How many counts there are.", scope=READ, filter=CountTaskFilter
    )


@strawberry.type
class CountMutation:
    @mutation(planning.plan_count, CountTaskPayload)
    def count_plan(input: CountPlanInput) -> planning.PlanCount:
        """Plan a count of what lies at a location and its parts."""
        variant_ids = input.variant_ids
        return planning.PlanCount(
            location_id=ids.parse("loc", input.location_id),
            name=input.name,
            variant_ids=(
                None if variant_ids is None else tuple(ids.parse("sku", id) for id in variant_ids)
            ),
            abc=tuple(input.abc),
            abc_days=input.abc_days,
            buckets=tuple(input.buckets),
            empty=input.empty,
            blind=input.blind,
            recount_pieces=input.recount_pieces,
            recount_percent=input.recount_percent,
        )

    @mutation(planning.start_count, CountTaskPayload)
    def count_start(id: strawberry.ID) -> planning.StartCount:
        """Begin to count."""
        return planning.StartCount(id=ids.parse("cnt", id))

    @mutation(counting.enter_count, CountTaskPayload)
    def count_enter(id: strawberry.ID, input: CountEnterInput) -> counting.EnterCount:
        """Write down what was found, while pieces go on coming and leaving."""
        return counting.EnterCount(
            id=ids.parse("cnt", id), entries=tuple(each.value() for each in input.entries)
        )

    @mutation(closing.finish_count, CountTaskPayload)
    def count_finish(id: strawberry.ID) -> closing.FinishCount:
        """Say that everything was counted; what differs too much is to be counted again."""
        return closing.FinishCount(id=ids.parse("cnt", id))

    @mutation(closing.recount_count, CountTaskPayload)
    def count_recount(id: strawberry.ID, input: CountRecountInput) -> closing.RecountCount:
        """Have lines counted again."""
        return closing.RecountCount(
            id=ids.parse("cnt", id),
            line_ids=tuple(ids.parse("cnl", each) for each in input.line_ids),
        )

    @mutation(closing.review_count, CountTaskPayload)
    def count_review(id: strawberry.ID) -> closing.ReviewCount:
        """Lay a count before who may approve it."""
        return closing.ReviewCount(id=ids.parse("cnt", id))

    @mutation(closing.post_count, CountTaskPayload)
    def count_post(id: strawberry.ID) -> closing.PostCount:
        """Approve a count: the differences go into the ledger."""
        return closing.PostCount(id=ids.parse("cnt", id))

    @mutation(planning.cancel_count, CountTaskPayload)
    def count_cancel(id: strawberry.ID) -> planning.CancelCount:
        """Give a count up; stock stays as it is."""
        return planning.CancelCount(id=ids.parse("cnt", id))
