"""The three-way match: what is billed against what was ordered and what was received.

Quantity and price have tolerances of their own, in hundredths of a percent, by rules that are
data: one for a supplier and a category goes before one for the supplier, that before one for the
category, and that before the rule for everything else. Without any rule nothing is tolerated.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice

BASIS_POINTS = 10_000
TOLERANCE_BP_MAX = BASIS_POINTS


class MatchStatus(Choice):
    """What comparing a bill with purchase orders and receipts came to."""

    UNMATCHED = "unmatched", "Not compared yet."
    MATCHED = "matched", "Every line is within its tolerances, or needs no order."
    EXCEPTION = "exception", "A line is beyond a tolerance: somebody else has to look at it."
    WAIVED = "waived", "Somebody else than its creator said that it is fine all the same."


class LineMismatch(Choice):
    """Why a line does not match."""

    NOT_RECEIVED = "not_received", "Nothing of it has been received yet."
    MORE_THAN_RECEIVED = "more_than_received", "More pieces are billed than were received."
    PRICE_ABOVE = "price_above", "They cost more than was ordered."
    PRICE_BELOW = "price_below", "They cost less than was ordered."


class MatchToleranceSortKey(Choice):
    """By what a list of tolerances is sorted."""

    CREATED_AT = "created_at", "When it was made."


@dataclass(frozen=True, slots=True)
class MatchTolerance:
    """How far bills may be off. `supplier_id`, `category_id` None: for all without a rule.

    In hundredths of a percent: `quantity_bp` of the pieces received, `price_bp` of the price.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    supplier_id: UUID | None
    category_id: UUID | None
    quantity_bp: int
    price_bp: int


@dataclass(frozen=True, slots=True)
class Billed:
    """Pieces of a purchase-order line that bills count, or credit notes.

    `allowed`: how many were within the tolerance when that was last looked at; `waived`: pieces
    beyond it that somebody agreed to. Never more than both together, as the database sees to.
    """

    order_line_id: UUID
    kind: str
    quantity: int
    allowed: int
    waived: int


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Both tolerances, in hundredths of a percent."""

    quantity_bp: int = 0
    price_bp: int = 0


@dataclass(frozen=True, slots=True)
class LineToMatch:
    """A line with the facts it is held against, amounts in minor units.

    `received`: pieces received; for a credit note: pieces sent back. `billed`: what other bills
    have billed of them.
    """

    quantity: int
    amount_minor: int
    expected_minor: int
    received: int
    billed: int
    tolerance: Tolerance


@dataclass(frozen=True, slots=True)
class LineMatched:
    """`allowed`: how many pieces may be billed altogether."""

    allowed: int
    quantity_mismatch: LineMismatch | None
    price_mismatch: LineMismatch | None


def matched(line: LineToMatch) -> LineMatched:
    """Hold a line against its order and its receipts."""
    allowed = line.received + line.received * line.tolerance.quantity_bp // BASIS_POINTS
    quantity: LineMismatch | None = None
    if line.billed + line.quantity > allowed:
        none = line.received == 0
        quantity = LineMismatch.NOT_RECEIVED if none else LineMismatch.MORE_THAN_RECEIVED
    off = line.amount_minor - line.expected_minor
    price: LineMismatch | None = None
    if abs(off) * BASIS_POINTS > line.expected_minor * line.tolerance.price_bp:
        price = LineMismatch.PRICE_ABOVE if off > 0 else LineMismatch.PRICE_BELOW
    return LineMatched(allowed, quantity, price)


def tolerance_key(supplier_id: UUID | None, category_id: UUID | None) -> str:
    """What a rule is for, as text: no two rules are for the same."""
    return f"{supplier_id.hex if supplier_id else '*'}:{category_id.hex if category_id else '*'}"


def tolerance_for(
    rules: Mapping[str, MatchTolerance], supplier_id: UUID, category_ids: Sequence[UUID]
) -> Tolerance:
    """The tolerance for goods of a supplier. `category_ids`: theirs, the nearest one first."""
    keys = [tolerance_key(supplier_id, each) for each in category_ids]
    keys += [tolerance_key(supplier_id, None)]
    keys += [tolerance_key(None, each) for each in category_ids]
    keys += [tolerance_key(None, None)]
    for key in keys:
        if rule := rules.get(key):
            return Tolerance(rule.quantity_bp, rule.price_bp)
    return Tolerance()
