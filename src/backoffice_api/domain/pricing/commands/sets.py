"""What can be done with price sets until they begin: made, changed, given prices, submitted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete

from backoffice_api.domain.approvals.commands.asking import ask, withdraw
from backoffice_api.domain.approvals.model import ApprovalKind
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.currencies import exponent
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import CurrencyMismatch
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import Duplicate, TooMany, check_range, check_size
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.pricing.commands.beginning import begin_if_due
from backoffice_api.domain.pricing.model.lists import (
    MACHINE as LISTS,
)
from backoffice_api.domain.pricing.model.lists import (
    MINIMUM_MAX,
    PRICES_MAX,
    UnknownPriceList,
)
from backoffice_api.domain.pricing.model.sets import (
    ENTRIES_MAX,
    MACHINE,
    BasePriceOfMany,
    EmptyPriceSet,
    EntryDraft,
    ListInOtherCurrency,
    PriceSet,
    PriceSetCancelled,
    PriceSetCodeTaken,
    PriceSetCreated,
    PriceSetEntry,
    PriceSetPricesSet,
    PriceSetScheduled,
    PriceSetStatus,
    PriceSetSubmitted,
    PriceSetUpdated,
    Target,
    check_price_set,
    weight,
)
from backoffice_api.domain.pricing.queries import price_lists_by_ids, sets
from backoffice_api.domain.pricing.tables import price_set_entries, price_sets
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.model import NegativePrice, UnknownVariant


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePriceSet(Command):
    scope = Scope.PRODUCTS_WRITE
    code: str
    name: str
    currency: str
    note: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePriceSet(Command):
    scope = Scope.PRODUCTS_WRITE
    table = price_sets
    id: UUID
    name: str | Keep = KEEP
    note: str | Keep = KEEP
    starts_at: datetime | Keep | None = KEEP
    ends_at: datetime | Keep | None = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPricesOfSet(Command):
    """All of them or none, at most `PRICES_MAX`. `replaces`: they are all that the set changes."""

    scope = Scope.PRODUCTS_WRITE
    table = price_sets
    id: UUID
    prices: tuple[EntryDraft, ...]
    replaces: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitPriceSet(Command):
    scope = Scope.PRODUCTS_WRITE
    table = price_sets
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelPriceSet(Command):
    scope = Scope.PRODUCTS_WRITE
    table = price_sets
    id: UUID


def create_price_set(uow: UnitOfWork, command: CreatePriceSet) -> UUID:
    """Make a price set, as a draft. Its id.

    Raises:
        PriceSetCodeTaken, UnknownCurrency.
        InvalidText, EndsBeforeItBegins: the input is wrong.
    """
    exponent(command.currency)
    actor = uow.caller.actor
    made = PriceSet(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        code=command.code,
        name=command.name,
        note=command.note,
        currency=command.currency,
        starts_at=command.starts_at,
        ends_at=command.ends_at,
        status=MACHINE.start,
        created_by_kind=actor.kind.value,
        created_by_id=actor.id,
        activated_at=None,
        undone_at=None,
        left_alone=0,
    )
    faults = Faults()
    check_price_set(faults, made, uow.now)
    faults.check()
    if sets.price_sets_by_codes(uow.db, [made.code]):
        raise PriceSetCodeTaken(made.code).at("code")
    add(uow, price_sets, [made])
    uow.emit(PriceSetCreated(made.id, made.version, made.code), after=made)
    return made.id


def update_price_set(uow: UnitOfWork, command: UpdatePriceSet) -> UUID:
    """Change what is given of a draft; what is absent stays. Its id.

    Raises:
        UnknownPriceSet, InvalidTransition, InvalidText, EndsBeforeItBegins.
    """
    before = sets.price_set(uow.db, command.id)
    MACHINE.check("update", before.status)
    after = replace(
        before,
        name=patched(command.name, before.name),
        note=patched(command.note, before.note),
        starts_at=patched(command.starts_at, before.starts_at),
        ends_at=patched(command.ends_at, before.ends_at),
    )
    faults = Faults()
    check_price_set(faults, after, uow.now)
    faults.check()
    after = save(uow, price_sets, before, after)
    uow.emit(PriceSetUpdated(after.id, after.version, after.code), before=before, after=after)
    return after.id


def set_prices_of_set(uow: UnitOfWork, command: SetPricesOfSet) -> UUID:
    """Say which prices a draft puts into force; what it says of others stays. Its id.

    A constant number of statements.

    Raises:
        UnknownPriceSet, InvalidTransition, UnknownVariant, UnknownPriceList, ListInOtherCurrency.
        TooMany: it would change more than `ENTRIES_MAX` prices.
        CurrencyMismatch, NegativePrice, BasePriceOfMany, Duplicate, OutOfRange: the input is wrong.
    """
    before = sets.price_set(uow.db, command.id)
    MACHINE.check("set_prices", before.status)
    faults = Faults()
    check_size(command.prices, faults, "prices", maximum=PRICES_MAX)
    faults.check()
    _check_prices(uow, faults, before, command.prices)
    faults.check()
    after = save(uow, price_sets, before, before)
    _forget(uow, before, command)
    rows = [
        PriceSetEntry(
            id=uow.new_id(),
            price_set_id=before.id,
            price_list_id=each.target.price_list_id,
            variant_id=each.target.variant_id,
            minimum_quantity=each.target.minimum_quantity,
            currency=before.currency,
            price_micro=each.unit_price.micro if each.unit_price else None,
            before_micro=None,
        )
        for each in command.prices
    ]
    add(uow, price_set_entries, rows)
    uow.emit(PriceSetPricesSet(after.id, after.version, after.code, len(rows)))
    return after.id


def submit_price_set(uow: UnitOfWork, command: SubmitPriceSet) -> UUID:
    """Have a set begin at its moment, once somebody else agrees where a rule asks for it. Its id.

    Raises:
        UnknownPriceSet, InvalidTransition, EmptyPriceSet.
        EndsBeforeItBegins: its end has passed.
    """
    before = sets.price_set(uow.db, command.id)
    status = MACHINE.check("submit", before.status)
    faults = Faults()
    check_price_set(faults, before, uow.now)
    faults.check()
    entries = sets.entries_of(uow.db, before.id)
    if not entries:
        raise EmptyPriceSet
    old = sets.present_prices(uow.db, before.currency, [x.target for x in entries], uow.now)
    amount = weight(before.currency, entries, old)
    made_by = (before.created_by_kind, before.created_by_id)
    label = f"Price set {before.code}"
    asked = ask(uow, ApprovalKind.PRICE_SET, before.id, amount, label, made_by=made_by)
    if asked is None:
        status = MACHINE.check("approve", status)
    after = save(uow, price_sets, before, replace(before, status=status))
    kind = PriceSetSubmitted if asked else PriceSetScheduled
    uow.emit(kind(after.id, after.version, after.code), before=before, after=after)
    if asked is None:
        begin_if_due(uow, after)
    return after.id


def cancel_price_set(uow: UnitOfWork, command: CancelPriceSet) -> UUID:
    """Call off a set that has not begun. Its id.

    Raises:
        UnknownPriceSet, InvalidTransition.
    """
    before = sets.price_set(uow.db, command.id)
    status = MACHINE.check("cancel", before.status)
    if before.status is PriceSetStatus.PENDING_APPROVAL:
        withdraw(uow, ApprovalKind.PRICE_SET, before.id)
    after = save(uow, price_sets, before, replace(before, status=status))
    uow.emit(PriceSetCancelled(after.id, after.version, after.code), before=before, after=after)
    return after.id


def _forget(uow: UnitOfWork, of: PriceSet, command: SetPricesOfSet) -> None:
    """Take what the set said of these prices out of it, or all that it said.

    Raises: TooMany.
    """
    here = price_set_entries.c
    present = [] if command.replaces else sets.entries_of(uow.db, of.id)
    given = {each.target for each in command.prices}
    kept = [each for each in present if each.target not in given]
    if len(kept) + len(given) > ENTRIES_MAX:
        raise TooMany(ENTRIES_MAX).at("prices")
    gone = [each.id for each in present if each.target in given]
    if command.replaces:
        uow.db.execute(delete(price_set_entries).where(here.price_set_id == of.id))
    elif gone:
        uow.db.execute(delete(price_set_entries).where(here.id.in_(gone)))


def _check_prices(
    uow: UnitOfWork, faults: Faults, of: PriceSet, prices: Sequence[EntryDraft]
) -> None:
    known = products.variants_by_ids(uow.db, {each.target.variant_id for each in prices})
    named = {id for each in prices if (id := each.target.price_list_id)}
    lists = price_lists_by_ids(uow.db, named) if named else {}
    seen: set[Target] = set()
    for position, each in enumerate(prices):
        here, target = ("prices", position), each.target
        if target.variant_id not in known:
            name = ids.text("sku", target.variant_id)
            faults.add(UnknownVariant(name).at(*here, "variant_id"))
        if target.price_list_id is None:
            if target.minimum_quantity != 1:
                faults.add(BasePriceOfMany().at(*here, "minimum_quantity"))
        elif (listed := lists.get(target.price_list_id)) is None:
            faults.add(UnknownPriceList(target.price_list_id).at(*here, "price_list_id"))
        elif listed.currency != of.currency:
            faults.add(ListInOtherCurrency(of.currency, listed.currency).at(*here, "price_list_id"))
        else:
            LISTS.check("set_prices", listed.status)
        least = target.minimum_quantity
        check_range(least, faults, *here, "minimum_quantity", minimum=1, maximum=MINIMUM_MAX)
        if each.unit_price and each.unit_price.currency != of.currency:
            mismatch = CurrencyMismatch(of.currency, each.unit_price.currency)
            faults.add(mismatch.at(*here, "unit_price"))
        if each.unit_price and each.unit_price.micro < 0:
            faults.add(NegativePrice().at(*here, "unit_price"))
        if target in seen:
            faults.add(Duplicate(ids.text("sku", target.variant_id)).at(*here))
        seen.add(target)
