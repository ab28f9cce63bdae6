"""Price lists, and how they and their prices are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.customers.model import TAG_LENGTH_MAX
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Faults, Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX
from backoffice_api.domain.kernel.texts import check_range, check_text

PRICES_MAX = 1_000
PRIORITY_DEFAULT = 100
PRIORITY_MAX = 1_000_000
MINIMUM_MAX = 1_000_000_000


class PriceListStatus(Choice):
    """Whether the prices of a list apply."""

    DRAFT = "draft", "Being put together; nobody is charged by it."
    ACTIVE = "active", "Its prices apply, within its dates."
    ARCHIVED = "archived", "Out of use, kept for the prices that once applied."


MACHINE = Machine(
    PriceListStatus.DRAFT,
    move("update", {PriceListStatus.DRAFT, PriceListStatus.ACTIVE}),
    move("set_prices", {PriceListStatus.DRAFT, PriceListStatus.ACTIVE}),
    move("activate", {PriceListStatus.DRAFT}, PriceListStatus.ACTIVE),
    move("archive", {PriceListStatus.DRAFT, PriceListStatus.ACTIVE}, PriceListStatus.ARCHIVED),
)


class PriceListSortKey(Choice):
    """By what a list of price lists is sorted."""

    CREATED_AT = "created_at", "When the list was made."
    CODE = "code", "The code, by code point."
    PRIORITY = "priority", "The order in which lists are asked."


class ListPriceSortKey(Choice):
    """By what the prices of a list are sorted."""

    VALID_FROM = "valid_from", "From when they apply."


@dataclass(frozen=True, slots=True)
class PriceList:
    """`channel_id` None: of all channels. For customers with `customer_tag`, or for those of the
    group `customer_group_id`; both None: for everybody.

    Of lists with a price, the one with the smallest `priority` counts. It applies from
    `valid_from` up to but without `valid_to`, and while it is active.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    code: str
    name: str
    currency: str
    channel_id: UUID | None
    customer_tag: str | None
    customer_group_id: UUID | None
    priority: int
    valid_from: datetime | None
    valid_to: datetime | None
    status: PriceListStatus
    activated_at: datetime | None
    archived_at: datetime | None

    @property
    def actions(self) -> Sequence[Action]:
        return MACHINE.actions(self.status)


@dataclass(frozen=True, slots=True)
class ListPrice:
    """The price of one piece from `minimum_quantity` pieces on, for a time.

    `price_micro` None: from then on the list has no price for it. `valid_to` None: until another
    one begins.
    """

    id: UUID
    price_list_id: UUID
    variant_id: UUID
    minimum_quantity: int
    currency: str
    price_micro: int | None
    valid_from: datetime
    valid_to: datetime | None

    @property
    def unit_price(self) -> UnitPrice | None:
        return None if self.price_micro is None else UnitPrice(self.price_micro, self.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceDraft:
    """A price that a list is to have. None: none. `valid_from` None: from now on."""

    variant_id: UUID
    unit_price: UnitPrice | None
    minimum_quantity: int = 1
    valid_from: datetime | None = None
    valid_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class PriceListCreated(Event):
    type = "price_list.created"
    subject = "pls"
    summary = "Price list {code} was created."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class PriceListUpdated(Event):
    type = "price_list.updated"
    subject = "pls"
    summary = "Price list {code} was changed."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class PriceListActivated(Event):
    type = "price_list.activated"
    subject = "pls"
    summary = "The prices of list {code} apply."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class PriceListArchived(Event):
    type = "price_list.archived"
    subject = "pls"
    summary = "Price list {code} was archived."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class ListPricesSet(Event):
    """The prices themselves are their history: each has the time from which it applies."""

    type = "price_list.prices_set"
    subject = "pls"
    summary = "{prices} prices were set in list {code}."
    id: UUID
    version: int
    code: str
    prices: int


@dataclass(eq=False)
class UnknownPriceList(Missing):
    """There is no price list with this id."""

    id: UUID
    message = "There is no such price list."


@dataclass(eq=False)
class UnknownPriceChannel(Missing):
    """There is no channel with this id for which a list could be."""

    id: UUID
    message = "There is no such channel."


@dataclass(eq=False)
class TagOrGroup(Invalid):
    """A list is for customers with a tag, or for those of a group, not for both at once."""

    message = "A list is for a tag or for a group of customers, not for both."


@dataclass(eq=False)
class PriceListCodeTaken(Refused):
    """Another price list has this code."""

    name: str
    message = "Another price list has the code {name!r:.90}."


@dataclass(eq=False)
class EndsBeforeItBegins(Invalid):
    """A time is over before it begins, or as it begins."""

    message = "This ends after it begins."


@dataclass(eq=False)
class PastPrice(Invalid):
    """Prices that applied are not changed: a new one begins now or later."""

    message = "A price begins now or later; what applied in the past stays."


def check_price_list(faults: Faults, wanted: PriceList) -> None:
    check_text(wanted.code, faults, "code", maximum=CODE_LENGTH_MAX)
    check_text(wanted.name, faults, "name")
    check_text(wanted.customer_tag, faults, "customer_tag", maximum=TAG_LENGTH_MAX)
    if wanted.customer_tag is not None and wanted.customer_group_id is not None:
        faults.add(TagOrGroup().at("customer_group_id"))
    check_range(wanted.priority, faults, "priority", minimum=0, maximum=PRIORITY_MAX)
    if wanted.valid_from and wanted.valid_to and wanted.valid_to <= wanted.valid_from:
        faults.add(EndsBeforeItBegins().at("valid_to"))
