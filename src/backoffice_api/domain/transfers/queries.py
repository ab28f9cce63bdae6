"""What can be asked about transfers."""

from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.domain.kernel.filters import On, Within
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import many_per, one_per
from backoffice_api.domain.transfers.model import (
    Transfer,
    TransferLine,
    TransferSortKey,
    UnknownTransfer,
)
from backoffice_api.domain.transfers.tables import transfer_lines, transfers

transfers_by_ids = one_per(Transfer, transfers, transfers.c.id)
lines_by_ids = one_per(TransferLine, transfer_lines, transfer_lines.c.id)
lines_by_transfers = many_per(
    TransferLine, transfer_lines, transfer_lines.c.transfer_id, transfer_lines.c.position
)

transfer_list = Listing(
    Transfer,
    transfers,
    sorts={
        TransferSortKey.CREATED_AT: transfers.c.created_at,
        TransferSortKey.UPDATED_AT: transfers.c.updated_at,
    },
    words={
        "status": On(transfers.c.status),
        "from_location_id": On(transfers.c.from_location_id),
        "to_location_id": On(transfers.c.to_location_id),
        "variant_id": Within(
            transfers.c.id, transfer_lines.c.transfer_id, transfer_lines.c.variant_id
        ),
        "reference": On(transfers.c.reference),
        "expected_on": On(transfers.c.expected_on),
        "created_at": On(transfers.c.created_at),
    },
)


def transfer(db: Connection, id: UUID) -> Transfer:
    """The transfer `id`.

    Raises:
        UnknownTransfer: there is none.
    """
    if found := transfers_by_ids(db, [id]).get(id):
        return found
    raise UnknownTransfer(id).at("id")
