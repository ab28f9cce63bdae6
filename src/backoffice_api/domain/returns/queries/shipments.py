"""What can be asked about parcels in which goods come back."""

from backoffice_api.domain.kernel.rows import many_per, one_per
from backoffice_api.domain.returns.model.shipments import ReturnShipment
from backoffice_api.domain.returns.tables.shipments import return_shipments

shipments_by_ids = one_per(ReturnShipment, return_shipments, return_shipments.c.id)
shipments_by_trackings = one_per(ReturnShipment, return_shipments, return_shipments.c.tracking_id)
shipments_by_returns = many_per(
    ReturnShipment,
    return_shipments,
    return_shipments.c.return_id,
    return_shipments.c.created_at,
    return_shipments.c.id,
)
