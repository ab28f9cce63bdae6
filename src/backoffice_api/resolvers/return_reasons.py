"""What can be asked and done with the reasons for which goods come back."""

import strawberry

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.returns import queries as on_returns
from backoffice_api.domain.returns.commands import reasons
from backoffice_api.domain.returns.queries import reasons as queries
from backoffice_api.schema.connections import Connection, Count, counted, listed
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.lookups import found_by_id
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.payloads import keep
from backoffice_api.schema.return_reasons import (
    RecordedCredit,
    RecordedCreditFilter,
    ReturnReason,
    ReturnReasonCreateInput,
    ReturnReasonFilter,
    ReturnReasonPayload,
    ReturnReasonSort,
    ReturnReasonsPayload,
    ReturnReasonUpdateInput,
)
from backoffice_api.schema.returns import READ


@strawberry.type
class ReturnReasonQuery:
    return_reason: ReturnReason | None = found_by_id(
        "rre",
        on_returns.reasons_by_ids,
        "Its id.",
        "One reason for returns. Null if there is none.",
        scope=READ,
    )
    return_reasons: Connection[ReturnReason] = listed(
        queries.reason_list,
        "Reasons for returns, in their order.",
        scope=READ,
        filter=ReturnReasonFilter,
        sort=ReturnReasonSort,
    )
    return_reasons_count: Count = counted(
        queries.reason_list, "How many reasons there are.", scope=READ, filter=ReturnReasonFilter
    )
    recorded_credits: Connection[RecordedCredit] = listed(
        queries.recorded_credit_list,
        "Charges that other systems gave back without goods, newest first.",
        scope=READ,
        filter=RecordedCreditFilter,
    )


@strawberry.type
class ReturnReasonMutation:
    @mutation(reasons.create_reason, ReturnReasonPayload)
    def return_reason_create(input: ReturnReasonCreateInput) -> reasons.CreateReason:
        """Make a reason that can be given for returns."""
        return reasons.CreateReason(
            code=input.code,
            name=input.name,
            parent_id=given_id("rre", input.parent_id),
            root_cause=input.root_cause,
            needs_photo=input.needs_photo,
            position=input.position,
        )

    @mutation(reasons.update_reason, ReturnReasonPayload)
    def return_reason_update(
        id: strawberry.ID, input: ReturnReasonUpdateInput
    ) -> reasons.UpdateReason:
        """Change a reason, or let it lie elsewhere in the tree. What is absent stays."""
        parent = keep(input.parent_id, nullable=True)
        return reasons.UpdateReason(
            id=ids.parse("rre", id),
            name=keep(input.name),
            parent_id=ids.parse("rre", parent) if isinstance(parent, str) else parent,
            root_cause=keep(input.root_cause),
            needs_photo=keep(input.needs_photo),
            position=keep(input.position),
        )

    @mutation(reasons.archive_reason, ReturnReasonPayload)
    def return_reason_archive(id: strawberry.ID) -> reasons.ArchiveReason:
        """Let a reason not be given any more; it stays on what it was given for."""
        return reasons.ArchiveReason(id=ids.parse("rre", id))

    @mutation(reasons.restore_reason, ReturnReasonPayload)
    def return_reason_restore(id: strawberry.ID) -> reasons.RestoreReason:
        """Let an archived reason be given again."""
        return reasons.RestoreReason(id=ids.parse("rre", id))

    @mutation(reasons.preset_reasons, ReturnReasonsPayload)
    def return_reasons_preset() -> reasons.PresetReasons:
        """Make the tree of reasons that is ready to use, as far as its codes are free."""
        return reasons.PresetReasons()
