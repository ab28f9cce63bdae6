"""What can be asked about consents."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, and_, func, select

from backoffice_api.domain.customers.model.consents import (
    Consent,
    ConsentChannel,
    ConsentSortKey,
    ConsentState,
    ConsentStatus,
)
from backoffice_api.domain.customers.tables.consents import consent_states, consents
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import among, columns_of, many_per, one_per

consents_by_ids = one_per(Consent, consents, consents.c.id)
states_by_customers = many_per(
    ConsentState, consent_states, consent_states.c.customer_id, consent_states.c.channel
)

consent_list = Listing(Consent, consents, sorts={ConsentSortKey.GIVEN_AT: consents.c.given_at})


def may_write_to(
    db: Connection, channel: ConsentChannel, customer_ids: Iterable[UUID]
) -> frozenset[UUID]:
    """Those of the customers who may be written to by a channel. One statement."""
    of = consent_states.c
    statement = select(of.customer_id).where(
        of.status == ConsentStatus.GRANTED,
        of.channel == channel,
        among(of.customer_id, tuple(customer_ids)),
    )
    return frozenset(db.execute(statement).scalars())


def latest() -> Select[Any]:
    """What counts of each customer and channel, worked out from all that was said."""
    retracting = consents.alias("retracting")
    said = (
        select(
            *columns_of(Consent, consents),
            func.row_number()
            .over(
                partition_by=(consents.c.customer_id, consents.c.channel),
                order_by=(consents.c.given_at.desc(), consents.c.id.desc()),
            )
            .label("place"),
        )
        .outerjoin(retracting, retracting.c.retracts_id == consents.c.id)
        .where(and_(consents.c.retracts_id.is_(None), retracting.c.id.is_(None)))
        .subquery("said")
    )
    return select(*columns_of(Consent, said)).where(said.c.place == 1)


def latest_of(db: Connection, customer_id: UUID) -> Mapping[ConsentChannel, Consent]:
    """What counts of each channel of one customer, worked out from all that was said."""
    statement = latest()
    (said,) = statement.get_final_froms()
    rows = db.execute(statement.where(said.c.customer_id == customer_id))
    found = [Consent(*row) for row in rows]
    return {each.channel: each for each in found}
