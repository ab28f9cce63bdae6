"""How well services keep their promises: counted at night, from what was sent and has arrived."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Date, case, cast, delete, func, insert, literal, select, type_coerce

from backoffice_api.domain.fulfillment.tables import parcels
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import Instant
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.shipping.model.shipments import WITH_LABEL
from backoffice_api.domain.shipping.tables import carrier_service_figures, shipments

MEASURE_JOB = "shipping.measure_services"
# Of what is older, a service that has become better or worse would be judged for too long.
LOOKED_BACK = timedelta(days=180)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureServices(Command):
    """Run by the worker every day."""

    scope = Scope.SHIPPING_WRITE


def measure_services(uow: UnitOfWork, command: MeasureServices) -> int:
    """Count, per service, what was sent in half a year, what has arrived, and what came late.

    How many services have figures now.
    """
    uow.db.execute(delete(carrier_service_figures))
    # A day of the world's clock: what arrives late in the evening may count as the next day.
    arrived = (
        func.date(parcels.c.delivered_at)
        if uow.db.dialect.name == "sqlite"
        else cast(func.timezone("UTC", parcels.c.delivered_at), Date)
    )
    promised = (
        func.date(shipments.c.promised_on)
        if uow.db.dialect.name == "sqlite"
        else shipments.c.promised_on
    )
    late = case((arrived > promised, 1), else_=0)
    counted = (
        select(
            shipments.c.service_id,
            func.count(),
            func.count(parcels.c.delivered_at),
            func.coalesce(func.sum(late), 0),
            type_coerce(literal(uow.now, Instant), Instant),
        )
        .join(parcels, parcels.c.id == shipments.c.parcel_id)
        .where(
            shipments.c.status.in_(WITH_LABEL),
            shipments.c.created_at >= uow.now - LOOKED_BACK,
        )
        .group_by(shipments.c.service_id)
    )
    names = ["service_id", "shipped", "delivered", "late", "measured_at"]
    return uow.db.execute(insert(carrier_service_figures).from_select(names, counted)).rowcount
