"""Pieces that came back and go on to the supplier, who owes what was paid for them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from backoffice_api.domain.kernel.errors import Refused
from backoffice_api.domain.kernel.events import COST, Event


@dataclass(frozen=True, slots=True)
class HeldForSupplier:
    """Pieces of an inspection that were set aside for the supplier and are still here."""

    inspection_id: UUID
    variant_id: UUID
    location_id: UUID
    lot_id: UUID | None
    quantity: int


@dataclass(frozen=True, slots=True)
class BoughtLine:
    """Pieces of a purchase that can go back: received there, and not gone back yet."""

    line_id: UUID
    order_id: UUID
    supplier_id: UUID
    location_id: UUID
    variant_id: UUID
    left: int


@dataclass(frozen=True, slots=True)
class ToSupplier:
    """So many pieces of an inspection go back as pieces of that purchase."""

    held: HeldForSupplier
    bought: BoughtLine
    quantity: int


@dataclass(frozen=True, slots=True)
class SentToSupplier:
    """Ids of the returns to suppliers that were made, each with a debit note."""

    purchase_return_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class SupplierDebitNoted(Event):
    """The supplier owes `amount_minor` for pieces of a customer's return."""

    type = "supplier.debit_noted"
    subject = "prt"
    summary = "Debit note {number} is for goods of return {return_number}."
    id: UUID
    version: int
    number: str
    return_id: UUID
    return_number: str
    order_id: UUID
    supplier_id: UUID
    currency: str
    amount_minor: int = field(metadata=COST)


@dataclass(eq=False)
class NothingForSupplier(Refused):
    """No piece of the return was set aside for the supplier, or all of them have gone."""

    message = "Nothing of this return is set aside for a supplier."


@dataclass(eq=False)
class NotBoughtThere(Refused):
    """Fewer pieces were bought, at this location, than are to go back."""

    sku: str
    missing: int
    message = "Of {sku!r:.90}, {missing} pieces more are to go back than were bought there."


def dealt_out(
    held: Sequence[HeldForSupplier], bought: Sequence[BoughtLine]
) -> tuple[Sequence[ToSupplier], dict[UUID, int]]:
    """As pieces of which purchases these go back, and how many of a variant find none.

    `bought` in the order in which they are used up: the latest first.
    """
    left = {each.line_id: each.left for each in bought}
    found: list[ToSupplier] = []
    missing: dict[UUID, int] = {}
    for each in held:
        wanted = each.quantity
        for line in bought:
            if (line.variant_id, line.location_id) != (each.variant_id, each.location_id):
                continue
            if taken := min(wanted, left[line.line_id]):
                left[line.line_id] -= taken
                wanted -= taken
                found.append(ToSupplier(each, line, taken))
        if wanted:
            missing[each.variant_id] = missing.get(each.variant_id, 0) + wanted
    return found, missing
