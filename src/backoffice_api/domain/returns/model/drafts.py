"""What is said of goods: that they are to come back, that they came, what is decided of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.texts import check_range, check_size, check_text
from backoffice_api.domain.returns.model.inspections import (
    NOTE_LENGTH_MAX,
    Disposition,
    ItemCondition,
    Resolution,
)
from backoffice_api.domain.returns.model.policies import Judgement, Rule, Verdict
from backoffice_api.domain.returns.model.refusals import (
    NothingReturned,
    ValueOfOrderLine,
)
from backoffice_api.domain.returns.model.returns import (
    LINES_MAX,
    QUANTITY_MAX,
)
from backoffice_api.domain.stock.model.lots import LOT_CODE_LENGTH_MAX

# What all pieces of a line may be worth together, in minor units.
WORTH_MINOR_MAX = 10**15

_RANK: Mapping[Verdict, int] = {Verdict.ALLOWED: 0, Verdict.REVIEW: 1, Verdict.REFUSED: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnLineDraft:
    """So many units of a line of an order, or pieces of a variant of which no order is known.

    With both, pieces of that component of the kit that the line is of. `unit_value`: what a piece
    is worth, where there is no order to tell.
    """

    quantity: int
    order_line_id: UUID | None = None
    variant_id: UUID | None = None
    unit_value: Money | None = None
    reason_id: UUID | None = None
    condition: ItemCondition = ItemCondition.UNKNOWN
    lot_code: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannedPieces:
    """So many times a code was scanned: a SKU or a bar code. `lot_code`: their lot or serial."""

    code: str
    quantity: int = 1
    lot_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectedDraft:
    """So many pieces of a line, all alike. `location_id` None: where they were received."""

    line_id: UUID
    quantity: int
    disposition: Disposition
    resolution: Resolution
    condition: ItemCondition = ItemCondition.UNKNOWN
    location_id: UUID | None = None
    lot_code: str | None = None
    note: str = ""
    photo_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundedDraft:
    """So many pieces of a line are to be paid back.

    `amount` None: what is suggested. Less than they are worth: the rest is kept as a fee.
    """

    line_id: UUID
    quantity: int
    amount: Money | None = None


def check_drafts(drafts: Sequence[ReturnLineDraft], faults: Faults) -> None:
    """Note what is wrong with lines in themselves."""
    check_size(drafts, faults, "lines", maximum=LINES_MAX)
    if not drafts:
        faults.add(NothingReturned().at("lines"))
    for position, each in enumerate(drafts[: LINES_MAX + 1]):
        here = ("lines", position)
        check_range(each.quantity, faults, *here, "quantity", minimum=1, maximum=QUANTITY_MAX)
        check_text(each.note, faults, *here, "note", minimum=0, maximum=NOTE_LENGTH_MAX)
        check_text(each.lot_code, faults, *here, "lot_code", maximum=LOT_CODE_LENGTH_MAX)
        if each.order_line_id is None and each.variant_id is None:
            faults.add(NothingReturned().at(*here))
        if each.unit_value is not None:
            if each.order_line_id is not None:
                faults.add(ValueOfOrderLine().at(*here, "unit_value"))
            worth = each.unit_value.minor * each.quantity
            check_range(worth, faults, *here, "unit_value", minimum=0, maximum=WORTH_MINOR_MAX)


def worst(judgements: Sequence[Judgement]) -> Judgement:
    """The one that decides over all lines; of equals, the first."""
    return max(judgements, key=lambda each: _RANK[each.verdict])


def over_limit(judgement: Judgement) -> Judgement:
    return Judgement(Verdict.REVIEW, Rule.OVER_LIMIT, judgement.policy_id, judgement.until)
