"""What can be asked and done with backorders."""

import strawberry

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.orders.commands import backorders as on_backorders
from backoffice_api.domain.orders.queries import backorders as queries
from backoffice_api.schema.backorders import (
    Backorder,
    BackorderFilter,
    BackorderPayload,
    BackorderPrioritizeInput,
    BackorderSort,
)
from backoffice_api.schema.channels import READ
from backoffice_api.schema.connections import Connection, Count, counted, listed
from backoffice_api.schema.mutations import mutation


@strawberry.type
class BackorderQuery:
    backorders: Connection[Backorder] = listed(
        queries.backorder_list,
        "What was sold and is not there, in the order in which it is filled.",
        scope=READ,
        filter=BackorderFilter,
        sort=BackorderSort,
    )
    backorders_count: Count = counted(
        queries.backorder_list, "How many backorders there are.", scope=READ, filter=BackorderFilter
    )


@strawberry.type
class BackorderMutation:
    @mutation(on_backorders.prioritize_backorder, BackorderPayload)
    def backorder_prioritize(
        id: strawberry.ID, input: BackorderPrioritizeInput
    ) -> on_backorders.PrioritizeBackorder:
        """Move a backorder in the queue."""
        return on_backorders.PrioritizeBackorder(id=ids.parse("bko", id), priority=input.priority)
