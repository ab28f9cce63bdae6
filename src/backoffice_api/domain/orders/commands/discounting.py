"""Discount codes on orders: what a code takes off, and that it is counted.

What a code takes off lies among the discounts of the order and is shared out with them. A draft
follows what its lines come to; what is placed keeps its discount, until an edit names a code.
"""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from backoffice_api.domain.discounts import queries as discounts
from backoffice_api.domain.discounts.commands import using
from backoffice_api.domain.discounts.model import (
    DiscountCode,
    Purchase,
    UnknownDiscountCode,
    discount_of,
)
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.money import Money, total
from backoffice_api.domain.kernel.patch import KEEP, Keep
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.model.lines import OrderLine
from backoffice_api.domain.orders.model.orders import Order, OrderDiscount
from backoffice_api.domain.orders.queries.related import related, sources

Discounts = Sequence[OrderDiscount]


def with_code(
    uow: UnitOfWork,
    order: Order,
    lines: Sequence[OrderLine],
    given: Discounts,
    code: str | Keep | None,
) -> tuple[OrderDiscount, ...]:
    """The discounts of a draft with what a code takes off now: that entered, or that it has.

    One statement where there is a code.

    Raises:
        UnknownDiscountCode, CurrencyMismatch, DiscountCodeExpired, and what else `discount_of`
        raises.
    """
    others = tuple(each for each in given if each.code_id is None)
    try:
        found = _code(uow, order, given, code)
        if found is None:
            return others
        subtotal = total((line.ordered.subtotal for line in lines), order.currency)
        left = subtotal - total((each.amount for each in others), order.currency)
        return (*others, _taken_off(uow, order, found, subtotal, left))
    except DomainError as fault:
        raise fault.at("discount_code") from None


def edited_code(
    uow: UnitOfWork,
    order: Order,
    lines: Sequence[OrderLine],
    present: Discounts,
    given: Discounts | Keep,
    code: str | Keep | None,
) -> tuple[OrderDiscount, ...]:
    """The discounts of a placed order, with what a code takes off what is wanted of it now.

    What of its own discount went with lines that were called off stays with them, of no code any
    more if it is to have none. Where no code is named it keeps the one that it has, and what that
    took off.

    Raises:
        As `with_code`; DiscountCodeUsedUp, DiscountCodeUsedByCustomer.
    """
    chosen = present if given is KEEP else given
    others = tuple(each for each in chosen if each.code_id is None)
    had = tuple(each for each in present if each.code_id is not None)
    if code is KEEP:
        return (*others, *had)
    try:
        found = _code(uow, order, (), code)
        called_off, gone = _gone(lines, present, had)
        if found is None:
            using.give_back(uow, order.id)
            stays = (replace(each, amount_minor=gone, code_id=None) for each in had if gone)
            return (*others, *stays)
        if [each.code_id for each in had] != [found.id]:
            using.give_back(uow, order.id)
            using.take(uow, found.id, order.id, order.customer_id)
        wanted = [line.ordered.subtotal for line in lines if line.current_quantity]
        subtotal = total(wanted, order.currency)
        # What others take off lines that were called off, they do not take off these.
        borne = total((each.amount for each in others), order.currency).minor - (called_off - gone)
        left = subtotal - Money(borne, order.currency)
        made = _taken_off(uow, order, found, subtotal, left)
    except DomainError as fault:
        raise fault.at("discount_code") from None
    return (*others, replace(made, amount_minor=made.amount_minor + gone))


def take_codes(uow: UnitOfWork, order: Order, given: Discounts) -> None:
    """Count the code that an order is placed with. No statement if it has none.

    Raises:
        DiscountCodeUsedUp, DiscountCodeUsedByCustomer.
    """
    for each in given:
        if each.code_id is not None:
            using.take(uow, each.code_id, order.id, order.customer_id)


def give_back_code(uow: UnitOfWork, order: Order) -> None:
    """Count no longer the code of an order that is called off. No statement without a discount.

    The codes of orders that went on in it are given back with it: their discounts came along.
    """
    if order.discount_minor and order.number is not None:
        for id in _with_merged(uow, order):
            using.give_back(uow, id)


def take_codes_again(uow: UnitOfWork, order: Order) -> None:
    """Count the codes anew that were given back with an order. No statement without a discount.

    Raises:
        DiscountCodeUsedUp, DiscountCodeUsedByCustomer.
    """
    if not order.discount_minor:
        return
    ids = _with_merged(uow, order)
    found = queries.discounts_by_orders(uow.db, ids)
    for id in ids:
        for each in found.get(id, ()):
            if each.code_id is not None:
                using.take(uow, each.code_id, id, order.customer_id)


def _with_merged(uow: UnitOfWork, order: Order) -> Sequence[UUID]:
    return sorted(sources(related(uow.db, order.id), order.id, merged_only=True))


def _code(
    uow: UnitOfWork, order: Order, given: Discounts, code: str | Keep | None
) -> DiscountCode | None:
    if code is None:
        return None
    if code is not KEEP:
        found = discounts.code_named(uow.db, code)
        # Whoever buys in one channel is not told which codes there are in another.
        if found.channel_id not in (None, order.channel_id):
            raise UnknownDiscountCode(code)
        return found
    ids: list[UUID] = [each.code_id for each in given if each.code_id is not None]
    return discounts.codes_by_ids(uow.db, ids)[ids[0]] if ids else None


def _taken_off(
    uow: UnitOfWork, order: Order, code: DiscountCode, subtotal: Money, left: Money
) -> OrderDiscount:
    purchase = Purchase(order.channel_id, order.customer_id, subtotal, left, uow.now)
    amount = discount_of(code, purchase)
    return OrderDiscount(code.label, code.code, amount.minor, amount.currency, code.id)


def _gone(lines: Sequence[OrderLine], present: Discounts, had: Discounts) -> tuple[int, int]:
    """What lines bear that were called off, and what of that is of the code that it had."""
    every = sum(each.amount_minor for each in present)
    borne = sum(line.discount_minor for line in lines if not line.current_quantity)
    of_code = sum(each.amount_minor for each in had)
    return borne, borne * of_code // every if every else 0
