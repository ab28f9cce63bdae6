"""What of an order can come back, and what it is worth."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.orders.model.kits import LineComponent, shares
from backoffice_api.domain.orders.model.lines import LineKind, OrderLine
from backoffice_api.domain.orders.model.orders import Order
from backoffice_api.domain.returns.model.inspections import ItemCondition
from backoffice_api.domain.returns.model.policies import Judgement, Piece, ReturnPolicy, judged
from backoffice_api.domain.returns.model.refunds import Worth
from backoffice_api.domain.returns.model.returns import ReturnLine

# A line of an order and a variant: of a kit, one of its components.
PartKey = tuple[UUID, UUID]


@dataclass(frozen=True, slots=True)
class SentPart:
    """Pieces of one variant that were sent for a line of an order, and what other returns hold.

    `per_unit`: how many of them make one unit of the line. `left_pieces` are ordered and in no
    return, sent or not; `worth` is theirs, without any delivery.
    """

    order_id: UUID
    order_line_id: UUID
    variant_id: UUID
    sku: str
    title: str
    per_unit: int
    shipped: int
    held: int
    left_pieces: int
    worth: Worth

    @property
    def key(self) -> PartKey:
        return self.order_line_id, self.variant_id

    @property
    def returnable(self) -> int:
        return max(0, min(self.shipped - self.held, self.left_pieces))

    def worth_of(self, pieces: int, currency: str) -> Worth:
        """What so many of the pieces are worth; the others bear the rest."""
        return self.worth.share(pieces, self.left_pieces, currency)


@dataclass(frozen=True, slots=True)
class SentOrder:
    """What of an order was sent, and when. `shipping_minor`: of the delivery no return holds.

    Where it was sent in parts, the last one counts; `delivered_at` None: some is still on its way.
    """

    order: Order
    parts: Sequence[SentPart]
    shipping_minor: int
    shipped_at: datetime | None
    delivered_at: datetime | None
    policies: Mapping[UUID, ReturnPolicy | None]

    @property
    def by_key(self) -> Mapping[PartKey, SentPart]:
        return {each.key: each for each in self.parts}


@dataclass(frozen=True, slots=True)
class ReturnableLine:
    """How many pieces can come back, what they are worth, and what the policy says to it now."""

    order_id: UUID
    order_line_id: UUID
    variant_id: UUID
    quantity: int
    value: Money
    judgement: Judgement


def parts_of(
    order: Order,
    lines: Iterable[OrderLine],
    components: Mapping[UUID, Sequence[LineComponent]],
    held: Iterable[ReturnLine],
) -> Sequence[SentPart]:
    """The parts of an order that can come back, `held` being what returns have of it already."""
    by_key: dict[PartKey, list[ReturnLine]] = {}
    for each in held:
        if each.order_line_id:
            by_key.setdefault((each.order_line_id, each.variant_id), []).append(each)
    found = []
    for line in lines:
        if line.kind is not LineKind.GOODS or line.variant_id is None or not line.shipped:
            continue
        if line.is_kit:
            of_line = shares(line, components.get(line.id, ()))
            wanted = [(each.variant_id, each.sku, each.per_kit, each.current) for each in of_line]
        else:
            wanted = [(line.variant_id, line.sku, 1, line.current)]
        for variant_id, sku, per_unit, amounts in wanted:
            theirs = by_key.get((line.id, variant_id), ())
            gone = Worth(tax_included=order.tax_included)
            for each in theirs:
                gone = gone + each.held
            pieces = sum(each.wanted - each.sent_back for each in theirs)
            items = amounts.subtotal.minor - amounts.discount.minor
            found.append(
                SentPart(
                    order_id=order.id,
                    order_line_id=line.id,
                    variant_id=variant_id,
                    sku=sku,
                    title=line.title,
                    per_unit=per_unit,
                    shipped=line.shipped * per_unit,
                    held=pieces,
                    left_pieces=max(0, line.current_quantity * per_unit - pieces),
                    worth=Worth(
                        max(0, items - gone.items),
                        max(0, amounts.tax.minor - gone.tax),
                        0,
                        order.tax_included,
                    ),
                )
            )
    return found


def shipping_left(order: Order, held: Iterable[ReturnLine]) -> int:
    """What was asked for the delivery, with its tax, and no return holds."""
    asked = order.current_shipping_minor
    if not order.tax_included:
        asked += order.shipping_tax_minor
    return max(0, asked - sum(each.held.shipping for each in held))


def frozen(sent: SentOrder, wanted: Mapping[PartKey, int]) -> Mapping[PartKey, Worth]:
    """What pieces of an order are worth that are to come back, with their share of the delivery.

    The delivery is shared out by what pieces are worth, over all that no other return holds; by
    pieces where nothing costs anything.
    """
    currency = sent.order.currency
    worths = {
        key: sent.by_key[key].worth_of(pieces, currency) for key, pieces in wanted.items() if pieces
    }
    if not sent.shipping_minor or not worths:
        return worths
    weights = [each.items for each in worths.values()]
    rest = sum(each.worth.items for each in sent.parts) - sum(weights)
    if not any(weights) and not rest:
        weights = [wanted[key] for key in worths]
        rest = sum(each.left_pieces for each in sent.parts) - sum(weights)
    shipping = Money(sent.shipping_minor, currency).allocate((*weights, max(0, rest)))
    return {
        key: each + Worth(shipping=share.minor, tax_included=each.tax_included)
        for (key, each), share in zip(worths.items(), shipping, strict=False)
    }


def judgement(
    sent: SentOrder, variant_id: UUID, condition: ItemCondition, now: datetime
) -> Judgement:
    """What the policy that fits a variant says to its coming back now, in this condition."""
    piece = Piece(condition, sent.shipped_at, sent.delivered_at)
    return judged(sent.policies.get(variant_id), piece, now)
