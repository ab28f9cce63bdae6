"""Where customs and fiscal data lie."""

from sqlalchemy import Column, ForeignKey, String, Table

from backoffice_api.domain.customs.model.customs import HS_CODE_LENGTH_MAX
from backoffice_api.domain.kernel.tables import Id, Json, line, metadata

customs = Table(
    "variant_customs",
    metadata,
    Column("variant_id", Id, ForeignKey("variants.id"), primary_key=True),
    Column("hs_code", line(HS_CODE_LENGTH_MAX), index=True),
    Column("country_of_origin", String(2)),
    Column("description", line()),
)

fiscal_profiles = Table(
    "fiscal_profiles",
    metadata,
    Column("variant_id", Id, ForeignKey("variants.id"), primary_key=True),
    Column("country", String(2), primary_key=True),
    Column("data", Json, nullable=False),
)
