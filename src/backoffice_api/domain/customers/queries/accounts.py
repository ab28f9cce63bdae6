"""What can be asked about contacts, locations, groups and notes of customers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, func, literal, select, union_all

from backoffice_api.domain.customers.model import CustomerStatus
from backoffice_api.domain.customers.model.accounts import (
    Contact,
    Location,
    Note,
    NoteSortKey,
)
from backoffice_api.domain.customers.model.groups import (
    Group,
    GroupSortKey,
    GroupStatus,
    UnknownCustomerGroup,
)
from backoffice_api.domain.customers.tables import customers
from backoffice_api.domain.customers.tables.accounts import (
    contacts,
    group_members,
    groups,
    locations,
    notes,
)
from backoffice_api.domain.kernel.contacts import email_key
from backoffice_api.domain.kernel.filters import On
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import among, many_per, one_per

contacts_by_ids = one_per(Contact, contacts, contacts.c.id)
contacts_by_customers = many_per(Contact, contacts, contacts.c.customer_id, contacts.c.id)
contacts_by_locations = many_per(Contact, contacts, contacts.c.location_id, contacts.c.id)
locations_by_ids = one_per(Location, locations, locations.c.id)
locations_by_customers = many_per(Location, locations, locations.c.customer_id, locations.c.id)
notes_by_ids = one_per(Note, notes, notes.c.id)
groups_by_ids = one_per(Group, groups, groups.c.id)

_membership = groups.join(group_members, group_members.c.group_id == groups.c.id)
_grouped = select(groups, group_members.c.customer_id).select_from(_membership).subquery("grouped")
groups_by_customers = many_per(
    Group, _grouped, _grouped.c.customer_id, _grouped.c.name, _grouped.c.id
)

note_list = Listing(Note, notes, sorts={NoteSortKey.CREATED_AT: notes.c.created_at})

group_list = Listing(
    Group,
    groups,
    sorts={GroupSortKey.NAME: groups.c.name, GroupSortKey.CREATED_AT: groups.c.created_at},
    words={"status": On(groups.c.status), "code": On(groups.c.code)},
    descending=False,
)


def groups_of(customer_id: UUID | ColumnElement[UUID]) -> Select[UUID]:
    """The groups in use that a customer is in, as a statement, also for what is compared with."""
    return (
        select(group_members.c.group_id)
        .join(groups, groups.c.id == group_members.c.group_id)
        .where(group_members.c.customer_id == customer_id, groups.c.status == GroupStatus.ACTIVE)
    )


def group(db: Connection, id: UUID) -> Group:
    """The group `id`.

    Raises:
        UnknownCustomerGroup: there is none.
    """
    if found := groups_by_ids(db, [id]).get(id):
        return found
    raise UnknownCustomerGroup(id).at("id")


def contacts_of(db: Connection, customer_id: UUID) -> Sequence[Contact]:
    """All contacts of one customer, in the order in which they were added."""
    return contacts_by_customers(db, [customer_id]).get(customer_id, ())


def locations_of(db: Connection, customer_id: UUID) -> Sequence[Location]:
    """All locations of one customer, in the order in which they were added."""
    found = locations_by_customers(db, [customer_id]).get(customer_id, ())
    return [replace(each, lines=tuple(each.lines)) for each in found]


def customers_by_emails(db: Connection, emails: Iterable[str]) -> Mapping[str, UUID]:
    """Whose these e-mail addresses are, by the address as it was given. One statement.

    An address of a customer counts before one of a contact, an older customer before a newer one;
    only those in use count. It lacks the addresses that nobody has.
    """
    wanted = {email: email_key(email) for email in emails}
    if not wanted:
        return {}
    own = select(customers.c.email_key.label("key"), customers.c.id, literal(0)).where(
        among(customers.c.email_key, {*wanted.values()}),
        customers.c.status == CustomerStatus.ACTIVE,
    )
    of_contacts = (
        select(contacts.c.email_key, contacts.c.customer_id, literal(1))
        .join(customers, customers.c.id == contacts.c.customer_id)
        .where(
            among(contacts.c.email_key, {*wanted.values()}),
            customers.c.status == CustomerStatus.ACTIVE,
        )
    )
    found: dict[str, UUID] = {}
    rows = db.execute(union_all(own, of_contacts)).all()
    for key, id, _ in sorted(rows, key=lambda row: (row[2], row[1].bytes)):
        found.setdefault(key, id)
    return {email: found[key] for email, key in wanted.items() if key in found}


def group_counts(db: Connection, customer_ids: Sequence[UUID]) -> Mapping[UUID, int]:
    """In how many groups each of these customers is; it lacks those that are in none."""
    statement = (
        select(group_members.c.customer_id, func.count())
        .where(among(group_members.c.customer_id, customer_ids))
        .group_by(group_members.c.customer_id)
    )
    return {row[0]: row[1] for row in db.execute(statement)}
