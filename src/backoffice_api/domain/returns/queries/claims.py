"""What can be asked about claims on carriers."""

from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.domain.kernel.filters import On
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import many_per, one_per
from backoffice_api.domain.returns.model.claims import (
    CarrierClaim,
    ClaimSortKey,
    UnknownCarrierClaim,
)
from backoffice_api.domain.returns.tables.claims import carrier_claims

claims_by_ids = one_per(CarrierClaim, carrier_claims, carrier_claims.c.id)
claims_by_returns = many_per(
    CarrierClaim,
    carrier_claims,
    carrier_claims.c.return_id,
    carrier_claims.c.created_at,
    carrier_claims.c.id,
)

claim_list = Listing(
    CarrierClaim,
    carrier_claims,
    sorts={
        ClaimSortKey.CREATED_AT: carrier_claims.c.created_at,
        ClaimSortKey.UPDATED_AT: carrier_claims.c.updated_at,
    },
    words={
        "status": On(carrier_claims.c.status),
        "carrier": On(carrier_claims.c.carrier),
        "return_id": On(carrier_claims.c.return_id),
        "number": On(carrier_claims.c.number),
        "created_at": On(carrier_claims.c.created_at),
    },
)


def claim(db: Connection, id: UUID) -> CarrierClaim:
    """Raises: UnknownCarrierClaim."""
    if found := claims_by_ids(db, [id]).get(id):
        return found
    raise UnknownCarrierClaim(id).at("id")
