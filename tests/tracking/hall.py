"""Parcels that have left, and what carriers tell of them, as tests need them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, insert, select

from backoffice_api.domain.fulfillment import queries as fulfillment
from backoffice_api.domain.fulfillment.model.fulfillments import (
    DispatchGate,
    Fulfillment,
    FulfillmentState,
    Parcel,
)
from backoffice_api.domain.fulfillment.tables import fulfillments, parcels
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.events import events
from backoffice_api.domain.tracking import queries
from backoffice_api.domain.tracking.checks import CHECKS
from backoffice_api.domain.tracking.commands.recording import (
    RecordTracking,
    TakenEvent,
    record_tracking,
)
from backoffice_api.domain.tracking.commands.registering import CreateTracking, create_tracking
from backoffice_api.domain.tracking.model.exceptions import TrackingException
from backoffice_api.domain.tracking.model.trackings import CarrierNumber, EventDraft, Tracking
from backoffice_api.domain.tracking.tables import tracking_exceptions
from tests.orders.shop import POSTAGE, Shop
from tests.soundness import broken
from tests.world import NOW, World


def at(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


def told(
    code: str, hours: float = -1, number: str = "N1", source: str = "easypost", **values: Any
) -> EventDraft:
    """Something that the carrier told of what happened so many hours from now."""
    given = {"carrier": "usps", "text": code, "occurred_at": at(hours)}
    return EventDraft(number=number, source=source, code=code, **{**given, **values})


class Hall:
    """An order of which parcels have left."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._shop: Shop | None = None

    @property
    def shop(self) -> Shop:
        if self._shop is None:
            self._shop = Shop(self.world)
        return self._shop

    def shipped(self, count: int = 1, **values: Any) -> tuple[UUID, Sequence[UUID]]:
        """The order and its parcels, all of one fulfillment that was shipped."""
        order_id = self.shop.place(POSTAGE)
        return order_id, self.parcels(order_id, count, **values)

    def parcels(self, order_id: UUID, count: int = 1, **values: Any) -> Sequence[UUID]:
        id, made = uuid4(), [uuid4() for _ in range(count)]
        left = values.pop("shipped_at", NOW)
        row = {
            "id": id,
            "version": 1,
            "created_at": NOW,
            "updated_at": NOW,
            "order_id": order_id,
            "location_id": self.shop.locations[0],
            "number": f"F-{id.hex[:8]}",
            "status": FulfillmentState.SHIPPED if left else FulfillmentState.PACKED,
            "dispatch_gate": DispatchGate.NOT_REQUIRED,
            "shipped_at": left,
        }
        with self.world.database.writing.begin() as db:
            db.execute(insert(fulfillments), [{**row, **values}])
            db.execute(
                insert(parcels),
                [
                    {
                        "id": each,
                        "version": 1,
                        "created_at": NOW,
                        "updated_at": NOW,
                        "fulfillment_id": id,
                        "order_id": order_id,
                        "code": f"P-{each.hex[:8]}",
                        "shipped_at": left,
                    }
                    for each in made
                ],
            )
        return made

    def follow(self, number: str = "N1", parcel_id: UUID | None = None, **values: Any) -> UUID:
        command = CreateTracking(carrier="usps", number=number, parcel_id=parcel_id, **values)
        id: UUID = self.world.run(create_tracking, command).value
        return id

    def record(self, *drafts: EventDraft, **how: Any) -> Sequence[TakenEvent]:
        results: Sequence[TakenEvent] = self.world.run(
            record_tracking, RecordTracking(events=drafts), **how
        ).value.results
        return results

    def outcomes(self, *drafts: EventDraft, **how: Any) -> list[str]:
        return [each.refusal or each.outcome.value for each in self.record(*drafts, **how)]

    def tracking(self, number: str = "N1") -> Tracking:
        name = CarrierNumber("usps", number)
        found: Tracking = self.world.read(queries.trackings_by_numbers, [name])[name]
        return found

    def parcel(self, id: UUID) -> Parcel:
        found: Parcel = self.world.read(fulfillment.parcels_by_ids, [id])[id]
        return found

    def fulfillment_of(self, parcel_id: UUID) -> Fulfillment:
        id = self.parcel(parcel_id).fulfillment_id
        found: Fulfillment = self.world.read(fulfillment.fulfillments_by_ids, [id])[id]
        return found

    def exceptions(self) -> list[str]:
        """Kinds and states of all exceptions, the oldest first."""
        with self.world.database.reading.connect() as db:
            rows = db.execute(
                select(tracking_exceptions.c.kind, tracking_exceptions.c.status).order_by(
                    tracking_exceptions.c.created_at, tracking_exceptions.c.kind
                )
            )
            return [f"{row.kind.value} {row.status.value}" for row in rows]

    def exception(self) -> TrackingException:
        """The only one there is."""
        with self.world.database.reading.connect() as db:
            id = db.execute(select(tracking_exceptions.c.id)).scalar_one()
        found: TrackingException = self.world.read(queries.exceptions_by_ids, [id])[id]
        return found

    def events(self, prefix: str = "tracking") -> list[str]:
        """Types of what happened, of those that begin so, in order."""
        with self.world.database.reading.connect() as db:
            types = db.execute(select(events.c.type).order_by(events.c.sequence)).scalars()
            return [each for each in types if each.startswith(prefix)]

    def refused(self, handler: Any, command: Any, **how: Any) -> list[str]:
        """The codes of the refusals; nothing was changed, not even the log."""
        before = self._logged()
        with pytest.raises(DomainError) as refusal:
            self.world.run(handler, command, **how)
        assert self._logged() == before
        return [each.code for each in refusal.value.reasons()]

    def broken(self) -> list[str]:
        """Ids of the checks that do not hold."""
        return broken(self.world.database, CHECKS)

    def _logged(self) -> int:
        with self.world.database.reading.connect() as db:
            count: int = db.execute(select(func.count()).select_from(events)).scalar_one()
        return count
