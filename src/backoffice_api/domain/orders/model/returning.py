"""How far the goods of an order have come back: derived, nobody sets it."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.events import Event


class ReturnStatus(Choice):
    """How far the goods of an order have come back. Derived; nobody sets it."""

    NONE = "none", "Nothing came back, and nothing is to."
    UNDER_WAY = "under_way", "Nothing came back yet; a return is open."
    PARTIALLY_RETURNED = "partially_returned", "Some of what left the house came back."
    RETURNED = "returned", "All that left the house came back."


@dataclass(frozen=True, slots=True)
class OrderReturned(Event):
    """`returned`: pieces of its lines that came back so far; of kits, whole kits."""

    type = "order.returned"
    subject = "ord"
    summary = "Returns of order {order}: {return_status}, {returned} pieces."
    id: UUID
    version: int
    order: str
    return_status: ReturnStatus
    returned: int


@dataclass(frozen=True, slots=True)
class OrderAllowanceChanged(Event):
    """`allowance`: what returns have given back of the order in all."""

    type = "order.allowance_changed"
    subject = "ord"
    summary = "Returns have given back {allowance} of order {order}."
    id: UUID
    version: int
    order: str
    allowance: str


def return_status(pieces: Iterable[tuple[int, int]], *, is_open: bool) -> ReturnStatus:
    """The status that pieces come to, shipped and returned of each line. `is_open`: a return is."""
    shipped, returned = 0, 0
    for of_line in pieces:
        shipped += of_line[0]
        returned += of_line[1]
    if not returned:
        return ReturnStatus.UNDER_WAY if is_open else ReturnStatus.NONE
    return ReturnStatus.RETURNED if returned == shipped else ReturnStatus.PARTIALLY_RETURNED
