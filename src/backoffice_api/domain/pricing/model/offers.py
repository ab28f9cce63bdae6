"""Which of several prices applies: one rule, for orders, for who asks why, and for the past."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.pricing.model.lists import PriceListStatus

# Directive 98/6/EC, article 6a (2), as inserted by article 2 of Directive (EU) 2019/2161.
REDUCTION_WINDOW = timedelta(days=30)


class PriceVerdict(Choice):
    """Why a price applies, or why it does not."""

    APPLIES = "applies", "This is the price."
    LESS_PRIORITY = "less_priority", "It would apply, had not another one come first."
    NOT_ACTIVE = "not_active", "Its list is a draft or archived."
    NOT_YET = "not_yet", "It begins later."
    OVER = "over", "Its time is over."
    OTHER_CHANNEL = "other_channel", "Its list is of another channel."
    OTHER_CUSTOMERS = (
        "other_customers",
        "Its list is for customers of another group, or with another tag.",
    )
    MORE_PIECES = "more_pieces", "It takes more pieces."
    SET_APART = "set_apart", "The list has no price for it from then on."


@dataclass(frozen=True, slots=True)
class OfferedPrice:
    """A price with what decides whether it applies. `list_id` None: the base price.

    The base price has no dates here: it is the one of now.
    """

    list_id: UUID | None
    list_code: str
    priority: int
    status: PriceListStatus
    channel_id: UUID | None
    customer_tag: str | None
    customer_group_id: UUID | None
    begins_at: Sequence[datetime]
    ends_at: Sequence[datetime]
    variant_id: UUID
    minimum_quantity: int
    currency: str
    price_micro: int | None
    valid_from: datetime | None
    valid_to: datetime | None

    @property
    def unit_price(self) -> UnitPrice | None:
        return None if self.price_micro is None else UnitPrice(self.price_micro, self.currency)

    @property
    def is_for_everybody(self) -> bool:
        return self.customer_tag is None and self.customer_group_id is None


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who asks for a price, where, and for how many pieces. `groups`: those of the customer."""

    channel_id: UUID | None
    tags: frozenset[str]
    quantity: int
    at: datetime
    groups: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Judged:
    """A price and why it applies or not."""

    offered: OfferedPrice
    verdict: PriceVerdict

    @property
    def list_id(self) -> UUID | None:
        return self.offered.list_id

    @property
    def unit_price(self) -> UnitPrice | None:
        return self.offered.unit_price

    @property
    def minimum_quantity(self) -> int:
        return self.offered.minimum_quantity

    @property
    def valid_from(self) -> datetime | None:
        return self.offered.valid_from

    @property
    def valid_to(self) -> datetime | None:
        return self.offered.valid_to


@dataclass(frozen=True, slots=True)
class LowestPrice:
    """The lowest price of the 30 days before the present one began, to compare a reduction with.

    `since` None: it always was the same, as far as is known. `lowest` None: it had no price then.
    """

    current: UnitPrice
    since: datetime | None
    lowest: UnitPrice | None


@dataclass(frozen=True, slots=True)
class PriceAnswer:
    """The price for a buyer, every price there is with why it applies or not, and the lowest."""

    candidates: Sequence[Judged]
    lowest: LowestPrice | None

    @property
    def unit_price(self) -> UnitPrice | None:
        for each in self.candidates:
            if each.verdict is PriceVerdict.APPLIES:
                return each.unit_price
        return None


def judged(prices: Iterable[OfferedPrice], buyer: Buyer) -> Sequence[Judged]:
    """Every price with its verdict, the first to be asked first.

    Lists are asked by priority, then by code, the base price last. Within a list the price for
    the most pieces comes first, and of those the one that began last.
    """
    found = False
    apart: set[tuple[UUID | None, int]] = set()
    verdicts = []
    for each in sorted(prices, key=_order):
        verdict = _verdict(each, buyer)
        key = (each.list_id, each.minimum_quantity)
        if verdict is PriceVerdict.APPLIES and (each.price_micro is None or key in apart):
            # What began later in the list says that it has none any more.
            apart.add(key)
            verdict = PriceVerdict.SET_APART
        elif verdict is PriceVerdict.APPLIES and found:
            verdict = PriceVerdict.LESS_PRIORITY
        elif verdict is PriceVerdict.APPLIES:
            found = True
        verdicts.append(Judged(each, verdict))
    return verdicts


def applying(prices: Iterable[OfferedPrice], buyer: Buyer) -> OfferedPrice | None:
    """The price that applies. None: there is none."""
    for each in judged(prices, buyer):
        if each.verdict is PriceVerdict.APPLIES:
            return each.offered
    return None


def lowest_price(
    prices: Sequence[OfferedPrice], base: Sequence[OfferedPrice], buyer: Buyer
) -> LowestPrice | None:
    """What the price of now has to be compared with where it is announced as a reduction.

    `base` are the base prices with the times for which they were valid. None: there is no price
    now. Prices for some customers are no prices for everybody, and do not count.
    """
    everybody = [*(each for each in prices if each.is_for_everybody), *base]
    now = _at(everybody, buyer, buyer.at)
    if now is None:
        return None
    moments = sorted({when for each in everybody for when in _moments(each) if when <= buyer.at})
    since: datetime | None = None
    for moment in reversed(moments):
        if _at(everybody, buyer, moment) != now:
            break
        since = moment
    if since is None:
        return LowestPrice(now, None, None)
    opened = since - REDUCTION_WINDOW
    asked = [opened, *(moment for moment in moments if opened < moment < since)]
    found = [price for moment in asked if (price := _at(everybody, buyer, moment))]
    return LowestPrice(now, since, min(found, key=lambda each: each.micro, default=None))


def _at(prices: Sequence[OfferedPrice], buyer: Buyer, moment: datetime) -> UnitPrice | None:
    asking = Buyer(buyer.channel_id, frozenset(), buyer.quantity, moment)
    found = applying(prices, asking)
    return found.unit_price if found else None


def _moments(each: OfferedPrice) -> Iterable[datetime]:
    yield from each.begins_at
    yield from each.ends_at
    if each.valid_from:
        yield each.valid_from
    if each.valid_to:
        yield each.valid_to


def _order(each: OfferedPrice) -> tuple[object, ...]:
    began = each.valid_from.timestamp() if each.valid_from else 0.0
    is_base = each.list_id is None
    return (is_base, each.priority, each.list_code, -each.minimum_quantity, -began)


def _verdict(each: OfferedPrice, buyer: Buyer) -> PriceVerdict:
    begins = [*each.begins_at, *([each.valid_from] if each.valid_from else [])]
    ends = [*each.ends_at, *([each.valid_to] if each.valid_to else [])]
    if each.status is PriceListStatus.DRAFT:
        return PriceVerdict.NOT_ACTIVE
    if each.channel_id is not None and each.channel_id != buyer.channel_id:
        return PriceVerdict.OTHER_CHANNEL
    if each.customer_tag is not None and each.customer_tag not in buyer.tags:
        return PriceVerdict.OTHER_CUSTOMERS
    if each.customer_group_id is not None and each.customer_group_id not in buyer.groups:
        return PriceVerdict.OTHER_CUSTOMERS
    if any(buyer.at < moment for moment in begins):
        return PriceVerdict.NOT_YET
    if any(buyer.at >= moment for moment in ends):
        is_archived = each.status is PriceListStatus.ARCHIVED
        return PriceVerdict.NOT_ACTIVE if is_archived else PriceVerdict.OVER
    if each.minimum_quantity > buyer.quantity:
        return PriceVerdict.MORE_PIECES
    return PriceVerdict.APPLIES
