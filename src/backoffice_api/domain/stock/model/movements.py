"""Movements: the ledger that says how every level came about."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.uow import ActorKind
from backoffice_api.domain.stock.model.buckets import Bucket


class MovementKind(Choice):
    """Why pieces moved."""

    OPENING = "opening", "What was there when the books were opened."
    RECEIPT = "receipt", "Came from a supplier, or went back."
    SHIPMENT = "shipment", "Went to a customer."
    RETURN = "return", "Came back from a customer."
    TRANSFER = "transfer", "Went from one location to another."
    COUNT = "count", "A count found more or less."
    CORRECTION = "correction", "The books were wrong."
    SCRAP = "scrap", "Was thrown away."
    INSPECTION = "inspection", "Was set aside, or found fit: went from one bucket to another."
    MERGE = "merge", "Turned out to be another variant, which it was merged into."


class MovementSortKey(Choice):
    """By what a list of movements is sorted."""

    OCCURRED_AT = "occurred_at", "When the pieces moved."


@dataclass(frozen=True, slots=True)
class Movement:
    """`quantity` pieces left one location or bucket and entered another. Rows never change.

    Of a virtual location, the bucket says nothing: it is SELLABLE.

    `cause_kind` and `cause_id` name what it was done for, as an order: the prefix of its ids and
    its id. Both are None if that is not on record.
    """

    sequence: int
    id: UUID
    kind: MovementKind
    variant_id: UUID
    from_location_id: UUID
    to_location_id: UUID
    quantity: int
    cause_kind: str | None
    cause_id: UUID | None
    actor_kind: ActorKind
    actor_id: UUID | None
    reason: str | None
    occurred_at: datetime
    recorded_at: datetime
    from_bucket: Bucket
    to_bucket: Bucket
    lot_id: UUID | None


@dataclass(frozen=True, slots=True)
class Cause:
    """What a movement is done for: the prefix of its ids and its id, as `ord` and an order's."""

    kind: str
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedMovement:
    """A movement that is to be written into the ledger. `occurred_at` None: it happens now.

    `lot_id` is needed where the variant is tracked. `unit_cost`: what one piece cost that comes
    in; None: what one costs on average.
    """

    kind: MovementKind
    variant_id: UUID
    from_location_id: UUID
    to_location_id: UUID
    quantity: int
    cause_kind: str | None = None
    cause_id: UUID | None = None
    reason: str | None = None
    occurred_at: datetime | None = None
    from_bucket: Bucket = Bucket.SELLABLE
    to_bucket: Bucket = Bucket.SELLABLE
    lot_id: UUID | None = None
    unit_cost: UnitPrice | None = None


@dataclass(frozen=True, slots=True)
class MovementsRecorded(Event):
    """Past movements were recorded at a location; the movements themselves are the log."""

    type = "location.movements_recorded"
    subject = "loc"
    summary = "{movements} past movements were recorded, which changed {levels} levels."
    id: UUID
    version: int
    movements: int
    levels: int
