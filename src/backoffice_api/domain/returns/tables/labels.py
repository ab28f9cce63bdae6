"""Where labels lie that were bought for goods that come back."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    text,
)

from backoffice_api.domain.customers.model import POSTAL_CODE_LENGTH_MAX
from backoffice_api.domain.kernel import personal
from backoffice_api.domain.kernel.tables import (
    NAME_LENGTH_MAX,
    Id,
    Instant,
    Json,
    aggregate_columns,
    at_least_zero,
    choice,
    currency_column,
    line,
    metadata,
)
from backoffice_api.domain.returns.model.shipments import DROP_OFF_LENGTH_MAX
from backoffice_api.domain.shipping.model.shipments import (
    ENDED,
    TRACKING_LENGTH_MAX,
    TROUBLE_LENGTH_MAX,
    ShipmentStatus,
)

_LIVE = text(f"status NOT IN ({', '.join(repr(each.value) for each in ENDED)})")

return_labels = Table(
    "return_labels",
    metadata,
    *aggregate_columns(),
    Column("number", line(), nullable=False, unique=True),
    Column("return_id", Id, ForeignKey("returns.id"), nullable=False),
    Column("order_id", Id, ForeignKey("orders.id"), nullable=False, index=True),
    Column("carrier_id", Id, ForeignKey("carriers.id"), nullable=False, index=True),
    Column("service_id", Id, ForeignKey("carrier_services.id"), nullable=False, index=True),
    choice("status", ShipmentStatus),
    Column("weight_g", Integer, nullable=False),
    currency_column(),
    Column("quoted_minor", BigInteger),
    Column("recipient", String(NAME_LENGTH_MAX), nullable=False, info=personal.IDENTITY),
    Column("address_lines", Json, nullable=False, info=personal.ADDRESS),
    Column("district", String(NAME_LENGTH_MAX), info=personal.ADDRESS),
    Column("city", String(NAME_LENGTH_MAX), nullable=False, info=personal.ADDRESS),
    Column("region", String(NAME_LENGTH_MAX), info=personal.ADDRESS),
    Column("postal_code", String(POSTAL_CODE_LENGTH_MAX), info=personal.ADDRESS),
    Column("country", String(2), nullable=False),
    Column("phone", String(40), info=personal.CONTACT),
    Column("attempts", Integer, nullable=False),
    Column("purchase_key", String(64), unique=True),
    Column("called_at", Instant),
    Column("trouble", String(TROUBLE_LENGTH_MAX), info=personal.CONTENT),
    Column("tracking_number", line(TRACKING_LENGTH_MAX)),
    Column("carrier_reference", String(NAME_LENGTH_MAX)),
    Column("drop_off_code", String(DROP_OFF_LENGTH_MAX)),
    Column("cost_minor", BigInteger),
    Column("labelled_at", Instant),
    Column("voided_at", Instant),
    Column("return_shipment_id", Id, ForeignKey("return_shipments.id"), index=True),
    CheckConstraint("weight_g > 0", name="weight_positive"),
    CheckConstraint(
        "status NOT IN ('labelled', 'voiding', 'voided') "
        "OR (tracking_number IS NOT NULL AND labelled_at IS NOT NULL)",
        name="number_when_labelled",
    ),
    CheckConstraint(
        "status NOT IN ('pending', 'unclear') OR purchase_key IS NOT NULL",
        name="key_when_pending",
    ),
    CheckConstraint("(voided_at IS NOT NULL) = (status = 'voided')", name="voided_at_when_voided"),
    *at_least_zero("attempts", "quoted_minor", "cost_minor"),
    # A return has one label that counts, whoever asks at the same time.
    Index(
        "uq_return_labels_one_per_return",
        "return_id",
        unique=True,
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    ),
    Index(None, "return_id", "created_at", "id"),
)
