"""What can be asked and done with customers."""

import strawberry

from backoffice_api.domain.customers import model, queries
from backoffice_api.domain.customers.commands import addresses as on_addresses
from backoffice_api.domain.customers.commands import custom_fields as on_fields
from backoffice_api.domain.customers.commands import customers as on_customers
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.schema.aggregates import ExternalIdInput
from backoffice_api.schema.connections import Connection, Count, counted, listed
from backoffice_api.schema.custom_fields import CustomFieldsInput
from backoffice_api.schema.customers import (
    READ,
    Customer,
    CustomerAddressInput,
    CustomerAddressRemoveInput,
    CustomerAddressUpdateInput,
    CustomerCreateInput,
    CustomerFilter,
    CustomerLookup,
    CustomerPayload,
    CustomerSetInput,
    CustomerSort,
    CustomerUpdateInput,
    TaxIdInput,
)
from backoffice_api.schema.lookups import Way, by_id, lookup
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.payloads import keep, keep_each


def _tax_id(given: TaxIdInput) -> model.TaxId:
    return given.value().canonical()


@strawberry.type
class CustomerQuery:
    customer: Customer | None = lookup(
        CustomerLookup,
        "One customer. Null if there is none.",
        {
            "id": by_id("cus", queries.customers_by_ids),
            "external_id": Way(queries.customers_by_external_ids, ExternalIdInput.value),
            "tax_id": Way(queries.customers_by_tax_ids, _tax_id, scope=Scope.PERSONAL_READ),
        },
        scope=READ,
    )
    customers: Connection[Customer] = listed(
        queries.customer_list,
        "Customers, newest first. Searching and filtering by personal data takes the scope "
        "personal:read.",
        scope=READ,
        filter=CustomerFilter,
        sort=CustomerSort,
    )
    customers_count: Count = counted(
        queries.customer_list, "How many customers there are.", scope=READ, filter=CustomerFilter
    )


@strawberry.type
class CustomerMutation:
    @mutation(on_customers.create_customer, CustomerPayload)
    def customer_create(input: CustomerCreateInput) -> on_customers.CreateCustomer:
        """Make a customer with its addresses."""
        return on_customers.CreateCustomer(
            draft=_draft(input),
            addresses=tuple(each.value() for each in input.addresses),
            external_ids=tuple(each.value() for each in input.external_ids),
        )

    @mutation(on_customers.update_customer, CustomerPayload)
    def customer_update(
        id: strawberry.ID, input: CustomerUpdateInput
    ) -> on_customers.UpdateCustomer:
        """Change a customer. What is absent stays; null clears."""
        return on_customers.UpdateCustomer(
            id=ids.parse("cus", id),
            kind=keep(input.kind),
            name=keep(input.name),
            email=keep(input.email, nullable=True),
            phone=keep(input.phone, nullable=True),
            locale=keep(input.locale, nullable=True),
            country=keep(input.country, nullable=True),
            note=keep(input.note, nullable=True),
            tags=keep(input.tags),
            tax_ids=keep_each(input.tax_ids),
            external_ids=keep_each(input.external_ids),
        )

    @mutation(on_customers.set_customer, CustomerPayload)
    def customer_set(input: CustomerSetInput) -> on_customers.SetCustomer:
        """Make the customer that another system knows by a key be as described, as a whole.

        Finds it or makes it; changes only what differs, so that sending the same twice does
        nothing the second time. The effects tell what changed.
        """
        return on_customers.SetCustomer(
            external_id=input.external_id.value(),
            draft=_draft(input),
            addresses=tuple(each.value() for each in input.addresses),
        )

    @mutation(on_customers.archive_customer, CustomerPayload)
    def customer_archive(id: strawberry.ID) -> on_customers.ArchiveCustomer:
        """Take a customer out of use; what names it keeps its name."""
        return on_customers.ArchiveCustomer(id=ids.parse("cus", id))

    @mutation(on_customers.restore_customer, CustomerPayload)
    def customer_restore(id: strawberry.ID) -> on_customers.RestoreCustomer:
        """Take an archived customer into use again."""
        return on_customers.RestoreCustomer(id=ids.parse("cus", id))

    @mutation(on_addresses.add_address, CustomerPayload)
    def customer_address_add(
        id: strawberry.ID, input: CustomerAddressInput
    ) -> on_addresses.AddAddress:
        """Add an address to a customer; it is the last one of its addresses.

        If it is a default, it takes that from the one that was.
        """
        return on_addresses.AddAddress(id=ids.parse("cus", id), address=input.value())

    @mutation(on_addresses.update_address, CustomerPayload)
    def customer_address_update(
        id: strawberry.ID, input: CustomerAddressUpdateInput
    ) -> on_addresses.UpdateAddress:
        """Change an address of a customer. What is absent stays; null clears."""
        return on_addresses.UpdateAddress(
            id=ids.parse("cus", id),
            address_id=ids.parse("adr", input.address_id),
            label=keep(input.label, nullable=True),
            recipient=keep(input.recipient, nullable=True),
            lines=keep(input.lines),
            district=keep(input.district, nullable=True),
            city=keep(input.city),
            region=keep(input.region, nullable=True),
            postal_code=keep(input.postal_code, nullable=True),
            country=keep(input.country),
            is_default_shipping=keep(input.is_default_shipping),
            is_default_billing=keep(input.is_default_billing),
        )

    @mutation(on_addresses.remove_address, CustomerPayload)
    def customer_address_remove(
        id: strawberry.ID, input: CustomerAddressRemoveInput
    ) -> on_addresses.RemoveAddress:
        """Remove an address of a customer. If it was a default, there is none then."""
        return on_addresses.RemoveAddress(
            id=ids.parse("cus", id), address_id=ids.parse("adr", input.address_id)
        )

    @mutation(on_fields.set_customer_fields, CustomerPayload)
    def customer_set_custom_fields(
        id: strawberry.ID, input: CustomFieldsInput
    ) -> on_fields.SetCustomerFields:
        """Set or clear custom fields. Those that are not named stay."""
        return on_fields.SetCustomerFields(id=ids.parse("cus", id), custom_fields=input.patches())


def _draft(input: CustomerCreateInput | CustomerSetInput) -> model.CustomerDraft:
    return model.CustomerDraft(
        kind=input.kind,
        name=input.name,
        email=input.email,
        phone=input.phone,
        locale=input.locale,
        country=input.country,
        note=input.note,
        tags=tuple(input.tags),
        tax_ids=tuple(each.value() for each in input.tax_ids),
    )
