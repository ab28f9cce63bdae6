"""Where parcels lie in which goods are to come back."""

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text

from backoffice_api.domain.kernel import personal
from backoffice_api.domain.kernel.tables import Id, aggregate_columns, line, metadata
from backoffice_api.domain.returns.model.shipments import DROP_OFF_LENGTH_MAX
from backoffice_api.domain.tracking.model.trackings import CARRIER_LENGTH_MAX, NUMBER_LENGTH_MAX

return_shipments = Table(
    "return_shipments",
    metadata,
    *aggregate_columns(),
    Column("return_id", Id, ForeignKey("returns.id"), nullable=False),
    Column("tracking_id", Id, ForeignKey("trackings.id"), nullable=False, unique=True),
    Column("carrier", line(CARRIER_LENGTH_MAX), nullable=False),
    Column("number", line(NUMBER_LENGTH_MAX), nullable=False),
    Column("drop_off_code", String(DROP_OFF_LENGTH_MAX)),
    Column("instructions", Text, nullable=False, info=personal.NOTE),
    Index(None, "return_id", "created_at", "id"),
)
