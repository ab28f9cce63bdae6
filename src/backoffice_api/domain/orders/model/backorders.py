"""Backorders: pieces that were sold and are not there yet.

A channel may sell so many pieces of a variant beyond the stock. What cannot be promised when an
order is placed waits in a queue, by priority and then by age, and is promised as stock arrives.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Missing
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.states import Action, Machine, move

PRIORITY_DEFAULT = 100
PRIORITY_MAX = 1_000_000
# How many backorders are filled by one command.
FILL_BATCH_MAX = 200


class BackorderStatus(Choice):
    """What became of pieces that were not there."""

    WAITING = "waiting", "Some of them are still not there."
    FILLED = "filled", "All that were not called off are promised."
    CANCELLED = "cancelled", "All of them were called off."


MACHINE = Machine(
    BackorderStatus.WAITING,
    move("prioritize", {BackorderStatus.WAITING}),
    move("fill", {BackorderStatus.WAITING}, BackorderStatus.FILLED),
    move("cancel", {BackorderStatus.WAITING}, BackorderStatus.CANCELLED),
    # Of a line that has had its pieces, further ones are sold.
    move("extend", set(BackorderStatus), BackorderStatus.WAITING),
    # What was promised was not found.
    move("wait_again", set(BackorderStatus), BackorderStatus.WAITING),
)


class BackorderSortKey(Choice):
    """By what a list of backorders is sorted."""

    QUEUE = "queue", "The order in which they are filled: by priority, then by age."
    CREATED_AT = "created_at", "When they were sold."


@dataclass(frozen=True, slots=True)
class Backorder:
    """Of a line, `ordered` pieces were not there; so many were promised and called off since.

    Smaller `priority` numbers are filled first.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    channel_id: UUID
    order_id: UUID
    line_id: UUID
    variant_id: UUID
    ordered: int
    filled: int
    cancelled: int
    priority: int
    status: BackorderStatus

    @property
    def waiting(self) -> int:
        return self.ordered - self.filled - self.cancelled

    @property
    def actions(self) -> Sequence[Action]:
        # The others follow from stock that arrives, and from what is cancelled of the order.
        return [each for each in MACHINE.actions(self.status) if each.name == "prioritize"]


@dataclass(frozen=True, slots=True)
class Forecast:
    """When a backorder can be filled: `ahead` pieces of the variant are to be filled before it.

    `expected_on` None: not enough is ordered from suppliers, or nobody said when it comes.
    """

    id: UUID
    ahead: int
    expected_on: date | None


@dataclass(frozen=True, slots=True)
class BackorderEvent(Event):
    """Something that happened to a backorder."""

    id: UUID
    version: int
    order_id: UUID
    variant_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class BackorderMade(BackorderEvent):
    type = "backorder.made"
    subject = "bko"
    summary = "Pieces that were sold are not there: {quantity}."


@dataclass(frozen=True, slots=True)
class BackorderFilled(BackorderEvent):
    type = "backorder.filled"
    subject = "bko"
    summary = "Pieces arrived for a backorder: {quantity}."


@dataclass(frozen=True, slots=True)
class BackorderCancelled(BackorderEvent):
    type = "backorder.cancelled"
    subject = "bko"
    summary = "Pieces of a backorder were called off: {quantity}."


@dataclass(frozen=True, slots=True)
class BackorderPrioritized(Event):
    type = "backorder.prioritized"
    subject = "bko"
    summary = "A backorder has the priority {priority}."
    id: UUID
    version: int
    priority: int


@dataclass(eq=False)
class UnknownBackorder(Missing):
    """There is no backorder with this id."""

    id: UUID
    message = "There is no such backorder."
