"""Price sets: changes of many prices that are agreed to, begin, and are undone together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.currencies import exponent
from backoffice_api.domain.kernel.errors import Faults, Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.money import Money, UnitPrice
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.pricing.model.lists import EndsBeforeItBegins
from backoffice_api.domain.products.model.costs import PriceMargin

ENTRIES_MAX = 5_000
PAGE_MAX = 250
NOTE_LENGTH_MAX = 1_000
_MICRO_DIGITS = 6


class PriceSetStatus(Choice):
    """How far a set of price changes has come."""

    DRAFT = "draft", "Being put together."
    PENDING_APPROVAL = "pending_approval", "Somebody else has to agree."
    SCHEDULED = "scheduled", "Agreed to; it begins at its moment."
    ACTIVE = "active", "Its prices were put into force."
    UNDONE = "undone", "It was taken back: what was before applies again."
    CANCELLED = "cancelled", "Called off before it began."


_S = PriceSetStatus

MACHINE = Machine(
    _S.DRAFT,
    move("update", {_S.DRAFT}),
    move("set_prices", {_S.DRAFT}),
    move("submit", {_S.DRAFT}, _S.PENDING_APPROVAL),
    move("approve", {_S.PENDING_APPROVAL}, _S.SCHEDULED),
    move("decline", {_S.PENDING_APPROVAL}, _S.DRAFT),
    move("begin", {_S.SCHEDULED}, _S.ACTIVE),
    move("undo", {_S.ACTIVE}, _S.UNDONE),
    move("cancel", {_S.DRAFT, _S.PENDING_APPROVAL, _S.SCHEDULED}, _S.CANCELLED),
)

# Moves that follow from approvals and from the clock: nobody asks for them here.
DERIVED = frozenset({"approve", "decline", "begin"})


class PriceSetSortKey(Choice):
    """By what a list of price sets is sorted."""

    CREATED_AT = "created_at", "When the set was made."
    CODE = "code", "The code, by code point."


class PriceSetEntrySortKey(Choice):
    """By what the prices of a set are sorted."""

    GIVEN = "given", "The order in which they were given."


@dataclass(frozen=True, slots=True)
class PriceSet:
    """`starts_at` None: once it is agreed to. `ends_at`: when it is undone by itself, if ever.

    `left_alone`: how many prices were not taken back, as somebody had changed them since.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    code: str
    name: str
    note: str
    currency: str
    starts_at: datetime | None
    ends_at: datetime | None
    status: PriceSetStatus
    created_by_kind: str
    created_by_id: UUID | None
    activated_at: datetime | None
    undone_at: datetime | None
    left_alone: int

    @property
    def actions(self) -> Sequence[Action]:
        return [each for each in MACHINE.actions(self.status) if each.name not in DERIVED]


@dataclass(frozen=True, slots=True)
class Target:
    """Which price: that of a variant in a list from a number of pieces on, or its base price."""

    price_list_id: UUID | None
    variant_id: UUID
    minimum_quantity: int = 1


@dataclass(frozen=True, slots=True)
class PriceSetEntry:
    """A price that the set puts into force. `price_micro` None: none from then on.

    `before_micro` is what it was when the set began; None: there was none, or it has not begun.
    """

    id: UUID
    price_set_id: UUID
    price_list_id: UUID | None
    variant_id: UUID
    minimum_quantity: int
    currency: str
    price_micro: int | None
    before_micro: int | None

    @property
    def target(self) -> Target:
        return Target(self.price_list_id, self.variant_id, self.minimum_quantity)

    @property
    def unit_price(self) -> UnitPrice | None:
        return price_of(self.price_micro, self.currency)

    @property
    def previous_price(self) -> UnitPrice | None:
        return price_of(self.before_micro, self.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDraft:
    """A price that a set is to put into force. None: none from then on."""

    target: Target
    unit_price: UnitPrice | None


@dataclass(frozen=True, slots=True)
class SimulatedPrice:
    """What becomes of one price, and of what is left of it above the cost."""

    price_list_id: UUID | None
    variant_id: UUID
    minimum_quantity: int
    old_price: UnitPrice | None
    new_price: UnitPrice | None
    unit_cost: UnitPrice | None

    @property
    def old_margin(self) -> PriceMargin | None:
        return _margin(self.old_price, self.unit_cost)

    @property
    def new_margin(self) -> PriceMargin | None:
        return _margin(self.new_price, self.unit_cost)

    @property
    def is_below_cost(self) -> bool:
        cost, price = self.unit_cost, self.new_price
        return cost is not None and price is not None and price.micro < cost.micro


@dataclass(frozen=True, slots=True)
class PriceSimulation:
    """What a set does to prices and margins. Sums are of one piece each.

    `lines`: those that were asked for, of all that there are.
    """

    currency: str
    changes: int
    raised: int
    lowered: int
    below_cost: int
    without_cost: int
    old_margin: UnitPrice
    new_margin: UnitPrice
    lines: Sequence[SimulatedPrice]
    has_more: bool


def price_of(micro: int | None, currency: str) -> UnitPrice | None:
    return None if micro is None else UnitPrice(micro, currency)


def _margin(price: UnitPrice | None, cost: UnitPrice | None) -> PriceMargin | None:
    return PriceMargin(price, cost) if price is not None and cost is not None else None


def simulated(
    currency: str,
    entries: Sequence[PriceSetEntry],
    old: Mapping[Target, int | None],
    costs: Mapping[UUID, UnitPrice],
    *,
    first: int,
    skip: int = 0,
    below_cost: bool = False,
) -> PriceSimulation:
    """What the entries make of the prices in `old`. Costs in another currency are not known here.

    `below_cost`: show only lines whose new price is below the cost. What is left of both prices is
    summed over those that have both and a cost.
    """
    lines = [
        SimulatedPrice(
            each.price_list_id,
            each.variant_id,
            each.minimum_quantity,
            price_of(old.get(each.target), currency),
            each.unit_price,
            cost if (cost := costs.get(each.variant_id)) and cost.currency == currency else None,
        )
        for each in entries
    ]
    priced = [(x.old_price.micro, x.new_price.micro) for x in lines if x.old_price and x.new_price]
    left = [
        (x.old_margin.margin, x.new_margin.margin) for x in lines if x.old_margin and x.new_margin
    ]
    shown = [each for each in lines if each.is_below_cost] if below_cost else lines
    return PriceSimulation(
        currency=currency,
        changes=len(lines),
        raised=sum(new > before for before, new in priced),
        lowered=sum(new < before for before, new in priced),
        below_cost=sum(each.is_below_cost for each in lines),
        without_cost=sum(each.unit_cost is None for each in lines),
        old_margin=UnitPrice(sum(before.micro for before, _ in left), currency),
        new_margin=UnitPrice(sum(new.micro for _, new in left), currency),
        lines=shown[skip : skip + first],
        has_more=len(shown) > skip + first,
    )


def weight(
    currency: str, entries: Sequence[PriceSetEntry], old: Mapping[Target, int | None]
) -> Money:
    """What a set comes to, for those who agree: by how much its prices change, of one piece each.

    A price that begins or ends counts whole. Rounded up to the minor unit.
    """
    micro = sum(abs((each.price_micro or 0) - (old.get(each.target) or 0)) for each in entries)
    return Money(-(-micro // 10 ** (_MICRO_DIGITS - exponent(currency))), currency)


@dataclass(frozen=True, slots=True)
class PriceSetEvent(Event):
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class PriceSetCreated(PriceSetEvent):
    type = "price_set.created"
    subject = "pst"
    summary = "Price set {code} was created."


@dataclass(frozen=True, slots=True)
class PriceSetUpdated(PriceSetEvent):
    type = "price_set.updated"
    subject = "pst"
    summary = "Price set {code} was changed."


@dataclass(frozen=True, slots=True)
class PriceSetPricesSet(PriceSetEvent):
    type = "price_set.prices_set"
    subject = "pst"
    summary = "Price set {code} was given {prices} prices."
    prices: int


@dataclass(frozen=True, slots=True)
class PriceSetSubmitted(PriceSetEvent):
    type = "price_set.submitted"
    subject = "pst"
    summary = "Price set {code} waits for approval."


@dataclass(frozen=True, slots=True)
class PriceSetScheduled(PriceSetEvent):
    type = "price_set.scheduled"
    subject = "pst"
    summary = "Price set {code} may begin."


@dataclass(frozen=True, slots=True)
class PriceSetDeclined(PriceSetEvent):
    type = "price_set.declined"
    subject = "pst"
    summary = "Price set {code} was not agreed to."


@dataclass(frozen=True, slots=True)
class PriceSetActivated(PriceSetEvent):
    """Each price is told of with its variant, or its list."""

    type = "price_set.activated"
    subject = "pst"
    summary = "The prices of set {code} apply."


@dataclass(frozen=True, slots=True)
class PriceSetUndone(PriceSetEvent):
    """`left_alone`: prices that somebody had changed since, and that stay."""

    type = "price_set.undone"
    subject = "pst"
    summary = "Price set {code} was undone."
    left_alone: int


@dataclass(frozen=True, slots=True)
class PriceSetCancelled(PriceSetEvent):
    type = "price_set.cancelled"
    subject = "pst"
    summary = "Price set {code} was called off."


@dataclass(eq=False)
class UnknownPriceSet(Missing):
    """There is no price set with this id."""

    id: UUID
    message = "There is no such price set."


@dataclass(eq=False)
class PriceSetCodeTaken(Refused):
    """Another price set has this code."""

    name: str
    message = "Another price set has the code {name!r:.90}."


@dataclass(eq=False)
class EmptyPriceSet(Refused):
    """A set that changes no price cannot be put into force."""

    message = "The set has no prices."


@dataclass(eq=False)
class BasePriceOfMany(Invalid):
    """A base price is that of one piece: only lists have prices from more pieces on."""

    message = "A base price has no quantity breaks: name a price list."


@dataclass(eq=False)
class ListInOtherCurrency(Refused):
    """The price list is in another currency than the set."""

    expected: str
    actual: str
    message = "The set is in {expected}, the list in {actual}."


def check_price_set(faults: Faults, wanted: PriceSet, now: datetime) -> None:
    check_text(wanted.code, faults, "code", maximum=CODE_LENGTH_MAX)
    check_text(wanted.name, faults, "name")
    check_text(wanted.note, faults, "note", minimum=0, maximum=NOTE_LENGTH_MAX)
    if wanted.ends_at and wanted.ends_at <= max(now, wanted.starts_at or now):
        faults.add(EndsBeforeItBegins().at("ends_at"))
