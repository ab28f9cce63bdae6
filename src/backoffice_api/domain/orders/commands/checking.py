"""What is wrong with what is written on an order, besides its lines."""

from uuid import UUID

from backoffice_api.domain.customers import queries as customers
from backoffice_api.domain.customers.model import CustomerStatus, UnknownCustomer
from backoffice_api.domain.customers.queries.accounts import contacts_by_ids
from backoffice_api.domain.kernel import external_ids as names
from backoffice_api.domain.kernel.contacts import (
    InvalidEmail,
    InvalidPhone,
    check_email,
    check_phone,
)
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX
from backoffice_api.domain.kernel.texts import check_size, check_text
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.orders.model.amounts import check_given
from backoffice_api.domain.orders.model.buyers import BUYERS, NotABuyer, UnknownBuyer
from backoffice_api.domain.orders.model.orders import (
    DISCOUNTS_MAX,
    NOTE_LENGTH_MAX,
    CustomerNotActive,
    Order,
    OrderAddress,
    check_order_address,
)
from backoffice_api.domain.orders.model.parts import Parts


def both_addresses(
    shipping: OrderAddress | None, billing: OrderAddress | None
) -> tuple[OrderAddress, ...]:
    return tuple(address for address in (shipping, billing) if address)


def check_written(faults: Faults, order: Order, parts: Parts) -> None:
    """Note what is wrong with what is written on an order besides its lines."""
    check_text(order.note, faults, "note", minimum=0, maximum=NOTE_LENGTH_MAX)
    # That of a discount code comes on top: it was not written, and stays when others are.
    given = [each for each in parts.discounts if each.code_id is None]
    check_size(given, faults, "discounts", maximum=DISCOUNTS_MAX)
    for position, each in enumerate(parts.discounts):
        here = ("discounts", position)
        check_text(each.label, faults, *here, "label")
        check_text(each.code, faults, *here, "code", maximum=CODE_LENGTH_MAX)
        check_given(faults, each.amount, order.currency, *here, "amount")
    for address in parts.addresses:
        check_order_address(faults, address)
    names.check(parts.external_ids, faults)


def check_draft(uow: UnitOfWork, faults: Faults, order: Order, parts: Parts) -> None:
    """Note what is wrong with a draft, besides its lines. One statement each for who orders."""
    check_written(faults, order, parts)
    if order.buyer_id is not None:
        _check_buyer(uow, faults, order, order.buyer_id)
    if order.customer_id is None:
        return
    customer = customers.customers_by_ids(uow.db, [order.customer_id]).get(order.customer_id)
    if customer is None:
        faults.add(UnknownCustomer(order.customer_id).at("customer_id"))
    elif customer.status is not CustomerStatus.ACTIVE:
        faults.add(CustomerNotActive().at("customer_id"))


def _check_buyer(uow: UnitOfWork, faults: Faults, order: Order, id: UUID) -> None:
    buyer = contacts_by_ids(uow.db, [id]).get(id)
    if buyer is None or buyer.customer_id != order.customer_id:
        faults.add(UnknownBuyer(id).at("buyer_id"))
    elif buyer.buyer_role not in BUYERS:
        faults.add(NotABuyer().at("buyer_id"))


def canonical_email(faults: Faults, email: str | None) -> str | None:
    try:
        return check_email(email) if email else None
    except InvalidEmail as fault:
        faults.add(fault.at("email"))
        return email


def canonical_phone(faults: Faults, phone: str | None) -> str | None:
    try:
        return check_phone(phone) if phone else None
    except InvalidPhone as fault:
        faults.add(fault.at("phone"))
        return phone
