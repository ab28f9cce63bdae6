"""Lines of orders: goods that are kept in stock, and charges that are not."""

from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused
from backoffice_api.domain.kernel.money import Money, UnitPrice
from backoffice_api.domain.kernel.shapes import replaced
from backoffice_api.domain.kernel.tables import NAME_LENGTH_MAX
from backoffice_api.domain.orders.model.amounts import LineAmounts, share_left
from backoffice_api.domain.products.model import OPTIONS_MAX

LINES_MAX = 250
QUANTITY_MAX = 1_000_000_000
# The title of a product and its options, each with its separator.
TITLE_LENGTH_MAX = (NAME_LENGTH_MAX + 3) * (OPTIONS_MAX + 1)


class LineKind(Choice):
    """Whether a line stands for something that is kept in stock."""

    GOODS = "goods", "Pieces of a variant: reserved, picked and shipped."
    CHARGE = "charge", "Something without stock, as postage or a fee."
    UNKNOWN = "unknown", "Pieces of a SKU that a channel sold and that is not known here."


class LineSortKey(Choice):
    """By what the lines of an order are sorted."""

    POSITION = "position", "The order in which they were entered."


@dataclass(frozen=True, slots=True)
class OrderLine:
    """`quantity` pieces were ordered; of these so many were cancelled, shipped, and came back.

    `added` of them were ordered only after the order was placed, and `cancelled` counts every
    piece called off since, by whichever command. So, for O1: ordered at first is `quantity -
    added`, and what is left is that + added - cancelled. `cancelled_with_order`: which part of
    `cancelled` went with the order as a whole, and comes back if that is undone. `external_key`:
    what the channel calls the line, if the order came from outside.

    SKU and title are those of the time when the line was made. `variant_id` is None for charges.
    `price_given`: somebody set the price; otherwise it is the list price, read anew on placing.
    `rounding_micro`: what rounding took away from the subtotal, in millionths of the main unit.
    `is_kit`: what leaves the house are pieces of its components. `delivered`: of the shipped ones,
    pieces that have arrived, as far as carriers told of it.
    """

    id: UUID
    order_id: UUID
    position: int
    kind: LineKind
    variant_id: UUID | None
    sku: str
    title: str
    quantity: int
    cancelled: int
    shipped: int
    returned: int
    currency: str
    unit_price_micro: int
    price_given: bool
    subtotal_minor: int
    rounding_micro: int
    discount_minor: int
    tax_minor: int
    current_subtotal_minor: int
    current_discount_minor: int
    current_tax_minor: int
    is_kit: bool = False
    added: int = 0
    cancelled_with_order: int = 0
    external_key: str | None = None
    delivered: int = 0

    @property
    def ordered_quantity(self) -> int:
        """Pieces that were ordered when the order was placed."""
        return self.quantity - self.added

    @property
    def unit_price(self) -> UnitPrice:
        return UnitPrice(self.unit_price_micro, self.currency)

    @property
    def current_quantity(self) -> int:
        """What is left of the quantity, without what was cancelled."""
        return self.quantity - self.cancelled

    @property
    def unshipped(self) -> int:
        """Pieces that still have to leave the house."""
        return self.current_quantity - self.shipped if self.kind is LineKind.GOODS else 0

    @property
    def cancellable(self) -> int:
        return self.quantity - self.cancelled - self.shipped

    @property
    def ordered(self) -> LineAmounts:
        """What was ordered came to."""
        return LineAmounts(
            Money(self.subtotal_minor, self.currency),
            Money(self.discount_minor, self.currency),
            Money(self.tax_minor, self.currency),
        )

    @property
    def current(self) -> LineAmounts:
        """What it comes to now, without what was cancelled."""
        return LineAmounts(
            Money(self.current_subtotal_minor, self.currency),
            Money(self.current_discount_minor, self.currency),
            Money(self.current_tax_minor, self.currency),
        )


@dataclass(frozen=True, slots=True)
class LineQuantity:
    """So many pieces of one line."""

    line_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class LineFacts:
    """A line as the log keeps it."""

    line_id: UUID
    sku: str
    title: str
    quantity: int
    unit_price: str


@dataclass(eq=False)
class UnknownOrderLine(Missing):
    """The order has no line with this id."""

    line_id: UUID
    message = "The order has no such line."


@dataclass(eq=False)
class QuantityExceeded(Refused):
    """More is asked for than there is left. `maximum` says how much that is."""

    maximum: int
    message = "At most {maximum} pieces are left."


@dataclass(eq=False)
class VariantNeeded(Invalid):
    """A line of goods names its variant, by id or by SKU."""

    message = "A line of goods names a variant, either by its id or by its SKU."


@dataclass(eq=False)
class ChargeIncomplete(Invalid):
    """A charge has no variant that would give it a title and a price."""

    message = "A charge has no variant; it needs a title and a unit price."


@dataclass(eq=False)
class UnknownPrice(Invalid):
    """The variant has no price in the currency of the order, and none was given."""

    sku: str
    currency: str
    message = "{sku!r:.90} has no price in {currency}; give one."


@dataclass(eq=False)
class VariantNotForSale(Refused):
    """The variant or its product is archived."""

    sku: str
    message = "{sku!r:.90} is archived and cannot be ordered."


def at_price(line: OrderLine, price: UnitPrice) -> OrderLine:
    """The line at another price, before any discount.

    Raises:
        AmountTooLarge: it comes to more than 64 bits hold.
    """
    subtotal = price.times(line.quantity)
    return replaced(
        line,
        currency=price.currency,
        unit_price_micro=price.micro,
        subtotal_minor=subtotal.money.minor,
        rounding_micro=subtotal.remainder_micro,
    )


def with_discount(line: OrderLine, discount: Money) -> OrderLine:
    """The line with its share of the order's discounts, and with what is left of its amounts."""
    return with_current(replaced(line, discount_minor=discount.minor))


def with_current(line: OrderLine) -> OrderLine:
    """The line with the amounts that follow from how much of it was cancelled."""
    left = line.current_quantity
    return replaced(
        line,
        current_subtotal_minor=line.unit_price.times(left).money.minor,
        current_discount_minor=share_left(line.ordered.discount, left, line.quantity).minor,
        current_tax_minor=share_left(line.ordered.tax, left, line.quantity).minor,
    )


def facts_of(line: OrderLine) -> LineFacts:
    """`quantity` is what is left of it."""
    return LineFacts(line.id, line.sku, line.title, line.current_quantity, str(line.unit_price))
