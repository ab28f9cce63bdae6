"""Customers, their addresses and tax ids on the wire.

Personal data takes a scope of its own, field by field; the same goes for filtering, sorting and
searching by it, which the listing of the domain declares.
"""

from typing import Any

import strawberry
from strawberry import UNSET

from backoffice_api.domain.customers import model, queries
from backoffice_api.domain.customers.model import (
    CustomerKind,
    CustomerSortKey,
    CustomerStatus,
    TaxIdTaken,
)
from backoffice_api.domain.customers.model.consents import ConsentChannel
from backoffice_api.domain.kernel import external_ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tax_ids import (
    InvalidTaxId,
    TaxIdFault,
    TaxIdKind,
)
from backoffice_api.schema.aggregates import ActionState, ExternalId, ExternalIdInput, HasTimeline
from backoffice_api.schema.custom_fields import CustomFieldFilter, HasCustomFields
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import (
    DateTimeFilter,
    IdFilter,
    SortDirection,
    StringFilter,
    filter_input,
)
from backoffice_api.schema.links import many, one
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, UserError, error, payload

READ = Scope.CUSTOMERS_READ

for _choices in (
    ConsentChannel,
    CustomerKind,
    CustomerSortKey,
    CustomerStatus,
    TaxIdFault,
    TaxIdKind,
):
    choice(_choices)


def personal(kind: str, description: str) -> Any:
    """A field of personal data of this class: who may not see it cannot ask for it."""
    return about(description, personal=kind, scope=Scope.PERSONAL_READ)


@described
class CustomerTaxId:
    """A number under which a tax office knows a customer."""

    kind: TaxIdKind = about("Which register gave it out.")
    value: str = personal("identity", "Capital letters and digits, without punctuation.")


@node("adr", model.Address, queries.addresses_by_ids, scope=READ)
class CustomerAddress(Node):
    """An address of a customer."""

    label: str | None = personal("address", "What the customer calls it. Null if nothing.")
    recipient: str | None = personal("address", "Who is there. Null if it is the customer itself.")
    lines: list[str] = personal("address", "Street, number and what else is needed; 1 to 3.")
    district: str | None = personal("address", "Part of the city. Null if it needs none.")
    city: str = personal("address", "City, town or village.")
    region: str | None = personal("address", "State or province. Null if it needs none.")
    postal_code: str | None = personal("address", "Postal code. Null if it has none.")
    country: str = personal("address", "Country by its two letters of ISO 3166-1.")
    is_default_shipping: bool = about("Things are sent here unless something else is said.")
    is_default_billing: bool = about("Invoices name this one unless something else is said.")


@node("cus", model.Customer, queries.customers_by_ids, scope=READ)
class Customer(Node, Versioned, HasTimeline, HasCustomFields):
    """A person or a company that buys."""

    kind: CustomerKind = about("What it is before the law.")
    name: str = personal("identity", "Its name.")
    email: str | None = personal(
        "contact", "E-mail address. Others may have the same. Null if not known."
    )
    phone: str | None = personal(
        "contact", "Phone number with the code of its country, as +5511912345678. Null: not known."
    )
    locale: str | None = about(
        "Language and region it is written to in, as pt-BR. Null: not known."
    )
    country: str | None = about("Where it is at home, by ISO 3166-1, as BR. Null if not known.")
    note: str | None = personal("contact", "What the staff should know. Null if nothing.")
    tags: list[str] = many(
        queries.tags_by_customers, "id", "Words by which the shop groups customers; at most 50."
    )
    status: CustomerStatus = about("Whether it is in use.")
    actions: list[ActionState] = about("What can be done with it now.")
    tax_ids: list[CustomerTaxId] = many(
        queries.tax_ids_by_customers,
        "id",
        "Under which numbers tax offices know it; at most 20.",
    )
    addresses: list[CustomerAddress] = many(
        queries.addresses_by_customers,
        "id",
        "Its addresses in the order in which they were added; at most 20.",
    )
    external_ids: list[ExternalId] = many(
        external_ids.by_subjects, "id", "What other systems call it; at most 20."
    )


@error(TaxIdTaken)
class TaxIdTakenError(UserError):
    """A tax id names one customer. Another one has it, or it is given twice."""

    kind: TaxIdKind = about("Which register gave it out.")


@error(InvalidTaxId)
class InvalidTaxIdError(UserError):
    """The value is not a tax id of that kind."""

    kind: TaxIdKind = about("Of which kind it should be.")
    fault: TaxIdFault = about("What is wrong with it.")


@filter_input
class CustomerFilter:
    """Which customers. All words that are given must hold."""

    status: list[CustomerStatus] | None = about("In one of these states.", default=UNSET)
    kind: list[CustomerKind] | None = about("Of one of these kinds.", default=UNSET)
    country: StringFilter | None = about("At home in such a country.", default=UNSET)
    email: StringFilter | None = about(
        "By e-mail address, capitals not counting. Takes the scope personal:read.", default=UNSET
    )
    name: StringFilter | None = about("By name. Takes the scope personal:read.", default=UNSET)
    tag: StringFilter | None = about("Has such a tag.", default=UNSET)
    group_id: IdFilter | None = about("In such a group.", default=UNSET)
    granted: list[ConsentChannel] | None = about(
        "May be written to by one of these channels.", default=UNSET
    )
    withdrawn: list[ConsentChannel] | None = about(
        "Said of one of these channels that it is not to be used.", default=UNSET
    )
    custom_fields: list[CustomFieldFilter] | None = about(
        "All of these tests of custom fields hold.", default=UNSET
    )
    created_at: DateTimeFilter | None = about("Made at such a time.", default=UNSET)
    updated_at: DateTimeFilter | None = about("Last changed at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of customers.")
class CustomerSort:
    key: CustomerSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(description="A number under which a tax office knows somebody.")
class TaxIdInput:
    kind: TaxIdKind = about("Which register gave it out.")
    number: str = about(
        "The number, with or without punctuation. CPF and CNPJ: its check digits are checked.",
        name="value",
    )

    def value(self) -> model.TaxId:
        return model.TaxId(self.kind, self.number)


@strawberry.input(one_of=True, description="Names one customer, in one of these ways.")
class CustomerLookup:
    id: strawberry.ID | None = about("By its id.", default=UNSET)
    external_id: ExternalIdInput | None = about("By what another system calls it.", default=UNSET)
    tax_id: TaxIdInput | None = about("By a tax id. Takes the scope personal:read.", default=UNSET)


@strawberry.input(description="An address.")
class CustomerAddressInput:
    label: str | None = about("What the customer calls it.", default=None)
    recipient: str | None = about("Who is there; null: the customer itself.", default=None)
    lines: list[str] = about("Street, number and what else is needed; 1 to 3.")
    district: str | None = about("Part of the city.", default=None)
    city: str = about("City, town or village.")
    region: str | None = about("State or province.", default=None)
    postal_code: str | None = about("Postal code, at most 20 characters.", default=None)
    country: str = about("Country by its two letters of ISO 3166-1, as BR.")
    is_default_shipping: bool = about("Things are to be sent here by default.", default=False)
    is_default_billing: bool = about("Invoices are to name this one by default.", default=False)

    def value(self) -> model.AddressDraft:
        return model.AddressDraft(
            label=self.label,
            recipient=self.recipient,
            lines=tuple(self.lines),
            district=self.district,
            city=self.city,
            region=self.region,
            postal_code=self.postal_code,
            country=self.country,
            is_default_shipping=self.is_default_shipping,
            is_default_billing=self.is_default_billing,
        )


@strawberry.input(description="What is to change of an address. What is absent stays.")
class CustomerAddressUpdateInput:
    address_id: strawberry.ID = about("Which address of the customer.")
    label: str | None = about("What the customer calls it; null: nothing.", default=UNSET)
    recipient: str | None = about("Who is there; null: the customer itself.", default=UNSET)
    lines: list[str] | None = about(
        "Street, number and so on; take the place of all.", default=UNSET
    )
    district: str | None = about("Part of the city; null: none.", default=UNSET)
    city: str | None = about("City, town or village.", default=UNSET)
    region: str | None = about("State or province; null: none.", default=UNSET)
    postal_code: str | None = about("Postal code; null: none.", default=UNSET)
    country: str | None = about("Country by its two letters of ISO 3166-1.", default=UNSET)
    is_default_shipping: bool | None = about(
        "True: things are sent here by default, and no longer where they were.", default=UNSET
    )
    is_default_billing: bool | None = about(
        "True: invoices name this one by default, and no longer another.", default=UNSET
    )


@strawberry.input(description="Which address of the customer is to be removed.")
class CustomerAddressRemoveInput:
    address_id: strawberry.ID = about("Which address of the customer.")


@strawberry.input(description="A customer to be made, with its addresses.")
class CustomerCreateInput:
    kind: CustomerKind = about("What it is before the law.", default=CustomerKind.PERSON)
    name: str = about("Its name, at most 250 characters.")
    email: str | None = about("E-mail address, as name@example.com.", default=None)
    phone: str | None = about("Phone number with + and the code of its country.", default=None)
    locale: str | None = about("Language, or language and region, as pt-BR.", default=None)
    country: str | None = about("Where it is at home, by ISO 3166-1, as BR.", default=None)
    note: str | None = about("For the staff, at most 20,000 characters.", default=None)
    tags: list[str] = about("At most 50, of at most 60 characters each.", default_factory=list)
    tax_ids: list[TaxIdInput] = about("At most 20.", default_factory=list)
    addresses: list[CustomerAddressInput] = about("At most 20.", default_factory=list)
    external_ids: list[ExternalIdInput] = about(
        "What other systems call it, at most 20.", default_factory=list
    )


@strawberry.input(description="What is to change of a customer. What is absent stays.")
class CustomerUpdateInput:
    kind: CustomerKind | None = about("What it is before the law.", default=UNSET)
    name: str | None = about("Its name.", default=UNSET)
    email: str | None = about("E-mail address; null: not known.", default=UNSET)
    phone: str | None = about("Phone number with its country; null: not known.", default=UNSET)
    locale: str | None = about("Language and region; null: not known.", default=UNSET)
    country: str | None = about("Where it is at home; null: not known.", default=UNSET)
    note: str | None = about("For the staff; null: none.", default=UNSET)
    tags: list[str] | None = about("Take the place of all it had.", default=UNSET)
    tax_ids: list[TaxIdInput] | None = about("Take the place of all it had.", default=UNSET)
    external_ids: list[ExternalIdInput] | None = about(
        "What other systems call it; takes the place of all it had.", default=UNSET
    )


@strawberry.input(
    description="A customer as it is to be. What is not named is cleared; addresses that are not "
    "named are removed."
)
class CustomerSetInput:
    external_id: ExternalIdInput = about("What another system calls it: finds it or makes it.")
    kind: CustomerKind = about("What it is before the law.", default=CustomerKind.PERSON)
    name: str = about("Its name, at most 250 characters.")
    email: str | None = about("E-mail address, as name@example.com.", default=None)
    phone: str | None = about("Phone number with + and the code of its country.", default=None)
    locale: str | None = about("Language, or language and region, as pt-BR.", default=None)
    country: str | None = about("Where it is at home, by ISO 3166-1, as BR.", default=None)
    note: str | None = about("For the staff, at most 20,000 characters.", default=None)
    tags: list[str] = about("At most 50, of at most 60 characters each.", default_factory=list)
    tax_ids: list[TaxIdInput] = about("At most 20.", default_factory=list)
    addresses: list[CustomerAddressInput] = about(
        "At most 20; those that are there already stay.", default_factory=list
    )


@payload
class CustomerPayload(MutationPayload):
    """What a mutation of a customer answers."""

    customer: Customer | None = one(
        queries.customers_by_ids, "value", "The customer as it is now. Null if it was refused."
    )
