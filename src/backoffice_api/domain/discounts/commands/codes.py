"""What can be done with discount codes: made, changed, put out of use."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from backoffice_api.domain.customers import queries as customers
from backoffice_api.domain.customers.model import UnknownCustomer
from backoffice_api.domain.discounts import queries
from backoffice_api.domain.discounts.model import (
    MACHINE,
    RANDOM_BYTES,
    DiscountCode,
    DiscountCodeCreated,
    DiscountCodeDisabled,
    DiscountCodeTaken,
    DiscountCodeUpdated,
    UsedMoreOften,
    check_discount_code,
    made_up,
    normalised,
)
from backoffice_api.domain.discounts.tables import discount_codes
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import CurrencyMismatch, Money
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.pricing.model.lists import UnknownPriceChannel
from backoffice_api.domain.pricing.queries import is_channel


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateDiscountCode(Command):
    """`code` None: one is made up. `label`: what stands on the order; None: the code."""

    scope = Scope.ORDERS_WRITE
    code: str | None = None
    label: str | None = None
    percent_bp: int | None = None
    amount: Money | None = None
    minimum_subtotal: Money | None = None
    channel_id: UUID | None = None
    customer_id: UUID | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    usage_limit: int | None = None
    once_per_customer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateDiscountCode(Command):
    """What it takes off, where and for whom stays: that was promised."""

    scope = Scope.ORDERS_WRITE
    table = discount_codes
    id: UUID
    label: str | Keep = KEEP
    valid_from: datetime | Keep | None = KEEP
    valid_until: datetime | Keep | None = KEEP
    usage_limit: int | Keep | None = KEEP
    once_per_customer: bool | Keep = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class DisableDiscountCode(Command):
    scope = Scope.ORDERS_WRITE
    table = discount_codes
    id: UUID


def create_code(uow: UnitOfWork, command: CreateDiscountCode) -> UUID:
    """Make a discount code. Its id.

    Raises:
        DiscountCodeTaken, UnknownPriceChannel, UnknownCustomer.
        InvalidDiscountCode, ShareOrAmount, CurrencyMismatch, InvalidText, OutOfRange,
        EndsBeforeItBegins: the input is wrong.
    """
    if command.code is None:
        code = made_up(uow.random_bytes(RANDOM_BYTES))
    else:
        code = normalised(command.code)
    amount, minimum = command.amount, command.minimum_subtotal
    made = DiscountCode(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        code=code,
        label=code if command.label is None else command.label,
        percent_bp=command.percent_bp,
        amount_minor=None if amount is None else amount.minor,
        minimum_minor=None if minimum is None else minimum.minor,
        currency=next((each.currency for each in (amount, minimum) if each is not None), None),
        channel_id=command.channel_id,
        customer_id=command.customer_id,
        valid_from=command.valid_from,
        valid_until=command.valid_until,
        usage_limit=command.usage_limit,
        once_per_customer=command.once_per_customer,
        status=MACHINE.start,
        disabled_at=None,
    )
    _check(uow, made, amount, minimum)
    add(uow, discount_codes, [made])
    uow.emit(DiscountCodeCreated(made.id, made.version, made.code), after=made)
    return made.id


def update_code(uow: UnitOfWork, command: UpdateDiscountCode) -> UUID:
    """Change what is given of a discount code; what is absent stays. Its id.

    Raises:
        UnknownDiscountCode, InvalidTransition.
        UsedMoreOften: the limit would be below what was used.
        InvalidText, OutOfRange, EndsBeforeItBegins: the input is wrong.
    """
    before = queries.locked_code(uow.db, command.id)
    MACHINE.check("update", before.status)
    wanted = replace(
        before,
        label=patched(command.label, before.label),
        valid_from=patched(command.valid_from, before.valid_from),
        valid_until=patched(command.valid_until, before.valid_until),
        usage_limit=patched(command.usage_limit, before.usage_limit),
        once_per_customer=patched(command.once_per_customer, before.once_per_customer),
    )
    faults = Faults()
    check_discount_code(faults, wanted)
    faults.check()
    used = uow.db.execute(
        select(discount_codes.c.used).where(discount_codes.c.id == before.id)
    ).scalar_one()
    if wanted.usage_limit is not None and wanted.usage_limit < used:
        raise UsedMoreOften(used).at("usage_limit")
    after = save(uow, discount_codes, before, wanted)
    uow.emit(DiscountCodeUpdated(after.id, after.version, after.code), before=before, after=after)
    return after.id


def disable_code(uow: UnitOfWork, command: DisableDiscountCode) -> UUID:
    """Put a discount code out of use. Orders that were placed with it keep it. Its id.

    Raises:
        UnknownDiscountCode, InvalidTransition.
    """
    before = queries.locked_code(uow.db, command.id)
    status = MACHINE.check("disable", before.status)
    wanted = replace(before, status=status, disabled_at=uow.now)
    after = save(uow, discount_codes, before, wanted)
    uow.emit(DiscountCodeDisabled(after.id, after.version, after.code), before=before, after=after)
    return after.id


def _check(
    uow: UnitOfWork, made: DiscountCode, amount: Money | None, minimum: Money | None
) -> None:
    faults = Faults()
    check_discount_code(faults, made)
    if amount is not None and minimum is not None and amount.currency != minimum.currency:
        faults.add(CurrencyMismatch(amount.currency, minimum.currency).at("minimum_subtotal"))
    if made.channel_id and not is_channel(uow.db, made.channel_id):
        faults.add(UnknownPriceChannel(made.channel_id).at("channel_id"))
    if made.customer_id and not customers.customers_by_ids(uow.db, [made.customer_id]):
        faults.add(UnknownCustomer(made.customer_id).at("customer_id"))
    faults.check()
    if queries.codes_by_names(uow.db, [made.code]):
        raise DiscountCodeTaken(made.code).at("code")
