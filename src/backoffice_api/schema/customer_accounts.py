"""Contacts, locations, notes and groups of customers on the wire."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from backoffice_api.domain.customers import queries as customers
from backoffice_api.domain.customers.model import accounts as model
from backoffice_api.domain.customers.model import groups as group_model
from backoffice_api.domain.customers.model.accounts import BuyerRole, NoteSortKey
from backoffice_api.domain.customers.model.groups import GroupSortKey, GroupStatus
from backoffice_api.domain.customers.queries import accounts as queries
from backoffice_api.domain.customers.tables.accounts import notes
from backoffice_api.schema.aggregates import ActionState, Actor, HasTimeline, actor_of
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.customers import (
    READ,
    Customer,
    CustomerAddressInput,
    personal,
)
from backoffice_api.schema.directives import about
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import SortDirection, StringFilter, filter_input
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.money import Money, MoneyInput
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, payload

choice(BuyerRole, name="CustomerBuyerRole")
choice(NoteSortKey, name="CustomerNoteSortKey")
choice(GroupSortKey, name="CustomerGroupSortKey")
choice(GroupStatus, name="CustomerGroupStatus")


def _author(parent: strawberry.Parent[model.Note]) -> Actor:
    return actor_of(parent.author_kind, parent.author_id)


@node("clo", model.Location, queries.locations_by_ids, scope=READ)
class CustomerLocation(Node):
    """A place of a company, as a branch or a building site."""

    created_at: datetime = about("When it was added.")
    name: str = personal("address", "What the company calls it.")
    recipient: str | None = personal("address", "Who is there. Null if it is the company itself.")
    lines: list[str] = personal("address", "Street, number and what else is needed; 1 to 3.")
    district: str | None = personal("address", "Part of the city. Null if it needs none.")
    city: str = personal("address", "City, town or village.")
    region: str | None = personal("address", "State or province. Null if it needs none.")
    postal_code: str | None = personal("address", "Postal code. Null if it has none.")
    country: str = personal("address", "Country by its two letters of ISO 3166-1.")
    customer: Customer = one(customers.customers_by_ids, "customer_id", "Whose it is.")


@node("cco", model.Contact, queries.contacts_by_ids, scope=READ)
class CustomerContact(Node):
    """A person who speaks for a customer, and may buy for it."""

    created_at: datetime = about("When it was added.")
    name: str = personal("identity", "The name.")
    title: str | None = personal("identity", "What the person is there. Null if not known.")
    email: str | None = personal("contact", "E-mail address. Null if not known.")
    phone: str | None = personal("contact", "Phone number with its country. Null if not known.")
    locale: str | None = about("Language it is written to in, as pt-BR. Null: not known.")
    is_primary: bool = about("This one is asked first.")
    buyer_role: BuyerRole | None = about("What it may do at the shop. Null: nothing.")
    spend_limit: Money | None = about(
        "What it may order for at once without asking. Null: there is no limit."
    )
    location: CustomerLocation | None = one(
        queries.locations_by_ids, "location_id", "For which location it buys. Null: for all."
    )
    customer: Customer = one(customers.customers_by_ids, "customer_id", "Whose it is.")


attach(
    CustomerLocation,
    "buyers",
    list[CustomerContact],
    many(queries.contacts_by_locations, "id", "Contacts that buy for it alone; at most 50."),
)


@node("cno", model.Note, queries.notes_by_ids, scope=READ)
class CustomerNote(Node):
    """What somebody wrote about a customer for the staff."""

    created_at: datetime = about("When it was written.")
    author: Actor = about("Who wrote it.", resolver=_author)
    body: str = personal("content", "The text.")
    customer: Customer = one(customers.customers_by_ids, "customer_id", "Whom it is about.")


@node("cgr", group_model.Group, queries.groups_by_ids, scope=READ)
class CustomerGroup(Node, Versioned, HasTimeline):
    """Customers put together by hand, as wholesale. `customers` filters by `groupId`."""

    code: str = about("Names it among groups.")
    name: str = about("Its name.")
    description: str | None = about("What it is for. Null if that is clear.")
    status: GroupStatus = about("Whether it is in use.")
    actions: list[ActionState] = about("What can be done with it now.")


@strawberry.input(description="The order of a list of notes.")
class CustomerNoteSort:
    key: NoteSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


for _name, _type, _link in (
    (
        "contacts",
        list[CustomerContact],
        many(
            queries.contacts_by_customers,
            "id",
            "Who speaks for it, in the order in which they were added; at most 50.",
        ),
    ),
    (
        "locations",
        list[CustomerLocation],
        many(
            queries.locations_by_customers,
            "id",
            "The places of a company, in the order in which they were added; at most 100.",
        ),
    ),
    (
        "groups",
        list[CustomerGroup],
        many(queries.groups_by_customers, "id", "The groups it is in, by name; at most 100."),
    ),
    (
        "notes",
        Connection[CustomerNote],
        listed_under(
            queries.note_list,
            notes.c.customer_id,
            "What was written about it, newest first.",
            sort=CustomerNoteSort,
        ),
    ),
):
    attach(Customer, _name, _type, _link)


@filter_input
class CustomerGroupFilter:
    """Which groups. All words that are given must hold."""

    status: list[GroupStatus] | None = about("In one of these states.", default=UNSET)
    code: StringFilter | None = about("By code.", default=UNSET)


@strawberry.input(description="The order of a list of groups of customers.")
class CustomerGroupSort:
    key: GroupSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.ASC)


@strawberry.input(description="A group of customers to be made.")
class CustomerGroupCreateInput:
    code: str = about("Names it among groups; at most 80 characters.")
    name: str = about("Its name, at most 250 characters.")
    description: str | None = about("What it is for, at most 20,000 characters.", default=None)


@strawberry.input(description="What is to change of a group of customers. What is absent stays.")
class CustomerGroupUpdateInput:
    code: str | None = about("Names it among groups.", default=UNSET)
    name: str | None = about("Its name.", default=UNSET)
    description: str | None = about("What it is for; null: nothing.", default=UNSET)


@strawberry.input(description="Who comes into a group of customers, and who leaves it.")
class CustomerGroupChangeMembersInput:
    added_ids: list[strawberry.ID] = about(
        "Customers to come in, at most 250.", default_factory=list
    )
    removed_ids: list[strawberry.ID] = about(
        "Customers to leave, at most 250.", default_factory=list
    )


@strawberry.input(description="A person who speaks for a customer.")
class CustomerContactInput:
    name: str = about("The name, at most 250 characters.")
    title: str | None = about("What the person is there.", default=None)
    email: str | None = about("E-mail address, as name@example.com.", default=None)
    phone: str | None = about("Phone number with + and the code of its country.", default=None)
    locale: str | None = about("Language, or language and region, as pt-BR.", default=None)
    is_primary: bool = about("This one is to be asked first.", default=False)
    buyer_role: BuyerRole | None = about("What it may do at the shop; of companies.", default=None)
    location_id: strawberry.ID | None = about(
        "For which location it buys; null: for all.", default=None
    )
    spend_limit: MoneyInput | None = about("What it may order for at once.", default=None)

    def value(self) -> model.ContactDraft:
        return model.ContactDraft(
            name=self.name,
            title=self.title,
            email=self.email,
            phone=self.phone,
            locale=self.locale,
            is_primary=self.is_primary,
            buyer_role=self.buyer_role,
            location_id=given_id("clo", self.location_id),
            spend_limit=None if self.spend_limit is None else self.spend_limit.value(),
        )


@strawberry.input(description="What is to change of a contact. What is absent stays.")
class CustomerContactUpdateInput:
    contact_id: strawberry.ID = about("Which contact of the customer.")
    name: str | None = about("The name.", default=UNSET)
    title: str | None = about("What the person is there; null: not known.", default=UNSET)
    email: str | None = about("E-mail address; null: not known.", default=UNSET)
    phone: str | None = about("Phone number with its country; null: not known.", default=UNSET)
    locale: str | None = about("Language and region; null: not known.", default=UNSET)
    is_primary: bool | None = about("True: it is asked first, and no other one is.", default=UNSET)
    buyer_role: BuyerRole | None = about("What it may do; null: nothing.", default=UNSET)
    location_id: strawberry.ID | None = about(
        "For which location it buys; null: for all.", default=UNSET
    )
    spend_limit: MoneyInput | None = about(
        "What it may order for at once; null: there is no limit.", default=UNSET
    )


@strawberry.input(description="Which contact of the customer is to be removed.")
class CustomerContactRemoveInput:
    contact_id: strawberry.ID = about("Which contact of the customer.")


@strawberry.input(description="A place of a company. Defaults and label of its address are unused.")
class CustomerLocationInput:
    name: str = about("What the company calls it, at most 250 characters.")
    address: CustomerAddressInput = about("How goods come there.")

    def value(self) -> model.LocationDraft:
        return model.LocationDraft(self.name, self.address.value())


@strawberry.input(description="What is to change of a location. What is absent stays.")
class CustomerLocationUpdateInput:
    location_id: strawberry.ID = about("Which location of the company.")
    name: str | None = about("What the company calls it.", default=UNSET)
    address: CustomerAddressInput | None = about(
        "Takes the place of the one it had.", default=UNSET
    )


@strawberry.input(description="Which location of the company is to be removed.")
class CustomerLocationRemoveInput:
    location_id: strawberry.ID = about("Which location of the company.")


@strawberry.input(description="A note about a customer.")
class CustomerNoteAddInput:
    body: str = about("The text, at most 20,000 characters.")


@strawberry.input(description="Which note about the customer is to be removed.")
class CustomerNoteRemoveInput:
    note_id: strawberry.ID = about("Which note.")


@payload
class CustomerGroupPayload(MutationPayload):
    """What a mutation of a group of customers answers."""

    customer_group: CustomerGroup | None = one(
        queries.groups_by_ids, "value", "The group as it is now. Null if it was refused."
    )
