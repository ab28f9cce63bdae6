"""Which sale something came back from, where nobody has written that down.

What is returned is taken from the latest earlier sales of the same thing to the same customer, as
far as pieces of them are left: whoever brings something back has mostly bought it last.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice


class MatchEnding(Choice):
    """How far the sale was found that something came back from."""

    FULL = "full", "All pieces are from sales that are known."
    PARTIAL = "partial", "Some of the pieces are."
    NONE = "none", "No earlier sale to the customer has pieces left."
    NO_CUSTOMER = "no_customer", "Nobody knows who brought it back."


class Buyer(NamedTuple):
    """Who bought what."""

    customer_id: UUID
    variant_id: UUID


@dataclass(slots=True)
class SoldLine:
    """Pieces of a line of an order that are `left` with the customer. Changed by `match`."""

    line_id: UUID
    order_id: UUID
    buyer: Buyer
    sold_at: datetime
    left: int


@dataclass(frozen=True, slots=True)
class CameBack:
    """Pieces that a customer brought back. `customer_id` None: nobody knows who."""

    customer_id: UUID | None
    variant_id: UUID
    returned_at: datetime
    quantity: int


@dataclass(frozen=True, slots=True)
class Share:
    """So many of the pieces that came back were sold by `line`. None: by nobody knows which."""

    line: SoldLine | None
    quantity: int


@dataclass(frozen=True, slots=True)
class Matched:
    """Where the pieces came from, the latest sale first; what is without a sale comes last."""

    shares: tuple[Share, ...]
    ending: MatchEnding


def match(came_back: Sequence[CameBack], sold: Iterable[SoldLine]) -> Sequence[Matched]:
    """Where each of these came from, in their order.

    What came back first is dealt with first, whatever the order in which it is given. Of two sales
    of one moment, the one that is given later counts as the later one. No piece is taken twice:
    `left` of the lines is what remains.
    """
    stacks: defaultdict[Buyer, list[SoldLine]] = defaultdict(list)
    for line in sorted(sold, key=lambda each: each.sold_at):
        stacks[line.buyer].append(line)
    found: list[Matched | None] = [None] * len(came_back)
    for position in sorted(range(len(came_back)), key=lambda at: came_back[at].returned_at):
        found[position] = _matched(came_back[position], stacks)
    return [each for each in found if each is not None]


def _matched(each: CameBack, stacks: defaultdict[Buyer, list[SoldLine]]) -> Matched:
    if each.customer_id is None:
        return Matched((Share(None, each.quantity),), MatchEnding.NO_CUSTOMER)
    shares, missing = [], each.quantity
    for line in reversed(stacks.get(Buyer(each.customer_id, each.variant_id), ())):
        taken = min(missing, line.left) if line.sold_at <= each.returned_at else 0
        if taken:
            line.left -= taken
            missing -= taken
            shares.append(Share(line, taken))
        if not missing:
            return Matched(tuple(shares), MatchEnding.FULL)
    ending = MatchEnding.PARTIAL if shares else MatchEnding.NONE
    return Matched((*shares, Share(None, missing)), ending)
