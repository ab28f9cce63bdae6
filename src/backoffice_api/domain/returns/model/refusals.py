"""Why a return, or a step of it, is refused."""

from dataclasses import dataclass

from backoffice_api.domain.kernel.errors import Invalid, Refused
from backoffice_api.domain.returns.model.policies import Rule


@dataclass(eq=False)
class NothingReturned(Invalid):
    """A return has at least one line."""

    message = "A return names at least one line."


@dataclass(eq=False)
class NotReturnable(Refused):
    """So many pieces of the line cannot come back: `rule` says why, `maximum` how many can."""

    rule: Rule
    maximum: int
    message = "At most {maximum} pieces of the line can come back: {rule}."


@dataclass(eq=False)
class PiecesExceeded(Refused):
    """More pieces are named than there are at this step of the line."""

    maximum: int
    message = "At most {maximum} pieces of the line are left for this."


@dataclass(eq=False)
class OrdersDiffer(Invalid):
    """One return is of one customer and of one currency."""

    difference: str
    message = "The orders of one return have the same {difference}."


@dataclass(eq=False)
class NotSettled(Refused):
    """Pieces came that nobody has inspected, or whose customer has not got what was decided."""

    to_inspect: int
    open_resolutions: int
    message = "Left to inspect: {to_inspect}; still to be settled: {open_resolutions}."


@dataclass(eq=False)
class ValueOfOrderLine(Invalid):
    """What pieces are worth follows from their order; it is given only where there is none."""

    message = "The worth follows from the order; give it only where no order is named."
