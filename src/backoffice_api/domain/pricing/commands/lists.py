"""What can be done with price lists: made, changed, activated, archived, given prices."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Integer, delete, or_, tuple_, update

from backoffice_api.domain.customers.model.groups import UnknownCustomerGroup
from backoffice_api.domain.customers.queries import accounts
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.batches import UpdateEach
from backoffice_api.domain.kernel.currencies import exponent
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import CurrencyMismatch
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import Id, Instant
from backoffice_api.domain.kernel.texts import Duplicate, check_range, check_size
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.pricing import queries
from backoffice_api.domain.pricing.model.lists import (
    MACHINE,
    MINIMUM_MAX,
    PRICES_MAX,
    PRIORITY_DEFAULT,
    EndsBeforeItBegins,
    ListPrice,
    ListPricesSet,
    PastPrice,
    PriceDraft,
    PriceList,
    PriceListActivated,
    PriceListArchived,
    PriceListCodeTaken,
    PriceListCreated,
    PriceListStatus,
    PriceListUpdated,
    UnknownPriceChannel,
    check_price_list,
)
from backoffice_api.domain.pricing.tables import list_prices, price_lists
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.model import NegativePrice, UnknownVariant

# What applied until now ends where the new price begins.
_END = UpdateEach(
    lambda given: (
        update(list_prices)
        .where(
            list_prices.c.price_list_id == given("list_id"),
            list_prices.c.variant_id == given("variant_id"),
            list_prices.c.minimum_quantity == given("minimum"),
            list_prices.c.valid_from < given("moment"),
            or_(list_prices.c.valid_to.is_(None), list_prices.c.valid_to > given("moment")),
        )
        .values(valid_to=given("moment"))
    ),
    list_id=Id(),
    variant_id=Id(),
    minimum=Integer(),
    moment=Instant(),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePriceList(Command):
    """It is a draft until it is activated."""

    scope = Scope.PRODUCTS_WRITE
    code: str
    name: str
    currency: str
    channel_id: UUID | None = None
    customer_tag: str | None = None
    customer_group_id: UUID | None = None
    priority: int = PRIORITY_DEFAULT
    valid_from: datetime | None = None
    valid_to: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePriceList(Command):
    """Currency, channel, tag and group stay: they say what the prices are."""

    scope = Scope.PRODUCTS_WRITE
    table = price_lists
    id: UUID
    code: str | Keep = KEEP
    name: str | Keep = KEEP
    priority: int | Keep = KEEP
    valid_from: datetime | Keep | None = KEEP
    valid_to: datetime | Keep | None = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivatePriceList(Command):
    scope = Scope.PRODUCTS_WRITE
    table = price_lists
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivePriceList(Command):
    scope = Scope.PRODUCTS_WRITE
    table = price_lists
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SetListPrices(Command):
    """All of them or none, at most `PRICES_MAX`."""

    scope = Scope.PRODUCTS_WRITE
    table = price_lists
    id: UUID
    prices: tuple[PriceDraft, ...]


def create_price_list(uow: UnitOfWork, command: CreatePriceList) -> UUID:
    """Make a price list, as a draft. Its id.

    Raises:
        PriceListCodeTaken, UnknownPriceChannel, UnknownCustomerGroup, UnknownCurrency.
        InvalidText, OutOfRange, EndsBeforeItBegins, TagOrGroup: the input is wrong.
    """
    exponent(command.currency)
    made = PriceList(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        code=command.code,
        name=command.name,
        currency=command.currency,
        channel_id=command.channel_id,
        customer_tag=command.customer_tag,
        customer_group_id=command.customer_group_id,
        priority=command.priority,
        valid_from=command.valid_from,
        valid_to=command.valid_to,
        status=MACHINE.start,
        activated_at=None,
        archived_at=None,
    )
    faults = Faults()
    check_price_list(faults, made)
    if made.channel_id and not queries.is_channel(uow.db, made.channel_id):
        faults.add(UnknownPriceChannel(made.channel_id).at("channel_id"))
    group_id = made.customer_group_id
    if group_id and group_id not in accounts.groups_by_ids(uow.db, [group_id]):
        faults.add(UnknownCustomerGroup(group_id).at("customer_group_id"))
    faults.check()
    _check_code(uow, made.code)
    add(uow, price_lists, [made])
    uow.emit(PriceListCreated(made.id, made.version, made.code), after=made)
    return made.id


def update_price_list(uow: UnitOfWork, command: UpdatePriceList) -> UUID:
    """Change what is given of a price list; what is absent stays. Its id.

    Raises:
        UnknownPriceList, InvalidTransition, PriceListCodeTaken.
        InvalidText, OutOfRange, EndsBeforeItBegins: the input is wrong.
    """
    before = queries.price_list(uow.db, command.id)
    MACHINE.check("update", before.status)
    after = replace(
        before,
        code=patched(command.code, before.code),
        name=patched(command.name, before.name),
        priority=patched(command.priority, before.priority),
        valid_from=patched(command.valid_from, before.valid_from),
        valid_to=patched(command.valid_to, before.valid_to),
    )
    faults = Faults()
    check_price_list(faults, after)
    faults.check()
    if after.code != before.code:
        _check_code(uow, after.code)
    after = save(uow, price_lists, before, after)
    uow.emit(PriceListUpdated(after.id, after.version, after.code), before=before, after=after)
    return after.id


def activate_price_list(uow: UnitOfWork, command: ActivatePriceList) -> UUID:
    """Let the prices of a list apply. Its id.

    Raises:
        UnknownPriceList, InvalidTransition.
    """
    before, after = _moved(uow, command.id, "activate")
    uow.emit(PriceListActivated(after.id, after.version, after.code), before=before, after=after)
    return after.id


def archive_price_list(uow: UnitOfWork, command: ArchivePriceList) -> UUID:
    """Let the prices of a list apply no more. Its id.

    Raises:
        UnknownPriceList, InvalidTransition.
    """
    before, after = _moved(uow, command.id, "archive")
    uow.emit(PriceListArchived(after.id, after.version, after.code), before=before, after=after)
    return after.id


def set_list_prices(uow: UnitOfWork, command: SetListPrices) -> UUID:
    """Give a list prices from now on, or from a later moment. Id of the list.

    A price without an end takes the place of the one before from then on; one with an end does
    so for its time. What applied until now stays as it was. A constant number of statements.

    Raises:
        UnknownPriceList, InvalidTransition, UnknownVariant, CurrencyMismatch, NegativePrice.
        PastPrice, EndsBeforeItBegins, Duplicate, OutOfRange, TooMany: the input is wrong.
    """
    before = queries.price_list(uow.db, command.id)
    MACHINE.check("set_prices", before.status)
    faults = Faults()
    check_size(command.prices, faults, "prices", maximum=PRICES_MAX)
    faults.check()
    _check_prices(uow, faults, before, command.prices)
    faults.check()
    after = save(uow, price_lists, before, before)
    rows = [
        ListPrice(
            id=uow.new_id(),
            price_list_id=before.id,
            variant_id=each.variant_id,
            minimum_quantity=each.minimum_quantity,
            currency=before.currency,
            price_micro=each.unit_price.micro if each.unit_price else None,
            valid_from=each.valid_from or uow.now,
            valid_to=each.valid_to,
        )
        for each in command.prices
    ]
    if rows:
        _replace(uow, before, rows)
    uow.emit(ListPricesSet(after.id, after.version, after.code, len(rows)))
    return after.id


def _replace(uow: UnitOfWork, of: PriceList, rows: Sequence[ListPrice]) -> None:
    at = list_prices.c
    keys = [(each.variant_id, each.minimum_quantity, each.valid_from) for each in rows]
    same = tuple_(at.variant_id, at.minimum_quantity, at.valid_from).in_(keys)
    uow.db.execute(delete(list_prices).where(at.price_list_id == of.id, same))
    ended = [
        {
            "list_id": of.id,
            "variant_id": each.variant_id,
            "minimum": each.minimum_quantity,
            "moment": each.valid_from,
        }
        for each in rows
        if each.valid_to is None
    ]
    _END(uow.db, ended)
    add(uow, list_prices, rows)


def _check_prices(
    uow: UnitOfWork, faults: Faults, of: PriceList, prices: Sequence[PriceDraft]
) -> None:
    known = products.variants_by_ids(uow.db, {each.variant_id for each in prices})
    seen: set[tuple[UUID, int, datetime]] = set()
    for position, each in enumerate(prices):
        here = ("prices", position)
        begins = each.valid_from or uow.now
        if each.variant_id not in known:
            name = ids.text("sku", each.variant_id)
            faults.add(UnknownVariant(name).at(*here, "variant_id"))
        check_range(
            each.minimum_quantity, faults, *here, "minimum_quantity", minimum=1, maximum=MINIMUM_MAX
        )
        if each.unit_price and each.unit_price.currency != of.currency:
            mismatch = CurrencyMismatch(of.currency, each.unit_price.currency)
            faults.add(mismatch.at(*here, "unit_price"))
        if each.unit_price and each.unit_price.micro < 0:
            faults.add(NegativePrice().at(*here, "unit_price"))
        if begins < uow.now:
            faults.add(PastPrice().at(*here, "valid_from"))
        if each.valid_to and each.valid_to <= begins:
            faults.add(EndsBeforeItBegins().at(*here, "valid_to"))
        if (key := (each.variant_id, each.minimum_quantity, begins)) in seen:
            faults.add(Duplicate(ids.text("sku", each.variant_id)).at(*here))
        seen.add(key)


def _check_code(uow: UnitOfWork, code: str) -> None:
    if queries.price_lists_by_codes(uow.db, [code]):
        raise PriceListCodeTaken(code).at("code")


def _moved(uow: UnitOfWork, id: UUID, action: str) -> tuple[PriceList, PriceList]:
    """The only place that changes the status of a price list."""
    before = queries.price_list(uow.db, id)
    status = MACHINE.check(action, before.status)
    after = replace(
        before,
        status=status,
        activated_at=before.activated_at or (uow.now if status is PriceListStatus.ACTIVE else None),
        archived_at=uow.now if status is PriceListStatus.ARCHIVED else None,
    )
    return before, save(uow, price_lists, before, after)
