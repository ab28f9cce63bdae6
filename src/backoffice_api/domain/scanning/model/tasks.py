"""Tasks: what is open for whoever holds a device. Derived when asked for; nothing is stored."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.stock.model.buckets import Bucket

TASKS_MAX = 50


class TaskKind(Choice):
    """What is to be done."""

    PICK = "pick", "Goods of an order are to leave the house."
    SEND = "send", "Pieces of a transfer are to be picked and sent."
    RECEIVE = "receive", "Pieces of a transfer are on their way here."
    COUNT = "count", "Something is to be counted, or counted again."
    RECEIVE_PURCHASE = "receive_purchase", "Goods of a purchase order are to come in."
    PUT_AWAY = "put_away", "Pieces that came in are to go to where they are kept."
    REPLENISH = "replenish", "A place that is picked from is to be filled."
    INSPECT = "inspect", "Pieces wait for an inspection."


@dataclass(frozen=True, slots=True)
class Task:
    """`quantity` pieces are to be handled for `subject`, one of our ids. None: nobody knows.

    Which pieces, where they are and where they are to go, as far as the task is about these.
    """

    kind: TaskKind
    subject: str
    title: str
    quantity: int | None
    since: datetime
    variant_id: UUID | None = None
    from_location_id: UUID | None = None
    to_location_id: UUID | None = None
    bucket: Bucket | None = None
    lot_id: UUID | None = None
