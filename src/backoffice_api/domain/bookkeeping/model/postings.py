"""Postings about orders: to which line of which order each of them belongs."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.ledger.model.accounts import AccountRole
from backoffice_api.domain.ledger.model.entries import (
    NO_DIMENSIONS,
    AccountRef,
    Dimensions,
    PostingDraft,
)


class LinePart(Choice):
    """What of an order line a posting is about."""

    SALES = "sales", "Its goods, before discounts and without tax."
    DISCOUNT = "discount", "What was taken off them."
    TAX = "tax", "Their tax."
    SHIPPING = "shipping", "The line's share of the shipping, without tax."
    SHIPPING_TAX = "shipping_tax", "Its share of the tax on shipping."
    COST = "cost", "What the pieces had cost that left or came back."
    FREIGHT = "freight", "Its share of a label."
    ALLOWANCE = "allowance", "Its share of what was paid back."
    GOODWILL = "goodwill", "Its share of what was given without a duty."
    CHARGEBACK = "chargeback", "Its share of what a bank took back."


# What a customer is billed for.
BILLED = (
    LinePart.SALES,
    LinePart.DISCOUNT,
    LinePart.TAX,
    LinePart.SHIPPING,
    LinePart.SHIPPING_TAX,
)

# A line, and what of it.
PartKey = tuple[UUID, LinePart]


@dataclass(frozen=True, slots=True)
class ShopPosting:
    """A posting, and the part of an order line that it is about. None: about no single line."""

    draft: PostingDraft
    about: PartKey | None = None


@dataclass(frozen=True, slots=True)
class OrderedLine:
    """A line of an order as far as the books ask. Amounts are those of now, in minor units.

    `pieces`: what is left of it, without what was cancelled. `is_goods`: pieces of it leave the
    house, and `shipped` of them have.
    """

    id: UUID
    is_goods: bool
    pieces: int
    shipped: int
    subtotal: int
    discount: int
    tax: int
    variant_id: UUID | None
    dimensions: Dimensions
    weight_g: int | None = None


@dataclass(frozen=True, slots=True)
class BookedOrder:
    """An order as far as the books ask. `is_over`: nothing more of it will leave the house.

    `is_recorded`: it was completed in another system.
    """

    id: UUID
    name: str
    currency: str
    tax_included: bool
    shipping: int
    shipping_tax: int
    is_over: bool
    is_recorded: bool
    dimensions: Dimensions
    lines: Sequence[OrderedLine]

    def money(self, minor: int) -> Money:
        return Money(minor, self.currency)


@dataclass(slots=True)
class OrderBook:
    """What the ledger says of one order while more is posted: debits less credits, minor units.

    `billed`: what its parts have done to the receivables, so discounts are below zero.
    """

    of: BookedOrder
    balances: Counter[AccountRole] = field(default_factory=Counter)
    billed: Counter[PartKey] = field(default_factory=Counter)

    @property
    def owed(self) -> int:
        """What the customer owes."""
        return self.balances[AccountRole.RECEIVABLES]

    @property
    def held(self) -> int:
        """What the customer has paid for what has not left the house."""
        return -self.balances[AccountRole.CUSTOMER_DEPOSITS]

    @property
    def due(self) -> int:
        """What the customer was promised back."""
        return -self.balances[AccountRole.REFUNDS_DUE]

    def take(self, made: Iterable[ShopPosting]) -> Sequence[ShopPosting]:
        """Count postings in. They themselves."""
        taken = list(made)
        for each in taken:
            draft, minor = each.draft, each.draft.amount.minor
            for account, delta in ((draft.debit, minor), (draft.credit, -minor)):
                if isinstance(account, AccountRole):
                    self.balances[account] += delta
                    if account is AccountRole.RECEIVABLES and each.about:
                        self.billed[each.about] += delta
        return taken


def moved(
    debit: AccountRef,
    credit: AccountRef,
    amount: Money,
    dimensions: Dimensions = NO_DIMENSIONS,
    about: PartKey | None = None,
) -> Iterator[ShopPosting]:
    """An amount from `credit` to `debit`; the other way round below zero; nothing if it is zero."""
    if amount.minor < 0:
        debit, credit, amount = credit, debit, -amount
    if amount:
        draft = PostingDraft(debit=debit, credit=credit, amount=amount, dimensions=dimensions)
        yield ShopPosting(draft, about)


def spread(
    debit: AccountRef,
    credit: AccountRef,
    amount: Money,
    part: LinePart,
    order: BookedOrder,
    weights: Mapping[UUID, int],
) -> Iterator[ShopPosting]:
    """The same, shared out over the lines of an order by `weights`; the shares sum to the amount.

    Where no line has a weight above zero, it is about the order as a whole.
    """
    lines = [each for each in order.lines if weights.get(each.id, 0) > 0]
    if not lines:
        yield from moved(debit, credit, amount, order.dimensions)
        return
    shares = amount.allocate([weights[each.id] for each in lines])
    for line, share in zip(lines, shares, strict=True):
        yield from moved(debit, credit, share, line.dimensions, (line.id, part))


def turned(made: ShopPosting) -> ShopPosting:
    """The posting that takes another one back."""
    draft = made.draft
    return ShopPosting(replace(draft, debit=draft.credit, credit=draft.debit), made.about)
