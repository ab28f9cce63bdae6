"""What can be asked about fulfillments and parcels."""

from backoffice_api.domain.fulfillment.model.fulfillments import (
    Fulfillment,
    FulfillmentLine,
    Parcel,
    ParcelLine,
)
from backoffice_api.domain.fulfillment.tables import (
    fulfillment_lines,
    fulfillments,
    parcel_lines,
    parcels,
)
from backoffice_api.domain.kernel.rows import many_per, one_per

fulfillments_by_ids = one_per(Fulfillment, fulfillments, fulfillments.c.id)
fulfillment_lines_by_ids = one_per(FulfillmentLine, fulfillment_lines, fulfillment_lines.c.id)
lines_by_fulfillments = many_per(
    FulfillmentLine,
    fulfillment_lines,
    fulfillment_lines.c.fulfillment_id,
    fulfillment_lines.c.position,
)
parcels_by_ids = one_per(Parcel, parcels, parcels.c.id)
parcels_by_fulfillments = many_per(Parcel, parcels, parcels.c.fulfillment_id, parcels.c.created_at)
lines_by_parcels = many_per(
    ParcelLine, parcel_lines, parcel_lines.c.parcel_id, parcel_lines.c.fulfillment_line_id
)
