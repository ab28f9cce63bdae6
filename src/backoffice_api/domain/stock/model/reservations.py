"""Reservations: pieces of a level that are promised to a line of an order, or of a transfer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.stock.model.levels import Share, Shelf

EXPIRE_BATCH_MAX = 500


class ReservationStatus(Choice):
    """What became of a promise."""

    SOFT = "soft", "Held for a while, until it expires."
    ALLOCATED = "allocated", "Held until it is shipped or released."
    CONSUMED = "consumed", "Shipped."
    RELEASED = "released", "Given back."
    EXPIRED = "expired", "Given back, since its time was over."


class OwnerKind(Choice):
    """For what pieces can be promised. The value is the prefix of the owner's ids."""

    ORDER = "ord", "An order."
    TRANSFER = "trf", "A transfer to another location."


# The prefix of the ids of an owner's lines.
LINE_PREFIXES: Mapping[OwnerKind, str] = {OwnerKind.ORDER: "oln", OwnerKind.TRANSFER: "trl"}

# The states in which pieces are held.
OPEN = frozenset({ReservationStatus.SOFT, ReservationStatus.ALLOCATED})

MACHINE = Machine(
    ReservationStatus.SOFT,
    move("extend", {ReservationStatus.SOFT}),
    move("harden", {ReservationStatus.SOFT}, ReservationStatus.ALLOCATED),
    move("expire", {ReservationStatus.SOFT}, ReservationStatus.EXPIRED),
    move("release", set(OPEN), ReservationStatus.RELEASED),
    move("consume", {ReservationStatus.ALLOCATED}, ReservationStatus.CONSUMED),
)


class ReservationSortKey(Choice):
    """By what a list of reservations is sorted."""

    CREATED_AT = "created_at", "When the reservation was made."


@dataclass(frozen=True, slots=True)
class Reservation:
    """Pieces of one level that are promised to one line of an order, which is the owner.

    What is taken off a part of a reservation becomes a reservation of its own, in the state that
    it went to: so the rows of a line add up to all that was ever promised to it. `expires_at` is
    set exactly while it is soft.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    owner_id: UUID
    line_id: UUID
    level_id: UUID
    variant_id: UUID
    location_id: UUID
    quantity: int
    status: ReservationStatus
    expires_at: datetime | None
    owner_kind: OwnerKind = OwnerKind.ORDER

    @property
    def actions(self) -> Sequence[Action]:
        return MACHINE.actions(self.status)


@dataclass(frozen=True, slots=True)
class Demand:
    """What a line of an order wants, or of another owner. `quantity` is above zero.

    `kit_sku`: the kit that the line is of, if the variant is a component of one.
    """

    line_id: UUID
    owner_id: UUID
    variant_id: UUID
    quantity: int
    owner_kind: OwnerKind = OwnerKind.ORDER
    kit_sku: str | None = None


@dataclass(frozen=True, slots=True)
class ReservationMade(Event):
    type = "reservation.made"
    subject = "rsv"
    summary = "{quantity} pieces were reserved."
    id: UUID
    version: int
    owner_id: UUID
    line_id: UUID
    variant_id: UUID
    location_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class ReservationReduced(Event):
    """What was taken off is a reservation of its own."""

    type = "reservation.reduced"
    subject = "rsv"
    summary = "A part of the reservation went its own way; {quantity} pieces are left."
    id: UUID
    version: int
    owner_id: UUID
    line_id: UUID
    variant_id: UUID
    location_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class ReservationExtended(Event):
    type = "reservation.extended"
    subject = "rsv"
    summary = "The reservation of {quantity} pieces was extended."
    id: UUID
    version: int
    owner_id: UUID
    line_id: UUID
    variant_id: UUID
    location_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class ReservationHardened(Event):
    type = "reservation.hardened"
    subject = "rsv"
    summary = "{quantity} reserved pieces were allocated: they do not expire."
    id: UUID
    version: int
    owner_id: UUID
    line_id: UUID
    variant_id: UUID
    location_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class ReservationReleased(Event):
    type = "reservation.released"
    subject = "rsv"
    summary = "{quantity} reserved pieces were released."
    id: UUID
    version: int
    owner_id: UUID
    line_id: UUID
    variant_id: UUID
    location_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class ReservationExpired(Event):
    type = "reservation.expired"
    subject = "rsv"
    summary = "The reservation of {quantity} pieces expired."
    id: UUID
    version: int
    owner_id: UUID
    line_id: UUID
    variant_id: UUID
    location_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class ReservationConsumed(Event):
    type = "reservation.consumed"
    subject = "rsv"
    summary = "{quantity} reserved pieces were shipped."
    id: UUID
    version: int
    owner_id: UUID
    line_id: UUID
    variant_id: UUID
    location_id: UUID
    quantity: int


ReservationEvent = (
    ReservationMade
    | ReservationReduced
    | ReservationExtended
    | ReservationHardened
    | ReservationReleased
    | ReservationExpired
    | ReservationConsumed
)


@dataclass(eq=False)
class NotReserved(Refused):
    """Fewer pieces are allocated to the line than are to be shipped."""

    line_id: UUID
    requested: int
    reserved: int
    message = "{reserved} pieces are allocated to the line, not {requested}."


@dataclass(eq=False)
class ExpiryNotAhead(Invalid):
    """Stock can only be held until a moment that is still to come."""

    message = "The moment until which stock is to be held has passed."


def dealt_out(
    demands: Sequence[Demand], shares: Mapping[UUID, Sequence[Share]]
) -> Iterator[tuple[Demand, Shelf, int]]:
    """Give each demand its part of the shares of its variant: so many pieces of such a shelf.

    The shares of a variant are just enough for all demands of it.
    """
    rest = {
        variant_id: [(share.shelf, share.quantity) for share in reversed(of_variant)]
        for variant_id, of_variant in shares.items()
    }
    for demand in demands:
        missing, stack = demand.quantity, rest[demand.variant_id]
        while missing:
            shelf, there = stack.pop()
            pieces = min(missing, there)
            missing -= pieces
            if there > pieces:
                stack.append((shelf, there - pieces))
            yield demand, shelf, pieces


def taken_off(
    reservations: Sequence[Reservation],
    quantity: int | None,
    parts: Mapping[UUID, int] | None = None,
) -> Sequence[tuple[Reservation, int]]:
    """From which reservations of a line to take so many pieces, in the order given.

    None takes all. If there are fewer, the answer has fewer. `parts`: how many pieces of each
    variant one piece of the line is made of, if it is a kit.
    """
    if parts and quantity is not None:
        return [
            part
            for variant_id, pieces in parts.items()
            for part in taken_off(
                [each for each in reservations if each.variant_id == variant_id],
                quantity * pieces,
            )
        ]
    taken: list[tuple[Reservation, int]] = []
    for each in reservations:
        pieces = each.quantity if quantity is None else min(quantity, each.quantity)
        if quantity is not None:
            quantity -= pieces
        if pieces:
            taken.append((each, pieces))
    return taken


def without(
    demands: Sequence[Demand], lacks: Mapping[UUID, int]
) -> tuple[Sequence[Demand], Mapping[UUID, int]]:
    """The demands less what is lacking of each variant, taken off the last ones first.

    Also how many pieces each line lacks. Demands of which nothing is left are gone.
    """
    left = dict(lacks)
    lacking: dict[UUID, int] = {}
    kept: list[Demand] = []
    for demand in reversed(demands):
        pieces = min(left.get(demand.variant_id, 0), demand.quantity)
        if pieces:
            left[demand.variant_id] -= pieces
            lacking[demand.line_id] = lacking.get(demand.line_id, 0) + pieces
        if demand.quantity > pieces:
            kept.append(replace(demand, quantity=demand.quantity - pieces))
    return kept[::-1], lacking
