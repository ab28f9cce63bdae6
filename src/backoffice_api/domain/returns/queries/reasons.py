"""What can be asked about reasons, and how often things come back."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.domain.kernel.filters import On
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import many_per
from backoffice_api.domain.returns.model.history import RecordedCredit, RecordedCreditSortKey
from backoffice_api.domain.returns.model.reasons import ReasonSortKey, ReturnReason
from backoffice_api.domain.returns.model.taxonomy import ReasonsMade
from backoffice_api.domain.returns.queries import reasons_by_ids
from backoffice_api.domain.returns.tables import return_reasons
from backoffice_api.domain.returns.tables.credits import recorded_credits

reasons_by_parents = many_per(
    ReturnReason,
    return_reasons,
    return_reasons.c.parent_id,
    return_reasons.c.position,
    return_reasons.c.id,
)

reason_list = Listing(
    ReturnReason,
    return_reasons,
    sorts={
        ReasonSortKey.POSITION: return_reasons.c.position,
        ReasonSortKey.CODE: return_reasons.c.code,
    },
    words={
        "status": On(return_reasons.c.status),
        "root_cause": On(return_reasons.c.root_cause),
        "parent_id": On(return_reasons.c.parent_id),
        "code": On(return_reasons.c.code),
    },
    descending=False,
)

recorded_credit_list = Listing(
    RecordedCredit,
    recorded_credits,
    sorts={RecordedCreditSortKey.CREDITED_AT: recorded_credits.c.credited_at},
    words={
        "customer_id": On(recorded_credits.c.customer_id),
        "number": On(recorded_credits.c.number),
        "credited_at": On(recorded_credits.c.credited_at),
    },
)


def reasons_by_made(
    db: Connection, keys: Iterable[ReasonsMade]
) -> Mapping[ReasonsMade, Sequence[ReturnReason]]:
    """The reasons that presets made."""
    wanted = tuple(keys)
    found: Mapping[UUID, ReturnReason] = reasons_by_ids(
        db, {id for each in wanted for id in each.reason_ids}
    )
    return {each: [found[id] for id in each.reason_ids] for each in wanted}
