"""Receipts: what arrived, what it cost in the end, and what went back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Faults, Invalid, Missing
from backoffice_api.domain.kernel.events import COST, Event
from backoffice_api.domain.kernel.money import CurrencyMismatch, Money, UnitPrice
from backoffice_api.domain.kernel.texts import check_size, check_text
from backoffice_api.domain.purchasing.model.suppliers import AmountBelowZero
from backoffice_api.domain.stock.model.buckets import Bucket

CHARGES_MAX = 50


class ReceiptSortKey(Choice):
    """By what a list of receipts is sorted."""

    RECEIVED_AT = "received_at", "When the goods arrived."
    CREATED_AT = "created_at", "When that was written down."


class ReceiptLineSortKey(Choice):
    """By what the lines of a receipt or a return are sorted."""

    POSITION = "position", "The order in which they were entered."


class PurchaseReturnSortKey(Choice):
    """By what a list of returns to suppliers is sorted."""

    CREATED_AT = "created_at", "When it was written down."


class ChargeKind(Choice):
    """What, besides the goods, a receipt cost."""

    FREIGHT = "freight", "Transport."
    DUTY = "duty", "Customs duty."
    INSURANCE = "insurance", "Insurance of the transport."
    OTHER = "other", "Something else."


class ChargeBasis(Choice):
    """In proportion to what a charge is spread over the lines of a receipt."""

    VALUE = "value", "What the goods of the line cost."
    WEIGHT = "weight", "What they weigh."
    QUANTITY = "quantity", "How many pieces they are."


@dataclass(frozen=True, slots=True)
class Receipt:
    """`goods`: the pieces that were taken, at the prices of the order. `landed`: with charges."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    number: str
    serial: int
    order_id: UUID
    supplier_id: UUID
    location_id: UUID
    received_at: datetime
    delivery_note: str | None
    currency: str
    goods_minor: int = field(metadata=COST)
    charges_minor: int = field(metadata=COST)

    @property
    def goods(self) -> Money:
        return Money(self.goods_minor, self.currency)

    @property
    def charges_total(self) -> Money:
        return Money(self.charges_minor, self.currency)

    @property
    def landed(self) -> Money:
        return self.goods + self.charges_total


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """`unit_cost_micro`: of one piece taken, its share of the charges included; None: none was.

    Accepted pieces went into `bucket`; `lot_code` None: they are not told apart.

    `weight_g`: of one piece, as it was known then.
    """

    id: UUID
    receipt_id: UUID
    order_line_id: UUID
    variant_id: UUID
    position: int
    accepted: int
    rejected: int
    rejection: str | None
    bucket: Bucket
    lot_code: str | None
    weight_g: int | None
    currency: str
    unit_price_micro: int
    value_minor: int
    charges_minor: int
    unit_cost_micro: int | None

    @property
    def value(self) -> Money:
        return Money(self.value_minor, self.currency)

    @property
    def charges(self) -> Money:
        return Money(self.charges_minor, self.currency)

    @property
    def unit_cost(self) -> UnitPrice | None:
        if self.unit_cost_micro is None:
            return None
        return UnitPrice(self.unit_cost_micro, self.currency)


@dataclass(frozen=True, slots=True)
class Charge:
    """What a receipt cost besides its goods, in the currency of the order."""

    kind: ChargeKind
    basis: ChargeBasis
    description: str | None
    amount_minor: int = field(metadata=COST)
    currency: str

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


@dataclass(frozen=True, slots=True)
class PurchaseReturn:
    """Goods that went back. `number` is that of the debit note: what the supplier owes for them."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    number: str
    serial: int
    order_id: UUID
    supplier_id: UUID
    location_id: UUID
    reason: str
    currency: str
    amount_minor: int = field(metadata=COST)

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


@dataclass(frozen=True, slots=True)
class PurchaseReturnLine:
    """Pieces of one line of the order that went back, and what the supplier owes for them."""

    id: UUID
    return_id: UUID
    order_line_id: UUID
    variant_id: UUID
    position: int
    quantity: int
    currency: str
    amount_minor: int

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


@dataclass(frozen=True, slots=True)
class ReceiptMade(Event):
    type = "purchase_receipt.made"
    subject = "rcp"
    summary = "Goods were received: {number}."
    id: UUID
    version: int
    number: str
    order_id: UUID


@dataclass(frozen=True, slots=True)
class ReceiptChargesSet(Event):
    """`in_stock`: by how much what is still there of the goods became worth more."""

    type = "purchase_receipt.charges_set"
    subject = "rcp"
    summary = "Charges of receipt {number} are {charges}."
    id: UUID
    version: int
    number: str
    charges: str = field(metadata=COST)
    in_stock: str = field(default="", metadata=COST)


@dataclass(frozen=True, slots=True)
class PurchaseReturnMade(Event):
    type = "purchase_return.made"
    subject = "prt"
    summary = "Goods went back to the supplier: debit note {number} over {amount}."
    id: UUID
    version: int
    number: str
    order_id: UUID
    amount: str = field(metadata=COST)


@dataclass(eq=False)
class UnknownReceipt(Missing):
    """There is no receipt with this id."""

    id: UUID
    message = "There is no such receipt."


@dataclass(eq=False)
class NothingReceived(Invalid):
    """A receipt says of each line how many pieces were taken or rejected, at least one."""

    message = "A receipt has lines, each with a piece that was taken or rejected."


@dataclass(eq=False)
class ReceiptLineUnnamed(Invalid):
    """A line of a receipt names a line of the order, or carries a scanned code: one of both."""

    message = "Give either the line of the order, or a scanned code."


@dataclass(eq=False)
class CodeNotOrdered(Missing):
    """The scanned code is on no pack of what was ordered."""

    scanned: str
    message = "{scanned!r:.90} is the code of nothing that was ordered."


@dataclass(eq=False)
class ReceivedLater(Invalid):
    """Goods cannot have arrived after now."""

    message = "Goods cannot have arrived in the future."


@dataclass(eq=False)
class NothingToBear(Invalid):
    """A charge cannot be spread: nothing was taken, or what was taken has no value or weight."""

    basis: ChargeBasis
    message = "Nothing was received over which a charge could be spread by {basis.value}."


@dataclass(eq=False)
class WeightUnknown(Invalid):
    """A charge is to be spread by weight, and a variant has none."""

    skus: tuple[str, ...]
    message = "The weight of these is not known: {skus}."


def check_charges(charges: Sequence[Charge], currency: str, faults: Faults) -> None:
    """Note what is wrong with the charges of a receipt in `currency`."""
    check_size(tuple(charges), faults, "charges", maximum=CHARGES_MAX)
    for position, each in enumerate(charges):
        here = ("charges", position)
        check_text(each.description, faults, *here, "description")
        if each.currency != currency:
            faults.add(CurrencyMismatch(currency, each.currency).at(*here, "amount"))
        if each.amount_minor < 0:
            faults.add(AmountBelowZero().at(*here, "amount"))


def landed(
    lines: Sequence[ReceiptLine], charges: Sequence[Charge], skus: Mapping[UUID, str]
) -> Sequence[ReceiptLine]:
    """The lines with their shares of the charges; these sum to the charges exactly.

    `skus` by variant, for refusals.

    Raises:
        WeightUnknown, NothingToBear: a charge cannot be spread.
        AmountTooLarge: it comes to more than 64 bits hold.
    """
    shares = [0] * len(lines)
    for position, charge in enumerate(charges):
        if not charge.amount_minor:
            continue
        weights = _weights(lines, charge.basis, skus, position)
        for number, share in enumerate(charge.amount.allocate(weights)):
            shares[number] += share.minor
    return [
        _costed(replace(line, charges_minor=share))
        for line, share in zip(lines, shares, strict=True)
    ]


def _weights(
    lines: Sequence[ReceiptLine], basis: ChargeBasis, skus: Mapping[UUID, str], position: int
) -> Sequence[int]:
    match basis:
        case ChargeBasis.VALUE:
            weights = [line.value_minor for line in lines]
        case ChargeBasis.QUANTITY:
            weights = [line.accepted for line in lines]
        case ChargeBasis.WEIGHT:
            unknown = {line.variant_id for line in lines if line.accepted and not line.weight_g}
            if unknown:
                known = tuple(sorted(skus[id] for id in unknown))
                raise WeightUnknown(known).at("charges", position, "basis")
            weights = [line.accepted * (line.weight_g or 0) for line in lines]
    if not any(weights):
        raise NothingToBear(basis).at("charges", position, "basis")
    return weights


def _costed(line: ReceiptLine) -> ReceiptLine:
    """The line with what one of its pieces cost, rounded half-even to a millionth."""
    if not line.accepted:
        return replace(line, unit_cost_micro=None)
    whole = line.unit_price_micro * line.accepted + UnitPrice.of_money(line.charges).micro
    cost, rest = divmod(whole, line.accepted)
    if 2 * rest > line.accepted or (2 * rest == line.accepted and cost % 2 == 1):
        cost += 1
    return replace(line, unit_cost_micro=UnitPrice(cost, line.currency).micro)
