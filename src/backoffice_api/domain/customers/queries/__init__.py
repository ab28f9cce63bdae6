"""What can be asked about customers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, Subquery, select

from backoffice_api.domain.custom_fields.model.definitions import OwnerType
from backoffice_api.domain.custom_fields.queries import OnCustomFields
from backoffice_api.domain.customers.model import (
    Address,
    Customer,
    CustomerSortKey,
    Profile,
    TaxId,
    UnknownCustomer,
)
from backoffice_api.domain.customers.model.consents import ConsentStatus
from backoffice_api.domain.customers.queries.numbers import (
    owners_of_number,
    sorted_tax_ids,
    tax_id_indexes,
)
from backoffice_api.domain.customers.tables import addresses, customers, tags, tax_ids
from backoffice_api.domain.customers.tables.accounts import group_members
from backoffice_api.domain.customers.tables.consents import consent_states
from backoffice_api.domain.kernel import external_ids
from backoffice_api.domain.kernel.contacts import email_key
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.filters import On, OnKey, Within
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import among, many_per, one_per
from backoffice_api.domain.kernel.scopes import Scope

customers_by_ids = one_per(Customer, customers, customers.c.id)
addresses_by_ids = one_per(Address, addresses, addresses.c.id)
addresses_by_customers = many_per(Address, addresses, addresses.c.customer_id, addresses.c.id)
tax_ids_by_customers = many_per(
    TaxId, tax_ids, tax_ids.c.customer_id, tax_ids.c.kind, tax_ids.c.value_index
)


def _said(status: ConsentStatus) -> Subquery:
    """Of which channels customers said so last."""
    of = consent_states.c
    return select(of.customer_id, of.channel).where(of.status == status).subquery(status.value)


_granted, _withdrawn = map(_said, ConsentStatus)

customer_list = Listing(
    Customer,
    customers,
    sorts={
        CustomerSortKey.CREATED_AT: customers.c.created_at,
        CustomerSortKey.UPDATED_AT: customers.c.updated_at,
        CustomerSortKey.NAME: customers.c.name,
    },
    words={
        "status": On(customers.c.status),
        "kind": On(customers.c.kind),
        "country": On(customers.c.country),
        "email": OnKey(customers.c.email_key, email_key),
        "name": On(customers.c.name),
        "tag": Within(customers.c.id, tags.c.customer_id, tags.c.tag),
        "group_id": Within(customers.c.id, group_members.c.customer_id, group_members.c.group_id),
        "granted": Within(customers.c.id, _granted.c.customer_id, _granted.c.channel),
        "withdrawn": Within(customers.c.id, _withdrawn.c.customer_id, _withdrawn.c.channel),
        "custom_fields": OnCustomFields(customers.c.id, OwnerType.CUSTOMER),
        "created_at": On(customers.c.created_at),
        "updated_at": On(customers.c.updated_at),
    },
    searched="cus",
    searched_also=owners_of_number,
    scopes={"email": Scope.PERSONAL_READ, "name": Scope.PERSONAL_READ},
    search_scope=Scope.PERSONAL_READ,
)


@dataclass(frozen=True, slots=True)
class _Tagged:
    tag: str


_tagged = many_per(_Tagged, tags, tags.c.customer_id, tags.c.tag)


def tags_by_customers(db: Connection, ids: Iterable[UUID]) -> Mapping[UUID, Sequence[str]]:
    """The tags of each customer that has any, sorted."""
    return {id: [each.tag for each in found] for id, found in _tagged(db, ids).items()}


def owners_by_tax_ids(db: Connection, wanted: Sequence[TaxId]) -> Mapping[TaxId, UUID]:
    """Whose tax ids these are; they must be canonical. It lacks those that nobody has."""
    if not wanted:
        return {}
    indexed = {(each.kind, index): each for each in wanted for index in tax_id_indexes(each)}
    rows = tax_ids.c
    statement = select(rows.kind, rows.value_index, rows.customer_id).where(
        among(rows.kind, {kind for kind, _ in indexed}),
        among(rows.value_index, {index for _, index in indexed}),
    )
    found = {(kind, index): id for kind, index, id in db.execute(statement)}
    owners = {indexed[key]: id for key, id in found.items() if key in indexed}
    return {each: owners[each] for each in wanted if each in owners}


def customers_by_tax_ids(db: Connection, wanted: Sequence[TaxId]) -> Mapping[TaxId, Customer]:
    owners = owners_by_tax_ids(db, wanted)
    rows = customers_by_ids(db, owners.values())
    return {each: rows[id] for each, id in owners.items() if id in rows}


def customers_by_external_ids(
    db: Connection, names: Sequence[ExternalId]
) -> Mapping[ExternalId, Customer]:
    found = external_ids.find(db, "cus", names)
    rows = customers_by_ids(db, found.values())
    return {name: rows[id] for name, id in found.items() if id in rows}


def customer(db: Connection, id: UUID) -> Customer:
    """The customer `id`.

    Raises:
        UnknownCustomer: there is none.
    """
    if found := customers_by_ids(db, [id]).get(id):
        return found
    raise UnknownCustomer(id).at("id")


def profile(db: Connection, id: UUID) -> Profile:
    """The customer `id` with its lists, each sorted.

    Raises:
        UnknownCustomer: there is none.
    """
    found = customer(db, id)
    return Profile(
        **{each.name: getattr(found, each.name) for each in fields(Customer)},
        tags=tuple(tags_by_customers(db, [id]).get(id, ())),
        tax_ids=sorted_tax_ids(tax_ids_by_customers(db, [id]).get(id, ())),
        external_ids=tuple(external_ids.by_subjects(db, [id]).get(id, ())),
    )


def addresses_of(db: Connection, customer_id: UUID) -> Sequence[Address]:
    """All addresses of one customer, in the order in which they were added."""
    found = addresses_by_customers(db, [customer_id]).get(customer_id, ())
    return [replace(each, lines=tuple(each.lines)) for each in found]


def tags_of(customer_id: UUID | ColumnElement[UUID]) -> Select[str]:
    """The tags of one customer, as a statement, also for what is compared with them."""
    return select(tags.c.tag).where(tags.c.customer_id == customer_id)
