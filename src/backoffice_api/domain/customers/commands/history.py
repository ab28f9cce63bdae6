"""Customers of other systems, taken over as they were recorded there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.customers.model import (
    MACHINE,
    Customer,
    CustomerKind,
    CustomerRecorded,
)
from backoffice_api.domain.customers.tables import customers as table
from backoffice_api.domain.kernel import external_ids as names
from backoffice_api.domain.kernel import search
from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.countries import UnknownCountry, check_country
from backoffice_api.domain.kernel.errors import Faults, Invalid
from backoffice_api.domain.kernel.external_ids import SYSTEM_LENGTH_MAX, ExternalId
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import NAME_LENGTH_MAX
from backoffice_api.domain.kernel.texts import check_size, check_text
from backoffice_api.domain.kernel.uow import UnitOfWork

RECORDED_MAX = 1_000


@dataclass(frozen=True, slots=True)
class RecordedCustomer:
    """What another system knows of a customer. `country`: ISO 3166-1. None: it does not know.

    `recorded_at`: since when it knows the customer.
    """

    system: str
    key: str
    name: str | None
    country: str | None
    recorded_at: datetime


@dataclass(eq=False)
class SeveralSystems(Invalid):
    """Customers of several systems are to be recorded at once: their keys could be the same."""

    message = "Only customers of one system are recorded at once."


def record_customers(uow: UnitOfWork, customers: Sequence[RecordedCustomer]) -> Mapping[str, UUID]:
    """Take over those customers of one system that are not known yet.

    Their ids by key, also of those that were known before; what is known of these stays as it is.
    Of several with the same key the first one counts. The number of statements is the same for
    any number of customers.

    Raises:
        NotAllowed: the caller lacks the scope imports:write.
        SeveralSystems: they are not all of one system.
        TooMany: there are more than `RECORDED_MAX`.
        InvalidText, UnknownCountry: one of them is wrong; the path begins with its position.
    """
    uow.require(Scope.IMPORTS_WRITE)
    _check(customers)
    first: dict[ExternalId, RecordedCustomer] = {}
    for each in customers:
        first.setdefault(ExternalId(each.system, each.key), each)
    known = names.find(uow.db, "cus", first)
    made = {name: _customer(uow, first[name]) for name in first if name not in known}
    if made:
        _add(uow, made)
    return {name.key: known[name] if name in known else made[name].id for name in first}


def _check(customers: Sequence[RecordedCustomer]) -> None:
    faults = Faults()
    check_size(tuple(customers), faults, maximum=RECORDED_MAX)
    if len({each.system for each in customers}) > 1:
        faults.add(SeveralSystems())
    for position, each in enumerate(customers):
        check_text(each.system, faults, position, "system", maximum=SYSTEM_LENGTH_MAX)
        check_text(each.key, faults, position, "key")
        check_text(each.name, faults, position, "name")
        if each.country is not None:
            try:
                check_country(each.country)
            except UnknownCountry as fault:
                faults.add(fault.at(position, "country"))
    faults.check()


def _customer(uow: UnitOfWork, recorded: RecordedCustomer) -> Customer:
    return Customer(
        id=uow.new_id(),
        version=1,
        created_at=recorded.recorded_at,
        # Not when it was there: who follows the list by this time is to notice what came in.
        updated_at=uow.now,
        kind=CustomerKind.PERSON,
        name=recorded.name or f"Customer {recorded.key}"[:NAME_LENGTH_MAX],
        email=None,
        phone=None,
        locale=None,
        country=recorded.country,
        note=None,
        status=MACHINE.start,
    )


def _add(uow: UnitOfWork, made: Mapping[ExternalId, Customer]) -> None:
    add(uow, table, list(made.values()))
    names.add(uow.db, "cus", {customer.id: [name] for name, customer in made.items()})
    words = {customer.id: (customer.name, name.key) for name, customer in made.items()}
    search.put(uow.db, "cus", words)
    for name, customer in made.items():
        event = CustomerRecorded(customer.id, customer.version, name.system)
        uow.emit(event, after=customer)
